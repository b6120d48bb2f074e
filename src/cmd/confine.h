/* SPDX-License-Identifier: BSD-2-Clause */
/* confine.h - the sandbox of a command: from its options and words to the files that it may open. */
#ifndef DISTRIBOOZE_CONFINE_H
#define DISTRIBOOZE_CONFINE_H

#include "cmd/cmd.h"

/* From here on the process opens what the words name, what its options name as files, and nothing else; the folders of
 * its outputs are open for new files. Says where a part of the sandbox is missing with -v only: that is so on many
 * systems. False, with a message. */
DZ_MUST_CHECK bool dz_confine(const struct dz_cmd *cmd, const void *options, char *const *words, size_t count,
			      struct dz_err *err);

/* The folder of a file, given to the caller: "." where the path has none. */
char *dz_confine_folder(const char *path);

#endif
