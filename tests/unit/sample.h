/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.h - records made by hand, for the tests of everything that writes or reads records. */
#ifndef DISTRIBOOZE_TESTS_SAMPLE_H
#define DISTRIBOOZE_TESTS_SAMPLE_H

#include "record/record.h"

/* A record and all that it points to. */
struct sample {
	struct dz_record record;
	struct dz_label label;
	struct dz_label_text text;
	struct dz_label_detail detail;      /* not pointed to until sample_with_detail() */
	uint64_t bins[3][DZ_HIST_MAX_BINS]; /* both, source, destination */
};

/* A TCP flow of three packets from 192.168.1.148:52822 (52 and 84 bytes) and one of 1500 bytes from
 * 37.187.120.118:27122, labelled SSH. */
void sample_init(struct sample *sample);
void sample_with_detail(struct sample *sample);

/* Counts one length in the vectors, minimum, maximum, sum and counts. */
void sample_add(struct sample *sample, unsigned side, uint32_t length, uint64_t times);

/* Adds what newer releases of nDPI tell; nothing reads it back. */
void sample_with_more(struct sample *sample);

#endif
