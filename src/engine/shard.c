/* shard.c - one pipeline, from decoded packets to records: classifier and flow table. Shards share nothing but the feed. */
#include "config.h"
#include "engine_internal.h"

#include "distribooze/mem.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Packets after which lines may be handed over early. */
enum { BATCH_PACKETS = 4096 };

double dz_engine_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- label counts ---- */

void dz_tally_add(struct tally *t, const char *name, uint64_t flows, uint64_t packets, uint64_t bytes)
{
	size_t i = t->last;
	if (i >= t->count || strcmp(t->counts[i].name, name) != 0) {
		for (i = 0; i < t->count && strcmp(t->counts[i].name, name) != 0; i++)
			continue;
	}
	if (i == t->count) {
		void *block = t->counts;
		dz_mem_grow(&block, &t->capacity, t->count + 1, sizeof *t->counts);
		t->counts = block;
		t->counts[t->count++] = (struct dz_label_count){ dz_mem_strdup(name), 0, 0, 0 };
	}
	t->last = i;
	t->counts[i].flows += flows;
	t->counts[i].packets += packets;
	t->counts[i].bytes += bytes;
}

void dz_tally_release(struct tally *t)
{
	for (size_t i = 0; i < t->count; i++)
		free((void *)(uintptr_t)t->counts[i].name);
	free(t->counts);
	*t = (struct tally){ 0 };
}

/* ---- records ---- */

static void count_record(void *context, const struct dz_record *record)
{
	struct shard *s = context;
	const struct dz_side *side = record->side;
	dz_tally_add(&s->tally, record->text->application, record->end_reason != DZ_END_ACTIVE,
		     side[0].packets + side[1].packets, side[0].bytes + side[1].bytes);
	s->emit(s->emit_context, record);
}

static const char *input_name(const void *context, uint32_t input)
{
	return dz_inputs_name(context, input);
}

/* ---- life ---- */

bool dz_shard_init(struct shard *s, const struct dz_engine_config *config, struct feed *feed, unsigned number,
		   unsigned count, const atomic_bool *abandoned, struct dz_err *err)
{
	struct dz_flow_config flow = config->flow;

	*s = (struct shard){ .config = config, .feed = feed, .number = number, .abandoned = abandoned };
	s->classifier = config->classify_null ? dz_classifier_new_null() : dz_classifier_new(&config->classify, err);
	if (!s->classifier)
		return false;
	flow.input_name = input_name;
	flow.input_context = config->inputs;
	/* The limit is the run's: each shard has its part of it, rounded up. */
	flow.max_flows = flow.max_flows ? (flow.max_flows + count - 1) / count : 0;
	s->table = dz_flow_table_new(&flow, s->classifier, count_record, s);
	return true;
}

void dz_shard_release(struct shard *s)
{
	dz_tally_release(&s->tally);
	if (s->config->last_run)
		return;
	dz_flow_table_free(s->table);
	dz_classifier_free(s->classifier);
}

/* ---- packets ---- */

/* pkt: NULL for a packet that is not the shard's; its time matters all the same. */
static inline void take_packet(struct shard *s, const struct dz_packet *packet, const struct dz_pkt *pkt)
{
	if (packet->input != s->input && s->config->separate_inputs)
		dz_flow_table_flush(s->table, DZ_END_EOF);
	s->input = packet->input;
	dz_flow_table_advance(s->table, packet);
	if (pkt)
		dz_flow_table_add(s->table, packet, pkt);
}

static void end_flows(struct shard *s, bool stopped)
{
	if (!atomic_load(s->abandoned))
		dz_flow_table_flush(s->table, stopped ? DZ_END_SHUTDOWN : DZ_END_EOF);
	dz_flow_table_stats(s->table, &s->flows);
}

static void take_alone(void *context, const struct dz_packet *packet, const struct dz_pkt *pkt)
{
	struct shard *s = context;
	if (s->batch_over && packet->index % BATCH_PACKETS == 0)
		s->batch_over(s->emit_context);
	take_packet(s, packet, pkt);
}

void dz_shard_run_alone(struct shard *s, struct reader *reader)
{
	dz_reader_each(reader, take_alone, s);
	end_flows(s, reader->account.stopped);
}

void dz_shard_run(struct shard *s)
{
	const struct block *block;

	while ((block = dz_feed_next(s->feed, s->number))) {
		for (size_t i = 0; i < block->count; i++)
			take_packet(s, &block->packets[i], block->shards[i] == s->number ? &block->pkts[i] : NULL);
		if ((block->number + 1) % EPOCH_BLOCKS == 0)
			s->epoch_over(s->emit_context);
	}
	end_flows(s, dz_feed_was_stopped(s->feed));
}
