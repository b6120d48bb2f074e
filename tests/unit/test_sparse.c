/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sparse.c - blocks come back as they were, wherever their words stand, and nothing is written beyond the room. */
#include "config.h"
#include "classify/sparse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { MAX_WORDS = 130, MAX_KEPT = 20 };
#define GUARD UINT64_C(0x5a5a5a5a5a5a5a5a)

static void check(const uint64_t *words, size_t count, size_t expected)
{
	uint64_t map[DZ_SPARSE_MAP(MAX_WORDS) + 1], kept[MAX_KEPT + 2], back[MAX_WORDS + 1];

	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		map[i] = GUARD;
	for (size_t i = 0; i < MAX_KEPT + 2; i++)
		kept[i] = GUARD;
	back[count] = GUARD;
	assert_int_equal(dz_sparse_pack(words, count, map, kept, MAX_KEPT), expected);
	assert_true(kept[MAX_KEPT] == GUARD);
	assert_true(map[DZ_SPARSE_MAP(count)] == GUARD);
	if (expected > MAX_KEPT)
		return;
	dz_sparse_unpack(back, count, map, kept);
	assert_memory_equal(back, words, count * sizeof *words);
	assert_true(back[count] == GUARD);
}

static void each_word_alone(void **state)
{
	static const size_t counts[] = { 1, 63, 64, 65, 86, 128, 129, 130 };
	(void)state;
	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		for (size_t i = 0; i < counts[c]; i++) {
			uint64_t words[MAX_WORDS] = { 0 };
			words[i] = UINT64_C(1) << (i % 64);
			check(words, counts[c], 1);
		}
	}
}

static void as_many_as_there_is_room_for(void **state)
{
	uint64_t words[MAX_WORDS] = { 0 };
	(void)state;
	check(words, MAX_WORDS, 0);
	for (size_t used = 1; used <= MAX_WORDS; used++) {
		words[MAX_WORDS - used] = used;
		check(words, MAX_WORDS, used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_alone),
		cmocka_unit_test(as_many_as_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
