/* SPDX-License-Identifier: BSD-2-Clause */
/* test_source_pcapng.c - what pcapng alone has: clocks, sections, kinds of packets, options, blocks that are passed
 * over, and lengths that lie. Numbers of blocks and options: draft-ietf-opsawg-pcapng, sections 4.2 to 4.4 and 3.5. */
#include "config.h"
#include "capture/source.h"
#include "fixture_capture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, OLD_PACKET = 2, SIMPLE_PACKET = 3, NAMES = 4, STATISTICS = 5, PACKET = 6 };
enum { SECRETS = 10, CUSTOM = 0xbad, PRIVATE = 0x80000abc };

/* ---- writing ---- */

static struct writer body_of(const struct writer *w)
{
	struct writer body = { .big_endian = w->big_endian };
	dz_strbuf_init(&body.bytes);
	return body;
}

static void end_block(struct writer *w, uint32_t type, struct writer *body)
{
	fix_ng_block(w, type, body);
	dz_strbuf_release(&body->bytes);
}

static void option(struct writer *body, unsigned code, const void *value, size_t size)
{
	fix_put(body, code, 2);
	fix_put(body, size, 2);
	dz_strbuf_add(&body->bytes, value, size);
	fix_put(body, 0, (int)(-size % 4));
}

/* An interface with if_name, if_tsresol and if_tsoffset, where they are given. */
static void interface(struct writer *w, uint16_t linktype, const char *name, int tsresol, int64_t tsoffset)
{
	struct writer body = body_of(w);

	fix_put(&body, linktype, 2);
	fix_put(&body, 0, 2);
	fix_put(&body, 96, 4);
	if (name)
		option(&body, 2, name, strlen(name));
	if (tsresol >= 0)
		option(&body, 9, &(uint8_t){ (uint8_t)tsresol }, 1);
	if (tsoffset) {
		fix_put(&body, 14, 2);
		fix_put(&body, 8, 2);
		fix_put(&body, (uint64_t)tsoffset, 8);
	}
	fix_put(&body, 0, 4);
	end_block(w, INTERFACE, &body);
}

static void packet(struct writer *w, uint32_t number, uint64_t ticks, int fill)
{
	fix_ng_add(w, number, ticks, 50, 60, fill);
}

static void other(struct writer *w, uint32_t type, size_t size)
{
	struct writer body = body_of(w);
	for (size_t i = 0; i < size; i++)
		fix_put(&body, 0xee, 1);
	end_block(w, type, &body);
}

/* ---- reading ---- */

static struct dz_source *open_source(struct fixture *f, struct writer *w, struct dz_inputs **inputs)
{
	*inputs = fix_inputs(f, fix_save_writer(f, "a.pcapng", w), NULL, NULL);
	return dz_source_new(*inputs, NULL);
}

static struct dz_frame expect(struct dz_source *source, uint64_t time_ns, uint32_t caplen, int fill)
{
	struct dz_frame frame;
	struct dz_err err;

	assert_int_equal(dz_source_next(source, &frame, &err), DZ_SOURCE_PACKET);
	assert_int_equal(frame.time_ns, time_ns);
	assert_int_equal(frame.caplen, caplen);
	assert_int_equal(frame.wirelen, 60);
	for (uint32_t i = 0; i < caplen; i++)
		assert_int_equal(frame.bytes[i], fill);
	return frame;
}

static void expect_end(struct dz_source *source, struct dz_inputs *inputs)
{
	struct dz_frame frame;
	struct dz_err err;

	assert_int_equal(dz_source_next(source, &frame, &err), DZ_SOURCE_END);
	dz_source_free(source);
	dz_inputs_free(inputs);
}

/* ---- clocks ---- */

