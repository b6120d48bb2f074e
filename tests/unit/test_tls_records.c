/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tls_records.c - record headers (RFC 8446, section 5.1: type, version 3.x, length), found across segments.
 *
 * A stream is written down as records, and then sent in whatever pieces. */
#include "config.h"
#include "flow/tls_records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { HANDSHAKE = 22, DATA = DZ_TLS_APPLICATION_DATA, MAX = 64 };

struct seen {
	unsigned count;
	uint8_t type[MAX];
	uint32_t length[MAX];
};

struct stream {
	struct dz_tls_records *records;
	struct seen seen;
	uint8_t bytes[65536];
	uint32_t size;
	uint32_t base; /* sequence number of bytes[0] */
};

static void found(void *context, uint8_t type, uint32_t length)
{
	struct seen *seen = context;

	assert_in_range(seen->count, 0, MAX - 1);
	seen->type[seen->count] = type;
	seen->length[seen->count++] = length;
}

static void begin(struct stream *s, uint32_t base)
{
	memset(s, 0, sizeof *s);
	s->records = dz_tls_records_new();
	s->base = base;
}

static void end(struct stream *s)
{
	dz_tls_records_free(s->records);
}

static void record(struct stream *s, uint8_t type, uint32_t length)
{
	uint8_t *p = s->bytes + s->size;

	p[0] = type;
	p[1] = 3;
	p[2] = 3;
	p[3] = (uint8_t)(length >> 8);
	p[4] = (uint8_t)length;
	memset(p + 5, 0xee, length); /* no header looks like that */
	s->size += 5 + length;
}

/* [from, to) as one segment, of which caplen bytes were captured; exactly sized, so that ASan sees beyond it */
static void send_cut(struct stream *s, uint32_t from, uint32_t to, uint32_t caplen)
{
	uint8_t *copy = malloc(caplen ? caplen : 1);

	assert_non_null(copy);
	memcpy(copy, s->bytes + from, caplen);
	dz_tls_records_add(s->records, s->base + from, false, caplen ? copy : NULL, caplen, to - from, found, &s->seen);
	free(copy);
}

static void send(struct stream *s, uint32_t from, uint32_t to)
{
	send_cut(s, from, to, to - from);
}

static void syn(struct stream *s)
{
	dz_tls_records_add(s->records, s->base - 1, true, NULL, 0, 0, found, &s->seen);
}

static void expect(const struct stream *s, unsigned count, ...)
{
	va_list list;

	assert_int_equal(s->seen.count, count);
	va_start(list, count);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(s->seen.type[i], va_arg(list, int));
		assert_int_equal(s->seen.length[i], va_arg(list, int));
	}
	va_end(list);
}

static uint64_t lost(const struct stream *s)
{
	return dz_tls_records_lost(s->records);
}

/* Three records of 5 + 100, 5 + 1 and 5 + 50 bytes, from 0, 105 and 111 to 166; every cut into two and every size
 * of piece finds them, also where sequence numbers wrap. */
static void three(struct stream *s, uint32_t base)
{
	begin(s, base);
	record(s, HANDSHAKE, 100);
	record(s, 20, 1);
	record(s, DATA, 50);
	assert_int_equal(s->size, 166);
}

static void any_segmentation(void **state)
{
	struct stream s;

	(void)state;
	for (uint32_t piece = 1; piece <= 166; piece++) {
		three(&s, 0xffffff80);
		syn(&s);
		for (uint32_t at = 0; at < s.size; at += piece)
			send(&s, at, at + piece < s.size ? at + piece : s.size);
		expect(&s, 3, HANDSHAKE, 100, 20, 1, DATA, 50);
		assert_int_equal(lost(&s), 0);
		end(&s);
	}
}

static void reported_when_the_header_is_complete(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 1);
	syn(&s);
	send(&s, 0, 4);
	expect(&s, 0);
	send(&s, 4, 5);
	expect(&s, 1, HANDSHAKE, 100);
	end(&s);
}

