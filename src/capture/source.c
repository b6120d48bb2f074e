/* SPDX-License-Identifier: BSD-2-Clause */
/* source.c - the inputs as one stream of packets, in the order of time, each numbered and looked at by the filter.
 *
 * Inputs are in the order of their first packets. One is opened when the packets that are read reach its first, so that
 * as many are open as overlap. Those that are open wait in a heap, each with the packet that it comes next with; the
 * earliest hands out packets for as long as none of the others is earlier, straight from its file: inputs that do not
 * overlap are read as one alone is. */
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

/* An open input. */
struct slot {
	struct dz_capture *capture; /* owned */
	uint32_t input;
	bool held;             /* frame waits to be handed out; its bytes are the capture's */
	bool misfit;           /* the filter was found not to fit it */
	struct dz_frame frame; /* the one last read, or none yet: then its time is that of the input's first */
};

struct dz_source {
	const struct dz_inputs *inputs;
	struct dz_filter *filter; /* NULL: none */
	struct dz_names interfaces;
	bool apart; /* inputs are not merged */
	size_t next_input;
	struct slot **heap; /* owned, each: OPEN_MAX; the earliest packet's first */
	size_t open;
	uint64_t packets;
	uint64_t finished_size;         /* stored bytes of the inputs that are done with */
	struct dz_source_stats counted; /* by them */
	struct dz_err misfit_err;       /* to be told; empty: was told */
	/* of the call of dz_source_each() that is going on */
	dz_source_take_fn *take;
	void *context;
	bool wanted;         /* the taker wants more */
	struct slot *reader; /* heap[0], which hands out packets ... */
	uint64_t until_ns;   /* ... that are earlier than this one ... */
	uint32_t until;      /* ... of this input */
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
	dz_filter_free(source->filter);
	dz_names_release(&source->interfaces);
	free(source);
}

void dz_source_read_apart(struct dz_source *source)
{
	source->apart = true;
}

/* ---- the heap ---- */

/* Packets of one time come in the order of their inputs. */
static bool is_earlier(uint64_t time_ns, uint32_t input, uint64_t other_ns, uint32_t other)
{
	return time_ns != other_ns ? time_ns < other_ns : input < other;
}

static bool is_before(const struct slot *a, const struct slot *b)
{
	return is_earlier(a->frame.time_ns, a->input, b->frame.time_ns, b->input);
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
	source->finished_size += dz_inputs_size_of(source->inputs, slot->input);
	slot_free(slot);
	source->heap[0] = source->heap[--source->open];
	sift_down(source);
}

static bool open_next(struct dz_source *source, struct dz_err *err)
{
	size_t input = source->next_input++;
	struct slot *slot = dz_mem_zalloc(1, sizeof *slot);

	slot->input = (uint32_t)input;
	slot->frame.time_ns = dz_inputs_first_ns(source->inputs, input);
	slot->capture =
		dz_capture_new(dz_inputs_path(source->inputs, input), dz_inputs_take_stream(source->inputs, input),
			       source->open < OPEN_WELL ? DZ_STREAM_READ : DZ_STREAM_BESIDE, &source->interfaces, err);
	if (!slot->capture) {
		source->finished_size += dz_inputs_size_of(source->inputs, input);
		slot_free(slot);
		return false;
	}
	source->heap[source->open] = slot;
	sift_up(source, source->open++);
	return true;
}

/* Whether the next input is to be opened before the earliest packet is handed out. What cannot be looked into
 * beforehand is read alone, when all before it has ended. */
static bool is_next_due(const struct dz_source *source)
{
	size_t next = source->next_input;
	const struct slot *first = source->heap[0];

	if (next == dz_inputs_count(source->inputs) || source->open == OPEN_MAX)
		return false;
	if (!source->open)
		return true;
	if (source->apart || !dz_inputs_is_regular(source->inputs, next) ||
	    !dz_inputs_is_regular(source->inputs, first->input))
		return false;
	return is_earlier(dz_inputs_first_ns(source->inputs, next), (uint32_t)next, first->frame.time_ns, first->input);
}

/* Lets the first of the heap read on until a packet of another input, open or not, is earlier. */
static void set_reader(struct dz_source *source)
{
	size_t child = first_child(source, 0), next = source->next_input;

	source->reader = source->heap[0];
	source->until_ns = UINT64_MAX;
	source->until = UINT32_MAX;
	if (child < source->open) {
		source->until_ns = source->heap[child]->frame.time_ns;
		source->until = source->heap[child]->input;
	}
	if (source->apart || next == dz_inputs_count(source->inputs) || source->open == OPEN_MAX ||
	    !dz_inputs_is_regular(source->inputs, next) || !dz_inputs_is_regular(source->inputs, source->reader->input))
		return;
	if (is_earlier(dz_inputs_first_ns(source->inputs, next), (uint32_t)next, source->until_ns, source->until)) {
		source->until_ns = dz_inputs_first_ns(source->inputs, next);
		source->until = (uint32_t)next;
	}
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

/* Takes a packet of the reader: hands it out, or holds it where another input's comes before it. */
static bool take_in_order(void *context, const struct dz_frame *captured)
{
	struct dz_source *source = context;
	struct slot *slot = source->reader;

	slot->frame = *captured;
	slot->held = !is_earlier(captured->time_ns, slot->input, source->until_ns, source->until);
	return !slot->held && hand_out(source, &slot->frame);
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
