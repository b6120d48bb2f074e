/* SPDX-License-Identifier: BSD-2-Clause */
/* test_engine.c - runs over the shipped captures: accounts add up, shards give the same lines in the same order, a
 * failing writer and a stop end a run, inputs can be kept apart. */
#include "config.h"
#include "engine/engine.h"

#include "sink/sink_ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static void complain(void *context, const char *message)
{
	(void)context;
	fail_msg("%s", message);
}

static struct dz_inputs *captures(const char *const *names, size_t count)
{
	char paths[4][512];
	const char *words[4];
	const char *top = getenv("top_srcdir");
	for (size_t i = 0; i < count; i++) {
		snprintf(paths[i], sizeof paths[i], "%s/pcaps%s%s", top ? top : "..", *names[i] ? "/" : "", names[i]);
		words[i] = paths[i];
	}
	return dz_inputs_new(words, count, complain, NULL);
}

static bool append(void *context, const char *bytes, size_t size, uint64_t records, struct dz_err *err)
{
	uint64_t lines = 0;
	(void)err;
	dz_strbuf_add(context, bytes, size);
	for (size_t i = 0; i < size; i++)
		lines += bytes[i] == '\n';
	assert_int_equal(bytes[size - 1], '\n'); /* whole lines only */
	assert_int_equal(lines, records);
	return true;
}

static void run(struct dz_engine_config *config, const struct dz_inputs *inputs, struct dz_strbuf *lines,
		struct dz_run_stats *account)
{
	struct dz_sink_config sink = { .format = DZ_FORMAT_JSONL, .shape = config->flow.shape };
	struct dz_err err;
	config->inputs = inputs;
	dz_strbuf_init(lines);
	if (!dz_engine_run_sink(config, &sink, append, lines, account, &err))
		fail_msg("%s", err.text);
}

static void assert_adds_up(const struct dz_run_stats *a)
{
	uint64_t verdicts = 0, labelled = 0, ended = 0;
	for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++)
		verdicts += a->verdicts[i];
	for (size_t i = 0; i < a->label_count; i++)
		labelled += a->labels[i].packets;
	for (unsigned i = 0; i < DZ_END_COUNT; i++)
		ended += a->flows.by_end_reason[i];
	assert_int_equal(a->packets + a->subframes, a->filtered + verdicts);
	assert_int_equal(a->verdicts[DZ_DECODE_OK], a->flows.packets);
	assert_int_equal(labelled, a->flows.packets);
	assert_int_equal(ended - a->flows.by_end_reason[DZ_END_ACTIVE], a->flows.flows);
	assert_int_equal(ended, a->flows.records);
}

static void shards_give_the_same_lines(void **state)
{
	static const char *const all[] = { "", "", "", "" };
	struct dz_inputs *inputs = captures(all, 4);
	struct dz_strbuf alone, together;
	struct dz_run_stats account;
	(void)state;
	/* Active time-out and expiry make records throughout the run, not only at its end. Without nDPI, whose caches
	 * relate hosts that different shards have. */
	for (unsigned threads = 1; threads <= 5; threads += 2) {
		struct dz_engine_config config;
		dz_engine_config_init(&config);
		config.flow.active_ns = 2000000000;
		config.flow.idle_ns[DZ_TIMEOUT_UDP] = 1000000000;
		config.classify_null = true;
		config.threads = threads;
		run(&config, inputs, threads == 1 ? &alone : &together, &account);
		assert_adds_up(&account);
		assert_int_equal(account.threads, threads);
		assert_true(account.packets > 65536); /* many rounds of the ring, and many epochs to be merged */
		assert_true(account.flows.by_end_reason[DZ_END_ACTIVE] > 10);
		assert_true(account.flows.by_end_reason[DZ_END_IDLE] > 10);
		dz_run_stats_release(&account);
		if (threads > 1) {
			assert_int_equal(together.size, alone.size);
			assert_memory_equal(together.data, alone.data, alone.size);
			dz_strbuf_release(&together);
		}
	}
	dz_strbuf_release(&alone);
	dz_inputs_free(inputs);
}

