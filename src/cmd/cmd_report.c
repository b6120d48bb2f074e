/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_report.c - `distribooze report`: one HTML page about the flows of all inputs. */
#include "config.h"
#include "cmd/cmd.h"

#include "base/log.h"
#include "cmd/output.h"
#include "report/report.h"
#include "cmd/stats_input.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct dz_stats_input in;
	struct dz_report_options report;
	uint64_t top, flows;
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

static bool take(void *report, const struct dz_dataset_item *item, struct dz_err *err)
{
	return dz_report_add(report, item->record, item->input, err);
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

static int run_report(int argc, char **argv)
{
	struct options o = { .top = DZ_REPORT_TOP, .flows = DZ_REPORT_FLOWS };
	struct dz_dataset_account account;
	struct dz_report *report = NULL;
	int first, exit_code;
	bool end;

	dz_stats_input_init(&o.in);
	dz_report_options_init(&o.report);
	if (!dz_cmd_parse(&dz_cmd_report, &o, argc, argv, &first, &exit_code))
		goto out;
	if (!o.in.common.output && first < argc && dz_output_standard_is_terminal()) {
		dz_log_error("a page is of no use on a terminal: name a file with --output");
		exit_code = DZ_EXIT_USAGE;
		goto out;
	}
	o.report.grouping = *dz_stats_input_grouping(&o.in);
	o.report.direction = (enum dz_direction)o.in.direction;
	o.report.metric = (enum dz_metric)o.in.metric;
	o.report.top = (size_t)o.top;
	o.report.flows = (size_t)o.flows;
	o.report.progress = show_progress;
	o.report.context = &o.in;
	report = dz_report_new(&o.report);
	exit_code = dz_stats_input_read(&o.in, (const char *const *)argv + first, (size_t)(argc - first), take, report,
					&account, &end);
	if (end)
		goto out;
	dz_report_finish(report);
	if (!write_page(&o, report, &account))
		exit_code = DZ_EXIT_FAILED;
	else if (o.in.common.output)
		dz_log_info("%s: %" PRIu64 " flows", o.in.common.output, account.kept);
out:
	dz_report_free(report);
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
	DZ_FLAG(0, "pooled",
		"a group is all its packets together; by default it is the mean of its flows' distributions, so that "
		"each "
		"flow counts alike",
		AT(report.pooled)),
	DZ_UINT(0, "top", "N", "show the N largest groups (default 60; 0 for all)", AT(top), 0, 1000),
	DZ_UINT(0, "flows", "N", "flows in the table (default 500): outliers, and a sample", AT(flows), 1,
		DZ_REPORT_FLOWS_MAX),
	DZ_UINT(0, "seed", "N", "of the sample (default 1)", AT(report.seed), 0, 1e18),
	DZ_CALL(0, "eps", "DISTANCE",
		"how near the flows of a cluster are (DBSCAN); auto (default): clusters of whatever density (HDBSCAN)",
		AT(report.eps), parse_eps),
	DZ_UINT(0, "min-samples", "N", "flows that a cluster needs around a flow (default 5)", AT(report.min_samples),
		1, 1e9),
	DZ_STRING(0, "title", "TEXT", "of the page (default: the names of the inputs)", AT(report.title)),
	DZ_TABLE(dz_stats_reading, AT(in)),
	DZ_HEADING("Output"),
	DZ_TABLE(dz_stats_writing, AT(in)),
	DZ_END,
};

const struct dz_cmd dz_cmd_report = {
	.name = "report",
	.synopsis = "[OPTION]... INPUT... -o PAGE.html",
	.summary = "one self-contained HTML page about the flows",
	.help = "Writes one self-contained HTML page about the flows: a heat map of the groups' packet\n"
		"lengths, their profiles in both directions, the distances between them, the clusters that\n"
		"the flows fall into, and a table of flows, outliers first. The page loads nothing and needs\n"
		"no network. INPUT is a capture, a directory of captures, JSON lines as distribooze writes\n"
		"them, or - for standard input.\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.run = run_report,
};
