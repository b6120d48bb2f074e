/* SPDX-License-Identifier: BSD-2-Clause */
/* runs.c - see runs.h.
 *
 * Threads take runs in their order, so that the one whose turn it is was always begun. It may hand over a chunk
 * whenever nothing of it waits, however much waits of others: so there is always somebody who can go on. */
#include "config.h"
#include "input/runs.h"

#include "base/mem.h"
#include "record/record_pack.h"
#include <pthread.h>
#include <stdlib.h>

/* Bytes: of a chunk, and of all that wait. Most flows of a capture end where it ends, so much of the work of a run is
 * done before it brings anything. */
enum { CHUNK_SIZE = 1 << 16, WAITING_MAX = 1 << 25 };

/* What was brought: this, and behind it the packed record, the text with its NUL, or the progress. Each begins at a
 * multiple of DZ_RECORD_PACK_ALIGN. */
struct event {
	enum { RECORD, WARNING, PROGRESS } kind;
	uint32_t size; /* of text and progress */
};
_Static_assert(sizeof(struct event) % DZ_RECORD_PACK_ALIGN == 0, "a packed record follows");

struct chunk {
	struct chunk *next;
	struct dz_strbuf events;
};

struct queue {
	struct dz_runs *runs;
	size_t number;
	struct chunk *filling;      /* the run's own */
	struct chunk *first, *last; /* handed over; under the lock, as is: */
	bool done;
};

struct dz_runs {
	pthread_mutex_t lock;
	pthread_cond_t brought, taken;
	const struct dz_runs_work *work;
	size_t next, turn; /* the run that is begun next; the one that is taken */
	size_t waiting;    /* bytes in all queues */
	bool ended;
	pthread_t *threads; /* owned */
	unsigned started;
	struct queue queues[];
};

/* ---- the runs' side ---- */

static bool has_room(const struct dz_runs *runs, const struct queue *queue)
{
	return runs->ended || runs->waiting < WAITING_MAX || (queue->number == runs->turn && !queue->first);
}

static void hand_over(struct queue *queue)
{
	struct dz_runs *runs = queue->runs;
	struct chunk *chunk = queue->filling;

	if (!chunk)
		return;
	queue->filling = NULL;
	pthread_mutex_lock(&runs->lock);
	while (!has_room(runs, queue))
		pthread_cond_wait(&runs->taken, &runs->lock);
	*(queue->last ? &queue->last->next : &queue->first) = chunk;
	queue->last = chunk;
	runs->waiting += chunk->events.size;
	pthread_cond_signal(&runs->brought);
	pthread_mutex_unlock(&runs->lock);
}

/* Where the event goes that comes next. */
static struct dz_strbuf *begin_event(struct queue *queue, struct event event)
{
	if (queue->filling && queue->filling->events.size >= CHUNK_SIZE)
		hand_over(queue);
	if (!queue->filling)
		queue->filling = dz_mem_zalloc(1, sizeof *queue->filling);
	dz_strbuf_add(&queue->filling->events, &event, sizeof event);
	return &queue->filling->events;
}

/* Behind a text or a progress of this size: up to where the next event begins. */
static size_t padding_of(size_t size)
{
	return -size % DZ_RECORD_PACK_ALIGN;
}

static void bring(struct queue *queue, struct event event, const void *bytes)
{
	static const char padding[DZ_RECORD_PACK_ALIGN];
	struct dz_strbuf *events = begin_event(queue, event);

	dz_strbuf_add(events, bytes, event.size);
	dz_strbuf_add(events, padding, padding_of(event.size));
}

static void bring_record(void *context, const struct dz_record *record)
{
	dz_record_pack(record, begin_event(context, (struct event){ RECORD, 0 }));
}

static void bring_warning(void *context, const char *message)
{
	bring(context, (struct event){ WARNING, (uint32_t)strlen(message) + 1 }, message);
}

/* Told at once, if at all. */
static void bring_progress(void *context, const struct dz_progress *progress)
{
	bring(context, (struct event){ PROGRESS, sizeof *progress }, progress);
	hand_over(context);
}

static void do_run(struct queue *queue)
{
	const struct dz_runs_work *work = queue->runs->work;
	const struct dz_runs_taker to = { bring_record, bring_warning, bring_progress, queue };

	work->run(work->context, queue->number, &to);
	hand_over(queue);
}

