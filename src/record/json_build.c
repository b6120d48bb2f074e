/* SPDX-License-Identifier: BSD-2-Clause */
/* json_build.c - see json_build.h. */
#include "config.h"
#include "record/json_build.h"

#include "base/mem.h"
#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* json-c says that there is no memory with NULL, which it would write as `null` later. */
static struct json_object *must(struct json_object *made)
{
	if (!made)
		dz_mem_exhausted("JSON");
	return made;
}

struct json_object *dz_json_build_object(void)
{
	return must(json_object_new_object());
}

struct json_object *dz_json_build_array(void)
{
	return must(json_object_new_array());
}

struct json_object *dz_json_build_bool(bool value)
{
	return must(json_object_new_boolean(value));
}

struct json_object *dz_json_build_int(int64_t value)
{
	return must(json_object_new_int64(value));
}

struct json_object *dz_json_build_word(const char *word)
{
	return must(json_object_new_string(word));
}

void dz_json_build_add(struct json_object *object, const char *name, struct json_object *value)
{
	if (json_object_object_add(object, name, value) < 0)
		dz_mem_exhausted("JSON");
}

void dz_json_build_append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, value) < 0)
		dz_mem_exhausted("JSON");
}

struct json_object *dz_json_build_real(double value)
{
	char text[40];

	if (!isfinite(value))
		value = 0;
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return must(json_object_new_double_s(value, text));
}

struct json_object *dz_json_build_real_as(double value, const char *text)
{
	return must(json_object_new_double_s(value, text));
}

struct json_object *dz_json_build_reals(const double *values, size_t count)
{
	struct json_object *array = dz_json_build_array();

	for (size_t i = 0; i < count; i++)
		dz_json_build_append(array, dz_json_build_real(values[i]));
	return array;
}

struct json_object *dz_json_build_uint(uint64_t value)
{
	return dz_json_build_int(value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

struct json_object *dz_json_build_uints(const uint64_t *values, size_t count)
{
	struct json_object *array = dz_json_build_array();

	for (size_t i = 0; i < count; i++)
		dz_json_build_append(array, dz_json_build_uint(values[i]));
	return array;
}

struct json_object *dz_json_build_text(const char *text)
{
	return dz_json_build_text_of(text, strlen(text));
}

struct json_object *dz_json_build_text_of(const char *text, size_t size)
{
	const char *end = text + size;
	struct dz_strbuf clean;
	struct json_object *string;

	dz_strbuf_init(&clean);
	while (text < end) {
		char bytes[DZ_TEXT_CHARACTER];
		dz_strbuf_add(&clean, bytes, (size_t)(dz_text_character(bytes, dz_text_next(&text, end)) - bytes));
	}
	string = must(json_object_new_string_len(clean.data ? clean.data : "", (int)clean.size));
	dz_strbuf_release(&clean);
	return string;
}

void dz_json_build_shape(struct json_object *object, const struct dz_hist_shape *shape)
{
	dz_json_build_add(object, "layer", dz_json_build_word(dz_layer_name(shape->layer)));
	dz_json_build_add(object, "bin_width", dz_json_build_uint(shape->bin_width));
	dz_json_build_add(object, "bins", dz_json_build_uint(shape->bins));
}

/* ---- as text ----
 *
 * json-c's own printing passes over an allocation that fails, and the text is short of a piece then. */

static void write_int(int64_t value, struct dz_strbuf *out)
{
	if (value < 0)
		dz_text_add_literal(out, "-");
	dz_text_add_u64(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void write_array(struct json_object *array, struct dz_strbuf *out)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		dz_text_add(out, i ? "," : "[", 1);
		dz_json_build_write(json_object_array_get_idx(array, i), out);
	}
	dz_strbuf_adds(out, json_object_array_length(array) ? "]" : "[]");
}

static void write_object(struct json_object *object, struct dz_strbuf *out)
{
	const char *before = "{";

	json_object_object_foreach(object, name, value)
	{
		dz_text_add(out, before, 1);
		dz_text_add_json(out, name);
		dz_text_add_literal(out, ":");
		dz_json_build_write(value, out);
		before = ",";
	}
	dz_strbuf_adds(out, *before == '{' ? "{}" : "}");
}

void dz_json_build_write(struct json_object *value, struct dz_strbuf *out)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		dz_strbuf_adds(out, "null");
		break;
	case json_type_boolean:
		dz_strbuf_adds(out, json_object_get_boolean(value) ? "true" : "false");
		break;
	case json_type_int:
		write_int(json_object_get_int64(value), out);
		break;
	case json_type_double:
		dz_strbuf_adds(out, json_object_get_userdata(value));
		break;
	case json_type_string:
		dz_text_add_json(out, json_object_get_string(value));
		break;
	case json_type_array:
		write_array(value, out);
		break;
	case json_type_object:
		write_object(value, out);
		break;
	}
}

/* A number, of which json-c keeps the text as it is to be written. */
struct json_object *dz_json_build_flat(struct json_object *value)
{
	struct json_object *flat;
	struct dz_strbuf text;

	dz_strbuf_init(&text);
	dz_json_build_write(value, &text);
	json_object_put(value);
	flat = dz_json_build_real_as(0, text.data);
	dz_strbuf_release(&text);
	return flat;
}

void dz_json_build_finish(struct json_object *object, struct dz_strbuf *out)
{
	dz_json_build_write(object, out);
	dz_strbuf_addc(out, '\n');
	json_object_put(object);
}

const char *dz_json_library_version(void)
{
	return json_c_version();
}

struct json_object *dz_json_build_child(struct json_object *parent, const char *name)
{
	struct json_object *object = dz_json_build_object();

	dz_json_build_add(parent, name, object);
	return object;
}

void dz_json_build_put(struct json_object *object, const char *name, uint64_t value)
{
	dz_json_build_add(object, name, dz_json_build_uint(value));
}
