/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_report.c - `distribooze report`: one HTML page about the flows of all inputs. */
#include "config.h"
#include "cmd/cmd.h"

#include "base/log.h"
#include "cmd/contrast_options.h"
#include "cmd/output.h"
#include "cmd/score_library.h"
#include "cmd/stats_input.h"
#include "cmd/yardstick_option.h"
#include "report/report.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct dz_stats_input in;
	struct dz_report_options report;
	struct dz_contrast_command contrast;
	struct dz_yardstick_option yardstick;
	uint64_t top, flows;
	const char *profiles, *baseline;
	bool score;
};

/* What a run holds. */
struct run {
	struct options *options;
	struct dz_report *report;
	struct dz_library library;
	struct dz_groups *baseline;
	struct dz_scorer *scorer; /* made when the first flow shows how it was measured; NULL: flows are not scored */
	bool begun;
};

static bool parse_eps(void *target, const char *value, struct dz_err *err)
{
	double *eps = target;
	char *end;

	*eps = DZ_REPORT_AUTO;
	if (!strcmp(value, "auto"))
		return true;
	*eps = strtod(value, &end);
	if (end == value || *end || !isfinite(*eps) || *eps < 0)
		return dz_err_set(err, "'%s' is neither auto nor a distance of 0 or more", value);
	return true;
}

static bool begin(struct run *run, const struct dz_record *record, struct dz_err *err)
{
	struct options *o = run->options;
	const struct dz_score_options score = { .metric = (enum dz_metric)o->in.metric,
						.direction = (enum dz_direction)o->in.direction,
						.nearest = 1,
						.min_flows = 1 };

	run->begun = true;
	if (!o->profiles && !o->score)
		return true;
	if (!o->profiles && !dz_score_library_reference(&run->library, record->shape.layer, &o->in, err))
		return false;
	run->scorer = dz_scorer_new(&run->library, &score, err);
	if (run->scorer)
		dz_report_set_scorer(run->report, run->scorer, o->profiles ? o->profiles : "the reference library");
	return run->scorer;
}

static bool take(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct run *run = context;

	if (!run->begun && !begin(run, item->record, err))
		return false;
	if (run->scorer && !dz_library_set_shape(&run->library, &item->record->shape,
						 item->record->role != DZ_ROLE_BOTH, item->input, err))
		return false;
	return dz_report_add(run->report, item->record, item->input, err);
}

static bool take_library(void *context, const struct dz_library *library, const char *whole, struct dz_err *err)
{
	const struct run *run = context;
	const struct dz_selection *selection =
		dz_stats_input_library_selection(library, &run->options->in.common.selection);
	size_t taken;

	if (!dz_report_add_library(run->report, library, whole, selection, &taken, err))
		return false;
	dz_stats_input_say_taken(library, taken);
	return true;
}

static void show_progress(void *context, const char *what, uint64_t done, uint64_t total)
{
	dz_stats_input_progress(context, what, done, total);
}

static bool write_page(const struct options *o, const struct dz_report *report,
		       const struct dz_dataset_account *account)
{
	struct dz_report_fact skipped[DZ_VERDICT_COUNT];
	struct dz_report_account told = { .records = account->records,
					  .kept = account->kept,
					  .bad_lines = account->bad_lines,
					  .failures = account->failures,
					  .packets = account->packets,
					  .filtered = account->filtered,
					  .skipped = skipped };
	struct dz_strbuf page;
	bool fine;

	for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++) {
		if (i != DZ_DECODE_OK && account->verdicts[i])
			skipped[told.skipped_count++] =
				(struct dz_report_fact){ dz_verdict_name((enum dz_verdict)i), account->verdicts[i] };
	}
	dz_strbuf_init(&page);
	dz_report_html(report, &told, &page);
	fine = dz_stats_input_write(&o->in, &page);
	dz_strbuf_release(&page);
	return fine;
}

/* What can be said of the command line before anything is read. */
static bool is_fine(const struct options *o, bool has_input)
{
	const struct dz_contrast_options contrast =
		dz_contrast_command_options(&o->contrast, (enum dz_metric)o->in.metric);

	if (dz_contrast_command_contradiction(&o->contrast, (enum dz_metric)o->in.metric) ||
	    dz_yardstick_option_contradiction(&o->yardstick, &contrast))
		return false;
	if (!o->in.common.output && has_input && dz_output_standard_is_terminal()) {
		dz_log_error("a page is of no use on a terminal: name a file with --output");
		return false;
	}
	return !o->profiles || dz_common_guard("--output", o->in.common.output, &o->in.dataset.engine, &o->profiles, 1);
}

static void set_options(struct options *o)
{
	o->report.grouping = *dz_stats_input_grouping(&o->in);
	o->report.direction = (enum dz_direction)o->in.direction;
	o->report.metric = (enum dz_metric)o->in.metric;
	o->report.contrast = dz_contrast_command_options(&o->contrast, o->report.metric);
	o->report.pooled = o->contrast.pooled;
	o->report.seed = o->contrast.seed;
	o->report.top = (size_t)o->top;
	o->report.flows = (size_t)o->flows;
	o->report.threads = o->in.dataset.engine.threads;
	o->report.progress = show_progress;
	o->report.context = &o->in;
}

