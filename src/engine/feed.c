/* feed.c - one reading of the inputs for all shards.
 *
 * Every shard sees every block, in order, and picks its packets; a block is filled anew when all have seen it. Who has
 * seen all there is reads on, several blocks at a time: were it one, the others would wait while it is read, and all
 * would then work on it side by side and come back at the same time. */
#include "config.h"
#include "engine_internal.h"

#include "distribooze/mem.h"
#include <stdlib.h>

/* Who waits for blocks is woken for some at a time: waking costs more than reading one. */
enum { BLOCKS_AHEAD = RING_BLOCKS / 2, BLOCKS_PER_CALL = 4 };

struct feed {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct reader *reader; /* borrowed; used by the shard that set `reading` */
	bool reading, ended;
	uint64_t filled, seen; /* blocks read so far, and those of them that all shards have seen */
	unsigned shards;
	struct block *blocks;         /* owned: number n is at n % RING_BLOCKS */
	unsigned unseen[RING_BLOCKS]; /* shards that have yet to see it */
	uint64_t next[];              /* for each shard, the number of the block that it takes next */
};

_Static_assert(EPOCH_BLOCKS <= RING_BLOCKS, "shards and merger would wait for one another");

struct feed *dz_feed_new(struct reader *reader, unsigned shards)
{
	struct feed *f = dz_mem_zalloc(1, sizeof *f + shards * sizeof *f->next);
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	f->reader = reader;
	f->shards = shards;
	f->blocks = dz_mem_zalloc(RING_BLOCKS, sizeof *f->blocks);
	for (unsigned i = 0; i < RING_BLOCKS; i++)
		dz_block_init(&f->blocks[i]);
	return f;
}

void dz_feed_free(struct feed *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < RING_BLOCKS; i++)
		dz_block_release(&f->blocks[i]);
	free(f->blocks);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->changed);
	free(f);
}

static bool has_room(const struct feed *f)
{
	return f->filled - f->seen < RING_BLOCKS;
}

/* Reads blocks, unlocked, as long as they have room and are not too far ahead of the shard that reads them. */
static void read_ahead(struct feed *f, unsigned shard)
{
	bool more = true;

	f->reading = true;
	while (more && !f->ended && has_room(f) && f->filled - f->next[shard] < BLOCKS_AHEAD) {
		struct block *block = &f->blocks[f->filled % RING_BLOCKS];
		pthread_mutex_unlock(&f->lock);
		more = dz_reader_fill(f->reader, block, f->shards);
		pthread_mutex_lock(&f->lock);
		if (block->count) {
			f->unseen[f->filled % RING_BLOCKS] = f->shards;
			block->number = f->filled++;
		}
		f->ended |= !more;
		if (f->filled % BLOCKS_PER_CALL == 0)
			pthread_cond_broadcast(&f->changed);
	}
	f->reading = false;
	pthread_cond_broadcast(&f->changed);
}

static void give_back(struct feed *f, uint64_t number)
{
	if (--f->unseen[number % RING_BLOCKS])
		return;
	f->seen = number + 1; /* in order: whoever has seen this one has seen those before */
	if (!f->reading)
		pthread_cond_broadcast(&f->changed); /* somebody may wait for room to read into */
}

const struct block *dz_feed_next(struct feed *f, unsigned shard)
{
	uint64_t *next = &f->next[shard];
	const struct block *block = NULL;

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
		block = &f->blocks[(*next)++ % RING_BLOCKS];
	pthread_mutex_unlock(&f->lock);
	return block;
}

void dz_feed_end(struct feed *f)
{
	pthread_mutex_lock(&f->lock);
	f->ended = true;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

bool dz_feed_was_stopped(const struct feed *f)
{
	return f->reader->account.stopped;
}
