/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate_labels.c - see evaluate.h: how often each label is right, and how sure that is. */
#include "config.h"
#include "stats/evaluate_internal.h"

#include "base/mem.h"
#include "math/rng.h"
#include "math/summary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LABELS = 2000 }; /* that have intervals: for more they are not worth the memory */
static const float likely = 0.5f;

static int by_name(const void *left, const void *right)
{
	const struct dz_evaluated_label *a = left, *b = right;
	return strcmp(a->name, b->name);
}

/* By number of name: the label's place in the evaluation. Given to the caller. */
static uint32_t *list_labels(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
			     const struct dz_intern *names)
{
	uint32_t *places = dz_mem_zalloc(names->count, sizeof *places), number;
	bool *used = dz_mem_zalloc(names->count, sizeof *used);

	for (size_t i = 0; i < count; i++) {
		used[flows[i].label] = true;
		if (flows[i].told != UINT32_MAX)
			used[flows[i].told] = true;
	}
	evaluation->labels = dz_mem_zalloc(names->count, sizeof *evaluation->labels);
	dz_intern_init(&evaluation->names);
	for (uint32_t n = 0; n < names->count; n++)
		if (used[n])
			dz_intern_add_text(&evaluation->names, dz_intern_text(names, n));
	for (; evaluation->count < evaluation->names.count; evaluation->count++)
		evaluation->labels[evaluation->count].name = dz_intern_text(&evaluation->names, evaluation->count);
	qsort(evaluation->labels, evaluation->count, sizeof *evaluation->labels, by_name);
	for (uint32_t l = 0; l < evaluation->count; l++)
		if (dz_intern_find(names, evaluation->labels[l].name, strlen(evaluation->labels[l].name), &number))
			places[number] = l;
	free(used);
	return places;
}

/* ---- F1, of each label and of all, with intervals ---- */

/* As many flows of a fold, of one label, that were told one label. */
struct tally {
	uint32_t fold, label, told;
};

struct tallies {
	struct dz_intern kinds;
	uint64_t *flows; /* owned, by kind */
};

static void tallies_init(struct tallies *tallies, const struct dz_judged *flows, size_t count, const uint32_t *places)
{
	dz_intern_init(&tallies->kinds);
	tallies->flows = dz_mem_zalloc(count, sizeof *tallies->flows);
	for (size_t i = 0; i < count; i++) {
		const struct tally tally = { flows[i].fold, places[flows[i].label],
					     flows[i].told == UINT32_MAX ? UINT32_MAX : places[flows[i].told] };
		tallies->flows[dz_intern_add(&tallies->kinds, &tally, sizeof tally)]++;
	}
}

static void tallies_release(struct tallies *tallies)
{
	dz_intern_release(&tallies->kinds);
	free(tallies->flows);
}

static struct tally tally_at(const struct tallies *tallies, uint32_t kind)
{
	struct tally tally;

	memcpy(&tally, dz_intern_bytes(&tallies->kinds, kind, NULL), sizeof tally);
	return tally;
}

/* Sets f1[label] when each fold counts so many times: NaN where none of them has the label or was told it. The scratch
 * is of two numbers a label. */
static void f1_of_folds(const struct tallies *tallies, const uint32_t *times, uint32_t labels, uint64_t *scratch,
			double *f1)
{
	uint64_t *right = scratch, *both = scratch + labels;

	memset(scratch, 0, 2 * labels * sizeof *scratch);
	for (uint32_t k = 0; k < tallies->kinds.count; k++) {
		struct tally tally = tally_at(tallies, k);
		uint64_t flows = tallies->flows[k] * times[tally.fold];
		both[tally.label] += flows;
		if (tally.told != UINT32_MAX)
			both[tally.told] += flows;
		right[tally.label] += tally.told == tally.label ? flows : 0;
	}
	for (uint32_t l = 0; l < labels; l++)
		f1[l] = both[l] ? 2 * (double)right[l] / (double)both[l] : NAN;
}

/* The middle 95 % of the values that are known; puts them in order. */
static void find_middle(double *values, uint32_t count, struct dz_accuracy *interval)
{
	uint32_t known = 0;

	for (uint32_t i = 0; i < count; i++)
		if (!isnan(values[i]))
			values[known++] = values[i];
	qsort(values, known, sizeof *values, dz_summary_by_value);
	interval->low = known ? dz_summary_sorted_quantile(values, known, 0.025) : interval->value;
	interval->high = known ? dz_summary_sorted_quantile(values, known, 0.975) : interval->value;
}

