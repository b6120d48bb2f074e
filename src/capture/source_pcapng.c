/* SPDX-License-Identifier: BSD-2-Clause */
/* source_pcapng.c - packets of a pcapng file: draft-ietf-opsawg-pcapng, whose section is given as "ng, 4.2".
 *
 * A file is a row of blocks. A section header says the byte order of what follows and forgets all interfaces; an
 * interface description adds one, with its own link type and clock; packets name theirs. What an interface gives as its
 * snapshot length is not looked at: a packet has its own. All other blocks, known or not, are passed over. */
#include "config.h"
#include "capture/capture.h"
#include "capture/names.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "base/wide.h"
#include <stdlib.h>
#include <string.h>

/* ng, 10.1: block types; 0x2 is "obsolete, and others write it still" (ng, A). */
enum block_type {
	SECTION_HEADER = 0x0a0d0d0a,
	INTERFACE_DESCRIPTION = 1,
	OLD_PACKET = 2,
	SIMPLE_PACKET = 3,
	STATISTICS = 5,
	ENHANCED_PACKET = 6
};

enum {
	BLOCK_HEAD = 8,       /* type and length, before the body */
	BLOCK_FRAME = 12,     /* and the length again, behind it */
	BLOCK_MAX = 16 << 20, /* of a block that is looked into; libpcap's bound */
	SECTION_HEAD = 24,    /* up to its options */
	SKIP_STEP = 1 << 16,
	NFLOG = 239
};

struct interface {
	int linktype;
	uint64_t ticks; /* a second has so many; 0: more than 64 bits can count */
	int64_t offset; /* seconds to add */
	uint16_t name;  /* its number */
	uint32_t max_packet;
	uint64_t dropped; /* as its last statistics tell */
	uint32_t snaplen; /* for simple packets alone, which have no length of their own; 0: none */
};

struct pcapng_file {
	bool swapped; /* the section's numbers are not in this machine's byte order */
	struct interface *interfaces;
	size_t count, capacity;
	uint64_t last_ns;       /* time of the last packet that had one */
	uint64_t latest_ns;     /* of the packets so far */
	uint64_t sections_back; /* sections that began before that */
	bool begun;             /* the section has had a packet with a time */
	uint64_t dropped;       /* of the sections before this one */
	uint64_t skipping;      /* bytes of a block that is passed over which are still to come */
};

/* A block, whole, in the stream's buffer. */
struct block {
	uint32_t type, size;
	uint8_t *body;
	size_t body_size;
};

/* Two words, high one first, each in the section's order (ng, 4.3). */
static uint64_t time_at(const struct pcapng_file *f, const uint8_t *at)
{
	return (uint64_t)dz_wire_u32(at, f->swapped) << 32 | dz_wire_u32(at + 4, f->swapped);
}

static bool matches(const uint8_t *head)
{
	static const uint8_t magic[] = { 0x0a, 0x0d, 0x0d, 0x0a }; /* the same in both byte orders */
	return !memcmp(head, magic, sizeof magic);
}

/* ---- sections and interfaces ---- */

/* Lost packets, of all interfaces so far. */
static uint64_t dropped(const struct pcapng_file *f)
{
	uint64_t sum = f->dropped;

	for (size_t i = 0; i < f->count; i++)
		sum += f->interfaces[i].dropped;
	return sum;
}

bool dz_pcapng_byte_order(const uint8_t *header, bool *swapped)
{
	static const uint32_t byte_order_magic = 0x1a2b3c4d;
	uint32_t magic;

	memcpy(&magic, header + BLOCK_HEAD, sizeof magic);
	*swapped = magic != byte_order_magic;
	return dz_wire_u32(header + BLOCK_HEAD, *swapped) == byte_order_magic;
}

/* Looks at a section header that is to come: its byte order rules from its own length on (ng, 4.1). */
static enum dz_source_status look_at_section(struct dz_capture *c, struct pcapng_file *f, struct dz_err *err)
{
	uint8_t *bytes;
	unsigned major, minor;
	enum dz_source_status status = dz_capture_want(c, SECTION_HEAD, &bytes, "a section header", err);

