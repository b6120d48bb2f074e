/* SPDX-License-Identifier: BSD-2-Clause */
/* pkt_check.h - what holds for every packet that dz_decode() calls OK, whatever its bytes. */
#ifndef DISTRIBOOZE_TESTS_PKT_CHECK_H
#define DISTRIBOOZE_TESTS_PKT_CHECK_H

#include "record/packet.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PKT_CHECK(condition)                                                                                           \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                        \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static inline void pkt_check(const struct dz_frame *packet, const struct dz_packet *pkt)
{
	const uint8_t *end = packet->bytes + packet->caplen;

	PKT_CHECK(pkt->frame_len <= packet->wirelen || pkt->frame_len <= packet->caplen);
	PKT_CHECK(pkt->ip >= packet->bytes && pkt->ip < end);
	PKT_CHECK(pkt->ip_caplen <= (size_t)(end - pkt->ip));
	PKT_CHECK(pkt->ip_caplen <= pkt->ip_len);
	PKT_CHECK(pkt->cut == (pkt->ip_caplen < pkt->ip_len));
	PKT_CHECK(pkt->ip[0] >> 4 == pkt->key.version);
	PKT_CHECK(pkt->ip_caplen >= (pkt->key.version == 4 ? 20 : 40));
	PKT_CHECK(pkt->payload_len < pkt->ip_len);
	PKT_CHECK(pkt->payload_caplen <= pkt->payload_len);
	PKT_CHECK((pkt->payload != NULL) == (pkt->payload_caplen > 0));
	if (pkt->payload)
		PKT_CHECK(pkt->payload > pkt->ip && pkt->payload_caplen <= pkt->ip_caplen &&
			  pkt->payload <= pkt->ip + pkt->ip_caplen - pkt->payload_caplen);
	if (!pkt->cut)
		PKT_CHECK(pkt->payload_caplen == pkt->payload_len);
	PKT_CHECK(pkt->fragment || !pkt->later_fragment);
	PKT_CHECK(!pkt->later_fragment || pkt->payload_len == 0);
	PKT_CHECK(pkt->sender <= 1);
	PKT_CHECK(pkt->vlan <= 4095 && pkt->inner_vlan <= 4095);
	PKT_CHECK(pkt->key.vlan == pkt->vlan || pkt->key.vlan == 0);
	PKT_CHECK((unsigned)pkt->tunnel < DZ_TUNNEL_COUNT);
}

#endif
