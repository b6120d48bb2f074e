/* SPDX-License-Identifier: BSD-2-Clause */
/* parse_ring.h - lines of JSON parsed by several threads, and handed out in their order by one.
 *
 * Private to src/input. The caller's thread reads the lines in blocks, hands them out when they are parsed, and parses,
 * too, while there is nothing else to do. Memory is bounded by the number of blocks. */
#ifndef DISTRIBOOZE_PARSE_RING_H
#define DISTRIBOOZE_PARSE_RING_H

#include "input/lines.h"
#include "record/record_json.h"

/* A line on its way. Everything is borrowed until the callback returns. */
struct dz_parsed_line {
	uint64_t number; /* from 1 */
	const char *line;
	size_t size;
	const struct dz_record *record; /* NULL: it has none */
	const char *error;              /* why; NULL, and no record: the line is one that stands between records */
};

/* Returns false to stop the run. */
typedef bool dz_parsed_fn(void *context, const struct dz_parsed_line *line);

/* Parses one line into *record, which borrows from the reader, or *error. */
void dz_parse_line(struct dz_json_reader *reader, const char *line, size_t size, struct dz_record *record,
		   struct dz_err *err, struct dz_parsed_line *parsed);
/* The same for a line that was passed over because of its length. */
void dz_parse_too_long(struct dz_parsed_line *parsed);

/* Hands all lines to `take`, from so many threads, the caller's among them. Returns DZ_LINES_LINE when it was stopped,
 * else how the lines ended: DZ_LINES_END or DZ_LINES_FAILED. */
enum dz_lines_status dz_parse_ring_run(struct dz_lines *lines, unsigned threads, dz_parsed_fn *take, void *context);

#endif
