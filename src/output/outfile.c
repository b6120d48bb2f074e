/* SPDX-License-Identifier: BSD-2-Clause */
/* outfile.c - see outfile.h. */
#include "config.h"
#include "output/outfile.h"

#include "base/mem.h"
#include "base/pack.h"
#include "output/packed.h"
#include "output/rotated.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct dz_outfile {
	struct dz_outfile_config config;
	int fd;
	bool regular;
	uint64_t size;            /* of whole lines; for what is no regular file, bytes written */
	uint64_t head_end;        /* size of the file when it had its head, and no line */
	struct dz_packer *packer; /* NULL: bytes as they are */
	uint64_t ends_ns;         /* when it is to be rotated by time; UINT64_MAX: never */
	uint64_t rotations;
};

/* ---- opening ---- */

/* What is longer is no line of ours that a write left unfinished, but somebody's data. */
#define LONGEST_LINE (UINT64_C(1) << 22)

/* How much of the file is whole lines: up to its last newline, which is looked for as far ahead of the end as a line
 * may be long. */
static bool whole_lines(int fd, uint64_t size, uint64_t *whole, struct dz_err *err)
{
	const uint64_t all = size;
	char block[4096];

	while (size) {
		if (all - size > LONGEST_LINE)
			return dz_err_set(err, "its last line is longer than any of ours; move it away");
		size_t part = size < sizeof block ? (size_t)size : sizeof block;
		ssize_t got = pread(fd, block, part, (off_t)(size - part));
		if (got != (ssize_t)part)
			return dz_err_set(err, "cannot be read: %s", got < 0 ? strerror(errno) : "it became shorter");
		for (; part; part--, size--) {
			if (block[part - 1] == '\n') {
				*whole = size;
				return true;
			}
		}
	}
	*whole = 0;
	return true;
}

static bool lock_and_cut(const struct dz_outfile *f, int fd, uint64_t size, uint64_t *whole, struct dz_err *err)
{
	const char *path = f->config.path;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return dz_err_set(err, "%s: another program writes to it", path);
	if (!(f->packer ? dz_packed_whole(fd, size, f->config.packing, whole, err) : whole_lines(fd, size, whole, err)))
		return dz_err_prefix(err, "%s", path);
	if (*whole < size && ftruncate(fd, (off_t)*whole) != 0)
		return dz_err_set(err, "%s: its unfinished end cannot be cut off: %s", path, strerror(errno));
	return true;
}

bool dz_outfile_is_device(const char *path)
{
	return !strncmp(path, "/dev/", 5) && strncmp(path, "/dev/shm/", 9) != 0;
}

/* Regular files are looked into for their last line. A FIFO that is opened for reading, too, would never lose its
 * reader. */
static int open_path(const struct dz_outfile_config *config)
{
	int flags = O_CLOEXEC | O_NOCTTY;
	struct stat status;

	if (dz_outfile_is_device(config->path) || (lstat(config->path, &status) == 0 && S_ISFIFO(status.st_mode)))
		return open(config->path, O_WRONLY | flags);
	return open(config->path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | flags, config->mode);
}

static uint64_t next_multiple(uint64_t now_ns, uint64_t step)
{
	return step ? (now_ns / step + 1) * step : UINT64_MAX;
}

/* The file at the path becomes the one that is written; what was open before is untouched when this fails. */
static bool open_file(struct dz_outfile *f, uint64_t now_ns, uint64_t *cut, struct dz_err *err)
{
	const struct dz_outfile_config *config = &f->config;
	bool rotates = config->rotate_size || config->rotate_ns, regular;
	uint64_t whole = 0;
	struct stat status;
	int fd = config->opened ? config->descriptor : open_path(config);

	*cut = 0;
	if (fd < 0 && errno == ELOOP)
		return dz_err_set(err, "%s: is a symbolic link, which is not followed", config->path);
	if (fd < 0 || fstat(fd, &status) != 0) {
		dz_err_set(err, "%s: cannot be written: %s", config->path, strerror(errno));
		goto failed;
	}
	if (!S_ISREG(status.st_mode) && rotates) {
		dz_err_set(err, "%s: is no regular file, and cannot be rotated", config->path);
		goto failed;
	}
	regular = S_ISREG(status.st_mode) && !config->opened;
	if (regular && !lock_and_cut(f, fd, (uint64_t)status.st_size, &whole, err))
		goto failed;
	*cut = regular ? (uint64_t)status.st_size - whole : 0;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = fd;
	f->regular = regular;
	f->size = whole;
	f->head_end = f->packer ? 0 : config->head_size;
	f->ends_ns = next_multiple(now_ns, config->rotate_ns);
	return true;
failed:
	if (fd >= 0)
		close(fd);
	return false;
}

