/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_emit.c - from an open flow to its record, or two one-way records. */
#include "config.h"
#include "flow/flow_internal.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

void dz_flow_emitter_init(struct dz_flow_emitter *e, const struct dz_flow_config *config,
			  struct dz_classifier *classifier, dz_record_fn *emit, void *context)
{
	*e = (struct dz_flow_emitter){ config, classifier, emit, context,
				       dz_mem_zalloc((size_t)config->shape.bins * 3, sizeof *e->bins) };
}

void dz_flow_emitter_release(struct dz_flow_emitter *e)
{
	free(e->bins);
	e->bins = NULL;
}

/* The lower bytes, the lowest first whatever machine it is. */
static void put(uint8_t **at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*(*at)++ = (uint8_t)(value >> 8 * i);
}

/* event.id: the same input gives the same id, whatever else is read in the run, so that sending a record twice is
 * harmless. What is captured live comes once, and no other run or sensor may have made the same. */
static void make_id(const struct dz_flow_emitter *e, struct dz_record *r, const struct flow *flow)
{
	/* The seed is 0 for most flows, whose ids are those of times when tenants were not part of the key. */
	uint64_t input =
		XXH3_64bits_withSeed(r->input, strlen(r->input), (uint64_t)r->key.tenant << 16 | r->key.inner_vlan);
	uint8_t identity[sizeof r->key.address + 40], *at = identity;
	XXH128_canonical_t id;

	memcpy(at, r->key.address, sizeof r->key.address);
	at += sizeof r->key.address;
	put(&at, r->key.port[0], 2);
	put(&at, r->key.port[1], 2);
	put(&at, r->key.vlan, 2);
	put(&at, r->key.protocol, 1);
	put(&at, r->key.version, 1);
	put(&at, r->start_ns, 8);
	put(&at, flow->first_number, 8);
	put(&at, input, 8);
	put(&at, r->role, 4);
	put(&at, flow->more ? flow->more->part : 0, 4);
	XXH128_canonicalFromHash(&id, XXH3_128bits_withSeed(identity, sizeof identity, e->config->id_salt));
	memcpy(r->id, id.digest, sizeof r->id);
}

static void fill_sides(const struct dz_flow_emitter *e, const struct flow *flow, struct dz_record *r)
{
	uint32_t bins = e->config->shape.bins;
	for (unsigned role = 0; role < 2; role++) {
		unsigned end = role == DZ_SOURCE ? r->source_end : !r->source_end;
		uint64_t *counts = e->bins + (size_t)end * bins;
		r->side[role] = (struct dz_side){
			.packets = flow->packets[end],
			.bytes = flow->bytes[end],
			.lengths = { dz_hist_read(&flow->hist, &e->config->shape, end, counts), counts },
			.tcp_flags = flow->tcp_flags[end],
			.retransmissions = flow->more ? flow->more->retransmissions[end] : 0,
		};
	}
}

static void add_up(const struct dz_flow_emitter *e, const struct flow *flow, struct dz_record *r)
{
	uint32_t bins = e->config->shape.bins;
	uint64_t *both = e->bins + (size_t)2 * bins;
	for (uint32_t i = 0; i < bins; i++)
		both[i] = e->bins[i] + e->bins[bins + i];
	r->lengths = (struct dz_counts){ r->side[0].lengths.count + r->side[1].lengths.count, both };
	if (r->lengths.count) {
		const struct dz_hist *h = &flow->hist;
		r->lengths_sum = h->sum[0] + h->sum[1];
		r->lengths_min = h->min[0] < h->min[1] ? h->min[0] : h->min[1];
		r->lengths_max = h->max[0] > h->max[1] ? h->max[0] : h->max[1];
	}
	r->tls_lost_bytes = dz_flow_tls_lost(flow, 0) + dz_flow_tls_lost(flow, 1);
	r->oversized = flow->more ? flow->more->oversized[0] + flow->more->oversized[1] : 0;
}

