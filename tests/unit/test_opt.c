/* SPDX-License-Identifier: BSD-2-Clause */
/* test_opt.c - option tables: values that are taken, values that are refused, and what is said of them. */
#include "config.h"
#include "base/opt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct inner {
	bool other;
	uint32_t narrow;
};

struct values {
	bool flag, unflag;
	const char *string;
	uint64_t number, duration;
	double real;
	int choice;
	int calls;
	struct inner inner;
};

static bool count_call(void *target, const char *value, struct dz_err *err)
{
	if (!strcmp(value, "bad"))
		return dz_err_set(err, "'bad' is not good");
	++*(int *)target;
	return true;
}

static const char *const choices[] = { "one", "two", NULL };

#define AT(member) offsetof(struct values, member)

/* The table of the inner values is included, as tables that commands share are. */
static const struct dz_opt inner[] = {
	DZ_UINT32('m', "narrow", "N", "h", offsetof(struct inner, narrow), 1, 70000),
	DZ_END,
};

static const struct dz_opt table[] = {
	DZ_HEADING("All"),
	DZ_FLAG('a', "flag", "h", AT(flag)),
	DZ_UNFLAG(0, "no-thing", "h", AT(unflag)),
	DZ_STRING('s', "string", "S", "h", AT(string)),
	DZ_TABLE(inner, AT(inner)),
	DZ_UINT('n', "number", "N", "h", AT(number), 2, 5000000),
	DZ_REAL(0, "real", "X", "h", AT(real), 0, 1),
	DZ_CHOICE('c', "choice", "C", "which: %s; and more", AT(choice), choices),
	DZ_DURATION(0, "duration", "T", "h", AT(duration)),
	DZ_CALL(0, "call", "V", "h", AT(calls), count_call),
	{ .kind = DZ_OPT_HELP, .short_name = 'h', .long_name = "help", .help = "h" },
	{ .kind = DZ_OPT_VERSION, .short_name = 'V', .long_name = "version", .help = "h" },
	DZ_END,
};

static enum dz_opt_result parse(struct values *v, struct dz_err *err, int *first, const char *line)
{
	static char words[24][64];
	char *argv[25] = { (char *)(uintptr_t) "prog" };
	int argc = 1;
	while (*line) {
		size_t size = strcspn(line, " ");
		assert_true(argc < 24 && size < sizeof words[0]);
		memcpy(words[argc], line, size);
		words[argc][size] = '\0';
		argv[argc] = words[argc];
		argc++;
		line += size + (line[size] == ' ');
	}
	*v = (struct values){ .unflag = true };
	err->text[0] = '\0';
	return dz_opt_parse(table, v, argc, argv, first, err);
}

static void values_are_taken(void **state)
{
	struct values v;
	struct dz_err err;
	int first;
	(void)state;
	assert_int_equal(
		parse(&v, &err, &first,
		      "x -a -m 70k --no-thing -s S -n 5M --real 0.25 -c two --duration 250ms --call 1 --call=2 y"),
		DZ_OPT_OK);
	assert_true(v.flag);
	assert_false(v.unflag);
	assert_string_equal(v.string, "S");
	assert_int_equal(v.number, 5000000);
	assert_int_equal(v.inner.narrow, 70000);
	assert_false(v.inner.other);
	assert_true(v.real == 0.25);
	assert_int_equal(v.choice, 1);
	assert_int_equal(v.duration, 250000000);
	assert_int_equal(v.calls, 2);
	assert_int_equal(first, 18); /* operands x and y have moved to the end */
	assert_int_equal(parse(&v, &err, &first, "-- -a"), DZ_OPT_OK);
	assert_false(v.flag);
	assert_int_equal(parse(&v, &err, &first, "--help"), DZ_OPT_DID_HELP);
	assert_int_equal(parse(&v, &err, &first, "-V"), DZ_OPT_DID_VERSION);
}

