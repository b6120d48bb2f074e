/* SPDX-License-Identifier: BSD-2-Clause */
/* fixture_capture.c - see fixture_capture.h. */
#include "config.h"
#include "fixture_capture.h"

#include "base/mem.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

void fix_put(struct writer *w, uint64_t value, int size)
{
	for (int i = 0; i < size; i++)
		dz_strbuf_addc(&w->bytes, (char)(value >> 8 * (w->big_endian ? size - 1 - i : i)));
}

void fix_pcap_begin(struct writer *w, bool big_endian, uint32_t magic, uint32_t linktype)
{
	dz_strbuf_init(&w->bytes);
	w->big_endian = big_endian;
	w->modified = magic == 0xa1b2cd34;
	fix_put(w, magic, 4);
	fix_put(w, 2, 2);
	fix_put(w, 4, 2);
	fix_put(w, 0, 8);
	fix_put(w, 65535, 4);
	fix_put(w, linktype, 4);
}

void fix_pcap_add(struct writer *w, uint32_t seconds, uint32_t fraction, uint32_t size, uint32_t wirelen, int fill)
{
	fix_put(w, seconds, 4);
	fix_put(w, fraction, 4);
	fix_put(w, size, 4);
	fix_put(w, wirelen, 4);
	if (w->modified)
		fix_put(w, 0, 8);
	for (uint32_t i = 0; i < size; i++)
		dz_strbuf_addc(&w->bytes, (char)fill);
}

void fix_ng_block(struct writer *w, uint32_t type, const struct writer *body)
{
	uint32_t padded = (uint32_t)(body->bytes.size + 3) & ~3u;

	fix_put(w, type, 4);
	fix_put(w, padded + 12, 4);
	if (body->bytes.size)
		dz_strbuf_add(&w->bytes, body->bytes.data, body->bytes.size);
	fix_put(w, 0, (int)(padded - body->bytes.size));
	fix_put(w, padded + 12, 4);
}

void fix_ng_begin(struct writer *w, bool big_endian)
{
	struct writer body = { .big_endian = big_endian };

	*w = body;
	dz_strbuf_init(&w->bytes);
	dz_strbuf_init(&body.bytes);
	fix_put(&body, 0x1a2b3c4d, 4);
	fix_put(&body, 1, 2);
	fix_put(&body, 0, 2);
	fix_put(&body, UINT64_MAX, 8);
	fix_ng_block(w, 0x0a0d0d0a, &body);
	dz_strbuf_release(&body.bytes);
}

void fix_ng_interface(struct writer *w, uint16_t linktype, uint32_t snaplen, uint8_t tsresol)
{
	struct writer body = { .big_endian = w->big_endian };

	dz_strbuf_init(&body.bytes);
	fix_put(&body, linktype, 2);
	fix_put(&body, 0, 2);
	fix_put(&body, snaplen, 4);
	if (tsresol) {
		fix_put(&body, 9, 2);
		fix_put(&body, 1, 2);
		fix_put(&body, tsresol, 1);
		fix_put(&body, 0, 3);
		fix_put(&body, 0, 4);
	}
	fix_ng_block(w, 1, &body);
	dz_strbuf_release(&body.bytes);
}

void fix_ng_add(struct writer *w, uint32_t interface, uint64_t ticks, uint32_t size, uint32_t wirelen, int fill)
{
	struct writer body = { .big_endian = w->big_endian };

	dz_strbuf_init(&body.bytes);
	fix_put(&body, interface, 4);
	fix_put(&body, ticks >> 32, 4);
	fix_put(&body, ticks & UINT32_MAX, 4);
	fix_put(&body, size, 4);
	fix_put(&body, wirelen, 4);
	for (uint32_t i = 0; i < size; i++)
		dz_strbuf_addc(&body.bytes, (char)fill);
	fix_ng_block(w, 6, &body);
	dz_strbuf_release(&body.bytes);
}

/* ---- the folder of a test ---- */

