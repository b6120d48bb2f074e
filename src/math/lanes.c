/* SPDX-License-Identifier: BSD-2-Clause */
/* lanes.c - see lanes.h. The loops over the lanes are of a fixed number of turns without branches, which is what
 * compilers make instructions for several numbers of. */
#include "config.h"
#include "math/lanes.h"

#include <float.h>
#include <string.h>

#define ALWAYS_INLINE __attribute__((always_inline)) static inline

/* As in distance.c: each case is compiled for its metric. */
#define SWITCH(metric, cases)                                                                                          \
	switch (metric) {                                                                                              \
		DZ_METRIC_LIST(cases)                                                                                  \
	}

static const float ln2 = 0.69314718055994530942F;

/* ---- what a coordinate has ---- */

ALWAYS_INLINE float part_same(float p)
{
	return p;
}

ALWAYS_INLINE float part_square(float p)
{
	return p * p;
}

ALWAYS_INLINE float part_logarithm(float p)
{
	return p * ln2;
}

/* ---- what two have in common: the first is above 0 ---- */

ALWAYS_INLINE float common_product(float p, float q)
{
	return p * q;
}

ALWAYS_INLINE float common_least(float p, float q)
{
	return p < q ? p : q;
}

/* The smallest number keeps 0/0 out, should p be too small for a float. */
ALWAYS_INLINE float common_harmonic(float p, float q)
{
	return 2 * p * (q / (p + q + FLT_MIN));
}

/* With s = p + q and d = (p - q)/s the difference is s/2 ((1+d) ln(1+d) + (1-d) ln(1-d)) (see distance.c), which is
 * s/2 * the sum over n of d^2n / (n (2n-1)): no term is below 0.  Where q is 0, what is left out would be in common. */
ALWAYS_INLINE float common_divergence(float p, float q)
{
	float s = p + q, d = (p - q) / (s + FLT_MIN), e = d * d;
	float terms = e * (1 + e * (1.0F / 6 + e * (1.0F / 15 + e * (1.0F / 28 + e * (1.0F / 45)))));

	return (q > 0 ? 1.0F : 0.0F) * s * (ln2 / 2 - terms / 4);
}

/* ---- lanes ---- */

typedef float part_of(float p);
typedef float common_of(float p, float q);

ALWAYS_INLINE void add_points(common_of *common, const struct dz_lanes_column *columns, uint32_t count,
			      float in_common[DZ_LANES])
{
	float all[DZ_LANES] = { 0 };

	for (uint32_t c = 0; c < count; c++) {
		const float *values = columns[c].values;
		float center = columns[c].center;
		for (uint32_t i = 0; i < DZ_LANES; i++)
			all[i] += common(center, values[i]);
	}
	memcpy(in_common, all, sizeof all);
}

void dz_lanes_points(enum dz_metric metric, const struct dz_lanes_column *columns, uint32_t count,
		     float in_common[DZ_LANES])
{
#define POINTS(metric, name, max, embed, add, rdist, to_distance, to_rdist, sum, part, common)                         \
	case DZ_METRIC_##metric:                                                                                       \
		add_points(common, columns, count, in_common);                                                         \
		break;
	SWITCH(metric, POINTS)
}

ALWAYS_INLINE void add_boxes(part_of *part, common_of *common, const struct dz_lanes_column *columns, uint32_t count,
			     float moved[DZ_LANES], float in_common[DZ_LANES])
{
	float all_moved[DZ_LANES] = { 0 }, all[DZ_LANES] = { 0 }, inside[DZ_LANES];

	for (uint32_t c = 0; c < count; c++) {
		const float *lows = columns[c].values, *highs = lows + DZ_LANES;
		float center = columns[c].center;
		for (uint32_t i = 0; i < DZ_LANES; i++) {
			float in = lows[i] > center ? lows[i] : center;
			inside[i] = highs[i] < in ? highs[i] : in;
			all[i] += common(center, highs[i]);
		}
		for (uint32_t i = 0; i < DZ_LANES; i++)
			all_moved[i] += part(inside[i]) - part(lows[i]) - 2 * common(center, inside[i]);
	}
	memcpy(moved, all_moved, sizeof all_moved);
	memcpy(in_common, all, sizeof all);
}

void dz_lanes_boxes(enum dz_metric metric, const struct dz_lanes_column *columns, uint32_t count, float moved[DZ_LANES],
		    float in_common[DZ_LANES])
{
#define BOXES(metric, name, max, embed, add, rdist, to_distance, to_rdist, sum, part, common)                          \
	case DZ_METRIC_##metric:                                                                                       \
		add_boxes(part, common, columns, count, moved, in_common);                                             \
		break;
	SWITCH(metric, BOXES)
}

/* In halves of FLT_EPSILON, which is what rounding to a float loses at most, and of both wholes: each addition loses
 * one, as no sum on the way is larger; and all terms together, their coordinates' rounding and that of the wholes, no
 * more than two dozen. */
float dz_lanes_slack(uint32_t count, double whole)
{
	return (float)((count + 24) * (double)FLT_EPSILON / 2 * whole);
}
