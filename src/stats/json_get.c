/* SPDX-License-Identifier: BSD-2-Clause */
/* json_get.c - see json_get.h. */
#include "config.h"
#include "stats/json_get.h"

#include <inttypes.h>
#include <string.h>

bool dz_json_get(const struct dz_json_place *place, struct json_object *object, const char *name, enum json_type type,
		 struct json_object **value)
{
	static const char *const words[] = { [json_type_boolean] = "true or false", [json_type_double] = "a number",
					     [json_type_int] = "a whole number",    [json_type_object] = "an object",
					     [json_type_array] = "an array",        [json_type_string] = "a string" };

	if (!json_object_object_get_ex(object, name, value))
		return dz_err_set(place->err, "%s%s is missing", place->text, name);
	if (json_object_is_type(*value, type) ||
	    (type == json_type_double && json_object_is_type(*value, json_type_int)))
		return true;
	return dz_err_set(place->err, "%s%s must be %s", place->text, name, words[type]);
}

bool dz_json_get_element(const struct dz_json_place *place, struct json_object *value, const char *name,
			 uint64_t *number)
{
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return dz_err_set(place->err, "%s%s must be a whole number that is not negative", place->text, name);
	*number = (uint64_t)json_object_get_int64(value);
	return true;
}

bool dz_json_get_uint(const struct dz_json_place *place, struct json_object *object, const char *name, uint64_t least,
		      uint64_t largest, uint64_t *number)
{
	struct json_object *value;

	if (!dz_json_get(place, object, name, json_type_int, &value) ||
	    !dz_json_get_element(place, value, name, number))
		return false;
	if (*number >= least && *number <= largest)
		return true;
	return dz_err_set(place->err, "%s%s is %" PRIu64 ", but must be from %" PRIu64 " to %" PRIu64, place->text,
			  name, *number, least, largest);
}

bool dz_json_get_text(const struct dz_json_place *place, struct json_object *object, const char *name,
		      const char **text)
{
	struct json_object *value;

	if (!dz_json_get(place, object, name, json_type_string, &value))
		return false;
	*text = json_object_get_string(value);
	if (strlen(*text) == (size_t)json_object_get_string_len(value))
		return true;
	return dz_err_set(place->err, "%s%s holds a NUL character", place->text, name);
}

bool dz_json_get_array(const struct dz_json_place *place, struct json_object *object, const char *name, size_t count,
		       struct json_object **array)
{
	if (!dz_json_get(place, object, name, json_type_array, array))
		return false;
	if (json_object_array_length(*array) == count)
		return true;
	return dz_err_set(place->err, "%s%s has %zu elements, but must have %zu", place->text, name,
			  json_object_array_length(*array), count);
}

bool dz_json_get_truth(const struct dz_json_place *place, struct json_object *object, const char *name, bool *truth)
{
	struct json_object *value;

	if (!dz_json_get(place, object, name, json_type_boolean, &value))
		return false;
	*truth = json_object_get_boolean(value);
	return true;
}
