/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_flows.c - any bytes as a capture, all the way to the lines, in every way that flows may be asked for: each
 * packet is accounted for, lines are read back, and several threads print what one does.
 *
 * Input: four bytes that say how, see configure() and shape_lines(), then the capture. fuzz_capture looks at the
 * reading of it. */
#include "config.h"
#include "capture/inputs.h"
#include "engine/engine.h"
#include "record/record_json.h"
#include "fuzz.h"
#include "../lib/pkt_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HOW_SIZE = 4 };

/* One thing asked for and what came of it. */
struct outcome {
	struct dz_strbuf lines;
	uint64_t records;
	struct dz_run_stats stats;
	bool begun;
};

/* The bits of the input's first bytes: nothing but what the command line can ask for. */
static void configure(struct dz_engine_config *config, const uint8_t how[HOW_SIZE])
{
	static const char *const filters[] = { NULL, "tcp or vlan", "ip6 or udp or mpls", "greater 100" };
	static const uint32_t bins[] = { 48, 2, 300, DZ_HIST_MAX_BINS };
	struct dz_hist_shape *shape = &config->flow.shape;

	shape->layer = (enum dz_layer)((how[0] & 7) % DZ_LAYER_COUNT);
	config->flow.unidirectional = how[0] & 8;
	shape->skip_empty = how[0] & 16;
	shape->skip_retransmissions = how[0] & 32;
	config->flow.resegment = how[0] & 64;
	config->decode.ignore_vlan = how[0] & 128;

	config->decode.tunnels = !(how[1] & 1);
	config->flow.no_expiry = how[1] & 2;
	config->flow.max_flows = how[1] & 4 ? 3 : 0;
	config->flow.active_ns = how[1] & 8 ? 1000000000 : 0;
	config->separate_inputs = how[1] & 16;
	config->filter = filters[how[1] >> 5 & 3];
	config->filter_inner = how[1] & 128 ? "tcp" : NULL;

	shape->bins = bins[how[2] & 3];
	config->classify_null = (how[2] & 0x30) != 0x30; /* it takes nDPI long to begin */
	config->classify.most_whole = 1;
}

static struct dz_sink_config shape_lines(const struct dz_engine_config *config, const uint8_t how[HOW_SIZE])
{
	static const unsigned widths[] = { 0, 80 };
	struct dz_sink_config sink = { .format = (enum dz_format)(how[2] >> 2 & 3),
				       .shape = config->flow.shape,
				       .unidirectional = config->flow.unidirectional,
				       .values = how[3] & 15,
				       .headless = how[3] & 16,
				       .width = widths[how[3] >> 5 & 1],
				       .colour = how[3] & 64,
				       .ascii = how[3] & 128,
				       .bulk_index = how[3] & 64 ? "flows" : NULL };

	if (sink.values == DZ_VALUES_VECTOR) /* which none can be read back from */
		sink.values |= DZ_VALUES_COUNTS;
	if (sink.format == DZ_FORMAT_CSV)
		sink.values &= DZ_VALUES_BOTH;
	return sink;
}

static bool take_lines(void *context, const char *bytes, size_t size, uint64_t records, struct dz_err *err)
{
	struct outcome *o = context;

	(void)err;
	dz_strbuf_add(&o->lines, bytes, size);
	o->records += records;
	return true;
}

static void run(const struct dz_engine_config *config, const struct dz_sink_config *sink, unsigned threads,
		struct outcome *o)
{
	struct dz_engine_config with_threads = *config;
	struct dz_err err;

	*o = (struct outcome){ .records = 0 };
	dz_strbuf_init(&o->lines);
	with_threads.threads = threads;
	o->begun = dz_engine_run_sink(&with_threads, sink, take_lines, o, &o->stats, &err);
}

static void release(struct outcome *o)
{
	dz_strbuf_release(&o->lines);
	dz_run_stats_release(&o->stats);
}

