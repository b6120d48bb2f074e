/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats behind their callbacks; the table's layout and how it treats what is hostile. The values of JSON and CSV
 * are tested with their writers. */
#include "config.h"
#include "sink/sink.h"

#include "record/record_json.h"
#include "base/text.h"
#include "sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct dz_sink_config config_of(const struct sample *sample, enum dz_format format)
{
	return (struct dz_sink_config){ .format = format, .shape = sample->record.shape };
}

static void print(const struct dz_sink_config *config, const struct dz_record *record, bool header,
		  struct dz_strbuf *out)
{
	struct dz_sink *sink = dz_sink_new(config);

	dz_strbuf_clear(out);
	if (header)
		dz_sink_header(sink, out);
	if (record)
		dz_sink_write(sink, record, out);
	dz_sink_free(sink);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(dz_format_names[DZ_FORMAT_JSONL], "jsonl");
	assert_string_equal(dz_format_names[DZ_FORMAT_CSV], "csv");
	assert_string_equal(dz_format_names[DZ_FORMAT_TABLE], "table");
	assert_string_equal(dz_format_names[DZ_FORMAT_BULK], "bulk");
	dz_sink_free(NULL);
}

static void test_jsonl(void **state)
{
	struct sample sample;
	struct dz_sink_config config;
	struct dz_json_writer *writer = dz_json_writer_new(DZ_VALUES_COUNTS, false);
	struct dz_strbuf out, expected;
	struct dz_sink *sink;

	(void)state;
	sample_init(&sample);
	config = config_of(&sample, DZ_FORMAT_JSONL);
	config.values = DZ_VALUES_COUNTS;
	dz_strbuf_init(&out);
	dz_strbuf_init(&expected);
	sink = dz_sink_new(&config);
	memset(&config, 0xff, sizeof config); /* the sink has its own copy */
	dz_sink_header(sink, &out);
	assert_int_equal(out.size, 0);
	for (unsigned i = 0; i < 2; i++) {
		dz_sink_write(sink, &sample.record, &out);
		dz_json_writer_add(writer, &sample.record, &expected);
		dz_strbuf_addc(&expected, '\n');
	}
	assert_string_equal(out.data, expected.data);
	dz_sink_free(sink);
	dz_json_writer_free(writer);
	dz_strbuf_release(&out);
	dz_strbuf_release(&expected);
}

static void test_bulk(void **state)
{
	static const char plain[] = "{\"create\":{\"_id\":\"00112233445566778899aabbccddeeff\"}}\n{\"@timestamp\":";
	static const char named[] = "{\"create\":{\"_index\":\"flows-\\\"x\\\"\",\"_id\":"
				    "\"00112233445566778899aabbccddeeff\"}}\n{\"@timestamp\":";
	struct sample sample;
	struct dz_sink_config config;
	struct dz_strbuf out;

	(void)state;
	sample_init(&sample);
	dz_strbuf_init(&out);
	config = config_of(&sample, DZ_FORMAT_BULK);
	print(&config, &sample.record, true, &out);
	assert_memory_equal(out.data, plain, strlen(plain));
	assert_string_equal(out.data + out.size - 5, "}}}}\n");
	config.bulk_index = "flows-\"x\"";
	print(&config, &sample.record, true, &out);
	assert_memory_equal(out.data, named, strlen(named));
	dz_strbuf_release(&out);
}

static void test_csv(void **state)
{
	struct sample sample;
	struct dz_sink_config config;
	struct dz_strbuf out;

	(void)state;
	sample_init(&sample);
	dz_strbuf_init(&out);
	config = config_of(&sample, DZ_FORMAT_CSV);
	config.unidirectional = true;
	config.values = DZ_VALUES_PERCENT;
	print(&config, &sample.record, true, &out);
	assert_memory_equal(out.data, "label,ndpi_protocol,", 20);
	assert_null(strstr(out.data, "source_packets"));
	assert_null(strstr(out.data, "b0000"));
	assert_non_null(strstr(out.data, ",p1504\nSSH,SSH,"));
	dz_strbuf_release(&out);
}

/* ---- table ---- */

