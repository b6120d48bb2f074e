/* main.c - from the first word of the command line to its subcommand. Only main exits. */
#include "config.h"
#include "distribooze/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A standard descriptor that is closed would become the next file that is opened, and what is printed would land in
 * it. It is filled the wrong way round, so that using it still fails. */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
	}
}

int main(int argc, char **argv)
{
	const struct dz_cmd *cmd = argc > 1 ? dz_cmd_find(argv[1]) : NULL;
	fill_standard_descriptors();
	if (cmd)
		return cmd->run(argc - 1, argv + 1);
	return dz_cmds[0].run(argc, argv);
}
