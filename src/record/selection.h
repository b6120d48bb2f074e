/* SPDX-License-Identifier: BSD-2-Clause */
/* selection.h - which records are wanted: by label, and by number of packets. */
#ifndef DISTRIBOOZE_SELECTION_H
#define DISTRIBOOZE_SELECTION_H

#include "record/record.h"

struct dz_selection {
	uint64_t min_packets; /* in both directions */
	char **labels;        /* owned; whatever their case. None: all */
	size_t label_count, label_capacity;
};

/* Adds the names of a list with commas; false when there is none in it. */
bool dz_selection_add_labels(struct dz_selection *selection, const char *list);
void dz_selection_release(struct dz_selection *selection);

/* Whether a label is one of the selection's: the index of the first that it is, or -1. */
int dz_selection_label(const struct dz_selection *selection, const char *label);

/* Whether the record is wanted. May be asked by several threads. */
bool dz_selection_takes(const struct dz_selection *selection, const struct dz_record *record);

#endif
