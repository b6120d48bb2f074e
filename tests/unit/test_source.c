/* SPDX-License-Identifier: BSD-2-Clause */
/* test_source.c - formats, link types, damage and filters, through dz_source. */
#include "config.h"
#include "capture/source.h"
#include "fixture_capture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void assert_ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);
	assert_true(size >= end_size);
	assert_string_equal(text + size - end_size, end);
}

/* Reads one packet and looks at all of it. */
static void expect_packet(struct dz_source *source, uint64_t index, uint64_t time_ns, uint32_t caplen, uint32_t wirelen,
			  int linktype, int fill)
{
	struct dz_frame packet;
	struct dz_err err;

	assert_int_equal(dz_source_next(source, &packet, &err), DZ_SOURCE_PACKET);
	assert_int_equal(packet.index, index);
	assert_int_equal(packet.time_ns, time_ns);
	assert_int_equal(packet.caplen, caplen);
	assert_int_equal(packet.wirelen, wirelen);
	assert_int_equal(packet.linktype, linktype);
	assert_int_equal(packet.input, 0);
	assert_true(packet.selected);
	for (uint32_t i = 0; i < caplen; i++)
		assert_int_equal(packet.bytes[i], fill);
}

static void expect_end(struct dz_source *source)
{
	struct dz_frame packet;
	struct dz_err err;
	assert_int_equal(dz_source_next(source, &packet, &err), DZ_SOURCE_END);
	assert_int_equal(dz_source_next(source, &packet, &err), DZ_SOURCE_END);
}

/* ---- formats ---- */

/* 0x5f000001 s = 1593835521 s. 0xfffffffe s = 4294967294 s lies past 2038, where a signed number would turn over. */
static void check_pcap(struct fixture *f, bool big_endian, uint32_t magic, enum packing packing)
{
	bool nano = magic == 0xa1b23c4d;
	struct writer w;

	fix_pcap_begin(&w, big_endian, magic, ETHERNET);
	fix_pcap_add(&w, 0x5f000001, 123456, 60, 1514, 0x11);
	fix_pcap_add(&w, 0x5f000001, 999999, 0, 40, 0);
	fix_pcap_add(&w, 0xfffffffe, 7, 65535, 65535, 0x33);
	const char *path = fix_save_packed(f, "some name", packing, &w.bytes);
	struct dz_inputs *inputs = fix_inputs(f, path, NULL, NULL);
	struct dz_source *source = dz_source_new(inputs, NULL);

	assert_true(dz_inputs_seekable(inputs));
	assert_string_equal(dz_inputs_name(inputs, 0), "some name");
	assert_string_equal(dz_inputs_path(inputs, 0), path);
	expect_packet(source, 0, 1593835521000000000u + (nano ? 123456u : 123456000u), 60, 1514, ETHERNET, 0x11);
	expect_packet(source, 1, 1593835521000000000u + (nano ? 999999u : 999999000u), 0, 40, ETHERNET, 0);
	expect_packet(source, 2, 4294967294000000000u + (nano ? 7u : 7000u), 65535, 65535, ETHERNET, 0x33);
	expect_end(source);
	assert_int_equal(dz_source_position(source), dz_inputs_size(inputs));
	if (packing == PLAIN)
		assert_int_equal(dz_inputs_size(inputs), w.bytes.size);
	dz_source_free(source);
	dz_inputs_free(inputs);
	dz_strbuf_release(&w.bytes);
}

static void test_pcap(void **state)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34 };

	for (int packing = PLAIN; packing < PACKINGS; packing++)
		for (int magic = 0; fix_can_pack(packing) && magic < 3; magic++)
			for (int big_endian = 0; big_endian < 2; big_endian++)
				check_pcap(*state, big_endian, magics[magic], packing);
}

