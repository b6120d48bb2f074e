/* SPDX-License-Identifier: BSD-2-Clause */
/* folder.c - see folder.h. */
#include "config.h"
#include "base/folder.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct listing {
	char **names; /* owned */
	size_t count, capacity;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list(struct listing *listing, const char *path)
{
	const struct dirent *entry;
	DIR *stream = opendir(path);
	int error;

	if (!stream)
		return errno;
	while ((errno = 0, entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		dz_mem_grow((void **)&listing->names, &listing->capacity, listing->count + 1, sizeof *listing->names);
		listing->names[listing->count++] = dz_mem_strdup(entry->d_name);
	}
	error = errno;
	closedir(stream);
	if (listing->count)
		qsort(listing->names, listing->count, sizeof *listing->names, compare_names);
	return error;
}

int dz_folder_each(const char *path, void (*each)(void *context, const char *path, const struct stat *status),
		   void *context)
{
	struct listing listing = { 0 };
	struct dz_strbuf entry;
	size_t size = strlen(path);
	int error = list(&listing, path);

	dz_strbuf_init(&entry);
	for (size_t i = 0; i < listing.count; i++) {
		struct stat status;
		dz_strbuf_clear(&entry);
		dz_strbuf_addf(&entry, "%s%s%s", path, size && path[size - 1] == '/' ? "" : "/", listing.names[i]);
		each(context, entry.data, stat(entry.data, &status) ? NULL : &status);
		free(listing.names[i]);
	}
	free(listing.names);
	dz_strbuf_release(&entry);
	return error;
}
