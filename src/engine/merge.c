/* SPDX-License-Identifier: BSD-2-Clause */
/* merge.c - the output of several shards, in one order.
 *
 * A piece is what a sink made of one record: bytes of any format, with the keys
 * that order it. Each shard's pieces come in the order of (end_order,
 * first_index), in chunks. A chunk never reaches over the end of an epoch, and
 * every shard ends every epoch, with or without records; so the merger knows
 * that nothing earlier can come. A shard that is too far ahead waits: buffers
 * are bounded. What stands before and after the records comes from a sink of
 * the merger's own. */
#include "config.h"
#include "engine/engine_internal.h"

#include "base/mem.h"
#include <stdlib.h>

enum { CHUNK_SIZE = 1 << 18, MAX_CHUNKS = 16, OUT_SIZE = 1 << 18 };

struct piece {
	uint64_t end_order, first_index;
	size_t end; /* offset in the chunk's bytes of what follows it */
};

struct chunk {
	struct chunk *next;
	struct dz_strbuf bytes;
	struct piece *pieces; /* owned */
	size_t count, capacity;
	bool ends_epoch;
};

struct shard_queue {
	struct merger *merger;
	struct dz_sink *sink;
	struct chunk *filling;      /* the shard's own */
	struct chunk *first, *last; /* handed over; under the merger's lock */
	unsigned waiting;
	bool closed;
	/* the merger's own */
	struct chunk *reading;
	size_t at;
	bool epoch_done, done;
};

struct merger {
	pthread_mutex_t lock;
	pthread_cond_t handed_over, taken;
	atomic_bool *abandoned;
	struct shard_queue *awaited; /* whose next chunk is waited for; NULL: none's */
	struct chunk *spare;         /* chunks to fill again */
	struct dz_sink *sink;        /* for what stands before and after the records */
	unsigned count;
	struct shard_queue queues[];
};

struct merger *dz_merger_new(unsigned shards, const struct dz_sink_config *sink, atomic_bool *abandoned)
{
	struct merger *m = dz_mem_zalloc(1, sizeof *m + shards * sizeof *m->queues);
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->handed_over, NULL);
	pthread_cond_init(&m->taken, NULL);
	m->abandoned = abandoned;
	m->count = shards;
	m->sink = dz_sink_new(sink);
	for (unsigned i = 0; i < shards; i++) {
		m->queues[i].merger = m;
		m->queues[i].sink = dz_sink_new(sink);
	}
	return m;
}

static void free_chunks(struct chunk *chunk)
{
	for (struct chunk *next; chunk; chunk = next) {
		next = chunk->next;
		dz_strbuf_release(&chunk->bytes);
		free(chunk->pieces);
		free(chunk);
	}
}

void dz_merger_free(struct merger *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->count; i++) {
		dz_sink_free(m->queues[i].sink);
		free_chunks(m->queues[i].filling);
		free_chunks(m->queues[i].first);
		free_chunks(m->queues[i].reading);
	}
	free_chunks(m->spare);
	dz_sink_free(m->sink);
	pthread_mutex_destroy(&m->lock);
	pthread_cond_destroy(&m->handed_over);
	pthread_cond_destroy(&m->taken);
	free(m);
}

void *dz_merger_queue(struct merger *m, unsigned shard)
{
	return &m->queues[shard];
}

/* ---- the shards' side ---- */

static struct chunk *take_spare(struct merger *m)
{
	struct chunk *chunk;
	pthread_mutex_lock(&m->lock);
	chunk = m->spare;
	if (chunk)
		m->spare = chunk->next;
	pthread_mutex_unlock(&m->lock);
	if (!chunk)
		chunk = dz_mem_zalloc(1, sizeof *chunk);
	chunk->next = NULL;
	chunk->count = 0;
	chunk->ends_epoch = false;
	dz_strbuf_clear(&chunk->bytes);
	return chunk;
}

static void hand_over(struct shard_queue *in, bool ends_epoch)
{
	struct merger *m = in->merger;
	struct chunk *chunk = in->filling ? in->filling : take_spare(m);
	bool is_awaited;

	in->filling = NULL;
	chunk->ends_epoch = ends_epoch;
	pthread_mutex_lock(&m->lock);
	while (in->waiting >= MAX_CHUNKS && !atomic_load(m->abandoned))
		pthread_cond_wait(&m->taken, &m->lock);
	*(in->last ? &in->last->next : &in->first) = chunk;
	in->last = chunk;
	in->waiting++;
	is_awaited = m->awaited == in;
	pthread_mutex_unlock(&m->lock);
	if (is_awaited) /* unlocked: whoever wakes wants the lock */
		pthread_cond_signal(&m->handed_over);
}

