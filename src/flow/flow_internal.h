/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_internal.h - one flow while it is open, and how it becomes a record. Shared by src/flow only. */
#ifndef DISTRIBOOZE_FLOW_INTERNAL_H
#define DISTRIBOOZE_FLOW_INTERNAL_H

#include "flow/flow_table.h"
#include "flow/tls_records.h"
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

/* What few flows need. */
struct dz_flow_more {
	struct dz_tls_records
		*stream[2];    /* owned; by end of the key; NULL until its first segment; layers tls, tls-data */
	uint64_t told_lost[2]; /* bytes lost of them that interim records told of */
	uint64_t retransmissions[2], oversized[2];
	uint64_t part; /* interim records cut so far */
};

/* In the order of use: what a packet of a long, labelled flow touches comes first, and in few cache lines. */
struct flow {
	/* to find it */
	_Alignas(DZ_POOL_ALIGNMENT) struct dz_flow_key key;
	struct flow *chain; /* next in the bucket */
	uint32_t hash;
	uint8_t timeout;
	uint8_t source_end : 1, source_by : 2, closed : 2, established : 1, most_ip_known : 2;
	uint8_t tcp_flags[2];
	/* 64: to count a packet in it */
	struct flow *older, *newer;    /* neighbours in the time-out list */
	uint64_t touched_ns;           /* packet clock at the last packet */
	uint64_t last_ns;              /* of this record's part */
	uint64_t packets[2], bytes[2]; /* by end of the key */
	/* 128 */
	struct dz_label label;
	struct dz_classify_state *state;
	uint32_t next_seq[2]; /* beyond the highest sequence number seen */
	uint64_t first_ns;    /* of this record's part; NO_TIME while it has no packets */
	/* 192 */
	struct dz_hist hist; /* directions are ends of the key */
	uint8_t seq_known[2];
	uint16_t most_ip[2];                 /* bytes of the largest IP packet that this end can have put on the wire */
	uint32_t hole_begin[2], hole_end[2]; /* the latest gap below next_seq; empty when both are equal */
	uint32_t first_seq[2];               /* the lowest sequence number of payload that is known of */
	struct dz_flow_more *more;           /* owned; NULL in most flows */
	uint64_t first_index;
	uint32_t input;     /* of the first packet */
	uint16_t interface; /* alike */
	unsigned vlan : 12, inner_vlan : 12, tunnel : 8;
	uint32_t tunnel_id;
	uint64_t first_number; /* of the first packet, in its input */
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
		   const struct dz_packet *pkt, struct dz_flow_stats *stats);

/* Starts counting anew after an interim record; label, TCP state and the time of the last packet stay. */
void dz_flow_restart(struct flow *flow);

/* Makes the block when it is not there. */
struct dz_flow_more *dz_flow_more(struct flow *flow);
void dz_flow_more_free(struct dz_flow_more *more);
/* Whether an interim record was cut. */
static inline bool dz_flow_has_parts(const struct flow *flow)
{
	return flow->more && flow->more->part;
}
/* Payload bytes from one end of the key that no TLS record could be placed in, since the last interim record. */
uint64_t dz_flow_tls_lost(const struct flow *flow, unsigned end);

/* How a packet is counted: as `count` segments of `payload` bytes, but for the last one, and `headers` bytes of IP and
 * transport headers each. */
struct dz_segments {
	uint32_t count, payload, headers;
};

/* Learns from a SYN how large packets of the connection can be. */
void dz_flow_note_mss(struct flow *flow, const struct dz_packet *pkt);
/* A packet of more than flow->most_ip[sender] bytes: notes it, and says how it is counted. */
struct dz_segments dz_flow_note_oversized(struct flow *flow, const struct dz_flow_config *config,
					  const struct dz_packet *pkt, struct dz_flow_stats *stats);
/* One of the segments, 0 to count - 1: the packet with other lengths. */
struct dz_packet dz_flow_segment(const struct dz_packet *pkt, const struct dz_segments *segments, uint32_t number);

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
