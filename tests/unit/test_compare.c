/* SPDX-License-Identifier: BSD-2-Clause */
/* test_compare.c - the comparison of groups that can be worked out by hand; its words. */
#include "config.h"
#include "render/render.h"

#include "flows.h"
#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void add(struct dz_groups *groups, const char *label, unsigned bin, unsigned flows)
{
	struct sample sample;
	struct dz_err err;
	uint64_t counts[4] = { 0 };

	for (unsigned i = 0; i < flows; i++) {
		counts[bin] = i + 1; /* one ratio, many counts */
		flows_make(&sample, label, counts, (uint64_t[4]){ 0 });
		assert_true(dz_groups_add(groups, &sample.record, sample.record.input, &err));
	}
}

static struct dz_compare_options options_for(enum dz_metric metric, uint32_t permutations)
{
	return (struct dz_compare_options){ .metric = metric, .permutations = permutations, .seed = 1 };
}

static void test_disjoint(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, 199);
	struct dz_compare *compare;
	struct dz_strbuf words;

	(void)state;
	add(groups, "a", 1, 8);
	add(groups, "b", 3, 6);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	assert_int_equal(compare->count, 2);
	assert_true(compare->distances[0] == 0 && compare->distances[1] == 1 && compare->distances[2] == 1);
	assert_true(compare->items[0].entropy == 0 && compare->items[0].dispersion == 0);
	assert_true(compare->items[0].quantiles[2] == 48); /* the middle of 32..63 */
	assert_int_equal(compare->items[1].leading_count, 1);
	assert_int_equal(compare->items[1].leading[0].bin, 3);
	/* Of the 3003 splits of 14 flows into 8 and 6 one is as far apart: of 199 drawn most likely none. */
	assert_int_equal(compare->pair_count, 1);
	assert_true(compare->pairs[0].result.p <= 3.0 / 200);
	dz_strbuf_init(&words);
	dz_compare_verdict(compare, &words);
	assert_non_null(strstr(words.data, "They behave differently"));
	dz_strbuf_release(&words);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

static void expect_verdict(unsigned flows, unsigned other_bin, const char *expected)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_compare_options options = options_for(DZ_METRIC_TOTAL_VARIATION, 99);
	struct dz_compare *compare;
	struct dz_strbuf words;

	add(groups, "a", 1, flows);
	add(groups, "a", 2, flows);
	add(groups, "b", 1, flows);
	add(groups, "b", other_bin, flows);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	dz_strbuf_init(&words);
	dz_compare_verdict(compare, &words);
	if (!strstr(words.data, expected))
		fail_msg("'%s' is not in '%s'", expected, words.data);
	dz_strbuf_release(&words);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

static void test_verdicts(void **state)
{
	(void)state;
	expect_verdict(5, 2, "They behave alike");              /* the same flows */
	expect_verdict(1, 3, "Too few flows to say (2 and 2)"); /* 2 of 6 splits: p is 1/3 at least */
	/* Half of the flows differ: 0.5 apart, as far as a group's flows are from its own mean. */
	expect_verdict(20, 3, "They differ, but by less");
}

static void test_least_p(void **state)
{
	(void)state;
	assert_true(dz_compare_least_p(1, 1, 999) == 1);
	assert_true(fabs(dz_compare_least_p(3, 3, 999) - 0.1) < 1e-12); /* 20 splits, each with its mirror image */
	assert_true(fabs(dz_compare_least_p(2, 3, 999) - 0.1) < 1e-12); /* 10 splits */
	assert_true(dz_compare_least_p(500, 500, 999) == 0.001);
}

static void test_pooled_and_top(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_compare_options options = options_for(DZ_METRIC_TOTAL_VARIATION, 0);
	struct dz_compare *compare;

	(void)state;
	add(groups, "big", 0, 2); /* 1 + 2 packets */
	add(groups, "big", 3, 1); /* 1 packet */
	add(groups, "small", 0, 1);
	dz_groups_finish(groups);
	options.pooled = true;
	compare = dz_compare_new(groups, &options);
	assert_true(compare->items[0].vector[0] == 0.75 && compare->distances[1] == 0.25);
	dz_compare_free(compare);
	options.pooled = false;
	compare = dz_compare_new(groups, &options);
	assert_true(fabs(compare->distances[1] - 1.0 / 3) < 1e-15);
	dz_compare_free(compare);
	options.top = 1;
	compare = dz_compare_new(groups, &options);
	assert_int_equal(compare->count, 1);
	assert_int_equal(compare->left_out, 1);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

/* Names of any bytes, in every format: JSON stays JSON, CSV keeps its rows, the terminal gets no commands. */
static void test_writers(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_compare_options options = options_for(DZ_METRIC_EUCLIDEAN, 9);
	struct dz_compare *compare;
	struct json_object *object, *array;
	struct dz_strbuf out;
	unsigned rows = 0;

	(void)state;
	add(groups, "evil\033[2J\",\xff", 0, 2);
	add(groups, "b", 1, 1);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	dz_strbuf_init(&out);
	dz_compare_json(compare, &out);
	object = json_tokener_parse(out.data);
	assert_non_null(object);
	assert_true(json_object_object_get_ex(object, "distances", &array));
	assert_int_equal(json_object_array_length(array), 2);
	json_object_put(object);
	assert_null(strchr(out.data, '\033'));
	dz_strbuf_clear(&out);
	dz_compare_text(compare, true, &out);
	assert_null(strchr(out.data, '\033'));
	for (const char *c = out.data; *c; c++)
		assert_true((unsigned char)*c < 0x80 ||
			    strstr(out.data, "\xef\xbf\xbd")); /* only U+FFFD is not ASCII */
	dz_strbuf_clear(&out);
	dz_compare_csv(compare, &out);
	for (const char *c = out.data; *c; c++)
		rows += *c == '\n';
	assert_int_equal(rows, 3);
	dz_strbuf_release(&out);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_disjoint), cmocka_unit_test(test_verdicts),
					    cmocka_unit_test(test_least_p), cmocka_unit_test(test_pooled_and_top),
					    cmocka_unit_test(test_writers) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
