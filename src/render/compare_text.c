/* SPDX-License-Identifier: BSD-2-Clause */
/* compare_text.c - a comparison as text for people, and as CSV. */
#include "config.h"
#include "render/render.h"

#include "base/csv.h"
#include "render/chart.h"
#include "render/drift.h"
#include "base/mem.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	MAX_NAME = 24,   /* columns of a name */
	MAX_MATRIX = 14, /* groups in a printed matrix; above, each group's nearest */
	NEAREST = 3
};

static unsigned name_columns(const struct dz_compare *compare)
{
	unsigned columns = 5;

	for (size_t i = 0; i < compare->count; i++) {
		unsigned mine = dz_chart_name_columns(compare->items[i].group->name, MAX_NAME);
		columns = mine > columns ? mine : columns;
	}
	return columns;
}

/* Distances in bytes and percent want fewer decimals than those in 0..1. */
static void add_distance(const struct dz_compare *compare, double value, int columns, struct dz_strbuf *out)
{
	bool small = dz_metric_max(compare->options.metric, &compare->axis) <= 1;
	dz_strbuf_addf(out, "%*.*f", columns, small ? 3 : 1, value);
}

static void add_title(const struct dz_compare *compare, struct dz_strbuf *out)
{
	const char *direction = dz_direction_names[dz_groups_direction(compare->groups)];

	dz_strbuf_addf(out, "Packet lengths by %s: %" PRIu32 " bins of %" PRIu32 " bytes, layer %s, %s\n\n",
		       dz_groups_by_text(compare->groups), compare->shape.bins, compare->shape.bin_width,
		       dz_layer_name(compare->shape.layer),
		       dz_groups_direction(compare->groups) == DZ_DIRECTION_BOTH    ? "source and destination"
		       : dz_groups_direction(compare->groups) == DZ_DIRECTION_TOTAL ? "both directions added up"
										    : direction);
}

/* What is known of a quantile: the bin that it is in, as far as lengths were seen. */
static const char *range_text(const struct dz_summary_range *range, char text[DZ_CHART_RANGE])
{
	if (range->last == UINT32_MAX)
		snprintf(text, DZ_CHART_RANGE, "%" PRIu32 "+", range->first);
	else if (range->first == range->last)
		snprintf(text, DZ_CHART_RANGE, "%" PRIu32, range->first);
	else
		snprintf(text, DZ_CHART_RANGE, "%" PRIu32 "-%" PRIu32, range->first, range->last);
	return text;
}

static void add_shapes(const struct dz_compare *compare, unsigned columns, bool ascii, struct dz_strbuf *out)
{
	struct dz_chart chart = dz_chart_for(&compare->shape, ascii);

	dz_strbuf_addf(out, "%-*s  flows packets  %*s", (int)columns, dz_groups_by_text(compare->groups),
		       compare->axis.parts == 2 ? 2 : 0, "");
	dz_chart_axis(&chart, &compare->shape, out);
	dz_strbuf_adds(out, "  median\n");
	for (size_t i = 0; i < compare->count; i++) {
		const struct dz_compare_group *item = &compare->items[i];
		char flows[DZ_CHART_NUMBER], packets[DZ_CHART_NUMBER], range[DZ_CHART_RANGE];
		dz_chart_number(item->group->flows, flows);
		dz_chart_number(item->group->packets, packets);
		dz_chart_group(out, item->group->name, columns);
		dz_strbuf_addf(out, " %6s %7s  ", flows, packets);
		dz_strbuf_adds(out, dz_chart_arrow(&chart, &compare->axis, 0));
		dz_chart_side(&chart, item->vector, &compare->axis, 0, out);
		if (item->group->counted)
			dz_strbuf_addf(out, "  in %s\n", range_text(&item->ranges[DZ_COMPARE_QUANTILES / 2], range));
		else
			dz_strbuf_adds(out, "  (no lengths)\n");
		if (compare->axis.parts == 2) {
			dz_strbuf_addf(out, "%*s%s", (int)columns + 17, "", dz_chart_arrow(&chart, &compare->axis, 1));
			dz_chart_side(&chart, item->vector, &compare->axis, 1, out);
			dz_strbuf_addc(out, '\n');
		}
	}
	if (compare->left_out)
		dz_strbuf_addf(out, "and %zu smaller groups (--top)\n", compare->left_out);
}

