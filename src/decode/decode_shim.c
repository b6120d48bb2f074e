/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_shim.c - what stands between Ethernet and IP beside VLAN tags and MPLS, and what switches write into the
 * frames that they hand to a host. Most are a few bytes and then an ethertype, or a whole frame. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"

/* `size` bytes, then an ethertype. */
static enum dz_verdict before_type(struct dz_slice *layer, uint32_t *next, size_t size)
{
	dz_cursor_skip(&layer->c, size);
	*next = dz_cursor_be16(&layer->c);
	return dz_slice_read(layer);
}

/* `size` bytes, then a frame with its addresses. */
static enum dz_verdict before_frame(struct dz_slice *layer, uint32_t *next, size_t size)
{
	dz_cursor_skip(&layer->c, size);
	*next = DZ_NEXT_ETHERNET;
	return dz_slice_read(layer);
}

/* ---- tags ---- */

/* VN-Tag: direction, interfaces. */
DZ_STEP(vn_tag)
{
	(void)d;
	return before_type(layer, next, 4);
}

/* E-Tag (IEEE 802.1BR, 7.5). */
DZ_STEP(e_tag)
{
	(void)d;
	return before_type(layer, next, 6);
}

/* Cisco MetaData, with a security group: version, length of the options in words of 4 bytes, options, and an ethertype;
 * in GRE the ethertype comes first. */
DZ_STEP(cisco_metadata)
{
	enum { VERSION_1 = 1 };
	bool type_first = dz_cursor_peek(&layer->c, 0) != VERSION_1;
	uint16_t type = type_first ? dz_cursor_be16(&layer->c) : 0;
	uint8_t version = dz_cursor_u8(&layer->c), words = dz_cursor_u8(&layer->c);

	if (layer->c.failed)
		return dz_slice_short(layer);
	if (version != VERSION_1)
		return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, 0x8909);
	dz_cursor_skip(&layer->c, words * 4u);
	*next = type_first ? type : dz_cursor_be16(&layer->c);
	return dz_slice_read(layer);
}

/* HSR (IEC 62439-3): path and size, sequence number. PRP, which goes with it, has a trailer only. */
DZ_STEP(hsr)
{
	(void)d;
	return before_type(layer, next, 4);
}

/* Arista's time stamps: subtype 1, a version that gives the format, and 8 or 6 bytes. */
DZ_STEP(arista)
{
	enum { TIME_STAMP = 1, BITS_64 = 0x10, BITS_48 = 0x20 };
	uint16_t subtype = dz_cursor_be16(&layer->c);
	uint16_t version = dz_cursor_be16(&layer->c);

	if (!layer->c.failed && (subtype != TIME_STAMP || !(version & (BITS_64 | BITS_48))))
		return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, 0xd28b);
	return before_type(layer, next, version & BITS_64 ? 8 : 6);
}

/* MACsec (IEEE 802.1AE, 9.3 to 9.9): control bits, short length, packet number, and a channel id of 8 bytes. A check
 * value of 16 bytes ends the frame. */
DZ_STEP(macsec)
{
	enum { CHANNEL = 0x20, ENCRYPTED = 0x08, CHANGED = 0x04, CHECK_VALUE = 16 };
	uint8_t control = dz_cursor_u8(&layer->c);
	uint8_t length = dz_cursor_u8(&layer->c) & 0x3f;

	dz_cursor_skip(&layer->c, control & CHANNEL ? 12 : 4);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (control & (ENCRYPTED | CHANGED))
		return DZ_DECODE_ENCRYPTED;
	(void)d;
	if (length)
		dz_slice_narrow(layer, length);
	else if (dz_slice_length(layer) > CHECK_VALUE)
		dz_slice_narrow(layer, dz_slice_length(layer) - CHECK_VALUE);
	return before_type(layer, next, 0);
}

/* ---- frames in frames ---- */

/* Provider backbone (IEEE 802.1Q, 9.7): flags and a service id of 24 bits, which is the same in both directions. */
DZ_STEP(backbone)
{
	uint32_t tag = dz_cursor_be32(&layer->c);

	if (!layer->c.failed)
		d->pkt->tenant = tag & 0xffffff;
	return before_frame(layer, next, 0);
}

