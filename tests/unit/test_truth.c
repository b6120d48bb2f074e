/* SPDX-License-Identifier: BSD-2-Clause */
/* test_truth.c - labels from a CSV file: its columns, its quotes, and what is wrong with it. */
#include "config.h"
#include "cmd/truth.h"

#include "sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static bool read_text(struct dz_truth *truth, const char *text, struct dz_err *err)
{
	char path[] = "truth-XXXXXX";
	int fd = mkstemp(path);
	bool fine;

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	fine = dz_truth_read(truth, path, err);
	unlink(path);
	return fine;
}

static void test_keys(void **state)
{
	struct sample sample;
	struct dz_truth truth;
	struct dz_err err;

	(void)state;
	sample_init(&sample);
	assert_true(read_text(&truth, "x,label,event.id\n1,web,00112233445566778899aabbccddeeff\r\n\n2,b,00\n", &err));
	assert_string_equal(dz_truth_of(&truth, &sample.record, "in"), "web");
	assert_int_equal(dz_truth_unused(&truth), 1);
	dz_truth_release(&truth);
	assert_true(read_text(&truth, "input,label\n\"a \"\"b\"\", c\",\"x,y\"\n", &err));
	assert_string_equal(dz_truth_of(&truth, &sample.record, "a \"b\", c"), "x,y");
	assert_null(dz_truth_of(&truth, &sample.record, "other"));
	assert_int_equal(truth.without, 1);
	dz_truth_release(&truth);
}

static void test_wrong(void **state)
{
	static const char *const wrong[][2] = { { "label,name\nx,y\n", ":1: the columns must be" },
						{ "id,label\n00\n", ":2: too few columns" },
						{ "id,label\n00,\n", ":2: an empty label" },
						{ "id,label\n00,x\n00,y\n", ":3: '00' has another label" },
						{ "id,label\n", "it has no rows" } };
	struct dz_truth truth;
	struct dz_err err;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_false(read_text(&truth, wrong[i][0], &err));
		if (!strstr(err.text, wrong[i][1]))
			fail_msg("%s", err.text);
		dz_truth_release(&truth);
	}
	assert_false(dz_truth_read(&truth, "not/there", &err));
	dz_truth_release(&truth);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_keys), cmocka_unit_test(test_wrong) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
