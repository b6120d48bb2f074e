/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_table.c - see flow_table.h.
 *
 * Flows live in a pool. They are found through a hash table with chains that grows by moving a few chains per
 * packet, so that no packet waits for all of it. One list per time-out class makes expiry O(1). It is ordered by the
 * second of the packet clock in which a flow's last packet came: most packets need not move their flow in it, which
 * would touch the neighbours' memory, too. */
#include "config.h"
#include "flow/flow_table.h"

#include "base/mem.h"
#include "base/seed.h"
#include "flow/flow_internal.h"
#include <stdlib.h>
#include <string.h>

/* MAX_RIVALS: flows of one key at different times. */
/* MAX_IP: what fits into an Ethernet frame without a tag, of 1,514 bytes; until the ends of a connection say
 * otherwise. */
enum { MAX_IP = 1500 };
/* PACKETS_PER_LOOK: at how much memory is in use. */
enum { PACKETS_PER_LOOK = 4096 };
enum { FIRST_BUCKETS = 1024, BUCKETS_PER_STEP = 8, RECENT = 2048, MAX_RIVALS = 4 };
#define SECOND UINT64_C(1000000000)
#define MAX_CLOCK_JUMP (24 * 3600 * SECOND)

struct list {
	struct flow *oldest, *newest;
};

struct ending {
	uint64_t first_index; /* the flow's, to sort by */
	struct flow *flow;
};

struct dz_flow_table {
	struct dz_flow_config config;
	struct dz_classifier *classifier; /* borrowed */
	struct dz_flow_emitter emitter;

	/* The flow last found, by the low bits of the hash: most packets belong to one of few flows, which are found
	 * here without waiting for memory. */
	struct flow *recent[RECENT];
	struct flow **buckets, **old_buckets; /* old_buckets: NULL unless the table is growing */
	size_t bucket_mask, old_mask, old_next;
	uint64_t hash_seed;

	struct dz_pool flows;
	struct list lists[DZ_TIMEOUT_COUNT];
	size_t open, limit, lazy_order_limit; /* lazy_order_limit: up to so many flows, eviction is far off */

	uint64_t memory_used; /* when it was looked at last */
	uint64_t clock_ns, order;
	uint64_t after_last;      /* the place in the order behind all that the last packet brought */
	uint64_t second_ns;       /* when the clock's present second began */
	uint64_t parts_ns;        /* when interim records are looked for again */
	uint64_t leap_ns;         /* time of the last packet when the clock did not follow it, else 0 */
	struct flow *jumped_flow; /* the flow it was counted in */
	uint32_t input;           /* of the last packet */
	bool started;
	struct ending *ending; /* flows that end at one packet */
	size_t ending_count, ending_capacity;
	struct dz_flow_stats stats;
};

const char *const dz_timeout_names[DZ_TIMEOUT_COUNT + 1] = { "tcp", "tcp-opening", "udp", "icmp", "other", NULL };

void dz_flow_config_init(struct dz_flow_config *config)
{
	*config = (struct dz_flow_config){
		.shape = { .layer = DZ_LAYER_IP, .bin_width = DZ_HIST_DEFAULT_WIDTH, .bins = DZ_HIST_DEFAULT_BINS },
		.idle_ns = { [DZ_TIMEOUT_TCP] = 7440 * SECOND,        /* RFC 5382, REQ-5 */
			     [DZ_TIMEOUT_TCP_OPENING] = 240 * SECOND, /* RFC 5382, REQ-5 */
			     [DZ_TIMEOUT_UDP] = 300 * SECOND,         /* RFC 4787, REQ-5 */
			     [DZ_TIMEOUT_ICMP] = 60 * SECOND,         /* RFC 5508, REQ-2 */
			     [DZ_TIMEOUT_OTHER] = 300 * SECOND },
	};
}

/* How many flows may be open. */
static void set_limit(struct dz_flow_table *t, size_t limit)
{
	t->limit = limit;
	t->lazy_order_limit = limit == SIZE_MAX ? SIZE_MAX : limit / 2;
}

