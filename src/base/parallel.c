/* SPDX-License-Identifier: BSD-2-Clause */
/* parallel.c - see parallel.h. Whoever is free takes the next number. */
#include "config.h"
#include "base/parallel.h"

#include "base/mem.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct run {
	const struct dz_parallel *work;
	size_t count;
	atomic_size_t next, done;
};

static void do_one(struct run *run, size_t number)
{
	run->work->each(run->work->context, number);
	atomic_fetch_add(&run->done, 1);
}

static void *help(void *context)
{
	struct run *run = context;
	size_t number;

	while ((number = atomic_fetch_add(&run->next, 1)) < run->count)
		do_one(run, number);
	return NULL;
}

static void tell(const struct run *run)
{
	if (run->work->progress)
		run->work->progress(run->work->progress_context, atomic_load(&run->done), run->count);
}

void dz_parallel_run(const struct dz_parallel *work, size_t count)
{
	struct run run = { .work = work, .count = count };
	size_t wanted = work->threads < count ? work->threads : count, helpers = 0, number;
	pthread_t *threads = dz_mem_zalloc(wanted, sizeof *threads);

	while (helpers + 1 < wanted && !pthread_create(&threads[helpers], NULL, help, &run))
		helpers++;
	while ((number = atomic_fetch_add(&run.next, 1)) < count) {
		do_one(&run, number);
		tell(&run);
	}
	while (helpers)
		pthread_join(threads[--helpers], NULL);
	if (wanted > 1)
		tell(&run);
	free(threads);
}
