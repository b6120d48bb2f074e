/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_tunnel_udp.c - IP inside UDP: see decode_tunnel.c. Most tunnels have a port; some show by their shape. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"
#include <string.h>

/* ---- virtual networks ---- */

/* What a next protocol number of VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe, section 3.2) stands for; 0: not known */
static uint32_t gpe_next(uint8_t protocol)
{
	static const uint32_t next[] = { 0, DZ_NEXT_IP, DZ_NEXT_IPV6, DZ_NEXT_ETHERNET, DZ_NEXT_NSH, DZ_NEXT_MPLS };
	return protocol < sizeof next / sizeof *next ? next[protocol] : 0;
}

static bool vxlan_header(struct dz_slice *layer, uint32_t *flags, struct dz_tunnel_header *header)
{
	enum { VALID = 0x08000000u };

	*flags = dz_cursor_be32(&layer->c);
	header->tunnel = DZ_TUNNEL_VXLAN;
	header->id = dz_cursor_be32(&layer->c) >> 8;
	header->tenant = true;
	return !layer->c.failed && *flags & VALID;
}

/* RFC 7348, section 5: what is reserved is not looked at. VXLAN-GPE may come on this port, too: a flag says that a
 * protocol number is there. */
DZ_TUNNEL(vxlan)
{
	enum { NEXT_PROTOCOL = 0x04000000u };
	struct dz_tunnel_header header;
	uint32_t flags, next = 0;

	(void)ip;
	if (!vxlan_header(&layer, &flags, &header))
		return false;
	if (flags & NEXT_PROTOCOL)
		next = gpe_next((uint8_t)flags);
	return dz_tunnel_open(d, &header, next ? next : DZ_NEXT_ETHERNET, layer, verdict);
}

DZ_TUNNEL(vxlan_gpe)
{
	enum { OTHER_VERSION = 0x30000000u, NEXT_PROTOCOL = 0x04000000u, OAM = 0x01000000u };
	struct dz_tunnel_header header;
	uint32_t flags, next = DZ_NEXT_ETHERNET;

	(void)ip;
	if (!vxlan_header(&layer, &flags, &header) || flags & (OTHER_VERSION | OAM))
		return false;
	if (flags & NEXT_PROTOCOL)
		next = gpe_next((uint8_t)flags);
	return next ? dz_tunnel_open(d, &header, next, layer, verdict) : dz_tunnel_closed(d, DZ_TUNNEL_VXLAN);
}

/* RFC 8926, section 3.4 */
DZ_TUNNEL(geneve)
{
	enum { CONTROL = 0x80 };
	struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_GENEVE, .tenant = true };
	uint8_t version_size = dz_cursor_u8(&layer.c);
	uint8_t flags = dz_cursor_u8(&layer.c);
	uint16_t type = dz_cursor_be16(&layer.c);

	(void)ip;
	header.id = dz_cursor_be32(&layer.c) >> 8;
	dz_cursor_skip(&layer.c, (version_size & 0x3fu) * 4);
	if (layer.c.failed || version_size >> 6 != 0 || flags & CONTROL)
		return false;
	return dz_tunnel_open(d, &header, type, layer, verdict);
}

/* RFC 9300, section 5.3: flags, nonce, locators; with one flag 24 bits of the last word are an instance id. */
DZ_TUNNEL(lisp)
{
	enum { INSTANCE = 0x08000000u };
	struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_LISP };
	uint32_t flags = dz_cursor_be32(&layer.c);
	uint32_t instance = dz_cursor_be32(&layer.c) >> 8;

	(void)ip;
	if (flags & INSTANCE) {
		header.id = instance;
		header.tenant = true;
	}
	return !layer.c.failed && dz_tunnel_open(d, &header, DZ_NEXT_IP, layer, verdict);
}

/* ---- access networks ---- */

