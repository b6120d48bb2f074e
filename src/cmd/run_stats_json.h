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

#endif
