/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_record_json.c - any line: refused with a message, or a record that comes back the same when it is written and
 * read, and that the other formats print in whole and harmless lines. */
#include "config.h"
#include "record/record_json.h"
#include "sink/sink.h"
#include "base/text.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void must(bool good)
{
	if (!good)
		abort();
}

/* The formats print text from the line: one line each, nothing that a terminal would obey. */
static void check_format(enum dz_format format, const struct dz_record *record)
{
	struct dz_sink_config config = { .format = format,
					 .shape = record->shape,
					 .width = format == DZ_FORMAT_TABLE ? 100 : 0 };
	struct dz_sink *sink = dz_sink_new(&config);
	struct dz_strbuf out;
	const char *at, *end;

	dz_strbuf_init(&out);
	dz_sink_write(sink, record, &out);
	end = out.data + out.size - 1;
	must(*end == '\n');
	for (at = out.data; at < end;)
		must(dz_text_is_printable(dz_text_next(&at, end)));
	dz_sink_free(sink);
	dz_strbuf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dz_json_reader *reader = dz_json_reader_new();
	struct dz_json_writer *writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
	struct dz_strbuf first, second;
	struct dz_record record;
	struct dz_err err = { "" };

	dz_strbuf_init(&first);
	dz_strbuf_init(&second);
	if (dz_json_reader_parse(reader, (const char *)data, size, &record, &err)) {
		check_format(DZ_FORMAT_CSV, &record);
		check_format(DZ_FORMAT_TABLE, &record);
		dz_json_writer_add(writer, &record, &first);
		must(dz_text_is_utf8(first.data, first.size));
		must(dz_json_reader_parse(reader, first.data, first.size, &record, &err));
		dz_json_writer_add(writer, &record, &second);
		must(first.size == second.size && !memcmp(first.data, second.data, first.size));
	} else {
		must(err.text[0] != '\0');
	}
	dz_strbuf_release(&first);
	dz_strbuf_release(&second);
	dz_json_writer_free(writer);
	dz_json_reader_free(reader);
	return 0;
}
