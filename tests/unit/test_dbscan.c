/* SPDX-License-Identifier: BSD-2-Clause */
/* test_dbscan.c - the clustering on small hand-made sets, and against the textbook's algorithm on random ones. */
#include "config.h"
#include "math/dbscan.h"

#include "math/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define LINE 211u /* bins of a line on which a point is one filled bin: its wasserstein distances are plain numbers */
#define BINS 5u   /* of the random vectors */

static const struct dz_axis axis = { BINS, 32, 1 }, line_axis = { LINE, 1, 1 }, three = { 3, 1, 1 };
#define MANY 400u

/* Points at whole places on a line, one byte apart. */
static struct dz_dbscan *line_of(const unsigned *places, size_t count, uint32_t *numbers)
{
	struct dz_dbscan *db = dz_dbscan_new(DZ_METRIC_WASSERSTEIN, &line_axis);

	for (size_t i = 0; i < count; i++) {
		double vector[LINE] = { 0 };
		vector[places[i]] = 1;
		numbers[i] = dz_dbscan_add(db, vector, 1);
	}
	return db;
}

static struct dz_dbscan_result cluster_line(const unsigned *places, size_t count, double eps, uint64_t min_samples,
					    int32_t *labels)
{
	struct dz_dbscan_options options = { .eps = eps, .min_samples = min_samples };
	struct dz_dbscan_result result;
	uint32_t numbers[LINE];
	int32_t of_points[LINE];
	struct dz_dbscan *db = line_of(places, count, numbers);

	dz_dbscan_run(db, &options, of_points, NULL, &result);
	for (size_t i = 0; i < count; i++)
		labels[i] = of_points[numbers[i]];
	dz_dbscan_free(db);
	return result;
}

static void assert_labels(const int32_t *labels, const int32_t *expected, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (labels[i] != expected[i])
			fail_msg("label %zu is %d, not %d", i, labels[i], expected[i]);
}

/* Two groups and one far off; the group that appears first is number 0. */
static void test_groups_and_noise(void **state)
{
	const unsigned places[] = { 50, 10, 51, 11, 90, 12, 52 };
	const int32_t expected[] = { 0, 1, 0, 1, DZ_DBSCAN_NOISE, 1, 0 };
	int32_t labels[7];
	struct dz_dbscan_result result = cluster_line(places, 7, 1, 3, labels);

	(void)state;
	assert_labels(labels, expected, 7);
	assert_int_equal(result.clusters, 2);
	/* Of three in a row only the middle has three neighbours, itself included. */
	assert_int_equal(result.core_points, 2);
	assert_int_equal(result.border_points, 4);
	assert_int_equal(result.noise_points, 1);
}

/* Exactly eps is within eps; the point itself counts. */
static void test_limits_are_included(void **state)
{
	const unsigned places[] = { 10, 15, 21 };
	int32_t labels[3];

	(void)state;
	cluster_line(places, 3, 5, 2, labels);
	assert_labels(labels, (const int32_t[]){ 0, 0, -1 }, 3);
	cluster_line(places, 3, 4.999, 2, labels);
	assert_labels(labels, (const int32_t[]){ -1, -1, -1 }, 3);
	cluster_line(places, 3, 4.999, 1, labels);
	assert_labels(labels, (const int32_t[]){ 0, 1, 2 }, 3);
	cluster_line(places, 3, 6, 3, labels);
	assert_labels(labels, (const int32_t[]){ 0, 0, 0 }, 3);
	cluster_line(places, 3, 0, 1, labels);
	assert_labels(labels, (const int32_t[]){ 0, 1, 2 }, 3);
}

