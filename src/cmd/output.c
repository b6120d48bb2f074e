/* SPDX-License-Identifier: BSD-2-Clause */
/* output.c - see output.h. */
#include "config.h"
#include "cmd/output.h"

#include "base/mem.h"
#include "base/pack.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where standard output is since dz_output_keep_standard(). */
static int standard = STDOUT_FILENO;

bool dz_output_keep_standard(struct dz_err *err)
{
	int own;

	if (standard != STDOUT_FILENO)
		return true;
	own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (own < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return dz_err_set(err, "standard output: %s", strerror(errno));
	standard = own;
	return true;
}

/* The names of descriptor 1 say what was meant, not who has that number since. */
static bool is_standard(const char *path)
{
	return !strcmp(path, "-") || !strcmp(path, "/dev/stdout") || !strcmp(path, "/dev/fd/1") ||
	       !strcmp(path, "/proc/self/fd/1");
}

/* A file's name says how it is compressed. */
static bool start_packing(struct dz_output *out, const char *path, struct dz_err *err)
{
	enum dz_packing packing = dz_packing_of_name(path);

	if (packing == DZ_PACKING_NONE)
		return true;
	out->packer = dz_packer_new(packing, err);
	return out->packer || dz_err_prefix(err, "%s: cannot be compressed", path);
}

bool dz_output_open(struct dz_output *out, const char *path, struct dz_err *err)
{
	struct stat status;

	if (!path || is_standard(path)) {
		/* A descriptor of its own: closing it tells of a full disk, and standard output stays open. */
		*out = (struct dz_output){ .fd = fcntl(standard, F_DUPFD_CLOEXEC, 3), .name = "standard output" };
		return out->fd >= 0 || dz_err_set(err, "standard output: %s", strerror(errno));
	}
	*out = (struct dz_output){ .fd = -1, .name = path };
	if (!start_packing(out, path, err))
		return false;
	out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out->fd < 0) {
		dz_err_set(err, "%s: cannot be written: %s", path, strerror(errno));
		dz_output_abandon(out);
		return false;
	}
	out->regular = fstat(out->fd, &status) == 0 && S_ISREG(status.st_mode);
	return true;
}

/* A terminal or pipe that another program made non-blocking is waited for. */
static bool wait_for_room(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLOUT };
	return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

static bool fail(struct dz_output *out, struct dz_err *err)
{
	out->failed = true;
	out->closed_pipe = errno == EPIPE;
	dz_err_set(err, "%s: %s", out->name, strerror(errno));
	if (out->regular)
		(void)!ftruncate(out->fd, (off_t)out->whole);
	return false;
}

static bool write_all(struct dz_output *out, const char *bytes, size_t size, struct dz_err *err)
{
	size_t left = size;

	while (left) {
		ssize_t written = write(out->fd, bytes, left);
		if (written < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room(out->fd))))
			continue;
		if (written < 0)
			return fail(out, err);
		bytes += written;
		left -= (size_t)written;
	}
	out->whole += size;
	return true;
}

bool dz_output_write(void *output, const char *bytes, size_t size, uint64_t records, struct dz_err *err)
{
	struct dz_output *out = output;

	(void)records;
	if (out->packer && size)
		bytes = dz_packer_add(out->packer, bytes, size, &size);
	return write_all(out, bytes, size, err);
}

/* What belongs at the end of a compressed file. */
static bool end_packing(struct dz_output *out, struct dz_err *err)
{
	size_t size;
	const char *bytes = dz_packer_end(out->packer, &size);
	bool fine = out->failed || write_all(out, bytes, size, err); /* told already */

	dz_packer_free(out->packer);
	out->packer = NULL;
	return fine;
}

/* ---- whole documents ---- */

static void block_signals(sigset_t *before)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, before);
}

/* "folder/.distribooze.XXXXXX" beside the target. */
static char *temporary_beside(const char *target)
{
	static const char name[] = ".distribooze.XXXXXX";
	const char *slash = strrchr(target, '/');
	size_t folder = slash ? (size_t)(slash - target) + 1 : 0;
	char *path = dz_mem_alloc(folder + sizeof name);

	memcpy(path, target, folder);
	memcpy(path + folder, name, sizeof name);
	return path;
}

/* The new file is what the old one was, or what a new one would be. */
static void take_after(int fd, const struct stat *old)
{
	mode_t mask;

	if (old) {
		if (fchown(fd, old->st_uid, old->st_gid) == 0)
			fchmod(fd, old->st_mode & 07777);
		else
			fchmod(fd, old->st_mode & 0777); /* no set-user-ID of another owner */
		return;
	}
	mask = umask(0);
	umask(mask);
	fchmod(fd, 0666 & ~mask);
}

