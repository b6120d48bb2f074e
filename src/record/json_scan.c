/* SPDX-License-Identifier: BSD-2-Clause */
/* json_scan.c - see json_scan.h. */
#include "config.h"
#include "record/json_scan.h"

#include "base/mem.h"
#include "base/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *dz_json_type_words(enum dz_json_type type)
{
	static const char *const words[] = { "nothing",  "null",     "true or false", "true or false",
					     "a number", "a string", "an array",      "an object" };

	return words[type];
}

void dz_json_scan_init(struct dz_json_scan *scan, const char *text, size_t size)
{
	*scan = (struct dz_json_scan){ .at = text, .end = text + size };
}

static bool fail(struct dz_json_scan *scan, const char *problem)
{
	if (!scan->problem)
		scan->problem = scan->at < scan->end ? problem : "it breaks off";
	return false;
}

static inline void skip_space(struct dz_json_scan *scan)
{
	while (scan->at < scan->end && (unsigned char)*scan->at <= ' ' &&
	       (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
		scan->at++;
}

void dz_json_scan_space(struct dz_json_scan *scan)
{
	skip_space(scan);
}

static inline bool at_byte(const struct dz_json_scan *scan, char byte)
{
	return scan->at < scan->end && *scan->at == byte;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- strings ---- */

#define EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))

/* The lowest bit set is that of the lowest byte that is zero; 0 when none is. */
static inline uint64_t zero_bytes(uint64_t eight)
{
	return (eight - EVERY_BYTE(1)) & ~eight & EVERY_BYTE(0x80);
}

/* The next byte that ends the string, begins an escape or is NUL; or the end. */
static const char *plain_end(const char *at, const char *end, char quote)
{
	uint64_t eight, found;

	for (; end - at >= 8; at += 8) {
		memcpy(&eight, at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		eight = __builtin_bswap64(eight);
#endif
		found = zero_bytes(eight ^ EVERY_BYTE(quote)) | zero_bytes(eight ^ EVERY_BYTE('\\')) |
			zero_bytes(eight);
		if (found)
			return at + __builtin_ctzll(found) / 8;
	}
	while (at < end && *at != quote && *at != '\\' && *at)
		at++;
	return at;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Passes what follows a backslash. */
static bool skip_escape(struct dz_json_scan *scan)
{
	const char *at = ++scan->at;

	if (at >= scan->end || !*at || !strchr("\"\\/bfnrtu", *at))
		return fail(scan, "no such escape");
	scan->at++;
	if (*at != 'u')
		return true;
	for (unsigned i = 0; i < 4; i++, scan->at++)
		if (scan->at >= scan->end || hex_digit(*scan->at) < 0)
			return fail(scan, "no such escape");
	return true;
}

/* Passes the string whose quote is at hand. */
static bool scan_string(struct dz_json_scan *scan, struct dz_json_value *value)
{
	char quote = *scan->at;

	*value = (struct dz_json_value){ DZ_JSON_STRING, false, scan->at++, NULL };
	for (;;) {
		scan->at = plain_end(scan->at, scan->end, quote);
		if (at_byte(scan, quote))
			break;
		if (!at_byte(scan, '\\'))
			return fail(scan, "a NUL character in a string");
		value->escaped = true;
		if (!skip_escape(scan))
			return false;
	}
	value->end = ++scan->at;
	return true;
}

/* ---- numbers and words ---- */

static bool skip_word(struct dz_json_scan *scan, const char *word)
{
	for (; *word; word++, scan->at++)
		if (!at_byte(scan, *word))
			return fail(scan, "no value");
	return true;
}

static size_t skip_digits(struct dz_json_scan *scan)
{
	const char *start = scan->at;

	while (scan->at < scan->end && is_digit(*scan->at))
		scan->at++;
	return (size_t)(scan->at - start);
}

static bool is_zero(const char *digits, size_t size)
{
	while (size > 0 && *digits == '0')
		digits++, size--;
	return size == 0;
}

/* What json-c takes for a number: see json_scan.h. */
static bool scan_number(struct dz_json_scan *scan, struct dz_json_value *value)
{
	const char *start = scan->at;
	bool negative = *start == '-', zero_first, real = false;
	size_t size;

	scan->at += negative;
	if (negative && at_byte(scan, 'I')) {
		if (!skip_word(scan, "Infinity"))
			return false;
		*value = (struct dz_json_value){ DZ_JSON_NUMBER, false, start, scan->at };
		return true;
	}
	zero_first = at_byte(scan, '0');
	size = skip_digits(scan);
	if (at_byte(scan, '.')) {
		real = true;
		scan->at++;
		size += skip_digits(scan);
	}
	if (size && scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
		real = true;
		scan->at++;
		if (at_byte(scan, '+') || at_byte(scan, '-'))
			scan->at++;
		if (!skip_digits(scan))
			return fail(scan, "no number");
	}
	if (!size || (!real && !negative && zero_first && !is_zero(start, size)))
		return fail(scan, "no number");
	*value = (struct dz_json_value){ DZ_JSON_NUMBER, false, start, scan->at };
	return true;
}

/* ---- values ---- */

/* Passes an array of plain numbers without spaces; false, and stays before it, when it is anything else. */
static bool skip_numbers(struct dz_json_scan *scan)
{
	const char *at = scan->at + 1, *end = scan->end;
	uint64_t zeros, eight;

	memcpy(&zeros, "0,0,0,0,", 8);
	for (;;) {
		const char *start = at;
		if (end - at >= 8 && (memcpy(&eight, at, 8), eight == zeros)) {
			at += 8;
			continue;
		}
		while (at < end && is_digit(*at))
			at++;
		if (at == start || (*start == '0' && at - start > 1))
			return false;
		if (at < end && *at == '.')
			for (at++; at < end && is_digit(*at); at++)
				;
		if (at >= end || (*at != ',' && *at != ']'))
			return false;
		if (*at++ == ']')
			break;
	}
	scan->at = at;
	return true;
}

static bool skip_array(struct dz_json_scan *scan)
{
	struct dz_json_value element;

	if (scan->depth + 1 <= DZ_JSON_DEPTH && skip_numbers(scan))
		return true;
	dz_json_scan_enter(scan);
	while (dz_json_scan_element(scan))
		if (!dz_json_scan_value(scan, &element))
			return false;
	return !scan->problem;
}

static bool skip_object(struct dz_json_scan *scan)
{
	struct dz_json_value name, value;

	dz_json_scan_enter(scan);
	while (dz_json_scan_member(scan, &name))
		if (!dz_json_scan_value(scan, &value))
			return false;
	return !scan->problem;
}

static bool scan_word(struct dz_json_scan *scan, struct dz_json_value *value)
{
	static const struct {
		const char *word;
		enum dz_json_type type;
	} words[] = { { "true", DZ_JSON_TRUE },
		      { "false", DZ_JSON_FALSE },
		      { "null", DZ_JSON_NULL },
		      { "NaN", DZ_JSON_NUMBER },
		      { "Infinity", DZ_JSON_NUMBER } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (at_byte(scan, *words[i].word)) {
			*value = (struct dz_json_value){ words[i].type, false, scan->at, NULL };
			if (!skip_word(scan, words[i].word))
				return false;
			value->end = scan->at;
			return true;
		}
	}
	return fail(scan, "no value");
}

bool dz_json_scan_value(struct dz_json_scan *scan, struct dz_json_value *value)
{
	const char *start;
	bool good;

	skip_space(scan);
	start = scan->at;
	if (start >= scan->end)
		return fail(scan, "");
	if (*start == '"') {
		good = scan_string(scan, value);
	} else if (is_digit(*start) || *start == '-') {
		good = scan_number(scan, value);
	} else if (*start == '{' || *start == '[') {
		good = *start == '{' ? skip_object(scan) : skip_array(scan);
		*value = (struct dz_json_value){ *start == '{' ? DZ_JSON_OBJECT : DZ_JSON_ARRAY, false, start,
						 scan->at };
	} else {
		good = scan_word(scan, value);
	}
	scan->fresh = false;
	return good;
}

void dz_json_scan_enter(struct dz_json_scan *scan)
{
	scan->at++;
	scan->depth++;
	scan->fresh = true;
}

/* Stands before the next name or element, behind its comma. False: the end was passed, or there is a problem. */
static bool next(struct dz_json_scan *scan, char close)
{
	skip_space(scan);
	if (at_byte(scan, close)) {
		scan->at++;
		scan->depth--;
		scan->fresh = false;
		return false;
	}
	if (!scan->fresh) {
		if (!at_byte(scan, ','))
			return fail(scan, "a comma is missing");
		scan->at++;
		skip_space(scan);
	}
	if (scan->depth > DZ_JSON_DEPTH)
		return fail(scan, "nesting too deep");
	scan->fresh = false;
	return true;
}

bool dz_json_scan_member(struct dz_json_scan *scan, struct dz_json_value *name)
{
	return dz_json_scan_name(scan, "", 0, name);
}

bool dz_json_scan_name(struct dz_json_scan *scan, const char *guess, size_t size, struct dz_json_value *name)
{
	name->type = DZ_JSON_NONE;
	if (!next(scan, '}'))
		return false;
	if (size && (size_t)(scan->end - scan->at) >= size && !memcmp(scan->at, guess, size)) {
		scan->at += size;
		skip_space(scan);
		return true;
	}
	if (!at_byte(scan, '"') && !at_byte(scan, '\''))
		return fail(scan, "no name in quotes");
	if (!scan_string(scan, name))
		return false;
	skip_space(scan);
	if (!at_byte(scan, ':'))
		return fail(scan, "a colon is missing");
	scan->at++;
	skip_space(scan);
	return true;
}

bool dz_json_scan_element(struct dz_json_scan *scan)
{
	return next(scan, ']');
}

bool dz_json_scan_counts(struct dz_json_scan *scan, uint64_t *numbers, size_t most, size_t *count)
{
	const char *at = scan->at + 1, *end = scan->end;
	uint64_t zeros, eight;
	size_t n = 0;

	memcpy(&zeros, "0,0,0,0,", 8);
	while (at < end) {
		const char *start = at;
		uint64_t number = 0;
		if (end - at >= 8 && most - n >= 4 && (memcpy(&eight, at, 8), eight == zeros)) {
			memset(&numbers[n], 0, 4 * sizeof *numbers);
			n += 4;
			at += 8;
			continue;
		}
		for (; at < end && is_digit(*at); at++)
			number = number * 10 + (uint64_t)(*at - '0');
		if (at == start || at - start > 15 || (*start == '0' && at - start > 1) || n == most || at == end)
			return false;
		numbers[n++] = number;
		if (*at == ']') {
			scan->at = at + 1;
			scan->fresh = false;
			*count = n;
			return true;
		}
		if (*at++ != ',')
			return false;
	}
	return false;
}

/* ---- what a value says ---- */

static uint32_t hex4(const char *at)
{
	uint32_t code = 0;

	for (unsigned i = 0; i < 4; i++)
		code = code << 4 | (uint32_t)hex_digit(at[i]);
	return code;
}

/* The character of an escape that begins with \u at *at; moves *at behind it. Surrogates that make no pair become
 * U+FFFD. */
static uint32_t unicode(const char **at, const char *end)
{
	uint32_t code = hex4(*at + 2), low;

	*at += 6;
	if (code < 0xd800 || code > 0xdfff)
		return code;
	if (code < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
		low = hex4(*at + 2);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*at += 6;
			return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return DZ_TEXT_REPLACEMENT;
}

size_t dz_json_value_text(const struct dz_json_value *value, char *to)
{
	static const char escapes[] = "b\bf\fn\nr\rt\t";
	const char *at = value->begin + 1, *end = value->end - 1;
	char *start = to;

	if (!value->escaped) {
		memcpy(to, at, (size_t)(end - at));
		return (size_t)(end - at);
	}
	while (at < end) {
		const char *found;
		if (*at != '\\') {
			*to++ = *at++;
		} else if (at[1] == 'u') {
			to = dz_text_character(to, unicode(&at, end));
		} else {
			found = strchr(escapes, at[1]);
			*to++ = found ? found[1] : at[1];
			at += 2;
		}
	}
	return (size_t)(to - start);
}

bool dz_json_value_is(const struct dz_json_value *value, const char *text)
{
	size_t size = strlen(text), written = (size_t)(value->end - value->begin) - 2, found;
	char copy[512];

	if (!value->escaped)
		return written == size && !memcmp(value->begin + 1, text, size);
	if (written < size || written > sizeof copy)
		return false;
	found = strnlen(copy, dz_json_value_text(value, copy));
	return found == size && !memcmp(copy, text, size);
}

double dz_json_value_real(const struct dz_json_value *value)
{
	size_t size = (size_t)(value->end - value->begin);
	char text[64], *copy = size < sizeof text ? text : dz_mem_alloc(size + 1);
	double real;

	memcpy(copy, value->begin, size);
	copy[size] = '\0';
	real = strtod(copy, NULL);
	if (copy != text)
		free(copy);
	return real;
}

bool dz_json_value_whole(const struct dz_json_value *value, uint64_t most, uint64_t *number)
{
	const char *at = value->begin;
	uint64_t whole = 0;
	double real;

	for (; at < value->end && is_digit(*at); at++) {
		if (whole > (UINT64_MAX - 9) / 10)
			return false;
		whole = whole * 10 + (uint64_t)(*at - '0');
	}
	if (at == value->end) {
		*number = whole;
		return whole <= most;
	}
	real = dz_json_value_real(value);
	if (!(real >= 0 && real <= (double)most) || real != floor(real))
		return false;
	*number = (uint64_t)real;
	return true;
}
