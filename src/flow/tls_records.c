/* SPDX-License-Identifier: BSD-2-Clause */
/* tls_records.c - see tls_records.h. What is known of a stream is where it stands: before a header, within one,
 * within a record, or nowhere. */
#include "config.h"
#include "flow/tls_records.h"

#include "base/mem.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADER = 5,
	TYPE_MIN = 20, /* change_cipher_spec */
	TYPE_MAX = 24, /* heartbeat */
	/* 2^14 of plaintext, and what RFC 5246, section 6.2.3, lets encryption add */
	LENGTH_MAX = 16384 + 2048,
	/* Segments further from where the stream stands than any window reaches belong to another one. */
	JUMP = 1 << 26
};

struct dz_tls_records {
	uint64_t lost;
	uint32_t next; /* sequence number of the byte that is due */
	uint32_t skip; /* bytes still to come of the record in progress */
	uint8_t header[HEADER];
	uint8_t have;  /* bytes of the next header so far */
	uint8_t minor; /* version of the last record, 3.minor; 0: none yet, or SSL 3.0's */
	bool started;  /* `next` is known */
	bool synced;   /* `skip` and `have` are known */
};

struct dz_tls_records *dz_tls_records_new(void)
{
	return dz_mem_zalloc(1, sizeof(struct dz_tls_records));
}

void dz_tls_records_free(struct dz_tls_records *stream)
{
	free(stream);
}

uint64_t dz_tls_records_lost(const struct dz_tls_records *stream)
{
	return stream->lost;
}

static uint32_t header_length(const uint8_t *header)
{
	return (uint32_t)header[3] << 8 | header[4];
}

static bool plausible(const uint8_t *header)
{
	uint32_t length = header_length(header);

	return header[0] >= TYPE_MIN && header[0] <= TYPE_MAX && header[1] == 3 && header[2] <= 4 &&
	       length <= LENGTH_MAX && (length > 0 || header[0] == DZ_TLS_APPLICATION_DATA);
}

static void lose_sync(struct dz_tls_records *s)
{
	s->lost += s->have;
	s->have = 0;
	s->skip = 0;
	s->synced = false;
}

/* Bytes that were on the wire but are not there to read. */
static void pass_gap(struct dz_tls_records *s, uint32_t size)
{
	uint32_t placed = s->skip < size ? s->skip : size;

	if (!size)
		return;
	s->skip -= placed;
	if (placed < size) {
		s->lost += size - placed;
		lose_sync(s);
	}
}

static void pass_bytes(struct dz_tls_records *s, const uint8_t *bytes, uint32_t size, dz_tls_record_fn *found,
		       void *context)
{
	while (size && s->synced) {
		uint32_t step;
		if (s->skip) {
			step = s->skip < size ? s->skip : size;
			s->skip -= step;
		} else {
			step = HEADER - s->have < (int)size ? (uint32_t)(HEADER - s->have) : size;
			memcpy(s->header + s->have, bytes, step);
			s->have = (uint8_t)(s->have + step);
		}
		bytes += step;
		size -= step;
		if (s->have < HEADER)
			continue;
		if (!plausible(s->header)) {
			lose_sync(s);
			break;
		}
		s->have = 0;
		s->minor = s->header[2];
		s->skip = header_length(s->header);
		found(context, s->header[0], s->skip);
	}
	s->lost += size;
}

/* Where to go on, at `from` or later, when it is not known where the stream stands: at the start of a segment any
 * plausible header will do; further on, where chance makes headers too, only one of application data, of the version
 * seen before, whose successor is no nonsense either. NULL when there is none. */
static const uint8_t *find_header(const struct dz_tls_records *s, const uint8_t *payload, uint32_t from, uint32_t size)
{
	const uint8_t *at = payload + from, *end = payload + size;

	if (!from && size >= HEADER && plausible(payload))
		return payload;
	while (s->minor && end - at >= HEADER && (at = memchr(at, DZ_TLS_APPLICATION_DATA, (size_t)(end - at - 4)))) {
		if (at[2] == s->minor && plausible(at)) {
			const uint8_t *successor = at + HEADER;
			if (end - successor < (ptrdiff_t)header_length(at) + HEADER ||
			    plausible(successor + header_length(at)))
				return at;
		}
		at++;
	}
	return NULL;
}

/* Puts the stream where the segment starts. Returns how many of the segment's bytes were passed before. */
static uint32_t move_to(struct dz_tls_records *s, uint32_t seq, uint32_t length)
{
	int32_t ahead = (int32_t)(seq - s->next);

	if (!s->started || ahead > JUMP || ahead < -JUMP) {
		lose_sync(s);
		s->started = true;
		s->next = seq;
		return 0;
	}
	if (ahead < 0) {
		uint32_t behind = (uint32_t)-ahead;
		return behind < length ? behind : length;
	}
	pass_gap(s, (uint32_t)ahead);
	s->next = seq;
	return 0;
}

void dz_tls_records_add(struct dz_tls_records *s, uint32_t seq, bool syn, const uint8_t *payload, uint32_t caplen,
			uint32_t length, dz_tls_record_fn *found, void *context)
{
	uint32_t old;

	if (syn) {
		seq++;
		move_to(s, seq, 0);
		if (s->next == seq && !s->skip && !s->have)
			s->synced = true;
	}
	if (!length)
		return;
	old = move_to(s, seq, length);
	if (old == length)
		return;
	if (caplen > length)
		caplen = length;
	s->next = seq + length;
	if (!s->synced && caplen > old) {
		const uint8_t *header = find_header(s, payload, old, caplen);
		if (header) {
			s->synced = true;
			s->lost += (uint32_t)(header - payload) - old;
			old = (uint32_t)(header - payload);
		}
	}
	if (caplen > old) {
		pass_bytes(s, payload + old, caplen - old, found, context);
		pass_gap(s, length - caplen);
	} else {
		pass_gap(s, length - old);
	}
}
