/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c - makes the benchmark's traces.
 *
 *   trace [-m MIX] [-n PACKETS] [-s STREAMS] -o OUT [CAPTURE...]
 *
 * A trace is an Ethernet pcap file, the same for the same arguments. OUT may
 * be - for standard output. Mixes:
 *
 *   default  the captures, over and over: STREAMS copies of captures run at
 *            any time, interleaved, and each copy has hosts of its own
 *   tunnels  the same, each copy inside VXLAN, GRE, GTP-U or IP-in-IP in turn
 *   scan     one SYN per flow, each to another host
 *   fat      STREAMS (at most 16) connections of full-size segments
 *   small    10,000 UDP flows of 18-byte payloads, so of 60-byte frames
 *
 * Hosts are rewritten so: a private address becomes one of 10.0.0.0/8 that no
 * other copy has; a public address stays, since nDPI knows networks by it,
 * unless the peer is public too; then the lower one is rewritten. IPv6
 * likewise. IP header checksums are right, transport checksums are not: none
 * of the programs under test looks at them. */
#include "config.h"

#include "decode/decode.h"
#include "base/mem.h"
#include "capture/source.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ETHERNET = 14, MAX_FRAME = 65535, WRITE_SIZE = 1 << 20, MAX_GAP_US = 1000000 };
enum { PROTO_IPIP = 4, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_GRE = 47 };

/* One packet of a capture, from its IP header on. */
struct piece {
	uint8_t *ip; /* owned */
	uint32_t size;
	uint32_t gap_us; /* since the packet before it in its capture */
	bool rewrite[2]; /* source, destination */
};

struct capture {
	struct piece *pieces;
	size_t count, capacity;
	uint64_t last_ns; /* when its last packet was seen */
};

/* A copy of a capture that is under way. */
struct stream {
	const struct capture *capture;
	size_t next;
	uint64_t due_us;
	uint32_t copy;
};

struct maker {
	FILE *out;
	uint64_t written, wanted, time_us, bytes;
	struct capture *captures;
	size_t capture_count, capture_capacity, next_capture;
	uint32_t copies;
	bool tunnels;
};

/* ---- frames ---- */

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static void write_frame(struct maker *m, const uint8_t *frame, size_t size)
{
	uint32_t header[4] = { (uint32_t)(m->time_us / 1000000), (uint32_t)(m->time_us % 1000000), (uint32_t)size,
			       (uint32_t)size };
	if (fwrite(header, sizeof header, 1, m->out) != 1 || fwrite(frame, size, 1, m->out) != 1) {
		perror("trace: write");
		exit(1);
	}
	m->written++;
	m->bytes += size + sizeof header;
}

static void write_file_header(struct maker *m)
{
	const uint32_t header[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1 };
	fwrite(header, sizeof header, 1, m->out);
}

/* Sets the checksum of an IPv4 header (RFC 791). */
static void sum4(uint8_t *ip)
{
	uint32_t sum = 0;
	put16(ip + 10, 0);
	for (unsigned i = 0; i < (ip[0] & 15u) * 4; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum);
}

static void put_ip4(uint8_t *ip, uint8_t protocol, uint32_t source, uint32_t destination, size_t size)
{
	static const uint8_t start[20] = { 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64 };
	memcpy(ip, start, sizeof start);
	put16(ip + 2, (uint32_t)size);
	ip[9] = protocol;
	put32(ip + 12, source);
	put32(ip + 16, destination);
	sum4(ip);
}

