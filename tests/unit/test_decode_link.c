/* SPDX-License-Identifier: BSD-2-Clause */
/* test_decode_link.c - from the start of a frame to its IP header, for every link type. */
#include "config.h"
#include "decode/decode.h"

#include "probe.h"

enum { ETHERNET = 1, RAW = 101, NO_SUCH_LINK = 147 /* private use */ };
enum { TCP = 6 };

/* An NFLOG attribute's length and type are in the host's byte order. */
static void nflog_attribute(struct wire *w, uint16_t length, uint16_t type)
{
	uint8_t *bytes = wire_push(w, 4);

	memcpy(bytes, &length, 2);
	memcpy(bytes + 2, &type, 2);
}

/* ---- link types ---- */

TEST(ethernet)
{
	sample4(w);
	wire_ethernet(w, 0x0800);
	expect_sample4(p, ETHERNET, w);
	sample6(w);
	wire_ethernet(w, 0x86dd);
	expect_sample6(p, ETHERNET, w);
}

TEST(ethernet_padding_does_not_count)
{
	/* 14 of Ethernet, 20 + 20 of IP, and 18 that only fill the frame */
	wire_payload(w, 18);
	wire_tcp(w, 1000, 80, DZ_TCP_ACK);
	wire_ip4(w, TCP, 1, 2);
	put16(wire_bytes(w) + 2, 40);
	wire_ethernet(w, 0x0800);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_OK);
	assert_int_equal(p->pkt.ip_len, 40);
	assert_int_equal(p->pkt.ip_caplen, 40);
	assert_int_equal(p->pkt.payload_len, 0);
	assert_null(p->pkt.payload);
	assert_int_equal(p->pkt.frame_len, 72);
	assert_false(p->pkt.cut);
	/* not even where the capture ends within it */
	assert_int_equal(probe_cut(p, ETHERNET, w, 60), DZ_DECODE_OK);
	assert_false(p->pkt.cut);
}

TEST(llc_snap)
{
	sample4(w);
	wire_hex(w, "aa aa 03 00 00 00 08 00"); /* RFC 1042 */
	wire_ethernet(w, (unsigned)wire_size(w));
	expect_sample4(p, ETHERNET, w);
	sample4(w);
	wire_hex(w, "06 06 03"); /* IP's service access point */
	wire_ethernet(w, (unsigned)wire_size(w));
	expect_sample4(p, ETHERNET, w);
}

/* Where the IP header gives no length (see ip4_length_zero), the frame's own does, where it has one. */
TEST(padding_of_other_frames)
{
	struct wire inner;

	wire_payload(w, 10); /* padding of an 802.3 frame: 8 of LLC and SNAP, 58 of IP */
	sample4(&inner);
	put16(wire_bytes(&inner) + 2, 0);
	memcpy(wire_push(w, 58), wire_bytes(&inner), 58);
	wire_hex(w, "aa aa 03 00 00 00 08 00");
	wire_ethernet(w, 66);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_OK);
	assert_int_equal(p->pkt.ip_len, 58);
	wire_init(w);
	wire_payload(w, 10); /* PPPoE: 2 of PPP, 58 of IP */
	memcpy(wire_push(w, 58), wire_bytes(&inner), 58);
	wire_hex(w, "1100 1234 003c 0021");
	assert_int_equal(probe_decode(p, 51, w), DZ_DECODE_OK);
	assert_int_equal(p->pkt.ip_len, 58);
	wire_init(w);
	wire_payload(w, 2); /* NFLOG: 58 in an attribute of 62, which takes 64 */
	memcpy(wire_push(w, 58), wire_bytes(&inner), 58);
	nflog_attribute(w, 62, 9);
	wire_hex(w, "02 00 0000");
	assert_int_equal(probe_decode(p, 239, w), DZ_DECODE_OK);
	assert_int_equal(p->pkt.ip_len, 58);
}

