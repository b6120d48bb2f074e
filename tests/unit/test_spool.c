/* SPDX-License-Identifier: BSD-2-Clause */
/* test_spool.c - what is put away comes back as it was, in order, and a disk that is full or not there is told. */
#include "config.h"
#include "cmd/spool.h"

#include "math/rng.h"
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { RUNS = 500, MAX_RUN = 3000 };

/* The bytes of run number n, of any length, none among them. */
static size_t make_run(uint32_t n, char *bytes)
{
	struct dz_rng rng;
	size_t size;

	dz_rng_init(&rng, n);
	size = n % 7 ? dz_rng_below(&rng, MAX_RUN) : 0;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)dz_rng_below(&rng, 256);
	return size;
}

static void test_runs_come_back_in_order(void **state)
{
	static char bytes[MAX_RUN];
	struct dz_spool spool = { NULL };
	struct dz_strbuf got;
	struct dz_err err;
	uint32_t tag;

	(void)state;
	dz_strbuf_init(&got);
	for (uint32_t n = 0; n < RUNS; n++) {
		size_t size = make_run(n, bytes);
		assert_true(dz_spool_put(&spool, UINT32_MAX - n, bytes, size, &err));
	}
	assert_true(dz_spool_rewind(&spool, &err));
	for (uint32_t n = 0; n < RUNS; n++) {
		size_t size = make_run(n, bytes);
		assert_true(dz_spool_next(&spool, &tag, &got, &err));
		assert_int_equal(tag, UINT32_MAX - n);
		assert_int_equal(got.size, size);
		assert_memory_equal(got.data, bytes, size);
		assert_int_equal(got.data[size], '\0');
	}
	assert_false(dz_spool_next(&spool, &tag, &got, &err));
	assert_string_equal(err.text, "");
	dz_spool_release(&spool);
	dz_strbuf_release(&got);
}

static void test_nothing_was_put(void **state)
{
	struct dz_spool spool = { NULL };
	struct dz_strbuf got;
	struct dz_err err;
	uint32_t tag;

	(void)state;
	dz_strbuf_init(&got);
	assert_true(dz_spool_rewind(&spool, &err));
	assert_false(dz_spool_next(&spool, &tag, &got, &err));
	assert_string_equal(err.text, "");
	dz_spool_release(&spool);
	dz_strbuf_release(&got);
}

/* A folder of its own: nothing is left in it, also while the spool is open. */
static void test_no_file_is_left(void **state)
{
	char folder[] = "/tmp/test-spool-XXXXXX";
	struct dz_spool spool = { NULL };
	struct dz_err err;
	int entries = 0;
	DIR *dir;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	assert_true(dz_spool_put(&spool, 1, "abc", 3, &err));
	dir = opendir(folder);
	while (readdir(dir))
		entries++;
	closedir(dir);
	assert_int_equal(entries, 2); /* "." and ".." */
	dz_spool_release(&spool);
	rmdir(folder);
	assert_false(dz_spool_put(&spool, 1, "abc", 3, &err)); /* it is gone now */
	assert_non_null(strstr(err.text, folder));
	assert_non_null(strstr(err.text, "No such file"));
	unsetenv("TMPDIR");
}

/* Whichever call finds out that there is no room says so. */
static void test_a_full_disk(void **state)
{
	static const char bytes[MAX_RUN];
	const struct rlimit little = { 4096, RLIM_INFINITY };
	struct rlimit before;
	struct dz_spool spool = { NULL };
	struct dz_err err;
	bool fine = true;

	(void)state;
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &little);
	for (uint32_t n = 0; fine && n < 10; n++)
		fine = dz_spool_put(&spool, n, bytes, sizeof bytes, &err);
	fine = fine && dz_spool_rewind(&spool, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_false(fine);
	assert_string_equal(err.text, "the temporary file cannot be written: File too large");
	dz_spool_release(&spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_come_back_in_order),
		cmocka_unit_test(test_nothing_was_put),
		cmocka_unit_test(test_no_file_is_left),
		cmocka_unit_test(test_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
