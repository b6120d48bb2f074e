/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_tcp.c - a flow as a TCP connection: whose a SYN is, what was sent before, how it opens and closes.
 *
 * Of each end's sequence numbers the lowest, the one beyond the highest and the latest gap between them are kept. What
 * they are compared with may have been stored late, early, twice, or only in one direction. */
#include "config.h"
#include "flow/flow_internal.h"

/* A window without scaling (RFC 9293, section 3.1): how far the number of a SYN may lie below the lowest number that is
 * known of its connection, of which some may not have been captured. */
enum { MAX_WINDOW = 65535 };

enum { SYN = DZ_TCP_SYN, ACK = DZ_TCP_ACK, FIN = DZ_TCP_FIN, RST = DZ_TCP_RST };

/* Sequence numbers wrap, so they are compared by their difference (RFC 9293, section 3.4). */
static bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* ---- whose a SYN is ---- */

/* Whether `number` is one that this end sent in the connection: of a SYN, where its payload begins. */
static bool was_sent(const struct flow *flow, unsigned end, uint32_t number)
{
	return flow->seq_known[end] & SEQ_SENT && !seq_before(number, flow->first_seq[end]) &&
	       seq_before(number, flow->next_seq[end]);
}

/* Whether the connection of an end whose numbers are known begins with a SYN after which payload begins at `number`. */
static bool begins_with(const struct flow *flow, unsigned end, uint32_t number, bool is_earliest)
{
	if (number == flow->first_seq[end])
		return true;
	if (flow->seq_known[end] & SEQ_OPENED)
		return !flow->closed && was_sent(flow, end, number);
	/* The SYN was not seen yet, nor perhaps what followed it. */
	return flow->first_seq[end] - number <= MAX_WINDOW ||
	       (is_earliest && seq_before(number, flow->first_seq[end])) ||
	       (!flow->closed && was_sent(flow, end, number));
}

/* Whether a SYN-ACK answers the SYN of `end`; it may acknowledge payload, too (RFC 7413). */
static bool answers(const struct flow *flow, unsigned end, uint32_t ack)
{
	uint32_t first = flow->first_seq[end];
	if (flow->seq_known[end] & SEQ_OPENED)
		return !seq_before(ack, first) && !seq_before(flow->next_seq[end], ack);
	return first - ack <= MAX_WINDOW || ack - first <= MAX_WINDOW;
}

bool dz_flow_tcp_belongs(const struct flow *flow, const struct dz_frame *packet, const struct dz_packet *pkt)
{
	unsigned end = pkt->sender;
	bool is_known = flow->seq_known[end] & SEQ_FIRST;

	if (is_known && begins_with(flow, end, pkt->tcp_seq + 1, packet->time_ns < flow->first_ns))
		return true;
	if (pkt->tcp_flags & ACK && flow->seq_known[!end] & SEQ_FIRST && answers(flow, !end, pkt->tcp_ack))
		return true; /* a server that keeps no state may answer with another number each time (RFC 4987) */
	return !is_known && !flow->closed;
}

/* ---- numbers ---- */

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

/* The payload of an end begins here, or before. */
static void note_first(struct flow *flow, unsigned end, uint32_t seq)
{
	if (!(flow->seq_known[end] & SEQ_FIRST) ||
	    (!(flow->seq_known[end] & SEQ_OPENED) && seq_before(seq, flow->first_seq[end])))
		flow->first_seq[end] = seq;
	flow->seq_known[end] |= SEQ_FIRST;
}

/* The same SYN again, or one that was stored late: then its payload, if it has any, was not seen before. */
static bool is_known_syn(struct flow *flow, const struct dz_packet *pkt)
{
	unsigned end = pkt->sender;
	bool is_late = !(flow->seq_known[end] & SEQ_OPENED) && !seq_before(flow->first_seq[end], pkt->tcp_seq + 1);

	if (is_late) {
		flow->first_seq[end] = pkt->tcp_seq + 1;
		flow->seq_known[end] |= SEQ_OPENED;
	}
	return pkt->payload_len && !is_late;
}

static void begin_numbers(struct flow *flow, const struct dz_packet *pkt, uint32_t next)
{
	unsigned end = pkt->sender;

	flow->next_seq[end] = flow->hole_begin[end] = flow->hole_end[end] = next;
	if (pkt->tcp_flags & SYN) {
		flow->first_seq[end] = pkt->tcp_seq + 1;
		flow->seq_known[end] |= SEQ_FIRST | SEQ_OPENED;
	} else {
		note_first(flow, end, pkt->tcp_seq);
	}
	flow->seq_known[end] |= SEQ_SENT;
}

