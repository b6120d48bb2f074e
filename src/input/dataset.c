/* SPDX-License-Identifier: BSD-2-Clause */
/* dataset.c - see dataset.h. */
#include "config.h"
#include "input/dataset.h"

#include "base/intern.h"
#include "base/log.h"
#include "base/mem.h"
#include "record/record_json.h"
#include "input/lines.h"
#include "input/pump.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEAD = 256,               /* bytes that tell what an input is */
	PROGRESS_EVERY = 1 << 12, /* records */
};
#define WHOLE_LARGEST ((size_t)256 << 20)

enum kind { KIND_NONE, KIND_CAPTURE, KIND_LINES, KIND_WHOLE, KIND_EMPTY };

struct run {
	const struct dz_dataset_options *options;
	dz_dataset_fn *take;
	void *take_context;
	struct dz_dataset_account *account;
	struct dz_err *err;
	char *shape_input; /* owned: where the first record came from */
	struct dz_json_reader *reader;
	struct dz_intern names; /* inputs as the records name them */
	uint32_t *first_word;   /* by number of name: the word that brought it first */
	size_t first_capacity;
	struct dz_strbuf input;
	/* of the captures being run */
	uint32_t word;
	const char *word_text;
	atomic_bool stop;
	bool failed;
};

void dz_dataset_options_init(struct dz_dataset_options *options)
{
	memset(options, 0, sizeof *options);
	dz_engine_config_init(&options->engine);
}

void dz_dataset_shape_text(const struct dz_hist_shape *shape, bool unidirectional, char text[DZ_DATASET_SHAPE_TEXT])
{
	snprintf(text, DZ_DATASET_SHAPE_TEXT, "%" PRIu32 " bins of %" PRIu32 " bytes of layer %s, %s", shape->bins,
		 shape->bin_width, dz_layer_name(shape->layer), unidirectional ? "one-way" : "whole flows");
}

static void warn(struct run *run, const char *message)
{
	if (run->options->warn)
		run->options->warn(run->options->context, message);
}

static void tell_progress(struct run *run, const char *what, uint64_t done, uint64_t size)
{
	if (run->options->progress)
		run->options->progress(run->options->context, what, run->account->records, done, size);
}

/* ---- one record ---- */

static bool check_shape(struct run *run, const struct dz_record *record, const char *input)
{
	struct dz_dataset_account *account = run->account;
	char there[DZ_DATASET_SHAPE_TEXT], here[DZ_DATASET_SHAPE_TEXT];
	bool unidirectional = record->role != DZ_ROLE_BOTH;

	if (!account->has_shape) {
		account->has_shape = true;
		account->shape = record->shape;
		account->unidirectional = unidirectional;
		run->shape_input = dz_mem_strdup(input);
	}
	if (dz_hist_shape_equal(&account->shape, &record->shape) && account->unidirectional == unidirectional)
		return true;
	dz_dataset_shape_text(&account->shape, account->unidirectional, there);
	dz_dataset_shape_text(&record->shape, unidirectional, here);
	return dz_err_set(run->err, "%s holds %s, but %s holds %s: they cannot be put together", run->shape_input,
			  there, input, here);
}

static bool wanted(const struct dz_dataset_options *options, const struct dz_record *record)
{
	if (record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets < options->min_packets)
		return false;
	for (size_t i = 0; i < options->label_count; i++)
		if (!strcmp(options->labels[i], record->text->application))
			return true;
	return options->label_count == 0;
}

/* The record's input; with the word where another word brought one of the same name. */
static const char *tell_input(struct run *run, const char *name, bool capture)
{
	uint32_t before = run->names.count, number = dz_intern_add_text(&run->names, name);
	void *block = run->first_word;

	if (number == before) {
		dz_mem_grow(&block, &run->first_capacity, number + (size_t)1, sizeof *run->first_word);
		run->first_word = block;
		run->first_word[number] = run->word;
	}
	if (run->first_word[number] == run->word)
		return name;
	dz_strbuf_clear(&run->input);
	dz_strbuf_adds(&run->input, run->word_text);
	if (!capture)
		dz_strbuf_addf(&run->input, ":%s", name);
	return run->input.data;
}

