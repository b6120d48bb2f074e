/* SPDX-License-Identifier: BSD-2-Clause */
/* energy.c - see energy.h.
 *
 * All that a split needs of the sums is, for each session, what it adds up to
 * with the sessions of the smaller group: the rest is the total less that.
 * Splits are worked on a few at a time, so that a row of the sums is read once
 * for all of them. */
#include "config.h"
#include "math/energy.h"

#include "base/mem.h"
#include "math/summary.h"
#include "math/rng.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8 }; /* splits worked on together */
#define SLACK 1e-9  /* of T: what rounding may take away */
#define ZERO 1e-12  /* of the mean distance: what counts as nothing */
enum { MIN_INTERVAL = 40 };

void dz_energy_init(struct dz_energy *energy, uint32_t count, uint32_t first)
{
	energy->count = count;
	energy->first = first;
	energy->sizes = dz_mem_zalloc(count, sizeof *energy->sizes);
	energy->sums = dz_mem_zalloc((size_t)count * count, sizeof *energy->sums);
}

void dz_energy_release(struct dz_energy *energy)
{
	free(energy->sizes);
	free(energy->sums);
	memset(energy, 0, sizeof *energy);
}

void dz_energy_join(const struct dz_energy *energy, const uint32_t *into, uint32_t count, uint32_t first,
		    struct dz_energy *joined)
{
	dz_energy_init(joined, count, first);
	for (uint32_t s = 0; s < energy->count; s++) {
		const double *row = energy->sums + (size_t)s * energy->count;
		double *to = joined->sums + (size_t)into[s] * count;
		joined->sizes[into[s]] += energy->sizes[s];
		for (uint32_t t = 0; t < energy->count; t++)
			to[into[t]] += row[t];
	}
	for (uint32_t s = 0; s < count; s++)
		joined->sums[(size_t)s * count + s] = 0;
}

double dz_energy_least_p(uint32_t a, uint32_t b)
{
	uint32_t fewer = a < b ? a : b;
	double splits = 1;

	if (fewer < 2)
		return 1;
	for (uint32_t i = 1; i <= fewer && splits < 1e15; i++)
		splits = splits * (a + b - fewer + i) / i;
	return (a == b ? 2 : 1) / splits;
}

double dz_energy_least_p_paired(uint32_t a, uint32_t b, uint32_t pairs)
{
	double others = 1;

	if (a < 2 || b < 2)
		return 1;
	a -= pairs;
	b -= pairs;
	/* 1 / C(a + b, a), a factor after the other. */
	for (uint32_t i = 1; i <= (a < b ? a : b); i++)
		others *= (double)i / (double)((a > b ? a : b) + i);
	return fmin((a == b ? 2 : 1) * others * pow(0.5, pairs), 1);
}

/* ---- the statistic of one split ---- */

/* What does not change from split to split. */
struct frame {
	const struct dz_energy *energy;
	double *totals; /* owned: row sums of the sums */
	double size;    /* flows in all */
	double mean;    /* distance of two flows of unlike sessions */
};

struct value {
	double energy, statistic, h;
};

static void frame_init(struct frame *frame, const struct dz_energy *energy)
{
	double all = 0, squares = 0;

	memset(frame, 0, sizeof *frame);
	frame->energy = energy;
	frame->totals = dz_mem_zalloc(energy->count, sizeof *frame->totals);
	for (uint32_t s = 0; s < energy->count; s++) {
		const double *row = energy->sums + (size_t)s * energy->count;
		for (uint32_t t = 0; t < energy->count; t++)
			frame->totals[s] += row[t];
		all += frame->totals[s];
		frame->size += energy->sizes[s];
		squares += energy->sizes[s] * energy->sizes[s];
	}
	frame->mean = all / (frame->size * frame->size - squares);
}

/* V of a split. */
static double variance(const struct frame *frame, const bool *chosen, const double *rows, double size, double others)
{
	const double *sizes = frame->energy->sizes;
	double sum = 0, mean[2] = { 0, 0 };

	for (unsigned turn = 0; turn < 2; turn++) {
		for (uint32_t s = 0; s < frame->energy->count; s++) {
			unsigned group = chosen[s];
			double h = rows[s] / size - (frame->totals[s] - rows[s]) / others; /* times n_s */
			double all = group ? size : others;
			if (turn == 0) {
				mean[group] += h / all;
			} else {
				double gap = (h - sizes[s] * mean[group]) / all;
				sum += gap * gap;
			}
		}
	}
	return sum;
}

/* `rows` is what each session adds up to with the chosen ones. */
static struct value evaluate(const struct frame *frame, const bool *chosen, const double *rows)
{
	const struct dz_energy *energy = frame->energy;
	double size = 0, squares = 0, other_squares = 0, within = 0, between = 0, outside = 0, others, v;
	struct value value;

