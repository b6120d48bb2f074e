/* SPDX-License-Identifier: BSD-2-Clause */
/* test_decode_tunnel.c - IP in something in IP, and fragments on either side of it. */
#include "config.h"
#include "decode/decode.h"

#include "probe.h"

enum { ETHERNET = 1, RAW = 101 };
enum { ICMP = 1, IPIP = 4, TCP = 6, UDP = 17, IPV6 = 41, GRE = 47 };

/* The inner packets are sample4() and sample6(); the outer ones' hosts are 3 and 4. */
static void expect_inner(struct probe *p, struct wire *w, enum dz_tunnel tunnel, unsigned version)
{
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	if (version == 4)
		assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	else
		assert_string_equal(probe_flow(p), "fd00::1 1000 > fd00::2 53 proto 17");
	assert_int_equal(p->pkt.tunnel, tunnel);
	assert_int_equal(p->pkt.ip_len, version == 4 ? 58 : 78);
	assert_int_equal(p->pkt.payload_len, 30);
	assert_int_equal(p->pkt.frame_len, wire_size(w));
	assert_false(p->pkt.cut);
}

static void expect_outer(struct probe *p, struct wire *w, const char *flow)
{
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), flow);
	assert_int_equal(p->pkt.tunnel, DZ_TUNNEL_NONE);
	assert_int_equal(p->pkt.ip_len, wire_size(w));
}

/* Without tunnels the same bytes are a flow of the outer hosts. */
static void expect_closed(struct wire *w, const char *flow)
{
	struct probe closed;

	probe_begin(&closed, false, "closed");
	expect_outer(&closed, w, flow);
	probe_end(&closed);
}

TEST(ip_in_ip)
{
	sample4(w);
	wire_ip4(w, IPIP, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_IPIP, 4);
	expect_closed(w, "10.0.0.3 0 > 10.0.0.4 0 proto 4");
	sample6(w);
	wire_ip4(w, IPV6, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_6IN4, 6);
	expect_closed(w, "10.0.0.3 0 > 10.0.0.4 0 proto 41");
	sample4(w);
	wire_ip6(w, IPIP, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_4IN6, 4);
	sample6(w);
	wire_ip6(w, IPV6, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_6IN6, 6);
	/* RFC 2473 puts a destination option before the inner packet */
	sample6(w);
	wire_hex(w, "29 00 04 01 04 01 0000");
	wire_ip6(w, 60, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_6IN6, 6);
	/* what the outer header promises is not there: the outer packet is a packet all the same */
	wire_init(w);
	wire_hex(w, "00000000");
	wire_ip4(w, IPIP, 3, 4);
	expect_outer(p, w, "10.0.0.3 0 > 10.0.0.4 0 proto 4");
	wire_init(w);
	wire_hex(w, "45000013");
	wire_ip4(w, IPIP, 3, 4);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_MALFORMED);
}

