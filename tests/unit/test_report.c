/* SPDX-License-Identifier: BSD-2-Clause */
/* test_report.c - the page of a report: its numbers, its sample, and that nothing in the data can become markup. */
#include "config.h"
#include "report/report.h"
#include "sample.h"

#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- helpers ---- */

/* A sample without any length counted. */
static void empty_sample(struct sample *sample)
{
	sample_init(sample);
	memset(sample->bins, 0, sizeof sample->bins);
	sample->record.lengths.count = sample->record.lengths_sum = 0;
	for (unsigned side = 0; side < 2; side++)
		sample->record.side[side].lengths.count = sample->record.side[side].packets =
			sample->record.side[side].bytes = 0;
}

static void add(struct dz_report *report, struct sample *sample)
{
	struct dz_err err = { "" };
	if (!dz_report_add(report, &sample->record, sample->record.input, &err))
		fail_msg("%s", err.text);
}

/* `count` flows of so many packets of each of two lengths, from the source. */
static void add_flows(struct dz_report *report, const char *label, unsigned count, uint32_t length, uint64_t times,
		      uint32_t other, uint64_t other_times)
{
	static struct sample sample;
	for (unsigned i = 0; i < count; i++) {
		empty_sample(&sample);
		sample.text.application = label;
		sample_add(&sample, DZ_SOURCE, length, times);
		if (other_times)
			sample_add(&sample, DZ_SOURCE, other, other_times);
		add(report, &sample);
	}
}

/* Ends the collecting, makes the page and frees the report. The page is given to the caller. */
static struct dz_strbuf page_of(struct dz_report *report)
{
	const struct dz_report_fact skipped[] = { { "not IP", 3 } };
	const struct dz_report_account account = { .records = 12,
						   .kept = 10,
						   .bad_lines = 1,
						   .failures = 2,
						   .packets = 40,
						   .filtered = 4,
						   .skipped = skipped,
						   .skipped_count = 1 };
	struct dz_strbuf page;

	dz_report_finish_groups(report);
	dz_report_finish(report);
	dz_strbuf_init(&page);
	dz_report_html(report, &account, &page);
	dz_report_free(report);
	return page;
}

/* The data that stands in the page; given to the caller. */
static struct json_object *data_of(const struct dz_strbuf *page)
{
	static const char mark[] = "<script type=\"application/json\" id=\"data\">";
	const char *from = strstr(page->data, mark), *end;
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *data;

	assert_non_null(from);
	from += sizeof mark - 1;
	end = strstr(from, "</script>");
	assert_non_null(end);
	data = json_tokener_parse_ex(tokener, from, (int)(end - from));
	assert_non_null(data);
	json_tokener_free(tokener);
	return data;
}

static struct json_object *finish(struct dz_report *report)
{
	struct dz_strbuf page = page_of(report);
	struct json_object *data = data_of(&page);
	dz_strbuf_release(&page);
	return data;
}

/* Walks "flows.rows.0.distance". */
static struct json_object *at(struct json_object *object, const char *path)
{
	char copy[100], *rest = copy, *word;

	assert_true(strlen(path) < sizeof copy);
	strcpy(copy, path);
	while (object && (word = strsep(&rest, ".")))
		object = json_object_is_type(object, json_type_array)
				 ? json_object_array_get_idx(object, strtoul(word, NULL, 10))
				 : json_object_object_get(object, word);
	return object;
}

static long number(struct json_object *object, const char *path)
{
	struct json_object *value = at(object, path);
	if (!value)
		fail_msg("%s is missing", path);
	return (long)json_object_get_int64(value);
}

static double real(struct json_object *object, const char *path)
{
	struct json_object *value = at(object, path);
	if (!value)
		fail_msg("%s is missing", path);
	return json_object_get_double(value);
}

static void assert_near(double value, double expected)
{
	if (fabs(value - expected) > 1e-4) /* the page's rounding */
		fail_msg("%.6f is not %.6f", value, expected);
}

static struct dz_report *new_report(void)
{
	struct dz_report_options options;
	dz_report_options_init(&options);
	return dz_report_new(&options);
}

static unsigned occurrences(const struct dz_strbuf *page, const char *text)
{
	unsigned count = 0;
	for (const char *found = page->data; (found = strstr(found, text)); found++)
		count++;
	return count;
}

/* ---- tests ---- */

