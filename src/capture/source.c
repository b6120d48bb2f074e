/* SPDX-License-Identifier: BSD-2-Clause */
/* source.c - strings the inputs together into one stream of packets. Knows no libpcap: that is source_file.c. */
#include "config.h"
#include "capture/source.h"

#include "base/mem.h"
#include "capture/inputs.h"
#include "capture/source_file.h"
#include <stdlib.h>
#include <string.h>

struct dz_source {
	const struct dz_inputs *inputs;
	char *filter; /* NULL: none */
	size_t next_input;
	struct dz_source_file *file; /* the open input, number next_input - 1; NULL between inputs */
	uint64_t packets;
	uint64_t finished_size; /* stored bytes of the inputs that are done with */
};

struct dz_source *dz_source_new(const struct dz_inputs *inputs, const char *filter)
{
	struct dz_source *source = dz_mem_zalloc(1, sizeof *source);
	source->inputs = inputs;
	source->filter = filter ? dz_mem_strdup(filter) : NULL;
	return source;
}

void dz_source_free(struct dz_source *source)
{
	if (!source)
		return;
	dz_source_file_free(source->file);
	free(source->filter);
	free(source);
}

static void close_input(struct dz_source *source)
{
	dz_source_file_free(source->file);
	source->file = NULL;
	source->finished_size += dz_inputs_size_of(source->inputs, source->next_input - 1);
}

static bool open_input(struct dz_source *source, struct dz_err *err)
{
	const char *path = dz_inputs_path(source->inputs, source->next_input++);

	source->file = dz_source_file_open(path, DZ_SOURCE_FILE_READ, NULL, err);
	if (source->file && (!source->filter || dz_source_file_set_filter(source->file, source->filter, err)))
		return true;
	close_input(source);
	return false;
}

enum dz_source_status dz_source_each(struct dz_source *source, dz_source_take_fn *take, void *context,
				     struct dz_err *err)
{
	for (;;) {
		if (!source->file) {
			if (source->next_input == dz_inputs_count(source->inputs))
				return DZ_SOURCE_END;
			if (!open_input(source, err))
				return DZ_SOURCE_DAMAGED;
		}
		switch (dz_source_file_each(source->file, (uint32_t)(source->next_input - 1), &source->packets, take,
					    context, err)) {
		case DZ_SOURCE_PACKET:
			return DZ_SOURCE_PACKET;
		case DZ_SOURCE_END:
			close_input(source);
			break;
		case DZ_SOURCE_DAMAGED:
			close_input(source);
			return DZ_SOURCE_DAMAGED;
		}
	}
}

enum dz_source_status dz_source_next(struct dz_source *source, struct dz_frame *packet, struct dz_err *err)
{
	return dz_source_each(source, dz_source_take_one, packet, err);
}

uint64_t dz_source_position(const struct dz_source *source)
{
	return source->finished_size + (source->file ? dz_source_file_position(source->file) : 0);
}

/* An expression is bad when no link type of the run takes it. Where only some refuse it ("vlan" in a capture of raw
 * IP beside one of Ethernet), those inputs are reported as damaged when their turn comes. What may not be looked into
 * beforehand counts as Ethernet here. */
bool dz_source_check_filter(const struct dz_inputs *inputs, const char *filter, struct dz_err *err)
{
	enum { ETHERNET = 1, LINKTYPES = 65536 };
	bool *tried = dz_mem_zalloc(LINKTYPES, sizeof *tried);
	size_t count = dz_inputs_count(inputs);
	bool good = !count && dz_source_file_try_filter(ETHERNET, filter, err);

	for (size_t i = 0; i < count && !good; i++) {
		int linktype = dz_inputs_linktype(inputs, i);
		linktype = linktype >= 0 && linktype < LINKTYPES ? linktype : ETHERNET;
		if (!tried[linktype])
			good = dz_source_file_try_filter(linktype, filter, err);
		tried[linktype] = true;
	}
	free(tried);
	return good;
}
