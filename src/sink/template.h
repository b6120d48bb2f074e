/* SPDX-License-Identifier: BSD-2-Clause */
/* template.h - the index template that Elasticsearch and OpenSearch need to take bulk lines for what they are.
 *
 * A composable index template (PUT _index_template/NAME) for the data streams logs-distribooze.flow-*, with a mapping
 * for every member that record.def lists. Its priority is 501, above that of the templates that the engines bring along
 * for logs-*-*. Arrays are neither indexed nor kept in columns: an engine cannot tell their places apart. */
#ifndef DISTRIBOOZE_TEMPLATE_H
#define DISTRIBOOZE_TEMPLATE_H

#include "base/strbuf.h"
#include "record/record.h"

enum dz_template_engine { DZ_TEMPLATE_ELASTICSEARCH, DZ_TEMPLATE_OPENSEARCH };
extern const char *const dz_template_engines[]; /* "elasticsearch", "opensearch", NULL */

struct dz_template {
	struct dz_hist_shape shape;
	unsigned values;                /* a set of enum dz_values: whether there are named bins and vectors */
	enum dz_template_engine engine; /* matters for vectors only */
};

/* Appends the template as JSON, in lines. It raises the limit on fields where the bins need it. */
void dz_template_add(const struct dz_template *config, struct dz_strbuf *out);

#endif
