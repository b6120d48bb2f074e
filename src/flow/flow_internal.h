/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_internal.h - one flow while it is open, and how it becomes a record. Shared by src/flow only. */
#ifndef DISTRIBOOZE_FLOW_INTERNAL_H
#define DISTRIBOOZE_FLOW_INTERNAL_H

#include "flow/flow_table.h"
#include "base/pool.h"

enum { NOT_CLOSED, CLOSED_BY_FIN, CLOSED_BY_RST };

#define NO_TIME UINT64_MAX

/* What the choice of the source stands on, the better the later: whose packet is the earliest, who got a SYN-ACK, who
 * sent a SYN. */
enum { SOURCE_BY_TIME, SOURCE_BY_SYN_ACK, SOURCE_BY_SYN };

/* What is known of the sequence numbers of one end. */
enum {
	SEQ_SENT = 1,   /* next_seq: it sent a SYN or payload */
	SEQ_FIRST = 2,  /* first_seq: by its own segments, or by what the other end acknowledged */
	SEQ_OPENED = 4, /* its SYN was seen, so first_seq is where its payload begins */
	SEQ_ACKED = 8   /* all up to next_seq was acknowledged */
};

struct dz_flow_tls; /* TLS record streams of both directions; only with layers tls and tls-data */

/* In the order of use: what a packet of a long, labelled flow touches comes first, and in few cache lines. */
struct flow {
	/* to find it */
	_Alignas(DZ_POOL_ALIGNMENT) struct dz_flow_key key;
	struct flow *chain; /* next in the bucket */
	uint32_t hash;
	uint8_t timeout;
	uint8_t source_end : 1, source_by : 2, closed : 2, established : 1;
	uint8_t tcp_flags[2];
	uint8_t seq_known[2];
	uint16_t part; /* interim records cut so far */
	unsigned input : 20, interface : 12; /* of the first packet */
	/* 64: to count a packet in it */
	struct flow *older, *newer;    /* neighbours in the time-out list */
	uint64_t touched_ns;           /* packet clock at the last packet */
	uint64_t last_ns;              /* of this record's part */
	uint64_t packets[2], bytes[2]; /* by end of the key */
	/* 128 */
	struct dz_label label;
	struct dz_classify_state *state;
	uint32_t next_seq[2];                /* beyond the highest sequence number seen */
	uint32_t hole_begin[2], hole_end[2]; /* the latest gap below it; empty when both are equal */
	/* 192 */
	struct dz_hist hist; /* directions are ends of the key */
	uint32_t retransmissions[2];
	struct dz_flow_tls *tls;
	uint64_t first_ns; /* of this record's part; NO_TIME while it has no packets */
	uint64_t first_index;
	uint32_t first_seq[2]; /* the lowest sequence number of payload that is known of */
	unsigned vlan : 12, inner_vlan : 12, tunnel : 8;
	uint32_t tunnel_id;
};

/* Scans make many short flows. The classifier's own state comes on top. */
_Static_assert(sizeof(struct flow) <= 320, "a short flow takes at most 320 bytes");

/* Whether a SYN, or a SYN-ACK, is of the connection that the flow is, however late it was stored, rather than of a new
 * one on the same ports. */
bool dz_flow_tcp_belongs(const struct flow *flow, const struct dz_frame *packet, const struct dz_packet *pkt);

/* Follows the sequence numbers, and how the connection opens and closes; for segments whose TCP header is there.
 * Whether all payload of the segment was seen before. */
bool dz_flow_tcp_follow(struct flow *flow, const struct dz_frame *packet, const struct dz_packet *pkt);

/* Counts one packet in its flow: numbers, times, vector, TCP state. */
void dz_flow_count(struct flow *flow, const struct dz_flow_config *config, const struct dz_frame *packet,
		   const struct dz_packet *pkt);

/* Starts counting anew after an interim record; label, TCP state and the time of the last packet stay. */
void dz_flow_restart(struct flow *flow);

void dz_flow_tls_free(struct dz_flow_tls *tls);
/* Payload bytes from one end of the key that no TLS record could be placed in, since the last interim record. */
uint64_t dz_flow_tls_lost(const struct dz_flow_tls *tls, unsigned end);

/* Turns flows into records; holds the arrays that records point to. */
struct dz_flow_emitter {
	const struct dz_flow_config *config; /* borrowed */
	struct dz_classifier *classifier;    /* borrowed */
	dz_record_fn *emit;
	void *context;
	uint64_t *bins; /* owned: 3 * config->shape.bins: end 0, end 1, both */
};

void dz_flow_emitter_init(struct dz_flow_emitter *emitter, const struct dz_flow_config *config,
			  struct dz_classifier *classifier, dz_record_fn *emit, void *context);
void dz_flow_emitter_release(struct dz_flow_emitter *emitter);

/* Emits the flow's record, or with --unidirectional one per direction that carried packets; returns how many. */
unsigned dz_flow_emitter_emit(struct dz_flow_emitter *emitter, struct flow *flow, enum dz_end_reason reason,
			      uint64_t order);

#endif
