/* SPDX-License-Identifier: BSD-2-Clause */
/* source.c - strings the inputs together into one stream of packets, each numbered and looked at by the filter. */
#include "config.h"
#include "capture/source.h"

#include "base/mem.h"
#include "capture/capture.h"
#include "capture/filter.h"
#include "capture/inputs.h"
#include "capture/names.h"
#include <stdlib.h>
#include <string.h>

struct dz_source {
	const struct dz_inputs *inputs;
	struct dz_filter *filter; /* NULL: none */
	struct dz_names interfaces;
	size_t next_input;
	struct dz_capture *capture; /* the open input, number next_input - 1; NULL between inputs */
	uint64_t packets;
	uint64_t finished_size;         /* stored bytes of the inputs that are done with */
	struct dz_source_stats counted; /* by them */
	size_t misfit;                  /* 1 + the input last found not to fit the filter */
	struct dz_err misfit_err;       /* to be told; empty: was told */
	/* of the call of dz_source_each() that is going on */
	dz_source_take_fn *take;
	void *context;
	bool wanted; /* the taker wants more */
};

struct dz_source *dz_source_new(const struct dz_inputs *inputs, const char *filter)
{
	struct dz_source *source = dz_mem_zalloc(1, sizeof *source);
	source->inputs = inputs;
	source->filter = filter ? dz_filter_new(filter) : NULL;
	dz_names_init(&source->interfaces);
	return source;
}

void dz_source_free(struct dz_source *source)
{
	if (!source)
		return;
	dz_capture_free(source->capture);
	dz_filter_free(source->filter);
	dz_names_release(&source->interfaces);
	free(source);
}

/* ---- one input after another ---- */

static void add_stats(const struct dz_capture *capture, struct dz_source_stats *stats)
{
	if (capture && capture->ops && capture->ops->stats)
		capture->ops->stats(capture, stats);
}

static void close_input(struct dz_source *source)
{
	add_stats(source->capture, &source->counted);
	dz_capture_free(source->capture);
	source->capture = NULL;
	source->finished_size += dz_inputs_size_of(source->inputs, source->next_input - 1);
}

static bool open_input(struct dz_source *source, struct dz_err *err)
{
	size_t input = source->next_input++;

	source->capture =
		dz_capture_new(dz_inputs_path(source->inputs, input), dz_inputs_take_stream(source->inputs, input),
			       DZ_STREAM_READ, &source->interfaces, err);
	if (!source->capture)
		close_input(source);
	return source->capture;
}

/* ---- packets ---- */

/* An input is at fault where the filter does not fit a link type of it: told once, and its packets go on unselected. */
static void note_misfit(struct dz_source *source, int linktype)
{
	if (source->misfit == source->next_input)
		return;
	source->misfit = source->next_input;
	dz_filter_misfit(source->filter, linktype, &source->misfit_err);
	dz_err_prefix(&source->misfit_err, "%s", source->capture->path);
}

static bool hand_on(void *context, const struct dz_frame *captured)
{
	struct dz_source *source = context;
	struct dz_frame frame = *captured;

	frame.index = source->packets++;
	frame.input = (uint32_t)(source->next_input - 1);
	frame.selected = true;
	if (source->filter) {
		enum dz_filter_verdict verdict = dz_filter_apply(source->filter, &frame);
		frame.selected = verdict == DZ_FILTER_PASS;
		if (verdict == DZ_FILTER_UNFIT)
			note_misfit(source, frame.linktype);
	}
	source->wanted = source->take(source->context, &frame);
	return source->wanted && !source->misfit_err.text[0];
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
		if (!source->capture) {
			if (source->next_input == dz_inputs_count(source->inputs))
				return DZ_SOURCE_END;
			if (!open_input(source, err))
				return DZ_SOURCE_DAMAGED;
		}
		status = dz_capture_each(source->capture, hand_on, source, err);
		if (status == DZ_SOURCE_IDLE || (status == DZ_SOURCE_PACKET && !source->wanted))
			return status;
		if (status != DZ_SOURCE_PACKET)
			close_input(source);
		if (status == DZ_SOURCE_DAMAGED)
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
	return source->finished_size + (source->capture ? dz_capture_position(source->capture) : 0);
}

void dz_source_stats(const struct dz_source *source, struct dz_source_stats *stats)
{
	*stats = source->counted;
	add_stats(source->capture, stats);
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
