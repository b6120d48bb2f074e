/* SPDX-License-Identifier: BSD-2-Clause */
/* test_permutation.c - p-values that can be counted out, and Holm's correction on a worked example. */
#include "config.h"
#include "math/permutation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define BINS 4u

static const struct dz_axis axis = { BINS, 32, 1 };

static const double low[BINS] = { 1, 0, 0, 0 };
static const double high[BINS] = { 0, 0, 0, 1 };
static const double mixed[BINS] = { 0.5, 0, 0, 0.5 };
static const double empty[BINS] = { 0 };

static struct dz_permutation_result run(enum dz_metric metric, uint32_t permutations, uint64_t seed,
					struct dz_permutation_group a, struct dz_permutation_group b)
{
	struct dz_permutation_options options = {
		.metric = metric, .axis = { BINS, 32, 1 }, .permutations = permutations, .seed = seed
	};
	struct dz_permutation_result result;

	dz_permutation_test(&options, &a, &b, &result);
	return result;
}

/* 3 flows against 3, disjoint: of the C(6,3) = 20 splits only the one seen and its mirror image reach T, so p is
 * about 2/20; with 19999 splits the standard deviation is sqrt(0.1 * 0.9 / 19999) = 0.0021. */
static void test_disjoint_groups(void **state)
{
	const double *a[] = { low, low, low }, *b[] = { high, high, high };

	(void)state;
	for (unsigned m = 0; m < DZ_METRIC_COUNT; m++) {
		struct dz_permutation_result result =
			run((enum dz_metric)m, 19999, 1, (struct dz_permutation_group){ a, 3 },
			    (struct dz_permutation_group){ b, 3 });
		double most = dz_metric_max((enum dz_metric)m, &axis);
		assert_true(fabs(result.statistic - most) <= 1e-12 * most);
		assert_true(fabs(result.p - 0.1) < 0.0105);
		assert_true(result.p == (1.0 + result.reached) / 20000);
		assert_int_equal(result.flows[0], 3);
		assert_int_equal(result.flows[1], 3);
	}
}

/* 1 flow against 4 like it, and a second group's flow that differs: T is the distance of means (1,0,0,0) and
 * (3/4, 0, 0, 1/4), total variation 1/4.  The odd one is alone in 1 of 5 splits, where T* is 1; else T* is T. So p is
 * 1: every split reaches T. */
static void test_statistic_is_the_distance_of_means(void **state)
{
	const double *a[] = { low }, *b[] = { low, low, low, high };
	struct dz_permutation_result result =
		run(DZ_METRIC_TOTAL_VARIATION, 500, 1, (struct dz_permutation_group){ a, 1 },
		    (struct dz_permutation_group){ b, 4 });

	(void)state;
	assert_true(fabs(result.statistic - 0.25) < 1e-15);
	assert_true(result.p == 1);
	/* The other way round: the odd one alone is what 1 of 5 splits show; s.d. of 20000 draws is 0.0028. */
	const double *c[] = { high }, *d[] = { low, low, low, low };
	result = run(DZ_METRIC_TOTAL_VARIATION, 20000, 1, (struct dz_permutation_group){ c, 1 },
		     (struct dz_permutation_group){ d, 4 });
	assert_true(fabs(result.statistic - 1) < 1e-15);
	assert_true(fabs(result.p - 0.2) < 0.0142);
	/* Which group comes first makes no difference but to the draws. */
	result = run(DZ_METRIC_TOTAL_VARIATION, 20000, 1, (struct dz_permutation_group){ d, 4 },
		     (struct dz_permutation_group){ c, 1 });
	assert_true(fabs(result.p - 0.2) < 0.0142);
}

