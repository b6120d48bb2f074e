/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_l4.c - transport headers: ports, the length of what they carry, and the key.
 *
 * Once the ports were captured the packet has its flow; whatever else the header gets wrong, or the capture lacks,
 * makes its payload unknown, not the packet. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"

/* The payload starts where the layer stands, and has `length` bytes. */
static void set_payload(struct dz_packet *pkt, const struct dz_slice *layer, uint32_t length)
{
	size_t have = dz_cursor_left(&layer->c);

	pkt->payload_len = length;
	pkt->payload_caplen = have < length ? (uint32_t)have : length;
	pkt->payload = pkt->payload_caplen ? layer->c.at : NULL;
}

/* RFC 9293, section 3.1. A data offset of less than the header's own 20 bytes is taken at its word, as other
 * readers of captures do; one beyond the packet leaves no payload. */
static void tcp(struct dz_packet *pkt, struct dz_slice *layer)
{
	/* from here: sequence numbers, data offset, flags; the rest of a header without options */
	enum { PORTS = 4, FLAGS_END = 10, PLAIN_END = 16 };
	uint32_t length = dz_slice_length(layer) + PORTS, header = PLAIN_END + PORTS;
	const uint8_t *start = layer->c.at - PORTS;

	if (dz_cursor_left(&layer->c) >= FLAGS_END) {
		pkt->tcp_seq = dz_cursor_be32(&layer->c);
		pkt->tcp_ack = dz_cursor_be32(&layer->c);
		header = (uint32_t)(dz_cursor_u8(&layer->c) >> 4) * 4;
		pkt->tcp_flags = dz_cursor_u8(&layer->c);
	}
	if (header > length)
		return;
	pkt->tcp_header = (uint8_t)header;
	layer->c = dz_cursor_init(start, (size_t)(layer->c.end - start));
	if (!dz_cursor_skip(&layer->c, header))
		layer->c.at = layer->c.end;
	set_payload(pkt, layer, length - header);
}

/* RFC 768. Its length is believed where it fits into the IP packet's, else that is. Returns whether
 * the packet turned out to be a tunnel's. */
static bool udp(struct dz_decoding *d, const struct dz_ip_header *ip, uint16_t source_port, uint16_t destination_port,
		struct dz_slice *layer, enum dz_verdict *verdict)
{
	/* from here: length, checksum */
	enum { HEADER = 8, REST = 4 };
	uint32_t length = dz_slice_length(layer);
	uint16_t stated = dz_cursor_be16(&layer->c);

	if (length < REST)
		return false;
	length -= REST;
	if (!dz_cursor_skip(&layer->c, 2))
		layer->c.at = layer->c.end;
	else if (d->decoder->config.tunnels &&
		 dz_decode_tunnel_udp(d, ip, source_port, destination_port, layer, verdict))
		return true;
	if (stated >= HEADER && stated - (uint32_t)HEADER < length)
		length = stated - HEADER;
	set_payload(d->pkt, layer, length);
	return false;
}

static enum dz_verdict ports(struct dz_decoding *d, const struct dz_ip_header *ip, struct dz_slice *layer)
{
	uint16_t source = dz_cursor_be16(&layer->c);
	uint16_t destination = dz_cursor_be16(&layer->c);
	enum dz_verdict verdict;

	if (layer->c.failed)
		return dz_slice_short(layer);
	if (ip->protocol == DZ_IPPROTO_TCP)
		tcp(d->pkt, layer);
	else if (ip->protocol == DZ_IPPROTO_UDP && udp(d, ip, source, destination, layer, &verdict))
		return verdict;
	dz_decode_key(d, ip, ip->protocol, source, destination);
	return DZ_DECODE_OK;
}

static enum dz_verdict icmp(struct dz_decoding *d, const struct dz_ip_header *ip, struct dz_slice *layer)
{
	uint32_t length = dz_slice_length(layer);
	uint8_t type = dz_cursor_u8(&layer->c);
	uint8_t code = dz_cursor_u8(&layer->c);
	uint16_t source, destination;

	if (layer->c.failed)
		return dz_slice_short(layer);
	d->pkt->one_way_icmp = dz_flow_key_icmp_ports(ip->protocol, type, code, &source, &destination);
	dz_decode_key(d, ip, ip->protocol, source, destination);
	if (length > 8) {
		if (!dz_cursor_skip(&layer->c, 6))
			layer->c.at = layer->c.end;
		set_payload(d->pkt, layer, length - 8);
	}
	return DZ_DECODE_OK;
}

/* Whether the protocol is a tunnel's, and its packet is one; then its verdict. */
static bool tunnel(struct dz_decoding *d, const struct dz_ip_header *ip, const struct dz_slice *layer,
		   enum dz_verdict *verdict)
{
#define ROW(protocol, open)                                                                                            \
	case protocol:                                                                                                 \
		return dz_tunnel_##open(d, ip, *layer, verdict);
	switch (ip->protocol) {
		DZ_IP_TUNNEL_ROWS(ROW)
	}
#undef ROW
	return false;
}

enum dz_verdict dz_decode_l4(struct dz_decoding *d, const struct dz_ip_header *ip, struct dz_slice *layer)
{
	enum dz_verdict verdict;

	switch (ip->protocol) {
	case DZ_IPPROTO_TCP:
	case DZ_IPPROTO_UDP:
	case DZ_IPPROTO_DCCP:
	case DZ_IPPROTO_SCTP:
	case DZ_IPPROTO_UDPLITE:
		return ports(d, ip, layer);
	case DZ_IPPROTO_ICMP:
	case DZ_IPPROTO_ICMPV6:
		return icmp(d, ip, layer);
	}
	if (d->decoder->config.tunnels && tunnel(d, ip, layer, &verdict))
		return verdict;
	dz_decode_key(d, ip, ip->protocol, 0, 0);
	return DZ_DECODE_OK;
}
