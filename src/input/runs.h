/* SPDX-License-Identifier: BSD-2-Clause */
/* runs.h - runs over captures, side by side, whose records are handed on one run after another.
 *
 * Each is a run of its own. What it brings waits in a queue, packed, so whoever takes it gets what it would get if the
 * runs were done one after another, in that order. What waits is bounded: who is too far ahead waits, too. */
#ifndef DISTRIBOOZE_RUNS_H
#define DISTRIBOOZE_RUNS_H

#include "engine/engine.h"

/* Where what a run brings goes, in the order in which it comes. Everything is borrowed until they return. */
struct dz_runs_taker {
	dz_record_fn *record;
	void (*warn)(void *context, const char *message);
	void (*progress)(void *context, const struct dz_progress *progress);
	void *context;
};

struct dz_runs_work {
	unsigned threads;
	size_t count; /* of runs */
	/* Does one run, which calls `to` in the thread it was called in. Several are done at once. */
	void (*run)(void *context, size_t number, const struct dz_runs_taker *to);
	void *context; /* borrowed */
};

struct dz_runs; /* opaque */

/* Begins with the first runs; the work is borrowed. NULL where no thread can be had. */
struct dz_runs *dz_runs_new(const struct dz_runs_work *work);

/* Hands on what a run brings, in the caller's thread, until it is done. To be called for 0, 1, 2, ... */
void dz_runs_take(struct dz_runs *runs, size_t number, const struct dz_runs_taker *to);

/* Begins no more runs, and waits for those that were begun; what they bring is dropped. To end early is the caller's
 * to tell them. */
void dz_runs_free(struct dz_runs *runs);

#endif
