/* SPDX-License-Identifier: BSD-2-Clause */
/* test_score.c - the nearest profiles, their place in a line of any writing, and evaluations worked out by hand. */
#include "config.h"
#include "render/render.h"

#include "flows.h"
#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void learn(struct dz_library *library, const char *label, uint64_t a, uint64_t b, uint64_t c)
{
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, (uint64_t[]){ a, b, c, 0 }, (uint64_t[4]){ 0 });
	assert_true(dz_library_add(library, &sample.record, sample.record.input, &err));
}

static void score(struct dz_scorer *scorer, const char *label, uint64_t a, uint64_t b, uint64_t c,
		  struct dz_score *result)
{
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, (uint64_t[]){ a, b, c, 0 }, (uint64_t[4]){ 0 });
	assert_true(dz_scorer_score(scorer, &sample.record, label, result, &err));
}

static void test_nearest(void **state)
{
	const struct dz_score_options options = { DZ_METRIC_TOTAL_VARIATION, DZ_DIRECTION_TOTAL, 2, 1 };
	struct dz_library library;
	struct dz_scorer *scorer;
	struct dz_score result;
	struct dz_err err;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	assert_null(dz_scorer_new(&library, &options, &err));
	learn(&library, "twin", 1, 0, 0);
	learn(&library, "left", 1, 0, 0);
	learn(&library, "right", 0, 0, 1);
	learn(&library, "Unknown", 0, 1, 0);
	scorer = dz_scorer_new(&library, &options, &err);
	assert_non_null(scorer);
	score(scorer, "right", 3, 0, 1, &result);
	assert_int_equal(result.count, 2);
	assert_string_equal(result.nearest[0].profile, "left"); /* as near as "twin", but first by name */
	assert_string_equal(result.nearest[1].profile, "twin");
	assert_true(result.nearest[0].distance == 0.25 && result.margin == 0 && result.own == 0.75);
	assert_int_equal(result.agrees, DZ_SCORE_DISAGREES);
	score(scorer, "right", 0, 0, 9, &result);
	assert_int_equal(result.agrees, DZ_SCORE_AGREES);
	assert_true(result.margin == 1);
	score(scorer, "nobody", 0, 0, 9, &result);
	assert_int_equal(result.agrees, DZ_SCORE_CANNOT_SAY);
	score(scorer, "Unknown", 0, 9, 0, &result); /* its own profile is no candidate */
	assert_true(result.nearest[0].distance == 1 && result.own == -1);
	score(scorer, "right", 0, 0, 0, &result);
	assert_true(result.empty);
	dz_scorer_free(scorer);
	dz_library_release(&library);
}

static void expect_line(const struct dz_score *result, const char *line, const char *expected)
{
	const struct dz_score_options options = { DZ_METRIC_HELLINGER, DZ_DIRECTION_TOTAL, 1, 1 };
	struct dz_library library;
	struct dz_strbuf out;
	struct dz_err err;

	dz_library_init(&library, DZ_BY_LABEL);
	dz_strbuf_init(&out);
	if (!expected)
		assert_false(dz_score_line(&library, &options, result, line, strlen(line), &out, &err));
	else if (!dz_score_line(&library, &options, result, line, strlen(line), &out, &err))
		fail_msg("%s: %s", line, err.text);
	else
		assert_string_equal(out.data, expected);
	dz_strbuf_release(&out);
	dz_library_release(&library);
}

#define MATCH                                                                                                          \
	"\"match\":{\"profile\":\"p\",\"metric\":\"hellinger\",\"direction\":\"total\",\"distance\":0.5,\"margin\":0," \
	"\"nearest\":[{\"profile\":\"p\",\"distance\":0.5}]}"

