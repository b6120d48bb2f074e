/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - from the first word of the command line to its subcommand. Only main exits. */
#include "config.h"
#include "cmd/cmd.h"
#include "cmd/words.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* A standard descriptor that is closed would become the next file that is opened, and what is printed would land in
 * it. /dev/null is opened in the opposite direction, so that use still fails with EBADF. */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
	}
}

/* A file that must not grow any more (ulimit -f) is then told as a full disk is, by write(), and not by the death of
 * the program in the middle of a line. */
static void survive_file_limits(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGXFSZ, &ignore, NULL);
}

/* `distribooze help [COMMAND]`, as many expect it. */
static int help(const char *name)
{
	const struct dz_cmd *cmd = name ? dz_cmd_find(name) : dz_cmds[0];
	char option[] = "--help", *words[] = { NULL, option, NULL };

	if (!cmd)
		return dz_words_unknown(name);
	words[0] = (char *)(uintptr_t)cmd->name;
	return cmd->run(2, words);
}

int main(int argc, char **argv)
{
	const struct dz_cmd *cmd;

	fill_standard_descriptors();
	survive_file_limits();
	if (argc > 1 && !strcmp(argv[1], "help"))
		return help(argc > 2 ? argv[2] : NULL);
	cmd = dz_words_command(&argc, &argv);
	return cmd ? cmd->run(argc, argv) : DZ_EXIT_USAGE;
}
