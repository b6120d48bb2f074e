/* SPDX-License-Identifier: BSD-2-Clause */
/* test_told_apart_flows.c - flows at places give the share that each flow as a session of its own gives. */
#include "config.h"
#include "math/told_apart_flows.h"

#include "math/rng.h"
#include "math/told_apart.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { PLACES = 7, MAX_FLOWS = 40, CASES = 300 };

struct some {
	uint32_t first;
	uint64_t flows[PLACES];
	double distances[PLACES * PLACES];
};

static void make(struct dz_rng *rng, struct some *some)
{
	some->first = 1 + dz_rng_below(rng, PLACES - 1);
	for (uint32_t i = 0; i < PLACES; i++) {
		some->flows[i] = 1 + dz_rng_below(rng, 5);
		for (uint32_t j = 0; j < i; j++) /* few values, so that there are ties */
			some->distances[i * PLACES + j] = some->distances[j * PLACES + i] = dz_rng_below(rng, 4);
		some->distances[i * PLACES + i] = 0;
	}
}

/* By told_apart.h, with a session for each flow. */
static double expected(const struct some *some, uint32_t k)
{
	uint32_t place[MAX_FLOWS], count = 0, first = 0;
	double nearest[MAX_FLOWS], share;
	struct dz_told_apart *told;

	for (uint32_t i = 0; i < PLACES; i++) {
		first = i == some->first ? count : first;
		for (uint64_t n = 0; n < some->flows[i]; n++)
			place[count++] = i;
	}
	told = dz_told_apart_new(count, first, count);
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t j = 0; j < count; j++)
			nearest[j] = some->distances[place[i] * PLACES + place[j]];
		dz_told_apart_add(told, i, 1, nearest, 1e-9);
	}
	share = dz_told_apart_share(told, k);
	dz_told_apart_free(told);
	return share;
}

static void test_against_sessions(void **state)
{
	struct dz_rng rng;
	struct some some;

	(void)state;
	dz_rng_init(&rng, 7);
	for (unsigned i = 0; i < CASES; i++) {
		uint32_t flows[2] = { 0, 0 }, k;
		make(&rng, &some);
		for (uint32_t p = 0; p < PLACES; p++)
			flows[p >= some.first] += (uint32_t)some.flows[p];
		k = dz_told_apart_k(flows[0], flows[1]);
		if (k)
			assert_true(fabs(dz_told_apart_flows(some.distances, some.flows, PLACES, some.first, k, 1e-9) -
					 expected(&some, k)) < 1e-12);
	}
}

/* Two places of 2 and of 1000 million flows, nothing in common: told apart always. At one place: one half. */
static void test_many(void **state)
{
	const uint64_t flows[2] = { 2, 1000000000 };
	const double apart[4] = { 0, 1, 1, 0 }, same[4] = { 0 };

	(void)state;
	assert_true(dz_told_apart_flows(apart, flows, 2, 1, 1, 0) == 1);
	assert_true(dz_told_apart_flows(same, flows, 2, 1, 1, 0) == 0.5);
	assert_true(isnan(dz_told_apart_flows(same, flows, 2, 1, 0, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_sessions), cmocka_unit_test(test_many) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
