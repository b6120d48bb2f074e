/* SPDX-License-Identifier: BSD-2-Clause */
/* test_intern.c - runs of bytes are kept once, whatever is in them, and however many there are. */
#include "config.h"
#include "base/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void test_numbers(void **state)
{
	struct dz_intern intern;
	uint32_t number = 77;
	size_t size;

	(void)state;
	dz_intern_init(&intern);
	assert_false(dz_intern_find(&intern, "a", 1, &number));
	assert_int_equal(dz_intern_add_text(&intern, "a"), 0);
	assert_int_equal(dz_intern_add_text(&intern, ""), 1);
	assert_int_equal(dz_intern_add(&intern, "a\0b", 3), 2);
	assert_int_equal(dz_intern_add(&intern, "a\0c", 3), 3);
	assert_int_equal(dz_intern_add_text(&intern, "a"), 0);
	assert_int_equal(dz_intern_add(&intern, NULL, 0), 1);
	assert_int_equal(intern.count, 4);
	assert_true(dz_intern_find(&intern, "a\0c", 3, &number));
	assert_int_equal(number, 3);
	assert_false(dz_intern_find(&intern, "a\0d", 3, &number));
	assert_memory_equal(dz_intern_bytes(&intern, 2, &size), "a\0b", 4);
	assert_int_equal(size, 3);
	assert_string_equal(dz_intern_text(&intern, 1), "");
	dz_intern_release(&intern);
}

static void test_many(void **state)
{
	struct dz_intern intern;
	char text[16];

	(void)state;
	dz_intern_init(&intern);
	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned i = 0; i < 20000; i++) {
			snprintf(text, sizeof text, "%u", i * 7);
			assert_int_equal(dz_intern_add_text(&intern, text), i);
		}
	}
	assert_int_equal(intern.count, 20000);
	assert_string_equal(dz_intern_text(&intern, 19999), "139993");
	dz_intern_release(&intern);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_numbers), cmocka_unit_test(test_many) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
