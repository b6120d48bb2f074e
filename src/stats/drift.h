/* SPDX-License-Identifier: BSD-2-Clause */
/* drift.h - how far groups of flows have moved from the profiles of a library, label by label.
 *
 * Knows groups and numbers; knows no files.  There is no test, since libraries keep no sessions.  In its place stands
 * how far the library's own inputs lie from each other: the distance of each input's mean to the mean of the others. */
#ifndef DISTRIBOOZE_DRIFT_H
#define DISTRIBOOZE_DRIFT_H

#include "stats/contrast.h"
#include "stats/groups.h"

/* Inputs of a label in the baseline that a spread takes. */
enum { DZ_DRIFT_INPUTS_MIN = 3 };

struct dz_drift_row {
	const struct dz_group *group, *baseline; /* borrowed, of one name */
	double distance;                         /* of their means */
	struct dz_contrast contrast;             /* by cells; the group is the first */
	uint32_t inputs;                         /* of the baseline's label; 0: not known */
	double flows_median;                     /* of these inputs */
	/* The mean of a few flows is far from any other by chance: only inputs of no more flows than the group has can
	 * be what it is held against. With DZ_DRIFT_INPUTS_MIN such: how far they lie from their others, and how many
	 * lie nearer than the group does. */
	uint32_t alike;
	double least, median, largest;
	uint32_t nearer;
};

struct dz_drift {
	struct dz_drift_row *rows; /* owned; the largest groups first */
	size_t count;
	const struct dz_group **only_here, **only_there; /* owned arrays; groups without a counterpart, largest first */
	size_t here_count, there_count;
	size_t left_out; /* groups beyond `top` */
};

/* Both are finished, of one axis and shape, and outlive the result; flows were kept, where they are no library's. `top`
 * is how many of the groups to compare at most; 0: all. Given to the caller. */
struct dz_drift *dz_drift_new(const struct dz_groups *groups, const struct dz_groups *baseline, enum dz_metric metric,
			      size_t top);
void dz_drift_free(struct dz_drift *drift);

#endif
