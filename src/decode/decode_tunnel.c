/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_tunnel.c - IP inside IP. A number alone makes no tunnel: the header of the encapsulation has to be
 * all there and right, and an IP header that can be believed has to follow; else the packet is what carries it.
 * Where the capture ends behind a good tunnel header, the packet is the tunnel's, and truncated. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"

enum {
	PORT_GTP_U = 2152,
	PORT_TEREDO = 3544,
	PORT_VXLAN = 4789,
	PORT_GENEVE = 6081,
	PORT_VXLAN_LINUX = 8472 /* the Linux kernel's default, older than IANA's number */
};

/* Opens what a tunnel header announced as `type`; false when there is no IP packet in it. */
static bool open_tunnel(struct dz_decoding *d, enum dz_tunnel tunnel, uint16_t type, struct dz_slice layer,
			enum dz_verdict *verdict)
{
	*verdict = dz_decode_ethertype(type, &layer, NULL);
	if (*verdict == DZ_DECODE_OK) {
		if (!dz_decode_ip_plausible(d, &layer))
			return false;
		d->pkt->tunnel = tunnel;
		*verdict = dz_decode_ip(d, &layer);
		return true;
	}
	return *verdict == DZ_DECODE_TRUNCATED;
}

/* ERSPAN: an Ethernet frame behind a header of its own, of type I (none), II or III
 * (draft-foschiano-erspan-03, section 4). */
static bool erspan(struct dz_cursor *c, uint16_t type, bool sequence)
{
	enum { VERSION_II = 1, VERSION_III = 2 };
	int version = dz_cursor_peek(c, 0) >> 4;

	if (type == 0x88be)
		return !sequence || (version == VERSION_II && dz_cursor_skip(c, 8));
	if (version != VERSION_III || !dz_cursor_skip(c, 11))
		return false;
	/* the lowest bit says that a platform's subheader follows */
	return !(dz_cursor_u8(c) & 1) || dz_cursor_skip(c, 8);
}

/* GRE: RFC 2784 and 2890 (version 0), RFC 2637, section 4.1 (version 1, PPTP's). */
static bool gre(struct dz_decoding *d, struct dz_slice layer, enum dz_verdict *verdict)
{
	enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, ACKNOWLEDGEMENT = 0x0080 };
	struct dz_cursor *c = &layer.c;
	uint16_t flags = dz_cursor_be16(c);
	uint16_t type = dz_cursor_be16(c);
	unsigned version = flags & 7;

	if (version > 1 || (flags & ROUTING) || (version == 1) != (type == DZ_ETHERTYPE_PPP))
		return false;
	/* PPTP's key holds the payload's length; without a sequence number there is none. */
	if (version == 1 && (flags & (CHECKSUM | KEY | SEQUENCE)) != (KEY | SEQUENCE))
		return false;
	if (flags & CHECKSUM)
		dz_cursor_skip(c, 4);
	if (flags & KEY)
		dz_cursor_skip(c, 4);
	if (flags & SEQUENCE)
		dz_cursor_skip(c, 4);
	if (version == 1 && (flags & ACKNOWLEDGEMENT))
		dz_cursor_skip(c, 4);
	if (c->failed)
		return false;
	if (type == 0x88be || type == 0x22eb) {
		if (!erspan(c, type, flags & SEQUENCE))
			return false;
		type = DZ_ETHERTYPE_TEB;
	}
	return open_tunnel(d, DZ_TUNNEL_GRE, type, layer, verdict);
}

bool dz_decode_tunnel_ip(struct dz_decoding *d, const struct dz_ip_header *ip, const struct dz_slice *layer,
			 enum dz_verdict *verdict)
{
	struct dz_slice inner_layer = *layer;
	int inner = dz_cursor_peek(&layer->c, 0) >> 4;

	if (ip->protocol == DZ_IPPROTO_GRE)
		return gre(d, inner_layer, verdict);
	/* Here the IP header itself says what follows, so it is not left to belief. */
	if (ip->version == 4)
		d->pkt->tunnel = inner == 4 ? DZ_TUNNEL_IPIP : DZ_TUNNEL_6IN4;
	else
		d->pkt->tunnel = inner == 4 ? DZ_TUNNEL_4IN6 : DZ_TUNNEL_6IN6;
	*verdict = dz_decode_ip(d, &inner_layer);
	return true;
}