static void test_lines(void **state)
{
	const struct dz_score result = { .count = 1, .nearest = { { "p", 0.5 } }, .own = -1 };
	const struct dz_score empty = { .empty = true, .own = -1 };

	(void)state;
	expect_line(&result, "{\"distribooze\":{}}", "{\"distribooze\":{" MATCH "}}");
	expect_line(&result, " { \"a\" : 1.50e1 ,\t\"distribooze\" : { \"x\\\"}\" : [ {\"match\":1} , \"}\" ] } } ",
		    " { \"a\" : 1.50e1 ,\t\"distribooze\" : { \"x\\\"}\" : [ {\"match\":1} , \"}\" ] ," MATCH "} } ");
	expect_line(&result, "{\"match\":2,\"distribooze\":{\"n\":-0.0},\"z\":\"\\u00e9/\\/\"}",
		    "{\"match\":2,\"distribooze\":{\"n\":-0.0," MATCH "},\"z\":\"\\u00e9/\\/\"}");
	/* An old match goes, wherever it is. */
	expect_line(&result, "{\"distribooze\":{\"match\":{\"a\":[]}}}", "{\"distribooze\":{" MATCH "}}");
	expect_line(&result, "{\"distribooze\":{\"match\":1,\"b\":2}}", "{\"distribooze\":{\"b\":2," MATCH "}}");
	expect_line(&result, "{\"distribooze\":{\"a\":1,\"match\":\",\",\"b\":2}}",
		    "{\"distribooze\":{\"a\":1,\"b\":2," MATCH "}}");
	expect_line(&result, "{\"distribooze\":{\"a\":1,\"match\":1}}", "{\"distribooze\":{\"a\":1," MATCH "}}");
	expect_line(&empty, "{\"distribooze\":{\"a\":1,\"match\":1}}", "{\"distribooze\":{\"a\":1}}");
	expect_line(&empty, "{\"distribooze\":{\"a\":1}}", "{\"distribooze\":{\"a\":1}}");
	/* In a hit of a search engine the record is in `_source`. */
	expect_line(&result, "{\"_id\":\"x\",\"_source\":{\"distribooze\":{\"match\":1}},\"sort\":[1]}",
		    "{\"_id\":\"x\",\"_source\":{\"distribooze\":{" MATCH "}},\"sort\":[1]}");
	expect_line(&result, "{\"distribo\\u006fze\":{\"m\\u0061tch\":1}}", "{\"distribo\\u006fze\":{" MATCH "}}");
	expect_line(&result, "{\"a\":1}", NULL);
	expect_line(&result, "{\"distribooze\":1}", NULL);
	expect_line(&result, "{\"distribooze\":{\"a\":", NULL);
}

static void add(struct dz_groups *groups, const char *label, uint64_t a, uint64_t b, uint64_t c, unsigned times)
{
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, (uint64_t[]){ a, b, c, 0 }, (uint64_t[4]){ 0 });
	for (unsigned i = 0; i < times; i++)
		assert_true(dz_groups_add(groups, &sample.record, sample.record.input, &err));
}

/* Five flows all to the left and one to the right are "left", three to the right "right". Left out, the stray flow
 * leaves (1, 0, 0) behind: it is taken for "right", which its company would have spared it. */
static struct dz_groups *strays(void)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);

	add(groups, "left", 4, 0, 0, 5);
	add(groups, "left", 0, 0, 4, 1);
	add(groups, "right", 0, 0, 7, 3);
	add(groups, "alone", 1, 1, 0, 1);
	add(groups, "Unknown", 1, 0, 0, 4);
	add(groups, "right", 0, 0, 0, 1);
	dz_groups_finish(groups);
	return groups;
}

static void test_leave_one_out(void **state)
{
	struct dz_groups *groups = strays();
	struct dz_evaluation evaluation;
	struct dz_strbuf out;

	(void)state;
	dz_score_leave_one_out(groups, DZ_METRIC_HELLINGER, 1, &evaluation);
	assert_int_equal(evaluation.count, 2);
	assert_string_equal(evaluation.names[0], "left");
	assert_int_equal(dz_contingency_at(evaluation.table, 0, 0), 5);
	assert_int_equal(dz_contingency_at(evaluation.table, 0, 1), 1);
	assert_int_equal(dz_contingency_at(evaluation.table, 1, 1), 3);
	assert_int_equal(evaluation.left_out, 6); /* alone, four unknown, an empty one */
	assert_int_equal(evaluation.labels_left_out, 2);
	dz_strbuf_init(&out);
	dz_evaluation_text(&evaluation, &out);
	assert_non_null(
		strstr(out.data, "8 of 9 flows are nearest to their own label (leave-one-out): accuracy 0.8889"));
	dz_strbuf_clear(&out);
	dz_evaluation_csv(&evaluation, &out);
	assert_string_equal(out.data, "label,left,right\nleft,5,1\nright,0,3\n");
	dz_strbuf_clear(&out);
	dz_evaluation_json(&evaluation, &out);
	struct json_object *object = json_tokener_parse(out.data);
	assert_non_null(object);
	json_object_put(object);
	dz_strbuf_release(&out);
	dz_evaluation_release(&evaluation);
	dz_score_leave_one_out(groups, DZ_METRIC_HELLINGER, 4, &evaluation);
	assert_int_equal(evaluation.count, 1);
	dz_evaluation_release(&evaluation);
	dz_groups_free(groups);
}