TEST(vlan_of_the_frame)
{
	/* the tag of the frame is kept for the inner flow, beside that of the inner frame */
	sample4(w);
	wire_tag(w, 9, 0x0800);
	wire_ethernet(w, 0x8100);
	wire_hex(w, "08000000 00000500"); /* VXLAN, network 5 */
	wire_udp(w, 50000, 4789);
	wire_ip4(w, UDP, 3, 4);
	wire_tag(w, 7, 0x0800);
	wire_ethernet(w, 0x8100);
	assert_int_equal(probe_decode(p, ETHERNET, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	assert_int_equal(p->pkt.vlan, 7);
	assert_int_equal(p->pkt.inner_vlan, 9);
	assert_int_equal(p->pkt.key.vlan, 7);
	assert_int_equal(p->pkt.key.inner_vlan, 9);
	assert_int_equal(p->pkt.key.tenant, 5);
}

TEST(depth)
{
	/* eight IP headers are opened; nine are too many */
	sample4(w);
	for (unsigned i = 1; i < DZ_DECODE_MAX_DEPTH; i++)
		wire_ip4(w, IPIP, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_IPIP, 4);
	wire_ip4(w, IPIP, 3, 4);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_TOO_DEEP);
}

TEST(gre)
{
	/* flags: checksum 8, key 2, sequence 1 (RFC 2890); then one field of 4 bytes for each */
	static const char *const headers[] = {
		"0000 0800",
		"8000 0800 12340000",
		"2000 0800 00000001",
		"1000 0800 00000001",
		"b000 0800 12340000 00000001 00000001",
	};
	for (unsigned i = 0; i < 5; i++) {
		sample4(w);
		wire_hex(w, headers[i]);
		wire_ip4(w, GRE, 3, 4);
		expect_inner(p, w, DZ_TUNNEL_GRE, 4);
	}
	expect_closed(w, "10.0.0.3 0 > 10.0.0.4 0 proto 47");
	sample6(w);
	wire_hex(w, "0000 86dd");
	wire_ip6(w, GRE, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_GRE, 6);
	sample4(w);
	wire_ethernet(w, 0x0800);
	wire_hex(w, "2000 6558 00000100"); /* Ethernet: NVGRE */
	wire_ip4(w, GRE, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_GRE, 4);
	sample4(w);
	wire_hex(w, "0000 8847 00011140"); /* MPLS */
	wire_ip4(w, GRE, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_GRE, 4);
}

TEST(gre_erspan)
{
	static const char *const headers[] = {
		"0000 88be",                                                        /* type I */
		"1000 88be 00000001 1001 0001 00000000",                            /* type II: version 1, 8 bytes */
		"1000 22eb 00000001 2001 0001 00000000 0000 0000",                  /* type III: version 2, 12 bytes */
		"1000 22eb 00000001 2001 0001 00000000 0000 0001 0000000000000000", /* and a subheader */
	};
	for (unsigned i = 0; i < 4; i++) {
		sample4(w);
		wire_ethernet(w, 0x0800);
		wire_hex(w, headers[i]);
		wire_ip4(w, GRE, 3, 4);
		expect_inner(p, w, DZ_TUNNEL_GRE, 4);
	}
}

TEST(gre_pptp)
{
	/* RFC 2637: key (length, call) and sequence; with acknowledgement; PPP with and without address */
	sample4(w);
	wire_hex(w, "ff03 0021");
	wire_hex(w, "3001 880b 003e 0001 00000001");
	wire_ip4(w, GRE, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_GRE, 4);
	sample4(w);
	wire_hex(w, "21");
	wire_hex(w, "3081 880b 003b 0001 00000001 00000001");
	wire_ip4(w, GRE, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_GRE, 4);
	/* an acknowledgement alone, and encrypted PPP (MPPE): the tunnel's own flow */
	wire_init(w);
	wire_hex(w, "2081 880b 0000 0001 00000001");
	wire_ip4(w, GRE, 3, 4);
	expect_outer(p, w, "10.0.0.3 0 > 10.0.0.4 0 proto 47");
	wire_init(w);
	wire_hex(w, "fd 90 01 45 00 00 1c aa bb cc");
	wire_hex(w, "3001 880b 000a 0001 00000001");
	wire_ip4(w, GRE, 3, 4);
	expect_outer(p, w, "10.0.0.3 0 > 10.0.0.4 0 proto 47");
}

TEST(gre_of_other_things)
{
	static const char *const packets[] = {
		"0000 0000",                /* keep-alive */
		"0000 2000 02b4 0000",      /* CDP */
		"0000 0806 0001 0800 0604", /* ARP */
		"4000 0800 00000000 4500",  /* source routing, which RFC 2784 dropped */
		"0002 0800 4500",           /* no such version */
		"00",                       /* no header */
		"0000 0800 0500 0000 0000", /* not IP, whatever it says */
	};
	for (unsigned i = 0; i < sizeof packets / sizeof *packets; i++) {
		wire_init(w);
		wire_hex(w, packets[i]);
		wire_ip4(w, GRE, 3, 4);
		expect_outer(p, w, "10.0.0.3 0 > 10.0.0.4 0 proto 47");
	}
}

TEST(vxlan)
{
	sample4(w);
	wire_ethernet(w, 0x0800);
	wire_hex(w, "08000000 00000500"); /* RFC 7348: the flag, network 5 */
	wire_udp(w, 50000, 4789);
	wire_ip4(w, UDP, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_VXLAN, 4);
	expect_closed(w, "10.0.0.3 50000 > 10.0.0.4 4789 proto 17");
	sample6(w);
	wire_ethernet(w, 0x86dd);
	wire_hex(w, "88000123 00000500"); /* with a group policy */
	wire_udp(w, 50000, 8472);
	wire_ip6(w, UDP, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_VXLAN, 6);
}

TEST(port_alone_is_no_tunnel)
{
	static const unsigned ports[] = { 4789, 8472, 6081, 2152, 3544 };
	for (unsigned i = 0; i < 5; i++) {
		char flow[64];
		/* a DNS query for example.com */
		wire_init(w);
		wire_hex(w, "0800 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001");
		wire_udp(w, 50000, ports[i]);
		wire_ip4(w, UDP, 3, 4);
		snprintf(flow, sizeof flow, "10.0.0.3 50000 > 10.0.0.4 %u proto 17", ports[i]);
		expect_outer(p, w, flow);
		assert_int_equal(p->pkt.payload_len, 29);
		/* nothing at all */
		wire_init(w);
		wire_udp(w, 50000, ports[i]);
		wire_ip4(w, UDP, 3, 4);
		expect_outer(p, w, flow);
	}
}

/* RFC 7348, section 5: reserved fields are ignored on receipt; but the flag that says that there is a number is not. */
TEST(vxlan_reserved)
{
	static const char *const headers[] = { "08000001 00000500", "08000000 00000501", "ffffff07 000005ff" };
	for (unsigned i = 0; i < 3; i++) {
		sample4(w);
		wire_ethernet(w, 0x0800);
		wire_hex(w, headers[i]);
		wire_udp(w, 50000, 4789);
		wire_ip4(w, UDP, 3, 4);
		expect_inner(p, w, DZ_TUNNEL_VXLAN, 4);
		assert_int_equal(p->pkt.tunnel_id, 5);
	}
}

TEST(vxlan_of_other_things)
{
	sample4(w);
	wire_ethernet(w, 0x0800);
	wire_hex(w, "00000000 00000500"); /* no flag */
	wire_udp(w, 50000, 4789);
	wire_ip4(w, UDP, 3, 4);
	expect_outer(p, w, "10.0.0.3 50000 > 10.0.0.4 4789 proto 17");
	wire_init(w);
	wire_hex(w, "0001 0800 0604 0001"); /* ARP: the tunnel's own packet, as far as IP goes */
	wire_ethernet(w, 0x0806);
	wire_hex(w, "08000000 00000500");
	wire_udp(w, 50000, 4789);
	wire_ip4(w, UDP, 3, 4);
	expect_outer(p, w, "10.0.0.3 50000 > 10.0.0.4 4789 proto 17");
	sample4(w); /* an inner packet longer than what is left */
	put16(wire_bytes(w) + 2, 59);
	wire_ethernet(w, 0x0800);
	wire_hex(w, "08000000 00000500");
	wire_udp(w, 50000, 4789);
	wire_ip4(w, UDP, 3, 4);
	expect_outer(p, w, "10.0.0.3 50000 > 10.0.0.4 4789 proto 17");
}

TEST(geneve)
{
	/* RFC 8926: version and option size, flags, type, network */
	sample4(w);
	wire_ethernet(w, 0x0800);
	wire_hex(w, "00 00 6558 00000500");
	wire_udp(w, 50000, 6081);
	wire_ip4(w, UDP, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_GENEVE, 4);
	sample6(w);
	wire_hex(w, "02 40 86dd 00000500 0102 80 01 00000000"); /* two words of options, one critical */
	wire_udp(w, 50000, 6081);
	wire_ip4(w, UDP, 3, 4);
	expect_inner(p, w, DZ_TUNNEL_GENEVE, 6);
	sample4(w);
	wire_hex(w, "00 80 0800 00000500"); /* control */
	wire_udp(w, 50000, 6081);
	wire_ip4(w, UDP, 3, 4);
	expect_outer(p, w, "10.0.0.3 50000 > 10.0.0.4 6081 proto 17");
}

static void gtp(struct wire *w, const char *rest, unsigned flags, unsigned message)
{
	uint8_t *p;

	sample4(w);
	wire_hex(w, rest);
	wire_push(w, 8);
	p = wire_bytes(w);
	p[0] = (uint8_t)flags;
	p[1] = (uint8_t)message;
	put16(p + 2, (unsigned)wire_size(w) - 8);
	put32(p + 4, 0x1234);
	wire_udp(w, 2152, 2152);
	wire_ip4(w, UDP, 3, 4);
}

TEST(gtp_u)
{
	/* TS 29.281: 0x30 is version 1; 4 extension, 2 sequence, 1 N-PDU; any of them brings 4 bytes */
	gtp(w, "", 0x30, 255);
	expect_inner(p, w, DZ_TUNNEL_GTP_U, 4);
	gtp(w, "0001 00 00", 0x32, 255);
	expect_inner(p, w, DZ_TUNNEL_GTP_U, 4);
	gtp(w, "0000 00 85 01 100900", 0x34, 255); /* PDU session container, 4 bytes */
	expect_inner(p, w, DZ_TUNNEL_GTP_U, 4);
	gtp(w, "0000 00 85 01 1009c0 01 000000", 0x34, 255); /* two of them */
	expect_inner(p, w, DZ_TUNNEL_GTP_U, 4);
	gtp(w, "0000 00 85 00 100900", 0x34, 255); /* an extension without length */
	expect_outer(p, w, "10.0.0.3 2152 > 10.0.0.4 2152 proto 17");
	gtp(w, "", 0x30, 1); /* echo request */
	expect_outer(p, w, "10.0.0.3 2152 > 10.0.0.4 2152 proto 17");
	gtp(w, "", 0x50, 255); /* version 2 */
	expect_outer(p, w, "10.0.0.3 2152 > 10.0.0.4 2152 proto 17");
	gtp(w, "", 0x30, 255);
	put16(wire_bytes(w) + 30, 1000); /* longer than the packet */
	expect_outer(p, w, "10.0.0.3 2152 > 10.0.0.4 2152 proto 17");
}

TEST(teredo)
{
	static const char *const headers[] = {
		"",
		"0000 efff f5ff fffe",                        /* origin indication */
		"0001 00 00 0102030405060708 00",             /* authentication: 13 bytes */
		"0001 02 03 aabb ccddee 0102030405060708 00", /* with identifier and value */
		"0001 00 00 0102030405060708 00 0000 efff f5ff fffe",
	};
	for (unsigned i = 0; i < 5; i++) {
		sample6(w);
		memcpy(wire_bytes(w) + 8, "\x20\x01\x00\x00", 4); /* RFC 4380: 2001::/32 */
		wire_hex(w, headers[i]);
		wire_udp(w, 50000, 3544);
		wire_ip4(w, UDP, 3, 4);
		assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
		assert_string_equal(probe_flow(p), "2001::1 1000 > fd00::2 53 proto 17");
		assert_int_equal(p->pkt.tunnel, DZ_TUNNEL_TEREDO);
		assert_int_equal(p->pkt.ip_len, 78);
	}
	/* a bubble (RFC 4380, section 2.8): IPv6 without anything in it, here from the server */
	wire_init(w);
	wire_ip6(w, 59, 1, 2);
	memcpy(wire_bytes(w) + 24, "\x20\x01\x00\x00", 4);
	wire_udp(w, 3544, 50000);
	wire_ip4(w, UDP, 4, 3);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 0 > 2001::2 0 proto 59");
	/* nobody's Teredo address */
	sample6(w);
	wire_udp(w, 50000, 3544);
	wire_ip4(w, UDP, 3, 4);
	expect_outer(p, w, "10.0.0.3 50000 > 10.0.0.4 3544 proto 17");
}

TEST(tunnel_cut)
{
	/* 20 + 8 outer, 8 VXLAN, 14 Ethernet, 20 inner, 8 inner: what the capture's end makes of the packet */
	static const struct {
		size_t from;
		enum dz_verdict verdict;
		bool inner;
	} rows[] = {
		{ 0, DZ_DECODE_TRUNCATED, false },  /* no ports */
		{ 24, DZ_DECODE_OK, false },        /* ports, but no tunnel header: nothing says that it is one */
		{ 36, DZ_DECODE_TRUNCATED, false }, /* it is one, and the inner flow cannot be told */
		{ 74, DZ_DECODE_OK, true },         /* inner ports */
	};
	sample4(w);
	wire_ethernet(w, 0x0800);
	wire_hex(w, "08000000 00000500");
	wire_udp(w, 50000, 4789);
	wire_ip4(w, UDP, 3, 4);
	for (size_t n = 0; n < wire_size(w); n++) {
		unsigned row = 3;
		while (rows[row].from > n)
			row--;
		assert_int_equal(probe_cut(p, RAW, w, n), rows[row].verdict);
		if (rows[row].verdict != DZ_DECODE_OK)
			continue;
		assert_true(p->pkt.cut);
		assert_string_equal(probe_flow(p), rows[row].inner ? "10.0.0.1 1000 > 10.0.0.2 53 proto 17"
								   : "10.0.0.3 50000 > 10.0.0.4 4789 proto 17");
	}
}

/* ---- fragments ---- */

/* A later fragment of a datagram from 10.0.0.1 to 10.0.0.2. */
static void later4(struct wire *w, unsigned protocol, unsigned id, size_t size)
{
	wire_init(w);
	wire_payload(w, size);
	wire_ip4_fragment(wire_ip4(w, protocol, 1, 2), id, 64, false);
}

TEST(ip4_fragments)
{
	/* a datagram of 8 + 92: the first 64 bytes, then 36 */
	wire_payload(w, 56);
	wire_udp(w, 1000, 53);
	put16(wire_bytes(w) + 4, 100);
	wire_ip4_fragment(wire_ip4(w, UDP, 1, 2), 77, 0, true);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_true(p->pkt.fragment);
	assert_false(p->pkt.later_fragment);
	assert_int_equal(p->pkt.ip_len, 84);
	assert_int_equal(p->pkt.payload_len, 56); /* what this fragment carries */
	later4(w, UDP, 77, 36);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	assert_true(p->pkt.fragment);
	assert_true(p->pkt.later_fragment);
	assert_int_equal(p->pkt.ip_len, 56);
	assert_int_equal(p->pkt.payload_len, 0);
	assert_null(p->pkt.payload);
	later4(w, UDP, 77, 36);
	wire_ip4_fragment(wire_bytes(w), 77, 32768, false); /* the offset's highest bit */
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_true(p->pkt.later_fragment);
	assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	/* another datagram, and another protocol: their first fragments were not seen */
	later4(w, UDP, 78, 36);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 0 > 10.0.0.2 0 proto 17");
	later4(w, TCP, 77, 36);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 0 > 10.0.0.2 0 proto 6");
	/* the other direction's ids are its own */
	later4(w, UDP, 77, 36);
	put32(wire_bytes(w) + 12, 0x0a000002);
	put32(wire_bytes(w) + 16, 0x0a000001);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.2 0 > 10.0.0.1 0 proto 17");
	/* a minute later the id is free again */
	p->time_ns = 61ull * 1000000000;
	later4(w, UDP, 77, 36);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 0 > 10.0.0.2 0 proto 17");
}

TEST(icmp_fragments)
{
	wire_payload(w, 56);
	wire_hex(w, "0301 0000 0000 0000"); /* unreachable: one way */
	wire_ip4_fragment(wire_ip4(w, ICMP, 1, 2), 5, 0, true);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	later4(w, ICMP, 5, 36);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 3 > 10.0.0.2 257 proto 1"); /* code 1 + 256, as flow_key.h says */
	assert_true(p->pkt.one_way_icmp);
}

TEST(ip6_fragments)
{
	/* the first holds destination options too, which the later one's header names as its protocol */
	wire_payload(w, 56);
	wire_udp(w, 1000, 53);
	wire_hex(w, "11 00 01 04 00000000");
	wire_ip6_fragment(w, 60, 0x12345678, 0, true);
	wire_ip6(w, 44, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 1000 > fd00::2 53 proto 17");
	assert_true(p->pkt.fragment);
	assert_int_equal(p->pkt.payload_len, 56);
	wire_init(w);
	wire_payload(w, 36);
	wire_ip6_fragment(w, 60, 0x12345678, 72, false);
	wire_ip6(w, 44, 1, 2);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 1000 > fd00::2 53 proto 17");
	assert_true(p->pkt.later_fragment);
	assert_int_equal(p->pkt.ip_len, 40 + 8 + 36);
}

TEST(tunnel_fragments)
{
	/* an inner packet of 58 bytes, the outer one cut behind 40 of them */
	sample4(w);
	wire_hex(w, "0000 0800");
	memmove(w->room + w->at + 18, w->room + w->at, 44);
	w->at += 18; /* drops the last 18 bytes */
	wire_ip4_fragment(wire_ip4(w, GRE, 3, 4), 9, 0, true);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	assert_int_equal(p->pkt.ip_len, 58); /* in full, by its own header */
	assert_int_equal(p->pkt.ip_caplen, 40);
	assert_int_equal(p->pkt.payload_len, 30);
	assert_true(p->pkt.cut);
	assert_false(p->pkt.fragment); /* the inner packet is none */
	wire_init(w);
	wire_payload(w, 18);
	wire_ip4_fragment(wire_ip4(w, GRE, 3, 4), 9, 44, false);
	put16(wire_bytes(w) + 6, 5); /* 40 bytes on; any later place will do */
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_TUNNEL_FRAGMENT);
	/* of a tunnel packet whose beginning was not seen there is only the outer flow */
	wire_bytes(w)[5] = 10;
	expect_outer(p, w, "10.0.0.3 0 > 10.0.0.4 0 proto 47");
}

TEST(fragments_inside_a_tunnel)
{
	wire_payload(w, 56);
	wire_udp(w, 1000, 53);
	wire_ip4_fragment(wire_ip4(w, UDP, 1, 2), 3, 0, true);
	wire_ip4(w, IPIP, 3, 4);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_true(p->pkt.fragment);
	later4(w, UDP, 3, 36);
	wire_ip4(w, IPIP, 3, 4);
	assert_int_equal(probe_decode(p, RAW, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	assert_int_equal(p->pkt.tunnel, DZ_TUNNEL_IPIP);
	assert_true(p->pkt.later_fragment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip_in_ip),
		cmocka_unit_test(vlan_of_the_frame),
		cmocka_unit_test(depth),
		cmocka_unit_test(gre),
		cmocka_unit_test(gre_erspan),
		cmocka_unit_test(gre_pptp),
		cmocka_unit_test(gre_of_other_things),
		cmocka_unit_test(vxlan),
		cmocka_unit_test(port_alone_is_no_tunnel),
		cmocka_unit_test(vxlan_reserved),
		cmocka_unit_test(vxlan_of_other_things),
		cmocka_unit_test(geneve),
		cmocka_unit_test(gtp_u),
		cmocka_unit_test(teredo),
		cmocka_unit_test(tunnel_cut),
		cmocka_unit_test(ip4_fragments),
		cmocka_unit_test(icmp_fragments),
		cmocka_unit_test(ip6_fragments),
		cmocka_unit_test(tunnel_fragments),
		cmocka_unit_test(fragments_inside_a_tunnel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