static double mean_of_known(const double *values, uint32_t count)
{
	uint32_t known = 0;
	double sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		known += !isnan(values[i]);
		sum += isnan(values[i]) ? 0 : values[i];
	}
	return known ? sum / known : 0;
}

/* By label: in how many folds it is. Given to the caller. */
static uint32_t *count_folds(const struct tallies *tallies, uint32_t labels)
{
	uint32_t *folds = dz_mem_zalloc(labels, sizeof *folds);
	struct dz_intern seen;

	dz_intern_init(&seen);
	for (uint32_t k = 0; k < tallies->kinds.count; k++) {
		struct tally tally = tally_at(tallies, k);
		const uint32_t pair[2] = { tally.fold, tally.label };
		uint32_t before = seen.count;
		folds[tally.label] += dz_intern_add(&seen, pair, sizeof pair) == before;
	}
	dz_intern_release(&seen);
	return folds;
}

/* Folds are drawn anew with replacement, as for accuracy. */
static void find_intervals(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
			   const uint32_t *places)
{
	uint32_t labels = evaluation->count, folds = evaluation->folds, *with;
	uint32_t *times = dz_mem_zalloc(folds, sizeof *times);
	uint64_t *scratch = dz_mem_zalloc(labels, 2 * sizeof *scratch);
	double *drawn = dz_mem_zalloc((size_t)labels * DZ_EVALUATE_ROUNDS, sizeof *drawn),
	       *of_all = dz_mem_zalloc(DZ_EVALUATE_ROUNDS, sizeof *of_all), *f1 = dz_mem_zalloc(labels, sizeof *f1);
	struct tallies tallies;
	struct dz_rng rng;

	tallies_init(&tallies, flows, count, places);
	dz_rng_init(&rng, dz_rng_derive(evaluation->options.seed, 2));
	for (uint32_t r = 0; r < DZ_EVALUATE_ROUNDS; r++) {
		memset(times, 0, folds * sizeof *times);
		for (uint32_t f = 0; f < folds; f++)
			times[dz_rng_below(&rng, folds)]++;
		f1_of_folds(&tallies, times, labels, scratch, f1);
		of_all[r] = mean_of_known(f1, labels);
		for (uint32_t l = 0; l < labels; l++)
			drawn[(size_t)l * DZ_EVALUATE_ROUNDS + r] = f1[l];
	}
	with = count_folds(&tallies, labels);
	for (uint32_t l = 0; l < labels; l++) {
		find_middle(drawn + (size_t)l * DZ_EVALUATE_ROUNDS, DZ_EVALUATE_ROUNDS, &evaluation->labels[l].f1);
		dz_evaluate_no_surer(&evaluation->labels[l].f1, with[l]);
	}
	find_middle(of_all, DZ_EVALUATE_ROUNDS, &evaluation->macro_f1);
	dz_evaluate_no_surer(&evaluation->macro_f1, folds);
	tallies_release(&tallies);
	free(with);
	free(times);
	free(scratch);
	free(drawn);
	free(of_all);
	free(f1);
}

static void set_f1(struct dz_evaluation *evaluation)
{
	struct dz_contingency_class scores;

	evaluation->macro_f1 = (struct dz_accuracy){ dz_contingency_macro_f1(evaluation->table), -1, -1 };
	for (uint32_t l = 0; l < evaluation->count; l++) {
		dz_contingency_class(evaluation->table, l, &scores);
		evaluation->labels[l].f1 = (struct dz_accuracy){ scores.f1, -1, -1 };
	}
}

/* ---- all of it ---- */

void dz_evaluate_sum_labels(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
			    const struct dz_intern *names)
{
	uint32_t *places = list_labels(evaluation, flows, count, names);
	struct dz_intern pairs;

	dz_intern_init(&pairs);
	evaluation->table = dz_contingency_new(evaluation->count, evaluation->count + 1);
	for (size_t i = 0; i < count; i++) {
		struct dz_evaluated_label *label = &evaluation->labels[places[flows[i].label]];
		const uint32_t pair[2] = { flows[i].input, flows[i].label };
		uint32_t before = pairs.count;
		label->flows++;
		label->covered += flows[i].confidence >= likely;
		label->inputs += dz_intern_add(&pairs, pair, sizeof pair) == before;
		dz_contingency_add(evaluation->table, places[flows[i].label],
				   flows[i].told == UINT32_MAX ? evaluation->count : places[flows[i].told], 1);
	}
	dz_intern_release(&pairs);
	set_f1(evaluation);
	if (evaluation->folds >= DZ_EVALUATE_FOLDS && evaluation->count <= MOST_LABELS)
		find_intervals(evaluation, flows, count, places);
	free(places);
}
