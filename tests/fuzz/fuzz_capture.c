/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_capture.c - any bytes as a capture: pcap, pcapng, gzip, zstd; as a file and as a pipe, down to the records.
 *
 * Input: the file. However it is read - by a look, with a thread that unpacks, through a pipe - the packets have to be
 * the same, and the run that counts them has to account for each. */
#include "config.h"
#include "capture/capture.h"
#include "capture/names.h"
#include "engine/engine.h"
#include "fuzz.h"
#include "../lib/pkt_check.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a reading gave. */
struct reading {
	uint64_t packets, hash;
	bool damaged;
};

static bool take(void *context, struct dz_frame *frame)
{
	struct reading *r = context;
	uint64_t numbers[] = { frame->time_ns, frame->caplen, frame->wirelen, (unsigned)frame->linktype,
			       frame->interface };

	r->packets++;
	r->hash = XXH3_64bits_withSeed(numbers, sizeof numbers, r->hash);
	r->hash = XXH3_64bits_withSeed(frame->bytes, frame->caplen, r->hash); /* all of it is there */
	return r->packets % 3 > 0;
}

static struct reading read_stream(struct dz_stream *stream)
{
	struct reading r = { 0 };
	struct dz_names names;
	struct dz_err err;
	struct dz_capture *capture;
	enum dz_source_status status;

	dz_names_init(&names);
	capture = dz_capture_new("fuzz", stream, DZ_STREAM_READ, &names, &err);
	PKT_CHECK(capture);
	do
		status = dz_capture_each(capture, take, &r, &err);
	while (status == DZ_SOURCE_PACKET || status == DZ_SOURCE_IDLE);
	r.damaged = status == DZ_SOURCE_DAMAGED;
	PKT_CHECK(!r.damaged || !strncmp(err.text, "fuzz: ", 6));
	dz_capture_free(capture);
	dz_names_release(&names);
	return r;
}

/* A file of the memory that holds the bytes, at its beginning. */
static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	PKT_CHECK(fd >= 0);
	PKT_CHECK(write(fd, data, size) == (ssize_t)size);
	PKT_CHECK(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* A pipe has room for 64 kB without anybody who reads. */
static int pipe_of(const uint8_t *data, size_t size)
{
	int ends[2];

	PKT_CHECK(pipe(ends) == 0);
	PKT_CHECK(write(ends[1], data, size) == (ssize_t)size);
	close(ends[1]);
	return ends[0];
}

static void expect_same(const struct reading *a, const struct reading *b)
{
	PKT_CHECK(a->packets == b->packets);
	PKT_CHECK(a->hash == b->hash);
	PKT_CHECK(a->damaged == b->damaged);
}

static void count_record(void *context, const struct dz_record *record)
{
	*(uint64_t *)context += record->side[0].packets + record->side[1].packets;
}

/* The whole way, with labels left out. */
static void run_flows(const uint8_t *data, size_t size, const struct reading *expected)
{
	struct dz_engine_config config;
	struct dz_run_stats stats;
	struct dz_err err;
	uint64_t counted = 0, accounted = 0;
	char path[32];
	int fd = file_of(data, size);
	const char *word = path;
	struct dz_inputs *inputs;

	snprintf(path, sizeof path, "/dev/fd/%d", fd);
	inputs = dz_inputs_new(&word, 1, NULL, NULL);
	dz_engine_config_init(&config);
	config.inputs = inputs;
	config.classify_null = true;
	if (dz_inputs_count(inputs)) {
		PKT_CHECK(dz_engine_run_records(&config, count_record, &counted, &stats, &err));
		for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++)
			accounted += stats.verdicts[i];
		/* Sections of a file are read each by itself: those behind a damaged one, too. */
		PKT_CHECK(expected->damaged ? stats.packets >= expected->packets : stats.packets == expected->packets);
		PKT_CHECK(stats.packets + stats.subframes == accounted + stats.filtered);
		PKT_CHECK(stats.verdicts[DZ_DECODE_OK] == counted);
		dz_run_stats_release(&stats);
	} else {
		PKT_CHECK(!expected->packets && expected->damaged);
	}
	dz_inputs_free(inputs);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { PIPE_SIZE = 1 << 16 };
	struct reading all, other;

	all = read_stream(dz_stream_new(file_of(data, size), DZ_STREAM_BESIDE));
	other = read_stream(dz_stream_new(file_of(data, size), DZ_STREAM_READ));
	expect_same(&all, &other);
	if (size < PIPE_SIZE) {
		other = read_stream(dz_stream_new(pipe_of(data, size), DZ_STREAM_LOOK));
		expect_same(&all, &other);
	}
	run_flows(data, size, &all);
	return 0;
}
