/* SPDX-License-Identifier: BSD-2-Clause */
/* stream_internal.h - what stands behind a stream: a descriptor, the unpacker over it, and the thread before that.
 * Private to stream*.c. */
#ifndef DISTRIBOOZE_STREAM_INTERNAL_H
#define DISTRIBOOZE_STREAM_INTERNAL_H

#include "base/stream.h"
#include "base/unpack.h"
#include <stdatomic.h>

/* A file as it is stored, and how it is unpacked. */
struct dz_stored {
	int fd;                       /* owned */
	bool regular;                 /* never to be waited for */
	_Atomic uint64_t position;    /* bytes used up */
	struct dz_unpacker *unpacker; /* owned; NULL: stored as it is */
	uint8_t *packed;              /* owned: compressed bytes that were read, between begin and end */
	size_t begin, end, capacity;
};

/* Gives the next plain bytes, at least one: THERE, with how many; or IDLE, END, FAILED (with a message), without any.
 */
enum dz_stream_status dz_stored_read(struct dz_stored *stored, uint8_t *bytes, size_t size, size_t *got,
				     struct dz_err *err);

/* The same, read ahead by a thread. */
struct dz_ahead; /* opaque */

/* Borrows `stored`, which belongs to the thread until the thing is freed. NULL when no thread can be started. */
struct dz_ahead *dz_ahead_new(struct dz_stored *stored);
void dz_ahead_free(struct dz_ahead *ahead);
enum dz_stream_status dz_ahead_read(struct dz_ahead *ahead, uint8_t *bytes, size_t size, size_t *got,
				    struct dz_err *err);

#endif
