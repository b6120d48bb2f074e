/* SPDX-License-Identifier: BSD-2-Clause */
/* test_decode.c - IP headers, transports and verdicts. Link headers: test_decode_link.c; tunnels and fragments:
 * test_decode_tunnel.c.
 *
 * Expected lengths are sums of header sizes, written out: IPv4 20, IPv6 40, UDP 8, TCP 20. */
#include "config.h"
#include "decode/decode.h"

#include "probe.h"

enum { ETHERNET = 1, RAW = 101 };
enum { ICMP = 1, TCP = 6, UDP = 17, SCTP = 132 };

/* ---- IPv4 ---- */

TEST(ip4_options)
{
	wire_payload(w, 30);
	wire_udp(w, 1000, 53);
	wire_hex(w, "94 04 0000"); /* router alert (RFC 2113) */
	wire_ip4(w, UDP, 1, 2);
	wire_bytes(w)[0] = 0x46; /* 24 bytes of header: the length is 20 + 4 + 8 + 30 */
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	assert_int_equal(p->pkt.ip_len, 62);
	assert_int_equal(p->pkt.payload_len, 30);
	/* cut within the options: no ports */
	assert_int_equal(probe_cut(p, RAW, w, 22), DZ_DECODE_TRUNCATED);
}

TEST(ip4_malformed)
{
	sample4(w);
	wire_bytes(w)[0] = 0x44; /* header of 16 bytes */
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_MALFORMED);
	assert_int_equal(probe_cut(p, RAW, w, 20), DZ_DECODE_MALFORMED);
	sample4(w);
	put16(wire_bytes(w) + 2, 19); /* shorter than its header */
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_MALFORMED);
	sample4(w);
	put16(wire_bytes(w) + 2, 23); /* three bytes of ports */
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_MALFORMED);
	sample4(w);
	wire_bytes(w)[0] = 0x55; /* no such version */
	wire_ethernet(w, 0x0800);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_MALFORMED);
	wire_init(w);
	wire_hex(w, "45 00 00"); /* the frame itself ends */
	wire_ethernet(w, 0x0800);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_MALFORMED);
}

TEST(ip4_length_zero)
{
	/* as a sender's own capture shows a segment that its card is to cut up: 20 + 20 + 3000 */
	wire_payload(w, 3000);
	wire_tcp(w, 1000, 80, DZ_TCP_ACK);
	put16(wire_ip4(w, TCP, 1, 2) + 2, 0);
	wire_ethernet(w, 0x0800);
	assert_int_equal(probe_cut(p, ETHERNET, w, wire_size(w)), DZ_DECODE_OK);
	assert_int_equal(p->pkt.ip_len, 3040);
	assert_int_equal(p->pkt.payload_len, 3000);
	assert_int_equal(probe_cut(p, ETHERNET, w, 96), DZ_DECODE_OK);
	assert_int_equal(p->pkt.ip_len, 3040);
	assert_int_equal(p->pkt.ip_caplen, 82);
	assert_int_equal(p->pkt.payload_caplen, 42);
	assert_true(p->pkt.cut);
}

/* ---- IPv6 ---- */

static void expect_behind_headers(struct probe *p, struct wire *w, unsigned extra)
{
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 1000 > fd00::2 53 proto 17");
	assert_int_equal(p->pkt.ip_len, 40 + extra + 8 + 30);
	assert_int_equal(p->pkt.payload_len, 30);
	assert_false(p->pkt.fragment);
}

TEST(ip6_extension_headers)
{
	/* number and size of each; the size field counts 8 bytes beyond the first 8, and AH's 4 beyond 8 */
	static const struct {
		unsigned number, size, field;
	} headers[] = { { 0, 8, 0 },    { 43, 24, 2 }, { 60, 16, 1 }, { 135, 8, 0 },
			{ 139, 40, 4 }, { 140, 8, 0 }, { 51, 24, 4 } };
	unsigned total = 0, next = UDP;
	struct wire chain;

	wire_init(&chain);
	wire_payload(&chain, 30);
	wire_udp(&chain, 1000, 53);
	for (unsigned i = 0; i < sizeof headers / sizeof *headers; i++) {
		uint8_t *header;
		wire_init(w);
		wire_payload(w, 30);
		wire_udp(w, 1000, 53);
		header = wire_push(w, headers[i].size);
		header[0] = UDP;
		header[1] = (uint8_t)headers[i].field;
		wire_ip6(w, headers[i].number, 1, 2);
		expect_behind_headers(p, w, headers[i].size);
		header = wire_push(&chain, headers[i].size);
		header[0] = (uint8_t)next;
		header[1] = (uint8_t)headers[i].field;
		next = headers[i].number;
		total += headers[i].size;
	}
	wire_ip6(&chain, next, 1, 2);
	expect_behind_headers(p, &chain, total);
	/* cut in the middle of the chain; and contradicted by the packet's length */
	assert_int_equal(probe_cut(p, RAW, &chain, 100), DZ_DECODE_TRUNCATED);
	put16(wire_bytes(&chain) + 4, 60);
	assert_int_equal(probe_cut(p, RAW, &chain, wire_size(&chain)), DZ_DECODE_MALFORMED);
}