/* Cisco FabricPath: tree and time to live. */
DZ_STEP(fabricpath)
{
	(void)d;
	return before_frame(layer, next, 2);
}

/* TRILL (RFC 6325, section 3): version, flags, length of the options in words of 4 bytes, hops; two names of bridges.
 */
DZ_STEP(trill)
{
	uint16_t first = dz_cursor_be16(&layer->c);

	if (!layer->c.failed && first >> 14 != 0)
		return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, 0x22f3);
	return before_frame(layer, next, 4 + (first >> 6 & 0x1f) * 4u);
}

/* Network service header (RFC 8300, section 2.2): version, length of all of it in words of 4 bytes, and what follows.
 */
DZ_STEP(nsh)
{
	enum { IP4 = 1, IP6 = 2, ETHERNET = 3, NSH = 4, MPLS = 5, BASE = 4, MIN_SIZE = 8 };
	uint16_t first = dz_cursor_be16(&layer->c);
	unsigned size = (first & 0x3f) * 4u;
	uint8_t protocol;

	dz_cursor_skip(&layer->c, 1);
	protocol = dz_cursor_u8(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (first >> 14 != 0)
		return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, DZ_NEXT_NSH);
	if (size < MIN_SIZE)
		return DZ_DECODE_MALFORMED;
	dz_cursor_skip(&layer->c, size - BASE);
	switch (protocol) {
	case IP4:
		*next = DZ_NEXT_IP;
		break;
	case IP6:
		*next = DZ_NEXT_IPV6;
		break;
	case ETHERNET:
		*next = DZ_NEXT_ETHERNET;
		break;
	case NSH:
		*next = DZ_NEXT_NSH;
		break;
	case MPLS:
		*next = DZ_NEXT_MPLS;
		break;
	default:
		return dz_decode_not_ip(d, DZ_NOT_IP_ETHERTYPE, DZ_NEXT_NSH);
	}
	return dz_slice_read(layer);
}

/* WCCP's redirected packets, in GRE: IPv4, in version 2 behind a header of 4 bytes, which does not begin as IPv4 does
 * (draft-wilson-wrec-wccp-v2, section 4.12.2). */
DZ_STEP(wccp)
{
	if (dz_cursor_peek(&layer->c, 0) >> 4 != 4)
		dz_cursor_skip(&layer->c, 4);
	*next = DZ_NEXT_IP;
	(void)d;
	return dz_slice_read(layer);
}

/* ---- tags of switch chips, which come with captures of the interface between switch and host ---- */

/* Marvell's DSA tag, 4 bytes that took the place of the frame's own VLAN tag: if it had one, a bit says so. */
static enum dz_verdict dsa_tag(struct dz_decoding *d, struct dz_slice *layer, uint32_t *next)
{
	enum { TAGGED = 0x20000000u };
	uint32_t tag = dz_cursor_be32(&layer->c);

	if (!layer->c.failed && tag & TAGGED)
		dz_decode_note_vlan(d, tag & 0x0fff);
	*next = dz_cursor_be16(&layer->c);
	return dz_slice_read(layer);
}

/* Behind the addresses. */
DZ_STEP(dsa)
{
	dz_cursor_skip(&layer->c, 12);
	return dsa_tag(d, layer, next);
}

/* With an ethertype of its own, and two bytes of nothing. */
DZ_STEP(dsa_behind_type)
{
	dz_cursor_skip(&layer->c, 2);
	return dsa_tag(d, layer, next);
}

DZ_STEP(dsa_ethertype)
{
	dz_cursor_skip(&layer->c, 16);
	return dsa_tag(d, layer, next);
}

/* Broadcom's: 4 bytes behind the addresses, or before them. */
DZ_STEP(dsa_brcm)
{
	(void)d;
	return before_type(layer, next, 16);
}

DZ_STEP(dsa_brcm_prepend)
{
	(void)d;
	return before_frame(layer, next, 4);
}
