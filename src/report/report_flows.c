/* SPDX-License-Identifier: BSD-2-Clause */
/* report_flows.c - how far each flow is from its group, which flows are outliers, and which the page shows. */
#include "config.h"
#include "report/report_internal.h"

#include "base/mem.h"
#include "math/summary.h"
#include "math/rng.h"
#include <stdlib.h>

static void measure(struct dz_report *report)
{
	const struct dz_axis *axis = dz_groups_axis(report->groups);
	double *vector = dz_mem_zalloc(dz_axis_size(axis), sizeof *vector);

	report->distances = dz_mem_zalloc(report->flow_count, sizeof *report->distances);
	for (size_t i = 0; i < report->flow_count; i++) {
		const struct report_flow *flow = &report->flows[i];
		int32_t item = report->sums[flow->group].item;
		report->distances[i] = -1;
		if (item >= 0 && dz_report_vector(report, flow->shape, vector))
			report->distances[i] =
				dz_distance(report->options.metric, vector, report->compare->items[item].vector, axis);
	}
	free(vector);
}

/* Marks flows beyond Tukey's fence: the upper quartile of their group's distances and one and a half times the
 * quartiles' distance from each other. */
static void mark_outliers(struct dz_report *report)
{
	size_t items = report->compare->count;
	size_t *begin = dz_mem_zalloc(items + 1, sizeof *begin), *used = dz_mem_zalloc(items, sizeof *used);
	double *sorted = dz_mem_zalloc(report->flow_count, sizeof *sorted);
	double *fences = dz_mem_zalloc(items, sizeof *fences);

	for (size_t i = 0; i < report->flow_count; i++)
		if (report->distances[i] >= 0)
			begin[report->sums[report->flows[i].group].item + 1]++;
	for (size_t g = 0; g < items; g++)
		begin[g + 1] += begin[g];
	for (size_t i = 0; i < report->flow_count; i++) {
		if (report->distances[i] >= 0) {
			int32_t g = report->sums[report->flows[i].group].item;
			sorted[begin[g] + used[g]++] = report->distances[i];
		}
	}
	for (size_t g = 0; g < items; g++) {
		size_t count = used[g];
		double *own = sorted + begin[g];
		fences[g] = -1;
		if (count < DZ_REPORT_FLOWS_MIN)
			continue;
		qsort(own, count, sizeof *own, dz_summary_by_value);
		double low = dz_summary_sorted_quantile(own, count, 0.25),
		       high = dz_summary_sorted_quantile(own, count, 0.75);
		fences[g] = high + 1.5 * (high - low);
	}
	report->outliers = dz_mem_zalloc(report->flow_count, sizeof *report->outliers);
	for (size_t i = 0; i < report->flow_count; i++) {
		if (report->distances[i] < 0)
			continue;
		double fence = fences[report->sums[report->flows[i].group].item];
		/* A hair more than the fence: equal distances may differ in their last bits. */
		report->outliers[i] = fence >= 0 && report->distances[i] > fence + 1e-9;
		report->outlier_count += report->outliers[i];
	}
	free(begin);
	free(used);
	free(sorted);
	free(fences);
}

/* ---- the choice ---- */

/* What qsort needs to know of a flow. */
struct rank {
	double distance;
	uint32_t flow;
	bool outlier;
};

static int by_rank(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;
	if (x->outlier != y->outlier)
		return x->outlier ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance > y->distance ? -1 : 1;
	return (x->flow > y->flow) - (x->flow < y->flow);
}

static size_t rank_all(const struct dz_report *report, struct rank *ranks, bool outliers)
{
	size_t count = 0;

	for (size_t i = 0; i < report->flow_count; i++)
		if (report->outliers[i] == outliers)
			ranks[count++] = (struct rank){ report->distances[i], (uint32_t)i, outliers };
	return count;
}

/* A seeded choice of `wanted` of the ranks, moved to the front. */
static void sample(const struct dz_report *report, struct rank *ranks, size_t count, size_t wanted)
{
	struct dz_rng rng;

	dz_rng_init(&rng, report->options.seed);
	for (size_t i = 0; i < wanted && i < count; i++) {
		size_t other = i + (size_t)dz_rng_below(&rng, count - i);
		struct rank swap = ranks[i];
		ranks[i] = ranks[other];
		ranks[other] = swap;
	}
}

void dz_report_choose(struct dz_report *report)
{
	struct rank *ranks = dz_mem_zalloc(report->flow_count, sizeof *ranks);
	size_t limit = report->options.flows, outliers, others;

	measure(report);
	mark_outliers(report);
	outliers = rank_all(report, ranks, true);
	qsort(ranks, outliers, sizeof *ranks, by_rank);
	/* Where there are too many outliers, the others still get a fifth of the room, to be compared with. */
	if (report->flow_count > limit && outliers > limit - limit / 5)
		outliers = limit - limit / 5;
	report->outliers_shown = outliers;
	others = rank_all(report, ranks + outliers, false);
	if (outliers + others > limit) {
		sample(report, ranks + outliers, others, limit - outliers);
		others = limit - outliers;
	}
	report->shown_count = outliers + others;
	qsort(ranks, report->shown_count, sizeof *ranks, by_rank);
	report->shown = dz_mem_zalloc(report->shown_count, sizeof *report->shown);
	for (size_t i = 0; i < report->shown_count; i++)
		report->shown[i] = ranks[i].flow;
	free(ranks);
}
