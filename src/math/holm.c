/* SPDX-License-Identifier: BSD-2-Clause */
/* holm.c - see holm.h. */
#include "config.h"
#include "math/holm.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>

struct ranked {
	double p;
	size_t index;
};

static int compare_ranked(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->p < b->p)
		return -1;
	if (a->p > b->p)
		return 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

void dz_holm(const double *p, size_t count, double *adjusted)
{
	struct ranked *order = dz_mem_zalloc(count, sizeof *order);
	double largest = 0;

	for (size_t i = 0; i < count; i++)
		order[i] = (struct ranked){ p[i], i };
	qsort(order, count, sizeof *order, compare_ranked);
	for (size_t rank = 0; rank < count; rank++) {
		largest = fmax(largest, fmin(1, (double)(count - rank) * order[rank].p));
		adjusted[order[rank].index] = largest;
	}
	free(order);
}
