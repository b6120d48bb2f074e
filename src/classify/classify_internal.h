/* SPDX-License-Identifier: BSD-2-Clause */
/* classify_internal.h - what a kind of classifier provides. Shared by classify*.c only. */
#ifndef DISTRIBOOZE_CLASSIFY_INTERNAL_H
#define DISTRIBOOZE_CLASSIFY_INTERNAL_H

#include "classify/classify.h"

struct dz_classifier_ops {
	void (*free)(struct dz_classifier *classifier);
	void (*packet)(struct dz_classifier *classifier, struct dz_classify_state **state, const struct dz_packet *pkt,
		       uint64_t time_ns, bool from_initiator, struct dz_label *label);
	void (*finish)(struct dz_classifier *classifier, struct dz_classify_state **state, struct dz_label *label);
	void (*saw_both)(struct dz_classifier *classifier, struct dz_label *label);
	void (*describe)(struct dz_classifier *classifier, const struct dz_label *label, struct dz_label_text *text);
};

struct dz_classifier {
	const struct dz_classifier_ops *ops; /* first member of every kind */
};

/* What is said of a flow of which nothing is known, by a classifier without nDPI: its version is "none". */
extern const struct dz_label_text dz_classify_unknown;

/* A label in lower case (ASCII). Given. */
char *dz_classify_lower(const char *label);

#endif
