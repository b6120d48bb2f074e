/* SPDX-License-Identifier: BSD-2-Clause */
/* stream_ahead.c - a thread that unpacks a stream while what it has unpacked is worked on.
 *
 * Unpacking costs about as much as tracking the flows of what comes out, so side by side they take half the time. The
 * thread fills a few blocks in turn; the reader empties them in turn. Blocks are handed over under one lock, some
 * thousand packets at a time. The thread blocks all signals: SIGINT and its like belong to the main thread. */
#include "config.h"
#include "base/stream_internal.h"

#include "base/mem.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCKS = 4, BLOCK_SIZE = 1 << 18 };

#ifdef HAVE_PTHREAD_CONDATTR_SETCLOCK
#define WAIT_CLOCK CLOCK_MONOTONIC
#else
#define WAIT_CLOCK CLOCK_REALTIME
#endif

struct block {
	uint8_t *bytes; /* owned */
	size_t size;
};

struct dz_ahead {
	struct dz_stored *stored; /* the thread's */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	/* under the lock */
	unsigned long long filled_count, emptied_count; /* blocks; block number n is blocks[n % BLOCKS] */
	enum dz_stream_status status;                   /* behind the last block: END or FAILED; else THERE */
	struct dz_err err;
	bool stopping;
	/* a block belongs to the thread from emptied to filled, and to the reader from filled to emptied */
	struct block blocks[BLOCKS];
	size_t used; /* of the block being emptied; the reader's */
};

/* ---- the thread ---- */

/* Waits until a block is free; NULL: to stop. */
static struct block *next_free(struct dz_ahead *a)
{
	struct block *block = NULL;

	pthread_mutex_lock(&a->lock);
	while (!a->stopping && a->filled_count - a->emptied_count == BLOCKS)
		pthread_cond_wait(&a->emptied, &a->lock);
	if (!a->stopping)
		block = &a->blocks[a->filled_count % BLOCKS];
	pthread_mutex_unlock(&a->lock);
	return block;
}

static void hand_over(struct dz_ahead *a, const struct block *block, enum dz_stream_status status,
		      const struct dz_err *err)
{
	pthread_mutex_lock(&a->lock);
	a->filled_count += block->size > 0;
	if (status == DZ_STREAM_END || status == DZ_STREAM_FAILED) {
		a->status = status;
		a->err = *err;
	}
	pthread_cond_signal(&a->filled);
	pthread_mutex_unlock(&a->lock);
}

/* Fills a block, or what of it a pipe brings before it falls silent. */
static enum dz_stream_status fill(struct dz_ahead *a, struct block *block, struct dz_err *err)
{
	enum dz_stream_status status = DZ_STREAM_THERE;
	size_t got;

	block->size = 0;
	while (status == DZ_STREAM_THERE && block->size < BLOCK_SIZE) {
		status = dz_stored_read(a->stored, block->bytes + block->size, BLOCK_SIZE - block->size, &got, err);
		block->size += got;
		if (!a->stored->regular)
			break; /* what is there may be waited for */
	}
	return status;
}

static void *run(void *context)
{
	struct dz_ahead *a = context;
	enum dz_stream_status status = DZ_STREAM_THERE;
	struct dz_err err = { "" };
	struct block *block;

	while ((status == DZ_STREAM_THERE || status == DZ_STREAM_IDLE) && (block = next_free(a))) {
		status = fill(a, block, &err);
		hand_over(a, block, status, &err);
	}
	return NULL;
}

/* ---- the reader ---- */

static struct timespec soon(void)
{
	struct timespec at;

	clock_gettime(WAIT_CLOCK, &at);
	at.tv_nsec += DZ_STREAM_WAIT_MS * 1000000L;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

/* Waits for a block, but not for ever. */
static enum dz_stream_status wait_for_block(struct dz_ahead *a, struct dz_err *err)
{
	struct timespec until = soon();
	enum dz_stream_status status;
	int result = 0;

	pthread_mutex_lock(&a->lock);
	while (a->filled_count == a->emptied_count && a->status == DZ_STREAM_THERE && result != ETIMEDOUT)
		result = pthread_cond_timedwait(&a->filled, &a->lock, &until);
	if (a->filled_count != a->emptied_count)
		status = DZ_STREAM_THERE;
	else if (a->status == DZ_STREAM_THERE)
		status = DZ_STREAM_IDLE;
	else
		status = a->status;
	if (status == DZ_STREAM_FAILED)
		*err = a->err;
	pthread_mutex_unlock(&a->lock);
	return status;
}

static void give_back(struct dz_ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->emptied_count++;
	pthread_cond_signal(&a->emptied);
	pthread_mutex_unlock(&a->lock);
	a->used = 0;
}

enum dz_stream_status dz_ahead_read(struct dz_ahead *a, uint8_t *bytes, size_t size, size_t *got, struct dz_err *err)
{
	enum dz_stream_status status = wait_for_block(a, err);
	const struct block *block;

	*got = 0;
	if (status != DZ_STREAM_THERE)
		return status;
	block = &a->blocks[a->emptied_count % BLOCKS]; /* only the reader changes the count */
	*got = block->size - a->used < size ? block->size - a->used : size;
	memcpy(bytes, block->bytes + a->used, *got);
	a->used += *got;
	if (a->used == block->size)
		give_back(a);
	return DZ_STREAM_THERE;
}

/* ---- life ---- */

static int start(struct dz_ahead *a)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&a->thread, NULL, run, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

static void release(struct dz_ahead *a)
{
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->filled);
	pthread_cond_destroy(&a->emptied);
	for (int i = 0; i < BLOCKS; i++)
		free(a->blocks[i].bytes);
	free(a);
}

struct dz_ahead *dz_ahead_new(struct dz_stored *stored)
{
	struct dz_ahead *a = dz_mem_zalloc(1, sizeof *a);
	pthread_condattr_t monotonic;

	a->stored = stored;
	a->status = DZ_STREAM_THERE;
	for (int i = 0; i < BLOCKS; i++)
		a->blocks[i].bytes = dz_mem_alloc(BLOCK_SIZE);
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&monotonic);
#ifdef HAVE_PTHREAD_CONDATTR_SETCLOCK
	pthread_condattr_setclock(&monotonic, WAIT_CLOCK);
#endif
	pthread_cond_init(&a->filled, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_cond_init(&a->emptied, NULL);
	if (!start(a))
		return a;
	release(a);
	return NULL;
}

void dz_ahead_free(struct dz_ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stopping = true;
	pthread_cond_signal(&a->emptied);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	release(a);
}