/* What is in the engine's contract. */
static void check_account(const struct dz_run_stats *stats)
{
	uint64_t verdicts = 0, ended = 0;

	for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++)
		verdicts += stats->verdicts[i];
	for (unsigned i = 0; i < DZ_END_COUNT; i++)
		ended += i == DZ_END_ACTIVE ? 0 : stats->flows.by_end_reason[i];
	PKT_CHECK(stats->packets + stats->subframes == stats->filtered + verdicts);
	PKT_CHECK(stats->verdicts[DZ_DECODE_OK] == stats->flows.packets);
	PKT_CHECK(stats->flows.flows == ended);
}

/* Lines are records, and have all the packets that flows were given. */
static void check_lines(const struct outcome *o)
{
	struct dz_json_reader *reader = dz_json_reader_new();
	const char *at = o->lines.size ? o->lines.data : "", *end = at + o->lines.size, *newline;
	uint64_t lines = 0, packets = 0;
	struct dz_record record;
	struct dz_err err;

	for (; at < end; at = newline + 1, lines++) {
		newline = memchr(at, '\n', (size_t)(end - at));
		PKT_CHECK(newline);
		PKT_CHECK(dz_json_reader_parse(reader, at, (size_t)(newline - at), &record, &err));
		packets += record.side[0].packets + record.side[1].packets;
	}
	dz_json_reader_free(reader);
	PKT_CHECK(lines == o->records);
	PKT_CHECK(packets == o->stats.flows.packets + o->stats.flows.added);
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
	PKT_CHECK(a->records == b->records);
	PKT_CHECK(a->lines.size == b->lines.size);
	PKT_CHECK(!a->lines.size || !memcmp(a->lines.data, b->lines.data, a->lines.size));
	PKT_CHECK(a->stats.packets == b->stats.packets && a->stats.damaged_inputs == b->stats.damaged_inputs);
}

static void add_packets(void *context, const struct dz_record *record)
{
	*(uint64_t *)context += record->side[0].packets + record->side[1].packets;
}

/* Records as the statistics get them, from two shards. */
static void check_records(const struct dz_engine_config *config)
{
	struct dz_engine_config two = *config;
	struct dz_run_stats stats;
	struct dz_err err;
	uint64_t packets = 0;

	two.threads = 2;
	PKT_CHECK(dz_engine_run_records(&two, add_packets, &packets, &stats, &err));
	check_account(&stats);
	PKT_CHECK(packets == stats.flows.packets + stats.flows.added);
	dz_run_stats_release(&stats);
}

static void try_all(const struct dz_engine_config *config, const uint8_t how[HOW_SIZE])
{
	enum { MOST_THREADS = 3 };
	const struct dz_sink_config sink = shape_lines(config, how);
	unsigned threads = 1 + (how[2] >> 6) % MOST_THREADS;
	struct outcome alone, together;

	run(config, &sink, 1, &alone);
	PKT_CHECK(alone.begun);
	check_account(&alone.stats);
	if (sink.format == DZ_FORMAT_JSONL)
		check_lines(&alone);
	if (threads > 1) {
		run(config, &sink, threads, &together);
		PKT_CHECK(together.begun);
		check_account(&together.stats);
		if (!config->flow.max_flows) /* each shard has its part of the limit */
			check_same(&alone, &together);
		release(&together);
		check_records(config);
	}
	release(&alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dz_engine_config config;
	struct dz_inputs *inputs;
	char path[40];
	const char *word = path;
	int fd;

	if (size < HOW_SIZE)
		return 0;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	PKT_CHECK(fd >= 0);
	PKT_CHECK(write(fd, data + HOW_SIZE, size - HOW_SIZE) == (ssize_t)(size - HOW_SIZE));
	snprintf(path, sizeof path, "/dev/fd/%d", fd);
	inputs = dz_inputs_new(&word, 1, NULL, NULL);
	dz_engine_config_init(&config);
	configure(&config, data);
	config.inputs = inputs;
	if (dz_inputs_count(inputs))
		try_all(&config, data);
	dz_inputs_free(inputs);
	close(fd);
	return 0;
}
