/* SPDX-License-Identifier: BSD-2-Clause */
/* stats_input.c - see stats_input.h. */
#include "config.h"
#include "cmd/stats_input.h"

#include "cmd/cmd.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/known_inputs.h"
#include "cmd/library_file.h"
#include "cmd/output.h"
#include "cmd/named_files.h"
#include "cmd/signals.h"
#include "stats/profile.h"
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of TCP flows, one in so many without a SYN is told. */
enum { HEADLESS_SHARE = 10 };

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
	DZ_TABLE(dz_common_threads, DZ_STATS_AT(dataset.engine)),
	DZ_TABLE(dz_common_run, DZ_STATS_AT(common)),
	DZ_END,
};

void dz_stats_input_init(struct dz_stats_input *input)
{
	memset(input, 0, sizeof *input);
	dz_dataset_options_init(&input->dataset);
	input->grouping = dz_grouping_by(DZ_BY_LABEL);
}

void dz_stats_input_release(struct dz_stats_input *input)
{
	dz_common_release(&input->common);
	dz_library_release(&input->versions);
	dz_label_counts_release(&input->labels);
	for (size_t i = 0; i < input->operands; i++)
		free(input->name_texts[i]);
	free(input->name_texts);
	free(input->names);
	free(input->paths);
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

bool dz_stats_input_parse_by(void *target, const char *value, struct dz_err *err)
{
	struct dz_stats_input *input = target;

	input->by_given = true;
	return dz_grouping_parse(value, &input->grouping, err);
}

const struct dz_grouping *dz_stats_input_grouping(struct dz_stats_input *input)
{
	if (input->every_ns)
		dz_grouping_add_every(&input->grouping, input->every_ns, input->by_given);
	input->every_ns = 0;
	return &input->grouping;
}

static bool is_by_input(const struct dz_stats_input *input)
{
	return input->by == DZ_BY_INPUT || dz_grouping_has(&input->grouping, DZ_BY_INPUT);
}

/* "mon=DIR", where there is no file of that very name: the length of the name, else 0. */
static size_t name_of(const char *word)
{
	size_t size = strcspn(word, "=/");
	struct stat status;

	return size && word[size] == '=' && word[size + 1] && stat(word, &status) ? size : 0;
}

/* A directory stands for what is in it: its name without the slashes at the end. */
static size_t directory_name_of(const char *word)
{
	struct stat status;
	size_t size = strlen(word);

	if (stat(word, &status) || !S_ISDIR(status.st_mode))
		return 0;
	while (size > 1 && word[size - 1] == '/')
		size--;
	return size;
}

/* Parts the operands' names from what is to be opened. */
static void name_operands(struct dz_stats_input *input, const char *const *words, size_t count)
{
	if (input->paths)
		return;
	input->operands = count;
	input->paths = dz_mem_zalloc(count, sizeof *input->paths);
	input->names = dz_mem_zalloc(count, sizeof *input->names);
	input->name_texts = dz_mem_zalloc(count, sizeof *input->name_texts);
	for (size_t i = 0; i < count; i++) {
		size_t named = name_of(words[i]), size = named ? named : directory_name_of(words[i]);
		input->paths[i] = words[i] + (named ? named + 1 : 0);
		if (!size || !is_by_input(input))
			continue;
		input->name_texts[i] = dz_mem_strdup(words[i]);
		input->name_texts[i][size] = '\0';
		input->names[i] = input->name_texts[i];
	}
}

static void set_options(struct dz_stats_input *input)
{
	struct dz_dataset_options *dataset = &input->dataset;

	dataset->skip_bad = input->skip_bad;
	dataset->selection = &input->common.selection;
	dataset->labels = &input->labels;
	dataset->separate |= is_by_input(input);
	dataset->names = input->names;
	dataset->warn = warn;
	dataset->progress = show_reading;
	dataset->context = input;
	dataset->document_mark = DZ_LIBRARY_MARK;
	dataset->document_kind = "a library of profiles";
}

/* ---- libraries ---- */

static const char *word_name(const struct dz_stats_input *input, const char *path)
{
	for (size_t i = 0; i < input->operands; i++)
		if (input->paths[i] == path && input->names[i])
			return input->names[i];
	return path;
}

static bool add_library(void *context, const char *path, const char *text, size_t size, struct dz_err *err)
{
	struct dz_stats_input *input = context;
	bool whole = is_by_input(input), fine;
	struct dz_library library;

	if (!dz_grouping_is_plain(&input->grouping))
		return dz_err_set(err, "%s is a library of profiles, which are by one thing, not by %s", path,
				  input->grouping.text);
	dz_library_init(&library, input->grouping.keys[0]);
	library.by_any = whole;
	fine = dz_library_add_json(&library, text, size, path, err) || dz_err_prefix(err, "%s", path);
	for (size_t i = 0; fine && i < library.version_count; i++)
		dz_library_add_version(&input->versions, library.versions[i]);
	fine = fine && input->take_library(input->library_context, &library,
					   whole && library.by != DZ_BY_INPUT ? word_name(input, path) : NULL, err);
	dz_library_release(&library);
	return fine;
}

void dz_stats_input_take_libraries(struct dz_stats_input *input, dz_stats_library_fn *take, void *context)
{
	input->take_library = take;
	input->library_context = context;
	input->dataset.on_document = add_library;
	input->dataset.document_context = input;
}

const struct dz_selection *dz_stats_input_library_selection(const struct dz_library *library,
							    const struct dz_selection *selection)
{
	return library->by == DZ_BY_LABEL ? selection : NULL;
}

void dz_stats_input_say_taken(const struct dz_library *library, size_t taken)
{
	if (!taken)
		dz_log_warning("%s: no profile%s", library->origin, library->count ? " of --label" : "");
}

bool dz_stats_input_group_library(void *groups, const struct dz_library *library, const char *whole, struct dz_err *err)
{
	const struct dz_stats_groups *to = groups;
	size_t taken;

	if (!dz_groups_add_library(to->groups, library, whole, dz_stats_input_library_selection(library, to->selection),
				   &taken, err))
		return false;
	dz_stats_input_say_taken(library, taken);
	return true;
}

bool dz_stats_input_check_libraries(const struct dz_stats_input *input, const struct dz_groups *groups,
				    const struct dz_dataset_account *account)
{
	if (!dz_groups_count(groups)) {
		dz_log_error("no profile of the libraries has the label that is asked for (--label)");
		return false;
	}
	if (dz_groups_have_library(groups) && !account->unidirectional && input->direction == DZ_DIRECTION_BOTH &&
	    dz_groups_direction(groups) == DZ_DIRECTION_TOTAL)
		dz_log_warning("--direction total is taken: a library of one-way records, or of 0.1.0, does not have "
			       "both directions side by side");
	return true;
}

static struct dz_groups *read_baseline(struct dz_stats_input *input, const char *path, struct dz_err *err)
{
	const struct dz_grouping *grouping = dz_stats_input_grouping(input);
	struct dz_groups *groups = dz_groups_new_by(grouping, (enum dz_direction)input->direction);
	struct dz_stats_groups to = { groups, &input->common.selection };
	struct dz_library library;
	bool fine;

	dz_library_init(&library, grouping->keys[0]);
	fine = dz_grouping_is_plain(grouping) ||
	       dz_err_set(err, "a library is by one thing, not by %s", grouping->text);
	fine = fine && dz_library_file_add(&library, path, err) &&
	       dz_stats_input_group_library(&to, &library, NULL, err);
	for (size_t i = 0; fine && i < library.version_count; i++)
		dz_library_add_version(&input->versions, library.versions[i]);
	dz_library_release(&library);
	dz_groups_finish(groups);
	if (fine)
		return groups;
	dz_groups_free(groups);
	return NULL;
}

struct dz_groups *dz_stats_input_baseline(struct dz_stats_input *input, const char *path)
{
	struct dz_err err;
	struct dz_groups *groups;

	if (!dz_common_guard("--output", input->common.output, &input->dataset.engine, &path, 1))
		return NULL;
	groups = read_baseline(input, path, &err);
	if (!groups)
		dz_log_error("--baseline: %s", err.text);
	return groups;
}

bool dz_stats_input_baseline_fits(const struct dz_groups *groups, const struct dz_groups *baseline, const char *path)
{
	struct dz_err err;

	if (dz_groups_match(groups, baseline, path, &err)) {
		dz_known_inputs_warn_of_groups(path, baseline, groups);
		return true;
	}
	dz_log_error("--baseline: %s", err.text);
	return false;
}

int dz_stats_input_check(struct dz_stats_input *input, const char *const *words, size_t count)
{
	dz_common_apply(&input->common);
	dz_common_set_threads(&input->dataset.engine);
	if (!count) {
		dz_log_error("no input given: captures, or JSON lines of flows, or - for standard input");
		return DZ_EXIT_USAGE;
	}
	name_operands(input, words, count);
	if (!dz_common_check(&input->dataset.engine, NULL) ||
	    !dz_common_guard("--output", input->common.output, &input->dataset.engine, input->paths, count))
		return DZ_EXIT_USAGE;
	return DZ_EXIT_DONE;
}

static void warn_of_versions(struct dz_stats_input *input, const struct dz_dataset_account *account)
{
	struct dz_library *versions = &input->versions;
	char one[DZ_LABEL_GIVER], two[DZ_LABEL_GIVER];

	for (unsigned i = 0; versions->version_count && i < 2; i++)
		if (account->ndpi[i][0])
			dz_library_add_version(versions, account->ndpi[i]);
	if (account->ndpi[1][0])
		dz_log_warning("the records are labelled by %s and %s, which name many flows otherwise",
			       dz_label_giver(account->ndpi[0], one), dz_label_giver(account->ndpi[1], two));
	else if (versions->version_count > 1)
		dz_log_warning("the labels are those of %s and %s%s, which name many flows otherwise",
			       dz_label_giver(versions->versions[0], one), dz_label_giver(versions->versions[1], two),
			       versions->version_count > 2 ? " and others" : "");
}

bool dz_stats_input_read_beside(struct dz_stats_input *input, const char *option, const char *path, dz_dataset_fn *take,
				void *context)
{
	struct dz_dataset_options options = input->dataset;
	struct dz_dataset_account account;
	struct dz_err err;

	if (!dz_common_guard("--output", input->common.output, &options.engine, &path, 1))
		return false;
	options.skip_bad = input->skip_bad;
	options.selection = &input->common.selection;
	options.separate = true;
	options.names = NULL;
	options.labels = NULL;
	options.on_document = NULL;
	options.document_mark = DZ_LIBRARY_MARK;
	options.document_kind = "a library of profiles";
	options.warn = warn;
	options.progress = show_reading;
	options.context = input;
	if (!dz_dataset_read(&options, &path, 1, take, context, &account, &err)) {
		dz_log_error("%s: %s", option, err.text);
		return false;
	}
	if (!account.kept)
		dz_log_error("%s: %s holds no flows%s", option, path, account.records ? " that are asked for" : "");
	return account.kept && !account.failures;
}

/* What options ask of captures, JSON lines were not asked: they are as they were measured. */
static void warn_of_lines(const struct dz_stats_input *input, const struct dz_dataset_account *account)
{
	const struct dz_engine_config *engine = &input->dataset.engine;
	const struct dz_flow_config *flow = &engine->flow;
	struct dz_dataset_options defaults;
	char asked[DZ_RECORD_SHAPE_TEXT], there[DZ_RECORD_SHAPE_TEXT];

	if (!account->lines)
		return;
	if (engine->filter || engine->filter_inner)
		dz_log_warning("filters are of packets: the records in JSON lines are taken as they are");
	dz_dataset_options_init(&defaults);
	if (dz_hist_shape_equal(&flow->shape, &defaults.engine.flow.shape) ||
	    dz_hist_shape_equal(&flow->shape, &account->shape))
		return;
	dz_record_shape_text(&flow->shape, flow->unidirectional, asked);
	dz_record_shape_text(&account->shape, account->unidirectional, there);
	dz_log_warning("the options ask for %s, but the records in JSON lines hold %s, and are taken as they are",
		       asked, there);
}

/* Records that are no whole flows, or whose sides are a guess. */
static void warn_of_parts(const struct dz_stats_input *input, const struct dz_dataset_account *account)
{
	if (account->interim)
		dz_log_warning("%" PRIu64 " of %" PRIu64
			       " records are parts of flows that went on (--active-timeout): each "
			       "is taken as a flow by itself, which parts of one flow are not",
			       account->interim, account->kept);
	if (input->direction != DZ_DIRECTION_TOTAL && account->headless * HEADLESS_SHARE > account->tcp)
		dz_log_warning("no SYN was seen of %" PRIu64 " of %" PRIu64
			       " TCP flows: which side began them is a guess; --direction total does not ask",
			       account->headless, account->tcp);
}

static bool reads_stream(const struct dz_stats_input *input, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool standard = !strcmp(input->paths[i], "-");
		struct stat status;
		if (standard ? !fstat(STDIN_FILENO, &status) : !stat(input->paths[i], &status))
			if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
				return true;
	}
	return false;
}

