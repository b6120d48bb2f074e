/* The JSON line of a record, written and read. */
#include "config.h"
#include "distribooze/record_json.h"
#include "distribooze/sink.h"

#include "sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <stdio.h>

static void test_hand(void **state)
{
	struct sample sample;
	struct dz_strbuf out;
	struct dz_json_writer *writer = dz_json_writer_new(DZ_VALUES_BOTH);
	struct dz_json_reader *reader = dz_json_reader_new();
	struct dz_record record; struct dz_err err;

	(void)state;
	dz_strbuf_init(&out);
	sample_init(&sample);
	sample_with_detail(&sample);
	for (int f = 0; f < 4; f++) for (int w = 0; w < 200; w += 20) {
	 struct dz_sink_config c = { f, DZ_VALUES_BOTH, sample.record.shape, false, w, false, "x" };
	 if (f != 2 && w) continue;
	 struct dz_sink *s = dz_sink_new(&c);
	 dz_sink_header(s, &out);
	 dz_sink_write(s, &sample.record, &out);
	 dz_sink_free(s);
	}
	puts(out.data);
	dz_strbuf_clear(&out);
	dz_json_writer_add(writer, &sample.record, &out);
	if (!dz_json_reader_parse(reader, out.data, out.size, &record, &err)) fail_msg("%s", err.text);
	struct dz_strbuf again; dz_strbuf_init(&again);
	dz_json_writer_add(writer, &record, &again);
	assert_string_equal(out.data, again.data);
	dz_strbuf_release(&out);
	dz_strbuf_release(&again);
	dz_json_writer_free(writer);
	dz_json_reader_free(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_hand) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
