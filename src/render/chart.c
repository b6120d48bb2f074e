/* SPDX-License-Identifier: BSD-2-Clause */
/* chart.c - see chart.h. */
#include "config.h"
#include "render/chart.h"

#include "math/summary.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct dz_chart dz_chart_for(const struct dz_hist_shape *shape, bool ascii)
{
	struct dz_chart chart = { .ascii = ascii };
	chart.bins_per_column = (shape->bins + DZ_CHART_MAX_COLUMNS - 1) / DZ_CHART_MAX_COLUMNS;
	chart.columns = (shape->bins + chart.bins_per_column - 1) / chart.bins_per_column;
	return chart;
}

/* Adds bins up to columns; returns the largest, or `largest` if that is more. */
static double fold(const struct dz_chart *chart, const double *weights, uint32_t bins, double largest, double *columns)
{
	memset(columns, 0, DZ_CHART_MAX_COLUMNS * sizeof *columns);
	for (uint32_t k = 0; k < bins; k++)
		columns[k / chart->bins_per_column] += weights[k];
	for (uint32_t c = 0; c < chart->columns; c++)
		largest = columns[c] > largest ? columns[c] : largest;
	return largest;
}

static void draw(const struct dz_chart *chart, const double *columns, double largest, struct dz_strbuf *out)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const marks[] = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };

	dz_strbuf_adds(out, chart->ascii ? "|" : "│");
	for (uint32_t c = 0; c < chart->columns; c++) {
		unsigned level = largest > 0 ? (unsigned)(columns[c] / largest * 8 + 0.5) : 0;
		if (!level && columns[c] > 0)
			level = 1;
		dz_strbuf_adds(out, chart->ascii ? marks[level] : blocks[level]);
	}
	dz_strbuf_adds(out, chart->ascii ? "|" : "│");
}

void dz_chart_row(const struct dz_chart *chart, const double *weights, uint32_t bins, struct dz_strbuf *out)
{
	double columns[DZ_CHART_MAX_COLUMNS];
	double largest = fold(chart, weights, bins, 0, columns);

	draw(chart, columns, largest, out);
}

void dz_chart_side(const struct dz_chart *chart, const double *vector, const struct dz_axis *axis, uint32_t part,
		   struct dz_strbuf *out)
{
	double columns[DZ_CHART_MAX_COLUMNS], largest = 0;

	for (uint32_t p = 0; p < axis->parts; p++)
		largest = fold(chart, vector + p * axis->bins, axis->bins, largest, columns);
	fold(chart, vector + part * axis->bins, axis->bins, 0, columns);
	draw(chart, columns, largest, out);
}

const char *dz_chart_arrow(const struct dz_chart *chart, const struct dz_axis *axis, uint32_t part)
{
	if (axis->parts == 1)
		return "";
	if (chart->ascii)
		return part ? "< " : "> ";
	return part ? "← " : "→ ";
}

void dz_chart_axis(const struct dz_chart *chart, const struct dz_hist_shape *shape, struct dz_strbuf *out)
{
	enum { STEP = 8 };

	dz_strbuf_addc(out, ' ');
	for (uint32_t c = 0; c < chart->columns; c += STEP) {
		uint32_t room = chart->columns - c < STEP ? chart->columns - c : STEP;
		char text[DZ_TEXT_U64 + 1];
		int size = snprintf(text, sizeof text, "%" PRIu64,
				    (uint64_t)c * chart->bins_per_column * shape->bin_width);
		if ((uint32_t)size < room)
			dz_strbuf_addf(out, "%-*s", (int)room, text);
		else
			dz_strbuf_addf(out, "%*s", (int)room, "");
	}
	dz_strbuf_addc(out, ' ');
}

unsigned dz_chart_name_columns(const char *name, unsigned most)
{
	const char *end = name + strlen(name);
	unsigned columns = 0;

	while (name < end && columns < most) {
		uint32_t character = dz_text_next(&name, end);
		columns += dz_text_is_printable(character) ? dz_text_columns(character) : 1;
	}
	return columns < most ? columns : most;
}

