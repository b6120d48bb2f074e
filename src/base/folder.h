/* SPDX-License-Identifier: BSD-2-Clause */
/* folder.h - the names in a folder, in order. */
#ifndef DISTRIBOOZE_FOLDER_H
#define DISTRIBOOZE_FOLDER_H

#include "base/strbuf.h"
#include <stddef.h>

struct dz_folder {
	char **names; /* owned: of the entries that are not hidden, in the order of their bytes */
	size_t count, capacity;
};

/* Returns 0 or an errno value, with what was read before. */
int dz_folder_list(struct dz_folder *folder, const char *path);
void dz_folder_release(struct dz_folder *folder);

/* Sets text to the path of an entry of the folder at `path`. */
void dz_folder_path(const char *path, const char *name, struct dz_strbuf *text);

#endif