static void test_clocks(void **state)
{
	static const struct {
		int tsresol;
		int64_t offset;
		uint64_t ticks, time_ns;
	} rows[] = {
		{ -1, 0, 1500000, 1500000000 },                              /* microseconds, where nothing is said */
		{ 0, 0, 7, 7000000000 },                                     /* whole seconds */
		{ 3, 0, 1500, 1500000000 },                                  /* 10^-3 */
		{ 9, 5, 1, 5000000001 },                                     /* and 5 s to add */
		{ 9, -5, 7000000001, 2000000001 },                           /* or to take away */
		{ 9, -5, 1, 0 },                                             /* before 1970 */
		{ 12, 0, 1000000001999, 1000000001 },                        /* picoseconds, those that count */
		{ 19, 0, 15000000000000000000u, 1500000000 },                /* the finest that 64 bits can count */
		{ 20, 3, 1, 3000000000 },                                    /* beyond: nothing but the offset */
		{ 0x80 | 1, 0, 3, 1500000000 },                              /* halves */
		{ 0x80 | 30, 0, (UINT64_C(1) << 30) + 1, 1000000000 },       /* 2^-30 s is 0.93 ns */
		{ 0x80 | 63, 0, (UINT64_C(1) << 63) | 1 << 30, 1000000000 }, /* 2^-33 s more is 0.1 ns */
		{ 0, 0, UINT64_MAX, (UINT64_C(1) << 62) - 1 },               /* beyond the year 2116 */
		{ 0, 1, 4611686019, (UINT64_C(1) << 62) - 1 },               /* a second beyond it */
	};
	struct fixture *f = *state;

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct dz_inputs *inputs;
		struct writer w;
		size_t count = sizeof rows / sizeof *rows;
		fix_ng_begin(&w, big_endian);
		for (size_t i = 0; i < count; i++)
			interface(&w, ETHERNET, NULL, rows[i].tsresol, rows[i].offset);
		for (size_t i = 0; i < count; i++)
			packet(&w, (uint32_t)i, rows[i].ticks, (int)i);
		struct dz_source *source = open_source(f, &w, &inputs);
		for (size_t i = 0; i < count; i++)
			expect(source, rows[i].time_ns, 50, (int)i);
		expect_end(source, inputs);
	}
}

/* ---- sections and interfaces ---- */

/* The second section is of the other byte order and has an interface 0 of its own. */
static void test_sections(void **state)
{
	struct fixture *f = *state;

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct dz_inputs *inputs;
		struct writer w, second;
		fix_ng_begin(&w, big_endian);
		interface(&w, ETHERNET, "eth0", 9, 0);
		packet(&w, 0, 1, 0x11);
		fix_ng_begin(&second, !big_endian);
		interface(&second, RAW, "tun0", 6, 0);
		packet(&second, 0, 2, 0x22);
		dz_strbuf_add(&w.bytes, second.bytes.data, second.bytes.size);
		dz_strbuf_release(&second.bytes);
		struct dz_source *source = open_source(f, &w, &inputs);
		struct dz_frame frame = expect(source, 1, 50, 0x11);
		assert_int_equal(frame.linktype, ETHERNET);
		assert_string_equal(dz_source_interface_name(source, frame.interface), "eth0");
		frame = expect(source, 2000, 50, 0x22);
		assert_int_equal(frame.linktype, RAW);
		assert_string_equal(dz_source_interface_name(source, frame.interface), "tun0");
		expect_end(source, inputs);
	}
}

static void test_names(void **state)
{
	struct fixture *f = *state;
	struct dz_inputs *inputs;
	struct writer w;

	fix_ng_begin(&w, false);
	interface(&w, ETHERNET, NULL, -1, 0);
	interface(&w, ETHERNET, "", -1, 0);
	interface(&w, ETHERNET, "\xc3\xa9th0", -1, 0);
	interface(&w, ETHERNET, "eth1", -1, 0);
	interface(&w, ETHERNET, "eth1", -1, 0);
	for (uint32_t i = 0; i < 5; i++)
		packet(&w, i, 0, 0);
	struct dz_source *source = open_source(f, &w, &inputs);
	assert_int_equal(expect(source, 0, 50, 0).interface, 0);
	assert_int_equal(expect(source, 0, 50, 0).interface, 0);
	assert_null(dz_source_interface_name(source, 0));
	assert_string_equal(dz_source_interface_name(source, expect(source, 0, 50, 0).interface), "\xc3\xa9th0");
	unsigned first = expect(source, 0, 50, 0).interface, second = expect(source, 0, 50, 0).interface;
	assert_string_equal(dz_source_interface_name(source, (uint16_t)first), "eth1");
	assert_int_equal(first, second);
	expect_end(source, inputs);
}

