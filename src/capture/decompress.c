/* SPDX-License-Identifier: BSD-2-Clause */
/* decompress.c - a thread that turns a compressed file into plain bytes in a pipe.
 *
 * libpcap reads plain files only, so the thread stands between: it reads compressed bytes, has zlib or libzstd undo the
 * compression, and writes to the pipe until the data ends, turns out damaged, or the reader has closed its end. A
 * second pipe wakes the thread where it waits for input that may never come (standard input, FIFOs).
 *
 * The thread blocks all signals: SIGINT and its like belong to the main thread, and a reader that went away shows as
 * EPIPE instead of SIGPIPE. */
#include "config.h"
#include "capture/decompress.h"

#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

enum { INPUT_SIZE = 1 << 17, OUTPUT_SIZE = 1 << 18, PIPE_SIZE = 1 << 20 };

struct dz_decompress {
	enum dz_compression compression;
	int in;       /* compressed bytes */
	int out;      /* writing end of the pipe to the reader */
	int wake[2];  /* closing wake[1] tells the thread to stop */
	bool running; /* started and not joined yet */
	pthread_t thread;
	_Atomic uint64_t position; /* compressed bytes used up */

	/* The thread's own until it was joined. */
	uint8_t first[DZ_DECOMPRESS_HEAD]; /* of the plain bytes */
	size_t first_size;
	bool damaged;
	struct dz_err err;
	uint8_t *input, *output;
	size_t input_size; /* bytes in `input` */
};

enum dz_compression dz_decompress_guess(const uint8_t *bytes, size_t size)
{
	static const uint8_t zstd[] = { 0x28, 0xb5, 0x2f, 0xfd }, skippable[] = { 0x2a, 0x4d, 0x18 };

	if (size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b)
		return DZ_COMPRESSION_GZIP;
	if (size >= 4 && !memcmp(bytes, zstd, 4))
		return DZ_COMPRESSION_ZSTD;
	if (size >= 4 && (bytes[0] & 0xf0) == 0x50 && !memcmp(bytes + 1, skippable, 3))
		return DZ_COMPRESSION_ZSTD;
	return DZ_COMPRESSION_NONE;
}

/* ---- the thread ---- */

#if defined HAVE_ZLIB || defined HAVE_ZSTD

enum input_status { INPUT_MORE, INPUT_END, INPUT_STOP };

static bool damage(struct dz_decompress *d, uint64_t offset, const char *what)
{
	d->damaged = true;
	return dz_err_set(&d->err, "%s decompression failed at offset %" PRIu64 ": %s",
			  d->compression == DZ_COMPRESSION_GZIP ? "gzip" : "zstd", offset, what);
}

/* Refills `input`. */
static enum input_status read_input(struct dz_decompress *d)
{
	struct pollfd polls[] = { { .fd = d->in, .events = POLLIN }, { .fd = d->wake[0], .events = POLLIN } };

	for (;;) {
		if (poll(polls, 2, -1) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			break;
		}
		if (polls[1].revents)
			return INPUT_STOP;
		if (!polls[0].revents)
			continue;
		ssize_t got = read(d->in, d->input, INPUT_SIZE);
		if (got > 0) {
			d->input_size = (size_t)got;
			return INPUT_MORE;
		}
		if (got == 0)
			return INPUT_END;
		if (errno != EINTR && errno != EAGAIN)
			break;
	}
	damage(d, d->position, strerror(errno));
	return INPUT_STOP;
}

/* Hands `size` bytes of `output` to the reader; false when it has gone. */
static bool write_output(struct dz_decompress *d, size_t size)
{
	for (size_t i = 0; i < size && d->first_size < sizeof d->first; i++)
		d->first[d->first_size++] = d->output[i];
	for (size_t done = 0; done < size;) {
		ssize_t put = write(d->out, d->output + done, size - done);
		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0)
			done += (size_t)put;
	}
	return true;
}

#endif

#ifdef HAVE_ZLIB

/* Goes on to the next member: a file may have several, one after another (RFC 1952, section 2.2), and then zeros, which
 * gzip overlooks, too. False when there is none in what was read. */
static bool start_member(z_stream *z)
{
	while (z->avail_in && !*z->next_in) {
		z->next_in++;
		z->avail_in--;
	}
	inflateReset(z);
	return z->avail_in;
}

/* Takes what is in `input`. *within says whether we are inside a member. False: stop. */
static bool inflate_input(struct dz_decompress *d, z_stream *z, bool *within)
{
	uint64_t base = d->position;

	z->next_in = d->input;
	z->avail_in = (uInt)d->input_size;
	do {
		if (!*within && !start_member(z))
			return true;
		*within = true;
		z->next_out = d->output;
		z->avail_out = OUTPUT_SIZE;
		int result = inflate(z, Z_NO_FLUSH);
		uint64_t offset = base + (d->input_size - z->avail_in);
		atomic_store_explicit(&d->position, offset, memory_order_relaxed);
		if (!write_output(d, OUTPUT_SIZE - z->avail_out))
			return false;
		if (result == Z_STREAM_END)
			*within = false;
		else if (result != Z_OK && result != Z_BUF_ERROR)
			return damage(d, offset, z->msg ? z->msg : "zlib gives no reason");
	} while (z->avail_in || !z->avail_out);
	return true;
}

static void inflate_all(struct dz_decompress *d)
{
	enum { GZIP_ONLY = 16 };
	z_stream z = { 0 };
	bool within = false;
	enum input_status status = INPUT_MORE;

	if (inflateInit2(&z, MAX_WBITS + GZIP_ONLY) != Z_OK) {
		damage(d, 0, "zlib cannot be started");
		return;
	}
	while (status == INPUT_MORE && inflate_input(d, &z, &within))
		status = read_input(d);
	if (status == INPUT_END && within)
		damage(d, d->position, "the data break off");
	inflateEnd(&z);
}

