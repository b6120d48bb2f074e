/* SPDX-License-Identifier: BSD-2-Clause */
/* test_live_clock.c - steps of an hour and of a second, forth and back; slewing; packets that waited through a step. */
#include "config.h"
#include "capture/live_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define START (UINT64_C(1764158400) * 1000000000) /* the kernel's time when the monotonic clock shows BOOT */
#define BOOT (UINT64_C(5000) * 1000000000)

static struct dz_live_clock clock_;

static int set_up(void **state)
{
	(void)state;
	dz_live_clock_init(&clock_);
	return dz_live_clock_observe(&clock_, START, BOOT) != 0;
}

static int tear_down(void **state)
{
	(void)state;
	dz_live_clock_release(&clock_);
	return 0;
}

/* So much later, the kernel's clock being set by so much in all. */
static int64_t observe(int64_t later, int64_t set)
{
	return dz_live_clock_observe(&clock_, START + (uint64_t)(later + set), BOOT + (uint64_t)later);
}

static uint64_t steady(int64_t later, int64_t set)
{
	return dz_live_clock_steady(&clock_, START + (uint64_t)(later + set)) - START;
}

static uint64_t wall(uint64_t steady_since_start)
{
	return dz_live_clock_wall(&clock_, START + steady_since_start) - START;
}

static void without_steps_times_stay(void **state)
{
	(void)state;
	assert_int_equal(observe(10 * SECOND, 0), 0);
	assert_int_equal(steady(9 * SECOND, 0), 9 * SECOND);
	assert_int_equal(wall(9 * SECOND), 9 * SECOND);
	/* Slewed by half a second in each of ten looks: 5 s in all, and no step. */
	for (int i = 1; i <= 10; i++)
		assert_int_equal(observe((10 + i) * SECOND, i * SECOND / 2), 0);
	assert_int_equal(steady(20 * SECOND, 5 * SECOND), 25 * SECOND);
}

static void check_step(int64_t set)
{
	assert_int_equal(observe(10 * SECOND, 0), 0);
	assert_int_equal(observe(11 * SECOND, set), set);
	/* Steady time goes on as if nothing had been set, for packets from before and after. */
	assert_int_equal(steady(10 * SECOND + SECOND / 10, 0), 10 * SECOND + SECOND / 10);
	assert_int_equal(steady(10 * SECOND + SECOND / 2, set), 10 * SECOND + SECOND / 2); /* before it was seen */
	assert_int_equal(steady(11 * SECOND, set), 11 * SECOND);
	/* And each gets the time back that the kernel gave it. */
	assert_int_equal(wall(10 * SECOND + SECOND / 10), 10 * SECOND + SECOND / 10);
	assert_int_equal((int64_t)wall(10 * SECOND + SECOND / 2), 10 * SECOND + SECOND / 2 + set);
	assert_int_equal((int64_t)wall(11 * SECOND), 11 * SECOND + set);
	assert_int_equal(observe(12 * SECOND, set), 0);
	assert_int_equal(atomic_load(&clock_.count), 1);
}

static void an_hour_forth(void **state)
{
	(void)state;
	check_step(HOUR);
}

static void an_hour_back(void **state)
{
	(void)state;
	check_step(-HOUR);
}

static void a_second_and_a_half(void **state)
{
	(void)state;
	check_step(SECOND + SECOND / 2);
}

static void a_second_and_a_half_back(void **state)
{
	(void)state;
	check_step(-SECOND - SECOND / 2);
}

static void steps_add_up(void **state)
{
	(void)state;
	assert_int_equal(observe(10 * SECOND, HOUR), HOUR);
	assert_int_equal(observe(20 * SECOND, 0), -HOUR);
	assert_int_equal(observe(30 * SECOND, -HOUR), -HOUR);
	assert_int_equal(steady(30 * SECOND, -HOUR), 30 * SECOND);
	assert_int_equal(wall(5 * SECOND), 5 * SECOND);
	assert_int_equal((int64_t)wall(15 * SECOND), 15 * SECOND + HOUR);
	assert_int_equal(wall(25 * SECOND), 25 * SECOND);
	assert_int_equal((int64_t)wall(35 * SECOND), 35 * SECOND - HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_steps_times_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_hour_forth, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_hour_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_second_and_a_half, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_second_and_a_half_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(steps_add_up, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
