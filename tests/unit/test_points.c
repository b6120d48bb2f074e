/* SPDX-License-Identifier: BSD-2-Clause */
/* test_points.c - equal vectors become one point, whatever their number. */
#include "config.h"
#include "math/points.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define BINS 3u

static const struct dz_axis axis = { BINS, 32, 1 };

static void test_equal_vectors_are_one_point(void **state)
{
	const double a[BINS] = { 1, 0, 0 }, b[BINS] = { 0.5, 0.5, 0 }, empty[BINS] = { 0 };
	struct dz_points points;

	(void)state;
	dz_points_init(&points, DZ_METRIC_EUCLIDEAN, &axis);
	assert_int_equal(dz_points_add(&points, a, 1), 0);
	assert_int_equal(dz_points_add(&points, b, 2), 1);
	assert_int_equal(dz_points_add(&points, a, 5), 0);
	assert_int_equal(dz_points_add(&points, empty, 1), 2);
	assert_int_equal(dz_points_add(&points, empty, 1), 2);
	assert_int_equal(points.count, 3);
	assert_int_equal(points.weights[0], 6);
	assert_int_equal(points.weights[1], 2);
	assert_int_equal(points.weights[2], 2);
	assert_int_equal(points.total, 10);
	assert_true(dz_points_at(&points, 1)[1] == 50);
	dz_points_release(&points);
}

/* More than the first table holds, each twice, in two different orders. */
static void test_growth_keeps_the_numbers(void **state)
{
	const uint32_t many = 3000;
	struct dz_points points;

	(void)state;
	dz_points_init(&points, DZ_METRIC_HELLINGER, &axis);
	for (uint32_t i = 0; i < many; i++) {
		double vector[BINS] = { (double)i / many, 1 - (double)i / many, 0 };
		assert_int_equal(dz_points_add(&points, vector, 1), i);
	}
	for (uint32_t i = many; i-- > 0;) {
		double vector[BINS] = { (double)i / many, 1 - (double)i / many, 0 };
		assert_int_equal(dz_points_add(&points, vector, i), i);
		assert_int_equal(points.weights[i], 1 + i);
	}
	assert_int_equal(points.count, many);
	dz_points_release(&points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_vectors_are_one_point),
		cmocka_unit_test(test_growth_keeps_the_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
