/* SPDX-License-Identifier: BSD-2-Clause */
/* score_lines.h - the JSON lines of scored flows, made by several threads and told in their order.
 *
 * Finding what a flow is like is quick, and remembers flows that look the same; putting it into the line is two thirds
 * of the work, and each line is by itself. So lines and scores are kept until there are enough, and then made together.
 */
#ifndef DISTRIBOOZE_SCORE_LINES_H
#define DISTRIBOOZE_SCORE_LINES_H

#include "base/strbuf.h"
#include "input/dataset.h"
#include "stats/score.h"

struct dz_score_lines; /* opaque */

/* Library and options are borrowed. */
struct dz_score_lines *dz_score_lines_new(const struct dz_library *library, const struct dz_score_options *options,
					  unsigned threads);
void dz_score_lines_free(struct dz_score_lines *lines);

/* Keeps a copy of the score and the line, which is the item's or was written for it. True when there are enough. */
bool dz_score_lines_add(struct dz_score_lines *lines, const struct dz_score *score, const struct dz_dataset_item *item,
			const char *line, size_t size);

/* Called for each line in its order, and with NULL for one that cannot be made; borrowed. */
typedef void dz_score_lines_fn(void *context, const struct dz_score *score, const struct dz_strbuf *made);

/* Makes all that are kept and forgets them. False at the first that cannot be made, with a message that says where it
 * stands; it is the last that is told. */
DZ_MUST_CHECK bool dz_score_lines_make(struct dz_score_lines *lines, dz_score_lines_fn *take, void *context,
				       struct dz_err *err);

#endif
