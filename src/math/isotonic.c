/* SPDX-License-Identifier: BSD-2-Clause */
/* isotonic.c - see isotonic.h. */
#include "config.h"
#include "math/isotonic.h"

#include "base/mem.h"
#include <stdlib.h>

struct pool {
	double value, weight;
	size_t count;
};

void dz_isotonic(double *values, const double *weights, size_t count)
{
	struct pool *pools = dz_mem_zalloc(count, sizeof *pools);
	size_t used = 0, at = 0;

	for (size_t i = 0; i < count; i++) {
		pools[used++] = (struct pool){ values[i], weights[i], 1 };
		for (; used > 1 && pools[used - 2].value >= pools[used - 1].value; used--) {
			struct pool *left = &pools[used - 2], *right = &pools[used - 1];
			left->value = (left->value * left->weight + right->value * right->weight) /
				      (left->weight + right->weight);
			left->weight += right->weight;
			left->count += right->count;
		}
	}
	for (size_t p = 0; p < used; p++)
		for (size_t i = 0; i < pools[p].count; i++)
			values[at++] = pools[p].value;
	free(pools);
}
