/* SPDX-License-Identifier: BSD-2-Clause */
/* test_seed.c - keys differ from call to call, unless the environment says otherwise. */
#include "config.h"
#include "base/seed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static void no_two_keys_are_equal(void **state)
{
	enum { KEYS = 64 };
	uint64_t seen[KEYS], all_set = 0, all_clear = 0;
	(void)state;
	unsetenv(DZ_SEED_VARIABLE);
	for (unsigned i = 0; i < KEYS; i++) {
		seen[i] = dz_seed();
		all_set |= seen[i];
		all_clear |= ~seen[i];
		for (unsigned k = 0; k < i; k++)
			assert_true(seen[i] != seen[k]); /* by chance: one run in 2^53 */
	}
	assert_true(all_set == UINT64_MAX && all_clear == UINT64_MAX); /* every bit is used; by chance: one in 2^57 */
}

static void the_environment_sets_the_key(void **state)
{
	(void)state;
	setenv(DZ_SEED_VARIABLE, "0x10", 1);
	assert_int_equal(dz_seed(), 16);
	assert_int_equal(dz_seed(), 16);
	setenv(DZ_SEED_VARIABLE, "", 1);
	assert_true(dz_seed() != dz_seed());
	unsetenv(DZ_SEED_VARIABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_keys_are_equal),
		cmocka_unit_test(the_environment_sets_the_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
