/* SPDX-License-Identifier: BSD-2-Clause */
/* silhouette.c - see silhouette.h. */
#include "config.h"
#include "math/silhouette.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The points that are looked at, given to the caller. */
static uint32_t *choose(const struct dz_points *points, const int32_t *labels, uint32_t *count, bool *sampled)
{
	uint32_t *chosen = dz_mem_zalloc(points->count, sizeof *chosen), clustered = 0;

	for (uint32_t p = 0; p < points->count; p++)
		if (labels[p] >= 0)
			chosen[clustered++] = p;
	*count = clustered < DZ_SILHOUETTE_SAMPLE ? clustered : DZ_SILHOUETTE_SAMPLE;
	*sampled = *count < clustered;
	for (uint32_t i = 0; i < *count; i++)
		chosen[i] = chosen[(uint64_t)i * clustered / *count];
	return chosen;
}

/* Of one point, from the sums of its distances to the vectors of each cluster. */
static double silhouette_of(const double *sums, const double *sizes, uint32_t clusters, uint32_t own)
{
	double inside, outside = INFINITY;

	if (sizes[own] <= 1)
		return 0;
	inside = sums[own] / (sizes[own] - 1);
	for (uint32_t c = 0; c < clusters; c++)
		if (c != own && sizes[c] > 0)
			outside = fmin(outside, sums[c] / sizes[c]);
	return fmax(inside, outside) > 0 ? (outside - inside) / fmax(inside, outside) : 0;
}

bool dz_silhouette(const struct dz_points *points, const int32_t *labels, uint32_t clusters, double *mean,
		   bool *sampled)
{
	uint32_t count, filled = 0;
	uint32_t *chosen = choose(points, labels, &count, sampled);
	double *sizes = dz_mem_zalloc(clusters, sizeof *sizes), *sums = dz_mem_zalloc(clusters, sizeof *sums);
	double total = 0, weight = 0;

	for (uint32_t i = 0; i < count; i++)
		sizes[labels[chosen[i]]] += (double)points->weights[chosen[i]];
	for (uint32_t c = 0; c < clusters; c++)
		filled += sizes[c] > 0;
	for (uint32_t i = 0; i < count && filled > 1; i++) {
		const double *point = dz_points_at(points, chosen[i]);
		double own = (double)points->weights[chosen[i]];
		memset(sums, 0, clusters * sizeof *sums);
		for (uint32_t j = 0; j < count; j++) {
			double rdist =
				dz_metric_rdist(points->metric, point, dz_points_at(points, chosen[j]), points->dims);
			sums[labels[chosen[j]]] +=
				dz_metric_rdist_to_distance(points->metric, rdist) * (double)points->weights[chosen[j]];
		}
		total += own * silhouette_of(sums, sizes, clusters, (uint32_t)labels[chosen[i]]);
		weight += own;
	}
	*mean = weight > 0 ? total / weight : 0;
	free(chosen);
	free(sizes);
	free(sums);
	return filled > 1;
}
