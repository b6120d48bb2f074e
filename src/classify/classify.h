/* SPDX-License-Identifier: BSD-2-Clause */
/* classify.h - gives a flow its label by looking into its first packets.
 *
 * One classifier per shard, made one after another (nDPI's initialisation is
 * not safe side by side). classify_ndpi*.c are the only files that know nDPI;
 * a build without it has classify_port.c in their place, which goes by port.
 * classify_null.c labels everything "Unknown" and costs nothing. */
#ifndef DISTRIBOOZE_CLASSIFY_H
#define DISTRIBOOZE_CLASSIFY_H

#include "base/err.h"
#include "record/label.h"
#include "record/packet.h"
#include <pthread.h>

#define DZ_CLASSIFY_SETTINGS 64

/* For classifiers that are made and freed while others are at work: they are so one at a time. What nDPI's contexts
 * share is the functions for memory and tables, which are set with the first and then only looked at, and counts that
 * only making and freeing touch. */
struct dz_classify_turn {
	pthread_mutex_t lock;
	bool started; /* what is set once is set; under the lock */
};

struct dz_classify_config {
	bool guess;                  /* fall back to ports and addresses */
	const char *protocols_file;  /* nDPI's protocols file, or NULL; borrowed */
	const char *categories_file; /* nDPI's categories file, or NULL; borrowed */
	/* Settings of nDPI's own, each "PROTOCOL,NAME,VALUE", with PROTOCOL empty for those of all: borrowed. */
	const char *settings[DZ_CLASSIFY_SETTINGS];
	size_t setting_count;
	struct dz_classify_turn *turn; /* borrowed; NULL: no other is at work when one is made or freed */
	size_t most_whole;             /* what is remembered of more flows than these is packed; 0: of 16,384 */
};

void dz_classify_turn_init(struct dz_classify_turn *turn);
void dz_classify_turn_release(struct dz_classify_turn *turn);

struct dz_classifier;     /* opaque */
struct dz_classify_state; /* what the classifier remembers of one flow; opaque */

/* Whether nDPI will understand the files that the configuration names; the message has file and line.
 * dz_classifier_new() looks too: this is for those who want to know earlier. */
DZ_MUST_CHECK bool dz_classify_check(const struct dz_classify_config *config, struct dz_err *err);

/* NULL with a message when nDPI cannot be set up or does not understand a file. */
DZ_MUST_CHECK struct dz_classifier *dz_classifier_new(const struct dz_classify_config *config, struct dz_err *err);
struct dz_classifier *dz_classifier_new_null(void);
void dz_classifier_free(struct dz_classifier *classifier);

/* Looks at one packet of a flow. *state is NULL before the first packet, owned by the classifier's
 * caller in between, and NULL again once label->settled: then no more packets need be shown. */
void dz_classifier_packet(struct dz_classifier *classifier, struct dz_classify_state **state,
			  const struct dz_packet *pkt, uint64_t time_ns, bool from_initiator, struct dz_label *label);

/* The flow ended: settles the label, and frees and clears *state (which may be NULL already). */
void dz_classifier_finish(struct dz_classifier *classifier, struct dz_classify_state **state, struct dz_label *label);

/* The flow has packets of both sides: takes back what was only said because the classifier, which stops looking when
 * it knows the protocol, had seen but one. Does nothing where there is nothing to take back. */
void dz_classifier_saw_both(struct dz_classifier *classifier, struct dz_label *label);

/* The label in words; the strings are borrowed from the classifier. */
void dz_classifier_describe(struct dz_classifier *classifier, const struct dz_label *label, struct dz_label_text *text);

/* What gives the labels, for --version: "nDPI 4.2.0", from nDPI 6.0 on with what it was told of its use: ", used as:
 * not-for-profit"; "no nDPI: labels by port". */
const char *dz_classify_library(void);

#endif
