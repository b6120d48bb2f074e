/* SPDX-License-Identifier: BSD-2-Clause */
/* repeats.c - see repeats.h. */
#include "config.h"
#include "cmd/repeats.h"

#include "base/folder.h"
#include "base/intern.h"
#include "base/log.h"
#include "base/strbuf.h"
#include <string.h>
#include <sys/stat.h>

enum { TOLD = 3 };

struct repeats {
	struct dz_intern files; /* device and inode of each */
	size_t count;
	struct dz_strbuf names; /* of the first few */
};

static void note_file(void *context, const char *path, const struct stat *status)
{
	struct repeats *repeats = context;
	uint32_t before = repeats->files.count;

	if (!status || !S_ISREG(status->st_mode))
		return;
	const uint64_t file[2] = { (uint64_t)status->st_dev, (uint64_t)status->st_ino };
	if (dz_intern_add(&repeats->files, file, sizeof file) == before)
		return;
	if (repeats->count++ < TOLD)
		dz_strbuf_addf(&repeats->names, "%s%s", repeats->count > 1 ? ", " : "", path);
}

void dz_repeats_warn(const char *const *words, size_t count)
{
	struct repeats repeats = { .count = 0 };
	struct stat status;

	dz_intern_init(&repeats.files);
	dz_strbuf_init(&repeats.names);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i], "-") || stat(words[i], &status))
			continue;
		if (S_ISDIR(status.st_mode))
			(void)dz_folder_each(words[i], note_file, &repeats); /* who reads it complains */
		else
			note_file(&repeats, words[i], &status);
	}
	if (repeats.count)
		dz_log_warning("%zu file%s named more than once (%s%s): each is read and counted as often",
			       repeats.count, repeats.count == 1 ? " is" : "s are", repeats.names.data,
			       repeats.count > TOLD ? ", ..." : "");
	dz_intern_release(&repeats.files);
	dz_strbuf_release(&repeats.names);
}
