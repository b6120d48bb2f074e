/* SPDX-License-Identifier: BSD-2-Clause */
/* rotated.c - see rotated.h. */
#include "config.h"
#include "output/rotated.h"

#include "base/mem.h"
#include "base/pack.h"
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

/* A path, and where its name and the end that tells of compression begin. */
struct place {
	const char *path, *base, *tail;
};

static struct place place_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	bool packed = dz_packing_of_name(path) != DZ_PACKING_NONE;

	return (struct place){ path, slash ? slash + 1 : path, packed ? strrchr(path, '.') : path + strlen(path) };
}

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

/* STAMP or STAMP-N of a file that was rotated, in the buffer; false: it is another. */
static bool suffix_of(const struct place *place, const char *name, char *suffix, size_t room)
{
	size_t stem = (size_t)(place->tail - place->base), tail = strlen(place->tail), size = strlen(name);

	if (size < stem + 1 + STAMP + tail || size - stem - 1 - tail >= room)
		return false;
	if (memcmp(name, place->base, stem) != 0 || name[stem] != '.' || strcmp(name + size - tail, place->tail) != 0)
		return false;
	memcpy(suffix, name + stem + 1, size - stem - 1 - tail);
	suffix[size - stem - 1 - tail] = '\0';
	return is_rotated(suffix);
}

/* In the folder of the path; *folder is then open. */
static bool collect(const struct place *place, struct suffixes *found, DIR **folder, struct dz_err *err)
{
	const char *path = place->path, *base = place->base;
	char *name = base > path ? strndup(path, (size_t)(base - path)) : dz_mem_strdup("."), suffix[STAMP + 32];
	const struct dirent *entry;

	*found = (struct suffixes){ 0 };
	*folder = name ? opendir(name) : NULL;
	free(name);
	if (!*folder)
		return dz_err_set(err, "%s: its folder cannot be read: %s", path, strerror(errno));
	while ((entry = readdir(*folder))) {
		if (suffix_of(place, entry->d_name, suffix, sizeof suffix))
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
	char stamp[STAMP + 1], number[24] = "", *name = dz_mem_alloc(size);
	struct place place = place_of(path);
	struct suffixes found;
	DIR *folder;
	bool fine = collect(&place, &found, &folder, err);

	format_stamp(time_ns, stamp);
	if (fine) {
		long next = next_number(&found, stamp);
		if (next)
			snprintf(number, sizeof number, "-%ld", next);
		snprintf(name, size, "%.*s.%s%s%s", (int)(place.tail - path), path, stamp, number, place.tail);
		if (rename(path, name) != 0)
			fine = dz_err_set(err, "%s: cannot be renamed to %s: %s", path, name, strerror(errno));
	}
	drop(&found, folder);
	free(name);
	return fine;
}

static bool remove_one(const struct place *place, const char *suffix, DIR *folder, struct dz_err *err)
{
	size_t size = strlen(place->base) + strlen(suffix) + 2;
	char *name = dz_mem_alloc(size);
	bool fine = true;

	snprintf(name, size, "%.*s.%s%s", (int)(place->tail - place->base), place->base, suffix, place->tail);
	if (unlinkat(dirfd(folder), name, 0) != 0 && errno != ENOENT)
		fine = dz_err_set(err, "%s: cannot be removed: %s", name, strerror(errno));
	free(name);
	return fine;
}

bool dz_rotated_remove_oldest(const char *path, unsigned keep, struct dz_err *err)
{
	struct place place = place_of(path);
	struct suffixes found;
	DIR *folder;
	bool fine = collect(&place, &found, &folder, err);

	for (size_t i = 0; fine && i + keep < found.count; i++)
		fine = remove_one(&place, found.items[i], folder, err);
	drop(&found, folder);
	return fine;
}
