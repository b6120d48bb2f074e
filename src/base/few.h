/* SPDX-License-Identifier: BSD-2-Clause */
/* few.h - the first few of many names, for a message: "a, b, c, ...". */
#ifndef DISTRIBOOZE_FEW_H
#define DISTRIBOOZE_FEW_H

#include "base/strbuf.h"

struct dz_few {
	size_t count;           /* of all that were added */
	struct dz_strbuf names; /* private: of the first few */
};

void dz_few_init(struct dz_few *few);
void dz_few_release(struct dz_few *few);
void dz_few_add(struct dz_few *few, const char *name);

/* Borrowed until more are added; ends with ", ..." where there are more than a few. NULL where there are none. */
const char *dz_few_text(const struct dz_few *few);

#endif
