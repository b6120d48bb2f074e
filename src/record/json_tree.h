/* SPDX-License-Identifier: BSD-2-Clause */
/* json_tree.h - a whole JSON document as json-c's tree.
 *
 * Read by json_scan.h, whose JSON is that of lines, and built by json_build.h: json-c's own parser leaves out members
 * and ends of texts where it gets no memory, and does not say so. */
#ifndef DISTRIBOOZE_JSON_TREE_H
#define DISTRIBOOZE_JSON_TREE_H

#include "base/err.h"
#include <json-c/json.h>
#include <stddef.h>

/* The document's object, given to the caller; NULL with a message that says what is wrong at which byte. What is no
 * UTF-8 is refused. Of members of one name the last counts; numbers that are written as whole ones and fit into 64 bits
 * with a sign are of json_type_int, all others of json_type_double. */
struct json_object *dz_json_tree(const char *text, size_t size, struct dz_err *err);

#endif