void dz_merger_emit(void *queue, const struct dz_record *record)
{
	struct shard_queue *in = queue;
	struct chunk *chunk;
	void *block;

	if (!in->filling)
		in->filling = take_spare(in->merger);
	chunk = in->filling;
	dz_sink_write(in->sink, record, &chunk->bytes);
	block = chunk->pieces;
	dz_mem_grow(&block, &chunk->capacity, chunk->count + 1, sizeof *chunk->pieces);
	chunk->pieces = block;
	chunk->pieces[chunk->count++] = (struct piece){ record->end_order, record->first_index, chunk->bytes.size };
	if (chunk->bytes.size >= CHUNK_SIZE)
		hand_over(in, false);
}

void dz_merger_epoch_over(void *queue)
{
	hand_over(queue, true);
}

void dz_merger_close(void *queue)
{
	struct shard_queue *in = queue;
	hand_over(in, true);
	pthread_mutex_lock(&in->merger->lock);
	in->closed = true;
	pthread_cond_signal(&in->merger->handed_over);
	pthread_mutex_unlock(&in->merger->lock);
}

/* ---- the merger's side ---- */

/* Waits for the queue's next chunk; NULL when it is closed and empty. */
static struct chunk *next_chunk(struct merger *m, struct shard_queue *in)
{
	struct chunk *chunk;
	pthread_mutex_lock(&m->lock);
	m->awaited = in;
	while (!in->first && !in->closed)
		pthread_cond_wait(&m->handed_over, &m->lock);
	m->awaited = NULL;
	chunk = in->first;
	if (chunk) {
		in->first = chunk->next;
		if (!in->first)
			in->last = NULL;
		in->waiting--;
		chunk->next = NULL;
		pthread_cond_broadcast(&m->taken);
	}
	pthread_mutex_unlock(&m->lock);
	return chunk;
}

static void give_spare(struct merger *m, struct chunk *chunk)
{
	pthread_mutex_lock(&m->lock);
	chunk->next = m->spare;
	m->spare = chunk;
	pthread_mutex_unlock(&m->lock);
}

/* The queue's next piece of this epoch, or NULL when it has no more. */
static const struct piece *peek(struct merger *m, struct shard_queue *in)
{
	while (!in->epoch_done && !in->done) {
		if (!in->reading) {
			in->reading = next_chunk(m, in);
			in->at = 0;
			if (!in->reading) {
				in->done = true;
				break;
			}
		}
		if (in->at < in->reading->count)
			return &in->reading->pieces[in->at];
		in->epoch_done = in->reading->ends_epoch;
		give_spare(m, in->reading);
		in->reading = NULL;
	}
	return NULL;
}

static bool earlier(const struct piece *a, const struct piece *b)
{
	if (a->end_order != b->end_order)
		return a->end_order < b->end_order;
	return a->first_index < b->first_index;
}

static struct shard_queue *earliest(struct merger *m)
{
	struct shard_queue *best = NULL;
	const struct piece *best_piece = NULL;
	for (unsigned i = 0; i < m->count; i++) {
		const struct piece *piece = peek(m, &m->queues[i]);
		if (piece && (!best_piece || earlier(piece, best_piece))) {
			best = &m->queues[i];
			best_piece = piece;
		}
	}
	return best;
}

struct merged {
	struct dz_strbuf bytes;
	uint64_t records;
	dz_write_fn *write;
	void *context;
};

static bool flush(struct merged *out, struct dz_err *err)
{
	bool fine = !out->bytes.size || out->write(out->context, out->bytes.data, out->bytes.size, out->records, err);
	dz_strbuf_clear(&out->bytes);
	out->records = 0;
	return fine;
}

/* All pieces of one epoch; *more tells whether any queue is still open. */
static bool merge_epoch(struct merger *m, struct merged *out, bool *more, struct dz_err *err)
{
	struct shard_queue *in;
	while ((in = earliest(m))) {
		const struct chunk *chunk = in->reading;
		size_t begin = in->at ? chunk->pieces[in->at - 1].end : 0;
		dz_strbuf_add(&out->bytes, chunk->bytes.data + begin, chunk->pieces[in->at].end - begin);
		out->records++;
		in->at++;
		if (out->bytes.size >= OUT_SIZE && !flush(out, err))
			return false;
	}
	*more = false;
	for (unsigned i = 0; i < m->count; i++) {
		m->queues[i].epoch_done = false;
		*more |= !m->queues[i].done;
	}
	return flush(out, err);
}

void dz_merger_abandon(struct merger *m)
{
	pthread_mutex_lock(&m->lock);
	atomic_store(m->abandoned, true);
	pthread_cond_broadcast(&m->taken);
	pthread_mutex_unlock(&m->lock);
}

bool dz_merger_run(struct merger *m, dz_write_fn *write, void *context, struct dz_err *err)
{
	struct merged out = { .write = write, .context = context };
	bool more = true, fine = true;

	dz_strbuf_init(&out.bytes);
	dz_sink_header(m->sink, &out.bytes);
	while (more && fine)
		fine = merge_epoch(m, &out, &more, err);
	if (fine) {
		dz_sink_finish(m->sink, &out.bytes);
		fine = flush(&out, err);
	}
	dz_strbuf_release(&out.bytes);
	if (!fine)
		dz_merger_abandon(m);
	return fine;
}
