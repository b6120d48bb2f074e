/* SPDX-License-Identifier: BSD-2-Clause */
/* distance.c - see distance.h.
 *
 * Every distance is a loop over two embedded points whose last coordinate is a
 * mark: 0, or the largest reduced distance there is for an empty vector.  The formulae are
 * chosen so that nearly equal vectors lose no digits: sums of squares of
 * differences, never a difference of sums. */
#include "config.h"
#include "math/distance.h"

#include "base/mem.h"
#include "base/names.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME(metric, name, ...) name,
const char *const dz_metric_names[DZ_METRIC_COUNT + 1] = { DZ_METRIC_LIST(NAME) NULL };

/* A switch over the metrics, one case each: as the functions of a row are known where they are called, each case is
 * compiled for its metric. */
#define SWITCH(metric, cases)                                                                                          \
	switch (metric) {                                                                                              \
		DZ_METRIC_LIST(cases)                                                                                  \
	}

/* What `add` is, is known in each case of the switch: a call for every block would cost as much as what it adds up. */
#define ALWAYS_INLINE __attribute__((always_inline)) static inline

#define BLOCK 8u /* coordinates between two looks at the limit */
#define LN2 0.69314718055994530942
#define SQRT2 1.41421356237309504880

const char *dz_metric_name(enum dz_metric metric)
{
	return dz_metric_names[metric];
}

bool dz_metric_from_name(const char *name, enum dz_metric *metric)
{
	int found = dz_names_find(dz_metric_names, name);

	*metric = found < 0 ? *metric : (enum dz_metric)found;
	return found >= 0;
}

/* ---- the upper ends of the ranges ---- */

static double max_one(const struct dz_axis *axis)
{
	(void)axis;
	return 1;
}

static double max_percent(const struct dz_axis *axis)
{
	(void)axis;
	return 100 * SQRT2;
}

static double max_bytes(const struct dz_axis *axis)
{
	return (axis->parts == 1 ? axis->bins - 1.0 : 2.0 * axis->bins) * axis->bin_width;
}

double dz_metric_max(enum dz_metric metric, const struct dz_axis *axis)
{
#define MAX(metric, name, max, ...)                                                                                    \
	case DZ_METRIC_##metric:                                                                                       \
		return max(axis);
	SWITCH(metric, MAX)
	return 1;
}

double dz_distance_normalise(const uint64_t *counts, uint32_t size, double *vector)
{
	uint64_t sum = 0;

	for (uint32_t k = 0; k < size; k++)
		sum += counts[k];
	for (uint32_t k = 0; k < size; k++)
		vector[k] = sum ? (double)counts[k] / (double)sum : 0;
	return (double)sum;
}

/* ---- embedding ---- */

uint32_t dz_metric_dims(const struct dz_axis *axis)
{
	return dz_axis_size(axis) + 1;
}

static void embed_plain(const double *vector, const struct dz_axis *axis, double *point)
{
	memcpy(point, vector, dz_axis_size(axis) * sizeof *point);
}

static void embed_roots(const double *vector, const struct dz_axis *axis, double *point)
{
	for (uint32_t k = 0; k < dz_axis_size(axis); k++)
		point[k] = sqrt(vector[k] / 2);
}

static void embed_scaled(const double *vector, const struct dz_axis *axis, double factor, double *point)
{
	for (uint32_t k = 0; k < dz_axis_size(axis); k++)
		point[k] = vector[k] * factor;
}

static void embed_half(const double *vector, const struct dz_axis *axis, double *point)
{
	embed_scaled(vector, axis, 0.5, point);
}

static void embed_percent(const double *vector, const struct dz_axis *axis, double *point)
{
	embed_scaled(vector, axis, 100, point);
}

static void embed_cumulated(const double *vector, const struct dz_axis *axis, double *point)
{
	for (uint32_t part = 0; part < axis->parts; part++) {
		double sum = 0;
		for (uint32_t k = part * axis->bins; k < (part + 1) * axis->bins; k++) {
			sum += vector[k];
			point[k] = sum * axis->bin_width;
		}
	}
	if (axis->parts == 1)
		point[axis->bins - 1] = 0; /* both sums are 1 there: nothing moves out of the last bin */
}

