/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate_internal.h - what evaluate.c (the folds) and evaluate_sums.c (the figures) share. */
#ifndef DISTRIBOOZE_EVALUATE_INTERNAL_H
#define DISTRIBOOZE_EVALUATE_INTERNAL_H

#include "stats/evaluate.h"

/* A flow, and what was told of it. Names are numbers of the evaluator's names. */
struct dz_judged {
	uint32_t vector, label, input, host, protocol, fold;
	uint32_t told;    /* a label, or UINT32_MAX for nothing */
	float confidence; /* -1: none */
	bool known;       /* the library has its label */
	bool asked, is;   /* --is: whether it was asked about, and the answer */
};

enum { DZ_EVALUATE_ROUNDS = 1000, DZ_EVALUATE_FOLDS = 3 }; /* draws of folds; folds that are enough to draw from */

/* What draws of few folds, or of folds that agree, cannot know: makes the interval no narrower than what folds that
 * were never seen may do, where `folds` that have what is judged are fewer than six, less than one of them is right or
 * wrong, or all are alike. */
void dz_evaluate_no_surer(struct dz_accuracy *interval, uint32_t folds);

/* Lists the labels, and how often each is right. */
void dz_evaluate_sum_labels(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
			    const struct dz_intern *names);

/* What all repeats together gave. */
void dz_evaluate_sum(struct dz_evaluation *evaluation, const struct dz_judged *flows, size_t count,
		     const struct dz_intern *names, uint32_t is);

#endif
