/* SPDX-License-Identifier: BSD-2-Clause */
/* linkage.c - see linkage.h. A node stands in the row of its lowest thing. */
#include "config.h"
#include "math/linkage.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

struct node {
	uint32_t number, size; /* size 0: is part of another */
};

static void find_nearest(const double *between, const struct node *nodes, size_t n, size_t *a, size_t *b)
{
	*a = *b = n;
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; nodes[i].size && j < n; j++)
			if (nodes[j].size && (*a == n || between[i * n + j] < between[*a * n + *b])) {
				*a = i;
				*b = j;
			}
}

/* The mean distance to what a and b are together. */
static void join_rows(double *between, const struct node *nodes, size_t n, size_t a, size_t b)
{
	double x = nodes[a].size, y = nodes[b].size;

	for (size_t k = 0; k < n; k++)
		between[a * n + k] = between[k * n + a] = (x * between[a * n + k] + y * between[b * n + k]) / (x + y);
}

void dz_linkage(const double *distances, size_t n, struct dz_linkage_step *steps)
{
	double *between = dz_mem_zalloc(n * n, sizeof *between);
	struct node *nodes = dz_mem_zalloc(n, sizeof *nodes);

	if (n)
		memcpy(between, distances, n * n * sizeof *between);
	for (size_t i = 0; i < n; i++)
		nodes[i] = (struct node){ (uint32_t)i, 1 };
	for (size_t i = 0; i + 1 < n; i++) {
		size_t a, b;
		find_nearest(between, nodes, n, &a, &b);
		steps[i] = (struct dz_linkage_step){ nodes[a].number, nodes[b].number, between[a * n + b] };
		join_rows(between, nodes, n, a, b);
		nodes[a] = (struct node){ (uint32_t)(n + i), nodes[a].size + nodes[b].size };
		nodes[b].size = 0;
	}
	free(between);
	free(nodes);
}

void dz_linkage_order(const struct dz_linkage_step *steps, size_t n, uint32_t *order)
{
	uint32_t *left = dz_mem_zalloc(n + 1, sizeof *left); /* nodes still to be looked at, the next one last */
	size_t waiting = 0, found = 0;

	if (n)
		left[waiting++] = (uint32_t)(n > 1 ? 2 * n - 2 : 0);
	while (waiting) {
		uint32_t node = left[--waiting];
		if (node < n) {
			order[found++] = node;
		} else {
			left[waiting++] = steps[node - n].b;
			left[waiting++] = steps[node - n].a;
		}
	}
	free(left);
}
