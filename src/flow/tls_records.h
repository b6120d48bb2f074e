/* SPDX-License-Identifier: BSD-2-Clause */
/* tls_records.h - follows TLS record headers through one direction of a TCP stream.
 *
 * Records are found by their headers (RFC 8446, section 5.1), across segments,
 * in sequence order. Nothing is kept of a segment that arrives early: a hole
 * that the record in progress covers is stepped over; after any other the stream
 * is resynchronised at the next segment that starts with a plausible record
 * header, or holds one of application data. Bytes that could not be placed in a
 * record, those of holes included, are counted as lost. Knows bytes and sequence
 * numbers; nothing of flows. */
#ifndef DISTRIBOOZE_TLS_RECORDS_H
#define DISTRIBOOZE_TLS_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#define DZ_TLS_APPLICATION_DATA 23

struct dz_tls_records; /* one direction of one flow; opaque */
struct dz_tls_records *dz_tls_records_new(void);
void dz_tls_records_free(struct dz_tls_records *stream);

/* Called once per record when its header is complete: content type and record length,
 * i.e. the header's length field (without the 5 bytes of the header itself). */
typedef void dz_tls_record_fn(void *context, uint8_t content_type, uint32_t length);

/* One segment. `payload` holds `caplen` captured bytes of the `length` that the headers state;
 * it may be NULL when caplen is 0. A SYN takes one sequence number. */
void dz_tls_records_add(struct dz_tls_records *stream, uint32_t seq, bool syn, const uint8_t *payload, uint32_t caplen,
			uint32_t length, dz_tls_record_fn *found, void *context);

/* Payload bytes so far that no record could be placed in. */
uint64_t dz_tls_records_lost(const struct dz_tls_records *stream);

#endif
