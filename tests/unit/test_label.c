/* SPDX-License-Identifier: BSD-2-Clause */
/* What a flow keeps of the strings that were found in it: packed and unpacked again. */
#include "config.h"
#include "record/label.h"

#include "sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* Packs `given`, and expects to find `expected` in it. The strings that were given are overwritten in between, as the
 * classifier's are: the packed ones must be copies. */
static void goes_round(const struct dz_label_detail *given, const struct dz_label_detail *expected)
{
	struct dz_label_detail own = *given, found;
	struct dz_label_packed *packed;

	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++)
		own.strings[i] = given->strings[i] ? strdup(given->strings[i]) : NULL;
	packed = dz_label_pack(&own);
	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++) {
		if (own.strings[i])
			memset((char *)(uintptr_t)own.strings[i], '#', strlen(own.strings[i]));
		free((char *)(uintptr_t)own.strings[i]);
	}

	assert_non_null(packed);
	memset(&found, 0xff, sizeof found);
	assert_ptr_equal(dz_label_unpack(packed, &found), &found);
	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++) {
		if (expected->strings[i])
			assert_string_equal(found.strings[i], expected->strings[i]);
		else
			assert_null(found.strings[i]);
	}
	assert_int_equal(found.http_status, expected->http_status);
	assert_int_equal(found.dns, expected->dns);
	free(packed);
}

static void nothing(void **state)
{
	struct dz_label_detail detail = { .http_status = 7 };

	(void)state;
	assert_null(dz_label_unpack(NULL, &detail));
	assert_int_equal(detail.http_status, 7); /* left as it was */
	detail.http_status = 0;
	assert_null(dz_label_pack(&detail));
	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++)
		detail.strings[i] = "";
	assert_null(dz_label_pack(&detail));
}

static void each_alone(void **state)
{
	struct dz_label_detail detail;

	(void)state;
	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++) {
		detail = (struct dz_label_detail){ .dns = false };
		detail.strings[i] = "x";
		goes_round(&detail, &detail);
		detail.strings[i] = "www.example.org";
		goes_round(&detail, &detail);
	}
	detail = (struct dz_label_detail){ .http_status = 599 };
	goes_round(&detail, &detail);
	detail = (struct dz_label_detail){ .http_status = UINT16_MAX };
	goes_round(&detail, &detail);
	detail = (struct dz_label_detail){ .dns = true };
	goes_round(&detail, &detail);
}

/* Every pair, with and without a member between them: what comes second begins where the first one ends. */
static void two_and_two(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++) {
		for (unsigned k = i + 1; k < DZ_LABEL_STRINGS; k++) {
			struct dz_label_detail detail = { .http_status = 200 }, expected;
			detail.strings[i] = "first";
			detail.strings[k] = "the second";
			expected = detail;
			if (k > i + 1)
				detail.strings[i + 1] = ""; /* counts as not there */
			goes_round(&detail, &expected);
		}
	}
}

static void all_of_them(void **state)
{
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample_with_detail(&sample);
	sample_with_more(&sample);
	sample.detail.dns_question_type = "AAAA";
	sample.detail.dns_response_code = "NXDOMAIN";
	sample.detail.dns = true;
	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++)
		assert_non_null(sample.detail.strings[i]);
	goes_round(&sample.detail, &sample.detail);
}

static void long_ones(void **state)
{
	enum { LONG = 70000 }; /* more than 16 bits tell */
	char *text = malloc(LONG + 1);
	struct dz_label_detail detail = { .dns = false };

	(void)state;
	assert_non_null(text);
	memset(text, '\xff', LONG);
	text[LONG] = '\0';
	detail.hostname = "short";
	detail.http_url = text;
	detail.user_agent = text + LONG - 5000;
	detail.dns_response_code = "NOERROR";
	goes_round(&detail, &detail);
	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++)
		detail.strings[i] = text + i;
	goes_round(&detail, &detail);
	free(text);
}

static void release(void **state)
{
	struct dz_label_detail detail = { .hostname = "www.example.org" };
	struct dz_label label = { .packed = dz_label_pack(&detail) };

	(void)state;
	dz_label_release(&label);
	assert_null(label.packed);
	dz_label_release(&label);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),     cmocka_unit_test(each_alone), cmocka_unit_test(two_and_two),
		cmocka_unit_test(all_of_them), cmocka_unit_test(long_ones),  cmocka_unit_test(release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
