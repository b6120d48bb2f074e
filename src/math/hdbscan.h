/* SPDX-License-Identifier: BSD-2-Clause */
/* hdbscan.h - clusters of distributions at whatever density they have: HDBSCAN* (Campello, Moulavi, Sander, PAKDD
 * 2013).
 *
 * Numbers only: no flows, no JSON, no files.
 *
 * Metrics are used by their reduced distances (see distance.h): for cosine and chi-squared, whose reduced distances are
 * roots, stabilities are those of the reduced distances.
 *
 * A point's *core distance* is the least within which points of total weight >= min_samples lie, itself and its equals
 * included.  The *mutual reachability* of two points is the largest of their distance and their core distances.  The
 * levels of its minimum spanning tree, from the longest edge to the shortest, are a hierarchy: a component that falls
 * apart into at least two of weight >= min_cluster_size each becomes as many clusters, and lighter components drop out
 * of it.  A cluster's *stability* is the sum over its points of 1/(the level at which the point leaves it) less 1/(the
 * level at which it began).  Clusters are chosen so that the sum of stabilities is largest and none holds another; the
 * whole is none.  Points that were in a chosen cluster when it began are its members, the others noise: the definitions
 * of scikit-learn's HDBSCAN with cluster_selection_method="eom".
 *
 * Edges of one length (to within 1e-12) are one level here, at which a component may fall into many; scikit-learn takes
 * them one after the other, in an order that depends on its input's.  Without such ties the partitions are the same. */
#ifndef DISTRIBOOZE_HDBSCAN_H
#define DISTRIBOOZE_HDBSCAN_H

#include "math/points.h"

#define DZ_HDBSCAN_NOISE (-1)

struct dz_hdbscan_options {
	uint64_t min_cluster_size; /* weight, >= 2 */
	uint64_t min_samples;      /* weight, >= 1 */
	/* Called now and then, and at the end, with steps done and steps to do; NULL for silence. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

/* Writes points->count labels: a cluster's number, counted from 0 in order of the points' numbers, or
 * DZ_HDBSCAN_NOISE.  Returns the number of clusters.  Where all points are one there is no hierarchy: it is one cluster
 * if it is heavy enough. */
uint32_t dz_hdbscan_run(const struct dz_points *points, const struct dz_hdbscan_options *options, int32_t *labels);

#endif
