/* SPDX-License-Identifier: BSD-2-Clause */
/* test_flow_table.c - when flows begin and end, who began them, and what their records say; with the null classifier.
 */
#include "config.h"
#include "flow/flow_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
enum { MAX_RECORDS = 64, ICMP = 1, TCP = 6, UDP = 17, GRE = 47 };
enum { SYN = DZ_TCP_SYN, ACK = DZ_TCP_ACK, FIN = DZ_TCP_FIN, RST = DZ_TCP_RST };

/* What a test needs of a record after its callback is over. */
struct seen {
	struct dz_record r;
	uint64_t total[48], source[48];
	char id[33];
};

struct bench {
	struct dz_flow_config config; /* as it is by default; to be changed before begin() */
	struct dz_flow_table *table;
	struct dz_classifier *classifier;
	struct seen seen[MAX_RECORDS];
	unsigned count;
	uint64_t index;
};

static const char *name_input(const void *context, uint32_t input)
{
	(void)context;
	return input ? "second.pcap" : "first.pcap";
}

static void keep(void *context, const struct dz_record *record)
{
	struct bench *b = context;
	struct seen *s = &b->seen[b->count++];
	assert_true(b->count <= MAX_RECORDS);
	s->r = *record;
	memcpy(s->total, record->lengths.bins, sizeof s->total);
	if (record->side[DZ_SOURCE].lengths.bins)
		memcpy(s->source, record->side[DZ_SOURCE].lengths.bins, sizeof s->source);
	for (unsigned i = 0; i < 16; i++)
		for (unsigned k = 0; k < 2; k++)
			s->id[2 * i + k] = "0123456789abcdef"[record->id[i] >> (k ? 0 : 4) & 15];
}

static void prepare(struct bench *b)
{
	memset(b, 0, sizeof *b);
	dz_flow_config_init(&b->config);
	b->config.input_name = name_input;
}

static void begin(struct bench *b)
{
	b->classifier = dz_classifier_new_null();
	b->table = dz_flow_table_new(&b->config, b->classifier, keep, b);
}

static void end(struct bench *b)
{
	dz_flow_table_free(b->table);
	dz_classifier_free(b->classifier);
}

static int set_up(void **state)
{
	struct bench *b = malloc(sizeof *b);
	if (b)
		prepare(b);
	*state = b;
	return b ? 0 : -1;
}

static int tear_down(void **state)
{
	end(*state);
	free(*state);
	return 0;
}

struct line {
	double time;
	uint8_t protocol;
	uint8_t source, destination; /* 10.0.0.N */
	uint16_t source_port, destination_port;
	uint8_t flags;
	uint32_t seq, payload;
};

/* IP length is 40 + payload for TCP, 28 + payload otherwise. */
static void send(struct bench *b, struct line l)
{
	uint8_t from[4] = { 10, 0, 0, l.source }, to[4] = { 10, 0, 0, l.destination };
	struct dz_frame packet = { .index = b->index++, .time_ns = 1000 * SECOND + (uint64_t)(l.time * 1e9) };
	struct dz_packet pkt = { .tcp_flags = l.flags, .tcp_seq = l.seq, .payload_len = l.payload };
	pkt.sender = (uint8_t)dz_flow_key_init(&pkt.key, 4, l.protocol, 0, from, l.source_port, to, l.destination_port);
	pkt.ip_len = (l.protocol == TCP ? 40 : 28) + l.payload;
	pkt.frame_len = pkt.ip_len + 14;
	dz_flow_table_advance(b->table, &packet);
	dz_flow_table_add(b->table, &packet, &pkt);
}

