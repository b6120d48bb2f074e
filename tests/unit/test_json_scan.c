/* SPDX-License-Identifier: BSD-2-Clause */
/* The scanner of JSON, against json-c: texts at the rims of what JSON is, and lines of records with something changed.
 */
#include "config.h"
#include "record/json_scan.h"

#include "../lib/json_oracle.h"
#include "json_line.h"
#include "math/rng.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void agree(const char *text, size_t size)
{
	const char *difference = oracle_differs(text, size);

	if (difference)
		fail_msg("%.*s\n%s", (int)size, text, difference);
}

/* Values, each of which is put into an object, an array and an array among numbers. */
static const char *const values[] = {
	"1",
	"0",
	"-0",
	"00",
	"01",
	"-01",
	"-00",
	"007",
	"1.",
	"1.5",
	"-1.5",
	".5",
	"-.5",
	"-.",
	"-",
	"--1",
	"+1",
	"1+",
	"1e5",
	"1E5",
	"1e+5",
	"1e-5",
	"1e",
	"1e+",
	"1ee5",
	"1e5.5",
	"1e5e",
	"1.e5",
	"-.5e1",
	"-e5",
	"1.-5",
	"1..2",
	"0e0",
	"0.0.1",
	"00.5",
	"-00.5",
	"1e400",
	"-1e400",
	"1e-400",
	"5I",
	"1f",
	"0x10",
	"1/",
	"1 2",
	"9007199254740993",
	"9223372036854775807",
	"9223372036854775808",
	"18446744073709551615",
	"18446744073709551616",
	"99999999999999999999999",
	"-9223372036854775808",
	"-9223372036854775809",
	"000000000000000000000000",
	"0000000000000000000000001",
	"-0000000000000000000000001",
	"123456789012345",
	"1234567890123456",
	"1.25,0,0,0,0,7",
	"0,0,0,0,0,0,0,0",
	"0,0,0,0",
	"0,0,0,00",
	"0,0,0,0,",
	",0,0,0,0",
	"0,0,,0",
	"0.5,0.25,100",
	"0,0,0,0,0.",
	"true",
	"false",
	"null",
	"True",
	"TRUE",
	"Null",
	"truex",
	"nullnull",
	"tru",
	"nul",
	"NaN",
	"nan",
	"NAN",
	"-NaN",
	"Infinity",
	"-Infinity",
	"infinity",
	"-infinity",
	"Infinit",
	"-Infinityx",
	"\"\"",
	"\"x\"",
	"'x'",
	"\"x",
	"x\"",
	"\"'\"",
	"\"\\\"\"",
	"\"\\\\\"",
	"\"\\/\"",
	"\"\\b\\f\\n\\r\\t\"",
	"\"\\x\"",
	"\"\\v\"",
	"\"\\'\"",
	"\"\\\"",
	"\"\\u0041\"",
	"\"\\u00e9\\u20AC\"",
	"\"\\u00zz\"",
	"\"\\u+123\"",
	"\"\\u 123\"",
	"\"\\u12\"",
	"\"\\U0041\"",
	"\"\\u0000\"",
	"\"a\\u0000b\"",
	"\"\\ud83d\\ude00\"",
	"\"\\ud800\"",
	"\"\\ud800x\"",
	"\"\\ud800\\n\"",
	"\"\\ud800\\x\"",
	"\"\\ud800\\u0041\"",
	"\"\\ud800\\ud800\\udc00\"",
	"\"\\ud800\\u\"",
	"\"\\udc00\"",
	"\"\\udc00\\ud800\"",
	"\"\\ud800\\",
	"\"\x01\"",
	"\"a\nb\"",
	"\"\x7f\"",
	"\"\xc3\xa9\"",
	"\"\xff\"",
	"\"123456\\\"\"",
	"\"1234567\"",
	"\"12345678\"",
	"\"123456789012345\\\\\"",
	"{}",
	"[]",
	"[[]]",
	"[{}]",
	"{\"a\":{}}",
	"{\"a\":1,}",
	"[1,]",
	"[,]",
	"[,1]",
	"[1 2]",
	"{,}",
	"{\"a\"}",
	"{\"a\":}",
	"{:1}",
	"{a:1}",
	"{1:1}",
	"{\"a\" 1}",
	"{\"a\":1 \"b\":2}",
	"{'a':1}",
	"{'\"':1}",
	"{\"'\":1}",
	"{'a\":1}",
	"{'a\\'':1}",
	"{\"\":1}",
	"{\"a\":1,\"a\":2}",
	"{\"a\\u0000b\":1}",
	"{\"\\u0061\":1,\"a\":2}",
	"{\"a\\\":1}",
	"{\"a\nb\":1}",
	"]",
	"}",
	")",
	"",
	" ",
	"/",
	"/**/1",
	"1/**/",
	"//\n1",
	"#",
	"\v1",
	"\f1",
	"\xef\xbb\xbf",
	"undefined",
};

