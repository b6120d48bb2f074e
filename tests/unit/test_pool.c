/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pool.c - items do not overlap, begin where they should, and come back. */
#include "config.h"
#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ITEMS = 40000 }; /* of 320 bytes: 12.8 MB, so blocks of all sizes */

static void items_keep_what_is_in_them(void **state)
{
	const size_t sizes[] = { sizeof(void *), 24, 320 };
	unsigned char **items = calloc(ITEMS, sizeof *items);
	(void)state;
	assert_non_null(items);
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		struct dz_pool pool;
		dz_pool_init(&pool, sizes[k]);
		for (unsigned i = 0; i < ITEMS; i++) {
			items[i] = dz_pool_take(&pool);
			memset(items[i], (int)(i % 251), sizes[k]);
		}
		for (unsigned i = 0; i < ITEMS; i++) {
			assert_int_equal(items[i][0], i % 251);
			assert_int_equal(items[i][sizes[k] - 1], i % 251);
			if (sizes[k] == 320)
				assert_int_equal((uintptr_t)items[i] % DZ_POOL_ALIGNMENT, 0);
		}
		dz_pool_release(&pool);
	}
	free(items);
}

/* What was given back is handed out again before memory grows. */
static void items_come_back(void **state)
{
	struct dz_pool pool;
	void *first, *second;
	(void)state;
	dz_pool_init(&pool, 64);
	first = dz_pool_take(&pool);
	second = dz_pool_take(&pool);
	assert_ptr_not_equal(first, second);
	dz_pool_give_back(&pool, first);
	dz_pool_give_back(&pool, second);
	assert_ptr_equal(dz_pool_take(&pool), second);
	assert_ptr_equal(dz_pool_take(&pool), first);
	assert_ptr_not_equal(dz_pool_take(&pool), first);
	dz_pool_release(&pool);
	assert_null(pool.blocks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_keep_what_is_in_them),
		cmocka_unit_test(items_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