static void retransmissions_count_once(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 1000);
	syn(&s);
	send(&s, 0, 108);
	send(&s, 0, 108);
	syn(&s);
	send(&s, 50, 120); /* old and new */
	send(&s, 100, 110);
	send(&s, 0, 166);
	send(&s, 165, 166); /* as keep-alives do */
	expect(&s, 3, HANDSHAKE, 100, 20, 1, DATA, 50);
	assert_int_equal(lost(&s), 0);
	end(&s);
}

static void hole_within_a_record(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 1);
	syn(&s);
	send(&s, 0, 20);
	send(&s, 60, 166); /* the first record covers 20..60 */
	expect(&s, 3, HANDSHAKE, 100, 20, 1, DATA, 50);
	assert_int_equal(lost(&s), 0);
	end(&s);
}

static void hole_over_a_header(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 1);
	record(&s, HANDSHAKE, 70); /* 166 to 241 */
	record(&s, DATA, 80);      /* to 326 */
	syn(&s);
	send(&s, 0, 20);
	send(&s, 112, 160); /* does not start with a header: 105..112 and all of it are lost, 7 + 48 */
	assert_int_equal(lost(&s), 55);
	send(&s, 160, 240); /* nor does this, and only application data is looked for further on: 80 */
	assert_int_equal(lost(&s), 135);
	send(&s, 241, 326); /* starts with one; 240..241 was not seen */
	expect(&s, 2, HANDSHAKE, 100, DATA, 80);
	assert_int_equal(lost(&s), 136);
	end(&s);
}

static void header_within_a_segment(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 1);
	syn(&s);
	send(&s, 0, 20);
	send(&s, 108, 166); /* 105..111 is lost; at 111 there is application data */
	expect(&s, 2, HANDSHAKE, 100, DATA, 50);
	assert_int_equal(lost(&s), 6);
	end(&s);
	/* something that looks like it, but what should follow it does not */
	three(&s, 1);
	memcpy(s.bytes + 120, "\x17\x03\x03\x00\x0a", 5);
	syn(&s);
	send(&s, 0, 20);
	send(&s, 112, 166);
	expect(&s, 1, HANDSHAKE, 100);
	assert_int_equal(lost(&s), 61);
	end(&s);
	/* of another version than the stream's */
	three(&s, 1);
	s.bytes[113] = 1;
	syn(&s);
	send(&s, 0, 20);
	send(&s, 108, 166);
	expect(&s, 1, HANDSHAKE, 100);
	end(&s);
}

static void old_bytes_are_no_new_start(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 1);
	record(&s, DATA, 70);    /* 166 to 241 */
	send_cut(&s, 0, 111, 0); /* where it stands is not known */
	send(&s, 105, 160);      /* begins with a header, but of 105..111 it was told before */
	expect(&s, 0);
	assert_int_equal(lost(&s), 160);
	end(&s);
}

static void partial_header_before_a_hole(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 1);
	syn(&s);
	send(&s, 0, 107); /* two bytes of the second header */
	send(&s, 111, 166);
	expect(&s, 2, HANDSHAKE, 100, DATA, 50);
	assert_int_equal(lost(&s), 6); /* those two, and the four of the hole */
	end(&s);
}

static void snaplen_cut(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 1);
	syn(&s);
	/* 40 of 105 captured: the rest is the record's own */
	send_cut(&s, 0, 105, 40);
	send_cut(&s, 105, 166, 20); /* both headers are in there */
	expect(&s, 3, HANDSHAKE, 100, 20, 1, DATA, 50);
	assert_int_equal(lost(&s), 0);
	end(&s);
	three(&s, 1);
	syn(&s);
	send_cut(&s, 0, 166, 40); /* the first record ends at 105; what follows was not captured */
	expect(&s, 1, HANDSHAKE, 100);
	assert_int_equal(lost(&s), 61);
	end(&s);
	three(&s, 1);
	syn(&s);
	send_cut(&s, 0, 111, 0);
	send(&s, 111, 166);
	expect(&s, 1, DATA, 50);
	assert_int_equal(lost(&s), 111);
	end(&s);
}

