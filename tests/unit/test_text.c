/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, times and strings as text. */
#include "config.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void test_u64(void **state)
{
	char expected[32], text[DZ_TEXT_U64 + 1];

	(void)state;
	/* Every power of ten and of two and its neighbours, against printf. */
	for (uint64_t base = 2; base <= 10; base += 8) {
		uint64_t power = 1;
		for (unsigned i = 0; i < (base == 2 ? 64 : 20); i++, power *= base) {
			for (int near = -2; near <= 2; near++) {
				uint64_t value = power + (uint64_t)(int64_t)near;
				*dz_text_u64(text, value) = '\0';
				snprintf(expected, sizeof expected, "%" PRIu64, value);
				assert_string_equal(text, expected);
			}
		}
	}
	*dz_text_u64(text, UINT64_MAX) = '\0';
	assert_string_equal(text, "18446744073709551615"); /* 2^64 - 1: all of DZ_TEXT_U64 */
}

static void test_hundredths(void **state)
{
	(void)state;
	assert_int_equal(dz_text_hundredths(0, 0), 0);
	assert_int_equal(dz_text_hundredths(0, 7), 0);
	assert_int_equal(dz_text_hundredths(7, 7), 10000);
	assert_int_equal(dz_text_hundredths(1, 3), 3333); /* 33.333 */
	assert_int_equal(dz_text_hundredths(2, 3), 6667); /* 66.667 */
	assert_int_equal(dz_text_hundredths(1, 8), 1250);
	/* Halves go up: 1/20000 is half a hundredth of a percent, 1/20001 is less, 3/20000 is one and a half. */
	assert_int_equal(dz_text_hundredths(1, 20000), 1);
	assert_int_equal(dz_text_hundredths(1, 20001), 0);
	assert_int_equal(dz_text_hundredths(3, 20000), 2);
	/* Where 64 bits do not hold the product: the same shares of 2^60 times as much. */
	assert_int_equal(dz_text_hundredths(UINT64_C(1) << 60, UINT64_C(8) << 60), 1250);
	assert_int_equal(dz_text_hundredths(UINT64_MAX, UINT64_MAX), 10000);
	assert_int_equal(dz_text_hundredths(UINT64_MAX / 3, UINT64_MAX), 3333);
	assert_int_equal(dz_text_hundredths(UINT64_MAX - 1, UINT64_MAX), 10000);
	/* On both sides of the bound where the arithmetic changes. */
	for (uint64_t whole = UINT64_MAX / 20001 - 1; whole <= UINT64_MAX / 20001 + 2; whole++) {
		assert_int_equal(dz_text_hundredths(whole, whole), 10000);
		assert_int_equal(dz_text_hundredths(whole / 4, whole), 2500);
		assert_int_equal(dz_text_hundredths(whole - whole / 3, whole), 6667);
	}
}

/* The shortest decimal of all 10,001 values, as C's %g with five digits prints them too (at most three before the
 * point and two after it). */
static void test_percent(void **state)
{
	char expected[32], text[DZ_TEXT_PERCENT + 1];

	(void)state;
	for (uint32_t value = 0; value <= 10000; value++) {
		*dz_text_percent(text, value) = '\0';
		snprintf(expected, sizeof expected, "%.5g", value / 100.0);
		assert_string_equal(text, expected);
	}
}

static void test_time(void **state)
{
	static const uint64_t seconds[] = { 0,          1,          951782399,  951782400,  951868799,
					    951868800,  1592301963, 1709164800, 1709251199, 4107542399,
					    4107542400, 68256000,   18446744072 };
	char text[DZ_TEXT_TIME + 1], expected[64];

	(void)state;
	/* The C library's calendar is the oracle, also for the leap days of 2000 and 2024 and their neighbours, and for
	 * 2100, which has none. */
	for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
		time_t when = (time_t)seconds[i];
		struct tm tm;
		uint64_t back;
		size_t size;
		gmtime_r(&when, &tm);
		size = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &tm);
		strcpy(expected + size, ".000007Z");
		*dz_text_time(text, seconds[i] * 1000000000 + 7999) = '\0'; /* cut, not rounded */
		assert_string_equal(text, expected);
		if (tm.tm_year + 1900 < 2554) {
			assert_true(dz_text_parse_time(text, &back));
			assert_true(back == seconds[i] * 1000000000 + 7000);
		}
	}
	for (uint64_t day = 0; day < 365 * 200; day += 13) {
		time_t when = (time_t)(day * 86400);
		struct tm tm;
		gmtime_r(&when, &tm);
		strftime(expected, sizeof expected, "%Y-%m-%dT00:00:00.000000Z", &tm);
		*dz_text_time(text, day * 86400 * 1000000000) = '\0';
		assert_string_equal(text, expected);
	}
}

