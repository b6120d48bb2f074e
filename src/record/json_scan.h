/* SPDX-License-Identifier: BSD-2-Clause */
/* json_scan.h - reads JSON where it stands, value by value, without building a tree.
 *
 * What is JSON is what json-c 0.16 takes in its strict mode, which has read the lines before: RFC 8259, and besides
 * names in single quotes, control characters other than NUL in strings, NaN and Infinity, and numbers like 00, -01, 1.
 * and -.5. Values are at most DZ_JSON_DEPTH deep. UTF-8 is not looked at.
 *
 * Everything that is handed out is borrowed from the text. */
#ifndef DISTRIBOOZE_JSON_SCAN_H
#define DISTRIBOOZE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DZ_JSON_DEPTH 15u

enum dz_json_type {
	DZ_JSON_NONE, /* no value */
	DZ_JSON_NULL,
	DZ_JSON_FALSE,
	DZ_JSON_TRUE,
	DZ_JSON_NUMBER,
	DZ_JSON_STRING,
	DZ_JSON_ARRAY,
	DZ_JSON_OBJECT
};

/* "null", "a number", "an object", ... */
const char *dz_json_type_words(enum dz_json_type type);

/* A value as it stands in the text: of a string with its quotes. */
struct dz_json_value {
	enum dz_json_type type;
	bool escaped; /* a string with escapes in it */
	const char *begin, *end;
};

struct dz_json_scan {
	const char *at, *end;
	const char *problem; /* what is wrong at `at`, static; NULL as long as all is well */

	/* private */
	unsigned depth; /* objects and arrays that are open */
	bool fresh;     /* the one that was opened last had no value yet */
};

void dz_json_scan_init(struct dz_json_scan *scan, const char *text, size_t size);

/* Passes white space. */
void dz_json_scan_space(struct dz_json_scan *scan);

/* Passes one value, with all that is in it. False: there is a problem. */
bool dz_json_scan_value(struct dz_json_scan *scan, struct dz_json_value *value);

/* Enters the object or array whose bracket is at hand. Then each call passes a name, and stands before its value, or
 * stands before an element; the caller passes or enters the value. False: the end was passed, or there is a problem. */
void dz_json_scan_enter(struct dz_json_scan *scan);
bool dz_json_scan_member(struct dz_json_scan *scan, struct dz_json_value *name);
/* The same with a guess, `"name":` and its size, of what comes: where that is right, name->type is DZ_JSON_NONE. */
bool dz_json_scan_name(struct dz_json_scan *scan, const char *guess, size_t size, struct dz_json_value *name);
bool dz_json_scan_element(struct dz_json_scan *scan);

/* Passes the array at hand if it holds 1 to `most` whole numbers below 10^15 and no space, as this program writes them,
 * and stores them. Otherwise the scanner stays where it is: nothing is said of whether the array is well-formed. */
bool dz_json_scan_counts(struct dz_json_scan *scan, uint64_t *numbers, size_t most, size_t *count);

/* ---- what a value says ---- */

/* Writes a string's characters, at most end - begin bytes, without a NUL behind them; returns how many. Escapes that
 * stand for no character become U+FFFD. */
size_t dz_json_value_text(const struct dz_json_value *value, char *to);
/* Whether a string is `text`, however it is written. As json-c has it, a name ends at a NUL. */
bool dz_json_value_is(const struct dz_json_value *value, const char *text);
/* Whether a number is whole and from 0 to `most`; 3.0 is whole. */
bool dz_json_value_whole(const struct dz_json_value *value, uint64_t most, uint64_t *number);
double dz_json_value_real(const struct dz_json_value *value);

#endif