static void test_pcapng(void **state)
{
	struct fixture *f = *state;

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct writer w;
		fix_ng_begin(&w, big_endian);
		fix_ng_interface(&w, ETHERNET, 65535, 0);
		fix_ng_interface(&w, ETHERNET, 65535, 9);
		fix_ng_add(&w, 0, 1593835521123456u, 61, 1514, 0x11);
		fix_ng_add(&w, 1, 1593835521123456789u, 60, 60, 0x22);
		struct dz_inputs *inputs = fix_inputs(f, fix_save_writer(f, "a.pcapng", &w), NULL, NULL);
		struct dz_source *source = dz_source_new(inputs, NULL);
		expect_packet(source, 0, 1593835521123456000u, 61, 1514, ETHERNET, 0x11);
		expect_packet(source, 1, 1593835521123456789u, 60, 60, ETHERNET, 0x22);
		expect_end(source);
		dz_source_free(source);
		dz_inputs_free(inputs);
	}
}

/* Interfaces of different link types and snapshot lengths, one of them shorter than its packet; the simple packet has
 * the first interface and the time before it. */
static void test_pcapng_of_two_interfaces(void **state)
{
	struct fixture *f = *state;
	struct writer w;

	fix_ng_begin(&w, false);
	fix_ng_interface(&w, ETHERNET, 32, 0);
	fix_ng_add(&w, 0, 1000001, 60, 60, 0x11);
	fix_ng_interface(&w, 113, 262144, 0);
	fix_ng_add(&w, 1, 2000002, 61, 61, 0x22);
	struct dz_inputs *inputs = fix_inputs(f, fix_save_writer(f, "mixed.pcapng", &w), NULL, NULL);
	struct dz_source *source = dz_source_new(inputs, NULL);
	expect_packet(source, 0, 1000001000, 60, 60, ETHERNET, 0x11);
	expect_packet(source, 1, 2000002000, 61, 61, 113, 0x22);
	expect_end(source);
	dz_source_free(source);
	dz_inputs_free(inputs);
}

static void test_link_types(void **state)
{
	/* Numbers and names: https://www.tcpdump.org/linktypes.html. 147 is for private use; libpcap names it
	 * no more than a number that nobody has. */
	static const struct {
		uint32_t linktype;
		const char *name;
	} rows[] = { { 0, "NULL" },  { 1, "EN10MB" },   { 9, "PPP" },          { 50, "PPP_SERIAL" },
		     { 101, "RAW" }, { 104, "C_HDLC" }, { 108, "LOOP" },       { 113, "LINUX_SLL" },
		     { 147, NULL },  { 239, "NFLOG" },  { 276, "LINUX_SLL2" }, { 64000, NULL } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct writer w;
		fix_pcap_begin(&w, false, 0xa1b2c3d4, rows[i].linktype);
		fix_pcap_add(&w, 1, 0, 40, 40, 0x45);
		struct dz_inputs *inputs = fix_inputs(f, fix_save_writer(f, "a.pcap", &w), NULL, NULL);
		struct dz_source *source = dz_source_new(inputs, NULL);
		expect_packet(source, 0, 1000000000, 40, 40, (int)rows[i].linktype, 0x45);
		expect_end(source);
		dz_source_free(source);
		dz_inputs_free(inputs);
		const char *name = dz_source_link_name((int)rows[i].linktype);
		assert_string_equal(name ? name : "none", rows[i].name ? rows[i].name : "none");
	}
	assert_non_null(strstr(dz_source_library_version(), "libpcap"));
}

static void test_looks_like_capture(void **state)
{
	static const char *const good[] = { "\xa1\xb2\xc3\xd4....", "\xd4\xc3\xb2\xa1....", "\xa1\xb2\x3c\x4d....",
					    "\x4d\x3c\xb2\xa1....", "\xa1\xb2\xcd\x34....", "\x34\xcd\xb2\xa1....",
					    "\x0a\x0d\x0d\x0a...." };
	static const char *const bad[] = { "{\"@times",         "\n\r\n\r....",
					   "PK\x03\x04....",    "\xa1\xb2\xc3\xd5....",
					   "\x1f\x8b\x08.....", "\x28\xb5\x2f\xfd...." };
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(dz_source_looks_like_capture((const uint8_t *)good[i], 8));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(dz_source_looks_like_capture((const uint8_t *)bad[i], 8));
	assert_false(dz_source_looks_like_capture((const uint8_t *)"", 0));
}

