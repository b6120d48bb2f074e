/* SPDX-License-Identifier: BSD-2-Clause */
/* calibration.c - see calibration.h. */
#include "config.h"
#include "stats/calibration.h"

#include "base/mem.h"
#include "math/isotonic.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_input(const void *left, const void *right)
{
	const struct dz_trial *a = left, *b = right;
	return (a->input > b->input) - (a->input < b->input);
}

static int by_score(const void *left, const void *right)
{
	const struct dz_trial *a = left, *b = right;

	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	return by_input(left, right);
}

static int by_number(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

/* Makes the weights of each input add up to 1; returns the number of inputs. */
static uint32_t share_weights(struct dz_trial *trials, size_t count)
{
	uint32_t inputs = 0;

	qsort(trials, count, sizeof *trials, by_input);
	for (size_t first = 0, end; first < count; first = end, inputs++) {
		double sum = 0;
		for (end = first; end < count && trials[end].input == trials[first].input; end++)
			sum += trials[end].weight;
		for (size_t i = first; i < end; i++)
			trials[i].weight /= sum;
	}
	return inputs;
}

static uint32_t count_inputs(const struct dz_trial *trials, size_t count, uint32_t *scratch)
{
	uint32_t inputs = 0;

	for (size_t i = 0; i < count; i++)
		scratch[i] = trials[i].input;
	qsort(scratch, count, sizeof *scratch, by_number);
	for (size_t i = 0; i < count; i++)
		inputs += i == 0 || scratch[i] != scratch[i - 1];
	return inputs;
}

/* One value for equal scores, so that they share a step. */
static void level_equals(const struct dz_trial *trials, size_t count, double *values, double *weights)
{
	for (size_t first = 0, end; first < count; first = end) {
		double right = 0, sum = 0;
		for (end = first; end < count && trials[end].score == trials[first].score; end++) {
			right += trials[end].right ? trials[end].weight : 0;
			sum += trials[end].weight;
		}
		for (size_t i = first; i < end; i++) {
			values[i] = right / sum;
			weights[i] = trials[i].weight;
		}
	}
}

static void make_steps(struct dz_calibration *calibration, const struct dz_trial *trials, size_t count,
		       const double *values)
{
	double towards = fmin(calibration->base, 0.5); /* what all were right in says little of what nobody tried */
	uint32_t *scratch = dz_mem_zalloc(count, sizeof *scratch);
	double *shrunk = dz_mem_zalloc(count, sizeof *shrunk), *weights = dz_mem_zalloc(count, sizeof *weights);

	calibration->steps = dz_mem_zalloc(count, sizeof *calibration->steps);
	for (size_t first = 0, end; first < count; first = end) {
		struct dz_step *step = &calibration->steps[calibration->count];
		for (end = first; end < count && values[end] == values[first]; end++)
			;
		step->inputs = count_inputs(trials + first, end - first, scratch);
		step->from = first ? (trials[first - 1].score + trials[first].score) / 2 : trials[0].score;
		weights[calibration->count] = step->inputs + 2.0;
		shrunk[calibration->count] = (step->inputs * values[first] + 2 * towards) / (step->inputs + 2.0);
		calibration->count++;
	}
	/* What is drawn towards the middle may fall from one step to the next. */
	dz_isotonic(shrunk, weights, calibration->count);
	for (size_t i = 0; i < calibration->count; i++)
		calibration->steps[i].confidence = shrunk[i];
	free(scratch);
	free(shrunk);
	free(weights);
}

void dz_calibration_init(struct dz_calibration *calibration, struct dz_trial *trials, size_t count)
{
	double *values = dz_mem_zalloc(count, sizeof *values), *weights = dz_mem_zalloc(count, sizeof *weights);

	memset(calibration, 0, sizeof *calibration);
	if (count) {
		calibration->inputs = share_weights(trials, count);
		for (size_t i = 0; i < count; i++)
			calibration->base += trials[i].right ? trials[i].weight / calibration->inputs : 0;
		qsort(trials, count, sizeof *trials, by_score);
		level_equals(trials, count, values, weights);
		dz_isotonic(values, weights, count);
		make_steps(calibration, trials, count, values);
	}
	free(values);
	free(weights);
}

void dz_calibration_release(struct dz_calibration *calibration)
{
	free(calibration->steps);
	memset(calibration, 0, sizeof *calibration);
}

const struct dz_step *dz_calibration_at(const struct dz_calibration *calibration, double score)
{
	size_t low = 0, high = calibration->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (calibration->steps[middle].from <= score)
			low = middle;
		else
			high = middle;
	}
	return calibration->count ? &calibration->steps[low] : NULL;
}
