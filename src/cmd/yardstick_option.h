/* SPDX-License-Identifier: BSD-2-Clause */
/* yardstick_option.h - what differences are held against: --yardstick of the commands that tell whether groups differ.
 */
#ifndef DISTRIBOOZE_YARDSTICK_OPTION_H
#define DISTRIBOOZE_YARDSTICK_OPTION_H

#include "cmd/contrast_options.h"
#include "cmd/stats_input.h"
#include "stats/yardstick.h"

#define DZ_YARDSTICK_OPTION(at)                                                                                        \
	DZ_FILE(0, "yardstick", "FILE",                                                                                \
		"how often captures of one service are told apart, to hold a difference against: lines of several "    \
		"captures, or a directory of them, each by itself",                                                    \
		at)

struct dz_yardstick_option {
	const char *path; /* set by the option; NULL: not given */
	struct dz_groups *groups;
	struct dz_yardstick *yardstick; /* NULL until it is read */
};
void dz_yardstick_option_release(struct dz_yardstick_option *option);

/* Says so when it was asked for and there is no test to hold against it; false when all is well. */
bool dz_yardstick_option_contradiction(const struct dz_yardstick_option *option,
				       const struct dz_contrast_options *contrast);

/* Reads it, where it was asked for: after the inputs, whose kind it must be of. False after saying why not. */
bool dz_yardstick_option_read(struct dz_yardstick_option *option, struct dz_stats_input *input,
			      const struct dz_contrast_options *contrast, const struct dz_groups *groups);

#endif