static bool take(struct run *run, const struct dz_record *record, const char *source, const char *line, size_t size)
{
	struct dz_dataset_item item = { .record = record, .line = line, .line_size = size };

	run->account->records++;
	if (!check_shape(run, record, source))
		return false;
	if (!wanted(run->options, record))
		return true;
	run->account->kept++;
	item.input = run->options->separate ? tell_input(run, record->input, !line) : record->input;
	return run->take(run->take_context, &item, run->err);
}

/* ---- captures ---- */

static void take_from_engine(void *context, const struct dz_record *record)
{
	struct run *run = context;

	if (run->failed)
		return;
	if (!take(run, record, record->input, NULL, 0)) {
		run->failed = true;
		run->stop = 1;
	}
}

static void engine_warns(void *context, const char *message)
{
	warn(context, message);
}

static void engine_progress(void *context, const struct dz_progress *progress)
{
	tell_progress(context, "captures", progress->position, progress->size);
}

static bool run_captures(struct run *run, const char *const *words, size_t count)
{
	struct dz_engine_config config = run->options->engine;
	struct dz_run_stats account;
	struct dz_inputs *inputs = dz_inputs_new(words, count, engine_warns, run);
	bool done = true;

	memset(&account, 0, sizeof account);
	run->account->failures += dz_inputs_failures(inputs);
	if (dz_inputs_count(inputs)) {
		config.inputs = inputs;
		config.threads = 1;
		config.separate_inputs |= run->options->separate;
		config.stop = &run->stop;
		config.warn = engine_warns;
		config.progress = engine_progress;
		config.context = run;
		done = dz_engine_run_records(&config, take_from_engine, run, &account, run->err) && !run->failed;
		run->account->failures += account.damaged_inputs;
		run->account->packets += account.packets;
		run->account->filtered += account.filtered;
		for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++)
			run->account->verdicts[i] += account.verdicts[i];
		dz_run_stats_release(&account);
	}
	dz_inputs_free(inputs);
	return done;
}

/* ---- JSON lines ---- */

/* A line that is no record: an error, or with skip_bad a warning. */
static bool bad_line(struct run *run, const char *path, uint64_t number, const char *message)
{
	char text[sizeof run->err->text + 64];

	snprintf(text, sizeof text, "%s:%" PRIu64 ": %s", path, number, message);
	if (!run->options->skip_bad)
		return dz_err_set(run->err, "%s", text);
	run->account->bad_lines++;
	warn(run, text);
	return true;
}

/* Lines that stand between records and are none: blank ones, and the action lines of the bulk format. */
static bool is_filler(const char *line, size_t size)
{
	static const char action[] = "{\"create\":";
	return strspn(line, " \t") == size || !strncmp(line, action, sizeof action - 1);
}

static bool take_line(struct run *run, const char *path, const struct dz_lines *lines, const char *line, size_t size)
{
	struct dz_record record;
	struct dz_err err;

	if (is_filler(line, size))
		return true;
	if (!dz_json_reader_parse(run->reader, line, size, &record, &err))
		return bad_line(run, path, lines->number, err.text);
	if (!take(run, &record, path, line, size))
		return dz_err_prefix(run->err, "%s:%" PRIu64, path, lines->number);
	return true;
}

static bool run_lines(struct run *run, const char *path, struct dz_lines *lines, uint64_t file_size)
{
	const char *line = NULL;
	size_t size = 0;
	uint64_t told = run->account->records;

	if (!run->reader)
		run->reader = dz_json_reader_new();
	for (;;) {
		switch (dz_lines_next(lines, &line, &size)) {
		case DZ_LINES_END:
			return true;
		case DZ_LINES_FAILED:
			return dz_err_set(run->err, "%s: cannot be read: %s", path, strerror(errno));
		case DZ_LINES_TOO_LONG:
			if (!bad_line(run, path, lines->number, "the line is longer than 4 MiB"))
				return false;
			break;
		case DZ_LINES_LINE:
			if (!take_line(run, path, lines, line, size))
				return false;
			break;
		}
		if (run->account->records - told >= PROGRESS_EVERY) {
			told = run->account->records;
			tell_progress(run, path, lines->offset, file_size);
		}
	}
}

