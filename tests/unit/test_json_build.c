/* SPDX-License-Identifier: BSD-2-Clause */
/* test_json_build.c - documents as text: every kind of value, and what json-c reads from it. */
#include "config.h"
#include "record/json_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* Written by the rules of RFC 8259 by hand. */
static const char expected[] =
	"{\"none\":null,\"yes\":true,\"least\":-9223372036854775808,\"most\":9223372036854775807,\"real\":0.1,\"as\":1."
	"50,"
	"\"empty\":{},\"list\":[[],[-1,0],\"a/b\\\"\\\\\\n\\u0001\"],\"\\\"key\\t\":\"\xef\xbf\xbd\"}\n";

static struct json_object *build(void)
{
	struct json_object *root = dz_json_build_object(), *list = dz_json_build_array(), *pair = dz_json_build_array();

	dz_json_build_add(root, "none", NULL);
	dz_json_build_add(root, "yes", dz_json_build_bool(true));
	dz_json_build_add(root, "least", dz_json_build_int(INT64_MIN));
	dz_json_build_add(root, "most", dz_json_build_uint(UINT64_MAX));
	dz_json_build_add(root, "real", dz_json_build_real(0.1));
	dz_json_build_add(root, "as", dz_json_build_real_as(1.5, "1.50"));
	dz_json_build_child(root, "empty");
	dz_json_build_append(list, dz_json_build_array());
	dz_json_build_append(pair, dz_json_build_int(-1));
	dz_json_build_append(pair, dz_json_build_int(0));
	dz_json_build_append(list, pair);
	dz_json_build_append(list, dz_json_build_text("a/b\"\\\n\x01"));
	dz_json_build_add(root, "list", list);
	dz_json_build_add(root, "\"key\t", dz_json_build_text("\xff"));
	return root;
}

static void test_text(void **state)
{
	struct json_object *root = build(), *again = build(), *read;
	struct dz_strbuf text;

	(void)state;
	dz_strbuf_init(&text);
	dz_json_build_finish(root, &text);
	assert_string_equal(text.data, expected);
	assert_int_equal(text.size, strlen(expected));
	read = json_tokener_parse(text.data);
	assert_true(json_object_equal(read, again));
	json_object_put(read);
	json_object_put(again);
	dz_strbuf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_text) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
