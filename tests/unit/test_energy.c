/* SPDX-License-Identifier: BSD-2-Clause */
/* test_energy.c - the energy test by sessions, against sums over all pairs of flows and all splits, and by hand. */
#include "config.h"
#include "math/energy.h"

#include "math/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-12 * (1 + fabs(b));
}

enum { MAX_FLOWS = 40, MAX_SESSIONS = 12 };

/* Flows as points on a line, each with its session; d is the distance of two points. */
struct flows {
	uint32_t count, sessions;
	uint32_t session[MAX_FLOWS];
	double at[MAX_FLOWS];
};

static void fill(const struct flows *flows, uint32_t first, struct dz_energy *energy)
{
	dz_energy_init(energy, flows->sessions, first);
	for (uint32_t i = 0; i < flows->count; i++) {
		energy->sizes[flows->session[i]]++;
		for (uint32_t j = 0; j < i; j++)
			dz_energy_add(energy, flows->session[i], flows->session[j], fabs(flows->at[i] - flows->at[j]));
	}
}

static struct dz_energy_result test(const struct flows *flows, uint32_t first, uint32_t permutations, uint32_t stop)
{
	const struct dz_energy_options options = { .permutations = permutations, .stop = stop, .seed = 7 };
	struct dz_energy_result result;
	struct dz_energy energy;

	fill(flows, first, &energy);
	dz_energy_test(&energy, &options, &result);
	dz_energy_release(&energy);
	return result;
}

/* Each flow a session: A at 0 and 1, B at 2 and 4. Between: (2 + 4 + 1 + 3) / 4 = 5/2; within 1 and 2: E = 5 - 1 - 2 =
 * 2 and H = 2/5. h is in A 1/2 - 3 = -5/2 and 1/2 - 2 = -3/2, in B 3/2 - 1 = 1/2 and 7/2 - 1 = 5/2, so that V = (1/2)^2
 * (1/4 + 1/4) + (1/2)^2 (1 + 1) = 5/8. */
static void test_by_hand(void **state)
{
	static const struct flows flows = { 4, 4, { 0, 1, 2, 3 }, { 0, 1, 2, 4 } };
	struct dz_energy_result result = test(&flows, 2, 99, 1000);

	(void)state;
	assert_true(near(result.energy, 2));
	assert_true(near(result.h, 0.4));
	assert_true(near(result.statistic, 2 / sqrt(0.625)));
	/* Six splits; the other two pairs of mirror images are {0, 2} and {0, 4}, where E is less. */
	assert_true(result.exact);
	assert_int_equal(result.tried, 6);
	assert_int_equal(result.reached, 2);
	assert_true(near(result.p, 1.0 / 3));
}

/* Two places, all of A at one: nothing varies within, so V is 0 and T infinite; only the mirror image is as far apart.
 */
static void test_wholly_apart(void **state)
{
	static const struct flows flows = { 10, 8, { 0, 0, 1, 2, 3, 4, 5, 6, 6, 7 }, { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1 } };
	struct dz_energy_result result = test(&flows, 4, 999, 1000);

	(void)state;
	assert_true(isinf(result.statistic) && near(result.energy, 2) && near(result.h, 1));
	assert_int_equal(result.tried, 70);
	assert_int_equal(result.reached, 2);
}

/* All flows alike: every split is as far apart as this one. */
static void test_all_alike(void **state)
{
	static const struct flows flows = { 6, 6, { 0, 1, 2, 3, 4, 5 }, { 3, 3, 3, 3, 3, 3 } };
	struct dz_energy_result result = test(&flows, 3, 999, 1000);

	(void)state;
	assert_true(result.energy == 0 && result.statistic == 0 && result.h == 0 && result.p == 1);
}

/* ---- by the definitions ---- */