/* Where every split looks the same, rounding must not make some look smaller. */
static void test_identical_flows_give_one(void **state)
{
	static const double thirds[BINS] = { 1.0 / 3, 1.0 / 3, 1.0 / 3, 0 };
	const double *flows[] = { thirds, thirds, thirds, thirds, thirds, thirds, thirds };

	(void)state;
	for (unsigned m = 0; m < DZ_METRIC_COUNT; m++) {
		struct dz_permutation_result result =
			run((enum dz_metric)m, 200, 1, (struct dz_permutation_group){ flows, 3 },
			    (struct dz_permutation_group){ flows, 7 });
		assert_true(result.statistic < 1e-12);
		assert_true(result.p == 1);
	}
}

static void test_seed_decides(void **state)
{
	const double *a[] = { low, low, mixed, mixed, low }, *b[] = { high, mixed, low, high, mixed };
	struct dz_permutation_group first = { a, 5 }, second = { b, 5 };
	bool differ = false;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		uint32_t reached = run(DZ_METRIC_HELLINGER, 300, seed, first, second).reached;
		assert_int_equal(reached, run(DZ_METRIC_HELLINGER, 300, seed, first, second).reached);
		differ |= reached != run(DZ_METRIC_HELLINGER, 300, seed + 1, first, second).reached;
	}
	assert_true(differ);
}

static void test_empty_vectors_are_left_out(void **state)
{
	const double *a[] = { empty, low, empty, low }, *b[] = { high, empty, high };
	const double *c[] = { low, low }, *d[] = { high, high };
	struct dz_permutation_result with = run(DZ_METRIC_HELLINGER, 999, 1, (struct dz_permutation_group){ a, 4 },
						(struct dz_permutation_group){ b, 3 });
	struct dz_permutation_result without = run(DZ_METRIC_HELLINGER, 999, 1, (struct dz_permutation_group){ c, 2 },
						   (struct dz_permutation_group){ d, 2 });

	(void)state;
	assert_int_equal(with.flows[0], 2);
	assert_int_equal(with.flows[1], 2);
	assert_true(with.statistic == without.statistic);
	assert_true(with.p == without.p);
}

static void test_nothing_to_test(void **state)
{
	const double *a[] = { empty, empty }, *b[] = { high, high };
	struct dz_permutation_group none = { NULL, 0 }, empties = { a, 2 }, some = { b, 2 };
	struct dz_permutation_result result = run(DZ_METRIC_HELLINGER, 99, 1, empties, some);

	(void)state;
	assert_true(result.p == 1);
	assert_true(result.statistic == 1);
	assert_int_equal(result.flows[0], 0);
	assert_true(run(DZ_METRIC_HELLINGER, 99, 1, some, none).p == 1);
	result = run(DZ_METRIC_HELLINGER, 99, 1, none, none);
	assert_true(result.p == 1);
	assert_true(result.statistic == 0);
	assert_true(run(DZ_METRIC_HELLINGER, 0, 1, some, some).p == 1);
}

/* Holm 1979: 0.01 * 4, 0.02 * 3, 0.03 * 2 (kept at 0.06: never less than the one before), 0.9 * 1. */
static void test_holm(void **state)
{
	double p[] = { 0.03, 0.01, 0.9, 0.02 }, adjusted[4];

	(void)state;
	dz_permutation_holm(p, 4, adjusted);
	assert_true(fabs(adjusted[0] - 0.06) < 1e-15);
	assert_true(fabs(adjusted[1] - 0.04) < 1e-15);
	assert_true(fabs(adjusted[2] - 0.9) < 1e-15);
	assert_true(fabs(adjusted[3] - 0.06) < 1e-15);

	double large[] = { 0.6, 0.7 }; /* 2 * 0.6 is cut to 1, and what follows is no smaller */
	dz_permutation_holm(large, 2, large);
	assert_true(large[0] == 1 && large[1] == 1);
	dz_permutation_holm(NULL, 0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disjoint_groups),
		cmocka_unit_test(test_statistic_is_the_distance_of_means),
		cmocka_unit_test(test_identical_flows_give_one),
		cmocka_unit_test(test_seed_decides),
		cmocka_unit_test(test_empty_vectors_are_left_out),
		cmocka_unit_test(test_nothing_to_test),
		cmocka_unit_test(test_holm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