/* ---- damage ---- */

/* The capture of the truncation tests: packets end at offsets 24 + 76, + 16, + 116. */
static const size_t small_ends[] = { PCAP_HEADER, PCAP_HEADER + 76, PCAP_HEADER + 92, PCAP_HEADER + 208 };

static void small_capture(struct writer *w)
{
	fix_pcap_begin(w, false, 0xa1b2c3d4, ETHERNET);
	fix_pcap_add(w, 1, 0, 60, 60, 1);
	fix_pcap_add(w, 2, 0, 0, 60, 2);
	fix_pcap_add(w, 3, 0, 100, 100, 3);
	assert_int_equal(w->bytes.size, small_ends[3]);
}

static void check_truncated(struct fixture *f, const struct dz_strbuf *plain, size_t size, enum packing packing)
{
	struct dz_strbuf cut;
	uint64_t whole = 0;
	char expected[256];

	dz_strbuf_init(&cut);
	dz_strbuf_add(&cut, plain->data, size);
	const char *path = fix_save_packed(f, "cut", packing, &cut);
	struct outcome outcome = fix_read_file(f, path);
	dz_strbuf_release(&cut);
	while (whole < 3 && size >= small_ends[whole + 1])
		whole++;
	bool at_border = size == small_ends[whole];

	assert_int_equal(outcome.packets, size < PCAP_HEADER ? 0 : whole);
	assert_int_equal(outcome.damaged, size < PCAP_HEADER || at_border ? 0 : 1);
	assert_int_equal(f->complaints.size > 0, size < PCAP_HEADER);
	if (size < PCAP_HEADER)
		assert_memory_equal(f->complaints.data, path, strlen(path));
	if (outcome.damaged) {
		if (packing == PLAIN)
			snprintf(expected, sizeof expected,
				 "%s: broken off after packet %d (offset %zu): truncated: ", path, (int)whole, size);
		else
			snprintf(expected, sizeof expected, "%s: broken off after packet %d: truncated: ", path,
				 (int)whole);
		assert_memory_equal(outcome.err.text, expected, strlen(expected));
	}
	dz_strbuf_clear(&f->complaints);
}

static void test_truncation_at_every_byte(void **state)
{
	struct writer w;

	small_capture(&w);
	for (int packing = PLAIN; packing < PACKINGS; packing++)
		for (size_t size = 0; fix_can_pack(packing) && size <= w.bytes.size; size++)
			check_truncated(*state, &w.bytes, size, packing);
	dz_strbuf_release(&w.bytes);
}

static void test_bad_record_header(void **state)
{
	struct fixture *f = *state;
	struct writer w;
	char expected[256];

	small_capture(&w);
	size_t size = w.bytes.size;
	fix_pcap_add(&w, 4, 0, 0, 0, 0);
	memset(w.bytes.data + size + 8, 0x7f, 4);
	fix_pcap_add(&w, 5, 0, 60, 60, 0);
	const char *path = fix_save_writer(f, "bad.pcap", &w);
	struct outcome outcome = fix_read_file(f, path);
	assert_int_equal(outcome.packets, 3);
	assert_int_equal(outcome.damaged, 1);
	snprintf(expected, sizeof expected,
		 "%s: broken off after packet 3 (offset %zu): damaged: a packet of 2139062143 bytes", path, size);
	assert_memory_equal(outcome.err.text, expected, strlen(expected));
}

/* After damage the next input is read. */
static void test_damage_does_not_stop_the_next(void **state)
{
	struct fixture *f = *state;
	struct writer w;

	small_capture(&w);
	w.bytes.size -= 1;
	const char *cut = fix_save_writer(f, "a.pcap", &w), *good = fix_save_one(f, "b.pcap", 100);
	struct dz_inputs *inputs = fix_inputs(f, cut, good, NULL);
	struct outcome outcome = fix_read_all(inputs, NULL);
	assert_int_equal(outcome.packets, 3);
	assert_int_equal(outcome.damaged, 1);
	dz_inputs_free(inputs);
}

