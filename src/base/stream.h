/* SPDX-License-Identifier: BSD-2-Clause */
/* stream.h - the bytes of a file, a pipe or standard input, in order, unpacked where they are compressed.
 *
 * The one way in which anything that may be large is read: captures and JSON lines alike. A reader looks at the bytes
 * that come next, as many as it needs in one piece, and moves on over them; what it only looked at is still there for
 * whoever reads next. Knows file descriptors and compression; knows nothing of what is in the bytes. */
#ifndef DISTRIBOOZE_STREAM_H
#define DISTRIBOOZE_STREAM_H

#include "base/err.h"
#include "base/strbuf.h"
#include <stddef.h>
#include <stdint.h>

struct dz_block;
struct dz_stream; /* opaque; used by one thread at a time */

enum dz_stream_status {
	DZ_STREAM_THERE, /* as many bytes as were asked for */
	DZ_STREAM_IDLE,  /* a pipe has brought nothing for a while, or a signal came: ask again */
	DZ_STREAM_END,   /* fewer bytes, and no more will come */
	DZ_STREAM_FAILED /* fewer bytes, and what comes then cannot be read: dz_stream_failure() */
};

/* How long a stream waits for bytes before it is IDLE. Whoever reads looks after other things at least as often. */
enum { DZ_STREAM_WAIT_MS = 250 };

enum dz_stream_use {
	DZ_STREAM_LOOK,   /* a look at the beginning */
	DZ_STREAM_BESIDE, /* all of it, as one of many */
	DZ_STREAM_READ    /* all of it: with larger buffers, and a thread of its own for decompression */
};

/* Opens `path` ("-": standard input, from where it stands). Does not block: a FIFO without a writer yet
 * is IDLE. NULL with a message that does not name the path. */
struct dz_stream *dz_stream_open(const char *path, enum dz_stream_use use, struct dz_err *err) DZ_MUST_CHECK;
/* The same over an open descriptor, which is taken. */
struct dz_stream *dz_stream_new(int fd, enum dz_stream_use use);
/* Before anything is read of a regular file: begins there. */
DZ_MUST_CHECK bool dz_stream_seek(struct dz_stream *stream, uint64_t offset, struct dz_err *err);
void dz_stream_free(struct dz_stream *stream);

/* Waits for at least `size` bytes; *bytes and *there have all that can be had without waiting, also where that is less.
 * They are borrowed until the next call, may be written over, and have room for one byte more behind them. Memory grows
 * with the bytes that came, not with `size`. */
enum dz_stream_status dz_stream_peek(struct dz_stream *stream, size_t size, uint8_t **bytes, size_t *there);

/* What the bytes of the last dz_stream_peek() lie in, borrowed until the next one. Who holds it (base/block.h) may keep
 * looking at bytes that were moved over, for ever; they are not written over any more. */
struct dz_block *dz_stream_block(const struct dz_stream *stream);

/* Moves on over bytes that are there. They can still be looked at until the next dz_stream_peek(). */
void dz_stream_skip(struct dz_stream *stream, size_t size);

/* Adds all that is left to the text, waiting for it. False, with a message that does not name the path, when it cannot
 * be read to its end or there are more than `limit` bytes. */
DZ_MUST_CHECK bool dz_stream_read_all(struct dz_stream *stream, size_t limit, struct dz_strbuf *text,
				      struct dz_err *err);

/* Why a stream FAILED, without the path. "gzip decompression failed at offset 12: invalid code" */
const char *dz_stream_failure(const struct dz_stream *stream);

/* Plain bytes that were moved over. */
uint64_t dz_stream_offset(const struct dz_stream *stream);
/* Stored bytes used up, for progress; compressed ones where the stream is compressed. */
uint64_t dz_stream_position(const struct dz_stream *stream);

/* Whether it is a regular file: reading it never waits for anybody. */
bool dz_stream_is_regular(const struct dz_stream *stream);
/* Whether it is compressed; known after the first dz_stream_peek() that was not IDLE. */
bool dz_stream_is_packed(const struct dz_stream *stream);

#endif
