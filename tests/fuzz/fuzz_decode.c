/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_decode.c - any bytes, of any link type, several packets to one decoder.
 *
 * Input: link type (2 bytes), configuration (1), then per packet: captured size (2), bytes on the wire beyond
 * that (2), and the captured bytes. Numbers are big-endian. */
#include "config.h"
#include "base/cursor.h"
#include "decode/decode.h"
#include "fuzz.h"
#include "../lib/pkt_check.h"

#include <stdlib.h>
#include <string.h>

/* The packets behind the first of a frame: as many as have room in the largest A-MSDU, and none longer than the frame.
 */
static void decode_rest(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt)
{
	enum { MAX_MSDUS = 11454 / 16 };
	uint32_t length = packet->wirelen > packet->caplen ? packet->wirelen : packet->caplen;
	uint32_t left = length - pkt->frame_len;

	PKT_CHECK(pkt->frame_len <= length);
	for (unsigned place = 1; pkt->next; place++) {
		enum dz_verdict verdict = dz_decode_next(decoder, packet, pkt);
		PKT_CHECK((unsigned)verdict < DZ_VERDICT_COUNT && verdict != DZ_DECODE_UNSUPPORTED_LINK);
		PKT_CHECK(pkt->next == 0 || (pkt->next == place + 1 && place < MAX_MSDUS));
		if (verdict != DZ_DECODE_OK)
			continue;
		pkt_check(packet, pkt);
		PKT_CHECK(pkt->frame_len <= left);
		left -= pkt->frame_len;
	}
}

/* One packet, in a block of exactly its size, so that a read past its end is seen. */
static void decode_one(struct dz_decoder *decoder, struct dz_frame *packet, const uint8_t *bytes)
{
	uint8_t *copy = malloc(packet->caplen ? packet->caplen : 1);
	struct dz_packet pkt;
	enum dz_verdict verdict;

	PKT_CHECK(copy);
	memcpy(copy, bytes, packet->caplen);
	packet->bytes = copy;
	verdict = dz_decode(decoder, packet, &pkt);
	PKT_CHECK((unsigned)verdict < DZ_VERDICT_COUNT);
	PKT_CHECK((verdict == DZ_DECODE_UNSUPPORTED_LINK) == !dz_decode_knows_link(packet->linktype));
	if (verdict == DZ_DECODE_OK)
		pkt_check(packet, &pkt);
	PKT_CHECK(pkt.next || pkt.frame_len == packet->wirelen || pkt.frame_len == packet->caplen);
	if (pkt.next)
		decode_rest(decoder, packet, &pkt);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dz_cursor c = dz_cursor_init(data, size);
	struct dz_frame packet = { .linktype = dz_cursor_be16(&c) };
	uint8_t flags = dz_cursor_u8(&c);
	struct dz_decode_config config = { .tunnels = !(flags & 1), .ignore_vlan = flags & 2 };
	struct dz_decoder *decoder;

	if (c.failed)
		return 0;
	decoder = dz_decoder_new(&config);
	while (dz_cursor_left(&c) >= 4) {
		uint32_t caplen = dz_cursor_be16(&c);
		uint32_t beyond = dz_cursor_be16(&c);
		if (caplen > dz_cursor_left(&c))
			caplen = (uint32_t)dz_cursor_left(&c);
		packet.caplen = caplen;
		packet.wirelen = caplen + beyond;
		decode_one(decoder, &packet, dz_cursor_take(&c, caplen));
		packet.index++;
		packet.time_ns += 1000000000;
	}
	dz_decoder_free(decoder);
	return 0;
}
