/* SPDX-License-Identifier: BSD-2-Clause */
/* score.h - which profile is a flow nearest to?
 *
 * Knows profiles and numbers; knows no files.  A profile stands for the mean
 * of its flows' distributions.  "Unknown" is no shape: a profile of that name
 * is never a candidate, and nothing is said about whether a flow of that label
 * agrees.  Of profiles as near, the one whose name sorts first is taken. */
#ifndef DISTRIBOOZE_SCORE_H
#define DISTRIBOOZE_SCORE_H

#include "math/contingency.h"
#include "stats/profile.h"

#define DZ_SCORE_MOST 16u /* nearest profiles told */

struct dz_score_options {
	enum dz_metric metric;
	enum dz_direction direction;
	size_t nearest;     /* how many profiles to tell: 1..DZ_SCORE_MOST */
	uint64_t min_flows; /* profiles of fewer flows are no candidates */
};

struct dz_scorer; /* opaque */

/* The library is borrowed. False when it has neither a candidate nor a rule. */
struct dz_scorer *dz_scorer_new(const struct dz_library *library, const struct dz_score_options *options,
				struct dz_err *err) DZ_MUST_CHECK;
void dz_scorer_free(struct dz_scorer *scorer);

enum dz_score_agrees { DZ_SCORE_CANNOT_SAY, DZ_SCORE_AGREES, DZ_SCORE_DISAGREES };

struct dz_score_near {
	const char *profile; /* borrowed from the library */
	double distance;
};

struct dz_score {
	bool empty;                                  /* the flow counted no packet: nothing else is set */
	size_t count;                                /* of nearest; 0 when the library has rules only */
	struct dz_score_near nearest[DZ_SCORE_MOST]; /* nearest first */
	double margin;                /* second distance less the first; 0 with fewer than two candidates */
	enum dz_score_agrees agrees;  /* is the nearest profile the flow's own? */
	double own;                   /* distance to the profile of the flow's own name; -1 when there is none */
	size_t rule_count;            /* as the library has them */
	const double *rule_distances; /* borrowed from the scorer until the next call */
	const bool *rule_matches;
};

/* `name` is the flow's group, by what the library is by. False, with a message, when the record has no such part. */
DZ_MUST_CHECK bool dz_scorer_score(struct dz_scorer *scorer, const struct dz_record *record, const char *name,
				   struct dz_score *score, struct dz_err *err);

/* ---- how good is it? ---- */

struct dz_evaluation {
	char **names; /* owned: classes, sorted by name */
	uint32_t count;
	struct dz_contingency *table; /* owned: true by predicted; the last column is "no answer" */
	uint64_t left_out; /* flows that were not judged: of labels with too few flows, of "Unknown", empty */
	uint64_t labels_left_out;
	const char *method; /* "leave-one-out", "holdout", "library" */
};

void dz_evaluation_release(struct dz_evaluation *evaluation);

/* Each flow against the means of all other flows. Groups of fewer than `min_flows` (at least 2) flows with a
 * distribution are left out altogether. */
void dz_score_leave_one_out(const struct dz_groups *groups, enum dz_metric metric, uint64_t min_flows,
			    struct dz_evaluation *evaluation);

/* A share of each group's flows (at least one, and not all) is drawn, and judged by the means of the others. */
void dz_score_holdout(const struct dz_groups *groups, enum dz_metric metric, uint64_t min_flows, double fraction,
		      uint64_t seed, struct dz_evaluation *evaluation);

/* All flows of groups that the library has a candidate for, against the library. */
void dz_score_by_library(const struct dz_groups *groups, const struct dz_library *library,
			 const struct dz_score_options *options, struct dz_evaluation *evaluation);

#endif
