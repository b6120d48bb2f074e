/* SPDX-License-Identifier: BSD-2-Clause */
/* test_evaluation_text.c - what an evaluation says of itself: nothing above what so many flows of so many inputs can
 * show. */
#include "config.h"
#include "render/render.h"

#include "math/contingency.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct page {
	struct dz_evaluation evaluation;
	struct dz_evaluated_label labels[40];
	struct dz_strbuf text;
};

/* Labels of one flow each, that was right. */
static void begin(struct page *page, uint32_t labels)
{
	static const char *const names[] = { "A", "B", "C" };

	memset(page, 0, sizeof *page);
	page->evaluation = (struct dz_evaluation){ .calibration = 0.05,
						   .repeat_sd = -1,
						   .open = { .value = 0.5, .low = -1 },
						   .closed = { .value = 0.5, .low = -1 },
						   .majority = { .value = 0.25, .low = -1 },
						   .inputs = 2,
						   .folds = 2,
						   .judged = labels,
						   .count = labels,
						   .labels = page->labels,
						   .table = dz_contingency_new(labels, labels + 1) };
	for (uint32_t c = 0; c < labels; c++) {
		page->labels[c] = (struct dz_evaluated_label){ .name = names[c % 3], .flows = 1, .inputs = 1 };
		dz_contingency_add(page->evaluation.table, c, c, 1);
	}
	dz_strbuf_init(&page->text);
}

/* Whether the text has the words; the page is done with. */
static bool says(struct page *page, const char *words)
{
	bool found;

	dz_evaluation_text(&page->evaluation, &page->text);
	found = strstr(page->text.data, words);
	dz_strbuf_release(&page->text);
	dz_contingency_free(page->evaluation.table);
	return found;
}

/* 30 flows of 10 inputs are needed. */
static void test_what_is_told_for_sure(void **state)
{
	static const struct {
		uint64_t flows;
		uint32_t inputs;
		bool enough;
	} rows[] = { { 30, 10, true }, { 29, 10, false }, { 30, 9, false }, { 3000, 9, false }, { 0, 0, false } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct page page;
		char words[80];
		begin(&page, 3);
		page.evaluation.sure_flows = rows[i].flows;
		page.evaluation.sure_inputs = rows[i].inputs;
		page.evaluation.sure_right = rows[i].flows / 2;
		snprintf(words, sizeof words,
			 rows[i].enough ? " 50.0 %%  right of %u flows of %u inputs"
					: " not reached: %u flows of %u inputs, 30 of 10 are needed",
			 (unsigned)rows[i].flows, (unsigned)rows[i].inputs);
		assert_true(says(&page, words));
	}
}

static void test_no_confidence(void **state)
{
	struct page page;

	(void)state;
	begin(&page, 3);
	page.evaluation.calibration = -1;
	assert_true(says(&page, "no confidence: the library does not hold two inputs"));
}

/* Sixteen columns fit; seventeen are left to CSV and JSON. */
static void test_the_matrix(void **state)
{
	struct page page;

	(void)state;
	begin(&page, 16);
	assert_true(says(&page, "\nConfusion: rows are the labels"));
	begin(&page, 17);
	assert_true(says(&page, "\nThe confusion matrix is too wide for text"));
}

static void test_how_it_was_judged(void **state)
{
	static const struct {
		enum dz_fold_kind folds;
		const char *words;
	} rows[] = {
		{ DZ_FOLD_LIBRARY, "3 flows of 2 inputs, judged by the library\n" },
		{ DZ_FOLD_RANDOM, "3 flows of 2 inputs, in 2 folds at random, each judged by the others; 4 times\n" },
		{ DZ_FOLD_HOST, "3 flows of 2 inputs, in 2 folds by host, each judged by the others\n" },
		{ DZ_FOLD_INPUT, "3 flows of 2 inputs, in 2 folds by input, each judged by the others\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct page page;
		begin(&page, 3);
		page.evaluation.options.folds = rows[i].folds;
		page.evaluation.options.repeats = 4;
		assert_true(says(&page, rows[i].words));
	}
}

/* Brackets stand where there is an interval, and are explained there only. */
static void test_intervals(void **state)
{
	struct page page;

	(void)state;
	begin(&page, 3);
	page.evaluation.open.low = 0.25;
	page.evaluation.open.high = 0.75;
	assert_true(says(&page, " 50.0 %  [25.0-75.0]  right of all"));
	begin(&page, 3);
	assert_false(says(&page, "in brackets"));
	begin(&page, 3);
	page.evaluation.repeat_sd = 0.125;
	page.evaluation.options.repeats = 5;
	assert_true(says(&page, " 12.5 %  standard deviation over 5 repeats"));
}

static void test_the_question(void **state)
{
	struct page page;

	(void)state;
	begin(&page, 3);
	page.evaluation.options.score.is = "DoH";
	assert_true(says(&page, "is it DoH? not asked: no fold's library has it of "));
	begin(&page, 3);
	page.evaluation.options.score.is = "DoH";
	page.evaluation.asked = true;
	page.evaluation.is_found = 7;
	page.evaluation.is_missed = 1;
	page.evaluation.is_false = 2;
	page.evaluation.is_rest = 40;
	page.evaluation.is_f1 = (struct dz_accuracy){ 0.824, 0.7, 0.9 }; /* 2 * 7 / (2 * 7 + 1 + 2) */
	page.evaluation.is_f1_inputs = (struct dz_accuracy){ 0.5, -1, -1 };
	assert_true(says(&page, "is it DoH? found 7, missed 1, wrongly 2 of 42 others; F1 0.824 [0.700-0.900], each "
				"input weighing alike 0.500\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_told_for_sure),
		cmocka_unit_test(test_no_confidence),
		cmocka_unit_test(test_the_matrix),
		cmocka_unit_test(test_how_it_was_judged),
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_the_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
