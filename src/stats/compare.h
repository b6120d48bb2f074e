/* SPDX-License-Identifier: BSD-2-Clause */
/* compare.h - groups of flows side by side: each one's numbers, and the distances between them.
 *
 * Knows groups; knows no files. docs/STATISTICS.md has the definitions. */
#ifndef DISTRIBOOZE_COMPARE_H
#define DISTRIBOOZE_COMPARE_H

#include "math/distance.h"
#include "stats/contrast.h"
#include "stats/drift.h"
#include "stats/groups.h"
#include "math/summary.h"
#include "stats/yardstick.h"

enum { DZ_COMPARE_QUANTILES = 5, DZ_COMPARE_LEADING = 3 };
extern const double dz_compare_shares[DZ_COMPARE_QUANTILES]; /* 0.1, 0.25, 0.5, 0.75, 0.9 */

struct dz_compare_options {
	enum dz_metric metric;
	bool pooled; /* a group is its packets (pooled counts), not its flows (mean of their distributions) */
	size_t top;  /* compare so many of the largest groups; 0 for all */
	struct dz_contrast_options contrast; /* metric and sharing are set here; permutations 0: no test */
	unsigned threads;                    /* that test pairs side by side; 0: one */
	void (*progress)(void *context, uint64_t done, uint64_t total); /* of the permutation tests; may be NULL */
	void *context;
	const struct dz_groups *baseline;     /* how far groups have moved from these; borrowed; NULL: not asked for */
	const char *baseline_name;            /* borrowed */
	const struct dz_yardstick *yardstick; /* borrowed; NULL: none */
	const char *yardstick_name;           /* borrowed */
};

struct dz_compare_group {
	const struct dz_group *group;                         /* borrowed */
	double *mean, *sd;                                    /* owned: of the flows' distributions, per bin */
	double *pooled;                                       /* owned: of the pooled counts */
	const double *vector;                                 /* the one that is compared: mean or pooled */
	double *lengths;                                      /* owned: vector, its directions added up: shape.bins */
	double entropy;                                       /* bits, of vector */
	double quantiles[DZ_COMPARE_QUANTILES];               /* bytes, of lengths */
	struct dz_summary_range ranges[DZ_COMPARE_QUANTILES]; /* that the quantiles are known to lie in */
	struct dz_summary_bin leading[DZ_COMPARE_LEADING];    /* of vector */
	size_t leading_count;
	double dispersion; /* mean distance of the group's flows (of a library: cells) to vector; NaN where only means
			      are known, and of a single flow */
};

struct dz_compare {
	struct dz_compare_options options;
	const struct dz_groups *groups; /* borrowed */
	struct dz_hist_shape shape;
	struct dz_axis axis;            /* of all vectors */
	struct dz_compare_group *items; /* owned */
	size_t count;
	size_t left_out;               /* groups beyond options.top */
	double *distances;             /* owned: count * count */
	bool libraries;                /* some of the flows are of libraries: contrasts are those of cells */
	size_t possible;               /* pairs that share the 0.05: about those with sessions enough to differ */
	struct dz_contrast *contrasts; /* owned: by dz_compare_pair(); NULL without a test, or with permutations too few
					  for so many */
	size_t pair_count;
	struct dz_drift *drift; /* owned; NULL without a baseline */
};

/* Given to the caller: dz_compare_free(). The groups are finished, there is at least one, and they outlive the result.
 * For a test they kept their flows.
 */
struct dz_compare *dz_compare_new(const struct dz_groups *groups, const struct dz_compare_options *options);
void dz_compare_free(struct dz_compare *compare);

/* The place of a pair of groups in `contrasts`; a and b differ. */
size_t dz_compare_pair(size_t a, size_t b);

#endif
