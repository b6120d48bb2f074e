/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_score_line.c - any line that is a record takes a match and is still a record; scored again it stays as it is. */
#include "config.h"
#include "record/record_json.h"
#include "render/render.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dz_score_options options = { .direction = DZ_DIRECTION_TOTAL, .nearest = 1 };
	const struct dz_score score = { .count = 1, .nearest = { { "p", 0.5 } }, .own = -1 };
	struct dz_json_reader *reader = dz_json_reader_new();
	struct dz_library library;
	struct dz_strbuf line, first, second;
	struct dz_record record;
	struct dz_err err = { "" };

	dz_library_init(&library, DZ_BY_LABEL);
	dz_strbuf_init(&line);
	dz_strbuf_init(&first);
	dz_strbuf_init(&second);
	dz_strbuf_add(&line, data, size); /* lines end in a NUL */
	bool fine = dz_json_reader_parse(reader, line.data, line.size, &record, &err);
	/* Only keys written with escapes, or given twice, may be missed. */
	if (dz_score_line(&library, &options, &score, line.data, line.size, &first, &err) && fine) {
		if (!dz_json_reader_parse(reader, first.data, first.size, &record, &err) ||
		    !dz_score_line(&library, &options, &score, first.data, first.size, &second, &err) ||
		    first.size != second.size || memcmp(first.data, second.data, first.size) != 0)
			abort();
	}
	dz_json_reader_free(reader);
	dz_library_release(&library);
	dz_strbuf_release(&line);
	dz_strbuf_release(&first);
	dz_strbuf_release(&second);
	return 0;
}