TEST(not_ip)
{
	wire_hex(w, "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002");
	wire_ethernet(w, 0x0806); /* ARP */
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_NOT_IP);
	wire_init(w);
	wire_hex(w, "42 42 03 00 00 00 00 00"); /* spanning tree */
	wire_ethernet(w, 8);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_NOT_IP);
	wire_init(w);
	wire_hex(w, "aa aa 03 00 00 0c 20 00 02 b4"); /* CDP: Cisco's own SNAP */
	wire_ethernet(w, 10);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_NOT_IP);
	sample4(w);
	wire_hex(w, "aa aa e3 00 00 00 08 00"); /* a test frame, not unnumbered information */
	wire_ethernet(w, (unsigned)wire_size(w));
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_NOT_IP);
	sample4(w);
	wire_ethernet(w, 0x05ff); /* neither a length nor a type */
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_NOT_IP);
}

TEST(null_and_loop)
{
	/* AF_INET is 2 everywhere; AF_INET6 is 24, 28 or 30 on the BSDs, 10 on Linux, 23 on Windows; in the byte order
	 * of whoever captured */
	sample4(w);
	wire_hex(w, "02000000");
	expect_sample4(p, 0, w);
	sample4(w);
	wire_hex(w, "00000002");
	expect_sample4(p, 0, w);
	sample4(w);
	wire_hex(w, "00000002");
	expect_sample4(p, 108, w);
	for (unsigned i = 0; i < 5; i++) {
		static const char *const family[] = { "18000000", "1c000000", "1e000000", "0a000000", "17000000" };
		sample6(w);
		wire_hex(w, family[i]);
		expect_sample6(p, 0, w);
	}
	sample6(w);
	wire_hex(w, "0000001c");
	expect_sample6(p, 108, w);
	sample4(w);
	wire_hex(w, "00000007");
	assert_int_equal(probe_decode(p, 0, w), DZ_DECODE_NOT_IP);
}

TEST(ppp)
{
	/* with address and control (RFC 1662), without, and with the protocol compressed (RFC 1661, 6.5) */
	static const char *const framing4[] = { "ff03 0021", "0021", "21", "ff03 21" };
	for (unsigned i = 0; i < 4; i++) {
		sample4(w);
		wire_hex(w, framing4[i]);
		expect_sample4(p, 9, w);
	}
	sample6(w);
	wire_hex(w, "ff03 0057");
	expect_sample6(p, 50, w);
	sample4(w);
	wire_hex(w, "0f00 0800"); /* Cisco HDLC on a serial line */
	expect_sample4(p, 50, w);
	wire_init(w);
	wire_hex(w, "ff03 c021 01 01 0004"); /* LCP */
	assert_int_equal(probe_decode(p, 9, w), DZ_DECODE_NOT_IP);
}

TEST(c_hdlc)
{
	sample4(w);
	wire_hex(w, "0f00 0800");
	expect_sample4(p, 104, w);
	sample6(w);
	wire_hex(w, "8f00 86dd");
	expect_sample6(p, 104, w);
	wire_init(w);
	wire_hex(w, "8f00 8035 00000002 00000000 00000000 ffff 0000"); /* SLARP */
	assert_int_equal(probe_decode(p, 104, w), DZ_DECODE_NOT_IP);
}

TEST(linux_cooked)
{
	sample4(w);
	wire_hex(w, "0000 0001 0006 020000000001 0000 0800");
	expect_sample4(p, 113, w);
	sample6(w);
	wire_hex(w, "86dd 0000 00000002 0001 00 06 020000000001 0000");
	expect_sample6(p, 276, w);
	sample4(w);
	wire_tag(w, 7, 0x0800);
	wire_hex(w, "0004 0001 0006 020000000001 0000 8100");
	expect_sample4(p, 113, w);
	assert_int_equal(p->pkt.vlan, 7);
	wire_init(w);
	wire_hex(w, "42 42 03 00");
	wire_hex(w, "0000 0001 0006 020000000001 0000 0004"); /* 802.2 */
	assert_int_equal(probe_decode(p, 113, w), DZ_DECODE_NOT_IP);
}

