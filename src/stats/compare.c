/* SPDX-License-Identifier: BSD-2-Clause */
/* compare.c - see compare.h. */
#include "config.h"
#include "stats/compare.h"

#include "base/mem.h"
#include "base/parallel.h"
#include "math/rng.h"
#include "stats/contrast_cells.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Flows of a group that are compared pair by pair with those of another; of many groups less, or it would take too
 * long. */
enum { SAMPLE_OF_TWO = 1000, SAMPLE_OF_MANY = 400 };

const double dz_compare_shares[DZ_COMPARE_QUANTILES] = { 0.1, 0.25, 0.5, 0.75, 0.9 };

static double dispersion_of(const struct dz_compare *compare, const struct dz_compare_group *item)
{
	const struct dz_group *group = item->group;
	uint64_t flows = dz_group_shaped(group);
	double *vector = dz_mem_zalloc(dz_axis_size(&compare->axis), sizeof *vector), sum = 0;

	if (group->means_only || flows == 1) /* not known */
		sum = NAN;
	for (size_t m = 0; m < group->member_count; m++) {
		dz_vectors_get(dz_groups_vectors(compare->groups), group->members[m].vector, vector);
		sum += (double)group->members[m].flows *
		       dz_distance(compare->options.metric, vector, item->vector, &compare->axis);
	}
	free(vector);
	return flows ? sum / (double)flows : 0;
}

/* Within its bin a quantile is a guess; but it is never outside of the lengths that were seen. */
static void find_quantile(const struct dz_compare *compare, struct dz_compare_group *item, unsigned q)
{
	uint32_t bins = compare->shape.bins, width = compare->shape.bin_width;
	uint32_t least = item->group->least, largest = item->group->largest;
	double value = dz_summary_quantile(item->lengths, bins, width, dz_compare_shares[q]);
	struct dz_summary_range range =
		dz_summary_range(dz_summary_quantile_bin(item->lengths, bins, dz_compare_shares[q]), bins, width);

	item->quantiles[q] = fmin(fmax(value, least), largest);
	item->ranges[q].first = range.first < least ? least : range.first > largest ? largest : range.first;
	item->ranges[q].last = range.last > largest ? largest : range.last < least ? least : range.last;
}

static void describe(struct dz_compare *compare, struct dz_compare_group *item, const struct dz_group *group)
{
	uint32_t size = dz_axis_size(&compare->axis);

	item->group = group;
	item->lengths = dz_mem_zalloc(compare->shape.bins, sizeof *item->lengths);
	item->mean = dz_mem_zalloc(size, sizeof *item->mean);
	item->sd = dz_mem_zalloc(size, sizeof *item->sd);
	item->pooled = dz_mem_zalloc(size, sizeof *item->pooled);
	dz_group_mean(compare->groups, group, item->mean, item->sd);
	dz_distance_normalise(group->pooled, size, item->pooled);
	item->vector = compare->options.pooled ? item->pooled : item->mean;
	for (uint32_t k = 0; k < size; k++)
		item->lengths[k % compare->shape.bins] += item->vector[k];
	item->entropy = dz_summary_entropy(item->vector, size);
	for (unsigned q = 0; q < DZ_COMPARE_QUANTILES; q++)
		find_quantile(compare, item, q);
	item->leading_count = dz_summary_leading(item->vector, size, item->leading, DZ_COMPARE_LEADING);
	item->dispersion = dispersion_of(compare, item);
}

static void measure(struct dz_compare *compare)
{
	enum dz_metric metric = compare->options.metric;
	uint32_t dims = dz_metric_dims(&compare->axis);
	size_t n = compare->count;
	double *points = dz_mem_zalloc(n, dims * sizeof *points);

	compare->distances = dz_mem_zalloc(n * n, sizeof *compare->distances);
	for (size_t a = 0; a < n; a++) {
		dz_metric_embed(metric, compare->items[a].vector, &compare->axis, points + a * dims);
		for (size_t b = 0; b < a; b++) {
			double gap = dz_metric_rdist(metric, points + a * dims, points + b * dims, dims);
			compare->distances[a * n + b] = compare->distances[b * n + a] =
				dz_metric_rdist_to_distance(metric, gap);
		}
	}
	free(points);
}

/* ---- the tests ---- */

size_t dz_compare_pair(size_t a, size_t b)
{
	return a > b ? a * (a - 1) / 2 + b : b * (b - 1) / 2 + a;
}

/* By how many pairs the 0.05 is shared when all of them are asked about; *able gets how many can then differ. What
 * longer levels of a pair could yield is no part of it: a host more would take the answer from pairs that had one. */
static size_t count_sharing(const struct dz_session_rule *rule, const struct dz_sample *samples, size_t count,
			    size_t *able)
{
	double *p = dz_mem_zalloc(count * (count - 1) / 2, sizeof *p);
	size_t sharing;

	for (size_t a = 0; a < count; a++)
		for (size_t b = 0; b < a; b++) {
			const struct dz_sample *const both[2] = { &samples[b], &samples[a] };
			p[dz_compare_pair(a, b)] = dz_contrast_least_p(rule, both);
		}
	sharing = dz_contrast_sharing(p, count * (count - 1) / 2, able);
	free(p);
	return sharing;
}

struct testing {
	struct dz_compare *compare;
	const struct dz_sample *samples; /* NULL: by cells */
	struct dz_contrast_options test;
};

/* The groups of a pair by its place: a (a - 1) / 2 + b with b < a. */
static void find_pair(size_t pair, size_t *a, size_t *b)
{
	*a = (size_t)((sqrt(8 * (double)pair + 1) + 1) / 2);
	while (dz_compare_pair(*a, 0) > pair) /* rounding */
		--*a;
	while (dz_compare_pair(*a + 1, 0) <= pair)
		++*a;
	*b = pair - dz_compare_pair(*a, 0);
}