/* Writes characters while they fit; returns the columns they take. */
static unsigned add_characters(struct dz_strbuf *out, const char *name, unsigned columns)
{
	const char *end = name + strlen(name);
	unsigned used = 0;

	while (name < end) {
		uint32_t character = dz_text_next(&name, end);
		char bytes[DZ_TEXT_CHARACTER];
		if (!dz_text_is_printable(character))
			character = '?';
		if (used + dz_text_columns(character) > columns)
			break;
		dz_strbuf_add(out, bytes, (size_t)(dz_text_character(bytes, character) - bytes));
		used += dz_text_columns(character);
	}
	return used;
}

/* The end of a name that is no wider than so many columns. */
static const char *tail_of(const char *name, unsigned columns)
{
	const char *end = name + strlen(name);

	while (dz_chart_name_columns(name, columns + 1) > columns)
		(void)dz_text_next(&name, end);
	return name;
}

/* Keeps `tail` columns of the end of what is too long. */
static void add_name(struct dz_strbuf *out, const char *name, unsigned columns, unsigned tail)
{
	unsigned used;

	if (dz_chart_name_columns(name, columns + 1) <= columns) {
		used = add_characters(out, name, columns);
	} else {
		used = add_characters(out, name, columns - tail - (columns > 0));
		if (used < columns) {
			dz_strbuf_addc(out, '~');
			used++;
		}
		used += add_characters(out, tail_of(name, tail), tail);
	}
	dz_strbuf_addf(out, "%*s", (int)(columns - used), "");
}

void dz_chart_name(struct dz_strbuf *out, const char *name, unsigned columns)
{
	add_name(out, name, columns, 0);
}

void dz_chart_group(struct dz_strbuf *out, const char *name, unsigned columns)
{
	add_name(out, name, columns, columns / 2);
}

void dz_chart_number(uint64_t value, char text[DZ_CHART_NUMBER])
{
	static const char units[] = "kMGTPE";
	double scaled = (double)value;
	int unit = -1;

	if (value < 10000) {
		snprintf(text, DZ_CHART_NUMBER, "%" PRIu64, value);
		return;
	}
	for (; scaled >= 999.5; unit++)
		scaled /= 1000;
	snprintf(text, DZ_CHART_NUMBER, "%.*f%c", scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0, scaled, units[unit]);
}

void dz_chart_range(uint32_t bin, const struct dz_hist_shape *shape, char text[DZ_CHART_RANGE])
{
	struct dz_summary_range range = dz_summary_range(bin, shape->bins, shape->bin_width);

	if (range.open)
		snprintf(text, DZ_CHART_RANGE, "%" PRIu32 "+", range.first);
	else if (range.first == range.last)
		snprintf(text, DZ_CHART_RANGE, "%" PRIu32, range.first);
	else
		snprintf(text, DZ_CHART_RANGE, "%" PRIu32 "-%" PRIu32, range.first, range.last);
}

/* The words for the parts of a vector with two of them. */
static const char *const sides[] = { "source", "destination" };

void dz_chart_bin(uint32_t bin, const struct dz_axis *axis, char text[DZ_CHART_RANGE])
{
	const struct dz_hist_shape shape = { .bins = axis->bins, .bin_width = axis->bin_width };
	int used = axis->parts == 2 ? snprintf(text, DZ_CHART_RANGE, "%s ", sides[bin / axis->bins]) : 0;
	char range[DZ_CHART_RANGE];

	dz_chart_range(bin % axis->bins, &shape, range);
	snprintf(text + used, DZ_CHART_RANGE - (size_t)used, "%.32s", range);
}

void dz_chart_column(uint32_t bin, const struct dz_axis *axis, char text[DZ_CHART_RANGE])
{
	snprintf(text, DZ_CHART_RANGE, "%s_%" PRIu64, axis->parts == 2 ? sides[bin / axis->bins] : "share",
		 (uint64_t)(bin % axis->bins) * axis->bin_width);
}
