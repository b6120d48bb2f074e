/* SPDX-License-Identifier: BSD-2-Clause */
/* source.c - the inputs as one stream of packets, in the order of time, each numbered and looked at by the filter.
 *
 * Inputs, and sections of inputs that overlap, are parts in the order of their first packets. One is opened when the
 * packets that are read reach its first, so that as many are open as overlap. Those that are open wait in a heap, each
 * with the packet that it comes next with; the earliest hands out packets for as long as none of the others is earlier,
 * straight from its file: inputs that do not overlap are read as one alone is. */
#include "config.h"
#include "capture/source.h"

#include "base/mem.h"
#include "capture/capture.h"
#include "capture/filter.h"
#include "capture/inputs.h"
#include "capture/names.h"
#include <stdlib.h>
#include <string.h>

/* What overlaps beyond OPEN_MAX is read as others end. The first few to be open are read with large buffers and threads
 * that unpack them. */
enum { OPEN_MAX = 512, OPEN_WELL = 4 };

/* An input, or a section of one. */
struct part {
	uint32_t input;
	uint64_t first_ns; /* 0 where not known */
	uint64_t size;     /* as stored; 0 where not known */
	bool section;
	uint64_t offset; /* of the section */
};

/* An open part. */
struct slot {
	struct dz_capture *capture; /* owned */
	uint32_t input, part;
	bool held;             /* frame waits to be handed out; its bytes are the capture's */
	bool misfit;           /* the filter was found not to fit it */
	struct dz_frame frame; /* the one last read, or none yet: then its time is that of the part's first */
};

struct dz_source {
	const struct dz_inputs *inputs;
	struct dz_filter *filter; /* NULL: none */
	struct dz_names interfaces;
	bool apart;         /* inputs are not merged */
	struct part *parts; /* owned; made with the first packet */
	size_t part_count, part_capacity, next_part;
	struct slot **heap; /* owned, each: OPEN_MAX; the earliest packet's first */
	size_t open;
	uint64_t packets;
	uint64_t finished_size;         /* stored bytes of the parts that are done with */
	struct dz_source_stats counted; /* by them */
	struct dz_err misfit_err;       /* to be told; empty: was told */
	/* of the call of dz_source_each() that is going on */
	dz_source_take_fn *take;
	void *context;
	bool wanted;         /* the taker wants more */
	struct slot *reader; /* heap[0], which hands out packets ... */
	uint64_t until_ns;   /* ... that are earlier than this one ... */
	uint32_t until;      /* ... of this part */
};

struct dz_source *dz_source_new(const struct dz_inputs *inputs, const char *filter)
{
	struct dz_source *source = dz_mem_zalloc(1, sizeof *source);
	source->inputs = inputs;
	source->filter = filter ? dz_filter_new(filter) : NULL;
	source->heap = dz_mem_zalloc(OPEN_MAX, sizeof *source->heap);
	dz_names_init(&source->interfaces);
	return source;
}

static void slot_free(struct slot *slot)
{
	dz_capture_free(slot->capture);
	free(slot);
}

void dz_source_free(struct dz_source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < source->open; i++)
		slot_free(source->heap[i]);
	free(source->heap);
	free(source->parts);
	dz_filter_free(source->filter);
	dz_names_release(&source->interfaces);
	free(source);
}

void dz_source_read_apart(struct dz_source *source)
{
	source->apart = true;
}

/* ---- parts ---- */

/* What cannot be looked into beforehand is read alone, when all before it has ended. */
static bool is_merged(const struct dz_source *source, const struct part *a, const struct part *b)
{
	if (source->apart && a->input != b->input)
		return false;
	return dz_inputs_is_regular(source->inputs, a->input) && dz_inputs_is_regular(source->inputs, b->input);
}

/* Inputs come in their order; sections may go before others that were put in. */
static void put_part(struct dz_source *source, struct part part)
{
	size_t at = source->part_count;

	dz_mem_grow((void **)&source->parts, &source->part_capacity, source->part_count + 1, sizeof part);
	for (; at && is_merged(source, &part, &source->parts[at - 1]) && part.first_ns < source->parts[at - 1].first_ns;
	     at--)
		source->parts[at] = source->parts[at - 1];
	source->parts[at] = part;
	source->part_count++;
}

static void make_parts(struct dz_source *source)
{
	for (uint32_t i = 0; i < dz_inputs_count(source->inputs); i++) {
		size_t count;
		const struct dz_section *sections = dz_inputs_sections(source->inputs, i, &count);
		if (!count)
			put_part(source, (struct part){ .input = i,
							.first_ns = dz_inputs_first_ns(source->inputs, i),
							.size = dz_inputs_size_of(source->inputs, i) });
		for (size_t k = 0; k < count; k++)
			put_part(source, (struct part){ .input = i,
							.first_ns = sections[k].first_ns,
							.size = sections[k].size,
							.section = true,
							.offset = sections[k].offset });
	}
}

