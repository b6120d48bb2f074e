/* SPDX-License-Identifier: BSD-2-Clause */
/* output.c - see output.h. */
#include "config.h"
#include "cmd/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where standard output is since dz_output_keep_standard(). */
static int standard = STDOUT_FILENO;

bool dz_output_keep_standard(struct dz_err *err)
{
	int own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (own < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return dz_err_set(err, "standard output: %m");
	standard = own;
	return true;
}

/* The names of descriptor 1 say what was meant, not who has that number since. */
static bool is_standard(const char *path)
{
	return !strcmp(path, "-") || !strcmp(path, "/dev/stdout") || !strcmp(path, "/dev/fd/1") ||
	       !strcmp(path, "/proc/self/fd/1");
}

bool dz_output_open(struct dz_output *out, const char *path, struct dz_err *err)
{
	if (!path || is_standard(path)) {
		/* A descriptor of its own: closing it tells of a full disk, and standard output stays open. */
		*out = (struct dz_output){ fcntl(standard, F_DUPFD_CLOEXEC, 3), "standard output", false };
		return out->fd >= 0 || dz_err_set(err, "standard output: %m");
	}
	*out = (struct dz_output){ open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), path, false };
	return out->fd >= 0 || dz_err_set(err, "%s: cannot be written: %m", path);
}

/* A terminal or pipe that another program made non-blocking is waited for. */
static bool wait_for_room(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLOUT };
	return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

bool dz_output_write(void *output, const char *bytes, size_t size, uint64_t records, struct dz_err *err)
{
	struct dz_output *out = output;
	(void)records;
	while (size) {
		ssize_t written = write(out->fd, bytes, size);
		if (written < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room(out->fd))))
			continue;
		if (written < 0) {
			out->closed_pipe = errno == EPIPE;
			return dz_err_set(err, "%s: %m", out->name);
		}
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

bool dz_output_close(struct dz_output *out, struct dz_err *err)
{
	int fd = out->fd;
	out->fd = -1;
	if (fd < 0 || close(fd) == 0)
		return true;
	return dz_err_set(err, "%s: %m", out->name);
}

bool dz_output_standard_is_terminal(void)
{
	return isatty(standard);
}

bool dz_output_is_terminal(const struct dz_output *out)
{
	return isatty(out->fd);
}

bool dz_output_is_fifo(const struct dz_output *out)
{
	struct stat status;
	return fstat(out->fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

unsigned dz_output_width(const struct dz_output *out)
{
	struct winsize size;
	return ioctl(out->fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool dz_output_is_file(const struct dz_output *out, const char *path)
{
	struct stat a, b;
	return fstat(out->fd, &a) == 0 && stat(path, &b) == 0 && is_same_file(&a, &b);
}

bool dz_output_would_empty(const char *path, const char *input)
{
	struct stat a, b;
	return path && stat(path, &a) == 0 && stat(input, &b) == 0 && is_same_file(&a, &b);
}
