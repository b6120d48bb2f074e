/* SPDX-License-Identifier: BSD-2-Clause */
/* bare_ndpi.c - the floor of labelling: libpcap, a minimal decoder, a hash table, nDPI, and nothing else.
 *
 * What a program that labels flows with nDPI cannot do without, as cheaply as
 * it can be done: Ethernet, IPv4 and IPv6, TCP and UDP (other protocols have
 * no ports), no tunnels, no fragments, no expiry, no vectors, no output. A
 * label is final by the same rule as in classify_ndpi.c, and a flow's nDPI
 * state is freed then and used again. Prints how many flows it saw and a sum
 * of their labels, so that no work is optimised away. */
#include "config.h"

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "classify/ndpi_compat.h"

enum { MAX_TCP = 80, MAX_UDP = 24, PER_BLOCK = 128, FIRST_BUCKETS = 1024, TCP = 6, UDP = 17 };

struct key {
	uint8_t address[2][16];
	uint16_t port[2];
	uint32_t protocol;
};

union state {
	struct ndpi_flow_struct flow;
	union state *next_free;
};

struct flow {
	struct key key;
	struct flow *chain;
	union state *state; /* NULL once the label is final */
	uint32_t hash;
	uint16_t label;
	uint8_t inspected;
	bool settled;
};

struct loop {
	struct ndpi_detection_module_struct *module;
	struct flow **buckets;
	size_t mask, flows;
	struct flow *spare_flows; /* the rest of a block */
	size_t spare_count;
	union state *free_states;
	uint64_t labels;
};

static void *must(void *block)
{
	if (!block)
		abort();
	return block;
}

static union state *take_state(struct loop *l)
{
	if (!l->free_states) {
		union state *block = must(malloc(PER_BLOCK * sizeof *block));
		for (unsigned i = 0; i < PER_BLOCK; i++) {
			block[i].next_free = l->free_states;
			l->free_states = &block[i];
		}
	}
	union state *state = l->free_states;
	l->free_states = state->next_free;
	memset(state, 0, sizeof *state);
	return state;
}

static void grow(struct loop *l)
{
	size_t mask = l->mask * 2 + 1;
	struct flow **buckets = must(calloc(mask + 1, sizeof *buckets));
	for (size_t i = 0; i <= l->mask; i++) {
		for (struct flow *f = l->buckets[i], *next; f; f = next) {
			next = f->chain;
			f->chain = buckets[f->hash & mask];
			buckets[f->hash & mask] = f;
		}
	}
	free(l->buckets);
	l->buckets = buckets;
	l->mask = mask;
}

static struct flow *flow_of(struct loop *l, const struct key *key)
{
	uint32_t hash = (uint32_t)XXH3_64bits(key, sizeof *key);
	for (struct flow *f = l->buckets[hash & l->mask]; f; f = f->chain)
		if (f->hash == hash && !memcmp(&f->key, key, sizeof *key))
			return f;
	if (l->flows > l->mask)
		grow(l);
	if (!l->spare_count) {
		l->spare_flows = must(malloc(PER_BLOCK * sizeof *l->spare_flows));
		l->spare_count = PER_BLOCK;
	}
	struct flow *f = &l->spare_flows[--l->spare_count];
	*f = (struct flow){ .key = *key, .hash = hash, .chain = l->buckets[hash & l->mask] };
	l->buckets[hash & l->mask] = f;
	l->flows++;
	return f;
}

static void settle(struct loop *l, struct flow *f, ndpi_protocol result)
{
	bool guessed;
	if (DZ_NDPI_APPLICATION(result) == NDPI_PROTOCOL_UNKNOWN)
		result = dz_ndpi_giveup(l->module, &f->state->flow, true, &guessed);
	f->label = DZ_NDPI_APPLICATION(result) ? DZ_NDPI_APPLICATION(result) : DZ_NDPI_MASTER(result);
	f->settled = true;
	ndpi_free_flow_data(&f->state->flow);
	f->state->next_free = l->free_states;
	l->free_states = f->state;
	f->state = NULL;
}