static unsigned columns_of(const char *text, const char *end)
{
	unsigned columns = 0;

	while (text < end) {
		uint32_t character = dz_text_next(&text, end);
		assert_true(dz_text_is_printable(character));
		columns += dz_text_columns(character);
	}
	return columns;
}

/* Whatever the width, header and row are no wider, and a wide terminal shows all. */
static void test_table_widths(void **state)
{
	static const uint8_t a[16] = { 0x20, 1,    0xd,  0xb8, 0x12, 0x34, 0x56, 0x78,
				       0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78 };
	static const uint8_t b[16] = { 0xfe, 0x80, [15] = 1 };
	struct sample sample;
	struct dz_sink_config config;
	struct dz_strbuf out;

	(void)state;
	sample_init(&sample);
	sample_with_detail(&sample);
	sample.detail.tls_server_name = "日本語.日本語.日本語.example.with-a-long-name.example.org";
	sample.text.application = "AVeryLongLabelIndeedForAProtocol";
	sample.record.source_end = dz_flow_key_init(&sample.record.key, 6, 6, 0, a, 65535, b, 65534);
	sample_add(&sample, DZ_SOURCE, 1000, 123456789012);
	dz_strbuf_init(&out);
	config = config_of(&sample, DZ_FORMAT_TABLE);
	for (config.width = 1; config.width < 260; config.width++) {
		char *end;
		print(&config, &sample.record, true, &out);
		end = strchr(out.data, '\n');
		if (columns_of(out.data, end) > config.width)
			fail_msg("the header is wider than %u: %s", config.width, out.data);
		if (columns_of(end + 1, out.data + out.size - 1) > config.width)
			fail_msg("the row is wider than %u: %s", config.width, end + 1);
		assert_int_equal(out.data[out.size - 1], '\n');
		if (config.width >= 80) { /* an ordinary terminal has all but the domain */
			assert_non_null(strstr(out.data, "SOURCE"));
			assert_non_null(strstr(out.data, "LENGTHS"));
			assert_non_null(strstr(out.data, "123G")); /* 123,456,789,015 packets */
		}
		assert_true((strstr(out.data, "DOMAIN") != NULL) ==
			    (config.width >= 79 + 8 + 6 + 17)); /* 16 and a space */
	}
	config.width = 0;
	print(&config, &sample.record, true, &out);
	assert_non_null(strstr(out.data, "AVeryLongLabelIndeedForAProtocol"));
	assert_non_null(strstr(out.data, "[2001:db8:1234:5678:9abc:def0:1234:5678]:65535 [fe80::1]:65534"));
	assert_non_null(strstr(out.data, "日本語.日本語.日本語.example.with-a-long-name.example.org"));
	dz_strbuf_release(&out);
}

static void test_table_row(void **state)
{
	struct sample sample;
	struct dz_sink_config config;
	struct dz_strbuf out;

	(void)state;
	sample_init(&sample);
	sample.detail.hostname = "example.org";
	sample.record.detail = &sample.detail;
	dz_strbuf_init(&out);
	config = config_of(&sample, DZ_FORMAT_TABLE);
	sample_add(&sample, DZ_SOURCE, 52,
		   7); /* 8 of 52 bytes, 1 of 84, 1 of 1500: the fullest bar, and two of an eighth */
	print(&config, &sample.record, true, &out);
	assert_string_equal(out.data, "LABEL            SOURCE                DESTINATION             PKTS  BYTES "
				      "DOMAIN                   LENGTHS\n"
				      "SSH              192.168.1.148:52822   37.187.120.118:27122      10   2000 "
				      "example.org               █▁"
				      "                                           ▁\n");
	config.width = 80; /* 16 columns for 48 bins: three to a bar, so 52 and 84 share the first: 9 and 1 */
	print(&config, &sample.record, false, &out);
	assert_string_equal(out.data,
			    "SSH        192.168.1.148   37.187.120.118:27122      10   2000 █              ▁\n");
	config.colour = true;
	print(&config, &sample.record, true, &out);
	assert_memory_equal(out.data, "\033[1mLABEL", 9);
	assert_non_null(strstr(out.data, "LENGTHS\033[0m\n"));
	assert_non_null(strstr(out.data, "2000 \033[36m█"));
	assert_string_equal(out.data + out.size - 5, "\033[0m\n");
	dz_strbuf_release(&out);
}