/* What was read, once it is known what that is. */
static bool finish(struct run *run, const struct dz_dataset_account *account)
{
	struct options *o = run->options;
	const struct dz_groups *groups;

	if (!run->begun && (o->score || o->profiles))
		dz_log_warning("libraries keep no flows: there are none to score");
	dz_report_finish_groups(run->report);
	groups = dz_report_groups(run->report);
	if (!dz_stats_input_check_libraries(&o->in, groups, account) ||
	    (run->baseline && !dz_stats_input_baseline_fits(groups, run->baseline, o->baseline)) ||
	    !dz_yardstick_option_read(&o->yardstick, &o->in, &o->report.contrast, groups))
		return false;
	dz_report_set_yardstick(run->report, o->yardstick.yardstick);
	dz_report_finish(run->report);
	return true;
}

static int report_on(struct run *run, const char *const *words, size_t count)
{
	struct options *o = run->options;
	struct dz_dataset_account account;
	int exit_code;
	bool end;

	if (o->profiles && !dz_score_library_read(&run->library, o->profiles, &o->in))
		return DZ_EXIT_FAILED;
	if (o->baseline && !(run->baseline = dz_stats_input_baseline(&o->in, o->baseline)))
		return DZ_EXIT_FAILED;
	o->report.baseline = run->baseline;
	o->report.baseline_name = o->baseline;
	run->report = dz_report_new(&o->report);
	dz_stats_input_take_libraries(&o->in, take_library, run);
	exit_code = dz_stats_input_read(&o->in, words, count, take, run, &account, &end);
	if (end)
		return exit_code;
	if (!finish(run, &account) || !write_page(o, run->report, &account))
		return DZ_EXIT_FAILED;
	if (o->in.common.output)
		dz_log_info("%s: %" PRIu64 " flows", o->in.common.output, dz_report_flows(run->report));
	return exit_code;
}

static int run_report(int argc, char **argv)
{
	struct options o = { .top = DZ_REPORT_TOP, .flows = DZ_REPORT_FLOWS };
	struct run run = { .options = &o };
	int first, exit_code;

	dz_stats_input_init(&o.in);
	dz_report_options_init(&o.report);
	dz_contrast_command_init(&o.contrast);
	dz_library_init(&run.library, DZ_BY_LABEL);
	if (!dz_cmd_parse(&dz_cmd_report, &o, argc, argv, &first, &exit_code))
		goto out;
	exit_code = DZ_EXIT_USAGE;
	if (is_fine(&o, first < argc)) {
		set_options(&o);
		exit_code = report_on(&run, (const char *const *)argv + first, (size_t)(argc - first));
	}
out:
	dz_report_free(run.report);
	dz_scorer_free(run.scorer);
	dz_groups_free(run.baseline);
	dz_yardstick_option_release(&o.yardstick);
	dz_library_release(&run.library);
	dz_stats_input_release(&o.in);
	return exit_code;
}

/* ---- its options ---- */

#define AT(member) offsetof(struct options, member)

static const struct dz_opt options[] = {
	DZ_HEADING("What is shown"),
	DZ_STATS_OPTIONS_GROUPING,
	DZ_STATS_OPTION_DIRECTION,
	DZ_STATS_OPTION_DISTANCE,
	DZ_STATS_OPTION_POOLED(AT(contrast.pooled)),
	DZ_UINT(0, "top", "N", "show the N largest groups (default 60; 0 for all)", AT(top), 0, 1000),
	DZ_UINT(0, "flows", "N", "flows in the table (default 500): outliers, and a sample", AT(flows), 1,
		DZ_REPORT_FLOWS_MAX),
	DZ_CALL(0, "eps", "DISTANCE",
		"how near the flows of a cluster are (DBSCAN); auto (default): clusters of whatever density (HDBSCAN)",
		AT(report.eps), parse_eps),
	DZ_UINT(0, "min-samples", "N", "flows that a cluster needs around a flow (default 5)", AT(report.min_samples),
		1, 1e9),
	DZ_STRING(0, "title", "TEXT", "of the page (default: the names of the inputs)", AT(report.title)),
	DZ_FILE('p', "profiles", "FILE", "score the flows by this library, as written by 'distribooze profile'",
		AT(profiles)),
	DZ_FLAG(0, "score", "score the flows by the reference library of the layer that is measured", AT(score)),
	DZ_STATS_OPTION_BASELINE(AT(baseline)),
	DZ_YARDSTICK_OPTION(AT(yardstick.path)),
	DZ_TABLE(dz_contrast_options, AT(contrast)),
	DZ_TABLE(dz_stats_reading, AT(in)),
	DZ_HEADING("Output"),
	DZ_TABLE(dz_stats_writing, AT(in)),
	DZ_END,
};

const struct dz_cmd dz_cmd_report = {
	.name = "report",
	.synopsis = "[OPTION]... INPUT... -o PAGE.html",
	.summary = "one self-contained HTML page about the flows",
	.help = "Writes one self-contained HTML page about the flows: whether the groups differ and where, a\n"
		"heat map of their packet lengths, their profiles and typical shapes, what they did over time, the\n"
		"distances between them, the clusters that the flows fall into with a map and a dendrogram, what a\n"
		"library of profiles says of them, and a table of flows, outliers first. Every picture can be had\n"
		"as SVG and as CSV. The page loads nothing and needs no network. INPUT is a capture, a directory of\n"
		"captures, JSON lines as distribooze writes them, a library of profiles, or - for standard input.\n"
		"Libraries keep no flows, times or sessions: where one is among the inputs nothing is tested, and\n"
		"no clusters are looked for.\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.reads_profiles = true,
	.run = run_report,
};
