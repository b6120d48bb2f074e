/* SPDX-License-Identifier: BSD-2-Clause */
/* parallel.h - the same for many numbers, on several threads. */
#ifndef DISTRIBOOZE_PARALLEL_H
#define DISTRIBOOZE_PARALLEL_H

#include <stddef.h>
#include <stdint.h>

struct dz_parallel {
	unsigned threads; /* at most; 0 and 1: the caller's alone */
	void (*each)(void *context, size_t number);
	/* Told by the caller's thread alone, now and then and at the end, how many are done; may be NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context, *progress_context; /* borrowed */
};

/* Calls each() once for every number below `count`, in no promised order, and returns when all are done. What it is
 * called for must not depend on what it did for another number. Where threads cannot be had, fewer do the work. */
void dz_parallel_run(const struct dz_parallel *work, size_t count);

#endif