static double sum_between(const struct flows *flows, uint32_t s, uint32_t t)
{
	double sum = 0;

	for (uint32_t i = 0; i < flows->count; i++)
		for (uint32_t j = 0; j < flows->count && s != t; j++)
			if (flows->session[i] == s && flows->session[j] == t)
				sum += fabs(flows->at[i] - flows->at[j]);
	return sum;
}

static double size_of(const struct flows *flows, uint32_t s)
{
	double size = 0;

	for (uint32_t i = 0; i < flows->count; i++)
		size += flows->session[i] == s;
	return size;
}

/* E and T of the split whose first group is the set bits of `mask`, as energy.h has them. */
static void define(const struct flows *flows, unsigned mask, double *energy, double *statistic)
{
	double n[2] = { 0, 0 }, squares[2] = { 0, 0 }, sums[2][2] = { { 0 } }, v = 0;

	for (uint32_t s = 0; s < flows->sessions; s++) {
		double size = size_of(flows, s);
		n[!(mask >> s & 1)] += size;
		squares[!(mask >> s & 1)] += size * size;
		for (uint32_t t = 0; t < flows->sessions; t++)
			sums[!(mask >> s & 1)][!(mask >> t & 1)] += sum_between(flows, s, t);
	}
	*energy = 2 * sums[0][1] / (n[0] * n[1]) - sums[0][0] / (n[0] * n[0] - squares[0]) -
		  sums[1][1] / (n[1] * n[1] - squares[1]);
	for (unsigned g = 0; g < 2; g++) {
		double h[MAX_SESSIONS], mean = 0;
		for (uint32_t s = 0; s < flows->sessions; s++) {
			double to[2] = { 0, 0 };
			for (uint32_t t = 0; t < flows->sessions; t++)
				to[!(mask >> t & 1)] += sum_between(flows, s, t);
			h[s] = (to[0] / n[0] - to[1] / n[1]) / size_of(flows, s);
			if ((mask >> s & 1) != g)
				mean += h[s] * size_of(flows, s) / n[g];
		}
		for (uint32_t s = 0; s < flows->sessions; s++)
			if ((mask >> s & 1) != g)
				v += pow(size_of(flows, s) / n[g] * (h[s] - mean), 2);
	}
	*statistic = *energy / sqrt(v);
}

static void make(struct dz_rng *rng, uint32_t sessions, uint32_t first, struct flows *flows)
{
	memset(flows, 0, sizeof *flows);
	flows->sessions = sessions;
	for (uint32_t s = 0; s < sessions; s++) {
		uint32_t size = 1 + (uint32_t)dz_rng_below(rng, 3);
		double place = dz_rng_unit(rng) + (s < first ? 0.3 : 0);
		for (uint32_t i = 0; i < size; i++) {
			flows->session[flows->count] = s;
			flows->at[flows->count++] = place + dz_rng_unit(rng) / 4;
		}
	}
}

/* All 35 splits of 3 and 4 sessions of unequal size, by the definitions. */
static void test_all_splits(void **state)
{
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 11);
	for (unsigned turn = 0; turn < 50; turn++) {
		struct flows flows;
		struct dz_energy_result result;
		double energy, statistic, other, star;
		unsigned reached = 0, splits = 0;
		make(&rng, 7, 3, &flows);
		define(&flows, 7, &energy, &statistic);
		result = test(&flows, 3, 35, 1000);
		assert_true(fabs(result.energy - energy) < 1e-12);
		assert_true(fabs(result.statistic - statistic) < 1e-9 * (1 + fabs(statistic)));
		for (unsigned mask = 0; mask < 128; mask++) {
			if (__builtin_popcount(mask) != 3)
				continue;
			define(&flows, mask, &other, &star);
			reached += star >= statistic - 1e-9 * fabs(statistic);
			splits++;
		}
		assert_int_equal(splits, 35);
		assert_true(result.exact);
		assert_int_equal(result.tried, 35);
		assert_int_equal(result.reached, reached);
		assert_true(near(result.p, reached / 35.0));
	}
}