/* The part to be opened next; NULL: none is left, or enough are open. */
static const struct part *next_part(const struct dz_source *source)
{
	bool none = source->next_part == source->part_count || source->open == OPEN_MAX;
	return none ? NULL : &source->parts[source->next_part];
}

/* ---- the heap ---- */

/* Packets of one time come in the order of their parts. */
static bool is_earlier(uint64_t time_ns, uint32_t part, uint64_t other_ns, uint32_t other)
{
	return time_ns != other_ns ? time_ns < other_ns : part < other;
}

static bool is_before(const struct slot *a, const struct slot *b)
{
	return is_earlier(a->frame.time_ns, a->part, b->frame.time_ns, b->part);
}

static void swap(struct slot **a, struct slot **b)
{
	struct slot *first = *a;
	*a = *b;
	*b = first;
}

static void sift_up(struct dz_source *source, size_t i)
{
	for (; i && is_before(source->heap[i], source->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&source->heap[i], &source->heap[(i - 1) / 2]);
}

/* The child of a place that comes first; `open` or more: it has none. */
static size_t first_child(const struct dz_source *source, size_t i)
{
	size_t left = 2 * i + 1, right = left + 1;
	return right < source->open && is_before(source->heap[right], source->heap[left]) ? right : left;
}

static void sift_down(struct dz_source *source)
{
	size_t i = 0, child;

	while ((child = first_child(source, i)) < source->open && is_before(source->heap[child], source->heap[i])) {
		swap(&source->heap[child], &source->heap[i]);
		i = child;
	}
}

/* ---- opening and closing ---- */

static void add_stats(const struct dz_capture *capture, struct dz_source_stats *stats)
{
	if (capture->ops && capture->ops->stats)
		capture->ops->stats(capture, stats);
}

static void close_first(struct dz_source *source)
{
	struct slot *slot = source->heap[0];

	add_stats(slot->capture, &source->counted);
	source->finished_size += source->parts[slot->part].size;
	slot_free(slot);
	source->heap[0] = source->heap[--source->open];
	sift_down(source);
}

static struct dz_capture *open_part(struct dz_source *source, const struct part *part, struct dz_err *err)
{
	const char *path = dz_inputs_path(source->inputs, part->input);
	enum dz_stream_use use = source->open < OPEN_WELL ? DZ_STREAM_READ : DZ_STREAM_BESIDE;

	if (part->section)
		return dz_capture_new_section(path, part->offset, use, &source->interfaces, err);
	return dz_capture_new(path, dz_inputs_take_stream(source->inputs, part->input), use, &source->interfaces, err);
}

static bool open_next(struct dz_source *source, struct dz_err *err)
{
	uint32_t number = (uint32_t)source->next_part++;
	const struct part *part = &source->parts[number];
	struct slot *slot = dz_mem_zalloc(1, sizeof *slot);

	slot->input = part->input;
	slot->part = number;
	slot->frame.time_ns = part->first_ns;
	slot->capture = open_part(source, part, err);
	if (!slot->capture) {
		source->finished_size += part->size;
		slot_free(slot);
		return false;
	}
	source->heap[source->open] = slot;
	sift_up(source, source->open++);
	return true;
}

/* Whether the next part is to be opened before the earliest packet is handed out. */
static bool is_next_due(const struct dz_source *source)
{
	const struct part *next = next_part(source);
	const struct slot *first = source->heap[0];

	if (!next || !source->open)
		return next;
	return is_merged(source, next, &source->parts[first->part]) &&
	       is_earlier(next->first_ns, (uint32_t)source->next_part, first->frame.time_ns, first->part);
}

/* Lets the first of the heap read on until a packet of another part, open or not, is earlier. */
static void set_reader(struct dz_source *source)
{
	size_t child = first_child(source, 0);
	const struct part *next = next_part(source);

	source->reader = source->heap[0];
	source->until_ns = UINT64_MAX;
	source->until = UINT32_MAX;
	if (child < source->open) {
		source->until_ns = source->heap[child]->frame.time_ns;
		source->until = source->heap[child]->part;
	}
	if (!next || !is_merged(source, next, &source->parts[source->reader->part]) ||
	    !is_earlier(next->first_ns, (uint32_t)source->next_part, source->until_ns, source->until))
		return;
	source->until_ns = next->first_ns;
	source->until = (uint32_t)source->next_part;
}

/* ---- packets ---- */

/* An input is at fault where the filter does not fit a link type of it: told once, and its packets go on unselected. */
static void note_misfit(struct dz_source *source, struct slot *slot, int linktype)
{
	if (slot->misfit)
		return;
	slot->misfit = true;
	dz_filter_misfit(source->filter, linktype, &source->misfit_err);
	dz_err_prefix(&source->misfit_err, "%s", slot->capture->path);
}

/* Whether more is wanted. */
static bool hand_out(struct dz_source *source, struct dz_frame *frame)
{
	struct slot *slot = source->reader;

	frame->index = source->packets++;
	frame->input = slot->input;
	frame->selected = true;
	if (source->filter) {
		enum dz_filter_verdict verdict = dz_filter_apply(source->filter, frame);
		frame->selected = verdict == DZ_FILTER_PASS;
		if (verdict == DZ_FILTER_UNFIT)
			note_misfit(source, slot, frame->linktype);
	}
	source->wanted = source->take(source->context, frame);
	return source->wanted && !source->misfit_err.text[0];
}

/* Takes a packet of the reader: hands it out, or holds it where another input's comes before it. Only then is it
 * copied: what was just written piece by piece is waited for. */
static bool take_in_order(void *context, struct dz_frame *frame)
{
	struct dz_source *source = context;
	struct slot *slot = source->reader;

	frame->number =
		source->parts[slot->part].offset + slot->capture->packets - 1; /* a packet is more than a byte */
	slot->held = !is_earlier(frame->time_ns, slot->part, source->until_ns, source->until);
	if (slot->held)
		slot->frame = *frame;
	else
		slot->frame.time_ns = frame->time_ns;
	return !slot->held && hand_out(source, frame);
}

/* The reader hands out what it holds, and reads on. */
static enum dz_source_status read_on(struct dz_source *source, struct dz_err *err)
{
	struct slot *slot = source->reader;

	if (slot->held) {
		slot->held = false;
		if (!hand_out(source, &slot->frame))
			return DZ_SOURCE_PACKET;
	}
	return dz_capture_each(slot->capture, take_in_order, source, err);
}

static bool tell_misfit(struct dz_source *source, struct dz_err *err)
{
	if (!source->misfit_err.text[0])
		return false;
	*err = source->misfit_err;
	source->misfit_err.text[0] = '\0';
	return true;
}

enum dz_source_status dz_source_each(struct dz_source *source, dz_source_take_fn *take, void *context,
				     struct dz_err *err)
{
	enum dz_source_status status;

	if (!source->parts)
		make_parts(source);
	source->take = take;
	source->context = context;
	source->wanted = true;
	for (;;) {
		if (tell_misfit(source, err))
			return DZ_SOURCE_DAMAGED;
		while (is_next_due(source))
			if (!open_next(source, err))
				return DZ_SOURCE_DAMAGED;
		if (!source->open)
			return DZ_SOURCE_END;
		set_reader(source);
		status = read_on(source, err);
		if (status == DZ_SOURCE_END || status == DZ_SOURCE_DAMAGED)
			close_first(source);
		else
			sift_down(source);
		if (status == DZ_SOURCE_IDLE || status == DZ_SOURCE_DAMAGED || !source->wanted)
			return status;
	}
}

enum dz_source_status dz_source_next(struct dz_source *source, struct dz_frame *packet, struct dz_err *err)
{
	return dz_source_each(source, dz_source_take_one, packet, err);
}

const char *dz_source_interface_name(const struct dz_source *source, uint16_t interface)
{
	return interface < DZ_NAMES_MAX ? source->interfaces.texts[interface] : NULL;
}

uint64_t dz_source_position(const struct dz_source *source)
{
	uint64_t position = source->finished_size;

	for (size_t i = 0; i < source->open; i++)
		position += dz_capture_position(source->heap[i]->capture);
	return position;
}

void dz_source_stats(const struct dz_source *source, struct dz_source_stats *stats)
{
	*stats = source->counted;
	for (size_t i = 0; i < source->open; i++)
		add_stats(source->heap[i]->capture, stats);
}

/* An expression is bad when no link type of the run takes it. Where only some refuse it ("vlan" in a capture of raw
 * IP beside one of Ethernet), those inputs are reported as damaged when their turn comes. What may not be looked into
 * beforehand counts as Ethernet here. */
bool dz_source_check_filter(const struct dz_inputs *inputs, const char *filter, struct dz_err *err)
{
	enum { ETHERNET = 1, LINKTYPES = 65536 };
	bool *tried = dz_mem_zalloc(LINKTYPES, sizeof *tried);
	size_t count = dz_inputs_count(inputs);
	bool good = !count && dz_filter_try(ETHERNET, filter, err);

	for (size_t i = 0; i < count && !good; i++) {
		int linktype = dz_inputs_linktype(inputs, i);
		linktype = linktype >= 0 && linktype < LINKTYPES ? linktype : ETHERNET;
		if (!tried[linktype])
			good = dz_filter_try(linktype, filter, err);
		tried[linktype] = true;
	}
	free(tried);
	return good;
}
