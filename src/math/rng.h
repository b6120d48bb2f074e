/* SPDX-License-Identifier: BSD-2-Clause */
/* rng.h - a small seeded generator: the same numbers on every machine.
 *
 * xoshiro256** by Blackman and Vigna ("Scrambled Linear Pseudorandom Number
 * Generators", ACM TOMS 47, 2021), its state filled from the seed by
 * SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), as its authors advise.
 * For permutations and samples; not for secrets. */
#ifndef DISTRIBOOZE_RNG_H
#define DISTRIBOOZE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct dz_rng {
	uint64_t state[4]; /* private; never all zero */
};

void dz_rng_init(struct dz_rng *rng, uint64_t seed);

/* 64 random bits. */
uint64_t dz_rng_next(struct dz_rng *rng);

/* Uniform in 0..limit-1, without bias; limit is at least 1. */
uint64_t dz_rng_below(struct dz_rng *rng, uint64_t limit);

/* Uniform in [0, 1), a multiple of 2^-53. */
double dz_rng_unit(struct dz_rng *rng);

/* Moves a random choice of `chosen` of the items to the front, in random order; chosen = count shuffles all. */
void dz_rng_choose(struct dz_rng *rng, uint32_t *items, size_t count, size_t chosen);

/* A seed for the part numbered `part` of a job with one seed: parts may then run in any order. */
uint64_t dz_rng_derive(uint64_t seed, uint64_t part);

#endif