/* ---- files that are taken whole ---- */

static bool run_whole(struct run *run, const char *path, struct dz_lines *lines)
{
	struct dz_strbuf text;
	const char *line = NULL;
	size_t size = 0;
	enum dz_lines_status status;
	bool done = false;

	dz_strbuf_init(&text);
	if (!run->options->whole) {
		dz_err_set(run->err, "%s is %s, which is not read here", path, run->options->whole_kind);
		goto out;
	}
	while ((status = dz_lines_next(lines, &line, &size)) == DZ_LINES_LINE && text.size < WHOLE_LARGEST) {
		dz_strbuf_add(&text, line, size);
		dz_strbuf_addc(&text, '\n');
	}
	if (status == DZ_LINES_FAILED)
		dz_err_set(run->err, "%s: cannot be read: %s", path, strerror(errno));
	else if (status != DZ_LINES_END)
		dz_err_set(run->err, "%s: too large to be %s", path, run->options->whole_kind);
	else
		done = run->options->whole(run->options->whole_context, path, text.data, text.size, run->err);
	run->account->wholes++;
out:
	dz_strbuf_release(&text);
	return done;
}

/* ---- words ---- */

/* An opened word of the command line. */
struct word {
	const char *text;
	char *path; /* owned: what the reader of captures is to open */
	int fd;     /* -1 when it was not opened, or is in other hands */
	struct dz_lines lines;
	uint64_t size;
	bool has_lines;
	enum kind kind;
};

static enum kind kind_of(const struct dz_dataset_options *options, const char *bytes, size_t size)
{
	char head[HEAD + 1];
	size_t first = 0;

	if (!size)
		return KIND_EMPTY;
	if (dz_source_looks_like_capture((const uint8_t *)bytes, size))
		return KIND_CAPTURE;
	size = size > HEAD ? HEAD : size;
	memcpy(head, bytes, size);
	head[size] = '\0';
	first = strspn(head, " \t\r\n");
	if (first == size)
		return KIND_LINES;
	if (head[first] != '{')
		return KIND_NONE;
	return options->whole_mark && strstr(head, options->whole_mark) ? KIND_WHOLE : KIND_LINES;
}

/* Lets the reader of captures begin where we began to look. */
static bool give_back(struct word *word, off_t begin, const char *bytes, size_t size, struct dz_err *err)
{
	char path[32];
	int fd = word->fd, out;

	word->fd = -1;
	if (begin >= 0) {
		if (!strcmp(word->text, "-"))
			lseek(fd, begin, SEEK_SET);
		close(fd);
		return true;
	}
	if (!dz_pump_start(fd, bytes, size, &out, err))
		return dz_err_prefix(err, "%s", word->text);
	if (!strcmp(word->text, "-")) {
		dup2(out, STDIN_FILENO);
		close(out);
		return true;
	}
	snprintf(path, sizeof path, "/dev/fd/%d", out);
	free(word->path);
	word->path = dz_mem_strdup(path);
	return true;
}

static void close_word(struct word *word)
{
	if (word->has_lines)
		dz_lines_release(&word->lines);
	if (word->fd >= 0)
		close(word->fd);
	word->has_lines = false;
	word->fd = -1;
}

