/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_tunnel.c - IP inside IP. A number alone makes no tunnel: the header of the encapsulation has to be
 * all there and right, and an IP header that can be believed has to follow; else the packet is what carries it.
 * Where the capture ends behind a good tunnel header, the packet is the tunnel's, and truncated. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"

bool dz_tunnel_closed(struct dz_decoding *d, enum dz_tunnel tunnel)
{
	d->decoder->counts.closed[tunnel]++;
	return false;
}

bool dz_tunnel_open(struct dz_decoding *d, const struct dz_tunnel_header *header, uint32_t next, struct dz_slice layer,
		    enum dz_verdict *verdict)
{
	struct dz_packet *pkt = d->pkt;
	uint16_t inner_vlan = pkt->inner_vlan, next_packet = pkt->next;
	uint32_t tenant = pkt->tenant, frame_len = pkt->frame_len;

	if (header->tenant)
		pkt->tenant = header->id;
	*verdict = dz_decode_walk(d, next, &layer);
	if (*verdict == DZ_DECODE_OK && dz_decode_ip_plausible(d, &layer)) {
		pkt->tunnel = header->tunnel;
		pkt->tunnel_id = header->id;
		d->decoder->counts.opened[header->tunnel]++;
		*verdict = dz_decode_ip(d, &layer);
		return true;
	}
	if (*verdict == DZ_DECODE_TRUNCATED)
		return true;
	/* The first of several was opened, so the carrier is none of this one's. */
	if (d->place && d->aggregate == d->depth + 1) {
		*verdict = *verdict == DZ_DECODE_OK ? DZ_DECODE_MALFORMED : *verdict;
		return true;
	}
	pkt->inner_vlan = inner_vlan;
	pkt->tenant = tenant;
	pkt->frame_len = frame_len;
	pkt->next = next_packet;
	return dz_tunnel_closed(d, header->tunnel);
}

/* The outer header itself says what follows, so it is not left to belief; but it has to begin as IP does. */
DZ_TUNNEL(ip)
{
	int inner = dz_cursor_peek(&layer.c, 0) >> 4;
	enum dz_tunnel tunnel;

	if (ip->version == 4)
		tunnel = inner == 4 ? DZ_TUNNEL_IPIP : DZ_TUNNEL_6IN4;
	else
		tunnel = inner == 4 ? DZ_TUNNEL_4IN6 : DZ_TUNNEL_6IN6;
	if (inner >= 0 && inner != 4 && inner != 6)
		return dz_tunnel_closed(d, tunnel);
	d->pkt->tunnel = tunnel;
	d->pkt->tunnel_id = 0;
	d->decoder->counts.opened[tunnel]++;
	*verdict = dz_decode_ip(d, &layer);
	return true;
}

/* ---- GRE ---- */

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

enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, ACKNOWLEDGEMENT = 0x0080 };

/* Version 1: PPTP's (RFC 2637, section 4.1), in the place of whose key are the payload's length and a call that each
 * end numbers for itself; and MikroTik's, with no sequence numbers, and a number of the tunnel, lowest byte first. */
static bool gre_version_1(struct dz_decoding *d, uint16_t flags, uint16_t type, struct dz_slice layer,
			  enum dz_verdict *verdict)
{
	enum { TYPE_EOIP = 0x6400 };
	struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_GRE };
	struct dz_cursor *c = &layer.c;
	uint32_t length = dz_cursor_be16(c);

	if (type == TYPE_EOIP && flags == (KEY | 1)) {
		header = (struct dz_tunnel_header){ DZ_TUNNEL_EOIP, dz_cursor_le16(c), true };
		if (c->failed || length > dz_slice_length(&layer))
			return false;
		dz_slice_narrow(&layer, length);
		return length && dz_tunnel_open(d, &header, DZ_NEXT_ETHERNET, layer, verdict);
	}
	/* Without a sequence number there is no payload. */
	if (type != DZ_NEXT_PPP || (flags & (CHECKSUM | ROUTING | KEY | SEQUENCE)) != (KEY | SEQUENCE))
		return false;
	dz_cursor_skip(c, 6);
	if (flags & ACKNOWLEDGEMENT)
		dz_cursor_skip(c, 4);
	return !c->failed && dz_tunnel_open(d, &header, DZ_NEXT_PPP, layer, verdict);
}

/* RFC 2784 and 2890. NVGRE (RFC 7637, section 3.2) is Ethernet with a key and nothing else, of which 24 bits are the
 * virtual network. Aruba's controllers mirror 802.11 under 256 types. */
