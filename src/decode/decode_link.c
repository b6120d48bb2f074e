/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_link.c - from the start of a frame to its IP header: the walk, and the headers that are met every day.
 *
 * The walk is one loop over the rows of decode_rows.h, so that no frame, however often it nests, makes the stack grow.
 */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"

#define LENGTH_MAX 1500

bool dz_decode_knows_link(int linktype)
{
#define ROW(number, step) case number:
	switch (linktype) {
		DZ_LINK_ROWS(ROW)
		return true;
	}
#undef ROW
	return false;
}

void dz_slice_narrow(struct dz_slice *layer, uint32_t length)
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

enum dz_verdict dz_decode_not_ip(struct dz_decoding *d, enum dz_not_ip kind, uint16_t number)
{
	d->not_ip = (uint32_t)kind << 16 | number;
	return DZ_DECODE_NOT_IP;
}

void dz_decode_note_vlan(struct dz_decoding *d, uint16_t id)
{
	struct dz_packet *pkt = d->pkt;

	if (!id)
		return;
	if (d->depth == 0 && !pkt->vlan)
		pkt->vlan = id;
	else if (d->depth > 0 || !pkt->inner_vlan)
		pkt->inner_vlan = id;
}

/* ---- 802 ---- */

/* IEEE 802.2: SNAP with an ethertype (RFC 1042), or IP's own service access point. */
DZ_STEP(llc)
{
	uint16_t saps = dz_cursor_be16(&layer->c);
	uint8_t control = dz_cursor_u8(&layer->c);
	uint32_t oui;

	if (layer->c.failed)
		return dz_slice_short(layer);
	if (control == 0x03 && saps == 0x0606) {
		*next = DZ_NEXT_IP;
		return DZ_DECODE_OK;
	}
	if (control != 0x03 || saps != 0xaaaa)
		return dz_decode_not_ip(d, DZ_NOT_IP_LLC, saps);
	oui = (uint32_t)dz_cursor_u8(&layer->c) << 16;
	oui |= dz_cursor_be16(&layer->c);
	*next = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	/* 00-00-F8 is 802.1H's, for bridges. */
	if ((oui != 0 && oui != 0x0000f8) || *next < DZ_ETHERTYPE_MIN)
		return dz_decode_not_ip(d, DZ_NOT_IP_LLC, saps);
	return DZ_DECODE_OK;
}

/* A type field that may be a length, with 802.2 behind it. */
static inline enum dz_verdict type_or_length(struct dz_decoding *d, struct dz_slice *layer, uint32_t *next)
{
	if (*next >= DZ_ETHERTYPE_MIN)
		return DZ_DECODE_OK;
	if (*next > LENGTH_MAX)
		return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, (uint16_t)*next);
	dz_slice_narrow(layer, *next);
	return dz_step_llc(d, layer, next);
}

DZ_STEP(ethernet)
{
	dz_cursor_skip(&layer->c, 12);
	*next = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	return type_or_length(d, layer, next);
}

/* IEEE 802.1Q: tag, then the type of what it tags. */
DZ_STEP(vlan)
{
	uint16_t tag = dz_cursor_be16(&layer->c);

	*next = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	dz_decode_note_vlan(d, tag & 0x0fff);
	return type_or_length(d, layer, next);
}

/* ---- serial lines ---- */

/* PPP (RFC 1661, 1662): address and control may be left out, the protocol's first byte too. */
DZ_STEP(ppp)
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
		*next = DZ_NEXT_IP;
		return DZ_DECODE_OK;
	case 0x0057:
		*next = DZ_NEXT_IPV6;
		return DZ_DECODE_OK;
	case 0x0281:
		*next = DZ_NEXT_MPLS;
		return DZ_DECODE_OK;
	case 0x0283:
		*next = DZ_NEXT_MPLS_MULTICAST;
		return DZ_DECODE_OK;
	}
	return dz_decode_not_ip(d, DZ_NOT_IP_PPP, protocol);
}

/* Cisco HDLC: address 0x0f (unicast) or 0x8f (broadcast), control 0, ethertype. */
DZ_STEP(c_hdlc)
{
	dz_cursor_skip(&layer->c, 2);
	*next = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	return *next >= DZ_ETHERTYPE_MIN ? DZ_DECODE_OK : dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, (uint16_t)*next);
}

/* A serial line with either framing. */
DZ_STEP(ppp_or_c_hdlc)
{
	int address = dz_cursor_peek(&layer->c, 0);
	if ((address == 0x0f || address == 0x8f) && dz_cursor_peek(&layer->c, 1) == 0)
		return dz_step_c_hdlc(d, layer, next);
	return dz_step_ppp(d, layer, next);
}

/* PPPoE session (RFC 2516, section 4). */
DZ_STEP(pppoe)
{
	uint8_t version_type = dz_cursor_u8(&layer->c);
	uint8_t code = dz_cursor_u8(&layer->c);
	uint16_t length;

	dz_cursor_skip(&layer->c, 2);
	length = dz_cursor_be16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (version_type != 0x11 || code != 0)
		return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, DZ_NEXT_PPPOE);
	/* 0 as in captures from senders that cut the packet up later */
	if (length)
		dz_slice_narrow(layer, length);
	return dz_step_ppp(d, layer, next);
}

/* What follows one byte in front that says which way the frame went. */
static inline uint32_t behind_direction(struct dz_slice *layer, uint32_t next)
{
	dz_cursor_skip(&layer->c, 1);
	return next;
}

