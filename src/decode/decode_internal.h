/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_internal.h - what the files of decode share.
 *
 * decode.c       the decoder, and the entry
 * decode_link.c  link headers, down to the first byte of an IP header
 * decode_ip.c    IPv4 and IPv6 headers, extension headers, fragments
 * decode_l4.c    transport headers: ports, payload, key
 * decode_fast.c   the short way for plain packets
 * decode_tunnel.c  IP in something in IP: finds the inner IP header, or says that there is none
 *
 * The link part only walks; the IP part calls itself for each IP header inside
 * another, at most DZ_DECODE_MAX_DEPTH times. */
#ifndef DISTRIBOOZE_DECODE_INTERNAL_H
#define DISTRIBOOZE_DECODE_INTERNAL_H

#include "base/cursor.h"
#include "decode/decode.h"
#include "decode/fragments.h"

struct dz_decoder {
	struct dz_decode_config config;
	struct dz_fragments *fragments;
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
	unsigned depth;      /* IP headers opened so far */
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

enum {
	DZ_ETHERTYPE_IPV4 = 0x0800,
	DZ_ETHERTYPE_TEB = 0x6558, /* Transparent Ethernet Bridging: an Ethernet frame */
	DZ_ETHERTYPE_VLAN = 0x8100,
	DZ_ETHERTYPE_IPV6 = 0x86dd,
	DZ_ETHERTYPE_PPP = 0x880b,
	DZ_ETHERTYPE_MPLS = 0x8847,
	DZ_ETHERTYPE_MPLS_MULTICAST = 0x8848,
	DZ_ETHERTYPE_PPPOE = 0x8864,
	DZ_ETHERTYPE_QINQ = 0x88a8,
	DZ_ETHERTYPE_QINQ_OLD = 0x9100
};

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

/* Each walks from the header named to the first byte of an IP header and then says DZ_DECODE_OK,
 * or why it got nowhere. VLAN ids are kept in `pkt` when it is not NULL. */
enum dz_verdict dz_decode_link(int linktype, struct dz_slice *layer, struct dz_packet *pkt);
enum dz_verdict dz_decode_ethertype(uint16_t type, struct dz_slice *layer, struct dz_packet *pkt);

/* From an IP header on, to the innermost one. Layers are handed down by pointer and used up: copies cost
 * more than the rest of a plain packet's way. */
enum dz_verdict dz_decode_ip(struct dz_decoding *d, struct dz_slice *layer);

/* Whether an IP header that can be believed starts here. Bytes that the capture lacks are believed. */
bool dz_decode_ip_plausible(const struct dz_decoding *d, const struct dz_slice *layer);

/* From a transport header on; opens tunnels. */
enum dz_verdict dz_decode_l4(struct dz_decoding *d, const struct dz_ip_header *ip, struct dz_slice *layer);

/* Fills in the key of the packet. */
void dz_decode_key(struct dz_decoding *d, const struct dz_ip_header *ip, uint8_t protocol, uint16_t source_port,
		   uint16_t destination_port);

/* Each returns whether the packet is a tunnel's, and then its verdict. `layer` stands behind the IP header,
 * or behind the UDP header, and is left there. */
bool dz_decode_tunnel_ip(struct dz_decoding *d, const struct dz_ip_header *ip, const struct dz_slice *layer,
			 enum dz_verdict *verdict);
bool dz_decode_tunnel_udp(struct dz_decoding *d, uint16_t source_port, uint16_t destination_port,
			  const struct dz_slice *layer, enum dz_verdict *verdict);
/* Whether UDP between these ports may be a tunnel: dz_decode_tunnel_udp() has to look. */
bool dz_decode_tunnel_port(uint16_t source_port, uint16_t destination_port);

/* The whole way, for any packet. */
enum dz_verdict dz_decode_any(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt);
/* The short way: the same result in a fraction of the time, or false and *pkt of no meaning. */
bool dz_decode_fast(const struct dz_decode_config *config, const struct dz_frame *packet, struct dz_packet *pkt);

#endif
