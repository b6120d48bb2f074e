/* SPDX-License-Identifier: BSD-2-Clause */
/* write_queue.c - see write_queue.h. */
#include "config.h"
#include "output/write_queue.h"

#include "base/clock.h"
#include "base/mem.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <time.h>

enum { TICK_MS = 500, RETRY_MS = 1000 };

struct chunk {
	struct chunk *next;
	size_t size, done; /* bytes, and those of them that are written */
	uint64_t records;
	double since; /* when it came */
	char lines[];
};

struct dz_write_queue {
	struct dz_write_queue_config config;
	struct dz_outfile *file; /* the thread's */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	/* under the lock */
	struct chunk *first, *last;
	struct dz_write_counts counts;
	bool reopen, closing;
};

/* ---- the thread ---- */

static void wait_at_most(struct dz_write_queue *q, long ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&q->filled, &q->lock, &until);
}

static void say(const struct dz_write_queue *q, const struct dz_err *err, const char *what)
{
	char text[sizeof err->text + 64];

	snprintf(text, sizeof text, "%s; %s", err->text, what);
	q->config.say(q->config.context, text);
}

static void tell_state(const struct dz_write_queue *q, bool before, bool failing, const struct dz_err *err)
{
	if (failing && !before)
		say(q, err, "tried again each second");
	if (!failing && before)
		q->config.say(q->config.context, "writing goes on");
}

static void take_off(struct dz_write_queue *q, struct chunk *chunk)
{
	q->first = chunk->next;
	if (!q->first)
		q->last = NULL;
	q->counts.queued_bytes -= chunk->size;
	free(chunk);
	pthread_cond_broadcast(&q->emptied);
}

/* What is gathered for one frame, in the first chunk. */
static void join_chunks(struct dz_write_queue *q)
{
	struct chunk *first = q->first, *next = first->next, *joined;
	size_t size = first->size;

	for (; next && size + next->size <= DZ_WRITE_FRAME; next = next->next)
		size += next->size;
	if (first->done || next == first->next)
		return;
	joined = dz_mem_alloc(sizeof *joined + size);
	*joined = (struct chunk){ .next = next, .since = first->since };
	while (q->first != next) {
		struct chunk *chunk = q->first;
		memcpy(joined->lines + joined->size, chunk->lines, chunk->size);
		joined->size += chunk->size;
		joined->records += chunk->records;
		q->first = chunk->next;
		free(chunk);
	}
	q->first = joined;
	q->last = next ? q->last : joined;
}

/* Whether the first chunk is to be written now. */
static bool is_due(const struct dz_write_queue *q)
{
	if (!q->first || q->counts.gone)
		return false;
	return !dz_outfile_is_packed(q->file) || q->closing || q->reopen || q->counts.queued_bytes >= DZ_WRITE_FRAME ||
	       dz_clock_now() >= q->first->since + DZ_WRITE_GATHER_MS / 1e3;
}

/* With the lock, after anything that may have rotated the file. */
static void count_rotations(struct dz_write_queue *q)
{
	q->counts.rotations = dz_outfile_rotations(q->file);
}

/* Writes the first chunk; the lock is not held meanwhile. True when something else can be done at once. */
static bool write_first(struct dz_write_queue *q)
{
	enum dz_outfile_result result;
	struct chunk *chunk;
	struct dz_err err;
	bool failing = q->counts.failing;
	size_t done;

	if (dz_outfile_is_packed(q->file))
		join_chunks(q);
	chunk = q->first;
	pthread_mutex_unlock(&q->lock);
	result = dz_outfile_write(q->file, chunk->lines + chunk->done, chunk->size - chunk->done, dz_clock_wall(),
				  &done, &err);
	tell_state(q, failing, result == DZ_OUTFILE_FULL, &err);
	pthread_mutex_lock(&q->lock);
	q->counts.failing = result == DZ_OUTFILE_FULL;
	chunk->done += done;
	q->counts.bytes += done;
	count_rotations(q);
	if (result == DZ_OUTFILE_GONE) {
		q->counts.gone = true;
		pthread_cond_broadcast(&q->emptied);
		return false;
	}
	if (result == DZ_OUTFILE_FULL)
		return false;
	q->counts.records += chunk->records;
	take_off(q, chunk);
	return true;
}

/* Without the lock: what is due by itself. */
static void keep_house(struct dz_write_queue *q, bool reopen)
{
	struct dz_err err;

	if (reopen && !dz_outfile_reopen(q->file, dz_clock_wall(), &err))
		say(q, &err, "the old file goes on");
	if (!dz_outfile_tick(q->file, dz_clock_wall(), &err))
		say(q, &err, "the old file goes on");
}