static double norm(const double *vector, uint32_t bins)
{
	double sum = 0;

	for (uint32_t k = 0; k < bins; k++)
		sum += vector[k] * vector[k];
	return sqrt(sum);
}

static void embed_unit(const double *vector, const struct dz_axis *axis, double *point)
{
	embed_scaled(vector, axis, 1 / norm(vector, dz_axis_size(axis)), point);
}

static bool is_empty(const double *vector, uint32_t bins)
{
	for (uint32_t k = 0; k < bins; k++)
		if (vector[k] > 0)
			return false;
	return true;
}

void dz_metric_embed(enum dz_metric metric, const double *vector, const struct dz_axis *axis, double *point)
{
	uint32_t bins = dz_axis_size(axis);

	if (is_empty(vector, bins)) {
		memset(point, 0, bins * sizeof *point);
		point[bins] = dz_metric_distance_to_rdist(metric, dz_metric_max(metric, axis));
		return;
	}
	point[bins] = 0;
#define EMBED(metric, name, max, embed, ...)                                                                           \
	case DZ_METRIC_##metric:                                                                                       \
		embed(vector, axis, point);                                                                            \
		break;
	SWITCH(metric, EMBED)
}

/* ---- reduced distances: each adds up [from, to) and is called block by block ---- */

ALWAYS_INLINE double add_squares(const double *p, const double *q, uint32_t from, uint32_t to)
{
	double even = 0, odd = 0; /* two sums keep the processor busier than one */
	uint32_t k = from;

	for (; k + 1 < to; k += 2) {
		double d = p[k] - q[k], e = p[k + 1] - q[k + 1];
		even += d * d;
		odd += e * e;
	}
	if (k < to)
		odd += (p[k] - q[k]) * (p[k] - q[k]);
	return even + odd;
}

ALWAYS_INLINE double add_absolutes(const double *p, const double *q, uint32_t from, uint32_t to)
{
	double even = 0, odd = 0;
	uint32_t k = from;

	for (; k + 1 < to; k += 2) {
		even += fabs(p[k] - q[k]);
		odd += fabs(p[k + 1] - q[k + 1]);
	}
	if (k < to)
		odd += fabs(p[k] - q[k]);
	return even + odd;
}

/* Sum of (p-q)^2 / (p+q): twice chi-squared. */
static double add_triangular(const double *p, const double *q, uint32_t from, uint32_t to)
{
	double sum = 0;

	for (uint32_t k = from; k < to; k++) {
		double d = p[k] - q[k], s = p[k] + q[k];
		if (s > 0)
			sum += d * (d / s); /* not d*d / s: the square of a tiny number may be 0 */
	}
	return sum;
}

/* Sum of p ln(2p/(p+q)) + q ln(2q/(p+q)).  With s = p+q and d = (p-q)/s a term is
 * s/2 * ((1+d) ln(1+d) + (1-d) ln(1-d)) = s/2 * (ln(1-d^2) + 2d artanh d),
 * whose last form has no cancellation near d = 0. */
static double add_divergence(const double *p, const double *q, uint32_t from, uint32_t to)
{
	double sum = 0;

	for (uint32_t k = from; k < to; k++) {
		double s = p[k] + q[k];
		if (!(s > 0))
			continue;
		double d = fabs(p[k] - q[k]) / s;
		sum += d < 1 ? s / 2 * (log1p(-d * d) + 2 * d * atanh(d)) : s * LN2;
	}
	return sum;
}

typedef double add_range(const double *p, const double *q, uint32_t from, uint32_t to);

/* The sum over all coordinates, or any number above `limit` once the parts so far exceed it. */
ALWAYS_INLINE double add_within(add_range *add, const double *p, const double *q, uint32_t bins, double limit)
{
	double sum = 0;

	for (uint32_t from = 0; from < bins; from += BLOCK) {
		sum += add(p, q, from, from + BLOCK < bins ? from + BLOCK : bins);
		if (sum > limit)
			break;
	}
	return sum;
}

/* What the sum becomes. `limit` bounds the reduced distance; rounding must not cut off what is just within. */
#define WITHIN (1 + 1e-14)

ALWAYS_INLINE double rdist_sum(add_range *add, const double *p, const double *q, uint32_t bins, double limit)
{
	return add_within(add, p, q, bins, limit);
}

