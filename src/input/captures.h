/* SPDX-License-Identifier: BSD-2-Clause */
/* captures.h - what captures bring, by runs of the engine: in the caller's thread, or, of words that are by themselves,
 * ahead of their turn, each in a thread of its own. */
#ifndef DISTRIBOOZE_CAPTURES_H
#define DISTRIBOOZE_CAPTURES_H

#include "engine/engine.h"
#include "input/runs.h"

/* What all runs over captures share. */
struct dz_captures {
	const struct dz_engine_config *engine; /* borrowed */
	atomic_bool stop;                      /* set by anybody: all runs end */
	struct dz_classify_turn turn;
};

void dz_captures_init(struct dz_captures *captures, const struct dz_engine_config *engine);
void dz_captures_release(struct dz_captures *captures);

/* A run over what words stand for, and what came of it. */
struct dz_captures_run {
	const char *const *words;   /* borrowed */
	struct dz_stream **streams; /* of words that were looked into, and are read on: taken; NULL: of none */
	size_t count;
	bool apart;        /* flows end with the capture they began in */
	unsigned threads;  /* 0: as many as the engine's configuration says */
	uint64_t failures; /* inputs that could not be read, or broke off */
	bool done;         /* false: it could not begin, with a message in `err` */
	struct dz_run_stats stats;
	struct dz_err err;
};

void dz_captures_read(struct dz_captures *captures, struct dz_captures_run *run, const struct dz_runs_taker *to);

/* Words that are read ahead, each by a run of its own. What comes of it is the same as when they are read in turn by
 * one thread each. Opaque. */
struct dz_captures_ahead;

struct dz_captures_word {
	const char *text; /* borrowed. NULL: it is not to be read ahead */
	bool apart;
};

/* Begins to read. One file or folder that is much larger than the others is left to be read in its turn, by all
 * threads: nobody would wait for less. NULL where nothing can be read ahead. The words are needed no longer. */
struct dz_captures_ahead *dz_captures_ahead_new(struct dz_captures *captures, const struct dz_captures_word *words,
						size_t count);
/* Whether that word is the next of them; there are none where `ahead` is NULL. */
bool dz_captures_ahead_is_next(const struct dz_captures_ahead *ahead, size_t word);
/* Hands on all that the next of them brings. Returns what came of it, borrowed. */
struct dz_captures_run *dz_captures_ahead_take(struct dz_captures_ahead *ahead, const struct dz_runs_taker *to);
/* Stops what was not taken. */
void dz_captures_ahead_free(struct dz_captures_ahead *ahead);

#endif
