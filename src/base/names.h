/* SPDX-License-Identifier: BSD-2-Clause */
/* names.h - tables of names: NULL-terminated, in the order of the enum that they name. What options offer, what JSON
 * says, and what is read back, come from the same table. */
#ifndef DISTRIBOOZE_NAMES_H
#define DISTRIBOOZE_NAMES_H

#include "base/strbuf.h"
#include <string.h>

/* The index of a name; -1 when the table does not have it. */
static inline int dz_names_find(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* Appends "a, b, c". */
static inline void dz_names_list(const char *const *names, struct dz_strbuf *out)
{
	for (int i = 0; names[i]; i++)
		dz_strbuf_addf(out, "%s%s", i ? ", " : "", names[i]);
}

#endif