/* One byte before the next number, which the receiver has: asks whether it is still there (RFC 9293, section 3.8.4).
 * One who was never heard may have it. */
static bool is_keep_alive(const struct flow *flow, const struct dz_packet *pkt, uint32_t next)
{
	unsigned end = pkt->sender;
	return pkt->payload_len == 1 && next == flow->next_seq[end] && !(pkt->tcp_flags & FIN) &&
	       (flow->seq_known[end] & SEQ_ACKED || !flow->packets[!end]);
}

/* Whether all payload of the segment was seen before; moves the numbers of its sender. */
static bool is_retransmission(struct flow *flow, const struct dz_packet *pkt)
{
	unsigned end = pkt->sender;
	bool syn = pkt->tcp_flags & SYN;
	uint32_t seq = pkt->tcp_seq, next = seq + pkt->payload_len + (syn ? 1 : 0);

	if (!pkt->payload_len && !syn)
		return false;
	if (!(flow->seq_known[end] & SEQ_SENT)) {
		begin_numbers(flow, pkt, next);
		return false;
	}
	if (syn)
		return is_known_syn(flow, pkt);
	if (!seq_before(flow->next_seq[end], next)) {
		if (!(flow->seq_known[end] & SEQ_OPENED) && !seq_before(flow->first_seq[end], next)) {
			flow->first_seq[end] = seq; /* before all that was seen of a connection joined in the middle */
			return false;
		}
		return !fills_hole(flow, end, seq, next) && !is_keep_alive(flow, pkt, next);
	}
	if (seq_before(flow->next_seq[end], seq)) {
		flow->hole_begin[end] = flow->next_seq[end];
		flow->hole_end[end] = seq;
	}
	flow->next_seq[end] = next;
	flow->seq_known[end] &= (uint8_t)~SEQ_ACKED;
	return false;
}

/* What the segment tells of the numbers of the other end. */
static void note_ack(struct flow *flow, const struct dz_packet *pkt)
{
	unsigned other = !pkt->sender;
	uint8_t known = flow->seq_known[other];

	if (!(known & SEQ_FIRST))
		note_first(flow, other, pkt->tcp_ack);
	else if ((known & (SEQ_SENT | SEQ_ACKED)) == SEQ_SENT && !seq_before(pkt->tcp_ack, flow->next_seq[other]))
		flow->seq_known[other] = known | SEQ_ACKED;
}

/* ---- opening and closing ---- */

static void note_syn(struct flow *flow, const struct dz_frame *packet, const struct dz_packet *pkt)
{
	bool is_answer = pkt->tcp_flags & ACK;
	unsigned by = is_answer ? SOURCE_BY_SYN_ACK : SOURCE_BY_SYN;

	if (by > flow->source_by && !dz_flow_has_parts(flow)) {
		flow->source_by = by & 3;
		flow->source_end = (is_answer ? !pkt->sender : pkt->sender) & 1;
	}
	dz_flow_note_mss(flow, pkt);
	if (flow->closed == CLOSED_BY_RST && !is_answer && packet->time_ns >= flow->last_ns)
		flow->closed = NOT_CLOSED; /* refused, and asked again */
}

static void note_close(struct flow *flow, uint8_t flags)
{
	if (flags & RST)
		flow->closed = CLOSED_BY_RST;
	else if (!flow->closed && flow->tcp_flags[0] & flow->tcp_flags[1] & FIN)
		flow->closed = CLOSED_BY_FIN;
}

/* The handshake is over with the first segment that is not a SYN; a flow joined in mid-stream is past it. */
static bool is_established(const struct flow *flow, uint8_t flags)
{
	bool is_first = !flow->packets[0] && !flow->packets[1] && !dz_flow_has_parts(flow);
	return !(flags & (SYN | RST)) && (flags & ACK || is_first);
}

bool dz_flow_tcp_follow(struct flow *flow, const struct dz_frame *packet, const struct dz_packet *pkt)
{
	uint8_t flags = pkt->tcp_flags;
	bool again;

	if ((flags & (SYN | RST)) == SYN)
		note_syn(flow, packet, pkt);
	again = is_retransmission(flow, pkt);
	if (flags & ACK)
		note_ack(flow, pkt);
	if (!(flow->seq_known[pkt->sender] & SEQ_FIRST) && !(flags & RST)) /* a RST may have any number */
		note_first(flow, pkt->sender, pkt->tcp_seq);
	flow->tcp_flags[pkt->sender] |= flags;
	if (flags & (RST | FIN))
		note_close(flow, flags);
	if (!flow->established)
		flow->established = is_established(flow, flags);
	return again;
}
