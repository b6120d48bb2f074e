/* SPDX-License-Identifier: BSD-2-Clause */
/* label_counts.c - see label_counts.h. */
#include "config.h"
#include "engine/label_counts.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

/* The names are the lines' that are read, so that there may be as many as lines. */
static size_t place_of(struct dz_label_counts *t, const char *name)
{
	size_t i = dz_intern_add_text(&t->numbers, name);

	if (i == t->count) {
		void *block = t->counts;
		dz_mem_grow(&block, &t->capacity, t->count + 1, sizeof *t->counts);
		t->counts = block;
		t->counts[t->count++] = (struct dz_label_count){ dz_mem_strdup(name), 0, 0, 0 };
	}
	return i;
}

void dz_label_counts_add(struct dz_label_counts *t, const char *name, uint64_t flows, uint64_t packets, uint64_t bytes)
{
	if (t->last >= t->count || strcmp(t->counts[t->last].name, name) != 0)
		t->last = place_of(t, name);
	t->counts[t->last].flows += flows;
	t->counts[t->last].packets += packets;
	t->counts[t->last].bytes += bytes;
}

struct dz_label_count *dz_label_counts_take(struct dz_label_counts *t, size_t *count)
{
	struct dz_label_count *counts = t->counts;

	*count = t->count;
	dz_intern_release(&t->numbers);
	*t = (struct dz_label_counts){ 0 };
	return counts;
}

void dz_label_counts_release(struct dz_label_counts *t)
{
	for (size_t i = 0; i < t->count; i++)
		free((void *)(uintptr_t)t->counts[i].name);
	free(t->counts);
	dz_intern_release(&t->numbers);
	*t = (struct dz_label_counts){ 0 };
}
