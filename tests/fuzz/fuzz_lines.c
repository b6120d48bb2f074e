/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_lines.c - any lines, parsed by several threads: the same numbers, records and complaints as from one, in the
 * same order, wherever the taker stops.
 *
 * Input: a byte that says how, then the lines. They are read as often as fills a few of the blocks that threads take.
 */
#include "config.h"
#include "input/parse_ring.h"
#include "fuzz.h"
#include "../lib/pkt_check.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { AGAIN = 1, TOO_LONG = 2, THREE_THREADS = 4, STOPS = 8 }; /* the rest: after how many lines */
enum { MUCH = 9 << 14, AS_OFTEN = 512 };

struct taken {
	struct dz_json_writer *writer;
	struct dz_strbuf json;
	uint64_t hash, lines, most;
};

static void add(struct taken *t, const void *bytes, size_t size)
{
	t->hash = XXH3_64bits_withSeed(bytes, size, t->hash + size);
}

static bool take(void *context, const struct dz_parsed_line *line)
{
	struct taken *t = context;

	PKT_CHECK(line->number == t->lines + 1);
	PKT_CHECK(!line->record || !line->error);
	PKT_CHECK(line->line[line->size] == '\0');
	add(t, line->line, line->size);
	if (line->error)
		add(t, line->error, strlen(line->error));
	if (line->record) {
		dz_strbuf_clear(&t->json);
		dz_json_writer_add(t->writer, line->record, &t->json);
		add(t, t->json.data, t->json.size);
	}
	return ++t->lines < t->most;
}

static struct taken taken_init(uint64_t most)
{
	struct taken t = { .writer = dz_json_writer_new(DZ_VALUES_BOTH, false), .most = most };

	dz_strbuf_init(&t.json);
	return t;
}

static void taken_release(struct taken *t)
{
	dz_json_writer_free(t->writer);
	dz_strbuf_release(&t->json);
}

static enum dz_lines_status read_alone(struct dz_lines *lines, struct taken *t)
{
	struct dz_json_reader *reader = dz_json_reader_new();
	enum dz_lines_status status;
	struct dz_parsed_line parsed;
	struct dz_record record;
	struct dz_err err;
	const char *line;
	bool going = true;
	size_t size;

	do {
		status = dz_lines_next(lines, &line, &size);
		if (status == DZ_LINES_END || status == DZ_LINES_FAILED)
			break;
		if (status == DZ_LINES_TOO_LONG)
			dz_parse_too_long(&parsed);
		else
			dz_parse_line(reader, line, size, &record, &err, &parsed);
		parsed.number = lines->number;
		going = take(t, &parsed);
	} while (going);
	dz_json_reader_free(reader);
	return going ? status : DZ_LINES_LINE;
}

/* threads 0: without the ring */
static enum dz_lines_status read_file(int fd, unsigned threads, struct taken *t)
{
	enum dz_lines_status status;
	struct dz_stream *stream;
	struct dz_lines lines;

	PKT_CHECK(lseek(fd, 0, SEEK_SET) == 0);
	stream = dz_stream_new(dup(fd), DZ_STREAM_READ);
	dz_lines_init(&lines, stream);
	status = threads ? dz_parse_ring_run(&lines, threads, take, t) : read_alone(&lines, t);
	dz_stream_free(stream);
	return status;
}

static void put(int fd, const void *bytes, size_t size)
{
	PKT_CHECK(write(fd, bytes, size) == (ssize_t)size);
}

static int make_file(uint8_t how, const uint8_t *bytes, size_t size)
{
	static char long_line[DZ_LINES_MAX_SIZE + 2];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	PKT_CHECK(fd >= 0);
	if (how & TOO_LONG) {
		memset(long_line, ' ', sizeof long_line);
		long_line[sizeof long_line - 1] = '\n';
		put(fd, long_line, sizeof long_line);
	}
	for (size_t times = 0, all = 0; size && all < MUCH && times < AS_OFTEN; times++, all += size) {
		put(fd, bytes, size);
		if (!(how & AGAIN))
			break;
	}
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taken one, several;
	uint8_t how = size ? data[0] : 0;
	uint64_t most = how & STOPS ? UINT64_C(1) << (how >> 4) : UINT64_MAX;
	int fd;

	if (!size)
		return 0;
	fd = make_file(how, data + 1, size - 1);
	one = taken_init(most);
	several = taken_init(most);
	PKT_CHECK(read_file(fd, 0, &one) == read_file(fd, how & THREE_THREADS ? 3 : 2, &several));
	PKT_CHECK(one.lines == several.lines);
	PKT_CHECK(one.hash == several.hash);
	taken_release(&one);
	taken_release(&several);
	close(fd);
	return 0;
}