#endif

#ifdef HAVE_ZSTD

/* Takes what is in `input`. *wanted: what libzstd said it needs next, 0 between frames. It is given no more than that
 * at a time, which makes a call end where a block does: a call that fails does not say what it had put out before, and
 * that would be lost. False: stop. */
static bool unzstd_input(struct dz_decompress *d, ZSTD_DStream *z, size_t *wanted)
{
	enum { FRAME_START = 5 };
	uint64_t base = d->position;
	ZSTD_inBuffer in = { .src = d->input };
	ZSTD_outBuffer out;

	do {
		size_t step = *wanted ? *wanted : FRAME_START, left = d->input_size - in.pos;
		in.size = in.pos + (step < left ? step : left);
		out = (ZSTD_outBuffer){ .dst = d->output, .size = OUTPUT_SIZE };
		size_t result = ZSTD_decompressStream(z, &out, &in);
		atomic_store_explicit(&d->position, base + in.pos, memory_order_relaxed);
		if (!write_output(d, out.pos))
			return false;
		if (ZSTD_isError(result))
			return damage(d, base + in.pos, ZSTD_getErrorName(result));
		*wanted = result;
	} while (in.pos < d->input_size || (*wanted && out.pos == out.size));
	return true;
}

static void unzstd_all(struct dz_decompress *d)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	size_t wanted = 0;
	enum input_status status = INPUT_MORE;

	if (!z) {
		damage(d, 0, "libzstd cannot be started");
		return;
	}
	while (status == INPUT_MORE && unzstd_input(d, z, &wanted))
		status = read_input(d);
	if (status == INPUT_END && wanted)
		damage(d, d->position, "the data break off");
	ZSTD_freeDStream(z);
}

#endif

static void *run(void *context)
{
	struct dz_decompress *d = context;

	switch (d->compression) {
	case DZ_COMPRESSION_GZIP:
#ifdef HAVE_ZLIB
		inflate_all(d);
#endif
		break;
	case DZ_COMPRESSION_ZSTD:
#ifdef HAVE_ZSTD
		unzstd_all(d);
#endif
		break;
	case DZ_COMPRESSION_NONE:
		break;
	}
	close(d->out); /* the reader sees the end */
	return NULL;
}

/* ---- its keeper ---- */

static bool check_support(enum dz_compression compression, struct dz_err *err)
{
	(void)compression;
	(void)err;
#ifndef HAVE_ZLIB
	if (compression == DZ_COMPRESSION_GZIP)
		return dz_err_set(err, "compressed with gzip, which this program was built without (no zlib)");
#endif
#ifndef HAVE_ZSTD
	if (compression == DZ_COMPRESSION_ZSTD)
		return dz_err_set(err, "compressed with zstd, which this program was built without (no libzstd)");
#endif
	return true;
}

static bool start_thread(struct dz_decompress *d)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&d->thread, NULL, run, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return !error;
}

static bool open_pipe(int ends[2])
{
	return !pipe(ends) && fcntl(ends[0], F_SETFD, FD_CLOEXEC) >= 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) >= 0;
}

struct dz_decompress *dz_decompress_new(int fd, const uint8_t *head, size_t head_size, enum dz_compression compression,
					int *out, struct dz_err *err)
{
	struct dz_decompress *d = dz_mem_zalloc(1, sizeof *d);
	int plain[2] = { -1, -1 };

	d->compression = compression;
	d->in = fd;
	d->wake[0] = d->wake[1] = -1;
	d->input = dz_mem_alloc(INPUT_SIZE);
	d->output = dz_mem_alloc(OUTPUT_SIZE);
	memcpy(d->input, head, head_size);
	d->input_size = head_size;
	if (!check_support(compression, err))
		goto fail;
	if (!open_pipe(plain) || !open_pipe(d->wake)) {
		dz_err_set(err, "cannot be decompressed: %s", strerror(errno));
		goto fail;
	}
#ifdef F_SETPIPE_SZ
	(void)!fcntl(plain[1], F_SETPIPE_SZ, PIPE_SIZE); /* fewer switches between the threads; no matter if refused */
#endif
	d->out = plain[1];
	if (!start_thread(d)) {
		dz_err_set(err, "cannot be decompressed: no thread: %s", strerror(errno));
		goto fail;
	}
	d->running = true;
	*out = plain[0];
	return d;
fail:
	for (int i = 0; i < 2; i++) {
		if (plain[i] >= 0)
			close(plain[i]);
		if (d->wake[i] >= 0)
			close(d->wake[i]);
	}
	close(fd);
	dz_decompress_free(d);
	return NULL;
}

uint64_t dz_decompress_position(const struct dz_decompress *decompress)
{
	return atomic_load_explicit(&decompress->position, memory_order_relaxed);
}

bool dz_decompress_finish(struct dz_decompress *decompress, struct dz_err *err)
{
	if (decompress->running) {
		close(decompress->wake[1]);
		pthread_join(decompress->thread, NULL);
		close(decompress->wake[0]);
		close(decompress->in);
		decompress->running = false;
	}
	if (decompress->damaged)
		*err = decompress->err;
	return !decompress->damaged;
}

size_t dz_decompress_first_bytes(const struct dz_decompress *decompress, uint8_t *bytes, size_t size)
{
	size = size < decompress->first_size ? size : decompress->first_size;
	memcpy(bytes, decompress->first, size);
	return size;
}

void dz_decompress_free(struct dz_decompress *decompress)
{
	struct dz_err ignored;

	if (!decompress)
		return;
	(void)!dz_decompress_finish(decompress, &ignored);
	free(decompress->input);
	free(decompress->output);
	free(decompress);
}
