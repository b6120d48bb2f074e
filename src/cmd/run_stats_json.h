/* SPDX-License-Identifier: BSD-2-Clause */
/* run_stats_json.h - the accounting record of a run as one JSON object. docs/RECORD.md describes it. */
#ifndef DISTRIBOOZE_RUN_STATS_JSON_H
#define DISTRIBOOZE_RUN_STATS_JSON_H

#include "engine/engine.h"
#include "base/strbuf.h"

struct json_object;

/* The object, given to the caller. */
struct json_object *dz_run_stats_object(const struct dz_run_stats *account, const struct dz_inputs *inputs);
/* Appends the object and a newline. */
void dz_run_stats_json(const struct dz_run_stats *account, const struct dz_inputs *inputs, struct dz_strbuf *out);

/* Reads such an object back, to go on where its run ended: skip[i] is set to the packets that were read of input i. Its
 * paths that are none of the inputs are counted. False, with a message, when the text is no such object. */
DZ_MUST_CHECK bool dz_run_stats_read(const char *text, const struct dz_inputs *inputs, uint64_t *skip, size_t *unknown,
				     struct dz_err *err);

#endif
