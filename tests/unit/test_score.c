/* SPDX-License-Identifier: BSD-2-Clause */
/* test_score.c - the nearest profiles, their place in a line of any writing, and evaluations worked out by hand. */
#include "config.h"
#include "render/render.h"

#include "flows.h"
#include "stats/evaluate_internal.h"
#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void learn_from(struct dz_library *library, const char *label, const char *input, uint64_t a, uint64_t b,
		       uint64_t c)
{
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, (uint64_t[]){ a, b, c, 0 }, (uint64_t[4]){ 0 });
	sample.record.input = input;
	assert_true(dz_library_add(library, &sample.record, input, &err));
}

static void learn(struct dz_library *library, const char *label, uint64_t a, uint64_t b, uint64_t c)
{
	learn_from(library, label, "flows.pcap", a, b, c);
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
	const struct dz_score_options options = {
		.metric = DZ_METRIC_TOTAL_VARIATION, .direction = DZ_DIRECTION_TOTAL, .nearest = 2, .min_flows = 1
	};
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
	assert_true(result.margin == 1 && result.count == 1); /* the others have no bin in common */
	assert_true(result.confidence == -1 && result.verdict == DZ_SCORE_VERDICT_NONE); /* of one input only */
	score(scorer, "nobody", 0, 0, 9, &result);
	assert_int_equal(result.agrees, DZ_SCORE_CANNOT_SAY);
	score(scorer, "Unknown", 0, 9, 0, &result); /* its own profile is no candidate */
	assert_true(result.count == 0 && result.own == -1);
	assert_int_equal(result.verdict, DZ_SCORE_VERDICT_UNKNOWN);
	score(scorer, "right", 0, 0, 0, &result);
	assert_true(result.empty);
	dz_scorer_free(scorer);
	dz_library_release(&library);
}

/* Three inputs of "twin" have the very shape, and one of "left": of labels as near, the one that has it more often goes
 * first, not the first by name. The part of the cells of that shape which are its own is told. */
static void test_ties(void **state)
{
	const struct dz_score_options options = {
		.metric = DZ_METRIC_HELLINGER, .direction = DZ_DIRECTION_TOTAL, .nearest = 2, .min_flows = 1
	};
	struct dz_library library;
	struct dz_scorer *scorer;
	struct dz_score result;
	struct dz_err err;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	learn_from(&library, "left", "one", 1, 0, 0);
	learn_from(&library, "twin", "one", 1, 0, 0);
	learn_from(&library, "twin", "two", 1, 0, 0);
	learn_from(&library, "twin", "three", 1, 0, 0);
	scorer = dz_scorer_new(&library, &options, &err);
	assert_non_null(scorer);
	score(scorer, "left", 5, 0, 0, &result);
	assert_string_equal(result.nearest[0].profile, "twin");
	assert_string_equal(result.nearest[1].profile, "left");
	assert_true(result.nearest[0].distance == 0 && result.nearest[1].distance == 0 && result.margin == 0);
	dz_scorer_free(scorer);
	dz_library_release(&library);
}

/* The label is asked for in any case, but where two differ by nothing else, the one that was written is meant. */
static void test_asked_in_any_case(void **state)
{
	static const char *const inputs[] = { "one", "two", "three", "four" };
	struct dz_score_options options = { .metric = DZ_METRIC_HELLINGER,
					    .direction = DZ_DIRECTION_TOTAL,
					    .nearest = 2,
					    .min_flows = 1,
					    .confidence = 0.5 };
	struct dz_library library;
	struct dz_err err;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	for (unsigned i = 0; i < 4; i++) {
		learn_from(&library, "Dns", inputs[i], 1, 0, 0);
		learn_from(&library, "dns", inputs[i], 0, 0, 1);
		learn_from(&library, "other", inputs[i], 0, 1, 0);
	}
	for (unsigned small = 0; small < 2; small++) {
		struct dz_scorer *scorer;
		struct dz_score result;
		options.is = small ? "dns" : "Dns";
		scorer = dz_scorer_new(&library, &options, &err);
		assert_non_null(scorer);
		score(scorer, "x", 4, 0, 0, &result);
		assert_true(result.asked && result.is == !small);
		score(scorer, "x", 0, 0, 4, &result);
		assert_true(result.asked && result.is == small);
		dz_scorer_free(scorer);
	}
	options.is = "OTHER";
	dz_scorer_free(dz_scorer_new(&library, &options, &err));
	options.is = "othr";
	assert_null(dz_scorer_new(&library, &options, &err));
	assert_non_null(strstr(err.text, "did you mean other?"));
	dz_library_release(&library);
}

