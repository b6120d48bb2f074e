/* SPDX-License-Identifier: BSD-2-Clause */
/* told_apart.c - see told_apart.h.
 *
 * For each flow the sessions are kept in the order of their distance, with a
 * mark on those that tie with the one before; a share is then one walk along
 * the list for each flow, with the probabilities read from tables. */
#include "config.h"
#include "math/told_apart.h"

#include "base/mem.h"
#include "math/rng.h"
#include "math/summary.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_K = 10 };
#define TIES UINT32_C(0x80000000) /* the session is as far as the one before it in the list */

struct flow {
	uint32_t session;
	double weight;
};

struct dz_told_apart {
	uint32_t count, first, flows, capacity;
	struct flow *flow;    /* owned */
	uint32_t *orders;     /* owned: capacity * count: sessions, the nearest first */
	struct ranked *ranks; /* owned: of one flow */
};

struct ranked {
	double distance;
	uint32_t session;
};

struct dz_told_apart *dz_told_apart_new(uint32_t count, uint32_t first, uint32_t flows)
{
	struct dz_told_apart *told = dz_mem_zalloc(1, sizeof *told);

	told->count = count;
	told->first = first;
	told->capacity = flows;
	told->flow = dz_mem_zalloc(flows, sizeof *told->flow);
	told->orders = dz_mem_zalloc((size_t)flows * count, sizeof *told->orders);
	told->ranks = dz_mem_zalloc(count, sizeof *told->ranks);
	return told;
}

void dz_told_apart_free(struct dz_told_apart *told)
{
	if (!told)
		return;
	free(told->flow);
	free(told->orders);
	free(told->ranks);
	free(told);
}

static int by_distance(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return (x->session > y->session) - (x->session < y->session);
}

void dz_told_apart_add(struct dz_told_apart *told, uint32_t session, double weight, const double *nearest, double slack)
{
	uint32_t *order = told->orders + (size_t)told->flows * told->count;
	double tied_with = -INFINITY;

	told->flow[told->flows++] = (struct flow){ session, weight };
	for (uint32_t t = 0; t < told->count; t++)
		told->ranks[t] = (struct ranked){ nearest[t], t };
	qsort(told->ranks, told->count, sizeof *told->ranks, by_distance);
	for (uint32_t i = 0; i < told->count; i++) {
		bool ties = told->ranks[i].distance <= tied_with + slack;
		order[i] = told->ranks[i].session | (ties ? TIES : 0);
		if (!ties)
			tied_with = told->ranks[i].distance;
	}
}

uint32_t dz_told_apart_k(uint32_t a, uint32_t b)
{
	uint32_t fewer = a < b ? a : b;

	if (fewer < 2)
		return 0;
	return fewer - 1 < MAX_K ? fewer - 1 : MAX_K;
}

/* ---- the share ---- */

/* By r: the probability that k drawn of `count` are not among the r nearest. Given to the caller. */
static double *none_of(uint32_t count, uint32_t k)
{
	double *none = dz_mem_zalloc((size_t)count + 1, sizeof *none);

	none[0] = 1;
	for (uint32_t r = 0; r < count; r++)
		none[r + 1] = count - r > k ? none[r] * (count - r - k) / (count - r) : 0;
	return none;
}

/* Which sessions are whose, and which are left out. */
struct deal {
	bool *second, *out; /* owned: by session: of B; left out */
	uint32_t count[2];  /* of A and of B, less those left out */
	double enough;      /* a walk ends where no more than this probability is left; half of that is taken for it */
};

#define NEARLY 1e-3 /* for shares that only a spread is made of: what is off is nearly the same in all */
#define NO_SPREAD 1e-9

static void deal_init(struct deal *deal, const struct dz_told_apart *told)
{
	deal->second = dz_mem_zalloc(told->count, sizeof *deal->second);
	deal->out = dz_mem_zalloc(told->count, sizeof *deal->out);
	deal->enough = 0;
	for (uint32_t t = 0; t < told->count; t++)
		deal->second[t] = t >= told->first;
	deal->count[0] = told->first;
	deal->count[1] = told->count - told->first;
}

