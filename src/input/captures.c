/* SPDX-License-Identifier: BSD-2-Clause */
/* captures.c - see captures.h. */
#include "config.h"
#include "input/captures.h"

#include "base/mem.h"
#include <stdlib.h>

void dz_captures_init(struct dz_captures *captures, const struct dz_engine_config *engine)
{
	captures->engine = engine;
	atomic_init(&captures->stop, false);
	dz_classify_turn_init(&captures->turn);
}

void dz_captures_release(struct dz_captures *captures)
{
	dz_classify_turn_release(&captures->turn);
}

/* ---- one run, in any thread ---- */

static struct dz_inputs *open_inputs(const struct dz_captures_run *run, const struct dz_runs_taker *to)
{
	struct dz_inputs *inputs = dz_inputs_new(run->words, run->count, to->warn, to->context);

	for (size_t i = 0; run->streams && i < run->count; i++) {
		if (run->streams[i])
			dz_inputs_set_stream(inputs, run->words[i], run->streams[i]);
		run->streams[i] = NULL;
	}
	return inputs;
}

void dz_captures_read(struct dz_captures *captures, struct dz_captures_run *run, const struct dz_runs_taker *to)
{
	struct dz_engine_config config = *captures->engine;
	struct dz_inputs *inputs = open_inputs(run, to);

	run->failures = dz_inputs_failures(inputs);
	run->done = true;
	if (dz_inputs_count(inputs)) {
		config.inputs = inputs;
		config.separate_inputs |= run->apart;
		config.threads = run->threads ? run->threads : config.threads;
		config.classify.turn = &captures->turn;
		config.stop = &captures->stop;
		config.warn = to->warn;
		config.progress = to->progress;
		config.context = to->context;
		run->done = dz_engine_run_records(&config, to->record, to->context, &run->stats, &run->err);
		run->failures += run->stats.damaged_inputs;
	}
	dz_inputs_free(inputs);
}

/* ---- several, ahead of their turn ---- */

struct dz_captures_ahead {
	struct dz_captures *captures;
	struct dz_captures_run *reads; /* owned: of those that are read ahead, in their order */
	const char **texts;            /* owned: of each, its word */
	size_t *numbers;               /* owned: of each, the word's number */
	size_t count, taken;
	struct dz_runs_work work;
	struct dz_runs *runs;
};

static void read_one(void *context, size_t number, const struct dz_runs_taker *to)
{
	struct dz_captures_ahead *ahead = context;
	dz_captures_read(ahead->captures, &ahead->reads[number], to);
}

/* Whether one thread is about as soon done with it as all threads with everything. */
static bool is_for_one(uint64_t size, uint64_t all, unsigned threads)
{
	return size * threads <= all + all / 2;
}

static void choose(struct dz_captures_ahead *ahead, const struct dz_captures_word *words, size_t count)
{
	uint64_t *sizes = dz_mem_zalloc(count, sizeof *sizes), all = 0;

	for (size_t i = 0; i < count; i++) {
		sizes[i] = words[i].text ? dz_inputs_size_of_word(words[i].text) : 0;
		all += sizes[i];
	}
	for (size_t i = 0; i < count; i++) {
		size_t n = ahead->count;
		if (!words[i].text || !is_for_one(sizes[i], all, ahead->captures->engine->threads))
			continue;
		ahead->texts[n] = words[i].text;
		ahead->numbers[n] = i;
		ahead->reads[n] = (struct dz_captures_run){
			.words = &ahead->texts[n], .count = 1, .apart = words[i].apart, .threads = 1
		};
		ahead->count++;
	}
	free(sizes);
}

struct dz_captures_ahead *dz_captures_ahead_new(struct dz_captures *captures, const struct dz_captures_word *words,
						size_t count)
{
	unsigned threads = captures->engine->threads;
	struct dz_captures_ahead *ahead;

	if (threads < 2 || count < 2)
		return NULL;
	ahead = dz_mem_zalloc(1, sizeof *ahead);
	ahead->captures = captures;
	ahead->reads = dz_mem_zalloc(count, sizeof *ahead->reads);
	ahead->texts = dz_mem_zalloc(count, sizeof *ahead->texts);
	ahead->numbers = dz_mem_zalloc(count, sizeof *ahead->numbers);
	choose(ahead, words, count);
	ahead->work =
		(struct dz_runs_work){ .threads = threads, .count = ahead->count, .run = read_one, .context = ahead };
	if (ahead->count > 1)
		ahead->runs = dz_runs_new(&ahead->work);
	if (ahead->runs)
		return ahead;
	dz_captures_ahead_free(ahead);
	return NULL;
}

bool dz_captures_ahead_is_next(const struct dz_captures_ahead *ahead, size_t word)
{
	return ahead && ahead->taken < ahead->count && ahead->numbers[ahead->taken] == word;
}

struct dz_captures_run *dz_captures_ahead_take(struct dz_captures_ahead *ahead, const struct dz_runs_taker *to)
{
	dz_runs_take(ahead->runs, ahead->taken, to);
	return &ahead->reads[ahead->taken++];
}

void dz_captures_ahead_free(struct dz_captures_ahead *ahead)
{
	if (!ahead)
		return;
	if (ahead->runs) {
		atomic_store(&ahead->captures->stop, true);
		dz_runs_free(ahead->runs);
	}
	for (size_t i = ahead->taken; i < ahead->count; i++)
		dz_run_stats_release(&ahead->reads[i].stats);
	free(ahead->reads);
	free(ahead->texts);
	free(ahead->numbers);
	free(ahead);
}