static void counts_go_to_the_side_that_sent(void **state)
{
	struct bench *b = *state;
	begin(b);
	send(b, (struct line){ 0, UDP, 9, 1, 5000, 53, 0, 0, 30 });   /* 58 bytes: bin 1 */
	send(b, (struct line){ 1, UDP, 1, 9, 53, 5000, 0, 0, 100 });  /* 128 bytes: bin 4 */
	send(b, (struct line){ 2, UDP, 1, 9, 53, 5000, 0, 0, 1476 }); /* 1504 bytes: bin 47 */
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 1);
	const struct dz_record *r = &b->seen[0].r;
	assert_int_equal(r->key.address[r->source_end][3], 9);
	assert_int_equal(r->side[DZ_SOURCE].packets, 1);
	assert_int_equal(r->side[DZ_SOURCE].bytes, 58);
	assert_int_equal(r->side[DZ_DESTINATION].packets, 2);
	assert_int_equal(r->side[DZ_DESTINATION].bytes, 1632);
	assert_int_equal(b->seen[0].total[1], 1);
	assert_int_equal(b->seen[0].total[4], 1);
	assert_int_equal(b->seen[0].total[47], 1);
	assert_int_equal(b->seen[0].source[1], 1);
	assert_int_equal(r->lengths.count, 3);
	assert_int_equal(r->side[DZ_SOURCE].lengths.count, 1);
	assert_int_equal(r->lengths_min, 58);
	assert_int_equal(r->lengths_max, 1504);
	assert_int_equal(r->lengths_sum, 1690);
	assert_true(r->end_ns - r->start_ns == 2 * SECOND);
	assert_int_equal(r->end_reason, DZ_END_EOF);
	assert_string_equal(r->input, "first.pcap");
}

static void initiator_is_who_sent_the_syn(void **state)
{
	struct bench *b = *state;
	begin(b);
	send(b, (struct line){ 0, TCP, 1, 2, 80, 1000, SYN | ACK, 0, 0 }); /* the SYN is missing */
	send(b, (struct line){ 0, TCP, 2, 1, 1001, 80, SYN, 0, 0 });
	send(b, (struct line){ 0, TCP, 1, 2, 80, 1002, ACK, 0, 10 }); /* joined in mid-stream */
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(b->seen[i].r.key.address[b->seen[i].r.source_end][3], i < 2 ? 2 : 1);
}

