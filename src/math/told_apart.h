/* SPDX-License-Identifier: BSD-2-Clause */
/* told_apart.h - how often is a flow's nearest neighbour of its own group?
 *
 * Numbers only: no flows, no JSON, no files.
 *
 * For each flow: k sessions are drawn without replacement from the other
 * sessions of its own group, and k from the other group; how probable is it
 * that the nearest flow is of its own group?  A tie counts one half.  Each flow
 * of a group counts alike (by its weight), and each group counts alike.  Where
 * the groups are alike the answer is 1/2 in the mean, whatever the numbers of
 * sessions; where nothing is shared it is 1.
 *
 * No random numbers: of K sessions, r of which are nearer than x, k drawn ones
 * hold none of those with probability C(K-r, k) / C(K, k) (hypergeometric). */
#ifndef DISTRIBOOZE_TOLD_APART_H
#define DISTRIBOOZE_TOLD_APART_H

#include "math/energy.h"
#include <stdint.h>

struct dz_told_apart; /* opaque */

/* `count` sessions, of which the first `first` are group A's; at most `flows` flows will be added. */
struct dz_told_apart *dz_told_apart_new(uint32_t count, uint32_t first, uint32_t flows);
void dz_told_apart_free(struct dz_told_apart *told);

/* Adds a flow of `session`. nearest[t] is its distance to the nearest flow of session t (its own is not looked at);
 * borrowed. Distances that differ by no more than `slack` are ties. */
void dz_told_apart_add(struct dz_told_apart *told, uint32_t session, double weight, const double *nearest,
		       double slack);

/* The k of sessions a and b: the fewer of them less one, at most 10; 0 when one of them has fewer than two. */
uint32_t dz_told_apart_k(uint32_t a, uint32_t b);

/* The share; NaN when nothing can be told. */
double dz_told_apart_share(const struct dz_told_apart *told, uint32_t k);

/* The 95 % interval: the share give or take Student's t times the root of a variance.
 *
 * That is the jackknife's: the sessions of each group are dealt to parts, and each part is left out in turn.  Where the
 * groups are alike, or nearly, the share hardly depends on single sessions but on pairs and more of them, which a
 * jackknife counts twice and more (Efron and Stein, 1981), and so does a bootstrap.  How much too wide it is shows
 * where sessions are dealt to groups anew: there the variance of the shares themselves is known.  That excess
 * is taken away, the less of it the more single sessions make a difference (times the square of the jackknife's
 * variance by chance over what it is here), and no less than the variance by chance is left.  That part of the
 * variance is known from as many shares as there were deals, the rest from the jackknife's few parts, and Student's t
 * has the degrees of freedom of their sum.  Where sessions do not vary, or nearly none is mistaken, it is no narrower
 * than what so many sessions can tell of others. */
#define DZ_TOLD_APART_PARTS 20u
struct dz_told_apart_effort {
	uint32_t parts;          /* at most, of a group: 2..DZ_TOLD_APART_PARTS */
	uint32_t deals;          /* to new groups, at least 2 */
	uint32_t deals_left_out; /* of them: those whose parts are left out in turn, 1..deals */
};
struct dz_rng;
struct dz_interval dz_told_apart_interval(const struct dz_told_apart *told, uint32_t k,
					  const struct dz_told_apart_effort *effort, struct dz_rng *rng);

#endif
