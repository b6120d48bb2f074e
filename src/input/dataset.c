/* SPDX-License-Identifier: BSD-2-Clause */
/* dataset.c - see dataset.h. */
#include "config.h"
#include "input/dataset.h"

#include "base/intern.h"
#include "base/log.h"
#include "base/mem.h"
#include "record/record_json.h"
#include "input/captures.h"
#include "input/lines.h"
#include "input/parse_ring.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEAD = 256,               /* bytes that tell what an input is */
	PROGRESS_EVERY = 1 << 12, /* records */
	WORTH_THREADS = 1 << 20,  /* bytes of lines */
};
#define MAX_DOCUMENT ((size_t)256 << 20)

enum kind { KIND_NONE, KIND_CAPTURE, KIND_LINES, KIND_DOCUMENT, KIND_EMPTY };

struct run {
	const struct dz_dataset_options *options;
	dz_dataset_fn *take;
	void *take_context;
	struct dz_dataset_account *account;
	struct dz_err *err;
	char *shape_input;      /* owned: where the first record came from */
	struct dz_intern names; /* inputs as the records name them */
	uint32_t *first_word;   /* by number of name: the word that brought it first */
	size_t first_capacity;
	struct dz_strbuf input;
	/* of the captures being run */
	uint32_t word;
	const char *word_text, *word_name; /* the latter NULL when it has none */
	struct dz_captures captures;
	bool failed;
};

void dz_dataset_options_init(struct dz_dataset_options *options)
{
	memset(options, 0, sizeof *options);
	dz_engine_config_init(&options->engine);
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
	bool unidirectional = record->role != DZ_ROLE_BOTH;

	if (!account->has_shape) {
		account->has_shape = true;
		account->shape = record->shape;
		account->unidirectional = unidirectional;
		run->shape_input = dz_mem_strdup(input);
	}
	const struct dz_measured there = { run->shape_input, false, account->unidirectional, &account->shape };
	const struct dz_measured here = { input, false, unidirectional, &record->shape };
	return dz_record_measured_alike(&there, &here, run->err);
}

