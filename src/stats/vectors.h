/* SPDX-License-Identifier: BSD-2-Clause */
/* vectors.h - the distributions of very many flows in little memory.
 *
 * Numbers only: no flows, no JSON, no files.  Flows whose counts have the same
 * ratios have the same distribution, which is kept once: its counts, divided
 * by their greatest common divisor, as a few bytes for each bin that is not
 * empty (some 40 bytes a distribution in all). */
#ifndef DISTRIBOOZE_VECTORS_H
#define DISTRIBOOZE_VECTORS_H

#include "math/distance.h"
#include "base/intern.h"

struct dz_vectors {
	struct dz_intern runs; /* private */
	uint8_t *scratch;      /* private */
	uint32_t bins;
};

void dz_vectors_init(struct dz_vectors *vectors, uint32_t bins);
void dz_vectors_release(struct dz_vectors *vectors);

/* The number of the distribution, dense from 0. Counts are borrowed. */
uint32_t dz_vectors_add(struct dz_vectors *vectors, const uint64_t *counts);

/* How many distinct ones there are. */
uint32_t dz_vectors_count(const struct dz_vectors *vectors);

/* Whether the distribution has no counts at all. */
bool dz_vectors_is_empty(const struct dz_vectors *vectors, uint32_t number);

/* Writes `bins` counts, divided by their greatest common divisor; returns their sum. */
uint64_t dz_vectors_counts(const struct dz_vectors *vectors, uint32_t number, uint64_t *counts);

/* Writes the vector, as distance.h has it. */
void dz_vectors_get(const struct dz_vectors *vectors, uint32_t number, double *vector);

#endif
