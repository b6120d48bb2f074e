/* SPDX-License-Identifier: BSD-2-Clause */
/* test_summary.c - entropy, quantiles and leading bins of distributions small enough to see through. */
#include "config.h"
#include "math/summary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define BINS 5u
#define WIDTH 32u

static void assert_near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-9))
		fail_msg("%.17g is not %.17g", a, b);
}

static void test_entropy(void **state)
{
	const double even[4] = { 2, 2, 2, 2 }, one[4] = { 0, 9, 0, 0 }, none[4] = { 0 }, skewed[4] = { 2, 1, 1, 0 };

	(void)state;
	assert_near(dz_summary_entropy(even, 4), 2);
	assert_near(dz_summary_entropy(one, 4), 0);
	assert_false(signbit(dz_summary_entropy(one, 4)));
	assert_near(dz_summary_entropy(none, 4), 0);
	assert_near(dz_summary_entropy(skewed, 4), 1.5); /* 1/2 * 1 + 2 * 1/4 * 2 */
}

/* Ten packets: 4 in 32..63, 4 in 64..95, 2 at 128 and above. */
static void test_quantiles(void **state)
{
	const double weights[BINS] = { 0, 4, 4, 0, 2 };

	(void)state;
	assert_int_equal(dz_summary_quantile_bin(weights, BINS, 0), 1);
	assert_int_equal(dz_summary_quantile_bin(weights, BINS, 0.4), 1);
	assert_int_equal(dz_summary_quantile_bin(weights, BINS, 0.41), 2);
	assert_int_equal(dz_summary_quantile_bin(weights, BINS, 0.8), 2);
	assert_int_equal(dz_summary_quantile_bin(weights, BINS, 0.81), 4);
	assert_int_equal(dz_summary_quantile_bin(weights, BINS, 1), 4);

	assert_near(dz_summary_quantile(weights, BINS, WIDTH, 0), 32);
	assert_near(dz_summary_quantile(weights, BINS, WIDTH, 0.2), 48);
	assert_near(dz_summary_quantile(weights, BINS, WIDTH, 0.4), 64);
	assert_near(dz_summary_quantile(weights, BINS, WIDTH, 0.5), 72); /* a quarter of the way through 64..96 */
	assert_near(dz_summary_quantile(weights, BINS, WIDTH, 0.9), 128);
	assert_near(dz_summary_quantile(weights, BINS, WIDTH, 1), 128);
}

static void test_quantiles_of_special_distributions(void **state)
{
	const double none[BINS] = { 0 }, first[BINS] = { 7, 0, 0, 0, 0 };
	double tenths[BINS] = { 0.1, 0.2, 0.3, 0.4, 0 }; /* adds up to 1 only after rounding */

	(void)state;
	assert_int_equal(dz_summary_quantile_bin(none, BINS, 0.5), BINS);
	assert_near(dz_summary_quantile(none, BINS, WIDTH, 0.5), 0);
	assert_near(dz_summary_quantile(first, BINS, WIDTH, 1), 32);
	assert_int_equal(dz_summary_quantile_bin(tenths, BINS, 1), 3);
	assert_near(dz_summary_quantile(tenths, BINS, WIDTH, 1), 128);
}

static void test_range(void **state)
{
	struct dz_summary_range range = dz_summary_range(46, 48, 32);

	(void)state;
	assert_int_equal(range.first, 1472);
	assert_int_equal(range.last, 1503);
	assert_false(range.open);
	range = dz_summary_range(47, 48, 32);
	assert_int_equal(range.first, 1504);
	assert_true(range.open);
	assert_true(range.last == UINT32_MAX);
}

static void test_leading(void **state)
{
	const double weights[6] = { 1, 5, 0, 5, 2, 7 };
	struct dz_summary_bin leading[6];

	(void)state;
	assert_int_equal(dz_summary_leading(weights, 6, leading, 3), 3);
	assert_int_equal(leading[0].bin, 5);
	assert_near(leading[0].share, 0.35);
	assert_int_equal(leading[1].bin, 1);
	assert_int_equal(leading[2].bin, 3);
	assert_int_equal(dz_summary_leading(weights, 6, leading, 6), 5);
	assert_int_equal(leading[3].bin, 4);
	assert_int_equal(leading[4].bin, 0);
	assert_int_equal(dz_summary_leading(weights, 6, leading, 0), 0);
	assert_int_equal(dz_summary_leading((const double[]){ 0, 0 }, 2, leading, 6), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entropy),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_quantiles_of_special_distributions),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_leading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