/* Of a member that is there twice, the last counts, and of an object all that was in the first one is gone. */
static const char *const twice[] = {
	"{\"source\":{\"ip\":\"x\",\"port\":1},\"source\":{\"port\":2}}",
	"{\"source\":{\"ip\":\"x\"},\"source\":7}",
	"{\"source\":7,\"source\":{\"ip\":\"x\"}}",
	"{\"source\":{\"ip\":\"x\"},\"source\":null}",
	"{\"source\":{\"ip\":\"x\",\"ip\":\"y\"}}",
	"{\"tls\":{\"client\":{\"ja3\":\"x\"}},\"tls\":{\"version\":\"1\"}}",
	"{\"tls\":{\"client\":{\"ja3\":\"x\"},\"client\":{}}}",
	"{\"distribooze\":{\"lengths\":{\"counts\":[1,2],\"counts\":[3]}}}",
	"{\"distribooze\":{\"lengths\":{\"counts\":[1,2],\"counts\":[ 3 ]}}}",
	"{\"distribooze\":{\"lengths\":{\"counts\":[1,2]},\"lengths\":{}}}",
	"{\"s\\u006furce\":{\"ip\":\"x\"},\"source\":{}}",
	"{\"source\":{\"ip\":\"x\"},\"s\\u006furce\":{\"port\":[1]}}",
};

static void test_values(void **state)
{
	static const char *const around[][2] = {
		{ "{\"a\":", "}" },
		{ " { \"a\" :\t", " \n}\r" },
		{ "{\"a\":[", "]}" },
		{ "{\"a\":[0,0,0,0,7,", "]}" },
		{ "{\"a\":[ 1 , ", " , 2]}" },
		{ "{\"b\":{\"a\":", "},\"c\":[0,0,0,0,0]}" },
		{ "", "" },
		{ "{\"a\":1}", "" },
		{ "{\"distribooze\":", "}" },
		{ "{\"distribooze\":{\"lengths\":", "}}" },
		{ "{\"distribooze\":{\"lengths\":{\"counts\":", "}}}" },
		{ "{\"distribooze\":{\"lengths\":{\"counts\":[", "],\"percent\":[1]}}}" },
		{ "{\"distribooze\":{\"lengths\":{\"counts\":[0,0,0,0,0,3,", "]}}}" },
	};
	struct dz_strbuf text;

	(void)state;
	dz_strbuf_init(&text);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
			dz_strbuf_clear(&text);
			dz_strbuf_addf(&text, "%s%s%s", around[k][0], values[i], around[k][1]);
			agree(text.data, text.size);
		}
	}
	for (size_t i = 0; i < sizeof twice / sizeof *twice; i++)
		agree(twice[i], strlen(twice[i]));
	agree("{\"a\":\"x\0y\"}", 11);
	agree("{\"a\0\":1}", 8);
	agree("{\"a\":\0}", 7);
	agree("{\"a\":1}\0", 8);
	dz_strbuf_release(&text);
}

/* Objects and arrays in one another, up to beyond what is taken; the innermost is empty, or holds a number. */
static void test_depth(void **state)
{
	static const char *const open[] = { "[", "{\"a\":" };
	static const char close[] = { ']', '}' };
	static const char *const inner[] = { "1", "[]", "{}", "[0,0,0,0]", "\"x\"" };
	struct dz_strbuf text;

	(void)state;
	dz_strbuf_init(&text);
	for (unsigned kind = 0; kind < 2; kind++) {
		for (unsigned depth = 0; depth < 20; depth++) {
			for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
				dz_strbuf_clear(&text);
				dz_strbuf_adds(&text, "{\"a\":");
				for (unsigned k = 0; k < depth; k++)
					dz_strbuf_adds(&text, open[kind]);
				dz_strbuf_adds(&text, inner[i]);
				for (unsigned k = 0; k < depth; k++)
					dz_strbuf_addc(&text, close[kind]);
				dz_strbuf_addc(&text, '}');
				agree(text.data, text.size);
			}
		}
	}
	dz_strbuf_release(&text);
}

