/* SPDX-License-Identifier: BSD-2-Clause */
/* label_counts.c - see label_counts.h. */
#include "config.h"
#include "engine/label_counts.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

void dz_label_counts_add(struct dz_label_counts *t, const char *name, uint64_t flows, uint64_t packets, uint64_t bytes)
{
	size_t i = t->last;
	if (i >= t->count || strcmp(t->counts[i].name, name) != 0) {
		for (i = 0; i < t->count && strcmp(t->counts[i].name, name) != 0; i++)
			continue;
	}
	if (i == t->count) {
		void *block = t->counts;
		dz_mem_grow(&block, &t->capacity, t->count + 1, sizeof *t->counts);
		t->counts = block;
		t->counts[t->count++] = (struct dz_label_count){ dz_mem_strdup(name), 0, 0, 0 };
	}
	t->last = i;
	t->counts[i].flows += flows;
	t->counts[i].packets += packets;
	t->counts[i].bytes += bytes;
}

void dz_label_counts_release(struct dz_label_counts *t)
{
	for (size_t i = 0; i < t->count; i++)
		free((void *)(uintptr_t)t->counts[i].name);
	free(t->counts);
	*t = (struct dz_label_counts){ 0 };
}