/* Each class at its limit (still open: the flow is one) and beyond it (two flows). */
static void classes_expire_after_their_time(void **state)
{
	static const struct {
		uint8_t protocol, flags;
		double limit;
	} rows[] = { { UDP, 0, 300 }, { ICMP, 0, 60 }, { GRE, 0, 300 }, { TCP, ACK, 7440 }, { TCP, SYN, 240 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (unsigned late = 0; late < 2; late++) {
			struct bench b;
			double next = rows[i].limit + (late ? 0.5 : 0);
			prepare(&b);
			begin(&b);
			send(&b, (struct line){ 0, rows[i].protocol, 1, 2, 7, 9, rows[i].flags, 0, 0 });
			send(&b, (struct line){ next, rows[i].protocol, 1, 2, 7, 9, rows[i].flags, 0, 0 });
			assert_int_equal(b.count, late);
			if (late) {
				assert_int_equal(b.seen[0].r.end_reason, DZ_END_IDLE);
				assert_int_equal(b.seen[0].r.end_order, 2); /* decided when packet 1 came */
			}
			end(&b);
		}
	}
}

/* Time-outs are exact, though flows are looked for once a second: the next packet of a flow, and the end of the input,
 * tell whether it was silent for too long. */
static void time_outs_are_exact_within_a_second(void **state)
{
	struct bench *b = *state;
	b->config.idle_ns[DZ_TIMEOUT_UDP] = SECOND / 4;
	begin(b);
	send(b, (struct line){ 0, UDP, 1, 2, 10, 11, 0, 0, 0 });
	send(b, (struct line){ 0.25, UDP, 1, 2, 10, 11, 0, 0, 0 });
	send(b, (struct line){ 0.55, UDP, 1, 2, 10, 11, 0, 0, 0 }); /* 0.3 s later */
	assert_int_equal(b->count, 1);
	assert_int_equal(b->seen[0].r.side[DZ_SOURCE].packets, 2);
	assert_int_equal(b->seen[0].r.end_reason, DZ_END_IDLE);
	send(b, (struct line){ 0.6, UDP, 1, 3, 10, 11, 0, 0, 0 });
	send(b, (struct line){ 0.84, UDP, 1, 4, 10, 11, 0, 0, 0 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 4);
	assert_int_equal(b->seen[1].r.end_reason, DZ_END_IDLE); /* 0.55 */
	assert_int_equal(b->seen[2].r.end_reason, DZ_END_EOF);  /* 0.6 */
	assert_int_equal(b->seen[3].r.end_reason, DZ_END_EOF);  /* 0.84 */
}

/* A flow that had a packet within the same second keeps its place before one that was silent for longer. */
static void flows_of_one_second_expire_in_any_order(void **state)
{
	struct bench *b = *state;
	b->config.idle_ns[DZ_TIMEOUT_UDP] = 3 * SECOND / 2;
	begin(b);
	send(b, (struct line){ 0.0, UDP, 1, 2, 10, 11, 0, 0, 0 });
	send(b, (struct line){ 0.1, UDP, 1, 3, 10, 11, 0, 0, 0 });
	send(b, (struct line){ 0.9, UDP, 1, 2, 10, 11, 0, 0, 0 });
	send(b,
	     (struct line){ 2.2, ICMP, 1, 2, 8, 0, 0, 0, 0 }); /* 2.1 s after the second flow, 1.3 s after the first */
	assert_int_equal(b->count, 1);
	assert_int_equal(b->seen[0].r.key.address[1][3], 3);
	send(b, (struct line){ 3.1, ICMP, 1, 2, 8, 0, 0, 0, 0 });
	assert_int_equal(b->count, 2);
	assert_int_equal(b->seen[1].r.side[DZ_SOURCE].packets, 2);
	assert_int_equal(b->seen[1].r.end_reason, DZ_END_IDLE);
}

static void the_clock_never_goes_back(void **state)
{
	struct bench *b = *state;
	begin(b);
	send(b, (struct line){ 500, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 100, UDP, 3, 4, 7, 9, 0, 0, 0 }); /* an early packet is not idle since 400 s */
	send(b, (struct line){ 500, UDP, 5, 6, 7, 9, 0, 0, 0 });
	assert_int_equal(b->count, 0);
}

/* A damaged time, and a gap in the capture: only when the second packet is there, too, the clock goes along. */
static void one_packet_does_not_leap_the_clock(void **state)
{
	enum { YEAR = 365 * 86400 };
	struct bench *b = *state;
	begin(b);
	send(b, (struct line){ 0, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ YEAR, UDP, 3, 4, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 1, UDP, 1, 2, 7, 9, 0, 0, 0 });
	assert_int_equal(b->count, 0); /* the first flow goes on */
	send(b, (struct line){ 302, UDP, 5, 6, 7, 9, 0, 0, 0 });
	assert_int_equal(b->count, 2); /* and ends when its time is up, as does the other */
	send(b, (struct line){ YEAR, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ YEAR + 1, UDP, 1, 2, 7, 9, 0, 0, 0 });
	assert_int_equal(b->count, 3); /* a real gap: the flow before it ends, the one after it does not */
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 4);
	assert_int_equal(b->seen[3].r.lengths.count, 2);
}

/* The flow that a leap was first seen in is the latest of all then, and hides none that was silent since before. */
static void a_leap_ends_all_that_came_before(void **state)
{
	enum { YEAR = 365 * 86400 };
	struct bench *b = *state;
	begin(b);
	send(b, (struct line){ 0.1, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 0.2, UDP, 3, 4, 7, 9, 0, 0, 0 });
	send(b, (struct line){ YEAR, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ YEAR + 1, UDP, 5, 6, 7, 9, 0, 0, 0 });
	assert_int_equal(b->count, 2); /* the first flow is over, too: what leapt is another one on its ports */
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(b->seen[i].r.first_index, i);
		assert_int_equal(b->seen[i].r.end_reason, DZ_END_IDLE);
		assert_int_equal(b->seen[i].r.lengths.count, 1);
	}
}

/* Times that go back and back again make no endless chain of flows of one key, and lose no packet. */
static void few_flows_of_one_key_are_kept_open(void **state)
{
	enum { STEPS = 40 };
	struct bench *b = *state;
	uint64_t packets = 0;
	begin(b);
	for (unsigned i = 0; i < STEPS; i++)
		send(b, (struct line){ 1000.0 * (STEPS - i), UDP, 1, 2, 7, 9, 0, 0, 0 });
	assert_in_range(b->count, STEPS - 8, STEPS - 1);
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, STEPS);
	for (unsigned i = 0; i < STEPS; i++)
		packets += b->seen[i].r.side[DZ_SOURCE].packets;
	assert_int_equal(packets, STEPS);
}

