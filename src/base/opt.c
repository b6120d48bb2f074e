/* SPDX-License-Identifier: BSD-2-Clause */
/* opt.c - see opt.h. */
#include "config.h"
#include "base/opt.h"

#include "base/mem.h"
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long's values for options without a short name start here. */
enum { LONG_ONLY = 256, HELP_COLUMN = 30 };

static bool takes_value(const struct dz_opt *opt)
{
	switch (opt->kind) {
	case DZ_OPT_STRING:
	case DZ_OPT_UINT:
	case DZ_OPT_REAL:
	case DZ_OPT_CHOICE:
	case DZ_OPT_DURATION:
	case DZ_OPT_CALL:
		return true;
	default:
		return false;
	}
}

static size_t table_size(const struct dz_opt *table)
{
	size_t n = 0;
	while (table[n].kind != DZ_OPT_END)
		n++;
	return n;
}

static bool bad_value(const struct dz_opt *opt, const char *value, const char *expected, struct dz_err *err)
{
	return dz_err_set(err, "--%s: '%s' is not %s", opt->long_name, value, expected);
}

/* A decimal number with nothing around it; *end is what follows. */
static bool number(const char *value, double *result, char **end)
{
	if (!isdigit((unsigned char)value[0]) && value[0] != '.')
		return false;
	errno = 0;
	*result = strtod(value, end);
	return *end != value && !errno && isfinite(*result);
}

static bool parse_uint(const struct dz_opt *opt, const char *value, struct dz_err *err)
{
	char expected[128], *end = NULL;
	unsigned long long result = 0;
	uint64_t scale = 1;

	snprintf(expected, sizeof expected, "a whole number from %.0f to %.0f", opt->min, opt->max);
	if (!isdigit((unsigned char)value[0]))
		return bad_value(opt, value, expected, err);
	errno = 0;
	result = strtoull(value, &end, 10);
	if (*end && !end[1]) {
		scale = *end == 'k' ? 1000 : *end == 'M' ? 1000000 : *end == 'G' ? 1000000000 : 0;
		if (!scale)
			return bad_value(opt, value, expected, err);
		end++;
	}
	if (errno || *end || result > UINT64_MAX / scale || (double)(result * scale) < opt->min ||
	    (double)(result * scale) > opt->max)
		return bad_value(opt, value, expected, err);
	*(uint64_t *)opt->target = result * scale;
	return true;
}

static bool parse_real(const struct dz_opt *opt, const char *value, struct dz_err *err)
{
	char expected[128], *end;
	double result;

	snprintf(expected, sizeof expected, "a number from %g to %g", opt->min, opt->max);
	if (!number(value, &result, &end) || *end || result < opt->min || result > opt->max)
		return bad_value(opt, value, expected, err);
	*(double *)opt->target = result;
	return true;
}

static bool parse_choice(const struct dz_opt *opt, const char *value, struct dz_err *err)
{
	char expected[512] = "one of ";
	for (int i = 0; opt->choices[i]; i++) {
		if (!strcmp(value, opt->choices[i])) {
			*(int *)opt->target = i;
			return true;
		}
		size_t used = strlen(expected);
		snprintf(expected + used, sizeof expected - used, "%s%s", i ? ", " : "", opt->choices[i]);
	}
	return bad_value(opt, value, expected, err);
}

