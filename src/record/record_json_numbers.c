/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json_numbers.c - see record_json_numbers.h. */
#include "config.h"
#include "record/record_json_numbers.h"

#include "base/mem.h"
#include "base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dz_json_cut_init(struct dz_json_cut *cut)
{
	*cut = (struct dz_json_cut){ .arrays = NULL };
	dz_strbuf_init(&cut->text);
}

void dz_json_cut_release(struct dz_json_cut *cut)
{
	dz_strbuf_release(&cut->text);
	free(cut->arrays);
	dz_json_cut_init(cut);
}

/* ---- cutting ---- */

enum kind { OTHER, NUMBER = 1, BLANK = 2, COMMA = 4 };

static const unsigned char kinds[256] = {
	['0' ... '9'] = NUMBER, ['-'] = NUMBER, ['+'] = NUMBER, ['.'] = NUMBER, ['e'] = NUMBER, ['E'] = NUMBER,
	[' '] = BLANK,          ['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK, [','] = COMMA,
};

/* The end of the string that begins at `at`, after its quote; the end of the line when it has none. */
static const char *skip_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\')
			at++;
	return at < end ? at + 1 : end;
}

/* Whether an array of nothing but numbers begins at `at`. */
static bool find_numbers(const char *at, const char *end, struct dz_json_numbers *numbers)
{
	unsigned seen = 0, kind;

	*numbers = (struct dz_json_numbers){ at + 1, NULL, 1, 0 };
	for (at++; at < end && (kind = kinds[(unsigned char)*at]) != OTHER; at++) {
		seen |= kind;
		numbers->count += kind == COMMA;
	}
	numbers->end = at;
	return at < end && *at == ']' && (seen & NUMBER);
}

static void add_array(struct dz_json_cut *cut, const struct dz_json_numbers *numbers)
{
	void *block = cut->arrays;

	dz_mem_grow(&block, &cut->capacity, cut->count + 1, sizeof *cut->arrays);
	cut->arrays = block;
	dz_text_add_literal(&cut->text, "[");
	dz_text_add_u64(&cut->text, cut->count);
	dz_text_add_literal(&cut->text, "]");
	cut->arrays[cut->count++] = *numbers;
}

void dz_json_cut_line(struct dz_json_cut *cut, const char *line, size_t size)
{
	const char *at = line, *end = line + size, *kept = line; /* from where the line is not copied yet */
	struct dz_json_numbers numbers;

	cut->count = 0;
	dz_strbuf_clear(&cut->text);
	while (at < end) {
		if (*at == '"') {
			at = skip_string(at, end);
		} else if (*at == '[' && find_numbers(at, end, &numbers)) {
			dz_text_add(&cut->text, kept, (size_t)(at - kept));
			add_array(cut, &numbers);
			at = kept = numbers.end + 1;
		} else {
			at++;
		}
	}
	dz_text_add(&cut->text, kept, (size_t)(end - kept));
	dz_text_end(&cut->text);
}

/* ---- numbers ---- */

/* Says what is wrong with an array that was not cut. */
static bool not_numbers(struct dz_json_fields *in, const char *path, struct json_object *array)
{
	size_t count = (size_t)json_object_array_length(array);

	for (size_t i = 0; i < count; i++) {
		struct json_object *element = json_object_array_get_idx(array, i);
		enum json_type type = json_object_get_type(element);
		if (type != json_type_int && type != json_type_double)
			return dz_err_set(in->err, "%s[%zu] is %s, but must be a number", path, i,
					  dz_json_type_words(type));
	}
	return dz_err_set(in->err, count ? "%s is no array of numbers" : "%s is empty", path);
}

bool dz_json_numbers(struct dz_json_fields *in, const struct dz_json_cut *cut, const char *path, enum dz_json_need need,
		     struct dz_json_numbers *numbers)
{
	struct json_object *array, *only;
	uint64_t index;
	size_t count;

	*numbers = (struct dz_json_numbers){ .at = NULL };
	if (!dz_json_array(in, path, need, &array, &count))
		return false;
	if (!array)
		return true;
	only = count == 1 ? json_object_array_get_idx(array, 0) : NULL;
	/* The index is checked: what json-c takes for the end of a string may differ from what was taken for it here.
	 */
	if (!dz_json_whole(only, UINT32_MAX, &index) || index >= cut->count)
		return not_numbers(in, path, array);
	*numbers = cut->arrays[index];
	return true;
}

