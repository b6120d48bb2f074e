/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_link_other.c - link headers of networks that are seldom met, and what systems write before packets that they
 * captured within themselves. Link types: https://www.tcpdump.org/linktypes.html */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"
#include <string.h>

/* ---- networks ---- */

/* Frame Relay (RFC 2427): an address of 2 to 4 bytes, the last with its lowest bit set; then 0x03 and a network layer
 * protocol id, or what Cisco does: an ethertype. */
DZ_STEP(frame_relay)
{
	enum { CONTROL = 0x03, PADDING = 0, IP4 = 0xcc, IP6 = 0x8e, SNAP = 0x80, PPP = 0xcf, BRIDGED = 0x0080c2 };
	uint8_t id;
	uint32_t oui;

	for (unsigned i = 1; !(dz_cursor_u8(&layer->c) & 1); i++) {
		if (layer->c.failed || i == 4)
			return layer->c.failed ? dz_slice_short(layer) : DZ_DECODE_MALFORMED;
	}
	if (dz_cursor_peek(&layer->c, 0) != CONTROL) {
		*next = dz_cursor_be16(&layer->c);
		return dz_slice_read(layer);
	}
	dz_cursor_skip(&layer->c, 1);
	id = dz_cursor_u8(&layer->c);
	if (id == PADDING)
		id = dz_cursor_u8(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	*next = id == IP6 ? DZ_NEXT_IPV6 : id == PPP ? DZ_NEXT_PPP : DZ_NEXT_IP;
	if (id == IP4 || id == IP6 || id == PPP)
		return DZ_DECODE_OK;
	if (id != SNAP)
		return dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
	oui = (uint32_t)dz_cursor_u8(&layer->c) << 16;
	oui |= dz_cursor_be16(&layer->c);
	*next = dz_cursor_be16(&layer->c);
	/* bridged 802.3 with its check sum (1) or without (7) */
	if (oui == BRIDGED && (*next == 1 || *next == 7))
		*next = DZ_NEXT_ETHERNET;
	else if (oui != 0)
		return layer->c.failed ? dz_slice_short(layer) : dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
	return dz_slice_read(layer);
}

/* FDDI: frame control, two addresses; 802.2 in frames of that class. */
DZ_STEP(fddi)
{
	uint8_t control = dz_cursor_u8(&layer->c);

	dz_cursor_skip(&layer->c, 12);
	if (layer->c.failed)
		return dz_slice_short(layer);
	return (control & 0xf0) == 0x50 ? dz_step_llc(d, layer, next) : dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
}

/* IEEE 802.5: access and frame control, two addresses, and when the source's first bit is set, the route, of the
 * length in its own first five bits. */
DZ_STEP(token_ring)
{
	uint8_t control, source;

	dz_cursor_skip(&layer->c, 1);
	control = dz_cursor_u8(&layer->c);
	dz_cursor_skip(&layer->c, 6);
	source = dz_cursor_u8(&layer->c);
	dz_cursor_skip(&layer->c, 5);
	if (source & 0x80) {
		unsigned route = dz_cursor_u8(&layer->c) & 0x1f;
		dz_cursor_skip(&layer->c, route ? route - 1 : 0);
	}
	if (layer->c.failed)
		return dz_slice_short(layer);
	return (control & 0xc0) == 0x40 ? dz_step_llc(d, layer, next) : dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
}

/* ARCNET's protocol ids: RFC 1051 has IP bare, RFC 1201 behind a split flag and a sequence number. Of a packet that was
 * split, the first frame has an odd flag, the others an even one. */
static enum dz_verdict arcnet(struct dz_decoding *d, struct dz_slice *layer, uint32_t *next)
{
	enum { IP_OLD = 240, IP = 212, IP6 = 196, ARP = 213, EXCEPTION = 0xff };
	uint8_t type = dz_cursor_u8(&layer->c), flag;

	if (layer->c.failed)
		return dz_slice_short(layer);
	*next = type == IP6 ? DZ_NEXT_IPV6 : DZ_NEXT_IP;
	if (type == IP_OLD)
		return DZ_DECODE_OK;
	if (type != IP && type != IP6)
		return dz_decode_not_ip(d, type == ARP ? DZ_NOT_IP_ETHERTYPE : DZ_NOT_IP_OTHER,
					type == ARP ? 0x0806 : 0);
	flag = dz_cursor_u8(&layer->c);
	dz_cursor_skip(&layer->c, 2);
	if (flag == EXCEPTION) { /* three bytes of nothing, so that the frame is not of a length that ARCNET lacks */
		dz_cursor_skip(&layer->c, 1);
		flag = dz_cursor_u8(&layer->c);
		dz_cursor_skip(&layer->c, 2);
	}
	if (layer->c.failed)
		return dz_slice_short(layer);
	return flag == 0 || flag & 1 ? DZ_DECODE_OK : dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
}

DZ_STEP(arcnet_bsd)
{
	dz_cursor_skip(&layer->c, 2); /* source, destination */
	return arcnet(d, layer, next);
}

DZ_STEP(arcnet_linux)
{
	dz_cursor_skip(&layer->c, 4); /* source, destination, offset */
	return arcnet(d, layer, next);
}

/* IP over InfiniBand (RFC 4391, section 6) behind 40 bytes of addresses. */
DZ_STEP(ipoib)
{
	dz_cursor_skip(&layer->c, 40);
	*next = dz_cursor_be16(&layer->c);
	dz_cursor_skip(&layer->c, 2);
	(void)d;
	return dz_slice_read(layer);
}

/* Steps over a header of one size, to what always follows it. */
static enum dz_verdict behind(struct dz_slice *layer, size_t size, uint32_t *next, uint32_t what)
{
	dz_cursor_skip(&layer->c, size);
	*next = what;
	return dz_slice_read(layer);
}

enum { LINK_RAW = DZ_NEXT_LINK(101), LINK_LLC = DZ_NEXT_LINK(100) };

/* BSD's SLIP: direction, and 15 bytes for a header that was compressed. */
DZ_STEP(slip)
{
	(void)d;
	return behind(layer, 16, next, LINK_RAW);
}

/* IP over Fibre Channel (RFC 2625, section 3.2): two names of 8 bytes, then 802.2. */
DZ_STEP(ip_over_fc)
{
	(void)d;
	return behind(layer, 16, next, LINK_LLC);
}

/* Apple's IP over IEEE 1394: two addresses of 8 bytes, and an ethertype. */
DZ_STEP(ieee1394)
{
	(void)d;
	dz_cursor_skip(&layer->c, 16);
	*next = dz_cursor_be16(&layer->c);
	return dz_slice_read(layer);
}

/* PPP with a direction in the place of its address. */
DZ_STEP(ppp_pppd)
{
	(void)d;
	return behind(layer, 2, next, DZ_NEXT_PPP);
}

/* Hilscher's netANALYZER: 4 bytes of its own, then the frame; or its preamble first. */
DZ_STEP(netanalyzer)
{
	(void)d;
	return behind(layer, 4, next, DZ_NEXT_ETHERNET);
}

DZ_STEP(netanalyzer_transparent)
{
	(void)d;
	return behind(layer, 12, next, DZ_NEXT_ETHERNET);
}

/* IEEE 802.3br: preamble and delimiter stand before the frame. Pieces of preempted frames have delimiters of their own
 * (IEEE 802.3-2018, table 99-1): of those only the first has an IP header. */
DZ_STEP(mpacket)
{
	enum { PREAMBLE = 7, WHOLE = 0xd5, START_0 = 0xe6, START_1 = 0x4c, START_2 = 0x7f, START_3 = 0xb3 };
	uint8_t delimiter;

	dz_cursor_skip(&layer->c, PREAMBLE);
	delimiter = dz_cursor_u8(&layer->c);
	*next = DZ_NEXT_ETHERNET;
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (delimiter == WHOLE || delimiter == START_0 || delimiter == START_1 || delimiter == START_2 ||
	    delimiter == START_3)
		return DZ_DECODE_OK;
	return dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
}

/* ---- captures within a system ---- */

/* Solaris: version, family, hook type, length, interface, group, zones: 24 bytes. */
DZ_STEP(ipnet)
{
	dz_cursor_skip(&layer->c, 24);
	return layer->c.failed ? dz_slice_short(layer) : dz_step_raw(d, layer, next);
}

/* OpenBSD's encapsulating interface: family, SPI and flags, in the byte order of the host. */
DZ_STEP(enc)
{
	dz_cursor_skip(&layer->c, 12);
	return layer->c.failed ? dz_slice_short(layer) : dz_step_raw(d, layer, next);
}

/* Packet filter log: the header's length comes first, and does not count the padding to 4 bytes. */
DZ_STEP(pflog)
{
	enum { MIN_SIZE = 45 };
	unsigned size = dz_cursor_u8(&layer->c);

	if (!layer->c.failed && size < MIN_SIZE)
		return DZ_DECODE_MALFORMED;
	dz_cursor_skip(&layer->c, ((size + 3) & ~3u) - 1);
	return layer->c.failed ? dz_slice_short(layer) : dz_step_raw(d, layer, next);
}

/* Netfilter's numbers are in the byte order of the host: so the kernel writes them, and libpcap swaps them when need
 * be.
 */
static uint16_t host16(struct dz_cursor *c)
{
	const uint8_t *p = dz_cursor_take(c, 2);
	uint16_t value = 0;

	if (p)
		memcpy(&value, p, 2);
	return value;
}

/* Netfilter log: attributes of (length, type, value, padding to 4), one of which is the packet. */
DZ_STEP(nflog)
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
			dz_slice_narrow(layer, length - 4u);
			return dz_step_raw(d, layer, next);
		}
		dz_cursor_skip(&layer->c, (length - 4u + 3) & ~3u);
	}
}

