/* SPDX-License-Identifier: BSD-2-Clause */
/* json_build.h - JSON for whoever writes some: values that are there or the program is not.
 *
 * Where memory is out, json-c's own constructors give NULL, and a tree with NULL in it is written with `null` for a
 * number, and a text that could not grow is short of what did not fit; so all building and printing is done by these.
 */
#ifndef DISTRIBOOZE_JSON_BUILD_H
#define DISTRIBOOZE_JSON_BUILD_H

#include "record/hist.h"
#include "base/strbuf.h"
#include <json-c/json.h>
#include <stdint.h>

/* Each is given to the caller, who adds it to an object or array. */
struct json_object *dz_json_build_object(void);
struct json_object *dz_json_build_array(void);
struct json_object *dz_json_build_bool(bool value);
struct json_object *dz_json_build_int(int64_t value);
struct json_object *dz_json_build_word(const char *word); /* UTF-8, as all text of our own */

/* The value is taken; NULL is `null`, where that is meant. */
void dz_json_build_add(struct json_object *object, const char *name, struct json_object *value);
void dz_json_build_append(struct json_object *array, struct json_object *value);

/* The shortest text that reads back as the same double; not finite: 0. */
struct json_object *dz_json_build_real(double value);
struct json_object *dz_json_build_real_as(double value, const char *text); /* written as the text */
struct json_object *dz_json_build_reals(const double *values, size_t count);
struct json_object *dz_json_build_uint(uint64_t value);
struct json_object *dz_json_build_uints(const uint64_t *values, size_t count);
/* Any bytes: what is no UTF-8 becomes U+FFFD. */
struct json_object *dz_json_build_text(const char *text);
struct json_object *dz_json_build_text_of(const char *text, size_t size);

/* Adds an empty object, and returns it: borrowed from the parent. */
struct json_object *dz_json_build_child(struct json_object *parent, const char *name);
void dz_json_build_put(struct json_object *object, const char *name, uint64_t value);

/* Adds "layer", "bin_width" and "bins". */
void dz_json_build_shape(struct json_object *object, const struct dz_hist_shape *shape);

/* The same value as no more than its text, some twentieth of a tree's size: for members of long arrays. The value is
 * taken, and what is given can be added and written, but no more looked into. */
struct json_object *dz_json_build_flat(struct json_object *value);

/* Appends what was built here as text. */
void dz_json_build_write(struct json_object *value, struct dz_strbuf *out);

/* Appends the object as one line, with its newline, and drops it. */
void dz_json_build_finish(struct json_object *object, struct dz_strbuf *out);

const char *dz_json_library_version(void); /* of json-c: "0.16" */

#endif
