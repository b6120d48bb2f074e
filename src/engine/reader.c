/* SPDX-License-Identifier: BSD-2-Clause */
/* reader.c - inputs into batches of decoded packets. One thread at a time is in here. */
#include "config.h"
#include "engine/engine_internal.h"

#include "base/block.h"
#include "base/clock.h"
#include "base/mem.h"
#include "capture/filter.h"
#include <stdlib.h>
#include <string.h>

enum {
	BATCH_BYTES = 1 << 18,
	BLOCK_BYTES_MAX = 1 << 20,
	ALIGNMENT = 16,
	PACKETS_PER_PROGRESS = 1 << 16,
	LINKTYPE_RAW = 101
};
/* Of the packets that the filter leaves out, these many are looked at, and then one of so many. */
enum { LOOKED_AT = 4096, THEN_ONE_OF = 64 };

/* ---- life ---- */

/* Compiled here, since later the process may be free to open nothing. */
static void init_filters(struct reader *r, const struct dz_engine_config *config)
{
	if (config->filter_inner) {
		r->inner = dz_filter_new(config->filter_inner);
		dz_filter_prepare(r->inner, LINKTYPE_RAW);
	}
	if (!config->filter || config->live)
		return;
	r->bare = dz_filter_new(config->filter);
	if (dz_filter_prepare(r->bare, LINKTYPE_RAW)) {
		r->beside = dz_decoder_new(&config->decode);
	} else {
		dz_filter_free(r->bare);
		r->bare = NULL;
	}
}

void dz_reader_init(struct reader *r, const struct dz_engine_config *config, const atomic_bool *abandoned)
{
	*r = (struct reader){ .config = config, .abandoned = abandoned, .refused_input = UINT32_MAX };
	r->source = dz_source_new(config->inputs, config->filter);
	if (config->separate_inputs)
		dz_source_read_apart(r->source);
	r->decoder = dz_decoder_new(&config->decode);
	init_filters(r, config);
	r->began = dz_clock_now();
	r->seen = config->live ? NULL : dz_mem_zalloc(dz_inputs_count(config->inputs), sizeof *r->seen);
}

void dz_reader_release(struct reader *r)
{
	dz_decoder_free(r->decoder);
	dz_decoder_free(r->beside);
	dz_filter_free(r->inner);
	dz_filter_free(r->bare);
	dz_source_free(r->source);
	free(r->aside_bytes);
	free(r->seen);
}

/* ---- what is told while reading ---- */

static void warn(const struct reader *r, const char *message)
{
	if (r->config->warn)
		r->config->warn(r->config->context, message);
}

static void tell_progress(const struct reader *r)
{
	struct dz_progress progress;
	if (!r->config->progress)
		return;
	progress.packets = r->stats.packets;
	progress.position = dz_source_position(r->source);
	progress.size = dz_inputs_size(r->config->inputs);
	progress.seconds = dz_clock_now() - r->began;
	r->config->progress(r->config->context, &progress);
}

static void refuse_link(struct reader *r, const struct dz_frame *packet)
{
	struct dz_err err;
	const char *name = dz_source_link_name(packet->linktype);
	if (r->refused_input == packet->input)
		return;
	r->refused_input = packet->input;
	r->stats.damaged_inputs++;
	dz_err_set(&err, "%s: link type %d (%s) is not supported; its packets are skipped",
		   dz_inputs_path(r->config->inputs, packet->input), packet->linktype, name ? name : "unknown");
	warn(r, err.text);
}

/* ---- packets ---- */

static void note_time(struct dz_run_stats *a, uint64_t time_ns)
{
	if (!a->packets || time_ns < a->first_ns)
		a->first_ns = time_ns;
	if (!a->packets || time_ns > a->last_ns)
		a->last_ns = time_ns;
}

static bool is_to_stop(const struct reader *r)
{
	return (r->config->stop && atomic_load_explicit(r->config->stop, memory_order_relaxed)) ||
	       atomic_load_explicit(r->abandoned, memory_order_relaxed) || dz_mem_is_low();
}

/* Before each packet: whether it is wanted. */
static bool is_wanted(struct reader *r, const struct dz_frame *packet)
{
	if (is_to_stop(r) && !r->config->live)
		return false;
	if (packet->index && packet->index % PACKETS_PER_PROGRESS == 0)
		tell_progress(r);
	return true;
}

/* ---- packets of interfaces ---- */

