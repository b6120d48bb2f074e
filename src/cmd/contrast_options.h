/* SPDX-License-Identifier: BSD-2-Clause */
/* contrast_options.h - whether groups differ: the options of the commands that say so. */
#ifndef DISTRIBOOZE_CONTRAST_OPTIONS_H
#define DISTRIBOOZE_CONTRAST_OPTIONS_H

#include "base/opt.h"
#include "stats/contrast.h"

struct dz_contrast_command {
	uint64_t permutations, seed;
	struct dz_session_rule sessions;
	double little, alike; /* percent */
	bool pooled;
};

/* The defaults. */
void dz_contrast_command_init(struct dz_contrast_command *command);

extern const struct dz_opt dz_contrast_options[];

/* Says what was asked for and cannot be; false when there is nothing. */
bool dz_contrast_command_contradiction(const struct dz_contrast_command *command, enum dz_metric metric);

/* What compare.h wants. Its permutations are 0 where groups cannot be tested. */
struct dz_contrast_options dz_contrast_command_options(const struct dz_contrast_command *command,
						       enum dz_metric metric);

#endif
