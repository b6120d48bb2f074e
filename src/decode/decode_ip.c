/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_ip.c - IPv4 (RFC 791) and IPv6 (RFC 8200) headers, down to the transport, and fragments of both. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"
#include <string.h>

enum { HEADER4 = 20, HEADER6 = 40 };

/* Next-header values of IPv6 that are headers themselves. */
enum {
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AUTHENTICATION = DZ_IPPROTO_AH,
	NEXT_NONE = 59,
	NEXT_DESTINATION = 60,
	NEXT_MOBILITY = 135,
	NEXT_HIP = 139,
	NEXT_SHIM6 = 140
};

bool dz_decode_ip_plausible(const struct dz_decoding *d, const struct dz_slice *layer)
{
	struct dz_cursor c = layer->c;
	uint32_t length, minimum, room = dz_slice_length(layer);
	int first = dz_cursor_peek(&c, 0);

	if (first < 0)
		return layer->missing > 0;
	if (first >> 4 == 4) {
		minimum = (first & 0x0fu) * 4;
		if (minimum < HEADER4)
			return false;
		dz_cursor_skip(&c, 2);
		length = dz_cursor_be16(&c);
		if (length == 0 && dz_cursor_peek(&c, 5) == DZ_IPPROTO_TCP)
			length = room; /* as in ip4() */
	} else if (first >> 4 == 6) {
		minimum = HEADER6;
		dz_cursor_skip(&c, 4);
		length = HEADER6 + (uint32_t)dz_cursor_be16(&c);
	} else {
		return false;
	}
	if (c.failed)
		return room >= minimum;
	return length >= minimum && room >= minimum && (length <= room || d->first_fragment);
}