static void names_cannot_become_markup(void **state)
{
	static struct sample sample;
	struct dz_report *report = new_report();
	struct dz_strbuf page;
	struct json_object *data;
	(void)state;

	sample_init(&sample);
	sample_with_detail(&sample);
	sample.detail.tls_server_name = "</script><img src=x onerror=alert(1)>&\xe2\x80\xa8\xe2\x80\xa9@J@\xff<!--";
	sample.text.application = "</ScRiPt><b>";
	sample.record.input = "<script>.pcap";
	add(report, &sample);
	page = page_of(report);
	assert_int_equal(occurrences(&page, "</script"), 2); /* the data's and the script's */
	assert_int_equal(occurrences(&page, "</ScRiPt"), 0);
	assert_int_equal(occurrences(&page, "<script"), 2);
	assert_int_equal(occurrences(&page, "<img"), 0);
	assert_int_equal(occurrences(&page, "<!--"), 0);
	assert_int_equal(occurrences(&page, "\xe2\x80\xa8"), 0);
	assert_int_equal(occurrences(&page, "\xe2\x80\xa9"), 0);
	assert_int_equal(occurrences(&page, "\xff"), 0);
	/* And yet the name is there as it was, what is no UTF-8 replaced. */
	data = data_of(&page);
	assert_string_equal(json_object_get_string(at(data, "flows.rows.0.host")),
			    "</script><img src=x onerror=alert(1)>&\xe2\x80\xa8\xe2\x80\xa9@J@\xef\xbf\xbd<!--");
	assert_string_equal(json_object_get_string(at(data, "groups.0.name")), "</ScRiPt><b>");
	json_object_put(data);
	dz_strbuf_release(&page);
}

static void tells_what_was_read(void **state)
{
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	add_flows(report, "DNS", 3, 70, 2, 0, 0);
	data = finish(report);
	assert_int_equal(number(data, "read.records"), 12);
	assert_int_equal(number(data, "read.flows"), 3);
	assert_int_equal(number(data, "read.packets"), 6);
	assert_int_equal(number(data, "read.bytes"), 3 * 2 * 70);
	assert_int_equal(number(data, "read.bad_lines"), 1);
	assert_int_equal(number(data, "read.failures"), 2);
	assert_int_equal(number(data, "read.capture_packets"), 40);
	assert_int_equal(number(data, "read.filtered"), 4);
	assert_int_equal(number(data, "read.skipped.not IP"), 3);
	assert_string_equal(json_object_get_string(at(data, "read.inputs.0.name")), "ssh.pcap");
	assert_int_equal(number(data, "read.inputs.0.flows"), 3);
	json_object_put(data);
}

/* One flow all in bin 2, one all in bin 4: their mean is half and half. Hellinger's distance of (1, 0) and (1/2, 1/2)
 * is sqrt(1 - sqrt(1/2)) = 0.541196. */
static void measures_each_flow_against_its_group(void **state)
{
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	add_flows(report, "A", 1, 70, 4, 0, 0);
	add_flows(report, "A", 1, 130, 1, 0, 0);
	data = finish(report);
	assert_near(real(data, "flows.rows.0.distance"), 0.541196);
	assert_near(real(data, "flows.rows.1.distance"), 0.541196);
	assert_int_equal(number(data, "groups.0.mean.vector.2"), 50000);
	assert_int_equal(number(data, "groups.0.mean.vector.4"), 50000);
	/* By packets, four of five are in bin 2. */
	assert_int_equal(number(data, "groups.0.pooled.vector.2"), 80000);
	assert_int_equal(number(data, "groups.0.pooled.sides.0.2"), 80000);
	assert_int_equal(number(data, "groups.0.pooled.sides.1.2"), 0);
	json_object_put(data);
}

/* Two groups without a common bin are at distance 1. Each flow of the other shape is nearer to the other group. */
static void measures_groups_against_each_other(void **state)
{
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	add_flows(report, "A", 6, 70, 1, 0, 0);
	add_flows(report, "B", 5, 1500, 1, 0, 0);
	data = finish(report);
	assert_string_equal(json_object_get_string(at(data, "groups.0.name")), "A");
	assert_near(real(data, "distances.1.0"), 1);
	assert_int_equal(json_object_array_length(at(data, "distances.0")), 0);
	assert_int_equal(number(data, "clusters.count"), 2);
	assert_near(real(data, "clusters.rand"), 1);
	assert_near(real(data, "clusters.purity"), 1);
	assert_null(at(data, "flows.rows.0.nearest"));
	json_object_put(data);

	report = new_report();
	add_flows(report, "A", 6, 70, 1, 0, 0);
	add_flows(report, "B", 5, 1500, 1, 0, 0);
	add_flows(report, "B", 1, 70, 1, 0, 0);
	data = finish(report);
	assert_int_equal(number(data, "flows.rows.0.group"), 1);
	assert_int_equal(number(data, "flows.rows.0.nearest"), 0);
	json_object_put(data);

	report = new_report(); /* four flows are no group to be nearest to */
	add_flows(report, "A", 4, 70, 1, 0, 0);
	add_flows(report, "B", 5, 1500, 1, 0, 0);
	add_flows(report, "B", 1, 70, 1, 0, 0);
	data = finish(report);
	assert_string_equal(json_object_get_string(at(data, "groups.0.name")), "B");
	assert_int_equal(number(data, "flows.rows.0.group"), 0);
	assert_null(at(data, "flows.rows.0.nearest"));
	json_object_put(data);
}

