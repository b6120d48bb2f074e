/* SPDX-License-Identifier: BSD-2-Clause */
/* numerics_driver.c - lets another program call the modules of src/stats: commands on stdin, results on stdout.
 *
 *   distance METRIC BINS WIDTH, two vectors            → the distance
 *   dbscan METRIC BINS WIDTH EPS MIN COUNT, vectors    → a label and 0 or 1 (core) per vector
 *   hdbscan METRIC BINS WIDTH SIZE MIN COUNT, vectors   → a label per vector
 *   permutation METRIC BINS WIDTH N SEED NA NB, vectors → statistic and p
 *   agreement ROWS COLUMNS COUNT, pairs                → purity, Rand, accuracy, macro-F1
 *   summary BINS WIDTH SHARE, weights                  → entropy, quantile's bin, quantile
 *   random SEED COUNT                                  → numbers
 *   scaling N, N * N distances                         → share, then x and y of each
 *   linkage N, N * N distances                         → N - 1 times: a, b, height; then the order of the leaves
 *
 * Words are separated by blanks; one line of results per command. */
#include "config.h"
#include "math/contingency.h"
#include "math/dbscan.h"
#include "math/distance.h"
#include "math/energy.h"
#include "math/hdbscan.h"
#include "math/linkage.h"
#include "math/rng.h"
#include "math/scaling.h"
#include "math/summary.h"

#include "base/mem.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *wanted)
{
	fprintf(stderr, "numerics_driver: expected %s\n", wanted);
	exit(2);
}

static uint64_t read_count(void)
{
	uint64_t count;

	if (scanf("%" SCNu64, &count) != 1)
		die("a count");
	return count;
}

static double read_number(void)
{
	char word[64], *end;

	if (scanf("%63s", word) != 1)
		die("a number");
	double number = strtod(word, &end);
	if (*end)
		die("a number");
	return number;
}

/* Given to the caller. */
static double *read_numbers(size_t count)
{
	double *numbers = dz_mem_zalloc(count, sizeof *numbers);

	for (size_t i = 0; i < count; i++)
		numbers[i] = read_number();
	return numbers;
}

struct shape {
	enum dz_metric metric;
	struct dz_axis axis;
	uint32_t size; /* of a vector */
};

static struct shape read_shape(void)
{
	struct shape shape;
	char name[32];

	if (scanf("%31s", name) != 1 || !dz_metric_from_name(name, &shape.metric))
		die("a metric");
	shape.axis.bins = (uint32_t)read_count();
	shape.axis.bin_width = (uint32_t)read_count();
	shape.axis.parts = (uint32_t)read_count();
	shape.size = dz_axis_size(&shape.axis);
	return shape;
}

static void run_distance(void)
{
	struct shape shape = read_shape();
	double *vectors = read_numbers((size_t)shape.size * 2);

	printf("%.17g\n", dz_distance(shape.metric, vectors, vectors + shape.size, &shape.axis));
	free(vectors);
}

/* Given to the caller, as is `*numbers`: the number of each vector's point. */
static struct dz_dbscan *read_points(const struct shape *shape, size_t count, uint32_t **numbers)
{
	struct dz_dbscan *db = dz_dbscan_new(shape->metric, &shape->axis);

	*numbers = dz_mem_zalloc(count, sizeof **numbers);
	for (size_t i = 0; i < count; i++) {
		double *vector = read_numbers(shape->size);
		(*numbers)[i] = dz_dbscan_add(db, vector, 1);
		free(vector);
	}
	return db;
}

static void run_hdbscan(void)
{
	struct shape shape = read_shape();
	struct dz_hdbscan_options options = { .min_cluster_size = read_count(), .min_samples = read_count() };
	size_t count = read_count();
	uint32_t *numbers = dz_mem_zalloc(count, sizeof *numbers);
	struct dz_points points;
	int32_t *labels;

	dz_points_init(&points, shape.metric, &shape.axis);
	for (size_t i = 0; i < count; i++) {
		double *vector = read_numbers(shape.size);
		numbers[i] = dz_points_add(&points, vector, 1);
		free(vector);
	}
	labels = dz_mem_zalloc(points.count, sizeof *labels);
	dz_hdbscan_run(&points, &options, labels);
	for (size_t i = 0; i < count; i++)
		printf("%" PRId32 " ", labels[numbers[i]]);
	putchar('\n');
	free(labels);
	free(numbers);
	dz_points_release(&points);
}

static void run_dbscan(void)
{
	struct shape shape = read_shape();
	struct dz_dbscan_options options = { .eps = read_number(), .min_samples = read_count() };
	struct dz_dbscan_result result;
	size_t count = read_count();
	uint32_t *numbers;
	struct dz_dbscan *db = read_points(&shape, count, &numbers);
	int32_t *labels = dz_mem_zalloc(dz_dbscan_points(db), sizeof *labels);
	bool *core = dz_mem_zalloc(dz_dbscan_points(db), sizeof *core);

	dz_dbscan_run(db, &options, labels, core, &result);
	for (size_t i = 0; i < count; i++)
		printf("%" PRId32 " %d ", labels[numbers[i]], core[numbers[i]]);
	putchar('\n');
	free(core);
	free(labels);
	free(numbers);
	dz_dbscan_free(db);
}

