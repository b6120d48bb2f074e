/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json_numbers.h - takes the arrays of numbers out of a line before json-c sees it.
 *
 * Private to the reader. A record is mostly vectors, and json-c makes an object of every number: nearly half of the
 * time it takes to read a line. So each array that holds nothing but numbers is replaced by `[N]`, N counting from 0,
 * and its numbers are read from the line itself, if anybody asks for them. Every such array is replaced, so one
 * whole number alone in an array of the tree is always such an N. */
#ifndef DISTRIBOOZE_RECORD_JSON_NUMBERS_H
#define DISTRIBOOZE_RECORD_JSON_NUMBERS_H

#include "base/strbuf.h"
#include "record/record_json_fields.h"

/* Where the numbers of one array are: borrowed from the line. */
struct dz_json_numbers {
	const char *at, *end; /* between the brackets */
	size_t count;         /* commas and one */
	size_t next;          /* index of the number that is read next */
};

struct dz_json_cut {
	struct dz_strbuf text;          /* the line without them */
	struct dz_json_numbers *arrays; /* owned */
	size_t count, capacity;
};

void dz_json_cut_init(struct dz_json_cut *cut);
void dz_json_cut_release(struct dz_json_cut *cut);
/* Cuts a line; what was cut before is forgotten. */
void dz_json_cut_line(struct dz_json_cut *cut, const char *line, size_t size);

/* The numbers of the array at `path`; numbers->at is NULL when it is optional and not there. An array that holds
 * anything but numbers is an error. */
bool dz_json_numbers(struct dz_json_fields *in, const struct dz_json_cut *cut, const char *path, enum dz_json_need need,
		     struct dz_json_numbers *numbers);
/* The next number, of which there are `count`: a whole one from 0 to `most`, or any from 0 to `most`. */
bool dz_json_next_whole(struct dz_json_fields *in, const char *path, struct dz_json_numbers *numbers, uint64_t most,
			uint64_t *number);
bool dz_json_next_real(struct dz_json_fields *in, const char *path, struct dz_json_numbers *numbers, double most,
		       double *number);

#endif
