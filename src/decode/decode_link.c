/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_link.c - from the start of a frame to its IP header. Walks bytes in one loop, so that no frame, however
 * often it nests, makes the stack grow. Link types: https://www.tcpdump.org/linktypes.html */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"
#include <string.h>

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12,     /* DLT_RAW, as some programs write it into files */
	LINK_RAW_OPENBSD = 14, /* the same on OpenBSD */
	LINK_PPP_HDLC = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_C_HDLC = 104,
	LINK_LOOP = 108,
	LINK_LINUX_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_NFLOG = 239,
	LINK_LINUX_SLL2 = 276
};

/* Ethertypes below this are IEEE 802.3 lengths, or nothing. */
#define ETHERTYPE_MIN 0x0600
#define LENGTH_MAX 1500

bool dz_decode_knows_link(int linktype)
{
	switch (linktype) {
	case LINK_NULL:
	case LINK_ETHERNET:
	case LINK_PPP:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_PPP_HDLC:
	case LINK_PPP_ETHER:
	case LINK_RAW:
	case LINK_C_HDLC:
	case LINK_LOOP:
	case LINK_LINUX_SLL:
	case LINK_IPV4:
	case LINK_IPV6:
	case LINK_NFLOG:
	case LINK_LINUX_SLL2:
		return true;
	}
	return false;
}

/* Cuts off what lies past `length` bytes from here: padding. */
static void narrow(struct dz_slice *layer, uint32_t length)
{
	size_t left = dz_cursor_left(&layer->c);

	if (length >= dz_slice_length(layer))
		return;
	if (length <= left) {
		layer->c.end = layer->c.at + length;
		layer->missing = 0;
	} else {
		layer->missing = length - (uint32_t)left;
	}
}

/* IEEE 802.2: SNAP with an ethertype (RFC 1042), or IP's own service access point. */
static enum dz_verdict llc(struct dz_slice *layer, uint16_t *type)
{
	uint16_t saps = dz_cursor_be16(&layer->c);
	uint8_t control = dz_cursor_u8(&layer->c);
	uint32_t oui;

	if (layer->c.failed)
		return dz_slice_short(layer);
	if (control != 0x03)
		return DZ_DECODE_NOT_IP;
	if (saps == 0x0606) {
		*type = DZ_ETHERTYPE_IPV4;
		return DZ_DECODE_OK;
	}
	if (saps != 0xaaaa)
		return DZ_DECODE_NOT_IP;
	oui = (uint32_t)dz_cursor_u8(&layer->c) << 16;
	oui |= dz_cursor_be16(&layer->c);
	*type = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	/* 00-00-F8 is 802.1H's, for bridges. */
	if ((oui != 0 && oui != 0x0000f8) || *type < ETHERTYPE_MIN)
		return DZ_DECODE_NOT_IP;
	return DZ_DECODE_OK;
}

/* A type field that may be a length: on OK, *type is an ethertype. */
static enum dz_verdict type_or_length(struct dz_slice *layer, uint16_t *type)
{
	if (*type >= ETHERTYPE_MIN)
		return DZ_DECODE_OK;
	if (*type > LENGTH_MAX)
		return DZ_DECODE_NOT_IP;
	narrow(layer, *type);
	return llc(layer, type);
}

static enum dz_verdict ethernet(struct dz_slice *layer, uint16_t *type)
{
	dz_cursor_skip(&layer->c, 12);
	*type = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	return type_or_length(layer, type);
}

/* IEEE 802.1Q: tag, then the type of what it tags. A priority tag (id 0) names no VLAN. */
static enum dz_verdict vlan(struct dz_slice *layer, struct dz_packet *pkt, uint16_t *type)
{
	uint16_t id = dz_cursor_be16(&layer->c) & 0x0fff;

	*type = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (pkt && !pkt->vlan)
		pkt->vlan = id;
	else if (pkt && !pkt->inner_vlan)
		pkt->inner_vlan = id;
	return type_or_length(layer, type);
}

/* PPP (RFC 1661, 1662): address and control may be left out, the protocol's first byte too. */
static enum dz_verdict ppp(struct dz_slice *layer, uint16_t *type)
{
	uint16_t protocol;

