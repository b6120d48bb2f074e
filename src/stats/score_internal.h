/* SPDX-License-Identifier: BSD-2-Clause */
/* score_internal.h - what score.c and evaluate.c share. */
#ifndef DISTRIBOOZE_SCORE_INTERNAL_H
#define DISTRIBOOZE_SCORE_INTERNAL_H

#include "stats/score.h"

extern const char dz_score_unknown[]; /* the label that is no shape */

bool dz_score_is_candidate(const struct dz_profile *profile, enum dz_direction direction, uint64_t min_flows);

#endif
