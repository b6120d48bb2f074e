/* SPDX-License-Identifier: BSD-2-Clause */
/* points.h - a set of embedded distributions, each distinct one kept once.
 *
 * Numbers only.  What dbscan and vptree share: the points of dz_metric_embed()
 * with the weight (how many vectors were equal to it) of each. */
#ifndef DISTRIBOOZE_POINTS_H
#define DISTRIBOOZE_POINTS_H

#include "math/distance.h"

struct dz_points {
	enum dz_metric metric;
	struct dz_axis axis;
	uint32_t dims;
	uint32_t count;
	double *coordinates; /* owned: count * dims */
	uint64_t *weights;   /* owned: count */
	uint64_t total;      /* of the weights */

	/* private: capacity of the two arrays; a hash table of point numbers + 1, 0 is free */
	uint32_t capacity;
	uint32_t *slots;
	uint32_t slot_mask;
	double *scratch;
};

void dz_points_init(struct dz_points *points, enum dz_metric metric, const struct dz_axis *axis);
void dz_points_release(struct dz_points *points);

/* Returns the number of the vector's point, counted from 0 in order of first appearance. The vector is borrowed. */
uint32_t dz_points_add(struct dz_points *points, const double *vector, uint64_t weight);

static inline const double *dz_points_at(const struct dz_points *points, uint32_t point)
{
	return points->coordinates + (size_t)point * points->dims;
}

#endif
