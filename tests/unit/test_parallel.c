/* SPDX-License-Identifier: BSD-2-Clause */
/* test_parallel.c - every number once, whoever does it. */
#include "config.h"
#include "base/parallel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <unistd.h>
#include <cmocka.h>

enum { MANY = 1000 };

struct counts {
	atomic_uint times[MANY];
	atomic_uint elsewhere; /* calls on other threads than the caller's */
	pthread_t caller;
	uint64_t told, last;
};

static void count(void *context, size_t number)
{
	struct counts *counts = context;

	atomic_fetch_add(&counts->times[number], 1);
	atomic_fetch_add(&counts->elsewhere, !pthread_equal(pthread_self(), counts->caller));
	usleep(10); /* so that none is through before the others begin */
}

static void note(void *context, uint64_t done, uint64_t total)
{
	struct counts *counts = context;

	assert_true(pthread_equal(pthread_self(), counts->caller));
	assert_true(done >= counts->last && done <= total);
	counts->told++;
	counts->last = done;
}

static void run(unsigned threads, size_t numbers)
{
	static struct counts counts;

	counts = (struct counts){ .caller = pthread_self() };
	dz_parallel_run(&(struct dz_parallel){ threads, count, note, &counts, &counts }, numbers);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(counts.times[i], i < numbers);
	assert_int_equal(counts.elsewhere > 0, threads > 1 && numbers > 1);
	if (numbers) {
		assert_true(counts.told > 0);
		assert_int_equal(counts.last, numbers);
	}
}

static void every_number_once(void **state)
{
	(void)state;
	for (unsigned threads = 0; threads < 6; threads++)
		run(threads, MANY);
	run(8, 0);
	run(8, 1);
	run(200, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
