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

static void note_file(struct repeats *repeats, const char *path, const struct stat *status)
{
	const uint64_t file[2] = { (uint64_t)status->st_dev, (uint64_t)status->st_ino };
	uint32_t before = repeats->files.count;

	if (dz_intern_add(&repeats->files, file, sizeof file) == before)
		return;
	if (repeats->count++ < TOLD)
		dz_strbuf_addf(&repeats->names, "%s%s", repeats->count > 1 ? ", " : "", path);
}

static void note_folder(struct repeats *repeats, const char *path)
{
	struct dz_folder folder;
	struct dz_strbuf text;
	struct stat status;

	dz_strbuf_init(&text);
	dz_folder_list(&folder, path); /* who reads it complains */
	for (size_t i = 0; i < folder.count; i++) {
		dz_folder_path(path, folder.names[i], &text);
		if (!stat(text.data, &status) && S_ISREG(status.st_mode))
			note_file(repeats, text.data, &status);
	}
	dz_folder_release(&folder);
	dz_strbuf_release(&text);
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
		if (S_ISREG(status.st_mode))
			note_file(&repeats, words[i], &status);
		else if (S_ISDIR(status.st_mode))
			note_folder(&repeats, words[i]);
	}
	if (repeats.count)
		dz_log_warning("%zu file%s named more than once (%s%s): each is read and counted as often",
			       repeats.count, repeats.count == 1 ? " is" : "s are", repeats.names.data,
			       repeats.count > TOLD ? ", ..." : "");
	dz_intern_release(&repeats.files);
	dz_strbuf_release(&repeats.names);
}
