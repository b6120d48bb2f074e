/* SPDX-License-Identifier: BSD-2-Clause */
/* pump.c - see pump.h. */
#include "config.h"
#include "input/pump.h"

#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pump {
	int in, out; /* owned */
	size_t size;
	char bytes[1 << 16]; /* the first `size` are to be written first */
};

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t put = write(fd, bytes, size);
		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0) {
			bytes += put;
			size -= (size_t)put;
		}
	}
	return true;
}

static void *run(void *context)
{
	struct pump *pump = context;

	while (write_all(pump->out, pump->bytes, pump->size)) {
		ssize_t got = read(pump->in, pump->bytes, sizeof pump->bytes);
		if (got == 0 || (got < 0 && errno != EINTR))
			break;
		pump->size = got > 0 ? (size_t)got : 0;
	}
	close(pump->out);
	close(pump->in);
	free(pump);
	return NULL;
}

bool dz_pump_start(int fd, const char *bytes, size_t size, int *out, struct dz_err *err)
{
	struct pump *pump = dz_mem_alloc(sizeof *pump);
	sigset_t block, before;
	pthread_t thread;
	int ends[2] = { -1, -1 }, failed;

	if (size > sizeof pump->bytes || pipe2(ends, O_CLOEXEC)) {
		dz_err_set(err, "no pipe could be made: %s", strerror(errno));
		close(fd);
		free(pump);
		return false;
	}
	pump->in = fd;
	pump->out = ends[1];
	pump->size = size;
	memcpy(pump->bytes, bytes, size);
	/* A reader that stops early must not end the program by SIGPIPE: the thread inherits the mask. */
	sigfillset(&block);
	pthread_sigmask(SIG_SETMASK, &block, &before);
	failed = pthread_create(&thread, NULL, run, pump);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		dz_err_set(err, "no thread could be started: %s", strerror(failed));
		close(fd);
		close(ends[0]);
		close(ends[1]);
		free(pump);
		return false;
	}
	pthread_detach(thread);
	*out = ends[0];
	return true;
}