/* RFC 7348, section 5; a group policy (draft-smith-vxlan-group-policy) sets a bit and fills reserved bytes. */
static bool vxlan(struct dz_decoding *d, struct dz_slice layer, enum dz_verdict *verdict)
{
	enum { GROUP_POLICY = 0x80000000u, VALID = 0x08000000u };
	uint32_t flags = dz_cursor_be32(&layer.c);
	uint32_t network = dz_cursor_be32(&layer.c);

	if (layer.c.failed || (network & 0xff))
		return false;
	if (flags & GROUP_POLICY ? (flags >> 24) != 0x88 : flags != VALID)
		return false;
	return open_tunnel(d, DZ_TUNNEL_VXLAN, DZ_ETHERTYPE_TEB, layer, verdict);
}

/* RFC 8926, section 3.4 */
static bool geneve(struct dz_decoding *d, struct dz_slice layer, enum dz_verdict *verdict)
{
	uint8_t version_size = dz_cursor_u8(&layer.c);
	uint8_t flags = dz_cursor_u8(&layer.c);
	uint16_t type = dz_cursor_be16(&layer.c);
	uint32_t network = dz_cursor_be32(&layer.c);

	dz_cursor_skip(&layer.c, (version_size & 0x3fu) * 4);
	/* The first flag marks control messages, the second options that must be understood. */
	if (layer.c.failed || version_size >> 6 != 0 || (flags & 0xbf) || (network & 0xff))
		return false;
	if (type != DZ_ETHERTYPE_TEB && type != DZ_ETHERTYPE_IPV4 && type != DZ_ETHERTYPE_IPV6)
		return false;
	return open_tunnel(d, DZ_TUNNEL_GENEVE, type, layer, verdict);
}

/* 3GPP TS 29.281, section 5: version 1, G-PDU. */
static bool gtp_u(struct dz_decoding *d, struct dz_slice layer, enum dz_verdict *verdict)
{
	enum { EXTENSION = 0x04, OPTIONAL = 0x07, G_PDU = 255 };
	struct dz_cursor *c = &layer.c;
	uint32_t room = dz_slice_length(&layer);
	uint8_t flags = dz_cursor_u8(c);
	uint8_t message = dz_cursor_u8(c);
	uint16_t length = dz_cursor_be16(c);
	uint8_t next = 0;

	dz_cursor_skip(c, 4);
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
	if (c->failed)
		return false;
	return open_tunnel(d, DZ_TUNNEL_GTP_U, DZ_ETHERTYPE_IPV4, layer, verdict);
}

/* An address that Teredo hands out (RFC 4380, section 4), or link-local, as its router discovery uses. */
static bool teredo_address(const uint8_t *a)
{
	return (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0 && a[3] == 0) || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
}

/* RFC 4380, section 5.1.1: authentication, then origin indication, each or neither, then an IPv6 packet. */
static bool teredo(struct dz_decoding *d, struct dz_slice layer, enum dz_verdict *verdict)
{
	struct dz_cursor *c = &layer.c, addresses;
	const uint8_t *source, *destination;

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
	return open_tunnel(d, DZ_TUNNEL_TEREDO, DZ_ETHERTYPE_IPV6, layer, verdict);
}

bool dz_decode_tunnel_port(uint16_t source_port, uint16_t destination_port)
{
	switch (destination_port) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
	case PORT_GENEVE:
	case PORT_GTP_U:
	case PORT_TEREDO:
		return true;
	}
	return source_port == PORT_GTP_U || source_port == PORT_TEREDO;
}

bool dz_decode_tunnel_udp(struct dz_decoding *d, uint16_t source_port, uint16_t destination_port,
			  const struct dz_slice *layer, enum dz_verdict *verdict)
{
	switch (destination_port) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		return vxlan(d, *layer, verdict);
	case PORT_GENEVE:
		return geneve(d, *layer, verdict);
	}
	if (destination_port == PORT_GTP_U || source_port == PORT_GTP_U)
		return gtp_u(d, *layer, verdict);
	if (destination_port == PORT_TEREDO || source_port == PORT_TEREDO)
		return teredo(d, *layer, verdict);
	return false;
}