static void test_vanished_after_look(void **state)
{
	struct fixture *f = *state;
	const char *path = fix_save_one(f, "a.pcap", 1);
	struct dz_inputs *inputs = fix_inputs(f, path, NULL, NULL);

	assert_int_equal(unlink(path), 0);
	struct outcome outcome = fix_read_all(inputs, NULL);
	assert_int_equal(outcome.damaged, 1);
	assert_ends_with(outcome.err.text, "/a.pcap: cannot be opened: No such file or directory");
	dz_inputs_free(inputs);
}

/* ---- filters ---- */

static void test_filter(void **state)
{
	struct fixture *f = *state;
	struct dz_err err;
	struct writer w;

	/* Ethernet frames whose bytes are all 8: ethertype 0x0808, which is no IP. pcap-filter(7): "less 60" is
	 * len <= 60, and len is the length on the wire. */
	fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
	fix_pcap_add(&w, 1, 0, 60, 60, 8);
	fix_pcap_add(&w, 2, 0, 60, 1000, 8);
	fix_pcap_add(&w, 3, 0, 61, 61, 8);
	struct dz_inputs *inputs = fix_inputs(f, fix_save_writer(f, "a", &w), NULL, NULL);
	struct outcome outcome = fix_read_all(inputs, "less 60");
	assert_int_equal(outcome.packets, 3);
	assert_int_equal(outcome.selected, 1);
	assert_int_equal(fix_read_all(inputs, "ether proto 0x0808").selected, 3);
	assert_int_equal(fix_read_all(inputs, "ip").selected, 0);
	assert_true(dz_source_check_filter(inputs, "vlan and tcp port 80", &err));
	assert_false(dz_source_check_filter(inputs, "tcp prot 80", &err));
	assert_non_null(strstr(err.text, "syntax error"));
	dz_inputs_free(inputs);

	inputs = fix_inputs(f, fix_path(f, "missing"), NULL, NULL);
	assert_true(dz_source_check_filter(inputs, "vlan", &err)); /* nothing to look at: as for Ethernet */
	assert_false(dz_source_check_filter(inputs, "nonsense", &err));
	dz_inputs_free(inputs);
}

