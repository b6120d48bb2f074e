/* SPDX-License-Identifier: BSD-2-Clause */
/* stream.c - a buffer over a file, a pipe or standard input: see stream.h. */
#include "config.h"
#include "base/stream.h"

#include "base/block.h"
#include "base/mem.h"
#include "base/stream_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOK_SIZE = 1 << 12, BESIDE_SIZE = 1 << 15, READ_SIZE = 1 << 17 };

/* Blocks that were read into and that others may still hold, to be used again when these are done: a queue, for who
 * came first is mostly done first. There are no more than its holders need, some dozens. */
struct retired {
	struct dz_block **blocks; /* owned */
	size_t capacity, count;
};

struct dz_stream {
	struct dz_stored stored;
	struct dz_ahead *ahead; /* owned; NULL: read here */
	enum dz_stream_use use;
	bool begun;  /* how it is packed is known */
	bool packed; /* it is */
	bool over;   /* no more will come */
	bool failed; /* because of `err` */
	struct dz_err err;
	struct dz_block *block; /* what is read into, between begin and end: a byte more than the capacity */
	size_t capacity, begin, end;
	struct retired retired;
	uint64_t offset;
};

/* ---- as stored ---- */

/* Waits for a pipe, but not for ever. */
static bool is_ready(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLIN };
	return poll(&wanted, 1, DZ_STREAM_WAIT_MS) > 0;
}

/* Reads once, as stored. */
static enum dz_stream_status read_some(struct dz_stored *stored, uint8_t *bytes, size_t size, size_t *got,
				       struct dz_err *err)
{
	ssize_t done;

	if (!stored->regular && !is_ready(stored->fd))
		return DZ_STREAM_IDLE;
	do
		done = read(stored->fd, bytes, size);
	while (done < 0 && errno == EINTR && stored->regular);
	if (done < 0 && (errno == EINTR || errno == EAGAIN))
		return DZ_STREAM_IDLE;
	if (done < 0) {
		dz_err_set(err, "cannot be read: %s", strerror(errno));
		return DZ_STREAM_FAILED;
	}
	*got = (size_t)done;
	return done ? DZ_STREAM_THERE : DZ_STREAM_END;
}

static void add_position(struct dz_stored *stored, size_t size)
{
	atomic_fetch_add_explicit(&stored->position, size, memory_order_relaxed);
}

/* Refills the compressed bytes when all were used up. At the end of the file, whether it may end there. */
static enum dz_stream_status refill(struct dz_stored *stored, struct dz_err *err)
{
	size_t got = 0;
	enum dz_stream_status status;

	status = read_some(stored, stored->packed, stored->capacity, &got, err);
	if (status == DZ_STREAM_END && !dz_unpacker_may_end(stored->unpacker, err))
		return DZ_STREAM_FAILED;
	stored->begin = 0;
	stored->end = got;
	return status;
}

enum dz_stream_status dz_stored_read(struct dz_stored *stored, uint8_t *bytes, size_t size, size_t *got,
				     struct dz_err *err)
{
	size_t used;
	enum dz_stream_status status = DZ_STREAM_THERE;

	*got = 0;
	if (!stored->unpacker) {
		status = read_some(stored, bytes, size, got, err);
		add_position(stored, *got);
		return status;
	}
	while (status == DZ_STREAM_THERE && !*got) {
		bool fine = dz_unpacker_run(stored->unpacker, stored->packed + stored->begin,
					    stored->end - stored->begin, &used, bytes, size, got, err);
		stored->begin += used;
		add_position(stored, used);
		if (!fine)
			return DZ_STREAM_FAILED; /* with the bytes that came before */
		if (!*got)
			status = refill(stored, err);
	}
	return status;
}

/* ---- opening ---- */

