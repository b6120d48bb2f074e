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

struct values {
	bool flag, unflag;
	const char *string;
	uint64_t number, duration;
	double real;
	int choice;
	int calls;
};

static bool count_call(void *target, const char *value, struct dz_err *err)
{
	if (!strcmp(value, "bad"))
		return dz_err_set(err, "'bad' is not good");
	++*(int *)target;
	return true;
}

static enum dz_opt_result parse(struct values *v, struct dz_err *err, int *first, const char *line)
{
	static const char *const choices[] = { "one", "two", NULL };
	const struct dz_opt table[] = {
		{ .kind = DZ_OPT_HEADING, .help = "All" },
		{ DZ_OPT_FLAG, 'a', "flag", NULL, "h", &v->flag, 0, 0, 0, 0 },
		{ DZ_OPT_UNFLAG, 0, "no-thing", NULL, "h", &v->unflag, 0, 0, 0, 0 },
		{ DZ_OPT_STRING, 's', "string", "S", "h", &v->string, 0, 0, 0, 0 },
		{ DZ_OPT_UINT, 'n', "number", "N", "h", &v->number, 2, 5000000, 0, 0 },
		{ DZ_OPT_REAL, 0, "real", "X", "h", &v->real, 0, 1, 0, 0 },
		{ DZ_OPT_CHOICE, 'c', "choice", "C", "h", &v->choice, 0, 0, choices, 0 },
		{ DZ_OPT_DURATION, 0, "duration", "T", "h", &v->duration, 0, 0, 0, 0 },
		{ DZ_OPT_CALL, 0, "call", "V", "h", &v->calls, 0, 0, 0, count_call },
		{ .kind = DZ_OPT_HELP, .short_name = 'h', .long_name = "help", .help = "h" },
		{ .kind = DZ_OPT_VERSION, .short_name = 'V', .long_name = "version", .help = "h" },
		{ .kind = DZ_OPT_END },
	};
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
	return dz_opt_parse(table, argc, argv, first, err);
}

static void values_are_taken(void **state)
{
	struct values v;
	struct dz_err err;
	int first;
	(void)state;
	assert_int_equal(parse(&v, &err, &first,
			       "x -a --no-thing -s S -n 5M --real 0.25 -c two --duration 250ms --call 1 --call=2 y"),
			 DZ_OPT_OK);
	assert_true(v.flag);
	assert_false(v.unflag);
	assert_string_equal(v.string, "S");
	assert_int_equal(v.number, 5000000);
	assert_true(v.real == 0.25);
	assert_int_equal(v.choice, 1);
	assert_int_equal(v.duration, 250000000);
	assert_int_equal(v.calls, 2);
	assert_int_equal(first, 16); /* operands x and y have moved to the end */
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
		{ "--nope", { "--nope", "no option", "" } },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_taken),
		cmocka_unit_test(bad_values_are_quoted),
		cmocka_unit_test(durations_have_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
