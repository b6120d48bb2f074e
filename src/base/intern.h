/* SPDX-License-Identifier: BSD-2-Clause */
/* intern.h - runs of bytes, each distinct one kept once and known by a number.
 *
 * Knows bytes only. Numbers are dense: 0, 1, 2, ... in order of first appearance. */
#ifndef DISTRIBOOZE_INTERN_H
#define DISTRIBOOZE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dz_intern {
	uint8_t *bytes; /* private: all runs, one after the other, each followed by a NUL */
	size_t used, capacity;
	uint64_t *start; /* private: where run i begins; start[count] is where the last one ends */
	size_t start_capacity;
	uint32_t *slots; /* private: number + 1, 0 for free; a power of two of them */
	size_t slot_count;
	uint64_t seed;  /* private: of the hash */
	uint32_t count; /* how many distinct runs there are */
};

void dz_intern_init(struct dz_intern *intern);
void dz_intern_release(struct dz_intern *intern);

/* The number of the run; it is copied when it is new. Fewer than 2^31 runs. */
uint32_t dz_intern_add(struct dz_intern *intern, const void *bytes, size_t size);

/* Whether the run is there, and its number. */
bool dz_intern_find(const struct dz_intern *intern, const void *bytes, size_t size, uint32_t *number);

/* The bytes of a run, and a NUL after them; borrowed until the next dz_intern_add. size may be NULL. */
const uint8_t *dz_intern_bytes(const struct dz_intern *intern, uint32_t number, size_t *size);

/* The same for text. */
uint32_t dz_intern_add_text(struct dz_intern *intern, const char *text);
const char *dz_intern_text(const struct dz_intern *intern, uint32_t number);

#endif
