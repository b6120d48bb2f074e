/* SPDX-License-Identifier: BSD-2-Clause */
/* packet_ring.c - one reading of the inputs for all shards.
 *
 * Every shard sees every batch, in order, and picks its packets; a batch is filled anew when all have seen it. Who has
 * seen all there is reads on, several batches at a time: were it one, the others would wait while it is read, and all
 * would then work on it side by side and come back at the same time. */
#include "config.h"
#include "engine/engine_internal.h"

#include "base/mem.h"
#include <stdlib.h>

/* Who waits for batches is woken for some at a time: waking costs more than reading one. */
enum { BATCHES_AHEAD = RING_BATCHES / 2, BATCHES_PER_CALL = 4 };

struct dz_packet_ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct reader *reader; /* borrowed; used by the shard that set `reading` */
	bool reading, ended;
	uint64_t filled, seen; /* batches read so far, and those of them that all shards have seen */
	unsigned shards;
	struct dz_batch *batches;      /* owned: number n is at n % RING_BATCHES */
	unsigned unseen[RING_BATCHES]; /* shards that have yet to see it */
	uint64_t next[];               /* for each shard, the number of the batch that it takes next */
};

_Static_assert(EPOCH_BATCHES <= RING_BATCHES, "shards and merger would wait for one another");

struct dz_packet_ring *dz_packet_ring_new(struct reader *reader, unsigned shards)
{
	struct dz_packet_ring *f = dz_mem_zalloc(1, sizeof *f + shards * sizeof *f->next);
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	f->reader = reader;
	f->shards = shards;
	f->batches = dz_mem_zalloc(RING_BATCHES, sizeof *f->batches);
	for (unsigned i = 0; i < RING_BATCHES; i++)
		dz_batch_init(&f->batches[i]);
	return f;
}

void dz_packet_ring_free(struct dz_packet_ring *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < RING_BATCHES; i++)
		dz_batch_release(&f->batches[i]);
	free(f->batches);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->changed);
	free(f);
}

static bool has_room(const struct dz_packet_ring *f)
{
	return f->filled - f->seen < RING_BATCHES;
}

/* Reads batches, unlocked, as long as they have room and are not too far ahead of the shard that reads them. */
static void read_ahead(struct dz_packet_ring *f, unsigned shard)
{
	bool more = true, idle = false;

	f->reading = true;
	while (more && !idle && !f->ended && has_room(f) && f->filled - f->next[shard] < BATCHES_AHEAD) {
		struct dz_batch *batch = &f->batches[f->filled % RING_BATCHES];
		pthread_mutex_unlock(&f->lock);
		more = dz_reader_fill(f->reader, batch, f->shards);
		pthread_mutex_lock(&f->lock);
		idle = batch->idle; /* what there is is wanted now */
		if (batch->count || idle) {
			f->unseen[f->filled % RING_BATCHES] = f->shards;
			batch->number = f->filled++;
		}
		f->ended |= !more;
		if (f->filled % BATCHES_PER_CALL == 0)
			pthread_cond_broadcast(&f->changed);
	}
	f->reading = false;
	pthread_cond_broadcast(&f->changed);
}

static void give_back(struct dz_packet_ring *f, uint64_t number)
{
	bool was_full = !has_room(f);

	if (--f->unseen[number % RING_BATCHES])
		return;
	f->seen = number + 1; /* in order: whoever has seen this one has seen those before */
	if (was_full && !f->reading)
		pthread_cond_broadcast(&f->changed); /* a shard may wait for room to read into */
}

const struct dz_batch *dz_packet_ring_next(struct dz_packet_ring *f, unsigned shard)
{
	uint64_t *next = &f->next[shard];
	const struct dz_batch *batch = NULL;

	pthread_mutex_lock(&f->lock);
	if (*next)
		give_back(f, *next - 1);
	while (*next == f->filled && !f->ended) {
		if (!f->reading && has_room(f))
			read_ahead(f, shard);
		else
			pthread_cond_wait(&f->changed, &f->lock);
	}
	if (*next < f->filled)
		batch = &f->batches[(*next)++ % RING_BATCHES];
	pthread_mutex_unlock(&f->lock);
	return batch;
}

void dz_packet_ring_end(struct dz_packet_ring *f)
{
	pthread_mutex_lock(&f->lock);
	f->ended = true;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

bool dz_packet_ring_was_stopped(const struct dz_packet_ring *f)
{
	return f->reader->stats.stopped;
}
