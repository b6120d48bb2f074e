/* SPDX-License-Identifier: BSD-2-Clause */
/* drift.c - see drift.h. */
#include "config.h"
#include "stats/drift.h"

#include "base/mem.h"
#include "math/summary.h"
#include "stats/cells.h"
#include "stats/contrast_cells.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 400 }; /* flows of a group that are compared pair by pair with the baseline's */

/* ---- how far the inputs of a label lie apart ---- */

struct inputs {
	struct dz_intern numbers;
	double *sums; /* owned: by input, the vectors of its flows added up */
	double *flows;
	uint32_t size;
};

static void inputs_init(struct inputs *inputs, const struct dz_groups *groups, const struct dz_group *group)
{
	uint32_t mask = (uint32_t)((UINT64_C(1) << group->input_bits) - 1);
	double *vector;

	inputs->size = dz_axis_size(dz_groups_axis(groups));
	inputs->sums = dz_mem_zalloc(group->cell_count * inputs->size, sizeof *inputs->sums);
	inputs->flows = dz_mem_zalloc(group->cell_count, sizeof *inputs->flows);
	vector = dz_mem_zalloc(inputs->size, sizeof *vector);
	dz_intern_init(&inputs->numbers);
	for (size_t i = 0; i < group->cell_count; i++) {
		uint32_t input = group->cells[i].input & mask;
		uint32_t number = dz_intern_add(&inputs->numbers, &input, sizeof input);
		dz_vectors_get(dz_groups_vectors(groups), group->cells[i].vector, vector);
		inputs->flows[number] += (double)group->cells[i].flows;
		for (uint32_t k = 0; k < inputs->size; k++)
			inputs->sums[(size_t)number * inputs->size + k] += vector[k] * (double)group->cells[i].flows;
	}
	free(vector);
}

static void inputs_release(struct inputs *inputs)
{
	dz_intern_release(&inputs->numbers);
	free(inputs->sums);
	free(inputs->flows);
}

/* The distance of each input's mean to the mean of the flows of all others. */
static void measure_inputs(const struct inputs *inputs, enum dz_metric metric, const struct dz_axis *axis,
			   double *distances)
{
	uint32_t size = inputs->size;
	double *all = dz_mem_zalloc(size, sizeof *all), *own = dz_mem_zalloc(size, sizeof *own),
	       *others = dz_mem_zalloc(size, sizeof *others), flows = 0;

	for (uint32_t i = 0; i < inputs->numbers.count; i++) {
		flows += inputs->flows[i];
		for (uint32_t k = 0; k < size; k++)
			all[k] += inputs->sums[(size_t)i * size + k];
	}
	for (uint32_t i = 0; i < inputs->numbers.count; i++) {
		for (uint32_t k = 0; k < size; k++) {
			double sum = inputs->sums[(size_t)i * size + k];
			own[k] = sum / inputs->flows[i];
			others[k] = fmax(all[k] - sum, 0) / (flows - inputs->flows[i]);
		}
		distances[i] = dz_distance(metric, own, others, axis);
	}
	free(all);
	free(own);
	free(others);
}

/* Those of inputs that have no more flows than the group move to the front; returns how many. */
static uint32_t keep_alike(const struct inputs *inputs, double flows, double *distances)
{
	uint32_t alike = 0;

	for (uint32_t i = 0; i < inputs->numbers.count; i++)
		if (inputs->flows[i] <= flows)
			distances[alike++] = distances[i];
	return alike;
}