	for (uint32_t s = 0; s < energy->count; s++) {
		double n = energy->sizes[s], rest = frame->totals[s] - rows[s];
		if (chosen[s]) {
			size += n;
			squares += n * n;
			within += rows[s];
			between += rest;
		} else {
			other_squares += n * n;
			outside += rest;
		}
	}
	others = frame->size - size;
	between /= size * others;
	value.energy = 2 * between - within / (size * size - squares) - outside / (others * others - other_squares);
	if (fabs(value.energy) <= ZERO * frame->mean)
		value.energy = 0;
	value.h = between > 0 ? value.energy / (2 * between) : 0;
	v = variance(frame, chosen, rows, size, others);
	if (v > ZERO * ZERO * frame->mean * frame->mean)
		value.statistic = value.energy / sqrt(v);
	else
		value.statistic = value.energy > 0 ? INFINITY : 0;
	return value;
}

/* ---- splits ---- */

/* Gives the splits one after the other: all of them, or random ones. */
struct splits {
	uint32_t count, chosen;
	bool exact, ended;
	uint32_t *items; /* owned: exact: the chosen ones, ascending; random: all but the pairs in some order */
	const struct dz_energy_options *options;
	struct dz_rng rng;
};

static void splits_init(struct splits *splits, uint32_t count, uint32_t chosen, bool exact,
			const struct dz_energy_options *options)
{
	bool *paired = dz_mem_zalloc(count, sizeof *paired);
	uint32_t others = 0;

	*splits = (struct splits){ .count = count, .chosen = chosen, .exact = exact, .options = options };
	splits->items = dz_mem_zalloc(count, sizeof *splits->items);
	for (uint32_t i = 0; i < options->pair_count; i++)
		paired[options->pairs[i].of_a] = paired[options->pairs[i].of_b] = true;
	for (uint32_t i = 0; i < count; i++)
		if (!paired[i])
			splits->items[others++] = i;
	dz_rng_init(&splits->rng, options->seed);
	free(paired);
}

/* The next combination in the order of a dictionary. */
static void step(struct splits *splits)
{
	uint32_t k = splits->chosen, i = k;

	while (i > 0 && splits->items[i - 1] == splits->count - k + i - 1)
		i--;
	splits->ended = i == 0;
	if (splits->ended)
		return;
	splits->items[i - 1]++;
	for (; i < k; i++)
		splits->items[i] = splits->items[i - 1] + 1;
}

static bool splits_next(struct splits *splits, bool *chosen)
{
	const struct dz_energy_pair *pair = splits->options->pairs;
	uint32_t pairs = splits->options->pair_count;

	if (splits->ended)
		return false;
	if (!splits->exact)
		dz_rng_choose(&splits->rng, splits->items, splits->count - 2 * pairs, splits->chosen - pairs);
	memset(chosen, 0, splits->count * sizeof *chosen);
	for (uint32_t i = 0; i < splits->chosen - pairs; i++)
		chosen[splits->items[i]] = true;
	for (uint32_t i = 0; i < pairs; i++)
		chosen[dz_rng_below(&splits->rng, 2) ? pair[i].of_b : pair[i].of_a] = true;
	if (splits->exact)
		step(splits);
	return true;
}

/* ---- many splits ---- */

/* Eight at a time, by pairs: most of a test's time goes here. */
typedef double pair __attribute__((vector_size(16), aligned(8), may_alias));

static void add_row(double *restrict to, const double *restrict row, uint32_t count)
{
	uint32_t t = 0;

	for (; t + 8 <= count; t += 8) {
		pair *sum = (pair *)(void *)(to + t);
		const pair *more = (const pair *)(const void *)(row + t);
		sum[0] += more[0];
		sum[1] += more[1];
		sum[2] += more[2];
		sum[3] += more[3];
	}
	for (; t < count; t++)
		to[t] += row[t];
}

/* For each split of a block, what each session adds up to with the chosen ones. */
static void add_rows(const struct dz_energy *energy, const bool *chosen, uint32_t used, double *rows)
{
	uint32_t count = energy->count;

	memset(rows, 0, (size_t)used * count * sizeof *rows);
	for (uint32_t s = 0; s < count; s++)
		for (uint32_t i = 0; i < used; i++)
			if (chosen[(size_t)i * count + s])
				add_row(rows + (size_t)i * count, energy->sums + (size_t)s * count, count);
}

/* Counts splits that reach the threshold, and notes H of all. */
static void try_splits(const struct frame *frame, struct splits *splits, const struct dz_energy_options *options,
		       double threshold, struct dz_energy_result *result, double *noise)
{
	uint32_t count = splits->count, used = BLOCK;
	bool *chosen = dz_mem_zalloc((size_t)count * BLOCK, sizeof *chosen);
	double *rows = dz_mem_zalloc((size_t)count * BLOCK, sizeof *rows);
	bool stopped = false;

	while (used == BLOCK && !stopped) {
		for (used = 0; used < BLOCK && result->tried + used < options->permutations; used++)
			if (!splits_next(splits, chosen + (size_t)used * count))
				break;
		add_rows(frame->energy, chosen, used, rows);
		for (uint32_t i = 0; i < used && !stopped; i++) {
			struct value value = evaluate(frame, chosen + (size_t)i * count, rows + (size_t)i * count);
			noise[result->tried++] = value.h > 0 ? value.h : 0;
			result->reached += value.statistic >= threshold;
			stopped = !splits->exact && result->reached >= options->stop;
		}
	}
	free(chosen);
	free(rows);
}

