/* SPDX-License-Identifier: BSD-2-Clause */
/* json_get.h - members of JSON documents that come from outside, each checked where it is taken. Private to src/stats.
 */
#ifndef DISTRIBOOZE_JSON_GET_H
#define DISTRIBOOZE_JSON_GET_H

#include "base/err.h"
#include <json-c/json.h>
#include <stdint.h>

/* The largest whole number that JSON texts carry safely. */
#define DZ_JSON_GET_MAX ((uint64_t)INT64_MAX)

/* Where we are in the document, for messages: "profiles[3].total.". */
struct dz_json_place {
	char text[160];
	struct dz_err *err;
};

/* Each returns false with a message when the member is missing, of another type, or out of its range. What is got is
 * borrowed from the document. */
DZ_MUST_CHECK bool dz_json_get(const struct dz_json_place *place, struct json_object *object, const char *name,
			       enum json_type type, struct json_object **value);
DZ_MUST_CHECK bool dz_json_get_uint(const struct dz_json_place *place, struct json_object *object, const char *name,
				    uint64_t least, uint64_t largest, uint64_t *number);
DZ_MUST_CHECK bool dz_json_get_text(const struct dz_json_place *place, struct json_object *object, const char *name,
				    const char **text);
DZ_MUST_CHECK bool dz_json_get_truth(const struct dz_json_place *place, struct json_object *object, const char *name,
				     bool *truth);
/* An array of `count` elements. */
DZ_MUST_CHECK bool dz_json_get_array(const struct dz_json_place *place, struct json_object *object, const char *name,
				     size_t count, struct json_object **array);
/* An element that is a whole number; `name` is its array's. */
DZ_MUST_CHECK bool dz_json_get_element(const struct dz_json_place *place, struct json_object *value, const char *name,
				       uint64_t *number);

#endif
