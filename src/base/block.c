/* SPDX-License-Identifier: BSD-2-Clause */
/* block.c - bytes with several holders: see block.h. */
#include "config.h"
#include "base/block.h"

#include "base/mem.h"
#include <stdlib.h>

struct dz_block *dz_block_new(size_t size)
{
	struct dz_block *block = dz_mem_alloc(sizeof *block + size);

	atomic_init(&block->holders, 1);
	block->size = size;
	return block;
}

void dz_block_release(struct dz_block *block)
{
	if (block && atomic_fetch_sub_explicit(&block->holders, 1, memory_order_acq_rel) == 1)
		free(block);
}
