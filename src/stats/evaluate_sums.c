/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate_sums.c - see evaluate.h: from what was told of each flow to the figures of an evaluation. */
#include "config.h"
#include "stats/evaluate_internal.h"

#include "base/mem.h"
#include "math/rng.h"
#include "math/summary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANCE_ROUNDS = 199, CONFIDENCE_BINS = 10, FEW_FOLDS = 6 };
#define NO_SPREAD 1e-9
static const float sure = 0.8f;

/* ---- accuracy with intervals ---- */

/* Answers to "is it this label?": as many as flows, or with each input weighing 1. */
struct answers {
	double found, missed, wrong;
};

struct fold {
	uint64_t flows, right, known, majority;
	struct answers by_flows, by_inputs;
};

enum share { SHARE_OPEN, SHARE_CLOSED, SHARE_MAJORITY, SHARE_F1, SHARE_F1_INPUTS };

static double f1_of(const struct answers *answers)
{
	double found = answers->found;
	return found > 0 ? 2 * found / (2 * found + answers->missed + answers->wrong) : 0;
}

static double share_of(const struct fold *sum, enum share share)
{
	if (share >= SHARE_F1)
		return f1_of(share == SHARE_F1 ? &sum->by_flows : &sum->by_inputs);
	uint64_t part = share == SHARE_MAJORITY ? sum->majority : sum->right;
	uint64_t whole = share == SHARE_CLOSED ? sum->known : sum->flows;
	return whole ? (double)part / (double)whole : 0;
}

static void add_answers(struct answers *sum, const struct answers *answers)
{
	sum->found += answers->found;
	sum->missed += answers->missed;
	sum->wrong += answers->wrong;
}

static void add_fold(struct fold *sum, const struct fold *fold)
{
	add_answers(&sum->by_flows, &fold->by_flows);
	add_answers(&sum->by_inputs, &fold->by_inputs);
	sum->flows += fold->flows;
	sum->right += fold->right;
	sum->known += fold->known;
	sum->majority += fold->majority;
}

/* Whether a fold has anything that the share is of. */
static bool counts(const struct fold *fold, enum share share)
{
	if (share == SHARE_CLOSED)
		return fold->known > 0;
	return share < SHARE_F1 || fold->by_flows.found + fold->by_flows.missed > 0;
}

void dz_evaluate_no_surer(struct dz_accuracy *interval, uint32_t folds)
{
	double unseen = dz_summary_unseen(folds), right = interval->value * folds;

	if (folds >= FEW_FOLDS && right >= 1 && folds - right >= 1 && interval->high - interval->low > NO_SPREAD)
		return;
	interval->low = fmin(interval->low, interval->value * (1 - unseen));
	interval->high = fmax(interval->high, interval->value + (1 - interval->value) * unseen);
}

/* The folds are drawn anew with replacement; the middle 95 % of what they then give. */
static void find_interval(const struct fold *folds, uint32_t count, enum share share, uint64_t seed,
			  struct dz_accuracy *interval)
{
	double values[DZ_EVALUATE_ROUNDS];
	struct fold all = { 0 };
	uint32_t counted = 0;
	struct dz_rng rng;

	for (uint32_t f = 0; f < count; f++) {
		add_fold(&all, &folds[f]);
		counted += counts(&folds[f], share);
	}
	*interval = (struct dz_accuracy){ share_of(&all, share), -1, -1 };
	if (count < DZ_EVALUATE_FOLDS)
		return;
	dz_rng_init(&rng, seed);
	for (unsigned r = 0; r < DZ_EVALUATE_ROUNDS; r++) {
		struct fold sum = { 0 };
		for (uint32_t f = 0; f < count; f++)
			add_fold(&sum, &folds[dz_rng_below(&rng, count)]);
		values[r] = share_of(&sum, share);
	}
	qsort(values, DZ_EVALUATE_ROUNDS, sizeof *values, dz_summary_by_value);
	interval->low = values[DZ_EVALUATE_ROUNDS / 40];
	interval->high = values[DZ_EVALUATE_ROUNDS - 1 - DZ_EVALUATE_ROUNDS / 40];
	dz_evaluate_no_surer(interval, counted);
}

/* Of all flows: a label that a fold has much of is rarer among the others, and what is most frequent there is often
 * wrong here. */
static uint32_t most_frequent(const struct dz_judged *flows, size_t count, const struct dz_intern *names)
{
	uint64_t *times = dz_mem_zalloc(names->count, sizeof *times);
	uint32_t most = flows[0].label;

	for (size_t i = 0; i < count; i++)
		if (++times[flows[i].label] > times[most])
			most = flows[i].label;
	free(times);
	return most;
}

