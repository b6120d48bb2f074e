/* SPDX-License-Identifier: BSD-2-Clause */
/* calibration.h - from a score to the share of those with such a score that were right.
 *
 * Numbers only.  Isotonic regression of right or wrong on the score, in which each *input* (capture) weighs 1, shared
 * among its trials: captures differ more than the flows of one do.  Each step is drawn towards the share of all, by as
 * much as two inputs: with p the step's share and n its inputs, (n p + 2 all) / (n + 2). */
#ifndef DISTRIBOOZE_CALIBRATION_H
#define DISTRIBOOZE_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dz_trial {
	double score, weight; /* weight: flows */
	uint32_t input;
	bool right;
};

struct dz_step {
	double from;       /* scores from here on, up to the next step's */
	double confidence; /* 0..1, not falling from step to step */
	uint32_t inputs;   /* with trials in it */
};

struct dz_calibration {
	struct dz_step *steps; /* owned; none without trials */
	size_t count;
	double base;     /* the share of all that was right, each input weighing 1 */
	uint32_t inputs; /* of all trials */
};

/* The trials are sorted in passing; borrowed. */
void dz_calibration_init(struct dz_calibration *calibration, struct dz_trial *trials, size_t count);
void dz_calibration_release(struct dz_calibration *calibration);

/* The step of a score; scores below the first step's have the first: nothing is extrapolated. NULL when there is none.
 */
const struct dz_step *dz_calibration_at(const struct dz_calibration *calibration, double score);

#endif
