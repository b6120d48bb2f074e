/* SPDX-License-Identifier: BSD-2-Clause */
/* fragments.h - which flow the later fragments of a datagram belong to.
 *
 * Only the first fragment of a datagram holds its ports. The table remembers
 * them for as long as fragments may arrive (60 s, RFC 8200, section 4.5), for a
 * fixed number of datagrams: the oldest of those that share a slot gives way.
 * Knows nothing of packets or flows. */
#ifndef DISTRIBOOZE_FRAGMENTS_H
#define DISTRIBOOZE_FRAGMENTS_H

#include <stdbool.h>
#include <stdint.h>

/* What names a datagram (RFC 791, section 3.2; RFC 8200, section 4.5). Compared as bytes: set all of them. */
struct dz_fragment_id {
	uint8_t source[16], destination[16]; /* IPv4 uses the first 4 bytes, the rest is zero */
	uint32_t id;
	uint8_t version;
	uint8_t protocol; /* as the fragments' own headers give it */
	uint8_t zero[2];
};

/* What its first fragment told. */
struct dz_fragment_first {
	uint16_t source_port, destination_port;
	uint8_t protocol; /* of the transport; differs from the id's behind IPv6 extension headers */
	bool one_way_icmp;
	bool tunnel; /* a packet inside it was counted instead */
};

struct dz_fragments; /* opaque */
struct dz_fragments *dz_fragments_new(void);
void dz_fragments_free(struct dz_fragments *table);

/* Remembers, or overwrites what was remembered under the same id. */
void dz_fragments_put(struct dz_fragments *table, const struct dz_fragment_id *id, uint64_t time_ns,
		      const struct dz_fragment_first *first);

/* Whether the first fragment was seen; then fills `first`. */
bool dz_fragments_get(const struct dz_fragments *table, const struct dz_fragment_id *id, uint64_t time_ns,
		      struct dz_fragment_first *first);

#endif
