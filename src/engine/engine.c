/* SPDX-License-Identifier: BSD-2-Clause */
/* engine.c - see engine.h: makes the shards of a run, runs them, and adds up their accounts. */
#include "config.h"
#include "engine/engine.h"

#include "base/clock.h"
#include "base/mem.h"
#include "engine/engine_internal.h"
#include "record/record_pack.h"
#include "sink/sink_ops.h"
#include <stdlib.h>
#include <string.h>

enum { HAND_OVER_SIZE = 1 << 16, BYTES_PER_SHARD = 24 << 20 };

void dz_engine_config_init(struct dz_engine_config *config)
{
	*config =
		(struct dz_engine_config){ .decode = { .tunnels = true }, .classify = { .guess = true }, .threads = 1 };
	dz_flow_config_init(&config->flow);
}

/* ---- a run ---- */

struct run {
	atomic_bool abandoned; /* the output is not wanted any more */
	struct reader reader;
	struct dz_packet_ring *ring; /* NULL for a shard that is alone */
	struct shard *shards;
	unsigned count; /* of shards made */
	pthread_mutex_t publish_lock;
};

static void add_flow_stats(struct dz_flow_stats *sum, const struct dz_flow_stats *part)
{
	sum->packets += part->packets;
	sum->flows += part->flows;
	sum->records += part->records;
	sum->peak_flows += part->peak_flows;
	sum->oversized += part->oversized;
	sum->resegmented += part->resegmented;
	sum->added += part->added;
	for (unsigned i = 0; i < DZ_END_COUNT; i++)
		sum->by_end_reason[i] += part->by_end_reason[i];
}

/* What was done so far, by the thread that reads. */
static void publish(void *context, const struct reader *reader)
{
	const struct dz_engine_config *config = reader->config;
	struct run *run = context;
	struct dz_run_stats stats = reader->stats;

	pthread_mutex_lock(&run->publish_lock);
	for (unsigned i = 0; i < run->count; i++)
		add_flow_stats(&stats.flows, &run->shards[i].published);
	pthread_mutex_unlock(&run->publish_lock);
	stats.seconds = dz_clock_now() - reader->began;
	stats.threads = run->count;
	config->status(config->context, &stats);
}

static void run_init(struct run *run, const struct dz_engine_config *config, unsigned shards)
{
	*run = (struct run){ .shards = dz_mem_zalloc(shards, sizeof *run->shards) };
	atomic_init(&run->abandoned, false);
	pthread_mutex_init(&run->publish_lock, NULL);
	dz_reader_init(&run->reader, config, &run->abandoned);
	if (config->status) {
		run->reader.publish = publish;
		run->reader.publish_context = run;
	}
	run->ring = shards > 1 ? dz_packet_ring_new(&run->reader, shards) : NULL;
}

/* nDPI's initialisation races with itself: all shards are made before any thread starts. */
static bool make_shards(struct run *run, unsigned shards, struct dz_err *err)
{
	const struct dz_engine_config *config = run->reader.config;
	bool fine = true;
	while (fine && run->count < shards) {
		unsigned number = run->count++;
		fine = dz_shard_init(&run->shards[number], &run->reader, run->ring, number, shards, err);
		run->shards[number].publish_lock = config->status ? &run->publish_lock : NULL;
	}
	return fine && (!config->ready || config->ready(config->context, err));
}

static void run_release(struct run *run)
{
	for (unsigned i = 0; i < run->count; i++)
		dz_shard_release(&run->shards[i]);
	free(run->shards);
	dz_packet_ring_free(run->ring);
	dz_reader_release(&run->reader);
	pthread_mutex_destroy(&run->publish_lock);
}

/* ---- accounts ---- */

