/* SPDX-License-Identifier: BSD-2-Clause */
/* test_lanes.c - what lanes say of points and boxes against their reduced distances. */
#include "config.h"
#include "math/lanes.h"

#include "math/points.h"
#include "math/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { BINS = 40, BOX = 5, ROUNDS = 200 };

static const struct dz_axis axis = { BINS / 2, 32, 2 };

enum change { NEAR, FAR, APART };

static uint64_t draw(struct dz_rng *rng)
{
	return 1 + dz_rng_below(rng, UINT64_C(1) << dz_rng_below(rng, 20));
}

/* Into what hardly differs, into what differs a lot, or into what has nothing in common. */
static void change(struct dz_rng *rng, uint64_t counts[BINS], enum change change)
{
	for (unsigned k = 0; k < BINS; k++) {
		uint64_t before = counts[k];
		if (change == NEAR)
			counts[k] = before ? before * 1000000 + dz_rng_below(rng, 1000) : 0;
		else if (change == APART)
			counts[k] = before || dz_rng_below(rng, 2) ? 0 : draw(rng);
		else if (!dz_rng_below(rng, 4))
			counts[k] = dz_rng_below(rng, 2) ? 0 : draw(rng);
	}
	counts[BINS - 1]++;
}

/* Shares are from a millionth to all: the first is the center, the others lie in DZ_LANES boxes. */
static void fill(struct dz_points *points, enum dz_metric metric, struct dz_rng *rng, bool near)
{
	uint64_t first[BINS];

	dz_points_init(points, metric, &axis);
	for (unsigned k = 0; k < BINS; k++)
		first[k] = dz_rng_below(rng, 3) ? 0 : draw(rng);
	first[BINS - 1] = 0;
	first[dz_rng_below(rng, BINS - 1)]++;
	while (points->count < 1 + DZ_LANES * BOX) {
		uint64_t counts[BINS] = { 0 };
		double vector[BINS];
		memcpy(counts, first, sizeof counts);
		if (points->count)
			change(rng, counts, near ? NEAR : points->count % 4 == 2 ? APART : FAR);
		dz_distance_normalise(counts, BINS, vector);
		dz_points_add(points, vector, 1);
	}
}

static double whole_of(const struct dz_points *points, const double *point)
{
	const double nothing[BINS + 1] = { 0 };

	return dz_metric_sum(points->metric, dz_metric_rdist(points->metric, point, nothing, BINS + 1));
}

static double sum_of(const struct dz_points *points, uint32_t point)
{
	const double *center = dz_points_at(points, 0), *other = dz_points_at(points, point);

	return dz_metric_sum(points->metric, dz_metric_rdist(points->metric, center, other, BINS + 1));
}

/* Columns of the coordinates that the center has, of the values that were laid out for all. */
static uint32_t choose(const struct dz_points *points, const float *values, uint32_t width,
		       struct dz_lanes_column columns[BINS])
{
	const double *center = dz_points_at(points, 0);
	uint32_t count = 0;

	for (uint32_t k = 0; k < BINS; k++)
		if (center[k] > 0)
			columns[count++] = (struct dz_lanes_column){ (float)center[k], values + (size_t)k * width };
	return count;
}

/* Never more than it is but by the slack; where all terms are there, not less either. */
static void check_points(const struct dz_points *points)
{
	float values[BINS * DZ_LANES], in_common[DZ_LANES];
	struct dz_lanes_column columns[BINS];
	uint32_t count = choose(points, values, DZ_LANES, columns);
	double center = whole_of(points, dz_points_at(points, 0));

	for (uint32_t i = 0; i < DZ_LANES; i++)
		for (uint32_t k = 0; k < BINS; k++)
			values[k * DZ_LANES + i] = (float)dz_points_at(points, 1 + i)[k];
	dz_lanes_points(points->metric, columns, count, in_common);
	for (uint32_t i = 0; i < DZ_LANES; i++) {
		double wholes = center + whole_of(points, dz_points_at(points, 1 + i));
		double slack = (double)dz_lanes_slack(count, wholes);
		double sum = (double)((float)wholes - 2 * in_common[i]), right = sum_of(points, 1 + i);
		bool shared = false;
		for (uint32_t c = 0; c < count; c++)
			shared |= columns[c].values[i] > 0;
		assert_true(sum <= right + slack);
		assert_true(sum >= right - slack - (points->metric == DZ_METRIC_JENSEN_SHANNON ? 0.07 * wholes : 0));
		assert_true((in_common[i] > 0) == shared);
	}
}

