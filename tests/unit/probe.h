/* SPDX-License-Identifier: BSD-2-Clause */
/* probe.h - decodes a test's packets, each in a block of exactly its size, and each prefix of each, cut by the
 * capture and cut on the wire: whatever is missing, there is a verdict, and nothing is read past the end.
 *
 * With DISTRIBOOZE_CORPUS=FOLDER in the environment, the packets become seeds for fuzz_decode. */
#ifndef DISTRIBOOZE_TESTS_PROBE_H
#define DISTRIBOOZE_TESTS_PROBE_H

#include "../lib/pkt_check.h"
#include "decode/decode.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

struct probe {
	struct dz_decoder *decoder;
	struct dz_decode_config config;
	uint64_t time_ns;
	uint8_t *copy; /* what `pkt` borrows from */
	struct dz_packet pkt;
	FILE *corpus;
};

static inline void probe_begin(struct probe *p, bool tunnels, const char *test)
{
	const char *folder = getenv("DISTRIBOOZE_CORPUS");

	memset(p, 0, sizeof *p);
	p->config.tunnels = tunnels;
	p->decoder = dz_decoder_new(&p->config);
	if (folder) {
		char path[512];
		snprintf(path, sizeof path, "%s/%s", folder, test);
		p->corpus = fopen(path, "wb");
	}
}

static inline void probe_end(struct probe *p)
{
	dz_decoder_free(p->decoder);
	free(p->copy);
	if (p->corpus)
		fclose(p->corpus);
}

static inline enum dz_verdict probe_once(struct dz_decoder *decoder, int linktype, uint64_t time_ns,
					 const uint8_t *bytes, size_t caplen, size_t wirelen, struct dz_packet *pkt,
					 uint8_t **copy)
{
	struct dz_frame packet = {
		.linktype = linktype, .time_ns = time_ns, .caplen = (uint32_t)caplen, .wirelen = (uint32_t)wirelen
	};
	enum dz_verdict verdict;

	*copy = malloc(caplen ? caplen : 1);
	assert_non_null(*copy);
	memcpy(*copy, bytes, caplen);
	packet.bytes = *copy;
	verdict = dz_decode(decoder, &packet, pkt);
	assert_in_range(verdict, 0, DZ_VERDICT_COUNT - 1);
	if (verdict == DZ_DECODE_OK)
		pkt_check(&packet, pkt);
	return verdict;
}

static inline void probe_prefixes(const struct probe *p, int linktype, const uint8_t *bytes, size_t size)
{
	for (size_t n = 0; n < size; n++) {
		for (int on_wire = 0; on_wire < 2; on_wire++) {
			struct dz_decoder *decoder = dz_decoder_new(&p->config);
			struct dz_packet pkt;
			uint8_t *copy;
			probe_once(decoder, linktype, 0, bytes, n, on_wire ? n : size, &pkt, &copy);
			free(copy);
			dz_decoder_free(decoder);
		}
	}
}

/* The corpus file's form is in tests/fuzz/fuzz_decode.c. */
static inline void probe_record(struct probe *p, int linktype, const uint8_t *bytes, size_t size)
{
	uint8_t head[4];

	if (!p->corpus)
		return;
	if (ftell(p->corpus) == 0) {
		put16(head, (unsigned)linktype);
		head[2] = p->config.tunnels ? 0 : 1;
		fwrite(head, 1, 3, p->corpus);
	}
	put16(head, (unsigned)size);
	put16(head + 2, 0);
	fwrite(head, 1, 4, p->corpus);
	fwrite(bytes, 1, size, p->corpus);
}

/* A packet of which the first `caplen` bytes were captured. The result is in p->pkt until the next call. */
static inline enum dz_verdict probe_cut(struct probe *p, int linktype, struct wire *w, size_t caplen)
{
	free(p->copy);
	return probe_once(p->decoder, linktype, p->time_ns, wire_bytes(w), caplen, wire_size(w), &p->pkt, &p->copy);
}

/* A whole packet; its prefixes are tried as well. */
static inline enum dz_verdict probe_decode(struct probe *p, int linktype, struct wire *w)
{
	probe_record(p, linktype, wire_bytes(w), wire_size(w));
	probe_prefixes(p, linktype, wire_bytes(w), wire_size(w));
	return probe_cut(p, linktype, w, wire_size(w));
}

/* The flow, as "source:port > destination:port protocol". */
static inline const char *probe_flow(const struct probe *p)
{
	static char text[160];
	const struct dz_flow_key *key = &p->pkt.key;
	char source[DZ_ADDRESS_TEXT], destination[DZ_ADDRESS_TEXT];

	dz_flow_key_address(key, p->pkt.sender, source);
	dz_flow_key_address(key, !p->pkt.sender, destination);
	snprintf(text, sizeof text, "%s %u > %s %u proto %u", source, key->port[p->pkt.sender], destination,
		 key->port[!p->pkt.sender], key->protocol);
	return text;
}

/* 10.0.0.1:1000 > 10.0.0.2:53, UDP, 30 bytes of payload: 20 + 8 + 30 = 58 bytes of IP */
static inline void sample4(struct wire *w)
{
	wire_init(w);
	wire_payload(w, 30);
	wire_udp(w, 1000, 53);
	wire_ip4(w, 17, 1, 2);
}

/* fd00::1:1000 > fd00::2:53, UDP, 30 bytes of payload: 40 + 8 + 30 = 78 bytes of IP */
static inline void sample6(struct wire *w)
{
	wire_init(w);
	wire_payload(w, 30);
	wire_udp(w, 1000, 53);
	wire_ip6(w, 17, 1, 2);
}

static inline void expect_sample4(struct probe *p, int linktype, struct wire *w)
{
	assert_int_equal(probe_decode(p, linktype, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "10.0.0.1 1000 > 10.0.0.2 53 proto 17");
	assert_int_equal(p->pkt.ip_len, 58);
	assert_int_equal(p->pkt.ip_caplen, 58);
	assert_int_equal(p->pkt.payload_len, 30);
	assert_int_equal(p->pkt.payload_caplen, 30);
	assert_int_equal(p->pkt.payload[0], 'x');
	assert_int_equal(p->pkt.frame_len, wire_size(w));
	assert_int_equal(p->pkt.tunnel, DZ_TUNNEL_NONE);
	assert_false(p->pkt.cut);
	assert_false(p->pkt.fragment);
}

static inline void expect_sample6(struct probe *p, int linktype, struct wire *w)
{
	assert_int_equal(probe_decode(p, linktype, w), DZ_DECODE_OK);
	assert_string_equal(probe_flow(p), "fd00::1 1000 > fd00::2 53 proto 17");
	assert_int_equal(p->pkt.ip_len, 78);
	assert_int_equal(p->pkt.payload_len, 30);
}

/* A test with a decoder that opens tunnels, and an empty packet. */
#define TEST(name)                                                                                                     \
	static void name##_in(struct probe *p, struct wire *w);                                                        \
	static void name(void **state)                                                                                 \
	{                                                                                                              \
		struct probe p;                                                                                        \
		struct wire w;                                                                                         \
		(void)state;                                                                                           \
		probe_begin(&p, true, #name);                                                                          \
		name##_in(&p, wire_init(&w));                                                                          \
		probe_end(&p);                                                                                         \
	}                                                                                                              \
	static void name##_in(struct probe *p, struct wire *w)

#endif
