/* SPDX-License-Identifier: BSD-2-Clause */
/* linkage.h - a dendrogram: things put together two by two, the nearest first.
 *
 * Numbers only.  Average linkage (Sokal and Michener 1958, UPGMA): the distance of two nodes is the mean distance
 * between the things in one and those in the other. */
#ifndef DISTRIBOOZE_LINKAGE_H
#define DISTRIBOOZE_LINKAGE_H

#include <stddef.h>
#include <stdint.h>

/* Nodes are numbered: things 0..n-1, and n + i for what step i made. Of a and b, a holds the thing of the lowest
 * number.
 */
struct dz_linkage_step {
	uint32_t a, b;
	double height; /* distance of a and b; never less than at the step before, but for rounding */
};

/* Distances: n * n, symmetric; borrowed. Writes n - 1 steps (none for n < 2). Of equally near nodes those with the
 * lowest things go first. Takes n^3 steps. */
void dz_linkage(const double *distances, size_t n, struct dz_linkage_step *steps);

/* Writes the things in the order of the dendrogram's leaves: every node's stand side by side. */
void dz_linkage_order(const struct dz_linkage_step *steps, size_t n, uint32_t *order);

#endif
