/* SPDX-License-Identifier: BSD-2-Clause */
/* test_csv.c - one field stays one field on one line, and starts nothing in a terminal or a spreadsheet. */
#include "config.h"
#include "base/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void fields(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "plain", "plain" },
		{ "", "" },
		{ NULL, "" },
		{ "a,b", "\"a,b\"" },
		{ "a\"b", "\"a\"\"b\"" },
		{ " edge", "\" edge\"" },
		{ "edge ", "\"edge \"" },
		/* formulae of spreadsheets */
		{ "=1+1", "\"'=1+1\"" },
		{ "-1,2", "\"'-1,2\"" },
		{ "+1", "\"'+1\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		/* what would be two lines, or a command to a terminal: U+FFFD is ef bf bd */
		{ "two\nlines\r", "two\xef\xbf\xbdlines\xef\xbf\xbd" },
		{ "\t=1", "\xef\xbf\xbd=1" },
		{ "\x1b[31mred", "\xef\xbf\xbd[31mred" },
		{ "a\xc2\x9b"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" }, /* CSI of C1 */
		{ "a\xe2\x80\xae"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" }, /* U+202E turns the direction */
		{ "a\xe2\x80\xa8"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },                    /* U+2028 ends a line */
		{ "\xff", "\xef\xbf\xbd" }, /* no UTF-8 */
		{ "f\xc3\xbcr", "f\xc3\xbcr" },
	};
	struct dz_strbuf out;

	(void)state;
	dz_strbuf_init(&out);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		dz_strbuf_clear(&out);
		dz_csv_text(&out, cases[i].text);
		assert_string_equal(out.data ? out.data : "", cases[i].expected);
		assert_int_equal(out.size, strlen(cases[i].expected));
	}
	dz_strbuf_release(&out);
}

/* What csv.h says of a text that is the letter x but for one byte. */
static void expect_one(char *to, const char *text, size_t size, size_t place)
{
	unsigned char byte = (unsigned char)text[place];
	bool formula = place == 0 && strchr("=+-@", byte);
	bool quote = formula || strchr(",\"'", byte) || (byte == ' ' && (place == 0 || place == size - 1));

	to += sprintf(to, "%s%s%.*s", quote ? "\"" : "", formula ? "'" : "", (int)place, text);
	if (byte < ' ' || byte >= 0x7f)
		to += sprintf(to, "\xef\xbf\xbd");
	else
		to += sprintf(to, byte == '"' ? "\"\"" : "%c", byte);
	sprintf(to, "%s%s", text + place + 1, quote ? "\"" : "");
}

/* Every byte at every place of texts of every length around the eight that are looked at together. */
static void every_byte(void **state)
{
	char text[24], expected[40];
	struct dz_strbuf out;

	(void)state;
	dz_strbuf_init(&out);
	for (size_t size = 1; size <= 20; size++) {
		for (size_t place = 0; place < size; place++) {
			for (unsigned byte = 1; byte < 256; byte++) {
				memset(text, 'x', size);
				text[size] = '\0';
				text[place] = (char)byte;
				expect_one(expected, text, size, place);
				dz_strbuf_clear(&out);
				dz_csv_text(&out, text);
				assert_string_equal(out.data, expected);
				assert_int_equal(out.size, strlen(expected));
			}
		}
	}
	dz_strbuf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fields), cmocka_unit_test(every_byte) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