static void add_numbers(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	dz_strbuf_addf(
		out,
		"\n%-*s   bytes entropy       p10       p25       p50       p75       p90 dispersion  leading bins\n",
		(int)columns, "");
	for (size_t i = 0; i < compare->count; i++) {
		const struct dz_compare_group *item = &compare->items[i];
		char bytes[DZ_CHART_NUMBER], range[DZ_CHART_RANGE];
		dz_chart_number(item->group->bytes, bytes);
		dz_chart_group(out, item->group->name, columns);
		dz_strbuf_addf(out, " %7s %7.2f", bytes, item->entropy);
		for (unsigned q = 0; q < DZ_COMPARE_QUANTILES; q++)
			dz_strbuf_addf(out, " %9s", range_text(&item->ranges[q], range));
		if (isnan(item->dispersion))
			dz_strbuf_addf(out, "%11s", "-");
		else
			add_distance(compare, item->dispersion, 11, out);
		dz_strbuf_adds(out, " ");
		for (size_t l = 0; l < item->leading_count; l++) {
			dz_chart_bin(item->leading[l].bin, &compare->axis, range);
			dz_strbuf_addf(out, "%s%s %.0f%%", l ? ", " : " ", range, item->leading[l].share * 100);
		}
		dz_strbuf_addc(out, '\n');
	}
}

static void add_matrix_foot(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "%*s", (int)columns + 4, "");
	for (size_t b = 0; b < compare->count; b++)
		dz_strbuf_addf(out, "%8zu", b + 1);
	dz_strbuf_addc(out, '\n');
}

static void add_matrix(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	for (size_t a = 0; a < compare->count; a++) {
		dz_chart_group(out, compare->items[a].group->name, columns);
		dz_strbuf_addf(out, " %3zu", a + 1);
		for (size_t b = 0; b <= a; b++)
			add_distance(compare, compare->distances[a * compare->count + b], 8, out);
		dz_strbuf_addc(out, '\n');
	}
	add_matrix_foot(compare, columns, out);
}

static void add_nearest(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	size_t n = compare->count;
	bool *used = dz_mem_zalloc(n, sizeof *used);

	for (size_t a = 0; a < n; a++) {
		dz_chart_group(out, compare->items[a].group->name, columns);
		for (size_t i = 0; i < n; i++)
			used[i] = i == a;
		for (unsigned turn = 0; turn < NEAREST && turn + 1 < n; turn++) {
			size_t best = n;
			for (size_t b = 0; b < n; b++)
				if (!used[b] &&
				    (best == n || compare->distances[a * n + b] < compare->distances[a * n + best]))
					best = b;
			used[best] = true;
			dz_strbuf_adds(out, turn ? ", " : "  ");
			dz_chart_group(out, compare->items[best].group->name,
				       dz_chart_name_columns(compare->items[best].group->name, MAX_NAME));
			add_distance(compare, compare->distances[a * n + best], 6, out);
		}
		dz_strbuf_addc(out, '\n');
	}
	free(used);
}

static void add_distances(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	const char *unit = compare->options.metric == DZ_METRIC_WASSERSTEIN ? ", in bytes" : "";

	if (compare->count < 2)
		return;
	dz_strbuf_addf(out, "\nDistances of the %s (%s%s)%s\n",
		       compare->options.pooled ? "pooled distributions" : "mean distributions",
		       dz_metric_name(compare->options.metric), unit,
		       compare->count > MAX_MATRIX ? ": the nearest of each; -F json has them all" : "");
	if (compare->count > MAX_MATRIX)
		add_nearest(compare, columns, out);
	else
		add_matrix(compare, columns, out);
}

static void add_mark(const struct dz_compare *compare, const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	switch (contrast->verdict) {
	case DZ_CONTRAST_EMPTY:
	case DZ_CONTRAST_FEW_SESSIONS:
		dz_strbuf_adds(out, "     few");
		break;
	case DZ_CONTRAST_NO_SESSIONS:
		if (contrast->k)
			dz_strbuf_addf(out, "%7d%c", dz_contrast_percent(contrast->told_apart),
				       contrast->by_inputs ? 'i' : ' ');
		else
			dz_strbuf_adds(out, "       -");
		break;
	default:
		dz_strbuf_addf(out, "%7d%c", dz_contrast_percent(contrast->told_apart),
			       dz_contrast_is_conditional(compare, contrast) ? '?'
			       : contrast->verdict == DZ_CONTRAST_DIFFER     ? '*'
			       : contrast->verdict == DZ_CONTRAST_LITTLE     ? '+'
			       : contrast->verdict == DZ_CONTRAST_ALIKE      ? '='
									     : '.');
	}
}

