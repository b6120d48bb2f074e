/* SPDX-License-Identifier: BSD-2-Clause */
/* permutation.c - see permutation.h.
 *
 * Flows fill few of their bins, so the vectors are kept as lists of filled
 * cells; and only the smaller group of a split is added up: the other's sum is
 * the rest of the total, exactly, since sums are integers. */
#include "config.h"
#include "math/permutation.h"

#include "base/mem.h"
#include "math/rng.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct cell {
	uint32_t bin;
	int64_t value; /* the vector's entry times 2^bits */
};

/* Both groups' non-empty vectors, the first group's first. */
struct pool {
	const struct dz_permutation_options *options;
	uint32_t count;
	int bits;       /* chosen so that no sum passes 2^62 */
	size_t *starts; /* count + 1: flow i's cells are [starts[i], starts[i+1]) */
	struct cell *cells;
	int64_t *total; /* bins: the sum of all flows */
	int64_t *part;  /* bins: the sum of the flows in the smaller group */
	double *means;  /* two vectors */
	double *points; /* the two, embedded */
};

/* ---- filling ---- */

static void add_vector(struct pool *pool, const double *vector)
{
	size_t end = pool->starts[pool->count];

	for (uint32_t k = 0; k < dz_axis_size(&pool->options->axis); k++) {
		if (!(vector[k] > 0))
			continue;
		int64_t value = llrint(ldexp(vector[k], pool->bits));
		pool->cells[end].bin = k;
		pool->cells[end++].value = value;
		pool->total[k] += value;
	}
	if (end > pool->starts[pool->count])
		pool->starts[++pool->count] = end;
}

static size_t add_group(struct pool *pool, const struct dz_permutation_group *group)
{
	uint32_t before = pool->count;

	for (size_t i = 0; i < group->count; i++)
		add_vector(pool, group->vectors[i]);
	return pool->count - before;
}

static size_t count_cells(const struct dz_permutation_group *group, uint32_t bins)
{
	size_t count = 0;

	for (size_t i = 0; i < group->count; i++)
		for (uint32_t k = 0; k < bins; k++)
			count += group->vectors[i][k] > 0;
	return count;
}

static void pool_init(struct pool *pool, const struct dz_permutation_options *options, size_t flows, size_t cells)
{
	uint32_t bins = dz_axis_size(&options->axis);

	memset(pool, 0, sizeof *pool);
	pool->options = options;
	pool->bits = 61;
	for (size_t capacity = 1; capacity < flows; capacity *= 2)
		pool->bits--;
	pool->starts = dz_mem_zalloc(flows + 1, sizeof *pool->starts);
	pool->cells = dz_mem_zalloc(cells, sizeof *pool->cells);
	pool->total = dz_mem_zalloc(bins, sizeof *pool->total);
	pool->part = dz_mem_zalloc(bins, sizeof *pool->part);
	pool->means = dz_mem_zalloc((size_t)bins * 2, sizeof *pool->means);
	pool->points = dz_mem_zalloc((size_t)dz_metric_dims(&options->axis) * 2, sizeof *pool->points);
}

static void pool_release(struct pool *pool)
{
	free(pool->starts);
	free(pool->cells);
	free(pool->total);
	free(pool->part);
	free(pool->means);
	free(pool->points);
}

/* ---- the statistic ---- */

/* The distance between the means of the flows in `members` and of all the others. */
static double statistic(struct pool *pool, const uint32_t *members, size_t count)
{
	const struct dz_permutation_options *options = pool->options;
	uint32_t bins = dz_axis_size(&options->axis), dims = dz_metric_dims(&options->axis);
	double *means = pool->means, *points = pool->points;

	memset(pool->part, 0, bins * sizeof *pool->part);
	for (size_t i = 0; i < count; i++) {
		const struct cell *cell = pool->cells + pool->starts[members[i]];
		const struct cell *end = pool->cells + pool->starts[members[i] + 1];
		for (; cell < end; cell++)
			pool->part[cell->bin] += cell->value;
	}
	for (uint32_t k = 0; k < bins; k++) {
		size_t others = pool->count - count;
		means[k] = count ? (double)pool->part[k] / ldexp((double)count, pool->bits) : 0;
		means[bins + k] =
			others ? (double)(pool->total[k] - pool->part[k]) / ldexp((double)others, pool->bits) : 0;
	}
	dz_metric_embed(options->metric, means, &options->axis, points);
	dz_metric_embed(options->metric, means + bins, &options->axis, points + dims);
	return dz_metric_gap_to_distance(options->metric, dz_metric_gap(options->metric, points, points + dims, dims));
}

static uint32_t count_reached(struct pool *pool, uint32_t *members, size_t chosen, double threshold)
{
	const struct dz_permutation_options *options = pool->options;
	struct dz_rng rng;
	uint32_t reached = 0;

	dz_rng_init(&rng, options->seed);
	for (uint32_t i = 0; i < options->permutations; i++) {
		dz_rng_choose(&rng, members, pool->count, chosen);
		if (statistic(pool, members, chosen) >= threshold)
			reached++;
	}
	return reached;
}

void dz_permutation_test(const struct dz_permutation_options *options, const struct dz_permutation_group *a,
			 const struct dz_permutation_group *b, struct dz_permutation_result *result)
{
	struct pool pool;
	double slack = 1e-12 * dz_metric_max(options->metric, &options->axis);

	memset(result, 0, sizeof *result);
	pool_init(&pool, options, a->count + b->count,
		  count_cells(a, dz_axis_size(&options->axis)) + count_cells(b, dz_axis_size(&options->axis)));
	result->flows[0] = add_group(&pool, a);
	result->flows[1] = add_group(&pool, b);

	/* The members of the smaller group go first; which group that is makes no difference to a distance. */
	uint32_t *members = dz_mem_zalloc(pool.count, sizeof *members);
	bool first = result->flows[0] <= result->flows[1];
	uint32_t shift = first ? 0 : (uint32_t)result->flows[0];
	for (uint32_t i = 0; i < pool.count; i++)
		members[i] = (i + shift) % pool.count;
	size_t chosen = result->flows[first ? 0 : 1];

	result->statistic = statistic(&pool, members, chosen);
	result->p = 1;
	if (chosen) {
		result->reached = count_reached(&pool, members, chosen, result->statistic - slack);
		result->p = (1 + (double)result->reached) / (1 + (double)options->permutations);
	}
	free(members);
	pool_release(&pool);
}

/* ---- many tests ---- */

struct ranked {
	double p;
	size_t index;
};

static int compare_ranked(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->p < b->p)
		return -1;
	if (a->p > b->p)
		return 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

void dz_permutation_holm(const double *p, size_t count, double *adjusted)
{
	struct ranked *order = dz_mem_zalloc(count, sizeof *order);
	double largest = 0;

	for (size_t i = 0; i < count; i++)
		order[i] = (struct ranked){ p[i], i };
	qsort(order, count, sizeof *order, compare_ranked);
	for (size_t rank = 0; rank < count; rank++) {
		largest = fmax(largest, fmin(1, (double)(count - rank) * order[rank].p));
		adjusted[order[rank].index] = largest;
	}
	free(order);
}
