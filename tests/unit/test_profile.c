/* SPDX-License-Identifier: BSD-2-Clause */
/* test_profile.c - sums of profiles, exactly; libraries that merge in any order; rules. */
#include "config.h"
#include "stats/profile.h"

#include "flows.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void add(struct dz_library *library, const char *label, const uint64_t source[4], const uint64_t destination[4])
{
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, source, destination);
	assert_true(dz_library_add(library, &sample.record, sample.record.input, &err));
}

static void test_sums(void **state)
{
	struct dz_library library;
	const struct dz_profile *profile;
	double mean[4], sd[4];

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	add(&library, "b", (uint64_t[]){ 1, 2, 0, 0 }, (uint64_t[]){ 0, 0, 0, 0 });
	add(&library, "a", (uint64_t[]){ 1, 0, 0, 0 }, (uint64_t[]){ 0, 0, 0, 1 });
	add(&library, "b", (uint64_t[]){ 0, 6, 0, 0 }, (uint64_t[]){ 2, 0, 0, 0 });
	assert_int_equal(library.count, 2);
	assert_string_equal(library.profiles[0]->name, "a");
	assert_null(dz_library_find(&library, "c"));
	profile = dz_library_find(&library, "b");
	assert_int_equal(profile->flows, 2);
	assert_int_equal(profile->packets, 11);
	assert_int_equal(profile->bytes, 110);
	assert_int_equal(profile->parts[DZ_DIRECTION_TOTAL].flows, 2);
	assert_int_equal(profile->parts[DZ_DIRECTION_DESTINATION].flows, 1);
	assert_int_equal(profile->parts[DZ_DIRECTION_TOTAL].counts[1], 8);
	/* 1/3 of 2^30 is 357913941.3, 2/3 is 715827882.7, 1/4 and 3/4 are exact. */
	assert_true(profile->parts[DZ_DIRECTION_TOTAL].shares[0] == 357913941u + 268435456u);
	assert_true(profile->parts[DZ_DIRECTION_TOTAL].shares[1] == 715827883u + 805306368u);
	assert_true(profile->parts[DZ_DIRECTION_TOTAL].squares[0] ==
		    UINT64_C(357913941) * 357913941 + UINT64_C(268435456) * 268435456);
	dz_profile_mean(&profile->parts[DZ_DIRECTION_TOTAL], 4, mean, sd);
	assert_true(fabs(mean[0] - (1.0 / 3 + 0.25) / 2) < 1e-9 && mean[3] == 0);
	assert_true(fabs(mean[0] + mean[1] - 1) < 1e-15);
	assert_true(fabs(sd[0] - fabs(1.0 / 3 - 0.25) / sqrt(2)) < 1e-9);
	dz_profile_mean(&profile->parts[DZ_DIRECTION_DESTINATION], 4, mean, sd);
	assert_true(mean[0] == 1 && sd[0] == 0);
	/* Side by side: of the second flow 6 of 8 packets are the source's of bin 1, 2 of 8 the destination's of bin 0.
	 */
	assert_int_equal(profile->parts[DZ_DIRECTION_BOTH].flows, 2);
	assert_int_equal(profile->parts[DZ_DIRECTION_BOTH].counts[1], 8);
	assert_int_equal(profile->parts[DZ_DIRECTION_BOTH].counts[4], 2);
	assert_true(profile->parts[DZ_DIRECTION_BOTH].shares[4] == 268435456u);
	dz_library_release(&library);
}

static void merge(struct dz_library *library, const struct dz_strbuf *text)
{
	struct dz_err err = { "" };

	if (!dz_library_add_json(library, text->data, text->size, "a library", &err))
		fail_msg("%s", err.text);
}

