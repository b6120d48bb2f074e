/* SPDX-License-Identifier: BSD-2-Clause */
/* mem.c - see mem.h. */
#include "config.h"
#include "base/mem.h"

#include "base/log.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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
	return must(malloc(size ? size : 1), 1, size);
}

void *dz_mem_zalloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1), count, size);
}

void *dz_mem_alloc_big(size_t size)
{
	enum { PAGE = 4096 };
	void *block;
	must(posix_memalign(&block, size < DZ_MEM_HUGE_PAGE ? PAGE : DZ_MEM_HUGE_PAGE, size) ? NULL : block, 1, size);
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
	return must(realloc(block, bytes ? bytes : 1), count, size);
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
