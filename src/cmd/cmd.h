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
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name; returns the exit code */
};

/* Ends with an entry without a name. The first one is meant when the first word is no subcommand. */
extern const struct dz_cmd dz_cmds[];

int dz_cmd_flows(int argc, char **argv);
int dz_cmd_report(int argc, char **argv);
int dz_cmd_cluster(int argc, char **argv);
int dz_cmd_compare(int argc, char **argv);
int dz_cmd_profile(int argc, char **argv);
int dz_cmd_score(int argc, char **argv);

/* Parses the options; returns false, with *exit_code set, when the program is to end at once: after --help or
 * --version, or after it said what is wrong with the command line. `help` opens the help text. */
bool dz_cmd_parse(const struct dz_cmd *cmd, const struct dz_opt *table, const char *help, int argc, char **argv,
		  int *first_operand, int *exit_code);

const struct dz_cmd *dz_cmd_find(const char *name);

void dz_cmd_print_version(FILE *out);

#endif
