/* engine_internal.h - the shards of a run and the merger of their output. Shared by src/engine only. */
#ifndef DISTRIBOOZE_ENGINE_INTERNAL_H
#define DISTRIBOOZE_ENGINE_INTERNAL_H

#include "distribooze/engine.h"
#include <pthread.h>

/* Packets after which a shard looks up from its work. Records are merged in epochs of EPOCH packets. */
enum { BATCH = 4096, EPOCH = 65536 };

/* ---- label counts ---- */

struct tally {
	struct dz_label_count *counts; /* owned, and their names */
	size_t count, capacity;
	size_t last; /* the one that was counted last */
};
void dz_tally_add(struct tally *tally, const char *name, uint64_t flows, uint64_t packets, uint64_t bytes);
void dz_tally_release(struct tally *tally);

/* ---- how far the shards of a run are, and where they stop together ---- */

struct course {
	pthread_mutex_t lock;
	uint64_t furthest; /* no shard has gone beyond this packet */
	uint64_t stop_at;  /* all shards end before this packet; UINT64_MAX: not asked to stop */
	atomic_bool *stop; /* NULL: never */
	atomic_bool abandoned; /* nobody wants the output any more */
};

/* ---- one pipeline ---- */

struct shard {
	const struct dz_engine_config *config;
	struct course *course;
	unsigned number, count;
	struct dz_source *source;
	struct dz_decoder *decoder;
	struct dz_classifier *classifier;
	struct dz_flow_table *table;
	struct dz_account account;
	struct tally tally;
	double began;
	/* Where records go, and who is told that a batch or an epoch is over (may be NULL). */
	dz_record_fn *emit;
	void *emit_context;
	void (*batch_over)(void *context);
	void (*epoch_over)(void *context);
};

/* Makes the parts; the classifier is made here, so call it for one shard after another. */
DZ_MUST_CHECK bool dz_shard_init(struct shard *shard, const struct dz_engine_config *config, struct course *course,
				 unsigned number, unsigned count, struct dz_err *err);
void dz_shard_release(struct shard *shard);
/* Reads all inputs. */
void dz_shard_run(struct shard *shard);

double dz_engine_now(void); /* monotonic seconds */

/* ---- merging the lines of several shards in order ---- */

struct merger; /* opaque */
struct merger *dz_merger_new(unsigned shards, const struct dz_sink_config *sink, struct course *course);
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