int dz_stats_input_read(struct dz_stats_input *input, const char *const *words, size_t count, dz_dataset_fn *take,
			void *context, struct dz_dataset_account *account, bool *end)
{
	struct dz_err err;
	bool fine;

	*end = true;
	if (dz_stats_input_check(input, words, count) != DZ_EXIT_DONE)
		return DZ_EXIT_USAGE;
	dz_named_files_warn(input->paths, count);
	dz_signals_end(reads_stream(input, count));
	set_options(input);
	fine = dz_dataset_read(&input->dataset, input->paths, count, take, context, account, &err);
	dz_signals_stream_ended();
	if (!fine) {
		if (!input->reader_left)
			dz_log_error("%s", err.text);
		return input->reader_left ? DZ_EXIT_DONE : DZ_EXIT_FAILED;
	}
	if (progress_is_due(input))
		dz_log_progress("");
	if (input->direction == DZ_DIRECTION_BOTH && account->has_shape && account->unidirectional)
		dz_log_warning(
			"the records are one-way: --direction total is taken, since there are no two sides of a flow");
	warn_of_versions(input, account);
	warn_of_lines(input, account);
	warn_of_parts(input, account);
	if (account->bad_lines)
		dz_log_warning("%" PRIu64 " line%s passed over", account->bad_lines,
			       account->bad_lines == 1 ? " was" : "s were");
	*end = false;
	dz_common_say_hidden(&input->dataset.engine, account->hidden);
	dz_common_say_missed(&input->common, input->labels.counts, input->labels.count, account->records,
			     account->kept);
	if (!account->kept && !account->documents) {
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