/* Bars: an empty vector, one of all the same, and counts whose product does not fit in 64 bits. */
static void test_table_bars(void **state)
{
	struct sample sample;
	struct dz_sink_config config;
	struct dz_strbuf out;
	uint64_t bins[8] = { UINT64_C(1) << 63, UINT64_C(7) << 60, UINT64_C(1) << 62, 1, 0, 1, 0, 0 };

	(void)state;
	sample_init(&sample);
	dz_strbuf_init(&out);
	config = config_of(&sample, DZ_FORMAT_TABLE);
	sample.record.shape.bins = 8;
	sample.record.lengths = (struct dz_counts){ UINT64_MAX, bins };
	print(&config, &sample.record, false, &out); /* 8/8, 7/8, 4/8, hardly any, none, hardly any */
	assert_string_equal(strchr(strstr(out.data, "1636 "), ' ') + 26, "█▇▄▁ ▁\n");
	memcpy(bins, (uint64_t[8]){ 16, 2, 3, 4, 5, 0, 15, 0 },
	       sizeof bins); /* a sixteenth is half a step; steps round up */
	print(&config, &sample.record, false, &out);
	assert_string_equal(strchr(strstr(out.data, "1636 "), ' ') + 26, "█▁▂▂▃ █\n");
	memset(bins, 0, sizeof bins);
	sample.record.lengths.count = 0;
	print(&config, &sample.record, false, &out);
	assert_null(strstr(out.data, "▁"));
	for (unsigned i = 0; i < 8; i++)
		bins[i] = 3;
	sample.record.lengths.count = 24;
	print(&config, &sample.record, false, &out);
	assert_non_null(strstr(out.data, " ████████\n"));
	dz_strbuf_release(&out);
}

static void test_table_hostile(void **state)
{
	static const char *const names[] = { "\033[2J\033]0;title\007",
					     "a\nb\rc",
					     "\xc2\x9b"
					     "31m",
					     "\xff\xfe",
					     "\xe2\x80\xae"
					     "gpj.exe",
					     "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81" };
	struct sample sample;
	struct dz_sink_config config;
	struct dz_strbuf out;

	(void)state;
	sample_init(&sample);
	sample.record.detail = &sample.detail;
	dz_strbuf_init(&out);
	config = config_of(&sample, DZ_FORMAT_TABLE);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		sample.detail.hostname = names[i];
		sample.text.application = names[i];
		for (config.width = 0; config.width < 200; config.width += 40) {
			print(&config, &sample.record, false, &out);
			columns_of(out.data, out.data + out.size - 1); /* asserts that each character is harmless */
			assert_null(strstr(out.data, "\xcc\x81"));
			assert_ptr_equal(strchr(out.data, '\n'), out.data + out.size - 1);
		}
	}
	dz_strbuf_release(&out);
}

static void test_table_numbers(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = { { 0, "      0 " },          { 999999, " 999999 " },
		     { 1000000, "  1.00M " },    { 1239999, "  1.23M " },
		     { 12399999, "  12.3M " },   { 999999999, "   999M " },
		     { 1000000000, "  1.00G " }, { UINT64_C(18446744073709551615), "  18.4E " } };
	struct sample sample;
	struct dz_sink_config config;
	struct dz_strbuf out;

	(void)state;
	sample_init(&sample);
	dz_strbuf_init(&out);
	config = config_of(&sample, DZ_FORMAT_TABLE);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sample.record.side[DZ_SOURCE].bytes = rows[i].bytes;
		sample.record.side[DZ_DESTINATION].bytes = 0;
		print(&config, &sample.record, false, &out);
		if (!strstr(out.data, rows[i].text))
			fail_msg("no \"%s\" in %s", rows[i].text, out.data);
	}
	dz_strbuf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),         cmocka_unit_test(test_jsonl),
		cmocka_unit_test(test_bulk),          cmocka_unit_test(test_csv),
		cmocka_unit_test(test_table_widths),  cmocka_unit_test(test_table_row),
		cmocka_unit_test(test_table_bars),    cmocka_unit_test(test_table_hostile),
		cmocka_unit_test(test_table_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
