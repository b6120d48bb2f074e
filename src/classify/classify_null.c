/* SPDX-License-Identifier: BSD-2-Clause */
/* classify_null.c - the classifier that calls every flow "Unknown" and looks at nothing. */
#include "config.h"
#include "classify/classify.h"

#include "classify/classify_internal.h"
#include "base/mem.h"
#include <stdlib.h>

static void null_free(struct dz_classifier *classifier)
{
	free(classifier);
}

static void null_packet(struct dz_classifier *classifier, struct dz_classify_state **state, const struct dz_packet *pkt,
			uint64_t time_ns, bool from_initiator, struct dz_label *label)
{
	(void)classifier, (void)state, (void)pkt, (void)time_ns, (void)from_initiator;
	label->settled = true;
}

static void null_finish(struct dz_classifier *classifier, struct dz_classify_state **state, struct dz_label *label)
{
	(void)classifier, (void)state;
	label->settled = true;
}

static void null_saw_both(struct dz_classifier *classifier, struct dz_label *label)
{
	(void)classifier, (void)label;
}

static void null_describe(struct dz_classifier *classifier, const struct dz_label *label, struct dz_label_text *text)
{
	(void)classifier, (void)label;
	*text = dz_classify_unknown;
}

static const struct dz_classifier_ops null_ops = { null_free, null_packet, null_finish, null_saw_both, null_describe };

struct dz_classifier *dz_classifier_new_null(void)
{
	struct dz_classifier *classifier = dz_mem_zalloc(1, sizeof *classifier);
	classifier->ops = &null_ops;
	return classifier;
}
