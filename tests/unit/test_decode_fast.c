/* SPDX-License-Identifier: BSD-2-Clause */
/* test_decode_fast.c - the short way through decode says what the long way says, of any packet that it takes.
 *
 * Plain packets get some of their header bytes changed, are cut, and padded; whenever the short way
 * still takes one, both ways must agree in every field. */
#include "config.h"
#include "decode/decode.h"

#include "decode/decode_internal.h"
#include "math/rng.h"
#include "probe.h"

enum { ETHERNET = 1, HEADERS = 14 + 20 + 20, PADDING = 6, TRIES = 200000 };

static void expect_same(const struct dz_packet *a, const struct dz_packet *b)
{
	assert_true(dz_flow_key_equal(&a->key, &b->key));
	assert_int_equal(a->sender, b->sender);
	assert_int_equal(a->tunnel, b->tunnel);
	assert_int_equal(a->vlan, b->vlan);
	assert_int_equal(a->inner_vlan, b->inner_vlan);
	assert_ptr_equal(a->ip, b->ip);
	assert_int_equal(a->ip_caplen, b->ip_caplen);
	assert_int_equal(a->ip_len, b->ip_len);
	assert_int_equal(a->frame_len, b->frame_len);
	assert_int_equal(a->payload_len, b->payload_len);
	assert_ptr_equal(a->payload, b->payload);
	assert_int_equal(a->payload_caplen, b->payload_caplen);
	assert_int_equal(a->tcp_seq, b->tcp_seq);
	assert_int_equal(a->tcp_ack, b->tcp_ack);
	assert_int_equal(a->tcp_flags, b->tcp_flags);
	assert_int_equal(a->fragment, b->fragment);
	assert_int_equal(a->later_fragment, b->later_fragment);
	assert_int_equal(a->one_way_icmp, b->one_way_icmp);
	assert_int_equal(a->cut, b->cut);
}

/* Whether the short way takes the packet; if so, the long way agrees. */
static bool takes(const struct probe *p, const uint8_t *bytes, size_t caplen, size_t wirelen)
{
	struct dz_frame packet = { .linktype = ETHERNET, .caplen = (uint32_t)caplen, .wirelen = (uint32_t)wirelen };
	struct dz_packet plain, any;
	uint8_t *copy = malloc(caplen ? caplen : 1);
	bool taken;

	assert_non_null(copy);
	memcpy(copy, bytes, caplen);
	packet.bytes = copy;
	taken = dz_decode_fast(&p->config, &packet, &plain);
	if (taken) {
		assert_int_equal(dz_decode_any(p->decoder, &packet, &any), DZ_DECODE_OK);
		expect_same(&plain, &any);
	}
	free(copy);
	return taken;
}

static void plain(struct wire *w, bool tcp, unsigned port, size_t payload)
{
	wire_init(w);
	wire_payload(w, payload);
	if (tcp)
		wire_tcp(w, 1000, port, DZ_TCP_ACK | DZ_TCP_PSH);
	else
		wire_udp(w, 1000, port);
	wire_ip4(w, tcp ? DZ_IPPROTO_TCP : DZ_IPPROTO_UDP, 1, 2);
	wire_ethernet(w, DZ_NEXT_IP);
}

TEST(takes_plain_packets)
{
	for (size_t payload = 0; payload < 3; payload++) {
		plain(w, true, 443, payload);
		assert_true(takes(p, wire_bytes(w), wire_size(w), wire_size(w)));
		plain(w, false, 53, payload);
		assert_true(takes(p, wire_bytes(w), wire_size(w), wire_size(w)));
		assert_false(takes(p, wire_bytes(w), wire_size(w) - 1, wire_size(w)));
	}
}

/* The ports of decode_tunnel.c. */
TEST(leaves_tunnels)
{
	static const unsigned ports[] = { 2152, 3544, 4789, 6081, 8472 };
	for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
		plain(w, false, ports[i], 60);
		assert_false(takes(p, wire_bytes(w), wire_size(w), wire_size(w)));
	}
}

TEST(agrees_with_the_long_way)
{
	struct dz_rng rng;
	unsigned taken = 0;

	dz_rng_init(&rng, 1);
	for (unsigned i = 0; i < TRIES; i++) {
		uint8_t bytes[256] = { 0 };
		plain(w, i & 1, i & 2 ? 443 : 2152, dz_rng_below(&rng, 40));
		size_t size = wire_size(w), caplen = size;
		memcpy(bytes, wire_bytes(w), size);
		size += dz_rng_below(&rng, 2) * PADDING;
		caplen = size - (dz_rng_below(&rng, 4) == 0) * dz_rng_below(&rng, 24);
		for (uint64_t changes = dz_rng_below(&rng, 3); changes > 0; changes--) {
			uint64_t at = 12 + dz_rng_below(&rng, HEADERS - 12);
			bytes[at] = (uint8_t)(dz_rng_below(&rng, 2) ? dz_rng_below(&rng, 256) : bytes[at] ^ 1u);
		}
		taken += takes(p, bytes, caplen, size);
	}
	assert_in_range(taken, TRIES / 4, TRIES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_plain_packets),
		cmocka_unit_test(leaves_tunnels),
		cmocka_unit_test(agrees_with_the_long_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
