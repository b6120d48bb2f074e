/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.c - see lines.h. */
#include "config.h"
#include "input/lines.h"

#include "base/mem.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1 << 16 };

void dz_lines_init(struct dz_lines *lines, int fd)
{
	memset(lines, 0, sizeof *lines);
	lines->fd = fd;
	lines->capacity = FIRST_CAPACITY;
	lines->buffer = dz_mem_alloc(lines->capacity);
}

void dz_lines_release(struct dz_lines *lines)
{
	free(lines->buffer);
	lines->buffer = NULL;
}

/* Reads once. One byte of the buffer stays free for the NUL. False on failure. */
static bool fill(struct dz_lines *lines)
{
	ssize_t got;

	if (lines->begin) {
		memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
		lines->end -= lines->begin;
		lines->begin = 0;
	}
	if (lines->end + 1 == lines->capacity) {
		lines->capacity *= 2;
		lines->buffer = dz_mem_realloc(lines->buffer, lines->capacity, 1);
	}
	do
		got = read(lines->fd, lines->buffer + lines->end, lines->capacity - lines->end - 1);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return false;
	lines->eof = got == 0;
	lines->end += (size_t)got;
	return true;
}

ptrdiff_t dz_lines_peek(struct dz_lines *lines, size_t size, const char **bytes)
{
	while (lines->end - lines->begin < size && !lines->eof)
		if (!fill(lines))
			return -1;
	*bytes = lines->buffer + lines->begin;
	return (ptrdiff_t)(lines->end - lines->begin);
}

/* Moves past `used` bytes that hold a line of `length`. */
static enum dz_lines_status hand_out(struct dz_lines *lines, size_t length, size_t used, const char **line,
				     size_t *size)
{
	char *start = lines->buffer + lines->begin;

	lines->number++;
	lines->begin += used;
	lines->offset += used;
	if (length > DZ_LINES_LONGEST)
		return DZ_LINES_TOO_LONG;
	if (length && start[length - 1] == '\r')
		length--;
	start[length] = '\0';
	*line = start;
	*size = length;
	return DZ_LINES_LINE;
}

/* Drops the line whose beginning fills the buffer. */
static enum dz_lines_status drop(struct dz_lines *lines)
{
	for (;;) {
		char *newline = memchr(lines->buffer + lines->begin, '\n', lines->end - lines->begin);
		size_t used =
			newline ? (size_t)(newline + 1 - (lines->buffer + lines->begin)) : lines->end - lines->begin;
		lines->begin += used;
		lines->offset += used;
		if (newline || lines->eof) {
			lines->number++;
			return DZ_LINES_TOO_LONG;
		}
		if (!fill(lines))
			return DZ_LINES_FAILED;
	}
}

enum dz_lines_status dz_lines_next(struct dz_lines *lines, const char **line, size_t *size)
{
	size_t searched = 0;

	for (;;) {
		char *start = lines->buffer + lines->begin;
		size_t there = lines->end - lines->begin;
		char *newline = memchr(start + searched, '\n', there - searched);
		if (newline)
			return hand_out(lines, (size_t)(newline - start), (size_t)(newline - start) + 1, line, size);
		if (lines->eof)
			return there ? hand_out(lines, there, there, line, size) : DZ_LINES_END;
		if (there > DZ_LINES_LONGEST)
			return drop(lines);
		searched = there;
		if (!fill(lines))
			return DZ_LINES_FAILED;
	}
}
