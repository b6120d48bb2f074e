/* SPDX-License-Identifier: BSD-2-Clause */
/* boxes.h - finds near points of several sets at once, by the boxes that they lie in.
 *
 * Numbers only.  Each set is a tree of boxes: a box has the least and the most of every coordinate of its points, and
 * is cut at the middle of its widest coordinate, the parts again, down to a few points.  As every metric adds up
 * something for each coordinate that grows with the difference there, no point of a box is nearer than the point at
 * which the center, coordinate by coordinate, is moved into it.
 *
 * What the box's points can have in common with the center bounds it, too: moved into a box that has a little of
 * everything, a center in few bins would be near, but all points add up to the same.
 *
 * A search opens the boxes of all sets in the order of how near they may be, so that it looks at no box but those
 * that may hold something nearer than what is found in the end. Where there are very many sets of few points each, a
 * search over all of them opens boxes in which the points of several sets lie.  At worst, where all points are equally
 * far, that is all of them. */
#ifndef DISTRIBOOZE_BOXES_H
#define DISTRIBOOZE_BOXES_H

#include "math/points.h"

struct dz_boxes;

/* Set s has the points whose numbers are members[ends[s - 1]] up to members[ends[s] - 1], the first set from
 * members[0]; a set may be empty, and a point in many. Both are borrowed for the call; the points must outlive the
 * boxes and not grow meanwhile. Given to the caller. */
struct dz_boxes *dz_boxes_new(const struct dz_points *points, const uint32_t *members, const uint32_t *ends,
			      uint32_t sets);
void dz_boxes_free(struct dz_boxes *boxes);

#define DZ_BOXES_ANY UINT32_MAX

struct dz_boxes_query {
	const double *center; /* borrowed: an embedded point */
	uint32_t first, end;  /* sets to look at: first..end-1 */
	void *context;        /* borrowed, for the two calls */
	/* The reduced distance beyond which points of a set are of no interest; of DZ_BOXES_ANY: of every set. Must not
	 * grow. */
	double (*limit)(void *context, uint32_t set);
	/* Gets every point within the limit of the moment, the reduced distance being dz_metric_rdist()'s, in no
	 * promised order. */
	void (*visit)(void *context, uint32_t set, uint32_t point, double rdist);
};

/* Returns the number of reduced distances, from points and from boxes, that were computed. */
uint64_t dz_boxes_search(const struct dz_boxes *boxes, const struct dz_boxes_query *query);

#endif
