/* SPDX-License-Identifier: BSD-2-Clause */
/* test_near.c - which words are taken for others; distances by counting letters. */
#include "config.h"
#include "base/near.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void distances(void **state)
{
	(void)state;
	assert_int_equal(dz_near_distance("compare", "compare"), 0);
	assert_int_equal(dz_near_distance("Compare", "compare"), 0);
	assert_int_equal(dz_near_distance("comapre", "compare"), 1); /* swapped */
	assert_int_equal(dz_near_distance("compre", "compare"), 1);  /* left out */
	assert_int_equal(dz_near_distance("comparre", "compare"), 1);
	assert_int_equal(dz_near_distance("conpare", "compare"), 1);
	assert_int_equal(dz_near_distance("kitten", "sitting"), 3);
	assert_int_equal(dz_near_distance("", "abc"), 3);
	assert_int_equal(dz_near_distance("abc", ""), 3);
	assert_int_equal(dz_near_distance("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a"), DZ_NEAR_FAR); /* 33 letters */
}

static void likely_words(void **state)
{
	(void)state;
	assert_true(dz_near("comapre", "compare"));
	assert_true(dz_near("profiel", "profile"));
	assert_true(dz_near("flow", "flows"));
	assert_true(dz_near("clutser", "cluster"));
	assert_false(dz_near("tcp", "score"));
	assert_false(dz_near("x.pcap", "score"));
	assert_false(dz_near("ba", "bc")); /* half of a word is no slip */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(distances), cmocka_unit_test(likely_words) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