struct dz_flow_table *dz_flow_table_new(const struct dz_flow_config *config, struct dz_classifier *classifier,
					dz_record_fn *emit, void *context)
{
	struct dz_flow_table *t = dz_mem_zalloc(1, sizeof *t);
	t->config = *config;
	set_limit(t, config->max_flows ? config->max_flows : SIZE_MAX);
	t->classifier = classifier;
	dz_pool_init(&t->flows, sizeof(struct flow));
	t->buckets = dz_mem_zalloc(FIRST_BUCKETS, sizeof *t->buckets);
	t->bucket_mask = FIRST_BUCKETS - 1;
	t->hash_seed = dz_seed(); /* senders must not be able to choose who shares a chain */
	dz_flow_emitter_init(&t->emitter, &t->config, classifier, emit, context);
	return t;
}

/* ---- flows ---- */

static void flow_release(struct dz_flow_table *t, struct flow *flow)
{
	struct dz_label ignored = flow->label;
	ignored.packed = NULL;
	if (flow->state) {
		dz_classifier_finish(t->classifier, &flow->state, &ignored);
		dz_label_release(&ignored);
	}
	dz_label_release(&flow->label);
	dz_hist_release(&flow->hist);
	dz_flow_more_free(flow->more);
}

static void flow_give_back(struct dz_flow_table *t, struct flow *flow)
{
	flow_release(t, flow);
	dz_pool_give_back(&t->flows, flow);
}

/* ---- hash table ---- */

/* The flows of an old bucket go to two new ones, which have not been touched before. */
static void move_some(struct dz_flow_table *t)
{
	for (unsigned n = 0; t->old_buckets && n < BUCKETS_PER_STEP; n++) {
		struct flow *flow = t->old_buckets[t->old_next], *next;
		if (t->old_next + BUCKETS_PER_STEP <= t->old_mask) /* for the next step */
			__builtin_prefetch(t->old_buckets[t->old_next + BUCKETS_PER_STEP]);
		t->buckets[t->old_next] = t->buckets[t->old_next + t->old_mask + 1] = NULL;
		for (; flow; flow = next) {
			struct flow **bucket = &t->buckets[flow->hash & t->bucket_mask];
			next = flow->chain;
			flow->chain = *bucket;
			*bucket = flow;
		}
		if (++t->old_next > t->old_mask) {
			free(t->old_buckets);
			t->old_buckets = NULL;
		}
	}
}

static void grow(struct dz_flow_table *t)
{
	while (t->old_buckets)
		move_some(t);
	struct flow **buckets = dz_mem_try_big((t->bucket_mask * 2 + 2) * sizeof *buckets);
	if (!buckets)
		return; /* longer chains are slower, and no more */
	t->old_buckets = t->buckets;
	t->old_mask = t->bucket_mask;
	t->old_next = 0;
	t->bucket_mask = t->bucket_mask * 2 + 1;
	t->buckets = buckets; /* set as the old ones are moved */
}

/* The bucket that holds, or would hold, flows of this hash. */
static struct flow **bucket_of(struct dz_flow_table *t, uint32_t hash)
{
	if (t->old_buckets && (hash & t->old_mask) >= t->old_next)
		return &t->old_buckets[hash & t->old_mask];
	return &t->buckets[hash & t->bucket_mask];
}

static bool has_key(const struct flow *flow, const struct dz_flow_key *key, uint32_t hash)
{
	/* what the packet will touch if this is its flow, while the first line is still on its way */
	__builtin_prefetch(&flow->older);
	__builtin_prefetch(&flow->label);
	__builtin_prefetch(&flow->hist);
	return flow->hash == hash && dz_flow_key_equal(&flow->key, key);
}

/* Whether a packet of this time is the flow's, by the flow's own time: it was not silent for longer than its class
 * allows, on either side. Times go back where captures overlap or a clock was set. */
static bool is_near(const struct dz_flow_table *t, const struct flow *flow, uint64_t time_ns)
{
	uint64_t idle_ns = t->config.idle_ns[flow->timeout];
	if (time_ns > flow->last_ns)
		return time_ns - flow->last_ns <= idle_ns || t->config.no_expiry;
	uint64_t first_ns = flow->first_ns == NO_TIME ? flow->last_ns : flow->first_ns;
	return time_ns >= first_ns || first_ns - time_ns <= idle_ns || t->config.no_expiry;
}

