/* engine_internal.h - the parts of a run: the reader, what it reads, the feed that deals it out, the shards, and the
 * merger of their output. Shared by src/engine only. */
#ifndef DISTRIBOOZE_ENGINE_INTERNAL_H
#define DISTRIBOOZE_ENGINE_INTERNAL_H

#include "distribooze/engine.h"
#include <pthread.h>

/* ---- label counts ---- */

struct tally {
	struct dz_label_count *counts; /* owned, and their names */
	size_t count, capacity;
	size_t last; /* the one that was counted last */
};
void dz_tally_add(struct tally *tally, const char *name, uint64_t flows, uint64_t packets, uint64_t bytes);
void dz_tally_release(struct tally *tally);

/* ---- packets, read and decoded ---- */

/* Takes a packet. pkt is NULL when it is not a flow's: then only its time matters. Both are borrowed until it returns. */
typedef void packet_fn(void *context, const struct dz_packet *packet, const struct dz_pkt *pkt);

/* Reads and decodes, and accounts for all that is not a flow's. */
struct reader {
	const struct dz_engine_config *config;
	const atomic_bool *abandoned; /* nobody wants the output any more */
	struct dz_source *source;
	struct dz_decoder *decoder;
	struct dz_account account;
	double began;
	uint32_t refused_input;
	/* for dz_reader_each() */
	packet_fn *take;
	void *take_context;
	/* for dz_reader_fill() */
	struct block *block;
	struct dz_packet aside; /* a packet that found no room in its block; its bytes are owned */
	uint8_t *aside_bytes;
	bool is_aside;
};

void dz_reader_init(struct reader *reader, const struct dz_engine_config *config, const atomic_bool *abandoned);
void dz_reader_release(struct reader *reader);

/* Hands all packets to `take`, until the inputs are at their end or the run is to stop. */
void dz_reader_each(struct reader *reader, packet_fn *take, void *context);

/* A few packets, to be handed to other threads. */
enum { BLOCK_PACKETS = 512, NOBODYS = UINT16_MAX };
struct block {
	uint64_t number; /* 0, 1, 2, ... */
	size_t count;
	struct dz_packet packets[BLOCK_PACKETS]; /* without their bytes */
	struct dz_pkt pkts[BLOCK_PACKETS];       /* of those that are a flow's */
	uint16_t shards[BLOCK_PACKETS];          /* whose it is, by its hosts, or NOBODYS */
	uint8_t *bytes;                          /* owned: the IP packets that pkts point to */
	size_t used, size;
};

void dz_block_init(struct block *block);
void dz_block_release(struct block *block);

/* Fills the block with the next packets, dealt to so many shards. False when nothing comes after it. */
bool dz_reader_fill(struct reader *reader, struct block *block, unsigned shards);

/* ---- blocks, read once and seen by every shard ---- */

/* Blocks go around in a ring. A shard that has seen all of them reads on, for all; there is no thread for reading. */
struct feed; /* opaque */

/* A shard that waits for the merger keeps its block, and the others can go on to the end of the ring. So when the merger
 * waits for nothing beyond that, nobody waits for ever: an epoch of it is not longer than the ring. */
enum { RING_BLOCKS = 16, EPOCH_BLOCKS = 8 };

struct feed *dz_feed_new(struct reader *reader, unsigned shards); /* borrows the reader */
void dz_feed_free(struct feed *feed);
/* The shard is done with the block it was given, and gets the next one: borrowed until the next call. NULL: no more. */
const struct block *dz_feed_next(struct feed *feed, unsigned shard);
/* Reads no more. */
void dz_feed_end(struct feed *feed);
/* Whether the run was stopped; known when a shard got its NULL. */
bool dz_feed_was_stopped(const struct feed *feed);

/* ---- one pipeline ---- */

struct shard {
	const struct dz_engine_config *config;
	const atomic_bool *abandoned;
	struct feed *feed; /* borrowed; NULL for a shard that is alone */
	unsigned number;
	struct dz_classifier *classifier;
	struct dz_flow_table *table;
	struct dz_flow_stats flows;
	struct tally tally;
	uint32_t input; /* of the last packet */
	/* Where records go, and who is told that a batch or an epoch is over (may be NULL). */
	dz_record_fn *emit;
	void *emit_context;
	void (*batch_over)(void *context);
	void (*epoch_over)(void *context);
};

/* Makes the parts; the classifier is made here, so call it for one shard after another. */
DZ_MUST_CHECK bool dz_shard_init(struct shard *shard, const struct dz_engine_config *config, struct feed *feed,
				 unsigned number, unsigned count, const atomic_bool *abandoned, struct dz_err *err);
void dz_shard_release(struct shard *shard);
/* Takes what the feed gives, or, as the only shard, all that the reader reads; then ends the flows. */
void dz_shard_run(struct shard *shard);
void dz_shard_run_alone(struct shard *shard, struct reader *reader);

double dz_engine_now(void); /* monotonic seconds */

/* ---- merging the lines of several shards in order ---- */

struct merger; /* opaque */
struct merger *dz_merger_new(unsigned shards, const struct dz_sink_config *sink, atomic_bool *abandoned);
void dz_merger_free(struct merger *merger);
/* For shard->emit, shard->epoch_over and their context. */
void *dz_merger_inlet(struct merger *merger, unsigned shard);
void dz_merger_emit(void *inlet, const struct dz_record *record);
void dz_merger_epoch_over(void *inlet);
/* The shard will emit no more. */
void dz_merger_close(void *inlet);
/* Takes lines from the inlets, in the caller's thread, until all are closed. */
DZ_MUST_CHECK bool dz_merger_run(struct merger *merger, dz_write_fn *write, void *context, struct dz_err *err);
/* Nobody will take lines any more: lets the shards that wait, and those that read, end. */
void dz_merger_abandon(struct merger *merger);

#endif
