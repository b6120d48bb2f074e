/* SPDX-License-Identifier: BSD-2-Clause */
/* told_apart.c - see told_apart.h.
 *
 * For each flow the sessions are kept in the order of their distance, with a
 * mark on those that tie with the one before; a share is then one walk along
 * the list for each flow, with the probabilities read from tables. */
#include "config.h"
#include "math/told_apart.h"

#include "base/mem.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MOST_K = 10 };
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
	return fewer - 1 < MOST_K ? fewer - 1 : MOST_K;
}

/* ---- the share ---- */

/* none[r]: the probability that k drawn of `count` are not among the r nearest. */
struct table {
	uint32_t count, k;
	double *none; /* owned: count + 1; NULL: not made yet */
};

static const double *table_of(struct table *table, uint32_t count, uint32_t k)
{
	if (table->none && table->count == count && table->k == k)
		return table->none;
	free(table->none);
	*table = (struct table){ count, k, dz_mem_zalloc((size_t)count + 1, sizeof *table->none) };
	table->none[0] = 1;
	for (uint32_t r = 0; r < count; r++)
		table->none[r + 1] = count - r > k ? table->none[r] * (count - r - k) / (count - r) : 0;
	return table->none;
}

/* The tables of a share: the own group's depend on how often the flow's own session is there. */
enum { TABLES = 16 };
struct tables {
	struct table own[2][TABLES], other[2][TABLES];
};

static void tables_release(struct tables *tables)
{
	for (unsigned g = 0; g < 2; g++) {
		for (unsigned i = 0; i < TABLES; i++) {
			free(tables->own[g][i].none);
			free(tables->other[g][i].none);
		}
	}
}

/* The sessions at one distance. */
struct tie {
	uint32_t own, other;
};

static double walk(const struct dz_told_apart *told, uint32_t flow, const double *times, const double *own_none,
		   const double *other_none)
{
	const uint32_t *order = told->orders + (size_t)flow * told->count;
	uint32_t session = told->flow[flow].session, own = 0, other = 0;
	bool group = session >= told->first;
	double share = 0;

	for (uint32_t i = 0; i < told->count && own_none[own] > 0;) {
		struct tie tie = { 0, 0 };
		double own_here, other_here;
		do {
			uint32_t t = order[i] & ~TIES, copies = times ? (uint32_t)times[t] : 1;
			if ((t >= told->first) != group)
				tie.other += copies;
			else if (t != session)
				tie.own += copies;
			i++;
		} while (i < told->count && order[i] & TIES);
		own_here = own_none[own] - own_none[own + tie.own];
		other_here = other_none[other] - other_none[other + tie.other];
		own += tie.own;
		other += tie.other;
		share += own_here * (other_none[other] + other_here / 2);
	}
	return share;
}

double dz_told_apart_share(const struct dz_told_apart *told, uint32_t k, const double *times)
{
	double sum[2] = { 0, 0 }, weight[2] = { 0, 0 };
	const uint32_t sessions[2] = { told->first, told->count - told->first };
	struct tables tables = { 0 };

	for (uint32_t i = 0; i < told->flows; i++) {
		bool group = told->flow[i].session >= told->first;
		uint32_t copies = times ? (uint32_t)times[told->flow[i].session] : 1;
		uint32_t own = sessions[group] - copies, other = sessions[!group], drawn = k, slot;
		double w = told->flow[i].weight * copies;
		if (!copies || !own || !other)
			continue;
		drawn = drawn < own ? drawn : own;
		drawn = drawn < other ? drawn : other;
		slot = copies < TABLES ? copies : 0;
		sum[group] += w * walk(told, i, times, table_of(&tables.own[group][slot], own, drawn),
				       table_of(&tables.other[group][slot], other, drawn));
		weight[group] += w;
	}
	tables_release(&tables);
	if (!(weight[0] > 0) || !(weight[1] > 0))
		return NAN;
	return (sum[0] / weight[0] + sum[1] / weight[1]) / 2;
}
