/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd.c - the table of subcommands, and what all of them do alike. */
#include "config.h"
#include "cmd/cmd.h"

#include "classify/classify.h"
#include "cmd/confine.h"
#include "cmd/live.h"
#include "cmd/output.h"
#include "sandbox/sandbox.h"
#include "cmd/words.h"
#include "base/log.h"
#include "base/unpack.h"
#include "record/json_build.h"
#include "capture/source.h"
#include "stats/domain.h"
#include <errno.h>
#include <string.h>

const struct dz_cmd *const dz_cmds[] = {
	&dz_cmd_flows, &dz_cmd_compare, &dz_cmd_cluster, &dz_cmd_profile, &dz_cmd_score, &dz_cmd_report, NULL
};

const struct dz_cmd *dz_cmd_find(const char *name)
{
	for (size_t i = 0; dz_cmds[i]; i++) {
		if (!strcmp(dz_cmds[i]->name, name))
			return dz_cmds[i];
	}
	return NULL;
}

void dz_cmd_print_version(FILE *out)
{
	fprintf(out, "distribooze %s\n%s\n%s\njson-c %s\n%s, %s, %s\nsandbox: %s\n", PACKAGE_VERSION,
		dz_source_library_version(), dz_classify_library(), dz_json_library_version(),
		dz_packing_known(DZ_PACKING_GZIP) ? "gzip" : "no gzip",
		dz_packing_known(DZ_PACKING_ZSTD) ? "zstd" : "no zstd",
		dz_domain_known() ? "public suffix list" : "no public suffix list", dz_sandbox_parts());
}

static void print_help(const struct dz_cmd *cmd)
{
	bool implied = cmd == dz_cmds[0];
	printf("Usage: distribooze %s%s%s %s\n\n%s\n", implied ? "[" : "", cmd->name, implied ? "]" : "", cmd->synopsis,
	       cmd->help);
	if (implied) {
		puts("Commands:");
		for (size_t i = 0; dz_cmds[i]; i++)
			printf("  %-10s%s\n", dz_cmds[i]->name, dz_cmds[i]->summary);
		puts("'distribooze COMMAND --help' tells more of each; without a command, flows is meant.\n");
	}
	dz_opt_print_help(cmd->options, stdout);
}

/* Other commands than flows read what flows wrote, also while it captures. */
static void tell_of_live(const struct dz_cmd *cmd, int argc, char **argv)
{
	for (int i = 1; !cmd->is_live && i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (dz_live_is_option(argv[i])) {
			dz_log_error("%s: a live capture is flows': pipe the flows in, 'distribooze -i eth0 | "
				     "distribooze %s -'",
				     argv[i], cmd->name);
			return;
		}
	}
}

bool dz_cmd_parse(const struct dz_cmd *cmd, void *options, int argc, char **argv, int *first_operand, int *exit_code)
{
	struct dz_err err;
	switch (dz_opt_parse(cmd->options, options, argc, argv, first_operand, &err)) {
	case DZ_OPT_OK:
		if (!dz_words_settle(cmd, options, argc, argv, first_operand)) {
			*exit_code = DZ_EXIT_USAGE;
			return false;
		}
		if (dz_output_keep_standard(&err) &&
		    ((cmd->is_live && cmd->is_live(options)) ||
		     dz_confine(cmd, options, argv + *first_operand, (size_t)(argc - *first_operand), &err)))
			return true;
		dz_log_error("%s", err.text);
		*exit_code = DZ_EXIT_FAILED;
		return false;
	case DZ_OPT_DID_HELP:
		print_help(cmd);
		break;
	case DZ_OPT_DID_VERSION:
		dz_cmd_print_version(stdout);
		break;
	case DZ_OPT_BAD:
		dz_log_error("%s", err.text);
		tell_of_live(cmd, argc, argv);
		dz_log_error("'distribooze %s --help' lists the options", cmd->name);
		*exit_code = DZ_EXIT_USAGE;
		return false;
	}
	*exit_code = DZ_EXIT_DONE;
	if (fflush(stdout) != 0) {
		dz_log_error("standard output: %s", strerror(errno));
		*exit_code = DZ_EXIT_FAILED;
	}
	return false;
}
