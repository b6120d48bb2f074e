/* SPDX-License-Identifier: BSD-2-Clause */
/* unpack.c - compressed bytes into plain ones: see unpack.h. The one place that undoes gzip and zstd. */
#include "config.h"
#include "base/unpack.h"

#include "base/mem.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

struct dz_unpacker {
	enum dz_packing packing;
	uint64_t position; /* compressed bytes used up */
#ifdef HAVE_ZLIB
	z_stream z;
	bool within; /* a gzip member */
#endif
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
	size_t wanted; /* what libzstd said it needs next; 0 between frames */
#endif
};

/* Arguments of dz_unpacker_run(), as the libraries want them. */
struct piece {
	const uint8_t *in;
	size_t in_size, used;
	uint8_t *out;
	size_t out_size, made;
};

enum dz_packing dz_packing_guess(const uint8_t *bytes, size_t size)
{
	static const uint8_t zstd[] = { 0x28, 0xb5, 0x2f, 0xfd }, skippable[] = { 0x2a, 0x4d, 0x18 };

	if (size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b)
		return DZ_PACKING_GZIP;
	if (size >= 4 && !memcmp(bytes, zstd, 4))
		return DZ_PACKING_ZSTD;
	if (size >= 4 && (bytes[0] & 0xf0) == 0x50 && !memcmp(bytes + 1, skippable, 3))
		return DZ_PACKING_ZSTD;
	return DZ_PACKING_NONE;
}

static const char *name_of(enum dz_packing packing)
{
	return packing == DZ_PACKING_GZIP ? "gzip" : "zstd";
}

static bool damage(const struct dz_unpacker *u, struct dz_err *err, const char *what)
{
	return dz_err_set(err, "%s decompression failed at offset %" PRIu64 ": %s", name_of(u->packing), u->position,
			  what);
}

/* ---- gzip ---- */

#ifdef HAVE_ZLIB

static bool start_gzip(struct dz_unpacker *u, struct dz_err *err)
{
	enum { GZIP_ONLY = 16 };

	if (inflateInit2(&u->z, MAX_WBITS + GZIP_ONLY) != Z_OK)
		return damage(u, err, "zlib cannot be started");
	return true;
}

/* Goes on to the next member, over zeros, which gzip overlooks, too: tapes have them. */
static void start_member(struct dz_unpacker *u, struct piece *p)
{
	while (p->used < p->in_size && !p->in[p->used])
		p->used++;
	if (p->used == p->in_size)
		return;
	inflateReset(&u->z);
	u->within = true;
}

static bool run_gzip(struct dz_unpacker *u, struct piece *p, struct dz_err *err)
{
	enum { CHUNK = 1 << 30 }; /* zlib counts in 32 bits */
	z_stream *z = &u->z;
	uint64_t base = u->position;

	for (;;) {
		if (!u->within)
			start_member(u, p);
		u->position = base + p->used;
		if (!u->within || p->made == p->out_size)
			return true;
		uInt in = (uInt)(p->in_size - p->used < CHUNK ? p->in_size - p->used : CHUNK);
		uInt out = (uInt)(p->out_size - p->made < CHUNK ? p->out_size - p->made : CHUNK);
		z->next_in = (Bytef *)(uintptr_t)(p->in + p->used);
		z->avail_in = in;
		z->next_out = p->out + p->made;
		z->avail_out = out;
		int result = inflate(z, Z_NO_FLUSH);
		p->used += in - z->avail_in;
		p->made += out - z->avail_out;
		u->position = base + p->used;
		if (result == Z_STREAM_END)
			u->within = false;
		else if (result == Z_BUF_ERROR || (result == Z_OK && p->used == p->in_size && z->avail_out))
			return true; /* all that can be had from what is there */
		else if (result != Z_OK)
			return damage(u, err, z->msg ? z->msg : "zlib gives no reason");
	}
}

#endif

/* ---- zstd ---- */

#ifdef HAVE_ZSTD

/* A window may be as long as the library can have it (zstd --long=31): its memory is asked for at once but touched only
 * as plain bytes come, so a frame that merely claims a long one costs nothing. */
