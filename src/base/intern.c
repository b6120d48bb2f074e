/* SPDX-License-Identifier: BSD-2-Clause */
/* intern.c - see intern.h. Open addressing with linear probing, at most half full. */
#include "config.h"
#include "base/intern.h"

#include "base/mem.h"
#include "base/seed.h"
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_SLOTS = 64 };

void dz_intern_init(struct dz_intern *intern)
{
	memset(intern, 0, sizeof *intern);
}

void dz_intern_release(struct dz_intern *intern)
{
	free(intern->bytes);
	free(intern->start);
	free(intern->slots);
	dz_intern_init(intern);
}

const uint8_t *dz_intern_bytes(const struct dz_intern *intern, uint32_t number, size_t *size)
{
	if (size)
		*size = (size_t)(intern->start[number + 1] - intern->start[number]) - 1;
	return intern->bytes + intern->start[number];
}

/* The slot that holds the run, or the free one where it belongs. */
static size_t find_slot(const struct dz_intern *intern, const void *bytes, size_t size)
{
	size_t mask = intern->slot_count - 1, slot = (size_t)XXH3_64bits_withSeed(bytes, size, intern->seed) & mask;

	while (intern->slots[slot]) {
		size_t there;
		const uint8_t *run = dz_intern_bytes(intern, intern->slots[slot] - 1, &there);
		if (there == size && (!size || !memcmp(run, bytes, size)))
			break;
		slot = (slot + 1) & mask;
	}
	return slot;
}

static void grow_slots(struct dz_intern *intern)
{
	size_t count = intern->slot_count ? intern->slot_count * 2 : FIRST_SLOTS;

	if (!intern->slot_count)
		intern->seed = dz_seed();
	free(intern->slots);
	intern->slots = dz_mem_zalloc(count, sizeof *intern->slots);
	intern->slot_count = count;
	for (uint32_t i = 0; i < intern->count; i++) {
		size_t size, slot;
		const uint8_t *run = dz_intern_bytes(intern, i, &size);
		slot = (size_t)XXH3_64bits_withSeed(run, size, intern->seed) & (count - 1);
		while (intern->slots[slot])
			slot = (slot + 1) & (count - 1);
		intern->slots[slot] = i + 1;
	}
}

static void append(struct dz_intern *intern, const void *bytes, size_t size)
{
	void *block = intern->bytes, *starts = intern->start;

	dz_mem_grow(&block, &intern->capacity, intern->used + size + 1, 1);
	dz_mem_grow(&starts, &intern->start_capacity, (size_t)intern->count + 2, sizeof *intern->start);
	intern->bytes = block;
	intern->start = starts;
	intern->start[intern->count] = intern->used;
	if (size)
		memcpy(intern->bytes + intern->used, bytes, size);
	intern->bytes[intern->used + size] = '\0';
	intern->used += size + 1;
	intern->start[++intern->count] = intern->used;
}

uint32_t dz_intern_add(struct dz_intern *intern, const void *bytes, size_t size)
{
	size_t slot;

	if ((size_t)intern->count * 2 >= intern->slot_count)
		grow_slots(intern);
	slot = find_slot(intern, bytes, size);
	if (!intern->slots[slot]) {
		append(intern, bytes, size);
		intern->slots[slot] = intern->count;
	}
	return intern->slots[slot] - 1;
}

bool dz_intern_find(const struct dz_intern *intern, const void *bytes, size_t size, uint32_t *number)
{
	size_t slot;

	if (!intern->slot_count)
		return false;
	slot = find_slot(intern, bytes, size);
	if (!intern->slots[slot])
		return false;
	*number = intern->slots[slot] - 1;
	return true;
}

uint32_t dz_intern_add_text(struct dz_intern *intern, const char *text)
{
	return dz_intern_add(intern, text, strlen(text));
}

const char *dz_intern_text(const struct dz_intern *intern, uint32_t number)
{
	return (const char *)dz_intern_bytes(intern, number, NULL);
}
