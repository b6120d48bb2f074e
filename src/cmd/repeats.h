/* SPDX-License-Identifier: BSD-2-Clause */
/* repeats.h - files that a command line names more than once. */
#ifndef DISTRIBOOZE_REPEATS_H
#define DISTRIBOOZE_REPEATS_H

#include <stddef.h>

/* Warns of files that the words name more than once, themselves or in folders, by whatever names: a slip mostly (all of
 * a folder, and one of them again), but it may be meant. */
void dz_repeats_warn(const char *const *words, size_t count);

#endif
