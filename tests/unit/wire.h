/* SPDX-License-Identifier: BSD-2-Clause */
/* wire.h - builds packets from the inside out: payload first, then each header in front of what is there already,
 * so that every length is right unless a test makes it wrong. */
#ifndef DISTRIBOOZE_TESTS_WIRE_H
#define DISTRIBOOZE_TESTS_WIRE_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_ROOM = 8192 };

struct wire {
	uint8_t room[WIRE_ROOM];
	size_t at; /* the packet is from here to the end */
};

static inline struct wire *wire_init(struct wire *w)
{
	w->at = WIRE_ROOM;
	return w;
}

static inline uint8_t *wire_bytes(struct wire *w)
{
	return w->room + w->at;
}

static inline size_t wire_size(const struct wire *w)
{
	return WIRE_ROOM - w->at;
}

static inline void put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value & 0xffff);
}

/* Room for a header in front; zeroed. */
static inline uint8_t *wire_push(struct wire *w, size_t n)
{
	assert(n <= w->at);
	w->at -= n;
	memset(w->room + w->at, 0, n);
	return w->room + w->at;
}

static inline void wire_hex(struct wire *w, const char *hex)
{
	size_t digits = 0;
	uint8_t *p;

	for (const char *h = hex; *h; h++)
		digits += *h != ' ';
	p = wire_push(w, digits / 2);
	for (digits = 0; *hex; hex++) {
		if (*hex == ' ')
			continue;
		p[digits / 2] |= (uint8_t)((*hex <= '9' ? *hex - '0' : *hex - 'a' + 10) << (digits % 2 ? 0 : 4));
		digits++;
	}
}

/* n bytes 'x' */
static inline void wire_payload(struct wire *w, size_t n)
{
	memset(wire_push(w, n), 'x', n);
}

static inline void wire_udp(struct wire *w, unsigned source, unsigned destination)
{
	size_t size = wire_size(w);
	uint8_t *p = wire_push(w, 8);

	put16(p, source);
	put16(p + 2, destination);
	put16(p + 4, (unsigned)size + 8);
}

/* header of 20 bytes; sequence number 0x01020304, acknowledgement 0x05060708 */
static inline void wire_tcp(struct wire *w, unsigned source, unsigned destination, unsigned flags)
{
	uint8_t *p = wire_push(w, 20);

	put16(p, source);
	put16(p + 2, destination);
	put32(p + 4, 0x01020304);
	put32(p + 8, 0x05060708);
	p[12] = 5 << 4;
	p[13] = (uint8_t)flags;
}

/* From 10.0.0.`source` to 10.0.0.`destination`. Returns the header. */
static inline uint8_t *wire_ip4(struct wire *w, unsigned protocol, unsigned source, unsigned destination)
{
	size_t size = wire_size(w);
	uint8_t *p = wire_push(w, 20);

	p[0] = 0x45;
	put16(p + 2, (unsigned)size + 20);
	p[8] = 64;
	p[9] = (uint8_t)protocol;
	put32(p + 12, 0x0a000000 | source);
	put32(p + 16, 0x0a000000 | destination);
	return p;
}

/* From fd00::`source` to fd00::`destination`. Returns the header. */
static inline uint8_t *wire_ip6(struct wire *w, unsigned next, unsigned source, unsigned destination)
{
	size_t size = wire_size(w);
	uint8_t *p = wire_push(w, 40);

	p[0] = 0x60;
	put16(p + 4, (unsigned)size);
	p[6] = (uint8_t)next;
	p[7] = 64;
	p[8] = p[24] = 0xfd;
	p[23] = (uint8_t)source;
	p[39] = (uint8_t)destination;
	return p;
}

/* offset in bytes */
static inline void wire_ip4_fragment(uint8_t *header, unsigned id, unsigned offset, bool more)
{
	put16(header + 4, id);
	put16(header + 6, offset / 8 | (more ? 0x2000 : 0));
}

static inline void wire_ip6_fragment(struct wire *w, unsigned next, uint32_t id, unsigned offset, bool more)
{
	uint8_t *p = wire_push(w, 8);

	p[0] = (uint8_t)next;
	put16(p + 2, offset | more);
	put32(p + 4, id);
}

/* type, then what it announces, in front: as VLAN tags, MPLS and others end */
static inline void wire_ethernet(struct wire *w, unsigned type)
{
	uint8_t *p = wire_push(w, 14);

	memcpy(p, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
	put16(p + 12, type);
}

static inline void wire_tag(struct wire *w, unsigned id, unsigned type)
{
	uint8_t *p = wire_push(w, 4);

	put16(p, id);
	put16(p + 2, type);
}

#endif