static void put_ethernet(uint8_t *frame, unsigned version)
{
	static const uint8_t start[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	memcpy(frame, start, sizeof start);
	put16(frame + 12, version == 6 ? 0x86dd : 0x0800);
}

static size_t put_udp(uint8_t *at, uint16_t source, uint16_t destination, size_t payload)
{
	put16(at, source);
	put16(at + 2, destination);
	put16(at + 4, (uint32_t)payload + 8);
	put16(at + 6, 0);
	return 8;
}

/* ---- copies of captures ---- */

static bool is_multicast(const uint8_t *address, unsigned version)
{
	return version == 6 ? address[0] == 0xff : address[0] >= 224 || address[3] == 255 || address[0] == 0;
}

static bool is_private(const uint8_t *a, unsigned version)
{
	if (version == 6)
		return a[0] == 0xfe || (a[0] & 0xfe) == 0xfc;
	return a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
	       (a[0] == 169 && a[1] == 254);
}

static void choose_rewrites(struct piece *p)
{
	unsigned version = p->ip[0] >> 4;
	size_t size = version == 6 ? 16 : 4;
	const uint8_t *address[2] = { p->ip + (version == 6 ? 8 : 12), p->ip + (version == 6 ? 24 : 16) };

	for (unsigned i = 0; i < 2; i++)
		p->rewrite[i] = is_private(address[i], version) && !is_multicast(address[i], version);
	if (!p->rewrite[0] && !p->rewrite[1]) {
		unsigned lower = memcmp(address[0], address[1], size) > 0;
		if (is_multicast(address[lower], version))
			lower = !lower;
		p->rewrite[lower] = true;
	}
}

/* Where the address was, another one of that copy's: a bijection of what the old one's last bits were. */
static void rewrite(uint8_t *address, unsigned version, uint32_t copy)
{
	if (version == 6) {
		uint32_t mixed = copy * 2654435761u;
		for (unsigned i = 0; i < 4; i++)
			address[4 + i] ^= (uint8_t)(mixed >> i * 8);
		return;
	}
	uint32_t host = (uint32_t)address[1] << 16 | (uint32_t)address[2] << 8 | address[3];
	host = (host + copy * 40503u * 257u) & 0xffffff;
	address[0] = 10;
	address[1] = (uint8_t)(host >> 16);
	address[2] = (uint8_t)(host >> 8);
	address[3] = (uint8_t)host;
}

/* Puts the headers of one of four tunnels before `size` bytes of IP that will follow; returns their length. */
static size_t put_tunnel(uint8_t *ip, uint32_t copy, unsigned version, size_t size)
{
	uint32_t source = 0xac100000 | (copy & 0xff), destination = 0xac110000 | (copy >> 8 & 0xff);
	uint8_t *at = ip + 20;

	switch (copy % 4) {
	case 0: /* VXLAN, RFC 7348 */
		at += put_udp(at, (uint16_t)(49152 + copy % 16384), 4789, 8 + ETHERNET + size);
		memset(at, 0, 8);
		at[0] = 8;
		put32(at + 4, (copy & 0xffff) << 8);
		put_ethernet(at + 8, version);
		put_ip4(ip, PROTO_UDP, source, destination, 20 + 8 + 8 + ETHERNET + size);
		return 20 + 8 + 8 + ETHERNET;
	case 1: /* GRE, RFC 2784 */
		put16(at, 0);
		put16(at + 2, version == 6 ? 0x86dd : 0x0800);
		put_ip4(ip, PROTO_GRE, source, destination, 20 + 4 + size);
		return 20 + 4;
	case 2: /* GTP-U, 3GPP TS 29.281: version 1, G-PDU */
		at += put_udp(at, 2152, 2152, 8 + size);
		put16(at, 0x30ff);
		put16(at + 2, (uint32_t)size);
		put32(at + 4, copy);
		put_ip4(ip, PROTO_UDP, source, destination, 20 + 8 + 8 + size);
		return 20 + 8 + 8;
	default: /* RFC 2003, RFC 4213 */
		put_ip4(ip, version == 6 ? 41 : PROTO_IPIP, source, destination, 20 + size);
		return 20;
	}
}

static void write_piece(struct maker *m, const struct piece *p, uint32_t copy)
{
	static uint8_t frame[MAX_FRAME + 128];
	unsigned version = p->ip[0] >> 4;
	uint8_t *ip = frame + ETHERNET;

	put_ethernet(frame, m->tunnels ? 4 : version);
	if (m->tunnels && p->size + 64 <= MAX_FRAME)
		ip += put_tunnel(ip, copy, version, p->size);
	memcpy(ip, p->ip, p->size);
	for (unsigned i = 0; i < 2; i++)
		if (p->rewrite[i])
			rewrite(ip + (version == 6 ? 8 + 16 * i : 12 + 4 * i), version, copy);
	if (version == 4)
		sum4(ip);
	write_frame(m, frame, (size_t)(ip - frame) + p->size);
}

static void begin_copy(struct maker *m, struct stream *s)
{
	s->capture = &m->captures[m->next_capture];
	s->copy = m->copies++;
	s->next = 0;
	s->due_us = m->time_us + s->copy % 997;
	m->next_capture = (m->next_capture + 1) % m->capture_count;
}

/* Restores the heap's order below `i`: the stream that is due first is at 0. */
static void sift(struct stream *heap, size_t count, size_t i)
{
	for (;;) {
		size_t first = i;
		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < count; k++)
			if (heap[k].due_us < heap[first].due_us)
				first = k;
		if (first == i)
			return;
		struct stream moved = heap[i];
		heap[i] = heap[first];
		heap[first] = moved;
		i = first;
	}
}

