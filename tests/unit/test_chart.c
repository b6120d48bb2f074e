/* SPDX-License-Identifier: BSD-2-Clause */
/* test_chart.c - rows that keep every filled bin visible, and names that cannot command a terminal. */
#include "config.h"
#include "render/chart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void expect_row(uint32_t bins, bool ascii, const double *weights, const char *expected)
{
	const struct dz_hist_shape shape = { DZ_LAYER_IP, 32, bins, false, false };
	struct dz_chart chart = dz_chart_for(&shape, ascii);
	struct dz_strbuf out;

	dz_strbuf_init(&out);
	dz_chart_row(&chart, weights, bins, &out);
	assert_string_equal(out.data, expected);
	dz_strbuf_release(&out);
}

static void test_rows(void **state)
{
	double wide[96] = { 0 };

	(void)state;
	expect_row(4, false, (double[]){ 8, 4, 0.001, 0 }, "│█▄▁ │");
	expect_row(4, true, (double[]){ 8, 4, 0.001, 0 }, "|#=. |");
	expect_row(4, true, (double[]){ 0, 0, 0, 0 }, "|    |");
	/* 96 bins are 48 columns of two. */
	wide[0] = wide[1] = 1;
	wide[95] = 2;
	expect_row(96, true, wide, "|#                                              #|");
}

static void test_axis(void **state)
{
	const struct dz_hist_shape shape = { DZ_LAYER_IP, 32, 20, false, false };
	struct dz_chart chart = dz_chart_for(&shape, false);
	struct dz_strbuf out;

	(void)state;
	dz_strbuf_init(&out);
	dz_chart_axis(&chart, &shape, &out);
	assert_string_equal(out.data, " 0       256     512  ");
	dz_strbuf_release(&out);
}

static void expect_name(const char *name, unsigned columns, const char *expected)
{
	struct dz_strbuf out;

	dz_strbuf_init(&out);
	dz_chart_name(&out, name, columns);
	assert_string_equal(out.data, expected);
	dz_strbuf_release(&out);
}

static void test_names(void **state)
{
	struct dz_strbuf group;

	(void)state;
	expect_name("SSH", 5, "SSH  ");
	expect_name("DoH_DoT", 7, "DoH_DoT");
	expect_name("DoH_DoT", 6, "DoH_D~");
	expect_name("a\033[31mb", 8, "a?[31mb ");
	expect_name("a\nb\xff", 4, "a?b\xef\xbf\xbd");
	expect_name("a\xe2\x80\xae"
		    "b",
		    4, "a?b ");                                                 /* right-to-left override */
	expect_name("\xe4\xb8\xad\xe4\xb8\xad", 4, "\xe4\xb8\xad\xe4\xb8\xad"); /* two columns each */
	expect_name("\xe4\xb8\xad\xe4\xb8\xad", 3, "\xe4\xb8\xad~");
	assert_int_equal(dz_chart_name_columns("\xe4\xb8\xad"
					       "a",
					       9),
			 3);
	assert_int_equal(dz_chart_name_columns("abcdef", 4), 4);
	dz_strbuf_init(&group);
	dz_chart_group(&group, "dns.pcap, 2026-11-23T00:07", 15); /* its ends are what differs */
	dz_chart_group(&group, "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 9);
	dz_chart_group(&group, "SSH", 4);
	assert_string_equal(group.data, "dns.pca~3T00:07\xe4\xb8\xad\xe4\xb8\xad~\xe4\xb8\xad\xe4\xb8\xad"
					"SSH ");
	dz_strbuf_release(&group);
}

static void test_numbers(void **state)
{
	char text[DZ_CHART_NUMBER], range[DZ_CHART_RANGE];
	const struct dz_hist_shape shape = { DZ_LAYER_IP, 32, 48, false, false },
				   bytes = { DZ_LAYER_IP, 1, 48, false, false };
	static const struct {
		uint64_t value;
		const char *text;
	} cases[] = { { 0, "0" },         { 9999, "9999" },    { 10000, "10.0k" },   { 12345, "12.3k" },
		      { 999499, "999k" }, { 999500, "1.00M" }, { 4560000, "4.56M" }, { UINT64_MAX, "18.4E" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		dz_chart_number(cases[i].value, text);
		assert_string_equal(text, cases[i].text);
	}
	dz_chart_range(46, &shape, range);
	assert_string_equal(range, "1472-1503");
	dz_chart_range(47, &shape, range);
	assert_string_equal(range, "1504+");
	dz_chart_range(3, &bytes, range);
	assert_string_equal(range, "3");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_axis),
					    cmocka_unit_test(test_names), cmocka_unit_test(test_numbers) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
