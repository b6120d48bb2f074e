/* SPDX-License-Identifier: BSD-2-Clause */
/* test_nearest.c - the nearest labels and inputs are those that looking at every cell finds. */
#include "config.h"
#include "stats/nearest.h"

#include "flows.h"
#include "math/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { LABELS = 9, FLOWS = 1500, INPUTS = 12, QUERIES = 300 };

static void make(struct dz_rng *rng, uint64_t counts[2][FLOWS_BINS])
{
	for (unsigned side = 0; side < 2; side++)
		for (unsigned k = 0; k < FLOWS_BINS; k++)
			counts[side][k] = dz_rng_below(rng, 3) ? dz_rng_below(rng, 60) : 0;
	counts[0][0]++;
}

static void learn(struct dz_library *library, struct dz_rng *rng)
{
	static char inputs[INPUTS][8];

	for (unsigned i = 0; i < FLOWS; i++) {
		uint64_t counts[2][FLOWS_BINS];
		struct sample sample;
		struct dz_err err;
		char label[8];
		unsigned input = (unsigned)dz_rng_below(rng, INPUTS);
		make(rng, counts);
		snprintf(label, sizeof label, "%c", (char)('a' + dz_rng_below(rng, LABELS)));
		snprintf(inputs[input], sizeof inputs[input], "%u", input);
		flows_make(&sample, label, counts[0], counts[1]);
		sample.record.input = inputs[input];
		assert_true(dz_library_add(library, &sample.record, inputs[input], &err));
	}
}

/* The least distance of a class's wanted cells; 2 when there is none. */
static double least(const struct dz_nearest *nearest, const struct dz_nearest_query *query, uint32_t class)
{
	double best = 2;

	for (uint32_t c = 0; c < nearest->cell_count; c++) {
		const struct dz_near_cell *cell = &nearest->cells[c];
		if ((query->by_input ? cell->input : cell->label) != class ||
		    (query->without && cell->input == query->input) ||
		    (query->only != DZ_NEAREST_NONE && cell->label != query->only))
			continue;
		best = fmin(best, dz_metric_rdist(nearest->points.metric, query->point,
						  dz_points_at(&nearest->points, cell->point), nearest->points.dims));
	}
	return best;
}

static void check(const struct dz_nearest *nearest, const struct dz_nearest_query *query)
{
	struct dz_near found[DZ_NEAREST_MAX];
	size_t count = dz_nearest_find(nearest, query, found);

	assert_true(count > 0 && count <= query->most);
	for (size_t i = 0; i < count; i++) {
		assert_true(found[i].distance == least(nearest, query, found[i].label));
		assert_true(i == 0 || found[i].distance >= found[i - 1].distance);
	}
	for (uint32_t c = 0; c < nearest->cell_count && count == query->most; c++) {
		uint32_t class = query->by_input ? nearest->cells[c].input : nearest->cells[c].label;
		bool told = false;
		for (size_t i = 0; i < count; i++)
			told |= found[i].label == class;
		assert_true(told || least(nearest, query, class) >= found[count - 1].distance);
	}
}

static void test_all_looked_at(void **state)
{
	static const enum dz_metric metrics[] = { DZ_METRIC_HELLINGER, DZ_METRIC_TOTAL_VARIATION };
	struct dz_library library;
	struct dz_nearest nearest;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 3);
	dz_library_init(&library, DZ_BY_LABEL);
	learn(&library, &rng);
	for (unsigned m = 0; m < 2; m++) {
		dz_nearest_init(&nearest, &library, metrics[m], DZ_DIRECTION_BOTH, 1);
		assert_int_equal(nearest.label_count, LABELS);
		for (unsigned i = 0; i < QUERIES / 10; i++) {
			const struct dz_near_cell *cell = &nearest.cells[dz_rng_below(&rng, nearest.cell_count)];
			struct dz_nearest_query query = { .point = dz_points_at(&nearest.points, cell->point),
							  .without = i % 2,
							  .input = cell->input,
							  .only = DZ_NEAREST_NONE,
							  .most = 1 + i % 4 };
			check(&nearest, &query);
			query.only = cell->label;
			query.by_input = true;
			check(&nearest, &query);
		}
		dz_nearest_release(&nearest);
	}
	dz_library_release(&library);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all_looked_at) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
