/* SPDX-License-Identifier: BSD-2-Clause */
/* score_internal.h - what score.c and its helpers share. */
#ifndef DISTRIBOOZE_SCORE_INTERNAL_H
#define DISTRIBOOZE_SCORE_INTERNAL_H

#include "stats/calibration.h"
#include "stats/nearest.h"
#include "stats/score.h"

extern const char dz_score_unknown[]; /* nDPI's label of flows that it could not name: never a profile */

bool dz_score_is_candidate(const struct dz_library *library, const struct dz_profile *profile,
			   enum dz_direction direction, uint64_t min_flows);

/* What a library tells about itself when each of its inputs is judged by the others. */
struct dz_score_learnt {
	struct dz_calibration label;  /* of the score: is the nearest label right? */
	struct dz_calibration either; /* of the score of two: is it one of the first two? */
	struct dz_calibration is;     /* of the distance to the label, negative: is it this one? */
	double reach;                 /* 99 % of flows are no farther from their label's other inputs; -1: not known */
	uint32_t is_inputs;           /* that have the label */
	uint32_t lone_labels;         /* of one input, which stand for labels that the library does not know */
};

/* `is` is a label's number or DZ_NEAREST_NONE; protocols (by number, borrowed; NULL: all) are those it is looked for
 * among. */
void dz_score_learn(const struct dz_nearest *nearest, uint32_t is, const bool *protocols,
		    struct dz_score_learnt *learnt);
void dz_score_learnt_release(struct dz_score_learnt *learnt);

/* What the nearest labels show.  A label that only one capture brings so near is no evidence; its second nearest input
 * is its witness. */
struct dz_score_view {
	size_t count; /* of found */
	struct dz_near found[DZ_NEAREST_MAX];
	double margin; /* distance of the second label less that of the first; the largest distance where there is none
			*/
	double score;  /* distance of the second label less that of the first label's second nearest input; of equally
			  near labels what part of the cells is the first's counts, too */
	double of_two; /* the same with the third label: for one of the first two */
};
/* The query gives the point and what is left out; `most` (at least 3) and the rest are set here. */
void dz_score_look(const struct dz_nearest *nearest, struct dz_nearest_query query, size_t most,
		   struct dz_score_view *view);

/* The mean distance to the DZ_SCORE_IS_INPUTS inputs in which the label is nearest; the largest for those there are
 * not. */
double dz_score_distance_to(const struct dz_nearest *nearest, struct dz_nearest_query query, uint32_t label);

#endif