static void test_pair(void *context, size_t pair)
{
	const struct testing *testing = context;
	struct dz_compare *compare = testing->compare;
	struct dz_contrast_options test = testing->test;
	size_t a, b;

	find_pair(pair, &a, &b);
	const struct dz_sample *const both[2] = { &testing->samples[b], &testing->samples[a] };
	const double *const means[2] = { compare->items[b].mean, compare->items[a].mean };
	test.seed = dz_rng_derive(test.seed, pair);
	dz_contrast(&test, compare->groups, both, means, &compare->contrasts[pair]);
}

/* All pairs: none needs anything of another, but time that differs much. */
static void each_pair(struct testing *testing, void (*each)(void *context, size_t pair))
{
	struct dz_compare *compare = testing->compare;
	const struct dz_compare_options *options = &compare->options;

	compare->pair_count = compare->count * (compare->count - 1) / 2;
	compare->contrasts = dz_mem_zalloc(compare->pair_count, sizeof *compare->contrasts);
	dz_parallel_run(&(struct dz_parallel){ .threads = options->threads,
					       .each = each,
					       .progress = options->progress,
					       .context = testing,
					       .progress_context = options->context },
			compare->pair_count);
}

static void test_pairs(struct dz_compare *compare, const struct dz_sample *samples, size_t sharing)
{
	struct testing testing = { compare, samples, compare->options.contrast };

	testing.test.metric = compare->options.metric;
	testing.test.sharing = sharing;
	each_pair(&testing, test_pair);
	dz_contrast_settle(&testing.test, compare->contrasts, compare->pair_count);
}

static void test_all(struct dz_compare *compare)
{
	struct dz_sample *samples = dz_mem_zalloc(compare->count, sizeof *samples);
	const struct dz_contrast_options *options = &compare->options.contrast;
	size_t sharing, able;

	for (size_t i = 0; i < compare->count; i++)
		dz_sample_init(&samples[i], compare->items[i].group, &options->rule,
			       compare->count == 2 ? SAMPLE_OF_TWO : SAMPLE_OF_MANY, dz_rng_derive(~options->seed, i));
	sharing = count_sharing(&options->rule, samples, compare->count, &able);
	compare->possible = able ? sharing : 0;
	if (dz_contrast_enough(options->permutations, compare->possible))
		test_pairs(compare, samples, sharing);
	for (size_t i = 0; i < compare->count; i++)
		dz_sample_release(&samples[i]);
	free(samples);
}

/* ---- libraries ---- */

static struct dz_contrast_side side_of(const struct dz_compare *compare, size_t item)
{
	return (struct dz_contrast_side){ compare->groups, compare->items[item].group, compare->items[item].mean };
}

static void contrast_pair(void *context, size_t pair)
{
	struct dz_compare *compare = ((const struct testing *)context)->compare;
	size_t a, b;

	find_pair(pair, &a, &b);
	const struct dz_contrast_side sides[2] = { side_of(compare, b), side_of(compare, a) };
	dz_contrast_cells(compare->options.metric, sides, compare->count == 2 ? SAMPLE_OF_TWO : SAMPLE_OF_MANY,
			  &compare->contrasts[pair]);
}

static void contrast_cells(struct dz_compare *compare)
{
	each_pair(&(struct testing){ .compare = compare }, contrast_pair);
}

/* ---- the whole ---- */

static int by_name(const void *a, const void *b)
{
	const struct dz_group *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

/* The largest groups, by size; those of time in its order. Given. */
static const struct dz_group **choose(const struct dz_groups *groups, size_t count)
{
	const struct dz_group **chosen = dz_mem_zalloc(count, sizeof *chosen);

	for (size_t i = 0; i < count; i++)
		chosen[i] = dz_groups_at(groups, i);
	if (dz_grouping_is_of_time(dz_groups_grouping(groups)))
		qsort(chosen, count, sizeof *chosen, by_name);
	return chosen;
}

struct dz_compare *dz_compare_new(const struct dz_groups *groups, const struct dz_compare_options *options)
{
	struct dz_compare *compare = dz_mem_zalloc(1, sizeof *compare);
	const struct dz_group **chosen;
	size_t all = dz_groups_count(groups);

	compare->options = *options;
	compare->groups = groups;
	compare->shape = *dz_groups_shape(groups);
	compare->axis = *dz_groups_axis(groups);
	compare->count = options->top && options->top < all ? options->top : all;
	compare->left_out = all - compare->count;
	compare->items = dz_mem_zalloc(compare->count, sizeof *compare->items);
	chosen = choose(groups, compare->count);
	for (size_t i = 0; i < compare->count; i++)
		describe(compare, &compare->items[i], chosen[i]);
	free(chosen);
	measure(compare);
	if (options->baseline)
		compare->drift = dz_drift_new(groups, options->baseline, options->metric, options->top);
	compare->libraries = dz_groups_have_library(groups);
	if (options->contrast.permutations && compare->count > 1) {
		if (compare->libraries)
			contrast_cells(compare);
		else
			test_all(compare);
	}
	return compare;
}

void dz_compare_free(struct dz_compare *compare)
{
	if (!compare)
		return;
	for (size_t i = 0; i < compare->count; i++) {
		free(compare->items[i].mean);
		free(compare->items[i].sd);
		free(compare->items[i].pooled);
		free(compare->items[i].lengths);
	}
	free(compare->items);
	free(compare->distances);
	free(compare->contrasts);
	dz_drift_free(compare->drift);
	free(compare);
}