static void sum_accuracy(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
			 const struct dz_intern *names)
{
	uint32_t majority = most_frequent(flows, count, names);
	struct fold *folds = dz_mem_zalloc(evaluation->folds, sizeof *folds);
	uint64_t seed = evaluation->options.seed;

	for (size_t i = 0; i < count; i++) {
		struct fold *fold = &folds[flows[i].fold];
		fold->flows++;
		fold->known += flows[i].known;
		fold->right += flows[i].told == flows[i].label;
		fold->majority += flows[i].label == majority;
		evaluation->no_library_label += !flows[i].known;
	}
	find_interval(folds, evaluation->folds, SHARE_OPEN, seed, &evaluation->open);
	find_interval(folds, evaluation->folds, SHARE_CLOSED, seed, &evaluation->closed);
	find_interval(folds, evaluation->folds, SHARE_MAJORITY, seed, &evaluation->majority);
	free(folds);
}

/* ---- pairs of inputs and labels ---- */

struct pair {
	uint32_t input, label;
};

static void sum_pairs(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count)
{
	struct dz_intern pairs;
	double *right = dz_mem_zalloc(count, sizeof *right), *all = dz_mem_zalloc(count, sizeof *all), sum = 0;

	dz_intern_init(&pairs);
	for (size_t i = 0; i < count; i++) {
		struct pair pair = { flows[i].input, flows[i].label };
		uint32_t number;
		if (!flows[i].known)
			continue;
		number = dz_intern_add(&pairs, &pair, sizeof pair);
		right[number] += flows[i].told == flows[i].label;
		all[number]++;
	}
	for (uint32_t p = 0; p < pairs.count; p++)
		sum += right[p] / all[p];
	evaluation->pairs = pairs.count ? sum / pairs.count : 0;
	dz_intern_release(&pairs);
	free(right);
	free(all);
}

/* ---- confidence ---- */

/* By number of name: how many flows of an input there are. Given to the caller. */
static double *count_inputs(const struct dz_judged *flows, size_t count, uint32_t names, uint32_t *inputs)
{
	double *of = dz_mem_zalloc(names, sizeof *of);

	*inputs = 0;
	for (size_t i = 0; i < count; i++)
		*inputs += of[flows[i].input]++ == 0;
	return of;
}

/* The sum, over classes of confidence, of how far confidence and what was right are apart. With `draws`, a number in 0
 * to 1 of each input, a flow is right where its confidence is more than that. */
static double calibration_error(const struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
				const double *of_input, const double *draws)
{
	double gaps[CONFIDENCE_BINS] = { 0 }, error = 0;

	for (size_t i = 0; i < count; i++) {
		double confidence = flows[i].confidence;
		unsigned bin = (unsigned)fmin(confidence * CONFIDENCE_BINS, CONFIDENCE_BINS - 1);
		bool right = draws ? draws[flows[i].input] < confidence : flows[i].told == flows[i].label;
		gaps[bin] += (right - confidence) / of_input[flows[i].input];
	}
	for (unsigned b = 0; b < CONFIDENCE_BINS; b++)
		error += fabs(gaps[b]) / evaluation->inputs;
	return error;
}

static void sum_calibration(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
			    const double *of_input, uint32_t names)
{
	double *draws = dz_mem_zalloc(names, sizeof *draws), errors[CHANCE_ROUNDS];
	struct dz_rng rng;

	evaluation->calibration = calibration_error(evaluation, flows, count, of_input, NULL);
	dz_rng_init(&rng, dz_rng_derive(evaluation->options.seed, 1));
	for (unsigned r = 0; r < CHANCE_ROUNDS; r++) {
		for (uint32_t n = 0; n < names; n++)
			draws[n] = of_input[n] > 0 ? dz_rng_unit(&rng) : 0;
		errors[r] = calibration_error(evaluation, flows, count, of_input, draws);
	}
	qsort(errors, CHANCE_ROUNDS, sizeof *errors, dz_summary_by_value);
	evaluation->calibration_chance = dz_summary_sorted_quantile(errors, CHANCE_ROUNDS, 0.5);
	evaluation->calibration_chance_high = dz_summary_sorted_quantile(errors, CHANCE_ROUNDS, 0.95);
	free(draws);
}

static bool have_confidence(const struct dz_judged *flows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (flows[i].confidence < 0)
			return false;
	return true;
}