static size_t count_verdicts(const struct dz_compare *compare, enum dz_contrast_verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < compare->pair_count; i++)
		count += compare->contrasts[i].verdict == verdict;
	return count;
}

static void add_marks(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	for (size_t a = 0; a < compare->count; a++) {
		dz_chart_group(out, compare->items[a].group->name, columns);
		dz_strbuf_addf(out, " %3zu", a + 1);
		for (size_t b = 0; b < a; b++)
			add_mark(compare, &compare->contrasts[dz_compare_pair(a, b)], out);
		dz_strbuf_addc(out, '\n');
	}
	add_matrix_foot(compare, columns, out);
}

/* Of pairs that were tested, those with too few sessions or hosts for all levels. */
static void add_untested(const struct dz_compare *compare, struct dz_strbuf *out)
{
	size_t tested = 0, short_gaps = 0, habits = 0, captures = 0, lengths = 0;

	for (size_t i = 0; i < compare->pair_count; i++) {
		const struct dz_contrast *contrast = &compare->contrasts[i];
		if (contrast->verdict < DZ_CONTRAST_DIFFER)
			continue;
		tested++;
		short_gaps += dz_contrast_is_of_short_gaps(compare, contrast);
		habits += dz_contrast_may_be_habits(compare, contrast);
		captures += dz_contrast_may_be_captures(compare, contrast);
		lengths += dz_contrast_of_unlike_lengths(contrast);
	}
	if (short_gaps)
		dz_strbuf_addf(out,
			       "%zu of %zu pairs tested have too few sessions at 10 s: should what a host does within "
			       "10 s belong together, their p is too small\n",
			       short_gaps, tested);
	if (habits && compare->options.contrast.rule.kind == DZ_SESSIONS_GAPS)
		dz_strbuf_addf(out,
			       "%zu of %zu pairs tested have too few hosts to take them as sessions: should a host "
			       "keep habits of its own, their p is too small\n",
			       habits, tested);
	if (captures)
		dz_strbuf_addf(
			out,
			"%zu of %zu pairs tested have flows of several inputs: should those of one resemble each "
			"other, their p is too small (--sessions input)\n",
			captures, tested);
	if (lengths)
		dz_strbuf_addf(out,
			       "%zu of %zu pairs tested have flows of unlike numbers of %s, which alone can tell them "
			       "apart: lengths_per_flow in -F json\n",
			       lengths, tested, dz_layer_unit(compare->shape.layer));
}

/* How often flows of two groups are told apart, with a mark for the verdict. */
static void add_verdicts(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	dz_strbuf_adds(out,
		       "\nTold apart, in percent; chance is 50.  * they differ (p at most 0.05, Holm)  + by little  "
		       "? if the flows of a host or an input are independent  . no difference shown\n");
	add_marks(compare, columns, out);
	if (count_verdicts(compare, DZ_CONTRAST_FEW_SESSIONS) + count_verdicts(compare, DZ_CONTRAST_EMPTY))
		dz_strbuf_adds(out, "few: too few sessions to say\n");
	add_untested(compare, out);
	dz_strbuf_addf(out,
		       "%" PRIu32 " splits of the sessions per pair, seed %" PRIu64
		       "; -F json has each pair's sessions, p and intervals\n",
		       compare->options.contrast.permutations, compare->options.contrast.seed);
}

/* The same without sessions. */
static void add_shares(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "\nTold apart, in percent; chance is 50.  i by flows of other inputs  - cannot be told\n");
	add_marks(compare, columns, out);
	dz_strbuf_adds(out,
		       "Where there is no i, flows of one input are among those compared, which resemble each other: "
		       "more than 50 is no difference by itself\n");
}

static void add_tests(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	struct dz_strbuf why;

	dz_strbuf_init(&why);
	if (dz_contrast_no_test(compare, &why))
		if (!compare->contrasts || compare->count > 2) /* else the sentence says it */
			dz_strbuf_addf(out, "\nNo test: %s\n", why.data);
	dz_strbuf_release(&why);
	if (!compare->contrasts)
		return;
	if (compare->count > 2) {
		if (compare->libraries)
			add_shares(compare, columns, out);
		else
			add_verdicts(compare, columns, out);
		return;
	}
	dz_strbuf_adds(out, "\nDo the two differ? ");
	dz_contrast_sentence(compare, 0, out);
	dz_strbuf_addc(out, '\n');
	dz_contrast_details(compare, 0, out);
}

