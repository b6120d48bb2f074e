/* SPDX-License-Identifier: BSD-2-Clause */
/* output.h - where a command's data goes: standard output or a file. */
#ifndef DISTRIBOOZE_OUTPUT_H
#define DISTRIBOOZE_OUTPUT_H

#include "base/err.h"
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct dz_output {
	int fd;
	const char *name; /* for messages; borrowed */
	bool closed_pipe; /* the reader went away: an end, not a failure */
	/* private */
	struct dz_packer *packer; /* owned; NULL: written as it is */
	bool regular, failed;
	uint64_t whole; /* size of what was written as whole lines */
	/* private: of dz_output_begin() */
	char *temporary, *target; /* owned; NULL where the file is written in place */
	sigset_t signals;
};

/* Keeps standard output for the data: what anyone else prints there (nDPI does, now and then) goes to standard error
 * from here on. Before the first dz_output_open(); a second call does nothing. */
DZ_MUST_CHECK bool dz_output_keep_standard(struct dz_err *err);

/* `path` NULL, "-", or a system's name for it is standard output, which stays open when the output is closed. A file is
 * created or emptied; one that is called FILE.gz or FILE.zst is compressed. */
DZ_MUST_CHECK bool dz_output_open(struct dz_output *output, const char *path, struct dz_err *err);
/* Writes all of it, so that a file, whatever becomes of the program then, can be read up to here; what a failed write
 * left of it is cut off again. Whole lines at a time make files of whole lines. False with a message on failure, or
 * with closed_pipe set. Its type fits dz_write_fn. */
bool dz_output_write(void *output, const char *bytes, size_t size, uint64_t records, struct dz_err *err);
/* A full disk may show only now. An output that is closed already is left alone. */
DZ_MUST_CHECK bool dz_output_close(struct dz_output *output, struct dz_err *err);

/* Opens as dz_output_open() does, but a regular file stays as it is until dz_output_close() puts the new one in its
 * place, whole and on the disk: until then it is a temporary file beside it. Owner and mode stay, and what a symbolic
 * link points to is what is replaced. What is no regular file, or stands in a folder that takes no new ones, is written
 * in place. Meanwhile signals that end the program wait. */
DZ_MUST_CHECK bool dz_output_begin(struct dz_output *output, const char *path, struct dz_err *err);
/* Instead of dz_output_close(): leaves the file as it was. */
void dz_output_abandon(struct dz_output *output);

/* Begins, writes and closes. A reader that went away is no failure. */
DZ_MUST_CHECK bool dz_output_document(const char *path, const char *bytes, size_t size, struct dz_err *err);

bool dz_output_standard_is_terminal(void);
bool dz_output_is_terminal(const struct dz_output *output);
bool dz_output_is_fifo(const struct dz_output *output);
/* Columns of the terminal; 0 when it is none. */
unsigned dz_output_width(const struct dz_output *output);
/* Whether writing to `path` (NULL: standard output) would overwrite the regular file that `input` is ("-": standard
 * input), or one in the folder that `input` is. */
bool dz_output_overwrites(const char *path, const char *input);

#endif
