/* SPDX-License-Identifier: BSD-2-Clause */
/* test_boxes.c - what the boxes find against looking at every point. */
#include "config.h"
#include "math/boxes.h"

#include "base/mem.h"
#include "math/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BINS = 70, SETS = 4, MANY = 900, QUERIES = 40 };

static const struct dz_axis axis = { BINS / 2, 32, 2 };

/* Few bins for most, so that sets have coordinates that are 0 in all of them; some have none at all. */
static void fill_some(struct dz_points *points, enum dz_metric metric, struct dz_rng *rng, uint32_t wanted,
		      uint32_t least)
{
	dz_points_init(points, metric, &axis);
	while (points->count < wanted) {
		uint64_t counts[BINS] = { 0 };
		double vector[BINS];
		uint32_t first = (uint32_t)dz_rng_below(rng, 8) * 8;
		for (uint64_t packets = least + dz_rng_below(rng, 40); packets; packets--)
			counts[first + dz_rng_below(rng, 1 + dz_rng_below(rng, 6))]++;
		dz_distance_normalise(counts, BINS, vector);
		dz_points_add(points, vector, 1);
	}
}

static void fill(struct dz_points *points, enum dz_metric metric, struct dz_rng *rng)
{
	fill_some(points, metric, rng, MANY, 0);
}

/* The second set has nothing, and the last all the points of the others once more. */
static struct dz_boxes *make(const struct dz_points *points, uint32_t *members, uint32_t *ends)
{
	for (uint32_t i = 0; i < MANY; i++)
		members[i] = members[MANY + i] = i;
	ends[0] = ends[1] = MANY / 3;
	ends[2] = MANY;
	ends[3] = 2 * MANY;
	return dz_boxes_new(points, members, ends, SETS);
}

struct found {
	double limits[SETS];
	double *rdists; /* by set and point; -1: not visited */
	bool narrowing;
};

static double limit_of(void *context, uint32_t set)
{
	const struct found *found = context;
	double most = 0;

	for (uint32_t s = 0; s < SETS; s++)
		if (set == s || set == DZ_BOXES_ANY)
			most = fmax(most, found->limits[s]);
	return most;
}

static void visit(void *context, uint32_t set, uint32_t point, double rdist)
{
	struct found *found = context;

	assert_true(rdist <= found->limits[set]);
	assert_true(found->rdists[set * MANY + point] < 0);
	found->rdists[set * MANY + point] = rdist;
	if (found->narrowing)
		found->limits[set] = rdist;
}

/* All within a limit that stays, and the nearest of each set, to the last digit. */
static void check_query(const struct dz_points *points, const struct dz_boxes *boxes, const uint32_t *members,
			const uint32_t *ends, struct dz_rng *rng, bool narrowing)
{
	const double *center = dz_points_at(points, (uint32_t)dz_rng_below(rng, MANY));
	double largest = dz_metric_distance_to_rdist(points->metric, dz_metric_max(points->metric, &axis));
	struct found found = { .narrowing = narrowing, .rdists = dz_mem_zalloc(SETS * MANY, sizeof *found.rdists) };
	uint32_t first = (uint32_t)dz_rng_below(rng, SETS);
	struct dz_boxes_query query = { center, first, SETS, &found, limit_of, visit };

	for (uint32_t s = 0; s < SETS; s++)
		found.limits[s] = narrowing ? largest : largest * dz_rng_unit(rng);
	for (uint32_t i = 0; i < SETS * MANY; i++)
		found.rdists[i] = -1;
	assert_true(dz_boxes_search(boxes, &query) > 0);
	for (uint32_t s = 0; s < SETS; s++) {
		double least = INFINITY;
		for (uint32_t i = s ? ends[s - 1] : 0; i < ends[s]; i++) {
			double rdist =
				dz_metric_rdist(points->metric, center, dz_points_at(points, members[i]), points->dims);
			least = fmin(least, rdist);
			if (!narrowing)
				assert_true(found.rdists[s * MANY + members[i]] ==
					    (s >= first && rdist <= found.limits[s] ? rdist : -1));
		}
		if (narrowing && s >= first && least <= largest)
			assert_true(found.limits[s] == least);
	}
	free(found.rdists);
}

static void test_against_every_point(void **state)
{
	uint32_t *members = dz_mem_zalloc(2 * (size_t)MANY, sizeof *members), ends[SETS];
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 11);
	for (int metric = 0; metric < DZ_METRIC_COUNT; metric++) {
		struct dz_points points;
		struct dz_boxes *boxes;
		fill(&points, (enum dz_metric)metric, &rng);
		boxes = make(&points, members, ends);
		for (unsigned i = 0; i < QUERIES; i++)
			check_query(&points, boxes, members, ends, &rng, i % 2);
		dz_boxes_free(boxes);
		dz_points_release(&points);
	}
	free(members);
}

