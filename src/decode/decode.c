/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.c - see decode.h. The decoder, and the entry; decode_internal.h says which file does what. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[DZ_VERDICT_COUNT] = { "ok",        "not-ip",   "unsupported-link", "truncated",
						     "malformed", "too-deep", "tunnel-fragment",  "encrypted" };

const char *dz_verdict_name(enum dz_verdict verdict)
{
	return names[verdict];
}

struct dz_decoder *dz_decoder_new(const struct dz_decode_config *config)
{
	struct dz_decoder *decoder = dz_mem_zalloc(1, sizeof *decoder);
	decoder->config = *config;
	decoder->fragments = dz_fragments_new();
	decoder->counts.not_ip_count = 1;
	return decoder;
}

void dz_decoder_free(struct dz_decoder *decoder)
{
	if (!decoder)
		return;
	dz_fragments_free(decoder->fragments);
	free(decoder);
}

const struct dz_decode_counts *dz_decoder_counts(const struct dz_decoder *decoder)
{
	return &decoder->counts;
}

const char *dz_not_ip_name(uint32_t what, char name[DZ_NOT_IP_NAME])
{
	static const char *const kinds[] = { "other", "ethertype", "llc", "ppp", "802.11", "link" };
	unsigned kind = what >> 16;

	if (kind == DZ_NOT_IP_OTHER)
		snprintf(name, DZ_NOT_IP_NAME, "other");
	else if (kind == DZ_NOT_IP_LINK)
		snprintf(name, DZ_NOT_IP_NAME, "%s %u", kinds[kind], what & 0xffff);
	else
		snprintf(name, DZ_NOT_IP_NAME, "%s 0x%0*x", kinds[kind], kind == DZ_NOT_IP_WLAN ? 2 : 4, what & 0xffff);
	return name;
}

static void count_not_ip(struct dz_decode_counts *counts, uint32_t what)
{
	size_t i = 0;

	while (i < counts->not_ip_count && counts->not_ip[i].what != what)
		i++;
	if (i == counts->not_ip_count) {
		if (i == DZ_NOT_IP_KINDS_MAX)
			i = 0;
		else
			counts->not_ip[counts->not_ip_count++].what = what;
	}
	counts->not_ip[i].packets++;
}

/* The whole way, to the packet at this place of the frame. */
static enum dz_verdict decode_at(struct dz_decoder *decoder, const struct dz_frame *packet, uint16_t place,
				 struct dz_packet *pkt)
{
	struct dz_decoding d = { .decoder = decoder, .pkt = pkt, .time_ns = packet->time_ns };
	struct dz_slice layer = { dz_cursor_init(packet->bytes, packet->caplen), 0 };
	enum dz_verdict verdict;

	/* A capture may say that a frame was shorter than its bytes; the bytes are there. */
	d.length = packet->wirelen > packet->caplen ? packet->wirelen : packet->caplen;
	if (packet->wirelen > packet->caplen)
		layer.missing = packet->wirelen - packet->caplen;
	/* All but the key, which is written as a whole once it is known. */
	memset((uint8_t *)pkt + offsetof(struct dz_packet, sender), 0,
	       sizeof *pkt - offsetof(struct dz_packet, sender));
	pkt->frame_len = packet->wirelen;
	d.place = place;
	verdict = dz_decode_walk(&d, DZ_NEXT_LINK(packet->linktype & 0xffffu), &layer);
	if (verdict == DZ_DECODE_OK)
		verdict = dz_decode_ip(&d, &layer);
	if (verdict == DZ_DECODE_NOT_IP) {
		if (!dz_decode_knows_link(packet->linktype))
			return DZ_DECODE_UNSUPPORTED_LINK;
		count_not_ip(&decoder->counts, d.not_ip);
	}
	return verdict;
}

enum dz_verdict dz_decode_any(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt)
{
	return decode_at(decoder, packet, 0, pkt);
}

enum dz_verdict dz_decode_next(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt)
{
	return decode_at(decoder, packet, pkt->next, pkt);
}

enum dz_verdict dz_decode(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt)
{
	return dz_decode_fast(&decoder->config, packet, pkt) ? DZ_DECODE_OK : dz_decode_any(decoder, packet, pkt);
}