/* 0.8 - 0.7 is more than 0.1 in doubles; a distance of a tenth must still count as within a tenth. */
static void test_rounding_does_not_exclude(void **state)
{
	const double a[3] = { 0.8, 0.2, 0 }, b[3] = { 0.7, 0.3, 0 };
	struct dz_dbscan_options options = { .eps = 0.1, .min_samples = 2 };
	struct dz_dbscan_result result;
	struct dz_dbscan *db = dz_dbscan_new(DZ_METRIC_TOTAL_VARIATION, &three);
	int32_t labels[2];

	(void)state;
	assert_true(dz_distance(DZ_METRIC_TOTAL_VARIATION, a, b, &three) > 0.1);
	dz_dbscan_add(db, a, 1);
	dz_dbscan_add(db, b, 1);
	dz_dbscan_run(db, &options, labels, NULL, &result);
	assert_int_equal(result.clusters, 1);
	dz_dbscan_free(db);
}

/* A border point between two clusters joins the nearer; the first added of two as near. */
static void test_border_points(void **state)
{
	/* Cores 10 and 22 (4 within 4 each), 17 is 7 from 10 and 5 from 22: no. Cores at 13 and 19 see 16. */
	const unsigned nearer[] = { 10, 11, 12, 13, 17, 20, 21, 22, 23 };
	const unsigned middle[] = { 20, 21, 22, 23, 16, 9, 10, 11, 12 };
	int32_t labels[9];

	(void)state;
	/* eps 4, at least 5: with 17 in reach of 13 and of 20, both of which see 5; 17 itself sees 13, 20, 21: 4. */
	cluster_line(nearer, 9, 4, 5, labels);
	assert_labels(labels, (const int32_t[]){ 0, 0, 0, 0, 1, 1, 1, 1, 1 }, 9);
	/* 16 is 4 from 20 and 4 from 12, sees itself and those two; 20 was added first. */
	cluster_line(middle, 9, 4, 5, labels);
	assert_labels(labels, (const int32_t[]){ 0, 0, 0, 0, 0, 1, 1, 1, 1 }, 9);
}

/* A long chain is one cluster; many balls have to be united. */
static void test_chain(void **state)
{
	unsigned places[LINE];
	int32_t labels[LINE];

	(void)state;
	for (unsigned i = 0; i < LINE; i++)
		places[i] = i * 37 % LINE; /* 37 and 211 have no common factor: every place once */
	struct dz_dbscan_result result = cluster_line(places, LINE, 1, 2, labels);
	assert_int_equal(result.clusters, 1);
	assert_int_equal(result.noise_points, 0);
	result = cluster_line(places, LINE, 3, 7, labels);
	assert_int_equal(result.clusters, 1);
	assert_int_equal(result.core_points, LINE - 6);
}

/* Adds the places from..to, upwards or downwards. */
static size_t add_places(unsigned *places, size_t count, unsigned from, unsigned to)
{
	places[count++] = from;
	while (from != to) {
		from += from < to ? 1 : -1U;
		places[count++] = from;
	}
	return count;
}

/* Balls of many points that touch at a single pair, their leaders two eps apart: 0 leads 0..10, 40 leads 30..40, and
 * 10 is just 20 from 30. */
static void test_big_balls_touch(void **state)
{
	unsigned places[LINE];
	int32_t labels[LINE];

	(void)state;
	size_t count = add_places(places, add_places(places, 0, 0, 10), 40, 30);
	struct dz_dbscan_result result = cluster_line(places, count, 20, 5, labels);
	assert_int_equal(result.clusters, 1);
	result = cluster_line(places, count, 19.5, 5, labels);
	assert_int_equal(result.clusters, 2);
	/* A ball in the middle, added last, touches both of the others. */
	count = add_places(places, add_places(places, 0, 0, 10), 80, 70);
	count = add_places(places, add_places(places, count, 40, 30), 41, 50);
	result = cluster_line(places, count, 20, 5, labels);
	assert_int_equal(result.clusters, 1);
	/* So many points that a ball is searched by a tree: 0..34 and 140..106, whose ends are 72 apart. */
	count = add_places(places, add_places(places, 0, 0, 34), 140, 106);
	result = cluster_line(places, count, 72, 5, labels);
	assert_int_equal(result.clusters, 1);
	result = cluster_line(places, count, 71.5, 5, labels);
	assert_int_equal(result.clusters, 2);
}

