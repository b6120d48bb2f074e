/* SPDX-License-Identifier: BSD-2-Clause */
/* json_oracle.h - json-c's word on what is JSON and what it says, against the scanner's and the record reader's. */
#ifndef DISTRIBOOZE_TESTS_JSON_ORACLE_H
#define DISTRIBOOZE_TESTS_JSON_ORACLE_H

#include "base/text.h"
#include "record/json_scan.h"
#include "record/record_line.h"
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE_DIGITS = 19 }; /* from so many on a number may not be held by 64 bits */

static bool oracle_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The object that json-c reads, in strict mode and nothing before or behind it; NULL: it refuses the text. */
static struct json_object *oracle_read(const char *text, size_t size)
{
	struct json_tokener *tokener;
	struct json_object *root;
	bool good;

	for (; size > 0 && oracle_is_space(text[size - 1]); size--)
		;
	for (; size > 0 && oracle_is_space(*text); text++, size--)
		;
	if (size == 0 || *text != '{' || !dz_text_is_utf8(text, size))
		return NULL;
	tokener = json_tokener_new_ex(16);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	root = json_tokener_parse_ex(tokener, text, (int)size);
	good = json_tokener_get_error(tokener) == json_tokener_success && (size_t)tokener->char_offset == size;
	json_tokener_free(tokener);
	if (good)
		return root;
	json_object_put(root);
	return NULL;
}

static bool oracle_takes(const char *text)
{
	struct json_object *taken = oracle_read(text, strlen(text));
	bool takes = taken != NULL;

	json_object_put(taken);
	return takes;
}

/* Releases of json-c differ about a few things. Those after 0.16 refuse control characters in strings, which the
 * scanner takes; those before take any character for space that C does, which the scanner refuses (RFC 8259, 2); 0.18
 * takes no UTF-8 where char is signed, and no number that 64 bits do not hold. Where it is not as the scanner, it is
 * not asked. */
static bool oracle_judges(const char *text, size_t size)
{
	bool control = oracle_takes("{\"a\":\"\x01\"}"), space = oracle_takes("{\"a\":\v1}"),
	     high = oracle_takes("{\"a\":\"\xc3\xa9\"}"), large = oracle_takes("{\"a\":18446744073709551616}");
	unsigned digits = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		digits = c >= '0' && c <= '9' ? digits + 1 : 0;
		if ((!control && c < ' ') || (space && (c == '\v' || c == '\f')) || (!high && c >= 0x80) ||
		    (!large && digits >= LARGE_DIGITS))
			return false;
	}
	return true;
}

static struct json_object *number_of(const struct dz_json_value *value)
{
	size_t size = (size_t)(value->end - value->begin);
	char *text = strndup(value->begin, size);
	struct json_object *number;
	uint64_t whole;

	if (strcspn(text, ".eENI") < size) {
		number = json_object_new_double(dz_json_value_real(value));
	} else if (*text == '-') {
		number = json_object_new_int64(strtoll(text, NULL, 10));
	} else {
		whole = strtoull(text, NULL, 10);
		number = whole > INT64_MAX ? json_object_new_uint64(whole) : json_object_new_int64((int64_t)whole);
	}
	free(text);
	return number;
}

static struct json_object *string_of(const struct dz_json_value *value)
{
	char *text = malloc((size_t)(value->end - value->begin) + 1);
	size_t size = dz_json_value_text(value, text);
	struct json_object *string = json_object_new_string_len(text, (int)size);

	free(text);
	return string;
}

/* The tree of what the scanner finds. */
static struct json_object *scanned_tree(struct dz_json_scan *scan)
{
	struct json_object *tree = NULL, *name_string;
	struct dz_json_value name, value;

	if (scan->at < scan->end && *scan->at == '{') {
		tree = json_object_new_object();
		dz_json_scan_enter(scan);
		while (dz_json_scan_member(scan, &name)) {
			name_string = string_of(&name);
			json_object_object_add(tree, json_object_get_string(name_string), scanned_tree(scan));
			json_object_put(name_string);
		}
		return tree;
	}
	if (scan->at < scan->end && *scan->at == '[') {
		tree = json_object_new_array();
		dz_json_scan_enter(scan);
		while (dz_json_scan_element(scan))
			json_object_array_add(tree, scanned_tree(scan));
		return tree;
	}
	if (!dz_json_scan_value(scan, &value))
		return NULL;
	switch (value.type) {
	case DZ_JSON_TRUE:
	case DZ_JSON_FALSE:
		return json_object_new_boolean(value.type == DZ_JSON_TRUE);
	case DZ_JSON_NUMBER:
		return number_of(&value);
	case DZ_JSON_STRING:
		return string_of(&value);
	default:
		return NULL;
	}
}

/* What is at a path; NULL: nothing or null, or something on the way that is no object. */
static struct json_object *at_path(struct json_object *root, const char *path)
{
	while (root) {
		char name[DZ_MEMBER_PATH];
		size_t size = strcspn(path, ".");
		memcpy(name, path, size);
		name[size] = '\0';
		if (!json_object_is_type(root, json_type_object) || !json_object_object_get_ex(root, name, &root))
			return NULL;
		if (!path[size])
			return root;
		path += size + 1;
	}
	return NULL;
}

/* Whether every member that record.def lists is the same in json-c's tree and where the line scanner found it. */
static bool same_members(struct json_object *root, const struct dz_record_line *line)
{
	for (enum dz_member id = 0; id < MEMBER_COUNT; id++) {
		const struct dz_json_value *value = &line->member[id];
		char path[DZ_MEMBER_PATH];
		struct json_object *expected = at_path(root, dz_member_path(id, path)), *found;
		struct dz_json_scan scan;
		bool same;
		if (value->type == DZ_JSON_NONE || value->type == DZ_JSON_NULL) {
			if (expected)
				return false;
			continue;
		}
		dz_json_scan_init(&scan, value->begin, (size_t)(value->end - value->begin));
		found = scanned_tree(&scan);
		same = expected && json_object_equal(expected, found);
		json_object_put(found);
		if (!same)
			return false;
	}
	return true;
}

/* NULL, or what the scanner and json-c do not agree about. */
static const char *oracle_differs(const char *text, size_t size)
{
	struct json_object *root, *tree = NULL;
	struct dz_record_line *line;
	const char *difference = NULL;
	struct dz_json_scan scan;
	struct dz_err err;
	bool taken;

	if (!oracle_judges(text, size))
		return NULL;
	line = malloc(sizeof *line);
	dz_record_line_init(line);
	root = oracle_read(text, size);
	taken = dz_record_line_scan(line, text, size, &err);
	if (taken && !root)
		difference = "taken, but json-c refuses it";
	else if (!taken && root)
		difference = "refused, but json-c takes it";
	if (taken && root) {
		dz_json_scan_init(&scan, text, size);
		dz_json_scan_space(&scan);
		tree = scanned_tree(&scan);
		/* NaN is not even the same as itself; the record of a hit is not at the paths of the line */
		if (memmem(text, size, "NaN", 3) || memmem(text, size, "_source", 7))
			difference = NULL;
		else if (scan.problem || !json_object_equal(root, tree))
			difference = "taken, but not as json-c does";
		else if (!same_members(root, line))
			difference = "a member of the record is not what json-c has";
	}
	json_object_put(tree);
	json_object_put(root);
	dz_record_line_release(line);
	free(line);
	return difference;
}

#endif
