/* SPDX-License-Identifier: BSD-2-Clause */
/* opt.h - one table of options gives parsing, help and completion.
 *
 * Every subcommand has one `struct dz_opt` array. getopt_long does the parsing. */
#ifndef DISTRIBOOZE_OPT_H
#define DISTRIBOOZE_OPT_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum dz_opt_kind {
	DZ_OPT_END,      /* ends the table */
	DZ_OPT_HEADING,  /* a heading in the help; only `help` is used */
	DZ_OPT_FLAG,     /* bool: set to true */
	DZ_OPT_UNFLAG,   /* bool: set to false */
	DZ_OPT_STRING,   /* const char *: borrowed from argv */
	DZ_OPT_UINT,     /* uint64_t, within min..max; suffixes k, M, G (powers of 1000) */
	DZ_OPT_REAL,     /* double, within min..max */
	DZ_OPT_CHOICE,   /* int: index into `choices` */
	DZ_OPT_DURATION, /* uint64_t nanoseconds: "90", "90s", "15m", "2h", "1d", "250ms" */
	DZ_OPT_CALL,     /* `parse` is called with the value */
	DZ_OPT_HELP,     /* -h: sets nothing; dz_opt_parse returns DZ_OPT_DID_HELP */
	DZ_OPT_VERSION
};

struct dz_opt {
	enum dz_opt_kind kind;
	char short_name; /* 0: none */
	const char *long_name;
	const char *value_name;     /* as shown in the help; NULL for flags */
	const char *help;           /* one or more lines, without a full stop */
	void *target;               /* where the value goes, by kind */
	double min, max;            /* DZ_OPT_UINT, DZ_OPT_REAL */
	const char *const *choices; /* NULL-terminated */
	bool (*parse)(void *target, const char *value, struct dz_err *err);
};

enum dz_opt_result { DZ_OPT_OK, DZ_OPT_BAD, DZ_OPT_DID_HELP, DZ_OPT_DID_VERSION };

/* Parses argv[1..]; operands are moved to the end and *first_operand is the index of the first. Options and operands
 * may be mixed; "--" ends the options. On DZ_OPT_BAD the error names the option, quotes the value and says what was
 * expected. */
enum dz_opt_result dz_opt_parse(const struct dz_opt *table, int argc, char **argv, int *first_operand,
				struct dz_err *err);

/* Reads a duration as DZ_OPT_DURATION does, into nanoseconds. False when it is not one. */
bool dz_opt_duration(const char *value, uint64_t *ns);
#define DZ_OPT_DURATION_EXPECTED "a duration such as 90, 90s, 250ms, 15m, 2h or 1d"

/* The option lines of a help text. */
void dz_opt_print_help(const struct dz_opt *table, FILE *out);

#endif