static bool is_past_limit(const struct reader *r)
{
	return r->config->packet_limit && r->stats.packets >= r->config->packet_limit;
}

/* Packets of all interfaces are numbered as they come; those beyond the limit were kept by the kernel for nothing. */
static bool take_live(void *context, struct dz_frame *frame)
{
	struct reader *r = context;

	if (is_past_limit(r)) {
		r->stats.discarded++;
		return true;
	}
	frame->number = frame->index = r->live_packets++;
	frame->selected = true;
	return r->live_take(r, frame);
}

/* When the run is to stop, what the kernel keeps is read first: the source says END then. */
static enum dz_source_status each_live(struct reader *r, dz_source_take_fn *take, struct dz_err *err)
{
	if (is_to_stop(r) || is_past_limit(r)) {
		r->stats.stopped = true;
		dz_live_stop(r->config->live);
	}
	r->live_take = take;
	return dz_live_each(r->config->live, take_live, r, err);
}

static void look_after_time(struct reader *r)
{
	if (r->config->live && r->publish)
		r->publish(r->publish_context, r);
	if (r->idle)
		r->idle(r->take_context, r->config->live ? dz_live_complete_until(r->config->live) : 0);
}

/* ---- reading on ---- */

/* Whether reading ends here, with what `take` got. */
static bool is_over(const struct reader *r, enum dz_source_status status)
{
	if (r->config->live && !atomic_load_explicit(r->abandoned, memory_order_relaxed))
		return status == DZ_SOURCE_END;
	return status == DZ_SOURCE_END || is_to_stop(r);
}

/* Reads on, over whatever is damaged, until `take` wants no more, or a batch is to be closed for want of packets; false
 * when nothing comes after that. */
static bool read_on(struct reader *r, dz_source_take_fn *take)
{
	struct dz_err err;
	enum dz_source_status status;

	do {
		status = r->config->live ? each_live(r, take, &err) : dz_source_each(r->source, take, r, &err);
		if (status == DZ_SOURCE_DAMAGED) {
			r->stats.damaged_inputs++;
			warn(r, err.text);
		} else if (status == DZ_SOURCE_IDLE) {
			look_after_time(r);
		}
	} while (status != DZ_SOURCE_PACKET && !is_over(r, status) && !(r->batch && r->batch->idle));
	r->stats.stopped |= status != DZ_SOURCE_END && is_to_stop(r);
	return !is_over(r, status);
}

static bool passes(struct dz_filter *filter, const struct dz_packet *pkt)
{
	const struct dz_frame bare = {
		.linktype = LINKTYPE_RAW, .bytes = pkt->ip, .caplen = pkt->ip_caplen, .wirelen = pkt->ip_len
	};
	return dz_filter_apply(filter, &bare) == DZ_FILTER_PASS;
}

/* Whether more is around the IP packet than the link's own header, as far as that has one size. */
static bool is_wrapped(const struct dz_frame *packet, const struct dz_packet *pkt)
{
	enum { NULL_LINK = 0, ETHERNET = 1, LOOP = 108, LINUX_SLL = 113, LINUX_SLL2 = 276 };
	ptrdiff_t offset = pkt->ip - packet->bytes;

	switch (packet->linktype) {
	case NULL_LINK:
	case LOOP:
		return offset > 4;
	case ETHERNET:
		return offset > 14;
	case LINUX_SLL:
		return offset > 16;
	case LINUX_SLL2:
		return offset > 20;
	default:
		return pkt->vlan || pkt->tunnel != DZ_TUNNEL_NONE;
	}
}

/* A packet that the filter left out: whether it would pass if it stood alone. */
static void look_inside(struct reader *r, const struct dz_frame *packet)
{
	struct dz_packet pkt;

	if (!r->bare || (r->stats.filtered > LOOKED_AT && r->stats.filtered % THEN_ONE_OF))
		return;
	r->stats.hidden +=
		dz_decode(r->beside, packet, &pkt) == DZ_DECODE_OK && is_wrapped(packet, &pkt) && passes(r->bare, &pkt);
}

/* Whether an earlier run has read the packet. */
static bool is_read_already(struct reader *r, const struct dz_frame *packet)
{
	if (!r->config->skip || !r->seen || r->seen[packet->input] >= r->config->skip[packet->input])
		return false;
	r->seen[packet->input]++;
	r->stats.resumed++;
	return true;
}

