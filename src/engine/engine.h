/* SPDX-License-Identifier: BSD-2-Clause */
/* engine.h - connects the parts: source, decode, flow table, classifier, and where records go.
 *
 * Knows how the parts connect; knows no protocols and no formats. */
#ifndef DISTRIBOOZE_ENGINE_H
#define DISTRIBOOZE_ENGINE_H

#include "decode/decode.h"
#include "engine/label_counts.h"
#include "base/err.h"
#include "flow/flow_table.h"
#include "record/selection.h"
#include "sink/sink.h"
#include "capture/source.h"
#include "capture/source_live.h"
#include <stdatomic.h>

/* The accounting record: what was read and what became of it. The totals add up, unless a failing writer ended the run:
 * packets + subframes == filtered + sum(verdicts), and verdicts[DZ_DECODE_OK] == flows.packets. */
struct dz_run_stats {
	uint64_t packets, bytes; /* read from the inputs; bytes by wire length */
	uint64_t subframes;      /* packets beyond the first of frames that hold several */
	uint64_t filtered;       /* left out by a filter */
	uint64_t hidden;         /* at least so many of them would have passed `filter` without what is around their
				    innermost IP packet: tags, tunnels */
	uint64_t verdicts[DZ_VERDICT_COUNT];
	struct dz_decode_counts decoded; /* what was not IP, and which tunnels were met */
	struct dz_flow_stats
		flows;           /* peak_flows: the sum of the shards' peaks, which may have been at different times */
	uint64_t *input_packets; /* owned: packets read of each input, the skipped ones among them; NULL when live */
	uint64_t resumed;        /* packets that were skipped (dz_engine_config.skip); not in `packets` */
	uint64_t left_out;       /* of flows.records, those that the selection did not take: they were not written */
	uint64_t dropped;        /* packets that were lost before they came into the captures, as these tell */
	uint64_t sections_back;  /* sections within captures that begin earlier than what stands before them ends */
	uint64_t damaged_inputs; /* inputs that broke off, could not be opened, or have an unsupported link type */
	struct dz_label_count *labels; /* owned; most flows first */
	size_t label_count;
	uint64_t first_ns, last_ns; /* earliest and latest packet; 0 when there was none */
	double seconds;             /* wall time of the run */
	uint64_t discarded;         /* live: what was still kept when packet_limit was reached */
	bool stopped;               /* by the stop flag, or the limit */
	unsigned threads;           /* shards that ran */
};

void dz_run_stats_release(struct dz_run_stats *stats);

struct dz_progress {
	uint64_t packets, position, size; /* position and size in stored bytes; size 0: not known */
	double seconds;
};

/* When lines are handed over to the writer, whole lines always. By one shard: several wait for one another now and
 * then, whatever is asked for here. */
enum dz_flush {
	DZ_FLUSH_FULL,    /* when a buffer is full */
	DZ_FLUSH_BATCHES, /* and after a few thousand packets */
	DZ_FLUSH_RECORDS  /* each at once, for a reader who waits for it */
};

/* Which members of a shape are somebody's wish, and no defaults. */
struct dz_shape_asked {
	bool layer, bin_width, bins;
};

struct dz_engine_config {
	const struct dz_inputs *inputs; /* borrowed; of a live capture: its interfaces */
	struct dz_live *live;           /* borrowed: packets come from there. NULL: from the inputs */
	uint64_t packet_limit;          /* live: the run ends after so many packets. 0: none */
	const char *filter;             /* borrowed, NULL for none */
	const char *filter_inner;       /* the same, of the innermost IP packet, as LINKTYPE_RAW has it */
	const uint64_t *skip; /* borrowed, by input: so many of its packets an earlier run has read. NULL: none */
	const struct dz_selection *selection; /* borrowed, NULL for all: which records are handed on */
	struct dz_decode_config decode;
	struct dz_classify_config classify;
	bool classify_null;          /* no nDPI: all labels "Unknown" */
	struct dz_flow_config flow;  /* input_name is set by the engine */
	struct dz_shape_asked asked; /* what of its shape the user chose; not the engine's */
	unsigned threads;            /* shards, at least 1. Streams run as one: several take
					packets by the hundred, and would keep them waiting */
	bool threads_as_worth;       /* fewer where the captures are too small for so many to pay */
	uint64_t deal_seed;          /* what hosts are dealt to shards by: one number for captures, so that a run can be
					repeated; a secret one (base/seed.h) where strangers are listened to */
	bool separate_inputs;        /* flows end with the input they began in */
	bool last_run;               /* the process ends with it: flow tables and classifiers are left to the system,
					as giving back what nDPI allocated takes as long as some 5,000 packets */
	enum dz_flush flush;
	atomic_bool *stop; /* set by a signal handler, or from any thread; NULL: never */
	/* Called once, when all is made that takes files or privileges, before any thread is started and any packet is
	 * read: the place to give privileges up. May be NULL. */
	bool (*ready)(void *context, struct dz_err *err);
	/* These are called by one thread at a time, which need not be the caller's. */
	/* Live: about each DZ_LIVE_WAIT_MS, what was done so far (labels are left out). May be NULL. */
	void (*status)(void *context, const struct dz_run_stats *stats);
	void (*warn)(void *context, const char *message);            /* a damaged input; may be NULL */
	void (*progress)(void *context, const struct dz_progress *); /* now and then; may be NULL */
	void *context;
};

void dz_engine_config_init(struct dz_engine_config *config);

/* Runs the shards and hands each record to `emit` (for the statistics), in the caller's thread and in order.
 * False when the run could not begin. */
DZ_MUST_CHECK bool dz_engine_run_records(const struct dz_engine_config *config, dz_record_fn *emit, void *context,
					 struct dz_run_stats *stats, struct dz_err *err);

/* Takes a run of whole lines, in order; returns false (with a message) when they cannot be written. */
typedef bool dz_write_fn(void *context, const char *bytes, size_t size, uint64_t records, struct dz_err *err);

/* Runs the shards, each with a sink of its own, and hands the lines to `write` in order. False when the run could
 * not begin or a write failed; the stats is filled in either case. */
DZ_MUST_CHECK bool dz_engine_run_sink(const struct dz_engine_config *config, const struct dz_sink_config *sink,
				      dz_write_fn *write, void *context, struct dz_run_stats *stats,
				      struct dz_err *err);

#endif