static int open_path(const char *path)
{
	if (!strcmp(path, "-"))
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

struct dz_stream *dz_stream_new(int fd, enum dz_stream_use use)
{
	struct dz_stream *s = dz_mem_zalloc(1, sizeof *s);
	struct stat status;

	s->stored.fd = fd;
	s->stored.regular = !fstat(fd, &status) && S_ISREG(status.st_mode);
	s->use = use;
	s->capacity = use == DZ_STREAM_LOOK ? LOOK_SIZE : use == DZ_STREAM_BESIDE ? BESIDE_SIZE : READ_SIZE;
	s->block = dz_block_new(s->capacity + 1);
	return s;
}

struct dz_stream *dz_stream_open(const char *path, enum dz_stream_use use, struct dz_err *err)
{
	int fd = open_path(path);

	if (fd >= 0)
		return dz_stream_new(fd, use);
	dz_err_set(err, "cannot be opened: %s", strerror(errno));
	return NULL;
}

bool dz_stream_seek(struct dz_stream *s, uint64_t offset, struct dz_err *err)
{
	if (lseek(s->stored.fd, (off_t)offset, SEEK_SET) >= 0)
		return true;
	return dz_err_set(err, "offset %" PRIu64 " cannot be reached: %s", offset, strerror(errno));
}

/* ---- blocks ---- */

static void retire(struct retired *r, struct dz_block *block)
{
	void *blocks = r->blocks;

	dz_mem_grow(&blocks, &r->capacity, r->count + 1, sizeof(struct dz_block *));
	r->blocks = blocks;
	r->blocks[r->count++] = block;
}

static struct dz_block *take_retired(struct retired *r)
{
	struct dz_block *block = r->blocks[0];

	memmove(r->blocks, r->blocks + 1, --r->count * sizeof(struct dz_block *));
	return block;
}

/* A block to read into: one that nobody else holds any more, or a new one. */
static struct dz_block *next_block(struct dz_stream *s)
{
	while (s->retired.count && dz_block_is_own(s->retired.blocks[0])) {
		struct dz_block *block = take_retired(&s->retired);
		if (block->size == s->capacity + 1)
			return block;
		dz_block_release(block); /* from before it grew */
	}
	return dz_block_new(s->capacity + 1);
}

/* What is there moves to the front of another block; who holds the one it was in may keep it. */
static void change_block(struct dz_stream *s)
{
	struct dz_block *old = s->block;

	s->block = next_block(s);
	memcpy(s->block->bytes, old->bytes + s->begin, s->end - s->begin);
	s->end -= s->begin;
	s->begin = 0;
	retire(&s->retired, old);
}

void dz_stream_free(struct dz_stream *s)
{
	if (!s)
		return;
	dz_ahead_free(s->ahead);
	dz_unpacker_free(s->stored.unpacker);
	close(s->stored.fd);
	free(s->stored.packed);
	dz_block_release(s->block);
	while (s->retired.count)
		dz_block_release(take_retired(&s->retired));
	free(s->retired.blocks);
	free(s);
}

/* ---- reading ---- */

/* Moves what is there to the front: of the same block, or of another where somebody holds it, or of a larger one when
 * it is full. A pipe brings little at a time: a block that is held is read into to its end, as long as much of it is
 * left. */
static void make_room(struct dz_stream *s)
{
	if (s->end - s->begin == s->capacity) {
		s->capacity *= 2;
		change_block(s);
	} else if (dz_block_is_own(s->block)) {
		memmove(s->block->bytes, s->block->bytes + s->begin, s->end - s->begin);
		s->end -= s->begin;
		s->begin = 0;
	} else if (s->end > s->capacity / 2) {
		change_block(s);
	}
}

/* Takes note of how a read went; IDLE alone leaves everything as it was. */
static enum dz_stream_status note(struct dz_stream *s, enum dz_stream_status status)
{
	s->over |= status == DZ_STREAM_END || status == DZ_STREAM_FAILED;
	s->failed |= status == DZ_STREAM_FAILED;
	return status;
}

/* The first bytes are in the buffer: when they are compressed, they become the unpacker's. */
static enum dz_stream_status begin_unpacking(struct dz_stream *s, enum dz_packing packing)
{
	struct dz_stored *stored = &s->stored;

	s->packed = true;
	s->over = false; /* the end of the compressed bytes may have been seen: it will be again */
	stored->unpacker = dz_unpacker_new(packing, &s->err);
	if (!stored->unpacker) {
		s->end = 0; /* nothing is there that was unpacked */
		return note(s, DZ_STREAM_FAILED);
	}
	stored->packed = dz_mem_alloc(s->capacity);
	memcpy(stored->packed, s->block->bytes, s->end);
	stored->end = s->end;
	stored->capacity = s->capacity;
	atomic_store_explicit(&stored->position, 0, memory_order_relaxed);
	s->end = 0;
	if (s->use == DZ_STREAM_READ)
		s->ahead = dz_ahead_new(stored);
	return DZ_STREAM_THERE;
}

/* Reads as many bytes as tell how the stream is packed; a pipe may bring them one by one. */
static enum dz_stream_status begin(struct dz_stream *s)
{
	enum dz_packing packing;
	size_t got;

	while (s->end < DZ_PACKING_HEAD && !s->over) {
		enum dz_stream_status status =
			dz_stored_read(&s->stored, s->block->bytes + s->end, s->capacity - s->end, &got, &s->err);
		s->end += got;
		if (note(s, status) == DZ_STREAM_IDLE)
			return DZ_STREAM_IDLE;
	}
	s->begun = true;
	packing = dz_packing_guess(s->block->bytes, s->end);
	return packing == DZ_PACKING_NONE ? DZ_STREAM_THERE : begin_unpacking(s, packing);
}

static enum dz_stream_status fill(struct dz_stream *s)
{
	enum dz_stream_status status;
	size_t got = 0;

	if (!s->begun)
		return begin(s);
	make_room(s);
	if (s->ahead)
		status = dz_ahead_read(s->ahead, s->block->bytes + s->end, s->capacity - s->end, &got, &s->err);
	else
		status = dz_stored_read(&s->stored, s->block->bytes + s->end, s->capacity - s->end, &got, &s->err);
	s->end += got;
	return note(s, status);
}

enum dz_stream_status dz_stream_peek(struct dz_stream *s, size_t size, uint8_t **bytes, size_t *there)
{
	enum dz_stream_status status = DZ_STREAM_THERE;

	while (s->end - s->begin < size && !s->over && status != DZ_STREAM_IDLE)
		status = fill(s);
	*bytes = s->block->bytes + s->begin;
	*there = s->end - s->begin;
	if (*there >= size)
		return DZ_STREAM_THERE;
	return !s->over ? DZ_STREAM_IDLE : s->failed ? DZ_STREAM_FAILED : DZ_STREAM_END;
}

struct dz_block *dz_stream_block(const struct dz_stream *s)
{
	return s->block;
}

void dz_stream_skip(struct dz_stream *s, size_t size)
{
	s->begin += size;
	s->offset += size;
}

bool dz_stream_read_all(struct dz_stream *s, size_t limit, struct dz_strbuf *text, struct dz_err *err)
{
	enum dz_stream_status status;
	uint8_t *bytes;
	size_t there;

	do {
		status = dz_stream_peek(s, 1, &bytes, &there);
		if (there > limit)
			return dz_err_set(err, "too large");
		dz_strbuf_add(text, bytes, there);
		dz_stream_skip(s, there);
		limit -= there;
	} while (status == DZ_STREAM_THERE || status == DZ_STREAM_IDLE);
	return status == DZ_STREAM_END || dz_err_set(err, "%s", dz_stream_failure(s));
}

/* ---- what it is ---- */

const char *dz_stream_failure(const struct dz_stream *s)
{
	return s->err.text;
}

uint64_t dz_stream_offset(const struct dz_stream *s)
{
	return s->offset;
}

uint64_t dz_stream_position(const struct dz_stream *s)
{
	uint64_t position = atomic_load_explicit(&s->stored.position, memory_order_relaxed);
	return s->packed ? position : position - (s->end - s->begin);
}

bool dz_stream_is_regular(const struct dz_stream *s)
{
	return s->stored.regular;
}

bool dz_stream_is_packed(const struct dz_stream *s)
{
	return s->packed;
}