static void puts_outliers_first(void **state)
{
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	add_flows(report, "A", 4, 70, 1, 0, 0);
	add_flows(report, "A", 1, 1000, 1, 0, 0);
	add_flows(report, "A", 5, 70, 1, 0, 0);
	add_flows(report, "few", 1, 300, 1, 0, 0); /* too few to have outliers */
	add_flows(report, "few", 2, 500, 1, 0, 0);
	data = finish(report);
	assert_int_equal(number(data, "flows.outliers"), 1);
	assert_int_equal(number(data, "flows.rows.0.outlier"), 1);
	assert_int_equal(number(data, "flows.rows.0.shape.0"), 1000 / 32);
	assert_null(at(data, "flows.rows.1.outlier"));
	/* The rest goes by distance. */
	for (unsigned i = 2; i < 13; i++) {
		struct json_object *rows = at(data, "flows.rows");
		assert_true(json_object_get_double(at(json_object_array_get_idx(rows, i - 1), "distance")) >=
			    json_object_get_double(at(json_object_array_get_idx(rows, i), "distance")));
	}
	json_object_put(data);
}

/* Of n flows, one unlike the others, which are alike: with their distances a and b the upper quartile of five is a, so
 * that b is beyond the fence, whatever it is. That of four is a + (b - a) / 4, and b would be beyond a fence of
 * a + 5/8 (b - a), too: four are too few to say. */
static void needs_five_flows_for_an_outlier(void **state)
{
	(void)state;
	for (unsigned count = 4; count <= 5; count++) {
		struct dz_report *report = new_report();
		struct json_object *data;
		add_flows(report, "A", count - 1, 70, 1, 0, 0);
		add_flows(report, "A", 1, 1000, 1, 0, 0);
		data = finish(report);
		assert_int_equal(number(data, "flows.outliers"), count == 5);
		json_object_put(data);
	}
}

/* Ten flows with 0, 1, ... 9 of nine packets in one bin and the others in the next: their distances are spread evenly,
 * some beyond the upper quartile, none far beyond. */
static void takes_no_even_spread_for_outliers(void **state)
{
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	add_flows(report, "A", 1, 70, 9, 0, 0);
	for (unsigned n = 1; n <= 9; n++)
		add_flows(report, "A", 1, 100, n, 70, 9 - n);
	data = finish(report);
	assert_int_equal(number(data, "flows.outliers"), 0);
	json_object_put(data);
}

static void add_at(struct dz_report *report, const char *label, uint64_t start_ns, uint64_t end_ns, uint64_t packets)
{
	static struct sample sample;

	empty_sample(&sample);
	sample.text.application = label;
	sample_add(&sample, DZ_SOURCE, 100, packets);
	sample.record.start_ns = start_ns;
	sample.record.end_ns = end_ns;
	add(report, &sample);
}

#define SECOND UINT64_C(1000000000)

/* A flow of an instant in each of 71 seconds, and a day later one from 0.5 to 3 s. In slots of 1 s these are 71 + 4, of
 * 2 s 36 + 2: 72 at most are wanted. Of the 500 bytes of the last one 1.5 s are in its first slot, 1 s in the next. */
