/* SPDX-License-Identifier: BSD-2-Clause */
/* mem.h - memory that is there or the program is not.
 *
 * Out of memory aborts with a message that says how much was asked for; no
 * caller checks for NULL.  Bad input must never be able to ask for an amount
 * of its own choosing: bound it before calling. */
#ifndef DISTRIBOOZE_MEM_H
#define DISTRIBOOZE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* Each result is given to the caller, who frees it with free(). */
void *dz_mem_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *dz_mem_zalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* For what is big and looked up at random: at a page's boundary and, from HUGE_PAGE bytes on, in huge pages where the
 * system has some, which spares it the walk through the page tables. */
#define DZ_MEM_HUGE_PAGE ((size_t)1 << 21)
void *dz_mem_alloc_big(size_t size) __attribute__((malloc, returns_nonnull));
void *dz_mem_realloc(void *block, size_t count, size_t size) __attribute__((returns_nonnull));
char *dz_mem_strdup(const char *text) __attribute__((malloc, returns_nonnull));

/* The same as dz_mem_alloc_big(), but NULL when there is not so much: for what one can do without. */
void *dz_mem_try_big(size_t size) __attribute__((malloc));

/* Sets memory aside, once in a process. The first allocation that fails gets it, instead of ending the process, and
 * from then on memory is low: time to end in good order. */
void dz_mem_reserve(size_t size);
bool dz_mem_is_low(void);

/* For libraries that report it themselves: says what there was no memory for, and ends the program. */
void dz_mem_exhausted(const char *what) __attribute__((noreturn));

/* Asks for memory that will soon be looked at. */
static inline void dz_mem_prefetch(const void *begin, size_t size)
{
	enum { CACHE_LINE = 64 };
	for (size_t i = 0; i < size; i += CACHE_LINE)
		__builtin_prefetch((const char *)begin + i);
}

/* Grows *block so that it holds at least `need` elements of `size` bytes, doubling *capacity. */
void dz_mem_grow(void **block, size_t *capacity, size_t need, size_t size);

#endif
