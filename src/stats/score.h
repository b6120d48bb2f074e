/* SPDX-License-Identifier: BSD-2-Clause */
/* score.h - which label does a flow look like, and how sure is that?
 *
 * Knows libraries and numbers; knows no files.  A label is as near as the nearest of its cells (nearest.h).  How often
 * the nearest label is right, at such a margin and distance, the library finds out from itself: each of its inputs is
 * judged by the cells of all others.  docs/STATISTICS.md has the definitions.
 *
 * "Unknown" is no shape: a profile of that name is never a candidate, and nothing is said about whether a flow of that
 * label agrees. */
#ifndef DISTRIBOOZE_SCORE_H
#define DISTRIBOOZE_SCORE_H

#include "stats/profile.h"

#define DZ_SCORE_MAX 16u      /* nearest labels told */
#define DZ_SCORE_IS_INPUTS 3u /* inputs with the label that a question for it needs, and looks at */

struct dz_score_options {
	enum dz_metric metric;
	enum dz_direction direction;
	size_t nearest;     /* how many labels to tell: 1..DZ_SCORE_MAX */
	uint64_t min_flows; /* profiles of fewer flows are no candidates */
	const char *is;     /* the label that is asked for; NULL: none. Borrowed */
	const char *among;  /* protocols, with commas; NULL: those that the library has the label under. Borrowed */
	double confidence;  /* from which the answer is yes: 0..1 */
};

struct dz_scorer; /* opaque */

/* The library is borrowed. False when it has neither a candidate nor a rule, or not enough for the question. */
struct dz_scorer *dz_scorer_new(const struct dz_library *library, const struct dz_score_options *options,
				struct dz_err *err) DZ_MUST_CHECK;
void dz_scorer_free(struct dz_scorer *scorer);

/* The highest confidence that it can give; -1 when it cannot tell: cells of two inputs are needed. */
double dz_scorer_best(const struct dz_scorer *scorer);

/* Of the flows that --is is asked of, the share that has the label in the library, each of its inputs weighing 1: what
 * is_confidence supposes of others. -1 where nothing is asked for, or no confidence can be told. */
double dz_scorer_is_share(const struct dz_scorer *scorer);

/* Labels that only one input of the library has: they are never found when that input is judged by the others, and so
 * stand for labels that it does not know. Without them a confidence knows nothing of such. */
uint32_t dz_scorer_lone_labels(const struct dz_scorer *scorer);

enum dz_score_agrees { DZ_SCORE_CANNOT_SAY, DZ_SCORE_AGREES, DZ_SCORE_DISAGREES };

/* In words what the confidence is; not told without one. */
enum dz_score_verdict {
	DZ_SCORE_VERDICT_NONE,
	DZ_SCORE_VERDICT_UNKNOWN, /* nothing near enough: farther than 99 % of the library's flows from their label's
				   * others
				   */
	DZ_SCORE_VERDICT_UNSURE,
	DZ_SCORE_VERDICT_LIKELY, /* from 0.5 on */
	DZ_SCORE_VERDICT_LABEL   /* from 0.8 on */
};
extern const char *const dz_score_verdict_names[]; /* "", "unknown", "unsure", "likely", "label" */

struct dz_score_near {
	const char *profile; /* borrowed from the library */
	double distance;
};

struct dz_score {
	bool empty;                                 /* the flow counted no packet: nothing else is set */
	size_t count;                               /* of nearest; 0: nothing in common with any */
	struct dz_score_near nearest[DZ_SCORE_MAX]; /* nearest first */
	double margin;                              /* second distance (or the largest there is) less the first */
	double confidence;                          /* that the nearest label is right; -1: cannot be told */
	uint32_t inputs;                            /* of the library that this is taken from */
	double either;                              /* confidence that it is one of the first two; -1 */
	enum dz_score_verdict verdict;
	enum dz_score_agrees agrees; /* is the nearest profile the flow's own? */
	double own;                  /* distance to the profile of the flow's own name; -1 when there is none */
	bool asked;                  /* the flow is one of those that a label is looked for among */
	double is_confidence;
	double is_distance;           /* mean, to the three inputs in which the label is nearest */
	bool is;                      /* the answer */
	size_t rule_count;            /* as the library has them */
	const double *rule_distances; /* borrowed from the scorer until the next call */
	const bool *rule_matches;
};

/* `name` is the flow's group, by what the library is by. False, with a message, when the record has no such part. */
DZ_MUST_CHECK bool dz_scorer_score(struct dz_scorer *scorer, const struct dz_record *record, const char *name,
				   struct dz_score *score, struct dz_err *err);

/* The same from counts of the scorer's direction. */
void dz_scorer_score_counts(struct dz_scorer *scorer, const uint64_t *counts, const char *name, const char *protocol,
			    struct dz_score *score);
enum dz_direction dz_scorer_direction(const struct dz_scorer *scorer);

#endif