/* A near point is found without looking at most of the others. */
static void test_looks_at_few(void **state)
{
	uint32_t *members = dz_mem_zalloc(2 * (size_t)MANY, sizeof *members), ends[SETS];
	struct found found = { .narrowing = true, .rdists = dz_mem_zalloc(SETS * MANY, sizeof *found.rdists) };
	struct dz_points points;
	struct dz_boxes *boxes;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 12);
	fill(&points, DZ_METRIC_HELLINGER, &rng);
	boxes = make(&points, members, ends);
	for (uint32_t i = 0; i < SETS * MANY; i++)
		found.rdists[i] = -1;
	found.limits[3] = 1;
	assert_true(dz_boxes_search(boxes, &(struct dz_boxes_query){ dz_points_at(&points, 5), 3, 4, &found, limit_of,
								     visit }) < MANY / 4);
	assert_true(found.limits[3] == 0);
	dz_boxes_free(boxes);
	dz_points_release(&points);
	free(found.rdists);
	free(members);
}

/* All of the center is in one bin, where no point has more than a hundredth: sqrt(1 - 2 * sqrt(1/2 * 1/200)) is 0.949,
 * and no nearer point is looked for below that. Moved into the box, the center would be at 0.636. */
static void test_those_with_little_in_common_are_passed_over(void **state)
{
	uint64_t counts[BINS] = { 1 };
	double vector[BINS], center[BINS + 1];
	struct found found = { .limits = { 0.9 }, .rdists = dz_mem_zalloc(SETS * MANY, sizeof *found.rdists) };
	struct dz_points points;
	struct dz_boxes *boxes;
	struct dz_rng rng;
	uint32_t members[MANY], end = MANY;

	(void)state;
	dz_rng_init(&rng, 14);
	dz_distance_normalise(counts, BINS, vector);
	dz_metric_embed(DZ_METRIC_HELLINGER, vector, &axis, center);
	dz_points_init(&points, DZ_METRIC_HELLINGER, &axis);
	while (points.count < MANY) {
		for (unsigned k = 1; k < BINS; k++)
			counts[k] = dz_rng_below(&rng, 100);
		counts[0] = dz_rng_below(&rng, 20);
		dz_distance_normalise(counts, BINS, vector);
		members[points.count] = points.count;
		dz_points_add(&points, vector, 1);
	}
	boxes = dz_boxes_new(&points, members, &end, 1);
	assert_int_equal(dz_boxes_search(boxes, &(struct dz_boxes_query){ center, 0, 1, &found, limit_of, visit }), 1);
	dz_boxes_free(boxes);
	dz_points_release(&points);
	free(found.rdists);
}

/* Where anything is near that is not as far as can be, those with nothing in common with the center are not looked at,
 * however little below the largest distance the limit is. */
static void test_those_with_nothing_in_common_are_passed_over(void **state)
{
	static const enum dz_metric metrics[] = { DZ_METRIC_HELLINGER, DZ_METRIC_JENSEN_SHANNON, DZ_METRIC_COSINE,
						  DZ_METRIC_CHI_SQUARED, DZ_METRIC_TOTAL_VARIATION };
	const struct dz_axis lengths = { BINS, 32, 1 };
	uint32_t members[MANY], end = MANY;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 15);
	for (unsigned m = 0; m < sizeof metrics / sizeof *metrics; m++) {
		double rdist = dz_metric_distance_to_rdist(metrics[m], 1);
		struct found found = { .limits = { rdist * (1 - 1e-9) },
				       .rdists = dz_mem_zalloc(SETS * MANY, sizeof *found.rdists) };
		double vector[BINS] = { 1 }, center[BINS + 1];
		struct dz_points points;
		struct dz_boxes *boxes;
		dz_metric_embed(metrics[m], vector, &lengths, center);
		dz_points_init(&points, metrics[m], &lengths);
		while (points.count < MANY) {
			uint64_t counts[BINS] = { points.count == MANY / 2 };
			for (unsigned k = 1; k < BINS; k++)
				counts[k] = dz_rng_below(&rng, 100);
			dz_distance_normalise(counts, BINS, vector);
			members[points.count] = points.count;
			found.rdists[points.count] = -1;
			dz_points_add(&points, vector, 1);
		}
		boxes = dz_boxes_new(&points, members, &end, 1);
		assert_true(dz_boxes_search(boxes, &(struct dz_boxes_query){ center, 0, 1, &found, limit_of, visit }) <
			    MANY / 4);
		assert_true(found.rdists[MANY / 2] > 0.9 * rdist);
		dz_boxes_free(boxes);
		dz_points_release(&points);
		free(found.rdists);
	}
}

/* ---- very many sets of few points ---- */

