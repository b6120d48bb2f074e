/* SPDX-License-Identifier: BSD-2-Clause */
/* silhouette.h - how well points lie in their clusters (Rousseeuw 1987).
 *
 * Numbers only.  With a the mean distance of a vector to the others of its cluster, and b the least mean distance to
 * the vectors of another one, its silhouette is (b - a) / max(a, b): near 1 well inside, near 0 between two clusters,
 * below 0 nearer to another one; 0 for the only vector of a cluster. */
#ifndef DISTRIBOOZE_SILHOUETTE_H
#define DISTRIBOOZE_SILHOUETTE_H

#include "math/points.h"
#include <stdbool.h>

/* The number of distinct points up to which all pairs are looked at; of more, so many are taken, evenly spaced. */
#define DZ_SILHOUETTE_SAMPLE 4096u

/* The mean over all vectors (points by their weights) in clusters; labels are by point, negative ones are left out.
 * Tells whether that was of a sample. False when fewer than two clusters have a vector in it. */
bool dz_silhouette(const struct dz_points *points, const int32_t *labels, uint32_t clusters, double *mean,
		   bool *sampled);

#endif
