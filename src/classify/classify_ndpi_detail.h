/* SPDX-License-Identifier: BSD-2-Clause */
/* classify_ndpi_detail.h - what nDPI found in a flow beside the label. Private to classify_ndpi*.c. */
#ifndef DISTRIBOOZE_CLASSIFY_NDPI_DETAIL_H
#define DISTRIBOOZE_CLASSIFY_NDPI_DETAIL_H

#include "record/label.h"
#include "classify/ndpi_compat.h"

/* Everything that the record has a member for, of a flow that has this label: given, as dz_label_pack() does; NULL when
 * nothing is known. */
struct dz_label_packed *dz_ndpi_find_detail(struct ndpi_detection_module_struct *module,
					    const struct ndpi_flow_struct *flow, ndpi_protocol result,
					    const struct dz_label *label);

#endif
