/* SPDX-License-Identifier: BSD-2-Clause */
/* rotated.c - see rotated.h. */
#include "config.h"
#include "output/rotated.h"

#include "base/mem.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STAMP = 16 }; /* 20261125T230000Z */

static void format_stamp(uint64_t time_ns, char stamp[STAMP + 1])
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) || strftime(stamp, STAMP + 1, "%Y%m%dT%H%M%SZ", &utc) != STAMP)
		memcpy(stamp, "00000000T000000Z", STAMP + 1);
}

/* ---- the rotated files that are there ---- */

/* Whether it is STAMP or STAMP-N. */
static bool is_rotated(const char *suffix)
{
	static const char shape[] = "ddddddddTddddddZ";
	size_t i;

	for (i = 0; i < STAMP; i++) {
		if (shape[i] == 'd' ? !isdigit((unsigned char)suffix[i]) : suffix[i] != shape[i])
			return false;
	}
	if (!suffix[i])
		return true;
	return suffix[i] == '-' && suffix[i + 1] && strspn(suffix + i + 1, "0123456789") == strlen(suffix + i + 1);
}

static long number_of(const char *suffix)
{
	return suffix[STAMP] ? strtol(suffix + STAMP + 1, NULL, 10) : 0;
}

/* By time, then by number. */
static int by_age(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int order = memcmp(x, y, STAMP);

	if (order)
		return order;
	return (number_of(x) > number_of(y)) - (number_of(x) < number_of(y));
}

struct suffixes {
	char **items; /* owned */
	size_t count, capacity;
};

static void add_suffix(struct suffixes *s, const char *suffix)
{
	void *block = s->items;

	dz_mem_grow(&block, &s->capacity, s->count + 1, sizeof *s->items);
	s->items = block;
	s->items[s->count++] = dz_mem_strdup(suffix);
}

/* In the folder of the path; *folder is then open. */
static bool collect(const char *path, struct suffixes *found, DIR **folder, struct dz_err *err)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *name = slash ? strndup(path, (size_t)(slash - path) + 1) : dz_mem_strdup(".");
	size_t size = strlen(base);
	const struct dirent *entry;

	*found = (struct suffixes){ 0 };
	*folder = name ? opendir(name) : NULL;
	free(name);
	if (!*folder)
		return dz_err_set(err, "%s: its folder cannot be read: %s", path, strerror(errno));
	while ((entry = readdir(*folder))) {
		const char *suffix = entry->d_name + size + 1;
		if (!strncmp(entry->d_name, base, size) && entry->d_name[size] == '.' && is_rotated(suffix))
			add_suffix(found, suffix);
	}
	if (found->count)
		qsort(found->items, found->count, sizeof *found->items, by_age);
	return true;
}

static void drop(struct suffixes *found, DIR *folder)
{
	for (size_t i = 0; i < found->count; i++)
		free(found->items[i]);
	free(found->items);
	if (folder)
		closedir(folder);
}

/* ---- the two things that are done ---- */

/* The number after the largest that the stamp has; a free one below it would look older than it is. */
static long next_number(const struct suffixes *found, const char *stamp)
{
	long next = 0;

	for (size_t i = 0; i < found->count; i++) {
		if (!memcmp(found->items[i], stamp, STAMP))
			next = number_of(found->items[i]) + 1;
	}
	return next;
}

bool dz_rotated_move(const char *path, uint64_t time_ns, struct dz_err *err)
{
	size_t size = strlen(path) + STAMP + 32;
	char stamp[STAMP + 1], *name = dz_mem_alloc(size);
	struct suffixes found;
	DIR *folder;
	bool fine = collect(path, &found, &folder, err);

	format_stamp(time_ns, stamp);
	if (fine) {
		long number = next_number(&found, stamp);
		int used = snprintf(name, size, "%s.%s", path, stamp);
		if (number)
			snprintf(name + used, size - (size_t)used, "-%ld", number);
		if (rename(path, name) != 0)
			fine = dz_err_set(err, "%s: cannot be renamed to %s: %s", path, name, strerror(errno));
	}
	drop(&found, folder);
	free(name);
	return fine;
}

static bool remove_one(const char *path, const char *suffix, DIR *folder, struct dz_err *err)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t size = strlen(base) + strlen(suffix) + 2;
	char *name = dz_mem_alloc(size);
	bool fine = true;

	snprintf(name, size, "%s.%s", base, suffix);
	if (unlinkat(dirfd(folder), name, 0) != 0 && errno != ENOENT)
		fine = dz_err_set(err, "%s.%s: cannot be removed: %s", path, suffix, strerror(errno));
	free(name);
	return fine;
}

bool dz_rotated_remove_oldest(const char *path, unsigned keep, struct dz_err *err)
{
	struct suffixes found;
	DIR *folder;
	bool fine = collect(path, &found, &folder, err);

	for (size_t i = 0; fine && i + keep < found.count; i++)
		fine = remove_one(path, found.items[i], folder, err);
	drop(&found, folder);
	return fine;
}
