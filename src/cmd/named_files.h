/* SPDX-License-Identifier: BSD-2-Clause */
/* named_files.h - what the words of a command line name twice, and what they leave out. */
#ifndef DISTRIBOOZE_NAMED_FILES_H
#define DISTRIBOOZE_NAMED_FILES_H

#include <stddef.h>

/* Warns of files that the words name more than once, themselves or in folders, by whatever names: a slip mostly (all of
 * a folder, and one of them again), but it may be meant. And of folders within folders that are named, whose files are
 * not read, but for those that are named themselves. */
void dz_named_files_warn(const char *const *words, size_t count);

#endif