/* 3GPP TS 29.281, section 5: version 1, G-PDU. Each end chooses its own tunnel id. */
DZ_TUNNEL(gtp_u)
{
	enum { EXTENSION = 0x04, OPTIONAL = 0x07, G_PDU = 255 };
	struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_GTP_U };
	struct dz_cursor *c = &layer.c;
	uint32_t room = dz_slice_length(&layer);
	uint8_t flags = dz_cursor_u8(c);
	uint8_t message = dz_cursor_u8(c);
	uint16_t length = dz_cursor_be16(c);
	uint8_t next = 0;

	(void)ip;
	header.id = dz_cursor_be32(c);
	if (c->failed || flags >> 4 != 3 || (flags & 0x08) || message != G_PDU)
		return false;
	if (length + 8u > room && !d->first_fragment)
		return false;
	if (flags & OPTIONAL) {
		dz_cursor_skip(c, 3);
		next = dz_cursor_u8(c);
	}
	while ((flags & EXTENSION) && next && !c->failed) {
		uint8_t size = dz_cursor_u8(c);
		if (!size)
			return false;
		dz_cursor_skip(c, size * 4u - 2);
		next = dz_cursor_u8(c);
	}
	return !c->failed && dz_tunnel_open(d, &header, DZ_NEXT_IP, layer, verdict);
}

/* RFC 2661, section 3.1: flags; length, and sequence numbers, and an offset where they say so; PPP. Version 3 has two
 * bytes of nothing (RFC 3931, section 4.1.2.1). */
DZ_TUNNEL(l2tp)
{
	enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, RESERVED = 0x34f0 };
	struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_L2TP };
	struct dz_cursor *c = &layer.c;
	uint32_t room = dz_slice_length(&layer);
	uint16_t flags = dz_cursor_be16(c);

	(void)ip;
	if (c->failed || flags & (CONTROL | RESERVED))
		return false;
	if ((flags & 0x0f) == 3)
		return dz_cursor_skip(c, 2) && dz_tunnel_l2tp3(d, layer, verdict);
	if ((flags & 0x0f) != 2)
		return false;
	if (flags & LENGTH && dz_cursor_be16(c) > room && !d->first_fragment)
		return false;
	dz_cursor_skip(c, 2);
	header.id = dz_cursor_be16(c);
	if (flags & SEQUENCE)
		dz_cursor_skip(c, 4);
	if (flags & OFFSET)
		dz_cursor_skip(c, dz_cursor_be16(c));
	return !c->failed && dz_tunnel_open(d, &header, DZ_NEXT_PPP, layer, verdict);
}

/* ---- IPv6 over IPv4's Internet ---- */

/* An address that Teredo hands out (RFC 4380, section 4), or link-local, as its router discovery uses. */
static bool teredo_prefix(const uint8_t *a)
{
	return a[0] == 0x20 && a[1] == 0x01 && a[2] == 0 && a[3] == 0;
}

static bool teredo_address(const uint8_t *a)
{
	return teredo_prefix(a) || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
}

/* RFC 4380, section 5.1.1: authentication, then origin indication, each or neither, then an IPv6 packet. */
DZ_TUNNEL(teredo)
{
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_TEREDO };
	struct dz_cursor *c = &layer.c, addresses;
	const uint8_t *source, *destination;

	(void)ip;
	if (dz_cursor_peek(c, 0) == 0 && dz_cursor_peek(c, 1) == 1) {
		unsigned id, authentication;
		dz_cursor_skip(c, 2);
		id = dz_cursor_u8(c);
		authentication = dz_cursor_u8(c);
		dz_cursor_skip(c, id + authentication + 9);
	}
	if (dz_cursor_peek(c, 0) == 0 && dz_cursor_peek(c, 1) == 0)
		dz_cursor_skip(c, 8);
	if (c->failed || dz_cursor_peek(c, 0) >> 4 != 6)
		return false;
	addresses = *c;
	dz_cursor_skip(&addresses, 8);
	source = dz_cursor_take(&addresses, 16);
	destination = dz_cursor_take(&addresses, 16);
	if (source && destination && !teredo_address(source) && !teredo_address(destination))
		return false;
	return dz_tunnel_open(d, &header, DZ_NEXT_IPV6, layer, verdict);
}

/* draft-massar-v6ops-ayiya-02, section 4: sizes of identity (a power of 2) and signature (words of 4 bytes), methods,
 * an operation, what follows, the time. */
DZ_TUNNEL(ayiya)
{
	enum { FORWARD = 1 };
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_AYIYA };
	uint8_t identity = dz_cursor_u8(&layer.c) >> 4;
	uint8_t signature = dz_cursor_u8(&layer.c) >> 4;
	uint8_t operation = dz_cursor_u8(&layer.c) & 0x0f;
	uint8_t protocol = dz_cursor_u8(&layer.c);

	(void)ip;
	dz_cursor_skip(&layer.c, 4 + (1u << identity) + signature * 4u);
	if (layer.c.failed || operation != FORWARD || (protocol != DZ_IPPROTO_IPIP && protocol != DZ_IPPROTO_IPV6))
		return false;
	return dz_tunnel_open(d, &header, DZ_NEXT_IP, layer, verdict);
}

