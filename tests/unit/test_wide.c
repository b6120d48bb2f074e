/* SPDX-License-Identifier: BSD-2-Clause */
/* test_wide.c - numbers of 128 bits made of two halves, as 32-bit machines have them, beside the compiler's own. */
#include "config.h"
#define DZ_WIDE_PARTS
#include "base/wide.h"
#include "math/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* 2^64 - 1 squared is 2^128 - 2^65 + 1. */
static void products_sums_and_order(void **state)
{
	dz_wide square = dz_wide_product(UINT64_MAX, UINT64_MAX), one = dz_wide_of(1), sum;
	(void)state;
	assert_true(dz_wide_high(square) == UINT64_MAX - 1 && dz_wide_low(square) == 1);
	sum = dz_wide_add(dz_wide_of(UINT64_MAX), one);
	assert_true(dz_wide_high(sum) == 1 && dz_wide_low(sum) == 0);
	assert_true(dz_wide_compare(sum, dz_wide_of(UINT64_MAX)) > 0 && dz_wide_compare(one, sum) < 0);
	assert_int_equal(dz_wide_compare(sum, sum), 0);
	assert_true(dz_wide_shifted(sum, 1) == UINT64_C(1) << 63 && dz_wide_shifted(sum, 0) == 0);
	assert_true(dz_wide_shifted(square, 63) == UINT64_MAX - 3);
}

/* 2^64 + 1 lies halfway between two doubles, as 2^53 + 1 does; of three parts in four the upper is nearer. */
static void reals_are_the_nearest(void **state)
{
	(void)state;
	assert_true(dz_wide_real(dz_wide_of(UINT64_MAX)) == 0x1p64);
	assert_true(dz_wide_real(dz_wide_product(UINT64_C(1) << 60, UINT64_C(1) << 60)) == 0x1p120);
	for (uint64_t low = 0; low < 4096; low++) { /* the doubles from 2^64 on are 4096 apart */
		dz_wide value = dz_wide_add(dz_wide_of(UINT64_MAX), dz_wide_of(low + 1));
		assert_true(dz_wide_real(value) == (low > 2048 ? 0x1p64 + 4096 : 0x1p64));
	}
	/* A tie that one far bit breaks. */
	assert_true(dz_wide_real(dz_wide_add(dz_wide_product((UINT64_C(1) << 53) + 1, UINT64_C(1) << 62),
					     dz_wide_of(0))) == 0x1p115);
	assert_true(dz_wide_real(dz_wide_add(dz_wide_product((UINT64_C(1) << 53) + 1, UINT64_C(1) << 62),
					     dz_wide_of(1))) == 0x1p115 + 0x1p63);
	assert_true(dz_wide_long_real(dz_wide_product(UINT64_MAX, 1)) == (long double)UINT64_MAX);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 native;

static native whole(dz_wide a)
{
	return (native)dz_wide_high(a) << 64 | dz_wide_low(a);
}

/* Of any number of bits, so that all carries come up. */
static uint64_t any(struct dz_rng *rng)
{
	uint64_t bits = dz_rng_next(rng);
	return dz_rng_below(rng, 8) ? bits >> dz_rng_below(rng, 64) : ~(bits >> dz_rng_below(rng, 64));
}

static void it_is_as_the_compiler_has_it(void **state)
{
	struct dz_rng rng;
	(void)state;
	dz_rng_init(&rng, 1);
	for (unsigned i = 0; i < 200000; i++) {
		dz_wide a = { any(&rng), any(&rng) }, b = { any(&rng), any(&rng) };
		uint64_t number = any(&rng), divisor = any(&rng) | 1, rest;
		assert_true(whole(dz_wide_add(a, b)) == whole(a) + whole(b));
		assert_true(whole(dz_wide_product(a.low, number)) == (native)a.low * number);
		assert_true(whole(dz_wide_times(a, number)) == whole(a) * number);
		assert_true(whole(dz_wide_divide(a, divisor, &rest)) == whole(a) / divisor);
		assert_true(rest == whole(a) % divisor);
		assert_true(dz_wide_compare(a, b) == (whole(a) > whole(b)) - (whole(a) < whole(b)));
		assert_true(dz_wide_real(a) == (double)whole(a));
		assert_true(dz_wide_long_real(a) == (long double)whole(a));
		assert_true(dz_wide_shifted(a, number % 64) == (uint64_t)(whole(a) >> number % 64));
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(products_sums_and_order),
		cmocka_unit_test(reals_are_the_nearest),
#ifdef __SIZEOF_INT128__
		cmocka_unit_test(it_is_as_the_compiler_has_it),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
