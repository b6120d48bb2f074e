/* SPDX-License-Identifier: BSD-2-Clause */
/* test_groups.c - flows fall into the right groups, and the groups' sums and means are those of their flows. */
#include "config.h"
#include "stats/groups.h"

#include "flows.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void add(struct dz_groups *groups, const char *label, const uint64_t source[4], const uint64_t destination[4])
{
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, source, destination);
	assert_true(dz_groups_add(groups, &sample.record, sample.record.input, &err));
}

static struct dz_groups *three_of_web_and_two_of_mail(enum dz_direction direction)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, direction);

	add(groups, "mail", (uint64_t[]){ 5, 0, 0, 0 }, (uint64_t[]){ 0, 0, 0, 5 });
	add(groups, "web", (uint64_t[]){ 1, 1, 0, 0 }, (uint64_t[]){ 0, 0, 0, 0 });
	add(groups, "web", (uint64_t[]){ 2, 2, 0, 0 }, (uint64_t[]){ 0, 0, 0, 4 });
	add(groups, "web", (uint64_t[]){ 0, 0, 0, 0 }, (uint64_t[]){ 0, 0, 0, 0 });
	add(groups, "mail", (uint64_t[]){ 0, 0, 8, 0 }, (uint64_t[]){ 0, 0, 0, 0 });
	dz_groups_finish(groups);
	return groups;
}

static void test_total(void **state)
{
	struct dz_groups *groups = three_of_web_and_two_of_mail(DZ_DIRECTION_TOTAL);
	const struct dz_group *web, *mail;
	double mean[4], sd[4];

	(void)state;
	assert_int_equal(dz_groups_count(groups), 2);
	web = dz_groups_at(groups, 0);
	mail = dz_groups_at(groups, 1);
	assert_string_equal(web->name, "web");
	assert_string_equal(mail->name, "mail");
	assert_int_equal(web->flows, 3);
	assert_int_equal(web->empty, 1);
	assert_int_equal(web->packets, 10);
	assert_int_equal(web->bytes, 100);
	assert_int_equal(web->counted, 10);
	assert_memory_equal(web->pooled, ((uint64_t[]){ 3, 3, 0, 4 }), 4 * sizeof *web->pooled);
	assert_int_equal(web->member_count, 2);
	/* (1/2, 1/2, 0, 0) and (1/4, 1/4, 0, 1/2) */
	dz_group_mean(groups, web, mean, sd);
	assert_true(mean[0] == 0.375 && mean[1] == 0.375 && mean[2] == 0 && mean[3] == 0.25);
	assert_true(fabs(sd[0] - sqrt(2 * 0.125 * 0.125)) < 1e-15);
	assert_true(fabs(sd[3] - sqrt(2 * 0.25 * 0.25)) < 1e-15);
	assert_true(sd[2] == 0);
	dz_groups_free(groups);
}

static void test_one_direction(void **state)
{
	struct dz_groups *groups = three_of_web_and_two_of_mail(DZ_DIRECTION_SOURCE);
	const struct dz_group *web = dz_groups_at(groups, 0);
	double mean[4], sd[4];

	(void)state;
	assert_int_equal(web->packets, 6);
	assert_int_equal(web->counted, 6);
	/* Both are (1/2, 1/2, 0, 0): one distribution, two flows. */
	assert_int_equal(web->member_count, 1);
	assert_int_equal(web->members[0].flows, 2);
	dz_group_mean(groups, web, mean, sd);
	assert_true(mean[0] == 0.5 && mean[1] == 0.5 && sd[0] == 0);
	dz_groups_free(groups);

	groups = three_of_web_and_two_of_mail(DZ_DIRECTION_DESTINATION);
	assert_int_equal(dz_groups_at(groups, 0)->empty, 2);
	dz_group_mean(groups, dz_groups_at(groups, 0), mean, sd);
	assert_true(mean[3] == 1 && sd[3] == 0); /* one flow has no spread */
	dz_groups_free(groups);
}

/* Source and destination side by side, each a share of what both sent. */
static void test_both(void **state)
{
	struct dz_groups *groups = three_of_web_and_two_of_mail(DZ_DIRECTION_BOTH);
	const struct dz_group *web = dz_groups_at(groups, 0);
	double mean[8];

	(void)state;
	assert_int_equal(dz_axis_size(dz_groups_axis(groups)), 8);
	assert_int_equal(web->flows, 3);
	assert_int_equal(web->empty, 1);
	assert_int_equal(web->packets, 10);
	assert_memory_equal(web->pooled, ((uint64_t[]){ 3, 3, 0, 0, 0, 0, 0, 4 }), 8 * sizeof *web->pooled);
	/* (1/2, 1/2, 0, 0 | 0) and (1/4, 1/4, 0, 0 | 0, 0, 0, 1/2) */
	dz_group_mean(groups, web, mean, NULL);
	assert_true(mean[0] == 0.375 && mean[1] == 0.375 && mean[4] == 0 && mean[7] == 0.25);
	dz_groups_free(groups);
}

/* One-way records have one vector, which stands for both. */
static void test_one_way(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_BOTH);
	struct sample sample;
	struct dz_err err;

	(void)state;
	flows_make(&sample, "web", (uint64_t[]){ 1, 3, 0, 0 }, (uint64_t[]){ 0, 0, 0, 0 });
	sample.record.role = DZ_ROLE_INITIATOR;
	sample.record.side[DZ_DESTINATION].lengths.bins = NULL;
	assert_true(dz_groups_add(groups, &sample.record, "x", &err));
	dz_groups_finish(groups);
	assert_int_equal(dz_groups_direction(groups), DZ_DIRECTION_TOTAL);
	assert_int_equal(dz_axis_size(dz_groups_axis(groups)), 4);
	assert_int_equal(dz_groups_at(groups, 0)->pooled[1], 3);
	dz_groups_free(groups);
}

static void test_bad_counts(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_SOURCE);
	struct sample sample;
	struct dz_err err;

	(void)state;
	sample_init(&sample);
	sample.record.side[DZ_SOURCE].lengths.bins = NULL;
	assert_false(dz_groups_add(groups, &sample.record, "x", &err));
	assert_non_null(strstr(err.text, "--direction source"));
	sample_init(&sample);
	sample.bins[1][0] = UINT64_MAX;
	sample.bins[1][1] = 2;
	assert_false(dz_groups_add(groups, &sample.record, "x", &err));
	assert_non_null(strstr(err.text, "2^53"));
	dz_groups_finish(groups);
	assert_int_equal(dz_groups_count(groups), 0);
	dz_groups_free(groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_total), cmocka_unit_test(test_one_direction),
					    cmocka_unit_test(test_both), cmocka_unit_test(test_one_way),
					    cmocka_unit_test(test_bad_counts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
