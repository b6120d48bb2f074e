/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.h - lines of a file, one at a time, in bounded memory.
 *
 * Private to src/engine. Knows file descriptors; knows nothing of JSON. */
#ifndef DISTRIBOOZE_LINES_H
#define DISTRIBOOZE_LINES_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

/* The longest record there can be (2048 bins in three vectors) has about 200 kB. */
#define DZ_LINES_LONGEST ((size_t)4 << 20)

struct dz_lines {
	int fd;       /* borrowed */
	char *buffer; /* owned */
	size_t capacity;
	size_t begin, end; /* what is in the buffer and was not handed out */
	uint64_t number;   /* of the line handed out last, from 1 */
	uint64_t offset;   /* bytes handed out */
	bool eof;
};

enum dz_lines_status { DZ_LINES_LINE, DZ_LINES_END, DZ_LINES_TOO_LONG, DZ_LINES_FAILED };

void dz_lines_init(struct dz_lines *lines, int fd);
void dz_lines_release(struct dz_lines *lines);

/* Reads ahead until `size` bytes (at most 4096) are there or the file ends; they are borrowed until the next call, and
 * handed out as lines later. Returns how many there are, or -1 with errno set. */
ptrdiff_t dz_lines_peek(struct dz_lines *lines, size_t size, const char **bytes);

/* The next line, without its newline (and without a carriage return before it), NUL-terminated, borrowed until the
 * next call. A line that is TOO_LONG is passed over. FAILED leaves errno set. */
enum dz_lines_status dz_lines_next(struct dz_lines *lines, const char **line, size_t *size);

#endif
