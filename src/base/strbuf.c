/* SPDX-License-Identifier: BSD-2-Clause */
/* strbuf.c - see strbuf.h. */
#include "config.h"
#include "base/strbuf.h"

#include "base/mem.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void dz_strbuf_init(struct dz_strbuf *buf)
{
	*buf = (struct dz_strbuf){ NULL, 0, 0 };
}

void dz_strbuf_release(struct dz_strbuf *buf)
{
	free(buf->data);
	dz_strbuf_init(buf);
}

void dz_strbuf_clear(struct dz_strbuf *buf)
{
	buf->size = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

void dz_strbuf_reserve(struct dz_strbuf *buf, size_t extra)
{
	void *block = buf->data;
	dz_mem_grow(&block, &buf->capacity, buf->size + extra + 1, 1);
	buf->data = block;
}

void dz_strbuf_add(struct dz_strbuf *buf, const void *bytes, size_t size)
{
	if (buf->capacity - buf->size <= size)
		dz_strbuf_reserve(buf, size);
	memcpy(buf->data + buf->size, bytes, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
}

void dz_strbuf_addf(struct dz_strbuf *buf, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size > 0) {
		dz_strbuf_reserve(buf, (size_t)size);
		vsnprintf(buf->data + buf->size, (size_t)size + 1, format, again);
		buf->size += (size_t)size;
	}
	va_end(again);
}
