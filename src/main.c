/* main.c - from the first word of the command line to its subcommand. Only main exits. */
#include "config.h"
#include "distribooze/cmd.h"

int main(int argc, char **argv)
{
	const struct dz_cmd *cmd = argc > 1 ? dz_cmd_find(argv[1]) : NULL;
	if (cmd)
		return cmd->run(argc - 1, argv + 1);
	return dz_cmds[0].run(argc, argv);
}
