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
	uint64_t permutations, seed, top;
	bool pooled;
};

static void show_testing(void *context, uint64_t done, uint64_t total)
{
	dz_stats_input_progress(context, "permutation tests", done, total);
}

static bool write_comparison(struct options *o, const struct dz_groups *groups)
{
	bool answers = o->in.by == DZ_BY_INPUT && dz_groups_count(groups) == 2 && !o->pooled;
	const struct dz_compare_options options = {
		.metric = (enum dz_metric)o->in.metric,
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
		dz_compare_text(compare, o->in.common.ascii, &text);
	fine = dz_stats_input_write(&o->in, &text);
	dz_strbuf_release(&text);
	dz_compare_free(compare);
	return fine;
}

static int run_compare(int argc, char **argv)
{
	struct options o = { .permutations = NOT_GIVEN, .seed = 1, .top = DEFAULT_TOP };
	struct dz_dataset_account account;
	struct dz_groups *groups = NULL;
	int first, exit_code;
	bool end;

	dz_stats_input_init(&o.in);
	if (!dz_cmd_parse(&dz_cmd_compare, &o, argc, argv, &first, &exit_code))
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

/* ---- its options ---- */

#define AT(member) offsetof(struct options, member)

static const struct dz_opt options[] = {
	DZ_HEADING("What is compared"),
	DZ_STATS_OPTION_BY,
	DZ_STATS_OPTION_DIRECTION,
	DZ_STATS_OPTION_DISTANCE,
	DZ_FLAG(0, "pooled",
		"a group is all its packets together; by default it is the mean of its flows' distributions, so that "
		"each "
		"flow counts alike",
		AT(pooled)),
	DZ_UINT(0, "top", "N", "compare the N largest groups (default 40; 0 for all)", AT(top), 0, 1e6),
	DZ_UINT(0, "permutations", "N",
		"test each pair by N random splits of its flows, with Holm's correction (default 0; 999 for two groups "
		"by "
		"input)",
		AT(permutations), 0, 1e9),
	DZ_UINT(0, "seed", "N", "of the random splits (default 1)", AT(seed), 0, 1e18),
	DZ_TABLE(dz_stats_reading, AT(in)),
	DZ_HEADING("Output"),
	DZ_STATS_OPTION_FORMAT("%s; json is one object, csv one row per group"),
	DZ_TABLE(dz_stats_writing, AT(in)),
	DZ_END,
};

const struct dz_cmd dz_cmd_compare = {
	.name = "compare",
	.synopsis = "[OPTION]... INPUT...",
	.summary = "distributions of groups of flows side by side, and their distances",
	.help = "Puts groups of flows side by side: how many flows and packets, how their packet lengths\n"
		"are distributed, and how far apart the groups are. INPUT is a capture, a directory of\n"
		"captures, JSON lines as distribooze writes them, or - for standard input.\n"
		"With two inputs and --by input it answers: do these two captures behave alike?\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.run = run_compare,
};
