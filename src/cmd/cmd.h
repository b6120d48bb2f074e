/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd.h - the subcommands. Each is one file in src/cmd: options in, exit code out. */
#ifndef DISTRIBOOZE_CMD_H
#define DISTRIBOOZE_CMD_H

#include "base/err.h"
#include "base/opt.h"
#include <stdio.h>

enum {
	DZ_EXIT_DONE = 0,
	DZ_EXIT_FAILED = 1, /* something failed on the way; what was readable was still written */
	DZ_EXIT_USAGE = 2   /* the command line is wrong */
};

struct dz_cmd {
	const char *name;
	const char *synopsis; /* what follows the name */
	const char *summary;
	const char *help;             /* opens the help text */
	const struct dz_opt *options; /* offsets are from what the command hands to dz_cmd_parse() */
	size_t common_at, engine_at;  /* where in them its struct dz_common and its struct dz_engine_config are */
	bool makes_temporary;         /* a file where TMPDIR says, else in /tmp */
	bool reads_profiles;          /* the libraries that come with the program */
	bool (*is_live)(const void *options); /* it opens interfaces, and enters the sandbox itself; may be NULL */
	int (*run)(int argc, char **argv);    /* argv[0] is the subcommand's name; returns the exit code */
};

extern const struct dz_cmd dz_cmd_flows, dz_cmd_compare, dz_cmd_cluster, dz_cmd_profile, dz_cmd_score, dz_cmd_report;
/* All of them, and NULL. The first one is meant when the first word is no subcommand. */
extern const struct dz_cmd *const dz_cmds[];

/* Parses the command's options into `options`, and settles what the inputs are (see words.h): argv[*first_operand] is
 * the first. Returns false, with *exit_code set, when the program is to end at once: after --help or --version, or
 * after it said what is wrong with the command line. */
bool dz_cmd_parse(const struct dz_cmd *cmd, void *options, int argc, char **argv, int *first_operand, int *exit_code);

const struct dz_cmd *dz_cmd_find(const char *name);

void dz_cmd_print_version(FILE *out);

#endif
