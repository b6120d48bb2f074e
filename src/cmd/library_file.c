/* SPDX-License-Identifier: BSD-2-Clause */
/* library_file.c - see library_file.h. */
#include "config.h"
#include "cmd/library_file.h"

#include "base/stream.h"
#include <stdlib.h>

enum { LARGEST = 256 << 20 };

bool dz_library_file_add(struct dz_library *library, const char *path, struct dz_err *err)
{
	struct dz_stream *file = dz_stream_open(path, DZ_STREAM_READ, err);
	struct dz_strbuf text;
	bool fine;

	dz_strbuf_init(&text);
	fine = file && dz_stream_read_all(file, LARGEST, &text, err) &&
	       dz_library_add_json(library, text.data ? text.data : "", text.size, path, err);
	dz_stream_free(file);
	dz_strbuf_release(&text);
	return fine || dz_err_prefix(err, "%s", path);
}

const char *dz_library_file_folder(void)
{
	const char *folder = getenv("DISTRIBOOZE_PROFILES");
	return folder && *folder ? folder : PROFILES_DIR;
}

char *dz_library_file_reference(enum dz_layer layer)
{
	struct dz_strbuf path;

	dz_strbuf_init(&path);
	dz_strbuf_addf(&path, "%s/reference-%s.json", dz_library_file_folder(), dz_layer_name(layer));
	return path.data;
}
