/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.h - from the bytes of a frame to its innermost IP packet.
 *
 * Knows bytes and link types; knows nothing of flows, pcap handles or logging.
 * Verdicts are counted by the caller and reported at the end of a run. */
#ifndef DISTRIBOOZE_DECODE_H
#define DISTRIBOOZE_DECODE_H

#include "record/packet.h"

/* What became of a packet. Exactly one per packet. */
enum dz_verdict {
	DZ_DECODE_OK,
	DZ_DECODE_NOT_IP,           /* ARP, STP, LLDP, ... */
	DZ_DECODE_UNSUPPORTED_LINK, /* a link type that decode does not know */
	DZ_DECODE_TRUNCATED,        /* captured too short to tell the flow */
	DZ_DECODE_MALFORMED,        /* headers contradict themselves */
	DZ_DECODE_TOO_DEEP,         /* more encapsulations than DZ_DECODE_MAX_DEPTH */
	DZ_DECODE_TUNNEL_FRAGMENT /* later fragment of a tunnel packet, whose inner packet was counted in full with the
				     first */
};
#define DZ_VERDICT_COUNT 7
#define DZ_DECODE_MAX_DEPTH 8 /* IP headers opened, the outermost included */

/* "ok", "not-ip", "unsupported-link", "truncated", "malformed", "too-deep", "tunnel-fragment" */
const char *dz_verdict_name(enum dz_verdict verdict);

struct dz_decode_config {
	bool tunnels;     /* open tunnels; else the outermost IP packet is the flow's */
	bool ignore_vlan; /* leave the VLAN out of the key */
};

/* Decoding remembers fragments, in a bounded table, so it has state: one decoder for all packets of a run, in order.
 * Opaque. */
struct dz_decoder;
struct dz_decoder *dz_decoder_new(const struct dz_decode_config *config);
void dz_decoder_free(struct dz_decoder *decoder);

enum dz_verdict dz_decode(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt);

/* Whether decode knows the LINKTYPE_ value. */
bool dz_decode_knows_link(int linktype);

#endif