void dz_compare_text(const struct dz_compare *compare, bool ascii, struct dz_strbuf *out)
{
	unsigned columns = name_columns(compare);

	add_title(compare, out);
	add_shapes(compare, columns, ascii, out);
	add_numbers(compare, columns, out);
	add_distances(compare, columns, out);
	add_tests(compare, columns, out);
	if (compare->drift)
		dz_drift_text(compare->drift, compare->options.baseline_name, &compare->axis, compare->options.metric,
			      out);
}

/* ---- CSV ---- */

/* Columns for each other group, where groups were tested. */
static const char *const contrast_columns[] = { "verdict on", "told apart from", "p_holm of" };
enum { CONTRAST_COLUMNS = sizeof contrast_columns / sizeof *contrast_columns };

static void add_contrast_head(const struct dz_compare *compare, struct dz_strbuf *out)
{
	for (size_t i = 0; i < compare->count; i++) {
		for (unsigned c = 0; c < CONTRAST_COLUMNS; c++) {
			struct dz_strbuf name;
			dz_strbuf_init(&name);
			dz_strbuf_addf(&name, "%s %s", contrast_columns[c], compare->items[i].group->name);
			dz_strbuf_addc(out, ',');
			dz_csv_text(out, name.data);
			dz_strbuf_release(&name);
		}
	}
}

static void add_contrasts(const struct dz_compare *compare, size_t group, struct dz_strbuf *out)
{
	for (size_t i = 0; i < compare->count; i++) {
		const struct dz_contrast *contrast;
		if (i == group) {
			dz_strbuf_adds(out, ",,,");
			continue;
		}
		contrast = &compare->contrasts[dz_compare_pair(group, i)];
		dz_strbuf_addf(out, ",%s", dz_contrast_code(compare, contrast));
		if (contrast->verdict >= DZ_CONTRAST_DIFFER)
			dz_strbuf_addf(out, ",%.9g,%.9g", contrast->told_apart, contrast->adjusted);
		else if (contrast->verdict == DZ_CONTRAST_NO_SESSIONS && contrast->k)
			dz_strbuf_addf(out, ",%.9g,", contrast->told_apart);
		else
			dz_strbuf_adds(out, ",,");
	}
}

void dz_compare_csv(const struct dz_compare *compare, struct dz_strbuf *out)
{
	char column[DZ_CHART_RANGE];

	dz_strbuf_adds(out, "name,flows,empty_flows,packets,bytes,count,entropy,p10,p25,p50,p75,p90,dispersion");
	for (size_t i = 0; i < compare->count; i++) {
		struct dz_strbuf name;
		dz_strbuf_init(&name);
		dz_strbuf_addf(&name, "distance to %s", compare->items[i].group->name);
		dz_strbuf_addc(out, ',');
		dz_csv_text(out, name.data);
		dz_strbuf_release(&name);
	}
	if (compare->contrasts)
		add_contrast_head(compare, out);
	for (uint32_t k = 0; k < dz_axis_size(&compare->axis); k++) {
		dz_chart_column(k, &compare->axis, column);
		dz_strbuf_addf(out, ",%s", column);
	}
	dz_strbuf_adds(out, "\n");
	for (size_t i = 0; i < compare->count; i++) {
		const struct dz_compare_group *item = &compare->items[i];
		const struct dz_group *group = item->group;
		dz_csv_text(out, group->name);
		dz_strbuf_addf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.9g", group->flows,
			       group->empty, group->packets, group->bytes, group->counted, item->entropy);
		for (unsigned q = 0; q < DZ_COMPARE_QUANTILES; q++)
			dz_strbuf_addf(out, ",%.9g", item->quantiles[q]);
		if (isnan(item->dispersion))
			dz_strbuf_addc(out, ',');
		else
			dz_strbuf_addf(out, ",%.9g", item->dispersion);
		for (size_t b = 0; b < compare->count; b++)
			dz_strbuf_addf(out, ",%.9g", compare->distances[i * compare->count + b]);
		if (compare->contrasts)
			add_contrasts(compare, i, out);
		for (uint32_t k = 0; k < dz_axis_size(&compare->axis); k++)
			dz_strbuf_addf(out, ",%.9g", item->vector[k]);
		dz_strbuf_adds(out, "\n");
	}
}
