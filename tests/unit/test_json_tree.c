/* SPDX-License-Identifier: BSD-2-Clause */
/* test_json_tree.c - documents as trees, beside json-c's own parser. */
#include "config.h"
#include "record/json_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void trees_are_those_of_json_c(void **state)
{
	static const char *const documents[] = {
		"{}",
		" \t\r\n{ } \n",
		"{\"a\":1,\"b\":[1,-2,3.5,1e3,-0.0,[],{}],\"c\":{\"d\":null,\"e\":true,\"f\":false}}",
		"{\"a\":1,\"a\":\"2\"}",
		"{\"a b\":\"tab\\t quote\\\" slash\\/ \\u00e4 \\ud83d\\ude00\"}",
		"{\"name\":\"\xc3\xa4\xf0\x9f\x98\x80\",\"\":[[[[]]]]}",
		"{\"a\":9223372036854775807,\"b\":-9223372036854775807}",
		"{\"text\":\"a\\u0000b\"}"
	};
	struct dz_err err;
	(void)state;
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		struct json_object *ours = dz_json_tree(documents[i], strlen(documents[i]), &err);
		struct json_object *theirs = json_tokener_parse(documents[i]);
		if (!ours || !json_object_equal(ours, theirs))
			fail_msg("%s: %s", documents[i], ours ? json_object_to_json_string(ours) : err.text);
		json_object_put(ours);
		json_object_put(theirs);
	}
}

static void what_is_none_is_refused(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = { { "", "no JSON object" },
		      { "[]", "no JSON object" },
		      { "null", "no JSON object" },
		      { "{\"a\":1", "breaks off, at byte 6" },
		      { "{\"a\":[1,2", "breaks off" },
		      { "{\"a\":{\"b\":\"c", "breaks off" },
		      { "{\"a\":1 \"b\":2}", "a comma is missing, at byte 7" },
		      { "{\"a\":[1 2],\"b\":3}", "a comma is missing, at byte 8" },
		      { "{\"a\":[1,nothing],\"b\":3}", "at byte" },
		      { "{\"a\":1}{}", "more than one JSON value, at byte 7" },
		      { "{\"a\":NaN}", "no finite number, at byte 5" },
		      { "{\"a\":[-1e999]}", "no finite number, at byte 6" },
		      { "{\"a\":\"\xff\"}", "not UTF-8" },
		      { "{\"a\":[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]}", "nesting too deep" } };
	struct dz_err err;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json_object *tree = dz_json_tree(cases[i].text, strlen(cases[i].text), &err);
		if (tree || !strstr(err.text, cases[i].said))
			fail_msg("%s: %s", cases[i].text, tree ? "a tree" : err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_are_those_of_json_c),
		cmocka_unit_test(what_is_none_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
