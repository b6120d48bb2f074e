/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_library.c - any library of profiles: refused with a message, or one that is the same when it is written and
 * read. */
#include "config.h"
#include "stats/profile.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dz_library library, again;
	struct dz_strbuf first, second;
	struct dz_err err = { "" };

	dz_library_init(&library, DZ_BY_LABEL);
	dz_library_init(&again, DZ_BY_LABEL);
	dz_strbuf_init(&first);
	dz_strbuf_init(&second);
	if (dz_library_add_json(&library, (const char *)data, size, "fuzz", &err)) {
		dz_library_json(&library, &first);
		if (!dz_library_add_json(&again, first.data, first.size, "again", &err))
			abort();
		dz_library_json(&again, &second);
		if (strcmp(first.data, second.data) != 0)
			abort();
	} else if (!err.text[0]) {
		abort();
	}
	dz_library_release(&library);
	dz_library_release(&again);
	dz_strbuf_release(&first);
	dz_strbuf_release(&second);
	return 0;
}
