/* SPDX-License-Identifier: BSD-2-Clause */
/* source_pcap.c - packets of a pcap file: draft-ietf-opsawg-pcap, and what was written before there was one.
 *
 * The snapshot length in the file's header is what its writer meant to keep of each packet; some write too small a one.
 * It says nothing that a packet's own length does not, so it is not looked at. */
#include "config.h"
#include "capture/capture.h"

#include "base/cursor.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	PATCHED_RECORD_HEADER = 24, /* A. Kuznetzov's: interface index, protocol and packet type behind it */
	NFLOG = 239
};

/* Whether a record has the two lengths the wrong way round: files before version 2.3 do, some of 2.3 do, those of DG/UX
 * do (libpcap, sf-pcap.c). */
enum swapped { SWAPPED_NEVER, SWAPPED_ALWAYS, SWAPPED_WHERE_GREATER };

struct pcap_file {
	bool swapped; /* numbers are not in this machine's byte order */
	bool nanoseconds;
	size_t record_header;
	enum swapped lengths;
	uint32_t max_packet;
};

/* The magic numbers, as this machine reads them from a file of its own byte order. */
static const struct {
	uint32_t magic;
	bool nanoseconds;
	size_t record_header;
} kinds[] = {
	{ 0xa1b2c3d4, false, RECORD_HEADER },
	{ 0xa1b23c4d, true, RECORD_HEADER },
	{ 0xa1b2cd34, false, PATCHED_RECORD_HEADER },
};

/* ---- the file's header ---- */

static bool read_magic(struct pcap_file *f, const uint8_t *head)
{
	for (size_t i = 0; i < 2 * sizeof kinds / sizeof *kinds; i++) {
		f->swapped = i % 2;
		f->nanoseconds = kinds[i / 2].nanoseconds;
		f->record_header = kinds[i / 2].record_header;
		if (dz_wire_u32(head, f->swapped) == kinds[i / 2].magic)
			return true;
	}
	return false;
}

static bool matches(const uint8_t *head)
{
	struct pcap_file f;
	return read_magic(&f, head);
}

static bool read_version(struct pcap_file *f, unsigned major, unsigned minor)
{
	enum { DG_UX = 543 };

	f->lengths = SWAPPED_NEVER;
	if (major == DG_UX && minor == 0)
		f->lengths = SWAPPED_ALWAYS;
	else if (major != 2 || minor > 4)
		return false;
	else if (minor < 3)
		f->lengths = SWAPPED_ALWAYS;
	else if (minor == 3)
		f->lengths = SWAPPED_WHERE_GREATER;
	return true;
}

static enum dz_source_status open_pcap(struct dz_capture *c, struct dz_err *err)
{
	enum { AT_VERSION = 4, AT_LINKTYPE = 20, LINKTYPE_BITS = 0x03ffffff };
	uint8_t *header;
	struct pcap_file f;
	unsigned major, minor;
	enum dz_source_status status = dz_capture_want(c, FILE_HEADER, &header, "a file header", err);

	if (status != DZ_SOURCE_PACKET)
		return status;
	read_magic(&f, header);
	major = dz_wire_u16(header + AT_VERSION, f.swapped);
	minor = dz_wire_u16(header + AT_VERSION + 2, f.swapped);
	if (!read_version(&f, major, minor))
		return dz_capture_damage(c, AT_VERSION, err, "version %u.%u of the pcap format is not known", major,
					 minor);
	c->linktype = (int)(dz_wire_u32(header + AT_LINKTYPE, f.swapped) & LINKTYPE_BITS);
	f.max_packet = dz_capture_max_packet(c->linktype);
	dz_stream_skip(c->stream, FILE_HEADER);
	c->self = memcpy(dz_mem_alloc(sizeof f), &f, sizeof f);
	return DZ_SOURCE_PACKET;
}

static void close_pcap(struct dz_capture *c)
{
	free(c->self);
}

/* ---- packets ---- */

/* Seconds are unsigned: up to 2106. The fraction is as the file has it, even past a second; a negative one is 0. */
static uint64_t time_of(const struct pcap_file *f, const uint8_t *header)
{
	int32_t fraction = (int32_t)dz_wire_u32(header + 4, f->swapped);
	uint64_t ns = fraction < 0 ? 0 : (uint64_t)fraction * (f->nanoseconds ? 1 : 1000);

	return dz_wire_u32(header, f->swapped) * UINT64_C(1000000000) + ns;
}

static void read_lengths(const struct pcap_file *f, const uint8_t *header, struct dz_frame *frame)
{
	uint32_t caplen = dz_wire_u32(header + 8, f->swapped), wirelen = dz_wire_u32(header + 12, f->swapped);
	bool swap = f->lengths == SWAPPED_ALWAYS || (f->lengths == SWAPPED_WHERE_GREATER && caplen > wirelen);

	frame->caplen = swap ? wirelen : caplen;
	frame->wirelen = swap ? caplen : wirelen;
}

/* PACKET with the next frame; the stream was moved over it. */
static enum dz_source_status next(struct dz_capture *c, const struct pcap_file *f, struct dz_frame *frame,
				  struct dz_err *err)
{
	uint8_t *record;
	enum dz_source_status status = dz_capture_want_next(c, f->record_header, &record, "a packet's header", err);

	if (status != DZ_SOURCE_PACKET)
		return status;
	read_lengths(f, record, frame);
	if (frame->caplen > f->max_packet)
		return dz_capture_damage(c, 0, err, "damaged: a packet of %u bytes is longer than any can be (%u)",
					 frame->caplen, f->max_packet);
	status = dz_capture_want(c, f->record_header + frame->caplen, &record, "a packet with its header", err);
	if (status != DZ_SOURCE_PACKET)
		return status;
	frame->time_ns = time_of(f, record);
	frame->bytes = record + f->record_header;
	frame->block = dz_stream_block(c->stream);
	if (f->swapped && c->linktype == NFLOG)
		dz_capture_swap_nflog(record + f->record_header, frame->caplen);
	dz_stream_skip(c->stream, f->record_header + frame->caplen);
	return DZ_SOURCE_PACKET;
}

static enum dz_source_status each(struct dz_capture *c, dz_source_take_fn *take, void *context, struct dz_err *err)
{
	struct dz_frame frame = { .linktype = c->linktype };
	enum dz_source_status status;

	do
		status = next(c, c->self, &frame, err);
	while (status == DZ_SOURCE_PACKET && dz_capture_hand_out(c, &frame, take, context));
	return status;
}

const struct dz_source_ops dz_source_pcap = {
	.name = "pcap",
	.matches = matches,
	.open = open_pcap,
	.each = each,
	.close = close_pcap,
};