/* RFC 1071, over a header of whole words, its own check sum included. */
static bool checksum_right(const uint8_t *header, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2)
		sum += dz_wire_be16(header + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* The whole header of an IPv4 packet that is right by its check sum; else NULL. */
static const uint8_t *checked_header4(const struct dz_slice *layer)
{
	struct dz_cursor c = layer->c;
	int first = dz_cursor_peek(&c, 0);
	size_t size = (first & 0x0fu) * 4u;
	const uint8_t *header = first >> 4 == 4 && size >= HEADER4 ? dz_cursor_take(&c, size) : NULL;

	return header && checksum_right(header, size) ? header : NULL;
}

bool dz_decode_ip_proven(const struct dz_slice *layer)
{
	struct dz_cursor c = layer->c;
	const uint8_t *header;

	if (dz_cursor_peek(&c, 0) >> 4 == 6) {
		header = dz_cursor_take(&c, HEADER6);
		return header && HEADER6 + (uint32_t)dz_wire_be16(header + 4) == dz_slice_length(layer);
	}
	header = checked_header4(layer);
	return header && dz_wire_be16(header + 2) >= HEADER4 && dz_wire_be16(header + 2) <= dz_slice_length(layer);
}

bool dz_decode_ip_intact(const struct dz_slice *layer)
{
	struct dz_cursor c = layer->c;
	const uint8_t *header;

	if (dz_cursor_peek(&c, 0) >> 4 == 4)
		return checked_header4(layer) != NULL;
	header = dz_cursor_take(&c, HEADER6);
	if (!header || header[0] >> 4 != 6)
		return false;
	switch (header[6]) {
	case NEXT_HOP_BY_HOP:
	case NEXT_ROUTING:
	case NEXT_FRAGMENT:
	case NEXT_AUTHENTICATION:
	case NEXT_DESTINATION:
	case DZ_IPPROTO_IPIP:
	case DZ_IPPROTO_TCP:
	case DZ_IPPROTO_UDP:
	case DZ_IPPROTO_IPV6:
	case DZ_IPPROTO_ICMPV6:
	case DZ_IPPROTO_SCTP:
		return true;
	}
	return false;
}

/* Takes the packet's extent: `length` bytes by its header, from `start`. The layer's cursor stands behind the
 * header already, or within it. */
static void set_extent(struct dz_packet *pkt, struct dz_slice *layer, const uint8_t *start, uint32_t length)
{
	size_t have = (size_t)(layer->c.end - start);

	if (have > length) {
		layer->c.end = start + length;
		have = length;
	}
	layer->missing = length - (uint32_t)have;
	pkt->ip = start;
	pkt->ip_caplen = (uint32_t)have;
	pkt->ip_len = length;
	pkt->cut = layer->missing > 0;
}

void dz_decode_key(struct dz_decoding *d, const struct dz_ip_header *ip, uint8_t protocol, uint16_t source_port,
		   uint16_t destination_port)
{
	bool ignore_vlan = d->decoder->config.ignore_vlan;
	struct dz_flow_key *key = &d->pkt->key;

	d->pkt->sender = (uint8_t)dz_flow_key_init(key, ip->version, protocol, ignore_vlan ? 0 : d->pkt->vlan,
						   ip->source, source_port, ip->destination, destination_port);
	if (!ignore_vlan) {
		key->inner_vlan = d->pkt->inner_vlan;
		key->tenant = d->pkt->tenant;
	}
}

void dz_decode_datagram(struct dz_fragment_id *id, const struct dz_ip_header *ip)
{
	size_t size = ip->version == 4 ? 4 : 16;

	memset(id, 0, sizeof *id);
	memcpy(id->source, ip->source, size);
	memcpy(id->destination, ip->destination, size);
	id->id = ip->id;
	id->version = ip->version;
	id->protocol = ip->fragment_protocol;
}

/* Not the first: its flow is the first one's, if that was seen. */
static enum dz_verdict later_fragment(struct dz_decoding *d, const struct dz_ip_header *ip)
{
	struct dz_fragment_first first = { .protocol = ip->protocol };
	struct dz_fragment_id id;

	dz_decode_datagram(&id, ip);
	if (dz_fragments_get(d->decoder->fragments, &id, d->time_ns, &first) && first.tunnel)
		return DZ_DECODE_TUNNEL_FRAGMENT;
	d->pkt->one_way_icmp = first.one_way_icmp;
	dz_decode_key(d, ip, first.protocol, first.source_port, first.destination_port);
	return DZ_DECODE_OK;
}

/* The first: decoded as any packet, and remembered. */
static enum dz_verdict first_fragment(struct dz_decoding *d, const struct dz_ip_header *ip, struct dz_slice *layer)
{
	const uint8_t *start = d->pkt->ip;
	struct dz_fragment_first first = { 0 };
	struct dz_fragment_id id;
	enum dz_verdict verdict;

	d->first_fragment = true;
	verdict = dz_decode_l4(d, ip, layer);
	if (verdict != DZ_DECODE_OK)
		return verdict;
	first.tunnel = d->pkt->ip != start;
	if (!first.tunnel) {
		first.protocol = d->pkt->key.protocol;
		first.source_port = d->pkt->key.port[d->pkt->sender];
		first.destination_port = d->pkt->key.port[!d->pkt->sender];
		first.one_way_icmp = d->pkt->one_way_icmp;
	}
	dz_decode_datagram(&id, ip);
	dz_fragments_put(d->decoder->fragments, &id, d->time_ns, &first);
	return DZ_DECODE_OK;
}

static enum dz_verdict transport(struct dz_decoding *d, const struct dz_ip_header *ip, struct dz_slice *layer)
{
	d->pkt->fragment = ip->fragment;
	d->pkt->later_fragment = ip->later_fragment;
	if (!ip->fragment)
		return dz_decode_l4(d, ip, layer);
	return ip->later_fragment ? later_fragment(d, ip) : first_fragment(d, ip, layer);
}

/* A cursor over the next `size` bytes, or one that has failed. With a constant size, the compiler can see which
 * of the reads from it need no check. */
static inline struct dz_cursor header_cursor(struct dz_slice *layer, size_t size)
{
	const uint8_t *bytes = dz_cursor_take(&layer->c, size);
	struct dz_cursor c = dz_cursor_init(bytes ? bytes : layer->c.end, bytes ? size : 0);

	c.failed = !bytes;
	return c;
}

/* Authentication header (RFC 4302, section 2.2): counts 4 bytes. */
static void authentication_header(struct dz_cursor *c, struct dz_ip_header *ip)
{
	uint8_t size;

	ip->protocol = dz_cursor_u8(c);
	size = dz_cursor_u8(c);
	dz_cursor_skip(c, (size + 2u) * 4 - 2);
}

static enum dz_verdict ip4(struct dz_decoding *d, struct dz_slice *layer)
{
	struct dz_ip_header ip = { .version = 4 };
	uint32_t room = dz_slice_length(layer), size, length;
	const uint8_t *start = layer->c.at;
	struct dz_cursor c = header_cursor(layer, HEADER4);
	uint16_t fragment;

	if (c.failed)
		return dz_slice_short(layer);
	size = (dz_cursor_u8(&c) & 0x0fu) * 4;
	dz_cursor_skip(&c, 1);
	length = dz_cursor_be16(&c);
	ip.id = dz_cursor_be16(&c);
	fragment = dz_cursor_be16(&c);
	dz_cursor_skip(&c, 1);
	ip.protocol = ip.fragment_protocol = dz_cursor_u8(&c);
	dz_cursor_skip(&c, 2);
	ip.source = dz_cursor_take(&c, 4);
	ip.destination = dz_cursor_take(&c, 4);
	/* 0 is what the sender's own capture shows of a packet that its network card cuts up. */
	if (length == 0)
		length = room;
	if (size < HEADER4 || length < size)
		return DZ_DECODE_MALFORMED;
	set_extent(d->pkt, layer, start, length);
	if (!dz_cursor_skip(&layer->c, size - HEADER4))
		return dz_slice_short(layer);
	ip.later_fragment = (fragment & 0x1fff) != 0;
	ip.fragment = (fragment & 0x3fff) != 0;
	if (ip.protocol == DZ_IPPROTO_AH && !ip.later_fragment) {
		authentication_header(&layer->c, &ip);
		if (layer->c.failed)
			return dz_slice_short(layer);
	}
	return transport(d, &ip, layer);
}

/* Fragment header (RFC 8200, section 4.5); one with neither offset nor more to come is no fragment (RFC 6946). */
static void fragment_header(struct dz_cursor *c, struct dz_ip_header *ip)
{
	uint16_t offset;

	ip->protocol = ip->fragment_protocol = dz_cursor_u8(c);
	dz_cursor_skip(c, 1);
	offset = dz_cursor_be16(c);
	ip->id = dz_cursor_be32(c);
	ip->later_fragment = (offset & 0xfff8) != 0;
	ip->fragment = (offset & 0xfff9) != 0;
}

/* Steps over one extension header; false when ip->protocol is not one, or is the last to be told. */
static bool extension_header(struct dz_cursor *c, struct dz_ip_header *ip)
{
	bool message = false;
	uint8_t size;

	switch (ip->protocol) {
	case NEXT_FRAGMENT:
		fragment_header(c, ip);
		return !ip->later_fragment;
	case NEXT_AUTHENTICATION:
		authentication_header(c, ip);
		return true;
	case NEXT_MOBILITY:
	case NEXT_HIP:
	case NEXT_SHIM6:
		message = true;
		break;
	case NEXT_HOP_BY_HOP:
	case NEXT_ROUTING:
	case NEXT_DESTINATION:
		break;
	default:
		return false;
	}
	/* With nothing behind it, such a header is what the packet is for. */
	if (message && dz_cursor_peek(c, 0) == NEXT_NONE)
		return false;
	ip->protocol = dz_cursor_u8(c);
	size = dz_cursor_u8(c);
	dz_cursor_skip(c, (size + 1u) * 8 - 2);
	return true;
}

/* The length of an IPv6 packet whose header gives its payload 0 bytes; `rest` stands behind that header.
 * A jumbogram (RFC 2675) has it in the first hop-by-hop option; a TCP packet that is yet to be cut up, or
 * UDP around one, has it nowhere. */
static uint32_t length_of_zero(const struct dz_slice *rest, uint8_t next)
{
	struct dz_cursor c = rest->c;

	if (next == NEXT_HOP_BY_HOP && dz_cursor_peek(&c, 2) == 0xc2 && dz_cursor_peek(&c, 3) == 4) {
		uint32_t length;
		dz_cursor_skip(&c, 4);
		length = dz_cursor_be32(&c);
		if (!c.failed && length > UINT16_MAX && length <= INT32_MAX)
			return HEADER6 + length;
	}
	if ((next == DZ_IPPROTO_TCP && dz_slice_length(rest) >= 20) ||
	    (next == DZ_IPPROTO_UDP && dz_slice_length(rest) >= 8))
		return HEADER6 + dz_slice_length(rest);
	return HEADER6;
}

static enum dz_verdict ip6(struct dz_decoding *d, struct dz_slice *layer)
{
	struct dz_ip_header ip = { .version = 6 };
	const uint8_t *start = layer->c.at;
	struct dz_cursor c = header_cursor(layer, HEADER6);
	uint32_t length;

	if (c.failed)
		return dz_slice_short(layer);
	dz_cursor_skip(&c, 4);
	length = HEADER6 + (uint32_t)dz_cursor_be16(&c);
	ip.protocol = dz_cursor_u8(&c);
	dz_cursor_skip(&c, 1);
	ip.source = dz_cursor_take(&c, 16);
	ip.destination = dz_cursor_take(&c, 16);
	if (length == HEADER6)
		length = length_of_zero(layer, ip.protocol);
	set_extent(d->pkt, layer, start, length);
	while (extension_header(&layer->c, &ip)) {
		if (layer->c.failed)
			break;
	}
	if (layer->c.failed)
		return dz_slice_short(layer);
	return transport(d, &ip, layer);
}

enum dz_verdict dz_decode_ip(struct dz_decoding *d, struct dz_slice *layer)
{
	int first = dz_cursor_peek(&layer->c, 0);

	if (d->depth == DZ_DECODE_MAX_DEPTH)
		return DZ_DECODE_TOO_DEEP;
	d->depth++;
	if (first < 0)
		return dz_slice_short(layer);
	switch (first >> 4) {
	case 4:
		return ip4(d, layer);
	case 6:
		return ip6(d, layer);
	}
	return DZ_DECODE_MALFORMED;
}
