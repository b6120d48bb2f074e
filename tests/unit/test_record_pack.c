/* SPDX-License-Identifier: BSD-2-Clause */
/* Records in one run of bytes: what comes out writes the same line, with all of it copied. */
#include "config.h"
#include "record/record_pack.h"

#include "json_line.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct dz_strbuf packed;

static int set_up(void **state)
{
	dz_strbuf_init(&packed);
	return line_set_up(state);
}

static int tear_down(void **state)
{
	dz_strbuf_release(&packed);
	return line_tear_down(state);
}

/* Packs the sample, forgets it, and writes what was unpacked: the line must be the sample's. */
static void assert_same_line(void)
{
	char *before = strdup(written());
	struct dz_record_unpacked unpacked;
	struct dz_strbuf again;
	size_t size;

	dz_strbuf_clear(&packed);
	dz_record_pack(&sample.record, &packed);
	memset(&sample, 0xa5, sizeof sample);
	size = dz_record_unpack(packed.data, &unpacked);
	assert_int_equal(size, packed.size);
	assert_int_equal(size % DZ_RECORD_PACK_ALIGN, 0);
	dz_strbuf_init(&again);
	dz_json_writer_add(writer, &unpacked.record, &again);
	assert_string_equal(again.data, before);
	dz_strbuf_release(&again);
	free(before);
}

static void nothing_is_lost(void **state)
{
	(void)state;
	assert_same_line();
}

static void details_are_kept(void **state)
{
	(void)state;
	sample_with_detail(&sample);
	sample_with_more(&sample);
	sample.record.observer = "sensor";
	sample.record.interface = "eth0";
	assert_same_line();
}

static void one_way_records_have_one_vector(void **state)
{
	(void)state;
	sample.record.role = DZ_ROLE_RESPONDER;
	sample.record.side[DZ_SOURCE].lengths.bins = NULL;
	sample.record.side[DZ_DESTINATION].lengths.bins = NULL;
	assert_same_line();
}

static void risks_are_kept_to_the_last(void **state)
{
	(void)state;
	sample.text.risk_count = DZ_LABEL_RISKS;
	for (unsigned i = 0; i < DZ_LABEL_RISKS; i++) {
		sample.text.risks[i] = i % 2 ? "odd" : "";
		sample.text.risk_codes[i] = i % 3 ? "CODE" : NULL;
	}
	assert_same_line();
}

/* One behind the other, each of another size. */
static void records_follow_one_another(void **state)
{
	static const char *const inputs[] = { "", "a.pcap", "a capture with a name of some length.pcap" };
	struct dz_record_unpacked unpacked;
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		sample.record.input = inputs[i];
		dz_record_pack(&sample.record, &packed);
	}
	for (size_t i = 0; i < 3; i++) {
		at += dz_record_unpack(packed.data + at, &unpacked);
		assert_string_equal(unpacked.record.input, inputs[i]);
		assert_string_equal(unpacked.record.text->application, "SSH");
		assert_int_equal(unpacked.record.lengths.bins[1], 1); /* of 52 bytes; 32 to 63 */
	}
	assert_int_equal(at, packed.size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(details_are_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_way_records_have_one_vector, set_up, tear_down),
		cmocka_unit_test_setup_teardown(risks_are_kept_to_the_last, set_up, tear_down),
		cmocka_unit_test_setup_teardown(records_follow_one_another, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
