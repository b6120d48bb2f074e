/* SPDX-License-Identifier: BSD-2-Clause */
/* sparse.h - blocks of words that are mostly zero, kept without the zeros.
 *
 * A map has a bit for each word of the block, from the lowest bit on: whether it is kept. */
#ifndef DISTRIBOOZE_SPARSE_H
#define DISTRIBOOZE_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#define DZ_SPARSE_MAP(count) (((count) + 63) / 64) /* words of the map of so many words */

/* Copies the words that are not zero to `kept`, in order, and returns how many there are. Of more than `most` only
 * their number is right. */
size_t dz_sparse_pack(const uint64_t *words, size_t count, uint64_t *map, uint64_t *kept, size_t most);

/* Restores the block. */
void dz_sparse_unpack(uint64_t *words, size_t count, const uint64_t *map, const uint64_t *kept);

#endif