bool dz_output_begin(struct dz_output *out, const char *path, struct dz_err *err)
{
	struct stat old;
	bool is_old = path && stat(path, &old) == 0, link = path && !is_old && lstat(path, &old) == 0;
	char *temporary, *target;
	int fd;

	if (!path || is_standard(path) || link || (is_old && (!S_ISREG(old.st_mode) || access(path, W_OK) != 0)))
		return dz_output_open(out, path, err);
	target = is_old ? realpath(path, NULL) : dz_mem_strdup(path);
	temporary = temporary_beside(target ? target : path);
	fd = target ? mkostemp(temporary, O_CLOEXEC) : -1;
	if (fd < 0) {
		int error = errno;
		free(temporary);
		free(target);
		if (is_old && (error == EACCES || error == EPERM))
			return dz_output_open(out, path, err);
		return dz_err_set(err, "%s: cannot be written: %s", path, strerror(error));
	}
	*out = (struct dz_output){ .fd = fd, .name = path, .temporary = temporary, .target = target };
	take_after(fd, is_old ? &old : NULL);
	block_signals(&out->signals);
	if (start_packing(out, path, err))
		return true;
	dz_output_abandon(out);
	return false;
}

/* What is renamed is on the disk when its folder is. */
static void sync_folder(const char *target)
{
	const char *slash = strrchr(target, '/');
	char *folder = dz_mem_strdup(slash ? target : ".");
	int fd;

	if (slash)
		folder[slash == target ? 1 : slash - target] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

static void forget(struct dz_output *out)
{
	free(out->temporary);
	free(out->target);
	out->temporary = out->target = NULL;
	sigprocmask(SIG_SETMASK, &out->signals, NULL);
}

/* `fine`: all of it was written, else there is a message. fsync() knows nothing of some file systems. */
static bool put_in_place(struct dz_output *out, int fd, bool fine, struct dz_err *err)
{
	bool synced = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
	int error = errno;
	bool done = close(fd) == 0 && fine && synced && rename(out->temporary, out->target) == 0;

	if (done) {
		sync_folder(out->target);
	} else {
		error = synced ? errno : error;
		unlink(out->temporary);
		if (fine)
			dz_err_set(err, "%s: %s", out->name, strerror(error));
	}
	forget(out);
	return done;
}

bool dz_output_close(struct dz_output *out, struct dz_err *err)
{
	bool fine = !out->packer || out->fd < 0 || end_packing(out, err);
	int fd = out->fd;

	out->fd = -1;
	if (fd >= 0 && out->temporary)
		return put_in_place(out, fd, fine, err);
	if (fd < 0 || close(fd) == 0)
		return fine;
	return fine && dz_err_set(err, "%s: %s", out->name, strerror(errno));
}

void dz_output_abandon(struct dz_output *out)
{
	dz_packer_free(out->packer);
	out->packer = NULL;
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
	if (!out->temporary)
		return;
	unlink(out->temporary);
	forget(out);
}

bool dz_output_document(const char *path, const char *bytes, size_t size, struct dz_err *err)
{
	struct dz_output out;

	if (!dz_output_begin(&out, path, err))
		return false;
	if (dz_output_write(&out, bytes, size, 0, err))
		return dz_output_close(&out, err);
	dz_output_abandon(&out);
	return out.closed_pipe;
}

/* ---- what it is ---- */

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

/* Whether the file is one of a folder's, by its number: what is in it need not be looked at. */
static bool is_in_folder(const struct stat *file, const char *path)
{
	const struct dirent *entry;
	DIR *folder = opendir(path);
	bool found = false;

	while (folder && !found && (entry = readdir(folder))) {
		struct stat status;
		found = fstatat(dirfd(folder), entry->d_name, &status, 0) == 0 && is_same_file(&status, file);
	}
	if (folder)
		closedir(folder);
	return found;
}

bool dz_output_overwrites(const char *path, const char *input)
{
	struct stat output, status;

	if ((!path || is_standard(path) ? fstat(standard, &output) : stat(path, &output)) != 0 ||
	    !S_ISREG(output.st_mode))
		return false;
	if ((!strcmp(input, "-") ? fstat(STDIN_FILENO, &status) : stat(input, &status)) != 0)
		return false;
	if (S_ISDIR(status.st_mode))
		return is_in_folder(&output, input);
	return is_same_file(&output, &status);
}
