/* SPDX-License-Identifier: BSD-2-Clause */
/* permutation.h - do two groups of flows differ, or could chance have split them so?
 *
 * Numbers only: no flows, no JSON, no files.
 *
 * The statistic T is the distance between the two groups' *mean
 * distributions* (each flow counts alike, however many packets it has).  Under
 * the hypothesis that the groups are alike, any split of the flows into groups
 * of these sizes was as likely as the one seen; N random splits are drawn and
 *
 *   p = (1 + number of splits with T* >= T) / (1 + N)
 *
 * (Phipson and Smyth, 2010: never 0).  Sums are kept as integers, so that the
 * same split gives the same T* in any order; T* counts as reaching T when it
 * falls short by no more than 1e-12 of the metric's range.  The same seed
 * gives the same p on every machine. */
#ifndef DISTRIBOOZE_PERMUTATION_H
#define DISTRIBOOZE_PERMUTATION_H

#include "math/distance.h"

struct dz_permutation_options {
	enum dz_metric metric;
	struct dz_axis axis;
	uint32_t permutations; /* N; 0 gives p = 1 */
	uint64_t seed;
};

struct dz_permutation_result {
	double statistic; /* T */
	double p;
	uint32_t reached; /* splits with T* >= T */
	size_t flows[2];  /* non-empty vectors in each group */
};

/* One flow's vector: borrowed until the test returns. */
struct dz_permutation_group {
	const double *const *vectors; /* count pointers to vectors as in distance.h */
	size_t count;                 /* both groups together: under 2^32 */
};

/* Empty vectors are left out.  When that leaves a group without flows there is nothing to test: p = 1 and the
 * statistic is the distance to an empty vector. */
void dz_permutation_test(const struct dz_permutation_options *options, const struct dz_permutation_group *a,
			 const struct dz_permutation_group *b, struct dz_permutation_result *result);

/* Holm's step-down correction (1979) over `count` p-values of one family; adjusted may be p itself.
 * adjusted = max over the smaller ones of min(1, (count - rank) * p), rank from 0 in ascending order. */
void dz_permutation_holm(const double *p, size_t count, double *adjusted);

#endif
