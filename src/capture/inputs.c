/* SPDX-License-Identifier: BSD-2-Clause */
/* inputs.c - from the words of a command line to the captures of a run, in the order of their first packets. */
#include "config.h"
#include "capture/inputs.h"

#include "base/folder.h"
#include "base/mem.h"
#include "capture/capture.h"
#include "capture/names.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct input {
	char *path;
	uint64_t size;  /* as stored; 0: not known */
	size_t order;   /* as named */
	bool seekable;  /* a regular file */
	bool has_first; /* its first packet could be read beforehand */
	uint64_t first_ns;
	int linktype;                /* -1: not looked at */
	struct dz_stream **stream;   /* owned: what it is read from; NULL where that is not open yet */
	struct dz_section *sections; /* owned; NULL: it is read as it is */
	size_t section_count;
};

struct dz_inputs {
	struct input *inputs;
	size_t count, capacity;
	size_t failures, passed_over;
	bool stdin_named;
	dz_inputs_complain_fn *complain;
	void *context;
};

static void fail(struct dz_inputs *inputs, const char *message)
{
	inputs->failures++;
	if (inputs->complain)
		inputs->complain(inputs->context, message);
}

DZ_PRINTF(2, 3) static void failf(struct dz_inputs *inputs, const char *format, ...)
{
	struct dz_err err;
	va_list args;

	va_start(args, format);
	vsnprintf(err.text, sizeof err.text, format, args);
	va_end(args);
	fail(inputs, err.text);
}

static void add(struct dz_inputs *inputs, struct input input, const char *path)
{
	if (inputs->count == DZ_INPUTS_MAX) {
		failf(inputs, "%s: more than %d inputs", path, DZ_INPUTS_MAX);
		return;
	}
	dz_mem_grow((void **)&inputs->inputs, &inputs->capacity, inputs->count + 1, sizeof input);
	input.path = dz_mem_strdup(path);
	input.order = inputs->count;
	inputs->inputs[inputs->count++] = input;
}

/* Looks at the beginning of a regular file, which never makes anybody wait. */
static bool look(struct dz_capture *capture, struct input *input, struct dz_err *err)
{
	struct dz_frame packet;
	enum dz_source_status status = dz_capture_open(capture, err);

	if (status != DZ_SOURCE_PACKET)
		return false;
	input->has_first = dz_capture_each(capture, dz_source_take_one, &packet, err) == DZ_SOURCE_PACKET;
	input->first_ns = input->has_first ? packet.time_ns : 0;
	input->linktype = input->has_first ? packet.linktype : capture->linktype;
	return true;
}

/* In a folder, a file that is no capture is passed over. */
static void add_file(struct dz_inputs *inputs, const char *path, const struct stat *status, bool in_folder)
{
	struct input input = { .size = (uint64_t)status->st_size, .seekable = true };
	struct dz_names interfaces;
	struct dz_err err;
	struct dz_capture *capture;

	dz_names_init(&interfaces);
	capture = dz_capture_new(path, NULL, DZ_STREAM_LOOK, &interfaces, &err);
	if (capture && look(capture, &input, &err)) {
		if (capture->ops == &dz_source_pcapng && !dz_stream_is_packed(capture->stream))
			input.section_count = dz_sections_find(path, &input.sections);
		add(inputs, input, path);
	} else if (!capture || !capture->foreign || !in_folder)
		fail(inputs, err.text);
	else
		inputs->passed_over++;
	dz_capture_free(capture);
	dz_names_release(&interfaces);
}

/* ---- folders ---- */

static void add_entry(void *context, const char *path, const struct stat *status)
{
	struct dz_inputs *inputs = context;

	if (!status)
		failf(inputs, "%s: cannot be opened: %s", path, strerror(errno));
	else if (S_ISREG(status->st_mode))
		add_file(inputs, path, status, true);
}

static void add_folder(struct dz_inputs *inputs, const char *path)
{
	size_t captures = inputs->count, failures = inputs->failures;
	int error = dz_folder_each(path, add_entry, inputs);

	if (error)
		failf(inputs, "%s: cannot be read: %s", path, strerror(error));
	if (inputs->count == captures && inputs->failures == failures)
		failf(inputs, "%s: no captures in this folder", path);
}

static void add_size(void *context, const char *path, const struct stat *status)
{
	(void)path;
	if (status && S_ISREG(status->st_mode))
		*(uint64_t *)context += (uint64_t)status->st_size;
}

static uint64_t size_of_folder(const char *path)
{
	uint64_t size = 0;

	(void)dz_folder_each(path, add_size, &size); /* whoever reads it says what is wrong with it */
	return size;
}

/* ---- words ---- */

static void add_stdin(struct dz_inputs *inputs)
{
	if (inputs->stdin_named)
		fail(inputs, "-: standard input can be read only once");
	else if (isatty(STDIN_FILENO))
		fail(inputs, "-: standard input is a terminal; a capture was expected");
	else
		add(inputs, (struct input){ .linktype = -1 }, "-");
	inputs->stdin_named = true;
}