int fix_setup(void **state)
{
	struct fixture *f = dz_mem_zalloc(1, sizeof *f);
	const char *tmp = getenv("TMPDIR");

	snprintf(f->folder, sizeof f->folder, "%s/dz_source.XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	dz_strbuf_init(&f->complaints);
	*state = f;
	return mkdtemp(f->folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

int fix_teardown(void **state)
{
	struct fixture *f = *state;

	dz_strbuf_release(&f->complaints);
	int failed = nftw(f->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return failed;
}

const char *fix_path(struct fixture *f, const char *name)
{
	char *path = f->path[f->paths++ % 8];
	size_t size = strlen(f->folder);
	memcpy(path, f->folder, size);
	snprintf(path + size, sizeof f->path[0] - size, "/%s", name);
	return path;
}

const char *fix_save(struct fixture *f, const char *name, const void *bytes, size_t size)
{
	const char *path = fix_path(f, name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	return path;
}

const char *fix_save_writer(struct fixture *f, const char *name, struct writer *w)
{
	const char *path = fix_save(f, name, w->bytes.data, w->bytes.size);
	dz_strbuf_release(&w->bytes);
	return path;
}

const char *fix_save_one(struct fixture *f, const char *name, uint32_t seconds)
{
	struct writer w;
	fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
	fix_pcap_add(&w, seconds, 0, 60, 60, 0);
	return fix_save_writer(f, name, &w);
}

static void complain(void *context, const char *message)
{
	struct fixture *f = context;
	dz_strbuf_addf(&f->complaints, "%s\n", message);
}

struct dz_inputs *fix_inputs(struct fixture *f, const char *a, const char *b, const char *c)
{
	const char *words[] = { a, b, c };
	return dz_inputs_new(words, c ? 3 : b ? 2 : 1, complain, f);
}

/* ---- compressing ---- */

bool fix_can_pack(enum packing packing)
{
#ifndef HAVE_ZLIB
	if (packing == GZIP)
		return false;
#endif
#ifndef HAVE_ZSTD
	if (packing == ZSTD)
		return false;
#endif
	return packing < PACKINGS;
}

void fix_pack(enum packing packing, const void *bytes, size_t size, struct dz_strbuf *out)
{
	dz_strbuf_reserve(out, size + 1024);
	char *end = out->data + out->size;
	if (packing == PLAIN) {
		dz_strbuf_add(out, bytes, size);
		return;
	}
#ifdef HAVE_ZLIB
	if (packing == GZIP) {
		z_stream z = { .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)size };
		z.next_out = (Bytef *)end;
		z.avail_out = (uInt)(size + 1024);
		assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		out->size += z.total_out;
		deflateEnd(&z);
	}
#endif
#ifdef HAVE_ZSTD
	if (packing == ZSTD) {
		ZSTD_CCtx *context = ZSTD_createCCtx();
		ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
		size_t done = ZSTD_compress2(context, end, size + 1024, bytes, size);
		assert_false(ZSTD_isError(done));
		out->size += done;
		ZSTD_freeCCtx(context);
	}
#endif
	(void)end;
}

const char *fix_save_packed(struct fixture *f, const char *name, enum packing packing, const struct dz_strbuf *plain)
{
	struct dz_strbuf packed;
	dz_strbuf_init(&packed);
	fix_pack(packing, plain->data, plain->size, &packed);
	const char *path = fix_save(f, name, packed.data, packed.size);
	dz_strbuf_release(&packed);
	return path;
}

/* ---- reading helpers ---- */

struct outcome fix_read_all(const struct dz_inputs *inputs, const char *filter)
{
	struct outcome outcome = { 0 };
	struct dz_source *source = dz_source_new(inputs, filter);
	struct dz_frame packet;

	for (;;) {
		enum dz_source_status status = dz_source_next(source, &packet, &outcome.err);
		if (status == DZ_SOURCE_END)
			break;
		if (status == DZ_SOURCE_IDLE)
			continue;
		if (status == DZ_SOURCE_DAMAGED) {
			outcome.damaged++;
			continue;
		}
		assert_int_equal(packet.index, outcome.packets);
		outcome.packets++;
		outcome.selected += packet.selected;
	}
	dz_source_free(source);
	return outcome;
}

struct outcome fix_read_file(struct fixture *f, const char *path)
{
	struct dz_inputs *inputs = fix_inputs(f, path, NULL, NULL);
	struct outcome outcome = fix_read_all(inputs, NULL);
	dz_inputs_free(inputs);
	return outcome;
}
