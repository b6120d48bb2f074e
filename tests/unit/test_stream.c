/* SPDX-License-Identifier: BSD-2-Clause */
/* test_stream.c - compressed captures and streams, mostly through dz_source; and who holds what a stream has read. */
#include "config.h"
#include "base/block.h"
#include "base/mem.h"
#include "capture/source.h"
#include "fixture_capture.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

/* A capture of packets that hardly compress (bytes from a linear congruential generator), so that the packed size grows
 * with the plain one. */
static void big_capture(struct writer *w, uint32_t packets)
{
	uint32_t random = 1;

	fix_pcap_begin(w, false, 0xa1b2c3d4, ETHERNET);
	for (uint32_t i = 0; i < packets; i++) {
		fix_pcap_add(w, i, 0, 1000, 1000, 0);
		for (size_t k = w->bytes.size - 1000; k < w->bytes.size; k++)
			w->bytes.data[k] = (char)((random = random * 1664525 + 1013904223) >> 24);
	}
}

/* ---- streams ---- */

struct feeder {
	pthread_t thread;
	const char *fifo;
	const char *bytes;
	size_t size, step; /* bytes written at a time */
	bool hold;         /* keep the FIFO open at the end, until the reader is gone */
	bool wrote_all;
};

/* Blocks SIGPIPE for itself alone: what is tested is that the reading side never gets one. */
static void *feed(void *context)
{
	struct feeder *feeder = context;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	int fd = open(feeder->fifo, O_WRONLY);
	size_t done = 0;
	while (fd >= 0 && done < feeder->size) {
		size_t step = feeder->size - done < feeder->step ? feeder->size - done : feeder->step;
		ssize_t put = write(fd, feeder->bytes + done, step);
		if (put < 0 && errno != EINTR)
			break;
		if (put > 0)
			done += (size_t)put;
	}
	feeder->wrote_all = done == feeder->size;
	while (feeder->hold && write(fd, "", 0) == 0 && !access(feeder->fifo, F_OK))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	close(fd);
	return NULL;
}

static void feeder_start(struct feeder *feeder, struct fixture *f, const struct dz_strbuf *bytes)
{
	feeder->fifo = fix_path(f, "fifo");
	feeder->bytes = bytes->data;
	feeder->size = bytes->size;
	assert_int_equal(mkfifo(feeder->fifo, 0600), 0);
	assert_int_equal(pthread_create(&feeder->thread, NULL, feed, feeder), 0);
}

static void feeder_stop(struct feeder *feeder)
{
	assert_int_equal(unlink(feeder->fifo), 0);
	assert_int_equal(pthread_join(feeder->thread, NULL), 0);
}

static void check_stream(struct fixture *f, enum packing packing, size_t step, bool as_stdin)
{
	struct dz_strbuf packed;
	struct writer w;

	fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
	for (uint32_t i = 0; i < 20; i++)
		fix_pcap_add(&w, 100 + i, 0, i, 60, (int)i);
	dz_strbuf_init(&packed);
	fix_pack(packing, w.bytes.data, w.bytes.size, &packed);
	struct feeder feeder = { .step = step };
	feeder_start(&feeder, f, &packed);
	int saved = dup(STDIN_FILENO);
	if (as_stdin) {
		int fd = open(feeder.fifo, O_RDONLY);
		assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
		close(fd);
	}
	struct dz_inputs *inputs = fix_inputs(f, as_stdin ? "-" : feeder.fifo, NULL, NULL);
	struct outcome outcome = fix_read_all(inputs, NULL);
	dup2(saved, STDIN_FILENO);
	close(saved);
	assert_int_equal(outcome.packets, 20);
	assert_int_equal(outcome.damaged, 0);
	assert_string_equal(dz_inputs_name(inputs, 0), as_stdin ? "-" : "fifo");
	dz_inputs_free(inputs);
	feeder_stop(&feeder);
	dz_strbuf_release(&packed);
	dz_strbuf_release(&w.bytes);
}

