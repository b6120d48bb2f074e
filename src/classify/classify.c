/* SPDX-License-Identifier: BSD-2-Clause */
/* classify.c - see classify.h: hands each call to the kind of classifier that was made. */
#include "config.h"
#include "classify/classify.h"

#include "classify/classify_internal.h"
#include "base/mem.h"
#include <ctype.h>

const struct dz_label_text dz_classify_unknown = {
	.application = "Unknown",
	.protocol = "Unknown",
	.network_protocol = "unknown",
	.network_application = "unknown",
	.category = "Unspecified",
	.breed = "Unrated",
	.confidence = "Unknown",
	.version = "none",
};

char *dz_classify_lower(const char *label)
{
	char *copy = dz_mem_strdup(label);
	for (char *p = copy; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

void dz_classify_turn_init(struct dz_classify_turn *turn)
{
	pthread_mutex_init(&turn->lock, NULL);
	turn->started = false;
}

void dz_classify_turn_release(struct dz_classify_turn *turn)
{
	pthread_mutex_destroy(&turn->lock);
}

void dz_classifier_free(struct dz_classifier *classifier)
{
	if (classifier)
		classifier->ops->free(classifier);
}

void dz_classifier_packet(struct dz_classifier *classifier, struct dz_classify_state **state,
			  const struct dz_packet *pkt, uint64_t time_ns, bool from_initiator, struct dz_label *label)
{
	classifier->ops->packet(classifier, state, pkt, time_ns, from_initiator, label);
}

void dz_classifier_finish(struct dz_classifier *classifier, struct dz_classify_state **state, struct dz_label *label)
{
	classifier->ops->finish(classifier, state, label);
}

void dz_classifier_saw_both(struct dz_classifier *classifier, struct dz_label *label)
{
	classifier->ops->saw_both(classifier, label);
}

void dz_classifier_describe(struct dz_classifier *classifier, const struct dz_label *label, struct dz_label_text *text)
{
	classifier->ops->describe(classifier, label, text);
}
