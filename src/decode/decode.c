/* SPDX-License-Identifier: BSD-2-Clause */
/* decode.c - see decode.h. The decoder, and the entry; decode_internal.h says which file does what. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

static const char *const names[DZ_VERDICT_COUNT] = { "ok",        "not-ip",   "unsupported-link", "truncated",
						     "malformed", "too-deep", "tunnel-fragment" };

const char *dz_verdict_name(enum dz_verdict verdict)
{
	return names[verdict];
}

struct dz_decoder *dz_decoder_new(const struct dz_decode_config *config)
{
	struct dz_decoder *decoder = dz_mem_zalloc(1, sizeof *decoder);
	decoder->config = *config;
	decoder->fragments = dz_fragments_new();
	return decoder;
}

void dz_decoder_free(struct dz_decoder *decoder)
{
	if (!decoder)
		return;
	dz_fragments_free(decoder->fragments);
	free(decoder);
}

enum dz_verdict dz_decode_any(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt)
{
	struct dz_decoding d = { .decoder = decoder, .pkt = pkt, .time_ns = packet->time_ns };
	struct dz_slice layer = { dz_cursor_init(packet->bytes, packet->caplen), 0 };
	enum dz_verdict verdict;

	/* A capture may say that a frame was shorter than its bytes; the bytes are there. */
	if (packet->wirelen > packet->caplen)
		layer.missing = packet->wirelen - packet->caplen;
	/* All but the key, which is written as a whole once it is known. */
	memset((uint8_t *)pkt + offsetof(struct dz_packet, sender), 0,
	       sizeof *pkt - offsetof(struct dz_packet, sender));
	pkt->frame_len = packet->wirelen;
	verdict = dz_decode_link(packet->linktype, &layer, pkt);
	return verdict == DZ_DECODE_OK ? dz_decode_ip(&d, &layer) : verdict;
}

enum dz_verdict dz_decode(struct dz_decoder *decoder, const struct dz_frame *packet, struct dz_packet *pkt)
{
	return dz_decode_fast(&decoder->config, packet, pkt) ? DZ_DECODE_OK : dz_decode_any(decoder, packet, pkt);
}