enum { CROWDED = 600 }; /* sets */

struct least {
	double limits[CROWDED], limit; /* of each, and of all */
	uint32_t visits;
};

static double least_limit(void *context, uint32_t set)
{
	const struct least *least = context;
	return set == DZ_BOXES_ANY ? least->limit : fmin(least->limits[set], least->limit);
}

static void note_least(void *context, uint32_t set, uint32_t point, double rdist)
{
	struct least *least = context;

	(void)point;
	assert_true(rdist <= least->limits[set]);
	least->limits[set] = rdist;
	least->visits++;
}

/* Set s has three points, or none, or, being the 13th or so, forty. */
static uint32_t crowd_size(uint32_t set)
{
	return set % 100 == 13 ? 40 : set % 7 == 5 ? 0 : 3;
}

/* All that is within a limit, of every set the nearest only; and of one set alone. */
static void check_crowd(const struct dz_points *points, const struct dz_boxes *boxes, const uint32_t *members,
			const uint32_t *ends, struct dz_rng *rng)
{
	const double *center = dz_points_at(points, (uint32_t)dz_rng_below(rng, points->count));
	double largest = dz_metric_distance_to_rdist(points->metric, dz_metric_max(points->metric, &axis));
	double limit = largest * dz_rng_unit(rng);
	uint32_t one = (uint32_t)dz_rng_below(rng, CROWDED);
	struct least all = { .limit = limit }, alone = { .limit = limit };

	for (uint32_t set = 0; set < CROWDED; set++)
		all.limits[set] = alone.limits[set] = INFINITY;
	dz_boxes_search(boxes, &(struct dz_boxes_query){ center, 0, CROWDED, &all, least_limit, note_least });
	dz_boxes_search(boxes, &(struct dz_boxes_query){ center, one, one + 1, &alone, least_limit, note_least });
	for (uint32_t set = 0; set < CROWDED; set++) {
		double least = INFINITY;
		for (uint32_t i = set ? ends[set - 1] : 0; i < ends[set]; i++)
			least = fmin(least, dz_metric_rdist(points->metric, center, dz_points_at(points, members[i]),
							    points->dims));
		least = least <= limit ? least : INFINITY;
		assert_true(all.limits[set] == least);
		assert_true(alone.limits[set] == (set == one ? least : INFINITY));
	}
}

static void test_many_small_sets(void **state)
{
	uint32_t ends[CROWDED], *members;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 16);
	for (uint32_t set = 0; set < CROWDED; set++)
		ends[set] = (set ? ends[set - 1] : 0) + crowd_size(set);
	members = dz_mem_zalloc(ends[CROWDED - 1], sizeof *members);
	for (int metric = 0; metric < DZ_METRIC_COUNT; metric++) {
		struct dz_points points;
		struct dz_boxes *boxes;
		fill(&points, (enum dz_metric)metric, &rng);
		for (uint32_t i = 0; i < ends[CROWDED - 1]; i++)
			members[i] = (uint32_t)dz_rng_below(&rng, points.count);
		boxes = dz_boxes_new(&points, members, ends, CROWDED);
		for (unsigned i = 0; i < QUERIES; i++)
			check_crowd(&points, boxes, members, ends, &rng);
		dz_boxes_free(boxes);
		dz_points_release(&points);
	}
	free(members);
}

/* Of sets of two points anywhere the boxes tell nothing: each would be opened. */
static void test_looks_at_few_of_many_small_sets(void **state)
{
	enum { PAIRS = MANY / 2 };
	uint32_t members[MANY], ends[PAIRS];
	struct least least = { .limit = 0 };
	struct dz_points points;
	struct dz_boxes *boxes;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 17);
	fill(&points, DZ_METRIC_HELLINGER, &rng);
	for (uint32_t i = 0; i < MANY; i++)
		members[i] = i / 2 + i % 2 * PAIRS;
	for (uint32_t set = 0; set < PAIRS; set++) {
		ends[set] = 2 * set + 2;
		least.limits[set] = INFINITY;
	}
	boxes = dz_boxes_new(&points, members, ends, PAIRS);
	assert_true(dz_boxes_search(boxes, &(struct dz_boxes_query){ dz_points_at(&points, 5), 0, PAIRS, &least,
								     least_limit, note_least }) < MANY / 4);
	assert_true(least.limits[5] == 0 && least.visits == 1);
	dz_boxes_free(boxes);
	dz_points_release(&points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_those_with_little_in_common_are_passed_over),
		cmocka_unit_test(test_those_with_nothing_in_common_are_passed_over),
		cmocka_unit_test(test_against_every_point),
		cmocka_unit_test(test_looks_at_few),
		cmocka_unit_test(test_many_small_sets),
		cmocka_unit_test(test_looks_at_few_of_many_small_sets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