	if (dz_cursor_peek(&layer->c, 0) == 0xff && dz_cursor_peek(&layer->c, 1) == 0x03)
		dz_cursor_skip(&layer->c, 2);
	protocol = dz_cursor_u8(&layer->c);
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | dz_cursor_u8(&layer->c));
	if (layer->c.failed)
		return dz_slice_short(layer);
	switch (protocol) {
	case 0x0021:
		*type = DZ_ETHERTYPE_IPV4;
		return DZ_DECODE_OK;
	case 0x0057:
		*type = DZ_ETHERTYPE_IPV6;
		return DZ_DECODE_OK;
	case 0x0281:
		*type = DZ_ETHERTYPE_MPLS;
		return DZ_DECODE_OK;
	case 0x0283:
		*type = DZ_ETHERTYPE_MPLS_MULTICAST;
		return DZ_DECODE_OK;
	}
	return DZ_DECODE_NOT_IP;
}

/* Cisco HDLC: address 0x0f (unicast) or 0x8f (broadcast), control 0, ethertype. */
static enum dz_verdict c_hdlc(struct dz_slice *layer, uint16_t *type)
{
	dz_cursor_skip(&layer->c, 2);
	*type = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	return *type >= ETHERTYPE_MIN ? DZ_DECODE_OK : DZ_DECODE_NOT_IP;
}

/* A serial line with either framing. */
static enum dz_verdict ppp_or_c_hdlc(struct dz_slice *layer, uint16_t *type)
{
	int address = dz_cursor_peek(&layer->c, 0);
	if ((address == 0x0f || address == 0x8f) && dz_cursor_peek(&layer->c, 1) == 0)
		return c_hdlc(layer, type);
	return ppp(layer, type);
}

/* PPPoE session (RFC 2516, section 4). */
static enum dz_verdict pppoe(struct dz_slice *layer, uint16_t *type)
{
	uint8_t version_type = dz_cursor_u8(&layer->c);
	uint8_t code = dz_cursor_u8(&layer->c);
	uint16_t length;

	dz_cursor_skip(&layer->c, 2);
	length = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (version_type != 0x11 || code != 0)
		return DZ_DECODE_NOT_IP;
	/* 0 as in captures from senders that cut the packet up later */
	if (length)
		narrow(layer, length);
	return ppp(layer, type);
}

/* Whether the bytes `offset` ahead are there, and are a type that Ethernet frames have. Lengths are not
 * looked for: too much else looks like them, and what such frames carry is seldom IP. */
static bool ethertype_at(const struct dz_cursor *c, size_t offset)
{
	struct dz_cursor ahead = *c;
	uint16_t type;

	dz_cursor_skip(&ahead, offset);
	type = dz_cursor_be16(&ahead);
	if (ahead.failed)
		return false;
	switch (type) {
	case DZ_ETHERTYPE_IPV4:
	case DZ_ETHERTYPE_IPV6:
	case DZ_ETHERTYPE_VLAN:
	case DZ_ETHERTYPE_QINQ:
	case DZ_ETHERTYPE_MPLS:
	case DZ_ETHERTYPE_PPPOE:
	case 0x0806: /* ARP */
		return true;
	}
	return false;
}

/* An MPLS label stack (RFC 3032) does not say what it carries: IP by its version, or an Ethernet
 * pseudowire, with a control word (RFC 4448, section 4.6: two zero bytes and a sequence number) or without. */
static enum dz_verdict mpls(struct dz_slice *layer, uint16_t *type)
{
	static const struct dz_decoding not_inside = { 0 };
	const struct dz_cursor *c = &layer->c;
	uint32_t entry;

	do {
		entry = dz_cursor_be32(&layer->c);
		if (layer->c.failed)
			return dz_slice_short(layer);
	} while (!(entry & 0x100));
	if (dz_cursor_peek(c, 0) < 0)
		return dz_slice_short(layer);
	if (dz_decode_ip_plausible(&not_inside, layer)) {
		*type = DZ_ETHERTYPE_IPV4;
		return DZ_DECODE_OK;
	}
	if (dz_cursor_peek(c, 0) == 0 && dz_cursor_peek(c, 1) == 0 && ethertype_at(c, 16)) {
		dz_cursor_skip(&layer->c, 4);
		return ethernet(layer, type);
	}
	if (ethertype_at(c, 12))
		return ethernet(layer, type);
	return layer->missing && dz_cursor_left(c) < 18 ? DZ_DECODE_TRUNCATED : DZ_DECODE_NOT_IP;
}

enum dz_verdict dz_decode_ethertype(uint16_t type, struct dz_slice *layer, struct dz_packet *pkt)
{
	enum dz_verdict verdict = DZ_DECODE_OK;

