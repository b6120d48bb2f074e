/* SPDX-License-Identifier: BSD-2-Clause */
/* score_options.h - what cmd_score.c (flows) and cmd_evaluate.c (how often they are right) share. */
#ifndef DISTRIBOOZE_SCORE_OPTIONS_H
#define DISTRIBOOZE_SCORE_OPTIONS_H

#include "cmd/stats_input.h"
#include "stats/evaluate.h"

struct dz_score_command {
	struct dz_stats_input in;
	const char *profiles, *folds, *truth, *is, *among;
	uint64_t nearest, min_flows, seed, repeats;
	double confidence;
	bool evaluate;
	struct dz_library library;
	struct dz_score_options score;
};

/* `score --evaluate`; returns an exit code. */
int dz_score_evaluate(struct dz_score_command *o, const char *const *words, size_t count);

#endif