/* The flow that the packet belongs to by key and time. Where times go back there may be several of one key; *rivals
 * tells whether any of another time was seen when none is found. */
static struct flow *find(struct dz_flow_table *t, const struct dz_flow_key *key, uint32_t hash, uint64_t time_ns,
			 bool *rivals)
{
	struct flow *flow = t->recent[hash % RECENT];

	if (flow && has_key(flow, key, hash) && is_near(t, flow, time_ns))
		return flow;
	for (flow = *bucket_of(t, hash); flow; flow = flow->chain) {
		if (!has_key(flow, key, hash))
			continue;
		if (is_near(t, flow, time_ns))
			break;
		*rivals = true;
	}
	if (flow)
		t->recent[hash % RECENT] = flow;
	return flow;
}

static void unhash(struct dz_flow_table *t, struct flow *flow)
{
	struct flow **at = bucket_of(t, flow->hash);
	while (*at != flow)
		at = &(*at)->chain;
	*at = flow->chain;
	if (t->recent[flow->hash % RECENT] == flow)
		t->recent[flow->hash % RECENT] = NULL;
}

/* ---- time-out lists ---- */

static void list_remove(struct dz_flow_table *t, struct flow *flow)
{
	struct list *list = &t->lists[flow->timeout];
	*(flow->older ? &flow->older->newer : &list->oldest) = flow->newer;
	*(flow->newer ? &flow->newer->older : &list->newest) = flow->older;
}

static void list_append(struct dz_flow_table *t, struct flow *flow, enum dz_timeout_class timeout)
{
	struct list *list = &t->lists[timeout];
	flow->timeout = (uint8_t)timeout;
	flow->touched_ns = t->clock_ns;
	flow->older = list->newest;
	flow->newer = NULL;
	*(list->newest ? &list->newest->newer : &list->oldest) = flow;
	list->newest = flow;
}

/* To the end of a list, which may be another one. */
static void list_move(struct dz_flow_table *t, struct flow *flow, enum dz_timeout_class timeout)
{
	list_remove(t, flow);
	list_append(t, flow, timeout);
}

/* A packet came: to the end of the list, which may be another one. Once flows may soon have to be evicted, each packet
 * moves its flow. */
static void list_touch(struct dz_flow_table *t, struct flow *flow, enum dz_timeout_class timeout)
{
	bool in_order = !flow->newer || (flow->touched_ns >= t->second_ns && t->open <= t->lazy_order_limit);
	if (timeout == flow->timeout && in_order) {
		flow->touched_ns = t->clock_ns;
		return;
	}
	list_move(t, flow, timeout);
}

static enum dz_timeout_class timeout_class(const struct flow *flow)
{
	switch (flow->key.protocol) {
	case DZ_IPPROTO_TCP:
		return flow->established && !flow->closed ? DZ_TIMEOUT_TCP : DZ_TIMEOUT_TCP_OPENING;
	case DZ_IPPROTO_UDP:
		return DZ_TIMEOUT_UDP;
	case DZ_IPPROTO_ICMP:
	case DZ_IPPROTO_ICMPV6:
		return DZ_TIMEOUT_ICMP;
	default:
		return DZ_TIMEOUT_OTHER;
	}
}

/* ---- ends ---- */

static bool is_idle(const struct dz_flow_table *t, const struct flow *flow)
{
	return t->clock_ns - flow->touched_ns > t->config.idle_ns[flow->timeout] && !t->config.no_expiry;
}

/* Whether the flow's time is up by its own time, though the clock may have been ahead of it. */
static bool is_over(const struct dz_flow_table *t, const struct flow *flow)
{
	return t->clock_ns > flow->last_ns && !is_near(t, flow, t->clock_ns);
}

