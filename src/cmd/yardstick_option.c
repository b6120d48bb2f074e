/* SPDX-License-Identifier: BSD-2-Clause */
/* yardstick_option.c - see yardstick_option.h. */
#include "config.h"
#include "cmd/yardstick_option.h"

#include "base/log.h"
#include "cmd/known_inputs.h"

void dz_yardstick_option_release(struct dz_yardstick_option *option)
{
	dz_groups_free(option->groups);
	dz_yardstick_free(option->yardstick);
}

bool dz_yardstick_option_contradiction(const struct dz_yardstick_option *option,
				       const struct dz_contrast_options *contrast)
{
	if (!option->path || contrast->permutations)
		return false;
	dz_log_error("--yardstick is held against what a test tells apart, and there is none (--pooled, --permutations "
		     "0, or the --distance)");
	return true;
}

bool dz_yardstick_option_read(struct dz_yardstick_option *option, struct dz_stats_input *input,
			      const struct dz_contrast_options *contrast, const struct dz_groups *groups)
{
	struct dz_err err;

	if (!option->path)
		return true;
	option->groups = dz_groups_new(DZ_BY_LABEL, dz_groups_direction(groups));
	dz_groups_keep_flows(option->groups);
	if (!dz_stats_input_read_beside(input, "--yardstick", option->path, dz_stats_input_group, option->groups))
		return false;
	dz_groups_finish(option->groups);
	if (!dz_groups_match(groups, option->groups, option->path, &err)) {
		dz_log_error("--yardstick: %s", err.text);
		return false;
	}
	dz_known_inputs_warn_of_yardstick(option->path, option->groups, groups);
	option->yardstick = dz_yardstick_new(option->groups, contrast);
	return true;
}