static void test_streams(void **state)
{
	for (int packing = PLAIN; packing < PACKINGS; packing++)
		for (int as_stdin = 0; fix_can_pack(packing) && as_stdin < 2; as_stdin++) {
			check_stream(*state, packing, 1, as_stdin);
			check_stream(*state, packing, 65536, as_stdin);
		}
}

/* ---- what is held ---- */

static uint8_t byte_at(size_t i)
{
	return (uint8_t)(i * 2654435761U >> 24);
}

static struct dz_stream *numbered_bytes(struct fixture *f, size_t size, int packing, int use)
{
	struct dz_strbuf plain, packed;
	struct writer w;

	dz_strbuf_init(&plain);
	dz_strbuf_init(&packed);
	for (size_t i = 0; i < size; i++)
		dz_strbuf_add(&plain, &(char){ (char)byte_at(i) }, 1);
	fix_pack(packing, plain.data, plain.size, &packed);
	w.bytes = packed;
	int fd = open(fix_save_writer(f, "numbered", &w), O_RDONLY);
	dz_strbuf_release(&plain);
	return dz_stream_new(fd, use);
}

/* Pieces of all sizes, of which every `every`th is held while `most` later ones are: each still has its bytes when it
 * is let go, whatever was read in the meantime. What nobody holds is read into again, so memory does not grow. */
static void check_held(struct fixture *f, int packing, size_t every, size_t most)
{
	enum { SIZE = 3000000, LONGEST = 200000, HELD = 64 };
	struct {
		struct dz_block *block;
		const uint8_t *bytes;
		size_t at, size;
	} held[HELD] = { { 0 } };
	struct dz_stream *stream = numbered_bytes(f, SIZE, packing, DZ_STREAM_READ);
	size_t at = 0, pieces = 0, size = 1;

	for (; at < SIZE; pieces++) {
		uint8_t *bytes;
		size_t there, slot = pieces / every % most;
		size = pieces % 97 == 96 ? LONGEST : size % 1499 + 1;
		size = size < SIZE - at ? size : SIZE - at;
		assert_int_equal(dz_stream_peek(stream, size, &bytes, &there), DZ_STREAM_THERE);
		for (size_t i = 0; i < size; i++)
			if (bytes[i] != byte_at(at + i))
				fail_msg("byte %zu of a piece is another", at + i);
		if (pieces % every == 0) {
			for (size_t i = 0; held[slot].block && i < held[slot].size; i++)
				if (held[slot].bytes[i] != byte_at(held[slot].at + i))
					fail_msg("byte %zu was written over while it was held", held[slot].at + i);
			dz_block_release(held[slot].block);
			held[slot].block = dz_block_hold(dz_stream_block(stream));
			held[slot].bytes = bytes;
			held[slot].at = at;
			held[slot].size = size;
			assert_true(bytes >= held[slot].block->bytes &&
				    bytes + size <= held[slot].block->bytes + held[slot].block->size);
		}
		dz_stream_skip(stream, size);
		at += size;
	}
	dz_stream_free(stream); /* what is held outlives it */
	for (size_t slot = 0; slot < most; slot++) {
		for (size_t i = 0; held[slot].block && i < held[slot].size; i++)
			assert_int_equal(held[slot].bytes[i], byte_at(held[slot].at + i));
		dz_block_release(held[slot].block);
	}
}

static void test_held(void **state)
{
	for (int packing = PLAIN; packing < PACKINGS; packing++) {
		if (!fix_can_pack(packing))
			continue;
		check_held(*state, packing, 1, 1);
		check_held(*state, packing, 1, 64);
		check_held(*state, packing, 7, 64);
		check_held(*state, packing, 1000, 3);
	}
}

