/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_internal.h - what the files of decode share.
 *
 * decode.c             the decoder, and the entry
 * decode_rows.h        the link types, ethertypes and tunnels that are known
 * decode_fast.c        the fast path for plain packets
 * decode_link.c        link headers, down to the first byte of an IP header
 * decode_link_other.c  those of networks that are seldom seen, and of captures of captures
 * decode_shim.c        what stands between Ethernet and IP, and what switches write into frames
 * decode_wlan.c        802.11, and what radios write before it
 * decode_ip.c          IPv4 and IPv6 headers, extension headers, fragments
 * decode_l4.c          transport headers: ports, payload, key
 * decode_tunnel.c      IP in something in IP: finds the inner IP header, or says that there is none
 * decode_tunnel_udp.c  the same for tunnels in UDP
 *
 * The link part only walks; the IP part calls itself for each IP header inside
 * another, at most DZ_DECODE_MAX_DEPTH times. */
#ifndef DISTRIBOOZE_DECODE_INTERNAL_H
#define DISTRIBOOZE_DECODE_INTERNAL_H

#include "base/cursor.h"
#include "decode/decode.h"
#include "decode/decode_rows.h"
#include "decode/fragments.h"
#include "record/ipproto.h"

struct dz_decoder {
	struct dz_decode_config config;
	struct dz_fragments *fragments;
	struct dz_decode_counts counts;
};

/* What is left of a layer: the captured bytes, and how many more the wire had behind them. */
struct dz_slice {
	struct dz_cursor c;
	uint32_t missing;
};

/* One packet on its way down. */
struct dz_decoding {
	struct dz_decoder *decoder;
	struct dz_packet *pkt;
	uint64_t time_ns;
	uint32_t not_ip;     /* where the walk ended without IP: what dz_decode_not_ip_name() takes */
	uint32_t length;     /* of the frame, on the wire; all that was captured of it at least */
	unsigned depth;      /* IP headers opened so far */
	unsigned place;      /* of the packet among those of its frame */
	unsigned aggregate;  /* 1 + the depth at which the frame's packets stand side by side; 0: it has one */
	bool first_fragment; /* an IP packet around this one is a fragment: inner lengths may pass its end */
};

/* The IP header that a transport header belongs to. */
struct dz_ip_header {
	const uint8_t *source, *destination; /* borrowed; 4 or 16 bytes */
	uint32_t id;                         /* of the fragments' datagram */
	uint8_t version;
	uint8_t protocol;          /* what follows the last header that was opened */
	uint8_t fragment_protocol; /* what the fragments' headers call it */
	bool fragment, later_fragment;
};

/* What a header says comes next: an ethertype, or a link header of the LINKTYPE_ value n. */
#define DZ_NEXT_LINK(n) (0x10000u + (n))
enum {
	DZ_NEXT_IP = 0x0800, /* either version: the IP header's own tells */
	DZ_NEXT_IPV6 = 0x86dd,
	DZ_NEXT_VLAN = 0x8100,
	DZ_NEXT_PPP = 0x880b,
	DZ_NEXT_MPLS = 0x8847,
	DZ_NEXT_MPLS_MULTICAST = 0x8848,
	DZ_NEXT_PPPOE = 0x8864,
	DZ_NEXT_QINQ = 0x88a8,
	DZ_NEXT_NSH = 0x894f,
	DZ_NEXT_ETHERNET = DZ_NEXT_LINK(1),
	DZ_NEXT_WLAN = DZ_NEXT_LINK(105)
};

/* Ethertypes below this are IEEE 802.3 lengths, or nothing. */
#define DZ_ETHERTYPE_MIN 0x0600

/* Bytes of the layer on the wire, from where its cursor stands. */
static inline uint32_t dz_slice_length(const struct dz_slice *layer)
{
	return (uint32_t)dz_cursor_left(&layer->c) + layer->missing;
}

/* The verdict on a layer that ends before its header does: the capture's fault, or the sender's. */
static inline enum dz_verdict dz_slice_short(const struct dz_slice *layer)
{
	return layer->missing ? DZ_DECODE_TRUNCATED : DZ_DECODE_MALFORMED;
}

/* OK when all that was read so far was there. */
static inline enum dz_verdict dz_slice_read(const struct dz_slice *layer)
{
	return layer->c.failed ? dz_slice_short(layer) : DZ_DECODE_OK;
}

/* Cuts off what lies past `length` bytes from here: padding, check sums. */
void dz_slice_narrow(struct dz_slice *layer, uint32_t length);

/* ---- below IP ---- */

/* Walks from the header that `next` announces to the first byte of an IP header and then says DZ_DECODE_OK,
 * or why it got nowhere. VLAN ids and virtual networks are noted in d->pkt. */
enum dz_verdict dz_decode_walk(struct dz_decoding *d, uint32_t next, struct dz_slice *layer);

/* Ends a walk at something known not to be IP, for the account. */
enum dz_verdict dz_decode_not_ip(struct dz_decoding *d, enum dz_not_ip kind, uint16_t number);

/* Notes a VLAN id; 0, a priority tag, names no VLAN. */
void dz_decode_note_vlan(struct dz_decoding *d, uint16_t id);

/* Each steps over one header, and says in *next what it announces, or why it got nowhere. Each uses up at least one
 * byte, or ends the walk: so every walk ends. */
#define DZ_STEP(name) enum dz_verdict dz_step_##name(struct dz_decoding *d, struct dz_slice *layer, uint32_t *next)

/* All are declared from the rows; some numbers share a function. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#define DZ_STEP_DECLARED(number, name) DZ_STEP(name);
DZ_LINK_ROWS(DZ_STEP_DECLARED)
DZ_ETHERTYPE_ROWS(DZ_STEP_DECLARED)
#undef DZ_STEP_DECLARED
#pragma GCC diagnostic pop

/* ---- IP and above ---- */