bool dz_opt_duration(const char *value, uint64_t *ns)
{
	static const struct {
		const char *suffix;
		double ns;
	} units[] = { { "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "m", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 } };
	double result;
	char *end;

	if (!number(value, &result, &end))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (!strcmp(end, units[i].suffix) && result * units[i].ns < 9e18) {
			*ns = (uint64_t)(result * units[i].ns);
			return true;
		}
	}
	return false;
}

static bool parse_duration(const struct dz_opt *opt, const char *value, struct dz_err *err)
{
	return dz_opt_duration(value, opt->target) || bad_value(opt, value, DZ_OPT_DURATION_EXPECTED, err);
}

static bool apply(const struct dz_opt *opt, const char *value, struct dz_err *err)
{
	switch (opt->kind) {
	case DZ_OPT_FLAG:
	case DZ_OPT_UNFLAG:
		*(bool *)opt->target = opt->kind == DZ_OPT_FLAG;
		return true;
	case DZ_OPT_STRING:
		*(const char **)opt->target = value;
		return true;
	case DZ_OPT_UINT:
		return parse_uint(opt, value, err);
	case DZ_OPT_REAL:
		return parse_real(opt, value, err);
	case DZ_OPT_CHOICE:
		return parse_choice(opt, value, err);
	case DZ_OPT_DURATION:
		return parse_duration(opt, value, err);
	case DZ_OPT_CALL:
		return opt->parse(opt->target, value, err) || dz_err_prefix(err, "--%s", opt->long_name);
	default:
		return true;
	}
}

static bool unknown(int code, int argc, char **argv, struct dz_err *err)
{
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	if (code == ':') {
		if (optopt && optopt < LONG_ONLY && strncmp(word, "--", 2) != 0)
			return dz_err_set(err, "option -%c wants a value", optopt);
		return dz_err_set(err, "option %s wants a value", word);
	}
	if (optopt && optopt < LONG_ONLY && strncmp(word, "--", 2) != 0)
		return dz_err_set(err, "no option -%c", optopt);
	if (optopt)
		return dz_err_set(err, "option '%s' takes no value", word);
	return dz_err_set(err, "no option '%s', or not enough of its name", word);
}

/* getopt_long returns only codes that the table gave it. */
static const struct dz_opt *find(const struct dz_opt *table, size_t n, int code)
{
	size_t i = 0;
	if (code >= LONG_ONLY)
		return &table[code - LONG_ONLY];
	while (i + 1 < n && (table[i].kind == DZ_OPT_HEADING || table[i].short_name != code))
		i++;
	return &table[i];
}

static enum dz_opt_result run(const struct dz_opt *table, size_t n, const struct option *longs, const char *shorts,
			      int argc, char **argv, struct dz_err *err)
{
	optind = 0; /* glibc: start afresh, permuting */
	opterr = 0;
	for (;;) {
		int code = getopt_long(argc, argv, shorts, longs, NULL);
		const struct dz_opt *opt;
		if (code == -1)
			return DZ_OPT_OK;
		if (code == '?' || code == ':') {
			unknown(code, argc, argv, err);
			return DZ_OPT_BAD;
		}
		opt = find(table, n, code);
		if (opt->kind == DZ_OPT_HELP)
			return DZ_OPT_DID_HELP;
		if (opt->kind == DZ_OPT_VERSION)
			return DZ_OPT_DID_VERSION;
		if (!apply(opt, optarg, err))
			return DZ_OPT_BAD;
	}
}

enum dz_opt_result dz_opt_parse(const struct dz_opt *table, int argc, char **argv, int *first_operand,
				struct dz_err *err)
{
	size_t n = table_size(table), longs_used = 0;
	struct option *longs = dz_mem_zalloc(n + 1, sizeof *longs);
	char *shorts = dz_mem_zalloc(2 * n + 2, 1), *s = shorts;
	enum dz_opt_result result;

	*s++ = ':';
	for (size_t i = 0; i < n; i++) {
		const struct dz_opt *opt = &table[i];
		if (opt->kind == DZ_OPT_HEADING)
			continue;
		if (opt->short_name) {
			*s++ = opt->short_name;
			if (takes_value(opt))
				*s++ = ':';
		}
		longs[longs_used++] =
			(struct option){ opt->long_name, takes_value(opt) ? required_argument : no_argument, NULL,
					 opt->short_name ? opt->short_name : LONG_ONLY + (int)i };
	}
	result = run(table, n, longs, shorts, argc, argv, err);
	*first_operand = optind;
	free(longs);
	free(shorts);
	return result;
}

void dz_opt_print_help(const struct dz_opt *table, FILE *out)
{
	for (const struct dz_opt *opt = table; opt->kind != DZ_OPT_END; opt++) {
		char head[128];
		if (opt->kind == DZ_OPT_HEADING) {
			fprintf(out, "%s%s:\n", opt == table ? "" : "\n", opt->help);
			continue;
		}
		size_t used = opt->short_name ? (size_t)snprintf(head, sizeof head, "  -%c, ", opt->short_name)
					      : (size_t)snprintf(head, sizeof head, "      ");
		snprintf(head + used, sizeof head - used, "--%s%s%s", opt->long_name, opt->value_name ? " " : "",
			 opt->value_name ? opt->value_name : "");
		if (strlen(head) < HELP_COLUMN - 1)
			fprintf(out, "%-*s", HELP_COLUMN, head);
		else
			fprintf(out, "%s\n%*s", head, HELP_COLUMN, "");
		for (const char *line = opt->help; line;) {
			const char *end = strchr(line, '\n');
			int size = (int)(end ? (size_t)(end - line) : strlen(line));
			fprintf(out, "%.*s\n", size, line);
			line = end ? end + 1 : NULL;
			if (line)
				fprintf(out, "%*s", HELP_COLUMN, "");
		}
	}
}
