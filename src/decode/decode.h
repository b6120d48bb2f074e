/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.h - from the bytes of a frame to its innermost IP packet.
 *
 * Knows bytes and link types; knows nothing of flows, pcap handles or logging.
 * Verdicts are counted by the caller and reported at the end of a run. */
#ifndef DISTRIBOOZE_DECODE_H
#define DISTRIBOOZE_DECODE_H

#include "record/packet.h"

/* What became of a packet. Exactly one per packet; a frame without one has one, too. */
enum dz_verdict {
	DZ_DECODE_OK,
	DZ_DECODE_NOT_IP,           /* ARP, STP, LLDP, ... */
	DZ_DECODE_UNSUPPORTED_LINK, /* a link type that decode does not know */
	DZ_DECODE_TRUNCATED,        /* captured too short to tell the flow */
	DZ_DECODE_MALFORMED,        /* headers contradict themselves */
	DZ_DECODE_TOO_DEEP,         /* more encapsulations than DZ_DECODE_MAX_DEPTH */
	DZ_DECODE_TUNNEL_FRAGMENT,  /* later fragment of a tunnel packet, whose inner packet was counted in full with
				       the first */
	DZ_DECODE_ENCRYPTED,        /* below IP: 802.11 or MACsec, so that whether there is IP cannot be told */
	DZ_VERDICT_COUNT
};
#define DZ_DECODE_MAX_DEPTH 8 /* IP headers opened, the outermost included */

/* "ok", "not-ip", "unsupported-link", "truncated", "malformed", "too-deep", "tunnel-fragment", "encrypted" */
const char *dz_verdict_name(enum dz_verdict verdict);

struct dz_decode_config {
	bool tunnels;     /* open tunnels; else the outermost IP packet is the flow's */
	bool ignore_vlan; /* leave VLANs and virtual networks out of the key */
};

/* What a packet with the verdict "not-ip" was instead, by whose numbers. */
enum dz_not_ip {
	DZ_NOT_IP_OTHER, /* has no number */
	DZ_NOT_IP_ETHERTYPE,
	DZ_NOT_IP_LLC,  /* 802.2's two service access points */
	DZ_NOT_IP_PPP,  /* PPP protocol */
	DZ_NOT_IP_WLAN, /* 802.11 type and subtype, as in the frame control's first byte */
	DZ_NOT_IP_LINK  /* link type inside another */
};

#define DZ_NOT_IP_KINDS_MAX 64 /* different numbers counted; the rest together as DZ_NOT_IP_OTHER */
#define DZ_NOT_IP_NAME 24      /* a name of them, with its NUL */

/* What decode met on its way, beside the verdicts. */
struct dz_decode_counts {
	struct dz_not_ip_count {
		uint32_t what; /* dz_not_ip << 16 | number */
		uint64_t packets;
	} not_ip[DZ_NOT_IP_KINDS_MAX]; /* the first is DZ_NOT_IP_OTHER, the rest as they came */
	size_t not_ip_count;
	/* Packets of which such a tunnel was opened; and those with the header of one in which no IP packet was
	 * found, which are counted in the flow that carries the tunnel. */
	uint64_t opened[DZ_TUNNEL_COUNT], closed[DZ_TUNNEL_COUNT];
};

/* "ethertype 0x0806", "llc 0x4242", "ppp 0xc021", ...; returns `name`. */
const char *dz_not_ip_name(uint32_t what, char name[DZ_NOT_IP_NAME]);

/* Decoding remembers fragments, in a bounded table, so it has state: one decoder for all packets of a run, in order.
 * Opaque. */
struct dz_decoder;
struct dz_decoder *dz_decoder_new(const struct dz_decode_config *config);
void dz_decoder_free(struct dz_decoder *decoder);

enum dz_verdict dz_decode(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt);

/* A frame may hold several packets (802.11's A-MSDU). After a call for one that sets pkt->next, whatever its
 * verdict: decodes the next. */
enum dz_verdict dz_decode_next(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt);

/* Borrowed; grows with every packet. */
const struct dz_decode_counts *dz_decoder_counts(const struct dz_decoder *decoder);

/* Whether decode knows the LINKTYPE_ value. */
bool dz_decode_knows_link(int linktype);

#endif
