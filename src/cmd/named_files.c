/* SPDX-License-Identifier: BSD-2-Clause */
/* named_files.c - see named_files.h. */
#include "config.h"
#include "cmd/named_files.h"

#include "base/few.h"
#include "base/folder.h"
#include "base/intern.h"
#include "base/log.h"
#include <string.h>
#include <sys/stat.h>

struct named {
	struct dz_intern known; /* device and inode of each file, and of each folder that a word names */
	struct dz_few repeated, left_out;
};

/* Whether it was not known yet. */
static bool learn(struct named *named, const struct stat *status)
{
	const uint64_t file[2] = { (uint64_t)status->st_dev, (uint64_t)status->st_ino };
	uint32_t before = named->known.count;

	return dz_intern_add(&named->known, file, sizeof file) == before;
}

static void note_entry(void *context, const char *path, const struct stat *status)
{
	struct named *named = context;

	if (!status)
		return;
	if (S_ISREG(status->st_mode) && !learn(named, status))
		dz_few_add(&named->repeated, path);
	else if (S_ISDIR(status->st_mode) && learn(named, status))
		dz_few_add(&named->left_out, path);
}

/* The folders that are named are known before any is looked into. */
static void look_at(struct named *named, const char *const *words, size_t count)
{
	struct stat status;

	for (size_t i = 0; i < count; i++)
		if (!stat(words[i], &status) && S_ISDIR(status.st_mode))
			(void)learn(named, &status);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i], "-") || stat(words[i], &status))
			continue;
		if (S_ISDIR(status.st_mode))
			(void)dz_folder_each(words[i], note_entry, named); /* who reads it complains */
		else
			note_entry(named, words[i], &status);
	}
}

void dz_named_files_warn(const char *const *words, size_t count)
{
	struct named named;
	struct dz_few *repeated = &named.repeated, *left_out = &named.left_out;

	dz_intern_init(&named.known);
	dz_few_init(repeated);
	dz_few_init(left_out);
	look_at(&named, words, count);
	if (repeated->count)
		dz_log_warning("%zu file%s named more than once (%s): each is read and counted as often",
			       repeated->count, repeated->count == 1 ? " is" : "s are", dz_few_text(repeated));
	if (left_out->count)
		dz_log_warning("%zu folder%s left out (%s): of a folder its own files are read; folders within it have "
			       "to be named",
			       left_out->count, left_out->count == 1 ? " is" : "s are", dz_few_text(left_out));
	dz_intern_release(&named.known);
	dz_few_release(repeated);
	dz_few_release(left_out);
}