/* How a flow was closed, or that its time was up, rather than what else ends it now. */
static enum dz_end_reason reason_of(const struct dz_flow_table *t, const struct flow *flow,
				    enum dz_end_reason otherwise)
{
	if (flow->closed)
		return flow->closed == CLOSED_BY_RST ? DZ_END_RST : DZ_END_FIN;
	if (is_over(t, flow))
		return DZ_END_IDLE;
	/* A FIN of the only side that was captured closes, too, once another connection has the ports. */
	return otherwise == DZ_END_REUSED && (flow->tcp_flags[0] | flow->tcp_flags[1]) & DZ_TCP_FIN ? DZ_END_FIN
												    : otherwise;
}

static void emit(struct dz_flow_table *t, struct flow *flow, enum dz_end_reason reason)
{
	reason = reason_of(t, flow, reason);
	t->stats.by_end_reason[reason]++;
	t->stats.records += dz_flow_emitter_emit(&t->emitter, flow, reason, t->order);
}

static void end_flow(struct dz_flow_table *t, struct flow *flow, enum dz_end_reason reason)
{
	emit(t, flow, reason);
	list_remove(t, flow);
	unhash(t, flow);
	if (t->jumped_flow == flow) /* time may pass, or room be wanted, between its packet and the next one */
		t->jumped_flow = NULL;
	flow_give_back(t, flow);
	t->open--;
}

static void collect(struct dz_flow_table *t, struct flow *flow)
{
	void *block = t->ending;
	dz_mem_grow(&block, &t->ending_capacity, t->ending_count + 1, sizeof *t->ending);
	t->ending = block;
	t->ending[t->ending_count++] = (struct ending){ flow->first_index, flow };
}

static int by_first_index(const void *a, const void *b)
{
	uint64_t x = ((const struct ending *)a)->first_index, y = ((const struct ending *)b)->first_index;
	return x < y ? -1 : x > y;
}

static void sort_collected(struct dz_flow_table *t)
{
	for (size_t i = 1; i < t->ending_count; i++) {
		if (t->ending[i].first_index < t->ending[i - 1].first_index) {
			qsort(t->ending, t->ending_count, sizeof *t->ending, by_first_index);
			return;
		}
	}
}

/* Flows that end together were not looked at for long: asks for the memory of those that come next while one is being
 * emitted, first for the flow, then for what it points to. */
static void prefetch(const struct dz_flow_table *t, size_t i)
{
	enum { FLOW_AHEAD = 6, PARTS_AHEAD = 3, FEW_STRINGS = 256 };
	if (i + FLOW_AHEAD < t->ending_count)
		dz_mem_prefetch(t->ending[i + FLOW_AHEAD].flow, sizeof(struct flow));
	if (i + PARTS_AHEAD < t->ending_count) {
		const struct flow *flow = t->ending[i + PARTS_AHEAD].flow;
		dz_hist_prefetch(&flow->hist, &t->config.shape);
		if (flow->label.packed)
			dz_mem_prefetch(flow->label.packed, FEW_STRINGS);
	}
}

static void cut_interim(struct dz_flow_table *t, struct flow *flow)
{
	t->stats.by_end_reason[DZ_END_ACTIVE]++;
	t->stats.records += dz_flow_emitter_emit(&t->emitter, flow, DZ_END_ACTIVE, t->order);
	dz_flow_restart(flow);
}

/* Whether the present part of a flow lasts for long enough, by the flow's own time and what the clock added to it. */
static bool is_part_over(const struct dz_flow_table *t, const struct flow *flow)
{
	return flow->first_ns != NO_TIME &&
	       flow->last_ns - flow->first_ns + (t->clock_ns - flow->touched_ns) >= t->config.active_ns;
}

/* A look at every flow, so not every second when the parts are long. */
static void collect_parts(struct dz_flow_table *t)
{
	enum { LOOKS_PER_PART = 8 };

	if (!t->config.active_by_clock || !t->config.active_ns || t->clock_ns < t->parts_ns)
		return;
	t->parts_ns = t->clock_ns + t->config.active_ns / LOOKS_PER_PART;
	for (unsigned i = 0; i < DZ_TIMEOUT_COUNT; i++) {
		for (struct flow *flow = t->lists[i].oldest; flow; flow = flow->newer)
			if (is_part_over(t, flow) && !is_idle(t, flow))
				collect(t, flow);
	}
}