TEST(raw_ip)
{
	static const int both[] = { 12, 14, 101 };
	for (unsigned i = 0; i < 3; i++) {
		sample4(w);
		expect_sample4(p, both[i], w);
		sample6(w);
		expect_sample6(p, both[i], w);
	}
	sample4(w);
	expect_sample4(p, 228, w);
	sample6(w);
	expect_sample6(p, 229, w);
	wire_init(w);
	wire_hex(w, "00000000");
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_NOT_IP);
}

TEST(nflog)
{
	struct wire inner;

	sample4(&inner); /* 58 bytes: attribute of 62, padded to 64 */
	memcpy(wire_push(w, 60), wire_bytes(&inner), 58);
	nflog_attribute(w, 62, 9);
	wire_hex(w, "616200 00"); /* prefix "ab": attribute of 7, padded to 8 */
	nflog_attribute(w, 7, 10);
	wire_hex(w, "02 00 0000");
	expect_sample4(p, 239, w);
	wire_init(w);
	nflog_attribute(w, 3, 9); /* shorter than itself */
	wire_hex(w, "02 00 0000");
	assert_int_equal(probe_decode(p, 239, w), DZ_DECODE_MALFORMED);
}

TEST(unsupported_link)
{
	sample4(w);
	assert_int_equal(probe_decode(p, NO_SUCH_LINK, w), DZ_DECODE_UNSUPPORTED_LINK);
	assert_false(dz_decode_knows_link(NO_SUCH_LINK));
	assert_true(dz_decode_knows_link(ETHERNET));
	assert_true(dz_decode_knows_link(276));
}

/* ---- between link and IP ---- */

TEST(vlan)
{
	static const unsigned types[] = { 0x8100, 0x88a8, 0x9100 };
	for (unsigned i = 0; i < 3; i++) {
		sample4(w);
		wire_tag(w, 100 | 0xe000 /* priority 7 */, 0x0800);
		wire_ethernet(w, types[i]);
		expect_sample4(p, ETHERNET, w);
		assert_int_equal(p->pkt.vlan, 100);
		assert_int_equal(p->pkt.inner_vlan, 0);
		assert_int_equal(p->pkt.key.vlan, 100);
	}
	sample4(w);
	wire_tag(w, 200, 0x0800);
	wire_tag(w, 100, 0x8100);
	wire_ethernet(w, 0x88a8);
	expect_sample4(p, ETHERNET, w);
	assert_int_equal(p->pkt.vlan, 100);
	assert_int_equal(p->pkt.inner_vlan, 200);
	assert_int_equal(p->pkt.key.vlan, 100);
	/* id 0 only gives a priority (IEEE 802.1Q, 9.6) */
	sample4(w);
	wire_tag(w, 200, 0x0800);
	wire_tag(w, 0, 0x8100);
	wire_ethernet(w, 0x8100);
	expect_sample4(p, ETHERNET, w);
	assert_int_equal(p->pkt.vlan, 200);
	/* a tagged 802.3 frame */
	sample4(w);
	wire_hex(w, "aa aa 03 00 00 00 08 00");
	wire_tag(w, 5, (unsigned)wire_size(w));
	wire_ethernet(w, 0x8100);
	expect_sample4(p, ETHERNET, w);
}

TEST(vlan_ignored)
{
	struct dz_decoder *own = p->decoder;
	p->config.ignore_vlan = true;
	p->decoder = dz_decoder_new(&p->config);
	sample4(w);
	wire_tag(w, 100, 0x0800);
	wire_ethernet(w, 0x8100);
	expect_sample4(p, ETHERNET, w);
	assert_int_equal(p->pkt.vlan, 100);
	assert_int_equal(p->pkt.key.vlan, 0);
	dz_decoder_free(own);
}

TEST(mpls)
{
	/* label 16 and 17, bottom of stack on the second (RFC 3032: bit 8) */
	sample4(w);
	wire_hex(w, "00010040 00011140");
	wire_ethernet(w, 0x8847);
	expect_sample4(p, ETHERNET, w);
	sample6(w);
	wire_hex(w, "00011140");
	wire_ethernet(w, 0x8848);
	expect_sample6(p, ETHERNET, w);
	/* no bottom */
	wire_init(w);
	wire_hex(w, "00010040 00010040");
	wire_ethernet(w, 0x8847);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_MALFORMED);
	assert_int_equal(probe_cut(p, ETHERNET, w, 20), DZ_DECODE_TRUNCATED);
	/* an associated channel (RFC 4385, section 5) */
	wire_init(w);
	wire_hex(w, "10000007 00000000 00000000 00000000 00000000");
	wire_hex(w, "00011140");
	wire_ethernet(w, 0x8847);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_NOT_IP);
}

