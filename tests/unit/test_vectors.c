/* SPDX-License-Identifier: BSD-2-Clause */
/* test_vectors.c - counts of the same ratios are one distribution; what comes out is what went in. */
#include "config.h"
#include "stats/vectors.h"

#include "record/hist.h"
#include "math/rng.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_ratios(void **state)
{
	const uint64_t a[4] = { 2, 0, 4, 6 }, b[4] = { 3, 0, 6, 9 }, c[4] = { 1, 2, 3, 0 }, none[4] = { 0 };
	const uint64_t huge[4] = { 0, UINT64_C(1) << 53, 0, 0 }, one[4] = { 0, 1, 0, 0 };
	struct dz_vectors vectors;
	uint64_t counts[4];
	double vector[4];

	(void)state;
	dz_vectors_init(&vectors, 4);
	assert_int_equal(dz_vectors_add(&vectors, a), 0);
	assert_int_equal(dz_vectors_add(&vectors, b), 0);
	assert_int_equal(dz_vectors_add(&vectors, c), 1);
	assert_int_equal(dz_vectors_add(&vectors, none), 2);
	assert_int_equal(dz_vectors_add(&vectors, huge), 3);
	assert_int_equal(dz_vectors_add(&vectors, one), 3);
	assert_int_equal(dz_vectors_count(&vectors), 4);
	assert_true(dz_vectors_is_empty(&vectors, 2));
	assert_false(dz_vectors_is_empty(&vectors, 3));
	assert_int_equal(dz_vectors_counts(&vectors, 0, counts), 6);
	assert_memory_equal(counts, ((uint64_t[]){ 1, 0, 2, 3 }), sizeof counts);
	dz_vectors_get(&vectors, 0, vector);
	assert_true(vector[0] == 1.0 / 6 && vector[1] == 0 && vector[2] == 2.0 / 6 && vector[3] == 0.5);
	dz_vectors_get(&vectors, 2, vector);
	assert_true(vector[0] == 0 && vector[3] == 0);
	dz_vectors_release(&vectors);
}

/* Widest shape, counts of every length of number, filled here and there. */
static void test_random(void **state)
{
	enum { BINS = DZ_HIST_MAX_BINS, VECTORS = 50 };
	static uint64_t put[VECTORS][BINS], got[BINS];
	struct dz_vectors vectors;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 1);
	dz_vectors_init(&vectors, BINS);
	for (unsigned v = 0; v < VECTORS; v++) {
		put[v][v] = 1; /* nothing to divide by */
		for (unsigned i = 0; i < v * 40; i++)
			put[v][dz_rng_below(&rng, BINS)] = dz_rng_next(&rng) >> (11 + dz_rng_below(&rng, 53));
		put[v][BINS - 1] = 1;
		assert_int_equal(dz_vectors_add(&vectors, put[v]), v);
	}
	for (unsigned v = 0; v < VECTORS; v++) {
		dz_vectors_counts(&vectors, v, got);
		assert_memory_equal(got, put[v], sizeof got);
	}
	dz_vectors_release(&vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_ratios), cmocka_unit_test(test_random) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
