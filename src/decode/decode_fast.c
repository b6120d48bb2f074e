/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_fast.c - the fast path for what most captures are full of: Ethernet, IPv4 without options, whole and no
 * fragment, then TCP, or UDP outside tunnels. Says nothing of any other packet, nor of one with a fault: that goes
 * the slow path, which would have given the same for these, too (tests/unit/test_decode_fast.c). */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"
#include <stddef.h>
#include <string.h>

enum { LINK_ETHERNET = 1, ETHERNET = 14, IP4 = 20, TCP = 20, UDP = 8 };

/* The length of the transport header, and of what it carries by its own word; false when they are not plain. */
static bool transport_lengths(const struct dz_decode_config *config, const uint8_t *l4, uint32_t length,
			      uint8_t protocol, uint32_t *header, uint32_t *payload)
{
	if (protocol == DZ_IPPROTO_TCP) {
		if (length < TCP)
			return false;
		*header = (l4[12] >> 4) * 4u;
		*payload = length - *header;
		return *header >= TCP && *header <= length;
	}
	if (protocol == DZ_IPPROTO_UDP && length >= UDP) {
		*header = UDP;
		*payload = dz_wire_be16(l4 + 4) - (uint32_t)UDP;
		return *payload == length - UDP &&
		       !(config->tunnels && (dz_decode_tunnel_port(dz_wire_be16(l4), dz_wire_be16(l4 + 2)) ||
					     dz_decode_tunnel_shape(l4 + UDP, *payload, *payload)));
	}
	return false;
}

bool dz_decode_fast(const struct dz_decode_config *config, const struct dz_frame *packet, struct dz_packet *pkt)
{
	struct dz_cursor c = dz_cursor_init(packet->bytes, packet->caplen);
	const uint8_t *ethernet = dz_cursor_take(&c, ETHERNET), *ip = dz_cursor_take(&c, IP4), *l4 = c.at;
	uint32_t length, header, payload;

	if (packet->linktype != LINK_ETHERNET || !ip || dz_wire_be16(ethernet + 12) != DZ_NEXT_IP || ip[0] != 0x45 ||
	    dz_wire_be16(ip + 6) & 0x3fff)
		return false;
	length = dz_wire_be16(ip + 2);
	if (length < IP4 || length - IP4 > dz_cursor_left(&c) ||
	    !transport_lengths(config, l4, length - IP4, ip[9], &header, &payload))
		return false;

	memset((uint8_t *)pkt + offsetof(struct dz_packet, sender), 0,
	       sizeof *pkt - offsetof(struct dz_packet, sender));
	pkt->frame_len = packet->wirelen;
	pkt->ip = ip;
	pkt->ip_caplen = pkt->ip_len = length;
	pkt->payload_len = pkt->payload_caplen = payload;
	pkt->payload = payload ? l4 + header : NULL;
	if (ip[9] == DZ_IPPROTO_TCP) {
		pkt->tcp_seq = dz_wire_be32(l4 + 4);
		pkt->tcp_ack = dz_wire_be32(l4 + 8);
		pkt->tcp_flags = l4[13];
		pkt->tcp_header = (uint8_t)header;
	}
	pkt->sender = (uint8_t)dz_flow_key_init(&pkt->key, 4, ip[9], 0, ip + 12, dz_wire_be16(l4), ip + 16,
						dz_wire_be16(l4 + 2));
	return true;
}