DZ_TUNNEL(gre)
{
	struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_GRE };
	struct dz_cursor *c = &layer.c;
	uint16_t flags = dz_cursor_be16(c), type = dz_cursor_be16(c);
	uint32_t next = type;

	(void)ip;
	if (c->failed || (flags & 7) > 1)
		return false;
	if (flags & 1)
		return gre_version_1(d, flags, type, layer, verdict);
	if (flags & ROUTING)
		return dz_tunnel_closed(d, DZ_TUNNEL_GRE);
	if (flags & CHECKSUM)
		dz_cursor_skip(c, 4);
	if (flags & KEY) {
		header.id = dz_cursor_be32(c);
		if (type == 0x6558 && (flags & 0xf007) == KEY) {
			header.tenant = true;
			header.id >>= 8;
		}
	}
	if (flags & SEQUENCE)
		dz_cursor_skip(c, 4);
	if (type == 0x88be || type == 0x22eb) {
		if (!erspan(c, type, flags & SEQUENCE))
			return false;
		next = DZ_NEXT_ETHERNET;
	} else if (type >> 8 == 0x82) {
		next = DZ_NEXT_WLAN;
	}
	return !c->failed && dz_tunnel_open(d, &header, next, layer, verdict);
}

/* ---- other protocols of IP ---- */

/* RFC 3378, section 3: version 3, 12 bits of nothing. */
DZ_TUNNEL(etherip)
{
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_ETHERIP };
	uint16_t first = dz_cursor_be16(&layer.c);

	(void)ip;
	return first >> 12 == 3 && dz_tunnel_open(d, &header, DZ_NEXT_ETHERNET, layer, verdict);
}

/* A multicast packet on its way to the rendezvous point (RFC 7761, section 4.9.3); a null register holds a header of
 * no packet. */
DZ_TUNNEL(pim)
{
	enum { VERSION_2_REGISTER = 0x21, NULL_REGISTER = 0x40000000 };
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_PIM };
	uint8_t kind = dz_cursor_u8(&layer.c);
	uint32_t flags;

	(void)ip;
	dz_cursor_skip(&layer.c, 3);
	flags = dz_cursor_be32(&layer.c);
	if (layer.c.failed || kind != VERSION_2_REGISTER || flags & NULL_REGISTER)
		return false;
	return dz_tunnel_open(d, &header, DZ_NEXT_IP, layer, verdict);
}

/* RFC 4023 in IP, RFC 7510 in UDP. Labels differ between the directions. */
DZ_TUNNEL(mpls)
{
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_MPLS };

	(void)ip;
	return dz_tunnel_open(d, &header, DZ_NEXT_MPLS, layer, verdict);
}

/* RFC 8986, section 4.9 */
DZ_TUNNEL(ethernet)
{
	static const struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_SRV6 };

	return ip->version == 6 && dz_tunnel_open(d, &header, DZ_NEXT_ETHERNET, layer, verdict);
}

/* Whether a frame, PPP, or a packet that need not be believed, but is proven, starts `skip` bytes on. */
static bool l2tp3_content(struct dz_decoding *d, struct dz_slice layer, size_t skip, uint32_t *next)
{
	static const uint32_t kinds[] = { DZ_NEXT_IP, DZ_NEXT_ETHERNET, DZ_NEXT_PPP };

	if (!dz_cursor_skip(&layer.c, skip))
		return false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct dz_slice inside = layer;
		*next = kinds[i];
		if (dz_decode_walk(d, *next, &inside) == DZ_DECODE_OK && dz_decode_ip_proven(&inside))
			return true;
	}
	return false;
}

/* RFC 3931, section 4.1: a session's number, then a cookie of no, 4 or 8 bytes and perhaps a sublayer of 4. Which, and
 * what follows, was told when the session was made: the content has to show it. */
bool dz_tunnel_l2tp3(struct dz_decoding *d, struct dz_slice layer, enum dz_verdict *verdict)
{
	struct dz_tunnel_header header = { .tunnel = DZ_TUNNEL_L2TP };
	uint16_t inner_vlan = d->pkt->inner_vlan;
	uint32_t next, tenant = d->pkt->tenant;

	header.id = dz_cursor_be32(&layer.c);
	if (layer.c.failed || header.id == 0) /* control */
		return false;
	for (size_t skip = 0; skip <= 12; skip += 4) {
		bool found = l2tp3_content(d, layer, skip, &next);
		d->pkt->inner_vlan = inner_vlan;
		d->pkt->tenant = tenant;
		if (found && dz_cursor_skip(&layer.c, skip))
			return dz_tunnel_open(d, &header, next, layer, verdict);
	}
	return dz_tunnel_closed(d, DZ_TUNNEL_L2TP);
}

DZ_TUNNEL(l2tp_ip)
{
	(void)ip;
	return dz_tunnel_l2tp3(d, layer, verdict);
}
