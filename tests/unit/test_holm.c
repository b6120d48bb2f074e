/* SPDX-License-Identifier: BSD-2-Clause */
/* test_holm.c - Holm's correction on a worked example. */
#include "config.h"
#include "math/holm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Holm 1979: 0.01 * 4, 0.02 * 3, 0.03 * 2 (kept at 0.06: never less than the one before), 0.9 * 1. */
static void test_holm(void **state)
{
	double p[] = { 0.03, 0.01, 0.9, 0.02 }, adjusted[4];

	(void)state;
	dz_holm(p, 4, adjusted);
	assert_true(fabs(adjusted[0] - 0.06) < 1e-15);
	assert_true(fabs(adjusted[1] - 0.04) < 1e-15);
	assert_true(fabs(adjusted[2] - 0.9) < 1e-15);
	assert_true(fabs(adjusted[3] - 0.06) < 1e-15);

	double large[] = { 0.6, 0.7 }; /* 2 * 0.6 is cut to 1, and what follows is no smaller */
	dz_holm(large, 2, large);
	assert_true(large[0] == 1 && large[1] == 1);
	dz_holm(NULL, 0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
