/* SPDX-License-Identifier: BSD-2-Clause */
/* rng.c - see rng.h. Only 64-bit integer arithmetic, so that every machine agrees. */
#include "config.h"
#include "math/rng.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio: SplitMix64's step */

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void dz_rng_init(struct dz_rng *rng, uint64_t seed)
{
	/* mix() is one-to-one and its four arguments differ, so at most one word is 0. */
	for (unsigned i = 0; i < 4; i++)
		rng->state[i] = mix(seed += GOLDEN);
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

uint64_t dz_rng_next(struct dz_rng *rng)
{
	uint64_t *s = rng->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate(s[3], 45);
	return result;
}

uint64_t dz_rng_below(struct dz_rng *rng, uint64_t limit)
{
	/* 2^64 mod limit: leaving out that many of the 2^64 words makes every remainder equally frequent. */
	uint64_t surplus = -limit % limit;
	uint64_t word;

	do
		word = dz_rng_next(rng);
	while (word < surplus);
	return word % limit;
}

double dz_rng_unit(struct dz_rng *rng)
{
	return (double)(dz_rng_next(rng) >> 11) * 0x1p-53;
}

void dz_rng_choose(struct dz_rng *rng, uint32_t *items, size_t count, size_t chosen)
{
	for (size_t i = 0; i < chosen; i++) {
		size_t j = i + (size_t)dz_rng_below(rng, count - i);
		uint32_t item = items[i];
		items[i] = items[j];
		items[j] = item;
	}
}

uint64_t dz_rng_derive(uint64_t seed, uint64_t part)
{
	return mix(mix(seed + GOLDEN) + (part + 1) * GOLDEN);
}
