/* SPDX-License-Identifier: BSD-2-Clause */
/* packed.c - see packed.h. */
#include "config.h"
#include "output/packed.h"

#include "base/mem.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 1 << 17, MAX_FRAME = 1 << 20 }; /* frames are far smaller: write_queue.h */

/* Unpacks one block and forgets it. */
static bool pass_over(struct dz_unpacker *unpacker, const uint8_t *bytes, size_t size, uint8_t *scratch,
		      struct dz_err *err)
{
	size_t used, made = 0;

	do {
		if (!dz_unpacker_run(unpacker, bytes, size, &used, scratch, STEP, &made, err))
			return false;
		bytes += used;
		size -= used;
	} while (size || made == STEP);
	return true;
}

/* False when something is damaged or cannot be read. */
static bool pass_over_file(struct dz_unpacker *unpacker, int fd, uint64_t size, struct dz_err *err)
{
	uint8_t *bytes = dz_mem_alloc(STEP), *scratch = dz_mem_alloc(STEP);
	bool fine = true;

	for (uint64_t at = 0; fine && at < size;) {
		ssize_t got = pread(fd, bytes, STEP, (off_t)at);
		if (got > 0)
			fine = pass_over(unpacker, bytes, (size_t)got, scratch, err);
		else
			fine = dz_err_set(err, "cannot be read: %s", got < 0 ? strerror(errno) : "it became shorter");
		at += got > 0 ? (uint64_t)got : 0;
	}
	free(bytes);
	free(scratch);
	return fine;
}

static bool begins_as(int fd, uint64_t size, enum dz_packing packing)
{
	uint8_t head[DZ_PACKING_HEAD];

	return size < sizeof head ||
	       (pread(fd, head, sizeof head, 0) == sizeof head && dz_packing_guess(head, sizeof head) == packing);
}

bool dz_packed_whole(int fd, uint64_t size, enum dz_packing packing, uint64_t *whole, struct dz_err *err)
{
	struct dz_unpacker *unpacker;
	bool fine;

	if (!begins_as(fd, size, packing))
		return dz_err_set(err, "it is not compressed as its name says; move it away");
	unpacker = dz_unpacker_new(packing, err);
	if (!unpacker)
		return false;
	fine = pass_over_file(unpacker, fd, size, err);
	*whole = dz_unpacker_whole(unpacker);
	dz_unpacker_free(unpacker);
	if (size - *whole <= MAX_FRAME)
		return true;
	return fine ? dz_err_set(err, "its data break off within what is longer than any of ours; move it away")
		    : dz_err_prefix(err, "its data are damaged; move it away");
}
