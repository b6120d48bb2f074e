/* SPDX-License-Identifier: BSD-2-Clause */
/* opt.c - see opt.h. */
#include "config.h"
#include "base/opt.h"

#include "base/mem.h"
#include "base/names.h"
#include "base/near.h"
#include "base/strbuf.h"
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long's values for options without a short name start here. */
enum { LONG_ONLY = 256, HELP_COLUMN = 30, LINE = 80 };

bool dz_opt_takes_value(const struct dz_opt *opt)
{
	switch (opt->kind) {
	case DZ_OPT_STRING:
	case DZ_OPT_UINT:
	case DZ_OPT_UINT32:
	case DZ_OPT_REAL:
	case DZ_OPT_CHOICE:
	case DZ_OPT_DURATION:
	case DZ_OPT_CALL:
		return true;
	default:
		return false;
	}
}

/* ---- tables ---- */

static size_t count_rows(const struct dz_opt *table)
{
	size_t count = 0;

	for (; table->kind != DZ_OPT_END; table++)
		count += table->kind == DZ_OPT_TABLE ? count_rows(table->table) : 1;
	return count;
}

static struct dz_opt *put_rows(const struct dz_opt *table, size_t offset, struct dz_opt *to)
{
	for (; table->kind != DZ_OPT_END; table++) {
		if (table->kind == DZ_OPT_TABLE) {
			to = put_rows(table->table, offset + table->offset, to);
			continue;
		}
		*to = *table;
		to->given += to->given ? offset : 0;
		to++->offset += offset;
	}
	return to;
}

struct dz_opt *dz_opt_flatten(const struct dz_opt *table, size_t *count)
{
	struct dz_opt *flat;

	*count = count_rows(table);
	flat = dz_mem_zalloc(*count + 1, sizeof *flat);
	put_rows(table, 0, flat)->kind = DZ_OPT_END;
	return flat;
}

static const struct dz_opt *find_short(const struct dz_opt *flat, int letter)
{
	for (; flat->kind != DZ_OPT_END; flat++)
		if (flat->short_name && flat->short_name == letter)
			return flat;
	return NULL;
}

const struct dz_opt *dz_opt_find(const struct dz_opt *flat, const char *word)
{
	const struct dz_opt *found = NULL;
	size_t size;

	if (strncmp(word, "--", 2) != 0)
		return word[0] == '-' && word[1] ? find_short(flat, word[1]) : NULL;
	word += 2;
	size = strcspn(word, "=");
	for (const struct dz_opt *opt = flat; size && opt->kind != DZ_OPT_END; opt++) {
		if (!opt->long_name || strncmp(opt->long_name, word, size) != 0)
			continue;
		if (!opt->long_name[size])
			return opt;
		if (found)
			return NULL;
		found = opt;
	}
	return found;
}

/* ---- values ---- */

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

static bool parse_uint(const struct dz_opt *opt, const char *value, uint64_t *number, struct dz_err *err)
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
	*number = result * scale;
	return true;
}

static bool parse_uint32(const struct dz_opt *opt, const char *value, uint32_t *number, struct dz_err *err)
{
	uint64_t wide;

	if (!parse_uint(opt, value, &wide, err))
		return false;
	*number = (uint32_t)wide;
	return true;
}

static bool parse_real(const struct dz_opt *opt, const char *value, double *real, struct dz_err *err)
{
	char expected[128], *end;
	double result;

	snprintf(expected, sizeof expected, "a number from %g to %g", opt->min, opt->max);
	if (!number(value, &result, &end) || *end || result < opt->min || result > opt->max)
		return bad_value(opt, value, expected, err);
	*real = result;
	return true;
}

