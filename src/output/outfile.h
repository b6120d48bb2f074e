/* SPDX-License-Identifier: BSD-2-Clause */
/* outfile.h - a file of lines that is written for months: rotated, reopened, and whole again after a full disk.
 *
 * At any moment the file holds whole lines only: what a write left unfinished is cut off. FILE is always the one being
 * written; a full one is renamed to FILE.20261125T230000Z (UTC), with -1, -2, ... where that is taken. The file is
 * locked (flock), so that two programs never write to one.
 *
 * Knows bytes, lines and file names; knows no records and no threads. It never looks at the clock: it is told times. */
#ifndef DISTRIBOOZE_OUTFILE_H
#define DISTRIBOOZE_OUTFILE_H

#include "base/err.h"
#include "base/unpack.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dz_outfile_config {
	const char *path; /* borrowed; with `opened` its name in messages */
	bool opened; /* `descriptor` is open (standard output): taken, written as it is, never rotated or reopened */
	int descriptor;
	uint64_t rotate_size; /* bytes after which a file is full; one line may be longer. 0: no limit */
	uint64_t rotate_ns;   /* files end at multiples of this since 1970-01-01T00:00:00Z. 0: never */
	unsigned keep;        /* so many rotated files are left, the oldest go first. 0: all */
	mode_t mode;          /* of files that are made */
	const char *head;     /* what each file begins with (a CSV header), head_size bytes; borrowed */
	size_t head_size;
	/* Each write is a frame of its own, so that what is on the disk can be read; sizes are then those of the packed
	 * bytes. */
	enum dz_packing packing;
};

struct dz_outfile; /* opaque */

/* By its path: /dev/stdout, /dev/fd/3, /dev/null, which are opened as they are, symbolic links or not; not /dev/shm. */
bool dz_outfile_is_device(const char *path);

/* Opens the file, made when there is none, to write behind the last whole line or frame; *cut is how many bytes of an
 * unfinished one were cut off. A symbolic link is refused, and so is a file whose end is longer than a line or frame of
 * ours may be: those are somebody's data. Devices, pipes and terminals are written to as they are,
 * unless they are to be rotated. Given to the caller; NULL, with a message. */
struct dz_outfile *dz_outfile_open(const struct dz_outfile_config *config, uint64_t now_ns, uint64_t *cut,
				   struct dz_err *err) DZ_MUST_CHECK;

enum dz_outfile_result {
	DZ_OUTFILE_DONE,
	DZ_OUTFILE_FULL, /* the disk is full, or failed: what was not written as whole lines was taken back; try again
			  */
	DZ_OUTFILE_GONE  /* a pipe whose reader went away: nothing will ever be written */
};

/* Writes whole lines. *done is set to the bytes that were written, always whole lines: after FULL the rest can be tried
 * again later. */
enum dz_outfile_result dz_outfile_write(struct dz_outfile *file, const char *lines, size_t size, uint64_t now_ns,
					size_t *done, struct dz_err *err) DZ_MUST_CHECK;

/* Rotates when it is time; an empty file stays. False, with a message, when that failed: the old file goes on. */
DZ_MUST_CHECK bool dz_outfile_tick(struct dz_outfile *file, uint64_t now_ns, struct dz_err *err);

/* Closes the file and opens its path again, as it was moved away. The old file goes on when that fails. */
DZ_MUST_CHECK bool dz_outfile_reopen(struct dz_outfile *file, uint64_t now_ns, struct dz_err *err);

uint64_t dz_outfile_rotations(const struct dz_outfile *file);

/* Whether few lines at a time are to be kept until there are more: they would be packed badly. */
bool dz_outfile_is_packed(const struct dz_outfile *file);

/* Flushes to the disk, closes and frees. NULL is fine. */
DZ_MUST_CHECK bool dz_outfile_close(struct dz_outfile *file, struct dz_err *err);

#endif