/* From an IP header on, to the innermost one. Layers are handed down by pointer and used up: copies cost
 * more than the rest of a plain packet's way. */
enum dz_verdict dz_decode_ip(struct dz_decoding *d, struct dz_slice *layer);

/* Whether an IP header that can be believed starts here. Bytes that the capture lacks are believed. */
bool dz_decode_ip_plausible(const struct dz_decoding *d, const struct dz_slice *layer);

/* Whether there is no doubt that one does, though nothing announced it: IPv4 by its check sum, IPv6 by filling the
 * layer to the byte, which IPv4 must not exceed. */
bool dz_decode_ip_proven(const struct dz_slice *layer);

/* Whether an IP header is right in itself, whatever its length says: IPv4 by its check sum, IPv6 by what it announces.
 */
bool dz_decode_ip_intact(const struct dz_slice *layer);

/* From a transport header on; opens tunnels. */
enum dz_verdict dz_decode_l4(struct dz_decoding *d, const struct dz_ip_header *ip, struct dz_slice *layer);

/* Fills in the key of the packet. */
void dz_decode_key(struct dz_decoding *d, const struct dz_ip_header *ip, uint8_t protocol, uint16_t source_port,
		   uint16_t destination_port);

/* What names the datagram that an IP header's fragments belong to. */
void dz_decode_datagram(struct dz_fragment_id *id, const struct dz_ip_header *ip);

/* ---- tunnels ---- */

/* What a tunnel's header told of itself. */
struct dz_tunnel_header {
	enum dz_tunnel tunnel;
	uint32_t id; /* as dz_packet.tunnel_id */
	bool tenant; /* it is a virtual network's, the same in both directions */
};

/* Opens what a tunnel header announced as `next`; false when there is no IP packet in it. */
bool dz_tunnel_open(struct dz_decoding *d, const struct dz_tunnel_header *header, uint32_t next, struct dz_slice layer,
		    enum dz_verdict *verdict);

/* Notes that a tunnel's packet stays closed, so that it is its carrier's; returns false. */
bool dz_tunnel_closed(struct dz_decoding *d, enum dz_tunnel tunnel);

/* Each returns whether the packet is a tunnel's, and then its verdict. `layer` stands behind the header that has the
 * number of the row: IP's or UDP's. */
#define DZ_TUNNEL(name)                                                                                                \
	bool dz_tunnel_##name(struct dz_decoding *d, const struct dz_ip_header *ip, struct dz_slice layer,             \
			      enum dz_verdict *verdict)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#define DZ_UDP_TUNNEL_DECLARED(port, ends, name) DZ_TUNNEL(name);
#define DZ_IP_TUNNEL_DECLARED(protocol, name) DZ_TUNNEL(name);
DZ_UDP_TUNNEL_ROWS(DZ_UDP_TUNNEL_DECLARED)
DZ_IP_TUNNEL_ROWS(DZ_IP_TUNNEL_DECLARED)
#undef DZ_UDP_TUNNEL_DECLARED
#undef DZ_IP_TUNNEL_DECLARED
#pragma GCC diagnostic pop
DZ_TUNNEL(by_shape); /* any port: what dz_decode_tunnel_shape() said yes to */

bool dz_decode_tunnel_udp(struct dz_decoding *d, const struct dz_ip_header *ip, uint16_t source_port,
			  uint16_t destination_port, const struct dz_slice *layer, enum dz_verdict *verdict);

/* L2TP version 3, from its session id on: in IP, and in UDP. */
bool dz_tunnel_l2tp3(struct dz_decoding *d, struct dz_slice layer, enum dz_verdict *verdict);

/* Whether UDP between these ports may be a tunnel: dz_decode_tunnel_udp() has to look. */
static inline bool dz_decode_tunnel_port(uint16_t source_port, uint16_t destination_port)
{
	enum { TO, EITHER };
#define DZ_ROW(port, ends, open)                                                                                       \
	case port:                                                                                                     \
		return true;
	switch (destination_port) {
		DZ_UDP_TUNNEL_ROWS(DZ_ROW)
	}
#undef DZ_ROW
#define DZ_ROW(port, ends, open)                                                                                       \
	case port:                                                                                                     \
		return (ends) == EITHER;
	switch (source_port) {
		DZ_UDP_TUNNEL_ROWS(DZ_ROW)
	}
#undef DZ_ROW
	return false;
}

/* Whether the `size` bytes that were captured of `length` bytes of UDP payload begin as a tunnel may whose port says
 * nothing: IPv6 that fills the datagram (Teredo between clients and relays), IPv4 that does (foo over UDP), VXLAN. */
static inline bool dz_decode_tunnel_shape(const uint8_t *bytes, size_t size, uint32_t length)
{
	enum { IP4 = 20, IP6 = 40, VXLAN = 8, ETHERNET = 14 };

	if (size < IP4)
		return false;
	if (bytes[0] >> 4 == 6)
		return dz_wire_be16(bytes + 4) + (uint32_t)IP6 == length;
	if (bytes[0] == 0x45)
		return dz_wire_be16(bytes + 2) == length;
	return bytes[0] == 0x08 && dz_wire_be32(bytes) == 0x08000000 && bytes[7] == 0 && size >= VXLAN + ETHERNET + IP4;
}

/* ---- entries ---- */

/* The whole way, for any packet. */
enum dz_verdict dz_decode_any(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt);
/* The fast path: the same result in a fraction of the time, or false and *pkt of no meaning. */
bool dz_decode_fast(const struct dz_decode_config *config, const struct dz_frame *packet, struct dz_packet *pkt);

#endif
