/* SPDX-License-Identifier: BSD-2-Clause */
/* json_line.c - see json_line.h. */
#include "config.h"
#include "json_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

struct dz_json_writer *writer;
struct dz_strbuf line;
struct sample sample;

int line_set_up(void **state)
{
	(void)state;
	writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
	dz_strbuf_init(&line);
	sample_init(&sample);
	return 0;
}

int line_tear_down(void **state)
{
	(void)state;
	dz_json_writer_free(writer);
	dz_strbuf_release(&line);
	return 0;
}

const char *written(void)
{
	dz_strbuf_clear(&line);
	dz_json_writer_add(writer, &sample.record, &line);
	assert_int_equal(strlen(line.data), line.size);
	return line.data;
}