static void deal_release(struct deal *deal)
{
	free(deal->second);
	free(deal->out);
}

/* The sessions at one distance. */
struct tie {
	uint32_t own, other;
};

static double walk(const struct dz_told_apart *told, uint32_t flow, const struct deal *deal, const double *own_none,
		   const double *other_none)
{
	const uint32_t *order = told->orders + (size_t)flow * told->count;
	uint32_t session = told->flow[flow].session, own = 0, other = 0;
	bool group = deal->second[session];
	double share = 0;

	for (uint32_t i = 0; i < told->count && own_none[own] * other_none[other] > deal->enough;) {
		struct tie tie = { 0, 0 };
		double own_here, other_here;
		do {
			uint32_t t = order[i] & ~TIES;
			tie.other += deal->second[t] != group && !deal->out[t];
			tie.own += deal->second[t] == group && t != session && !deal->out[t];
			i++;
		} while (i < told->count && order[i] & TIES);
		own_here = own_none[own] - own_none[own + tie.own];
		other_here = other_none[other] - other_none[other + tie.other];
		own += tie.own;
		other += tie.other;
		share += own_here * (other_none[other] + other_here / 2);
	}
	return share + own_none[own] * other_none[other] / 2;
}

/* Of one group's flows: how often the nearest is of their group; NaN when nothing can be told. */
static double share_of_group(const struct dz_told_apart *told, uint32_t k, const struct deal *deal, bool group)
{
	uint32_t own = deal->count[group] - 1, other = deal->count[!group];
	double *own_none, *other_none, sum = 0, weight = 0;

	if (!deal->count[group] || !own || !other)
		return NAN;
	k = k < own ? k : own;
	k = k < other ? k : other;
	own_none = none_of(own, k);
	other_none = none_of(other, k);
	for (uint32_t i = 0; i < told->flows; i++) {
		const struct flow *flow = &told->flow[i];
		if (deal->second[flow->session] != group || deal->out[flow->session])
			continue;
		sum += flow->weight * walk(told, i, deal, own_none, other_none);
		weight += flow->weight;
	}
	free(own_none);
	free(other_none);
	return weight > 0 ? sum / weight : NAN;
}

static double share_of(const struct dz_told_apart *told, uint32_t k, const struct deal *deal)
{
	return (share_of_group(told, k, deal, false) + share_of_group(told, k, deal, true)) / 2;
}

double dz_told_apart_share(const struct dz_told_apart *told, uint32_t k)
{
	struct deal deal;
	double share;

	deal_init(&deal, told);
	share = share_of(told, k, &deal);
	deal_release(&deal);
	return share;
}

/* ---- the interval ---- */

struct spread {
	double variance, freedom; /* degrees of */
};

/* The variance of shares that leave out one of `count` parts each. */
static double jackknife(const double *shares, uint32_t count)
{
	double mean = 0, squares = 0;

	for (uint32_t i = 0; i < count; i++)
		mean += shares[i] / count;
	for (uint32_t i = 0; i < count; i++)
		squares += (shares[i] - mean) * (shares[i] - mean);
	return squares * (count - 1) / count;
}

/* Leaves out each part of a group in turn. The group's sessions, in random order, are dealt to the parts. */
static double leave_out(const struct dz_told_apart *told, uint32_t k, struct deal *deal, bool group,
			const uint32_t *order, uint32_t parts)
{
	double shares[DZ_TOLD_APART_PARTS];

	for (uint32_t part = 0; part < parts; part++) {
		uint32_t at = 0, all = deal->count[group];
		for (uint32_t i = 0; i < told->count; i++) {
			bool mine = deal->second[order[i]] == group;
			deal->out[order[i]] = mine && at % parts == part;
			deal->count[group] -= deal->out[order[i]];
			at += mine;
		}
		shares[part] = share_of(told, k, deal);
		deal->count[group] = all;
	}
	memset(deal->out, 0, told->count * sizeof *deal->out);
	return jackknife(shares, parts);
}

static struct spread leave_out_each(const struct dz_told_apart *told, uint32_t k, struct deal *deal, uint32_t most,
				    struct dz_rng *rng)
{
	uint32_t *order = dz_mem_zalloc(told->count, sizeof *order);
	struct spread spread = { 0, 0 };
	double rest = 0;

