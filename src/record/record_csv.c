/* SPDX-License-Identifier: BSD-2-Clause */
/* record_csv.c - see record_csv.h. The columns are those that the list in record.def gives its members. */
#include "config.h"
#include "record/record_csv.h"

#include "base/csv.h"
#include "base/text.h"
#include "record/record_fields.h"
#include <stdio.h>
#include <string.h>

/* ---- columns ---- */

/* A field, by its kind. */
#define ADD_TEXT(value) dz_csv_text(out, value)
#define ADD_UINT(value) dz_text_add_u64(out, value)
#define ADD_UINT_TEXT(value) dz_text_add_u64(out, value)
#define ADD_TIME(value) dz_text_add_time(out, value)
#define ADD_HEX(value) add_hex(out, value, sizeof(value))
#define ADD_TRUTH(value) add_truth(out, value)
#define ADD_ADDRESS(side) add_address(out, r, side)

static void add_hex(struct dz_strbuf *out, const uint8_t *bytes, size_t size)
{
	char *at = dz_text_room(out, size * 2);
	out->size += (size_t)(dz_text_hex(at, bytes, size) - at);
}

static void add_truth(struct dz_strbuf *out, bool truth)
{
	if (truth)
		dz_text_add_literal(out, "true");
	else
		dz_text_add_literal(out, "false");
}

static void add_address(struct dz_strbuf *out, const struct dz_record *r, unsigned side)
{
	char *at = dz_text_room(out, DZ_ADDRESS_TEXT);
	out->size += dz_flow_key_address(&r->key, r->source_end ^ side, at);
}

typedef void column_fn(const struct dz_record *r, const struct dz_label_detail *d, struct dz_strbuf *out);

/* A function for each row of record.def that has a column. */
#define OBJECT(id, name, when, text)
#define END(id)
#define FIELD(id, name, kind, when, value, read, schema, column, text) DEFINE_##column(id, kind, when, value)
#define ONLY_COLUMN(id, kind, when, value, column, text) DEFINE_##column(id, kind, when, value)
#define DEFINE_NO_COLUMN(id, kind, when, value)
#define DEFINE_COLUMN(place, name) DEFINE
#define DEFINE_SIDES(place, name) DEFINE
#define DEFINE(id, kind, when, value)                                                                                  \
	static void column_##id(const struct dz_record *r, const struct dz_label_detail *d, struct dz_strbuf *out)     \
	{                                                                                                              \
		const struct dz_label_text *t = r->text;                                                               \
		const struct dz_label *l = r->label;                                                                   \
		(void)d;                                                                                               \
		(void)t;                                                                                               \
		(void)l;                                                                                               \
		if (when)                                                                                              \
			ADD_##kind(value);                                                                             \
	}
#include "record/record.def"

static const struct {
	const char *name;
	column_fn *add;
	bool two_way; /* not in a table of one-way records */
} columns[] = {
#define OBJECT(id, name, when, text)
#define END(id)
#define FIELD(id, name, kind, when, value, read, schema, column, text) ROW_##column(id)
#define ONLY_COLUMN(id, kind, when, value, column, text) ROW_##column(id)
#define ROW_NO_COLUMN(id)
#define ROW_COLUMN(place, name) [place] = { name, ROW_END
#define ROW_SIDES(place, name) [place] = { name, ROW_END_SIDES
#define ROW_END(id)                                                                                                    \
	column_##id, false                                                                                             \
	}                                                                                                              \
	,
#define ROW_END_SIDES(id)                                                                                              \
	column_##id, true                                                                                              \
	}                                                                                                              \
	,
#include "record/record.def"
};

/* There is a column at each place. */
#define OBJECT(id, name, when, text)
#define END(id)
#define FIELD(id, name, kind, when, value, read, schema, column, text) +COUNT_##column
#define ONLY_COLUMN(id, kind, when, value, column, text) +COUNT_##column
#define COUNT_NO_COLUMN 0
#define COUNT_COLUMN(place, name) 1
#define COUNT_SIDES(place, name) 1
enum {
	COLUMN_COUNT = 0
#include "record/record.def"
};
_Static_assert(COLUMN_COUNT == sizeof columns / sizeof *columns, "places are 0, 1, 2, ..., each once");

/* ---- vectors ---- */

/* ",b0000,b0032": the lower bound of each bin, in as many digits as the last one has, but at least four. */
static void add_bin_names(const struct dz_hist_shape *shape, const char *prefix, struct dz_strbuf *out)
{
	unsigned digits = dz_hist_digits(shape);

	for (uint32_t i = 0; i < shape->bins; i++)
		dz_strbuf_addf(out, ",%s%0*llu", prefix, (int)digits, (unsigned long long)i * shape->bin_width);
}

/* A part that the record does not have is zeros. */
static void add_bins(const struct dz_csv_layout *layout, const struct dz_counts *counts, struct dz_strbuf *out)
{
	static const uint64_t none[DZ_HIST_MAX_BINS];
	struct dz_text_vector vector;
	char *at = dz_text_room(out, 2 * (1 + DZ_TEXT_VECTOR(layout->shape.bins)));

	dz_text_vector_init(&vector, counts->bins ? counts->bins : none, layout->shape.bins);
	if (layout->values & DZ_VALUES_COUNTS) {
		*at++ = ',';
		at = dz_text_counts(at, &vector);
	}
	if (layout->values & DZ_VALUES_PERCENT) {
		*at++ = ',';
		at = dz_text_percents(at, &vector, counts->count);
	}
	out->size = (size_t)(at - out->data);
}

void dz_csv_add_header(const struct dz_csv_layout *layout, struct dz_strbuf *out)
{
	static const char *const prefixes[3][2] = { { "b", "p" }, { "s_b", "s_p" }, { "d_b", "d_p" } };
	const char *comma = "";

	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (layout->unidirectional && columns[i].two_way)
			continue;
		dz_strbuf_adds(out, comma);
		dz_strbuf_adds(out, columns[i].name);
		comma = ",";
	}
	for (unsigned part = 0; part < (layout->unidirectional ? 1 : 3); part++) {
		if (layout->values & DZ_VALUES_COUNTS)
			add_bin_names(&layout->shape, prefixes[part][0], out);
		if (layout->values & DZ_VALUES_PERCENT)
			add_bin_names(&layout->shape, prefixes[part][1], out);
	}
	dz_strbuf_addc(out, '\n');
}

void dz_csv_add_record(const struct dz_csv_layout *layout, const struct dz_record *record, struct dz_strbuf *out)
{
	const struct dz_counts *vectors[3] = { &record->lengths, &record->side[DZ_SOURCE].lengths,
					       &record->side[DZ_DESTINATION].lengths };
	const struct dz_label_detail *detail = record->detail ? record->detail : &dz_label_no_detail;
	bool first = true;

	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (layout->unidirectional && columns[i].two_way)
			continue;
		if (!first)
			dz_text_add_literal(out, ",");
		columns[i].add(record, detail, out);
		first = false;
	}
	for (unsigned part = 0; part < (layout->unidirectional ? 1 : 3); part++)
		add_bins(layout, vectors[part], out);
	dz_strbuf_addc(out, '\n');
}