/* ---- kinds of packets ---- */

static void test_simple_and_old_packets(void **state)
{
	struct fixture *f = *state;

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct dz_inputs *inputs;
		struct writer w, body;
		fix_ng_begin(&w, big_endian);
		interface(&w, RAW, NULL, 9, 0); /* its snapshot length is 96 */
		interface(&w, ETHERNET, NULL, 9, 0);
		packet(&w, 1, 77, 0x11);
		body = body_of(&w);
		fix_put(&body, 60, 4); /* a simple packet: its length on the wire, and all 60 bytes */
		for (int i = 0; i < 60; i++)
			fix_put(&body, 0x22, 1);
		end_block(&w, SIMPLE_PACKET, &body);
		body = body_of(&w);
		fix_put(&body, 1, 2); /* an old one: interface, drops, time, lengths */
		fix_put(&body, 65535, 2);
		fix_put(&body, 0, 4);
		fix_put(&body, 99, 4);
		fix_put(&body, 3, 4);
		fix_put(&body, 60, 4);
		for (int i = 0; i < 3; i++)
			fix_put(&body, 0x33, 1);
		end_block(&w, OLD_PACKET, &body);
		struct dz_source *source = open_source(f, &w, &inputs);
		assert_int_equal(expect(source, 77, 50, 0x11).linktype, ETHERNET);
		assert_int_equal(expect(source, 77, 60, 0x22).linktype, RAW);
		assert_int_equal(expect(source, 99, 3, 0x33).linktype, ETHERNET);
		expect_end(source, inputs);
	}
}

/* A simple packet that was cut at the interface's snapshot length, 96; its padding is none of it. */
static void test_simple_packet_cut(void **state)
{
	struct fixture *f = *state;
	struct dz_inputs *inputs;
	struct dz_frame frame;
	struct writer w, body;
	struct dz_err err;

	fix_ng_begin(&w, false);
	interface(&w, RAW, NULL, 9, 0);
	body = body_of(&w);
	fix_put(&body, 1500, 4);
	for (int i = 0; i < 96; i++)
		fix_put(&body, 0x22, 1);
	end_block(&w, SIMPLE_PACKET, &body);
	struct dz_source *source = open_source(f, &w, &inputs);
	assert_int_equal(dz_source_next(source, &frame, &err), DZ_SOURCE_PACKET);
	assert_int_equal(frame.caplen, 96);
	assert_int_equal(frame.wirelen, 1500);
	assert_int_equal(frame.time_ns, 0); /* no packet with a time before it */
	expect_end(source, inputs);
}

/* ---- what is passed over ---- */

/* Blocks of all other types, also very long ones, and a section without packets. */
static void test_other_blocks(void **state)
{
	static const uint32_t types[] = { NAMES, STATISTICS, SECRETS, CUSTOM, PRIVATE, 0, 9, 0x40000bad };
	struct fixture *f = *state;
	struct dz_inputs *inputs;
	struct writer w;

	fix_ng_begin(&w, true);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		other(&w, types[i], i * 4);
	interface(&w, ETHERNET, NULL, 9, 0);
	other(&w, PRIVATE, 17 << 20); /* longer than a packet's may be */
	packet(&w, 0, 5, 0x11);
	other(&w, SECRETS, 300001);
	packet(&w, 0, 6, 0x22);
	other(&w, NAMES, 0);
	struct dz_source *source = open_source(f, &w, &inputs);
	expect(source, 5, 50, 0x11);
	expect(source, 6, 50, 0x22);
	expect_end(source, inputs);

	fix_ng_begin(&w, true); /* nothing in it is no damage */
	source = open_source(f, &w, &inputs);
	expect_end(source, inputs);
	assert_int_equal(f->complaints.size, 0);
}

