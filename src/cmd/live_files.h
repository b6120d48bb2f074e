/* SPDX-License-Identifier: BSD-2-Clause */
/* live_files.h - the files that a live capture writes: records, accounting, metrics. */
#ifndef DISTRIBOOZE_LIVE_FILES_H
#define DISTRIBOOZE_LIVE_FILES_H

#include "base/strbuf.h"
#include "cmd/live.h"
#include "cmd/live_stats.h"
#include "cmd/output.h"
#include "output/outfile.h"
#include "sandbox/privileges.h"

enum { DZ_LIVE_FILES = 3 };

struct dz_live_files {
	const struct dz_live_settings *settings; /* borrowed */
	const char *output, *stats;              /* paths, borrowed; NULL: standard output, none */
	struct dz_outfile *lines, *stats_file;   /* owned */
	struct dz_output standard;
	struct dz_strbuf head; /* what each file of records begins with */
};

/* Opens the files of records and of the accounting. The sink is set to write no header, which is the files'. False,
 * with a message; dz_live_files_release() in either case. */
DZ_MUST_CHECK bool dz_live_files_open(struct dz_live_files *files, struct dz_sink_config *sink, struct dz_err *err);

/* A regular file, or what will be one. */
bool dz_live_files_is_plain(const char *path);

/* The files belong to the user who writes them from now on; says where that cannot be. */
void dz_live_files_give(const struct dz_live_files *files, const struct dz_identity *user);

/* Whether who this process is by now can make the files that it will have to make. False, with a message. */
DZ_MUST_CHECK bool dz_live_files_can_be_made(const struct dz_live_files *files, const struct dz_identity *user,
					     struct dz_err *err);

/* The folders that are written to, each given to the caller; their number. */
size_t dz_live_files_folders(const struct dz_live_files *files, char *folders[DZ_LIVE_FILES]);

/* Writes the accounting where it is wanted: a line of --stats, --metrics anew. Says what went wrong. */
void dz_live_files_account(struct dz_live_files *files, const struct dz_live_stats *stats);
void dz_live_files_reopen_stats(struct dz_live_files *files, uint64_t now_ns);

/* False, after an error message, when not all of it came to the disk. */
DZ_MUST_CHECK bool dz_live_files_close_lines(struct dz_live_files *files);
void dz_live_files_release(struct dz_live_files *files);

#endif