/* Equal vectors are one point; its weight makes it core. */
static void test_weights(void **state)
{
	const double a[3] = { 1, 0, 0 }, b[3] = { 0, 1, 0 }, empty[3] = { 0 };
	struct dz_dbscan_options options = { .eps = 0, .min_samples = 5 };
	struct dz_dbscan_result result;
	struct dz_dbscan *db = dz_dbscan_new(DZ_METRIC_HELLINGER, &three);
	int32_t labels[3];
	bool core[3];

	(void)state;
	assert_int_equal(dz_dbscan_add(db, a, 4), 0);
	assert_int_equal(dz_dbscan_add(db, b, 4), 1);
	assert_int_equal(dz_dbscan_add(db, b, 1), 1);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(dz_dbscan_add(db, empty, 1), 2);
	assert_int_equal(dz_dbscan_points(db), 3);
	dz_dbscan_run(db, &options, labels, core, &result);
	assert_labels(labels, (const int32_t[]){ -1, 0, 1 }, 3);
	assert_false(core[0]);
	assert_true(core[1] && core[2]);
	assert_int_equal(result.core_weight, 11);
	assert_int_equal(result.noise_weight, 4);
	dz_dbscan_free(db);
}

static void test_nothing(void **state)
{
	struct dz_dbscan_options options = { .eps = 1, .min_samples = 1 };
	struct dz_dbscan_result result;
	struct dz_dbscan *db = dz_dbscan_new(DZ_METRIC_HELLINGER, &three);

	(void)state;
	dz_dbscan_run(db, &options, NULL, NULL, &result);
	assert_int_equal(result.clusters, 0);
	dz_dbscan_free(db);
	dz_dbscan_free(NULL);
}

/* ---- against the textbook ---- */

struct textbook {
	unsigned count;
	uint64_t weights[MANY];
	double distances[MANY][MANY];
	bool core[MANY];
	int cluster[MANY]; /* of core points; -1 for the others */
};

static void textbook_cores(struct textbook *book, double eps, uint64_t min_samples)
{
	for (unsigned i = 0; i < book->count; i++) {
		uint64_t weight = 0;
		for (unsigned k = 0; k < book->count; k++)
			weight += book->distances[i][k] <= eps ? book->weights[k] : 0;
		book->core[i] = weight >= min_samples;
		book->cluster[i] = -1;
	}
}

/* Spreads a cluster's number over the core points that can be reached. */
static void textbook_clusters(struct textbook *book, double eps)
{
	unsigned queue[MANY];
	int clusters = 0;

	for (unsigned i = 0; i < book->count; i++) {
		unsigned first = 0, end = 0;
		if (!book->core[i] || book->cluster[i] >= 0)
			continue;
		book->cluster[i] = clusters;
		for (queue[end++] = i; first < end; first++) {
			for (unsigned k = 0; k < book->count; k++) {
				if (book->core[k] && book->cluster[k] < 0 && book->distances[queue[first]][k] <= eps) {
					book->cluster[k] = clusters;
					queue[end++] = k;
				}
			}
		}
		clusters++;
	}
}

static void compare_with_textbook(const struct textbook *book, double eps, const int32_t *labels, const bool *core)
{
	int32_t to_ours[MANY];
	int32_t next = 0;

	memset(to_ours, 0xff, sizeof to_ours);
	for (unsigned i = 0; i < book->count; i++) {
		double nearest = INFINITY;
		unsigned which = 0;
		for (unsigned k = 0; k < book->count; k++) {
			if (book->core[k] && book->distances[i][k] < nearest) {
				nearest = book->distances[i][k];
				which = k;
			}
		}
		assert_int_equal(core[i], book->core[i]);
		if (nearest > eps) {
			assert_int_equal(labels[i], DZ_DBSCAN_NOISE);
			continue;
		}
		if (labels[i] == next)
			next++;
		assert_in_range(labels[i], 0, next - 1); /* numbered in order of appearance */
		int32_t *ours = &to_ours[book->cluster[which]];
		if (*ours < 0)
			*ours = labels[i];
		assert_int_equal(labels[i], *ours);
	}
	/* No two of the textbook's clusters are one of ours. */
	for (unsigned a = 0; a < MANY; a++)
		for (unsigned b = 0; b < a; b++)
			assert_true(to_ours[a] < 0 || to_ours[a] != to_ours[b]);
}