/* Random splits give what all splits give, to Monte Carlo error: 462 splits of 5 and 6, by 461 and by 20,000 draws...
 * of which the first are too few to try all. */
static void test_random_splits(void **state)
{
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 12);
	for (unsigned turn = 0; turn < 20; turn++) {
		struct flows flows;
		struct dz_energy_result all, some;
		make(&rng, 11, 5, &flows);
		all = test(&flows, 5, 462, UINT32_MAX);
		some = test(&flows, 5, 461, UINT32_MAX);
		assert_true(all.exact && !some.exact);
		assert_true(all.statistic == some.statistic);
		assert_int_equal(some.tried, 461);
		assert_true(near(some.p, (1.0 + some.reached) / 462));
		assert_true(fabs(some.p - all.p) < 4.5 * sqrt(all.p * (1 - all.p) / 461) + 0.005);
		assert_true(fabs(some.noise_median - all.noise_median) < 0.05);
		/* The end after ten that reach T. */
		some = test(&flows, 5, 461, 10);
		assert_true(some.reached <= 10);
		if (some.reached == 10 && some.tried < 461)
			assert_true(near(some.p, 10.0 / some.tried));
	}
}

/* Sums of joined sessions are those of their flows. */
static void test_joining(void **state)
{
	static const uint32_t into[7] = { 0, 0, 1, 2, 3, 3, 2 };
	struct flows flows;
	struct dz_energy fine, joined, expected;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 13);
	make(&rng, 7, 3, &flows);
	fill(&flows, 3, &fine);
	dz_energy_join(&fine, into, 4, 2, &joined);
	for (uint32_t i = 0; i < flows.count; i++)
		flows.session[i] = into[flows.session[i]];
	flows.sessions = 4;
	fill(&flows, 2, &expected);
	for (uint32_t i = 0; i < 16; i++)
		assert_true(near(joined.sums[i], expected.sums[i]));
	for (uint32_t i = 0; i < 4; i++)
		assert_true(joined.sizes[i] == expected.sizes[i]);
	dz_energy_release(&fine);
	dz_energy_release(&joined);
	dz_energy_release(&expected);
}

static void test_least_p(void **state)
{
	(void)state;
	assert_true(near(dz_energy_least_p(4, 4), 2.0 / 70));
	assert_true(near(dz_energy_least_p(3, 3), 0.1));
	assert_true(near(dz_energy_least_p(2, 4), 1.0 / 15));
	assert_true(dz_energy_least_p(1, 100) == 1 && dz_energy_least_p(0, 5) == 1);
	assert_true(dz_energy_least_p(1000, 1000) < 1e-12);
}

/* Of the three and two that have no partner one side is chosen in C(5, 2) = 10 ways, and of two pairs each may change
 * places: 40 in all. Six pairs alone: 64, of which the mirror image is as far apart. */
static void test_least_p_of_pairs(void **state)
{
	(void)state;
	assert_true(near(dz_energy_least_p_paired(5, 4, 2), 1.0 / 40));
	assert_true(near(dz_energy_least_p_paired(6, 6, 6), 2.0 / 64));
	assert_true(near(dz_energy_least_p_paired(4, 4, 0), 2.0 / 70));
	assert_true(dz_energy_least_p_paired(1, 100, 1) == 1);
}

/* Eight hosts at 0 to 7, each two further on the second side than on the first. Dealt anew among all, the 16 halves are
 * as far apart every fourth time; that all eight go the same way happens in 2 of 256 changes of places. Where half of
 * them go the other way there is nothing to find. */