/* Automatic Multicast Tunneling (RFC 7450, section 5.1.6): version 0 and a type in one byte, another that is reserved,
 * and of multicast data the packet. Queries and reports of membership, and what goes before, stay closed. */
DZ_TUNNEL(amt)
{
	enum { MULTICAST_DATA = 0x06 };
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_AMT };

	(void)ip;
	if (dz_cursor_u8(&layer.c) != MULTICAST_DATA)
		return false;
	dz_cursor_skip(&layer.c, 1);
	return !layer.c.failed && dz_tunnel_open(d, &header, DZ_NEXT_IP, layer, verdict);
}

/* ---- anything over UDP ---- */

/* draft-ietf-intarea-gue, section 3: version 0 is a header of 4 bytes with its options' length in words of 4, and an IP
 * protocol; version 1 is no header at all: its two bits are those of an IP header. */
DZ_TUNNEL(gue)
{
	enum { CONTROL = 0x20, GRE = 47, ETHERNET = 143, MPLS = 137 };
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_GUE };
	int first = dz_cursor_peek(&layer.c, 0);
	uint8_t protocol;

	if (first >> 6 == 1)
		return dz_tunnel_open(d, &header, DZ_NEXT_IP, layer, verdict);
	if (first < 0 || first >> 6 != 0 || first & CONTROL)
		return false;
	dz_cursor_skip(&layer.c, 1);
	protocol = dz_cursor_u8(&layer.c);
	dz_cursor_skip(&layer.c, 2 + (first & 0x1fu) * 4);
	if (layer.c.failed)
		return false;
	switch (protocol) {
	case DZ_IPPROTO_IPIP:
	case DZ_IPPROTO_IPV6:
		return dz_tunnel_open(d, &header, DZ_NEXT_IP, layer, verdict);
	case ETHERNET:
		return dz_tunnel_open(d, &header, DZ_NEXT_ETHERNET, layer, verdict);
	case MPLS:
		return dz_tunnel_open(d, &header, DZ_NEXT_MPLS, layer, verdict);
	case GRE:
		return dz_tunnel_gre(d, ip, layer, verdict);
	}
	return dz_tunnel_closed(d, DZ_TUNNEL_GUE);
}

/* TaZmen Sniffer Protocol: version 1, a kind of message, what is inside, then tags: padding (0), the end (1), or others
 * with a length. */
DZ_TUNNEL(tzsp)
{
	enum { RECEIVED = 0, TO_SEND = 1, PADDING = 0, END = 1 };
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_TZSP };
	struct dz_cursor *c = &layer.c;
	uint8_t version = dz_cursor_u8(c), kind = dz_cursor_u8(c), tag;
	uint32_t inside = dz_cursor_be16(c);

	(void)ip;
	if (c->failed || version != 1 || (kind != RECEIVED && kind != TO_SEND))
		return false;
	while ((tag = dz_cursor_u8(c)) != END && !c->failed) {
		if (tag != PADDING)
			dz_cursor_skip(c, dz_cursor_u8(c));
	}
	/* 1 Ethernet, 18 bare 802.11, 119 and 127 as the link types of these numbers, 163 likewise */
	return !c->failed &&
	       dz_tunnel_open(d, &header, inside == 18 ? DZ_NEXT_WLAN : DZ_NEXT_LINK(inside), layer, verdict);
}

/* ---- CAPWAP ---- */

/* What names a fragmented CAPWAP packet: its ends and a number; like a datagram's, but of a protocol that IP has not.
 */
static void capwap_id(struct dz_fragment_id *id, const struct dz_ip_header *ip, uint16_t number)
{
	enum { CAPWAP_FRAGMENTS = 255 };
	struct dz_ip_header as_datagram = *ip;

	as_datagram.id = number;
	as_datagram.fragment_protocol = CAPWAP_FRAGMENTS;
	dz_decode_datagram(id, &as_datagram);
}

/* RFC 5415, sections 4.2 and 4.3: a type (1: DTLS); in one word the header's size in words of 4 bytes, radio, binding,
 * and flags; a fragment's number and offset. */
