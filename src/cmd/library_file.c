/* SPDX-License-Identifier: BSD-2-Clause */
/* library_file.c - see library_file.h. */
#include "config.h"
#include "cmd/library_file.h"

#include "base/mem.h"
#include "base/stream.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SIZE = 256 << 20 };

bool dz_library_file_add(struct dz_library *library, const char *path, struct dz_err *err)
{
	struct dz_stream *file = dz_stream_open(path, DZ_STREAM_READ, err);
	struct dz_strbuf text;
	bool fine;

	dz_strbuf_init(&text);
	fine = file && dz_stream_read_all(file, MAX_SIZE, &text, err) &&
	       dz_library_add_json(library, text.data ? text.data : "", text.size, path, err);
	dz_stream_free(file);
	dz_strbuf_release(&text);
	return fine || dz_err_prefix(err, "%s", path);
}

/* Beside a program that was built and not installed: BUILD/distribooze, with share/ beside BUILD. NULL: not there. */
static char *folder_beside_program(void)
{
	char program[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
	struct dz_strbuf path;
	char *slash;

	program[size > 0 ? size : 0] = '\0';
	slash = strrchr(program, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	dz_strbuf_init(&path);
	dz_strbuf_addf(&path, "%s/../share/profiles", program);
	if (access(path.data, R_OK) == 0)
		return path.data;
	dz_strbuf_release(&path);
	return NULL;
}

char *dz_library_file_folder(void)
{
	const char *named = getenv("DISTRIBOOZE_PROFILES");
	char *beside = NULL;

	if (named && *named)
		return dz_mem_strdup(named);
	if (access(PROFILES_DIR, R_OK) != 0)
		beside = folder_beside_program();
	return beside ? beside : dz_mem_strdup(PROFILES_DIR);
}

char *dz_library_file_reference(enum dz_layer layer)
{
	char *folder = dz_library_file_folder();
	struct dz_strbuf path;

	dz_strbuf_init(&path);
	dz_strbuf_addf(&path, "%s/reference-%s.json", folder, dz_layer_name(layer));
	free(folder);
	return path.data;
}