/* Accounts for what became of a packet; whether it is a flow's. */
static inline bool judge(struct reader *r, const struct dz_frame *packet, const struct dz_packet *pkt,
			 enum dz_verdict verdict)
{
	if (r->inner && verdict == DZ_DECODE_OK && !passes(r->inner, pkt)) {
		r->stats.filtered++;
		return false;
	}
	r->stats.verdicts[verdict]++;
	if (verdict == DZ_DECODE_UNSUPPORTED_LINK)
		refuse_link(r, packet);
	if (r->config->live && verdict == DZ_DECODE_OK)
		dz_live_note_length(r->config->live, packet->input, pkt->ip_len);
	return verdict == DZ_DECODE_OK;
}

/* Accounts for the packet and decodes it; whether it is a flow's. */
static bool decode_packet(struct reader *r, const struct dz_frame *packet, struct dz_packet *pkt)
{
	struct dz_run_stats *a = &r->stats;

	if (r->seen)
		r->seen[packet->input]++;
	note_time(a, packet->time_ns);
	a->packets++;
	a->bytes += packet->wirelen;
	if (!packet->selected) {
		a->filtered++;
		look_inside(r, packet);
		pkt->next = 0;
		return false;
	}
	return judge(r, packet, pkt, dz_decode(r->decoder, packet, pkt));
}

/* The same for the next packet of a frame. */
static bool decode_next(struct reader *r, const struct dz_frame *packet, struct dz_packet *pkt)
{
	r->stats.subframes++;
	return judge(r, packet, pkt, dz_decode_next(r->decoder, packet, pkt));
}

/* A frame's packets have numbers of their own: what follows the frame moves on. */
static struct dz_frame numbered(const struct reader *r, const struct dz_frame *packet)
{
	struct dz_frame frame = *packet;
	frame.index += r->stats.subframes;
	return frame;
}

/* The packets of a frame, of which the first is decoded. */
static void hand_on_all(struct reader *r, const struct dz_frame *packet, struct dz_packet *pkt, bool is_flows)
{
	struct dz_frame frame = numbered(r, packet);

	r->take(r->take_context, &frame, is_flows ? pkt : NULL);
	while (pkt->next) {
		is_flows = decode_next(r, packet, pkt);
		frame = numbered(r, packet);
		r->take(r->take_context, &frame, is_flows ? pkt : NULL);
	}
}

static bool hand_on(void *context, struct dz_frame *packet)
{
	struct reader *r = context;
	struct dz_packet pkt;
	bool is_flows;

	if (!is_wanted(r, packet))
		return false;
	if (is_read_already(r, packet))
		return true;
	is_flows = decode_packet(r, packet, &pkt);
	if (pkt.next || r->stats.subframes)
		hand_on_all(r, packet, &pkt, is_flows);
	else
		r->take(r->take_context, packet, is_flows ? &pkt : NULL);
	return true;
}

void dz_reader_each(struct reader *r, packet_fn *take, void (*idle)(void *context, uint64_t complete_until),
		    void *context)
{
	r->take = take;
	r->idle = idle;
	r->take_context = context;
	while (read_on(r, hand_on))
		continue;
}

/* ---- batches ---- */

void dz_batch_init(struct dz_batch *b)
{
	b->bytes = dz_mem_alloc(BATCH_BYTES);
	b->size = BATCH_BYTES;
}

static void let_go(struct dz_batch *b)
{
	while (b->block_count)
		dz_block_release(b->blocks[--b->block_count]);
}

void dz_batch_release(struct dz_batch *b)
{
	let_go(b);
	free(b->bytes);
}

static size_t padded(size_t size)
{
	return size + -size % ALIGNMENT;
}

/* Whether a frame of this size has room. An empty batch makes room for any. */
static bool has_room(struct dz_batch *b, size_t size)
{
	if (padded(size) <= b->size - b->span)
		return true;
	if (b->count)
		return false;
	b->size = padded(size);
	b->bytes = dz_mem_realloc(b->bytes, b->size, 1);
	return true;
}

/* Whether the batch holds the block: not where it would be one of many, of which each has a packet or two, nor where it
 * is much larger than what a batch has in all. */
static bool holds(struct dz_batch *b, struct dz_block *block)
{
	for (size_t i = b->block_count; i-- > 0;)
		if (b->blocks[i] == block)
			return true;
	if (b->block_count == BATCH_BLOCKS || block->size > BLOCK_BYTES_MAX)
		return false;
	b->blocks[b->block_count++] = dz_block_hold(block);
	return true;
}

