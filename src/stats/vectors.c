/* SPDX-License-Identifier: BSD-2-Clause */
/* vectors.c - see vectors.h. A run is pairs of LEB128 numbers: bins skipped, and the count of the bin that follows. */
#include "config.h"
#include "stats/vectors.h"

#include "record/hist.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES_OF_A_BIN = 12 }; /* 2 for the bins skipped (fewer than 2^14), 10 for a 64-bit count */

void dz_vectors_init(struct dz_vectors *vectors, uint32_t bins)
{
	dz_intern_init(&vectors->runs);
	vectors->bins = bins;
	vectors->scratch = dz_mem_alloc((size_t)bins * MAX_BYTES_OF_A_BIN);
}

void dz_vectors_release(struct dz_vectors *vectors)
{
	dz_intern_release(&vectors->runs);
	free(vectors->scratch);
	vectors->scratch = NULL;
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

static uint8_t *put(uint8_t *to, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*to++ = (uint8_t)(value | 0x80);
	*to++ = (uint8_t)value;
	return to;
}

static const uint8_t *take(const uint8_t *from, uint64_t *value)
{
	unsigned shift = 0;

	for (*value = 0; *from & 0x80; shift += 7)
		*value |= (uint64_t)(*from++ & 0x7f) << shift;
	*value |= (uint64_t)*from++ << shift;
	return from;
}

uint32_t dz_vectors_add(struct dz_vectors *vectors, const uint64_t *counts)
{
	uint8_t *to = vectors->scratch;
	uint64_t divisor = 0;
	uint32_t next = 0;

	for (uint32_t i = 0; i < vectors->bins && divisor != 1; i++)
		if (counts[i])
			divisor = greatest_common_divisor(counts[i], divisor);
	for (uint32_t i = 0; i < vectors->bins; i++) {
		if (!counts[i])
			continue;
		to = put(to, i - next);
		to = put(to, counts[i] / divisor);
		next = i + 1;
	}
	return dz_intern_add(&vectors->runs, vectors->scratch, (size_t)(to - vectors->scratch));
}

uint32_t dz_vectors_count(const struct dz_vectors *vectors)
{
	return vectors->runs.count;
}

bool dz_vectors_is_empty(const struct dz_vectors *vectors, uint32_t number)
{
	size_t size;
	dz_intern_bytes(&vectors->runs, number, &size);
	return size == 0;
}

uint64_t dz_vectors_counts(const struct dz_vectors *vectors, uint32_t number, uint64_t *counts)
{
	size_t size;
	const uint8_t *from = dz_intern_bytes(&vectors->runs, number, &size), *end = from + size;
	uint64_t skip, sum = 0, bin = 0;

	memset(counts, 0, vectors->bins * sizeof *counts);
	for (; from < end; bin++) {
		from = take(from, &skip);
		bin += skip;
		from = take(from, &counts[bin]);
		sum += counts[bin];
	}
	return sum;
}

void dz_vectors_get(const struct dz_vectors *vectors, uint32_t number, double *vector)
{
	uint64_t counts[2 * DZ_HIST_MAX_BINS]; /* two directions side by side */

	dz_vectors_counts(vectors, number, counts);
	dz_distance_normalise(counts, vectors->bins, vector);
}
