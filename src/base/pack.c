/* SPDX-License-Identifier: BSD-2-Clause */
/* pack.c - plain bytes into compressed ones: see pack.h. The one place that makes gzip and zstd. */
#include "config.h"
#include "base/pack.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

enum { STEP = 1 << 17 };

struct dz_packer {
	enum dz_packing packing;
	struct dz_strbuf out;
#ifdef HAVE_ZLIB
	z_stream z;
#endif
#ifdef HAVE_ZSTD
	ZSTD_CCtx *zstd;
#endif
};

enum dz_packing dz_packing_of_name(const char *path)
{
	static const struct {
		const char *end;
		enum dz_packing packing;
	} ends[] = { { ".gz", DZ_PACKING_GZIP }, { ".zst", DZ_PACKING_ZSTD } };
	size_t size = strlen(path);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t end = strlen(ends[i].end);
		if (size > end && !strcmp(path + size - end, ends[i].end))
			return ends[i].packing;
	}
	return DZ_PACKING_NONE;
}

/* ---- gzip ---- */

#ifdef HAVE_ZLIB

/* Level 4: JSON lines come out a few percent larger than by the usual 6, in little more than half the time. */
static bool start_gzip(struct dz_packer *p, struct dz_err *err)
{
	enum { LEVEL = 4, WITH_GZIP_HEADER = 16, MEMORY = 8 };

	if (deflateInit2(&p->z, LEVEL, Z_DEFLATED, MAX_WBITS + WITH_GZIP_HEADER, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK)
		return true;
	return dz_err_set(err, "zlib cannot be started");
}

/* Neither call fails: the state is right, and there is always room. */
static void deflate_all(struct dz_packer *p, const char *bytes, size_t size, int flush)
{
	enum { CHUNK = 1 << 30 }; /* zlib counts in 32 bits */
	z_stream *z = &p->z;

	z->next_in = (Bytef *)(uintptr_t)bytes;
	do {
		uInt chunk = (uInt)(size < CHUNK ? size : CHUNK);
		z->avail_in = chunk;
		size -= chunk;
		do {
			dz_strbuf_reserve(&p->out, STEP);
			z->next_out = (Bytef *)p->out.data + p->out.size;
			z->avail_out = STEP;
			(void)deflate(z, size ? Z_NO_FLUSH : flush);
			p->out.size += STEP - z->avail_out;
		} while (!z->avail_out);
	} while (size);
}

#endif

/* ---- zstd ---- */

#ifdef HAVE_ZSTD

static bool start_zstd(struct dz_packer *p, struct dz_err *err)
{
	p->zstd = ZSTD_createCCtx();
	if (!p->zstd)
		return dz_err_set(err, "libzstd cannot be started");
	(void)ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1);
	return true;
}

/* Fails for want of memory only. */
static void compress_all(struct dz_packer *p, const char *bytes, size_t size, ZSTD_EndDirective flush)
{
	ZSTD_inBuffer in = { .src = bytes, .size = size };
	size_t left;

	do {
		dz_strbuf_reserve(&p->out, STEP);
		ZSTD_outBuffer out = { .dst = p->out.data + p->out.size, .size = STEP };
		left = ZSTD_compressStream2(p->zstd, &out, &in, flush);
		if (ZSTD_isError(left))
			dz_mem_exhausted("zstd compression");
		p->out.size += out.pos;
	} while (left);
}

#endif

/* ---- either ---- */

struct dz_packer *dz_packer_new(enum dz_packing packing, struct dz_err *err)
{
	struct dz_packer *p = dz_mem_zalloc(1, sizeof *p);
	bool fine = false;

	p->packing = packing;
	dz_strbuf_init(&p->out);
	switch (packing) {
	case DZ_PACKING_GZIP:
#ifdef HAVE_ZLIB
		fine = start_gzip(p, err);
#else
		dz_err_set(err, "this program was built without gzip (no zlib)");
#endif
		break;
	case DZ_PACKING_ZSTD:
#ifdef HAVE_ZSTD
		fine = start_zstd(p, err);
#else
		dz_err_set(err, "this program was built without zstd (no libzstd)");
#endif
		break;
	case DZ_PACKING_NONE:
		dz_err_set(err, "not to be compressed");
		break;
	}
	if (fine)
		return p;
	dz_packer_free(p);
	return NULL;
}

void dz_packer_free(struct dz_packer *p)
{
	if (!p)
		return;
#ifdef HAVE_ZLIB
	if (p->packing == DZ_PACKING_GZIP)
		deflateEnd(&p->z);
#endif
#ifdef HAVE_ZSTD
	ZSTD_freeCCtx(p->zstd);
#endif
	dz_strbuf_release(&p->out);
	free(p);
}

static const char *run(struct dz_packer *p, const char *bytes, size_t size, bool end, size_t *packed)
{
	dz_strbuf_clear(&p->out);
#ifdef HAVE_ZLIB
	if (p->packing == DZ_PACKING_GZIP)
		deflate_all(p, bytes, size, end ? Z_FINISH : Z_SYNC_FLUSH);
#endif
#ifdef HAVE_ZSTD
	if (p->packing == DZ_PACKING_ZSTD)
		compress_all(p, bytes, size, end ? ZSTD_e_end : ZSTD_e_flush);
#endif
	(void)bytes, (void)size, (void)end;
	*packed = p->out.size;
	return p->out.data;
}

const char *dz_packer_add(struct dz_packer *p, const char *bytes, size_t size, size_t *packed)
{
	return run(p, bytes, size, false, packed);
}

const char *dz_packer_frame(struct dz_packer *p, const char *bytes, size_t size, size_t *packed)
{
	const char *frame = run(p, bytes, size, true, packed);

#ifdef HAVE_ZLIB
	if (p->packing == DZ_PACKING_GZIP)
		deflateReset(&p->z);
#endif
	return frame;
}

const char *dz_packer_end(struct dz_packer *p, size_t *packed)
{
	return run(p, "", 0, true, packed);
}
