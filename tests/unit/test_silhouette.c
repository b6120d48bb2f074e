/* SPDX-License-Identifier: BSD-2-Clause */
/* test_silhouette.c - silhouettes worked out by hand. With two bins the total variation of (x, 1 - x) and (y, 1 - y) is
 * |x - y|: points on a line. */
#include "config.h"
#include "math/silhouette.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct dz_axis axis = { 2, 32, 1 };

static void put(struct dz_points *points, double x, uint64_t weight)
{
	const double vector[] = { x, 1 - x };
	dz_points_add(points, vector, weight);
}

/* Points at five places, the first of two vectors. */
static void make(struct dz_points *points, const double *places)
{
	dz_points_init(points, DZ_METRIC_TOTAL_VARIATION, &axis);
	for (int i = 0; i < 5; i++)
		put(points, places[i], i ? 1 : 2);
}

/* Vectors at 0, 0, 0.1 in a cluster, at 0.6 and 1 in another, and noise at 0.5:
 *
 *   at    a                  b                       (b - a) / max(a, b)
 *   0     (0 + 0.1) / 2      (0.6 + 1) / 2           0.75 / 0.8, twice
 *   0.1   (0.1 + 0.1) / 2    (0.5 + 0.9) / 2         0.6 / 0.7
 *   0.6   0.4                (0.6 + 0.6 + 0.5) / 3   1 - 0.4 / (1.7 / 3)
 *   1     0.4                (1 + 1 + 0.9) / 3       1 - 0.4 / (2.9 / 3) */
static void test_two_clusters(void **state)
{
	const int32_t labels[] = { 0, 0, 1, -1, 1 };
	struct dz_points points;
	double mean;
	bool sampled;

	(void)state;
	make(&points, (const double[]){ 0, 0.1, 0.6, 0.5, 1 });
	put(&points, 0.5, 6);
	assert_true(dz_silhouette(&points, labels, 2, &mean, &sampled));
	assert_false(sampled);
	assert_true(fabs(mean - (2 * 0.9375 + 0.6 / 0.7 + (1 - 1.2 / 1.7) + (1 - 1.2 / 2.9)) / 5) < 1e-12);
	dz_points_release(&points);
}

/* The same, and a third cluster of one vector at 0.3, whose silhouette is 0 and which is nearest to all others: b is
 * 0.3, 0.2, 0.3 and 0.7. The one at 0.6 lies nearer to it than to its own: (0.3 - 0.4) / 0.4. A fourth is empty. */
static void test_a_cluster_of_one(void **state)
{
	const int32_t labels[] = { 0, 0, 1, 2, 1 };
	struct dz_points points;
	double mean;
	bool sampled;

	(void)state;
	make(&points, (const double[]){ 0, 0.1, 0.6, 0.3, 1 });
	assert_true(dz_silhouette(&points, labels, 4, &mean, &sampled));
	assert_true(fabs(mean - (2 * (0.25 / 0.3) + 0.5 - 0.25 + 0.3 / 0.7) / 6) < 1e-12);
	dz_points_release(&points);
}

static void test_fewer_than_two_clusters(void **state)
{
	const int32_t one[] = { 0, 0, -1 }, none[] = { -1, -1, -1 };
	struct dz_points points;
	double mean;
	bool sampled;

	(void)state;
	dz_points_init(&points, DZ_METRIC_TOTAL_VARIATION, &axis);
	put(&points, 0, 1);
	put(&points, 0.5, 1);
	put(&points, 1, 1);
	assert_false(dz_silhouette(&points, one, 1, &mean, &sampled));
	assert_false(dz_silhouette(&points, one, 2, &mean, &sampled)); /* the second has none */
	assert_false(dz_silhouette(&points, none, 1, &mean, &sampled));
	assert_true(mean == 0);
	dz_points_release(&points);
}

/* Two clusters from 0 to 0.1 and from 0.9 to 1, too many points for all pairs. Inside, the mean distance at u is
 * (u^2 + (0.1 - u)^2) / 0.2 and the other cluster is 0.95 - u away: the mean of 1 - a / b over u, by Simpson's rule. */
static void test_a_sample_of_many(void **state)
{
	enum { EACH = 10000, STEPS = 100 };
	static int32_t labels[2 * EACH];
	struct dz_points points;
	double mean, expected = 0;
	bool sampled;

	(void)state;
	dz_points_init(&points, DZ_METRIC_TOTAL_VARIATION, &axis);
	for (int i = 0; i < 2 * EACH; i++) {
		labels[i] = i % 2;
		put(&points, i % 2 * 0.9 + 0.1 * (i / 2) / (EACH - 1), 1);
	}
	for (int i = 0; i <= STEPS; i++) {
		double u = 0.1 * i / STEPS, a = (u * u + (0.1 - u) * (0.1 - u)) / 0.2;
		double weight = i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2;
		expected += weight * (1 - a / (0.95 - u)) / (3 * STEPS);
	}
	assert_true(dz_silhouette(&points, labels, 2, &mean, &sampled));
	assert_true(sampled);
	assert_true(fabs(mean - expected) < 1e-3);
	dz_points_release(&points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_clusters),
		cmocka_unit_test(test_a_cluster_of_one),
		cmocka_unit_test(test_fewer_than_two_clusters),
		cmocka_unit_test(test_a_sample_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
