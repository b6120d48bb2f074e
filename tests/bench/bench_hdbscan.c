/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_hdbscan.c - times HDBSCAN on vectors from a file; bench_hdbscan.py runs it beside scikit-learn.
 *
 *   bench_hdbscan VECTORS BINS SIZE LABELS
 *
 * VECTORS holds doubles in the machine's order, BINS per vector; LABELS gets one 32-bit integer per vector. Prints:
 * seconds to read and to cluster; distinct points; clusters; the most memory that was held, in MiB. */
#include "config.h"
#include "math/hdbscan.h"

#include "base/clock.h"
#include "base/mem.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In MiB, of this program alone: getrusage() also counts what its parent held when it was forked. */
static unsigned long most_memory(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long kilobytes = 0;

	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, "VmHWM:", 6))
			kilobytes = strtoul(line + 6, NULL, 10);
	if (file)
		fclose(file);
	return kilobytes / 1024;
}

int main(int argc, char **argv)
{
	struct dz_hdbscan_options options = { 0 };
	struct dz_points points;
	FILE *in = argc == 5 ? fopen(argv[1], "rb") : NULL, *out = argc == 5 ? fopen(argv[4], "wb") : NULL;
	uint32_t *numbers = NULL, clusters;
	size_t count = 0, capacity = 0;

	if (!in || !out) {
		fprintf(stderr, "usage: bench_hdbscan VECTORS BINS SIZE LABELS\n");
		return 2;
	}
	uint32_t bins = (uint32_t)strtoul(argv[2], NULL, 10);
	double *vector = dz_mem_zalloc(bins, sizeof *vector), start = dz_clock_now();
	options.min_cluster_size = options.min_samples = strtoull(argv[3], NULL, 10);
	dz_points_init(&points, DZ_METRIC_HELLINGER, &(struct dz_axis){ bins, 32, 1 });
	for (; fread(vector, sizeof *vector, bins, in) == bins; count++) {
		void *block = numbers;
		dz_mem_grow(&block, &capacity, count + 1, sizeof *numbers);
		numbers = block;
		numbers[count] = dz_points_add(&points, vector, 1);
	}
	fclose(in);
	free(vector);
	double read = dz_clock_now();
	int32_t *labels = dz_mem_zalloc(points.count, sizeof *labels);
	clusters = dz_hdbscan_run(&points, &options, labels);
	double end = dz_clock_now();

	for (size_t i = 0; i < count; i++)
		fwrite(&labels[numbers[i]], sizeof *labels, 1, out);
	fclose(out);
	printf("%.3f %.3f %" PRIu32 " %" PRIu32 " %lu\n", read - start, end - read, points.count, clusters,
	       most_memory());
	free(labels);
	free(numbers);
	dz_points_release(&points);
	return 0;
}