	while (verdict == DZ_DECODE_OK) {
		switch (type) {
		case DZ_ETHERTYPE_IPV4:
		case DZ_ETHERTYPE_IPV6:
			return DZ_DECODE_OK;
		case DZ_ETHERTYPE_VLAN:
		case DZ_ETHERTYPE_QINQ:
		case DZ_ETHERTYPE_QINQ_OLD:
			verdict = vlan(layer, pkt, &type);
			break;
		case DZ_ETHERTYPE_MPLS:
		case DZ_ETHERTYPE_MPLS_MULTICAST:
			verdict = mpls(layer, &type);
			break;
		case DZ_ETHERTYPE_PPPOE:
			verdict = pppoe(layer, &type);
			break;
		case DZ_ETHERTYPE_PPP:
			verdict = ppp(layer, &type);
			break;
		case DZ_ETHERTYPE_TEB:
			verdict = ethernet(layer, &type);
			break;
		default:
			return DZ_DECODE_NOT_IP;
		}
	}
	return verdict;
}

/* The address family of BSD loopback headers: what IPv6 is called differs between systems. */
static enum dz_verdict loopback(struct dz_slice *layer, bool either_order)
{
	uint32_t family = dz_cursor_be32(&layer->c);

	if (layer->c.failed)
		return dz_slice_short(layer);
	if (either_order && family > 0xffff)
		family = family >> 24 | (family >> 8 & 0xff00);
	switch (family) {
	case 2:
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD, BSD/OS */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return DZ_DECODE_OK;
	}
	return DZ_DECODE_NOT_IP;
}

/* Linux cooked capture; "type" may be a number of Linux's own, of which 4 is an 802.2 header. */
static enum dz_verdict cooked(struct dz_slice *layer, int linktype, uint16_t *type)
{
	if (linktype == LINK_LINUX_SLL)
		dz_cursor_skip(&layer->c, 14);
	*type = dz_cursor_be16(&layer->c);
	if (linktype == LINK_LINUX_SLL2)
		dz_cursor_skip(&layer->c, 18);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (*type == 0x0004)
		return llc(layer, type);
	return *type >= ETHERTYPE_MIN ? DZ_DECODE_OK : DZ_DECODE_NOT_IP;
}

static enum dz_verdict raw(const struct dz_slice *layer)
{
	int first = dz_cursor_peek(&layer->c, 0);

	if (first < 0)
		return dz_slice_short(layer);
	return first >> 4 == 4 || first >> 4 == 6 ? DZ_DECODE_OK : DZ_DECODE_NOT_IP;
}

/* The host's own byte order: so the kernel writes NFLOG's attributes, and libpcap swaps them when need be. */
static uint16_t host16(struct dz_cursor *c)
{
	const uint8_t *p = dz_cursor_take(c, 2);
	uint16_t value = 0;

	if (p)
		memcpy(&value, p, 2);
	return value;
}

/* Netfilter log: attributes of (length, type, value, padding to 4), one of which is the packet. */
static enum dz_verdict nflog(struct dz_slice *layer)
{
	enum { ATTRIBUTE_PAYLOAD = 9 };

	dz_cursor_skip(&layer->c, 4);
	for (;;) {
		uint16_t length = host16(&layer->c);
		uint16_t type = host16(&layer->c);
		if (layer->c.failed)
			return dz_slice_short(layer);
		if (length < 4)
			return DZ_DECODE_MALFORMED;
		if (type == ATTRIBUTE_PAYLOAD) {
			narrow(layer, length - 4u);
			return raw(layer);
		}
		dz_cursor_skip(&layer->c, (length - 4u + 3) & ~3u);
	}
}

enum dz_verdict dz_decode_link(int linktype, struct dz_slice *layer, struct dz_packet *pkt)
{
	enum dz_verdict verdict;
	uint16_t type = 0;

	switch (linktype) {
	case LINK_ETHERNET:
		verdict = ethernet(layer, &type);
		break;
	case LINK_NULL:
		return loopback(layer, true);
	case LINK_LOOP:
		return loopback(layer, false);
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_RAW:
	case LINK_IPV4:
	case LINK_IPV6:
		return raw(layer);
	case LINK_PPP:
	case LINK_PPP_HDLC:
		verdict = ppp_or_c_hdlc(layer, &type);
		break;
	case LINK_PPP_ETHER:
		verdict = pppoe(layer, &type);
		break;
	case LINK_C_HDLC:
		verdict = c_hdlc(layer, &type);
		break;
	case LINK_LINUX_SLL:
	case LINK_LINUX_SLL2:
		verdict = cooked(layer, linktype, &type);
		break;
	case LINK_NFLOG:
		return nflog(layer);
	default:
		return DZ_DECODE_UNSUPPORTED_LINK;
	}
	return verdict == DZ_DECODE_OK ? dz_decode_ethertype(type, layer, pkt) : verdict;
}
