/* SPDX-License-Identifier: BSD-2-Clause */
/* sparse.c - see sparse.h. */
#include "config.h"
#include "classify/sparse.h"

#include <string.h>

enum { BITS = 64 };

size_t dz_sparse_pack(const uint64_t *words, size_t count, uint64_t *map, uint64_t *kept, size_t most)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i += BITS) {
		size_t end = count - i < BITS ? count - i : BITS;
		uint64_t bits = 0;
		for (size_t k = 0; k < end; k++) {
			if (!words[i + k])
				continue;
			if (used < most)
				kept[used] = words[i + k];
			used++;
			bits |= UINT64_C(1) << k;
		}
		map[i / BITS] = bits;
	}
	return used;
}

void dz_sparse_unpack(uint64_t *words, size_t count, const uint64_t *map, const uint64_t *kept)
{
	memset(words, 0, count * sizeof *words);
	for (size_t i = 0; i < DZ_SPARSE_MAP(count); i++) {
		for (uint64_t bits = map[i]; bits; bits &= bits - 1)
			words[i * BITS + (size_t)__builtin_ctzll(bits)] = *kept++;
	}
}