/* Ends what is idle for longer than its class allows. Within a second of the clock the list has no order. */
static void expire(struct dz_flow_table *t)
{
	t->ending_count = 0;
	collect_parts(t);
	for (unsigned i = 0; i < DZ_TIMEOUT_COUNT && !t->config.no_expiry; i++) {
		uint64_t idle_ns = t->config.idle_ns[i];
		struct flow *flow = t->lists[i].oldest;
		for (; flow && t->clock_ns - flow->touched_ns + SECOND > idle_ns; flow = flow->newer)
			if (is_idle(t, flow))
				collect(t, flow);
	}
	sort_collected(t);
	for (size_t i = 0; i < t->ending_count; i++) {
		struct flow *flow = t->ending[i].flow;
		prefetch(t, i);
		if (is_idle(t, flow))
			end_flow(t, flow, DZ_END_IDLE);
		else
			cut_interim(t, flow);
	}
}

/* One packet with a damaged time must not end every flow and then stop the clock for good: within a capture the clock
 * follows a leap of more than MAX_CLOCK_JUMP only when the next packet is there, too. */
static bool may_follow(struct dz_flow_table *t, const struct dz_frame *packet)
{
	uint64_t leap_ns = t->leap_ns, time_ns = packet->time_ns;

	t->leap_ns = 0;
	if (!t->started || packet->input != t->input || time_ns - t->clock_ns <= MAX_CLOCK_JUMP)
		return true;
	if (leap_ns && (time_ns > leap_ns ? time_ns - leap_ns : leap_ns - time_ns) <= MAX_CLOCK_JUMP)
		return true;
	t->leap_ns = time_ns;
	return false;
}

static void move_clock(struct dz_flow_table *t, const struct dz_frame *packet)
{
	struct flow *jumped_flow = t->jumped_flow;

	t->jumped_flow = NULL;
	if (packet->time_ns <= t->clock_ns) {
		t->leap_ns = 0;
	} else if (may_follow(t, packet)) {
		t->clock_ns = packet->time_ns;
		if (jumped_flow) /* its packet came after the leap */
			list_move(t, jumped_flow, (enum dz_timeout_class)jumped_flow->timeout);
	}
	t->input = packet->input;
}

/* Whether `a` has to make room rather than `b`: whose time is up, else who is silent for longer. */
static bool goes_first(const struct dz_flow_table *t, const struct flow *a, const struct flow *b)
{
	bool a_is_idle = is_idle(t, a);
	if (a_is_idle != is_idle(t, b))
		return a_is_idle;
	if (a->touched_ns != b->touched_ns)
		return a->touched_ns < b->touched_ns;
	return a->first_index < b->first_index;
}

static struct flow *longest_idle(const struct dz_flow_table *t)
{
	struct flow *first = NULL;
	for (unsigned i = 0; i < DZ_TIMEOUT_COUNT; i++) {
		struct flow *flow = t->lists[i].oldest;
		if (flow && (!first || goes_first(t, flow, first)))
			first = flow;
	}
	return first;
}

static void evict(struct dz_flow_table *t, size_t count)
{
	t->ending_count = 0;
	for (; count; count--) {
		struct flow *flow = longest_idle(t);
		list_remove(t, flow);
		unhash(t, flow);
		t->open--;
		collect(t, flow);
	}
	sort_collected(t);
	for (size_t i = 0; i < t->ending_count; i++) {
		emit(t, t->ending[i].flow, DZ_END_EVICTED);
		flow_give_back(t, t->ending[i].flow);
	}
}

/* Memory does not get less when flows end, but they leave room for others. So at the limit there may be as many flows
 * as there are, and fewer while the process grows all the same (flows grow, too); and more again when there is room. */
