/* SPDX-License-Identifier: BSD-2-Clause */
/* summary.h - what a distribution of lengths says in a few numbers.
 *
 * Numbers only: no flows, no JSON, no files.  Weights are counts or shares,
 * none negative; they need not add up to 1.  Bin k < bins-1 holds the lengths
 * [k*width, (k+1)*width - 1], the last bin everything from its lower end up
 * (as in hist.h). */
#ifndef DISTRIBOOZE_SUMMARY_H
#define DISTRIBOOZE_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Shannon's entropy in bits: 0 for one bin or none, log2(bins) for evenly filled ones. */
double dz_summary_entropy(const double *weights, uint32_t bins);

/* The first bin at which the cumulated weight reaches `share` (0..1) of the total, to within 1e-12, and which holds
 * weight; `bins` when there is no weight at all. */
uint32_t dz_summary_quantile_bin(const double *weights, uint32_t bins, double share);

/* A quantile in bytes, taking the lengths in a bin as evenly spread over its width: k*width + width * (the part of the
 * bin's weight that is below the quantile).  The last bin has no upper end and gives its lower one.
 * 0 when there is no weight.  The truth lies in the same bin: no farther than one width away, below the last bin. */
double dz_summary_quantile(const double *weights, uint32_t bins, uint32_t bin_width, double share);

/* The lengths of a bin in bytes. */
struct dz_summary_range {
	uint32_t first, last; /* both included */
	bool open;            /* the last bin: `last` is UINT32_MAX and means "and above" */
};
struct dz_summary_range dz_summary_range(uint32_t bin, uint32_t bins, uint32_t bin_width);

struct dz_summary_bin {
	uint32_t bin;
	double share; /* of the total weight, 0..1 */
};

/* Writes the bins of largest share, largest first, the lower bin first of equals, none that is empty.
 * Returns how many were written, at most `wanted`. */
size_t dz_summary_leading(const double *weights, uint32_t bins, struct dz_summary_bin *leading, size_t wanted);

/* For qsort(): doubles, the smallest first. */
int dz_summary_by_value(const void *a, const void *b);

/* Of `count` that are all alike, up to this share of all others may be of another kind: 95 % (Clopper and Pearson,
 * Biometrika 26, 1934, 404-413). 1 of none. */
double dz_summary_unseen(uint32_t count);

/* A quantile (0..1) of sorted values, of which there is at least one: linear between neighbours. */
double dz_summary_sorted_quantile(const double *sorted, size_t count, double share);

#endif