/* The record's input; with the word where another word brought one of the same name. */
static const char *tell_input(struct run *run, const char *name, bool capture)
{
	uint32_t before = run->names.count, number;
	void *block = run->first_word;

	if (run->word_name)
		return run->word_name;
	number = dz_intern_add_text(&run->names, name);
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

/* Labels of two releases of nDPI differ by more than what was labelled. */
static void note_version(struct dz_dataset_account *account, const char *version)
{
	if (!version || account->ndpi[1][0] || !strncmp(account->ndpi[0], version, sizeof account->ndpi[0] - 1))
		return;
	snprintf(account->ndpi[account->ndpi[0][0] != '\0'], sizeof account->ndpi[0], "%s", version);
}

/* What the statistics should know of the records that they get. */
static void note_kept(struct dz_dataset_account *account, const struct dz_record *record)
{
	uint8_t flags = record->side[DZ_SOURCE].tcp_flags | record->side[DZ_DESTINATION].tcp_flags;

	account->kept++;
	account->interim += record->end_reason == DZ_END_ACTIVE;
	account->tcp += flags != 0;
	account->headless += flags && !(flags & DZ_TCP_SYN);
	note_version(account, record->text->version);
}

static bool take(struct run *run, const struct dz_record *record, const char *source, const struct dz_parsed_line *line)
{
	struct dz_dataset_item item = { .record = record };

	run->account->records++;
	if (line) {
		run->account->lines++;
		item.line = line->line;
		item.line_size = line->size;
		item.file = source;
		item.line_number = line->number;
	}
	if (!check_shape(run, record, source))
		return false;
	if (run->options->labels)
		dz_label_counts_add(run->options->labels, record->text->application, 1, 0, 0);
	if (run->options->selection && !dz_selection_takes(run->options->selection, record))
		return true;
	note_kept(run->account, record);
	item.input = run->options->separate ? tell_input(run, record->input, !line) : record->input;
	return run->take(run->take_context, &item, run->err);
}

/* ---- captures ---- */

/* A word of the command line, opened or not. */
struct word {
	const char *text;
	struct dz_stream *stream; /* owned; NULL when it was not opened, or is opened again in its turn */
	uint64_t size;
	enum kind kind;
	bool waits; /* standard input, or what is no file and no folder: what it brings, and when, is another's affair
		     */
};

static void take_from_engine(void *context, const struct dz_record *record)
{
	struct run *run = context;

	if (run->failed)
		return;
	if (!take(run, record, record->input, NULL)) {
		run->failed = true;
		atomic_store(&run->captures.stop, true);
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

static struct dz_runs_taker taker_of(struct run *run)
{
	return (struct dz_runs_taker){ take_from_engine, engine_warns, engine_progress, run };
}

/* All that a run over captures brought was taken. */
static bool end_captures(struct run *run, struct dz_captures_run *captures)
{
	struct dz_dataset_account *account = run->account;
	struct dz_run_stats *stats = &captures->stats;

	account->failures += captures->failures;
	account->packets += stats->packets;
	account->filtered += stats->filtered;
	account->hidden += stats->hidden;
	for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++)
		account->verdicts[i] += stats->verdicts[i];
	dz_run_stats_release(stats);
	if (!captures->done)
		*run->err = captures->err;
	return captures->done && !run->failed;
}

/* The captures that the words stand for. Those that were looked into are read on as streams. */
static bool run_captures(struct run *run, struct word *const *words, size_t count)
{
	const char **texts = dz_mem_zalloc(count, sizeof *texts);
	struct dz_stream **streams = dz_mem_zalloc(count, sizeof *streams);
	struct dz_runs_taker to = taker_of(run);
	struct dz_captures_run captures = {
		.words = texts, .streams = streams, .count = count, .apart = run->options->separate && !run->word_name
	};

	for (size_t i = 0; i < count; i++) {
		texts[i] = words[i]->text;
		streams[i] = words[i]->stream;
		words[i]->stream = NULL;
	}
	dz_captures_read(&run->captures, &captures, &to);
	free(texts);
	free(streams);
	return end_captures(run, &captures);
}

/* Words that are by themselves need not wait for one another. */
static struct dz_captures_ahead *begin_ahead(struct run *run, const struct word *words, size_t count)
{
	const char *const *names = run->options->names;
	struct dz_captures_word *captures;
	struct dz_captures_ahead *ahead;

	if (!run->options->separate)
		return NULL;
	captures = dz_mem_zalloc(count, sizeof *captures);
	for (size_t i = 0; i < count; i++)
		if (words[i].kind == KIND_CAPTURE && !words[i].waits)
			captures[i] = (struct dz_captures_word){ words[i].text, !names || !names[i] };
	ahead = dz_captures_ahead_new(&run->captures, captures, count);
	free(captures);
	return ahead;
}

static bool take_ahead(struct run *run, struct dz_captures_ahead *ahead)
{
	struct dz_runs_taker to = taker_of(run);

	return end_captures(run, dz_captures_ahead_take(ahead, &to));
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

struct line_taker {
	struct run *run;
	const char *path;
	const struct dz_stream *stream;
	uint64_t file_size;
	uint64_t told; /* records at the last progress */
	bool failed;
};

static bool take_line(struct line_taker *taker, const struct dz_parsed_line *line)
{
	struct run *run = taker->run;

	if (line->error)
		return bad_line(run, taker->path, line->number, line->error);
	if (!line->record || take(run, line->record, taker->path, line))
		return true;
	return dz_err_prefix(run->err, "%s:%" PRIu64, taker->path, line->number);
}

static bool take_parsed(void *context, const struct dz_parsed_line *line)
{
	struct line_taker *taker = context;
	struct run *run = taker->run;

	taker->failed = !take_line(taker, line);
	if (run->account->records - taker->told >= PROGRESS_EVERY) {
		taker->told = run->account->records;
		tell_progress(run, taker->path, dz_stream_position(taker->stream), taker->file_size);
	}
	return !taker->failed;
}

/* The rest of the file cannot be had; what was read of it counts. */
static bool lines_broke_off(struct run *run, const char *path, const struct dz_lines *lines)
{
	struct dz_err err;

	dz_err_set(&err, "%s: broken off after line %" PRIu64 ": %s", path, lines->number,
		   dz_stream_failure(lines->stream));
	warn(run, err.text);
	run->account->failures++;
	return true;
}

static enum dz_lines_status lines_alone(struct line_taker *taker, struct dz_lines *lines)
{
	struct dz_json_reader *reader = dz_json_reader_new();
	enum dz_lines_status status;
	struct dz_parsed_line parsed;
	struct dz_record record;
	struct dz_err err;
	const char *line = NULL;
	size_t size = 0;

	for (;;) {
		status = dz_lines_next(lines, &line, &size);
		if (status == DZ_LINES_LINE)
			dz_parse_line(reader, line, size, &record, &err, &parsed);
		else if (status == DZ_LINES_TOO_LONG)
			dz_parse_too_long(&parsed);
		else
			break;
		parsed.number = lines->number;
		if (!take_parsed(taker, &parsed))
			break;
	}
	dz_json_reader_free(reader);
	return status;
}

/* Several threads wait for a block of lines: what comes slowly is read by one. */
static bool run_lines(struct run *run, const char *path, struct dz_lines *lines, uint64_t file_size)
{
	struct line_taker taker = {
		.run = run, .path = path, .stream = lines->stream, .file_size = file_size, .told = run->account->records
	};
	unsigned threads = run->options->engine.threads;
	enum dz_lines_status status;

	if (threads > 1 && file_size >= WORTH_THREADS)
		status = dz_parse_ring_run(lines, threads, take_parsed, &taker);
	else
		status = lines_alone(&taker, lines);
	return !taker.failed && (status != DZ_LINES_FAILED || lines_broke_off(run, path, lines));
}

/* ---- documents: files that are taken whole ---- */

static bool run_document(struct run *run, const char *path, struct dz_stream *stream)
{
	const struct dz_dataset_options *options = run->options;
	struct dz_strbuf text;
	bool done;

	if (!options->on_document)
		return dz_err_set(run->err, "%s is %s, which is not read here", path, options->document_kind);
	dz_strbuf_init(&text);
	done = dz_stream_read_all(stream, MAX_DOCUMENT, &text, run->err) || dz_err_prefix(run->err, "%s", path);
	done = done && options->on_document(options->document_context, path, text.data, text.size, run->err);
	run->account->documents++;
	dz_strbuf_release(&text);
	return done;
}

/* ---- words ---- */

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
	return options->document_mark && strstr(head, options->document_mark) ? KIND_DOCUMENT : KIND_LINES;
}

/* The first bytes, unpacked, as many as tell what an input is; a pipe may bring them slowly. */
static enum dz_stream_status look(struct dz_stream *stream, const char **bytes, size_t *size)
{
	enum dz_stream_status status;
	uint8_t *start;

	do
		status = dz_stream_peek(stream, HEAD, &start, size);
	while (status == DZ_STREAM_IDLE);
	*bytes = (const char *)start;
	*size = *size > HEAD ? HEAD : *size;
	return status;
}

static void close_word(struct word *word)
{
	dz_stream_free(word->stream);
	word->stream = NULL;
}

/* Tells what a word is. What cannot be opened is left to the reader of captures, whose message is as good as any. */
static void look_at(const struct run *run, struct word *word)
{
	bool standard = !strcmp(word->text, "-");
	struct stat status;
	const char *bytes;
	struct dz_err err = { "" };
	size_t size;

	word->kind = KIND_CAPTURE;
	word->waits = standard;
	if (standard ? isatty(STDIN_FILENO) : stat(word->text, &status) || S_ISDIR(status.st_mode))
		return;
	word->waits = standard || !S_ISREG(status.st_mode);
	word->size = word->waits ? 0 : (uint64_t)status.st_size;
	word->stream = dz_stream_open(word->text, word->size ? DZ_STREAM_LOOK : DZ_STREAM_READ, &err);
	if (!word->stream)
		return;
	if (look(word->stream, &bytes, &size) != DZ_STREAM_FAILED || size)
		word->kind = kind_of(run->options, bytes, size);
	if (word->size)
		close_word(word); /* there may be very many; it is opened again in its turn */
}

static bool open_again(struct run *run, struct word *word)
{
	if (!word->stream)
		word->stream = dz_stream_open(word->text, DZ_STREAM_READ, run->err);
	return word->stream || dz_err_prefix(run->err, "%s", word->text);
}

static bool run_one(struct run *run, struct word *word)
{
	char text[512];
	struct dz_lines lines;
	bool done;

	switch (word->kind) {
	case KIND_CAPTURE:
		return run_captures(run, &word, 1);
	case KIND_LINES:
	case KIND_DOCUMENT:
		if (!open_again(run, word))
			return false;
		dz_lines_init(&lines, word->stream);
		done = word->kind == KIND_LINES ? run_lines(run, word->text, &lines, word->size)
						: run_document(run, word->text, word->stream);
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
	struct word **captures = dz_mem_zalloc(count, sizeof *captures);
	size_t capture_count = 0;
	bool together = !run->options->separate, captures_ran = false, done = true;
	struct dz_captures_ahead *ahead = begin_ahead(run, words, count);

	for (size_t i = 0; i < count; i++)
		if (words[i].kind == KIND_CAPTURE)
			captures[capture_count++] = &words[i];
	for (size_t i = 0; i < count && done; i++) {
		run->word = (uint32_t)i;
		run->word_name = run->options->separate && run->options->names ? run->options->names[i] : NULL;
		run->word_text = words[i].text;
		if (dz_captures_ahead_is_next(ahead, i))
			done = take_ahead(run, ahead);
		else if (words[i].kind != KIND_CAPTURE || !together)
			done = run_one(run, &words[i]);
		else if (!captures_ran)
			captures_ran = true, done = run_captures(run, captures, capture_count);
	}
	dz_captures_ahead_free(ahead);
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
	dz_captures_init(&run.captures, &options->engine);
	for (size_t i = 0; i < count; i++) {
		opened[i].text = words[i];
		look_at(&run, &opened[i]);
	}
	done = run_words(&run, opened, count);
	for (size_t i = 0; i < count; i++)
		close_word(&opened[i]);
	free(opened);
	free(run.shape_input);
	free(run.first_word);
	dz_intern_release(&run.names);
	dz_strbuf_release(&run.input);
	dz_captures_release(&run.captures);
	return done;
}
