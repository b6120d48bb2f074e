/* SPDX-License-Identifier: BSD-2-Clause */
/* cursor.h - reads wire bytes: bounds and alignment in one place.
 *
 * The error is sticky: a read past the end yields 0 and marks the cursor, so
 * that a parser reads a whole header and asks once whether it was there. */
#ifndef DISTRIBOOZE_CURSOR_H
#define DISTRIBOOZE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dz_cursor {
	const uint8_t *at;  /* borrowed */
	const uint8_t *end; /* one past the last byte */
	bool failed;        /* something was read past the end */
};

/* Numbers in network order, from bytes that dz_cursor_take() handed out. */
static inline uint16_t dz_wire_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t dz_wire_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Numbers of a file that is in the writing machine's order: this one's, or where `swapped` the other. */
static inline uint16_t dz_wire_u16(const uint8_t *at, bool swapped)
{
	uint16_t value;
	memcpy(&value, at, sizeof value);
	return swapped ? __builtin_bswap16(value) : value;
}

static inline uint32_t dz_wire_u32(const uint8_t *at, bool swapped)
{
	uint32_t value;
	memcpy(&value, at, sizeof value);
	return swapped ? __builtin_bswap32(value) : value;
}

static inline uint64_t dz_wire_u64(const uint8_t *at, bool swapped)
{
	uint64_t value;
	memcpy(&value, at, sizeof value);
	return swapped ? __builtin_bswap64(value) : value;
}

static inline struct dz_cursor dz_cursor_init(const uint8_t *bytes, size_t size)
{
	return (struct dz_cursor){ bytes, bytes + size, false };
}

static inline size_t dz_cursor_left(const struct dz_cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* Moves on by n bytes; returns where they start, or NULL when they are not there. */
static inline const uint8_t *dz_cursor_take(struct dz_cursor *c, size_t n)
{
	const uint8_t *start = c->at;
	if (c->failed || dz_cursor_left(c) < n) {
		c->failed = true;
		return NULL;
	}
	c->at += n;
	return start;
}

static inline bool dz_cursor_skip(struct dz_cursor *c, size_t n)
{
	return dz_cursor_take(c, n) != NULL;
}

static inline uint8_t dz_cursor_u8(struct dz_cursor *c)
{
	const uint8_t *p = dz_cursor_take(c, 1);
	return p ? p[0] : 0;
}

static inline uint16_t dz_cursor_be16(struct dz_cursor *c)
{
	const uint8_t *p = dz_cursor_take(c, 2);
	return p ? dz_wire_be16(p) : 0;
}

static inline uint32_t dz_cursor_be32(struct dz_cursor *c)
{
	const uint8_t *p = dz_cursor_take(c, 4);
	return p ? dz_wire_be32(p) : 0;
}

/* Numbers with the lowest byte first. */
static inline uint16_t dz_cursor_le16(struct dz_cursor *c)
{
	const uint8_t *p = dz_cursor_take(c, 2);
	return p ? (uint16_t)(p[1] << 8 | p[0]) : 0;
}

static inline uint32_t dz_cursor_le32(struct dz_cursor *c)
{
	uint32_t low = dz_cursor_le16(c);
	return (uint32_t)dz_cursor_le16(c) << 16 | low;
}

/* What comes n bytes ahead, without moving; -1 when it is not there. */
static inline int dz_cursor_peek(const struct dz_cursor *c, size_t n)
{
	return !c->failed && dz_cursor_left(c) > n ? c->at[n] : -1;
}

#endif
