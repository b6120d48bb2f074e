/* SPDX-License-Identifier: BSD-2-Clause */
/* energy.h - do two groups of sessions differ, by how much, and how sure is that?
 *
 * Numbers only: no flows, no JSON, no files.
 *
 * Flows come in sessions, and flows of one session are not independent; so
 * sessions are what is permuted, and pairs inside one session are left out.
 * With d the distance of two flows, S_st the sum of d between the flows of
 * sessions s and t (S_ss = 0), n_s the flows of s, and n_A, n_B those of the
 * groups, the energy distance (Szekely and Rizzo, 2013) is here
 *
 *   E = 2 sum S_ab / (n_A n_B) - sum_{s,t in A} S_st / (n_A^2 - sum_A n_s^2) - the same for B
 *
 * which is 0 in the mean where the groups are alike in law, and above 0 where
 * they are not, if d is a metric of strong negative type (hellinger,
 * jensen-shannon, euclidean).  The statistic of the test is T = E / sqrt V,
 *
 *   V   = sum over both groups of (n_s / n_g)^2 (h_s - mean of h in g)^2
 *   h_s = (sum_{t in A} S_st / n_A - sum_{t in B} S_st / n_B) / n_s, the mean weighted by n_s
 *
 * made anew for each split (so sessions of unequal size do no harm); where V is
 * 0, T is 0 if E <= 0 and infinite else.  H = E / (2 mean d(a, b)), cut at 0,
 * is E as a share of what it could be at most.
 *
 * Sizes may be weights: they need not be whole numbers. */
#ifndef DISTRIBOOZE_ENERGY_H
#define DISTRIBOOZE_ENERGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dz_energy {
	uint32_t count; /* sessions of both groups; those of A come first */
	uint32_t first; /* sessions of A */
	double *sizes;  /* owned: n_s, above 0 */
	double *sums;   /* owned: count * count, S_st; symmetric, 0 on the diagonal */
};

/* All sizes and sums are 0. */
void dz_energy_init(struct dz_energy *energy, uint32_t count, uint32_t first);
void dz_energy_release(struct dz_energy *energy);

/* Adds a weighted distance between a flow of s and a flow of t; nothing where s = t. */
static inline void dz_energy_add(struct dz_energy *energy, uint32_t s, uint32_t t, double weighted)
{
	if (s == t)
		return;
	energy->sums[(size_t)s * energy->count + t] += weighted;
	energy->sums[(size_t)t * energy->count + s] += weighted;
}

/* Joins sessions into `count` larger ones, of which A has `first`: session s becomes part of into[s]. *joined is
 * initialised here. */
void dz_energy_join(const struct dz_energy *energy, const uint32_t *into, uint32_t count, uint32_t first,
		    struct dz_energy *joined);

/* ---- the test ---- */

/* The least p that splits of so many sessions can yield: the split that was seen is one of them, and with as many
 * sessions on both sides its mirror image is as far apart. 1 with fewer than two sessions on a side. */
double dz_energy_least_p(uint32_t a, uint32_t b);
/* The same where `pairs` sessions of each side have a partner on the other, with which they change places. */
double dz_energy_least_p_paired(uint32_t a, uint32_t b, uint32_t pairs);

/* A session of A and one of B that belong together, as the two halves of what one host did. In a split they change
 * places or stay, and are never on one side; the others are dealt as ever. */
struct dz_energy_pair {
	uint32_t of_a, of_b;
};

struct dz_energy_options {
	uint32_t permutations; /* N, at least 1: all splits are tried when there are no more than N, else N random ones
				*/
	uint32_t stop;         /* random splits end early when so many reached T; at least 1 */
	const struct dz_energy_pair *pairs; /* borrowed; splits are random where there are any */
	uint32_t pair_count;
	uint64_t seed;
};

struct dz_energy_result {
	double energy, statistic; /* E and T; the latter may be infinite */
	double h;                 /* H, not cut */
	bool exact;               /* all splits were tried: p = reached / tried */
	uint32_t tried, reached;  /* splits, and those with T* >= T */
	/* (1 + reached) / (1 + tried) for N random splits (Phipson and Smyth, 2010), reached / tried where they ended
	 * early (Besag and Clifford, 1991) */
	double p;
	double noise_median, noise_high; /* of H, cut, over the splits tried: its median and its 95 % quantile */
};

/* At least two sessions on each side. T* counts as reaching T when it falls short by no more than a rounding. The same
 * seed gives the same result on every machine. */
void dz_energy_test(const struct dz_energy *energy, const struct dz_energy_options *options,
		    struct dz_energy_result *result);

/* ---- the interval ---- */

struct dz_interval {
	bool known;
	double low, high;
};

/* The 95 % percentile interval of `count` values, which are sorted; unknown when there are fewer than 40. */
struct dz_interval dz_interval_of(double *values, size_t count);

/* A bootstrap resample: how often each session is drawn, of each group as many as it has. */
struct dz_rng;
void dz_energy_resample(struct dz_rng *rng, uint32_t count, uint32_t first, double *times);

/* H, cut at 0, of a resample; a pair of copies of one session is never counted. NaN when it cannot be told. `scratch`
 * is 2 * count doubles. */
double dz_energy_resampled_h(const struct dz_energy *energy, const double *times, double *scratch);

#endif