static void make_copies(struct maker *m, size_t streams)
{
	struct stream *heap = dz_mem_zalloc(streams, sizeof *heap);

	for (size_t i = 0; i < streams; i++)
		begin_copy(m, &heap[i]);
	for (size_t i = streams; i-- > 0;)
		sift(heap, streams, i);
	while (m->written < m->wanted) {
		struct stream *s = &heap[0];
		m->time_us = s->due_us;
		write_piece(m, &s->capture->pieces[s->next++], s->copy);
		if (s->next == s->capture->count)
			begin_copy(m, s);
		else
			s->due_us += s->capture->pieces[s->next].gap_us;
		sift(heap, streams, 0);
	}
	free(heap);
}

/* ---- reading the captures ---- */

static void complain(void *context, const char *message)
{
	(void)context;
	fprintf(stderr, "trace: %s\n", message);
}

/* The gap before a packet is that in its own capture: the captures' packets come mixed when their times overlap. */
static void keep(struct maker *m, uint32_t input, const struct dz_packet *pkt, uint64_t time_ns)
{
	void *block = m->captures;
	dz_mem_grow(&block, &m->capture_capacity, input + 1u, sizeof *m->captures);
	m->captures = block;
	while (m->capture_count <= input)
		m->captures[m->capture_count++] = (struct capture){ 0 };

	struct capture *capture = &m->captures[input];
	block = capture->pieces;
	dz_mem_grow(&block, &capture->capacity, capture->count + 1, sizeof *capture->pieces);
	capture->pieces = block;
	struct piece *p = &capture->pieces[capture->count++];
	*p = (struct piece){ dz_mem_alloc(pkt->ip_caplen), pkt->ip_caplen, 0, { false, false } };
	uint64_t gap_us = capture->count > 1 && time_ns > capture->last_ns ? (time_ns - capture->last_ns) / 1000 : 0;
	p->gap_us = gap_us < MAX_GAP_US ? (uint32_t)gap_us : MAX_GAP_US;
	capture->last_ns = time_ns;
	memcpy(p->ip, pkt->ip, pkt->ip_caplen);
	choose_rewrites(p);
}

/* Whole packets outside tunnels: within one, hosts would have to be rewritten elsewhere. */
static bool is_wanted(const struct dz_packet *pkt)
{
	return !pkt->cut && pkt->tunnel == DZ_TUNNEL_NONE && pkt->ip_caplen <= MAX_FRAME &&
	       (pkt->key.version == 6 || (pkt->ip_caplen == pkt->ip_len && pkt->ip[2] | pkt->ip[3]));
}

static void read_captures(struct maker *m, char **words, int count)
{
	const struct dz_decode_config config = { .tunnels = true };
	struct dz_inputs *inputs = dz_inputs_new((const char *const *)words, (size_t)count, complain, NULL);
	struct dz_source *source = dz_source_new(inputs, NULL);
	struct dz_decoder *decoder = dz_decoder_new(&config);
	enum dz_source_status status;
	struct dz_frame packet;
	struct dz_packet pkt;
	struct dz_err err;

	while ((status = dz_source_next(source, &packet, &err)) != DZ_SOURCE_END) {
		if (status != DZ_SOURCE_PACKET || dz_decode(decoder, &packet, &pkt) != DZ_DECODE_OK || !is_wanted(&pkt))
			continue;
		keep(m, packet.input, &pkt, packet.time_ns);
	}
	dz_decoder_free(decoder);
	dz_source_free(source);
	dz_inputs_free(inputs);

	/* inputs without a packet of use */
	size_t kept = 0;
	for (size_t i = 0; i < m->capture_count; i++)
		if (m->captures[i].count)
			m->captures[kept++] = m->captures[i];
	m->capture_count = kept;
}

/* ---- made-up traffic ---- */

static void put_tcp(uint8_t *at, uint16_t source, uint16_t destination, uint32_t seq, uint8_t flags)
{
	memset(at, 0, 20);
	put16(at, source);
	put16(at + 2, destination);
	put32(at + 4, seq);
	at[12] = 5 << 4;
	at[13] = flags;
	put16(at + 14, 64240);
}

static void make_scan(struct maker *m)
{
	uint8_t frame[60] = { 0 };
	put_ethernet(frame, 4);
	for (uint32_t i = 0; m->written < m->wanted; i++) {
		put_ip4(frame + ETHERNET, PROTO_TCP, 0xc0a80001, 0x64000000 + i, 40);
		put_tcp(frame + ETHERNET + 20, (uint16_t)(32768 + i % 16384), 443, i * 2654435761u, DZ_TCP_SYN);
		m->time_us += 20;
		write_frame(m, frame, sizeof frame);
	}
}

