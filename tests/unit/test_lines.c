/* SPDX-License-Identifier: BSD-2-Clause */
/* test_lines.c - lines however the bytes arrive; what was looked at is handed out again. */
#include "config.h"
#include "input/lines.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct dz_stream *file_of(const char *bytes, size_t size)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fflush(file), 0);
	fd = dup(fileno(file));
	fclose(file);
	lseek(fd, 0, SEEK_SET);
	return dz_stream_new(fd, DZ_STREAM_READ);
}

static void expect(struct dz_lines *lines, const char *expected)
{
	const char *line;
	size_t size;

	assert_int_equal(dz_lines_next(lines, &line, &size), DZ_LINES_LINE);
	assert_int_equal(size, strlen(expected));
	assert_string_equal(line, expected);
}

static void test_lines(void **state)
{
	static const char text[] = "one\n\ntwo\r\n three \nlast";
	struct dz_lines lines;
	const char *line;
	uint8_t *bytes;
	size_t size;
	struct dz_stream *stream = file_of(text, sizeof text - 1);

	(void)state;
	dz_lines_init(&lines, stream);
	assert_int_equal(dz_stream_peek(stream, 4, &bytes, &size), DZ_STREAM_THERE);
	assert_memory_equal(bytes, "one\n", 4);
	expect(&lines, "one");
	assert_int_equal(lines.number, 1);
	expect(&lines, "");
	expect(&lines, "two");
	expect(&lines, " three ");
	expect(&lines, "last");
	assert_int_equal(lines.number, 5);
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_END);
	assert_int_equal(dz_stream_offset(stream), sizeof text - 1);
	dz_stream_free(stream);
}

/* A line of the greatest length, one of a byte more, and one after them. */
static void test_long(void **state)
{
	size_t longest = DZ_LINES_MAX_SIZE, total = 2 * longest + 5;
	char *text = malloc(total);
	struct dz_lines lines;
	const char *line;
	size_t size;
	struct dz_stream *stream;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', total);
	text[longest] = '\n';
	text[2 * longest + 2] = '\n';
	text[total - 1] = '\n';
	stream = file_of(text, total);
	dz_lines_init(&lines, stream);
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_LINE);
	assert_int_equal(size, longest);
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_TOO_LONG);
	expect(&lines, "x");
	assert_int_equal(lines.number, 3);
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_END);
	dz_stream_free(stream);
	free(text);
}

struct drip {
	const char *text;
	int fd;
};

static void *drip(void *context)
{
	struct drip *d = context;

	for (const char *c = d->text; *c; c++)
		assert_int_equal(write(d->fd, c, 1), 1);
	close(d->fd);
	return NULL;
}

/* Byte by byte through a pipe; what was looked at comes again. */
static void test_pipe(void **state)
{
	struct drip d = { .text = "head and tail\nsecond\n" };
	struct dz_stream *stream;
	struct dz_lines lines;
	const char *line;
	uint8_t *bytes;
	pthread_t thread;
	int ends[2];
	size_t size;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	d.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, drip, &d), 0);
	stream = dz_stream_new(ends[0], DZ_STREAM_READ);
	while (dz_stream_peek(stream, 6, &bytes, &size) == DZ_STREAM_IDLE)
		;
	assert_true(size >= 6);
	assert_memory_equal(bytes, "head a", 6);
	dz_lines_init(&lines, stream);
	expect(&lines, "head and tail");
	expect(&lines, "second");
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_END);
	dz_stream_free(stream);
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_long),
					    cmocka_unit_test(test_pipe) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