static bool append_bytes(void *context, const char *bytes, size_t size, uint64_t records, struct dz_err *err)
{
	(void)records;
	(void)err;
	dz_strbuf_add(context, bytes, size);
	return true;
}

/* A format that is no lines: fixed-size records with any bytes in them, between a head and a tail. */
static void *binary_open(const struct dz_sink_config *config)
{
	(void)config;
	return NULL;
}

static void binary_close(void *state)
{
	(void)state;
}

static void binary_header(void *state, struct dz_strbuf *out)
{
	(void)state;
	dz_strbuf_add(out, "HEAD", 4);
}

static void binary_write(void *state, const struct dz_record *record, struct dz_strbuf *out)
{
	(void)state;
	dz_strbuf_add(out, "\0\n", 2);
	dz_strbuf_add(out, (const char *)record->id, sizeof record->id);
}

static void binary_finish(void *state, struct dz_strbuf *out)
{
	(void)state;
	dz_strbuf_add(out, "TAIL", 4);
}

static void a_format_need_not_be_lines(void **state)
{
	static const struct dz_sink_ops binary = { binary_open, binary_close, binary_header, binary_write,
						   binary_finish };
	enum { RECORD = 2 + 16, HEAD = 4, TAIL = 4 };
	struct dz_engine_config config;
	static const char *const all[] = { "" };
	struct dz_inputs *inputs = captures(all, 1);
	struct dz_sink_config sink = { .ops = &binary };
	struct dz_strbuf alone, together;
	struct dz_run_stats account;
	struct dz_err err;

	(void)state;
	dz_engine_config_init(&config);
	config.inputs = inputs;
	config.classify_null = true;
	sink.shape = config.flow.shape;
	dz_strbuf_init(&alone);
	dz_strbuf_init(&together);
	config.threads = 1;
	assert_true(dz_engine_run_sink(&config, &sink, append_bytes, &alone, &account, &err));
	assert_int_equal(alone.size, HEAD + account.flows.records * RECORD + TAIL);
	assert_memory_equal(alone.data, "HEAD", 4);
	assert_memory_equal(alone.data + alone.size - TAIL, "TAIL", 4);
	dz_run_stats_release(&account);
	config.threads = 3;
	assert_true(dz_engine_run_sink(&config, &sink, append_bytes, &together, &account, &err));
	assert_int_equal(together.size, alone.size);
	assert_memory_equal(together.data, alone.data, alone.size);
	dz_run_stats_release(&account);
	dz_strbuf_release(&alone);
	dz_strbuf_release(&together);
	dz_inputs_free(inputs);
}

/* What nDPI remembers of a flow is packed between its packets when there are many: all captures at once, with next to
 * nothing whole. */
static void packing_changes_nothing(void **state)
{
	static const char *const all[] = { "" };
	struct dz_inputs *inputs = captures(all, 1);
	struct dz_engine_config config;
	struct dz_strbuf whole, packed;
	struct dz_run_stats account;

	(void)state;
	dz_engine_config_init(&config);
	run(&config, inputs, &whole, &account);
	dz_run_stats_release(&account);
	config.classify.most_whole = 1;
	run(&config, inputs, &packed, &account);
	dz_run_stats_release(&account);
	assert_true(whole.size > 100000);
	assert_int_equal(packed.size, whole.size);
	assert_memory_equal(packed.data, whole.data, whole.size);
	dz_strbuf_release(&whole);
	dz_strbuf_release(&packed);
	dz_inputs_free(inputs);
}

static void filtered_packets_are_accounted_for(void **state)
{
	static const char *const names[] = { "background.pcap" };
	struct dz_inputs *inputs = captures(names, 1);
	struct dz_engine_config config;
	struct dz_run_stats account;
	struct dz_strbuf lines;
	(void)state;
	dz_engine_config_init(&config);
	config.filter = "icmp";
	run(&config, inputs, &lines, &account);
	assert_adds_up(&account);
	assert_true(account.filtered > 0 && account.flows.packets > 0);
	assert_int_equal(account.label_count, 1);
	assert_string_equal(account.labels[0].name, "ICMP");
	dz_run_stats_release(&account);
	dz_strbuf_release(&lines);
	dz_inputs_free(inputs);
}