/* A block that was let go is the next one that is read into. */
static void test_blocks_are_used_again(void **state)
{
	enum { SIZE = 8 << 20, STEP = 1000 };
	struct dz_stream *stream = numbered_bytes(*state, SIZE, PLAIN, DZ_STREAM_READ);
	const struct dz_block *seen[8];
	struct dz_block *held = NULL;
	size_t count = 0, i;
	uint8_t *bytes;
	size_t there;

	while (dz_stream_peek(stream, STEP, &bytes, &there) == DZ_STREAM_THERE) {
		struct dz_block *block = dz_stream_block(stream);
		for (i = 0; i < count && seen[i] != block; i++)
			continue;
		if (i == count) {
			assert_true(count < 3); /* one is held, one read into, one handed from hand to hand */
			seen[count++] = block;
		}
		dz_block_hold(block);
		dz_block_release(held);
		held = block;
		dz_stream_skip(stream, STEP);
	}
	assert_true(count >= 2);
	dz_block_release(held);
	dz_stream_free(stream);
}

/* Standard input may be a plain file, and read from where it stands. */
static void test_stdin_is_a_file(void **state)
{
	struct fixture *f = *state;
	struct writer w;
	int saved = dup(STDIN_FILENO);

	dz_strbuf_init(&w.bytes);
	dz_strbuf_adds(&w.bytes, "before");
	const char *one = fix_save_one(f, "one", 1);
	char bytes[PCAP_HEADER + RECORD_HEADER + 60];
	FILE *file = fopen(one, "rb");
	assert_int_equal(fread(bytes, 1, sizeof bytes, file), sizeof bytes);
	fclose(file);
	dz_strbuf_add(&w.bytes, bytes, sizeof bytes);
	int fd = open(fix_save_writer(f, "two", &w), O_RDONLY);
	assert_int_equal(lseek(fd, 6, SEEK_SET), 6);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	struct outcome outcome = fix_read_file(f, "-");
	assert_int_equal(outcome.packets, 1);
	assert_int_equal(outcome.damaged, 0);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(fd);
}

static void test_stream_is_no_capture(void **state)
{
	struct fixture *f = *state;
	struct dz_strbuf text;

	dz_strbuf_init(&text);
	dz_strbuf_adds(&text, "hello, world");
	struct feeder feeder = { .step = 1 };
	feeder_start(&feeder, f, &text);
	struct outcome outcome = fix_read_file(f, feeder.fifo);
	assert_int_equal(outcome.damaged, 1);
	assert_non_null(strstr(outcome.err.text, "/fifo: not a capture: "));
	feeder_stop(&feeder);
	dz_strbuf_release(&text);
}

/* Every byte comes once, also where a read of the buffer's size (128 kB) leaves one byte of a block (256 kB) that the
 * thread handed over: that is so when one byte is still there as the second read is made. */
static void test_all_bytes(void **state)
{
	enum { BUFFER = 1 << 17 };
	struct fixture *f = *state;
	struct writer w;

	big_capture(&w, 600);
	for (int packing = PLAIN; packing < PACKINGS; packing++) {
		struct dz_err err;
		uint8_t *bytes;
		size_t there, done = BUFFER - 1;

		if (!fix_can_pack(packing))
			continue;
		struct dz_stream *stream =
			dz_stream_open(fix_save_packed(f, "all", packing, &w.bytes), DZ_STREAM_READ, &err);
		assert_non_null(stream);
		while (dz_stream_peek(stream, BUFFER, &bytes, &there) == DZ_STREAM_IDLE)
			;
		assert_memory_equal(bytes, w.bytes.data, there);
		dz_stream_skip(stream, done);
		while (dz_stream_peek(stream, 2, &bytes, &there) <= DZ_STREAM_IDLE) {
			assert_true(there <= w.bytes.size - done);
			assert_memory_equal(bytes, w.bytes.data + done, there);
			done += there;
			dz_stream_skip(stream, there);
		}
		assert_int_equal(done, w.bytes.size);
		assert_int_equal(dz_stream_offset(stream), w.bytes.size);
		dz_stream_free(stream);
	}
	dz_strbuf_release(&w.bytes);
}

/* ---- damage to the compression ---- */

