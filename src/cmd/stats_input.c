/* SPDX-License-Identifier: BSD-2-Clause */
/* stats_input.c - see stats_input.h. */
#include "config.h"
#include "cmd/stats_input.h"

#include "cmd/cmd.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/output.h"
#include "cmd/signals.h"
#include "stats/profile.h"
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

const char *const dz_stats_formats[] = { "text", "json", "csv", NULL };

const struct dz_opt dz_stats_reading[] = {
	DZ_HEADING("Which flows"),
	DZ_TABLE(dz_common_which, DZ_STATS_AT(common)),
	DZ_FLAG(0, "skip-bad", "pass over JSON lines that are no records, and say so", DZ_STATS_AT(skip_bad)),
	DZ_HEADING("How captures are read (records in JSON lines are as they are)"),
	DZ_TABLE(dz_common_inputs, DZ_STATS_AT(common)),
	DZ_TABLE(dz_common_reading, DZ_STATS_AT(dataset.engine)),
	DZ_TABLE(dz_common_flows, DZ_STATS_AT(dataset.engine)),
	DZ_TABLE(dz_common_labels, DZ_STATS_AT(dataset.engine)),
	DZ_END,
};

const struct dz_opt dz_stats_writing[] = {
	DZ_TABLE(dz_common_output, DZ_STATS_AT(common)),
	DZ_TABLE(dz_common_run, DZ_STATS_AT(common)),
	DZ_END,
};

void dz_stats_input_init(struct dz_stats_input *input)
{
	memset(input, 0, sizeof *input);
	dz_dataset_options_init(&input->dataset);
}

void dz_stats_input_release(struct dz_stats_input *input)
{
	dz_common_release(&input->common);
	dz_label_counts_release(&input->labels);
}

/* ---- what is said while it runs ---- */

static void warn(void *context, const char *message)
{
	(void)context;
	dz_log_error("%s", message);
}

static bool progress_is_due(struct dz_stats_input *input)
{
	double seconds;

	if (input->common.quiet || !(input->common.progress || isatty(STDERR_FILENO)))
		return false;
	seconds = dz_clock_now();
	if (!input->last_progress)
		input->last_progress = seconds;
	if (seconds - input->last_progress < 0.5)
		return false;
	input->last_progress = seconds;
	return true;
}

static void show_reading(void *context, const char *what, uint64_t records, uint64_t done, uint64_t size)
{
	char text[200];
	int used;

	if (!progress_is_due(context))
		return;
	used = snprintf(text, sizeof text, "%.60s: %" PRIu64 " flows", what, records);
	if (size && done <= size)
		snprintf(text + used, sizeof text - (size_t)used, ", %.0f%%", (double)done * 100 / (double)size);
	dz_log_progress(text);
}

void dz_stats_input_progress(struct dz_stats_input *input, const char *what, uint64_t done, uint64_t total)
{
	char text[200];

	if (done == total) {
		dz_log_progress("");
		return;
	}
	if (!progress_is_due(input))
		return;
	snprintf(text, sizeof text, "%.60s: %" PRIu64 " of %" PRIu64, what, done, total);
	dz_log_progress(text);
}

/* ---- reading ---- */

static void set_options(struct dz_stats_input *input)
{
	struct dz_dataset_options *dataset = &input->dataset;

	dataset->skip_bad = input->skip_bad;
	dataset->selection = &input->common.selection;
	dataset->labels = &input->labels;
	dataset->separate |= input->by == DZ_BY_INPUT;
	dataset->warn = warn;
	dataset->progress = show_reading;
	dataset->context = input;
	dataset->whole_mark = DZ_LIBRARY_MARK;
	dataset->whole_kind = "a library of profiles";
}

int dz_stats_input_check(struct dz_stats_input *input, const char *const *words, size_t count)
{
	dz_common_apply(&input->common);
	if (!count) {
		dz_log_error("no input given: captures, or JSON lines of flows, or - for standard input");
		return DZ_EXIT_USAGE;
	}
	if (!dz_common_check(&input->dataset.engine, NULL) ||
	    !dz_common_guard("--output", input->common.output, &input->dataset.engine, words, count))
		return DZ_EXIT_USAGE;
	return DZ_EXIT_DONE;
}

int dz_stats_input_read(struct dz_stats_input *input, const char *const *words, size_t count, dz_dataset_fn *take,
			void *context, struct dz_dataset_account *account, bool *end)
{
	struct dz_err err;

	*end = true;
	if (dz_stats_input_check(input, words, count) != DZ_EXIT_DONE)
		return DZ_EXIT_USAGE;
	dz_signals_end();
	set_options(input);
	if (!dz_dataset_read(&input->dataset, words, count, take, context, account, &err)) {
		if (!input->reader_left)
			dz_log_error("%s", err.text);
		return input->reader_left ? DZ_EXIT_DONE : DZ_EXIT_FAILED;
	}
	if (progress_is_due(input))
		dz_log_progress("");
	if (input->direction == DZ_DIRECTION_BOTH && account->has_shape && account->unidirectional)
		dz_log_warning(
			"the records are one-way: --direction total is taken, since there are no two sides of a flow");
	if (account->bad_lines)
		dz_log_warning("%" PRIu64 " lines were passed over", account->bad_lines);
	*end = false;
	dz_common_say_missed(&input->common, input->labels.counts, input->labels.count, account->records,
			     account->kept);
	if (!account->kept && !account->wholes) {
		if (!account->records)
			dz_log_error("the input holds no flows");
		*end = true;
		return DZ_EXIT_FAILED;
	}
	dz_log_verbose("%" PRIu64 " flows read, %" PRIu64 " taken", account->records, account->kept);
	return account->failures ? DZ_EXIT_FAILED : DZ_EXIT_DONE;
}

bool dz_stats_input_group(void *groups, const struct dz_dataset_item *item, struct dz_err *err)
{
	return dz_groups_add(groups, item->record, item->input, err);
}

/* ---- writing ---- */

bool dz_stats_input_write(const struct dz_stats_input *input, const struct dz_strbuf *text)
{
	struct dz_err err;
	bool fine = dz_output_document(input->common.output, text->data, text->size, &err);

	if (!fine)
		dz_log_error("%s", err.text);
	return fine;
}
