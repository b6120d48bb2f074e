/* SPDX-License-Identifier: BSD-2-Clause */
/* test_distance.c - the metrics on vectors whose distances can be worked out by hand, and the laws they obey. */
#include "config.h"
#include "math/distance.h"

#include "math/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define BINS 6u
#define WIDTH 32u

static const struct dz_axis axis = { BINS, WIDTH, 1 }, usual = { 48, 32, 1 };
#define DIMS 7u

static const double first[BINS] = { 1, 0, 0, 0, 0, 0 };
static const double third[BINS] = { 0, 0, 1, 0, 0, 0 };
static const double last[BINS] = { 0, 0, 0, 0, 0, 1 };
static const double empty[BINS] = { 0 };
static const double half[BINS] = { 0.5, 0.5, 0, 0, 0, 0 };

static double apart(enum dz_metric metric, const double *a, const double *b)
{
	return dz_distance(metric, a, b, &axis);
}

static void assert_near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-12 * fmax(1, fabs(b))))
		fail_msg("%.17g is not %.17g", a, b);
}

static void test_names(void **state)
{
	enum dz_metric metric;

	(void)state;
	for (unsigned i = 0; i < DZ_METRIC_COUNT; i++) {
		assert_true(dz_metric_from_name(dz_metric_name((enum dz_metric)i), &metric));
		assert_int_equal(metric, i);
	}
	assert_string_equal(dz_metric_name(DZ_METRIC_HELLINGER), "hellinger");
	assert_string_equal(dz_metric_name(DZ_METRIC_TOTAL_VARIATION), "total-variation");
	assert_false(dz_metric_from_name("Hellinger", &metric));
	assert_false(dz_metric_from_name("", &metric));
}

/* Half of the mass in common: first against half. */
static void test_half_overlap(void **state)
{
	(void)state;
	/* 1 - sum sqrt(a b) = 1 - sqrt(1/2) */
	assert_near(apart(DZ_METRIC_HELLINGER, first, half), sqrt(1 - sqrt(0.5)));
	/* m = (3/4, 1/4): KL(a||m) = log2(4/3), KL(b||m) = (log2(2/3) + log2(2)) / 2 = log2(4/3) / 2 */
	assert_near(apart(DZ_METRIC_JENSEN_SHANNON, first, half), sqrt((log2(4.0 / 3) + log2(4.0 / 3) / 2) / 2));
	/* percent (100, 0) and (50, 50) */
	assert_near(apart(DZ_METRIC_EUCLIDEAN, first, half), sqrt(5000));
	/* 45 degrees */
	assert_near(apart(DZ_METRIC_COSINE, first, half), 1 - sqrt(0.5));
	/* half of the mass moves one bin */
	assert_near(apart(DZ_METRIC_WASSERSTEIN, first, half), 16);
	/* ((1/2)^2 / (3/2) + (1/2)^2 / (1/2)) / 2 = (1/6 + 1/2) / 2 */
	assert_near(apart(DZ_METRIC_CHI_SQUARED, first, half), 1.0 / 3);
	assert_near(apart(DZ_METRIC_TOTAL_VARIATION, first, half), 0.5);
}

static void test_disjoint_bins_are_at_the_maximum(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DZ_METRIC_COUNT; i++) {
		enum dz_metric metric = (enum dz_metric)i;
		assert_near(apart(metric, first, last), dz_metric_max(metric, &axis));
	}
	assert_near(apart(DZ_METRIC_WASSERSTEIN, first, third), 64);
	assert_near(dz_metric_max(DZ_METRIC_WASSERSTEIN, &usual), 1504);
	assert_near(dz_metric_max(DZ_METRIC_EUCLIDEAN, &usual), 100 * sqrt(2));
	assert_near(dz_metric_max(DZ_METRIC_HELLINGER, &usual), 1);
}

static void test_empty_is_as_far_as_can_be(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DZ_METRIC_COUNT; i++) {
		enum dz_metric metric = (enum dz_metric)i;
		double most = dz_metric_max(metric, &axis);
		assert_true(apart(metric, empty, empty) == 0);
		assert_near(apart(metric, empty, first), most);
		assert_near(apart(metric, half, empty), most);
		assert_near(apart(metric, last, empty), most);
	}
}

/* Percent truncated to integers, as nDPI's reader has them: (99 and 1) against (49, 50 and 1). */
static void test_euclidean_takes_sums_below_one(void **state)
{
	static const double a[BINS] = { 0.99, 0, 0, 0, 0, 0.01 }, b[BINS] = { 0.49, 0.5, 0, 0, 0, 0 };

	(void)state;
	assert_near(apart(DZ_METRIC_EUCLIDEAN, a, b), sqrt(50 * 50 + 50 * 50 + 1));
}

/* Vectors that differ by d in two bins of mass 1/2.  To the second order in d, hellinger is d / sqrt 2,
 * jensen-shannon d / sqrt(2 ln 2), chi-squared d^2 and cosine 2 d^2. */
static void test_nearly_equal_vectors_keep_their_digits(void **state)
{
	double a[BINS] = { 0.5, 0.5 }, b[BINS] = { 0.5 + 1e-9, 0.5 - 1e-9 };
	double d = b[0] - 0.5; /* as it was rounded */

	(void)state;
	assert_true(fabs(apart(DZ_METRIC_HELLINGER, a, b) / (d / sqrt(2)) - 1) < 1e-6);
	assert_true(fabs(apart(DZ_METRIC_JENSEN_SHANNON, a, b) / (d / sqrt(2 * log(2))) - 1) < 1e-6);
	assert_true(fabs(apart(DZ_METRIC_CHI_SQUARED, a, b) / (d * d) - 1) < 1e-6);
	assert_true(fabs(apart(DZ_METRIC_COSINE, a, b) / (2 * d * d) - 1) < 1e-6);
}

