/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_internal.h - the parts of a run: the reader, what it reads, the ring that deals it out, the shards, and the
 * merger of their output. Shared by src/engine only. */
#ifndef DISTRIBOOZE_ENGINE_INTERNAL_H
#define DISTRIBOOZE_ENGINE_INTERNAL_H

#include "engine/engine.h"
#include <pthread.h>

/* ---- packets, read and decoded ---- */

/* Takes a packet. pkt is NULL when it is not a flow's: then only its time matters. Both are borrowed until it returns.
 */
typedef void packet_fn(void *context, const struct dz_frame *packet, const struct dz_packet *pkt);

/* Reads and decodes, and accounts for all that is not a flow's. */
struct reader {
	const struct dz_engine_config *config;
	const atomic_bool *abandoned; /* the output is not wanted any more */
	struct dz_source *source;
	struct dz_decoder *decoder;
	struct dz_filter *inner; /* NULL: there is none */
	/* Packets that the filter leaves out are looked at, too, now and then: to tell of those that it does not see.
	 */
	struct dz_filter *bare;    /* the filter for IP packets alone; NULL: it does not fit them, or there is none */
	struct dz_decoder *beside; /* decodes what was left out */
	struct dz_run_stats stats;
	double began;
	uint32_t refused_input;
	uint64_t *seen;        /* owned: packets of each input; NULL when live */
	uint64_t live_packets; /* numbers them */
	dz_source_take_fn *live_take;
	void (*publish)(void *context, const struct reader *reader); /* live: now and then; may be NULL */
	void *publish_context;
	/* for dz_reader_each() */
	packet_fn *take;
	void (*idle)(void *context, uint64_t complete_until);
	void *take_context;
	/* for dz_reader_fill() */
	struct dz_batch *batch;
	struct dz_frame aside; /* a packet that found no room in its batch; its bytes are owned */
	uint8_t *aside_bytes;
	struct dz_packet aside_behind; /* where its `next` is not 0: the packet of that frame that found room last */
	bool is_aside;
};

void dz_reader_init(struct reader *reader, const struct dz_engine_config *config, const atomic_bool *abandoned);
void dz_reader_release(struct reader *reader);

/* Hands all packets to `take`, until the inputs are at their end or the run is to stop. `idle` (may be NULL) is called
 * now and then while none come; no packet from before `complete_until` is then still to come (0: that is not known). */
void dz_reader_each(struct reader *reader, packet_fn *take, void (*idle)(void *context, uint64_t complete_until),
		    void *context);

/* A few packets, to be handed to other threads. */
enum { BATCH_PACKETS = 512, BATCH_BLOCKS = 16, NO_SHARD = UINT16_MAX };
struct dz_batch {
	uint64_t number; /* 0, 1, 2, ... */
	size_t count;
	bool idle;               /* closed because nothing came for a while, perhaps empty; it ends an epoch */
	uint64_t complete_until; /* of such a one: as for dz_reader_each() */
	struct dz_frame packets[BATCH_PACKETS]; /* without their bytes */
	struct dz_packet pkts[BATCH_PACKETS];   /* of those that are a flow's */
	uint16_t shards[BATCH_PACKETS];         /* whose it is, by its hosts, or NO_SHARD */
	/* The IP packets that pkts point to lie in blocks that were read into, as long as these are few, or are copied.
	 */
	struct dz_block *blocks[BATCH_BLOCKS]; /* held */
	size_t block_count;
	uint8_t *bytes;    /* owned: the copies */
	size_t used, size; /* of those */
	size_t span;       /* bytes of all packets, copied or not: at most `size` */
};

void dz_batch_init(struct dz_batch *batch);
void dz_batch_release(struct dz_batch *batch);

/* Fills the batch with the next packets, assigned to so many shards. False when nothing comes after it. */
bool dz_reader_fill(struct reader *reader, struct dz_batch *batch, unsigned shards);

/* ---- batches, read once and seen by every shard ---- */

/* Batches go around in a ring. A shard that has seen all of them reads on, for all; there is no thread for reading. */
struct dz_packet_ring; /* opaque */

/* A shard that waits for the merger keeps its batch, and the others can go on to the end of the ring. So when the
 * merger waits for nothing beyond that, there is no deadlock: an epoch of it is not longer than the ring. */
enum { RING_BATCHES = 16, EPOCH_BATCHES = 8 };

struct dz_packet_ring *dz_packet_ring_new(struct reader *reader, unsigned shards); /* borrows the reader */
void dz_packet_ring_free(struct dz_packet_ring *ring);
/* The shard is done with the batch it was given, and gets the next one: borrowed until the next call. NULL: no more. */
const struct dz_batch *dz_packet_ring_next(struct dz_packet_ring *ring, unsigned shard);
/* Reads no more. */
void dz_packet_ring_end(struct dz_packet_ring *ring);
/* Whether the run was stopped; known when a shard got its NULL. */
bool dz_packet_ring_was_stopped(const struct dz_packet_ring *ring);

/* ---- one pipeline ---- */

struct shard {
	const struct dz_engine_config *config;
	const atomic_bool *abandoned;
	struct dz_packet_ring *ring; /* borrowed; NULL for a shard that is alone */
	unsigned number;
	struct dz_classifier *classifier;
	struct dz_flow_table *table;
	struct dz_flow_stats flows;
	pthread_mutex_t *publish_lock;  /* borrowed; NULL: not asked for */
	struct dz_flow_stats published; /* flows so far, under the lock */
	struct dz_label_counts label_counts;
	uint64_t left_out; /* records that were not handed on */
	uint32_t input;    /* of the last packet */
	/* Where records go, and who is told that a batch or an epoch is over (may be NULL). */
	dz_record_fn *emit;
	void *emit_context;
	void (*batch_over)(void *context);
	void (*epoch_over)(void *context);
};

/* Makes the parts; the classifier is made here, so call it for one shard after another. `reader` is borrowed for names
 * and settings, also where the ring is what reads it. */
DZ_MUST_CHECK bool dz_shard_init(struct shard *shard, const struct reader *reader, struct dz_packet_ring *ring,
				 unsigned number, unsigned count, struct dz_err *err);
void dz_shard_release(struct shard *shard);
/* Takes what the ring gives, or, as the only shard, all that the reader reads; then ends the flows. */
void dz_shard_run(struct shard *shard);
void dz_shard_run_alone(struct shard *shard, struct reader *reader);

/* ---- merging the output of several shards in order ---- */

struct merger; /* opaque */
struct merger *dz_merger_new(unsigned shards, const struct dz_sink_config *sink, atomic_bool *abandoned);
void dz_merger_free(struct merger *merger);
/* For shard->emit, shard->epoch_over and their context. */
void *dz_merger_queue(struct merger *merger, unsigned shard);
void dz_merger_emit(void *queue, const struct dz_record *record);
void dz_merger_epoch_over(void *queue);
/* The shard will emit no more. */
void dz_merger_close(void *queue);
/* Takes what the sinks made from the queues, in the caller's thread, until all are closed. */
DZ_MUST_CHECK bool dz_merger_run(struct merger *merger, dz_write_fn *write, void *context, struct dz_err *err);
/* Nothing will be taken any more: lets the shards that wait, and those that read, end. */
void dz_merger_abandon(struct merger *merger);

#endif