static void test_parse_time(void **state)
{
	static const char *const wrong[] = { "",
					     "2020",
					     "2020-06-16",
					     "2020-06-16T10:06:03", /* no zone */
					     "2020-06-16T10:06:03+00:00",
					     "2020-06-16 10:06:03Z",
					     "2020-06-16T10:06:03.1234567890Z", /* ten digits */
					     "2020-06-16T10:06:03.Zx",
					     "2020-06-16T10:06:03Z ",
					     "2020-06-16T24:00:00Z",
					     "2020-06-16T10:60:00Z",
					     "2020-06-16T10:06:60Z",
					     "2020-00-16T10:06:03Z",
					     "2020-13-16T10:06:03Z",
					     "2020-06-31T10:06:03Z",
					     "2020-06-00T10:06:03Z",
					     "2021-02-29T10:06:03Z",
					     "2100-02-29T10:06:03Z",
					     "1969-12-31T23:59:59Z",
					     "9999-12-31T23:59:59Z",
					     "-020-06-16T10:06:03Z",
					     "2020-06-1\xd9T10:06:03Z" };
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (dz_text_parse_time(wrong[i], &ns))
			fail_msg("\"%s\" was taken for a time", wrong[i]);
	assert_true(dz_text_parse_time("1970-01-01T00:00:00Z", &ns));
	assert_true(ns == 0);
	assert_true(dz_text_parse_time("1970-01-01T00:00:01.5Z", &ns));
	assert_true(ns == 1500000000);
	assert_true(dz_text_parse_time("2000-02-29T00:00:00.000000001Z", &ns));
	assert_true(ns == UINT64_C(951782400000000001)); /* date -u -d 2000-02-29 +%s is 951782400 */
}

static void test_hex(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x0f, 0xf0, 0xa5, 0xff };
	char text[11];

	(void)state;
	*dz_text_hex(text, bytes, sizeof bytes) = '\0';
	assert_string_equal(text, "000ff0a5ff");
}

static void check_json(const char *text, const char *expected)
{
	struct dz_strbuf out;

	dz_strbuf_init(&out);
	dz_text_add_json(&out, text);
	dz_text_end(&out);
	assert_string_equal(out.data, expected);
	assert_int_equal(strlen(expected), out.size);
	dz_strbuf_release(&out);
}

#define FFFD "\xef\xbf\xbd"

