/* SPDX-License-Identifier: BSD-2-Clause */
/* test_vptree.c - what the tree finds against looking at every point. */
#include "config.h"
#include "math/vptree.h"

#include "math/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define BINS 8u

static const struct dz_axis axis = { BINS, 32, 1 };
#define MANY 700u

static void fill(struct dz_points *points, enum dz_metric metric, uint64_t seed)
{
	struct dz_rng rng;

	dz_rng_init(&rng, seed);
	dz_points_init(points, metric, &axis);
	while (points->count < MANY) {
		uint64_t counts[BINS] = { 0 };
		double vector[BINS];
		for (uint64_t packets = dz_rng_below(&rng, 30); packets; packets--)
			counts[dz_rng_below(&rng, 1 + dz_rng_below(&rng, BINS))]++;
		dz_distance_normalise(counts, BINS, vector);
		dz_points_add(points, vector, 1);
	}
}

struct found {
	const struct dz_points *points;
	unsigned char times[MANY];
	uint32_t count, most;
	double limit;
	bool narrowing; /* the limit follows the nearest one found */
	double nearest;
};

static bool want_even(void *context, uint32_t point)
{
	(void)context;
	return point % 2 == 0;
}

static double visit(void *context, uint32_t point, double rdist)
{
	struct found *found = context;

	assert_true(rdist <= found->limit);
	found->times[point]++;
	found->count++;
	if (found->narrowing) {
		found->limit = rdist;
		found->nearest = rdist;
	}
	return found->count >= found->most ? -1 : found->limit;
}

static void test_finds_exactly_those_within_the_limit(void **state)
{
	uint32_t members[MANY];
	struct dz_points points;

	(void)state;
	for (unsigned m = 0; m < DZ_METRIC_COUNT; m++) {
		enum dz_metric metric = (enum dz_metric)m;
		double most = dz_metric_distance_to_rdist(metric, dz_metric_max(metric, &axis));
		fill(&points, metric, m);
		for (uint32_t i = 0; i < MANY; i++)
			members[i] = i;
		struct dz_vptree *tree = dz_vptree_new(&points, members, MANY);
		for (uint32_t i = 0; i < MANY; i += 13) {
			for (double part = 0; part <= 1.01; part += 0.17) {
				struct found found = { .points = &points, .most = UINT32_MAX, .limit = part * most };
				struct dz_vptree_query query = { .center = dz_points_at(&points, i),
								 .limit = part * most,
								 .context = &found,
								 .want = i % 2 ? want_even : NULL,
								 .visit = visit };
				dz_vptree_search(tree, &query);
				for (uint32_t k = 0; k < MANY; k++) {
					double rdist = dz_metric_rdist(metric, query.center, dz_points_at(&points, k),
								       points.dims);
					bool wanted = i % 2 == 0 || k % 2 == 0;
					assert_int_equal(found.times[k], wanted && rdist <= part * most);
				}
			}
		}
		dz_vptree_free(tree);
		dz_points_release(&points);
	}
}

static void test_narrowing_finds_the_nearest(void **state)
{
	uint32_t members[MANY];
	struct dz_points points;

	(void)state;
	fill(&points, DZ_METRIC_HELLINGER, 77);
	for (uint32_t i = 1; i < MANY; i += 2)
		members[i / 2] = i;
	struct dz_vptree *tree = dz_vptree_new(&points, members, MANY / 2); /* the odd ones */
	uint64_t rdists = 0;
	for (uint32_t i = 0; i < MANY; i += 2) {
		struct found found = { .points = &points, .most = UINT32_MAX, .limit = INFINITY, .narrowing = true };
		struct dz_vptree_query query = {
			.center = dz_points_at(&points, i), .limit = INFINITY, .context = &found, .visit = visit
		};
		rdists += dz_vptree_search(tree, &query);
		double nearest = INFINITY;
		for (uint32_t k = 1; k < MANY; k += 2)
			nearest = fmin(nearest, dz_metric_rdist(points.metric, query.center, dz_points_at(&points, k),
								points.dims));
		assert_true(fabs(found.nearest - nearest) < 1e-14); /* the tree adds up in another order */
		for (uint32_t k = 0; k < MANY; k += 2)
			assert_int_equal(found.times[k], 0);
	}
	/* The point of the tree: far fewer reduced distances than pairs. */
	assert_true(rdists < (uint64_t)(MANY / 2) * (MANY / 2) / 2);
	dz_vptree_free(tree);
	dz_points_release(&points);
}

static void test_stops_when_told(void **state)
{
	uint32_t members[MANY];
	struct dz_points points;

	(void)state;
	fill(&points, DZ_METRIC_TOTAL_VARIATION, 5);
	for (uint32_t i = 0; i < MANY; i++)
		members[i] = i;
	struct dz_vptree *tree = dz_vptree_new(&points, members, MANY);
	struct found found = { .points = &points, .most = 9, .limit = 1 };
	struct dz_vptree_query query = {
		.center = dz_points_at(&points, 0), .limit = 1, .context = &found, .visit = visit
	};
	dz_vptree_search(tree, &query);
	assert_int_equal(found.count, 9);
	dz_vptree_free(tree);
	dz_points_release(&points);
}

static void test_small_trees(void **state)
{
	const double vector[BINS] = { 1 };
	struct dz_points points;

	(void)state;
	dz_points_init(&points, DZ_METRIC_HELLINGER, &axis);
	dz_points_add(&points, vector, 1);
	for (uint32_t size = 0; size < 2; size++) {
		struct dz_vptree *tree = dz_vptree_new(&points, &(uint32_t){ 0 }, size);
		struct found found = { .points = &points, .most = UINT32_MAX, .limit = 0 };
		struct dz_vptree_query query = {
			.center = dz_points_at(&points, 0), .limit = 0, .context = &found, .visit = visit
		};
		dz_vptree_search(tree, &query);
		assert_int_equal(found.count, size);
		dz_vptree_free(tree);
	}
	dz_vptree_free(NULL);
	dz_points_release(&points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_exactly_those_within_the_limit),
		cmocka_unit_test(test_narrowing_finds_the_nearest),
		cmocka_unit_test(test_stops_when_told),
		cmocka_unit_test(test_small_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
