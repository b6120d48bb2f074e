/* SPDX-License-Identifier: BSD-2-Clause */
/* drift.h - how far groups have moved from a baseline, in words and as JSON. */
#ifndef DISTRIBOOZE_RENDER_DRIFT_H
#define DISTRIBOOZE_RENDER_DRIFT_H

#include "base/strbuf.h"
#include "math/distance.h"
#include "stats/drift.h"

struct json_object;

/* One word: "within" and "beyond" what the baseline's own inputs differ by, "few-inputs", "empty". */
const char *dz_drift_code(const struct dz_drift_row *row);

/* What is said of a group, without its name and without a newline. */
void dz_drift_sentence(const struct dz_drift_row *row, const struct dz_axis *axis, enum dz_metric metric,
		       struct dz_strbuf *out);

/* All of it; `name` is the baseline's. The object is given to the caller. */
void dz_drift_text(const struct dz_drift *drift, const char *name, const struct dz_axis *axis, enum dz_metric metric,
		   struct dz_strbuf *out);
struct json_object *dz_drift_json(const struct dz_drift *drift, const char *name, const struct dz_axis *axis,
				  enum dz_metric metric);

#endif
