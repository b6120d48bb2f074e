/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_compare.c - `distribooze compare`: groups of flows side by side. */
#include "config.h"
#include "cmd/cmd.h"

#include "base/log.h"
#include "cmd/contrast_options.h"
#include "render/render.h"
#include "cmd/stats_input.h"
#include "cmd/yardstick_option.h"
#include <limits.h>

enum { DEFAULT_TOP = 40 };

struct options {
	struct dz_stats_input in;
	struct dz_contrast_command contrast;
	uint64_t top;
	const char *baseline;
	struct dz_yardstick_option yardstick;
};

/* What the groups are set beside. */
struct beside {
	struct dz_groups *baseline;
	struct dz_yardstick *shipped; /* NULL where it does not fit, or another one is given */
};

static void show_testing(void *context, uint64_t done, uint64_t total)
{
	dz_stats_input_progress(context, "pairs of groups", done, total);
}

static bool write_comparison(struct options *o, const struct dz_groups *groups, const struct beside *beside)
{
	const struct dz_compare_options options = {
		.metric = (enum dz_metric)o->in.metric,
		.pooled = o->contrast.pooled,
		.top = (size_t)o->top,
		.contrast = dz_contrast_command_options(&o->contrast, (enum dz_metric)o->in.metric),
		.threads = o->in.dataset.engine.threads,
		.progress = show_testing,
		.context = &o->in,
		.baseline = beside->baseline,
		.baseline_name = o->baseline,
		.yardstick = beside->shipped ? beside->shipped : o->yardstick.yardstick,
		.yardstick_name = o->yardstick.path,
	};
	struct dz_compare *compare = dz_compare_new(groups, &options);
	struct dz_strbuf text;
	bool fine;

	dz_strbuf_init(&text);
	if (o->in.format == DZ_STATS_JSON)
		dz_compare_json(compare, &text);
	else if (o->in.format == DZ_STATS_CSV)
		dz_compare_csv(compare, &text);
	else
		dz_compare_text(compare, o->in.common.ascii, &text);
	fine = dz_stats_input_write(&o->in, &text);
	dz_strbuf_release(&text);
	dz_compare_free(compare);
	return fine;
}

static void beside_release(struct beside *beside)
{
	dz_groups_free(beside->baseline);
	dz_yardstick_free(beside->shipped);
}

static bool read_baseline(struct options *o, struct beside *beside)
{
	beside->baseline = o->baseline ? dz_stats_input_baseline(&o->in, o->baseline) : NULL;
	return !o->baseline || beside->baseline;
}

static bool read_yardstick(struct options *o, const struct dz_groups *groups, struct beside *beside)
{
	const struct dz_contrast_options options =
		dz_contrast_command_options(&o->contrast, (enum dz_metric)o->in.metric);

	if (!o->yardstick.path && options.permutations)
		beside->shipped = dz_yardstick_shipped(groups, &options);
	return dz_yardstick_option_read(&o->yardstick, &o->in, &options, groups);
}

/* What was asked for and cannot be. */
static bool contradiction(const struct options *o)
{
	const struct dz_contrast_options options =
		dz_contrast_command_options(&o->contrast, (enum dz_metric)o->in.metric);

	return dz_contrast_command_contradiction(&o->contrast, (enum dz_metric)o->in.metric) ||
	       dz_yardstick_option_contradiction(&o->yardstick, &options);
}

static bool check_groups(const struct options *o, const struct dz_groups *groups, const struct dz_groups *baseline,
			 const struct dz_dataset_account *account)
{
	return dz_stats_input_check_libraries(&o->in, groups, account) &&
	       (!baseline || dz_stats_input_baseline_fits(groups, baseline, o->baseline));
}

static int run_compare(int argc, char **argv)
{
	struct options o = { .top = DEFAULT_TOP };
	struct dz_dataset_account account;
	struct dz_groups *groups = NULL;
	struct beside beside = { 0 };
	struct dz_stats_groups libraries;
	int first, exit_code;
	bool end;

	dz_stats_input_init(&o.in);
	dz_contrast_command_init(&o.contrast);
	if (!dz_cmd_parse(&dz_cmd_compare, &o, argc, argv, &first, &exit_code))
		goto out;
	if (contradiction(&o)) {
		exit_code = DZ_EXIT_USAGE;
		goto out;
	}
	exit_code = DZ_EXIT_FAILED;
	if (!read_baseline(&o, &beside))
		goto out;
	groups = dz_groups_new_by(dz_stats_input_grouping(&o.in), (enum dz_direction)o.in.direction);
	if (o.baseline || dz_contrast_command_options(&o.contrast, (enum dz_metric)o.in.metric).permutations)
		dz_groups_keep_flows(groups);
	libraries = (struct dz_stats_groups){ groups, &o.in.common.selection };
	dz_stats_input_take_libraries(&o.in, dz_stats_input_group_library, &libraries);
	exit_code = dz_stats_input_read(&o.in, (const char *const *)argv + first, (size_t)(argc - first),
					dz_stats_input_group, groups, &account, &end);
	if (end)
		goto out;
	dz_groups_finish(groups);
	if (!check_groups(&o, groups, beside.baseline, &account) || !read_yardstick(&o, groups, &beside) ||
	    !write_comparison(&o, groups, &beside))
		exit_code = DZ_EXIT_FAILED;
out:
	dz_groups_free(groups);
	beside_release(&beside);
	dz_yardstick_option_release(&o.yardstick);
	dz_stats_input_release(&o.in);
	return exit_code;
}

/* ---- its options ---- */

#define AT(member) offsetof(struct options, member)

static const struct dz_opt options[] = {
	DZ_HEADING("What is compared"),
	DZ_STATS_OPTIONS_GROUPING,
	DZ_STATS_OPTION_DIRECTION,
	DZ_STATS_OPTION_DISTANCE,
	DZ_STATS_OPTION_POOLED(AT(contrast.pooled)),
	DZ_UINT(0, "top", "N", "compare the N largest groups (default 40; 0 for all)", AT(top), 0, 1e6),
	DZ_STATS_OPTION_BASELINE(AT(baseline)),
	DZ_YARDSTICK_OPTION(AT(yardstick.path)),
	DZ_TABLE(dz_contrast_options, AT(contrast)),
	DZ_TABLE(dz_stats_reading, AT(in)),
	DZ_HEADING("Output"),
	DZ_STATS_OPTION_FORMAT("%s; json is one object, csv one row per group"),
	DZ_TABLE(dz_stats_writing, AT(in)),
	DZ_END,
};

const struct dz_cmd dz_cmd_compare = {
	.name = "compare",
	.synopsis = "[OPTION]... INPUT...",
	.summary = "distributions of groups of flows side by side, their distances, and whether they differ",
	.help = "Puts groups of flows side by side: how many flows and packets, how their packet lengths\n"
		"are distributed, and how far apart the groups are. INPUT is a capture, a directory of\n"
		"captures, JSON lines as distribooze writes them, a library of profiles, or - for standard\n"
		"input.\n"
		"Of any two groups it says whether they differ, by how much and where; of more, in a matrix.\n"
		"--by input asks that of captures: do these two behave alike?\n"
		"Libraries keep no sessions, so where one is among the inputs nothing is tested: told are\n"
		"distances, and how often flows of two groups are told apart.\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.run = run_compare,
};
