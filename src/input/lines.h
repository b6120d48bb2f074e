/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.h - lines of a stream, one at a time, in bounded memory.
 *
 * Private to src/input. Knows nothing of what is in a line. */
#ifndef DISTRIBOOZE_LINES_H
#define DISTRIBOOZE_LINES_H

#include "base/stream.h"
#include <stddef.h>
#include <stdint.h>

/* The longest record there can be (2048 bins in three vectors) has about 200 kB. */
#define DZ_LINES_MAX_SIZE ((size_t)4 << 20)

struct dz_lines {
	struct dz_stream *stream; /* borrowed */
	size_t used;              /* bytes of the line handed out last, to be moved over */
	uint64_t number;          /* of that line, from 1 */
};

enum dz_lines_status {
	DZ_LINES_LINE,
	DZ_LINES_END,
	DZ_LINES_TOO_LONG, /* passed over */
	DZ_LINES_FAILED    /* dz_stream_failure() says why. What there is of a line that broke off is not handed out */
};

void dz_lines_init(struct dz_lines *lines, struct dz_stream *stream);

/* The next line, without its newline (and without a carriage return before it), NUL-terminated, borrowed until the
 * next call. */
enum dz_lines_status dz_lines_next(struct dz_lines *lines, const char **line, size_t *size);

#endif
