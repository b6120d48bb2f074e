/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scaling.c - classical scaling of distances that can be worked out by hand; tests/oracle/numerics.py has numpy.
 */
#include "config.h"
#include "math/scaling.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static bool is(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

/* Things at 0, 2 and 10 of a line: mean 4, the last one is farthest from it and so positive. */
static void test_line(void **state)
{
	const double distances[] = { 0, 2, 10, 2, 0, 8, 10, 8, 0 };
	double places[6];

	(void)state;
	assert_true(is(dz_scaling_plane(distances, 3, places), 1));
	assert_true(is(places[0], -4) && is(places[2], -2) && is(places[4], 6));
	for (unsigned i = 0; i < 3; i++)
		assert_true(fabs(places[2 * i + 1]) < 1e-6); /* the root of a rounding error */
}

/* The corners of a regular tetrahedron of edge 1: B = (I - 1/4) / 2 has three eigenvalues of 1/2, two are shown. */
static void test_space(void **state)
{
	double distances[16], places[8];

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		distances[i] = i % 5 ? 1 : 0;
	assert_true(is(dz_scaling_plane(distances, 4, places), 2.0 / 3));
}

/* 1, 1 and 3 break the triangle's law: B has the eigenvalues 9/2 (of (1, 0, -1) / sqrt 2), 0 and -5/6. */
static void test_no_space(void **state)
{
	const double distances[] = { 0, 1, 3, 1, 0, 1, 3, 1, 0 };
	double places[6];

	(void)state;
	assert_true(is(dz_scaling_plane(distances, 3, places), 1));
	assert_true(is(places[0], 1.5) && is(places[2], 0) && is(places[4], -1.5));
}

static void test_little(void **state)
{
	const double zeros[4] = { 0 };
	double places[4];

	(void)state;
	assert_true(dz_scaling_plane(zeros, 0, places) == 1);
	assert_true(dz_scaling_plane(zeros, 1, places) == 1 && places[0] == 0 && places[1] == 0);
	assert_true(dz_scaling_plane(zeros, 2, places) == 1 && places[0] == 0 && places[3] == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_no_space),
		cmocka_unit_test(test_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