static bool parse_choice(const struct dz_opt *opt, const char *value, int *choice, struct dz_err *err)
{
	int found = dz_names_find(opt->choices, value);
	struct dz_strbuf expected;

	if (found >= 0) {
		*choice = found;
		return true;
	}
	dz_strbuf_init(&expected);
	dz_strbuf_adds(&expected, "one of ");
	dz_names_list(opt->choices, &expected);
	bad_value(opt, value, expected.data, err);
	dz_strbuf_release(&expected);
	return false;
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

bool dz_opt_size(const char *value, uint64_t *size)
{
	static const char suffixes[] = "kMGT";
	const char *suffix;
	char *end;
	unsigned long long number;

	if (*value < '0' || *value > '9')
		return false;
	number = strtoull(value, &end, 10);
	suffix = *end ? strchr(suffixes, *end == 'K' ? 'k' : *end) : NULL;
	if (*end && (!suffix || end[1]))
		return false;
	for (ptrdiff_t i = 0; suffix && i <= suffix - suffixes; i++) {
		if (number > UINT64_MAX / 1024)
			return false;
		number *= 1024;
	}
	*size = number;
	return true;
}

bool dz_opt_parse_size(void *target, const char *value, struct dz_err *err)
{
	return dz_opt_size(value, target) ||
	       dz_err_set(err, "'%.40s' is not a size such as 4096, 512k, 64M or 1G", value);
}

static bool parse_duration(const struct dz_opt *opt, const char *value, uint64_t *ns, struct dz_err *err)
{
	return (dz_opt_duration(value, ns) && (double)*ns >= opt->min) ||
	       bad_value(opt, value, opt->min > 0 ? DZ_OPT_DURATION_EXPECTED ", more than 0" : DZ_OPT_DURATION_EXPECTED,
			 err);
}

static bool apply(const struct dz_opt *opt, const char *value, void *options, struct dz_err *err)
{
	void *target = (char *)options + opt->offset;

	if (opt->given)
		*((bool *)options + opt->given) = true;
	switch (opt->kind) {
	case DZ_OPT_FLAG:
	case DZ_OPT_UNFLAG:
		*(bool *)target = opt->kind == DZ_OPT_FLAG;
		return true;
	case DZ_OPT_STRING:
		*(const char **)target = value;
		return true;
	case DZ_OPT_UINT:
		return parse_uint(opt, value, target, err);
	case DZ_OPT_UINT32:
		return parse_uint32(opt, value, target, err);
	case DZ_OPT_REAL:
		return parse_real(opt, value, target, err);
	case DZ_OPT_CHOICE:
		return parse_choice(opt, value, target, err);
	case DZ_OPT_DURATION:
		return parse_duration(opt, value, target, err);
	case DZ_OPT_CALL:
		return opt->parse(target, value, err) || dz_err_prefix(err, "--%s", opt->long_name);
	default:
		return true;
	}
}

/* ---- parsing ---- */

static const char *nearest_name(const struct dz_opt *flat, const char *word)
{
	for (; flat->kind != DZ_OPT_END; flat++)
		if (flat->long_name && dz_near(word, flat->long_name))
			return flat->long_name;
	return NULL;
}

static bool unknown_long(const struct dz_opt *flat, const char *word, struct dz_err *err)
{
	char name[64];
	const char *near;

	snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
	near = strncmp(name, "--", 2) == 0 ? nearest_name(flat, name + 2) : NULL;
	if (near)
		return dz_err_set(err, "no option '%s': did you mean --%s?", name, near);
	return dz_err_set(err, "no option '%s', or not enough of its name", word);
}

/* What getopt_long stumbled over. */
static bool unknown(const struct dz_opt *flat, int code, int argc, char **argv, struct dz_err *err)
{
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	bool is_short = optopt && optopt < LONG_ONLY && strncmp(word, "--", 2) != 0;

	if (code == ':' && is_short)
		return dz_err_set(err, "option -%c wants a value", optopt);
	if (code == ':')
		return dz_err_set(err, "option %s wants a value", word);
	if (is_short)
		return dz_err_set(err, "no option -%c", optopt);
	if (optopt)
		return dz_err_set(err, "option '%s' takes no value", word);
	return unknown_long(flat, word, err);
}

static enum dz_opt_result run(const struct dz_opt *flat, const struct option *longs, const char *shorts, void *options,
			      int argc, char **argv, struct dz_err *err)
{
	optind = 0; /* glibc: start afresh, permuting */
	opterr = 0;
	for (;;) {
		int code = getopt_long(argc, argv, shorts, longs, NULL);
		const struct dz_opt *opt = code >= LONG_ONLY ? &flat[code - LONG_ONLY] : find_short(flat, code);
		if (code == -1)
			return DZ_OPT_OK;
		if (code == '?' || code == ':' || !opt) {
			unknown(flat, code, argc, argv, err);
			return DZ_OPT_BAD;
		}
		if (opt->kind == DZ_OPT_HELP)
			return DZ_OPT_DID_HELP;
		if (opt->kind == DZ_OPT_VERSION)
			return DZ_OPT_DID_VERSION;
		if (!apply(opt, optarg, options, err))
			return DZ_OPT_BAD;
	}
}

enum dz_opt_result dz_opt_parse(const struct dz_opt *table, void *options, int argc, char **argv, int *first_operand,
				struct dz_err *err)
{
	size_t n, longs_used = 0;
	struct dz_opt *flat = dz_opt_flatten(table, &n);
	struct option *longs = dz_mem_zalloc(n + 1, sizeof *longs);
	char *shorts = dz_mem_zalloc(2 * n + 2, 1), *s = shorts;
	enum dz_opt_result result;

	*s++ = ':';
	for (size_t i = 0; i < n; i++) {
		const struct dz_opt *opt = &flat[i];
		bool value = dz_opt_takes_value(opt);
		if (opt->kind == DZ_OPT_HEADING)
			continue;
		if (opt->short_name) {
			*s++ = opt->short_name;
			if (value)
				*s++ = ':';
		}
		longs[longs_used++] = (struct option){ opt->long_name, value ? required_argument : no_argument, NULL,
						       opt->short_name ? opt->short_name : LONG_ONLY + (int)i };
	}
	result = run(flat, longs, shorts, options, argc, argv, err);
	*first_operand = optind;
	free(flat);
	free(longs);
	free(shorts);
	return result;
}

/* ---- help ---- */

/* "ip (default), payload, frame" */
static void add_choices(const struct dz_opt *opt, struct dz_strbuf *text)
{
	for (size_t i = 0; opt->choices[i]; i++)
		dz_strbuf_addf(text, "%s%s%s", i ? ", " : "", opt->choices[i], i ? "" : " (default)");
}

static void add_help(const struct dz_opt *opt, struct dz_strbuf *text)
{
	const char *place = opt->choices ? strstr(opt->help, "%s") : NULL;

	if (!place) {
		dz_strbuf_adds(text, opt->help);
		return;
	}
	dz_strbuf_add(text, opt->help, (size_t)(place - opt->help));
	add_choices(opt, text);
	dz_strbuf_adds(text, place + 2);
}

/* Words in lines of the columns that are left; the first line is begun already. */
static void print_wrapped(const char *text, FILE *out)
{
	size_t used = 0;

	while (*text) {
		size_t size = strcspn(text, " ");
		if (used && used + 1 + size > LINE - HELP_COLUMN) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			used = 0;
		}
		fprintf(out, "%s%.*s", used ? " " : "", (int)size, text);
		used += size + (used > 0);
		text += size + (text[size] == ' ');
	}
	fputc('\n', out);
}

