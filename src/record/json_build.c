/* SPDX-License-Identifier: BSD-2-Clause */
/* json_build.c - see json_build.h. */
#include "config.h"
#include "record/json_build.h"

#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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
	return json_object_new_double_s(value, text);
}

struct json_object *dz_json_build_reals(const double *values, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, dz_json_build_real(values[i]));
	return array;
}

struct json_object *dz_json_build_uint(uint64_t value)
{
	return json_object_new_int64(value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

struct json_object *dz_json_build_uints(const uint64_t *values, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, dz_json_build_uint(values[i]));
	return array;
}

struct json_object *dz_json_build_text(const char *text)
{
	const char *end = text + strlen(text);
	struct dz_strbuf clean;
	struct json_object *string;

	dz_strbuf_init(&clean);
	while (text < end) {
		char bytes[DZ_TEXT_CHARACTER];
		dz_strbuf_add(&clean, bytes, (size_t)(dz_text_character(bytes, dz_text_next(&text, end)) - bytes));
	}
	string = json_object_new_string_len(clean.data ? clean.data : "", (int)clean.size);
	dz_strbuf_release(&clean);
	return string;
}

void dz_json_build_shape(struct json_object *object, const struct dz_hist_shape *shape)
{
	json_object_object_add(object, "layer", json_object_new_string(dz_layer_name(shape->layer)));
	json_object_object_add(object, "bin_width", dz_json_build_uint(shape->bin_width));
	json_object_object_add(object, "bins", dz_json_build_uint(shape->bins));
}

void dz_json_build_finish(struct json_object *object, struct dz_strbuf *out)
{
	dz_strbuf_adds(out,
		       json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	dz_strbuf_addc(out, '\n');
	json_object_put(object);
}

const char *dz_json_library_version(void)
{
	return json_c_version();
}
