/* SPDX-License-Identifier: BSD-2-Clause */
/* lanes.h - how far a point is, at least, from many points or boxes at once.
 *
 * Numbers only.  In every metric, what two points differ by in a coordinate is what both have there less twice what
 * they have in common:
 *
 *   |p - q|           = p + q     - 2 min(p, q)
 *   (p - q)^2         = p^2 + q^2 - 2 pq
 *   (p - q)^2/(p + q) = p + q     - 2 * 2pq/(p + q)
 *
 * and so for the divergence, of which only the first terms are taken.  So the sum over all coordinates (dz_metric_sum)
 * is what the two points have (their *wholes*, the sum of each and a point of zeros) less twice what they have in
 * common, and only coordinates that both use are looked at: a few of hundreds.
 *
 * Sums are single floats, LANES of them side by side: the same coordinate of so many points is a *column*, which a few
 * instructions take in.  As differences of sums they lose digits: dz_lanes_slack() is more than that may be.  They say
 * what need not be looked at, and dz_metric_rdist() says how far the others are. */
#ifndef DISTRIBOOZE_LANES_H
#define DISTRIBOOZE_LANES_H

#include "math/distance.h"

#define DZ_LANES 32u

/* A coordinate of the center, which is above 0, and where its column is: of points DZ_LANES values, of boxes the least
 * ones and then the most ones, twice DZ_LANES. */
struct dz_lanes_column {
	float center;
	const float *values; /* borrowed */
};

/* What the center has in common with each point; 0 only where no column has both. */
void dz_lanes_points(enum dz_metric metric, const struct dz_lanes_column *columns, uint32_t count,
		     float in_common[DZ_LANES]);

/* What the center has in common, at most, with any point of each box. And how much more than the wholes of the center
 * and of the least values, or less, the sum is for the center moved into the box: no point in it is nearer. */
void dz_lanes_boxes(enum dz_metric metric, const struct dz_lanes_column *columns, uint32_t count, float moved[DZ_LANES],
		    float in_common[DZ_LANES]);

/* By how much a sum of so many columns may be too large, both wholes being at most `whole` together. */
float dz_lanes_slack(uint32_t count, double whole);

#endif