static void tell_p(const struct dz_energy_options *options, struct dz_energy_result *result)
{
	if (result->exact || result->tried < options->permutations)
		result->p = (double)result->reached / result->tried;
	else
		result->p = (1.0 + result->reached) / (1.0 + result->tried);
}

void dz_energy_test(const struct dz_energy *energy, const struct dz_energy_options *options,
		    struct dz_energy_result *result)
{
	uint32_t count = energy->count, first = energy->first, fewer = first <= count - first ? first : count - first;
	double all = (first == count - first ? 2 : 1) / dz_energy_least_p(first, count - first);
	bool *chosen = dz_mem_zalloc(count, sizeof *chosen);
	double *rows = dz_mem_zalloc(count, sizeof *rows), *noise = dz_mem_zalloc(options->permutations, sizeof *noise);
	struct splits splits;
	struct frame frame;
	struct value value;

	memset(result, 0, sizeof *result);
	frame_init(&frame, energy);
	/* The smaller group is the chosen one; which that is makes no difference to T. */
	for (uint32_t s = 0; s < count; s++)
		chosen[s] = (s < first) == (fewer == first);
	add_rows(energy, chosen, 1, rows);
	value = evaluate(&frame, chosen, rows);
	result->energy = value.energy;
	result->statistic = value.statistic;
	result->h = value.h;
	result->exact = !options->pair_count && all <= options->permutations;
	splits_init(&splits, count, fewer, result->exact, options);
	try_splits(&frame, &splits, options,
		   value.statistic - (isinf(value.statistic) ? 0 : SLACK * fabs(value.statistic)), result, noise);
	tell_p(options, result);
	qsort(noise, result->tried, sizeof *noise, dz_summary_by_value);
	result->noise_median = dz_summary_sorted_quantile(noise, result->tried, 0.5);
	result->noise_high = dz_summary_sorted_quantile(noise, result->tried, 0.95);
	free(splits.items);
	free(frame.totals);
	free(chosen);
	free(rows);
	free(noise);
}

/* ---- the interval ---- */

struct dz_interval dz_interval_of(double *values, size_t count)
{
	if (count < MIN_INTERVAL)
		return (struct dz_interval){ 0 };
	qsort(values, count, sizeof *values, dz_summary_by_value);
	return (struct dz_interval){ true, dz_summary_sorted_quantile(values, count, 0.025),
				     dz_summary_sorted_quantile(values, count, 0.975) };
}

void dz_energy_resample(struct dz_rng *rng, uint32_t count, uint32_t first, double *times)
{
	memset(times, 0, count * sizeof *times);
	for (uint32_t i = 0; i < first; i++)
		times[dz_rng_below(rng, first)]++;
	for (uint32_t i = first; i < count; i++)
		times[first + dz_rng_below(rng, count - first)]++;
}

double dz_energy_resampled_h(const struct dz_energy *energy, const double *times, double *scratch)
{
	double size[2] = { 0, 0 }, squares[2] = { 0, 0 }, within[2] = { 0, 0 }, between = 0, value;
	double *rows[2] = { scratch, scratch + energy->count };

	memset(scratch, 0, (size_t)energy->count * 2 * sizeof *scratch);
	for (uint32_t s = 0; s < energy->count; s++) {
		const double *row = energy->sums + (size_t)s * energy->count;
		double *to = rows[s >= energy->first], drawn = times[s], n = drawn * energy->sizes[s];
		if (!(drawn > 0))
			continue;
		/* What A's sessions are from B's is asked of B's rows. */
		for (uint32_t t = 0, end = s >= energy->first ? energy->count : energy->first; t < end; t++)
			to[t] += drawn * row[t];
		size[s >= energy->first] += n;
		squares[s >= energy->first] += n * n;
	}
	for (uint32_t s = 0; s < energy->count; s++) {
		bool group = s >= energy->first;
		within[group] += times[s] * rows[group][s];
		between += group ? 0 : times[s] * rows[1][s];
	}
	for (unsigned g = 0; g < 2; g++) {
		double pairs = size[g] * size[g] - squares[g];
		if (!(pairs > 0))
			return NAN; /* one session alone was drawn */
		within[g] /= pairs;
	}
	between /= size[0] * size[1];
	value = 2 * between - within[0] - within[1];
	return between > 0 && value > 0 ? value / (2 * between) : 0;
}
