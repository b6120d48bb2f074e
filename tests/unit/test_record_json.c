/* The JSON line of a record, written and read. */
#include "config.h"
#include "distribooze/record_json.h"

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

	(void)state;
	dz_strbuf_init(&out);
	sample_init(&sample);
	dz_json_writer_add(writer, &sample.record, &out);
	puts(out.data);
	dz_strbuf_clear(&out);
	sample_with_detail(&sample);
	dz_json_writer_add(writer, &sample.record, &out);
	puts(out.data);
	dz_strbuf_release(&out);
	dz_json_writer_free(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_hand) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
