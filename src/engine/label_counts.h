/* SPDX-License-Identifier: BSD-2-Clause */
/* label_counts.h - flows, packets and bytes for each label of a run. */
#ifndef DISTRIBOOZE_LABEL_COUNTS_H
#define DISTRIBOOZE_LABEL_COUNTS_H

#include "base/intern.h"
#include <stddef.h>
#include <stdint.h>

/* Flows of one label, for the accounting. */
struct dz_label_count {
	const char *name; /* owned by the stats */
	uint64_t flows;   /* with one-way records: one-way flows. An interim record is not counted */
	uint64_t packets, bytes;
};

struct dz_label_counts {
	struct dz_label_count *counts; /* owned, and their names */
	size_t count, capacity;
	struct dz_intern numbers; /* private: their places, by name */
	size_t last;              /* private: the one that was counted last */
};

/* Adds to a label's sums; the label is made when it is new. `name` is borrowed for the call. */
void dz_label_counts_add(struct dz_label_counts *t, const char *name, uint64_t flows, uint64_t packets, uint64_t bytes);
/* The sums, in the order in which the labels came; given, with their names. Nothing is left here. */
struct dz_label_count *dz_label_counts_take(struct dz_label_counts *t, size_t *count);
void dz_label_counts_release(struct dz_label_counts *t);

#endif