TEST(mpls_pseudowire)
{
	/* RFC 4448: with a control word, and without */
	sample4(w);
	wire_ethernet(w, 0x0800);
	wire_hex(w, "00011140 00000007");
	wire_ethernet(w, 0x8847);
	expect_sample4(p, ETHERNET, w);
	sample4(w);
	wire_ethernet(w, 0x0800);
	wire_hex(w, "00011140");
	wire_ethernet(w, 0x8847);
	expect_sample4(p, ETHERNET, w);
	/* an address that begins as a control word does, and one that begins as IPv4 does */
	sample4(w);
	wire_ethernet(w, 0x0800);
	memcpy(wire_bytes(w), "\x00\x1b\x21\x00\x00\x01", 6);
	wire_hex(w, "00011140");
	wire_ethernet(w, 0x8847);
	expect_sample4(p, ETHERNET, w);
	sample4(w);
	wire_ethernet(w, 0x0800);
	memcpy(wire_bytes(w), "\x44\x1b\x21\x00\x00\x01", 6);
	wire_hex(w, "00011140");
	wire_ethernet(w, 0x8847);
	expect_sample4(p, ETHERNET, w);
}

TEST(pppoe)
{
	sample4(w);
	wire_hex(w, "0021");
	wire_tag(w, 0x1234 /* session */, (unsigned)wire_size(w));
	wire_hex(w, "1100");
	wire_ethernet(w, 0x8864);
	expect_sample4(p, ETHERNET, w);
	sample6(w);
	wire_hex(w, "0057");
	wire_tag(w, 0x1234, (unsigned)wire_size(w));
	wire_hex(w, "1100");
	expect_sample6(p, 51, w);
	sample4(w);
	wire_hex(w, "1101 1234 003c 0021"); /* a code that no session has */
	assert_int_equal(probe_decode(p, 51, w), DZ_DECODE_NOT_IP);
	wire_init(w);
	wire_hex(w, "1109 0000 0004 0101 0000"); /* discovery: PADI */
	wire_ethernet(w, 0x8863);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_NOT_IP);
}

TEST(nested_links_do_not_recurse)
{
	/* Ethernet in MPLS in Ethernet, 300 deep, then tags without end: one verdict, soon */
	sample4(w);
	for (unsigned i = 0; i < 300; i++) {
		wire_ethernet(w, i ? 0x8847 : 0x0800);
		wire_hex(w, "00011140");
	}
	wire_ethernet(w, 0x8847);
	assert_int_equal(probe_cut(p, ETHERNET, w, wire_size(w)), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	wire_init(w);
	for (unsigned i = 0; i < 1000; i++)
		wire_tag(w, 1, 0x8100);
	wire_ethernet(w, 0x8100);
	assert_int_equal(probe_cut(p, ETHERNET, w, wire_size(w)), DZ_DECODE_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ethernet),     cmocka_unit_test(ethernet_padding_does_not_count),
		cmocka_unit_test(llc_snap),     cmocka_unit_test(padding_of_other_frames),
		cmocka_unit_test(not_ip),       cmocka_unit_test(null_and_loop),
		cmocka_unit_test(ppp),          cmocka_unit_test(c_hdlc),
		cmocka_unit_test(linux_cooked), cmocka_unit_test(raw_ip),
		cmocka_unit_test(nflog),        cmocka_unit_test(unsupported_link),
		cmocka_unit_test(vlan),         cmocka_unit_test(vlan_ignored),
		cmocka_unit_test(mpls),         cmocka_unit_test(mpls_pseudowire),
		cmocka_unit_test(pppoe),        cmocka_unit_test(nested_links_do_not_recurse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
