/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sessions.c - flows are dealt to sessions by who began them and when, and drawn evenly where there are many. */
#include "config.h"
#include "stats/sessions.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

static struct dz_sample sample_of(const struct dz_group_flow *flows, size_t count, enum dz_session_kind kind,
				  uint64_t gap_ns, size_t most)
{
	const struct dz_group group = { .kept = flows, .kept_count = count };
	const struct dz_session_rule rule = { kind, gap_ns };
	struct dz_sample sample;

	dz_sample_init(&sample, &group, &rule, most, 1);
	return sample;
}

/* Of host 1 at 0, 1, 2.5, 20 and 85 s, of host 2 at 0.5 s; out of order. GAP 1: {0, 1}, {2.5}, {20}, {85}, {0.5}; 3 s
 * joins 2.5 to the first; 30 s joins 20 (17.5 s after); 60 s does not join 85 (65 s after). */
static const struct dz_group_flow visits[] = {
	{ 85 * SECOND, 1, 0, 10, 4 },    { 0, 1, 0, 11, 4 },
	{ 20 * SECOND, 1, 1, 12, 4 },    { SECOND / 2, 2, 0, 13, 4 },
	{ SECOND * 5 / 2, 1, 0, 14, 4 }, { SECOND, 1, 1, 15, 4 },
};

static void test_gaps(void **state)
{
	static const uint32_t expected[DZ_SESSION_GAPS] = { 5, 4, 4, 3, 3 };
	struct dz_sample sample = sample_of(visits, 6, DZ_SESSIONS_GAPS, 0, 100);

	(void)state;
	assert_int_equal(sample.levels, DZ_SESSION_LEVELS);
	assert_int_equal(sample.count, 6);
	assert_false(sample.drawn);
	for (unsigned level = 0; level < DZ_SESSION_GAPS; level++) {
		assert_int_equal(sample.sessions[level], expected[level]);
		assert_int_equal(sample.all_sessions[level], expected[level]);
	}
	assert_int_equal(sample.sessions[DZ_SESSION_HOSTS], 2);
	/* In order of host and time: vectors 11, 15, 14, 12, 10 of host 1, then 13. */
	assert_int_equal(sample.flows[0].vector, 11);
	assert_int_equal(sample.flows[5].vector, 13);
	assert_int_equal(sample.flows[0].session[0], sample.flows[1].session[0]);
	assert_int_not_equal(sample.flows[1].session[0], sample.flows[2].session[0]);
	assert_int_equal(sample.flows[1].session[1], sample.flows[2].session[1]);
	assert_int_not_equal(sample.flows[2].session[2], sample.flows[3].session[2]);
	assert_int_equal(sample.flows[2].session[3], sample.flows[3].session[3]);
	assert_int_not_equal(sample.flows[3].session[4], sample.flows[4].session[4]);
	assert_true(sample.flows[0].weight == 1);
	dz_sample_release(&sample);
}

static void test_kinds(void **state)
{
	struct dz_sample sample;

	(void)state;
	sample = sample_of(visits, 6, DZ_SESSIONS_HOST, 0, 100);
	assert_int_equal(sample.sessions[0], 2);
	dz_sample_release(&sample);
	sample = sample_of(visits, 6, DZ_SESSIONS_INPUT, 0, 100);
	assert_int_equal(sample.sessions[0], 2);
	dz_sample_release(&sample);
	sample = sample_of(visits, 6, DZ_SESSIONS_NONE, 0, 100);
	assert_int_equal(sample.sessions[0], 6);
	assert_int_equal(sample.sessions[DZ_SESSION_HOSTS], 2); /* whatever the rule */
	dz_sample_release(&sample);
	/* Exactly the GAP after is within it. */
	sample = sample_of(visits, 6, DZ_SESSIONS_TIME, SECOND * 3 / 2, 100);
	assert_int_equal(sample.levels, 1);
	assert_int_equal(sample.sessions[0], 4);
	dz_sample_release(&sample);
	sample = sample_of(visits, 0, DZ_SESSIONS_GAPS, 0, 100);
	assert_int_equal(sample.count, 0);
	assert_int_equal(sample.sessions[0], 0);
	dz_sample_release(&sample);
}

/* 10,000 flows of 2,000 hosts: 1 of most, 8,001 of one. At most 200 are looked at, of at most 100 hosts, each host that
 * is looked at standing for all its flows. */
static void test_drawing(void **state)
{
	enum { FLOWS = 10000, HOSTS = 2000, MAX_FLOWS = 200 };
	static struct dz_group_flow flows[FLOWS];
	struct dz_sample sample, again;
	double weight = 0;

	(void)state;
	for (uint32_t i = 0; i < FLOWS; i++)
		flows[i] = (struct dz_group_flow){ i * SECOND, i < HOSTS ? i : 0, 0, i, 1 };
	sample = sample_of(flows, FLOWS, DZ_SESSIONS_HOST, 0, MAX_FLOWS);
	assert_true(sample.drawn);
	assert_true(sample.count <= MAX_FLOWS);
	assert_int_equal(sample.sessions[0], MAX_FLOWS / 2);
	assert_int_equal(sample.all_sessions[0], HOSTS);
	for (size_t i = 0; i < sample.count; i++)
		weight += sample.flows[i].weight;
	/* 100 hosts of one flow, or 99 and the large one. */
	assert_true(fabs(weight - 100) < 1e-9 || fabs(weight - 99 - (FLOWS - HOSTS + 1)) < 1e-6);
	again = sample_of(flows, FLOWS, DZ_SESSIONS_HOST, 0, MAX_FLOWS);
	assert_int_equal(again.count, sample.count);
	assert_memory_equal(again.flows, sample.flows, sample.count * sizeof *sample.flows);
	dz_sample_release(&again);
	dz_sample_release(&sample);
	/* One host: all flows are one session, of which MAX_FLOWS are looked at. */
	for (uint32_t i = 0; i < FLOWS; i++)
		flows[i].host = 7;
	sample = sample_of(flows, FLOWS, DZ_SESSIONS_HOST, 0, MAX_FLOWS);
	assert_int_equal(sample.count, MAX_FLOWS);
	assert_int_equal(sample.sessions[0], 1);
	assert_true(fabs(sample.flows[0].weight - (double)FLOWS / MAX_FLOWS) < 1e-12);
	/* Not just the first ones. */
	assert_true(sample.flows[MAX_FLOWS - 1].vector > FLOWS / 2);
	dz_sample_release(&sample);
}

static void test_rules(void **state)
{
	struct dz_session_rule rule;
	struct dz_err err;

	(void)state;
	assert_true(dz_session_rule_parse("auto", &rule, &err) && rule.kind == DZ_SESSIONS_GAPS);
	assert_true(dz_session_rule_parse("host", &rule, &err) && rule.kind == DZ_SESSIONS_HOST);
	assert_true(dz_session_rule_parse("input", &rule, &err) && rule.kind == DZ_SESSIONS_INPUT);
	assert_true(dz_session_rule_parse("none", &rule, &err) && rule.kind == DZ_SESSIONS_NONE);
	assert_true(dz_session_rule_parse("2m", &rule, &err) && rule.kind == DZ_SESSIONS_TIME);
	assert_true(rule.gap_ns == 120 * SECOND);
	assert_false(dz_session_rule_parse("0", &rule, &err));
	assert_false(dz_session_rule_parse("visit", &rule, &err));
	assert_non_null(strstr(err.text, "'visit'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_drawing),
		cmocka_unit_test(test_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
