/* SPDX-License-Identifier: BSD-2-Clause */
/* parse_ring.c - see parse_ring.h.
 *
 * Blocks go around in a ring: filled in order by the caller, parsed by whoever has nothing else to do, taken in order
 * by the caller. Block number n is at n % blocks. */
#include "config.h"
#include "input/parse_ring.h"

#include "base/mem.h"
#include "record/record_pack.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A block is full with so many bytes of lines. Two for each thread, so that none waits for the next one. */
enum { BLOCK_SIZE = 1 << 16, BLOCKS_PER_THREAD = 2 };

enum outcome { RECORD, ERROR, FILLER };

struct line {
	uint64_t number;
	size_t at, size;      /* in `text` */
	size_t parsed;        /* in `records` or `errors` */
	enum outcome outcome; /* ERROR from the beginning for one that is too long */
	bool too_long;
};

struct block {
	struct dz_strbuf text; /* lines, each with a NUL behind it */
	struct dz_strbuf records, errors;
	struct line *lines; /* owned */
	size_t count, capacity;
	bool parsed; /* under the ring's lock */
};

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t filled, claimed, taken; /* blocks; under the lock */
	bool ended;                      /* no more will be filled */
	unsigned count;                  /* of blocks */
	struct block blocks[];
};

/* ---- one line ---- */

/* Lines that stand between records and are none: blank ones, and the action lines of the bulk format. */
static bool is_filler(const char *line, size_t size)
{
	static const char action[] = "{\"create\":";
	return strspn(line, " \t") == size || !strncmp(line, action, sizeof action - 1);
}

void dz_parse_line(struct dz_json_reader *reader, const char *line, size_t size, struct dz_record *record,
		   struct dz_err *err, struct dz_parsed_line *parsed)
{
	parsed->line = line;
	parsed->size = size;
	parsed->record = NULL;
	parsed->error = NULL;
	if (is_filler(line, size))
		return;
	if (dz_json_reader_parse(reader, line, size, record, err))
		parsed->record = record;
	else
		parsed->error = err->text;
}

void dz_parse_too_long(struct dz_parsed_line *parsed)
{
	parsed->line = "";
	parsed->size = 0;
	parsed->record = NULL;
	parsed->error = "the line is longer than 4 MiB";
}

/* ---- blocks ---- */

static void add_line(struct block *block, const struct dz_lines *lines, const char *text, size_t size, bool too_long)
{
	void *array = block->lines;

	dz_mem_grow(&array, &block->capacity, block->count + 1, sizeof *block->lines);
	block->lines = array;
	block->lines[block->count++] =
		(struct line){ .number = lines->number, .at = block->text.size, .size = size, .too_long = too_long };
	if (!too_long)
		dz_strbuf_add(&block->text, text, size + 1);
}

/* Reads lines until the block is full or there are no more. */
static enum dz_lines_status fill(struct block *block, struct dz_lines *lines)
{
	enum dz_lines_status status = DZ_LINES_LINE;
	const char *text = NULL;
	size_t size = 0;

	dz_strbuf_clear(&block->text);
	block->count = 0;
	block->parsed = false;
	while (block->text.size < BLOCK_SIZE) {
		status = dz_lines_next(lines, &text, &size);
		if (status == DZ_LINES_END || status == DZ_LINES_FAILED)
			break;
		add_line(block, lines, text, size, status == DZ_LINES_TOO_LONG);
	}
	return status;
}

static void keep(struct block *block, struct line *line, const struct dz_parsed_line *parsed)
{
	line->outcome = parsed->record ? RECORD : parsed->error ? ERROR : FILLER;
	if (parsed->record) {
		line->parsed = block->records.size;
		dz_record_pack(parsed->record, &block->records);
	} else if (parsed->error) {
		line->parsed = block->errors.size;
		dz_strbuf_add(&block->errors, parsed->error, strlen(parsed->error) + 1);
	}
}

static void parse(struct block *block, struct dz_json_reader *reader)
{
	struct dz_parsed_line parsed;
	struct dz_record record;
	struct dz_err err;

	dz_strbuf_clear(&block->records);
	dz_strbuf_clear(&block->errors);
	for (size_t i = 0; i < block->count; i++) {
		struct line *line = &block->lines[i];
		if (line->too_long)
			dz_parse_too_long(&parsed);
		else
			dz_parse_line(reader, block->text.data + line->at, line->size, &record, &err, &parsed);
		keep(block, line, &parsed);
	}
}

