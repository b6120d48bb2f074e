/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_count.c - what one packet adds to its flow: numbers, times, the vector. */
#include "config.h"
#include "flow/flow_internal.h"

#include "base/mem.h"
#include "flow/tls_records.h"
#include <stdlib.h>

struct dz_flow_tls {
	struct dz_tls_records *stream[2]; /* by end of the key; NULL until its first segment */
	uint64_t told[2];                 /* bytes lost that interim records told of */
};

void dz_flow_tls_free(struct dz_flow_tls *tls)
{
	if (!tls)
		return;
	dz_tls_records_free(tls->stream[0]);
	dz_tls_records_free(tls->stream[1]);
	free(tls);
}

uint64_t dz_flow_tls_lost(const struct dz_flow_tls *tls, unsigned end)
{
	return tls && tls->stream[end] ? dz_tls_records_lost(tls->stream[end]) - tls->told[end] : 0;
}

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
	if (flow->source_by == SOURCE_BY_TIME && !flow->part)
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

	if (!pkt->payload_len && !syn)
		return;
	if (!flow->tls)
		flow->tls = dz_mem_zalloc(1, sizeof *flow->tls);
	if (!flow->tls->stream[pkt->sender])
		flow->tls->stream[pkt->sender] = dz_tls_records_new();
	dz_tls_records_add(flow->tls->stream[pkt->sender], pkt->tcp_seq, syn, pkt->payload, pkt->payload_caplen,
			   pkt->payload_len, count_tls_record, &target);
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

void dz_flow_count(struct flow *flow, const struct dz_flow_config *config, const struct dz_frame *packet,
		   const struct dz_packet *pkt)
{
	unsigned end = pkt->sender;
	bool again = false;

	if (has_tcp_header(flow, pkt)) {
		again = dz_flow_tcp_follow(flow, packet, pkt);
	}
	flow->packets[end]++;
	flow->bytes[end] += pkt->ip_len;
	if (packet->time_ns > flow->last_ns)
		flow->last_ns = packet->time_ns;
	if (packet->time_ns < flow->first_ns)
		note_earlier(flow, packet, pkt);
	if (again && flow->retransmissions[end] < UINT32_MAX)
		flow->retransmissions[end]++;

	if (config->shape.layer == DZ_LAYER_TLS || config->shape.layer == DZ_LAYER_TLS_DATA) {
		if (has_tcp_header(flow, pkt))
			follow_tls(flow, &config->shape, pkt);
		return;
	}
	if ((config->shape.skip_retransmissions && again) || (config->shape.skip_empty && is_empty(config->shape.layer, pkt)))
		return;
	dz_hist_add(&flow->hist, &config->shape, end, measured_length(config->shape.layer, pkt));
}

void dz_flow_restart(struct flow *flow)
{
	for (unsigned end = 0; end < 2; end++) {
		flow->packets[end] = flow->bytes[end] = 0;
		flow->retransmissions[end] = 0;
		flow->tcp_flags[end] &= DZ_TCP_FIN; /* what closing still needs to know */
		if (flow->tls)
			flow->tls->told[end] += dz_flow_tls_lost(flow->tls, end);
	}
	dz_hist_release(&flow->hist);
	flow->first_ns = NO_TIME;
	if (flow->part < UINT16_MAX)
		flow->part++;
}
