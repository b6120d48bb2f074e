/* SPDX-License-Identifier: BSD-2-Clause */
/* opt.h - one table of options gives parsing, help and completion.
 *
 * Every subcommand has one constant table of `struct dz_opt`; a row says where in the command's own struct of options
 * its value goes, as an offset.  Rows that several commands share stand in a table of their own, which the others
 * include with DZ_TABLE.  getopt_long does the parsing. */
#ifndef DISTRIBOOZE_OPT_H
#define DISTRIBOOZE_OPT_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum dz_opt_kind {
	DZ_OPT_END,      /* ends the table */
	DZ_OPT_HEADING,  /* a heading in the help; only `help` is used */
	DZ_OPT_TABLE,    /* the rows of `table`, whose offsets begin at `offset` */
	DZ_OPT_FLAG,     /* bool: set to true */
	DZ_OPT_UNFLAG,   /* bool: set to false */
	DZ_OPT_STRING,   /* const char *: borrowed from argv */
	DZ_OPT_UINT,     /* uint64_t, within min..max; suffixes k, M, G (powers of 1000) */
	DZ_OPT_UINT32,   /* uint32_t, the same */
	DZ_OPT_REAL,     /* double, within min..max */
	DZ_OPT_CHOICE,   /* int or an enum: index into `choices` */
	DZ_OPT_DURATION, /* uint64_t nanoseconds: "90", "90s", "15m", "2h", "1d", "250ms" */
	DZ_OPT_CALL,     /* `parse` is called with the value */
	DZ_OPT_HELP,     /* sets nothing; dz_opt_parse returns DZ_OPT_DID_HELP */
	DZ_OPT_VERSION
};

struct dz_opt {
	enum dz_opt_kind kind;
	char short_name; /* 0: none */
	const char *long_name;
	const char *value_name; /* as shown in the help; NULL for flags */
	/* Without a full stop; lines are broken where they are printed. "%s" stands for `choices`,
	 * "a (default), b, c"; the first one is the default. */
	const char *help;
	size_t offset;              /* of where the value goes, in the options that are handed to dz_opt_parse() */
	double min, max;            /* DZ_OPT_UINT, DZ_OPT_UINT32, DZ_OPT_REAL; min: DZ_OPT_DURATION, too, in ns */
	const char *const *choices; /* NULL-terminated */
	bool (*parse)(void *target, const char *value, struct dz_err *err);
	const struct dz_opt *table; /* DZ_OPT_TABLE */
	size_t given;               /* of a bool that becomes true when the option is given; 0: none */
	bool is_file;               /* the value is the name of a file: for completion, and the sandbox */
	bool is_output;             /* and that is written */
};

/* Rows. `at` is offsetof(struct options, member). */
#define DZ_ROW(kind_, short_, long_, value_, help_, at_, ...)                                                          \
	{                                                                                                              \
		.kind = (kind_), .short_name = (short_), .long_name = (long_), .value_name = (value_),                 \
		.help = (help_), .offset = (at_), __VA_ARGS__                                                          \
	}
#define DZ_HEADING(text)                                                                                               \
	{                                                                                                              \
		.kind = DZ_OPT_HEADING, .help = (text)                                                                 \
	}
#define DZ_TABLE(rows, at)                                                                                             \
	{                                                                                                              \
		.kind = DZ_OPT_TABLE, .table = (rows), .offset = (at)                                                  \
	}
#define DZ_FLAG(s, l, help, at) DZ_ROW(DZ_OPT_FLAG, s, l, NULL, help, at, )
#define DZ_UNFLAG(s, l, help, at) DZ_ROW(DZ_OPT_UNFLAG, s, l, NULL, help, at, )
#define DZ_STRING(s, l, value, help, at) DZ_ROW(DZ_OPT_STRING, s, l, value, help, at, )
#define DZ_FILE(s, l, value, help, at) DZ_ROW(DZ_OPT_STRING, s, l, value, help, at, .is_file = true)
#define DZ_OUTPUT(s, l, value, help, at)                                                                               \
	DZ_ROW(DZ_OPT_STRING, s, l, value, help, at, .is_file = true, .is_output = true)
#define DZ_UINT(s, l, value, help, at, from, to) DZ_ROW(DZ_OPT_UINT, s, l, value, help, at, .min = (from), .max = (to))
#define DZ_UINT32(s, l, value, help, at, from, to)                                                                     \
	DZ_ROW(DZ_OPT_UINT32, s, l, value, help, at, .min = (from), .max = (to))
#define DZ_REAL(s, l, value, help, at, from, to) DZ_ROW(DZ_OPT_REAL, s, l, value, help, at, .min = (from), .max = (to))
#define DZ_CHOICE(s, l, value, help, at, names) DZ_ROW(DZ_OPT_CHOICE, s, l, value, help, at, .choices = (names))
#define DZ_DURATION(s, l, value, help, at) DZ_ROW(DZ_OPT_DURATION, s, l, value, help, at, )
#define DZ_CALL(s, l, value, help, at, function) DZ_ROW(DZ_OPT_CALL, s, l, value, help, at, .parse = (function))
/* A call whose values, or the words that they are made of, are known: help and completion offer them. */
#define DZ_CALL_OF(s, l, value, help, at, function, names)                                                             \
	DZ_ROW(DZ_OPT_CALL, s, l, value, help, at, .parse = (function), .choices = (names))
#define DZ_END                                                                                                         \
	{                                                                                                              \
		.kind = DZ_OPT_END                                                                                     \
	}

enum dz_opt_result { DZ_OPT_OK, DZ_OPT_BAD, DZ_OPT_DID_HELP, DZ_OPT_DID_VERSION };

/* Parses argv[1..] into `options`; operands are moved to the end and *first_operand is the index of the first. Options
 * and operands may be mixed; "--" ends the options. On DZ_OPT_BAD the error names the option, quotes the value and says
 * what was expected. */
enum dz_opt_result dz_opt_parse(const struct dz_opt *table, void *options, int argc, char **argv, int *first_operand,
				struct dz_err *err);

/* The rows of a table and of those that it includes, offsets from the outermost; ends with DZ_OPT_END. Given. */
struct dz_opt *dz_opt_flatten(const struct dz_opt *table, size_t *count);

/* The row of a name, "--long" or "-s", in a flat table; NULL when there is none. Of a long name only the part before a
 * "=" counts, and it may be shortened as far as it is the only one. */
const struct dz_opt *dz_opt_find(const struct dz_opt *flat, const char *word);
bool dz_opt_takes_value(const struct dz_opt *opt);

/* Reads a duration as DZ_OPT_DURATION does, into nanoseconds. False when it is not one. */
bool dz_opt_duration(const char *value, uint64_t *ns);
/* Reads a size in bytes, such as 4096, 512k, 64M or 1G: powers of 1024, as sizes of memory and files are meant. False
 * when it is not one. The second one is for DZ_CALL, with a uint64_t. */
bool dz_opt_size(const char *value, uint64_t *size);
bool dz_opt_parse_size(void *target, const char *value, struct dz_err *err);
#define DZ_OPT_DURATION_EXPECTED "a duration such as 90, 90s, 250ms, 15m, 2h or 1d"

/* The option lines of a help text, in 80 columns. */
void dz_opt_print_help(const struct dz_opt *table, FILE *out);

#endif