static void picked_up_midway(void **state)
{
	struct stream s;

	(void)state;
	three(&s, 77);
	send(&s, 30, 105);
	assert_int_equal(lost(&s), 75);
	send(&s, 105, 166);
	expect(&s, 2, 20, 1, DATA, 50);
	assert_int_equal(lost(&s), 75);
	end(&s);
}

static void not_tls(void **state)
{
	static const char *const hellos[] = { "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct stream s;
		begin(&s, 1);
		syn(&s);
		memcpy(s.bytes, hellos[i], strlen(hellos[i]));
		send(&s, 0, (uint32_t)strlen(hellos[i]));
		send(&s, 100, 1100);
		expect(&s, 0);
		/* all of it, and the hole to 100 */
		assert_int_equal(lost(&s), 1100);
		end(&s);
	}
}

static void starts_later(void **state)
{
	/* as after STARTTLS: the first segment that begins with a header */
	struct stream s;

	(void)state;
	begin(&s, 1);
	syn(&s);
	memcpy(s.bytes, "EHLO x\r\n", 8);
	s.size = 8;
	record(&s, HANDSHAKE, 200);
	send(&s, 0, 8);
	send(&s, 8, 213);
	expect(&s, 1, HANDSHAKE, 200);
	assert_int_equal(lost(&s), 8);
	end(&s);
}

static void implausible_headers(void **state)
{
	static const struct {
		uint8_t header[5];
		unsigned count;
	} rows[] = {
		{ { 22, 3, 1, 0, 1 }, 1 },       { { 19, 3, 1, 0, 1 }, 0 },       { { 25, 3, 1, 0, 1 }, 0 },
		{ { 22, 2, 1, 0, 1 }, 0 },       { { 22, 3, 5, 0, 1 }, 0 },       { { 22, 3, 4, 0, 1 }, 1 },
		{ { 22, 3, 3, 0, 0 }, 0 },       { { 23, 3, 3, 0, 0 }, 1 },       /* empty application data may be */
		{ { 23, 3, 3, 0x48, 0x00 }, 1 }, { { 23, 3, 3, 0x48, 0x01 }, 0 }, /* 18432 is the most */
	};

	(void)state;
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct stream s;
		begin(&s, 1);
		syn(&s);
		memcpy(s.bytes, rows[i].header, 5);
		send(&s, 0, 5);
		assert_int_equal(s.seen.count, rows[i].count);
		assert_int_equal(lost(&s), rows[i].count ? 0 : 5);
		end(&s);
	}
}

static void another_stream(void **state)
{
	/* a sequence number from nowhere does not make gigabytes of loss */
	struct stream s;

	(void)state;
	three(&s, 1);
	syn(&s);
	send(&s, 0, 105);
	s.base += 0x70000000;
	send(&s, 0, 166);
	expect(&s, 4, HANDSHAKE, 100, HANDSHAKE, 100, 20, 1, DATA, 50);
	assert_int_equal(lost(&s), 0);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_segmentation),
		cmocka_unit_test(reported_when_the_header_is_complete),
		cmocka_unit_test(retransmissions_count_once),
		cmocka_unit_test(hole_within_a_record),
		cmocka_unit_test(hole_over_a_header),
		cmocka_unit_test(header_within_a_segment),
		cmocka_unit_test(old_bytes_are_no_new_start),
		cmocka_unit_test(partial_header_before_a_hole),
		cmocka_unit_test(snaplen_cut),
		cmocka_unit_test(picked_up_midway),
		cmocka_unit_test(not_tls),
		cmocka_unit_test(starts_later),
		cmocka_unit_test(implausible_headers),
		cmocka_unit_test(another_stream),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