/* All packets that can be had come first, then DAMAGED, with the offset in the compressed file. */
static void test_cut_anywhere(void **state)
{
	struct fixture *f = *state;

	for (int packing = GZIP; packing < PACKINGS; packing++) {
		struct dz_strbuf packed;
		struct writer w;
		uint64_t most = 0;

		if (!fix_can_pack(packing))
			continue;
		big_capture(&w, 3);
		dz_strbuf_init(&packed);
		fix_pack(packing, w.bytes.data, w.bytes.size, &packed);
		for (size_t size = 4; size < packed.size; size += size < 50 || packed.size - size < 50 ? 1 : 17) {
			char expected[96];
			const char *path = fix_save(f, "cut", packed.data, size);
			struct outcome outcome = fix_read_file(f, path);
			snprintf(expected, sizeof expected, "%s decompression failed at offset %zu: the data break off",
				 packing == GZIP ? "gzip" : "zstd", size);
			if (outcome.damaged)
				assert_non_null(strstr(outcome.err.text, expected));
			else
				assert_non_null(strstr(f->complaints.data, expected));
			assert_int_equal(outcome.damaged + (f->complaints.size > 0), 1);
			assert_true(outcome.packets >= most); /* more bytes never give fewer packets */
			most = outcome.packets;
			dz_strbuf_clear(&f->complaints);
		}
		assert_int_equal(most, 3); /* only the checksum is missing */
		dz_strbuf_release(&packed);
		dz_strbuf_release(&w.bytes);
	}
}

static void test_bad_checksum(void **state)
{
	struct fixture *f = *state;

	for (int packing = GZIP; packing < PACKINGS; packing++) {
		struct dz_strbuf packed;
		struct writer w;

		if (!fix_can_pack(packing))
			continue;
		big_capture(&w, 100);
		dz_strbuf_init(&packed);
		fix_pack(packing, w.bytes.data, w.bytes.size, &packed);
		packed.data[packed.size - (packing == GZIP ? 8 : 1)] ^= 1; /* gzip: CRC and size, 4 bytes each */
		struct outcome outcome = fix_read_file(f, fix_save(f, "a", packed.data, packed.size));
		assert_int_equal(outcome.packets, 100);
		assert_int_equal(outcome.damaged, 1);
		assert_non_null(strstr(outcome.err.text, "/a: broken off after packet 100: "));
		assert_non_null(strstr(outcome.err.text, "check"));
		dz_strbuf_release(&packed);
		dz_strbuf_release(&w.bytes);
	}
}

/* Overwrites bytes in the middle. What libpcap says of the garbage that comes out must not hide the cause. */
static void test_corrupt_middle(void **state)
{
	struct fixture *f = *state;

	for (int packing = GZIP; packing < PACKINGS; packing++) {
		struct dz_strbuf packed;
		struct writer w;

		if (!fix_can_pack(packing))
			continue;
		big_capture(&w, 1000);
		dz_strbuf_init(&packed);
		fix_pack(packing, w.bytes.data, w.bytes.size, &packed);
		memset(packed.data + packed.size / 2, 0xff, 64);
		struct outcome outcome = fix_read_file(f, fix_save(f, "a", packed.data, packed.size));
		assert_in_range(outcome.packets, 1, 999);
		assert_int_equal(outcome.damaged, 1);
		assert_non_null(strstr(outcome.err.text, packing == GZIP ? "gzip decompression failed at offset "
									 : "zstd decompression failed at offset "));
		dz_strbuf_release(&packed);
		dz_strbuf_release(&w.bytes);
	}
}

/* Several members or frames in one file are one stream (as `cat a.gz b.gz` makes them); gzip ignores zeros after the
 * last, as tapes have them; anything else there is damage. */