struct dz_outfile *dz_outfile_open(const struct dz_outfile_config *config, uint64_t now_ns, uint64_t *cut,
				   struct dz_err *err)
{
	struct dz_outfile *f = dz_mem_zalloc(1, sizeof *f);

	f->config = *config;
	f->fd = -1;
	if (config->packing != DZ_PACKING_NONE) {
		f->packer = dz_packer_new(config->packing, err);
		if (!f->packer)
			goto failed;
	}
	if (open_file(f, now_ns, cut, err))
		return f;
failed:
	dz_packer_free(f->packer);
	free(f);
	return NULL;
}

/* ---- writing ---- */

static bool wait_for_room(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLOUT };

	return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

/* How many bytes went; errno tells why not all did. */
static size_t write_bytes(int fd, const char *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t written = write(fd, bytes + done, size - done);
		if (written < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room(fd))))
			continue;
		if (written < 0)
			break;
		done += (size_t)written;
	}
	return done;
}

/* The bytes of whole lines at the front. */
static size_t lines_in(const char *bytes, size_t size)
{
	while (size && bytes[size - 1] != '\n')
		size--;
	return size;
}

/* Lines, and what the file gets for them: themselves, or a frame. */
struct part {
	const char *lines, *bytes; /* borrowed */
	size_t lines_size, size;
};

static void make_part(struct dz_outfile *f, const char *lines, size_t size, struct part *part)
{
	*part = (struct part){ .lines = lines, .bytes = lines, .lines_size = size, .size = size };
	if (f->packer)
		part->bytes = dz_packer_frame(f->packer, lines, size, &part->size);
}

/* What goes into one file. After a failure the file is as long as the lines that are whole, or the frames. */
static enum dz_outfile_result append(struct dz_outfile *f, const struct part *part, size_t *done, struct dz_err *err)
{
	size_t went = write_bytes(f->fd, part->bytes, part->size), kept;
	int code = errno;

	kept = went == part->size ? went : f->packer ? 0 : lines_in(part->bytes, went);
	*done = kept == part->size ? part->lines_size : kept;
	f->size += kept;
	if (went == part->size)
		return DZ_OUTFILE_DONE;
	dz_err_set(err, "%s: %s", f->config.path, strerror(code));
	if (code == EPIPE)
		return DZ_OUTFILE_GONE;
	if (f->regular && went > kept && ftruncate(f->fd, (off_t)f->size) != 0)
		dz_err_set(err, "%s: %s, and a cut line cannot be taken back: %s", f->config.path, strerror(code),
			   strerror(errno));
	return DZ_OUTFILE_FULL;
}

/* Whether the path still is the file's that is open: others may have moved it away, or we have. */
static bool is_in_place(const struct dz_outfile *f)
{
	struct stat here, there;

	return fstat(f->fd, &here) == 0 && lstat(f->config.path, &there) == 0 && here.st_ino == there.st_ino &&
	       here.st_dev == there.st_dev;
}

/* The stamp is the moment at which the file ended. What else is at the path by now is never renamed; and where the last
 * attempt got as far as that, there is only a file to be opened. */
static bool rotate(struct dz_outfile *f, uint64_t stamp_ns, uint64_t now_ns, struct dz_err *err)
{
	uint64_t cut;

	if (is_in_place(f) && !dz_rotated_move(f->config.path, stamp_ns, err))
		return false;
	if (!open_file(f, now_ns, &cut, err))
		return false;
	f->rotations++;
	return !f->config.keep || dz_rotated_remove_oldest(f->config.path, f->config.keep, err);
}

