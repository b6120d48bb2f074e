/* SPDX-License-Identifier: BSD-2-Clause */
/* contrast_cells.h - two groups of which at least one is a library's: how far apart, told by cells.
 *
 * Knows groups and numbers; knows no files.  Libraries keep no sessions, so there is no test.  What can be told is how
 * often the nearest flow is of a flow's own group.  Where both groups have flows of two inputs, inputs are what is
 * drawn, and never a flow's own: what holds from capture to capture.  Else flows are drawn; those of one input resemble
 * each other, and the share is too high by that. */
#ifndef DISTRIBOOZE_CONTRAST_CELLS_H
#define DISTRIBOOZE_CONTRAST_CELLS_H

#include "stats/contrast.h"

/* One of the two; both are of groups of one axis. Flows that are no library's were kept. */
struct dz_contrast_side {
	const struct dz_groups *groups;
	const struct dz_group *group;
	const double *mean;
};

/* At most `most` flows of each side are looked at, drawn evenly. Sets verdict, flows, sessions (inputs or flows),
 * drawn, by_inputs, k, told_apart (NaN is not: k is 0 then), and where. */
void dz_contrast_cells(enum dz_metric metric, const struct dz_contrast_side sides[2], uint32_t most,
		       struct dz_contrast *contrast);

#endif
