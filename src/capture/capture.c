/* SPDX-License-Identifier: BSD-2-Clause */
/* capture.c - one open capture: finds out its kind, and says what is wrong with it. See capture.h. */
#include "config.h"
#include "capture/capture.h"

#include "base/mem.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file formats. */
static const struct dz_source_ops *const formats[] = { &dz_source_pcap, &dz_source_pcapng };

static const struct dz_source_ops *format_of(const uint8_t *head)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (formats[i]->matches(head))
			return formats[i];
	return NULL;
}

bool dz_source_looks_like_capture(const uint8_t *bytes, size_t size)
{
	return size >= DZ_CAPTURE_HEAD && format_of(bytes);
}

/* ---- life ---- */

struct dz_capture *dz_capture_new(const char *path, struct dz_stream *stream, enum dz_stream_use use,
				  struct dz_names *interfaces, struct dz_err *err)
{
	struct dz_capture *c;

	if (!stream)
		stream = dz_stream_open(path, use, err);
	if (!stream) {
		dz_err_prefix(err, "%s", path);
		return NULL;
	}
	c = dz_mem_zalloc(1, sizeof *c);
	c->path = dz_mem_strdup(path);
	c->stream = stream;
	c->interfaces = interfaces;
	c->linktype = -1;
	return c;
}

struct dz_capture *dz_capture_new_section(const char *path, uint64_t offset, enum dz_stream_use use,
					  struct dz_names *interfaces, struct dz_err *err)
{
	struct dz_stream *stream = dz_stream_open(path, use, err);
	struct dz_capture *c;

	if (!stream || !dz_stream_seek(stream, offset, err)) {
		dz_err_prefix(err, "%s", path);
		dz_stream_free(stream);
		return NULL;
	}
	c = dz_capture_new(path, stream, use, interfaces, err);
	if (c) {
		c->section = true;
		c->origin = offset;
	}
	return c;
}

void dz_capture_free(struct dz_capture *c)
{
	if (!c)
		return;
	if (c->ops)
		c->ops->close(c);
	dz_stream_free(c->stream);
	free(c->path);
	free(c);
}

/* ---- what is wrong ---- */

enum dz_source_status dz_capture_damage(struct dz_capture *c, size_t ahead, struct dz_err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	c->fault = (int64_t)(c->origin + dz_stream_offset(c->stream) + ahead);
	return DZ_SOURCE_DAMAGED;
}

/* Damage to the compression: its message has an offset of its own, in the compressed file. */
static enum dz_source_status stream_failed(struct dz_capture *c, struct dz_err *err)
{
	dz_err_set(err, "%s", dz_stream_failure(c->stream));
	c->fault = -1;
	return DZ_SOURCE_DAMAGED;
}

/* What makes no sense may come of damage to the compression that has not been reached yet: reads on, not for ever, to
 * find that out. Of a pipe nothing more is asked. */
static bool is_compression_damaged(struct dz_capture *c)
{
	enum { MAX_SIZE = 1 << 24 };
	enum dz_stream_status status = DZ_STREAM_THERE;
	uint8_t *bytes;
	size_t there;

	if (!dz_stream_is_packed(c->stream) || !dz_stream_is_regular(c->stream))
		return false;
	for (size_t done = 0; status == DZ_STREAM_THERE && done < MAX_SIZE; done += there) {
		status = dz_stream_peek(c->stream, 1, &bytes, &there);
		dz_stream_skip(c->stream, there);
	}
	return status == DZ_STREAM_FAILED;
}

/* Makes a whole message of the reason that is there. */
static enum dz_source_status explain(struct dz_capture *c, struct dz_err *err)
{
	char offset[40] = "";

	if (c->stream && c->fault >= 0 && is_compression_damaged(c))
		stream_failed(c, err);
	if (c->stream && c->fault >= 0 && !dz_stream_is_packed(c->stream))
		snprintf(offset, sizeof offset, " (offset %" PRId64 ")", c->fault);
	if (c->open)
		dz_err_prefix(err, "%s: broken off after packet %" PRIu64 "%s%s", c->path, c->packets,
			      c->section ? " of a section" : "", offset);
	else
		dz_err_prefix(err, "%s", c->path);
	return DZ_SOURCE_DAMAGED;
}

/* ---- opening ---- */

static enum dz_source_status no_capture(struct dz_capture *c, size_t size, struct dz_err *err)
{
	const char *inside = dz_stream_is_packed(c->stream) ? "what is compressed in it is " : "";

