/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_compare.c - `distribooze compare`: groups of flows side by side. */
#include "config.h"
#include "cmd/cmd.h"

#include "render/render.h"
#include "base/log.h"
#include "cmd/stats_input.h"
#include <limits.h>

enum { DEFAULT_TOP = 40, DEFAULT_PERMUTATIONS = 999 };
#define NOT_GIVEN UINT64_MAX

struct options {
	struct dz_stats_input in;
	int metric;
	uint64_t permutations, seed, top;
	bool pooled;
};

static const char *const metrics[] = { "hellinger",   "jensen-shannon", "euclidean",       "cosine",
				       "wasserstein", "chi-squared",    "total-variation", NULL };

static const char help[] = "Puts groups of flows side by side: how many flows and packets, how their packet lengths\n"
			   "are distributed, and how far apart the groups are. INPUT is a capture, a directory of\n"
			   "captures, JSON lines as distribooze writes them, or - for standard input.\n"
			   "With two inputs and --by input it answers: do these two captures behave alike?\n";

static bool parse(struct options *o, int argc, char **argv, int *first, int *exit_code)
{
	const struct dz_opt table[] = {
		/* clang-format off */
		{ .kind = DZ_OPT_HEADING, .help = "What is compared" },
		DZ_STATS_OPTION_BY(&o->in),
		DZ_STATS_OPTION_DIRECTION(&o->in),
		{ DZ_OPT_CHOICE, 0, "distance", "NAME", "hellinger (default), jensen-shannon, euclidean (on percent),\ncosine, wasserstein (in bytes), chi-squared, total-variation", &o->metric, 0, 0, metrics, 0 },
		{ DZ_OPT_FLAG, 0, "pooled", NULL, "a group is all its packets together; by default it is the mean\nof its flows' distributions, so that each flow counts alike", &o->pooled, 0, 0, 0, 0 },
		{ DZ_OPT_UINT, 0, "top", "N", "compare the N largest groups (default 40; 0 for all)", &o->top, 0, 1e6, 0, 0 },
		{ DZ_OPT_UINT, 0, "permutations", "N", "test each pair by N random splits of its flows, with Holm's\ncorrection (default 0; 999 for two groups by input)", &o->permutations, 0, 1e9, 0, 0 },
		{ DZ_OPT_UINT, 0, "seed", "N", "of the random splits (default 1)", &o->seed, 0, 1e18, 0, 0 },
		DZ_STATS_OPTIONS_READ(&o->in),
		{ .kind = DZ_OPT_HEADING, .help = "Output" },
		DZ_STATS_OPTION_FORMAT(&o->in, "text (default), json (one object) or csv (one row per group)"),
		DZ_STATS_OPTION_ASCII(&o->in),
		DZ_STATS_OPTIONS_RUN(&o->in),
		/* clang-format on */
	};
	return dz_cmd_parse(dz_cmd_find("compare"), table, help, argc, argv, first, exit_code);
}

static void show_testing(void *context, uint64_t done, uint64_t total)
{
	dz_stats_input_progress(context, "permutation tests", done, total);
}

static bool write_comparison(struct options *o, const struct dz_groups *groups)
{
	bool answers = o->in.by == DZ_BY_INPUT && dz_groups_count(groups) == 2 && !o->pooled;
	const struct dz_compare_options options = {
		.metric = (enum dz_metric)o->metric,
		.pooled = o->pooled,
		.top = (size_t)o->top,
		.permutations = o->permutations != NOT_GIVEN ? (uint32_t)o->permutations
				: answers                    ? DEFAULT_PERMUTATIONS
							     : 0,
		.seed = o->seed,
		.progress = show_testing,
		.context = &o->in,
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
		dz_compare_text(compare, o->in.ascii, &text);
	fine = dz_stats_input_write(&o->in, &text);
	dz_strbuf_release(&text);
	dz_compare_free(compare);
	return fine;
}

int dz_cmd_compare(int argc, char **argv)
{
	struct options o = { .permutations = NOT_GIVEN, .seed = 1, .top = DEFAULT_TOP };
	struct dz_dataset_account account;
	struct dz_groups *groups = NULL;
	int first, exit_code;
	bool end;

	dz_stats_input_init(&o.in);
	if (!parse(&o, argc, argv, &first, &exit_code))
		goto out;
	if (o.pooled && o.permutations != NOT_GIVEN && o.permutations) {
		dz_log_error("--permutations tests the mean of the flows' distributions: it does not go with --pooled");
		exit_code = DZ_EXIT_USAGE;
		goto out;
	}
	groups = dz_groups_new((enum dz_group_by)o.in.by, (enum dz_direction)o.in.direction);
	exit_code = dz_stats_input_read(&o.in, (const char *const *)argv + first, (size_t)(argc - first),
					dz_stats_input_group, groups, &account, &end);
	if (end)
		goto out;
	dz_groups_finish(groups);
	if (!write_comparison(&o, groups))
		exit_code = DZ_EXIT_FAILED;
out:
	dz_groups_free(groups);
	dz_stats_input_release(&o.in);
	return exit_code;
}
