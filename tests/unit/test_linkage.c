/* SPDX-License-Identifier: BSD-2-Clause */
/* test_linkage.c - average linkage by hand; tests/oracle/numerics.py has scipy. */
#include "config.h"
#include "math/linkage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Things at 0, 7, 1 and 20 of a line: 0 and 1 at 1; these and 7 at (7 + 6) / 2; these and 20 at (20 + 19 + 13) / 3. */
static void test_line(void **state)
{
	const double at[4] = { 0, 7, 1, 20 };
	double distances[16];
	struct dz_linkage_step steps[3];
	uint32_t order[4];

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		distances[i] = fabs(at[i / 4] - at[i % 4]);
	dz_linkage(distances, 4, steps);
	assert_true(steps[0].a == 0 && steps[0].b == 2 && steps[0].height == 1);
	assert_true(steps[1].a == 4 && steps[1].b == 1 && fabs(steps[1].height - 6.5) < 1e-12);
	assert_true(steps[2].a == 5 && steps[2].b == 3 && fabs(steps[2].height - 52.0 / 3) < 1e-12);
	dz_linkage_order(steps, 4, order);
	assert_memory_equal(order, ((const uint32_t[]){ 0, 2, 1, 3 }), sizeof order);
}

static void test_little(void **state)
{
	const double none[4] = { 0 };
	struct dz_linkage_step step;
	uint32_t order[2] = { 9, 9 };

	(void)state;
	dz_linkage(none, 0, &step);
	dz_linkage_order(&step, 0, order);
	assert_int_equal(order[0], 9);
	dz_linkage(none, 1, &step);
	dz_linkage_order(&step, 1, order);
	assert_int_equal(order[0], 0);
	dz_linkage(none, 2, &step);
	dz_linkage_order(&step, 2, order);
	assert_true(step.a == 0 && step.b == 1 && step.height == 0 && order[0] == 0 && order[1] == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
