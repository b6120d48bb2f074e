/* SPDX-License-Identifier: BSD-2-Clause */
/* yardstick.h - how often captures of one service are told apart: what the share of a pair is to be held against.
 *
 * Knows groups and numbers; knows no files.  Captures from two places nearly always differ.  So flows of one label are
 * told apart by their inputs, label by label, pair by pair of inputs, with each GAP and each number k of sessions that
 * they have enough for: a share depends on k.  Pairs have inputs in common and are not independent, so the shares are
 * described and nothing is tested. */
#ifndef DISTRIBOOZE_YARDSTICK_H
#define DISTRIBOOZE_YARDSTICK_H

#include "stats/contrast.h"
#include "stats/groups.h"

enum { DZ_YARDSTICK_ENOUGH = 5 }; /* pairs that a row should have */

/* Shares of pairs at one GAP and one k. */
struct dz_yardstick_row {
	uint32_t pairs, labels, inputs; /* pairs, and the labels and inputs that they are of */
	double low, median, high;       /* a quarter of the shares is below low, a quarter above high */
	double *shares;                 /* owned, sorted; NULL in the shipped one */
};

struct dz_yardstick {
	bool shipped;    /* made of test captures, when the program was made */
	uint32_t inputs; /* with flows; of the shipped one 0 */
	struct dz_yardstick_row rows[DZ_SESSION_GAPS][DZ_CONTRAST_K_MAX];
};

/* From groups by label, finished, that kept their flows. The rule and the metric are those of the options. Labels with
 * very many pairs of inputs give a part of them, evenly drawn. Given to the caller. */
struct dz_yardstick *dz_yardstick_new(const struct dz_groups *groups, const struct dz_contrast_options *options);
void dz_yardstick_free(struct dz_yardstick *yardstick);

/* The one that comes with the program: of hellinger distances of both directions, 48 bins of 32 bytes, sessions by all
 * GAPs. NULL where the groups or the options are of another kind. Given to the caller. */
struct dz_yardstick *dz_yardstick_shipped(const struct dz_groups *groups, const struct dz_contrast_options *options);

/* What a contrast is held against: the row of the most sessions drawn, no more than its own k, that has pairs
 * enough, else of the most that has any. */
struct dz_yardstick_mark {
	const struct dz_yardstick_row *row; /* borrowed; NULL: there is none */
	uint32_t k;
	double share;   /* of the contrast, with that k */
	uint32_t below; /* pairs told apart less often; where the shares are kept */
};
struct dz_yardstick_mark dz_yardstick_mark(const struct dz_yardstick *yardstick, const struct dz_contrast *contrast);

#endif