static void keep_within_memory(struct dz_flow_table *t)
{
	enum { SHARE = 32, MIN_FLOWS = 1024 };
	size_t most = t->config.max_flows ? t->config.max_flows : SIZE_MAX;
	uint64_t used = t->config.memory_used(t->config.memory_context), before = t->memory_used;

	t->memory_used = used;
	if (used <= t->config.max_memory) {
		if (t->limit < most && used < t->config.max_memory - t->config.max_memory / SHARE)
			set_limit(t, most - t->limit > t->limit / SHARE ? t->limit + t->limit / SHARE : most);
		return;
	}
	if (t->open > MIN_FLOWS && (t->limit > t->open || used > before))
		set_limit(t, t->open - t->open / SHARE);
	if (t->open > t->limit)
		evict(t, t->open - t->limit);
}

/* Once in a second of the clock. */
static void look_for_idle(struct dz_flow_table *t)
{
	if (t->clock_ns - t->second_ns >= SECOND) {
		t->second_ns = t->clock_ns - t->clock_ns % SECOND;
		expire(t);
	}
}

void dz_flow_table_advance(struct dz_flow_table *t, const struct dz_frame *packet)
{
	move_clock(t, packet);
	t->order = packet->index * 2;
	t->after_last = t->order + 2;
	t->started = true;
	look_for_idle(t);
	if (t->config.max_memory && packet->index % PACKETS_PER_LOOK == 0)
		keep_within_memory(t);
}

void dz_flow_table_tick(struct dz_flow_table *t, uint64_t time_ns)
{
	t->order = t->after_last;
	if (time_ns > t->clock_ns)
		t->clock_ns = time_ns;
	look_for_idle(t);
}

/* Back to a small table; the flows are their taker's. */
static void clear(struct dz_flow_table *t)
{
	free(t->buckets);
	free(t->old_buckets);
	t->old_buckets = NULL;
	t->buckets = dz_mem_zalloc(FIRST_BUCKETS, sizeof *t->buckets);
	t->bucket_mask = FIRST_BUCKETS - 1;
	memset(t->lists, 0, sizeof t->lists);
	memset(t->recent, 0, sizeof t->recent);
	t->open = 0;
}

static void make_room_for_ending(struct dz_flow_table *t, size_t count)
{
	t->ending_count = 0;
	if (t->ending_capacity >= count)
		return;
	free(t->ending);
	t->ending = dz_mem_alloc(count * sizeof *t->ending);
	t->ending_capacity = count;
}

void dz_flow_table_flush(struct dz_flow_table *t, enum dz_end_reason reason)
{
	struct list lists[DZ_TIMEOUT_COUNT];
	size_t open = t->open;

	t->order = t->after_last;
	memcpy(lists, t->lists, sizeof lists);
	clear(t); /* first: what it gives back is as much as the list of all flows takes, should memory be short */
	make_room_for_ending(t, open);
	for (unsigned i = 0; i < DZ_TIMEOUT_COUNT; i++) {
		for (struct flow *flow = lists[i].oldest; flow; flow = flow->newer)
			collect(t, flow);
	}
	sort_collected(t);
	for (size_t i = 0; i < t->ending_count; i++) {
		prefetch(t, i);
		emit(t, t->ending[i].flow, reason);
		flow_give_back(t, t->ending[i].flow);
	}
	/* What comes now has a time of its own. */
	t->clock_ns = t->second_ns = t->parts_ns = t->leap_ns = 0;
	t->jumped_flow = NULL;
	t->started = false;
}

/* ---- packets ---- */

