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

enum { SESSIONS = 8, FIRST = 3, FLOWS = 12 };

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

/* One flow: all pairs of draws of k sessions from those of its own group (less its own) and of the other. */
static double by_all_draws(const struct made *made, uint32_t flow, uint32_t k)
{
	double own[SESSIONS], other[SESSIONS], won = 0, draws = 0;
	unsigned owns = 0, others = 0, drawn, drawn_others;
	bool group = made->session[flow] >= FIRST;

	for (uint32_t s = 0; s < SESSIONS; s++) {
		if ((s >= FIRST) != group)
			other[others++] = made->nearest[flow][s];
		else if (s != made->session[flow])
			own[owns++] = made->nearest[flow][s];
	}
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

static double expected_share(const struct made *made, uint32_t k)
{
	double sum[2] = { 0, 0 }, weight[2] = { 0, 0 };

	for (uint32_t i = 0; i < FLOWS; i++) {
		bool group = made->session[i] >= FIRST;
		sum[group] += made->weight[i] * by_all_draws(made, i, k);
		weight[group] += made->weight[i];
	}
	return (sum[0] / weight[0] + sum[1] / weight[1]) / 2;
}

static void test_every_draw(void **state)
{
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 3);
	for (unsigned turn = 0; turn < 30; turn++) {
		struct made made;
		make(&rng, &made);
		struct dz_told_apart *told = tell(&made);
		for (uint32_t k = 1; k <= 2; k++)
			assert_true(fabs(dz_told_apart_share(told, k) - expected_share(&made, k)) < 1e-12);
		dz_told_apart_free(told);
	}
}

/* ---- the interval ---- */

enum { MOST = 12, EACH = 2, ROUNDS = 200, MOST_ROUNDS = 1000 };

/* Nearly normal: the sum of twelve even numbers. */
static double normal(struct dz_rng *rng)
{
	double sum = -6;

	for (unsigned i = 0; i < 12; i++)
		sum += dz_rng_unit(rng);
	return sum;
}

/* `side` sessions a side somewhere on a line, those of B farther up, and two flows around each. */
static struct dz_told_apart *made_line(struct dz_rng *rng, unsigned side, double moved)
{
	struct dz_told_apart *told = dz_told_apart_new(2 * side, side, 2 * side * EACH);
	double at[2 * MOST][EACH], nearest[2 * MOST];

	for (unsigned s = 0; s < 2 * side; s++) {
		double center = normal(rng) + (s >= side ? moved : 0);
		for (unsigned i = 0; i < EACH; i++)
			at[s][i] = center + 0.2 * normal(rng);
	}
	for (unsigned s = 0; s < 2 * side; s++) {
		for (unsigned i = 0; i < EACH; i++) {
			for (unsigned t = 0; t < 2 * side; t++)
				nearest[t] = fmin(fabs(at[s][i] - at[t][0]), fabs(at[s][i] - at[t][1]));
			dz_told_apart_add(told, s, 1, nearest, 0);
		}
	}
	return told;
}

/* How many of the rounds' intervals hold the mean of all shares, or one half where nothing was moved. */
static unsigned count_covered(unsigned side, unsigned rounds, double moved, double *width)
{
	static const struct dz_told_apart_effort effort = { DZ_TOLD_APART_PARTS, 99, 5 };
	static struct dz_interval intervals[MOST_ROUNDS];
	double mean = 0;
	unsigned covered = 0;
	struct dz_rng rng;

	*width = 0;
	dz_rng_init(&rng, 8);
	for (unsigned i = 0; i < rounds; i++) {
		struct dz_told_apart *told = made_line(&rng, side, moved);
		uint32_t k = dz_told_apart_k(side, side);
		double share = dz_told_apart_share(told, k);
		intervals[i] = dz_told_apart_interval(told, k, &effort, &rng);
		assert_true(intervals[i].known && intervals[i].low <= share && share <= intervals[i].high);
		mean += share / rounds;
		*width += (intervals[i].high - intervals[i].low) / rounds;
		dz_told_apart_free(told);
	}
	for (unsigned i = 0; i < rounds; i++)
		covered +=
			intervals[i].low <= (moved > 0 ? mean : 0.5) && (moved > 0 ? mean : 0.5) <= intervals[i].high;
	print_message("%u a side, moved by %.1f: %u of %u, width %.3f\n", side, moved, covered, rounds, *width);
	return covered;
}

/* 95 % of 200, give or take three standard deviations of chance: 181 to 199. */
static void test_interval_holds_the_truth(void **state)
{
	static const double moved[] = { 0, 1.5 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		double width;
		unsigned covered = count_covered(12, ROUNDS, moved[i], &width);
		assert_true(covered >= 181 && covered <= 199);
		assert_true(width < 0.5);
	}
}

/* With few sessions it is not wider than it needs to be: 95 % of 1,000, give or take three standard deviations. */
static void test_interval_of_few(void **state)
{
	double width;
	unsigned covered = count_covered(6, MOST_ROUNDS, 0, &width);

	(void)state;
	assert_true(covered >= 929 && covered <= 971);
}

/* Of three sessions that are alike nothing is known but that as many of all are with a probability of 0.025 or more: up
 * to 1 - 0.025^(1/3) of them may be others. */
#define UNSEEN (1 - cbrt(0.025))

static void expect_interval(const struct dz_told_apart *told, double low, double high)
{
	static const struct dz_told_apart_effort effort = { DZ_TOLD_APART_PARTS, 99, 5 };
	struct dz_interval interval;
	struct dz_rng rng;

	dz_rng_init(&rng, 6);
	interval = dz_told_apart_interval(told, 2, &effort, &rng);
	assert_true(fabs(interval.high - high) < 1e-12);
	assert_true(interval.low <= low + 1e-12);
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
	assert_true(fabs(dz_told_apart_share(told, 2) - 0.5) < 1e-12);
	expect_interval(told, 0.5 - UNSEEN / 2, 0.5 + UNSEEN / 2);
	dz_told_apart_free(told);
	for (uint32_t i = 0; i < FLOWS; i++)
		for (uint32_t s = 0; s < SESSIONS; s++)
			made.nearest[i][s] = (s >= FIRST) == (made.session[i] >= FIRST) ? 0.2 : 1;
	told = tell(&made);
	assert_true(dz_told_apart_share(told, 2) == 1);
	expect_interval(told, 1 - UNSEEN, 1);
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
		cmocka_unit_test(test_interval_holds_the_truth),
		cmocka_unit_test(test_interval_of_few),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_k),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
