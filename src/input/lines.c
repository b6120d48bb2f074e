/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.c - lines of a stream: see lines.h. */
#include "config.h"
#include "input/lines.h"

#include <string.h>

void dz_lines_init(struct dz_lines *lines, struct dz_stream *stream)
{
	*lines = (struct dz_lines){ .stream = stream };
}

/* Waits for at least `size` bytes, however long that takes. */
static enum dz_stream_status wait_for(struct dz_lines *lines, size_t size, uint8_t **bytes, size_t *there)
{
	enum dz_stream_status status;

	do
		status = dz_stream_peek(lines->stream, size, bytes, there);
	while (status == DZ_STREAM_IDLE);
	return status;
}

/* `used`: bytes with the newline. The stream has room for a NUL behind them. */
static enum dz_lines_status hand_out(struct dz_lines *lines, uint8_t *start, size_t length, size_t used,
				     const char **line, size_t *size)
{
	lines->number++;
	lines->used = used;
	if (length > DZ_LINES_MAX_SIZE)
		return DZ_LINES_TOO_LONG;
	if (length && start[length - 1] == '\r')
		length--;
	start[length] = '\0';
	*line = (const char *)start;
	*size = length;
	return DZ_LINES_LINE;
}

/* Drops the line whose beginning is there. */
static enum dz_lines_status drop(struct dz_lines *lines)
{
	enum dz_stream_status status;
	const uint8_t *newline = NULL;
	uint8_t *start;
	size_t there;

	while (!newline) {
		status = wait_for(lines, 1, &start, &there);
		if (status == DZ_STREAM_FAILED)
			return DZ_LINES_FAILED;
		if (status == DZ_STREAM_END)
			break;
		newline = memchr(start, '\n', there);
		dz_stream_skip(lines->stream, newline ? (size_t)(newline + 1 - start) : there);
	}
	lines->number++;
	return DZ_LINES_TOO_LONG;
}

enum dz_lines_status dz_lines_next(struct dz_lines *lines, const char **line, size_t *size)
{
	size_t searched = 0, there;
	enum dz_stream_status status;
	const uint8_t *newline;
	uint8_t *start;

	dz_stream_skip(lines->stream, lines->used);
	lines->used = 0;
	for (;;) {
		status = wait_for(lines, searched + 1, &start, &there);
		newline = memchr(start + searched, '\n', there - searched);
		if (newline) {
			size_t length = (size_t)(newline - start);
			return hand_out(lines, start, length, length + 1, line, size);
		}
		if (status == DZ_STREAM_FAILED)
			return DZ_LINES_FAILED;
		if (status == DZ_STREAM_END)
			return there ? hand_out(lines, start, there, there, line, size) : DZ_LINES_END;
		if (there > DZ_LINES_MAX_SIZE)
			return drop(lines);
		searched = there;
	}
}
