/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_compare.c - `distribooze compare`: groups of flows side by side. */
#include "config.h"
#include "cmd/cmd.h"

#include "render/render.h"
#include "base/log.h"
#include "cmd/stats_input.h"
#include <limits.h>

enum { DEFAULT_TOP = 40, DEFAULT_PERMUTATIONS = 999, DEFAULT_LITTLE = 60 };
#define NOT_GIVEN UINT64_MAX

struct options {
	struct dz_stats_input in;
	uint64_t permutations, seed, top;
	struct dz_session_rule sessions;
	double little, alike; /* percent */
	bool pooled;
};

static void show_testing(void *context, uint64_t done, uint64_t total)
{
	dz_stats_input_progress(context, "pairs of groups", done, total);
}

/* Whether groups are tested: by default wherever it can be done. */
static bool is_tested(const struct options *o)
{
	return !o->pooled && o->permutations && dz_contrast_fit((enum dz_metric)o->in.metric) != DZ_CONTRAST_UNFIT;
}

/* What was asked for and cannot be. */
static bool contradiction(const struct options *o)
{
	if (o->permutations == NOT_GIVEN || !o->permutations)
		return false;
	if (o->pooled)
		dz_log_error(
			"--permutations tests flows: it does not go with --pooled, which takes their packets together");
	else if (!is_tested(o))
		dz_log_error(
			"--permutations: with --distance %s groups that differ can look alike to the test; hellinger, "
			"jensen-shannon, euclidean and wasserstein have one",
			dz_metric_name((enum dz_metric)o->in.metric));
	return o->pooled || !is_tested(o);
}

static bool write_comparison(struct options *o, const struct dz_groups *groups)
{
	const struct dz_compare_options options = {
		.metric = (enum dz_metric)o->in.metric,
		.pooled = o->pooled,
		.top = (size_t)o->top,
		.contrast = { .rule = o->sessions,
			      .permutations = !is_tested(o)                  ? 0
					      : o->permutations == NOT_GIVEN ? DEFAULT_PERMUTATIONS
									     : (uint32_t)o->permutations,
			      .little = o->little / 100,
			      .alike = o->alike / 100,
			      .seed = o->seed },
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

static bool parse_sessions(void *target, const char *value, struct dz_err *err)
{
	return dz_session_rule_parse(value, target, err);
}

static int run_compare(int argc, char **argv)
{
	struct options o = { .permutations = NOT_GIVEN, .seed = 1, .top = DEFAULT_TOP, .little = DEFAULT_LITTLE };
	struct dz_dataset_account account;
	struct dz_groups *groups = NULL;
	int first, exit_code;
	bool end;

	dz_stats_input_init(&o.in);
	if (!dz_cmd_parse(&dz_cmd_compare, &o, argc, argv, &first, &exit_code))
		goto out;
	if (contradiction(&o)) {
		exit_code = DZ_EXIT_USAGE;
		goto out;
	}
	groups = dz_groups_new_by(dz_stats_input_grouping(&o.in), (enum dz_direction)o.in.direction);
	if (is_tested(&o))
		dz_groups_keep_flows(groups);
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
	DZ_STATS_OPTIONS_GROUPING,
	DZ_STATS_OPTION_DIRECTION,
	DZ_STATS_OPTION_DISTANCE,
	DZ_FLAG(0, "pooled",
		"a group is all its packets together; by default it is the mean of its flows' distributions, so that "
		"each "
		"flow counts alike",
		AT(pooled)),
	DZ_UINT(0, "top", "N", "compare the N largest groups (default 40; 0 for all)", AT(top), 0, 1e6),
	DZ_HEADING("Whether they differ"),
	DZ_UINT(0, "permutations", "N",
		"test each pair of groups by N random splits of their sessions, or all splits where there are no more, "
		"with "
		"Holm's correction (default 999; 0 for no test)",
		AT(permutations), 0, 1e7),
	DZ_CALL(0, "sessions", "RULE",
		"which flows belong together and are no independent evidence: those of one host that begin within a "
		"time, "
		"such as 10s, of the one before; host; input; none; auto (default) tries 1, 3, 10, 30 and 60 s and "
		"takes "
		"the largest p",
		AT(sessions), parse_sessions),
	DZ_REAL(0, "little", "PERCENT",
		"groups that differ but are told apart less often differ by little (default 60)", AT(little), 50, 100),
	DZ_REAL(0, "alike", "PERCENT",
		"call groups alike that are not shown to differ and are told apart at most so often", AT(alike), 50,
		100),
	DZ_UINT(0, "seed", "N", "of the random splits and samples (default 1)", AT(seed), 0, 1e18),
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
		"captures, JSON lines as distribooze writes them, or - for standard input.\n"
		"Of any two groups it says whether they differ, by how much and where; of more, in a matrix.\n"
		"--by input asks that of captures: do these two behave alike?\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.run = run_compare,
};
