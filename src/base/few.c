/* SPDX-License-Identifier: BSD-2-Clause */
/* few.c - see few.h. */
#include "config.h"
#include "base/few.h"

enum { TOLD = 3 };

void dz_few_init(struct dz_few *few)
{
	few->count = 0;
	dz_strbuf_init(&few->names);
}

void dz_few_release(struct dz_few *few)
{
	dz_strbuf_release(&few->names);
}

void dz_few_add(struct dz_few *few, const char *name)
{
	if (few->count++ < TOLD)
		dz_strbuf_addf(&few->names, "%s%s", few->count > 1 ? ", " : "", name);
	else if (few->count == TOLD + 1)
		dz_strbuf_addf(&few->names, ", ...");
}

const char *dz_few_text(const struct dz_few *few)
{
	return few->names.data;
}
