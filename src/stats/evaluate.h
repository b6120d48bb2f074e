/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate.h - how often the nearest label is the right one, and whether the confidence is worth its name.
 *
 * Knows records and libraries; knows no files.  The flows are cut into *folds*, and those of each fold are judged by a
 * library of the others; or all by a library from elsewhere.  Flows of one capture resemble each other, so that folds
 * are captures, unless something else is asked for.
 *
 * *Open world*: all judged flows count, and a label that the fold's library does not have cannot be right.  *Closed
 * world*: flows of such labels are left out.  Flows of "Unknown" and without counted packets are not judged. */
#ifndef DISTRIBOOZE_EVALUATE_H
#define DISTRIBOOZE_EVALUATE_H

#include "math/contingency.h"
#include "stats/score.h"

enum dz_fold_kind {
	DZ_FOLD_INPUT,
	DZ_FOLD_HOST, /* the originator's address */
	DZ_FOLD_RANDOM,
	DZ_FOLD_LIBRARY /* none: all are judged by a given library */
};

struct dz_evaluate_options {
	struct dz_score_options score;
	enum dz_fold_kind folds;
	uint32_t count;                                                 /* of random folds, >= 2 */
	uint32_t repeats;                                               /* of random folds, >= 1 */
	uint64_t seed;                                                  /* of random folds and of the bootstrap */
	const struct dz_library *library;                               /* of DZ_FOLD_LIBRARY; borrowed */
	void (*progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
	void *context;
};

/* The number of folds at most: of more inputs or hosts several share one. */
#define DZ_FOLDS_MAX 200u

struct dz_evaluator; /* collects flows */
struct dz_evaluator *dz_evaluator_new(enum dz_group_by by, enum dz_direction direction);
void dz_evaluator_free(struct dz_evaluator *evaluator);

/* Adds a flow whose label is `truth`. False, with a message, when the record has no vector for the direction. */
DZ_MUST_CHECK bool dz_evaluator_add(struct dz_evaluator *evaluator, const struct dz_record *record, const char *input,
				    const char *truth, struct dz_err *err);
uint32_t dz_evaluator_inputs(const struct dz_evaluator *evaluator);
/* Flows that another input has, too, by their keys and starts: in folds by input each is judged by its copy. */
uint64_t dz_evaluator_copies(const struct dz_evaluator *evaluator);

/* Flows that are judged, and those of them whose originator began flows in other inputs, too. */
uint64_t dz_evaluator_flows(const struct dz_evaluator *evaluator);
uint64_t dz_evaluator_of_shared_hosts(const struct dz_evaluator *evaluator);

struct dz_accuracy {
	double value, low, high; /* low and high: 95 %, by bootstrap over folds; both -1 when there are fewer than 3 */
};

/* A label that was true or was told. */
struct dz_evaluated_label {
	const char *name;        /* borrowed from the evaluation */
	uint64_t flows, covered; /* covered: told with a confidence of 0.5 and more */
	uint32_t inputs;
	struct dz_accuracy f1;
};

struct dz_evaluation {
	struct dz_evaluate_options options;
	uint32_t folds;
	uint64_t judged, empty, unknown_label; /* flows; empty and of "Unknown" are not judged */
	uint64_t no_library_label;             /* of those judged: whose label their fold's library does not have */
	struct dz_accuracy open, closed;       /* accuracy */
	struct dz_accuracy majority;           /* open: by the most frequent label of all flows */
	struct dz_accuracy macro_f1;           /* the mean F1 of the labels */
	double pairs;                          /* closed: mean over the pairs of input and label */
	double repeat_sd;                      /* of the open accuracy over repeats; -1 with one */
	double calibration; /* expected calibration error, each input weighing 1; -1 without confidence */
	/* What it would be by chance were every confidence exact, an input's flows being right or wrong together: in
	 * the middle, and below which in 95 %. */
	double calibration_chance, calibration_chance_high;
	double by_input; /* open accuracy, each input weighing 1 */
	/* Open accuracy in the fifth with the highest confidence, of the flows, and each input weighing 1; -1 without.
	 */
	double best_fifth, best_fifth_by_input;
	uint64_t sure_flows, sure_right; /* told with 0.8 and more */
	uint32_t sure_inputs, inputs;
	uint32_t count;                    /* labels, sorted by name */
	struct dz_evaluated_label *labels; /* owned */
	struct dz_contingency *table;      /* owned: true by told; the last column is "nothing in common" */
	/* --is: of the flows that were asked about, right and wrong answers, by flows and by inputs (each weighing 1)
	 */
	bool asked;
	uint64_t is_found, is_missed, is_false, is_rest;
	struct dz_accuracy is_f1, is_f1_inputs;
	/* private */
	struct dz_intern names;
};

/* False, with a message, when there is nothing to judge, or no library to judge by. */
DZ_MUST_CHECK bool dz_evaluate(struct dz_evaluator *evaluator, const struct dz_evaluate_options *options,
			       struct dz_evaluation *evaluation, struct dz_err *err);
void dz_evaluation_release(struct dz_evaluation *evaluation);

#endif