	if (status != DZ_SOURCE_PACKET)
		return status;
	if (!dz_pcapng_byte_order(bytes, &f->swapped))
		return dz_capture_damage(c, BLOCK_HEAD, err, "damaged: a section header without byte-order magic");
	major = dz_wire_u16(bytes + 12, f->swapped);
	minor = dz_wire_u16(bytes + 14, f->swapped);
	if (major != 1 || (minor != 0 && minor != 2)) /* ng, 4.1: 1.2 is to be read as 1.0 */
		return dz_capture_damage(c, 12, err, "version %u.%u of the pcapng format is not known", major, minor);
	f->dropped = dropped(f);
	f->count = 0;
	f->begun = false;
	return DZ_SOURCE_PACKET;
}

/* ng, 4.2: if_tsresol. Powers of 10, or with the highest bit set of 2; beyond 64 bits there is no such clock. */
static uint64_t ticks_of(uint8_t resolution)
{
	enum { BINARY = 0x80, MAX_BINARY = 63, MAX_DECIMAL = 19 };
	unsigned power = resolution & ~BINARY & 0xff;
	uint64_t ticks = 1;

	if (resolution & BINARY)
		return power <= MAX_BINARY ? UINT64_C(1) << power : 0;
	if (power > MAX_DECIMAL)
		return 0;
	while (power--)
		ticks *= 10;
	return ticks;
}

/* Takes an option of a block. */
typedef void option_fn(struct dz_capture *c, const struct pcapng_file *f, struct interface *interface, unsigned code,
		       const uint8_t *value, size_t size);

static void describe(struct dz_capture *c, const struct pcapng_file *f, struct interface *interface, unsigned code,
		     const uint8_t *value, size_t size)
{
	enum { IF_NAME = 2, IF_TSRESOL = 9, IF_TSOFFSET = 14 };

	if (code == IF_NAME)
		interface->name = dz_names_keep(c->interfaces, (const char *)value, size);
	else if (code == IF_TSRESOL && size == 1)
		interface->ticks = ticks_of(value[0]);
	else if (code == IF_TSOFFSET && size == 8)
		interface->offset = (int64_t)dz_wire_u64(value, f->swapped);
}

/* ng, 4.6: the numbers count from the start of the capture, so the last block has them all. */
static void count_drops(struct dz_capture *c, const struct pcapng_file *f, struct interface *interface, unsigned code,
			const uint8_t *value, size_t size)
{
	enum { ISB_IFDROP = 5, ISB_OSDROP = 7 };
	static const uint64_t most = UINT64_C(1) << 48; /* what is more was never counted, and sums of it run over */

	(void)c;
	if ((code == ISB_IFDROP || code == ISB_OSDROP) && size == 8 && dz_wire_u64(value, f->swapped) < most)
		interface->dropped += dz_wire_u64(value, f->swapped);
}

/* ng, 3.5. An option that is longer than its block ends the options: the interface is known all the same. */
static void take_options(struct dz_capture *c, const struct pcapng_file *f, struct interface *interface,
			 const uint8_t *at, size_t size, option_fn *take_option)
{
	enum { OPTION_HEAD = 4, END_OF_OPTIONS = 0 };

	while (size >= OPTION_HEAD) {
		unsigned code = dz_wire_u16(at, f->swapped);
		size_t length = dz_wire_u16(at + 2, f->swapped), padded = (length + 3) & ~(size_t)3;
		if (code == END_OF_OPTIONS || length > size - OPTION_HEAD)
			return;
		take_option(c, f, interface, code, at + OPTION_HEAD, length);
		if (padded > size - OPTION_HEAD)
			return;
		at += OPTION_HEAD + padded;
		size -= OPTION_HEAD + padded;
	}
}

static enum dz_source_status add_interface(struct dz_capture *c, struct pcapng_file *f, const struct block *b,
					   struct dz_err *err)
{
	enum { FIXED = 8, MICROSECONDS = 1000000 };
	struct interface interface = { .ticks = MICROSECONDS };
	void *interfaces = f->interfaces;