ALWAYS_INLINE double rdist_root(add_range *add, const double *p, const double *q, uint32_t bins, double limit)
{
	return sqrt(add_within(add, p, q, bins, limit * limit * WITHIN));
}

ALWAYS_INLINE double rdist_half_root(add_range *add, const double *p, const double *q, uint32_t bins, double limit)
{
	return sqrt(add_within(add, p, q, bins, 2 * limit * limit * WITHIN) / 2);
}

ALWAYS_INLINE double rdist_divergence(add_range *add, const double *p, const double *q, uint32_t bins, double limit)
{
	double square = limit * limit * WITHIN;

	/* ln(1-d^2) + 2d artanh d >= d^2, so the sum without logarithms often rules a pair out cheaply. */
	if (limit < 1) {
		double least = add_within(add_triangular, p, q, bins, 4 * LN2 * square);
		if (least > 4 * LN2 * square)
			return sqrt(least / (4 * LN2));
	}
	return sqrt(add_within(add, p, q, bins, 2 * LN2 * square) / (2 * LN2));
}

double dz_metric_rdist(enum dz_metric metric, const double *p, const double *q, uint32_t dims)
{
	return dz_metric_rdist_within(metric, p, q, dims, INFINITY);
}

double dz_metric_rdist_within(enum dz_metric metric, const double *p, const double *q, uint32_t dims, double limit)
{
	uint32_t bins = dims - 1;
	double marks = fabs(p[bins] - q[bins]);

	if (marks > 0)
		return marks;
#define RDIST(metric, name, max, embed, add, rdist, ...)                                                               \
	case DZ_METRIC_##metric:                                                                                       \
		return rdist(add, p, q, bins, limit);
	SWITCH(metric, RDIST)
	return 0;
}

/* ---- reduced distances and distances ---- */

static inline double same(double x)
{
	return x;
}

static inline double same_to_1(double rdist)
{
	return fmin(rdist, 1);
}

static inline double half_square(double rdist)
{
	return fmin(rdist * rdist / 2, 1);
}

static inline double square(double rdist)
{
	return fmin(rdist * rdist, 1);
}

static inline double root(double distance)
{
	return sqrt(distance);
}

static inline double root_of_twice(double distance)
{
	return sqrt(2 * distance);
}

double dz_metric_rdist_to_distance(enum dz_metric metric, double rdist)
{
#define TO_DISTANCE(metric, name, max, embed, add, rdist_of, to_distance, ...)                                         \
	case DZ_METRIC_##metric:                                                                                       \
		return to_distance(rdist);
	SWITCH(metric, TO_DISTANCE)
	return rdist;
}

double dz_metric_distance_to_rdist(enum dz_metric metric, double distance)
{
#define TO_RDIST(metric, name, max, embed, add, rdist_of, to_distance, to_rdist, ...)                                  \
	case DZ_METRIC_##metric:                                                                                       \
		return to_rdist(distance);
	SWITCH(metric, TO_RDIST)
	return distance;
}

/* ---- sums ---- */

static inline double square_of(double rdist)
{
	return rdist * rdist;
}

static inline double twice_square_of(double rdist)
{
	return 2 * rdist * rdist;
}

/* Of a divergence in bits, which is added up in nats. */
static inline double square_of_bits(double rdist)
{
	return 2 * LN2 * rdist * rdist;
}

double dz_metric_sum(enum dz_metric metric, double rdist)
{
#define SUM(metric, name, max, embed, add, rdist_of, to_distance, to_rdist, sum, ...)                                  \
	case DZ_METRIC_##metric:                                                                                       \
		return sum(rdist);
	SWITCH(metric, SUM)
	return rdist;
}

double dz_distance(enum dz_metric metric, const double *a, const double *b, const struct dz_axis *axis)
{
	uint32_t dims = dz_metric_dims(axis);
	double *points = dz_mem_zalloc((size_t)dims * 2, sizeof *points);

	dz_metric_embed(metric, a, axis, points);
	dz_metric_embed(metric, b, axis, points + dims);
	double distance = dz_metric_rdist_to_distance(metric, dz_metric_rdist(metric, points, points + dims, dims));
	free(points);
	return distance;
}