static void count_input_changes(void *context, const struct dz_record *record)
{
	unsigned *flows = context;
	flows[0]++;
	flows[1] += record->end_reason == DZ_END_EOF;
}

/* The rotated session is one flow; kept apart by input it is one per file. */
static void inputs_can_be_kept_apart(void **state)
{
	static const char *const names[] = { "rotated" };
	struct dz_inputs *inputs = captures(names, 1);
	(void)state;
	for (unsigned apart = 0; apart < 2; apart++) {
		struct dz_engine_config config;
		struct dz_run_stats account;
		struct dz_err err;
		unsigned flows[2] = { 0, 0 };
		dz_engine_config_init(&config);
		config.inputs = inputs;
		config.separate_inputs = apart;
		assert_true(dz_engine_run_records(&config, count_input_changes, flows, &account, &err));
		assert_int_equal(flows[0], apart ? dz_inputs_count(inputs) : 1);
		assert_adds_up(&account);
		dz_run_stats_release(&account);
	}
	dz_inputs_free(inputs);
}

static bool refuse_the_second(void *context, const char *bytes, size_t size, uint64_t records, struct dz_err *err)
{
	unsigned *calls = context;
	(void)bytes, (void)size, (void)records;
	return ++*calls < 2 || dz_err_set(err, "no room");
}

/* Whatever the number of shards, the run ends with the writer's own message, and does not hang. */
static void a_failing_writer_ends_the_run(void **state)
{
	static const char *const names[] = { "", "", "", "" };
	struct dz_inputs *inputs = captures(names, 4);
	(void)state;
	for (unsigned threads = 1; threads <= 3; threads++) {
		struct dz_engine_config config;
		struct dz_sink_config sink = { .format = DZ_FORMAT_JSONL };
		struct dz_run_stats account;
		struct dz_err err;
		unsigned calls = 0;
		dz_engine_config_init(&config);
		sink.shape = config.flow.shape;
		config.inputs = inputs;
		config.threads = threads;
		config.flow.idle_ns[DZ_TIMEOUT_UDP] = 1;
		config.flow.idle_ns[DZ_TIMEOUT_TCP] = 1;
		assert_false(dz_engine_run_sink(&config, &sink, refuse_the_second, &calls, &account, &err));
		assert_string_equal(err.text, "no room");
		assert_int_equal(calls, 2);
		dz_run_stats_release(&account);
	}
	dz_inputs_free(inputs);
}

/* Asked to stop before the first packet: nothing is read, by any number of shards, and the account says so. */
static void a_stop_is_obeyed(void **state)
{
	static const char *const names[] = { "" };
	atomic_bool stop = true;
	struct dz_inputs *inputs = captures(names, 1);
	(void)state;
	for (unsigned threads = 1; threads <= 3; threads++) {
		struct dz_engine_config config;
		struct dz_run_stats account;
		struct dz_strbuf lines;
		dz_engine_config_init(&config);
		config.threads = threads;
		config.stop = &stop;
		run(&config, inputs, &lines, &account);
		assert_true(account.stopped);
		assert_int_equal(account.packets, 0);
		assert_int_equal(lines.size, 0);
		dz_run_stats_release(&account);
		dz_strbuf_release(&lines);
	}
	dz_inputs_free(inputs);
}

struct brake {
	atomic_bool stop;
	unsigned told;
};

static void stop_when_told(void *context, const struct dz_progress *progress)
{
	struct brake *brake = context;
	assert_true(progress->packets > 0);
	brake->told++;
	atomic_store(&brake->stop, true);
}