/* Drops of an interface count from the start of its section: the last block tells all of them. Numbers of options: ng,
 * 4.6. Here eth0 lost 7 + 2, eth1 5, and the interface of the second section 1; nobody described an interface 9. */
static void statistics(struct writer *w, uint32_t number, uint64_t ifdrop, uint64_t osdrop)
{
	const struct {
		unsigned code;
		uint64_t value;
	} options[] = { { 4, 1000 }, { 5, ifdrop }, { 7, osdrop }, { 8, 900 } };
	struct writer body = body_of(w);

	fix_put(&body, number, 4);
	fix_put(&body, 0, 8);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		fix_put(&body, options[i].code, 2);
		fix_put(&body, 8, 2);
		fix_put(&body, options[i].value, 8);
	}
	fix_put(&body, 0, 4);
	end_block(w, STATISTICS, &body);
}

static void test_drops(void **state)
{
	struct fixture *f = *state;
	struct dz_source_stats stats;
	struct dz_inputs *inputs;
	struct writer w, second;

	fix_ng_begin(&w, false);
	interface(&w, ETHERNET, "eth0", 9, 0);
	interface(&w, ETHERNET, "eth1", 9, 0);
	statistics(&w, 0, 3, 0);
	packet(&w, 0, 1, 0x11);
	statistics(&w, 0, 7, 2);
	statistics(&w, 1, 5, 0);
	statistics(&w, 9, 100, 100);
	other(&w, STATISTICS, 4);
	fix_ng_begin(&second, true);
	interface(&second, ETHERNET, "eth0", 9, 0);
	packet(&second, 0, 2, 0x22);
	statistics(&second, 0, 0, 1);
	dz_strbuf_add(&w.bytes, second.bytes.data, second.bytes.size);
	dz_strbuf_release(&second.bytes);
	struct dz_source *source = open_source(f, &w, &inputs);
	expect(source, 1, 50, 0x11);
	dz_source_stats(source, &stats);
	assert_int_equal(stats.dropped, 3);
	expect(source, 2, 50, 0x22);
	dz_source_stats(source, &stats);
	assert_int_equal(stats.dropped, 7 + 2 + 5);
	struct dz_frame frame;
	struct dz_err err;
	assert_int_equal(dz_source_next(source, &frame, &err), DZ_SOURCE_END);
	dz_source_stats(source, &stats);
	assert_int_equal(stats.dropped, 7 + 2 + 5 + 1);
	expect_end(source, inputs);
}

/* ---- damage ---- */

/* A capture, and where its blocks end: 28 of the section, 40 of the interface, 84 of each packet, 12 of another. */
static void damageable(struct writer *w)
{
	fix_ng_begin(w, false);
	interface(w, ETHERNET, "eth0", 9, 0);
	packet(w, 0, 1, 0x11);
	other(w, CUSTOM, 0);
	packet(w, 0, 2, 0x22);
}

enum {
	AT_INTERFACE = 28,
	AT_FIRST = 28 + 40,
	AT_OTHER = AT_FIRST + 84,
	AT_SECOND = AT_OTHER + 12,
	AT_END = AT_SECOND + 84
};