/* Tells what a word is. What cannot be opened is left to the reader of captures, whose message is as good as any. */
static bool look_at(struct run *run, struct word *word)
{
	const char *bytes = NULL;
	struct stat status;
	ptrdiff_t size;
	off_t begin;
	bool standard = !strcmp(word->text, "-");

	word->path = dz_mem_strdup(word->text);
	word->kind = KIND_CAPTURE;
	word->fd = -1;
	if (standard && isatty(STDIN_FILENO))
		return true;
	word->fd =
		standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(word->text, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (word->fd < 0 || fstat(word->fd, &status) || S_ISDIR(status.st_mode))
		return true;
	word->size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
	begin = lseek(word->fd, 0, SEEK_CUR);
	dz_lines_init(&word->lines, word->fd);
	word->has_lines = true;
	size = dz_lines_peek(&word->lines, HEAD, &bytes);
	if (size < 0)
		return dz_err_set(run->err, "%s: cannot be read: %s", word->text, strerror(errno));
	word->kind = kind_of(run->options, bytes, (size_t)size);
	if (word->kind == KIND_CAPTURE)
		return give_back(word, begin, bytes, (size_t)size, run->err);
	if (S_ISREG(status.st_mode) && !standard)
		close_word(word); /* there may be very many; it is opened again in its turn */
	return true;
}

static bool open_again(struct run *run, struct word *word)
{
	if (word->has_lines)
		return true;
	word->fd = open(word->text, O_RDONLY | O_CLOEXEC);
	if (word->fd < 0)
		return dz_err_set(run->err, "%s: cannot be opened: %s", word->text, strerror(errno));
	dz_lines_init(&word->lines, word->fd);
	word->has_lines = true;
	return true;
}

static bool run_one(struct run *run, struct word *word)
{
	char text[512];
	const char *path;

	bool done;

	run->word_text = word->text;
	switch (word->kind) {
	case KIND_CAPTURE:
		path = word->path;
		return run_captures(run, &path, 1);
	case KIND_LINES:
	case KIND_WHOLE:
		done = open_again(run, word) &&
		       (word->kind == KIND_LINES ? run_lines(run, word->text, &word->lines, word->size)
						 : run_whole(run, word->text, &word->lines));
		close_word(word);
		return done;
	case KIND_EMPTY:
		snprintf(text, sizeof text, "%.400s: the input is empty", word->text);
		warn(run, text);
		return true;
	case KIND_NONE:
		break;
	}
	snprintf(text, sizeof text, "%.400s: neither a capture nor JSON lines", word->text);
	warn(run, text);
	run->account->failures++;
	return true;
}

static bool run_words(struct run *run, struct word *words, size_t count)
{
	const char **captures = dz_mem_zalloc(count, sizeof *captures);
	size_t capture_count = 0;
	bool together = !run->options->separate, captures_ran = false, done = true;

	for (size_t i = 0; i < count; i++)
		if (words[i].kind == KIND_CAPTURE)
			captures[capture_count++] = words[i].path;
	for (size_t i = 0; i < count && done; i++) {
		run->word = (uint32_t)i;
		if (words[i].kind != KIND_CAPTURE || !together)
			done = run_one(run, &words[i]);
		else if (!captures_ran)
			captures_ran = true, done = run_captures(run, captures, capture_count);
	}
	free(captures);
	return done;
}

bool dz_dataset_read(const struct dz_dataset_options *options, const char *const *words, size_t count,
		     dz_dataset_fn *take_item, void *take_context, struct dz_dataset_account *account,
		     struct dz_err *err)
{
	struct run run = {
		.options = options, .take = take_item, .take_context = take_context, .account = account, .err = err
	};
	struct word *opened = dz_mem_zalloc(count, sizeof *opened);
	bool done = true;

	memset(account, 0, sizeof *account);
	dz_intern_init(&run.names);
	dz_strbuf_init(&run.input);
	for (size_t i = 0; i < count; i++)
		opened[i].fd = -1;
	for (size_t i = 0; i < count && done; i++) {
		opened[i].text = words[i];
		done = look_at(&run, &opened[i]);
	}
	done = done && run_words(&run, opened, count);
	for (size_t i = 0; i < count; i++) {
		close_word(&opened[i]);
		free(opened[i].path);
	}
	free(opened);
	free(run.shape_input);
	free(run.first_word);
	dz_intern_release(&run.names);
	dz_strbuf_release(&run.input);
	dz_json_reader_free(run.reader);
	return done;
}
