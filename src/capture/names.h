/* SPDX-License-Identifier: BSD-2-Clause */
/* names.h - names of interfaces, each kept once and for as long as the source. Private to src/capture. */
#ifndef DISTRIBOOZE_NAMES_H
#define DISTRIBOOZE_NAMES_H

#include "base/intern.h"

struct dz_names {
	struct dz_intern numbers;
	char **texts; /* owned, each: by number */
	size_t capacity;
};

void dz_names_init(struct dz_names *names);
void dz_names_release(struct dz_names *names);

/* The kept name, borrowed until names are released; NULL for an empty one. `size` bytes without a NUL among them, or up
 * to the first one. */
const char *dz_names_keep(struct dz_names *names, const char *text, size_t size);

#endif
