/* SPDX-License-Identifier: BSD-2-Clause */
/* rotated.h - the names that full files get: FILE.20261125T230000Z, FILE.20261125T230000Z-1, ...; those of a compressed
 * FILE.gz keep their end: FILE.20261125T230000Z.gz. */
#ifndef DISTRIBOOZE_ROTATED_H
#define DISTRIBOOZE_ROTATED_H

#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* Renames the file at `path` to its name at that time (nanoseconds since 1970, UTC), or the next one that is free.
 * Never in the place of another file. */
DZ_MUST_CHECK bool dz_rotated_move(const char *path, uint64_t time_ns, struct dz_err *err);

/* Removes rotated files of `path`, the oldest first, until `keep` are left; other files are never touched. */
DZ_MUST_CHECK bool dz_rotated_remove_oldest(const char *path, unsigned keep, struct dz_err *err);

#endif