static int by_confidence(const void *left, const void *right)
{
	const struct dz_judged *a = left, *b = right;
	return (a->confidence < b->confidence) - (a->confidence > b->confidence);
}

/* What is right in the fifth with the highest confidence; flows of equal confidence at the border count in part. Each
 * flow weighs 1, or what makes its input 1 in all. */
static double find_best_fifth(const struct dz_judged *sorted, size_t count, const double *of_input, double all)
{
	double left = all / 5, right = 0;

	for (size_t first = 0, end; first < count && left > 0; first = end) {
		double hits = 0, sum = 0, part;
		for (end = first; end < count && sorted[end].confidence == sorted[first].confidence; end++) {
			double weight = of_input ? 1 / of_input[sorted[end].input] : 1;
			sum += weight;
			hits += sorted[end].told == sorted[end].label ? weight : 0;
		}
		part = fmin(left / sum, 1);
		right += hits * part;
		left -= sum * part;
	}
	return right / (all / 5);
}

static void sum_best_fifth(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
			   const double *of_input)
{
	struct dz_judged *sorted = dz_mem_zalloc(count, sizeof *sorted);

	memcpy(sorted, flows, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, by_confidence);
	evaluation->best_fifth = find_best_fifth(sorted, count, NULL, (double)count);
	evaluation->best_fifth_by_input = find_best_fifth(sorted, count, of_input, evaluation->inputs);
	free(sorted);
}

static void sum_confidence(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
			   uint32_t names)
{
	double *of_input = count_inputs(flows, count, names, &evaluation->inputs);
	uint8_t *seen = dz_mem_zalloc(names, sizeof *seen);

	evaluation->calibration = evaluation->best_fifth = evaluation->best_fifth_by_input = -1;
	if (have_confidence(flows, count)) {
		sum_calibration(evaluation, flows, count, of_input, names);
		sum_best_fifth(evaluation, flows, count, of_input);
	}
	for (size_t i = 0; i < count; i++) {
		if (flows[i].told == flows[i].label)
			evaluation->by_input += 1 / of_input[flows[i].input] / evaluation->inputs;
		if (flows[i].confidence < sure)
			continue;
		evaluation->sure_flows++;
		evaluation->sure_right += flows[i].told == flows[i].label;
		evaluation->sure_inputs += !seen[flows[i].input];
		seen[flows[i].input] = 1;
	}
	free(of_input);
	free(seen);
}

/* ---- one label against the rest ---- */

static void count_answer(struct answers *answers, bool mine, bool answer, double weight)
{
	answers->found += mine && answer ? weight : 0;
	answers->missed += mine && !answer ? weight : 0;
	answers->wrong += !mine && answer ? weight : 0;
}

static void sum_answers(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count, uint32_t is,
			uint32_t names)
{
	struct fold *folds = dz_mem_zalloc(evaluation->folds, sizeof *folds);
	double *of_input = dz_mem_zalloc(names, sizeof *of_input);
	uint64_t seed = evaluation->options.seed;

	for (size_t i = 0; i < count; i++)
		if (flows[i].asked)
			of_input[flows[i].input]++;
	for (size_t i = 0; i < count; i++) {
		bool mine = flows[i].label == is, answer = flows[i].is;
		if (!flows[i].asked)
			continue;
		evaluation->asked = true;
		*(mine     ? answer ? &evaluation->is_found : &evaluation->is_missed
		  : answer ? &evaluation->is_false
			   : &evaluation->is_rest) += 1;
		count_answer(&folds[flows[i].fold].by_flows, mine, answer, 1);
		count_answer(&folds[flows[i].fold].by_inputs, mine, answer, 1 / of_input[flows[i].input]);
	}
	find_interval(folds, evaluation->folds, SHARE_F1, seed, &evaluation->is_f1);
	find_interval(folds, evaluation->folds, SHARE_F1_INPUTS, seed, &evaluation->is_f1_inputs);
	free(of_input);
	free(folds);
}

void dz_evaluate_sum(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
		     const struct dz_intern *names, uint32_t is)
{
	sum_accuracy(evaluation, flows, count, names);
	sum_pairs(evaluation, flows, count);
	sum_confidence(evaluation, flows, count, names->count);
	if (evaluation->options.score.is)
		sum_answers(evaluation, flows, count, is, names->count);
	dz_evaluate_sum_labels(evaluation, flows, count, names);
}

void dz_evaluation_release(struct dz_evaluation *evaluation)
{
	free(evaluation->labels);
	dz_contingency_free(evaluation->table);
	dz_intern_release(&evaluation->names);
	memset(evaluation, 0, sizeof *evaluation);
}
