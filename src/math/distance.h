/* SPDX-License-Identifier: BSD-2-Clause */
/* distance.h - how far apart two distributions of packet lengths are.
 *
 * Numbers only: no flows, no JSON, no files.
 *
 * A *vector* is a double for each bin of its axis, none negative, that add up
 * to 1; or all zeros, which is the *empty* vector (a flow that held no counted
 * packet).  Bin k stands for the length k * bin_width.  With a, b the two
 * vectors:
 *
 *   name             formula                                     range
 *   hellinger        sqrt(1/2 * sum (sqrt a_k - sqrt b_k)^2)     0 .. 1
 *   jensen-shannon   sqrt((KL(a||m) + KL(b||m)) / 2),            0 .. 1
 *                    m = (a+b)/2, logarithms to base 2
 *   euclidean        100 * sqrt(sum (a_k - b_k)^2): on percent   0 .. 100 * sqrt 2
 *   cosine           1 - a.b / (|a| * |b|)                       0 .. 1
 *   wasserstein      bin_width * sum |A_k - B_k|, A and B the    0 .. (bins-1) * bin_width
 *                    cumulated vectors: bytes to be moved;
 *                    with two directions the sum over both, each  0 .. 2 * bins * bin_width
 *                    with its last bin, so that the share of a
 *                    direction counts, too
 *   chi-squared      1/2 * sum (a_k - b_k)^2 / (a_k + b_k),      0 .. 1
 *                    over the bins where a_k + b_k > 0
 *   total-variation  1/2 * sum |a_k - b_k|                       0 .. 1
 *
 * Empty vectors: two empty vectors are at distance 0; an empty and a non-empty
 * one are at the metric's maximum, as if "nothing" were a bin of its own that
 * shares no mass with the others.  No result is ever NaN.
 *
 * All are symmetric and 0 exactly where the vectors are bitwise equal.  All
 * but cosine and chi-squared are metrics; of those two a monotone function is
 * (see dz_metric_embed), so that an index may use the triangle inequality for
 * every one of them.  Euclidean also takes vectors that do not add up to 1
 * (percent truncated to integers, divided by 100). */
#ifndef DISTRIBOOZE_DISTANCE_H
#define DISTRIBOOZE_DISTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A metric is a row: X(constant, name, maximum, embed, add, rdist, distance of an rdist, rdist of a distance, sum of an
 * rdist, part, common). The first is the default. What stands behind the name are functions of distance.c and, the last
 * two, of lanes.c, which expand the rows; a new metric is a row here and those of its functions that no other has. */
#define DZ_METRIC_LIST(X)                                                                                              \
	X(HELLINGER, "hellinger", max_one, embed_roots, add_squares, rdist_root, same_to_1, same, square_of,           \
	  part_square, common_product)                                                                                 \
	X(JENSEN_SHANNON, "jensen-shannon", max_one, embed_plain, add_divergence, rdist_divergence, same_to_1, same,   \
	  square_of_bits, part_logarithm, common_divergence)                                                           \
	X(EUCLIDEAN, "euclidean", max_percent, embed_percent, add_squares, rdist_root, same, same, square_of,          \
	  part_square, common_product)                                                                                 \
	X(COSINE, "cosine", max_one, embed_unit, add_squares, rdist_root, half_square, root_of_twice, square_of,       \
	  part_square, common_product)                                                                                 \
	X(WASSERSTEIN, "wasserstein", max_bytes, embed_cumulated, add_absolutes, rdist_sum, same, same, same,          \
	  part_same, common_least)                                                                                     \
	X(CHI_SQUARED, "chi-squared", max_one, embed_plain, add_triangular, rdist_half_root, square, root,             \
	  twice_square_of, part_same, common_harmonic)                                                                 \
	X(TOTAL_VARIATION, "total-variation", max_one, embed_half, add_absolutes, rdist_sum, same_to_1, same, same,    \
	  part_same, common_least)

enum dz_metric {
#define DZ_METRIC_MEMBER(metric, ...) DZ_METRIC_##metric,
	DZ_METRIC_LIST(DZ_METRIC_MEMBER)
#undef DZ_METRIC_MEMBER
};
#define DZ_METRIC_ONE(metric, ...) +1
enum { DZ_METRIC_COUNT = 0 DZ_METRIC_LIST(DZ_METRIC_ONE) };
#undef DZ_METRIC_ONE

/* The names of the table above, NULL-terminated. */
extern const char *const dz_metric_names[DZ_METRIC_COUNT + 1];
const char *dz_metric_name(enum dz_metric metric);
bool dz_metric_from_name(const char *name, enum dz_metric *metric);

/* What the numbers of a vector stand for: `bins` lengths of one direction, or those of the source and, behind them, of
 * the destination (parts = 2), which then add up to 1 together. */
struct dz_axis {
	uint32_t bins, bin_width, parts; /* parts is 1 or 2 */
};

/* Numbers in a vector. */
static inline uint32_t dz_axis_size(const struct dz_axis *axis)
{
	return axis->bins * axis->parts;
}

/* The upper end of the range in the table above. */
double dz_metric_max(enum dz_metric metric, const struct dz_axis *axis);

/* One distance. Vectors are borrowed. For many distances, embed first. */
double dz_distance(enum dz_metric metric, const double *a, const double *b, const struct dz_axis *axis);

/* counts → vector. All zeros stay all zeros. Equal ratios give bitwise equal vectors. Returns the sum. */
double dz_distance_normalise(const uint64_t *counts, uint32_t size, double *vector);

/* ---- many distances ----
 *
 * A vector is embedded once, as a *point*; the *reduced distance* of two points is then a plain loop without square
 * roots of the entries.  It obeys the triangle inequality for every metric and grows with the distance:
 *
 *   rdist = distance                        hellinger, jensen-shannon, euclidean, wasserstein, total-variation
 *   rdist = sqrt(2 * distance)              cosine (the chord between unit vectors)
 *   rdist = sqrt(distance)                  chi-squared */

/* Doubles in a point: one more than in a vector, the last says "empty". */
uint32_t dz_metric_dims(const struct dz_axis *axis);

/* Writes dz_metric_dims(axis) doubles; vector and point do not overlap. */
void dz_metric_embed(enum dz_metric metric, const double *vector, const struct dz_axis *axis, double *point);

double dz_metric_rdist(enum dz_metric metric, const double *p, const double *q, uint32_t dims);

/* The reduced distance if it is at most `limit`; otherwise any number above `limit`, found early where possible. */
double dz_metric_rdist_within(enum dz_metric metric, const double *p, const double *q, uint32_t dims, double limit);

/* What the coordinates of two points at that reduced distance add up to, in whatever the metric adds up: it grows with
 * the reduced distance. */
double dz_metric_sum(enum dz_metric metric, double rdist);

double dz_metric_rdist_to_distance(enum dz_metric metric, double rdist);
double dz_metric_distance_to_rdist(enum dz_metric metric, double distance);

#endif
