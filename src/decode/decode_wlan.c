/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_wlan.c - IEEE 802.11 data frames, and what drivers put before them about the radio. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"

/* Of the frame control field (IEEE 802.11-2020, 9.2.4.1): the first byte, and the second. */
enum { TYPE = 0x0f, DATA = 0x08, NO_DATA = 0x40, QOS = 0x80 };
enum { TO_DS = 0x01, FROM_DS = 0x02, PROTECTED = 0x40, ORDER = 0x80 };

/* An A-MSDU (IEEE 802.11-2020, 9.3.2.2.2) holds frames, each behind two addresses and its length and filled up to 4
 * bytes: leaves of the layer the one whose turn it is. None is longer than 11,454 bytes (table 9-25), so no frame holds
 * more of them than are worth walking over. Of one that a tunnel carries inside another only the first is looked at. */
static enum dz_verdict subframe(struct dz_decoding *d, struct dz_slice *layer)
{
	enum { LENGTH_AT = 12, HEADER = 14, MAX_MSDU = 11454 };
	struct dz_packet *pkt = d->pkt;
	bool outermost = !d->aggregate || d->aggregate == d->depth + 1;
	unsigned place = outermost ? d->place : 0;

	if (outermost)
		d->aggregate = d->depth + 1;
	/* An IP packet around it may say that it goes on behind the frame's end. */
	dz_slice_narrow(layer, d->length < MAX_MSDU ? d->length : MAX_MSDU);
	for (unsigned i = 0;; i++) {
		uint32_t there = dz_slice_length(layer), length, size;
		dz_cursor_skip(&layer->c, LENGTH_AT);
		length = dz_cursor_be16(&layer->c);
		if (layer->c.failed)
			return dz_slice_short(layer);
		size = (HEADER + length + 3) & ~3u;
		if (size + HEADER >= there) /* what is left is none */
			size = there;
		if (i == place && outermost) {
			pkt->next = size < there ? (uint16_t)(i + 1) : 0;
			pkt->frame_len = i ? size : d->length - (there - size);
		}
		if (i == place) {
			dz_slice_narrow(layer, length);
			return DZ_DECODE_OK;
		}
		if (!dz_cursor_skip(&layer->c, size - HEADER))
			return dz_slice_short(layer);
	}
}

/* Frame control, duration, three addresses, sequence; a fourth address between access points; QoS and with it HT
 * control. `padded`: the header is filled up to 4 bytes, as some radios do. */
static enum dz_verdict frame(struct dz_decoding *d, struct dz_slice *layer, uint32_t *next, bool padded)
{
	enum { DURATION_AND_ADDRESSES = 20, ADDRESS = 6, AGGREGATE = 0x80, FRAGMENT_NUMBER = 0x000f };
	const uint8_t *start = layer->c.at;
	uint8_t kind = dz_cursor_u8(&layer->c), flags = dz_cursor_u8(&layer->c), qos = 0;
	/* Some access points put both bytes of each field the wrong way round into CAPWAP; then the first holds no
	 * version. */
	bool swapped = (kind & 3) && (flags & TYPE) == DATA;
	uint16_t sequence;

	if (swapped) {
		uint8_t first = kind;
		kind = flags;
		flags = first;
	}
	if (layer->c.failed)
		return dz_slice_short(layer);
	if ((kind & TYPE) != DATA || (kind & NO_DATA))
		return dz_decode_not_ip(d, DZ_NOT_IP_WLAN, kind);
	dz_cursor_skip(&layer->c, DURATION_AND_ADDRESSES);
	sequence = swapped ? dz_cursor_be16(&layer->c) : dz_cursor_le16(&layer->c);
	if ((flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
		dz_cursor_skip(&layer->c, ADDRESS);
	if (kind & QOS) {
		qos = dz_cursor_u8(&layer->c);
		dz_cursor_skip(&layer->c, flags & ORDER ? 5 : 1);
	}
	if (padded)
		dz_cursor_skip(&layer->c, (size_t)(start - layer->c.at) & 3);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (flags & PROTECTED)
		return DZ_DECODE_ENCRYPTED;
	if (sequence & FRAGMENT_NUMBER)
		return dz_decode_not_ip(d, DZ_NOT_IP_WLAN, kind);
	if (qos & AGGREGATE) {
		enum dz_verdict verdict = subframe(d, layer);
		if (verdict != DZ_DECODE_OK)
			return verdict;
	}
	return dz_step_llc(d, layer, next);
}

DZ_STEP(wlan)
{
	return frame(d, layer, next, false);
}

/* Radiotap (https://www.radiotap.org): which fields there are, in words of bits of which the last has no highest bit;
 * of the fields only the second matters here. */
DZ_STEP(radiotap)
{
	enum { CLOCK = 1, FLAGS = 2 };
	enum { CHECK_SUM = 0x10, PADDED = 0x20, BAD_CHECK_SUM = 0x40 };
	const uint8_t *start = layer->c.at;
	uint8_t version = dz_cursor_u8(&layer->c), flags = 0;
	struct dz_cursor fields;
	uint16_t size;
	uint32_t present, more;

	dz_cursor_skip(&layer->c, 1);
	size = dz_cursor_le16(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (version != 0 || size < 8)
		return DZ_DECODE_MALFORMED;
	if (!dz_cursor_skip(&layer->c, size - 4u))
		return dz_slice_short(layer);
	fields = dz_cursor_init(start + 4, size - 4u);
	more = present = dz_cursor_le32(&fields);
	while (more & 0x80000000u && !fields.failed)
		more = dz_cursor_le32(&fields);
	if (present & CLOCK) {
		dz_cursor_skip(&fields, (size_t)(start - fields.at) & 7);
		dz_cursor_skip(&fields, 8);
	}
	if (present & FLAGS)
		flags = dz_cursor_u8(&fields);
	if (flags & BAD_CHECK_SUM)
		return DZ_DECODE_MALFORMED;
	if (flags & CHECK_SUM && dz_slice_length(layer) >= 4)
		dz_slice_narrow(layer, dz_slice_length(layer) - 4);
	return frame(d, layer, next, flags & PADDED);
}

/* AVS: a magic number with a version in it, the header's length, fields. */
DZ_STEP(avs)
{
	uint32_t size;

	dz_cursor_skip(&layer->c, 4);
	size = dz_cursor_be32(&layer->c);
	if (layer->c.failed)
		return dz_slice_short(layer);
	if (size < 8)
		return DZ_DECODE_MALFORMED;
	dz_cursor_skip(&layer->c, size - 8);
	*next = DZ_NEXT_WLAN;
	(void)d;
	return dz_slice_read(layer);
}

/* Prism: 144 bytes; some drivers write AVS under its number. */
DZ_STEP(prism)
{
	struct dz_cursor ahead = layer->c;

	if ((dz_cursor_be32(&ahead) & 0xfffff000u) == 0x80211000u)
		return dz_step_avs(d, layer, next);
	dz_cursor_skip(&layer->c, 144);
	*next = DZ_NEXT_WLAN;
	return dz_slice_read(layer);
}