static void test_normalise(void **state)
{
	const uint64_t counts[BINS] = { 1, 0, 3, 0, 0, 0 }, same[BINS] = { 7, 0, 21, 0, 0, 0 }, none[BINS] = { 0 };
	double a[BINS], b[BINS];

	(void)state;
	assert_near(dz_distance_normalise(counts, BINS, a), 4);
	assert_near(a[0], 0.25);
	assert_near(a[2], 0.75);
	assert_near(dz_distance_normalise(same, BINS, b), 28);
	assert_memory_equal(a, b, sizeof a);
	assert_near(dz_distance_normalise(none, BINS, a), 0);
	assert_memory_equal(a, empty, sizeof a);
}

/* ---- laws, on random vectors ---- */

static void random_vector(struct dz_rng *rng, double *vector)
{
	uint64_t counts[BINS];

	for (unsigned k = 0; k < BINS; k++) {
		uint64_t count = dz_rng_below(rng, 20);
		counts[k] = count < 10 ? 0 : count - 9;
	}
	dz_distance_normalise(counts, BINS, vector);
}

static void test_metric_laws(void **state)
{
	double vectors[3][BINS], points[3][DIMS];
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 3);
	for (unsigned round = 0; round < 3000; round++) {
		for (unsigned i = 0; i < 3; i++)
			random_vector(&rng, vectors[i]);
		for (unsigned m = 0; m < DZ_METRIC_COUNT; m++) {
			enum dz_metric metric = (enum dz_metric)m;
			double most = dz_metric_max(metric, &axis);
			for (unsigned i = 0; i < 3; i++)
				dz_metric_embed(metric, vectors[i], &axis, points[i]);
			double ab = dz_metric_rdist(metric, points[0], points[1], DIMS);
			double bc = dz_metric_rdist(metric, points[1], points[2], DIMS);
			double ac = dz_metric_rdist(metric, points[0], points[2], DIMS);
			double distance = apart(metric, vectors[0], vectors[1]);
			assert_true(distance >= 0 && distance <= most * (1 + 1e-15));
			assert_true(distance == apart(metric, vectors[1], vectors[0]));
			assert_true((distance == 0) == !memcmp(vectors[0], vectors[1], sizeof vectors[0]));
			assert_true(ac <= ab + bc + 1e-12 * most);
			assert_near(dz_metric_rdist_to_distance(metric, ab), distance);
			assert_true(fabs(dz_metric_distance_to_rdist(metric, distance) - ab) <= 1e-7 * most);
			assert_true(dz_metric_rdist(metric, points[0], points[0], DIMS) == 0);
		}
	}
}

/* Within the limit the reduced distance is exact, beyond it only "beyond" is promised. */
static void test_gap_within_a_limit(void **state)
{
	double a[BINS], b[BINS], p[DIMS], q[DIMS];
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 4);
	for (unsigned round = 0; round < 3000; round++) {
		random_vector(&rng, a);
		random_vector(&rng, b);
		for (unsigned m = 0; m < DZ_METRIC_COUNT; m++) {
			enum dz_metric metric = (enum dz_metric)m;
			dz_metric_embed(metric, a, &axis, p);
			dz_metric_embed(metric, b, &axis, q);
			double rdist = dz_metric_rdist(metric, p, q, DIMS);
			assert_true(dz_metric_rdist_within(metric, p, q, DIMS, rdist) == rdist);
			assert_true(dz_metric_rdist_within(metric, p, q, DIMS, rdist * 1.5) == rdist);
			if (rdist > 0) {
				assert_true(dz_metric_rdist_within(metric, p, q, DIMS, rdist * 0.99) > rdist * 0.99);
				assert_true(dz_metric_rdist_within(metric, p, q, DIMS, rdist * 0.2) > rdist * 0.2);
				assert_true(dz_metric_rdist_within(metric, p, q, DIMS, 0) > 0);
			}
		}
	}
}

/* Two directions: three bins of 32 bytes each; Wasserstein adds both up, and knows no way from one into the other. */
static void test_two_directions(void **state)
{
	static const struct dz_axis two = { 3, 32, 2 };
	static const double first_of_source[6] = { 1 }, last_of_source[6] = { 0, 0, 1 },
			    first_of_other[6] = { 0, 0, 0, 1 };

	(void)state;
	assert_int_equal(dz_axis_size(&two), 6);
	/* The source's cumulated vectors are (1, 1, 1) and (0, 0, 1). */
	assert_near(dz_distance(DZ_METRIC_WASSERSTEIN, first_of_source, last_of_source, &two), 64);
	/* (1, 1, 1 | 0, 0, 0) and (0, 0, 0 | 1, 1, 1): the most there is. */
	assert_near(dz_distance(DZ_METRIC_WASSERSTEIN, first_of_source, first_of_other, &two), 192);
	assert_near(dz_metric_max(DZ_METRIC_WASSERSTEIN, &two), 192);
	/* (0, 0, 1 | 0, 0, 0) and (0, 0, 0 | 1, 1, 1): joined into one vector these would be neighbours. */
	assert_near(dz_distance(DZ_METRIC_WASSERSTEIN, last_of_source, first_of_other, &two), 128);
	assert_near(dz_distance(DZ_METRIC_HELLINGER, last_of_source, first_of_other, &two), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_directions),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_half_overlap),
		cmocka_unit_test(test_disjoint_bins_are_at_the_maximum),
		cmocka_unit_test(test_empty_is_as_far_as_can_be),
		cmocka_unit_test(test_euclidean_takes_sums_below_one),
		cmocka_unit_test(test_nearly_equal_vectors_keep_their_digits),
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_metric_laws),
		cmocka_unit_test(test_gap_within_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