static void *write_all(void *context)
{
	struct dz_write_queue *q = context;
	bool more = true;

	pthread_mutex_lock(&q->lock);
	while (more) {
		bool wrote = is_due(q) && write_first(q);
		if (wrote)
			continue;
		/* A file that fails is left with what is whole; the rest goes into the new one. */
		bool reopen = q->reopen && (!q->first || q->counts.failing);
		more = (!q->closing || (reopen && q->first)) && !q->counts.gone;
		q->reopen = q->reopen && !reopen;
		pthread_mutex_unlock(&q->lock);
		keep_house(q, reopen);
		pthread_mutex_lock(&q->lock);
		count_rotations(q);
		if (more && !q->closing && (!is_due(q) || q->counts.failing))
			wait_at_most(q, q->counts.failing ? RETRY_MS : TICK_MS);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

/* ---- the others ---- */

struct dz_write_queue *dz_write_queue_new(struct dz_outfile *file, const struct dz_write_queue_config *config,
					  struct dz_err *err)
{
	struct dz_write_queue *q = dz_mem_zalloc(1, sizeof *q);
	pthread_condattr_t monotonic;
	int code;

	q->config = *config;
	q->file = file;
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&q->filled, &monotonic);
	pthread_cond_init(&q->emptied, &monotonic);
	pthread_condattr_destroy(&monotonic);
	code = pthread_create(&q->thread, NULL, write_all, q);
	if (!code)
		return q;
	dz_err_set(err, "a thread could not be started: %s", strerror(code));
	free(q);
	return NULL;
}

/* Whether there is room, after waiting for it where that is wanted. A queue that is empty has room for anything. */
static bool has_room(struct dz_write_queue *q, size_t size)
{
	while (q->config.when_full_wait && !q->counts.gone && q->first &&
	       q->counts.queued_bytes + size > q->config.size)
		pthread_cond_wait(&q->emptied, &q->lock);
	return q->counts.queued_bytes + size <= q->config.size || (q->config.when_full_wait && !q->first);
}

static void count_lost(struct dz_write_queue *q, uint64_t records, uint64_t bytes)
{
	q->counts.lost_records += records;
	q->counts.lost_bytes += bytes;
	q->counts.failed_records += q->counts.failing ? records : 0;
}

bool dz_write_queue_put(void *queue, const char *lines, size_t size, uint64_t records, struct dz_err *err)
{
	struct dz_write_queue *q = queue;
	struct chunk *chunk = dz_mem_alloc(sizeof *chunk + size);
	bool gone;

	*chunk = (struct chunk){ .size = size, .records = records, .since = dz_clock_now() };
	memcpy(chunk->lines, lines, size);
	pthread_mutex_lock(&q->lock);
	if (!q->counts.gone && has_room(q, size)) {
		*(q->last ? &q->last->next : &q->first) = chunk;
		q->last = chunk;
		q->counts.queued_bytes += size;
		pthread_cond_signal(&q->filled);
	} else {
		count_lost(q, records, size);
		free(chunk);
	}
	gone = q->counts.gone;
	pthread_mutex_unlock(&q->lock);
	return !gone || dz_err_set(err, "the reader of the output went away");
}

bool dz_write_queue_is_gone(struct dz_write_queue *q)
{
	bool gone;

	pthread_mutex_lock(&q->lock);
	gone = q->counts.gone;
	pthread_mutex_unlock(&q->lock);
	return gone;
}

void dz_write_queue_reopen(struct dz_write_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->reopen = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

void dz_write_queue_counts(struct dz_write_queue *q, struct dz_write_counts *counts)
{
	pthread_mutex_lock(&q->lock);
	*counts = q->counts;
	pthread_mutex_unlock(&q->lock);
}

static uint64_t lines_in(const char *bytes, size_t size)
{
	uint64_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += bytes[i] == '\n';
	return count;
}

/* The records that are written; each has as many lines as any other of its format. */
static uint64_t records_in(const struct chunk *chunk)
{
	uint64_t lines = lines_in(chunk->lines, chunk->size);

	return lines ? lines_in(chunk->lines, chunk->done) * chunk->records / lines : 0;
}

/* What is left was not written, but for the whole lines of a chunk that were. */
static void count_left(struct dz_write_queue *q)
{
	while (q->first) {
		struct chunk *chunk = q->first;
		uint64_t written = records_in(chunk);
		q->counts.records += written;
		count_lost(q, chunk->records - written, chunk->size - chunk->done);
		take_off(q, chunk);
	}
}

bool dz_write_queue_close(struct dz_write_queue *q, struct dz_write_counts *counts)
{
	if (!q)
		return true;
	pthread_mutex_lock(&q->lock);
	q->closing = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
	pthread_join(q->thread, NULL);
	bool left = q->first != NULL;
	count_left(q);
	*counts = q->counts;
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->filled);
	pthread_cond_destroy(&q->emptied);
	free(q);
	return !left;
}
