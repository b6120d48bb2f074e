/* SPDX-License-Identifier: BSD-2-Clause */
/* shard.c - one pipeline, from decoded packets to records: classifier and flow table. Shards share nothing but the
 * ring. */
#include "config.h"
#include "engine/engine_internal.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

/* Packets after which lines may be handed over early. */
enum { FLUSH_PACKETS = 4096 };

/* ---- records ---- */

static void count_record(void *context, const struct dz_record *record)
{
	struct shard *s = context;
	const struct dz_side *side = record->side;
	dz_label_counts_add(&s->label_counts, record->text->application, record->end_reason != DZ_END_ACTIVE,
			    side[0].packets + side[1].packets, side[0].bytes + side[1].bytes);
	if (!(side[0].packets + side[1].packets))
		return;
	if (s->config->selection && !dz_selection_takes(s->config->selection, record))
		s->left_out++;
	else
		s->emit(s->emit_context, record);
}

static const char *input_name(const void *context, uint32_t input)
{
	const struct reader *reader = context;
	return dz_inputs_name(reader->config->inputs, input);
}

static const char *interface_name(const void *context, uint16_t interface)
{
	const struct reader *reader = context;
	if (reader->config->live)
		return dz_live_interface_name(reader->config->live, interface);
	return dz_source_interface_name(reader->source, interface);
}

static uint64_t wall_time(const void *context, uint64_t time_ns)
{
	const struct reader *reader = context;
	return dz_live_wall_time(reader->config->live, time_ns);
}

/* ---- life ---- */

bool dz_shard_init(struct shard *s, const struct reader *reader, struct dz_packet_ring *ring, unsigned number,
		   unsigned count, struct dz_err *err)
{
	const struct dz_engine_config *config = reader->config;
	struct dz_flow_config flow = config->flow;

	*s = (struct shard){ .config = config, .ring = ring, .number = number, .abandoned = reader->abandoned };
	s->classifier = config->classify_null ? dz_classifier_new_null() : dz_classifier_new(&config->classify, err);
	if (!s->classifier)
		return false;
	flow.input_name = input_name;
	flow.interface_name = interface_name;
	flow.wall_time = config->live ? wall_time : NULL;
	flow.name_context = reader;
	/* The limit is the run's: each shard has its part of it, rounded up. */
	flow.max_flows = flow.max_flows ? (flow.max_flows + count - 1) / count : 0;
	s->table = dz_flow_table_new(&flow, s->classifier, count_record, s);
	return true;
}

void dz_shard_release(struct shard *s)
{
	dz_label_counts_release(&s->label_counts);
	if (s->config->last_run)
		return;
	dz_flow_table_free(s->table);
	dz_classifier_free(s->classifier);
}

/* ---- packets ---- */

/* pkt: NULL for a packet that is not the shard's; its time matters all the same. */
static inline void take_packet(struct shard *s, const struct dz_frame *packet, const struct dz_packet *pkt)
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

static void take_alone(void *context, const struct dz_frame *packet, const struct dz_packet *pkt)
{
	struct shard *s = context;
	if (s->batch_over && packet->index % FLUSH_PACKETS == 0)
		s->batch_over(s->emit_context);
	take_packet(s, packet, pkt);
}

/* Time goes on without packets, and the lines that are there may be waited for. */
static void idle(struct shard *s, uint64_t complete_until)
{
	if (complete_until)
		dz_flow_table_tick(s->table, complete_until);
	if (!s->publish_lock)
		return;
	pthread_mutex_lock(s->publish_lock);
	dz_flow_table_stats(s->table, &s->published);
	pthread_mutex_unlock(s->publish_lock);
}

static void idle_alone(void *context, uint64_t complete_until)
{
	struct shard *s = context;
	idle(s, complete_until);
	if (s->batch_over)
		s->batch_over(s->emit_context);
}

void dz_shard_run_alone(struct shard *s, struct reader *reader)
{
	dz_reader_each(reader, take_alone, idle_alone, s);
	end_flows(s, reader->stats.stopped);
}

void dz_shard_run(struct shard *s)
{
	const struct dz_batch *batch;

	while ((batch = dz_packet_ring_next(s->ring, s->number))) {
		for (size_t i = 0; i < batch->count; i++)
			take_packet(s, &batch->packets[i], batch->shards[i] == s->number ? &batch->pkts[i] : NULL);
		if (batch->idle)
			idle(s, batch->complete_until);
		if (batch->idle || (batch->number + 1) % EPOCH_BATCHES == 0)
			s->epoch_over(s->emit_context);
	}
	end_flows(s, dz_packet_ring_was_stopped(s->ring));
}
