/* SPDX-License-Identifier: BSD-2-Clause */
/* output.h - where a command's data goes: standard output or a file. */
#ifndef DISTRIBOOZE_OUTPUT_H
#define DISTRIBOOZE_OUTPUT_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct dz_output {
	int fd;
	const char *name; /* for messages; borrowed */
	bool closed_pipe; /* the reader went away: an end, not a failure */
};

/* Keeps standard output for the data: what anyone else prints there (nDPI does, now and then) goes to standard error
 * from here on. Once, before the first dz_output_open(). */
DZ_MUST_CHECK bool dz_output_keep_standard(struct dz_err *err);

/* `path` NULL, "-", or a system's name for it is standard output, which stays open when the output is closed. A file is
 * created or emptied. */
DZ_MUST_CHECK bool dz_output_open(struct dz_output *output, const char *path, struct dz_err *err);
/* Writes all of it; false with a message on failure, or with closed_pipe set. Its type fits dz_write_fn. */
bool dz_output_write(void *output, const char *bytes, size_t size, uint64_t records, struct dz_err *err);
/* A full disk may show only now. An output that is closed already is left alone. */
DZ_MUST_CHECK bool dz_output_close(struct dz_output *output, struct dz_err *err);

bool dz_output_standard_is_terminal(void);
bool dz_output_is_terminal(const struct dz_output *output);
bool dz_output_is_fifo(const struct dz_output *output);
/* Columns of the terminal; 0 when it is none. */
unsigned dz_output_width(const struct dz_output *output);
/* Whether the output is the regular file at `path`. */
bool dz_output_is_file(const struct dz_output *output, const char *path);
/* Whether opening `path` for output would empty the regular file at `input`; a NULL path would not. */
bool dz_output_would_empty(const char *path, const char *input);

#endif