	if (b->body_size < FIXED)
		return dz_capture_damage(c, 0, err, "damaged: an interface description of %u bytes", b->size);
	interface.linktype = dz_wire_u16(b->body, f->swapped);
	interface.snaplen = dz_wire_u32(b->body + 4, f->swapped);
	interface.max_packet = dz_capture_max_packet(interface.linktype);
	take_options(c, f, &interface, b->body + FIXED, b->body_size - FIXED, describe);
	dz_mem_grow(&interfaces, &f->capacity, f->count + 1, sizeof interface);
	f->interfaces = interfaces;
	f->interfaces[f->count++] = interface;
	if (c->linktype < 0)
		c->linktype = interface.linktype;
	return DZ_SOURCE_PACKET;
}

/* Statistics of an interface that was not described say nothing. */
static void take_statistics(struct dz_capture *c, struct pcapng_file *f, const struct block *b)
{
	enum { FIXED = 12 };
	uint32_t number = b->body_size >= FIXED ? dz_wire_u32(b->body, f->swapped) : UINT32_MAX;

	if (number >= f->count)
		return;
	f->interfaces[number].dropped = 0;
	take_options(c, f, &f->interfaces[number], b->body + FIXED, b->body_size - FIXED, count_drops);
}

/* ---- packets ---- */

/* Times that a damaged capture may have would run over where time-outs are added to them. */
#define LATEST_NS ((UINT64_C(1) << 62) - 1)
#define SECOND UINT64_C(1000000000)

/* Of less than a second. */
static uint64_t part_ns(uint64_t part, uint64_t ticks)
{
	if (part <= UINT64_MAX / SECOND)
		return part * SECOND / ticks;
	return dz_wide_low(dz_wide_divide(dz_wide_product(part, SECOND), ticks, NULL));
}

/* Nanoseconds since 1970: what lies before that is 0, what lies beyond the year 2116 is LATEST_NS. */
static uint64_t to_ns(const struct interface *interface, uint64_t time)
{
	uint64_t ticks = interface->ticks, seconds = ticks ? time / ticks : 0,
		 ns = ticks ? part_ns(time % ticks, ticks) : 0;
	uint64_t offset = interface->offset < 0 ? -(uint64_t)interface->offset : (uint64_t)interface->offset;

	if (interface->offset < 0 && seconds < offset)
		return 0;
	if (interface->offset >= 0 && seconds > UINT64_MAX - offset)
		return LATEST_NS;
	seconds = interface->offset < 0 ? seconds - offset : seconds + offset;
	return seconds > LATEST_NS / SECOND || (ns += seconds * SECOND) > LATEST_NS ? LATEST_NS : ns;
}

/* What the kinds of packet blocks have in common; `size` bytes of the body are before the packet. */
static enum dz_source_status set_frame(struct dz_capture *c, const struct pcapng_file *f, const struct block *b,
				       uint32_t number, size_t size, struct dz_frame *frame, struct dz_err *err)
{
	const struct interface *interface;

	if (number >= f->count)
		return dz_capture_damage(c, 0, err,
					 "damaged: a packet of interface %u, and %zu were described before it", number,
					 f->count);
	interface = &f->interfaces[number];
	if (frame->caplen > interface->max_packet)
		return dz_capture_damage(c, 0, err, "damaged: a packet of %u bytes is longer than any can be (%u)",
					 frame->caplen, interface->max_packet);
	if (frame->caplen > b->body_size - size)
		return dz_capture_damage(c, 0, err, "damaged: a packet of %u bytes in a block of %u", frame->caplen,
					 b->size);
	frame->linktype = interface->linktype;
	frame->interface = interface->name;
	frame->bytes = b->body + size;
	frame->block = dz_stream_block(c->stream);
	if (f->swapped && frame->linktype == NFLOG)
		dz_capture_swap_nflog(b->body + size, frame->caplen);
	return DZ_SOURCE_PACKET;
}

static void note_time(struct pcapng_file *f, uint64_t time_ns)
{
	f->sections_back += !f->begun && time_ns < f->latest_ns;
	f->begun = true;
	if (time_ns > f->latest_ns)
		f->latest_ns = time_ns;
}

