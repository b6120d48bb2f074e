/* SPDX-License-Identifier: BSD-2-Clause */
/* test_told_apart.c - the share told apart, against every way to draw the sessions. */
#include "config.h"
#include "math/told_apart.h"

#include "math/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { SESSIONS = 8, FIRST = 3, FLOWS = 12, MOST = 20 };

struct made {
	uint32_t session[FLOWS];
	double weight[FLOWS], nearest[FLOWS][SESSIONS];
};

static void make(struct dz_rng *rng, struct made *made)
{
	for (uint32_t i = 0; i < FLOWS; i++) {
		made->session[i] = i < SESSIONS ? i : (uint32_t)dz_rng_below(rng, SESSIONS);
		made->weight[i] = 1 + (double)dz_rng_below(rng, 3);
		/* Few distances, so that there are ties. */
		for (uint32_t s = 0; s < SESSIONS; s++)
			made->nearest[i][s] = (double)dz_rng_below(rng, 4) / 4;
	}
}

static struct dz_told_apart *tell(const struct made *made)
{
	struct dz_told_apart *told = dz_told_apart_new(SESSIONS, FIRST, FLOWS);

	for (uint32_t i = 0; i < FLOWS; i++)
		dz_told_apart_add(told, made->session[i], made->weight[i], made->nearest[i], 1e-9);
	return told;
}

/* The smallest distance of the copies in `mask`; how many they are in *count. */
static double least(const double *distances, unsigned mask, unsigned *count)
{
	double found = INFINITY;

	*count = (unsigned)__builtin_popcount(mask);
	for (unsigned i = 0; mask >> i; i++)
		if (mask >> i & 1 && distances[i] < found)
			found = distances[i];
	return found;
}

/* One flow: all pairs of draws of k copies from those of its own group (less its session) and of the other. */
static double by_all_draws(const struct made *made, uint32_t flow, const double *times, uint32_t k)
{
	double own[MOST], other[MOST], won = 0, draws = 0;
	unsigned owns = 0, others = 0, drawn, drawn_others;
	bool group = made->session[flow] >= FIRST;

	for (uint32_t s = 0; s < SESSIONS; s++) {
		for (unsigned c = 0; c < (unsigned)times[s]; c++) {
			if ((s >= FIRST) != group)
				other[others++] = made->nearest[flow][s];
			else if (s != made->session[flow])
				own[owns++] = made->nearest[flow][s];
		}
	}
	k = k < owns ? k : owns;
	k = k < others ? k : others;
	for (unsigned a = 0; a < 1u << owns; a++) {
		double mine = least(own, a, &drawn);
		for (unsigned b = 0; b < 1u << others && drawn == k; b++) {
			double theirs = least(other, b, &drawn_others);
			if (drawn_others != k)
				continue;
			draws++;
			won += mine < theirs ? 1 : mine == theirs ? 0.5 : 0;
		}
	}
	return won / draws;
}

static double expected_share(const struct made *made, const double *times, uint32_t k)
{
	double sum[2] = { 0, 0 }, weight[2] = { 0, 0 };

	for (uint32_t i = 0; i < FLOWS; i++) {
		bool group = made->session[i] >= FIRST;
		double copies = times[made->session[i]], own = 0;
		for (uint32_t s = 0; s < SESSIONS; s++)
			own += (s >= FIRST) == group && s != made->session[i] ? times[s] : 0;
		if (copies == 0 || own == 0)
			continue;
		sum[group] += made->weight[i] * copies * by_all_draws(made, i, times, k);
		weight[group] += made->weight[i] * copies;
	}
	return (sum[0] / weight[0] + sum[1] / weight[1]) / 2;
}

static void test_every_draw(void **state)
{
	static const double once[SESSIONS] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 3);
	for (unsigned turn = 0; turn < 30; turn++) {
		struct made made;
		make(&rng, &made);
		struct dz_told_apart *told = tell(&made);
		for (uint32_t k = 1; k <= 2; k++)
			assert_true(fabs(dz_told_apart_share(told, k, NULL) - expected_share(&made, once, k)) < 1e-12);
		dz_told_apart_free(told);
	}
}

/* Copies of sessions, as a bootstrap draws them. */
static void test_copies(void **state)
{
	static const double draws[][SESSIONS] = { { 2, 1, 0, 0, 1, 2, 1, 1 },
						  { 0, 1, 2, 3, 0, 0, 1, 1 },
						  { 1, 2, 0, 5, 0, 0, 0, 0 } };
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 4);
	for (unsigned turn = 0; turn < 10; turn++) {
		struct made made;
		make(&rng, &made);
		struct dz_told_apart *told = tell(&made);
		for (unsigned d = 0; d < 2; d++)
			assert_true(fabs(dz_told_apart_share(told, 2, draws[d]) - expected_share(&made, draws[d], 2)) <
				    1e-12);
		/* Of B there is one session only: its flows have no others of their own. */
		assert_true(isnan(dz_told_apart_share(told, 2, draws[2])));
		dz_told_apart_free(told);
	}
}

/* All flows alike: a coin toss. Nothing shared: always told apart. Distances that differ by a rounding are ties. */
static void test_ends(void **state)
{
	struct made made;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 5);
	make(&rng, &made);
	for (uint32_t i = 0; i < FLOWS; i++)
		for (uint32_t s = 0; s < SESSIONS; s++)
			made.nearest[i][s] = 0.5 + (s % 2) * 1e-15;
	struct dz_told_apart *told = tell(&made);
	assert_true(fabs(dz_told_apart_share(told, 2, NULL) - 0.5) < 1e-12);
	dz_told_apart_free(told);
	for (uint32_t i = 0; i < FLOWS; i++)
		for (uint32_t s = 0; s < SESSIONS; s++)
			made.nearest[i][s] = (s >= FIRST) == (made.session[i] >= FIRST) ? 0.2 : 1;
	told = tell(&made);
	assert_true(dz_told_apart_share(told, 2, NULL) == 1);
	dz_told_apart_free(told);
}

static void test_k(void **state)
{
	(void)state;
	assert_int_equal(dz_told_apart_k(1, 50), 0);
	assert_int_equal(dz_told_apart_k(2, 50), 1);
	assert_int_equal(dz_told_apart_k(30, 5), 4);
	assert_int_equal(dz_told_apart_k(400, 20), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_draw),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_k),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