static void test_members(void **state)
{
	struct fixture *f = *state;

	for (int packing = GZIP; packing < PACKINGS; packing++) {
		struct dz_strbuf packed;
		struct writer w;

		if (!fix_can_pack(packing))
			continue;
		big_capture(&w, 10);
		dz_strbuf_init(&packed);
		for (size_t at = 0; at < w.bytes.size; at += 1000) /* not where packets end */
			fix_pack(packing, w.bytes.data + at, w.bytes.size - at < 1000 ? w.bytes.size - at : 1000,
				 &packed);
		struct outcome outcome = fix_read_file(f, fix_save(f, "a", packed.data, packed.size));
		assert_int_equal(outcome.packets, 10);
		assert_int_equal(outcome.damaged, 0);
		if (packing == GZIP) {
			for (int i = 0; i < 100000; i++)
				dz_strbuf_addc(&packed, 0);
			outcome = fix_read_file(f, fix_save(f, "a", packed.data, packed.size));
			assert_int_equal(outcome.packets, 10);
			assert_int_equal(outcome.damaged, 0);
		}
		dz_strbuf_adds(&packed, "something else");
		outcome = fix_read_file(f, fix_save(f, "a", packed.data, packed.size));
		assert_int_equal(outcome.packets, 10);
		assert_int_equal(outcome.damaged, 1);
		dz_strbuf_release(&packed);
		dz_strbuf_release(&w.bytes);
	}
}

static void test_no_capture_inside(void **state)
{
	struct fixture *f = *state;
	struct dz_strbuf text;

	dz_strbuf_init(&text);
	dz_strbuf_adds(&text, "hello, world");
	for (int packing = GZIP; packing < PACKINGS; packing++) {
		if (!fix_can_pack(packing))
			continue;
		struct outcome outcome = fix_read_file(f, fix_save_packed(f, "a", packing, &text));
		assert_int_equal(outcome.damaged, 0);
		assert_non_null(strstr(f->complaints.data, "/a: not a capture: what is compressed in it is neither "));
		dz_strbuf_clear(&f->complaints);
	}
	dz_strbuf_release(&text);
}

/* A frame whose window is of 2 GiB (RFC 8878, section 3.1.1.1.2: 0xa8 is 2^(10 + 21)), with an empty block: what to do
 * about it is said. One of 1 GiB is read. */
static void test_longest_window(void **state)
{
	static const char frame[] = "\x28\xb5\x2f\xfd\0\xa8\1\0";
	struct fixture *f = *state;
	char shorter[sizeof frame + 1] = { 0 };

	if (!fix_can_pack(ZSTD))
		skip();
	fix_read_file(f, fix_save(f, "a", frame, 9));
	assert_non_null(strstr(f->complaints.data, "/a: zstd decompression failed at offset "));
	assert_non_null(strstr(f->complaints.data, "unpack it beforehand, with zstd -d --long=31"));
	dz_strbuf_clear(&f->complaints);
	memcpy(shorter, frame, sizeof frame);
	shorter[5] = (char)0xa0;
	fix_read_file(f, fix_save(f, "b", shorter, 9));
	assert_non_null(strstr(f->complaints.data, "/b: not a capture: what is compressed in it is too short"));
}

/* Without the library, a message that says so. */
static void test_refused_without_library(void **state)
{
	struct fixture *f = *state;
	static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0", zstd[] = "\x28\xb5\x2f\xfd\x04\0\x01\0";

	fix_read_file(f, fix_save(f, "a", gzip, 8));
	assert_int_equal(!!strstr(f->complaints.data, "/a: compressed with gzip, which this program was built without"),
			 !fix_can_pack(GZIP));
	dz_strbuf_clear(&f->complaints);
	fix_read_file(f, fix_save(f, "a", zstd, 8));
	assert_int_equal(!!strstr(f->complaints.data, "/a: compressed with zstd, which this program was built without"),
			 !fix_can_pack(ZSTD));
}

/* ---- stopping early, and side by side ---- */

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A source that is freed after one packet stops its thread at once, and no SIGPIPE comes of it. The capture is greater
 * than the pipe and all buffers together (3 MB), so that the thread is blocked in writing. */
