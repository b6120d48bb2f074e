/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_count.c - what one packet adds to its flow: numbers, the vector, TCP's state. */
#include "config.h"
#include "flow/flow_internal.h"

#include "base/mem.h"
#include "flow/tls_records.h"
#include <stdlib.h>

/* A SYN whose number is less than a window without scaling (RFC 9293, section 3.1) below the highest seen is an old
 * one. */
enum { MOST_WINDOW = 65535 };

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

/* Sequence numbers wrap, so they are compared by their difference (RFC 9293, section 3.4). */
static bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* A segment below the highest sequence number fills what is left of the latest gap, or was seen before. */
static bool fills_hole(struct flow *flow, unsigned end, uint32_t seq, uint32_t next)
{
	if (!seq_before(flow->hole_begin[end], next) || !seq_before(seq, flow->hole_end[end]))
		return false;
	if (seq_before(flow->hole_begin[end], seq))
		flow->hole_end[end] = seq;
	else
		flow->hole_begin[end] = seq_before(next, flow->hole_end[end]) ? next : flow->hole_end[end];
	return true;
}

/* Whether all payload of the segment was seen before; moves the highest sequence number seen. */
static bool is_retransmission(struct flow *flow, const struct dz_packet *pkt)
{
	unsigned end = pkt->sender;
	bool syn = pkt->tcp_flags & DZ_TCP_SYN;
	uint32_t seq = pkt->tcp_seq, next = seq + pkt->payload_len + (syn ? 1 : 0);

	if (!pkt->payload_len && !syn)
		return false;
	if (syn && flow->seq_known[end] && flow->next_seq[end] - next <= MOST_WINDOW)
		return pkt->payload_len != 0; /* the same SYN again */
	if (syn || !flow->seq_known[end]) {
		flow->seq_known[end] = true;
		flow->next_seq[end] = next;
		flow->hole_begin[end] = flow->hole_end[end] = next;
		return false;
	}
	if (!seq_before(flow->next_seq[end], next))
		return !fills_hole(flow, end, seq, next);
	if (seq_before(flow->next_seq[end], seq)) {
		flow->hole_begin[end] = flow->next_seq[end];
		flow->hole_end[end] = seq;
	}
	flow->next_seq[end] = next;
	return false;
}

static void follow_tcp(struct flow *flow, const struct dz_packet *pkt)
{
	uint8_t flags = pkt->tcp_flags;
	bool first = !flow->packets[0] && !flow->packets[1] && !flow->part;

	flow->tcp_flags[pkt->sender] |= flags;
	if (flags & DZ_TCP_RST)
		flow->closed = CLOSED_BY_RST;
	else if (!flow->closed && flow->tcp_flags[0] & flow->tcp_flags[1] & DZ_TCP_FIN)
		flow->closed = CLOSED_BY_FIN;
	/* The handshake is over with the first segment that is not a SYN; a flow joined in mid-stream is past it. */
	if (!(flags & (DZ_TCP_SYN | DZ_TCP_RST)) && (flags & DZ_TCP_ACK || first))
		flow->established = true;
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
		again = is_retransmission(flow, pkt);
		follow_tcp(flow, pkt);
	}
	flow->packets[end]++;
	flow->bytes[end] += pkt->ip_len;
	if (packet->time_ns > flow->last_ns)
		flow->last_ns = packet->time_ns;
	if (again && flow->retransmissions[end] < UINT32_MAX)
		flow->retransmissions[end]++;

	if (config->shape.layer == DZ_LAYER_TLS || config->shape.layer == DZ_LAYER_TLS_DATA) {
		if (has_tcp_header(flow, pkt))
			follow_tls(flow, &config->shape, pkt);
		return;
	}
	if ((config->skip_retransmissions && again) || (config->skip_empty && is_empty(config->shape.layer, pkt)))
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
	if (flow->part < UINT16_MAX)
		flow->part++;
}
