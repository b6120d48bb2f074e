/* SPDX-License-Identifier: BSD-2-Clause */
/* truth.h - labels of flows from outside: a CSV file, so that the labels of nDPI are not judged by nDPI.
 *
 * Its first line names the columns. One is `label`; another is what the flow is known by, the first of these that is
 * there: `event.id` (or `id`), `community_id` (or `network.community_id`), `input`. Other columns are passed over. */
#ifndef DISTRIBOOZE_TRUTH_H
#define DISTRIBOOZE_TRUTH_H

#include "base/intern.h"
#include "record/record.h"

enum dz_truth_key { DZ_TRUTH_ID, DZ_TRUTH_COMMUNITY_ID, DZ_TRUTH_INPUT };

struct dz_truth {
	enum dz_truth_key by;
	struct dz_intern keys, labels;
	uint32_t *label; /* owned: by number of key */
	bool *used;      /* owned: by number of key: a flow had it */
	size_t label_capacity, used_capacity;
	uint64_t without; /* flows that it says nothing of */
};

/* Reads the file. False, with a message that names it and the line. */
DZ_MUST_CHECK bool dz_truth_read(struct dz_truth *truth, const char *path, struct dz_err *err);
void dz_truth_release(struct dz_truth *truth);

/* The flow's label; NULL, and counted, when nothing is said of it. Borrowed. */
const char *dz_truth_of(struct dz_truth *truth, const struct dz_record *record, const char *input);

/* How many of its rows no flow was found for. */
uint64_t dz_truth_unused(const struct dz_truth *truth);

#endif