static void find_spread(const struct dz_groups *baseline, enum dz_metric metric, struct dz_drift_row *row)
{
	struct inputs inputs;
	double *distances;

	if (row->baseline->means_only || !row->baseline->input_bits)
		return;
	inputs_init(&inputs, baseline, row->baseline);
	row->inputs = inputs.numbers.count;
	distances = dz_mem_zalloc(row->inputs, sizeof *distances);
	if (row->inputs >= DZ_DRIFT_INPUTS_MIN) {
		measure_inputs(&inputs, metric, dz_groups_axis(baseline), distances);
		row->alike = keep_alike(&inputs, (double)(dz_group_shaped(row->group)), distances);
	}
	if (row->alike >= DZ_DRIFT_INPUTS_MIN) {
		qsort(distances, row->alike, sizeof *distances, dz_summary_by_value);
		row->least = distances[0];
		row->median = dz_summary_sorted_quantile(distances, row->alike, 0.5);
		row->largest = distances[row->alike - 1];
		while (row->nearer < row->alike && distances[row->nearer] < row->distance)
			row->nearer++;
	}
	if (row->inputs) {
		qsort(inputs.flows, row->inputs, sizeof *inputs.flows, dz_summary_by_value);
		row->flows_median = dz_summary_sorted_quantile(inputs.flows, row->inputs, 0.5);
	}
	free(distances);
	inputs_release(&inputs);
}

/* ---- the whole ---- */

static void compare(const struct dz_groups *groups, const struct dz_groups *baseline, enum dz_metric metric,
		    struct dz_drift_row *row)
{
	uint32_t size = dz_axis_size(dz_groups_axis(groups));
	double *means = dz_mem_zalloc(2 * (size_t)size, sizeof *means);
	const struct dz_contrast_side sides[2] = { { groups, row->group, means },
						   { baseline, row->baseline, means + size } };

	dz_group_mean(groups, row->group, means, NULL);
	dz_group_mean(baseline, row->baseline, means + size, NULL);
	row->distance = dz_distance(metric, means, means + size, dz_groups_axis(groups));
	dz_contrast_cells(metric, sides, SAMPLE, &row->contrast);
	if (row->contrast.verdict != DZ_CONTRAST_EMPTY)
		find_spread(baseline, metric, row);
	free(means);
}

/* The groups by name: a table of places. */
static void index_names(const struct dz_groups *groups, struct dz_intern *names)
{
	dz_intern_init(names);
	for (size_t i = 0; i < dz_groups_count(groups); i++)
		dz_intern_add_text(names, dz_groups_at(groups, i)->name);
}

static bool find(const struct dz_intern *names, const char *name, uint32_t *place)
{
	return dz_intern_find(names, name, strlen(name), place);
}

struct dz_drift *dz_drift_new(const struct dz_groups *groups, const struct dz_groups *baseline, enum dz_metric metric,
			      size_t top)
{
	struct dz_drift *drift = dz_mem_zalloc(1, sizeof *drift);
	size_t here = dz_groups_count(groups), there = dz_groups_count(baseline);
	struct dz_intern here_names, there_names;
	uint32_t place;

	drift->rows = dz_mem_zalloc(here, sizeof *drift->rows);
	drift->only_here = dz_mem_zalloc(here, sizeof *drift->only_here);
	drift->only_there = dz_mem_zalloc(there, sizeof *drift->only_there);
	index_names(groups, &here_names);
	index_names(baseline, &there_names);
	for (size_t i = 0; i < here; i++) {
		const struct dz_group *group = dz_groups_at(groups, i);
		struct dz_drift_row *row = &drift->rows[drift->count];
		if (!find(&there_names, group->name, &place)) {
			drift->only_here[drift->here_count++] = group;
			continue;
		}
		if (top && drift->count == top) {
			drift->left_out++;
			continue;
		}
		*row = (struct dz_drift_row){ .group = group, .baseline = dz_groups_at(baseline, place) };
		compare(groups, baseline, metric, row);
		drift->count++;
	}
	for (size_t i = 0; i < there; i++)
		if (!find(&here_names, dz_groups_at(baseline, i)->name, &place))
			drift->only_there[drift->there_count++] = dz_groups_at(baseline, i);
	dz_intern_release(&here_names);
	dz_intern_release(&there_names);
	return drift;
}

void dz_drift_free(struct dz_drift *drift)
{
	if (!drift)
		return;
	free(drift->rows);
	free(drift->only_here);
	free(drift->only_there);
	free(drift);
}