/* The IP packet stays where it was read, or moves into the batch; what was around it is not needed any more. */
static void keep(struct dz_batch *b, const struct dz_frame *packet, struct dz_packet *pkt)
{
	uint8_t *copy;

	b->span += padded(pkt->ip_caplen);
	if (packet->block && holds(b, packet->block))
		return;
	copy = memcpy(b->bytes + b->used, pkt->ip, pkt->ip_caplen);
	if (pkt->payload)
		pkt->payload = copy + (pkt->payload - pkt->ip);
	pkt->ip = copy;
	b->used += padded(pkt->ip_caplen);
}

static void set_aside(struct reader *r, const struct dz_frame *packet)
{
	r->aside = *packet;
	if (packet->bytes != r->aside_bytes) {
		r->aside_bytes = dz_mem_realloc(r->aside_bytes, packet->caplen, 1);
		r->aside.bytes = memcpy(r->aside_bytes, packet->bytes, packet->caplen);
		r->aside.block = NULL;
	}
	r->is_aside = true;
}

/* Adds the packet in the batch's next place, which is decoded. */
static inline void add_decoded(struct reader *r, struct dz_batch *b, const struct dz_frame *packet, bool is_flows)
{
	size_t i = b->count++;

	b->packets[i] = *packet;
	b->packets[i].index += r->stats.subframes;
	b->packets[i].bytes = NULL;
	b->packets[i].block = NULL;
	b->shards[i] = is_flows ? 0 : NO_SHARD;
	if (is_flows)
		keep(b, packet, &b->pkts[i]);
}

/* Adds the packets that stand behind this one in its frame; those that find no room are set aside with it. */
static void add_rest(struct reader *r, struct dz_batch *b, const struct dz_frame *packet,
		     const struct dz_packet *before)
{
	while (before->next && b->count < BATCH_PACKETS && has_room(b, packet->caplen)) {
		struct dz_packet *pkt = &b->pkts[b->count];
		*pkt = *before;
		add_decoded(r, b, packet, decode_next(r, packet, pkt));
		before = pkt;
	}
	if (before->next) {
		r->aside_behind = *before;
		set_aside(r, packet);
	}
}

static void add_packet(struct reader *r, struct dz_batch *b, const struct dz_frame *packet)
{
	struct dz_packet *pkt = &b->pkts[b->count];
	bool is_flows = decode_packet(r, packet, pkt);

	if (!is_flows)
		b->span += padded(packet->caplen); /* a block that is held has it, too */
	add_decoded(r, b, packet, is_flows);
	if (pkt->next)
		add_rest(r, b, packet, pkt);
}

static bool put_in_batch(void *context, struct dz_frame *packet)
{
	struct reader *r = context;

	if (!is_wanted(r, packet))
		return false;
	if (is_read_already(r, packet))
		return true;
	if (!has_room(r->batch, packet->caplen)) {
		r->aside_behind.next = 0;
		set_aside(r, packet);
		return false;
	}
	add_packet(r, r->batch, packet);
	return r->batch->count < BATCH_PACKETS && !r->is_aside;
}

/* Assigns packets to shards. A pass of its own: reading a packet right after it was written piecewise would stall on
 * store forwarding. */
static void assign_shards(struct dz_batch *b, unsigned shards, uint64_t seed)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->shards[i] != NO_SHARD)
			b->shards[i] = (uint16_t)((uint32_t)dz_flow_key_hosts_hash(&b->pkts[i].key, seed) % shards);
}

static void close_batch(void *context, uint64_t complete_until)
{
	struct reader *r = context;

	r->batch->idle = true;
	r->batch->complete_until = complete_until;
}

bool dz_reader_fill(struct reader *r, struct dz_batch *b, unsigned shards)
{
	bool more = true;

	let_go(b);
	b->count = b->used = b->span = 0;
	b->idle = false;
	r->batch = b;
	r->idle = close_batch;
	r->take_context = r;
	if (r->is_aside && has_room(b, r->aside.caplen)) { /* an empty batch has */
		const struct dz_frame packet = r->aside;
		const struct dz_packet behind = r->aside_behind;
		r->is_aside = false;
		if (behind.next)
			add_rest(r, b, &packet, &behind);
		else
			add_packet(r, b, &packet);
	}
	if (!r->is_aside)
		more = read_on(r, put_in_batch);
	assign_shards(b, shards, r->config->deal_seed);
	return more;
}