/* Each box has BOX points. */
static void check_boxes(const struct dz_points *points)
{
	float values[2 * BINS * DZ_LANES], moved[DZ_LANES], in_common[DZ_LANES];
	struct dz_lanes_column columns[BINS];
	uint32_t count = choose(points, values, 2 * DZ_LANES, columns);
	double center = whole_of(points, dz_points_at(points, 0));

	for (uint32_t i = 0; i < DZ_LANES; i++) {
		for (uint32_t k = 0; k < BINS; k++) {
			float *low = &values[k * 2 * DZ_LANES + i], *high = low + DZ_LANES;
			*low = *high = (float)dz_points_at(points, 1 + i * BOX)[k];
			for (uint32_t j = 1; j < BOX; j++) {
				*low = fminf(*low, (float)dz_points_at(points, 1 + i * BOX + j)[k]);
				*high = fmaxf(*high, (float)dz_points_at(points, 1 + i * BOX + j)[k]);
			}
		}
	}
	dz_lanes_boxes(points->metric, columns, count, moved, in_common);
	for (uint32_t i = 0; i < DZ_LANES; i++) {
		double lows[BINS + 1] = { 0 }, least = INFINITY, most = 0, slack;
		for (uint32_t k = 0; k < BINS; k++)
			lows[k] = (double)values[k * 2 * DZ_LANES + i];
		for (uint32_t j = 0; j < BOX; j++) {
			least = fmin(least, whole_of(points, dz_points_at(points, 1 + i * BOX + j)));
			most = fmax(most, whole_of(points, dz_points_at(points, 1 + i * BOX + j)));
		}
		slack = (double)dz_lanes_slack(count, center + most);
		for (uint32_t j = 0; j < BOX; j++) {
			double right = sum_of(points, 1 + i * BOX + j);
			assert_true(center + whole_of(points, lows) + (double)moved[i] <= right + slack);
			assert_true(center + least - 2 * (double)in_common[i] <= right + slack);
		}
	}
}

static void test_never_farther_than_it_is(void **state)
{
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 21);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (int metric = 0; metric < DZ_METRIC_COUNT; metric++) {
			struct dz_points points;
			fill(&points, (enum dz_metric)metric, &rng, round % 2);
			check_points(&points);
			check_boxes(&points);
			dz_points_release(&points);
		}
	}
}

/* A box of one point is that point: the center (0.8, 0.2) moved into it is at the sum of (0.5, 0, 0.5), and with 0.4
 * in common where both are least. */
static void test_a_box_of_one_point(void **state)
{
	float values[2][2][DZ_LANES] = { { { 0.25F }, { 0.25F } },
					 { { 0 }, { 0 } } }; /* halves, as they are embedded */
	struct dz_lanes_column columns[2] = { { 0.4F, values[0][0] }, { 0.1F, values[1][0] } };
	float moved[DZ_LANES], in_common[DZ_LANES];

	(void)state;
	dz_lanes_boxes(DZ_METRIC_TOTAL_VARIATION, columns, 2, moved, in_common);
	assert_true(fabsf(in_common[0] - 0.25F) < 1e-6F);
	assert_true(fabsf(0.5F + 0.5F + moved[0] - 0.5F) < 1e-6F); /* 1/2 (0.3 + 0.2 + 0.5), the wholes being halves */
	assert_true(in_common[1] == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_farther_than_it_is),
		cmocka_unit_test(test_a_box_of_one_point),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