/* Sessions, those of the first group, flows; then each flow's session and vector. */
static void run_energy(void)
{
	struct shape shape = read_shape();
	struct dz_energy_options options = { .permutations = (uint32_t)read_count(), .stop = UINT32_MAX };
	struct dz_energy_result result;
	struct dz_energy energy;

	options.seed = read_count();
	uint32_t sessions = (uint32_t)read_count(), first = (uint32_t)read_count();
	size_t count = read_count();
	uint32_t *session = dz_mem_zalloc(count, sizeof *session);
	double **vectors = dz_mem_zalloc(count, sizeof *vectors);
	dz_energy_init(&energy, sessions, first);
	for (size_t i = 0; i < count; i++) {
		session[i] = (uint32_t)read_count();
		vectors[i] = read_numbers(shape.size);
		energy.sizes[session[i]]++;
		for (size_t j = 0; j < i; j++)
			dz_energy_add(&energy, session[i], session[j],
				      dz_distance(shape.metric, vectors[i], vectors[j], &shape.axis));
	}
	dz_energy_test(&energy, &options, &result);
	printf("%.17g %.17g %.17g %.17g %" PRIu32 "\n", result.energy, result.statistic, result.h, result.p,
	       result.tried);
	for (size_t i = 0; i < count; i++)
		free(vectors[i]);
	free(vectors);
	free(session);
	dz_energy_release(&energy);
}

static void run_agreement(void)
{
	uint32_t rows = (uint32_t)read_count(), columns = (uint32_t)read_count();
	struct dz_contingency *table = dz_contingency_new(rows, columns);

	for (size_t count = read_count(); count; count--) {
		uint64_t row = read_count(), column = read_count();
		if (row >= rows || column >= columns)
			die("a class within the table");
		dz_contingency_add(table, (uint32_t)row, (uint32_t)column, 1);
	}
	printf("%.17g %.17g %.17g %.17g\n", dz_contingency_purity(table), dz_contingency_rand(table),
	       dz_contingency_accuracy(table), dz_contingency_macro_f1(table));
	dz_contingency_free(table);
}

static void run_summary(void)
{
	uint32_t bins = (uint32_t)read_count(), width = (uint32_t)read_count();
	double share = read_number();
	double *weights = read_numbers(bins);

	printf("%.17g %" PRIu32 " %.17g\n", dz_summary_entropy(weights, bins),
	       dz_summary_quantile_bin(weights, bins, share), dz_summary_quantile(weights, bins, width, share));
	free(weights);
}

static void run_random(void)
{
	struct dz_rng rng;

	dz_rng_init(&rng, read_count());
	for (uint64_t count = read_count(); count; count--)
		printf("%" PRIu64 " ", dz_rng_next(&rng));
	putchar('\n');
}

static void run_scaling(void)
{
	size_t n = read_count();
	double *distances = read_numbers(n * n), *places = dz_mem_zalloc(n, 2 * sizeof *places);

	printf("%.17g ", dz_scaling_plane(distances, n, places));
	for (size_t i = 0; i < 2 * n; i++)
		printf("%.17g ", places[i]);
	putchar('\n');
	free(places);
	free(distances);
}

static void run_linkage(void)
{
	size_t n = read_count();
	double *distances = read_numbers(n * n);
	struct dz_linkage_step *steps = dz_mem_zalloc(n, sizeof *steps);
	uint32_t *order = dz_mem_zalloc(n, sizeof *order);

	dz_linkage(distances, n, steps);
	dz_linkage_order(steps, n, order);
	for (size_t i = 0; i + 1 < n; i++)
		printf("%" PRIu32 " %" PRIu32 " %.17g ", steps[i].a, steps[i].b, steps[i].height);
	for (size_t i = 0; i < n; i++)
		printf("%" PRIu32 " ", order[i]);
	putchar('\n');
	free(order);
	free(steps);
	free(distances);
}

static const struct {
	const char *name;
	void (*run)(void);
} commands[] = {
	{ "distance", run_distance }, { "dbscan", run_dbscan },       { "hdbscan", run_hdbscan },
	{ "energy", run_energy },     { "agreement", run_agreement }, { "summary", run_summary },
	{ "random", run_random },     { "scaling", run_scaling },     { "linkage", run_linkage },
};

int main(void)
{
	char name[32];

	while (scanf("%31s", name) == 1) {
		size_t i = 0;
		while (i < sizeof commands / sizeof *commands && strcmp(name, commands[i].name) != 0)
			i++;
		if (i == sizeof commands / sizeof *commands)
			die("a command");
		commands[i].run();
	}
	return 0;
}
