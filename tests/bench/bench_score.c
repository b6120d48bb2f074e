/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_score.c - what score costs for shapes that were not seen before, with a library of many cells.
 *
 *   bench_score LIBRARY [CELLS [FLOWS]]
 *
 * The library is made larger until it has CELLS (100,000): each of its cells again and again, every share changed by
 * some 5 %, as of an input of its own. Then FLOWS (5,000) are judged, none of a shape seen before: near ones (a cell
 * with its shares changed by some 5 %), ones in between (two cells of any labels, half and half), and far ones (bins
 * drawn evenly). Prints seconds to make the scorer, and percentiles of CPU time in microseconds. */
#include "config.h"
#include "stats/profile_internal.h"
#include "stats/score.h"

#include "base/mem.h"
#include "base/stream.h"
#include "cmd/library_file.h"
#include "math/rng.h"
#include "math/summary.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHANGE 0.05
#define PACKETS 100000.0

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void fail(const char *message)
{
	fprintf(stderr, "bench_score: %s\n", message);
	exit(1);
}

/* Nearly normal: the sum of twelve even numbers. */
static double normal(struct dz_rng *rng)
{
	double sum = -6;

	for (unsigned i = 0; i < 12; i++)
		sum += dz_rng_unit(rng);
	return sum;
}

static void change(struct dz_rng *rng, const struct dz_cell *cell, double packets, uint64_t *counts)
{
	double all = 0;

	for (uint32_t i = 0; i < cell->count; i++)
		all += (double)cell->shares[i];
	for (uint32_t i = 0; i < cell->count; i++)
		counts[cell->at[i]] +=
			(uint64_t)(1 + packets * (double)cell->shares[i] / all * exp(CHANGE * normal(rng)));
}

static void grow(struct dz_library *library, const struct dz_library *from, uint32_t wanted, struct dz_rng *rng)
{
	uint32_t cells = 0;
	struct dz_err err;

	dz_library_init(library, from->by);
	if (!dz_library_set_cells(library, DZ_LIBRARY_CELLS_MAX, &err) ||
	    !dz_library_set_shape(library, &from->shape, from->unidirectional, "made", &err))
		fail(err.text);
	for (uint32_t round = 0; cells < wanted; round++) {
		for (size_t p = 0; p < from->count && cells < wanted; p++) {
			const struct dz_profile *profile = from->profiles[p];
			struct dz_cells *to = &dz_library_profile(library, profile->name)->cells;
			uint32_t before = to->count;
			for (uint32_t c = 0; c < profile->cells.count; c++) {
				const struct dz_cell *cell = &profile->cells.cells[c];
				uint64_t counts[DZ_GROUP_BINS] = { 0 };
				change(rng, cell, PACKETS, counts);
				if (!dz_cells_add_flow(to, counts, cell->input ^ (round * UINT32_C(2654435761)),
						       dz_cells_protocol(&profile->cells, cell), &err))
					fail(err.text);
			}
			cells += to->count - before;
		}
	}
	printf("%" PRIu32 " cells, %zu labels\n", cells, library->count);
}

static const struct dz_cell *any_cell(const struct dz_library *library, struct dz_rng *rng)
{
	for (;;) {
		const struct dz_profile *profile = library->profiles[dz_rng_below(rng, library->count)];
		if (profile->cells.count)
			return &profile->cells.cells[dz_rng_below(rng, profile->cells.count)];
	}
}

static void make_near(const struct dz_library *library, struct dz_rng *rng, uint64_t *counts)
{
	change(rng, any_cell(library, rng), PACKETS, counts);
}

static void make_between(const struct dz_library *library, struct dz_rng *rng, uint64_t *counts)
{
	change(rng, any_cell(library, rng), PACKETS / 2, counts);
	change(rng, any_cell(library, rng), PACKETS / 2, counts);
}

static void make_far(const struct dz_library *library, struct dz_rng *rng, uint64_t *counts)
{
	uint32_t width = library->shape.bins * (library->unidirectional ? 1 : 2);

	for (unsigned i = 0; i < 20; i++)
		counts[dz_rng_below(rng, width)] += 1 + dz_rng_below(rng, 1000);
}

static void judge(struct dz_scorer *scorer, const struct dz_library *library, size_t flows, const char *name,
		  void (*make)(const struct dz_library *, struct dz_rng *, uint64_t *))
{
	double *costs = dz_mem_zalloc(flows, sizeof *costs), sum = 0, found = 0;
	struct dz_rng rng;

	dz_rng_init(&rng, 7);
	for (size_t i = 0; i < flows; i++) {
		uint64_t counts[DZ_GROUP_BINS] = { 0 };
		struct dz_score score;
		double start;
		make(library, &rng, counts);
		start = now();
		dz_scorer_score_counts(scorer, counts, "", "", &score);
		costs[i] = (now() - start) * 1e6;
		sum += costs[i];
		found += score.count ? score.nearest[0].distance : 1;
	}
	qsort(costs, flows, sizeof *costs, dz_summary_by_value);
	printf("%-10s %8.1f %8.1f %8.1f %8.1f %8.1f   %.9f\n", name, sum / (double)flows,
	       dz_summary_sorted_quantile(costs, flows, 0.5), dz_summary_sorted_quantile(costs, flows, 0.9),
	       dz_summary_sorted_quantile(costs, flows, 0.99), costs[flows - 1], found / (double)flows);
	free(costs);
}

int main(int argc, char **argv)
{
	struct dz_score_options options = {
		.metric = DZ_METRIC_HELLINGER, .direction = DZ_DIRECTION_BOTH, .nearest = 3, .min_flows = 1
	};
	uint32_t cells = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 100000;
	size_t flows = argc > 3 ? strtoul(argv[3], NULL, 10) : 5000;
	struct dz_library from, library;
	struct dz_scorer *scorer;
	struct dz_rng rng;
	struct dz_err err;
	double start;

	if (argc < 2 || !cells || !flows) {
		fprintf(stderr, "usage: bench_score LIBRARY [CELLS [FLOWS]]\n");
		return 2;
	}
	dz_library_init(&from, DZ_BY_LABEL);
	if (!dz_library_file_add(&from, argv[1], &err))
		fail(err.text);
	dz_rng_init(&rng, 1);
	grow(&library, &from, cells, &rng);
	start = now();
	scorer = dz_scorer_new(&library, &options, &err);
	if (!scorer)
		fail(err.text);
	printf("%.2f s to make the scorer\n", now() - start);
	printf("flows          mean   median     90 %%     99 %%     most   mean distance\n");
	judge(scorer, &from, flows, "near", make_near);
	judge(scorer, &from, flows, "between", make_between);
	judge(scorer, &from, flows, "far", make_far);
	dz_scorer_free(scorer);
	dz_library_release(&library);
	dz_library_release(&from);
	return 0;
}
