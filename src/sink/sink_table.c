/* SPDX-License-Identifier: BSD-2-Clause */
/* sink_table.c - a table for people: one row per record, with its distribution drawn small.
 *
 * Rows are printed as they come, so the widths are decided beforehand, from the width of the terminal alone. What
 * comes from the network is shown only as far as it does nothing to a terminal. */
#include "config.h"
#include "sink/sink_ops.h"

#include "base/mem.h"
#include "base/text.h"
#include <stdlib.h>

enum column { LABEL, SOURCE, DESTINATION, PACKETS, BYTES, DOMAIN, LENGTHS };
#define COLUMN_COUNT 7

struct table {
	unsigned width[COLUMN_COUNT]; /* 0: the column is not there */
	bool cut;                     /* cells are cut to their column's width */
	bool colour;
	bool ascii;
};

static const char *const names[COLUMN_COUNT] = {
	"LABEL", "SOURCE", "DESTINATION", "PKTS", "BYTES", "DOMAIN", "LENGTHS"
};

/* ---- layout ---- */

struct step {
	enum column column;
	unsigned width;
};

static const unsigned basic[COLUMN_COUNT] = { 10, 15, 21, 6, 6, 0, 16 }; /* fills 79 columns */
static const unsigned natural[COLUMN_COUNT] = { 16, 21, 21, 6, 6, 24, 48 };
/* What is given up, and what is gained, one after the other. An IPv4 address with its port takes 21 columns, an IPv6
 * address of a provider's network with its port some 40. */
static const struct step shrink[] = { { LENGTHS, 8 }, { SOURCE, 0 },  { LABEL, 8 },   { DESTINATION, 15 },
				      { BYTES, 0 },   { PACKETS, 0 }, { LENGTHS, 0 }, { DESTINATION, 0 } };
static const struct step grow[] = { { LENGTHS, 16 }, { LENGTHS, 24 },    { SOURCE, 21 },  { DOMAIN, 16 },
				    { LABEL, 16 },   { DOMAIN, 24 },     { LENGTHS, 48 }, { DOMAIN, 40 },
				    { SOURCE, 40 },  { DESTINATION, 40 } };

static unsigned total_width(const unsigned width[COLUMN_COUNT])
{
	unsigned total = 0;

	for (unsigned i = 0; i < COLUMN_COUNT; i++)
		if (width[i])
			total += width[i] + (total > 0);
	return total;
}

static void lay_out(unsigned width[COLUMN_COUNT], unsigned available)
{
	memcpy(width, basic, sizeof basic);
	for (size_t i = 0; i < sizeof shrink / sizeof *shrink && total_width(width) > available; i++)
		width[shrink[i].column] = shrink[i].width;
	if (total_width(width) > available)
		width[LABEL] = available;
	for (size_t i = 0; i < sizeof grow / sizeof *grow; i++) {
		unsigned before = width[grow[i].column];
		if (before == 0 && !width[SOURCE])
			continue; /* what was given up stays given up */
		width[grow[i].column] = grow[i].width;
		if (total_width(width) > available)
			width[grow[i].column] = before;
	}
}

/* ---- cells ---- */

/* Where something was left out: one column. */
static void add_ellipsis(const struct table *table, struct dz_strbuf *out)
{
	if (table->ascii)
		dz_text_add_literal(out, "~");
	else
		dz_text_add_literal(out, "…");
}

/* Appends the text (NULL: none), made harmless, in exactly `width` columns (at least, when nothing is cut). */
static void add_text_cell(const struct table *table, struct dz_strbuf *out, const char *text, unsigned width, bool pad)
{
	const char *at = text ? text : "", *end = at + strlen(at);
	unsigned used = 0, columns;
	size_t full = out->size; /* where the text ends if it has to give way to an ellipsis */
	unsigned full_used = 0;

	while (at < end) {
		uint32_t character = dz_text_next(&at, end);
		char *to = dz_text_room(out, DZ_TEXT_CHARACTER);
		if (!dz_text_is_printable(character))
			character = table->ascii ? '?' : DZ_TEXT_REPLACEMENT;
		columns = dz_text_columns(character);
		if (columns == 0)
			continue; /* combining marks could pile up without end */
		if (table->cut && used + columns > width) {
			out->size = full;
			add_ellipsis(table, out);
			used = full_used + 1;
			break;
		}
		out->size += (size_t)(dz_text_character(to, character) - to);
		used += columns;
		if (used < width) {
			full = out->size;
			full_used = used;
		}
	}
	for (; pad && used < width; used++)
		dz_text_add_literal(out, " ");
}

/* "1234", "123456", "1.23M", "45.6G": six columns at most, cut, not rounded. */
static void add_number_cell(struct dz_strbuf *out, uint64_t value, unsigned width)
{
	static const char units[] = "MGTPE";
	char text[16], *at;
	const char *unit = units;
	uint64_t scale = 1000000;
	size_t size;

	if (value < 1000000) {
		at = dz_text_u64(text, value);
	} else {
		for (; value / 1000 >= scale && unit[1]; unit++)
			scale *= 1000;
		at = dz_text_u64(text, value / scale);
		if (at - text < 3) {
			unsigned digits = (unsigned)(3 - (at - text)), rest = (unsigned)(value % scale / (scale / 100));
			*at++ = '.';
			*at++ = (char)('0' + rest / 10);
			if (digits == 2)
				*at++ = (char)('0' + rest % 10);
		}
		*at++ = *unit;
	}
	size = (size_t)(at - text);
	for (; width > size; width--)
		dz_text_add_literal(out, " ");
	dz_text_add(out, text, size);
}

