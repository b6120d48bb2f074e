/* SPDX-License-Identifier: BSD-2-Clause */
/* block.h - bytes that several may hold on to, in whatever thread they are; the last one frees them. */
#ifndef DISTRIBOOZE_BLOCK_H
#define DISTRIBOOZE_BLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dz_block {
	atomic_uint holders;
	size_t size;
	uint8_t bytes[]; /* `size` of them */
};

/* With one holder: the caller. */
struct dz_block *dz_block_new(size_t size) __attribute__((malloc, returns_nonnull));

/* One holder more: whoever calls this, or somebody before, is one until it is over. */
static inline struct dz_block *dz_block_hold(struct dz_block *block)
{
	atomic_fetch_add_explicit(&block->holders, 1, memory_order_relaxed);
	return block;
}

/* One holder less. NULL is nobody's. */
void dz_block_release(struct dz_block *block);

/* Asked by a holder: whether there is no other. What others did with the bytes is then done. */
static inline bool dz_block_is_own(const struct dz_block *block)
{
	return atomic_load_explicit(&block->holders, memory_order_acquire) == 1;
}

#endif