	for (uint32_t t = 0; t < told->count; t++)
		order[t] = t;
	dz_rng_choose(rng, order, told->count, told->count);
	for (unsigned g = 0; g < 2; g++) {
		uint32_t parts = deal->count[g] < most ? deal->count[g] : most;
		double variance = leave_out(told, k, deal, g, order, parts);
		spread.variance += variance;
		rest += variance * variance / (parts - 1);
	}
	spread.freedom = rest > 0 ? spread.variance * spread.variance / rest : INFINITY; /* Satterthwaite */
	free(order);
	return spread;
}

static void deal_anew(const struct dz_told_apart *told, struct deal *deal, struct dz_rng *rng)
{
	uint32_t *order = dz_mem_zalloc(told->count, sizeof *order);

	for (uint32_t t = 0; t < told->count; t++)
		order[t] = t;
	dz_rng_choose(rng, order, told->count, told->count);
	for (uint32_t t = 0; t < told->count; t++)
		deal->second[order[t]] = t >= told->first;
	free(order);
}

/* Student's t for 95 %, by Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5): to 1 % from 3 degrees on. */
static double student(double freedom)
{
	double z = 1.959963984540054, n = fmax(freedom, 2), z2 = z * z;

	return z + z * (z2 + 1) / (4 * n) + z * (z2 * (5 * z2 + 16) + 3) / (96 * n * n) +
	       z * (z2 * (z2 * (3 * z2 + 19) + 17) - 15) / (384 * n * n * n);
}

/* The degrees of freedom of a variance that is the sum of two, by Satterthwaite. */
static double freedom_of(const struct spread *a, const struct spread *b)
{
	double sum = a->variance + b->variance,
	       rest = a->variance * a->variance / a->freedom + b->variance * b->variance / b->freedom;

	return rest > 0 ? sum * sum / rest : INFINITY;
}

/* Where all sessions seen are told apart alike there is no variance to go by, and yet some of all may be others, which
 * may be told apart always or never. The same where less than half a session is not told apart. */
static struct dz_interval no_surer_than_seen(double share, double half, uint32_t sessions)
{
	double unseen = dz_summary_unseen(sessions), low = share - half, high = share + half;

	if (half < NO_SPREAD || (1 - share) * sessions < 0.5) {
		low = fmin(low, share * (1 - unseen));
		high = fmax(high, share + (1 - share) * unseen);
	}
	return (struct dz_interval){ true, fmax(low, 0), fmin(high, 1) };
}

struct dz_interval dz_told_apart_interval(const struct dz_told_apart *told, uint32_t k,
					  const struct dz_told_apart_effort *effort, struct dz_rng *rng)
{
	double share = dz_told_apart_share(told, k), by_chance = 0, mean = 0, squares = 0, part, half;
	struct spread spread, chance = { 0, effort->deals - 1.0 }, rest;
	struct deal deal;

	deal_init(&deal, told);
	deal.enough = NEARLY;
	spread = leave_out_each(told, k, &deal, effort->parts, rng);
	for (uint32_t i = 0; i < effort->deals; i++) {
		double one;
		deal_anew(told, &deal, rng);
		one = share_of(told, k, &deal) - 0.5;
		mean += one / effort->deals;
		squares += one * one;
		if (i < effort->deals_left_out)
			by_chance +=
				leave_out_each(told, k, &deal, effort->parts, rng).variance / effort->deals_left_out;
	}
	deal_release(&deal);
	chance.variance = fmax(squares - effort->deals * mean * mean, 0) / chance.freedom;
	part = spread.variance > by_chance ? by_chance / spread.variance : 1;
	rest = spread;
	rest.variance -= fmax(by_chance - chance.variance, 0) * part * part;
	rest.variance = fmax(rest.variance - chance.variance, 0);
	half = student(freedom_of(&chance, &rest)) * sqrt(chance.variance + rest.variance);
	return no_surer_than_seen(share, half,
				  told->first < told->count - told->first ? told->first : told->count - told->first);
}
