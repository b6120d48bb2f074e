/* SPDX-License-Identifier: BSD-2-Clause */
/* fragments.c - see fragments.h. A set-associative table: no chains, no growth, no work but on fragments. */
#include "config.h"
#include "decode/fragments.h"

#include "base/mem.h"
#include "base/seed.h"
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SETS = 1024, WAYS = 4 };
#define LIFETIME_NS (60ull * 1000000000)

_Static_assert(sizeof(struct dz_fragment_id) == 40, "ids are compared and hashed as bytes: no padding");

struct entry {
	struct dz_fragment_id id; /* version 0: free */
	struct dz_fragment_first first;
	uint64_t time_ns;
};

struct dz_fragments {
	uint64_t seed; /* of the hash */
	struct entry sets[SETS][WAYS];
};

struct dz_fragments *dz_fragments_new(void)
{
	struct dz_fragments *table = dz_mem_zalloc(1, sizeof *table);
	table->seed = dz_seed();
	return table;
}

void dz_fragments_free(struct dz_fragments *table)
{
	free(table);
}

static size_t set_of(const struct dz_fragments *table, const struct dz_fragment_id *id)
{
	return XXH3_64bits_withSeed(id, sizeof *id, table->seed) % SETS;
}

void dz_fragments_put(struct dz_fragments *table, const struct dz_fragment_id *id, uint64_t time_ns,
		      const struct dz_fragment_first *first)
{
	struct entry *set = table->sets[set_of(table, id)], *victim = &set[0];

	for (unsigned way = 0; way < WAYS; way++) {
		if (!memcmp(&set[way].id, id, sizeof *id)) {
			victim = &set[way];
			break;
		}
		if (victim->id.version && (!set[way].id.version || set[way].time_ns < victim->time_ns))
			victim = &set[way];
	}
	victim->id = *id;
	victim->first = *first;
	victim->time_ns = time_ns;
}

bool dz_fragments_get(const struct dz_fragments *table, const struct dz_fragment_id *id, uint64_t time_ns,
		      struct dz_fragment_first *first)
{
	const struct entry *set = table->sets[set_of(table, id)];

	for (unsigned way = 0; way < WAYS; way++) {
		if (memcmp(&set[way].id, id, sizeof *id))
			continue;
		/* Time stamps may step back; such a fragment is not an old one. */
		if (time_ns > set[way].time_ns && time_ns - set[way].time_ns > LIFETIME_NS)
			return false;
		*first = set[way].first;
		return true;
	}
	return false;
}