static void test_filter_and_link_types(void **state)
{
	struct fixture *f = *state;
	struct dz_err err;
	struct writer w;

	fix_pcap_begin(&w, false, 0xa1b2c3d4, RAW);
	fix_pcap_add(&w, 1, 0, 40, 40, 0x45);
	fix_pcap_add(&w, 1, 0, 40, 40, 0x45);
	const char *raw = fix_save_writer(f, "raw", &w), *ethernet = fix_save_one(f, "ethernet", 2);
	struct dz_inputs *inputs = fix_inputs(f, raw, NULL, NULL);
	assert_false(dz_source_check_filter(inputs, "vlan", &err));
	assert_non_null(strstr(err.text, "no VLAN support for"));
	assert_true(dz_source_check_filter(inputs, "ip", &err));
	assert_int_equal(fix_read_all(inputs, "ip").selected, 2);
	dz_inputs_free(inputs);

	/* A FIFO may turn out to take what the others do not. */
	const char *fifo = fix_path(f, "fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	inputs = fix_inputs(f, raw, fifo, NULL);
	assert_true(dz_source_check_filter(inputs, "vlan", &err));
	dz_inputs_free(inputs);

	inputs = fix_inputs(f, raw, ethernet, NULL);
	assert_true(dz_source_check_filter(inputs, "vlan", &err));
	struct outcome outcome = fix_read_all(inputs, "vlan");
	assert_int_equal(outcome.damaged, 1);
	assert_int_equal(outcome.packets, 3);
	assert_int_equal(outcome.selected, 0);
	assert_non_null(strstr(outcome.err.text, "/raw: filter \"vlan\" does not fit its link type 101 (RAW): "));
	dz_inputs_free(inputs);
}

/* ---- taking many at a time ---- */

struct taker {
	uint64_t taken, left; /* left: to take in this turn */
	uint32_t changes;     /* of the input */
	uint32_t input;
};

static bool take(void *context, struct dz_frame *packet)
{
	struct taker *t = context;
	assert_int_equal(packet->index, t->taken);
	assert_int_equal(packet->time_ns, (1000 + t->taken) * UINT64_C(1000000000));
	assert_int_equal(packet->caplen, 1 + t->taken % 7);
	assert_int_equal(packet->bytes[packet->caplen - 1], t->taken % 251);
	t->changes += packet->input != t->input;
	t->input = packet->input;
	t->taken++;
	return --t->left > 0;
}

/* However many are taken at a time, and wherever that ends in a file, each packet comes once and in order. */
static void test_taking_several(void **state)
{
	enum { PACKETS = 60, FILES = 3 };
	struct fixture *f = *state;
	const char *paths[FILES];

	for (unsigned i = 0; i < FILES; i++) {
		char name[16];
		struct writer w;
		fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
		for (unsigned k = i * PACKETS / FILES; k < (i + 1) * PACKETS / FILES; k++)
			fix_pcap_add(&w, 1000 + k, 0, 1 + k % 7, 100, (int)k);
		snprintf(name, sizeof name, "file %u", i);
		paths[i] = fix_save_writer(f, name, &w);
	}
	struct dz_inputs *inputs = fix_inputs(f, paths[0], paths[1], paths[2]);
	for (uint64_t at_once = 1; at_once <= PACKETS + 1; at_once++) {
		struct taker t = { .taken = 0 };
		struct dz_source *source = dz_source_new(inputs, NULL);
		struct dz_err err;
		enum dz_source_status status;
		do {
			t.left = at_once;
			status = dz_source_each(source, take, &t, &err);
			assert_true(status == DZ_SOURCE_END || (status == DZ_SOURCE_PACKET && t.left == 0));
		} while (status == DZ_SOURCE_PACKET);
		assert_int_equal(t.taken, PACKETS);
		assert_int_equal(t.changes, FILES - 1);
		dz_source_free(source);
	}
	dz_inputs_free(inputs);
}

/* ---- inputs that overlap ---- */

/* A capture of packets at these seconds; each packet's bytes are 1 + its second. */
static const char *save_at(struct fixture *f, const char *name, const uint32_t *seconds, size_t count)
{
	struct writer w;
	fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
	for (size_t i = 0; i < count; i++)
		fix_pcap_add(&w, seconds[i], 0, 30, 30, (int)seconds[i] + 1);
	return fix_save_writer(f, name, &w);
}

#define SAVE_AT(f, name, ...)                                                                                          \
	save_at(f, name, (uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

struct order {
	struct dz_strbuf text; /* "b3 a4 ": input and second of each packet */
	const struct dz_inputs *inputs;
	uint64_t index;
	uint64_t at_once, left;
};

static bool note_order(void *context, struct dz_frame *frame)
{
	struct order *o = context;
	uint32_t second = (uint32_t)(frame->time_ns / 1000000000);

	assert_int_equal(frame->index, o->index++);
	for (size_t i = 0; i < frame->caplen; i++)
		assert_int_equal(frame->bytes[i], second + 1);
	dz_strbuf_addf(&o->text, "%s%u ", dz_inputs_name(o->inputs, frame->input), second);
	return --o->left > 0;
}

static void expect_order(const struct dz_inputs *inputs, bool apart, const char *expected)
{
	for (uint64_t at_once = 1; at_once < 8; at_once++) {
		struct order o = { .inputs = inputs };
		struct dz_source *source = dz_source_new(inputs, NULL);
		enum dz_source_status status;
		struct dz_err err;
		dz_strbuf_init(&o.text);
		if (apart)
			dz_source_read_apart(source);
		do {
			o.left = at_once;
			status = dz_source_each(source, note_order, &o, &err);
		} while (status != DZ_SOURCE_END);
		assert_string_equal(o.text.data, expected);
		assert_int_equal(dz_source_position(source), dz_inputs_size(inputs));
		dz_source_free(source);
		dz_strbuf_release(&o.text);
	}
}

/* In the order of time, whichever file a packet is in; of one time, in the order of the inputs; and a file whose own
 * packets are out of order keeps them so. */
static void test_merging(void **state)
{
	struct fixture *f = *state;
	const char *a = SAVE_AT(f, "a", 1, 5, 6, 9), *b = SAVE_AT(f, "b", 2, 5, 7), *c = SAVE_AT(f, "c", 3, 8, 4, 20);
	struct dz_inputs *inputs = fix_inputs(f, c, b, a);

	expect_order(inputs, false, "a1 b2 c3 a5 b5 a6 b7 c8 c4 a9 c20 ");
	expect_order(inputs, true, "a1 a5 a6 a9 b2 b5 b7 c3 c8 c4 c20 ");
	dz_inputs_free(inputs);
}

/* One that ends before the next begins; one within another; one without packets; and one damaged on its way. */
static void test_merging_rims(void **state)
{
	struct fixture *f = *state;
	struct dz_inputs *inputs = fix_inputs(f, SAVE_AT(f, "a", 1, 2), SAVE_AT(f, "b", 3, 9), SAVE_AT(f, "c", 4, 5));
	struct writer w;

	expect_order(inputs, false, "a1 a2 b3 c4 c5 b9 ");
	dz_inputs_free(inputs);

	fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
	const char *none = fix_save_writer(f, "none", &w);
	inputs = fix_inputs(f, SAVE_AT(f, "a", 1, 4), none, SAVE_AT(f, "c", 2, 5));
	expect_order(inputs, false, "a1 c2 a4 c5 ");
	dz_inputs_free(inputs);

	inputs = fix_inputs(f, SAVE_AT(f, "a", 1, 4, 6), SAVE_AT(f, "c", 2, 5), NULL);
	assert_int_equal(truncate(fix_path(f, "a"), PCAP_HEADER + 2 * (RECORD_HEADER + 30) + 20), 0);
	struct outcome outcome = fix_read_all(inputs, NULL);
	assert_int_equal(outcome.packets, 4);
	assert_int_equal(outcome.damaged, 1);
	assert_non_null(strstr(outcome.err.text, "/a: broken off after packet 2 (offset 136): truncated"));
	dz_inputs_free(inputs);
}

/* More than may be open at once: all packets come, each once. Every file has a packet at its own second and one at the
 * end, so that all overlap. */
static void test_merging_very_many(void **state)
{
	enum { FILES = 600 };
	struct fixture *f = *state;
	uint64_t last_ns = 0, packets = 0, early = 0;
	struct dz_frame frame;
	struct dz_err err;

	for (uint32_t i = 0; i < FILES; i++) {
		char name[16];
		snprintf(name, sizeof name, "%u", i);
		save_at(f, name, (uint32_t[]){ i, 1000 }, 2);
	}
	struct dz_inputs *inputs = fix_inputs(f, f->folder, NULL, NULL);
	struct dz_source *source = dz_source_new(inputs, NULL);
	assert_int_equal(dz_inputs_count(inputs), FILES);
	while (dz_source_next(source, &frame, &err) == DZ_SOURCE_PACKET) {
		early += frame.time_ns < last_ns;
		last_ns = frame.time_ns;
		packets++;
	}
	assert_int_equal(packets, 2 * FILES);
	assert_in_range(early, 1, FILES - 512);
	dz_source_free(source);
	dz_inputs_free(inputs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pcap, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_pcapng, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_pcapng_of_two_interfaces, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_link_types, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_looks_like_capture, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_truncation_at_every_byte, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_bad_record_header, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_damage_does_not_stop_the_next, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_vanished_after_look, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_taking_several, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_merging, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_merging_rims, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_merging_very_many, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_filter, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_filter_and_link_types, fix_setup, fix_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
