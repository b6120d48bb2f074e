/* SPDX-License-Identifier: BSD-2-Clause */
/* sandbox_probe.c - enters the sandbox and tries one thing: sandbox_probe READABLE WRITABLE WHERE WHAT [PATH].
 *
 * READABLE is a file or folder, WRITABLE a folder; "-" for none. WHERE is `main`, or `thread` for a thread that was
 * started inside. Prints "allowed" or "refused: REASON" (by Landlock); a forbidden system call ends the program. With
 * WHAT `state` it prints what is in force. */
#include "config.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct attempt {
	const char *what, *path;
	long result;
};

static long try_exec(void)
{
	static char name[] = "/bin/true", *words[] = { name, NULL };
	return execv(name, words);
}

static long try_memory(int protection)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page == MAP_FAILED ? -1 : mprotect(page, 4096, protection);
}

/* Takes some megabytes in small blocks and gives them back: glibc then looks, in a thread, how the kernel shares memory
 * out, and has to do without. */
static long try_to_give_back(void)
{
	enum { BLOCKS = 64, SIZE = 100000 };
	static char *blocks[BLOCKS];

	for (unsigned i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(SIZE);
		if (!blocks[i])
			return -1;
		memset(blocks[i], 1, SIZE);
	}
	for (unsigned i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	return 0;
}

static long try_handler(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	return sigaction(SIGSYS, &action, NULL);
}

static void *try(void *context)
{
	struct attempt *a = context;
	const char *what = a->what;

	errno = 0;
	a->result = !strcmp(what, "read")        ? open(a->path, O_RDONLY)
		    : !strcmp(what, "write")     ? open(a->path, O_WRONLY | O_CREAT, 0600)
		    : !strcmp(what, "rename")    ? rename(a->path, "renamed")
		    : !strcmp(what, "remove")    ? unlink(a->path)
		    : !strcmp(what, "mkdir")     ? mkdir(a->path, 0700)
		    : !strcmp(what, "socket")    ? socket(AF_INET, SOCK_STREAM, 0)
		    : !strcmp(what, "exec")      ? try_exec()
		    : !strcmp(what, "fork")      ? (long)fork()
		    : !strcmp(what, "mprotect")  ? try_memory(PROT_READ | PROT_EXEC)
		    : !strcmp(what, "memory")    ? try_memory(PROT_READ)
		    : !strcmp(what, "give-back") ? try_to_give_back()
		    : !strcmp(what, "ptrace")    ? ptrace(PTRACE_TRACEME, 0, NULL, NULL)
		    : !strcmp(what, "handler")   ? try_handler()
		    : !strcmp(what, "kill")      ? kill(1, 0)
						 : -2;
	if (a->result == -1)
		a->result = -errno - 1000;
	return NULL;
}

int main(int argc, char **argv)
{
	const char *readable = argc > 1 ? argv[1] : "-", *writable = argc > 2 ? argv[2] : "-";
	struct dz_sandbox_config config = { .readable = &readable,
					    .readable_count = strcmp(readable, "-") != 0,
					    .writable = &writable,
					    .writable_count = strcmp(writable, "-") != 0 };
	struct attempt attempt = { argc > 4 ? argv[4] : "", argc > 5 ? argv[5] : "", 0 };
	struct dz_sandbox_state state;
	struct dz_err err;
	pthread_t thread;

	if (argc < 5)
		return 2;
	if (!dz_sandbox_enter(&config, &state, &err)) {
		printf("failed: %s\n", err.text);
		return 1;
	}
	if (!strcmp(attempt.what, "state")) {
		printf("landlock %d seccomp %d %s\n", state.landlock, state.seccomp, state.why);
		return 0;
	}
	if (!strcmp(argv[3], "thread")) {
		if (pthread_create(&thread, NULL, try, &attempt) != 0 || pthread_join(thread, NULL) != 0)
			return 1;
	} else {
		try(&attempt);
	}
	if (attempt.result == -2)
		return 2;
	if (attempt.result < -1000)
		printf("refused: %s\n", strerror((int)(-attempt.result - 1000)));
	else
		puts("allowed");
	return 0;
}