static void print_option(const struct dz_opt *opt, FILE *out)
{
	struct dz_strbuf head, text;

	dz_strbuf_init(&head);
	dz_strbuf_init(&text);
	if (opt->short_name)
		dz_strbuf_addf(&head, "  -%c, ", opt->short_name);
	else
		dz_strbuf_adds(&head, "      ");
	dz_strbuf_addf(&head, "--%s%s%s", opt->long_name, opt->value_name ? " " : "",
		       opt->value_name ? opt->value_name : "");
	if (head.size < HELP_COLUMN - 1)
		fprintf(out, "%-*s", HELP_COLUMN, head.data);
	else
		fprintf(out, "%s\n%*s", head.data, HELP_COLUMN, "");
	add_help(opt, &text);
	print_wrapped(text.data, out);
	dz_strbuf_release(&head);
	dz_strbuf_release(&text);
}

void dz_opt_print_help(const struct dz_opt *table, FILE *out)
{
	size_t count;
	struct dz_opt *flat = dz_opt_flatten(table, &count);

	for (size_t i = 0; i < count; i++) {
		if (flat[i].kind == DZ_OPT_HEADING)
			fprintf(out, "%s%s:\n", i ? "\n" : "", flat[i].help);
		else
			print_option(&flat[i], out);
	}
	free(flat);
}