/* macOS: header length, record type, link type, then names and ids; the lowest byte first. The number 149 is anybody's,
 * so what does not look like this header there is not taken for one. */
DZ_STEP(pktap)
{
	enum { MIN_SIZE = 108, PACKET = 1 };
	uint32_t size = dz_cursor_le32(&layer->c);
	uint32_t record = dz_cursor_le32(&layer->c);
	uint32_t link = dz_cursor_le32(&layer->c);

	if (layer->c.failed)
		return dz_slice_short(layer);
	if (size < MIN_SIZE || record != PACKET || link > UINT16_MAX)
		return dz_decode_not_ip(d, DZ_NOT_IP_OTHER, 0);
	dz_cursor_skip(&layer->c, size - 12);
	*next = DZ_NEXT_LINK(link);
	return dz_slice_read(layer);
}

/* Per-packet information (CACE): version, flags, header length, link type, fields; the lowest byte first. */
DZ_STEP(ppi)
{
	uint8_t version = dz_cursor_u8(&layer->c);
	uint16_t size;
	uint32_t link;

	dz_cursor_skip(&layer->c, 1);
	size = dz_cursor_le16(&layer->c);
	link = dz_cursor_le32(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (version != 0 || size < 8 || link > UINT16_MAX)
		return DZ_DECODE_MALFORMED;
	dz_cursor_skip(&layer->c, size - 8u);
	*next = DZ_NEXT_LINK(link);
	(void)d;
	return dz_slice_read(layer);
}
