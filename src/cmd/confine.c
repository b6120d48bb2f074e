/* SPDX-License-Identifier: BSD-2-Clause */
/* confine.c - see confine.h. */
#include "config.h"
#include "cmd/confine.h"

#include "base/folder.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/common.h"
#include "cmd/library_file.h"
#include "sandbox/sandbox.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What libraries look at when they are first used: the number of cores, local time, the locale, libgcrypt's settings.
 */
static const char *const system_files[] = {
	"/sys/devices/system/cpu", "/proc/stat",        "/etc/localtime", "/usr/share/zoneinfo",
	"/usr/lib/locale",         "/usr/share/locale", "/etc/gcrypt",    "/proc/sys/crypto"
};

struct paths {
	char **items; /* owned, and each */
	size_t count, capacity;
};

static void add(struct paths *paths, char *path)
{
	void *block = paths->items;

	dz_mem_grow(&block, &paths->capacity, paths->count + 1, sizeof *paths->items);
	paths->items = block;
	paths->items[paths->count++] = path;
}

static void release(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->items[i]);
	free(paths->items);
}

char *dz_confine_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = dz_mem_strdup(slash ? path : ".");

	if (slash)
		folder[slash == path ? 1 : slash - path] = '\0';
	return folder;
}

/* Folders in a folder are not read: links to them open nothing. */
static void add_link(void *context, const char *path, const struct stat *status)
{
	struct stat link;

	if (status && S_ISREG(status->st_mode) && !lstat(path, &link) && S_ISLNK(link.st_mode))
		add(context, dz_mem_strdup(path));
}

/* A file or a folder. In a folder may be symbolic links, and it is what they lead to that is read. */
static void add_input(const char *path, struct paths *readable)
{
	add(readable, dz_mem_strdup(path));
	(void)dz_folder_each(path, add_link, readable); /* of a file there are none */
}

/* An output is the file itself, as it may be a device, and the folder in which it may be made anew. */
static void add_option(const struct dz_opt *opt, const void *options, struct paths *readable, struct paths *writable)
{
	const char *path = *(const char *const *)(const void *)((const char *)options + opt->offset);

	if (!path || !strcmp(path, "-"))
		return;
	if (!opt->is_output) {
		add_input(path, readable);
		return;
	}
	add(writable, dz_mem_strdup(path));
	add(writable, dz_confine_folder(path));
}

/* A word may be NAME=PATH. */
static void add_word(const char *word, struct paths *readable)
{
	const char *equals = strchr(word, '=');

	if (!strcmp(word, "-"))
		return;
	add_input(word, readable);
	if (equals)
		add_input(equals + 1, readable);
}

static void gather(const struct dz_cmd *cmd, const void *options, char *const *words, size_t count,
		   struct paths *readable, struct paths *writable)
{
	size_t rows;
	struct dz_opt *table = dz_opt_flatten(cmd->options, &rows);

	for (size_t i = 0; i < sizeof system_files / sizeof *system_files; i++)
		add(readable, dz_mem_strdup(system_files[i]));
	for (size_t i = 0; i < rows; i++) {
		if (table[i].is_file && table[i].kind == DZ_OPT_STRING)
			add_option(&table[i], options, readable, writable);
	}
	if (cmd->makes_temporary)
		add(writable, dz_mem_strdup(getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp"));
	if (cmd->reads_profiles)
		add(readable, dz_library_file_folder());
	for (size_t i = 0; i < count; i++)
		add_word(words[i], readable);
	free(table);
}

bool dz_confine(const struct dz_cmd *cmd, const void *options, char *const *words, size_t count, struct dz_err *err)
{
	const struct dz_common *common =
		(const struct dz_common *)(const void *)((const char *)options + cmd->common_at);
	const struct dz_engine_config *engine =
		(const struct dz_engine_config *)(const void *)((const char *)options + cmd->engine_at);
	struct paths readable = { 0 }, writable = { 0 };
	struct dz_sandbox_config config;
	struct dz_sandbox_state state;
	bool fine;

	if (common->no_sandbox)
		return true;
	gather(cmd, options, words, count, &readable, &writable);
	config = (struct dz_sandbox_config){ .readable = (const char *const *)readable.items,
					     .readable_count = readable.count,
					     .writable = (const char *const *)writable.items,
					     .writable_count = writable.count,
					     .no_names = engine->filter };
	fine = dz_sandbox_enter(&config, &state, err);
	if (fine && *state.why && common->verbose)
		dz_log_info("the sandbox is not all there: %s", state.why);
	release(&readable);
	release(&writable);
	return fine;
}
