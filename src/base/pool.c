/* SPDX-License-Identifier: BSD-2-Clause */
/* pool.c - see pool.h. */
#include "config.h"
#include "base/pool.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

/* A block has a quarter of the size of all before it, so that little is unused, but at most that of a huge page. */
enum { FIRST_BLOCK = 1 << 15 };

void dz_pool_init(struct dz_pool *pool, size_t item_size)
{
	*pool = (struct dz_pool){ .item_size = item_size };
}

void dz_pool_release(struct dz_pool *pool)
{
	for (void *block = pool->blocks, *next; block; block = next) {
		memcpy(&next, block, sizeof next);
		free(block);
	}
	dz_pool_init(pool, pool->item_size);
}

static void add_block(struct dz_pool *pool)
{
	size_t size = pool->size / 4 / FIRST_BLOCK * FIRST_BLOCK;
	if (size < FIRST_BLOCK)
		size = FIRST_BLOCK;
	if (size > DZ_MEM_HUGE_PAGE)
		size = DZ_MEM_HUGE_PAGE;
	char *block = dz_mem_alloc_big(size);
	pool->size += size;
	memcpy(block, &pool->blocks, sizeof pool->blocks);
	pool->blocks = block;
	pool->fresh = block + DZ_POOL_ALIGNMENT;
	pool->fresh_size = size - DZ_POOL_ALIGNMENT;
}

void *dz_pool_take(struct dz_pool *pool)
{
	void *item = pool->given_back;
	if (item) {
		memcpy(&pool->given_back, item, sizeof pool->given_back);
		return item;
	}
	if (pool->fresh_size < pool->item_size)
		add_block(pool);
	item = pool->fresh;
	pool->fresh += pool->item_size;
	pool->fresh_size -= pool->item_size;
	return item;
}

void dz_pool_give_back(struct dz_pool *pool, void *item)
{
	memcpy(item, &pool->given_back, sizeof pool->given_back);
	pool->given_back = item;
}