/* Few packets in few bins, so that there are dense places and lonely ones. */
static void add_random(struct dz_dbscan *db, struct textbook *book, double (*vectors)[BINS], struct dz_rng *rng)
{
	while (book->count < MANY) {
		uint64_t counts[BINS] = { 0 };
		double vector[BINS];
		uint64_t centre = dz_rng_below(rng, BINS);
		for (uint64_t packets = 1 + dz_rng_below(rng, 25); packets; packets--)
			counts[dz_rng_below(rng, 4) ? centre : dz_rng_below(rng, BINS)]++;
		dz_distance_normalise(counts, BINS, vector);
		uint32_t point = dz_dbscan_add(db, vector, 1);
		if (point == book->count) {
			memcpy(vectors[book->count], vector, sizeof vector);
			book->weights[book->count++] = 0;
		}
		book->weights[point]++;
	}
}

static void test_against_the_textbook(void **state)
{
	static struct textbook book;
	static double vectors[MANY][BINS];
	/* Of the range; no distance of such vectors is just that. */
	static const double parts[] = { 0.010007, 0.027109, 0.051301, 0.091703, 0.171901, 0.310019 };
	static const uint64_t least[] = { 1, 3, 8, 40 };
	int32_t labels[MANY];
	bool core[MANY];
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 12);
	for (unsigned m = 0; m < DZ_METRIC_COUNT; m++) {
		enum dz_metric metric = (enum dz_metric)m;
		struct dz_dbscan *db = dz_dbscan_new(metric, &axis);
		book.count = 0;
		add_random(db, &book, vectors, &rng);
		for (unsigned i = 0; i < MANY; i++)
			for (unsigned k = 0; k < MANY; k++)
				book.distances[i][k] = dz_distance(metric, vectors[i], vectors[k], &axis);
		for (unsigned p = 0; p < sizeof parts / sizeof *parts; p++) {
			for (unsigned l = 0; l < sizeof least / sizeof *least; l++) {
				struct dz_dbscan_options options = { .eps = parts[p] * dz_metric_max(metric, &axis),
								     .min_samples = least[l] };
				struct dz_dbscan_result result;
				dz_dbscan_run(db, &options, labels, core, &result);
				textbook_cores(&book, options.eps, options.min_samples);
				textbook_clusters(&book, options.eps);
				compare_with_textbook(&book, options.eps, labels, core);
			}
		}
		dz_dbscan_free(db);
	}
}

static void count_progress(void *context, uint64_t done, uint64_t total)
{
	uint64_t *last = context;

	assert_true(done > *last && done <= total);
	*last = done;
}

static void test_progress_ends(void **state)
{
	const unsigned places[] = { 1, 2, 3, 50 };
	uint32_t numbers[4];
	int32_t labels[4];
	uint64_t last = 0;
	struct dz_dbscan_options options = { .eps = 1, .min_samples = 2, .progress = count_progress, .context = &last };
	struct dz_dbscan_result result;
	struct dz_dbscan *db = line_of(places, 4, numbers);

	(void)state;
	dz_dbscan_run(db, &options, labels, NULL, &result);
	assert_int_equal(last, 16); /* four steps for each of four points */
	dz_dbscan_free(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups_and_noise),
		cmocka_unit_test(test_limits_are_included),
		cmocka_unit_test(test_rounding_does_not_exclude),
		cmocka_unit_test(test_border_points),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_big_balls_touch),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_against_the_textbook),
		cmocka_unit_test(test_progress_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
