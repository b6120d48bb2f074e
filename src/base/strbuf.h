/* SPDX-License-Identifier: BSD-2-Clause */
/* strbuf.h - a growing run of bytes.
 *
 * `data` is NUL-terminated whenever it is not NULL, so it can be used as a
 * C string; it may hold NUL bytes of its own.  Sizes are bytes. */
#ifndef DISTRIBOOZE_STRBUF_H
#define DISTRIBOOZE_STRBUF_H

#include "base/err.h"
#include <stddef.h>
#include <string.h>

struct dz_strbuf {
	char *data;      /* owned */
	size_t size;     /* bytes in use, without the NUL */
	size_t capacity; /* bytes allocated */
};

void dz_strbuf_init(struct dz_strbuf *buf);
void dz_strbuf_release(struct dz_strbuf *buf);
void dz_strbuf_clear(struct dz_strbuf *buf); /* keeps the memory */

/* Makes room for `extra` more bytes and a NUL. */
void dz_strbuf_reserve(struct dz_strbuf *buf, size_t extra);

void dz_strbuf_add(struct dz_strbuf *buf, const void *bytes, size_t size);
void dz_strbuf_addf(struct dz_strbuf *buf, const char *format, ...) DZ_PRINTF(2, 3);

static inline void dz_strbuf_addc(struct dz_strbuf *buf, char byte)
{
	dz_strbuf_add(buf, &byte, 1);
}

static inline void dz_strbuf_adds(struct dz_strbuf *buf, const char *text)
{
	dz_strbuf_add(buf, text, strlen(text));
}

#endif
