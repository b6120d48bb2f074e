/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json_fields.h - looks up the fields of a parsed line by their paths and checks what they are.
 *
 * Private to the reader. Each function returns false with an error that names the path. A field that is optional and
 * not there is no error: the value is left alone. */
#ifndef DISTRIBOOZE_RECORD_JSON_FIELDS_H
#define DISTRIBOOZE_RECORD_JSON_FIELDS_H

#include "base/err.h"
#include <json-c/json.h>
#include <stdint.h>

#define DZ_JSON_NUMBER_MOST (UINT64_C(1) << 53) /* what a reader that knows doubles only can tell apart */

struct dz_json_fields {
	struct json_object *root; /* borrowed */
	struct dz_err *err;       /* borrowed */

	/* private: the object that was found last, since fields are asked for group by group */
	const char *prefix; /* of a path, up to and with the last point; NULL: none */
	size_t prefix_size;
	struct json_object *parent;
};

enum dz_json_need { DZ_JSON_OPTIONAL, DZ_JSON_REQUIRED };

/* "null", "a number", "an object", ... */
const char *dz_json_type_words(enum json_type type);

/* Looks up "a.b.c" from the root. *value is NULL when it, or an object on the way, is not there. Anything on the way
 * that is not an object is an error. */
bool dz_json_find(struct dz_json_fields *in, const char *path, enum dz_json_need need, struct json_object **value);

/* Strings live as long as the tree. */
bool dz_json_text(struct dz_json_fields *in, const char *path, enum dz_json_need need, const char **text);
/* A whole number from 0 to `most`, which is at most DZ_JSON_NUMBER_MOST; 3.0 is whole. */
bool dz_json_number(struct dz_json_fields *in, const char *path, enum dz_json_need need, uint64_t most,
		    uint64_t *number);
/* A whole number that the format prints as a string. */
bool dz_json_number_text(struct dz_json_fields *in, const char *path, enum dz_json_need need, unsigned most,
			 unsigned *number);
bool dz_json_truth(struct dz_json_fields *in, const char *path, bool *truth);
/* Cut to microseconds, as the format has it. */
bool dz_json_time(struct dz_json_fields *in, const char *path, uint64_t *ns);
/* *array is NULL and *count 0 when it is not there. */
bool dz_json_array(struct dz_json_fields *in, const char *path, enum dz_json_need need, struct json_object **array,
		   size_t *count);
/* Whether a value is a whole number from 0 to `most`. */
bool dz_json_whole(struct json_object *value, uint64_t most, uint64_t *number);

#endif