static void shows_what_happened_when(void **state)
{
	struct dz_report *report = new_report();
	uint64_t day = 86400 * SECOND;
	struct json_object *data;
	(void)state;

	for (uint64_t i = 0; i < 71; i++)
		add_at(report, "A", i * SECOND, i * SECOND, 1);
	add_at(report, "B", day + SECOND / 2, day + 3 * SECOND, 5);
	data = finish(report);
	assert_near(real(data, "time.seconds"), 2);
	assert_int_equal(json_object_array_length(at(data, "time.slots")), 38);
	assert_int_equal(number(data, "time.slots.35"), 35);
	assert_int_equal(number(data, "time.slots.36"), 43200);
	assert_int_equal(json_object_array_length(at(data, "time.series")), 2);
	assert_int_equal(number(data, "time.series.0.group"), 0);
	assert_int_equal(number(data, "time.series.0.flows.0"), 2);
	assert_int_equal(number(data, "time.series.0.bytes.35"), 100); /* the 71st is alone in its slot */
	assert_int_equal(number(data, "time.series.1.flows.36"), 1);
	assert_int_equal(number(data, "time.series.1.flows.37"), 0);
	assert_int_equal(number(data, "time.series.1.bytes.36"), 300);
	assert_int_equal(number(data, "time.series.1.bytes.37"), 200);
	json_object_put(data);
}

/* Three flows of one shape, two of another, one alone: two kinds are shown, and the third is counted. */
static void shows_typical_shapes(void **state)
{
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	add_flows(report, "A", 1, 1400, 1, 0, 0);
	add_flows(report, "A", 2, 70, 1, 0, 0);
	add_flows(report, "A", 3, 130, 8, 0, 0);
	add_flows(report, "B", 1, 130, 8, 0, 0); /* all alone, and shown */
	data = finish(report);
	assert_int_equal(number(data, "typical.0.steps"), 8);
	assert_int_equal(number(data, "typical.0.all"), 3);
	assert_int_equal(json_object_array_length(at(data, "typical.0.shapes")), 2);
	assert_int_equal(number(data, "typical.0.shapes.0.flows"), 3);
	assert_int_equal(number(data, "typical.0.shapes.0.inputs"), 1);
	assert_int_equal(number(data, "typical.0.shapes.0.shape.0"), 4); /* 128-159 */
	assert_int_equal(number(data, "typical.0.shapes.1.flows"), 2);
	assert_int_equal(json_object_array_length(at(data, "typical.1.shapes")), 1);
	json_object_put(data);
}

/* Two clusters without a common bin: one branch at distance 1, and on the map they are 1 apart, all of it in one axis.
 */
static void places_clusters(void **state)
{
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	add_flows(report, "A", 6, 70, 1, 0, 0);
	add_flows(report, "B", 5, 1500, 1, 0, 0);
	data = finish(report);
	assert_int_equal(json_object_array_length(at(data, "map.tree")), 3);
	assert_near(real(data, "map.tree.2"), 1);
	assert_near(real(data, "map.share"), 1);
	assert_near(fabs(real(data, "map.clusters.0.x") - real(data, "map.clusters.1.x")), 1);
	assert_int_equal(number(data, "map.drawn"), 11);
	assert_int_equal(json_object_array_length(at(data, "map.flows")), 2);
	json_object_put(data);
}

static struct dz_strbuf page_of_many(uint64_t seed, size_t rows)
{
	struct dz_report_options options;
	struct dz_report *report;

	dz_report_options_init(&options);
	options.seed = seed;
	options.flows = rows;
	report = dz_report_new(&options);
	/* Two shapes, as many flows of each, so that none is an outlier; no two flows have as many packets. */
	for (unsigned i = 1; i <= 400; i++)
		add_flows(report, "A", 1, 70, 200 * i, 100, (3 + i % 2) * i);
	add_flows(report, "A", 10, 1000, 1, 0, 0);
	return page_of(report);
}

static void samples_and_says_so(void **state)
{
	struct dz_strbuf one = page_of_many(1, 50), again = page_of_many(1, 50), other = page_of_many(2, 50),
			 short_of = page_of_many(1, 5);
	struct json_object *data = data_of(&one), *other_data = data_of(&other);
	(void)state;

	assert_int_equal(number(data, "flows.total"), 410);
	assert_int_equal(number(data, "flows.outliers"), 10);
	assert_int_equal(number(data, "flows.outliers_shown"), 10);
	assert_int_equal(json_object_array_length(at(data, "flows.rows")), 50);
	assert_int_equal(number(data, "groups.0.flows"), 410); /* groups are of all flows */
	assert_false(json_object_equal(at(data, "flows.rows"), at(other_data, "flows.rows")));
	json_object_put(data);
	json_object_put(other_data);
	assert_int_equal(one.size, again.size);
	assert_memory_equal(one.data, again.data, one.size);
	data = data_of(&short_of);
	assert_int_equal(number(data, "flows.outliers_shown"), 4); /* a fifth of the rows is for the others */
	assert_int_equal(json_object_array_length(at(data, "flows.rows")), 5);
	json_object_put(data);
	dz_strbuf_release(&one);
	dz_strbuf_release(&again);
	dz_strbuf_release(&other);
	dz_strbuf_release(&short_of);
}