/* ng, 4.3; the old packet block differs in its first word: 16 bits of interface, 16 of drops (ng, A.1). */
static enum dz_source_status timed_packet(struct dz_capture *c, struct pcapng_file *f, const struct block *b,
					  struct dz_frame *frame, struct dz_err *err)
{
	enum { FIXED = 20 };
	enum dz_source_status status;
	uint32_t number;

	if (b->body_size < FIXED)
		return dz_capture_damage(c, 0, err, "damaged: a packet block of %u bytes", b->size);
	number = b->type == OLD_PACKET ? dz_wire_u16(b->body, f->swapped) : dz_wire_u32(b->body, f->swapped);
	frame->caplen = dz_wire_u32(b->body + 12, f->swapped);
	frame->wirelen = dz_wire_u32(b->body + 16, f->swapped);
	status = set_frame(c, f, b, number, FIXED, frame, err);
	if (status == DZ_SOURCE_PACKET) {
		frame->time_ns = f->last_ns = to_ns(&f->interfaces[number], time_at(f, b->body + 4));
		note_time(f, frame->time_ns);
	}
	return status;
}

/* ng, 4.4: of the first interface, as long as its snapshot length lets it be, and without a time: it gets that of the
 * packet before it, so that no flow idles between them. */
static enum dz_source_status simple_packet(struct dz_capture *c, struct pcapng_file *f, const struct block *b,
					   struct dz_frame *frame, struct dz_err *err)
{
	enum { FIXED = 4 };
	uint32_t snaplen = f->count ? f->interfaces[0].snaplen : 0;

	if (b->body_size < FIXED)
		return dz_capture_damage(c, 0, err, "damaged: a packet block of %u bytes", b->size);
	frame->wirelen = frame->caplen = dz_wire_u32(b->body, f->swapped);
	if (snaplen && frame->caplen > snaplen)
		frame->caplen = snaplen;
	if (frame->caplen > b->body_size - FIXED) /* the block is as long as what was captured, whatever was said */
		frame->caplen = (uint32_t)(b->body_size - FIXED);
	frame->time_ns = f->last_ns;
	return set_frame(c, f, b, 0, FIXED, frame, err);
}

/* ---- blocks ---- */

/* Moves on over the block that is passed over, however long it is. */
static enum dz_source_status pass_over(struct dz_capture *c, struct pcapng_file *f, struct dz_err *err)
{
	while (f->skipping) {
		size_t step = f->skipping < SKIP_STEP ? (size_t)f->skipping : SKIP_STEP;
		uint8_t *bytes;
		enum dz_source_status status = dz_capture_want(c, step, &bytes, "the rest of a block", err);
		if (status != DZ_SOURCE_PACKET)
			return status;
		dz_stream_skip(c->stream, step);
		f->skipping -= step;
	}
	return DZ_SOURCE_PACKET;
}

/* Finds the next block that is looked into: PACKET when it is there, whole. */
static enum dz_source_status next_block(struct dz_capture *c, struct pcapng_file *f, struct block *b,
					struct dz_err *err)
{
	uint8_t *bytes;
	enum dz_source_status status = dz_capture_want_next(c, BLOCK_HEAD, &bytes, "a block's header", err);

	if (status != DZ_SOURCE_PACKET)
		return status;
	if (matches(bytes) && c->section && dz_stream_offset(c->stream))
		return DZ_SOURCE_END;
	if (matches(bytes))
		status = look_at_section(c, f, err);
	if (status == DZ_SOURCE_PACKET) /* what was looked at further may have moved it */
		status = dz_capture_want(c, BLOCK_HEAD, &bytes, "a block's header", err);
	if (status != DZ_SOURCE_PACKET)
		return status;
	b->type = dz_wire_u32(bytes, f->swapped);
	b->size = dz_wire_u32(bytes + 4, f->swapped);
	if (b->size < (b->type == SECTION_HEADER ? SECTION_HEAD + 4 : BLOCK_FRAME) || b->size % 4)
		return dz_capture_damage(c, 4, err, "damaged: a block cannot be of %u bytes", b->size);
	return DZ_SOURCE_PACKET;
}

static bool is_looked_into(uint32_t type)
{
	return type == INTERFACE_DESCRIPTION || type == OLD_PACKET || type == SIMPLE_PACKET || type == STATISTICS ||
	       type == ENHANCED_PACKET;
}