/* An address, and its port where there is one. Where the column is narrow the source goes without its port; what is
 * still too long loses its middle. */
static void add_endpoint_cell(const struct table *table, struct dz_strbuf *out, const struct dz_record *record,
			      unsigned side, unsigned width)
{
	char text[DZ_ENDPOINT_TEXT];
	unsigned end = record->source_end ^ side;
	size_t size = dz_flow_key_endpoint(&record->key, end, text);

	if (table->cut && size > width && side == DZ_SOURCE)
		size = dz_flow_key_address(&record->key, end, text);
	if (table->cut && size > width) {
		size_t tail = (width - 1) / 2, head = width - 1 - tail;
		dz_text_add(out, text, head);
		add_ellipsis(table, out);
		dz_text_add(out, text + size - tail, tail);
		return;
	}
	dz_text_add(out, text, size);
	for (; size < width; size++)
		dz_text_add_literal(out, " ");
}

/* The vector as bars, one per bin, or per as many bins as it takes to fit; the fullest bar has full height, an empty
 * one is a space, and no packet is too few to be seen. */
static void add_lengths_cell(const struct table *table, struct dz_strbuf *out, const struct dz_record *record,
			     unsigned width)
{
	static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const marks[] = { ".", ":", "-", "=", "+", "*", "%", "#" };
	uint32_t bins = record->shape.bins, group = (bins + width - 1) / width;
	uint64_t sums[DZ_HIST_MAX_BINS], most = 0;
	unsigned columns = 0, shift = 0;

	if (record->lengths.count == 0)
		return;
	for (uint32_t bin = 0; bin < bins; columns++) {
		sums[columns] = 0;
		for (uint32_t i = 0; i < group && bin < bins; i++, bin++)
			sums[columns] += record->lengths.bins[bin];
		if (sums[columns] > most)
			most = sums[columns];
	}
	while (most >> shift > UINT64_MAX / 16)
		shift++;
	for (; columns > 0 && sums[columns - 1] == 0; columns--)
		;
	for (unsigned i = 0; i < columns; i++) {
		uint64_t level = ((sums[i] >> shift) * 8 + (most >> shift) - 1) / (most >> shift);
		if (sums[i] == 0)
			dz_text_add_literal(out, " ");
		else
			dz_strbuf_adds(out, (table->ascii ? marks : bars)[level ? level - 1 : 0]);
	}
}

/* ---- the sink ---- */

static void *table_open(const struct dz_sink_config *config)
{
	struct table *table = dz_mem_zalloc(1, sizeof *table);

	table->colour = config->colour;
	table->ascii = config->ascii;
	table->cut = config->width > 0;
	if (table->cut)
		lay_out(table->width, config->width);
	else
		memcpy(table->width, natural, sizeof natural);
	return table;
}

static void table_close(void *state)
{
	free(state);
}

static void table_header(void *state, struct dz_strbuf *out)
{
	const struct table *table = state;
	bool first = true;

	if (table->colour)
		dz_text_add_literal(out, "\033[1m");
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		bool number = i == PACKETS || i == BYTES;
		if (!table->width[i])
			continue;
		if (!first)
			dz_text_add_literal(out, " ");
		for (size_t size = strlen(names[i]); number && size < table->width[i]; size++)
			dz_text_add_literal(out, " ");
		add_text_cell(table, out, names[i], table->width[i], !number && i != LENGTHS);
		first = false;
	}
	if (table->colour)
		dz_text_add_literal(out, "\033[0m");
	dz_strbuf_addc(out, '\n');
}

static void add_cell(const struct table *table, enum column column, const struct dz_record *record,
		     struct dz_strbuf *out)
{
	unsigned width = table->width[column];

	switch (column) {
	case LABEL:
		add_text_cell(table, out, record->text->application, width, true);
		break;
	case SOURCE:
		add_endpoint_cell(table, out, record, DZ_SOURCE, width);
		break;
	case DESTINATION:
		add_endpoint_cell(table, out, record, DZ_DESTINATION, width);
		break;
	case PACKETS:
		add_number_cell(out, record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets, width);
		break;
	case BYTES:
		add_number_cell(out, record->side[DZ_SOURCE].bytes + record->side[DZ_DESTINATION].bytes, width);
		break;
	case DOMAIN:
		add_text_cell(table, out, dz_record_hostname(record), width, true);
		break;
	case LENGTHS:
		if (table->colour)
			dz_text_add_literal(out, "\033[36m");
		add_lengths_cell(table, out, record, width);
		if (table->colour)
			dz_text_add_literal(out, "\033[0m");
		break;
	}
}

static void table_write(void *state, const struct dz_record *record, struct dz_strbuf *out)
{
	const struct table *table = state;
	bool first = true;

	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		if (!table->width[i])
			continue;
		if (!first)
			dz_text_add_literal(out, " ");
		add_cell(table, (enum column)i, record, out);
		first = false;
	}
	dz_strbuf_addc(out, '\n');
}

const struct dz_sink_ops dz_sink_table = {
	.open = table_open, .close = table_close, .header = table_header, .write = table_write
};
