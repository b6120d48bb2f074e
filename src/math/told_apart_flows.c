/* SPDX-License-Identifier: BSD-2-Clause */
/* told_apart_flows.c - see told_apart_flows.h. */
#include "config.h"
#include "math/told_apart_flows.h"

#include "base/mem.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct place {
	double distance;
	uint64_t flows[2]; /* of the own group, of the other */
};

static int by_distance(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	return (x->distance > y->distance) - (x->distance < y->distance);
}

/* The probability that k drawn of `count` are not among the `nearer` ones. */
static double none_of(uint64_t count, uint64_t nearer, uint32_t k)
{
	double none = 1;

	for (uint32_t j = 0; j < k; j++) {
		if (nearer + j >= count)
			return 0;
		none *= (double)(count - nearer - j) / (double)(count - j);
	}
	return none;
}

/* The share of a flow from whose place these are, sorted. */
static double walk(const struct place *places, uint32_t count, const uint64_t all[2], uint32_t k, double slack)
{
	uint64_t nearer[2] = { 0, 0 };
	double none[2] = { 1, 1 }, share = 0;

	for (uint32_t i = 0; i < count && none[0] > 0;) {
		double next[2], tied_with = places[i].distance;
		for (; i < count && places[i].distance <= tied_with + slack; i++)
			for (unsigned g = 0; g < 2; g++)
				nearer[g] += places[i].flows[g];
		for (unsigned g = 0; g < 2; g++)
			next[g] = none_of(all[g], nearer[g], k);
		share += (none[0] - next[0]) * (none[1] + next[1]) / 2;
		none[0] = next[0];
		none[1] = next[1];
	}
	return share;
}

double dz_told_apart_flows(const double *distances, const uint64_t *flows, uint32_t count, uint32_t first, uint32_t k,
			   double slack)
{
	struct place *places = dz_mem_zalloc(count, sizeof *places);
	uint64_t all[2] = { 0, 0 };
	double sum[2] = { 0, 0 };

	for (uint32_t i = 0; i < count; i++)
		all[i >= first] += flows[i];
	for (uint32_t i = 0; i < count && k; i++) {
		bool group = i >= first;
		for (uint32_t j = 0; j < count; j++) {
			places[j] = (struct place){ distances[(size_t)i * count + j], { 0, 0 } };
			places[j].flows[(j >= first) != group] = flows[j] - (i == j);
		}
		qsort(places, count, sizeof *places, by_distance);
		sum[group] +=
			(double)flows[i] * walk(places, count, (uint64_t[]){ all[group] - 1, all[!group] }, k, slack);
	}
	free(places);
	return k ? (sum[0] / (double)all[0] + sum[1] / (double)all[1]) / 2 : NAN;
}