TEST(ip6_portless)
{
	wire_hex(w, "3b00 0000 0000 0000"); /* a mobility message: nothing follows it */
	wire_ip6(w, 135, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 0 > fd00::2 0 proto 135");
	wire_init(w);
	wire_ip6(w, 59, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 0 > fd00::2 0 proto 59");
	assert_int_equal(p->pkt.ip_len, 40);
}

TEST(ip6_atomic_fragment)
{
	/* RFC 6946: a fragment header without fragmentation */
	wire_payload(w, 30);
	wire_udp(w, 1000, 53);
	wire_ip6_fragment(w, UDP, 7, 0, false);
	wire_ip6(w, 44, 1, 2);
	expect_behind_headers(p, w, 8);
}

TEST(ip6_length_zero)
{
	/* as with IPv4: 40 + 20 + 3000 */
	wire_payload(w, 3000);
	wire_tcp(w, 1000, 80, DZ_TCP_ACK);
	put16(wire_ip6(w, TCP, 1, 2) + 4, 0);
	assert_int_equal(probe_cut(p, RAW, w, 100), DZ_DECODE_OK);
	assert_int_equal(p->pkt.ip_len, 3060);
	assert_int_equal(p->pkt.payload_len, 3000);
	assert_int_equal(p->pkt.payload_caplen, 40);
}

TEST(ip6_jumbogram)
{
	/* RFC 2675: payload length 0; option 0xc2 says 70000 */
	wire_payload(w, 100);
	wire_udp(w, 1000, 53);
	wire_hex(w, "11 00 c2 04 00011170");
	put16(wire_ip6(w, 0, 1, 2) + 4, 0);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 1000 > fd00::2 53 proto 17");
	assert_int_equal(p->pkt.ip_len, 70040);
	assert_true(p->pkt.cut);
}

/* ---- transports ---- */

TEST(tcp)
{
	uint8_t *header;

	wire_payload(w, 5);
	wire_tcp(w, 40000, 443, DZ_TCP_PSH | DZ_TCP_ACK);
	wire_ip4(w, TCP, 9, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.9 40000 > 10.0.0.2 443 proto 6");
	assert_int_equal(p->pkt.sender, 1); /* the higher address */
	assert_int_equal(p->pkt.tcp_seq, 0x01020304);
	assert_int_equal(p->pkt.tcp_ack, 0x05060708);
	assert_int_equal(p->pkt.tcp_flags, DZ_TCP_PSH | DZ_TCP_ACK);
	assert_int_equal(p->pkt.ip_len, 45);
	assert_int_equal(p->pkt.payload_len, 5);
	/* 12 bytes of options */
	wire_init(w);
	wire_payload(w, 5);
	wire_payload(w, 12);
	wire_tcp(w, 40000, 443, DZ_TCP_ACK);
	wire_bytes(w)[12] = 8 << 4;
	header = wire_ip4(w, TCP, 9, 2) + 20;
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_int_equal(p->pkt.payload_len, 5);
	assert_ptr_equal(p->pkt.payload, p->pkt.ip + 52);
	/* data offsets that cannot be: the packet stays in its flow; tshark and ndpiReader too subtract the
	 * offset as it is, from 20 + 12 + 5 bytes of TCP */
	header[12] = 4 << 4;
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.9 40000 > 10.0.0.2 443 proto 6");
	assert_int_equal(p->pkt.payload_len, 37 - 16);
	assert_int_equal(p->pkt.tcp_flags, DZ_TCP_ACK);
	header[12] = 15 << 4;
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_int_equal(p->pkt.payload_len, 0);
}

TEST(tcp_every_cut)
{
	wire_payload(w, 100);
	wire_payload(w, 12);
	wire_tcp(w, 40000, 443, DZ_TCP_ACK);
	wire_bytes(w)[12] = 8 << 4;
	wire_ip4(w, TCP, 1, 2);
	wire_ethernet(w, 0x0800);
	for (size_t n = 0; n < wire_size(w); n++) {
		enum dz_verdict verdict = probe_cut(p, ETHERNET, w, n);
		/* 14 + 20 + 4: up to the ports */
		assert_int_equal(verdict, n < 38 ? DZ_DECODE_TRUNCATED : DZ_DECODE_OK);
		if (verdict != DZ_DECODE_OK)
			continue;
		assert_string_equal(probe_flow(p), "10.0.0.1 40000 > 10.0.0.2 443 proto 6");
		assert_true(p->pkt.cut);
		assert_int_equal(p->pkt.ip_len, 152);
		/* the header's length is in its 13th byte, the flags in the 14th; until then, 20 bytes */
		assert_int_equal(p->pkt.payload_len, n < 48 ? 112 : 100);
		assert_int_equal(p->pkt.tcp_flags, n < 48 ? 0 : DZ_TCP_ACK);
		assert_int_equal(p->pkt.payload_caplen, n < 66 ? 0 : n - 66);
	}
}

TEST(udp_lengths)
{
	/* 0, too small, too large: the IP packet's bounds say 30. Smaller by a trailer of 10: 20. */
	static const unsigned stated[] = { 0, 7, 39, 65535, 28 }, payload[] = { 30, 30, 30, 30, 20 };
	for (unsigned i = 0; i < 5; i++) {
		sample4(w);
		put16(wire_bytes(w) + 24, stated[i]);
		assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
		assert_int_equal(p->pkt.payload_len, payload[i]);
	}
	/* cut at every byte of the header: known to be 30 or more */
	sample4(w);
	for (size_t n = 24; n < 58; n++) {
		assert_int_equal(probe_cut(p, RAW, w, n), DZ_DECODE_OK);
		assert_int_equal(p->pkt.payload_len, 30);
		assert_int_equal(p->pkt.payload_caplen, n < 28 ? 0 : n - 28);
	}
	assert_int_equal(probe_cut(p, RAW, w, 23), DZ_DECODE_TRUNCATED);
}

TEST(other_ports)
{
	/* SCTP (RFC 9260), UDP-Lite (RFC 3828), DCCP (RFC 4340) begin with ports too; their payload is not measured */
	static const unsigned protocols[] = { SCTP, 136, 33 };
	for (unsigned i = 0; i < 3; i++) {
		char flow[64];
		wire_init(w);
		wire_hex(w, "03e8 0035 00000000 00000000 00000000");
		wire_ip4(w, protocols[i], 1, 2);
		assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
		snprintf(flow, sizeof flow, "10.0.0.1 1000 > 10.0.0.2 53 proto %u", protocols[i]);
		assert_string_equal(probe_flow(p), flow);
		assert_int_equal(p->pkt.payload_len, 0);
	}
}

TEST(icmp)
{
	wire_payload(w, 56);
	wire_hex(w, "0800 0000 0001 0001"); /* echo request: 8, answered by 0 */
	wire_ip4(w, ICMP, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 8 > 10.0.0.2 0 proto 1");
	assert_false(p->pkt.one_way_icmp);
	assert_int_equal(p->pkt.payload_len, 56);
	wire_init(w);
	wire_payload(w, 1);
	wire_hex(w, "0800 0000 0001 0001");
	wire_ip4(w, ICMP, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_int_equal(p->pkt.payload_len, 1);
	wire_init(w);
	wire_hex(w, "0301 0000"); /* unreachable, host: one way; shorter than 8 bytes */
	wire_ip4(w, ICMP, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 3 > 10.0.0.2 257 proto 1"); /* code 1 + 256, as flow_key.h says */
	assert_true(p->pkt.one_way_icmp);
	assert_int_equal(p->pkt.payload_len, 0);
	wire_init(w);
	wire_payload(w, 16);
	wire_hex(w, "8700 0000 0000 0000"); /* neighbour solicitation: 135, answered by 136 */
	wire_ip6(w, 58, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 135 > fd00::2 136 proto 58");
	assert_int_equal(p->pkt.payload_len, 16);
}

TEST(portless)
{
	wire_hex(w, "1600 0904 e0000001"); /* IGMP */
	wire_ip4(w, 2, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 0 > 10.0.0.2 0 proto 2");
	assert_int_equal(p->pkt.payload_len, 0);
	assert_int_equal(p->pkt.ip_len, 28);
}

TEST(verdict_names)
{
	(void)p;
	(void)w;
	assert_string_equal(dz_verdict_name(DZ_DECODE_OK), "ok");
	assert_string_equal(dz_verdict_name(DZ_DECODE_NOT_IP), "not-ip");
	assert_string_equal(dz_verdict_name(DZ_DECODE_UNSUPPORTED_LINK), "unsupported-link");
	assert_string_equal(dz_verdict_name(DZ_DECODE_TRUNCATED), "truncated");
	assert_string_equal(dz_verdict_name(DZ_DECODE_MALFORMED), "malformed");
	assert_string_equal(dz_verdict_name(DZ_DECODE_TOO_DEEP), "too-deep");
	assert_string_equal(dz_verdict_name(DZ_DECODE_TUNNEL_FRAGMENT), "tunnel-fragment");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip4_options),
		cmocka_unit_test(ip4_malformed),
		cmocka_unit_test(ip4_length_zero),
		cmocka_unit_test(ip6_extension_headers),
		cmocka_unit_test(ip6_portless),
		cmocka_unit_test(ip6_atomic_fragment),
		cmocka_unit_test(ip6_length_zero),
		cmocka_unit_test(ip6_jumbogram),
		cmocka_unit_test(tcp),
		cmocka_unit_test(tcp_every_cut),
		cmocka_unit_test(udp_lengths),
		cmocka_unit_test(other_ports),
		cmocka_unit_test(icmp),
		cmocka_unit_test(portless),
		cmocka_unit_test(verdict_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