static bool hand_out(const struct block *block, dz_parsed_fn *take, void *context)
{
	struct dz_record_unpacked unpacked;

	for (size_t i = 0; i < block->count; i++) {
		const struct line *line = &block->lines[i];
		struct dz_parsed_line parsed = { .number = line->number,
						 .line = line->too_long ? "" : block->text.data + line->at,
						 .size = line->size };
		if (line->outcome == RECORD) {
			dz_record_unpack(block->records.data + line->parsed, &unpacked);
			parsed.record = &unpacked.record;
		} else if (line->outcome == ERROR) {
			parsed.error = block->errors.data + line->parsed;
		}
		if (!take(context, &parsed))
			return false;
	}
	return true;
}

/* ---- the ring ---- */

static struct ring *ring_new(unsigned blocks)
{
	struct ring *ring = dz_mem_zalloc(1, sizeof *ring + blocks * sizeof *ring->blocks);

	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->changed, NULL);
	ring->count = blocks;
	return ring;
}

static void ring_free(struct ring *ring)
{
	for (unsigned i = 0; i < ring->count; i++) {
		dz_strbuf_release(&ring->blocks[i].text);
		dz_strbuf_release(&ring->blocks[i].records);
		dz_strbuf_release(&ring->blocks[i].errors);
		free(ring->blocks[i].lines);
	}
	pthread_mutex_destroy(&ring->lock);
	pthread_cond_destroy(&ring->changed);
	free(ring);
}

static struct block *block_at(struct ring *ring, uint64_t number)
{
	return &ring->blocks[number % ring->count];
}

/* With the lock held, which is let go of while the next block is parsed. */
static void parse_next(struct ring *ring, struct dz_json_reader *reader)
{
	struct block *block = block_at(ring, ring->claimed++);

	pthread_mutex_unlock(&ring->lock);
	parse(block, reader);
	pthread_mutex_lock(&ring->lock);
	block->parsed = true;
	pthread_cond_broadcast(&ring->changed);
}

static void *worker(void *context)
{
	struct dz_json_reader *reader = dz_json_reader_new();
	struct ring *ring = context;

	pthread_mutex_lock(&ring->lock);
	for (;;) {
		if (ring->claimed < ring->filled)
			parse_next(ring, reader);
		else if (ring->ended)
			break;
		else
			pthread_cond_wait(&ring->changed, &ring->lock);
	}
	pthread_mutex_unlock(&ring->lock);
	dz_json_reader_free(reader);
	return NULL;
}

/* Nothing is filled any more; blocks that no thread has begun to parse are left. */
static void stop(struct ring *ring)
{
	ring->ended = true;
	ring->claimed = ring->filled;
	pthread_cond_broadcast(&ring->changed);
}

/* The caller's part, with the lock held but for the work itself. */
static enum dz_lines_status direct(struct ring *ring, struct dz_lines *lines, dz_parsed_fn *take, void *context)
{
	struct dz_json_reader *reader = dz_json_reader_new();
	enum dz_lines_status status = DZ_LINES_LINE;
	bool going = true;

	while (going && !(ring->ended && ring->taken == ring->filled)) {
		if (!ring->ended && ring->filled - ring->taken < ring->count) {
			pthread_mutex_unlock(&ring->lock);
			status = fill(block_at(ring, ring->filled), lines);
			pthread_mutex_lock(&ring->lock);
			ring->filled++;
			ring->ended = status == DZ_LINES_END || status == DZ_LINES_FAILED;
			pthread_cond_broadcast(&ring->changed);
		} else if (block_at(ring, ring->taken)->parsed) {
			pthread_mutex_unlock(&ring->lock);
			going = hand_out(block_at(ring, ring->taken), take, context);
			pthread_mutex_lock(&ring->lock);
			ring->taken++;
		} else if (ring->claimed < ring->filled) {
			parse_next(ring, reader);
		} else {
			pthread_cond_wait(&ring->changed, &ring->lock);
		}
	}
	stop(ring);
	dz_json_reader_free(reader);
	return going ? status : DZ_LINES_LINE;
}

enum dz_lines_status dz_parse_ring_run(struct dz_lines *lines, unsigned threads, dz_parsed_fn *take, void *context)
{
	struct ring *ring = ring_new(threads * BLOCKS_PER_THREAD);
	pthread_t *workers = dz_mem_zalloc(threads, sizeof *workers);
	enum dz_lines_status status;
	unsigned started = 0;

	/* Where a thread cannot be had, those that there are do its work. */
	while (started + 1 < threads && !pthread_create(&workers[started], NULL, worker, ring))
		started++;
	pthread_mutex_lock(&ring->lock);
	status = direct(ring, lines, take, context);
	pthread_mutex_unlock(&ring->lock);
	for (unsigned i = 0; i < started; i++)
		pthread_join(workers[i], NULL);
	free(workers);
	ring_free(ring);
	return status;
}
