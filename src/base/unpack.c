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
#ifndef ZSTD_BLOCKSIZE_MAX
#define ZSTD_BLOCKSIZE_MAX (1 << 17) /* RFC 8878, section 3.1.1.2.4 */
#endif
#include <zstd_errors.h>
#endif

struct dz_unpacker {
	enum dz_packing packing;
	uint64_t position; /* compressed bytes used up */
	uint64_t whole;    /* those of them that are whole members or frames */
#ifdef HAVE_ZLIB
	z_stream z;
	bool within; /* a gzip member */
#endif
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
	size_t wanted;  /* what libzstd said it needs next; 0 between frames */
	uint8_t *plain; /* owned: a block that was unpacked and has not all been put out */
	size_t plain_begin, plain_end;
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

bool dz_packing_known(enum dz_packing packing)
{
#ifndef HAVE_ZLIB
	if (packing == DZ_PACKING_GZIP)
		return false;
#endif
#ifndef HAVE_ZSTD
	if (packing == DZ_PACKING_ZSTD)
		return false;
#endif
	(void)packing;
	return true;
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
		if (result == Z_STREAM_END) {
			u->within = false;
			u->whole = u->position;
		} else if (result == Z_BUF_ERROR || (result == Z_OK && p->used == p->in_size && z->avail_out))
			return true; /* all that can be had from what is there */
		else if (result != Z_OK)
			return damage(u, err, z->msg ? z->msg : "zlib gives no reason");
	}
}

#endif

/* ---- zstd ---- */

#ifdef HAVE_ZSTD

/* A window may be of 1 GiB (zstd --long=30): its memory is asked for at once but touched only as plain bytes come, so a
 * frame that merely claims a long one costs nothing. */
static bool start_zstd(struct dz_unpacker *u, struct dz_err *err)
{
	enum { WINDOW_LOG_MAX = 30 };

	u->zstd = ZSTD_createDStream();
	if (!u->zstd)
		return damage(u, err, "libzstd cannot be started");
	u->plain = dz_mem_alloc(ZSTD_BLOCKSIZE_MAX);
	(void)ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
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

/* A call of libzstd that fails does not say what it had put out before, and that would be lost. So it is given no more
 * than it wants at a time, which makes a call end where a block does, and always room for a whole block: the caller's,
 * or one of our own. Puts out what is there; false: nothing is. */
static bool put_out(struct dz_unpacker *u, struct piece *p)
{
	size_t there = u->plain_end - u->plain_begin, room = p->out_size - p->made, size = there < room ? there : room;

	memcpy(p->out + p->made, u->plain + u->plain_begin, size);
	u->plain_begin += size;
	p->made += size;
	return u->plain_begin < u->plain_end;
}

static bool run_zstd(struct dz_unpacker *u, struct piece *p, struct dz_err *err)
{
	enum { FRAME_START = 5 };

	while (!put_out(u, p) && p->made < p->out_size && p->used < p->in_size) {
		size_t step = u->wanted ? u->wanted : FRAME_START, left = p->in_size - p->used;
		bool direct = p->out_size - p->made >= ZSTD_BLOCKSIZE_MAX;
		ZSTD_inBuffer in = { .src = p->in + p->used, .size = step < left ? step : left };
		ZSTD_outBuffer out = { .dst = direct ? p->out + p->made : u->plain, .size = ZSTD_BLOCKSIZE_MAX };
		size_t result = ZSTD_decompressStream(u->zstd, &out, &in);

		p->used += in.pos;
		u->position += in.pos;
		if (ZSTD_isError(result))
			return damage_zstd(u, result, err);
		u->wanted = result;
		u->whole = result ? u->whole : u->position;
		u->plain_begin = 0;
		u->plain_end = direct ? 0 : out.pos;
		p->made += direct ? out.pos : 0;
	}
	return true;
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
	free(u->plain);
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
	(void)u; /* a build without compression */
	(void)err;
	*used = p.used;
	*made = p.made;
	return fine;
}

uint64_t dz_unpacker_whole(const struct dz_unpacker *u)
{
	return u->whole;
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
