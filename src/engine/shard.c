/* shard.c - one whole pipeline: source, decode, flow table. Shards share nothing but the course. */
#include "config.h"
#include "engine_internal.h"

#include "distribooze/mem.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

bool dz_shard_init(struct shard *s, const struct dz_engine_config *config, struct course *course, unsigned number,
		   unsigned count, struct dz_err *err)
{
	struct dz_flow_config flow = config->flow;

	*s = (struct shard){ .config = config, .course = course, .number = number, .count = count };
	s->classifier = config->classify_null ? dz_classifier_new_null() : dz_classifier_new(&config->classify, err);
	if (!s->classifier)
		return false;
	flow.input_name = input_name;
	flow.input_context = config->inputs;
	/* The limit is the run's: each shard has its part of it, rounded up. */
	flow.max_flows = flow.max_flows ? (flow.max_flows + count - 1) / count : 0;
	s->table = dz_flow_table_new(&flow, s->classifier, count_record, s);
	s->decoder = dz_decoder_new(&config->decode);
	s->source = dz_source_new(config->inputs, config->filter);
	return true;
}

void dz_shard_release(struct shard *s)
{
	dz_flow_table_free(s->table);
	dz_decoder_free(s->decoder);
	dz_source_free(s->source);
	dz_classifier_free(s->classifier);
	dz_tally_release(&s->tally);
}

/* ---- reading ---- */

/* Every shard reads every packet, so one of them speaks for all. */
static void warn(const struct shard *s, const char *message)
{
	if (s->number == 0 && s->config->warn)
		s->config->warn(s->config->context, message);
}

static void tell_progress(const struct shard *s)
{
	struct dz_progress progress;
	if (s->number != 0 || !s->config->progress)
		return;
	progress.packets = s->account.packets;
	progress.position = dz_source_position(s->source);
	progress.size = dz_inputs_size(s->config->inputs);
	progress.seconds = dz_engine_now() - s->began;
	s->config->progress(s->config->context, &progress);
}

static bool asked_to_stop(const struct shard *s)
{
	return s->course->stop && atomic_load_explicit(s->course->stop, memory_order_relaxed);
}

/* Whether to go on with the batch that begins at packet `index`. Shards are at different packets when a signal comes;
 * they all go on to the furthest batch that any of them has begun, so that they end at one packet. */
static bool go_on(struct shard *s, uint64_t index)
{
	struct course *c = s->course;
	bool going;

	if (atomic_load_explicit(&c->abandoned, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&c->lock);
	if (c->stop_at == UINT64_MAX && asked_to_stop(s))
		c->stop_at = s->count == 1 ? index : c->furthest;
	going = index < c->stop_at;
	if (going && index + BATCH > c->furthest)
		c->furthest = index + BATCH;
	pthread_mutex_unlock(&c->lock);
	return going;
}

static void note_time(struct dz_account *a, uint64_t time_ns)
{
	if (!a->packets || time_ns < a->first_ns)
		a->first_ns = time_ns;
	if (!a->packets || time_ns > a->last_ns)
		a->last_ns = time_ns;
}

static void refuse_link(struct shard *s, const struct dz_packet *packet, uint32_t *refused_input)
{
	struct dz_err err;
	const char *name = dz_source_link_name(packet->linktype);
	if (*refused_input == packet->input)
		return;
	*refused_input = packet->input;
	s->account.damaged_inputs++;
	dz_err_set(&err, "%s: link type %d (%s) is not supported; its packets are skipped",
		   dz_inputs_path(s->config->inputs, packet->input), packet->linktype, name ? name : "unknown");
	warn(s, err.text);
}

static void take_packet(struct shard *s, const struct dz_packet *packet, uint32_t *refused_input)
{
	struct dz_account *a = &s->account;
	enum dz_verdict verdict;
	struct dz_pkt pkt;

	note_time(a, packet->time_ns);
	a->packets++;
	a->bytes += packet->wirelen;
	dz_flow_table_advance(s->table, packet);
	if (!packet->selected) {
		a->filtered++;
		return;
	}
	verdict = dz_decode(s->decoder, packet, &pkt);
	a->verdicts[verdict]++;
	if (verdict == DZ_DECODE_OK) {
		if (s->count == 1 || dz_flow_key_hosts_hash(&pkt.key) % s->count == s->number)
			dz_flow_table_add(s->table, packet, &pkt);
	} else if (verdict == DZ_DECODE_UNSUPPORTED_LINK) {
		refuse_link(s, packet, refused_input);
	}
}

/* What happens between batches; false when the run is over. */
static bool look_up(struct shard *s, uint64_t index)
{
	if (!go_on(s, index))
		return false;
	if (s->batch_over)
		s->batch_over(s->emit_context);
	if (index && index % EPOCH == 0) {
		if (s->epoch_over)
			s->epoch_over(s->emit_context);
		tell_progress(s);
	}
	return true;
}

static bool read_all(struct shard *s)
{
	struct dz_packet packet;
	struct dz_err err;
	uint32_t input = 0, refused_input = UINT32_MAX;

	for (;;) {
		enum dz_source_status status = dz_source_next(s->source, &packet, &err);
		if (s->count == 1 && asked_to_stop(s))
			return false;
		if (status == DZ_SOURCE_END)
			return true;
		if (status == DZ_SOURCE_DAMAGED) {
			s->account.damaged_inputs++;
			warn(s, err.text);
			continue;
		}
		if (packet.index % BATCH == 0 && !look_up(s, packet.index))
			return false;
		if (packet.input != input) {
			if (s->config->separate_inputs)
				dz_flow_table_flush(s->table, DZ_END_EOF);
			input = packet.input;
		}
		take_packet(s, &packet, &refused_input);
	}
}

void dz_shard_run(struct shard *s)
{
	s->began = dz_engine_now();
	s->account.stopped = !read_all(s);
	if (!atomic_load(&s->course->abandoned))
		dz_flow_table_flush(s->table, s->account.stopped ? DZ_END_SHUTDOWN : DZ_END_EOF);
	dz_flow_table_stats(s->table, &s->account.flows);
}
