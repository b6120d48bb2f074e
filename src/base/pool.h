/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.h - items of one size, kept and handed out again.
 *
 * Memory comes in blocks, each item of which begins at a multiple of
 * DZ_POOL_ALIGNMENT when the item's size is one, and goes back to the system
 * only when the pool is released. Not shared between threads. */
#ifndef DISTRIBOOZE_POOL_H
#define DISTRIBOOZE_POOL_H

#include <stddef.h>

#define DZ_POOL_ALIGNMENT 64 /* a cache line */

struct dz_pool {
	/* private */
	size_t item_size;
	size_t size;      /* of all blocks */
	void *blocks;     /* owned; each begins with a pointer to the next */
	void *given_back; /* items to hand out again; each begins with a pointer to the next */
	char *fresh;      /* what is left of the newest block */
	size_t fresh_size;
};

/* Items have at least the size of a pointer. */
void dz_pool_init(struct dz_pool *pool, size_t item_size);
void dz_pool_release(struct dz_pool *pool); /* all items are gone with it */

/* An item with anything in it. */
void *dz_pool_take(struct dz_pool *pool) __attribute__((returns_nonnull));
void dz_pool_give_back(struct dz_pool *pool, void *item);

#endif
