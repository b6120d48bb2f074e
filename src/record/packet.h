/* SPDX-License-Identifier: BSD-2-Clause */
/* packet.h - the two shapes a packet takes on its way through the program. */
#ifndef DISTRIBOOZE_PACKET_H
#define DISTRIBOOZE_PACKET_H

#include "record/flow_key.h"
#include "record/tunnel.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of inputs take 20 bits, those of interfaces 12: a flow has room for so much. */
enum { DZ_INPUTS_MAX = 1 << 20, DZ_INTERFACES_MAX = 1 << 12 };

struct dz_block;

/* A packet as the source read it. The bytes are borrowed until the next read. */
struct dz_frame {
	uint64_t index;     /* 0, 1, 2, ... over all inputs of a run; filtered packets count too */
	uint64_t number;    /* ascending in its input, and the same whatever else is read */
	uint64_t time_ns;   /* since 1970-01-01T00:00:00Z */
	uint32_t caplen;    /* bytes captured */
	uint32_t wirelen;   /* bytes on the wire */
	uint32_t input;     /* number of the input it came from */
	int linktype;       /* LINKTYPE_ value, as in the capture file */
	uint16_t interface; /* number of the interface it was captured on, for its name; 0: not told. Below
			       DZ_INTERFACES_MAX */
	bool selected;      /* the filter lets it through */
	const uint8_t *bytes;
	struct dz_block *block; /* borrowed as they are: who holds it (base/block.h) may keep them. NULL: to keep them
				   means to copy them */
};

/* TCP flags as on the wire (RFC 9293, section 3.1). */
enum {
	DZ_TCP_FIN = 0x01,
	DZ_TCP_SYN = 0x02,
	DZ_TCP_RST = 0x04,
	DZ_TCP_PSH = 0x08,
	DZ_TCP_ACK = 0x10,
	DZ_TCP_URG = 0x20,
	DZ_TCP_ECE = 0x40,
	DZ_TCP_CWR = 0x80
};

/* A packet as decoding left it: its innermost IP packet. Pointers are borrowed from the dz_frame. */
struct dz_packet {
	struct dz_flow_key key;
	uint8_t sender;            /* end of the key that sent it, 0 or 1 */
	enum dz_tunnel tunnel;     /* innermost encapsulation that was opened */
	uint32_t tunnel_id;        /* its number: VNI, VSID, TEID, key, session, ...; 0: none */
	uint32_t tenant;           /* number of the innermost virtual network, the same both ways; 0: none */
	uint16_t vlan, inner_vlan; /* outermost 802.1Q id of the frame; the next one in it, or that of a frame
				      in a tunnel; 0: none */

	const uint8_t *ip;  /* innermost IP header */
	uint32_t ip_caplen; /* bytes captured from there, link padding taken off */
	uint32_t ip_len;    /* length of the IP packet by its header: what layer `ip` measures */
	uint32_t frame_len; /* wire length of the whole frame, or of the packet's part of it */

	uint32_t payload_len;    /* transport payload by the headers; 0 where the protocol is not TCP, UDP or ICMP.
				    In a non-first fragment: 0 */
	const uint8_t *payload;  /* NULL when none was captured */
	uint32_t payload_caplen; /* payload bytes captured, at most payload_len */

	uint32_t tcp_seq, tcp_ack; /* host order; TCP only */
	uint8_t tcp_flags;
	uint8_t tcp_header;  /* bytes of the TCP header, with options; 0: not TCP, or not known */
	bool fragment;       /* any fragment, first or not */
	bool later_fragment; /* not the first: the ports come from the first one, or are 0 when it was not seen */
	bool one_way_icmp;   /* an ICMP message without counterpart */
	bool cut;            /* the capture holds less of the IP packet than its header says */
	uint16_t next;       /* where its frame holds another packet behind this one, that one's place among them, from
				1; 0: it does not */
};

#endif