static void *worker(void *context)
{
	struct dz_runs *runs = context;

	pthread_mutex_lock(&runs->lock);
	while (!runs->ended && runs->next < runs->work->count) {
		struct queue *queue = &runs->queues[runs->next++];
		pthread_mutex_unlock(&runs->lock);
		do_run(queue);
		pthread_mutex_lock(&runs->lock);
		queue->done = true;
		pthread_cond_signal(&runs->brought);
	}
	pthread_mutex_unlock(&runs->lock);
	return NULL;
}

/* ---- the taker's side ---- */

/* The next chunk, given; NULL when the run is done and all of it was taken. */
static struct chunk *next_chunk(struct dz_runs *runs, struct queue *queue)
{
	struct chunk *chunk;

	pthread_mutex_lock(&runs->lock);
	runs->turn = queue->number;
	pthread_cond_broadcast(&runs->taken);
	while (!queue->first && !queue->done)
		pthread_cond_wait(&runs->brought, &runs->lock);
	chunk = queue->first;
	if (chunk) {
		queue->first = chunk->next;
		if (!queue->first)
			queue->last = NULL;
		runs->waiting -= chunk->events.size;
	}
	pthread_mutex_unlock(&runs->lock);
	return chunk;
}

static size_t hand_on(const char *bytes, const struct dz_runs_taker *to)
{
	struct dz_record_unpacked unpacked;
	struct dz_progress progress;
	struct event event;
	size_t size = sizeof event;

	memcpy(&event, bytes, sizeof event);
	if (event.kind == RECORD) {
		size += dz_record_unpack(bytes + size, &unpacked);
		to->record(to->context, &unpacked.record);
		return size;
	}
	if (event.kind == WARNING) {
		to->warn(to->context, bytes + size);
	} else {
		memcpy(&progress, bytes + size, sizeof progress);
		to->progress(to->context, &progress);
	}
	return size + event.size + padding_of(event.size);
}

static void free_chunk(struct chunk *chunk)
{
	dz_strbuf_release(&chunk->events);
	free(chunk);
}

void dz_runs_take(struct dz_runs *runs, size_t number, const struct dz_runs_taker *to)
{
	struct chunk *chunk;

	while ((chunk = next_chunk(runs, &runs->queues[number]))) {
		for (size_t at = 0; at < chunk->events.size;)
			at += hand_on(chunk->events.data + at, to);
		free_chunk(chunk);
	}
}

/* ---- life ---- */

struct dz_runs *dz_runs_new(const struct dz_runs_work *work)
{
	struct dz_runs *runs = dz_mem_zalloc(1, sizeof *runs + work->count * sizeof *runs->queues);

	pthread_mutex_init(&runs->lock, NULL);
	pthread_cond_init(&runs->brought, NULL);
	pthread_cond_init(&runs->taken, NULL);
	runs->work = work;
	for (size_t i = 0; i < work->count; i++) {
		runs->queues[i].runs = runs;
		runs->queues[i].number = i;
	}
	runs->threads = dz_mem_zalloc(work->threads, sizeof *runs->threads);
	while (runs->started < work->threads && runs->started < work->count &&
	       !pthread_create(&runs->threads[runs->started], NULL, worker, runs))
		runs->started++;
	if (runs->started)
		return runs;
	dz_runs_free(runs);
	return NULL;
}

static void free_chunks(struct chunk *chunk)
{
	for (struct chunk *next; chunk; chunk = next) {
		next = chunk->next;
		free_chunk(chunk);
	}
}

void dz_runs_free(struct dz_runs *runs)
{
	pthread_mutex_lock(&runs->lock);
	runs->ended = true;
	pthread_cond_broadcast(&runs->taken);
	pthread_mutex_unlock(&runs->lock);
	for (unsigned i = 0; i < runs->started; i++)
		pthread_join(runs->threads[i], NULL);
	for (size_t i = 0; i < runs->work->count; i++)
		free_chunks(runs->queues[i].first);
	pthread_mutex_destroy(&runs->lock);
	pthread_cond_destroy(&runs->brought);
	pthread_cond_destroy(&runs->taken);
	free(runs->threads);
	free(runs);
}