static void test_merging(void **state)
{
	struct dz_library parts[3], whole, merged;
	struct dz_strbuf texts[3], expected, got;
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 0, 2 } };

	(void)state;
	dz_library_init(&whole, DZ_BY_LABEL);
	dz_strbuf_init(&expected);
	for (unsigned i = 0; i < 3; i++) {
		dz_library_init(&parts[i], DZ_BY_LABEL);
		dz_strbuf_init(&texts[i]);
		for (unsigned j = 0; j < 5; j++) {
			uint64_t counts[4] = { i * j, 3 + i, 7 * j, 1 };
			add(&parts[i], j % 2 ? "odd \"name\"\n" : "even", counts, counts);
			add(&whole, j % 2 ? "odd \"name\"\n" : "even", counts, counts);
		}
		dz_library_json(&parts[i], &texts[i]);
	}
	dz_library_json(&whole, &expected);
	for (unsigned o = 0; o < 3; o++) {
		dz_library_init(&merged, DZ_BY_LABEL);
		dz_strbuf_init(&got);
		for (unsigned i = 0; i < 3; i++)
			merge(&merged, &texts[orders[o][i]]);
		dz_library_json(&merged, &got);
		assert_string_equal(got.data, expected.data);
		dz_strbuf_release(&got);
		dz_library_release(&merged);
	}
	for (unsigned i = 0; i < 3; i++) {
		dz_library_release(&parts[i]);
		dz_strbuf_release(&texts[i]);
	}
	dz_library_release(&whole);
	dz_strbuf_release(&expected);
}

/* A library of very many flows: sums far beyond 64 bits go out and come back. */
static void test_large_sums(void **state)
{
	struct dz_library library, again;
	struct dz_strbuf text, back;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	dz_library_init(&again, DZ_BY_LABEL);
	dz_strbuf_init(&text);
	dz_strbuf_init(&back);
	add(&library, "a", (uint64_t[]){ 1, 0, 0, 0 }, (uint64_t[]){ 1, 0, 0, 0 });
	library.profiles[0]->parts[DZ_DIRECTION_TOTAL].squares[0] =
		dz_wide_product(UINT64_C(1) << 60, UINT64_C(1) << 60);
	dz_library_json(&library, &text);
	assert_non_null(strstr(text.data, "\"1329227995784915872903807060280344576\"")); /* 2^120 */
	merge(&again, &text);
	assert_int_equal(dz_wide_high(again.profiles[0]->parts[DZ_DIRECTION_TOTAL].squares[0]), UINT64_C(1) << 56);
	dz_library_json(&again, &back);
	assert_string_equal(back.data, text.data);
	dz_library_release(&library);
	dz_library_release(&again);
	dz_strbuf_release(&text);
	dz_strbuf_release(&back);
}

/* Every way to cut a library short, and every byte of it changed: refused or read, and nothing else. */
static void test_damaged(void **state)
{
	struct dz_library library, other;
	struct dz_strbuf text;
	struct dz_err err;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	dz_strbuf_init(&text);
	add(&library, "a", (uint64_t[]){ 1, 0, 3, 0 }, (uint64_t[]){ 1, 0, 0, 0 });
	dz_library_json(&library, &text);
	for (size_t size = 0; size + 1 < text.size; size++) {
		dz_library_init(&other, DZ_BY_LABEL);
		err.text[0] = '\0';
		assert_false(dz_library_add_json(&other, text.data, size, "x", &err));
		assert_true(err.text[0]);
		dz_library_release(&other);
	}
	for (size_t at = 0; at < text.size; at++) {
		char before = text.data[at];
		text.data[at] = before == '1' ? '-' : '1';
		dz_library_init(&other, DZ_BY_LABEL);
		err.text[0] = '\0';
		if (!dz_library_add_json(&other, text.data, text.size, "x", &err))
			assert_true(err.text[0]);
		dz_library_release(&other);
		text.data[at] = before;
	}
	dz_library_release(&library);
	dz_strbuf_release(&text);
}

/* What the JSON of a library is read as; given to the caller. */
static void read_text(struct dz_library *library, const char *text, bool fine, const char *says)
{
	struct dz_err err = { "" };

	dz_library_init(library, DZ_BY_LABEL);
	assert_int_equal(dz_library_add_json(library, text, strlen(text), "x", &err), fine);
	if (says && !strstr(err.text, says))
		fail_msg("'%s' does not say '%s'", err.text, says);
}

/* The text with one part of it in the place of another; given to the caller. */
static char *replaced(const char *text, const char *old, const char *new)
{
	static char out[1 << 14];
	const char *at = strstr(text, old);

	assert_non_null(at);
	snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
	return out;
}

