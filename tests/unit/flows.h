/* SPDX-License-Identifier: BSD-2-Clause */
/* flows.h - flows of a few bins, for the tests of the statistics. */
#ifndef DISTRIBOOZE_TESTS_FLOWS_H
#define DISTRIBOOZE_TESTS_FLOWS_H

#include "sample.h"

#define FLOWS_BINS 4u /* of 32 bytes: 0, 32, 64, and 96 and above */

/* A flow of that label (borrowed) with so many packets per bin from each side, of 10 bytes each. */
void flows_make(struct sample *sample, const char *label, const uint64_t source[FLOWS_BINS],
		const uint64_t destination[FLOWS_BINS]);

#endif
