/* SPDX-License-Identifier: BSD-2-Clause */
/* json_tree.c - see json_tree.h. The recursion is no deeper than DZ_JSON_DEPTH. */
#include "config.h"
#include "record/json_tree.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "record/json_build.h"
#include "record/json_scan.h"
#include <math.h>
#include <stdlib.h>

struct reading {
	struct dz_json_scan scan;
	struct dz_strbuf text; /* of the string at hand */
};

/* A string's characters, with a NUL behind them: until the next one. */
static const char *text_of(struct reading *reading, const struct dz_json_value *value)
{
	dz_strbuf_clear(&reading->text);
	dz_strbuf_reserve(&reading->text, (size_t)(value->end - value->begin));
	reading->text.size = dz_json_value_text(value, reading->text.data);
	reading->text.data[reading->text.size] = '\0';
	return reading->text.data;
}

static struct json_object *real(struct dz_json_scan *scan, const struct dz_json_value *value)
{
	double number = dz_json_value_real(value);

	if (isfinite(number))
		return dz_json_build_real(number);
	scan->at = value->begin;
	scan->problem = "no finite number";
	return NULL;
}

static struct json_object *number(struct dz_json_scan *scan, const struct dz_json_value *value)
{
	bool minus = *value->begin == '-';
	struct dz_json_value digits = { DZ_JSON_NUMBER, false, value->begin + minus, value->end };
	uint64_t whole;

	for (const char *at = digits.begin; at < digits.end; at++)
		if (*at < '0' || *at > '9')
			return real(scan, value);
	if (!dz_json_value_whole(&digits, INT64_MAX, &whole))
		return real(scan, value);
	return dz_json_build_int(minus ? -(int64_t)whole : (int64_t)whole);
}

static struct json_object *plain(struct reading *reading)
{
	struct dz_json_value value;

	if (!dz_json_scan_value(&reading->scan, &value))
		return NULL;
	switch (value.type) {
	case DZ_JSON_STRING:
		text_of(reading, &value);
		return dz_json_build_text_of(reading->text.data, reading->text.size);
	case DZ_JSON_NUMBER:
		return number(&reading->scan, &value);
	case DZ_JSON_TRUE:
	case DZ_JSON_FALSE:
		return dz_json_build_bool(value.type == DZ_JSON_TRUE);
	default:
		return NULL;
	}
}

/* NULL is `null`, or there is a problem. */
static struct json_object *any(struct reading *reading)
{
	struct dz_json_scan *scan = &reading->scan;
	struct json_object *tree;
	struct dz_json_value name;

	dz_json_scan_space(scan);
	if (scan->at < scan->end && *scan->at == '[') {
		tree = dz_json_build_array();
		dz_json_scan_enter(scan);
		while (!scan->problem && dz_json_scan_element(scan))
			dz_json_build_append(tree, any(reading));
		return tree;
	}
	if (scan->at == scan->end || *scan->at != '{')
		return plain(reading);
	tree = dz_json_build_object();
	dz_json_scan_enter(scan);
	while (!scan->problem && dz_json_scan_member(scan, &name)) {
		char *copy = dz_mem_strdup(text_of(reading, &name));
		dz_json_build_add(tree, copy, any(reading));
		free(copy);
	}
	return tree;
}

struct json_object *dz_json_tree(const char *text, size_t size, struct dz_err *err)
{
	struct reading reading;
	struct json_object *tree = NULL;
	struct dz_json_scan *scan = &reading.scan;

	dz_json_scan_init(scan, text, size);
	dz_strbuf_init(&reading.text);
	dz_json_scan_space(scan);
	if (scan->at == scan->end || *scan->at != '{') {
		dz_err_set(err, "no JSON object");
		return NULL;
	}
	if (!dz_text_is_utf8(text, size)) {
		dz_err_set(err, "no JSON (not UTF-8)");
		return NULL;
	}
	tree = any(&reading);
	dz_json_scan_space(scan);
	if (!scan->problem && scan->at < scan->end)
		scan->problem = "more than one JSON value";
	if (scan->problem) {
		dz_err_set(err, "no JSON (%s, at byte %zu)", scan->problem, (size_t)(scan->at - text));
		json_object_put(tree);
		tree = NULL;
	}
	dz_strbuf_release(&reading.text);
	return tree;
}
