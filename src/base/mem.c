/* SPDX-License-Identifier: BSD-2-Clause */
/* mem.c - see mem.h. */
#include "config.h"
#include "base/mem.h"

#include "base/log.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The one of the process, as its memory is; whichever thread is in need takes it. */
static _Atomic(void *) reserve;
static atomic_bool is_low;

void dz_mem_reserve(size_t size)
{
	if (!atomic_load(&reserve) && !atomic_load(&is_low))
		atomic_store(&reserve, malloc(size));
}

bool dz_mem_is_low(void)
{
	return atomic_load_explicit(&is_low, memory_order_relaxed);
}

/* Whether it may be tried again. */
static bool give_way(void)
{
	void *block = atomic_exchange(&reserve, NULL);
	bool was_there = block;

	free(block);
	if (was_there)
		atomic_store(&is_low, true);
	return was_there;
}

static void *must(void *block, size_t count, size_t size)
{
	if (!block) {
		dz_log_error("out of memory: %zu × %zu bytes could not be had", count, size);
		abort();
	}
	return block;
}

void *dz_mem_alloc(size_t size)
{
	void *block = malloc(size ? size : 1);
	if (!block && give_way())
		block = malloc(size ? size : 1);
	return must(block, 1, size);
}

void *dz_mem_zalloc(size_t count, size_t size)
{
	void *block = calloc(count ? count : 1, size ? size : 1);
	if (!block && give_way())
		block = calloc(count ? count : 1, size ? size : 1);
	return must(block, count, size);
}

void *dz_mem_alloc_big(size_t size)
{
	void *block = dz_mem_try_big(size);
	if (!block && give_way())
		block = dz_mem_try_big(size);
	return must(block, 1, size);
}

void *dz_mem_try_big(size_t size)
{
	enum { PAGE = 4096 };
	void *block;
	if (posix_memalign(&block, size < DZ_MEM_HUGE_PAGE ? PAGE : DZ_MEM_HUGE_PAGE, size))
		return NULL;
#ifdef MADV_HUGEPAGE
	if (size >= DZ_MEM_HUGE_PAGE)
		madvise(block, size, MADV_HUGEPAGE); /* a wish; it is as well without */
#endif
	return block;
}

void *dz_mem_realloc(void *block, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		must(NULL, count, size);
	size_t bytes = count * size;
	void *moved = realloc(block, bytes ? bytes : 1);
	if (!moved && give_way())
		moved = realloc(block, bytes ? bytes : 1);
	return must(moved, count, size);
}

char *dz_mem_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	return memcpy(dz_mem_alloc(size), text, size);
}

void dz_mem_exhausted(const char *what)
{
	dz_log_error("out of memory for %s", what);
	abort();
}

void dz_mem_grow(void **block, size_t *capacity, size_t need, size_t size)
{
	if (need <= *capacity)
		return;
	size_t wanted = *capacity ? *capacity : 16;
	while (wanted < need)
		wanted = wanted > SIZE_MAX / 2 ? need : wanted * 2;
	*block = dz_mem_realloc(*block, wanted, size);
	*capacity = wanted;
}
