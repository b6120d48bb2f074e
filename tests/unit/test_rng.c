/* SPDX-License-Identifier: BSD-2-Clause */
/* test_rng.c - the generator against published numbers, and the fairness of what is built on it. */
#include "config.h"
#include "math/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* The state 1, 2, 3, 4 and the numbers after it are the test vector that the Rust crate rand_xoshiro made from the
 * authors' reference program. */
static void test_known_numbers(void **state)
{
	static const uint64_t expected[] = { UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240),
					     UINT64_C(1215971899390074240), UINT64_C(1216172134540287360) };
	struct dz_rng rng = { { 1, 2, 3, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_true(dz_rng_next(&rng) == expected[i]);
}

/* SplitMix64's first numbers for the seed 1234567, as published with its reference program (also on Rosetta Code). */
static void test_seed_expands_by_splitmix(void **state)
{
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 1234567);
	assert_true(rng.state[0] == UINT64_C(6457827717110365317));
	assert_true(rng.state[1] == UINT64_C(3203168211198807973));
	assert_true(rng.state[2] == UINT64_C(9817491932198370423));
	assert_true(rng.state[3] == UINT64_C(4593380528125082431));
}

static void test_below_stays_below_and_is_fair(void **state)
{
	unsigned seen[7] = { 0 };
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 5);
	for (unsigned i = 0; i < 70000; i++) {
		uint64_t number = dz_rng_below(&rng, 7);
		assert_true(number < 7);
		seen[number]++;
	}
	/* 10000 each, give or take 5 standard deviations of sqrt(70000 * 1/7 * 6/7) = 92.6. */
	for (unsigned i = 0; i < 7; i++)
		assert_in_range(seen[i], 9537, 10463);
	assert_true(dz_rng_below(&rng, 1) == 0);
	for (unsigned i = 0; i < 100; i++)
		assert_true(dz_rng_below(&rng, UINT64_MAX) < UINT64_MAX);
	/* Below 3/4 of 2^64 a third lies in the first quarter; a bare remainder would put half of them there.
	 * Standard deviation sqrt(9000 * 1/3 * 2/3) = 44.7. */
	unsigned low = 0;
	for (unsigned i = 0; i < 9000; i++)
		low += dz_rng_below(&rng, UINT64_C(3) << 62) < UINT64_C(1) << 62;
	assert_in_range(low, 2776, 3224);
}

static void test_unit_interval(void **state)
{
	struct dz_rng rng;
	double sum = 0;

	(void)state;
	dz_rng_init(&rng, 5);
	for (unsigned i = 0; i < 10000; i++) {
		double number = dz_rng_unit(&rng);
		assert_true(number >= 0 && number < 1);
		sum += number;
	}
	/* Mean 1/2, standard deviation sqrt(1/12/10000) = 0.0029. */
	assert_true(sum / 10000 > 0.485 && sum / 10000 < 0.515);
}

/* All 6 ordered choices of 2 out of 3 come equally often, and the items stay the same set. */
static void test_choice_is_fair(void **state)
{
	unsigned seen[3][3] = { { 0 } };
	uint32_t items[3] = { 0, 1, 2 };
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 9);
	for (unsigned i = 0; i < 60000; i++) {
		dz_rng_choose(&rng, items, 3, 2);
		assert_int_equal(items[0] + items[1] + items[2], 3);
		seen[items[0]][items[1]]++;
	}
	/* 10000 each, give or take 5 standard deviations of 91.3. */
	for (unsigned a = 0; a < 3; a++) {
		assert_int_equal(seen[a][a], 0);
		for (unsigned b = 0; b < 3; b++)
			assert_true(a == b || (seen[a][b] > 9543 && seen[a][b] < 10457));
	}
}

static void test_parts_have_seeds_of_their_own(void **state)
{
	(void)state;
	assert_true(dz_rng_derive(1, 0) != dz_rng_derive(1, 1));
	assert_true(dz_rng_derive(1, 1) != dz_rng_derive(2, 0));
	assert_true(dz_rng_derive(1, 1) != dz_rng_derive(2, 1));
	assert_true(dz_rng_derive(0, 0) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_numbers),
		cmocka_unit_test(test_seed_expands_by_splitmix),
		cmocka_unit_test(test_below_stays_below_and_is_fair),
		cmocka_unit_test(test_unit_interval),
		cmocka_unit_test(test_choice_is_fair),
		cmocka_unit_test(test_parts_have_seeds_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
