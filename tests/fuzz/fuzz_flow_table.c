/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_flow_table.c - packets of a few flows whose times leap, both ways and over all 64 bits: every packet is in one
 * record, and the table's clock never lets it do what it should not.
 *
 * Input: configuration (1 byte: unidirectional, no expiry, interim records, few flows, little memory), then per packet:
 * flow and direction (1), TCP flags (1), payload (2), and how the time goes on (1: a unit and a count, forth or back).
 * Two numbers of a flow are none: TICK, and FLOOD, which is as many packets of as many other flows as the payload says,
 * after which so much memory is in use as the flags say. */
#include "config.h"
#include "base/cursor.h"
#include "flow/flow_table.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { UNIDIRECTIONAL = 1, NO_EXPIRY = 2, INTERIM = 4, FEW = 8, BY_CLOCK = 16, LITTLE_MEMORY = 32 };
enum { TICK = 0xff, FLOOD = 0xfe, MAX_PAYLOAD = 1400 };

/* In 128ths of what may be used. */
enum { MEMORY = 128 };

/* 2^32 seconds and some: what a pcap file can tell. */
#define MAX_TIME (UINT64_C(1) << 62)

struct sums {
	uint64_t packets, lengths;
};

static void add_up(void *context, const struct dz_record *r)
{
	struct sums *sums = context;

	sums->packets += r->side[DZ_SOURCE].packets + r->side[DZ_DESTINATION].packets;
	sums->lengths += r->lengths.count;
	if (r->lengths.count && r->lengths_min > r->lengths_max)
		abort();
}

static const char *input_name(const void *context, uint32_t input)
{
	(void)context, (void)input;
	return "fuzz";
}

/* 32 steps of nothing to 2^62 ns, forth, or back where the top bit is set; 0x7f: to the end of time. */
static uint64_t step(uint64_t time_ns, uint8_t code)
{
	uint64_t by = (code & 0x7f) == 0 ? 0 : UINT64_C(1) << ((code & 0x7f) / 2);

	if (code == 0x7f)
		return MAX_TIME;
	if (code & 0x80)
		return time_ns > by ? time_ns - by : 0;
	return time_ns < MAX_TIME - by ? time_ns + by : MAX_TIME;
}

static uint64_t memory_used(const void *context)
{
	return *(const uint64_t *)context;
}

struct feed {
	struct dz_flow_table *table;
	struct dz_frame frame;
	uint64_t packets, flooded, memory;
};

static void make_packet(struct dz_packet *pkt, uint8_t which, uint8_t flags, uint16_t payload)
{
	static const uint8_t a[4] = { 192, 0, 2, 1 }, b[4] = { 198, 51, 100, 2 };
	static const uint8_t protocols[4] = { 6, 6, 17, 1 };
	uint8_t protocol = protocols[which & 3];
	uint16_t port = (uint16_t)(1000 + (which >> 2 & 31));

	memset(pkt, 0, sizeof *pkt);
	pkt->sender = (uint8_t)(which & 0x80 ? dz_flow_key_init(&pkt->key, 4, protocol, 0, b, 80, a, port)
					     : dz_flow_key_init(&pkt->key, 4, protocol, 0, a, port, b, 80));
	pkt->tcp_flags = protocol == 6 ? flags : 0;
	pkt->payload_len = payload;
}

static void give(struct feed *feed, struct dz_packet *pkt)
{
	static const uint8_t bytes[40 + MAX_PAYLOAD];

	pkt->ip_len = pkt->ip_caplen = 40 + pkt->payload_len;
	pkt->ip = feed->frame.bytes = bytes;
	pkt->payload = pkt->payload_len ? bytes + 40 : NULL;
	pkt->payload_caplen = pkt->payload_len;
	feed->frame.caplen = feed->frame.wirelen = pkt->ip_len;
	dz_flow_table_advance(feed->table, &feed->frame);
	dz_flow_table_add(feed->table, &feed->frame, pkt);
	feed->frame.index++;
	feed->packets++;
}

/* Flows that were never there before, as a scan makes them. The first of them is one that memory is looked at with. */
static void flood(struct feed *feed, uint16_t count)
{
	enum { PACKETS_PER_LOOK = 4096, MOST = 6000 }; /* for the sake of speed */
	static const uint8_t a[4] = { 192, 0, 2, 3 };

	feed->frame.index += PACKETS_PER_LOOK - feed->frame.index % PACKETS_PER_LOOK;
	while (count-- && feed->flooded < MOST) {
		uint8_t b[4] = { 10, (uint8_t)(feed->flooded >> 16), (uint8_t)(feed->flooded >> 8),
				 (uint8_t)feed->flooded };
		struct dz_packet pkt;
		memset(&pkt, 0, sizeof pkt);
		pkt.sender = (uint8_t)dz_flow_key_init(&pkt.key, 4, 17, 0, a, 53, b, 53);
		feed->flooded++;
		give(feed, &pkt);
	}
}

static void take_step(struct feed *feed, struct dz_cursor *c)
{
	uint8_t which = dz_cursor_u8(c), flags = dz_cursor_u8(c);
	uint16_t payload = dz_cursor_be16(c) % MAX_PAYLOAD;
	struct dz_packet pkt;

	feed->frame.time_ns = step(feed->frame.time_ns, dz_cursor_u8(c));
	if (which == TICK) {
		dz_flow_table_tick(feed->table, feed->frame.time_ns);
	} else if (which == FLOOD) {
		feed->memory = flags;
		flood(feed, payload);
	} else {
		make_packet(&pkt, which, flags, payload);
		give(feed, &pkt);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dz_cursor c = dz_cursor_init(data, size);
	uint8_t options = dz_cursor_u8(&c);
	struct dz_flow_config config;
	struct dz_classifier *classifier = dz_classifier_new_null();
	struct feed feed = { .frame = { .linktype = 101, .time_ns = 1000000000 } };
	struct dz_flow_stats stats;
	struct sums sums = { 0, 0 };

	dz_flow_config_init(&config);
	config.input_name = input_name;
	config.unidirectional = options & UNIDIRECTIONAL;
	config.no_expiry = options & NO_EXPIRY;
	config.active_ns = options & INTERIM ? 1000000000 : 0;
	config.active_by_clock = options & BY_CLOCK;
	config.max_flows = options & FEW ? 3 : 0;
	config.max_memory = options & LITTLE_MEMORY ? MEMORY : 0;
	config.memory_used = memory_used;
	config.memory_context = &feed.memory;
	feed.table = dz_flow_table_new(&config, classifier, add_up, &sums);
	while (dz_cursor_left(&c) >= 5)
		take_step(&feed, &c);
	dz_flow_table_flush(feed.table, DZ_END_EOF);
	dz_flow_table_stats(feed.table, &stats);
	if (stats.packets != feed.packets || sums.packets != feed.packets || sums.lengths != feed.packets)
		abort();
	dz_flow_table_free(feed.table);
	dz_classifier_free(classifier);
	return 0;
}
