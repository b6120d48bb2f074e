/* SPDX-License-Identifier: BSD-2-Clause */
/* live_stats.h - what a live capture did so far: as a JSON line, as metrics, as a sentence. */
#ifndef DISTRIBOOZE_LIVE_STATS_H
#define DISTRIBOOZE_LIVE_STATS_H

#include "engine/engine.h"
#include "output/write_queue.h"

struct dz_live_stats {
	const struct dz_run_stats *run;               /* borrowed, as all here */
	const struct dz_inputs *inputs;               /* the interfaces' names */
	const struct dz_interface_counts *interfaces; /* one for each */
	struct dz_write_counts output;
	uint64_t clock_steps;
	const char *observer;
	uint64_t now_ns; /* wall clock */
};

/* Sums over the interfaces. */
struct dz_interface_counts dz_live_stats_sum(const struct dz_live_stats *stats);
/* Flows that are open. */
uint64_t dz_live_stats_open(const struct dz_run_stats *run);

/* One JSON line: the accounting of docs/RECORD.md, cumulative, and what is live's own. */
void dz_live_stats_json(const struct dz_live_stats *stats, struct dz_strbuf *out);

/* Prometheus' text exposition format 0.0.4, without time stamps. */
void dz_live_stats_metrics(const struct dz_live_stats *stats, struct dz_strbuf *out);

#endif
