/* record_json_fields.h - looks up the fields of a parsed line by their paths and checks what they are.
 *
 * Private to the reader. Each function returns false with an error that names the path. A field that is optional and
 * not there is no error: the value is left alone. */
#ifndef DISTRIBOOZE_RECORD_JSON_FIELDS_H
#define DISTRIBOOZE_RECORD_JSON_FIELDS_H

#include "distribooze/err.h"
#include <json-c/json.h>
#include <stdint.h>

#define DZ_JSON_NUMBER_MOST (UINT64_C(1) << 53) /* what a reader that knows doubles only can tell apart */

struct dz_json_fields {
	struct json_object *root; /* borrowed */
	struct dz_err *err;       /* borrowed */
};

enum dz_json_need { DZ_JSON_OPTIONAL, DZ_JSON_REQUIRED };

/* Looks up "a.b.c" from the root. *value is NULL when it, or an object on the way, is not there. Anything on the way
 * that is not an object is an error. */
bool dz_json_find(const struct dz_json_fields *in, const char *path, enum dz_json_need need,
		  struct json_object **value);

/* Strings live as long as the tree. */
bool dz_json_text(const struct dz_json_fields *in, const char *path, enum dz_json_need need, const char **text);
/* A whole number from 0 to `most`, which is at most DZ_JSON_NUMBER_MOST; 3.0 is whole. */
bool dz_json_number(const struct dz_json_fields *in, const char *path, enum dz_json_need need, uint64_t most,
		    uint64_t *number);
/* A whole number that the format prints as a string. */
bool dz_json_number_text(const struct dz_json_fields *in, const char *path, enum dz_json_need need, unsigned most,
			 unsigned *number);
bool dz_json_truth(const struct dz_json_fields *in, const char *path, bool *truth);
bool dz_json_time(const struct dz_json_fields *in, const char *path, uint64_t *ns);
/* *array is NULL and *count 0 when it is not there. */
bool dz_json_array(const struct dz_json_fields *in, const char *path, enum dz_json_need need,
		   struct json_object **array, size_t *count);
/* An element as a whole number. */
bool dz_json_element_number(const struct dz_json_fields *in, const char *path, struct json_object *array, size_t i,
			    uint64_t most, uint64_t *number);

#endif