static void test_free_while_writing(void **state)
{
	struct fixture *f = *state;
	struct writer w;

	signal(SIGPIPE, SIG_DFL);
	big_capture(&w, 3000);
	for (int packing = GZIP; packing < PACKINGS; packing++) {
		struct dz_frame packet;
		struct dz_err err;

		if (!fix_can_pack(packing))
			continue;
		struct dz_inputs *inputs = fix_inputs(f, fix_save_packed(f, "a", packing, &w.bytes), NULL, NULL);
		struct dz_source *source = dz_source_new(inputs, NULL);
		assert_int_equal(dz_source_next(source, &packet, &err), DZ_SOURCE_PACKET);
		assert_true(dz_source_position(source) > 0);
		assert_true(dz_source_position(source) < dz_inputs_size(inputs));
		double began = seconds_now();
		dz_source_free(source);
		assert_true(seconds_now() - began < 5);
		dz_inputs_free(inputs);
	}
	dz_strbuf_release(&w.bytes);
}

/* Waits, too. */
static enum dz_source_status next_packet(struct dz_source *source, struct dz_frame *packet, struct dz_err *err)
{
	enum dz_source_status status;
	do
		status = dz_source_next(source, packet, err);
	while (status == DZ_SOURCE_IDLE);
	return status;
}

/* The same where the thread waits for input that does not come: a FIFO whose writer falls silent. */
static void test_free_while_waiting(void **state)
{
	struct fixture *f = *state;

	for (int packing = GZIP; packing < PACKINGS; packing++) {
		struct feeder feeder = { .step = 65536, .hold = true };
		struct dz_frame packet;
		struct dz_err err;
		struct dz_strbuf packed;
		struct writer w;

		if (!fix_can_pack(packing))
			continue;
		big_capture(&w, 1);
		dz_strbuf_init(&packed);
		fix_pack(packing, w.bytes.data, w.bytes.size, &packed);
		feeder_start(&feeder, f, &packed);
		struct dz_inputs *inputs = fix_inputs(f, feeder.fifo, NULL, NULL);
		struct dz_source *source = dz_source_new(inputs, NULL);
		assert_int_equal(next_packet(source, &packet, &err), DZ_SOURCE_PACKET);
		double began = seconds_now();
		dz_source_free(source);
		assert_true(seconds_now() - began < 5);
		dz_inputs_free(inputs);
		feeder_stop(&feeder);
		dz_strbuf_release(&packed);
		dz_strbuf_release(&w.bytes);
	}
}

static void *read_in_thread(void *context)
{
	const struct dz_inputs *inputs = context;
	struct dz_source *source = dz_source_new(inputs, "less 1500");
	struct dz_frame packet;
	struct dz_err err;
	uintptr_t selected = 0;

	while (dz_source_next(source, &packet, &err) == DZ_SOURCE_PACKET)
		selected += packet.selected;
	dz_source_free(source);
	return (void *)selected;
}

static void test_side_by_side(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[4];
	struct writer w;

	big_capture(&w, 500);
	const char *plain = fix_save(f, "plain", w.bytes.data, w.bytes.size);
	const char *packed = fix_save_packed(f, "packed", fix_can_pack(GZIP) ? GZIP : PLAIN, &w.bytes);
	struct dz_inputs *inputs = fix_inputs(f, plain, packed, plain);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_in_thread, inputs), 0);
	for (int i = 0; i < 4; i++) {
		void *selected;
		assert_int_equal(pthread_join(threads[i], &selected), 0);
		assert_int_equal((uintptr_t)selected, 1500);
	}
	dz_inputs_free(inputs);
	dz_strbuf_release(&w.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_streams, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_held, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_blocks_are_used_again, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_stdin_is_a_file, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_stream_is_no_capture, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_all_bytes, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_cut_anywhere, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_bad_checksum, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_corrupt_middle, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_members, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_no_capture_inside, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_longest_window, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_refused_without_library, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_free_while_writing, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_free_while_waiting, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_side_by_side, fix_setup, fix_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
