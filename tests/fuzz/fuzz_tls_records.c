/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_tls_records.c - any segments, in any order.
 *
 * Input, per segment: flags (1 byte: 1 SYN, 2 the sequence number is absolute), sequence number, absolute (4) or as a
 * step from the end of the segment before (2), captured size (2), bytes beyond that (2), captured bytes. */
#include "config.h"
#include "base/cursor.h"
#include "flow/tls_records.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seen {
	uint64_t records, bytes;
};

static void found(void *context, uint8_t content_type, uint32_t length)
{
	struct seen *seen = context;

	if (content_type < 20 || content_type > 24 || length > 16384 + 2048)
		abort();
	seen->records++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dz_cursor c = dz_cursor_init(data, size);
	struct dz_tls_records *stream = dz_tls_records_new();
	struct seen seen = { 0 };
	uint32_t seq = 0;

	while (dz_cursor_left(&c) >= 7) {
		uint8_t flags = dz_cursor_u8(&c);
		uint32_t caplen, beyond;
		uint8_t *copy;
		if (flags & 2)
			seq = dz_cursor_be32(&c);
		else
			seq += (uint32_t)(int16_t)dz_cursor_be16(&c);
		caplen = dz_cursor_be16(&c);
		beyond = dz_cursor_be16(&c);
		if (c.failed)
			break;
		if (caplen > dz_cursor_left(&c))
			caplen = (uint32_t)dz_cursor_left(&c);
		copy = malloc(caplen ? caplen : 1);
		if (!copy)
			abort();
		memcpy(copy, dz_cursor_take(&c, caplen), caplen);
		seen.bytes += caplen;
		dz_tls_records_add(stream, seq, flags & 1, caplen ? copy : NULL, caplen, caplen + beyond, found, &seen);
		free(copy);
		seq += caplen + beyond;
	}
	/* Every record has a header of 5 captured bytes. */
	if (seen.records * 5 > seen.bytes)
		abort();
	dz_tls_records_free(stream);
	return 0;
}