static void test_cut_anywhere(void **state)
{
	static const size_t ends[] = { AT_INTERFACE, AT_FIRST, AT_OTHER, AT_SECOND, AT_END };
	struct fixture *f = *state;
	struct writer w;

	damageable(&w);
	assert_int_equal(w.bytes.size, AT_END);
	for (size_t size = AT_INTERFACE; size < AT_END; size++) {
		char expected[96];
		bool between = false;
		uint64_t packets = (size >= AT_OTHER) + (uint64_t)(size >= AT_END);
		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
			between |= size == ends[i];
		struct outcome outcome = fix_read_file(f, fix_save(f, "cut", w.bytes.data, size));
		assert_int_equal(outcome.packets, packets);
		assert_int_equal(outcome.damaged, !between);
		snprintf(expected, sizeof expected,
			 "/cut: broken off after packet %d (offset %zu): truncated: ", (int)packets, size);
		if (!between)
			assert_non_null(strstr(outcome.err.text, expected));
	}
	assert_int_equal(f->complaints.size, 0);
	dz_strbuf_release(&w.bytes);
}

/* Each number that can lie, and what is said of it. Offsets as drawn in the draft. */
static void test_lies(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		uint64_t packets;
		const char *expected;
	} rows[] = {
		{ AT_FIRST + 4, 0, 0, "(offset 72): damaged: a block cannot be of 0 bytes" },
		{ AT_FIRST + 4, 8, 0, "(offset 72): damaged: a block cannot be of 8 bytes" },
		{ AT_FIRST + 4, 83, 0, "(offset 72): damaged: a block cannot be of 83 bytes" },
		{ AT_FIRST + 4, 28, 0,
		  "(offset 92): damaged: a block of 28 bytes ends as one of 60" }, /* its wirelen */
		{ AT_FIRST + 4, 88, 0, "damaged: a block of 88 bytes ends as one of 2989" },
		{ AT_FIRST + 4, 0xfffffffc, 0, "(offset 72): damaged: a block of 4294967292 bytes is longer than any" },
		{ AT_FIRST + 8, 1, 0, "(offset 68): damaged: a packet of interface 1, and 1 were described before it" },
		{ AT_FIRST + 20, 53, 0, "(offset 68): damaged: a packet of 53 bytes in a block of 84" },
		{ AT_FIRST + 20, 0xffffffff, 0,
		  "(offset 68): damaged: a packet of 4294967295 bytes is longer than any" },
		{ AT_FIRST + 80, 80, 0, "(offset 148): damaged: a block of 84 bytes ends as one of 80" },
		{ AT_OTHER + 4, 0xfffffffc, 1, "(offset 248): truncated: the rest of a block" },
		{ AT_SECOND, SECTION, 1, "damaged: a section header without byte-order magic" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct writer w;
		damageable(&w);
		for (int k = 0; k < 4; k++)
			w.bytes.data[rows[i].at + (size_t)k] = (char)(rows[i].value >> 8 * k);
		struct outcome outcome = fix_read_file(f, fix_save_writer(f, "lie", &w));
		assert_int_equal(outcome.packets, rows[i].packets);
		assert_int_equal(outcome.damaged, 1);
		if (!strstr(outcome.err.text, rows[i].expected))
			fail_msg("row %zu: %s", i, outcome.err.text);
	}
}

/* An option that is longer than its block: what came before it counts, and the packets are read. */
static void test_lying_option(void **state)
{
	struct fixture *f = *state;
	struct dz_inputs *inputs;
	struct writer w;

	damageable(&w);
	w.bytes.data[AT_INTERFACE + 16 + 8 + 2] = 0x7f; /* length of if_tsresol, behind if_name with its 8 bytes */
	struct dz_source *source = open_source(f, &w, &inputs);
	struct dz_frame frame = expect(source, 1000, 50, 0x11); /* microseconds again */
	assert_string_equal(dz_source_interface_name(source, frame.interface), "eth0");
	expect(source, 2000, 50, 0x22);
	expect_end(source, inputs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_clocks, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_sections, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_names, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_simple_and_old_packets, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_simple_packet_cut, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_other_blocks, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_drops, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_cut_anywhere, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_lies, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_lying_option, fix_setup, fix_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