/* The text up to the next comma, without the blanks around it. */
static const char *next_token(struct dz_json_numbers *numbers, size_t *size)
{
	const char *start = numbers->at, *end;

	for (end = start; end < numbers->end && *end != ','; end++)
		;
	numbers->at = end < numbers->end ? end + 1 : end;
	numbers->next++;
	for (; start < end && kinds[(unsigned char)*start] == BLANK; start++)
		;
	for (; end > start && kinds[(unsigned char)end[-1]] == BLANK; end--)
		;
	*size = (size_t)(end - start);
	return start;
}

static size_t digits_at(const char *token, size_t size, size_t i)
{
	size_t start = i;

	while (i < size && token[i] >= '0' && token[i] <= '9')
		i++;
	return i - start;
}

/* Whether a token is a number by the grammar of RFC 8259, section 6. */
static bool is_number(const char *token, size_t size)
{
	size_t i = size > 0 && token[0] == '-', digits = digits_at(token, size, i);

	if (digits == 0 || (digits > 1 && token[i] == '0'))
		return false;
	i += digits;
	if (i < size && token[i] == '.') {
		digits = digits_at(token, size, i + 1);
		if (digits == 0)
			return false;
		i += 1 + digits;
	}
	if (i < size && (token[i] == 'e' || token[i] == 'E')) {
		i++;
		i += i < size && (token[i] == '+' || token[i] == '-');
		digits = digits_at(token, size, i);
		if (digits == 0)
			return false;
		i += digits;
	}
	return i == size;
}

/* What json-c makes of a token; NULL when it is no number. Given to the caller. */
static struct json_object *parse_token(const char *token, size_t size)
{
	char text[64];
	struct json_object *value = NULL;

	if (size < sizeof text && is_number(token, size)) {
		memcpy(text, token, size);
		text[size] = '\0';
		value = json_tokener_parse(text);
	}
	return value;
}

static bool wrong_token(struct dz_json_fields *in, const char *path, const struct dz_json_numbers *numbers,
			const char *token, size_t size, const char *what, double most)
{
	return dz_err_set(in->err, "%s[%zu] is %.*s, but must be %s from 0 to %.0f", path, numbers->next - 1,
			  (int)(size < 40 ? size : 40), token, what, most);
}

bool dz_json_next_whole(struct dz_json_fields *in, const char *path, struct dz_json_numbers *numbers, uint64_t most,
			uint64_t *number)
{
	struct json_object *value;
	const char *token;
	uint64_t found = 0;
	size_t size, i;
	bool good;

	token = next_token(numbers, &size);
	for (i = 0; i < size && token[i] >= '0' && token[i] <= '9' && i < 16; i++)
		found = found * 10 + (uint64_t)(token[i] - '0');
	if (i > 0 && i == size && (token[0] != '0' || size == 1) && found <= most) {
		*number = found;
		return true;
	}
	value = parse_token(token, size); /* 3.0 and 1e3 are whole too */
	good = value && dz_json_whole(value, most, number);
	json_object_put(value);
	return good || wrong_token(in, path, numbers, token, size, "a whole number", (double)most);
}

/* Up to six digits before the point and two after it; what it takes for granted is that an integer of nine digits
 * divided by 100 is the double nearest to the decimal. */
static bool short_decimal(const char *token, size_t size, double *number)
{
	unsigned hundredths = 0, after = 0;
	size_t i;

	for (i = 0; i < size && i < 6 && token[i] >= '0' && token[i] <= '9'; i++)
		hundredths = hundredths * 10 + (unsigned)(token[i] - '0');
	if (i == 0 || (token[0] == '0' && i > 1))
		return false;
	if (i < size && token[i] == '.')
		for (i++; i < size && after < 2 && token[i] >= '0' && token[i] <= '9'; i++, after++)
			hundredths = hundredths * 10 + (unsigned)(token[i] - '0');
	if (i < size || token[size - 1] == '.')
		return false;
	for (; after < 2; after++)
		hundredths *= 10;
	*number = hundredths / 100.0;
	return true;
}

bool dz_json_next_real(struct dz_json_fields *in, const char *path, struct dz_json_numbers *numbers, double most,
		       double *number)
{
	struct json_object *value;
	const char *token;
	size_t size;

	token = next_token(numbers, &size);
	if (!short_decimal(token, size, number)) {
		value = parse_token(token, size);
		*number = value ? json_object_get_double(value) : -1;
		json_object_put(value);
	}
	if (!(*number >= 0 && *number <= most))
		return wrong_token(in, path, numbers, token, size, "a number", most);
	return true;
}
