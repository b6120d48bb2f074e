/* SPDX-License-Identifier: BSD-2-Clause */
/* test_contingency.c - scores of small tables that can be worked out by hand. */
#include "config.h"
#include "math/contingency.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* A table of the given counts, row by row; given to the caller. */
static struct dz_contingency *table_of(uint32_t rows, uint32_t columns, const uint64_t *counts)
{
	struct dz_contingency *table = dz_contingency_new(rows, columns);

	for (uint32_t i = 0; i < rows * columns; i++)
		dz_contingency_add(table, i / columns, i % columns, counts[i]);
	return table;
}

static void assert_near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-12))
		fail_msg("%.17g is not %.17g", a, b);
}

static void test_sums(void **state)
{
	struct dz_contingency *table = table_of(2, 3, (const uint64_t[]){ 1, 2, 3, 4, 5, 6 });

	(void)state;
	dz_contingency_add(table, 1, 2, 10);
	assert_int_equal(dz_contingency_rows(table), 2);
	assert_int_equal(dz_contingency_columns(table), 3);
	assert_int_equal(dz_contingency_at(table, 0, 2), 3);
	assert_int_equal(dz_contingency_at(table, 1, 2), 16);
	assert_int_equal(dz_contingency_row_sum(table, 1), 25);
	assert_int_equal(dz_contingency_column_sum(table, 2), 19);
	assert_int_equal(dz_contingency_total(table), 31);
	dz_contingency_free(table);
	dz_contingency_free(NULL);
}

/* Three columns of 5, 4, 3 things whose most frequent rows hold 4, 3 and 3 of them. */
static void test_purity(void **state)
{
	struct dz_contingency *table = table_of(2, 3, (const uint64_t[]){ 4, 1, 0, 1, 3, 3 });

	(void)state;
	assert_near(dz_contingency_purity(table), 10.0 / 12);
	assert_near(dz_contingency_most_frequent(table), 7.0 / 12);
	assert_true(dz_contingency_can_agree(table));
	dz_contingency_free(table);
	table = table_of(2, 3, (const uint64_t[]){ 0, 0, 0, 1, 3, 3 });
	assert_false(dz_contingency_can_agree(table));
	dz_contingency_free(table);
}

/* Truth 0 0 1 1, clusters 0 0 1 2: pairs together in both 1, in the truth 2, in the clusters 1, of 6.
 * (1 - 2*1/6) / ((2+1)/2 - 2*1/6) = (2/3) / (7/6) = 4/7. */
static void test_rand(void **state)
{
	struct dz_contingency *table = table_of(2, 3, (const uint64_t[]){ 2, 0, 0, 0, 1, 1 });

	(void)state;
	assert_near(dz_contingency_rand(table), 4.0 / 7);
	dz_contingency_free(table);

	/* Truth 0 0 1 1, clusters 0 1 0 1: no pair in both: (0 - 4/6) / (2 - 4/6) = -1/2. */
	table = table_of(2, 2, (const uint64_t[]){ 1, 1, 1, 1 });
	assert_near(dz_contingency_rand(table), -0.5);
	dz_contingency_free(table);
}

static void test_rand_of_special_tables(void **state)
{
	struct dz_contingency *renamed = table_of(2, 2, (const uint64_t[]){ 0, 5, 7, 0 });
	struct dz_contingency *one = table_of(1, 1, (const uint64_t[]){ 9 });
	struct dz_contingency *singles = table_of(2, 2, (const uint64_t[]){ 1, 0, 0, 1 });
	struct dz_contingency *lumped = table_of(3, 1, (const uint64_t[]){ 2, 2, 2 });
	struct dz_contingency *none = dz_contingency_new(2, 2);

	(void)state;
	assert_near(dz_contingency_rand(renamed), 1);
	assert_near(dz_contingency_rand(one), 1);
	assert_near(dz_contingency_rand(singles), 1);
	assert_near(dz_contingency_rand(lumped), 0);
	assert_near(dz_contingency_rand(none), 1);
	assert_near(dz_contingency_purity(none), 1);
	assert_near(dz_contingency_accuracy(none), 0);
	assert_near(dz_contingency_macro_f1(none), 0);
	dz_contingency_free(renamed);
	dz_contingency_free(one);
	dz_contingency_free(singles);
	dz_contingency_free(lumped);
	dz_contingency_free(none);
}

/* Counts whose pairs do not fit into 64 bits: 2^40 things of each of two kinds, told apart but for one in four. */
static void test_rand_of_many(void **state)
{
	const uint64_t most = UINT64_C(3) << 38, few = UINT64_C(1) << 38;
	struct dz_contingency *table = table_of(2, 2, (const uint64_t[]){ most, few, few, most });

	(void)state;
	/* For large n: shares 9/32 * 2 + 1/32 * 2 = 5/16 * 2... pairs together in both (2*9+2)/64 = 5/16, in either
	 * 1/2: (5/16 - 1/4) / (1/2 - 1/4) = 1/4. */
	assert_true(fabs(dz_contingency_rand(table) - 0.25) < 1e-9);
	dz_contingency_free(table);
}

