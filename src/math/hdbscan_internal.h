/* SPDX-License-Identifier: BSD-2-Clause */
/* hdbscan_internal.h - what hdbscan.c (the spanning tree) and hdbscan_tree.c (the hierarchy) share. */
#ifndef DISTRIBOOZE_HDBSCAN_INTERNAL_H
#define DISTRIBOOZE_HDBSCAN_INTERNAL_H

#include "math/hdbscan.h"

struct dz_hdbscan_edge {
	double level; /* mutual reachability */
	uint32_t a, b;
};

/* The root of a node, whose path is halved for the next one. */
static inline uint32_t dz_hdbscan_root(uint32_t *parents, uint32_t node)
{
	while (parents[node] != node) {
		parents[node] = parents[parents[node]];
		node = parents[node];
	}
	return node;
}

/* From the edges (count - 1 of them, sorted here) and the core distances to labels; returns the number of
 * clusters. */
uint32_t dz_hdbscan_label(const struct dz_points *points, struct dz_hdbscan_edge *edges, const double *cores,
			  uint64_t min_cluster_size, int32_t *labels);

#endif
