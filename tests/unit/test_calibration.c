/* SPDX-License-Identifier: BSD-2-Clause */
/* test_calibration.c - isotonic regression and steps of confidence, worked out by hand. */
#include "config.h"
#include "stats/calibration.h"

#include "math/isotonic.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_isotonic(void **state)
{
	double values[] = { 1, 3, 2, 2, 5, 4 }, weights[] = { 1, 1, 1, 2, 1, 3 };
	const double expected[] = { 1, 2.25, 2.25, 2.25, 4.25, 4.25 }; /* (3 + 2 + 4) / 4, (5 + 12) / 4 */

	(void)state;
	dz_isotonic(values, weights, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_true(fabs(values[i] - expected[i]) < 1e-12);
	dz_isotonic(values, weights, 0);
}

/* Input 1 has four flows at one score, one of them right: 1/4 of its weight. Inputs 2 and 3 are right above it. All:
 * (1/4 + 2) / 3 = 3/4, of which a half counts. Steps: one input of 1/4, drawn to (1/4 + 1) / 3; two of 1, drawn to
 * (2 + 1) / 4. */
static void test_steps(void **state)
{
	struct dz_trial trials[] = {
		{ 0.5, 7, 3, true }, { 0.1, 1, 1, true }, { 0.1, 3, 1, false }, { 0.3, 2, 2, true }
	};
	struct dz_calibration calibration;

	(void)state;
	dz_calibration_init(&calibration, trials, 4);
	assert_int_equal(calibration.inputs, 3);
	assert_true(fabs(calibration.base - 0.75) < 1e-12);
	assert_int_equal(calibration.count, 2);
	assert_true(fabs(calibration.steps[0].confidence - 1.25 / 3) < 1e-12 && calibration.steps[0].inputs == 1);
	assert_true(fabs(calibration.steps[1].confidence - 3.0 / 4) < 1e-12 && calibration.steps[1].inputs == 2);
	assert_ptr_equal(dz_calibration_at(&calibration, -9), &calibration.steps[0]);
	assert_ptr_equal(dz_calibration_at(&calibration, 0.19), &calibration.steps[0]);
	assert_ptr_equal(dz_calibration_at(&calibration, 0.21), &calibration.steps[1]); /* from the middle, 0.2, on */
	assert_ptr_equal(dz_calibration_at(&calibration, 9), &calibration.steps[1]);
	dz_calibration_release(&calibration);
}

/* A step of few inputs is drawn nearer to all than one of many: they would cross, and are pooled. One input is right at
 * 0.2 only, ten are wrong at 0.1, and ten of eleven right at 0.3 ... here: the top step of one input falls below the
 * step before it. */
static void test_never_falls(void **state)
{
	struct dz_trial trials[13];
	struct dz_calibration calibration;

	(void)state;
	for (uint32_t i = 0; i < 13; i++)
		trials[i] = (struct dz_trial){ i < 2 ? 0.1 : i < 12 ? 0.2 : 0.3, 1, i, i > 2 };
	/* All: 10/13, so a half. 0.1: 0 of 2; 0.2: 9 of 10, to (9 + 1) / 12 = 0.833; 0.3: 1 of 1, to (1 + 1) / 3. */
	dz_calibration_init(&calibration, trials, 13);
	assert_int_equal(calibration.count, 3);
	assert_true(calibration.steps[0].confidence < calibration.steps[1].confidence);
	assert_true(calibration.steps[1].confidence == calibration.steps[2].confidence);
	assert_true(fabs(calibration.steps[1].confidence - ((9 + 1) + (1 + 1)) / (12 + 3.0)) < 1e-12);
	assert_true(fabs(calibration.steps[0].confidence - 1.0 / 4) < 1e-12);
	dz_calibration_release(&calibration);
	dz_calibration_init(&calibration, trials, 0);
	assert_null(dz_calibration_at(&calibration, 0));
	dz_calibration_release(&calibration);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_isotonic), cmocka_unit_test(test_steps),
					    cmocka_unit_test(test_never_falls) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