/* "left" is one flow in bin 0 and one in bin 2; together their mean is 1/2 from either, but alone each is at 1 from the
 * other. "right" is 3/4 away from the flow in bin 2: it wins as soon as that flow does not stand by itself. */
static void test_a_flow_does_not_judge_itself(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_evaluation evaluation;

	(void)state;
	add(groups, "left", 1, 0, 0, 1);
	add(groups, "left", 0, 0, 1, 1);
	add(groups, "right", 0, 3, 1, 2);
	dz_groups_finish(groups);
	dz_score_leave_one_out(groups, DZ_METRIC_TOTAL_VARIATION, 2, &evaluation);
	assert_int_equal(dz_contingency_at(evaluation.table, 0, 1), 1);
	assert_int_equal(dz_contingency_at(evaluation.table, 0, 0), 1); /* at 1 from both: the first by name */
	assert_int_equal(dz_contingency_at(evaluation.table, 1, 1), 2);
	dz_evaluation_release(&evaluation);
	dz_groups_free(groups);
}

static void test_holdout(void **state)
{
	struct dz_groups *groups = strays();
	struct dz_evaluation evaluation, again;

	(void)state;
	dz_score_holdout(groups, DZ_METRIC_HELLINGER, 2, 0.5, 3, &evaluation);
	assert_int_equal(dz_contingency_row_sum(evaluation.table, 0), 3);
	assert_int_equal(dz_contingency_row_sum(evaluation.table, 1), 2); /* half of three, rounded */
	dz_score_holdout(groups, DZ_METRIC_HELLINGER, 2, 0.5, 3, &again);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(dz_contingency_at(evaluation.table, i / 2, i % 2),
				 dz_contingency_at(again.table, i / 2, i % 2));
	dz_evaluation_release(&evaluation);
	dz_evaluation_release(&again);
	dz_score_holdout(groups, DZ_METRIC_HELLINGER, 2, 0.999, 3, &evaluation); /* never all of them */
	assert_int_equal(dz_contingency_row_sum(evaluation.table, 1), 2);
	dz_evaluation_release(&evaluation);
	dz_groups_free(groups);
}

static void test_by_library(void **state)
{
	const struct dz_score_options options = { DZ_METRIC_HELLINGER, DZ_DIRECTION_TOTAL, 1, 1 };
	struct dz_groups *groups = strays();
	struct dz_evaluation evaluation;
	struct dz_library library;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	learn(&library, "alone", 1, 1, 0);
	learn(&library, "left", 1, 0, 0);
	learn(&library, "middle", 0, 1, 0);
	dz_score_by_library(groups, &library, &options, &evaluation);
	assert_int_equal(evaluation.count, 3);
	assert_int_equal(dz_contingency_at(evaluation.table, 0, 0), 1);
	assert_int_equal(dz_contingency_at(evaluation.table, 1, 1), 5);
	/* The stray is at distance 1 from all of them: the first by name. */
	assert_int_equal(dz_contingency_at(evaluation.table, 1, 0), 1);
	assert_int_equal(evaluation.left_out, 8); /* right and unknown */
	dz_evaluation_release(&evaluation);
	dz_library_release(&library);
	dz_groups_free(groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),       cmocka_unit_test(test_lines),
		cmocka_unit_test(test_leave_one_out), cmocka_unit_test(test_holdout),
		cmocka_unit_test(test_by_library),    cmocka_unit_test(test_a_flow_does_not_judge_itself)
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