DZ_STEP(ppp_with_direction)
{
	*next = behind_direction(layer, DZ_NEXT_LINK(9));
	(void)d;
	return dz_slice_read(layer);
}

DZ_STEP(c_hdlc_with_direction)
{
	*next = behind_direction(layer, DZ_NEXT_LINK(104));
	(void)d;
	return dz_slice_read(layer);
}

DZ_STEP(frame_relay_with_direction)
{
	*next = behind_direction(layer, DZ_NEXT_LINK(107));
	(void)d;
	return dz_slice_read(layer);
}

/* ---- MPLS ---- */

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
	case DZ_NEXT_IP:
	case DZ_NEXT_IPV6:
	case DZ_NEXT_VLAN:
	case DZ_NEXT_QINQ:
	case DZ_NEXT_MPLS:
	case DZ_NEXT_PPPOE:
	case 0x0806: /* ARP */
		return true;
	}
	return false;
}

/* An MPLS label stack (RFC 3032) does not say what it carries: IP by its version, or an Ethernet
 * pseudowire, with a control word (RFC 4448, section 4.6: two zero bytes and a sequence number) or without. */
DZ_STEP(mpls)
{
	const struct dz_cursor *c = &layer->c;
	uint32_t entry;

	do {
		entry = dz_cursor_be32(&layer->c);
		if (layer->c.failed)
			return dz_slice_short(layer);
	} while (!(entry & 0x100));
	if (dz_cursor_peek(c, 0) < 0)
		return dz_slice_short(layer);
	*next = DZ_NEXT_IP;
	if (dz_decode_ip_plausible(d, layer))
		return DZ_DECODE_OK;
	if (dz_cursor_peek(c, 0) == 0 && dz_cursor_peek(c, 1) == 0 && ethertype_at(c, 16)) {
		dz_cursor_skip(&layer->c, 4);
		return dz_step_ethernet(d, layer, next);
	}
	if (ethertype_at(c, 12))
		return dz_step_ethernet(d, layer, next);
	/* A packet that goes on behind the frame's end is one all the same. */
	if (dz_decode_ip_intact(layer))
		return DZ_DECODE_OK;
	if (layer->missing && dz_cursor_left(c) < 18)
		return DZ_DECODE_TRUNCATED;
	return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, DZ_NEXT_MPLS);
}

/* ---- bare IP, and nearly ---- */

DZ_STEP(raw)
{
	int first = dz_cursor_peek(&layer->c, 0);

	if (first < 0)
		return dz_slice_short(layer);
	*next = DZ_NEXT_IP;
	return first >> 4 == 4 || first >> 4 == 6 ? DZ_DECODE_OK : dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
}

/* The address family of BSD loopback headers: what IPv6 is called differs between systems. */
static enum dz_verdict address_family(struct dz_decoding *d, struct dz_slice *layer, uint32_t *next, bool either_order)
{
	uint32_t family = dz_cursor_be32(&layer->c);

	if (layer->c.failed)
		return dz_slice_short(layer);
	if (either_order && family > 0xffff)
		family = family >> 24 | (family >> 8 & 0xff00);
	*next = DZ_NEXT_IP;
	switch (family) {
	case 2:
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD, BSD/OS */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return DZ_DECODE_OK;
	}
	return dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
}

DZ_STEP(null)
{
	return address_family(d, layer, next, true);
}

DZ_STEP(loop)
{
	return address_family(d, layer, next, false);
}

/* Linux cooked capture; "type" may be a number of Linux's own, of which 4 is an 802.2 header. */
static enum dz_verdict cooked(struct dz_decoding *d, struct dz_slice *layer, uint32_t *next, size_t before,
			      size_t behind)
{
	dz_cursor_skip(&layer->c, before);
	*next = dz_cursor_be16(&layer->c);
	dz_cursor_skip(&layer->c, behind);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (*next == 0x0004)
		return dz_step_llc(d, layer, next);
	return *next >= DZ_ETHERTYPE_MIN ? DZ_DECODE_OK : dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, (uint16_t)*next);
}

DZ_STEP(linux_sll)
{
	return cooked(d, layer, next, 14, 0);
}

DZ_STEP(linux_sll2)
{
	return cooked(d, layer, next, 0, 18);
}

/* ---- the walk ---- */

enum dz_verdict dz_decode_walk(struct dz_decoding *d, uint32_t next, struct dz_slice *layer)
{
	enum dz_verdict verdict = DZ_DECODE_OK;

	while (verdict == DZ_DECODE_OK) {
		switch (next) {
		case DZ_NEXT_IP:
		case DZ_NEXT_IPV6:
			return DZ_DECODE_OK;
#define ROW(type, step)                                                                                                \
	case type:                                                                                                     \
		verdict = dz_step_##step(d, layer, &next);                                                             \
		break;
			DZ_ETHERTYPE_ROWS(ROW)
#undef ROW
#define ROW(number, step)                                                                                              \
	case DZ_NEXT_LINK(number):                                                                                     \
		verdict = dz_step_##step(d, layer, &next);                                                             \
		break;
			DZ_LINK_ROWS(ROW)
#undef ROW
		default:
			if (next > UINT16_MAX)
				return dz_decode_not_ip(d, DZ_NOT_IP_LINK, (uint16_t)next);
			return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, (uint16_t)next);
		}
	}
	return verdict;
}
