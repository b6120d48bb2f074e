/* SPDX-License-Identifier: BSD-2-Clause */
/* record_line.h - one line of JSON as the members that record.def lists, each where it stands. Private to src/record.
 *
 * Scanning a line finds out that it is JSON and which members it has; what they say is looked at when they are asked
 * for. Members that the list does not know are passed over. Where a member is given twice, the last one counts. A line
 * that is a hit of a search engine, with the record in the object `_source`, is taken as the record. */
#ifndef DISTRIBOOZE_RECORD_LINE_H
#define DISTRIBOOZE_RECORD_LINE_H

#include "base/err.h"
#include "base/strbuf.h"
#include "record/hist.h"
#include "record/json_scan.h"

/* The members and objects of record.def: MEMBER_source_ip. MEMBER_AFTER_x is the one behind all that is in object x. */
enum dz_member {
#define OBJECT(id, name, when, text) MEMBER_##id,
#define FIELD(id, name, kind, when, value, read, schema, column, text) MEMBER_##id,
#define ADDED(id, name, schema, text) MEMBER_##id,
#define END(id) MEMBER_AFTER_##id, MEMBER_LAST_OF_##id = MEMBER_AFTER_##id - 1,
#include "record/record.def"
	MEMBER_COUNT
};

#define DZ_JSON_NUMBER_MAX (UINT64_C(1) << 53) /* what a reader that knows doubles only can tell apart */

enum dz_need { DZ_OPTIONAL, DZ_REQUIRED };

struct dz_record_line {
	struct dz_json_value member[MEMBER_COUNT]; /* borrowed from the line */
	bool stray;                                /* something stands where the list has an object */
	struct dz_strbuf text;                     /* strings that were asked for, each with its NUL */
	struct dz_err *err;                        /* borrowed */

	/* the vectors: both directions, source, destination */
	uint64_t bins[3][DZ_HIST_MAX_BINS];
	size_t bin_count[3]; /* of .counts, when it was read with the line; else 0 */
};

void dz_record_line_init(struct dz_record_line *line);
void dz_record_line_release(struct dz_record_line *line);

/* The bytes are borrowed as long as members are asked for. False, with an error, when they are no object of JSON. */
DZ_MUST_CHECK bool dz_record_line_scan(struct dz_record_line *line, const char *bytes, size_t size, struct dz_err *err);

/* "distribooze.lengths.count" */
#define DZ_MEMBER_PATH 64
const char *dz_member_path(enum dz_member id, char path[DZ_MEMBER_PATH]);

/* Each of these sets *value when the member is there, leaves it alone when it is not and need not be, and returns false
 * with an error that names the member otherwise. `null` is an error. */

/* *value is NULL when the member is not there. */
bool dz_record_line_find(struct dz_record_line *line, enum dz_member id, enum dz_need need,
			 const struct dz_json_value **value);
/* Strings live until the next line. */
bool dz_record_line_text(struct dz_record_line *line, enum dz_member id, enum dz_need need, const char **text);
/* A whole number from 0 to `most`, which is at most DZ_JSON_NUMBER_MAX; 3.0 is whole. */
bool dz_record_line_number(struct dz_record_line *line, enum dz_member id, enum dz_need need, uint64_t most,
			   uint64_t *number);
/* A whole number that the format prints as a string. */
bool dz_record_line_number_text(struct dz_record_line *line, enum dz_member id, enum dz_need need, unsigned most,
				unsigned *number);
bool dz_record_line_truth(struct dz_record_line *line, enum dz_member id, enum dz_need need, bool *truth);
/* Cut to microseconds, as the format has it. */
bool dz_record_line_time(struct dz_record_line *line, enum dz_member id, enum dz_need need, uint64_t *ns);
/* Begins to read the elements of an array, or the members of an object; elements->at is NULL when it is not there. */
bool dz_record_line_enter(struct dz_record_line *line, enum dz_member id, enum dz_need need, enum dz_json_type type,
			  struct dz_json_scan *elements);

/* The string that a value is, copied; NULL when it is another value or holds a NUL character. */
const char *dz_record_line_string(struct dz_record_line *line, const struct dz_json_value *value);

#endif