static void test_pairs(void **state)
{
	static const struct dz_energy_pair pairs[8] = { { 0, 8 },  { 1, 9 },  { 2, 10 }, { 3, 11 },
							{ 4, 12 }, { 5, 13 }, { 6, 14 }, { 7, 15 } };
	struct dz_energy_options options = { .permutations = 1999, .stop = 10000, .seed = 7 };
	struct flows flows = { .count = 16, .sessions = 16 };
	struct dz_energy_result result;
	struct dz_energy energy;

	(void)state;
	for (unsigned even = 0; even < 2; even++) {
		for (uint32_t i = 0; i < 8; i++) {
			flows.session[i] = i;
			flows.session[8 + i] = 8 + i;
			flows.at[i] = i + (even && i % 2 ? 2 : 0);
			flows.at[8 + i] = i + (even && i % 2 ? 0 : 2);
		}
		fill(&flows, 8, &energy);
		options.pair_count = 0;
		dz_energy_test(&energy, &options, &result);
		assert_true(result.p > 0.1);
		options.pairs = pairs;
		options.pair_count = 8;
		dz_energy_test(&energy, &options, &result);
		assert_false(result.exact);
		assert_int_equal(result.tried, 1999);
		/* 2/256 = 0.008 */
		dz_energy_release(&energy);
	}
}

/* A resample is the sessions drawn, copies as sessions of their own, less the pairs of copies of one session. */
static void test_resample(void **state)
{
	static const double times[6] = { 2, 0, 1, 1, 1, 2 };
	double scratch[12], within[2] = { 0, 0 }, pairs[2] = { 0, 0 }, between = 0, expected,
			    ones[6] = { 1, 1, 1, 1, 1, 1 };
	double drawn[6] = { 0 }, n[2] = { 0, 0 };
	struct flows flows;
	struct dz_energy energy;
	struct dz_energy_result result;
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 14);
	make(&rng, 6, 3, &flows);
	fill(&flows, 3, &energy);
	result = test(&flows, 3, 20, 1000);
	assert_true(fabs(dz_energy_resampled_h(&energy, ones, scratch) - fmax(result.h, 0)) < 1e-12);
	for (uint32_t s = 0; s < 6; s++) {
		n[s > 2] += times[s] * size_of(&flows, s);
		for (uint32_t t = 0; t < 6; t++) {
			double weight = times[s] * times[t];
			if ((s > 2) != (t > 2)) {
				between += weight * sum_between(&flows, s, t) / 2;
			} else if (s != t) {
				within[s > 2] += weight * sum_between(&flows, s, t);
				pairs[s > 2] += weight * size_of(&flows, s) * size_of(&flows, t);
			}
		}
	}
	between /= n[0] * n[1];
	expected = (2 * between - within[0] / pairs[0] - within[1] / pairs[1]) / (2 * between);
	assert_true(fabs(dz_energy_resampled_h(&energy, times, scratch) - fmax(expected, 0)) < 1e-12);
	/* One session alone has no pairs. */
	assert_true(isnan(dz_energy_resampled_h(&energy, (double[]){ 3, 0, 0, 1, 1, 1 }, scratch)));
	/* Each group is drawn as often as it has sessions. */
	for (unsigned turn = 0; turn < 100; turn++) {
		dz_energy_resample(&rng, 6, 2, drawn);
		assert_true(drawn[0] + drawn[1] == 2 && drawn[2] + drawn[3] + drawn[4] + drawn[5] == 4);
	}
	dz_energy_release(&energy);
}

static void test_interval(void **state)
{
	double values[101];
	struct dz_interval interval;

	(void)state;
	for (unsigned i = 0; i <= 100; i++)
		values[i] = 100.0 - i;
	interval = dz_interval_of(values, 101);
	assert_true(interval.known && near(interval.low, 2.5) && near(interval.high, 97.5));
	assert_false(dz_interval_of(values, 39).known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),          cmocka_unit_test(test_wholly_apart),
		cmocka_unit_test(test_all_alike),        cmocka_unit_test(test_all_splits),
		cmocka_unit_test(test_random_splits),    cmocka_unit_test(test_joining),
		cmocka_unit_test(test_least_p),          cmocka_unit_test(test_resample),
		cmocka_unit_test(test_least_p_of_pairs), cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_interval),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
