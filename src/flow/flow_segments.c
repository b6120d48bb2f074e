/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_segments.c - packets that were never on a wire.
 *
 * Where a host offloads segmentation to its interface (TSO, GSO), or has what it received put together (GRO, LRO), a
 * capture on it holds packets of up to 64 kB in the place of the segments that were sent. They are known by what the
 * ends of the connection announced as their maximum segment size (RFC 9293, section 3.7.1), and those of TCP can be cut
 * as the interface cut them: full segments, and one with the rest, each with the headers of the whole. */
#include "config.h"
#include "flow/flow_internal.h"

#include "base/cursor.h"

enum { IPV4_AND_TCP = 40, IPV6_AND_TCP = 60, MIN_MSS = 64, MIN_PAYLOAD = 32, MAX_IP = UINT16_MAX };

/* The maximum segment size option of a SYN (RFC 9293, section 3.2); 0 when it has none. */
static uint16_t announced_mss(const struct dz_packet *pkt)
{
	enum { PLAIN_HEADER = 20, END = 0, NOTHING = 1, MSS = 2, MSS_SIZE = 4 };
	uint32_t start = pkt->ip_len - pkt->payload_len - pkt->tcp_header;
	struct dz_cursor c;

	if (pkt->tcp_header < PLAIN_HEADER || start > pkt->ip_caplen || pkt->ip_caplen - start < pkt->tcp_header)
		return 0;
	c = dz_cursor_init(pkt->ip + start + PLAIN_HEADER, pkt->tcp_header - (size_t)PLAIN_HEADER);
	while (!c.failed && dz_cursor_left(&c)) {
		uint8_t kind = dz_cursor_u8(&c), size;
		if (kind == END)
			break;
		if (kind == NOTHING)
			continue;
		size = dz_cursor_u8(&c);
		if (kind == MSS && size == MSS_SIZE)
			return dz_cursor_be16(&c);
		if (size < 2 || !dz_cursor_skip(&c, size - 2u))
			break;
	}
	return 0;
}

/* An end announces what it takes, which comes of its own link: what the other one sends is not larger; nor, most
 * likely, is what it sends itself, as long as the other one has said nothing. */
void dz_flow_note_mss(struct flow *flow, const struct dz_packet *pkt)
{
	unsigned end = pkt->sender;
	uint32_t most = announced_mss(pkt);

	if (most < MIN_MSS)
		return;
	/* The size is that without options of either header (RFC 6691). */
	most += flow->key.version == 4 ? IPV4_AND_TCP : IPV6_AND_TCP;
	if (most > MAX_IP)
		most = MAX_IP;
	flow->most_ip[!end] = (uint16_t)most;
	flow->most_ip_known |= 1u << !end & 3;
	if (!(flow->most_ip_known >> end & 1))
		flow->most_ip[end] = (uint16_t)most;
}

/* Where the ends announced different sizes, the smaller one fits both links. */
static uint32_t full_size(const struct flow *flow)
{
	return flow->most_ip[0] < flow->most_ip[1] ? flow->most_ip[0] : flow->most_ip[1];
}

static bool may_be_cut(const struct flow *flow, const struct dz_packet *pkt)
{
	uint32_t headers = pkt->ip_len - pkt->payload_len;
	return flow->key.protocol == DZ_IPPROTO_TCP && pkt->tcp_header && !pkt->fragment &&
	       headers + MIN_PAYLOAD <= full_size(flow);
}

struct dz_segments dz_flow_note_oversized(struct flow *flow, const struct dz_flow_config *config,
					  const struct dz_packet *pkt, struct dz_flow_stats *stats)
{
	struct dz_segments whole = { 1, pkt->payload_len, pkt->ip_len - pkt->payload_len }, cut = whole;

	dz_flow_more(flow)->oversized[pkt->sender]++;
	stats->oversized++;
	if (!config->resegment || !may_be_cut(flow, pkt))
		return whole;
	cut.payload = full_size(flow) - cut.headers;
	cut.count = (pkt->payload_len - 1) / cut.payload + 1;
	stats->resegmented++;
	stats->added += cut.count - 1;
	return cut;
}

struct dz_packet dz_flow_segment(const struct dz_packet *pkt, const struct dz_segments *segments, uint32_t number)
{
	struct dz_packet segment = *pkt;
	uint32_t around = pkt->frame_len > pkt->ip_len ? pkt->frame_len - pkt->ip_len : 0;

	segment.payload_len =
		number + 1 < segments->count ? segments->payload : pkt->payload_len - number * segments->payload;
	segment.ip_len = segments->headers + segment.payload_len;
	segment.frame_len = around + segment.ip_len;
	return segment;
}
