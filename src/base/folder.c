/* SPDX-License-Identifier: BSD-2-Clause */
/* folder.c - see folder.h. */
#include "config.h"
#include "base/folder.h"

#include "base/mem.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int dz_folder_list(struct dz_folder *folder, const char *path)
{
	const struct dirent *entry;
	DIR *stream = opendir(path);
	int error;

	memset(folder, 0, sizeof *folder);
	if (!stream)
		return errno;
	while ((errno = 0, entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		dz_mem_grow((void **)&folder->names, &folder->capacity, folder->count + 1, sizeof *folder->names);
		folder->names[folder->count++] = dz_mem_strdup(entry->d_name);
	}
	error = errno;
	closedir(stream);
	if (folder->count)
		qsort(folder->names, folder->count, sizeof *folder->names, compare_names);
	return error;
}

void dz_folder_release(struct dz_folder *folder)
{
	for (size_t i = 0; i < folder->count; i++)
		free(folder->names[i]);
	free(folder->names);
}

void dz_folder_path(const char *path, const char *name, struct dz_strbuf *text)
{
	size_t size = strlen(path);

	dz_strbuf_clear(text);
	dz_strbuf_addf(text, "%s%s%s", path, size && path[size - 1] == '/' ? "" : "/", name);
}
