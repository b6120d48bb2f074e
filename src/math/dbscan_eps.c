/* SPDX-License-Identifier: BSD-2-Clause */
/* dbscan_eps.c - see dbscan.h: an eps from the knee of the k-distance curve.
 *
 * The k-distances come from the same tree as the clusters, by searches whose
 * limit follows the neighbours found. */
#include "config.h"
#include "math/dbscan.h"

#include "base/mem.h"
#include "math/vptree.h"
#include "math/dbscan_internal.h"
#include <math.h>
#include <stdlib.h>

struct neighbour {
	double gap;
	uint64_t weight;
};

/* The nearest neighbours found so far, just as many as are needed: a heap, the farthest on top. */
struct neighbours {
	const struct dz_points *points;
	struct neighbour *heap; /* owned */
	size_t count, capacity;
	uint64_t weight, enough;
};

static void sift_up(struct neighbour *heap, size_t place)
{
	while (place > 0 && heap[(place - 1) / 2].gap < heap[place].gap) {
		struct neighbour above = heap[(place - 1) / 2];
		heap[(place - 1) / 2] = heap[place];
		heap[place] = above;
		place = (place - 1) / 2;
	}
}

static void sift_down(struct neighbour *heap, size_t count)
{
	size_t place = 0;

	for (;;) {
		size_t child = 2 * place + 1;
		if (child + 1 < count && heap[child + 1].gap > heap[child].gap)
			child++;
		if (child >= count || heap[child].gap <= heap[place].gap)
			break;
		struct neighbour below = heap[child];
		heap[child] = heap[place];
		heap[place] = below;
		place = child;
	}
}

static double take_neighbour(void *context, uint32_t point, double gap)
{
	struct neighbours *found = context;

	if (found->count == found->capacity) {
		found->capacity = found->capacity ? found->capacity * 2 : 16;
		found->heap = dz_mem_realloc(found->heap, found->capacity, sizeof *found->heap);
	}
	found->heap[found->count++] = (struct neighbour){ gap, found->points->weights[point] };
	sift_up(found->heap, found->count - 1);
	found->weight += found->points->weights[point];
	/* The farthest is not needed when the others weigh enough. */
	while (found->weight - found->heap[0].weight >= found->enough) {
		found->weight -= found->heap[0].weight;
		found->heap[0] = found->heap[--found->count];
		sift_down(found->heap, found->count);
	}
	return found->weight >= found->enough ? found->heap[0].gap : INFINITY;
}

static int compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* The k-distances of the sample, as gaps. */
static uint32_t find_curve(const struct dz_points *points, uint64_t min_samples, double *curve)
{
	struct neighbours found = { .points = points, .enough = min_samples };
	struct dz_vptree_query query = { .limit = INFINITY, .context = &found, .visit = take_neighbour };
	struct dz_vptree *tree = dz_vptree_new(points, NULL, points->count);
	uint32_t size = points->count < DZ_DBSCAN_SAMPLE ? points->count : DZ_DBSCAN_SAMPLE;

	for (uint32_t i = 0; i < size; i++) {
		uint32_t point = (uint32_t)((uint64_t)i * points->count / size);
		query.center = dz_points_at(points, point);
		found.count = 0;
		found.weight = 0;
		dz_vptree_search(tree, &query);
		curve[i] = found.heap[0].gap;
	}
	dz_vptree_free(tree);
	free(found.heap);
	return size;
}

double dz_dbscan_auto_eps(struct dz_dbscan *db, uint64_t min_samples)
{
	const struct dz_points *points = &db->points;
	double curve[DZ_DBSCAN_SAMPLE];
	double deepest = 0;
	uint32_t knee = 0;

	if (!points->count || points->total < min_samples)
		return 0;
	uint32_t size = find_curve(points, min_samples, curve);
	for (uint32_t i = 0; i < size; i++)
		curve[i] = dz_metric_gap_to_distance(points->metric, curve[i]);
	qsort(curve, size, sizeof *curve, compare_doubles);
	for (uint32_t i = 1; i + 1 < size && curve[size - 1] > curve[0]; i++) {
		double depth = (double)i / (size - 1) - (curve[i] - curve[0]) / (curve[size - 1] - curve[0]);
		if (depth > deepest) {
			deepest = depth;
			knee = i;
		}
	}
	return curve[knee];
}
