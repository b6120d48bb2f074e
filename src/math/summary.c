/* SPDX-License-Identifier: BSD-2-Clause */
/* summary.c - see summary.h. */
#include "config.h"
#include "math/summary.h"

#include <math.h>

static double total(const double *weights, uint32_t bins)
{
	double sum = 0;

	for (uint32_t k = 0; k < bins; k++)
		sum += weights[k];
	return sum;
}

double dz_summary_entropy(const double *weights, uint32_t bins)
{
	double whole = total(weights, bins), sum = 0;

	for (uint32_t k = 0; k < bins; k++) {
		if (weights[k] > 0)
			sum -= weights[k] / whole * log2(weights[k] / whole);
	}
	return sum > 0 ? sum : 0; /* a single bin gives -0 */
}

/* Weights that are sums themselves may miss a share that they reach: without this a rounding would move the quantile to
 * the next filled bin, however far. */
#define SLACK 1e-12

/* The quantile's bin, and how much weight lies below the quantile in it. */
static uint32_t find(const double *weights, uint32_t bins, double share, double *inside)
{
	double all = total(weights, bins), wanted = share * all, below = 0;
	uint32_t last = bins;

	*inside = 0;
	for (uint32_t k = 0; k < bins; k++) {
		if (!(weights[k] > 0))
			continue;
		last = k;
		*inside = wanted - below;
		below += weights[k];
		if (below >= wanted - all * SLACK)
			break;
	}
	/* Where the sums miss each other by a rounding, the quantile is the end of the bin. */
	if (last<bins && * inside> weights[last])
		*inside = weights[last];
	return last;
}

uint32_t dz_summary_quantile_bin(const double *weights, uint32_t bins, double share)
{
	double inside;

	return find(weights, bins, share, &inside);
}

double dz_summary_quantile(const double *weights, uint32_t bins, uint32_t bin_width, double share)
{
	double inside;
	uint32_t bin = find(weights, bins, share, &inside);

	if (bin == bins)
		return 0;
	if (bin == bins - 1)
		return (double)bin * bin_width;
	return (bin + inside / weights[bin]) * bin_width;
}

struct dz_summary_range dz_summary_range(uint32_t bin, uint32_t bins, uint32_t bin_width)
{
	struct dz_summary_range range = { .first = bin * bin_width, .last = UINT32_MAX, .open = bin + 1 >= bins };

	if (!range.open)
		range.last = range.first + bin_width - 1;
	return range;
}

size_t dz_summary_leading(const double *weights, uint32_t bins, struct dz_summary_bin *leading, size_t wanted)
{
	double whole = total(weights, bins);
	size_t count = 0;

	/* Insertion into a short sorted list; going up the bins, an equal share stays behind the one there. */
	for (uint32_t k = 0; k < bins; k++) {
		struct dz_summary_bin bin = { k, whole > 0 ? weights[k] / whole : 0 };
		size_t place = count;
		if (!(weights[k] > 0))
			continue;
		while (place > 0 && leading[place - 1].share < bin.share)
			place--;
		if (place == wanted)
			continue;
		if (count < wanted)
			count++;
		for (size_t i = count - 1; i > place; i--)
			leading[i] = leading[i - 1];
		leading[place] = bin;
	}
	return count;
}

int dz_summary_by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double dz_summary_unseen(uint32_t count)
{
	return count ? 1 - pow(0.025, 1.0 / count) : 1;
}

double dz_summary_sorted_quantile(const double *sorted, size_t count, double share)
{
	double place = share * (double)(count - 1);
	size_t below = (size_t)place;

	if (below + 1 >= count)
		return sorted[count - 1];
	return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}