/* Asked to stop in the midst, every shard ends at the same packet, whatever their number; what was read until there is
 * accounted for, and the open flows are written. */
static void a_stop_in_the_midst_leaves_nothing_half_done(void **state)
{
	static const char *const names[] = { "", "", "", "" };
	struct dz_inputs *inputs = captures(names, 4);
	struct dz_strbuf alone, lines;
	uint64_t packets = 0;
	(void)state;
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct dz_engine_config config;
		struct dz_run_stats account;
		struct brake brake = { .stop = false };
		dz_engine_config_init(&config);
		config.classify_null = true;
		config.threads = threads;
		config.stop = &brake.stop;
		config.progress = stop_when_told;
		config.context = &brake;
		run(&config, inputs, threads == 1 ? &alone : &lines, &account);
		assert_adds_up(&account);
		assert_int_equal(brake.told, 1);
		assert_true(account.stopped);
		assert_true(account.flows.by_end_reason[DZ_END_SHUTDOWN] > 0);
		if (threads == 1)
			packets = account.packets;
		assert_int_equal(account.packets, packets);
		if (threads > 1) {
			assert_int_equal(lines.size, alone.size);
			assert_memory_equal(lines.data, alone.data, alone.size);
			dz_strbuf_release(&lines);
		}
		dz_run_stats_release(&account);
	}
	dz_strbuf_release(&alone);
	dz_inputs_free(inputs);
}

struct slow_writer {
	struct dz_strbuf lines;
	unsigned calls;
};

/* Shards that are ahead have to wait, for the merger and for one another. */
static bool append_slowly(void *context, const char *bytes, size_t size, uint64_t records, struct dz_err *err)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	struct slow_writer *writer = context;
	nanosleep(&pause, NULL);
	writer->calls++;
	return append(&writer->lines, bytes, size, records, err);
}

/* Records come thick and fast, and nearly all of one shard: its lines fill all the room there is between it and a slow
 * writer, while the others wait for the blocks that it holds. The run must end, and with the same lines. */
static void nobody_waits_for_ever(void **state)
{
	static const char *const names[] = { "", "", "bittorrent.pcap", "netflix.pcap" };
	struct dz_inputs *inputs = captures(names, 4);
	struct slow_writer writers[2];
	(void)state;
	alarm(300); /* rather than wait for ever oneself */
	for (unsigned i = 0; i < 2; i++) {
		struct dz_engine_config config;
		struct dz_run_stats account;
		struct dz_err err;
		dz_engine_config_init(&config);
		config.classify_null = true;
		config.inputs = inputs;
		config.threads = i ? 6 : 1;
		config.flow.active_ns = 1; /* nearly every packet cuts an interim record */
		config.flow.shape.bins = 1024;
		struct dz_sink_config sink = { .format = DZ_FORMAT_JSONL, .shape = config.flow.shape };
		writers[i].calls = 0;
		dz_strbuf_init(&writers[i].lines);
		assert_true(dz_engine_run_sink(&config, &sink, append_slowly, &writers[i], &account, &err));
		assert_true(writers[i].lines.size > 100u << 20);
		dz_run_stats_release(&account);
	}
	assert_int_equal(writers[0].lines.size, writers[1].lines.size);
	assert_memory_equal(writers[0].lines.data, writers[1].lines.data, writers[0].lines.size);
	dz_strbuf_release(&writers[0].lines);
	dz_strbuf_release(&writers[1].lines);
	alarm(0);
	dz_inputs_free(inputs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shards_give_the_same_lines),
		cmocka_unit_test(a_format_need_not_be_lines),
		cmocka_unit_test(packing_changes_nothing),
		cmocka_unit_test(filtered_packets_are_accounted_for),
		cmocka_unit_test(inputs_can_be_kept_apart),
		cmocka_unit_test(a_failing_writer_ends_the_run),
		cmocka_unit_test(a_stop_is_obeyed),
		cmocka_unit_test(a_stop_in_the_midst_leaves_nothing_half_done),
		cmocka_unit_test(nobody_waits_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
