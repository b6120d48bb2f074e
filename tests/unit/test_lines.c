/* SPDX-License-Identifier: BSD-2-Clause */
/* test_lines.c - lines however the bytes arrive; what was looked at is handed out again, as lines or through a pipe. */
#include "config.h"
#include "input/lines.h"
#include "input/pump.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static int file_of(const char *bytes, size_t size)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fflush(file), 0);
	fd = dup(fileno(file));
	fclose(file);
	lseek(fd, 0, SEEK_SET);
	return fd;
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
	const char *bytes, *line;
	size_t size;
	int fd = file_of(text, sizeof text - 1);

	(void)state;
	dz_lines_init(&lines, fd);
	assert_true(dz_lines_peek(&lines, 4, &bytes) >= 4);
	assert_memory_equal(bytes, "one\n", 4);
	expect(&lines, "one");
	assert_int_equal(lines.number, 1);
	expect(&lines, "");
	expect(&lines, "two");
	expect(&lines, " three ");
	expect(&lines, "last");
	assert_int_equal(lines.number, 5);
	assert_int_equal(lines.offset, sizeof text - 1);
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_END);
	dz_lines_release(&lines);
	close(fd);
}

/* A line of the greatest length, one of a byte more, and one after them. */
static void test_long(void **state)
{
	size_t longest = DZ_LINES_LONGEST, total = 2 * longest + 5;
	char *text = malloc(total);
	struct dz_lines lines;
	const char *line;
	size_t size;
	int fd;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', total);
	text[longest] = '\n';
	text[2 * longest + 2] = '\n';
	text[total - 1] = '\n';
	fd = file_of(text, total);
	dz_lines_init(&lines, fd);
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_LINE);
	assert_int_equal(size, longest);
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_TOO_LONG);
	expect(&lines, "x");
	assert_int_equal(lines.number, 3);
	assert_int_equal(dz_lines_next(&lines, &line, &size), DZ_LINES_END);
	dz_lines_release(&lines);
	close(fd);
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

/* Byte by byte through a pipe; then what was peeked is put back in front of the rest. */
static void test_pump(void **state)
{
	struct drip d = { .text = "head and tail\nsecond\n" };
	struct dz_lines lines, again;
	struct dz_err err;
	const char *bytes;
	pthread_t thread;
	int ends[2], out;
	ptrdiff_t size;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	d.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, drip, &d), 0);
	dz_lines_init(&lines, ends[0]);
	size = dz_lines_peek(&lines, 4, &bytes);
	assert_true(size >= 4);
	assert_true(dz_pump_start(ends[0], bytes, (size_t)size, &out, &err)); /* takes ends[0] */
	dz_lines_release(&lines);
	dz_lines_init(&again, out);
	expect(&again, "head and tail");
	expect(&again, "second");
	assert_int_equal(dz_lines_next(&again, &bytes, &(size_t){ 0 }), DZ_LINES_END);
	dz_lines_release(&again);
	close(out);
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_long),
					    cmocka_unit_test(test_pump) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