static void add_word(struct dz_inputs *inputs, const char *word)
{
	struct stat status;

	if (!strcmp(word, "-")) {
		add_stdin(inputs);
	} else if (stat(word, &status)) {
		failf(inputs, "%s: cannot be opened: %s", word, strerror(errno));
	} else if (S_ISDIR(status.st_mode)) {
		add_folder(inputs, word);
	} else if (S_ISREG(status.st_mode)) {
		add_file(inputs, word, &status, false);
	} else {
		add(inputs, (struct input){ .linktype = -1 }, word);
	}
}

static int compare_first(const void *a, const void *b)
{
	const struct input *x = a, *y = b;
	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Sorts the inputs whose first packet is known among the places they hold; the others stay where they are. */
static void sort_inputs(struct dz_inputs *inputs)
{
	struct input *known = dz_mem_zalloc(inputs->count, sizeof *known);
	size_t count = 0, next = 0;

	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->inputs[i].has_first)
			known[count++] = inputs->inputs[i];
	qsort(known, count, sizeof *known, compare_first);
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->inputs[i].has_first)
			inputs->inputs[i] = known[next++];
	free(known);
}

struct dz_inputs *dz_inputs_new(const char *const *words, size_t count, dz_inputs_complain_fn *complain, void *context)
{
	struct dz_inputs *inputs = dz_mem_zalloc(1, sizeof *inputs);

	inputs->complain = complain;
	inputs->context = context;
	for (size_t i = 0; i < count; i++)
		add_word(inputs, words[i]);
	sort_inputs(inputs);
	return inputs;
}

struct dz_inputs *dz_inputs_new_interfaces(const char *const *names, size_t count)
{
	struct dz_inputs *inputs = dz_mem_zalloc(1, sizeof *inputs);

	for (size_t i = 0; i < count; i++)
		add(inputs, (struct input){ .linktype = -1 }, names[i]);
	return inputs;
}

void dz_inputs_free(struct dz_inputs *inputs)
{
	if (!inputs)
		return;
	for (size_t i = 0; i < inputs->count; i++) {
		if (inputs->inputs[i].stream)
			dz_stream_free(*inputs->inputs[i].stream);
		free(inputs->inputs[i].stream);
		free(inputs->inputs[i].path);
		free(inputs->inputs[i].sections);
	}
	free(inputs->inputs);
	free(inputs);
}

void dz_inputs_set_stream(struct dz_inputs *inputs, const char *path, struct dz_stream *stream)
{
	for (size_t i = 0; i < inputs->count; i++) {
		struct input *input = &inputs->inputs[i];
		if (input->seekable || input->stream || strcmp(input->path, path))
			continue;
		input->stream = dz_mem_alloc(sizeof *input->stream);
		*input->stream = stream;
		return;
	}
	dz_stream_free(stream); /* no input of that name is left */
}

/* ---- what they are ---- */

size_t dz_inputs_count(const struct dz_inputs *inputs)
{
	return inputs->count;
}

size_t dz_inputs_failures(const struct dz_inputs *inputs)
{
	return inputs->failures;
}

size_t dz_inputs_passed_over(const struct dz_inputs *inputs)
{
	return inputs->passed_over;
}

const char *dz_inputs_path(const struct dz_inputs *inputs, size_t index)
{
	return inputs->inputs[index].path;
}

const char *dz_inputs_name(const struct dz_inputs *inputs, size_t index)
{
	const char *path = inputs->inputs[index].path, *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

bool dz_inputs_seekable(const struct dz_inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (!inputs->inputs[i].seekable)
			return false;
	return true;
}

uint64_t dz_inputs_first_ns(const struct dz_inputs *inputs, size_t index)
{
	return inputs->inputs[index].first_ns;
}

bool dz_inputs_is_regular(const struct dz_inputs *inputs, size_t index)
{
	return inputs->inputs[index].seekable;
}

uint64_t dz_inputs_size_of(const struct dz_inputs *inputs, size_t index)
{
	return inputs->inputs[index].size;
}

uint64_t dz_inputs_size_of_word(const char *word)
{
	struct stat status;

	if (stat(word, &status))
		return 0;
	if (S_ISDIR(status.st_mode))
		return size_of_folder(word);
	return S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

uint64_t dz_inputs_size(const struct dz_inputs *inputs)
{
	uint64_t size = 0;
	for (size_t i = 0; i < inputs->count; i++)
		size += inputs->inputs[i].size;
	return size;
}

int dz_inputs_linktype(const struct dz_inputs *inputs, size_t index)
{
	return inputs->inputs[index].linktype;
}

const struct dz_section *dz_inputs_sections(const struct dz_inputs *inputs, size_t index, size_t *count)
{
	*count = inputs->inputs[index].section_count;
	return inputs->inputs[index].sections;
}

struct dz_stream *dz_inputs_take_stream(const struct dz_inputs *inputs, size_t index)
{
	struct dz_stream **slot = inputs->inputs[index].stream, *stream = slot ? *slot : NULL;

	if (slot)
		*slot = NULL;
	return stream;
}