static void shows_one_way_records(void **state)
{
	static struct sample sample;
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	empty_sample(&sample);
	sample_add(&sample, DZ_SOURCE, 70, 3);
	sample.record.role = DZ_ROLE_INITIATOR;
	sample.record.side[0].lengths.bins = sample.record.side[1].lengths.bins = NULL;
	add(report, &sample);
	data = finish(report);
	assert_int_equal(number(data, "parts"), 1);
	assert_int_equal(json_object_array_length(at(data, "groups.0.mean.sides")), 1);
	assert_int_equal(json_object_array_length(at(data, "flows.rows.0.shape")), 2);
	assert_int_equal(number(data, "flows.rows.0.shape.0"), 2);
	assert_int_equal(number(data, "flows.rows.0.shape.1"), 100000);
	json_object_put(data);
}

/* 2,048 bins of 1 byte: 22 to a column, so that 94 columns hold them all. */
static void folds_many_bins(void **state)
{
	static struct sample sample;
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	empty_sample(&sample);
	sample.record.shape = (struct dz_hist_shape){ .layer = DZ_LAYER_PAYLOAD, .bin_width = 1, .bins = 2048 };
	sample_add(&sample, DZ_SOURCE, 21, 1);
	sample_add(&sample, DZ_SOURCE, 22, 2);
	sample_add(&sample, DZ_DESTINATION, 9000, 1);
	add(report, &sample);
	data = finish(report);
	assert_int_equal(number(data, "fold"), 22);
	assert_int_equal(number(data, "columns"), 94);
	assert_int_equal(json_object_array_length(at(data, "groups.0.mean.vector")), 94);
	assert_int_equal(number(data, "groups.0.mean.sides.0.0"), 25000);
	assert_int_equal(number(data, "groups.0.mean.sides.0.1"), 50000);
	assert_int_equal(number(data, "groups.0.mean.sides.1.93"), 25000);
	json_object_put(data);
}

static void takes_flows_that_counted_nothing(void **state)
{
	static struct sample sample;
	struct dz_report *report = new_report();
	struct json_object *data;
	(void)state;

	empty_sample(&sample);
	add(report, &sample);
	data = finish(report);
	assert_int_equal(number(data, "groups.0.empty"), 1);
	assert_null(at(data, "flows.rows.0.distance"));
	assert_null(at(data, "flows.rows.0.shape"));
	assert_null(at(data, "flows.rows.0.cluster"));
	assert_int_equal(number(data, "clusters.count"), 0);
	json_object_put(data);
}

static void leaves_out_small_groups_and_says_so(void **state)
{
	struct dz_report_options options;
	struct dz_report *report;
	struct json_object *data;
	(void)state;

	dz_report_options_init(&options);
	options.top = 1;
	report = dz_report_new(&options);
	add_flows(report, "large", 3, 70, 1, 0, 0);
	add_flows(report, "small", 2, 130, 1, 0, 0);
	data = finish(report);
	assert_int_equal(json_object_array_length(at(data, "groups")), 1);
	assert_int_equal(number(data, "groups_left_out"), 1);
	assert_int_equal(number(data, "flows_left_out"), 2);
	/* Their flows are in the table, without a distance, which puts them last. */
	assert_string_equal(json_object_get_string(at(data, "flows.rows.4.label")), "small");
	assert_null(at(data, "flows.rows.4.distance"));
	json_object_put(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_cannot_become_markup),
		cmocka_unit_test(tells_what_was_read),
		cmocka_unit_test(measures_each_flow_against_its_group),
		cmocka_unit_test(measures_groups_against_each_other),
		cmocka_unit_test(puts_outliers_first),
		cmocka_unit_test(needs_five_flows_for_an_outlier),
		cmocka_unit_test(takes_no_even_spread_for_outliers),
		cmocka_unit_test(samples_and_says_so),
		cmocka_unit_test(shows_one_way_records),
		cmocka_unit_test(folds_many_bins),
		cmocka_unit_test(takes_flows_that_counted_nothing),
		cmocka_unit_test(leaves_out_small_groups_and_says_so),
		cmocka_unit_test(shows_what_happened_when),
		cmocka_unit_test(shows_typical_shapes),
		cmocka_unit_test(places_clusters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