	c->foreign = true;
	if (size >= DZ_CAPTURE_HEAD)
		dz_err_set(err, "not a capture: %sneither pcap nor pcapng, plain or compressed with gzip or zstd",
			   inside);
	else if (dz_stream_is_packed(c->stream))
		dz_err_set(err, "not a capture: %stoo short for one", inside);
	else
		dz_err_set(err, size ? "not a capture: too short for one" : "not a capture: empty file");
	return DZ_SOURCE_DAMAGED;
}

static enum dz_source_status find_format(struct dz_capture *c, struct dz_err *err)
{
	uint8_t *bytes;
	size_t there;

	switch (dz_stream_peek(c->stream, DZ_CAPTURE_HEAD, &bytes, &there)) {
	case DZ_STREAM_IDLE:
		return DZ_SOURCE_IDLE;
	case DZ_STREAM_FAILED:
		return stream_failed(c, err);
	case DZ_STREAM_END:
		return no_capture(c, there, err);
	case DZ_STREAM_THERE:
		break;
	}
	c->ops = format_of(bytes);
	return c->ops ? DZ_SOURCE_PACKET : no_capture(c, there, err);
}

enum dz_source_status dz_capture_open(struct dz_capture *c, struct dz_err *err)
{
	enum dz_source_status status = DZ_SOURCE_PACKET;

	c->fault = -1;
	if (!c->ops)
		status = find_format(c, err);
	if (status == DZ_SOURCE_PACKET)
		status = c->ops->open(c, err);
	if (status == DZ_SOURCE_DAMAGED)
		return explain(c, err);
	c->open = status == DZ_SOURCE_PACKET;
	return status;
}

/* ---- reading ---- */

enum dz_source_status dz_capture_each(struct dz_capture *c, dz_source_take_fn *take, void *context, struct dz_err *err)
{
	enum dz_source_status status = DZ_SOURCE_PACKET;

	if (!c->open)
		status = dz_capture_open(c, err);
	if (status != DZ_SOURCE_PACKET)
		return status;
	c->fault = -1;
	status = c->ops->each(c, take, context, err);
	return status == DZ_SOURCE_DAMAGED ? explain(c, err) : status;
}

uint64_t dz_capture_position(const struct dz_capture *c)
{
	if (c->ops && c->ops->position)
		return c->ops->position(c);
	return c->stream ? dz_stream_position(c->stream) : 0;
}

/* ---- for the kinds that read a stream ---- */

enum dz_source_status dz_capture_want_next(struct dz_capture *c, size_t size, uint8_t **bytes, const char *what,
					   struct dz_err *err)
{
	size_t there;

	switch (dz_stream_peek(c->stream, size, bytes, &there)) {
	case DZ_STREAM_THERE:
		return DZ_SOURCE_PACKET;
	case DZ_STREAM_IDLE:
		return DZ_SOURCE_IDLE;
	case DZ_STREAM_FAILED:
		return stream_failed(c, err);
	case DZ_STREAM_END:
		break;
	}
	if (!there)
		return DZ_SOURCE_END;
	return dz_capture_damage(c, there, err, "truncated: %s of %zu bytes, %zu are there", what, size, there);
}

enum dz_source_status dz_capture_want(struct dz_capture *c, size_t size, uint8_t **bytes, const char *what,
				      struct dz_err *err)
{
	enum dz_source_status status = dz_capture_want_next(c, size, bytes, what, err);

	if (status == DZ_SOURCE_END)
		return dz_capture_damage(c, 0, err, "truncated: %s of %zu bytes is missing", what, size);
	return status;
}

bool dz_source_take_one(void *packet_out, struct dz_frame *packet)
{
	struct dz_frame *out = packet_out;
	*out = *packet;
	return false;
}

static void swap16(uint8_t *bytes)
{
	uint8_t first = bytes[0];
	bytes[0] = bytes[1];
	bytes[1] = first;
}

/* Attributes of (length, type, value, padding to 4) behind a header of 4 bytes, which is in network order:
 * https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html */
void dz_capture_swap_nflog(uint8_t *bytes, size_t size)
{
	enum { HEADER = 4, ATTRIBUTE = 4 };
	size_t at = HEADER;

	while (at < size && size - at >= ATTRIBUTE) {
		uint16_t length;
		swap16(bytes + at);
		swap16(bytes + at + 2);
		memcpy(&length, bytes + at, sizeof length);
		if (length < ATTRIBUTE)
			return;
		at += (length + 3u) & ~3u;
	}
}

/* pcap-common.c of libpcap has these bounds: a packet of USB or D-Bus may be a whole transfer. */
uint32_t dz_capture_max_packet(int linktype)
{
	enum { DBUS = 231, USBPCAP = 249, EBHSCR = 279 };

	switch (linktype) {
	case DBUS:
	case USBPCAP:
		return 128u << 20;
	case EBHSCR:
		return 8u << 20;
	default:
		return 1u << 18;
	}
}