static void look(struct loop *l, struct flow *f, const uint8_t *ip, size_t size, uint64_t time_ms)
{
	if (!f->state)
		f->state = take_state(l);
	ndpi_protocol result = dz_ndpi_process(l->module, &f->state->flow, ip, (unsigned short)size, time_ms);
	f->inspected++;
	bool enough = f->inspected == UINT8_MAX || (f->key.protocol == TCP && f->inspected > MAX_TCP) ||
		      (f->key.protocol == UDP && f->inspected > MAX_UDP);
	if (enough || (DZ_NDPI_APPLICATION(result) != NDPI_PROTOCOL_UNKNOWN &&
		       !dz_ndpi_wants_more(l->module, &f->state->flow, result)))
		settle(l, f, result);
}

/* Fills the key from the IP header; false when it is not one, or the capture is cut. */
static bool key_of(struct key *key, const uint8_t *ip, size_t *size)
{
	size_t header, address, length;
	const uint8_t *source;

	memset(key, 0, sizeof *key);
	if (*size >= 20 && ip[0] >> 4 == 4) {
		header = (ip[0] & 15u) * 4;
		length = (size_t)ip[2] << 8 | ip[3];
		key->protocol = ip[9];
		source = ip + 12;
		address = 4;
	} else if (*size >= 40 && ip[0] >> 4 == 6) {
		header = 40;
		length = 40 + ((size_t)ip[4] << 8 | ip[5]);
		key->protocol = ip[6];
		source = ip + 8;
		address = 16;
	} else {
		return false;
	}
	if (length < header || length > *size)
		return false;
	*size = length;
	uint16_t port[2] = { 0, 0 };
	if ((key->protocol == TCP || key->protocol == UDP) && length >= header + 4) {
		port[0] = (uint16_t)(ip[header] << 8 | ip[header + 1]);
		port[1] = (uint16_t)(ip[header + 2] << 8 | ip[header + 3]);
	}
	int order = memcmp(source, source + address, address);
	unsigned sender = order > 0 || (order == 0 && port[0] > port[1]);
	memcpy(key->address[sender], source, address);
	memcpy(key->address[!sender], source + address, address);
	key->port[sender] = port[0];
	key->port[!sender] = port[1];
	return true;
}

static void packet(struct loop *l, const struct pcap_pkthdr *header, const uint8_t *bytes)
{
	size_t offset = 14, size;
	struct key key;

	if (header->caplen > 18 && bytes[12] == 0x81 && bytes[13] == 0)
		offset = 18;
	if (header->caplen <= offset)
		return;
	size = header->caplen - offset;
	if (!key_of(&key, bytes + offset, &size))
		return;
	struct flow *f = flow_of(l, &key);
	if (!f->settled)
		look(l, f, bytes + offset, size,
		     (uint64_t)header->ts.tv_sec * 1000 + (uint64_t)header->ts.tv_usec / 1000);
}

static void finish(struct loop *l)
{
	ndpi_protocol none;
	memset(&none, 0, sizeof none);
	for (size_t i = 0; i <= l->mask; i++) {
		for (struct flow *f = l->buckets[i]; f; f = f->chain) {
			if (!f->settled)
				settle(l, f, none);
			l->labels += f->label;
		}
	}
}

int main(int argc, char **argv)
{
	char reason[PCAP_ERRBUF_SIZE];
	struct loop l = { .mask = FIRST_BUCKETS - 1 };
	struct pcap_pkthdr *header;
	const u_char *bytes;

	if (argc != 2) {
		fprintf(stderr, "usage: bare_ndpi CAPTURE\n");
		return 2;
	}
	l.module = dz_ndpi_create();
	dz_ndpi_configure(l.module, true);
	dz_ndpi_enable_all(l.module);
	ndpi_finalize_initialization(l.module);
	l.buckets = must(calloc(FIRST_BUCKETS, sizeof *l.buckets));

	FILE *stream = fopen(argv[1], "rb");
	if (!stream) {
		perror(argv[1]);
		return 1;
	}
	setvbuf(stream, NULL, _IOFBF, 1 << 18);
	pcap_t *pcap = pcap_fopen_offline(stream, reason);
	if (!pcap) {
		fprintf(stderr, "%s: %s\n", argv[1], reason);
		return 1;
	}
	while (pcap_next_ex(pcap, &header, &bytes) == 1)
		packet(&l, header, bytes);
	finish(&l);
	pcap_close(pcap);
	printf("%zu flows, %" PRIu64 "\n", l.flows, l.labels);
	return 0; /* the memory goes with the process */
}