/* What comes after a flush has its own time: an earlier one is not late, nor a flow of it idle. */
static void a_flush_begins_anew(void **state)
{
	struct bench *b = *state;
	begin(b);
	send(b, (struct line){ 9000, UDP, 1, 2, 7, 9, 0, 0, 0 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	send(b, (struct line){ 0, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 301, UDP, 3, 4, 7, 9, 0, 0, 0 });
	assert_int_equal(b->count, 2);
	assert_int_equal(b->seen[1].r.end_reason, DZ_END_IDLE);
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->seen[2].r.end_reason, DZ_END_EOF);
}

/* Interim records have told who began the flow; a SYN that comes late does not turn the rest of it round. */
static void an_interim_record_settles_the_source(void **state)
{
	struct bench *b = *state;
	b->config.active_ns = 10 * SECOND;
	begin(b);
	send(b, (struct line){ 2, TCP, 2, 1, 80, 1000, ACK, 500, 10 });
	send(b, (struct line){ 13, TCP, 2, 1, 80, 1000, ACK, 510, 10 });
	send(b, (struct line){ 1, TCP, 1, 2, 1000, 80, SYN, 0xffffffff, 0 }); /* 0 was acknowledged: it is its SYN */
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(b->seen[i].r.key.address[b->seen[i].r.source_end][3], 2);
}

/* Shards whose lines are merged need not have seen the last packet themselves: what ends with the input has one place
 * in the order, idle or not. */
static void all_that_is_left_ends_at_one_place(void **state)
{
	struct bench *b = *state;
	b->config.idle_ns[DZ_TIMEOUT_UDP] = SECOND / 4;
	begin(b);
	send(b, (struct line){ 0.1, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 0.2, UDP, 3, 4, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 0.3, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 0.5, UDP, 5, 6, 7, 9, 0, 0, 0 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 3);
	for (unsigned i = 0; i < 3; i++) {
		static const enum dz_end_reason reasons[] = { DZ_END_EOF, DZ_END_IDLE, DZ_END_EOF };
		static const uint64_t firsts[] = { 0, 1, 3 };
		assert_int_equal(b->seen[i].r.end_order, 8); /* beyond both places of packet 3, 6 and 7 */
		assert_int_equal(b->seen[i].r.first_index, firsts[i]);
		assert_int_equal(b->seen[i].r.end_reason, reasons[i]);
	}
}

/* On a quiet link time is told without packets. */
static void a_tick_ends_what_is_idle(void **state)
{
	struct bench *b = *state;
	begin(b);
	dz_flow_table_tick(b->table, 900 * SECOND); /* before any packet: nothing to end */
	send(b, (struct line){ 0, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 1, ICMP, 1, 2, 8, 0, 0, 0, 0 });
	send(b, (struct line){ 2, TCP, 1, 2, 1000, 80, ACK, 1, 0 });
	dz_flow_table_tick(b->table, 1061 * SECOND); /* ICMP is silent for 60 s: not yet longer */
	assert_int_equal(b->count, 0);
	dz_flow_table_tick(b->table, 1062 * SECOND);
	assert_int_equal(b->count, 1);
	assert_int_equal(b->seen[0].r.key.protocol, ICMP);
	assert_int_equal(b->seen[0].r.end_reason, DZ_END_IDLE);
	assert_int_equal(b->seen[0].r.end_order, 6);              /* behind packet 2, which has places 4 and 5 */
	assert_true(b->seen[0].r.end_ns == 1001 * SECOND);        /* its last packet's time, not the tick's */
	dz_flow_table_tick(b->table, 1000 * SECOND);              /* the clock does not go back */
	send(b, (struct line){ 62.5, UDP, 1, 2, 7, 9, 0, 0, 0 }); /* the flow goes on */
	dz_flow_table_tick(b->table, 1363 * SECOND);
	assert_int_equal(b->count, 2);
	assert_int_equal(b->seen[1].r.key.protocol, UDP);
	assert_int_equal(b->seen[1].r.lengths.count, 2);
	assert_int_equal(b->seen[1].r.end_order, 8);
	send(b, (struct line){ 363, UDP, 1, 2, 7, 9, 0, 0, 0 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 4);
	assert_int_equal(b->seen[2].r.key.protocol, TCP);
	assert_int_equal(b->seen[2].r.end_reason, DZ_END_EOF);
}

static void ticks_end_nothing_without_expiry(void **state)
{
	struct bench *b = *state;
	b->config.no_expiry = true;
	begin(b);
	send(b, (struct line){ 0, UDP, 1, 2, 7, 9, 0, 0, 0 });
	dz_flow_table_tick(b->table, 900000 * SECOND);
	assert_int_equal(b->count, 0);
}

static void no_expiry_keeps_one_flow(void **state)
{
	struct bench *b = *state;
	b->config.no_expiry = true;
	begin(b);
	send(b, (struct line){ 0, TCP, 1, 2, 1000, 80, RST, 0, 0 });
	send(b, (struct line){ 9e5, TCP, 1, 2, 1000, 80, SYN, 0, 0 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 1);
	assert_int_equal(b->seen[0].r.lengths.count, 2);
}

static void closed_flows_linger_and_reopen(void **state)
{
	struct bench *b = *state;
	begin(b);
	send(b, (struct line){ 0, TCP, 1, 2, 1000, 80, SYN, 1, 0 });
	send(b, (struct line){ 1, TCP, 2, 1, 80, 1000, SYN | ACK, 1, 0 });
	send(b, (struct line){ 2, TCP, 1, 2, 1000, 80, ACK, 2, 0 });
	send(b, (struct line){ 3, TCP, 1, 2, 1000, 80, FIN | ACK, 2, 0 });
	send(b, (struct line){ 4, TCP, 1, 2, 1000, 80, SYN, 1, 0 }); /* half-closed; the number that opened it */
	assert_int_equal(b->count, 0);
	send(b, (struct line){ 5, TCP, 2, 1, 80, 1000, FIN | ACK, 2, 0 });
	send(b, (struct line){ 6, TCP, 1, 2, 1000, 80, ACK, 3, 0 });   /* the trailing ACK belongs to it */
	send(b, (struct line){ 7, TCP, 1, 2, 1000, 80, SYN, 100, 0 }); /* the ports are used again */
	assert_int_equal(b->count, 1);
	assert_int_equal(b->seen[0].r.end_reason, DZ_END_FIN);
	assert_int_equal(b->seen[0].r.lengths.count, 7);
	assert_int_equal(b->seen[0].r.end_order, 15); /* brought by packet 7 itself */
	send(b, (struct line){ 8, TCP, 2, 1, 80, 1000, RST | ACK, 0, 0 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 2);
	assert_int_equal(b->seen[1].r.end_reason, DZ_END_RST);
	assert_string_not_equal(b->seen[0].id, b->seen[1].id);
}

static void active_timeout_cuts_interim_records(void **state)
{
	struct bench *b = *state;
	b->config.active_ns = 10 * SECOND;
	begin(b);
	for (unsigned i = 0; i <= 25; i += 5)
		send(b, (struct line){ i, UDP, 1, 2, 7, 9, 0, 0, 0 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	/* parts [0,5], [10,15], [20,25] */
	assert_int_equal(b->count, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(b->seen[i].r.lengths.count, 2);
		assert_int_equal(b->seen[i].r.end_reason, i < 2 ? DZ_END_ACTIVE : DZ_END_EOF);
		assert_true(b->seen[i].r.start_ns == (1000 + 10 * i) * SECOND);
	}
	assert_string_not_equal(b->seen[0].id, b->seen[1].id);
}

/* Payload that was not captured belongs to no TLS record; each record tells of its own part. */
static void interim_records_share_lost_tls_bytes(void **state)
{
	struct bench *b = *state;
	b->config.active_ns = 10 * SECOND;
	b->config.shape.layer = DZ_LAYER_TLS;
	begin(b);
	send(b, (struct line){ 0, TCP, 1, 2, 1000, 443, ACK, 1, 100 });
	send(b, (struct line){ 1, TCP, 2, 1, 443, 1000, ACK, 1, 30 });
	send(b, (struct line){ 11, TCP, 1, 2, 1000, 443, ACK, 101, 50 });
	send(b, (struct line){ 22, TCP, 1, 2, 1000, 443, ACK, 151, 0 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 3);
	assert_int_equal(b->seen[0].r.tls_lost_bytes, 130);
	assert_int_equal(b->seen[1].r.tls_lost_bytes, 50);
	assert_int_equal(b->seen[2].r.tls_lost_bytes, 0);
}

/* Who waits for records gets them when their time has come, packet or none; all packets are in one of them, and a part
 * without packets is not written. */
static void interim_records_come_by_the_clock(void **state)
{
	static const struct {
		double start, end;
		unsigned packets;
		enum dz_end_reason reason;
	} rows[] = { { 0, 5, 2, DZ_END_ACTIVE }, { 12, 12, 1, DZ_END_ACTIVE }, { 30, 30, 1, DZ_END_ACTIVE } };
	struct bench *b = *state;
	struct dz_flow_stats stats;
	b->config.active_ns = 10 * SECOND;
	b->config.active_by_clock = true;
	begin(b);
	send(b, (struct line){ 0, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 5, UDP, 1, 2, 7, 9, 0, 0, 0 });
	send(b, (struct line){ 9, ICMP, 3, 4, 8, 0, 0, 0, 0 });
	assert_int_equal(b->count, 0);
	dz_flow_table_tick(b->table, 1011 * SECOND);
	assert_int_equal(b->count, 1);
	send(b, (struct line){ 12, UDP, 1, 2, 7, 9, 0, 0, 0 });
	for (unsigned i = 13; i < 30; i++)
		dz_flow_table_tick(b->table, (1000 + i) * SECOND);
	assert_int_equal(b->count, 3); /* and that of ICMP */
	send(b, (struct line){ 30, UDP, 1, 2, 7, 9, 0, 0, 0 });
	for (unsigned i = 31; i < 400; i++)
		dz_flow_table_tick(b->table, (1000 + i) * SECOND);
	dz_flow_table_flush(b->table, DZ_END_SHUTDOWN);
	unsigned row = 0, empty = 0;
	for (unsigned i = 0; i < b->count; i++) {
		const struct dz_record *r = &b->seen[i].r;
		if (r->key.protocol == ICMP)
			continue;
		if (!r->side[DZ_SOURCE].packets) { /* only told, after all */
			assert_int_equal(r->end_reason, DZ_END_IDLE);
			empty++;
			continue;
		}
		assert_true(row < 3);
		assert_int_equal(r->side[DZ_SOURCE].packets, rows[row].packets);
		assert_int_equal(r->lengths.count, rows[row].packets);
		assert_int_equal(r->end_reason, rows[row].reason);
		assert_true(r->start_ns == 1000 * SECOND + (uint64_t)(rows[row].start * 1e9));
		assert_true(r->end_ns == 1000 * SECOND + (uint64_t)(rows[row].end * 1e9));
		row++;
	}
	assert_int_equal(row, 3);
	assert_int_equal(empty, 1);
	dz_flow_table_stats(b->table, &stats);
	assert_int_equal(stats.flows, 2);
	assert_int_equal(stats.records, 4);
	assert_int_equal(stats.by_end_reason[DZ_END_ACTIVE], 4);
	assert_int_equal(stats.by_end_reason[DZ_END_IDLE], 2);
}

/* The clock is 900 s ahead of this capture, which overlaps another one: no interim records for that. */
static void active_time_is_the_flows_own(void **state)
{
	struct bench *b = *state;
	b->config.active_ns = 10 * SECOND;
	begin(b);
	send(b, (struct line){ 900, UDP, 8, 9, 7, 9, 0, 0, 0 });
	for (unsigned i = 0; i < 5; i++)
		send(b, (struct line){ i, UDP, 1, 2, 7, 9, 0, 0, 0 });
	assert_int_equal(b->count, 0);
}

static void the_longest_idle_flow_makes_room(void **state)
{
	struct bench *b = *state;
	struct dz_flow_stats stats;
	b->config.max_flows = 2;
	begin(b);
	send(b, (struct line){ 0, UDP, 1, 2, 1, 9, 0, 0, 0 });
	send(b, (struct line){ 1, TCP, 1, 2, 2, 9, SYN, 0, 0 });
	send(b, (struct line){ 2, UDP, 1, 2, 1, 9, 0, 0, 0 }); /* now the TCP flow is the longest idle */
	send(b, (struct line){ 3, UDP, 1, 2, 3, 9, 0, 0, 0 });
	assert_int_equal(b->count, 1);
	assert_int_equal(b->seen[0].r.key.protocol, TCP);
	assert_int_equal(b->seen[0].r.end_reason, DZ_END_EVICTED);
	dz_flow_table_flush(b->table, DZ_END_SHUTDOWN);
	assert_int_equal(b->count, 3);
	assert_int_equal(b->seen[1].r.end_reason, DZ_END_SHUTDOWN);
	dz_flow_table_stats(b->table, &stats);
	assert_int_equal(stats.packets, 4);
	assert_int_equal(stats.flows, 3);
	assert_int_equal(stats.records, 3);
	assert_int_equal(stats.peak_flows, 2);
}

/* Flows are looked for once a second; until then those whose time is up make room before any that goes on. */
static void who_is_idle_makes_room_first(void **state)
{
	struct bench *b = *state;
	b->config.max_flows = 2;
	b->config.idle_ns[DZ_TIMEOUT_UDP] = SECOND / 4;
	begin(b);
	send(b, (struct line){ 0.1, TCP, 1, 2, 2, 9, SYN, 0, 0 });
	send(b, (struct line){ 0.2, UDP, 1, 2, 1, 9, 0, 0, 0 });
	send(b, (struct line){ 0.6, UDP, 1, 2, 3, 9, 0, 0, 0 });
	assert_int_equal(b->count, 1);
	assert_int_equal(b->seen[0].r.first_index, 1);
	assert_int_equal(b->seen[0].r.end_reason, DZ_END_IDLE);
	send(b, (struct line){ 0.7, UDP, 1, 2, 4, 9, 0, 0, 0 });
	assert_int_equal(b->count, 2);
	assert_int_equal(b->seen[1].r.key.protocol, TCP);
	assert_int_equal(b->seen[1].r.end_reason, DZ_END_EVICTED);
}

static void what_was_seen_before_is_a_retransmission(void **state)
{
	(void)state;
	for (unsigned skip = 0; skip < 2; skip++) {
		struct bench b;
		prepare(&b);
		b.config.shape.skip_retransmissions = skip;
		begin(&b);
		/* 0xfffffff0: the numbers wrap */
		send(&b, (struct line){ 0, TCP, 1, 2, 1000, 80, SYN, 0xfffffff0, 0 });
		send(&b, (struct line){ 1, TCP, 1, 2, 1000, 80, ACK, 0xfffffff1, 100 });
		send(&b, (struct line){ 2, TCP, 1, 2, 1000, 80, ACK, 0xfffffff1, 100 });       /* again */
		send(&b, (struct line){ 3, TCP, 1, 2, 1000, 80, ACK, 0xfffffff1 + 200, 100 }); /* leaves a gap */
		send(&b, (struct line){ 4, TCP, 1, 2, 1000, 80, ACK, 0xfffffff1 + 100, 100 }); /* fills it: new */
		send(&b, (struct line){ 5, TCP, 1, 2, 1000, 80, ACK, 0xfffffff1 + 100, 100 }); /* again */
		send(&b, (struct line){ 6, TCP, 1, 2, 1000, 80, ACK, 0xfffffff1 + 250, 100 }); /* half new */
		send(&b, (struct line){ 7, TCP, 1, 2, 1000, 80, ACK, 0xfffffff1 + 350, 0 });   /* a bare ACK */
		dz_flow_table_flush(b.table, DZ_END_EOF);
		assert_int_equal(b.seen[0].r.side[DZ_SOURCE].retransmissions, 2);
		assert_int_equal(b.seen[0].r.side[DZ_SOURCE].packets, 8);
		assert_int_equal(b.seen[0].r.lengths.count, skip ? 6 : 8);
		end(&b);
	}
}

static void an_old_syn_resets_nothing(void **state)
{
	struct bench *b = *state;
	b->config.no_expiry = true;
	begin(b);
	send(b, (struct line){ 0, TCP, 1, 2, 1000, 80, SYN, 1000, 0 });
	send(b, (struct line){ 1, TCP, 1, 2, 1000, 80, SYN, 1000, 0 });
	send(b, (struct line){ 2, TCP, 1, 2, 1000, 80, ACK, 1001, 10 });
	send(b, (struct line){ 3, TCP, 1, 2, 1000, 80, SYN, 1000, 0 });      /* the first one, delayed */
	send(b, (struct line){ 4, TCP, 1, 2, 1000, 80, ACK, 1001, 10 });     /* again */
	send(b, (struct line){ 5, TCP, 1, 2, 1000, 80, SYN, 500000000, 0 }); /* another connection */
	send(b, (struct line){ 6, TCP, 1, 2, 1000, 80, ACK, 500000001, 10 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 1);
	assert_int_equal(b->seen[0].r.side[DZ_SOURCE].retransmissions, 1);
}

/* A SYN that is stored behind what followed it: as far back as a window without scaling reaches (65,535 bytes, RFC
 * 9293, section 3.1) it is that connection's, and beyond that another's. */
static void a_late_syn_belongs_within_a_window(void **state)
{
	(void)state;
	for (uint32_t back = 65534; back <= 65537; back++) {
		struct bench b;
		prepare(&b);
		begin(&b);
		send(&b, (struct line){ 0, TCP, 1, 2, 1000, 80, ACK, 1000000, 10 });
		send(&b, (struct line){ 1, TCP, 1, 2, 1000, 80, SYN, 1000000 - 1 - back, 0 });
		dz_flow_table_flush(b.table, DZ_END_EOF);
		assert_int_equal(b.count, back <= 65535 ? 1 : 2);
		end(&b);
	}
}

static void empty_packets_can_be_left_out(void **state)
{
	struct bench *b = *state;
	b->config.shape.skip_empty = true;
	b->config.shape.layer = DZ_LAYER_PAYLOAD;
	begin(b);
	send(b, (struct line){ 0, TCP, 1, 2, 1000, 80, ACK, 1, 0 });
	send(b, (struct line){ 0, TCP, 1, 2, 1000, 80, ACK, 1, 33 });
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->seen[0].r.lengths.count, 1);
	assert_int_equal(b->seen[0].total[1], 1);
	assert_int_equal(b->seen[0].r.side[DZ_SOURCE].packets, 2);
}

static void one_way_records_tell_the_sender(void **state)
{
	struct bench *b = *state;
	b->config.unidirectional = true;
	begin(b);
	send(b, (struct line){ 0, UDP, 9, 1, 5000, 53, 0, 0, 30 });
	send(b, (struct line){ 1, UDP, 1, 9, 53, 5000, 0, 0, 100 });
	send(b, (struct line){ 2, UDP, 8, 1, 5000, 53, 0, 0, 0 }); /* no answer: one record */
	dz_flow_table_flush(b->table, DZ_END_EOF);
	assert_int_equal(b->count, 3);
	assert_int_equal(b->seen[0].r.role, DZ_ROLE_INITIATOR);
	assert_int_equal(b->seen[0].r.key.address[b->seen[0].r.source_end][3], 9);
	assert_int_equal(b->seen[0].r.lengths_max, 58);
	assert_int_equal(b->seen[1].r.role, DZ_ROLE_RESPONDER);
	assert_int_equal(b->seen[1].r.key.address[b->seen[1].r.source_end][3], 1);
	assert_int_equal(b->seen[1].r.lengths.count, 1);
	assert_int_equal(b->seen[1].r.lengths_min, 128);
	assert_int_equal(b->seen[1].r.lengths_sum, 128);
	assert_int_equal(b->seen[1].r.side[DZ_SOURCE].packets, 1);
	assert_int_equal(b->seen[1].r.side[DZ_DESTINATION].packets, 0);
	assert_int_equal(b->seen[2].r.role, DZ_ROLE_INITIATOR);
}

/* Many more flows than the table begins with, found again while it grows; the records come by first packet. */
static void the_table_grows_while_it_is_used(void **state)
{
	enum { FLOWS = 50000 };
	struct bench *b = *state;
	struct dz_flow_stats stats;
	begin(b);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < FLOWS; i++)
			send(b, (struct line){ 0, UDP, (uint8_t)(i >> 12), 200, (uint16_t)(i & 0xfff), 9, 0, 0, 0 });
	}
	dz_flow_table_stats(b->table, &stats);
	assert_int_equal(stats.flows, FLOWS);
	assert_int_equal(stats.packets, 2 * FLOWS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(counts_go_to_the_side_that_sent),
		TEST(initiator_is_who_sent_the_syn),
		cmocka_unit_test(classes_expire_after_their_time),
		TEST(time_outs_are_exact_within_a_second),
		TEST(flows_of_one_second_expire_in_any_order),
		TEST(the_clock_never_goes_back),
		TEST(one_packet_does_not_leap_the_clock),
		TEST(a_leap_ends_all_that_came_before),
		TEST(few_flows_of_one_key_are_kept_open),
		TEST(a_flush_begins_anew),
		TEST(an_interim_record_settles_the_source),
		TEST(all_that_is_left_ends_at_one_place),
		TEST(a_tick_ends_what_is_idle),
		TEST(ticks_end_nothing_without_expiry),
		TEST(no_expiry_keeps_one_flow),
		TEST(closed_flows_linger_and_reopen),
		TEST(active_timeout_cuts_interim_records),
		TEST(interim_records_share_lost_tls_bytes),
		TEST(interim_records_come_by_the_clock),
		TEST(active_time_is_the_flows_own),
		TEST(the_longest_idle_flow_makes_room),
		TEST(who_is_idle_makes_room_first),
		cmocka_unit_test(a_late_syn_belongs_within_a_window),
		cmocka_unit_test(what_was_seen_before_is_a_retransmission),
		TEST(an_old_syn_resets_nothing),
		TEST(empty_packets_can_be_left_out),
		TEST(one_way_records_tell_the_sender),
		TEST(the_table_grows_while_it_is_used),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