static void test_json(void **state)
{
	(void)state;
	check_json("", "\"\"");
	check_json("plain", "\"plain\"");
	check_json("a \"quoted\" back\\slash/", "\"a \\\"quoted\\\" back\\\\slash/\"");
	check_json("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
	check_json("\x01\x0b\x1f\x7f", "\"\\u0001\\u000b\\u001f\\u007f\"");
	check_json("bücher.example 日本 \xf0\x9f\x98\x80", "\"bücher.example 日本 \xf0\x9f\x98\x80\"");
	/* The character that needs an escape at each place of a run of eight, and of the bytes after it. */
	for (size_t at = 0; at < 20; at++) {
		char text[21], expected[32];
		memset(text, 'x', 20);
		text[20] = '\0';
		text[at] = '"';
		snprintf(expected, sizeof expected, "\"%.*s\\\"%s\"", (int)at, text, text + at + 1);
		check_json(text, expected);
	}
}

/* Unicode 15, section 3.9: one U+FFFD per maximal subpart; the first rows are its tables 3-8 to 3-11. */
static void test_invalid_utf8(void **state)
{
	(void)state;
	check_json("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", "\"" FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A\"");
	check_json("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", "\"" FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A\"");
	check_json("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", "\"" FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B\"");
	check_json("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", "\"" FFFD FFFD FFFD FFFD "A\"");
	check_json("\xc3", "\"" FFFD "\"");
	check_json("\xe2\x82", "\"" FFFD "\"");
	check_json("\xc3\"", "\"" FFFD "\\\"\""); /* the quote is not swallowed */
	check_json("\xf0\x9f\x98", "\"" FFFD "\"");
}

static void test_is_utf8(void **state)
{
	static const char *const good[] = { "",
					    "plain",
					    "0123456789abcdef",
					    "0123456é89abcdef",
					    "\xef\xbf\xbd",
					    "12345678\xef\xbf\xbd",
					    "\xf0\x9f\x98\x80",
					    "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\xff",        "01234567\x80", "0123456\x80", "\xc3",
					   "0123456\xc3", "\xed\xa0\x80", "\xe2\x82z",   "\xf4\x90\x80\x80",
					   "\xef\xbf",    "\xc0\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(dz_text_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(dz_text_is_utf8(bad[i], strlen(bad[i])));
	assert_true(dz_text_is_utf8("a\0b", 3));
}

/* Every character there is survives the way out and back in. */
static void test_all_characters(void **state)
{
	(void)state;
	for (uint32_t character = 1; character <= 0x10ffff; character++) {
		char bytes[DZ_TEXT_CHARACTER], *end = dz_text_character(bytes, character);
		const char *at = bytes;
		bool surrogate = character >= 0xd800 && character <= 0xdfff;
		if (dz_text_next(&at, end) != (surrogate ? DZ_TEXT_REPLACEMENT : character))
			fail_msg("U+%04X", (unsigned)character);
		if (!surrogate)
			assert_ptr_equal(at, end);
	}
}

static void test_terminal(void **state)
{
	(void)state;
	assert_int_equal(dz_text_columns('a'), 1);
	assert_int_equal(dz_text_columns(0xe9), 1);   /* e with acute */
	assert_int_equal(dz_text_columns(0x301), 0);  /* combining acute */
	assert_int_equal(dz_text_columns(0x2588), 1); /* full block */
	assert_int_equal(dz_text_columns(0x65e5), 2);
	assert_int_equal(dz_text_columns(0x1f600), 2);
	assert_true(dz_text_is_printable('a'));
	assert_true(dz_text_is_printable(0x65e5));
	assert_false(dz_text_is_printable('\033'));
	assert_false(dz_text_is_printable('\n'));
	assert_false(dz_text_is_printable(0x7f));
	assert_false(dz_text_is_printable(0x9b));   /* CSI in one character */
	assert_false(dz_text_is_printable(0x202e)); /* right-to-left override */
	assert_false(dz_text_is_printable(0x2066));
	assert_false(dz_text_is_printable(0xfeff));
}

/* Every byte but NUL at every place of strings that are copied in steps of different sizes, against the rules byte by
 * byte. The memory is exact, for AddressSanitizer: neither more of the string is read nor more room taken than said. */
static void test_json_places(void **state)
{
	static const char letters[] = "btn?fr"; /* of 8 to 13; 11 has none */

	(void)state;
	for (size_t size = 1; size <= 25; size++) {
		char *text = malloc(size), *room = malloc(DZ_TEXT_JSON(size)), escape[8], expected[64];
		assert_true(text && room);
		memset(text, 'x', size);
		for (size_t at = 0; at < size; at++) {
			for (unsigned byte = 1; byte < 256; byte++) {
				text[at] = (char)byte;
				if (byte == '"' || byte == '\\')
					snprintf(escape, sizeof escape, "\\%c", (int)byte);
				else if (byte >= 8 && byte <= 13 && byte != 11)
					snprintf(escape, sizeof escape, "\\%c", letters[byte - 8]);
				else if (byte < 0x20 || byte == 0x7f)
					snprintf(escape, sizeof escape, "\\u%04x", byte);
				else
					snprintf(escape, sizeof escape, byte < 0x80 ? "%c" : FFFD, (int)byte);
				snprintf(expected, sizeof expected, "\"%.*s%s%.*s\"", (int)at, text, escape,
					 (int)(size - at - 1), text + at + 1);
				assert_int_equal(dz_text_json(room, text, size) - room, strlen(expected));
				assert_memory_equal(room, expected, strlen(expected));
			}
			text[at] = 'x';
		}
		memset(text, 1, size); /* the longest that it becomes */
		assert_int_equal(dz_text_json(room, text, size) - room, DZ_TEXT_JSON(size));
		free(text);
		free(room);
	}
}

static void add_counts(struct dz_strbuf *out, const uint64_t *numbers, size_t size)
{
	struct dz_text_vector vector;

	dz_text_vector_init(&vector, numbers, size);
	out->size +=
		(size_t)(dz_text_counts(dz_text_room(out, DZ_TEXT_VECTOR(size)), &vector) - (out->data + out->size));
}

static void add_percents(struct dz_strbuf *out, const uint64_t *numbers, size_t size, uint64_t whole)
{
	struct dz_text_vector vector;

	dz_text_vector_init(&vector, numbers, size);
	out->size += (size_t)(dz_text_percents(dz_text_room(out, DZ_TEXT_VECTOR(size)), &vector, whole) -
			      (out->data + out->size));
}

/* Against a plain loop over printf, for vectors whose zeros lie everywhere. */
static void test_vectors(void **state)
{
	static const size_t sizes[] = { 1, 2, 5, 47, 48, 63, 64, 65, 128, 200, 2048 };
	uint64_t counts[2048];
	struct dz_strbuf out, expected;

	(void)state;
	dz_strbuf_init(&out);
	dz_strbuf_init(&expected);
	srandom(1);
	for (unsigned round = 0; round < 200; round++) {
		size_t size = sizes[round % (sizeof sizes / sizeof *sizes)];
		unsigned sparse = 1 + round % 37;
		uint64_t whole = 0;
		dz_strbuf_clear(&out);
		dz_strbuf_clear(&expected);
		for (size_t i = 0; i < size; i++) {
			counts[i] = (unsigned)random() % sparse ? 0 : (uint64_t)random() % 100000;
			whole += counts[i];
		}
		add_counts(&out, counts, size);
		dz_text_add(&out, "|", 1);
		add_percents(&out, counts, size, whole);
		dz_text_end(&out);
		for (size_t i = 0; i < size; i++)
			dz_strbuf_addf(&expected, "%s%" PRIu64, i ? "," : "", counts[i]);
		for (size_t i = 0; i < size; i++) {
			double share = whole ? (double)(counts[i] * 20000 + whole -
							(counts[i] * 20000 + whole) % (whole * 2)) /
						       (double)(whole * 2) / 100
					     : 0;
			dz_strbuf_addf(&expected, "%s%.5g", i ? "," : "|", share);
		}
		assert_string_equal(out.data, expected.data);
	}
	dz_strbuf_release(&out);
	dz_strbuf_release(&expected);
}

/* One number alone, at every place of vectors of every size up to more than two blocks of 64. */
static void test_vector_places(void **state)
{
	uint64_t numbers[130] = { 0 };

	(void)state;
	for (size_t size = 1; size <= 130; size++) {
		for (size_t at = 0; at < size; at++) {
			struct dz_text_vector vector;
			char text[DZ_TEXT_VECTOR(130)], expected[300];
			char *end = expected;
			numbers[at] = 7;
			for (size_t i = 0; i < size; i++)
				end += sprintf(end, "%s%d", i ? "," : "", i == at ? 7 : 0);
			dz_text_vector_init(&vector, numbers, size);
			*dz_text_counts(text, &vector) = '\0';
			assert_string_equal(text, expected);
			*dz_text_percents(text, &vector, 700) = '\0'; /* 7 of 700 are 1 % */
			*strchr(expected, '7') = '1';
			assert_string_equal(text, expected);
			numbers[at] = 0;
		}
	}
}

/* The shares that a vector has are those of dz_text_hundredths(), which divides, whatever the whole: all parts of small
 * ones, and where rounding turns for others, among them those where the way of computing it changes. */
static void test_vector_shares(void **state)
{
	static const uint64_t wholes[] = { 1 << 23,
					   (1 << 24) - 1,
					   1 << 24,
					   (1 << 24) + 1,
					   16000003,
					   20000,
					   19999,
					   214748,
					   UINT32_MAX,
					   UINT64_MAX / 20001,
					   UINT64_MAX / 20001 + 1,
					   UINT64_MAX };
	static uint64_t parts[2048];
	static char text[DZ_TEXT_VECTOR(2048)], expected[DZ_TEXT_VECTOR(2048)];
	struct dz_text_vector vector;

	(void)state;
	for (size_t i = 0; i < 700 + sizeof wholes / sizeof *wholes; i++) {
		uint64_t whole = i < 700 ? i + 1 : wholes[i - 700];
		size_t size = whole < 2000 ? (size_t)whole + 1 : 2048;
		char *end = expected;
		for (uint64_t k = 0; k < size; k++) {
			/* Half a hundredth more than k * 5 hundredths, and one less than that, where there are many
			 * parts. */
			uint64_t turn =
				(uint64_t)(((unsigned __int128)whole * (k / 2 * 10 + 1) + 19999) / 20000) - k % 2;
			parts[k] = size == whole + 1 ? k : turn > whole ? whole : turn;
			end = dz_text_percent(end, dz_text_hundredths(parts[k], whole));
			*end++ = ',';
		}
		end[-1] = '\0';
		dz_text_vector_init(&vector, parts, size);
		*dz_text_percents(text, &vector, whole) = '\0';
		if (strcmp(text, expected) != 0)
			fail_msg("shares of %" PRIu64, whole);
	}
}

/* The widest there is, and the emptiest, in no more room than is said. */
static void test_vector_room(void **state)
{
	static const size_t sizes[] = { 1, 3, 48, 64, 65, 2048 };
	static uint64_t numbers[2048];
	struct dz_text_vector vector;

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t size = sizes[i];
		char *room = malloc(DZ_TEXT_VECTOR(size));
		assert_non_null(room);
		memset(numbers, 0xff, sizeof numbers);
		dz_text_vector_init(&vector, numbers, size);
		assert_int_equal(dz_text_counts(room, &vector) - room, size * 21 - 1);
		assert_memory_equal(room + (size - 1) * 21, "18446744073709551615", 20); /* 2^64 - 1 */
		assert_int_equal(dz_text_percents(room, &vector, UINT64_MAX) - room, size * 4 - 1);
		assert_memory_equal(room + (size - 1) * 4, "100", 3);
		memset(numbers, 0, sizeof numbers);
		dz_text_vector_init(&vector, numbers, size);
		assert_int_equal(dz_text_counts(room, &vector) - room, size * 2 - 1);
		assert_int_equal(dz_text_percents(room, &vector, 0) - room, size * 2 - 1);
		free(room);
	}
	dz_text_vector_init(&vector, numbers, 0);
	assert_null(dz_text_counts(NULL, &vector));
}

static void test_escaped(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = { { "", "" },
		      { "plain f\xc3\xbcr \xe5\xae\xbd", "plain f\xc3\xbcr \xe5\xae\xbd" },
		      { "\x1b]0;title\x07", "\\033]0;title\\a" },
		      { "two\nlines\r\t\v\f\b", "two\\nlines\\r\\t\\v\\f\\b" },
		      { "\x7f\x01", "\\177\\001" },
		      { "\xc2\x9b"
			"31m",
			"\\302\\23331m" },                   /* CSI of C1: U+009B */
		      { "\xe2\x80\xae", "\\342\\200\\256" }, /* U+202E */
		      { "a\xff"
			"b",
			"a\\377b" },                        /* no UTF-8 */
		      { "\xe5\xae", "\\345\\256" },         /* broken off */
		      { "\xef\xbf\xbd", "\xef\xbf\xbd" } }; /* U+FFFD itself */
	struct dz_strbuf out;

	(void)state;
	dz_strbuf_init(&out);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		dz_strbuf_clear(&out);
		dz_text_add_escaped(&out, cases[i].text);
		assert_string_equal(out.data ? out.data : "", cases[i].expected);
	}
	dz_strbuf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escaped),       cmocka_unit_test(test_u64),
		cmocka_unit_test(test_hundredths),    cmocka_unit_test(test_percent),
		cmocka_unit_test(test_time),          cmocka_unit_test(test_parse_time),
		cmocka_unit_test(test_hex),           cmocka_unit_test(test_json),
		cmocka_unit_test(test_invalid_utf8),  cmocka_unit_test(test_all_characters),
		cmocka_unit_test(test_terminal),      cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_is_utf8),       cmocka_unit_test(test_json_places),
		cmocka_unit_test(test_vector_places), cmocka_unit_test(test_vector_room),
		cmocka_unit_test(test_vector_shares),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
