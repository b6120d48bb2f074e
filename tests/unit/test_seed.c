/* SPDX-License-Identifier: BSD-2-Clause */
/* test_seed.c - keys differ from call to call, unless the environment says otherwise. */
#include "config.h"
#include "base/seed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
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

/* Started by a user with the rights of another one, as a program with set-user-ID is. */
static void not_where_it_has_more_than_its_user(void **state)
{
	int status;
	pid_t child;
	(void)state;
#ifndef HAVE_SECURE_GETENV
	skip();
#endif
	if (geteuid() || access("/proc/self/exe", X_OK))
		skip();
	setenv(DZ_SEED_VARIABLE, "0x10", 1);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (setreuid(12345, 0) == 0)
			execl("/proc/self/exe", "test_seed", "asked", (char *)NULL);
		_exit(127);
	}
	unsetenv(DZ_SEED_VARIABLE);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return dz_seed() == 16;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_keys_are_equal),
		cmocka_unit_test(the_environment_sets_the_key),
		cmocka_unit_test(not_where_it_has_more_than_its_user),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
