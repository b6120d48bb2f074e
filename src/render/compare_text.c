/* SPDX-License-Identifier: BSD-2-Clause */
/* compare_text.c - a comparison as text for people, and as CSV. */
#include "config.h"
#include "render/render.h"

#include "base/csv.h"
#include "render/chart.h"
#include "base/mem.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	NAME_MOST = 24,   /* columns of a name */
	MATRIX_MOST = 14, /* groups in a printed matrix; above, each group's nearest */
	NEAREST = 3,
	PAIRS_MOST = 45
};

static unsigned name_columns(const struct dz_compare *compare)
{
	unsigned columns = 5;

	for (size_t i = 0; i < compare->count; i++) {
		unsigned mine = dz_chart_name_columns(compare->items[i].group->name, NAME_MOST);
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
		       dz_group_by_names[dz_groups_by(compare->groups)], compare->shape.bins, compare->shape.bin_width,
		       dz_layer_name(compare->shape.layer),
		       dz_groups_direction(compare->groups) == DZ_DIRECTION_BOTH    ? "source and destination"
		       : dz_groups_direction(compare->groups) == DZ_DIRECTION_TOTAL ? "both directions added up"
										    : direction);
}

static void add_shapes(const struct dz_compare *compare, unsigned columns, bool ascii, struct dz_strbuf *out)
{
	struct dz_chart chart = dz_chart_for(&compare->shape, ascii);

	dz_strbuf_addf(out, "%-*s  flows packets  %*s", (int)columns, dz_group_by_names[dz_groups_by(compare->groups)],
		       compare->axis.parts == 2 ? 2 : 0, "");
	dz_chart_axis(&chart, &compare->shape, out);
	dz_strbuf_adds(out, "  median\n");
	for (size_t i = 0; i < compare->count; i++) {
		const struct dz_compare_group *item = &compare->items[i];
		char flows[DZ_CHART_NUMBER], packets[DZ_CHART_NUMBER];
		dz_chart_number(item->group->flows, flows);
		dz_chart_number(item->group->packets, packets);
		dz_chart_name(out, item->group->name, columns);
		dz_strbuf_addf(out, " %6s %7s  ", flows, packets);
		dz_strbuf_adds(out, dz_chart_arrow(&chart, &compare->axis, 0));
		dz_chart_side(&chart, item->vector, &compare->axis, 0, out);
		if (item->group->counted)
			dz_strbuf_addf(out, "  %.0f bytes\n", item->quantiles[2]);
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
	dz_strbuf_addf(out, "\n%-*s   bytes entropy   p10   p25   p50   p75   p90 dispersion  leading bins\n",
		       (int)columns, "");
	for (size_t i = 0; i < compare->count; i++) {
		const struct dz_compare_group *item = &compare->items[i];
		char bytes[DZ_CHART_NUMBER], range[DZ_CHART_RANGE];
		dz_chart_number(item->group->bytes, bytes);
		dz_chart_name(out, item->group->name, columns);
		dz_strbuf_addf(out, " %7s %7.2f", bytes, item->entropy);
		for (unsigned q = 0; q < DZ_COMPARE_QUANTILES; q++)
			dz_strbuf_addf(out, " %5.0f", item->quantiles[q]);
		add_distance(compare, item->dispersion, 11, out);
		dz_strbuf_adds(out, " ");
		for (size_t l = 0; l < item->leading_count; l++) {
			dz_chart_bin(item->leading[l].bin, &compare->axis, range);
			dz_strbuf_addf(out, "%s%s %.0f%%", l ? ", " : " ", range, item->leading[l].share * 100);
		}
		dz_strbuf_addc(out, '\n');
	}
}

static void add_matrix(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	for (size_t a = 0; a < compare->count; a++) {
		dz_chart_name(out, compare->items[a].group->name, columns);
		dz_strbuf_addf(out, " %3zu", a + 1);
		for (size_t b = 0; b <= a; b++)
			add_distance(compare, compare->distances[a * compare->count + b], 8, out);
		dz_strbuf_addc(out, '\n');
	}
	dz_strbuf_addf(out, "%*s", (int)columns + 4, "");
	for (size_t b = 0; b < compare->count; b++)
		dz_strbuf_addf(out, "%8zu", b + 1);
	dz_strbuf_addc(out, '\n');
}

static void add_nearest(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	size_t n = compare->count;
	bool *used = dz_mem_zalloc(n, sizeof *used);

	for (size_t a = 0; a < n; a++) {
		dz_chart_name(out, compare->items[a].group->name, columns);
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
			dz_chart_name(out, compare->items[best].group->name,
				      dz_chart_name_columns(compare->items[best].group->name, NAME_MOST));
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
		       compare->count > MATRIX_MOST ? ": the nearest of each; -F json has them all" : "");
	if (compare->count > MATRIX_MOST)
		add_nearest(compare, columns, out);
	else
		add_matrix(compare, columns, out);
}

static void add_pair(const struct dz_compare *compare, const struct dz_compare_pair *pair, unsigned columns,
		     struct dz_strbuf *out)
{
	dz_chart_name(out, compare->items[pair->a].group->name, columns);
	dz_strbuf_adds(out, "  ");
	dz_chart_name(out, compare->items[pair->b].group->name, columns);
	add_distance(compare, pair->result.statistic, 8, out);
	dz_strbuf_addf(out, "  p = %-8.3g Holm %-8.3g %s\n", pair->result.p, pair->adjusted,
		       pair->adjusted <= 0.05 ? "differ" : "");
}

static void add_tests(const struct dz_compare *compare, unsigned columns, struct dz_strbuf *out)
{
	size_t differ = 0;

	if (!compare->pair_count)
		return;
	dz_strbuf_addf(out,
		       "\nCould chance have split them so? %u permutations of the flows per pair, seed %" PRIu64 "\n",
		       compare->options.permutations, compare->options.seed);
	for (size_t i = 0; i < compare->pair_count; i++) {
		differ += compare->pairs[i].adjusted <= 0.05;
		if (i < PAIRS_MOST)
			add_pair(compare, &compare->pairs[i], columns, out);
	}
	if (compare->pair_count > PAIRS_MOST)
		dz_strbuf_addf(out, "and %zu more pairs (-F json)\n", compare->pair_count - PAIRS_MOST);
	if (compare->count > 2)
		dz_strbuf_addf(out, "%zu of %zu pairs differ at 5 %% after Holm's correction\n", differ,
			       compare->pair_count);
	/* The least p is 1 / (N + 1), which Holm multiplies by the number of pairs. */
	if (compare->pair_count * 20 > compare->options.permutations + 1)
		dz_strbuf_addf(out, "%u permutations are too few for %zu pairs to differ at 5 %%: use %zu or more\n",
			       compare->options.permutations, compare->pair_count, compare->pair_count * 20 - 1);
	if (compare->count == 2) {
		dz_strbuf_adds(out, "\nDo the two behave alike? ");
		dz_compare_verdict(compare, out);
		dz_strbuf_addc(out, '\n');
	}
}

void dz_compare_text(const struct dz_compare *compare, bool ascii, struct dz_strbuf *out)
{
	unsigned columns = name_columns(compare);

	add_title(compare, out);
	add_shapes(compare, columns, ascii, out);
	add_numbers(compare, columns, out);
	add_distances(compare, columns, out);
	add_tests(compare, columns, out);
}

/* ---- CSV ---- */

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
		dz_strbuf_addf(out, ",%.9g", item->dispersion);
		for (size_t b = 0; b < compare->count; b++)
			dz_strbuf_addf(out, ",%.9g", compare->distances[i * compare->count + b]);
		for (uint32_t k = 0; k < dz_axis_size(&compare->axis); k++)
			dz_strbuf_addf(out, ",%.9g", item->vector[k]);
		dz_strbuf_adds(out, "\n");
	}
}