/* Pieces that are put into a line. */
static const char *const pieces[] = {
	"",
	" ",
	"\n",
	"{",
	"}",
	"[",
	"]",
	",",
	":",
	"\"",
	"'",
	"\\",
	"0",
	"-",
	".",
	"e",
	"true",
	"null",
	"0,0,0,",
	"\"a\":1,",
	"\\u0061",
	"\\ud83",
	"\"_so\"",
	"Infinity",
	"\"source\":",
	"{\"a\":1}",
	"00",
	"[0,0]",
	"1e5",
	"\"\":{},",
	"\x80",
	"\xc3\xa9",
	"\x01",
	"\"distribooze\":{\"lengths\":{\"counts\":[1,2]}},",
	"\"tls\":7,",
	"\"tls\":{\"version\":1},",
	"\"\\u0073ource\":{\"ip\":\"x\"},",
};

/* Lines of records in which a few places were replaced, cut out or written over. */
static void test_changed_lines(void **state)
{
	struct dz_strbuf text;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 1);
	dz_strbuf_init(&text);
	for (unsigned turn = 0; turn < 6000; turn++) {
		sample_init(&sample);
		sample.record.shape.bins = 2 + turn % 9;
		if (turn % 3)
			sample_with_detail(&sample);
		dz_strbuf_clear(&text);
		dz_strbuf_adds(&text, written());
		agree(text.data, text.size);
		for (unsigned changes = 1 + turn % 3; changes > 0; changes--) {
			struct dz_strbuf changed;
			size_t from = dz_rng_below(&rng, (uint32_t)text.size + 1);
			size_t out = dz_rng_below(&rng, 4);
			const char *piece = pieces[dz_rng_below(&rng, sizeof pieces / sizeof *pieces)];
			if (out > text.size - from)
				out = text.size - from;
			dz_strbuf_init(&changed);
			dz_strbuf_add(&changed, text.data, from);
			dz_strbuf_adds(&changed, piece);
			dz_strbuf_adds(&changed, text.data + from + out);
			dz_strbuf_release(&text);
			text = changed;
		}
		agree(text.data, text.size);
	}
	dz_strbuf_release(&text);
}

/* Every path has room, and is that of the list. */
static void test_paths(void **state)
{
	char path[DZ_MEMBER_PATH];
	size_t longest = 0;

	(void)state;
	for (enum dz_member id = 0; id < MEMBER_COUNT; id++) {
		size_t size = strlen(dz_member_path(id, path));
		longest = size > longest ? size : longest;
	}
	assert_true(longest < DZ_MEMBER_PATH - 1);
	assert_string_equal(dz_member_path(MEMBER_timestamp, path), "@timestamp");
	assert_string_equal(dz_member_path(MEMBER_tls_client_ja3, path), "tls.client.ja3");
	assert_string_equal(dz_member_path(MEMBER_tls_server, path), "tls.server");
	assert_string_equal(dz_member_path(MEMBER_distribooze_lengths_source_counts, path),
			    "distribooze.lengths.source.counts");
	assert_string_equal(dz_member_path(MEMBER_distribooze_match, path), "distribooze.match");
}

/* The quick way takes only what this program writes, and then all of it. */
static void test_counts(void **state)
{
	static const struct {
		const char *text;
		size_t count; /* 0: not taken */
	} rows[] = {
		{ "[0,0,0,0]", 4 }, { "[0,0,0,0,5,0]", 6 }, { "[1]", 1 },       { "[999999999999999]", 1 },
		{ "[]", 0 },        { "[1,]", 0 },          { "[ 1]", 0 },      { "[1000000000000000]", 0 },
		{ "[01]", 0 },      { "[1.0]", 0 },         { "[-1]", 0 },      { "[1,2,3,4,5,6,7,8,9]", 0 },
		{ "[1,2", 0 },      { "[1,", 0 },           { "[0,0,0,0,", 0 }, { "[0,0,0,0,0,0,0,0,0]", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t numbers[8];
		size_t count = 0;
		struct dz_json_scan scan;
		dz_json_scan_init(&scan, rows[i].text, strlen(rows[i].text));
		assert_true(dz_json_scan_counts(&scan, numbers, 8, &count) == (rows[i].count > 0));
		if (rows[i].count) {
			assert_int_equal(count, rows[i].count);
			assert_ptr_equal(scan.at, scan.end);
		} else {
			assert_ptr_equal(scan.at, rows[i].text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_depth),
		cmocka_unit_test_setup_teardown(test_changed_lines, line_set_up, line_tear_down),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
