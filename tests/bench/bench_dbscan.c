/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_dbscan.c - times the clustering of vectors from a file; bench_dbscan.py runs it beside scikit-learn.
 *
 *   bench_dbscan VECTORS BINS METRIC EPS MIN LABELS
 *
 * VECTORS holds doubles in the machine's order, BINS per vector; LABELS gets one 32-bit integer per
 * vector.  Prints: seconds to add, to cluster; eps; distinct points; clusters; reduced distances computed. */
#include "config.h"
#include "math/dbscan.h"

#include "base/mem.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static FILE *open_or_die(const char *path, const char *mode)
{
	FILE *file = fopen(path, mode);

	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

/* The numbers of the vectors' points, given to the caller. */
static uint32_t *add_all(struct dz_dbscan *db, const char *path, uint32_t bins, size_t *count)
{
	FILE *file = open_or_die(path, "rb");
	double *vector = dz_mem_zalloc(bins, sizeof *vector);
	uint32_t *numbers = NULL;
	size_t capacity = 0;

	for (*count = 0; fread(vector, sizeof *vector, bins, file) == bins; (*count)++) {
		if (*count == capacity) {
			capacity = capacity ? capacity * 2 : 1024;
			numbers = dz_mem_realloc(numbers, capacity, sizeof *numbers);
		}
		numbers[*count] = dz_dbscan_add(db, vector, 1);
	}
	fclose(file);
	free(vector);
	return numbers;
}

int main(int argc, char **argv)
{
	struct dz_dbscan_options options = { 0 };
	struct dz_dbscan_result result;
	enum dz_metric metric;
	size_t count;

	if (argc != 7 || !dz_metric_from_name(argv[3], &metric)) {
		fprintf(stderr, "usage: bench_dbscan VECTORS BINS METRIC EPS MIN LABELS\n");
		return 2;
	}
	uint32_t bins = (uint32_t)strtoul(argv[2], NULL, 10);
	options.min_samples = strtoull(argv[5], NULL, 10);

	double start = now();
	struct dz_dbscan *db = dz_dbscan_new(metric, &(struct dz_axis){ bins, 32, 1 });
	uint32_t *numbers = add_all(db, argv[1], bins, &count);
	double added = now();
	options.eps = strtod(argv[4], NULL);
	int32_t *labels = dz_mem_zalloc(dz_dbscan_points(db), sizeof *labels);
	dz_dbscan_run(db, &options, labels, NULL, &result);
	double end = now();

	FILE *file = open_or_die(argv[6], "wb");
	for (size_t i = 0; i < count; i++)
		fwrite(&labels[numbers[i]], sizeof *labels, 1, file);
	fclose(file);
	printf("%.3f %.3f %.17g %" PRIu32 " %" PRIu32 " %" PRIu64 "\n", added - start, end - added, options.eps,
	       dz_dbscan_points(db), result.clusters, result.rdists);
	free(labels);
	free(numbers);
	dz_dbscan_free(db);
	return 0;
}
