/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - numbers, times and strings as text: fast, and safe whatever the bytes.
 *
 * The functions that take and return `char *at` write there without a NUL and
 * return one past the last byte; the constant beside each says how much room
 * it may need. The dz_text_add functions append to a strbuf and, unlike
 * dz_strbuf_add, leave it without its NUL: end with dz_text_end(). */
#ifndef DISTRIBOOZE_TEXT_H
#define DISTRIBOOZE_TEXT_H

#include "base/strbuf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DZ_TEXT_U64 20
char *dz_text_u64(char *at, uint64_t value);

/* part * 100 / whole in hundredths, rounded half up: 0..10000. Exact. 0 when whole is 0; part is at most whole. */
uint32_t dz_text_hundredths(uint64_t part, uint64_t whole);
/* Hundredths as a JSON number without trailing zeros: 0, 0.01, 12.5, 33.33, 100. */
#define DZ_TEXT_PERCENT 12
char *dz_text_percent(char *at, uint32_t hundredths);

/* Nanoseconds since 1970-01-01T00:00:00Z as "2020-06-16T10:06:03.446123Z": cut, not rounded, to microseconds. */
#define DZ_TEXT_TIME 27
char *dz_text_time(char *at, uint64_t ns);
/* The way back; takes 0 to 9 digits of fraction and `Z` only. */
bool dz_text_parse_time(const char *text, uint64_t *ns);

/* Lower-case hexadecimal, two digits a byte. */
char *dz_text_hex(char *at, const uint8_t *bytes, size_t size);

/* A JSON string, with its quotes: any bytes but NUL become valid UTF-8, and the escapes are those of `jq -c`. */
#define DZ_TEXT_JSON(size) ((size)*6 + 2) /* the longest escape has six bytes */
char *dz_text_json(char *at, const char *text, size_t size);

/* ---- vectors ---- */

/* Numbers, most of which are zero: which are not is found once, however often they are printed. */
#define DZ_TEXT_VECTOR_MAX 2048
struct dz_text_vector {
	const uint64_t *numbers; /* borrowed */
	size_t size;             /* at most DZ_TEXT_VECTOR_MAX */
	uint64_t filled[DZ_TEXT_VECTOR_MAX / 64];
};
void dz_text_vector_init(struct dz_text_vector *vector, const uint64_t *numbers, size_t size);

/* "0,3,0,1": the numbers, and their shares of `whole` as dz_text_percent() prints them. */
#define DZ_TEXT_VECTOR(size) (((size) + 3) * (DZ_TEXT_U64 + 1)) /* 3: for what is written and then overwritten */
char *dz_text_counts(char *at, const struct dz_text_vector *vector);
char *dz_text_percents(char *at, const struct dz_text_vector *vector, uint64_t whole);

/* ---- characters ---- */

#define DZ_TEXT_REPLACEMENT 0xfffdu /* U+FFFD */

/* Reads one character of UTF-8 and moves on. *at is before `end`. What is not well-formed (Unicode 15, table 3-7)
 * yields U+FFFD, once per maximal subpart (section 3.9). */
uint32_t dz_text_next(const char **at, const char *end);
bool dz_text_is_utf8(const char *text, size_t size);
#define DZ_TEXT_CHARACTER 4
char *dz_text_character(char *at, uint32_t character);

/* Columns of a terminal that a character takes: 0, 1 or 2. Only for printable characters. */
unsigned dz_text_columns(uint32_t character);
/* Whether a terminal shows the character and does nothing else: no control characters, no change of direction. */
bool dz_text_is_printable(uint32_t character);

/* Appends text of any bytes for a terminal: what would do anything but be shown is escaped as ls does (\n, \t, \033),
 * and so are the bytes of characters that are not printable or no UTF-8. */
void dz_text_add_escaped(struct dz_strbuf *out, const char *text);

/* ---- appending ---- */

static inline char *dz_text_room(struct dz_strbuf *out, size_t need)
{
	if (out->capacity - out->size <= need)
		dz_strbuf_reserve(out, need);
	return out->data + out->size;
}

static inline void dz_text_add(struct dz_strbuf *out, const char *bytes, size_t size)
{
	memcpy(dz_text_room(out, size), bytes, size);
	out->size += size;
}

#define dz_text_add_literal(out, literal) dz_text_add(out, "" literal, sizeof(literal) - 1)

static inline void dz_text_add_u64(struct dz_strbuf *out, uint64_t value)
{
	char *at = dz_text_room(out, DZ_TEXT_U64);
	out->size += (size_t)(dz_text_u64(at, value) - at);
}

static inline void dz_text_add_time(struct dz_strbuf *out, uint64_t ns)
{
	char *at = dz_text_room(out, DZ_TEXT_TIME);
	out->size += (size_t)(dz_text_time(at, ns) - at);
}

static inline void dz_text_add_json(struct dz_strbuf *out, const char *text)
{
	size_t size = strlen(text);
	char *at = dz_text_room(out, DZ_TEXT_JSON(size));
	out->size += (size_t)(dz_text_json(at, text, size) - at);
}

static inline void dz_text_end(struct dz_strbuf *out)
{
	*dz_text_room(out, 0) = '\0';
}

#endif