/* 4 packets: source 1 in bin 0 and 2 in bin 2, destination 1 in bin 0: shares 1/4, 1/2, 1/4, cuts 4, 5 and 4. */
static void test_cells_in_json(void **state)
{
	struct dz_library library, other;
	struct dz_strbuf text;
	char list[200];

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	dz_strbuf_init(&text);
	add(&library, "a", (uint64_t[]){ 1, 0, 2, 0 }, (uint64_t[]){ 1, 0, 0, 0 });
	add(&library, "a", (uint64_t[]){ 0, 0, 0, 0 }, (uint64_t[]){ 0, 0, 0, 0 });
	dz_library_json(&library, &text);
	snprintf(list, sizeof list,
		 "\"cells\":{\"level\":0,\"list\":[{\"input\":\"%08x\",\"protocol\":\"ssh\",\"flows\":1,\"at\":[0,2,4],"
		 "\"cut\":[4,5,4],\"shares\":[268435456,536870912,268435456]}]}}",
		 dz_cells_input(NULL, "flows.pcap"));
	if (!strstr(text.data, list))
		fail_msg("%s is not in %s", list, text.data);
	assert_non_null(strstr(text.data, "\"skip_empty\":false,\"skip_retransmissions\":false,\"direction\":\"both\","
					  "\"cells\":4096,\"ndpi\":[\"4.2.0\"]"));
	static const char *const damages[][3] = {
		{ "\"cut\":[4,", "\"cut\":[2,", "cannot be the sum" },
		{ "\"cut\":[4,", "\"cut\":[9,", "cannot be the sum" },
		{ "\"at\":[0,2,4]", "\"at\":[2,2,4]", "ascending" },
		{ "\"at\":[0,2,4]", "\"at\":[0,2,8]", "below 8" },
		{ "\"at\":[0,2,4]", "\"at\":[]", "1 to 8" },
		{ "\"at\":[0,2,4],\"cut\":[4,5,4],\"shares\":[268435456,536870912,268435456]",
		  "\"at\":[0,2],\"cut\":[4,5],\"shares\":[268435456,536870912]", "do not add up" },
		{ "\"ssh\",\"flows\":1", "\"ssh\",\"flows\":2", "cannot be the sum" },
		{ "\"ssh\",\"flows\":1", "\"ssh\",\"flows\":0", "must be from 1" },
		{ "\"level\":0", "\"level\":10", "from 0 to 9" },
		{ "\"level\":0", "\"level\":6", "hexadecimal" },
		{ "\"direction\":\"both\"", "\"direction\":\"total\"", "direction is 'total'" },
		{ "\"list\":[{", "\"list\":[], \"x\":[{", "cells hold 0 flows, but both has 1" },
	};
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		read_text(&other, replaced(text.data, damages[i][0], damages[i][1]), false, damages[i][2]);
		dz_library_release(&other);
	}
	dz_library_release(&library);
	dz_strbuf_release(&text);
}

/* Other cells, other skipping: refused together. Versions of nDPI: a sorted set. */
static void test_unlike(void **state)
{
	struct dz_library library, other;
	struct dz_strbuf text, both;
	struct dz_err err = { "" };
	char *edited;

	(void)state;
	dz_library_init(&library, DZ_BY_LABEL);
	dz_strbuf_init(&text);
	dz_strbuf_init(&both);
	add(&library, "a", (uint64_t[]){ 1, 0, 2, 0 }, (uint64_t[]){ 1, 0, 0, 0 });
	dz_library_json(&library, &text);
	edited = replaced(text.data, "\"cells\":4096", "\"cells\":100");
	assert_false(dz_library_add_json(&library, edited, strlen(edited), "x", &err));
	assert_non_null(strstr(err.text, "100 cells at most, but others 4096"));
	edited = replaced(text.data, "\"skip_empty\":false", "\"skip_empty\":true");
	assert_false(dz_library_add_json(&library, edited, strlen(edited), "x", &err));
	assert_non_null(strstr(err.text, "whole flows, without empty packets, but flows.pcap holds"));
	edited = replaced(text.data, "[\"4.2.0\"]", "[\"4.8.0\",\"4.11.0\"]");
	read_text(&other, edited, true, NULL);
	assert_true(dz_library_add_json(&other, text.data, text.size, "x", &err));
	dz_library_json(&other, &both);
	assert_non_null(strstr(both.data, "\"ndpi\":[\"4.11.0\",\"4.2.0\",\"4.8.0\"]"));
	dz_library_release(&other);
	dz_library_release(&library);
	dz_strbuf_release(&text);
	dz_strbuf_release(&both);
}