static uint64_t wall_time(const struct dz_flow_emitter *e, uint64_t time_ns)
{
	return e->config->wall_time ? e->config->wall_time(e->config->name_context, time_ns) : time_ns;
}

static void fill_common(const struct dz_flow_emitter *e, const struct flow *flow, struct dz_record *r)
{
	r->key = flow->key;
	r->source_end = flow->source_end;
	r->vlan = flow->vlan;
	r->inner_vlan = flow->inner_vlan;
	r->tunnel = (enum dz_tunnel)flow->tunnel;
	r->tunnel_id = flow->tunnel_id;
	r->input = e->config->input_name(e->config->name_context, flow->input);
	if (flow->interface && e->config->interface_name)
		r->interface = e->config->interface_name(e->config->name_context, flow->interface);
	r->start_ns = wall_time(e, flow->first_ns == NO_TIME ? flow->last_ns : flow->first_ns);
	r->end_ns = wall_time(e, flow->last_ns);
	if (r->end_ns < r->start_ns) /* the clock was set back */
		r->end_ns = r->start_ns;
	r->first_index = flow->first_index;
	r->shape = e->config->shape;
	r->observer = e->config->observer;
	r->label = &flow->label;
}

static void finish(struct dz_flow_emitter *e, const struct flow *flow, struct dz_record *r)
{
	make_id(e, r, flow);
	dz_flow_key_community_id(&r->key, r->source_end, e->config->community_id_seed, r->community_id);
	e->emit(e->context, r);
}

/* A one-way record (--unidirectional): the sender is the source, and only what it sent is measured. */
static unsigned emit_one_way(struct dz_flow_emitter *e, const struct flow *flow, const struct dz_record *both)
{
	unsigned emitted = 0;
	for (unsigned role = 0; role < 2; role++) {
		struct dz_record r = *both;
		const struct dz_side *side = &both->side[role];
		unsigned end = role == DZ_SOURCE ? both->source_end : !both->source_end;
		if (!side->packets)
			continue;
		r.source_end = end;
		r.role = role == DZ_SOURCE ? DZ_ROLE_INITIATOR : DZ_ROLE_RESPONDER;
		r.side[DZ_SOURCE] = *side;
		r.side[DZ_DESTINATION] = (struct dz_side){ 0 };
		r.lengths = side->lengths;
		r.side[DZ_SOURCE].lengths = (struct dz_counts){ 0 };
		r.lengths_sum = flow->hist.sum[end];
		r.lengths_min = r.lengths.count ? flow->hist.min[end] : 0;
		r.lengths_max = flow->hist.max[end];
		r.tls_lost_bytes = dz_flow_tls_lost(flow, end);
		r.oversized = flow->more ? flow->more->oversized[end] : 0;
		finish(e, flow, &r);
		emitted++;
	}
	return emitted;
}

unsigned dz_flow_emitter_emit(struct dz_flow_emitter *e, struct flow *flow, enum dz_end_reason reason, uint64_t order)
{
	struct dz_record r = { 0 };
	struct dz_label_text text;
	struct dz_label_detail detail;

	if (reason != DZ_END_ACTIVE)
		dz_classifier_finish(e->classifier, &flow->state, &flow->label);
	if (flow->packets[0] && flow->packets[1])
		dz_classifier_saw_both(e->classifier, &flow->label);
	dz_classifier_describe(e->classifier, &flow->label, &text);
	fill_common(e, flow, &r);
	r.end_reason = reason;
	r.end_order = order;
	r.text = &text;
	r.detail = dz_label_unpack(flow->label.packed, &detail);
	fill_sides(e, flow, &r);
	if (e->config->unidirectional)
		return emit_one_way(e, flow, &r);
	add_up(e, flow, &r);
	finish(e, flow, &r);
	return flow->first_ns != NO_TIME;
}