static void make_small(struct maker *m)
{
	enum { FLOWS = 10000, PAYLOAD = 18 };
	uint8_t frame[60] = { 0 };
	put_ethernet(frame, 4);
	for (uint32_t i = 0; m->written < m->wanted; i++) {
		uint32_t flow = i * 7919u % FLOWS;
		bool answer = i / FLOWS & 1;
		uint32_t client = 0x0a000000 + flow, server = 0x64000000 + flow % 97;
		put_ip4(frame + ETHERNET, PROTO_UDP, answer ? server : client, answer ? client : server, 46);
		put_udp(frame + ETHERNET + 20, answer ? 7001 : 40000, answer ? 40000 : 7001, PAYLOAD);
		put32(frame + ETHERNET + 28, i);
		m->time_us += 2;
		write_frame(m, frame, sizeof frame);
	}
}

static void make_fat(struct maker *m, size_t streams)
{
	enum { PAYLOAD = 1448 };
	uint8_t frame[ETHERNET + 40 + PAYLOAD] = { 0 };
	uint32_t seq[16] = { 0 }, flows = streams < 16 ? (uint32_t)streams : 16;
	put_ethernet(frame, 4);
	for (size_t i = ETHERNET + 40; i < sizeof frame; i++)
		frame[i] = (uint8_t)(i * 2654435761u >> 24);
	for (uint32_t i = 0; m->written < m->wanted; i++) {
		uint32_t flow = i % flows, round = i / flows;
		bool answer = round == 1 || round % 3 == 2; /* SYN-ACK, and an ACK to two segments */
		size_t payload = round > 2 && !answer ? PAYLOAD : 0;
		uint8_t flags = round == 0 ? DZ_TCP_SYN : round == 1 ? DZ_TCP_SYN | DZ_TCP_ACK : DZ_TCP_ACK;
		uint32_t client = 0x0a000001 + flow, server = 0x64000001 + flow;
		put_ip4(frame + ETHERNET, PROTO_TCP, answer ? server : client, answer ? client : server, 40 + payload);
		put_tcp(frame + ETHERNET + 20, answer ? 9000 : 40000, answer ? 40000 : 9000, answer ? 1 : seq[flow],
			flags);
		if (!answer)
			seq[flow] += payload ? PAYLOAD : flags & DZ_TCP_SYN ? 1 : 0;
		m->time_us += 10;
		write_frame(m, frame, ETHERNET + 40 + payload);
	}
}

/* ---- */

static int usage(void)
{
	fprintf(stderr,
		"usage: trace [-m default|tunnels|scan|fat|small] [-n PACKETS] [-s STREAMS] -o OUT [CAPTURE...]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct maker m = { .wanted = 1000000, .time_us = UINT64_C(1600000000) * 1000000 };
	const char *mix = "default", *path = NULL;
	size_t streams = 256;
	int option;

	while ((option = getopt(argc, argv, "m:n:s:o:")) != -1) {
		if (option == 'm')
			mix = optarg;
		else if (option == 'n')
			m.wanted = strtoull(optarg, NULL, 10);
		else if (option == 's')
			streams = strtoul(optarg, NULL, 10);
		else if (option == 'o')
			path = optarg;
		else
			return usage();
	}
	m.tunnels = !strcmp(mix, "tunnels");
	bool copies = m.tunnels || !strcmp(mix, "default");
	if (!path || !streams || copies != (optind < argc))
		return usage();
	m.out = strcmp(path, "-") ? fopen(path, "wb") : stdout;
	if (!m.out) {
		perror(path);
		return 1;
	}
	setvbuf(m.out, NULL, _IOFBF, WRITE_SIZE);
	if (copies)
		read_captures(&m, argv + optind, argc - optind);
	if (copies && !m.capture_count) {
		fprintf(stderr, "trace: no packet of use in the captures\n");
		return 1;
	}
	write_file_header(&m);
	if (copies)
		make_copies(&m, streams);
	else if (!strcmp(mix, "scan"))
		make_scan(&m);
	else if (!strcmp(mix, "fat"))
		make_fat(&m, streams);
	else if (!strcmp(mix, "small"))
		make_small(&m);
	else
		return usage();
	if (fclose(m.out)) {
		perror(path);
		return 1;
	}
	fprintf(stderr, "%s: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu32 " copies of %zu captures\n", path,
		m.written, m.bytes, m.copies, m.capture_count);
	return 0; /* the captures' memory goes with the process */
}
