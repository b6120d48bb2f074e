/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json_fields.c - see record_json_fields.h. */
#include "config.h"
#include "record/record_json_fields.h"

#include "base/text.h"
#include <math.h>
#include <string.h>

const char *dz_json_type_words(enum json_type type)
{
	switch (type) {
	case json_type_null:
		return "null";
	case json_type_boolean:
		return "true or false";
	case json_type_double:
	case json_type_int:
		return "a number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	case json_type_string:
		return "a string";
	}
	return "unknown";
}

static bool check_type(struct dz_json_fields *in, struct json_object *value, enum json_type type, const char *path,
		       size_t path_size)
{
	enum json_type found = json_object_get_type(value);

	if (found == type)
		return true;
	return dz_err_set(in->err, "%.*s is %s, but must be %s", (int)path_size, path, dz_json_type_words(found),
			  dz_json_type_words(type));
}

/* Enters the objects that `path` names before its last point. *parent is NULL when one of them is not there. */
static bool enter(struct dz_json_fields *in, const char *path, size_t size, struct json_object **parent)
{
	struct json_object *at = in->root;

	if (in->prefix && in->prefix_size == size && !memcmp(in->prefix, path, size)) {
		*parent = in->parent;
		return true;
	}
	*parent = NULL;
	for (size_t start = 0; start < size;) {
		char key[32];
		size_t key_size = strcspn(path + start, ".");
		if (key_size >= sizeof key)
			return dz_err_set(in->err, "%s: too long a name", path);
		memcpy(key, path + start, key_size);
		key[key_size] = '\0';
		if (!json_object_object_get_ex(at, key, &at))
			break;
		start += key_size;
		if (!check_type(in, at, json_type_object, path, start))
			return false;
		start++;
		if (start == size)
			*parent = at;
	}
	if (size == 0)
		*parent = in->root;
	in->prefix = path;
	in->prefix_size = size;
	in->parent = *parent;
	return true;
}

bool dz_json_find(struct dz_json_fields *in, const char *path, enum dz_json_need need, struct json_object **value)
{
	const char *point = strrchr(path, '.'), *name = point ? point + 1 : path;
	struct json_object *parent;

	*value = NULL;
	if (!enter(in, path, (size_t)(name - path), &parent))
		return false;
	if (parent && json_object_object_get_ex(parent, name, value)) {
		if (!*value)
			return dz_err_set(in->err, "%s is null", path);
		return true;
	}
	return need == DZ_JSON_OPTIONAL || dz_err_set(in->err, "%s is missing", path);
}

bool dz_json_text(struct dz_json_fields *in, const char *path, enum dz_json_need need, const char **text)
{
	struct json_object *value;
	const char *found;

	if (!dz_json_find(in, path, need, &value))
		return false;
	if (!value)
		return true;
	if (!check_type(in, value, json_type_string, path, strlen(path)))
		return false;
	found = json_object_get_string(value);
	if (strlen(found) != (size_t)json_object_get_string_len(value))
		return dz_err_set(in->err, "%s holds a NUL character", path);
	*text = found;
	return true;
}

bool dz_json_whole(struct json_object *value, uint64_t most, uint64_t *number)
{
	enum json_type type = json_object_get_type(value);

	if (type == json_type_int) {
		int64_t found = json_object_get_int64(value); /* the nearest, where it has more bits */
		if (found < 0 || (uint64_t)found > most)
			return false;
		*number = (uint64_t)found;
		return true;
	}
	if (type == json_type_double) {
		double found = json_object_get_double(value);
		if (!(found >= 0 && found <= (double)most) || found != floor(found))
			return false;
		*number = (uint64_t)found;
		return true;
	}
	return false;
}

static bool not_whole(struct dz_json_fields *in, const char *path, struct json_object *value, uint64_t most)
{
	enum json_type type = json_object_get_type(value);

	if (type != json_type_int && type != json_type_double)
		return check_type(in, value, json_type_int, path, strlen(path));
	return dz_err_set(in->err, "%s is %.40s, but must be a whole number from 0 to %llu", path,
			  json_object_to_json_string(value), (unsigned long long)most);
}

bool dz_json_number(struct dz_json_fields *in, const char *path, enum dz_json_need need, uint64_t most,
		    uint64_t *number)
{
	struct json_object *value;

	if (!dz_json_find(in, path, need, &value))
		return false;
	return !value || dz_json_whole(value, most, number) || not_whole(in, path, value, most);
}

bool dz_json_truth(struct dz_json_fields *in, const char *path, bool *truth)
{
	struct json_object *value;

	if (!dz_json_find(in, path, DZ_JSON_OPTIONAL, &value))
		return false;
	if (!value)
		return true;
	if (!check_type(in, value, json_type_boolean, path, strlen(path)))
		return false;
	*truth = json_object_get_boolean(value);
	return true;
}

bool dz_json_number_text(struct dz_json_fields *in, const char *path, enum dz_json_need need, unsigned most,
			 unsigned *number)
{
	const char *text = NULL;
	unsigned value = 0;
	size_t size;

	if (!dz_json_text(in, path, need, &text))
		return false;
	if (!text)
		return true;
	size = strspn(text, "0123456789");
	for (size_t i = 0; i < size && value <= most; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	if (size == 0 || text[size] || value > most)
		return dz_err_set(in->err, "%s is \"%.40s\", but must be a number from 0 to %u, in quotes", path, text,
				  most);
	*number = value;
	return true;
}

bool dz_json_time(struct dz_json_fields *in, const char *path, uint64_t *ns)
{
	const char *text = NULL;

	if (!dz_json_text(in, path, DZ_JSON_OPTIONAL, &text))
		return false;
	if (!text)
		return true;
	if (!dz_text_parse_time(text, ns))
		return dz_err_set(in->err, "%s is \"%.40s\", but must be a time like 2020-06-16T10:06:03.446123Z", path,
				  text);
	*ns -= *ns % 1000;
	return true;
}

bool dz_json_array(struct dz_json_fields *in, const char *path, enum dz_json_need need, struct json_object **array,
		   size_t *count)
{
	*count = 0;
	if (!dz_json_find(in, path, need, array))
		return false;
	if (!*array)
		return true;
	if (!check_type(in, *array, json_type_array, path, strlen(path)))
		return false;
	*count = (size_t)json_object_array_length(*array);
	return true;
}