/* Rows true, columns found, the fourth column "no answer". */
static void test_classes(void **state)
{
	static const uint64_t counts[] = { 6, 2, 0, 2,   /* class 0: 6 of 10 found */
					   1, 4, 0, 0,   /* class 1: 4 of 5 */
					   0, 0, 0, 0 }; /* class 2 never true, never found: no class */
	struct dz_contingency *table = table_of(3, 4, counts);
	struct dz_contingency_class class;

	(void)state;
	assert_near(dz_contingency_accuracy(table), 10.0 / 15);
	dz_contingency_class(table, 0, &class);
	assert_near(class.precision, 6.0 / 7);
	assert_near(class.recall, 0.6);
	assert_near(class.f1, 12.0 / 17);
	assert_int_equal(class.support, 10);
	dz_contingency_class(table, 2, &class);
	assert_near(class.precision + class.recall + class.f1, 0);
	assert_near(dz_contingency_macro_f1(table), (12.0 / 17 + 8.0 / 11) / 2);
	/* Found once though never true: now it is a class, with F1 0. */
	dz_contingency_add(table, 0, 2, 1);
	assert_near(dz_contingency_macro_f1(table), (12.0 / 18 + 8.0 / 11 + 0) / 3);
	dz_contingency_free(table);
}

/* Fewer columns than rows: the last class is never found. */
static void test_narrow_table(void **state)
{
	struct dz_contingency *table = table_of(2, 1, (const uint64_t[]){ 3, 1 });
	struct dz_contingency_class class;

	(void)state;
	dz_contingency_class(table, 1, &class);
	assert_near(class.recall, 0);
	assert_int_equal(class.support, 1);
	assert_near(dz_contingency_accuracy(table), 0.75);
	assert_near(dz_contingency_macro_f1(table), (6.0 / 7) / 2);
	dz_contingency_free(table);
}

/* A table of all cells would take terabytes. */
static void test_many_classes(void **state)
{
	enum { CLASSES = 1000000, THINGS = 1000 };
	struct dz_contingency *table = dz_contingency_new(CLASSES, CLASSES + 1);
	uint32_t row, column;

	(void)state;
	for (uint32_t i = 0; i < THINGS; i++)
		dz_contingency_add(table, i * 997, CLASSES - i % 10, i % 10 ? 1 : 2);
	dz_contingency_add(table, 0, CLASSES, 5);
	dz_contingency_add(table, 1, 1, 0);
	assert_int_equal(dz_contingency_cells(table), THINGS);
	assert_int_equal(dz_contingency_cell(table, 0, &row, &column), 7);
	assert_int_equal(row, 0);
	assert_int_equal(column, CLASSES);
	assert_int_equal(dz_contingency_cell(table, 999, &row, &column), 1);
	assert_int_equal(row, 999 * 997);
	assert_int_equal(column, CLASSES - 9);
	assert_int_equal(dz_contingency_at(table, 997, CLASSES - 1), 1);
	assert_int_equal(dz_contingency_at(table, 997, CLASSES), 0);
	assert_near(dz_contingency_purity(table), (7 + 9 * 1) / 1105.0); /* 900 things, 100 that are two, 5 more */
	dz_contingency_free(table);
}

/* Line after line in any order, each with its zeros; most of it, but for places that do not count. */
static void test_lines(void **state)
{
	const uint64_t counts[] = { 4, 0, 0, 7, 0, 0, 0, 0, 3, 9, 9, 9 };
	struct dz_contingency *table = table_of(3, 4, counts);
	const uint32_t rows[] = { 2, 0, 0, 1, 2 };
	struct dz_contingency_lines lines;
	uint32_t place = 77;

	(void)state;
	dz_contingency_lines_init(&lines, table, false);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_memory_equal(dz_contingency_line(&lines, rows[i]), counts + 4 * rows[i], 4 * sizeof *counts);
	assert_int_equal(dz_contingency_line_most(&lines, 0, 4, UINT32_MAX, &place), 7);
	assert_int_equal(place, 3);
	assert_int_equal(dz_contingency_line_most(&lines, 0, 3, UINT32_MAX, &place), 4);
	assert_int_equal(place, 0);
	assert_int_equal(dz_contingency_line_most(&lines, 2, 4, 1, &place), 9);
	assert_int_equal(place, 2);
	assert_int_equal(dz_contingency_line_most(&lines, 0, 3, 0, &place), 0);
	assert_int_equal(dz_contingency_line_most(&lines, 1, 4, UINT32_MAX, &place), 0);
	assert_int_equal(place, 2);
	dz_contingency_lines_release(&lines);
	dz_contingency_lines_init(&lines, table, true);
	for (uint32_t column = 4; column--;)
		for (uint32_t row = 0; row < 3; row++)
			assert_int_equal(dz_contingency_line(&lines, column)[row], counts[4 * row + column]);
	dz_contingency_lines_release(&lines);
	dz_contingency_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),         cmocka_unit_test(test_purity),
		cmocka_unit_test(test_rand),         cmocka_unit_test(test_rand_of_special_tables),
		cmocka_unit_test(test_rand_of_many), cmocka_unit_test(test_classes),
		cmocka_unit_test(test_narrow_table), cmocka_unit_test(test_many_classes),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