static bool start_zstd(struct dz_unpacker *u, struct dz_err *err)
{
	ZSTD_bounds window = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);

	u->zstd = ZSTD_createDStream();
	if (!u->zstd)
		return damage(u, err, "libzstd cannot be started");
	if (!ZSTD_isError(window.error))
		(void)ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, window.upperBound);
	return true;
}

static bool damage_zstd(const struct dz_unpacker *u, size_t result, struct dz_err *err)
{
	char reason[256];
	ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
	bool window = code == ZSTD_error_memory_allocation || code == ZSTD_error_frameParameter_windowTooLarge;

	snprintf(reason, sizeof reason, "%.128s%s", ZSTD_getErrorName(result),
		 window ? ": it was packed with a long window; unpack it beforehand, with zstd -d --long=31" : "");
	return damage(u, err, reason);
}

/* libzstd is given no more than it wants at a time, which makes a call end where a block does: a call that fails does
 * not say what it had put out before, and that would be lost. */
static bool run_zstd(struct dz_unpacker *u, struct piece *p, struct dz_err *err)
{
	enum { FRAME_START = 5 };
	uint64_t base = u->position;
	ZSTD_inBuffer in = { .src = p->in };
	ZSTD_outBuffer out = { .dst = p->out, .size = p->out_size };
	size_t result = 0;

	do {
		size_t step = u->wanted ? u->wanted : FRAME_START, left = p->in_size - in.pos, made = out.pos;
		if (!u->wanted && !left)
			break;
		in.size = in.pos + (step < left ? step : left);
		size_t before = in.pos;
		result = ZSTD_decompressStream(u->zstd, &out, &in);
		u->position = base + in.pos;
		if (ZSTD_isError(result))
			break;
		u->wanted = result;
		if (in.pos == before && out.pos == made)
			break;
	} while (out.pos < out.size);
	p->used = in.pos;
	p->made = out.pos;
	return !ZSTD_isError(result) || damage_zstd(u, result, err);
}

#endif

/* ---- either ---- */

struct dz_unpacker *dz_unpacker_new(enum dz_packing packing, struct dz_err *err)
{
	struct dz_unpacker *u = dz_mem_zalloc(1, sizeof *u);
	bool fine = false;

	u->packing = packing;
	switch (packing) {
	case DZ_PACKING_GZIP:
#ifdef HAVE_ZLIB
		fine = start_gzip(u, err);
#else
		dz_err_set(err, "compressed with gzip, which this program was built without (no zlib)");
#endif
		break;
	case DZ_PACKING_ZSTD:
#ifdef HAVE_ZSTD
		fine = start_zstd(u, err);
#else
		dz_err_set(err, "compressed with zstd, which this program was built without (no libzstd)");
#endif
		break;
	case DZ_PACKING_NONE:
		dz_err_set(err, "not compressed");
		break;
	}
	if (fine)
		return u;
	dz_unpacker_free(u);
	return NULL;
}

void dz_unpacker_free(struct dz_unpacker *u)
{
	if (!u)
		return;
#ifdef HAVE_ZLIB
	if (u->packing == DZ_PACKING_GZIP)
		inflateEnd(&u->z);
#endif
#ifdef HAVE_ZSTD
	ZSTD_freeDStream(u->zstd);
#endif
	free(u);
}

bool dz_unpacker_run(struct dz_unpacker *u, const uint8_t *in, size_t in_size, size_t *used, uint8_t *out,
		     size_t out_size, size_t *made, struct dz_err *err)
{
	struct piece p = { .in = in, .in_size = in_size, .out = out, .out_size = out_size };
	bool fine = true;

#ifdef HAVE_ZLIB
	if (u->packing == DZ_PACKING_GZIP)
		fine = run_gzip(u, &p, err);
#endif
#ifdef HAVE_ZSTD
	if (u->packing == DZ_PACKING_ZSTD)
		fine = run_zstd(u, &p, err);
#endif
	(void)err;
	*used = p.used;
	*made = p.made;
	return fine;
}

bool dz_unpacker_may_end(const struct dz_unpacker *u, struct dz_err *err)
{
	bool within = false;

#ifdef HAVE_ZLIB
	within |= u->packing == DZ_PACKING_GZIP && u->within;
#endif
#ifdef HAVE_ZSTD
	within |= u->packing == DZ_PACKING_ZSTD && u->wanted;
#endif
	return !within || damage(u, err, "the data break off");
}
