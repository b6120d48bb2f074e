/* SPDX-License-Identifier: BSD-2-Clause */
/* sections.c - which sections of a pcapng file overlap in time: see inputs.h.
 *
 * `cat` of captures makes such files. Nothing tells beforehand where a second section begins (writers leave the length
 * of a section open), so the heads of blocks are looked at; nearly all files have one section, and are to pay little
 * for the others. */
#include "config.h"
#include "capture/inputs.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "capture/capture.h"
#include "capture/names.h"
#include <stdlib.h>

/* A second section is looked for in so much of a file; and of more sections none is merged. */
enum { LOOK_SIZE = 4 << 20, MAX_SECTIONS = 512 };

struct search {
	struct dz_section *sections;
	size_t count, capacity;
	uint64_t at; /* the block that is looked at */
	bool swapped;
};

/* The length of the block whose head is there, 0: no block can be so long. A section without byte-order magic is one,
 * too: reading it tells of the damage. */
static uint32_t block_size(struct search *search, const uint8_t *head)
{
	uint32_t size;

	if (dz_source_pcapng.matches(head)) {
		void *sections = search->sections;
		dz_mem_grow(&sections, &search->capacity, search->count + 1, sizeof *search->sections);
		search->sections = sections;
		search->sections[search->count++] = (struct dz_section){ .offset = search->at };
		if (!dz_pcapng_byte_order(head, &search->swapped))
			return 0;
	}
	size = dz_wire_u32(head + 4, search->swapped);
	return size < 12 || size % 4 ? 0 : size;
}

/* Moves the stream on, however far. */
static bool skip(struct dz_stream *stream, uint64_t size)
{
	while (size) {
		uint8_t *bytes;
		size_t there;
		if (dz_stream_peek(stream, 1, &bytes, &there) != DZ_STREAM_THERE)
			return false;
		there = there < size ? there : (size_t)size;
		dz_stream_skip(stream, there);
		size -= there;
	}
	return true;
}

/* Goes from block to block, up to what is damaged: reading will tell of that. */
static void look_at_blocks(struct search *search, struct dz_stream *stream)
{
	uint8_t *head;
	size_t there;

	while (dz_stream_peek(stream, DZ_PCAPNG_ORDER_HEAD, &head, &there) == DZ_STREAM_THERE) {
		uint32_t size = block_size(search, head);
		bool is_far = search->count == 1 && search->at + size > LOOK_SIZE;
		if (!size || is_far || search->count > MAX_SECTIONS || !skip(stream, size))
			break;
		search->at += size;
	}
	for (size_t i = 0; i < search->count; i++)
		search->sections[i].size = (i + 1 < search->count ? search->sections[i + 1].offset : search->at) -
					   search->sections[i].offset;
}

/* ---- times ---- */

struct times {
	bool any;
	uint64_t first_ns, latest_ns;
};

static bool note_time(void *context, struct dz_frame *frame)
{
	struct times *times = context;

	if (!times->any)
		times->first_ns = frame->time_ns;
	if (!times->any || frame->time_ns > times->latest_ns)
		times->latest_ns = frame->time_ns;
	times->any = true;
	return true;
}

/* Reads the section, or what of it can be read. */
static struct times times_of(const char *path, const struct dz_section *section)
{
	struct times times = { .any = false };
	struct dz_names interfaces;
	struct dz_capture *capture;
	struct dz_err err;

	dz_names_init(&interfaces);
	capture = dz_capture_new_section(path, section->offset, DZ_STREAM_BESIDE, &interfaces, &err);
	if (capture)
		(void)dz_capture_each(capture, note_time, &times, &err);
	dz_capture_free(capture);
	dz_names_release(&interfaces);
	return times;
}

/* Notes the times of all; whether one begins before what was stored ahead of it ends. */
static bool do_overlap(struct search *search, const char *path)
{
	uint64_t latest_ns = 0;
	bool overlap = false;

	for (size_t i = 0; i < search->count; i++) {
		struct times times = times_of(path, &search->sections[i]);
		search->sections[i].first_ns = times.first_ns;
		overlap |= times.any && times.first_ns < latest_ns;
		latest_ns = times.latest_ns > latest_ns ? times.latest_ns : latest_ns;
	}
	return overlap;
}

size_t dz_sections_find(const char *path, struct dz_section **sections)
{
	struct search search = { .count = 0 };
	struct dz_err err;
	struct dz_stream *stream = dz_stream_open(path, DZ_STREAM_READ, &err);

	*sections = NULL;
	if (!stream)
		return 0;
	look_at_blocks(&search, stream);
	dz_stream_free(stream);
	if (search.count > 1 && search.count <= MAX_SECTIONS && do_overlap(&search, path)) {
		*sections = search.sections;
		return search.count;
	}
	free(search.sections);
	return 0;
}