/* Waits for all of the block, and checks that its length stands behind it, too. */
static enum dz_source_status read_block(struct dz_capture *c, const struct pcapng_file *f, struct block *b,
					struct dz_err *err)
{
	enum dz_source_status status;
	uint8_t *bytes;

	if (b->size > BLOCK_MAX)
		return dz_capture_damage(c, 4, err, "damaged: a block of %u bytes is longer than any can be (%d)",
					 b->size, BLOCK_MAX);
	status = dz_capture_want(c, b->size, &bytes, "a block", err);
	if (status != DZ_SOURCE_PACKET)
		return status;
	if (dz_wire_u32(bytes + b->size - 4, f->swapped) != b->size)
		return dz_capture_damage(c, b->size - 4, err, "damaged: a block of %u bytes ends as one of %u", b->size,
					 dz_wire_u32(bytes + b->size - 4, f->swapped));
	b->body = bytes + BLOCK_HEAD;
	b->body_size = b->size - BLOCK_FRAME;
	return DZ_SOURCE_PACKET;
}

static enum dz_source_status take_block(struct dz_capture *c, struct pcapng_file *f, const struct block *b,
					struct dz_frame *frame, bool *is_packet, struct dz_err *err)
{
	*is_packet = b->type != INTERFACE_DESCRIPTION && b->type != STATISTICS;
	if (b->type == STATISTICS) {
		take_statistics(c, f, b);
		return DZ_SOURCE_PACKET;
	}
	if (b->type == INTERFACE_DESCRIPTION)
		return add_interface(c, f, b, err);
	if (b->type == SIMPLE_PACKET)
		return simple_packet(c, f, b, frame, err);
	return timed_packet(c, f, b, frame, err);
}

/* PACKET with the next frame; the stream was moved over it. */
static enum dz_source_status next(struct dz_capture *c, struct pcapng_file *f, struct dz_frame *frame,
				  struct dz_err *err)
{
	bool is_packet = false;

	while (!is_packet) {
		struct block b = { .body = NULL };
		enum dz_source_status status = pass_over(c, f, err);
		if (status == DZ_SOURCE_PACKET)
			status = next_block(c, f, &b, err);
		if (status != DZ_SOURCE_PACKET)
			return status;
		if (!is_looked_into(b.type)) {
			f->skipping = b.size;
			continue;
		}
		status = read_block(c, f, &b, err);
		if (status == DZ_SOURCE_PACKET)
			status = take_block(c, f, &b, frame, &is_packet, err);
		if (status != DZ_SOURCE_PACKET)
			return status;
		dz_stream_skip(c->stream, b.size);
	}
	return DZ_SOURCE_PACKET;
}

/* ---- the operations ---- */

static enum dz_source_status open_pcapng(struct dz_capture *c, struct dz_err *err)
{
	struct pcapng_file f = { .interfaces = NULL };
	enum dz_source_status status = look_at_section(c, &f, err);

	if (status == DZ_SOURCE_PACKET)
		c->self = memcpy(dz_mem_alloc(sizeof f), &f, sizeof f);
	return status;
}

static enum dz_source_status each(struct dz_capture *c, dz_source_take_fn *take, void *context, struct dz_err *err)
{
	struct dz_frame frame = { .interface = 0 };
	enum dz_source_status status;

	do
		status = next(c, c->self, &frame, err);
	while (status == DZ_SOURCE_PACKET && dz_capture_hand_out(c, &frame, take, context));
	return status;
}

static void tell_stats(const struct dz_capture *c, struct dz_source_stats *stats)
{
	const struct pcapng_file *f = c->self;

	if (!f)
		return;
	stats->dropped += dropped(f);
	stats->sections_back += f->sections_back;
}

static void close_pcapng(struct dz_capture *c)
{
	struct pcapng_file *f = c->self;

	if (f)
		free(f->interfaces);
	free(f);
}

const struct dz_source_ops dz_source_pcapng = {
	.name = "pcapng",
	.matches = matches,
	.open = open_pcapng,
	.each = each,
	.stats = tell_stats,
	.close = close_pcapng,
};
