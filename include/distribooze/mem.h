/* mem.h - memory that is there or the program is not.
 *
 * Out of memory aborts with a message that says how much was asked for; no
 * caller checks for NULL.  Bad input must never be able to ask for an amount
 * of its own choosing: bound it before calling. */
#ifndef DISTRIBOOZE_MEM_H
#define DISTRIBOOZE_MEM_H

#include <stddef.h>

/* Each result is given to the caller, who frees it with free(). */
void *dz_mem_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *dz_mem_zalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *dz_mem_alloc_aligned(size_t alignment, size_t size) __attribute__((malloc, returns_nonnull));
void *dz_mem_realloc(void *block, size_t count, size_t size) __attribute__((returns_nonnull));
char *dz_mem_strdup(const char *text) __attribute__((malloc, returns_nonnull));

/* For libraries that report it themselves: says what there was no memory for, and ends the program. */
void dz_mem_exhausted(const char *what) __attribute__((noreturn));

/* Grows *block so that it holds at least `need` elements of `size` bytes, doubling *capacity. */
void dz_mem_grow(void **block, size_t *capacity, size_t need, size_t size);

#endif