static const char of_0_1_0[] =
	"{\"format\":\"distribooze-profiles\",\"version\":1,\"layer\":\"ip\",\"bin_width\":32,\"bins\":4,"
	"\"unidirectional\":false,\"by\":\"label\",\"share_one\":1073741824,\"profiles\":[{\"name\":\"a\",\"flows\":1,"
	"\"packets\":1,\"bytes\":50,\"total\":{\"flows\":1,\"counts\":[1,0,0,0],\"shares\":[\"1073741824\",\"0\",\"0\","
	"\"0\"],"
	"\"squares\":[\"1152921504606846976\",\"0\",\"0\",\"0\"]},\"source\":{\"flows\":1,\"counts\":[1,0,0,0],"
	"\"shares\":["
	"\"1073741824\",\"0\",\"0\",\"0\"],\"squares\":[\"1152921504606846976\",\"0\",\"0\",\"0\"]},\"destination\":{"
	"\"flows\":0,\"counts\":[0,0,0,0],\"shares\":[\"0\",\"0\",\"0\",\"0\"],\"squares\":[\"0\",\"0\",\"0\",\"0\"]}}]"
	","
	"\"rules\":[]}";

/* A library of 0.1.0 is read; what is put together with it is as it was, in either order. */
static void test_old(void **state)
{
	struct dz_library first, second;
	struct dz_strbuf text, one, two;

	(void)state;
	dz_strbuf_init(&text);
	dz_strbuf_init(&one);
	dz_strbuf_init(&two);
	dz_library_init(&first, DZ_BY_LABEL);
	add(&first, "a", (uint64_t[]){ 1, 0, 2, 0 }, (uint64_t[]){ 1, 0, 0, 0 });
	dz_library_json(&first, &text);
	dz_strbuf_add(&two, of_0_1_0, strlen(of_0_1_0));
	merge(&first, &two);
	read_text(&second, of_0_1_0, true, NULL);
	assert_false(dz_library_has_cells(&second));
	assert_int_equal(dz_library_direction(&second, DZ_DIRECTION_BOTH), DZ_DIRECTION_TOTAL);
	merge(&second, &text);
	dz_strbuf_clear(&two);
	dz_library_json(&first, &one);
	dz_library_json(&second, &two);
	assert_string_equal(one.data, two.data);
	assert_non_null(strstr(one.data, "\"version\":1"));
	assert_null(strstr(one.data, "cells"));
	dz_library_release(&first);
	dz_library_release(&second);
	dz_strbuf_release(&text);
	dz_strbuf_release(&one);
	dz_strbuf_release(&two);
}

static void test_rule(void **state)
{
	uint32_t percent[8] = { 50, 50, 0, 0, 0, 0, 98, 0 };
	const struct dz_profile_rule rule = { .threshold = 10, .points = 2, .percent = percent };
	double distance;

	(void)state;
	assert_true(dz_profile_rule_matches(&rule, (uint64_t[]){ 7, 7, 0, 0 }, 4, &distance));
	assert_true(distance == 0);
	/* 2/3 and 1/3 are cut to 66 and 33: 16 and 17 away. */
	assert_false(dz_profile_rule_matches(&rule, (uint64_t[]){ 2, 1, 0, 0 }, 4, &distance));
	assert_true(fabs(distance - sqrt(16 * 16 + 17 * 17)) < 1e-12);
	/* To the second point 2 and 0 away; exactly the threshold belongs. */
	assert_true(dz_profile_rule_matches(&rule, (uint64_t[]){ 0, 0, 1, 0 }, 4, &distance));
	assert_true(distance == 2);
	assert_true(dz_profile_rule_matches(&rule, (uint64_t[]){ 0, 0, 88, 12 }, 4, &distance) == (distance <= 10));
	assert_false(dz_profile_rule_matches(&rule, (uint64_t[]){ 0, 0, 0, 0 }, 4, &distance));
	assert_true(isfinite(distance));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sums),          cmocka_unit_test(test_merging),
					    cmocka_unit_test(test_large_sums),    cmocka_unit_test(test_damaged),
					    cmocka_unit_test(test_cells_in_json), cmocka_unit_test(test_unlike),
					    cmocka_unit_test(test_old),           cmocka_unit_test(test_rule) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