static struct flow *begin_flow(struct dz_flow_table *t, const struct dz_frame *packet, const struct dz_packet *pkt,
			       uint32_t hash)
{
	if (t->open >= t->limit)
		end_flow(t, longest_idle(t), DZ_END_EVICTED);
	if (t->open > t->bucket_mask / 2)
		grow(t);
	struct flow *flow = dz_pool_take(&t->flows);
	struct flow **bucket = bucket_of(t, hash);
	memset(flow, 0, sizeof *flow);
	flow->key = pkt->key;
	flow->hash = hash;
	flow->chain = *bucket;
	*bucket = flow;
	flow->source_end = pkt->sender & 1; /* a SYN or SYN-ACK may turn it round */
	flow->first_index = packet->index;
	flow->first_number = packet->number;
	flow->first_ns = flow->last_ns = packet->time_ns;
	flow->input = packet->input;
	flow->interface = packet->interface;
	flow->most_ip[0] = flow->most_ip[1] = MAX_IP;
	flow->vlan = pkt->vlan & 0xfff;
	flow->inner_vlan = pkt->inner_vlan & 0xfff;
	flow->tunnel = pkt->tunnel & 0xff;
	flow->tunnel_id = pkt->tunnel_id;
	dz_hist_init(&flow->hist);
	list_append(t, flow, timeout_class(flow));
	t->stats.flows++;
	if (++t->open > t->stats.peak_flows)
		t->stats.peak_flows = t->open;
	return flow;
}

/* Flows of the packet's key at other times: ends the one whose time is up, and one of those that time went back from
 * when there are many. While a leap is not believed yet nothing ends by it. */
static void end_rivals(struct dz_flow_table *t, const struct dz_flow_key *key, uint32_t hash, uint64_t time_ns)
{
	struct flow *rival = NULL;
	unsigned count = 0;

	for (struct flow *flow = *bucket_of(t, hash); flow; flow = flow->chain) {
		if (!has_key(flow, key, hash))
			continue;
		if ((time_ns > flow->last_ns && !t->leap_ns) || ++count >= MAX_RIVALS) {
			rival = flow;
			break;
		}
	}
	if (rival)
		end_flow(t, rival, DZ_END_IDLE);
}

/* Whether the packet opens another connection on the ports of the flow. */
static bool reopens(struct flow *flow, const struct dz_frame *packet, const struct dz_packet *pkt)
{
	return (pkt->tcp_flags & (DZ_TCP_SYN | DZ_TCP_RST)) == DZ_TCP_SYN && !pkt->later_fragment &&
	       !dz_flow_tcp_belongs(flow, packet, pkt);
}

void dz_flow_table_add(struct dz_flow_table *t, const struct dz_frame *packet, const struct dz_packet *pkt)
{
	uint32_t hash = (uint32_t)dz_flow_key_hash(&pkt->key, t->hash_seed);
	bool rivals = false;
	struct flow *flow;

	if (t->old_buckets)
		move_some(t);
	t->order |= 1;
	flow = find(t, &pkt->key, hash, packet->time_ns, &rivals);
	if (rivals && !flow)
		end_rivals(t, &pkt->key, hash, packet->time_ns);
	if (flow && reopens(flow, packet, pkt)) {
		if (t->config.no_expiry) {
			flow->seq_known[0] = flow->seq_known[1] = 0;
		} else {
			end_flow(t, flow, DZ_END_REUSED);
			flow = NULL;
		}
	}
	if (!flow) {
		flow = begin_flow(t, packet, pkt, hash);
	} else if (t->config.active_ns && packet->time_ns > flow->first_ns &&
		   packet->time_ns - flow->first_ns >= t->config.active_ns) {
		/* By the flow's own time: the clock may be ahead of a capture that overlaps the one before. */
		cut_interim(t, flow);
	}
	dz_flow_count(flow, &t->config, packet, pkt, &t->stats);
	if (!flow->label.settled)
		dz_classifier_packet(t->classifier, &flow->state, pkt, t->clock_ns, pkt->sender == flow->source_end,
				     &flow->label);
	list_touch(t, flow, timeout_class(flow));
	if (t->leap_ns)
		t->jumped_flow = flow;
	t->stats.packets++;
}

void dz_flow_table_stats(const struct dz_flow_table *t, struct dz_flow_stats *stats)
{
	*stats = t->stats;
}

void dz_flow_table_free(struct dz_flow_table *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < DZ_TIMEOUT_COUNT; i++) {
		for (struct flow *flow = t->lists[i].oldest; flow; flow = flow->newer)
			flow_release(t, flow);
	}
	dz_pool_release(&t->flows);
	dz_flow_emitter_release(&t->emitter);
	free(t->buckets);
	free(t->old_buckets);
	free(t->ending);
	free(t);
}
