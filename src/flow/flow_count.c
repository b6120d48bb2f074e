/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_count.c - what one packet adds to its flow: numbers, times, the vector. */
#include "config.h"
#include "flow/flow_internal.h"

#include "base/mem.h"
#include "flow/tls_records.h"
#include <stdlib.h>

static bool has_tcp_header(const struct flow *flow, const struct dz_packet *pkt)
{
	return flow->key.protocol == DZ_IPPROTO_TCP && !pkt->later_fragment;
}

/* Packets are not always stored in the order in which they were sent, so the earliest may come late. The source of a
 * flow stays what an interim record has said. */
static void note_earlier(struct flow *flow, const struct dz_frame *packet, const struct dz_packet *pkt)
{
	if (flow->first_ns == NO_TIME)
		flow->last_ns = packet->time_ns;
	flow->first_ns = packet->time_ns;
	if (flow->source_by == SOURCE_BY_TIME && !dz_flow_has_parts(flow))
		flow->source_end = pkt->sender & 1;
}

struct tls_target {
	struct flow *flow;
	const struct dz_hist_shape *shape;
	unsigned end;
};

static void count_tls_record(void *context, uint8_t content_type, uint32_t length)
{
	struct tls_target *target = context;
	if (target->shape->layer == DZ_LAYER_TLS || content_type == DZ_TLS_APPLICATION_DATA)
		dz_hist_add(&target->flow->hist, target->shape, target->end, length);
}

static void follow_tls(struct flow *flow, const struct dz_hist_shape *shape, const struct dz_packet *pkt)
{
	struct tls_target target = { flow, shape, pkt->sender };
	bool syn = pkt->tcp_flags & DZ_TCP_SYN;
	struct dz_tls_records **stream;

	if (!pkt->payload_len && !syn)
		return;
	stream = &dz_flow_more(flow)->stream[pkt->sender];
	if (!*stream)
		*stream = dz_tls_records_new();
	dz_tls_records_add(*stream, pkt->tcp_seq, syn, pkt->payload, pkt->payload_caplen, pkt->payload_len,
			   count_tls_record, &target);
}

/* Whether the packet carries no transport payload, as far as its protocol lets one tell; for the vectors of payload
 * lengths, whether there is no length to count. */
static bool is_empty(enum dz_layer layer, const struct dz_packet *pkt)
{
	if (layer == DZ_LAYER_PAYLOAD)
		return !pkt->payload_len;
	switch (pkt->key.protocol) {
	case DZ_IPPROTO_TCP:
	case DZ_IPPROTO_UDP:
	case DZ_IPPROTO_ICMP:
	case DZ_IPPROTO_ICMPV6:
		return !pkt->payload_len && !pkt->later_fragment;
	default:
		return false;
	}
}

static uint32_t measured_length(enum dz_layer layer, const struct dz_packet *pkt)
{
	switch (layer) {
	case DZ_LAYER_FRAME:
		return pkt->frame_len;
	case DZ_LAYER_PAYLOAD:
		return pkt->payload_len;
	default:
		return pkt->ip_len;
	}
}

static void measure(struct flow *flow, const struct dz_hist_shape *shape, const struct dz_packet *pkt,
		    const struct dz_segments *segments)
{
	if (segments->count == 1) {
		dz_hist_add(&flow->hist, shape, pkt->sender, measured_length(shape->layer, pkt));
		return;
	}
	for (uint32_t i = 0; i < segments->count; i++) {
		struct dz_packet segment = dz_flow_segment(pkt, segments, i);
		dz_hist_add(&flow->hist, shape, pkt->sender, measured_length(shape->layer, &segment));
	}
}

void dz_flow_count(struct flow *flow, const struct dz_flow_config *config, const struct dz_frame *packet,
		   const struct dz_packet *pkt, struct dz_flow_stats *stats)
{
	struct dz_segments segments = { 1, 0, 0 };
	unsigned end = pkt->sender;
	bool again = false;

	if (has_tcp_header(flow, pkt))
		again = dz_flow_tcp_follow(flow, packet, pkt);
	if (pkt->ip_len > flow->most_ip[end])
		segments = dz_flow_note_oversized(flow, config, pkt, stats);
	flow->packets[end] += segments.count;
	flow->bytes[end] += pkt->ip_len + (uint64_t)(segments.count - 1) * segments.headers;
	if (packet->time_ns > flow->last_ns)
		flow->last_ns = packet->time_ns;
	if (packet->time_ns < flow->first_ns)
		note_earlier(flow, packet, pkt);
	if (again)
		dz_flow_more(flow)->retransmissions[end] += segments.count;

	if (dz_layer_is_tls(config->shape.layer)) {
		if (has_tcp_header(flow, pkt))
			follow_tls(flow, &config->shape, pkt);
		return;
	}
	if ((config->shape.skip_retransmissions && again) ||
	    (config->shape.skip_empty && is_empty(config->shape.layer, pkt)))
		return;
	measure(flow, &config->shape, pkt, &segments);
}
