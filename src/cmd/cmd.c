/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd.c - the table of subcommands, and what all of them do alike. */
#include "config.h"
#include "cmd/cmd.h"

#include "classify/classify.h"
#include "base/log.h"
#include "record/record_json.h"
#include "capture/source.h"
#include <string.h>

const struct dz_cmd dz_cmds[] = {
	{ "flows", "[OPTION]... CAPTURE...", "one JSON line per flow: label and packet-length distribution",
	  dz_cmd_flows },
	{ "compare", "[OPTION]... INPUT...", "distributions of groups of flows side by side, and their distances",
	  dz_cmd_compare },
	{ "cluster", "[OPTION]... INPUT...", "clusters of flows that look alike, and how they agree with the labels",
	  dz_cmd_cluster },
	{ "profile", "[OPTION]... INPUT...", "a library of profiles from flows and other libraries", dz_cmd_profile },
	{ "score", "--profiles FILE [OPTION]... INPUT...",
	  "the nearest profiles of each flow; or how often they are right", dz_cmd_score },
	{ "report", "[OPTION]... INPUT... -o PAGE.html", "one self-contained HTML page about the flows",
	  dz_cmd_report },
	{ NULL, NULL, NULL, NULL },
};

const struct dz_cmd *dz_cmd_find(const char *name)
{
	for (const struct dz_cmd *cmd = dz_cmds; cmd->name; cmd++) {
		if (!strcmp(cmd->name, name))
			return cmd;
	}
	return NULL;
}

void dz_cmd_print_version(FILE *out)
{
	fprintf(out, "distribooze %s\n%s\nnDPI %s\njson-c %s\n", PACKAGE_VERSION, dz_source_library_version(),
		dz_classify_library_version(), dz_json_library_version());
}

static void print_help(const struct dz_cmd *cmd, const struct dz_opt *table, const char *help)
{
	bool implied = cmd == &dz_cmds[0];
	printf("Usage: distribooze %s%s%s %s\n\n%s\n", implied ? "[" : "", cmd->name, implied ? "]" : "", cmd->synopsis,
	       help);
	if (implied) {
		puts("Commands:");
		for (const struct dz_cmd *c = dz_cmds; c->name; c++)
			printf("  %-10s%s\n", c->name, c->summary);
		puts("'distribooze COMMAND --help' tells more of each; without a command, flows is meant.\n");
	}
	dz_opt_print_help(table, stdout);
}

bool dz_cmd_parse(const struct dz_cmd *cmd, const struct dz_opt *table, const char *help, int argc, char **argv,
		  int *first_operand, int *exit_code)
{
	struct dz_err err;
	switch (dz_opt_parse(table, argc, argv, first_operand, &err)) {
	case DZ_OPT_OK:
		return true;
	case DZ_OPT_DID_HELP:
		print_help(cmd, table, help);
		break;
	case DZ_OPT_DID_VERSION:
		dz_cmd_print_version(stdout);
		break;
	case DZ_OPT_BAD:
		dz_log_error("%s", err.text);
		dz_log_error("'distribooze %s --help' lists the options", cmd->name);
		*exit_code = DZ_EXIT_USAGE;
		return false;
	}
	*exit_code = DZ_EXIT_DONE;
	if (fflush(stdout) != 0) {
		dz_log_error("standard output: %m");
		*exit_code = DZ_EXIT_FAILED;
	}
	return false;
}