DZ_TUNNEL(capwap)
{
	enum { NATIVE = 0x100, FRAGMENT = 0x80, KEEP_ALIVE = 0x08, BINDING_WLAN = 1 };
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_CAPWAP };
	uint32_t first = dz_cursor_be32(&layer.c);
	uint16_t number = dz_cursor_be16(&layer.c), offset = dz_cursor_be16(&layer.c) >> 3;
	unsigned size = (first >> 19 & 0x1f) * 4u;
	bool outer_fragment = d->first_fragment, opened;
	struct dz_fragment_first whole = { .tunnel = true };
	struct dz_fragment_id id;

	if (layer.c.failed || first >> 28 != 0 || (first >> 24 & 0x0f) > 1)
		return false;
	if (first >> 24 & 0x0f)
		return dz_tunnel_closed(d, DZ_TUNNEL_CAPWAP);
	if (first & KEEP_ALIVE || size < 8 || !dz_cursor_skip(&layer.c, size - 8))
		return false;
	capwap_id(&id, ip, number);
	if (first & FRAGMENT && offset > 0) {
		*verdict = DZ_DECODE_TUNNEL_FRAGMENT;
		return dz_fragments_get(d->decoder->fragments, &id, d->time_ns, &whole);
	}
	if (first & NATIVE && (first >> 9 & 0x1f) != BINDING_WLAN)
		return dz_tunnel_closed(d, DZ_TUNNEL_CAPWAP);
	d->first_fragment = outer_fragment || first & FRAGMENT;
	opened = dz_tunnel_open(d, &header, first & NATIVE ? DZ_NEXT_WLAN : DZ_NEXT_ETHERNET, layer, verdict);
	if (opened && first & FRAGMENT && *verdict == DZ_DECODE_OK)
		dz_fragments_put(d->decoder->fragments, &id, d->time_ns, &whole);
	if (!opened)
		d->first_fragment = outer_fragment;
	return opened;
}

/* ---- by port, and by shape ---- */

/* Nothing but the content says that this is a tunnel, so that has to be beyond doubt. */
DZ_TUNNEL(by_shape)
{
	static const struct dz_tunnel_header fou = { .tunnel = DZ_TUNNEL_FOU };
	struct dz_slice inside = layer;
	struct dz_tunnel_header header;
	struct dz_cursor addresses = layer.c;
	const uint8_t *source, *destination;
	uint32_t flags;

	switch (dz_cursor_peek(&layer.c, 0) >> 4) {
	case 4:
		return dz_decode_ip_proven(&layer) && dz_tunnel_open(d, &fou, DZ_NEXT_IP, layer, verdict);
	case 6:
		dz_cursor_skip(&addresses, 8);
		source = dz_cursor_take(&addresses, 16);
		destination = dz_cursor_take(&addresses, 16);
		return source && destination && (teredo_prefix(source) || teredo_prefix(destination)) &&
		       dz_decode_ip_proven(&layer) && dz_tunnel_teredo(d, ip, layer, verdict);
	}
	if (!vxlan_header(&inside, &flags, &header))
		return false;
	dz_cursor_skip(&inside.c, 12);
	flags = dz_cursor_be16(&inside.c);
	if ((flags != DZ_NEXT_IP && flags != DZ_NEXT_IPV6) || !dz_decode_ip_proven(&inside))
		return false;
	return dz_tunnel_vxlan(d, ip, layer, verdict);
}

bool dz_decode_tunnel_udp(struct dz_decoding *d, const struct dz_ip_header *ip, uint16_t source_port,
			  uint16_t destination_port, const struct dz_slice *layer, enum dz_verdict *verdict)
{
	enum { TO, EITHER };
	const struct dz_cursor *c = &layer->c;

#define ROW(port, ends, open)                                                                                          \
	case port:                                                                                                     \
		return dz_tunnel_##open(d, ip, *layer, verdict);
	switch (destination_port) {
		DZ_UDP_TUNNEL_ROWS(ROW)
	}
#undef ROW
#define ROW(port, ends, open)                                                                                          \
	case port:                                                                                                     \
		if ((ends) == EITHER)                                                                                  \
			return dz_tunnel_##open(d, ip, *layer, verdict);                                               \
		break;
	switch (source_port) {
		DZ_UDP_TUNNEL_ROWS(ROW)
	}
#undef ROW
	return dz_decode_tunnel_shape(c->at, dz_cursor_left(c), dz_slice_length(layer)) &&
	       dz_tunnel_by_shape(d, ip, *layer, verdict);
}
