/* SPDX-License-Identifier: BSD-2-Clause */
/* dbscan.h - density-based clusters (Ester, Kriegel, Sander, Xu, KDD 1996) of distributions.
 *
 * Numbers only: no flows, no JSON, no files.
 *
 * A point is *core* when points of total weight >= min_samples lie within eps
 * of it, itself and its equals included, a distance of exactly eps included
 * (to within 1e-12 of eps, for rounding's sake): scikit-learn's definition
 * with sample_weight.  Core points within eps of each other share a cluster.
 * Any other point within eps of a core point is a *border* point and joins the
 * cluster of the nearest one (the first added of two as near); the rest is
 * noise.  scikit-learn gives a border point to whichever cluster reaches it
 * first, so that border points between clusters may differ from it; nothing
 * else does.
 *
 * Equal vectors are one point with a weight.  The result does not depend on
 * anything but the input: clusters are numbered from 0 in order of their first
 * member's first appearance. */
#ifndef DISTRIBOOZE_DBSCAN_H
#define DISTRIBOOZE_DBSCAN_H

#include "math/points.h"

#define DZ_DBSCAN_NOISE (-1)

struct dz_dbscan; /* the points, each distinct vector once */

/* Given to the caller: dz_dbscan_free(). */
struct dz_dbscan *dz_dbscan_new(enum dz_metric metric, const struct dz_axis *axis);
void dz_dbscan_free(struct dz_dbscan *db);

/* Adds a vector (see distance.h; borrowed, copied) of weight >= 1; returns the number of its point, the same for
 * bitwise equal vectors.  Points are numbered from 0 in order of first appearance; there are fewer than 2^31. */
uint32_t dz_dbscan_add(struct dz_dbscan *db, const double *vector, uint64_t weight);

uint32_t dz_dbscan_points(const struct dz_dbscan *db);
const struct dz_points *dz_dbscan_set(const struct dz_dbscan *db); /* the points themselves; borrowed */

struct dz_dbscan_result {
	uint32_t clusters;
	uint32_t core_points, border_points, noise_points; /* distinct points */
	uint64_t core_weight, border_weight, noise_weight; /* vectors */
	uint64_t rdists;                                   /* distances that were computed, for the curious */
};

struct dz_dbscan_options {
	double eps;           /* in the metric's own units, >= 0 */
	uint64_t min_samples; /* >= 1 */
	/* Called now and then, and at the end, with steps done and steps to do; NULL for silence. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

/* Writes dz_dbscan_points() labels: a cluster's number or DZ_DBSCAN_NOISE; and, unless NULL, whether each is core. */
void dz_dbscan_run(struct dz_dbscan *db, const struct dz_dbscan_options *options, int32_t *labels, bool *core,
		   struct dz_dbscan_result *result);

#endif