/* One line, which may be longer than a file. */
static size_t first_line(const char *lines, size_t size)
{
	const char *end = memchr(lines, '\n', size);

	return end ? (size_t)(end - lines) + 1 : size;
}

/* Fewer lines, as these do not fit; none where the file can be rotated instead. */
static size_t fewer_lines(const struct dz_outfile *f, const char *lines, size_t size, uint64_t room)
{
	size_t fitting = f->packer ? 0 : lines_in(lines, (size_t)room);

	if (fitting || f->size > f->head_end)
		return fitting;
	fitting = f->packer ? lines_in(lines, size / 2) : 0;
	return fitting ? fitting : first_line(lines, size);
}

/* The lines at the front that the file still has room for; a file that is empty but for its head takes one at least. */
static void fit_part(struct dz_outfile *f, const char *lines, size_t size, struct part *part)
{
	uint64_t most = f->config.rotate_size, room = most > f->size ? most - f->size : 0;
	size_t before;

	do {
		before = size;
		make_part(f, lines, size, part);
		if (most && part->size > room)
			size = fewer_lines(f, lines, size, room);
	} while (size && size < before);
	if (!size)
		part->lines_size = 0;
}

static enum dz_outfile_result write_head(struct dz_outfile *f, struct dz_err *err)
{
	enum dz_outfile_result result;
	struct part part;
	size_t done;

	if (f->size || !f->config.head_size)
		return DZ_OUTFILE_DONE;
	make_part(f, f->config.head, f->config.head_size, &part);
	result = append(f, &part, &done, err);
	f->head_end = f->size;
	return result;
}

enum dz_outfile_result dz_outfile_write(struct dz_outfile *f, const char *lines, size_t size, uint64_t now_ns,
					size_t *done, struct dz_err *err)
{
	enum dz_outfile_result result = DZ_OUTFILE_DONE;
	struct part part;
	size_t went;

	*done = 0;
	if (!dz_outfile_tick(f, now_ns, err))
		return DZ_OUTFILE_FULL;
	while (result == DZ_OUTFILE_DONE && *done < size) {
		result = write_head(f, err);
		if (result != DZ_OUTFILE_DONE)
			break;
		fit_part(f, lines + *done, size - *done, &part);
		if (!part.lines_size) {
			result = rotate(f, now_ns, now_ns, err) ? DZ_OUTFILE_DONE : DZ_OUTFILE_FULL;
			continue;
		}
		result = append(f, &part, &went, err);
		*done += went;
	}
	return result;
}

/* ---- time and life ---- */

bool dz_outfile_tick(struct dz_outfile *f, uint64_t now_ns, struct dz_err *err)
{
	uint64_t ended = f->ends_ns;

	if (now_ns < ended)
		return true;
	f->ends_ns = next_multiple(now_ns, f->config.rotate_ns);
	return !f->size || rotate(f, ended, now_ns, err);
}

bool dz_outfile_reopen(struct dz_outfile *f, uint64_t now_ns, struct dz_err *err)
{
	uint64_t cut;

	/* Nothing was moved away: our own lock would stand in the way. */
	if (f->config.opened || (f->regular && is_in_place(f)))
		return true;
	return open_file(f, now_ns, &cut, err);
}

uint64_t dz_outfile_rotations(const struct dz_outfile *f)
{
	return f->rotations;
}

bool dz_outfile_is_packed(const struct dz_outfile *f)
{
	return f->packer;
}

bool dz_outfile_close(struct dz_outfile *f, struct dz_err *err)
{
	bool fine = true;

	if (!f)
		return true;
	if ((f->regular && fsync(f->fd) != 0) || close(f->fd) != 0)
		fine = dz_err_set(err, "%s: %s", f->config.path, strerror(errno));
	dz_packer_free(f->packer);
	free(f);
	return fine;
}