static void expect_line(const struct dz_score *result, const char *line, const char *expected)
{
	const struct dz_score_options options = { .direction = DZ_DIRECTION_TOTAL, .nearest = 1 };
	struct dz_library library;
	struct dz_strbuf out;
	struct dz_err err;

	dz_library_init(&library, DZ_BY_LABEL);
	learn(&library, "p", 1, 0, 0);
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
	"\"match\":{\"profile\":\"p\",\"confidence\":0.25,\"inputs\":7,\"verdict\":\"unsure\",\"metric\":"             \
	"\"hellinger\","                                                                                               \
	"\"direction\":\"total\",\"distance\":0.5,\"margin\":0,\"nearest\":[{\"profile\":\"p\",\"distance\":0.5}],"    \
	"\"nearest_two_confidence\":0.5}"

static void test_lines(void **state)
{
	const struct dz_score result = { .count = 1,
					 .nearest = { { "p", 0.5 } },
					 .own = -1,
					 .confidence = 0.25,
					 .inputs = 7,
					 .either = 0.5,
					 .verdict = DZ_SCORE_VERDICT_UNSURE };
	const struct dz_score empty = { .empty = true, .own = -1, .confidence = -1, .either = -1 };

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

/* Three inputs of "a", which find each other, and one of "b" that nothing is like: of four inputs three are right,
 * 0.75. Where the label and a witness are at hand and no other, three of three were right: (3 + 2 * 0.5) / 5; where
 * nothing is near, none of one: 2 * 0.5 / 3. "Is it a": the same two steps, for a flow of "a" is near two other inputs
 * of it. */
static void test_confidence(void **state)
{
	struct dz_score_options options = {
		.direction = DZ_DIRECTION_BOTH, .nearest = 3, .is = "a", .confidence = 0.5
	};
	struct dz_library library;
	struct dz_scorer *scorer;
	struct dz_score result;
	struct dz_err err;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	learn_from(&library, "a", "1.pcap", 4, 1, 0);
	learn_from(&library, "a", "2.pcap", 8, 2, 0);
	learn_from(&library, "b", "4.pcap", 0, 0, 1);
	assert_null(dz_scorer_new(&library, &options, &err));
	assert_non_null(strstr(err.text, "'a' of 2 inputs, but 3 are needed"));
	learn_from(&library, "a", "3.pcap", 4, 1, 0);
	scorer = dz_scorer_new(&library, &options, &err);
	if (!scorer)
		fail_msg("%s", err.text);
	assert_int_equal(dz_scorer_lone_labels(scorer), 1);
	assert_true(fabs(dz_scorer_best(scorer) - 0.8) < 1e-12);
	score(scorer, "a", 12, 3, 0, &result);
	assert_true(fabs(result.confidence - 0.8) < 1e-12 && result.inputs == 3);
	assert_int_equal(result.verdict, DZ_SCORE_VERDICT_LABEL);
	assert_true(result.asked && result.is && fabs(result.is_confidence - 0.8) < 1e-12 && result.is_distance < 1e-9);
	/* Farther than a's inputs are from each other: known to nobody. */
	score(scorer, "a", 1, 9, 0, &result);
	assert_int_equal(result.verdict, DZ_SCORE_VERDICT_UNKNOWN);
	assert_true(result.confidence == 0 && result.either <= 0);
	/* Nothing in common with a. */
	score(scorer, "b", 0, 0, 1, &result);
	assert_string_equal(result.nearest[0].profile, "b");
	assert_true(result.asked && !result.is && result.is_confidence == 0 && result.is_distance == 1);
	dz_scorer_free(scorer);
	options.is = "c";
	assert_null(dz_scorer_new(&library, &options, &err));
	assert_non_null(strstr(err.text, "'c' is none of the library's 2 labels"));
	options.is = "a";
	options.among = "dns,quic";
	assert_null(dz_scorer_new(&library, &options, &err));
	options.among = "dns,ssh";
	scorer = dz_scorer_new(&library, &options, &err);
	assert_non_null(scorer);
	dz_scorer_free(scorer);
	dz_library_release(&library);
}

static void add(struct dz_evaluator *evaluator, const char *input, const char *label, uint64_t a, uint64_t b,
		uint64_t c)
{
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, (uint64_t[]){ a, b, c, 0 }, (uint64_t[4]){ 0 });
	assert_true(dz_evaluator_add(evaluator, &sample.record, input, label, &err));
}

/* Judged by the other two inputs each: all but "alone" are right, which its judges do not know. The most frequent label
 * of the others is "right" for 1 (2 of 4 flows), "left" for 2 (2 of 4) and 3 (3 of 4): right for the one left flow
 * of 2. */
static struct dz_evaluator *three_inputs(void)
{
	struct dz_evaluator *evaluator = dz_evaluator_new(DZ_BY_LABEL, DZ_DIRECTION_BOTH);

	add(evaluator, "1", "left", 4, 0, 0);
	add(evaluator, "1", "left", 2, 0, 0);
	add(evaluator, "2", "left", 4, 0, 0);
	add(evaluator, "2", "right", 0, 0, 7);
	add(evaluator, "3", "right", 0, 0, 7);
	add(evaluator, "3", "alone", 2, 1, 0);
	add(evaluator, "3", "Unknown", 2, 1, 0);
	add(evaluator, "3", "right", 0, 0, 0);
	return evaluator;
}

static void test_folds(void **state)
{
	struct dz_evaluator *evaluator = three_inputs();
	struct dz_evaluate_options options = { .score = { .direction = DZ_DIRECTION_BOTH, .nearest = 3 }, .seed = 1 };
	struct dz_evaluation evaluation;
	struct dz_strbuf out;
	struct dz_err err = { "" };

	(void)state;
	assert_int_equal(dz_evaluator_inputs(evaluator), 3);
	if (!dz_evaluate(evaluator, &options, &evaluation, &err))
		fail_msg("%s", err.text);
	assert_int_equal(evaluation.folds, 3);
	assert_int_equal(evaluation.judged, 6);
	assert_int_equal(evaluation.empty, 1);
	assert_int_equal(evaluation.unknown_label, 1);
	assert_int_equal(evaluation.no_library_label, 1);
	assert_true(fabs(evaluation.open.value - 5.0 / 6) < 1e-12 && evaluation.closed.value == 1);
	assert_true(evaluation.majority.value == 0.5 && evaluation.pairs == 1); /* left: three of six */
	assert_true(fabs(evaluation.by_input - (1 + 1 + 0.5) / 3) < 1e-12);
	/* Of three folds of 2/2, 2/2 and 1/2 right: between half and all, but that 1 - 0.025^(1/3) = 0.7076 of all
	 * folds may be of another kind, which is wrong at worst. */
	assert_true(fabs(evaluation.open.low - 5.0 / 6 * (1 - 0.70760)) < 1e-4 && evaluation.open.high == 1);
	dz_strbuf_init(&out);
	dz_evaluation_csv(&evaluation, &out);
	assert_string_equal(out.data, "label,left,right,(nothing)\nalone,1,0,0\nleft,3,0,0\nright,0,2,0\n");
	dz_strbuf_clear(&out);
	dz_evaluation_text(&evaluation, &out);
	assert_non_null(strstr(out.data, "6 flows of 3 inputs, in 3 folds by input, each judged by the others\n"));
	assert_non_null(strstr(out.data, "accuracy, open world    83.3 %"));
	dz_strbuf_clear(&out);
	dz_evaluation_json(&evaluation, &out);
	struct json_object *object = json_tokener_parse(out.data);
	assert_non_null(object);
	json_object_put(object);
	dz_strbuf_release(&out);
	dz_evaluation_release(&evaluation);
	dz_evaluator_free(evaluator);
}

static void test_random_folds_and_hosts(void **state)
{
	struct dz_evaluator *evaluator = three_inputs();
	struct dz_evaluate_options options = { .score = { .direction = DZ_DIRECTION_TOTAL, .nearest = 3 },
					       .folds = DZ_FOLD_RANDOM,
					       .count = 2,
					       .repeats = 5,
					       .seed = 1 };
	struct dz_evaluation first, second;
	struct dz_err err = { "" };

	(void)state;
	assert_true(dz_evaluate(evaluator, &options, &first, &err));
	assert_true(dz_evaluate(evaluator, &options, &second, &err));
	assert_true(first.open.value == second.open.value && first.repeat_sd == second.repeat_sd &&
		    first.repeat_sd >= 0);
	assert_true(first.open.low == -1); /* two folds give no interval */
	dz_evaluation_release(&first);
	dz_evaluation_release(&second);
	options.folds = DZ_FOLD_HOST; /* all flows of the sample are of one host */
	assert_false(dz_evaluate(evaluator, &options, &first, &err));
	assert_non_null(strstr(err.text, "all flows are of one host"));
	dz_evaluation_release(&first);
	dz_evaluator_free(evaluator);
}

static void test_by_library(void **state)
{
	struct dz_evaluator *evaluator = three_inputs();
	struct dz_library library;
	struct dz_evaluate_options options = { .score = { .direction = DZ_DIRECTION_BOTH, .nearest = 1 },
					       .folds = DZ_FOLD_LIBRARY,
					       .library = &library };
	struct dz_evaluation evaluation;
	struct dz_err err;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	learn(&library, "left", 1, 0, 0);
	learn(&library, "right", 1, 1, 0);
	assert_true(dz_evaluate(evaluator, &options, &evaluation, &err));
	assert_int_equal(evaluation.no_library_label, 1);
	assert_true(evaluation.open.value == 0.5 && fabs(evaluation.closed.value - 3.0 / 5) < 1e-12);
	assert_true(evaluation.calibration == -1); /* one input has no confidence */
	/* What is all to the right has nothing in common with either. */
	assert_int_equal(dz_contingency_at(evaluation.table, 2, evaluation.count), 2);
	dz_evaluation_release(&evaluation);
	dz_library_release(&library);
	dz_evaluator_free(evaluator);
}

/* Three labels of four flows each, in twelve folds at random: whoever always tells one of them is right in a third. Of
 * the others the fold's own label is the rarest, and telling the most frequent of those is right in none. */
static void test_most_frequent(void **state)
{
	static const char *const labels[] = { "a", "b", "c" };
	struct dz_evaluate_options options = { .score = { .direction = DZ_DIRECTION_BOTH, .nearest = 3 },
					       .folds = DZ_FOLD_RANDOM,
					       .count = 12,
					       .repeats = 1,
					       .seed = 1 };
	struct dz_evaluator *evaluator = dz_evaluator_new(DZ_BY_LABEL, DZ_DIRECTION_BOTH);
	struct dz_evaluation evaluation;
	struct dz_err err;

	(void)state;
	for (unsigned i = 0; i < 12; i++)
		add(evaluator, "one", labels[i % 3], i + 1, i % 3, 1);
	assert_true(dz_evaluate(evaluator, &options, &evaluation, &err));
	assert_true(fabs(evaluation.majority.value - 1.0 / 3) < 1e-12);
	assert_int_equal(dz_evaluator_copies(evaluator), 0); /* of one input */
	dz_evaluation_release(&evaluation);
	dz_evaluator_free(evaluator);
}

/* So many inputs of so many flows each, all told with that confidence; `right` of the inputs are right. */
static struct dz_evaluation sums_of(uint32_t inputs, uint32_t flows, float confidence, uint32_t right)
{
	struct dz_evaluation evaluation = { .folds = inputs, .judged = (uint64_t)inputs * flows };
	struct dz_judged *judged = calloc((size_t)inputs * flows, sizeof *judged);
	struct dz_intern names;
	uint32_t count = 0, one, other;

	dz_intern_init(&names);
	for (uint32_t i = 0; i < inputs; i++)
		dz_intern_add(&names, &i, sizeof i);
	one = dz_intern_add_text(&names, "one");
	other = dz_intern_add_text(&names, "other");
	for (uint32_t i = 0; i < inputs; i++)
		for (uint32_t f = 0; f < flows; f++)
			judged[count++] = (struct dz_judged){ .label = one,
							      .input = i,
							      .fold = i,
							      .told = i < right ? one : other,
							      .confidence = confidence,
							      .known = true,
							      .asked = true,
							      .is = f < flows / 2 };
	evaluation.options.score.is = "one";
	dz_evaluate_sum(&evaluation, judged, count, &names, one);
	dz_intern_release(&names);
	free(judged);
	return evaluation;
}

static void expect_sums(uint32_t inputs, uint32_t flows, float confidence, uint32_t right, double error,
			const double chance[2], const double high[2])
{
	struct dz_evaluation evaluation = sums_of(inputs, flows, confidence, right);

	assert_true(fabs(evaluation.calibration - error) < 1e-9);
	assert_true(evaluation.calibration_chance >= chance[0] && evaluation.calibration_chance <= chance[1]);
	assert_true(evaluation.calibration_chance_high >= high[0] && evaluation.calibration_chance_high <= high[1]);
	dz_evaluation_release(&evaluation);
}

/* One input is right or wrong, never half, however many its flows. Of 100 inputs the share that is right has a standard
 * deviation of 0.05 around 0.5: in the middle it is 0.67 of that away, and 1.96 in 95 %. What is sure is right. */
static void test_calibration_by_chance(void **state)
{
	static const double half[2] = { 0.5 - 1e-9, 0.5 + 1e-9 }, none[2] = { 0, 1e-9 };

	(void)state;
	expect_sums(1, 50, 0.5f, 1, 0.5, half, half);
	expect_sums(1, 50, 1, 1, 0, none, none);
	expect_sums(1, 50, 1, 0, 1, none, none);
	expect_sums(100, 3, 0.5f, 50, 0, (double[]){ 0.02, 0.05 }, (double[]){ 0.08, 0.125 });
	expect_sums(100, 3, 0.5f, 90, 0.4, (double[]){ 0.02, 0.05 }, (double[]){ 0.08, 0.125 });
}

/* Of each input's four flows two are found and two missed: 2 * 2 / (2 * 2 + 2), whatever inputs are drawn. But of five
 * that are alike 1 - 0.025^(1/5) = 0.5218 of all may be otherwise, at worst none of them found, at best all. Two inputs
 * are too few to draw from. */
static void test_f1_interval(void **state)
{
	struct dz_evaluation evaluation = sums_of(5, 4, 0.5f, 5);

	(void)state;
	assert_true(fabs(evaluation.is_f1.value - 2.0 / 3) < 1e-9);
	assert_true(fabs(evaluation.is_f1.low - 2.0 / 3 * (1 - 0.5218)) < 1e-4);
	assert_true(fabs(evaluation.is_f1.high - (2.0 / 3 + 0.5218 / 3)) < 1e-4);
	assert_true(evaluation.is_f1_inputs.low == evaluation.is_f1.low);
	/* All were told their label, so that its F1 and the mean of all are 1; by no more inputs. */
	assert_true(evaluation.labels[0].f1.value == 1 && evaluation.macro_f1.value == 1);
	assert_true(fabs(evaluation.labels[0].f1.low - (1 - 0.5218)) < 1e-4 && evaluation.labels[0].f1.high == 1);
	assert_true(fabs(evaluation.macro_f1.low - (1 - 0.5218)) < 1e-4);
	dz_evaluation_release(&evaluation);
	evaluation = sums_of(2, 4, 0.5f, 2);
	assert_true(fabs(evaluation.is_f1.value - 2.0 / 3) < 1e-9 && evaluation.is_f1.low < 0);
	assert_true(evaluation.labels[0].f1.value == 1 && evaluation.labels[0].f1.low < 0);
	dz_evaluation_release(&evaluation);
	/* Of twelve inputs six are right: 2 * 6 / (12 + 6) = 0.667, and with k of twelve 2 * k / (12 + k): 0.4 for 3
	 * and 0.857 for 9, which are the middle 95 % of the binomial of a half. */
	evaluation = sums_of(12, 2, 0.5f, 6);
	assert_true(fabs(evaluation.labels[0].f1.value - 2.0 / 3) < 1e-9);
	assert_true(fabs(evaluation.labels[0].f1.low - 0.4) < 1e-9);
	assert_true(fabs(evaluation.labels[0].f1.high - 18.0 / 21) < 1e-9);
	dz_evaluation_release(&evaluation);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_most_frequent),
					    cmocka_unit_test(test_calibration_by_chance),
					    cmocka_unit_test(test_f1_interval),
					    cmocka_unit_test(test_ties),
					    cmocka_unit_test(test_asked_in_any_case),
					    cmocka_unit_test(test_nearest),
					    cmocka_unit_test(test_lines),
					    cmocka_unit_test(test_confidence),
					    cmocka_unit_test(test_folds),
					    cmocka_unit_test(test_random_folds_and_hosts),
					    cmocka_unit_test(test_by_library) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