static void bad_values_are_quoted(void **state)
{
	static const struct {
		const char *line, *says[3];
	} rows[] = {
		{ "--number 1", { "--number", "'1'", "from 2 to 5000000" } },
		{ "--number 6M", { "--number", "'6M'", "from 2" } },
		{ "--number 5x", { "--number", "'5x'", "whole number" } },
		{ "--number -3", { "--number", "'-3'", "whole number" } },
		{ "--number 99999999999999999999999", { "--number", "'999", "whole number" } },
		{ "--number=", { "--number", "''", "whole number" } },
		{ "-n 3kk", { "--number", "'3kk'", "whole number" } },
		{ "--real 2", { "--real", "'2'", "from 0 to 1" } },
		{ "--real nan", { "--real", "'nan'", "number" } },
		{ "--choice three", { "--choice", "'three'", "one of one, two" } },
		{ "--duration 5y", { "--duration", "'5y'", "15m" } },
		{ "--call bad", { "--call", "'bad'", "not good" } },
		{ "--narrow 70001", { "--narrow", "'70001'", "from 1 to 70000" } },
		{ "--nope", { "--nope", "no option", "" } },
		{ "--nubmer=3", { "'--nubmer'", "no option", "did you mean --number?" } },
		{ "-z", { "-z", "no option", "" } },
		{ "--string", { "--string", "wants a value", "" } },
		{ "-n", { "-n", "wants a value", "" } },
		{ "--flag=yes", { "--flag=yes", "takes no value", "" } },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct values v;
		struct dz_err err;
		int first;
		assert_int_equal(parse(&v, &err, &first, rows[i].line), DZ_OPT_BAD);
		for (unsigned k = 0; k < 3; k++) {
			if (!strstr(err.text, rows[i].says[k]))
				fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].line, err.text, rows[i].says[k]);
		}
	}
}

static void durations_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} rows[] = { { "90", 90000000000 },   { "1.5s", 1500000000 },   { "15m", 900000000000 },
		     { "2h", 7200000000000 }, { "1d", 86400000000000 }, { "0", 0 } };
	uint64_t ns;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(dz_opt_duration(rows[i].text, &ns));
		assert_true(ns == rows[i].ns);
	}
	assert_false(dz_opt_duration("", &ns));
	assert_false(dz_opt_duration("-1", &ns));
	assert_false(dz_opt_duration("1e300", &ns));
}

static void names_find_rows(void **state)
{
	size_t count;
	struct dz_opt *flat = dz_opt_flatten(table, &count);

	(void)state;
	assert_int_equal(count, 12);
	assert_int_equal(flat[count].kind, DZ_OPT_END);
	assert_string_equal(dz_opt_find(flat, "--number")->long_name, "number");
	assert_string_equal(dz_opt_find(flat, "--number=3")->long_name, "number");
	assert_string_equal(dz_opt_find(flat, "--nu")->long_name, "number");
	assert_null(dz_opt_find(flat, "--n")); /* narrow, no-thing, number */
	assert_null(dz_opt_find(flat, "--"));
	assert_null(dz_opt_find(flat, "-"));
	assert_null(dz_opt_find(flat, "number"));
	assert_string_equal(dz_opt_find(flat, "-m7")->long_name, "narrow");
	assert_int_equal(dz_opt_find(flat, "-m")->offset, AT(inner.narrow));
	assert_true(dz_opt_takes_value(dz_opt_find(flat, "-m")));
	assert_false(dz_opt_takes_value(dz_opt_find(flat, "-a")));
	free(flat);
}

static void help_lists_choices_in_80_columns(void **state)
{
	static const struct dz_opt wide[] = {
		DZ_CHOICE('c', "choice", "C", "which: %s; and more", AT(choice), choices),
		DZ_FLAG(0, "flag", "a text of words of which there are so many that they do not fit in one line at all",
			AT(flag)),
		DZ_END,
	};
	char text[1000] = "";
	FILE *file = fmemopen(text, sizeof text, "w");

	(void)state;
	dz_opt_print_help(wide, file);
	fclose(file);
	assert_string_equal(text, "  -c, --choice C              which: one (default), two; and more\n"
				  "      --flag                  a text of words of which there are so many that\n"
				  "                              they do not fit in one line at all\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_taken),
		cmocka_unit_test(bad_values_are_quoted),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(names_find_rows),
		cmocka_unit_test(help_lists_choices_in_80_columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