static int most_flows_first(const void *a, const void *b)
{
	const struct dz_label_count *x = a, *y = b;
	if (x->flows != y->flows)
		return x->flows > y->flows ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void add_up(struct dz_run_stats *stats, struct run *run)
{
	struct dz_label_counts all = { 0 };
	struct dz_source_stats source;

	*stats = run->reader.stats;
	dz_source_stats(run->reader.source, &source);
	stats->dropped = source.dropped;
	stats->sections_back = source.sections_back;
	stats->decoded = *dz_decoder_counts(run->reader.decoder);
	for (unsigned i = 0; i < run->count; i++) {
		const struct dz_label_counts *part = &run->shards[i].label_counts;
		add_flow_stats(&stats->flows, &run->shards[i].flows);
		stats->left_out += run->shards[i].left_out;
		for (size_t k = 0; k < part->count; k++)
			dz_label_counts_add(&all, part->counts[k].name, part->counts[k].flows, part->counts[k].packets,
					    part->counts[k].bytes);
	}
	stats->labels = dz_label_counts_take(&all, &stats->label_count);
	if (stats->label_count)
		qsort(stats->labels, stats->label_count, sizeof *stats->labels, most_flows_first);
	stats->seconds = dz_clock_now() - run->reader.began;
	stats->threads = run->count;
	stats->input_packets = run->reader.seen;
	run->reader.seen = NULL;
}

void dz_run_stats_release(struct dz_run_stats *stats)
{
	struct dz_label_counts label_counts = { .counts = stats->labels, .count = stats->label_count };
	dz_label_counts_release(&label_counts);
	free(stats->input_packets);
	stats->input_packets = NULL;
	stats->labels = NULL;
	stats->label_count = 0;
}

/* ---- one shard, lines to a writer ---- */

struct line_writer {
	struct dz_sink *sink;
	struct dz_strbuf lines;
	uint64_t records;
	size_t hand_over_size;
	dz_write_fn *write;
	void *context;
	atomic_bool *abandoned;
	struct dz_err *err;
	bool failed;
};

static void hand_over(struct line_writer *w)
{
	if (w->lines.size && !w->failed && !w->write(w->context, w->lines.data, w->lines.size, w->records, w->err)) {
		w->failed = true;
		atomic_store(w->abandoned, true);
	}
	dz_strbuf_clear(&w->lines);
	w->records = 0;
}

static void hand_over_batch(void *context)
{
	hand_over(context);
}

static void write_record(void *context, const struct dz_record *record)
{
	struct line_writer *w = context;
	dz_sink_write(w->sink, record, &w->lines);
	w->records++;
	if (w->lines.size >= w->hand_over_size)
		hand_over(w);
}

static bool run_alone(const struct dz_engine_config *config, const struct dz_sink_config *sink, dz_write_fn *write,
		      void *context, struct dz_run_stats *stats, struct dz_err *err)
{
	struct line_writer w = { .hand_over_size = config->flush == DZ_FLUSH_RECORDS ? 1 : HAND_OVER_SIZE,
				 .write = write,
				 .context = context,
				 .err = err };
	struct run run;
	bool fine;

	run_init(&run, config, 1);
	fine = make_shards(&run, 1, err);
	if (fine) {
		struct shard *shard = &run.shards[0];
		w.abandoned = &run.abandoned;
		w.sink = dz_sink_new(sink);
		dz_sink_header(w.sink, &w.lines);
		if (config->flush == DZ_FLUSH_RECORDS)
			hand_over(&w);
		if (config->flush == DZ_FLUSH_BATCHES)
			shard->batch_over = hand_over_batch;
		shard->emit = write_record;
		shard->emit_context = &w;
		dz_shard_run_alone(shard, &run.reader);
		if (!w.failed)
			dz_sink_finish(w.sink, &w.lines);
		hand_over(&w);
		add_up(stats, &run);
		fine = !w.failed;
	}
	dz_sink_free(w.sink);
	dz_strbuf_release(&w.lines);
	run_release(&run);
	return fine;
}

/* ---- several shards ---- */

static void *shard_thread(void *context)
{
	struct shard *shard = context;
	dz_shard_run(shard);
	dz_merger_close(shard->emit_context);
	return NULL;
}

static bool run_together(const struct dz_engine_config *config, const struct dz_sink_config *sink, unsigned count,
			 dz_write_fn *write, void *context, struct dz_run_stats *stats, struct dz_err *err)
{
	pthread_t *threads = dz_mem_zalloc(count, sizeof *threads);
	struct merger *merger;
	unsigned started = 0;
	struct run run;
	bool fine;

	run_init(&run, config, count);
	merger = dz_merger_new(count, sink, &run.abandoned);
	fine = make_shards(&run, count, err);
	for (; fine && started < count; started++) {
		struct shard *shard = &run.shards[started];
		shard->emit = dz_merger_emit;
		shard->epoch_over = dz_merger_epoch_over;
		shard->emit_context = dz_merger_queue(merger, started);
		int code = pthread_create(&threads[started], NULL, shard_thread, shard);
		if (code)
			fine = dz_err_set(err, "a thread could not be started: %s", strerror(code));
		if (!fine)
			break;
	}
	if (fine) {
		fine = dz_merger_run(merger, write, context, err);
	} else {
		dz_merger_abandon(merger);
		dz_packet_ring_end(run.ring);
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (started == count)
		add_up(stats, &run);
	run_release(&run);
	dz_merger_free(merger);
	free(threads);
	return fine;
}

/* ---- records to a callback ---- */

static bool run_records_alone(const struct dz_engine_config *config, dz_record_fn *emit, void *context,
			      struct dz_run_stats *stats, struct dz_err *err)
{
	struct run run;
	bool fine;

	run_init(&run, config, 1);
	fine = make_shards(&run, 1, err);
	if (fine) {
		run.shards[0].emit = emit;
		run.shards[0].emit_context = context;
		dz_shard_run_alone(&run.shards[0], &run.reader);
		add_up(stats, &run);
	}
	run_release(&run);
	return fine;
}

/* Several shards: records travel to the merger as a format of their own. */

static void *pack_open(const struct dz_sink_config *config)
{
	(void)config;
	return NULL;
}

static void pack_close(void *state)
{
	(void)state;
}

static void pack_write(void *state, const struct dz_record *record, struct dz_strbuf *out)
{
	(void)state;
	dz_record_pack(record, out);
}

static const struct dz_sink_ops pack = { .open = pack_open, .close = pack_close, .write = pack_write };

struct record_taker {
	dz_record_fn *emit;
	void *context;
};

static bool take_packed(void *context, const char *bytes, size_t size, uint64_t records, struct dz_err *err)
{
	const struct record_taker *taker = context;
	struct dz_record_unpacked unpacked;

	(void)records;
	(void)err;
	for (size_t at = 0; at < size;) {
		at += dz_record_unpack(bytes + at, &unpacked);
		taker->emit(taker->context, &unpacked.record);
	}
	return true;
}

/* ---- both ---- */

/* A further shard costs the start of a classifier of its own, some 12 ms, and saves about a third of what one alone
 * would take: it pays from some 90,000 packets on. Their number comes from the size alone, so that it is the same in
 * each run. */
static unsigned shards_for(const struct dz_engine_config *config)
{
	uint64_t worth;

	if (config->live)
		return config->threads;
	if (!dz_inputs_seekable(config->inputs))
		return 1;
	worth = dz_inputs_size(config->inputs) / BYTES_PER_SHARD;
	if (!config->threads_as_worth || worth >= config->threads)
		return config->threads;
	return worth > 1 ? (unsigned)worth : 1;
}

bool dz_engine_run_records(const struct dz_engine_config *config, dz_record_fn *emit, void *context,
			   struct dz_run_stats *stats, struct dz_err *err)
{
	static const struct dz_sink_config packed = { .ops = &pack };
	struct record_taker taker = { emit, context };
	unsigned shards = shards_for(config);

	*stats = (struct dz_run_stats){ 0 };
	if (shards > 1)
		return run_together(config, &packed, shards, take_packed, &taker, stats, err);
	return run_records_alone(config, emit, context, stats, err);
}

bool dz_engine_run_sink(const struct dz_engine_config *config, const struct dz_sink_config *sink, dz_write_fn *write,
			void *context, struct dz_run_stats *stats, struct dz_err *err)
{
	unsigned shards = shards_for(config);

	*stats = (struct dz_run_stats){ 0 };
	if (shards > 1)
		return run_together(config, sink, shards, write, context, stats, err);
	return run_alone(config, sink, write, context, stats, err);
}
