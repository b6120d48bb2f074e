/* SPDX-License-Identifier: BSD-2-Clause */
/* library_file.h - libraries of profiles from files, and the ones that come with the program. */
#ifndef DISTRIBOOZE_LIBRARY_FILE_H
#define DISTRIBOOZE_LIBRARY_FILE_H

#include "stats/profile.h"

/* Adds the library in a file. False, with a message that names it. */
DZ_MUST_CHECK bool dz_library_file_add(struct dz_library *library, const char *path, struct dz_err *err);

/* The reference library of a layer: reference-LAYER.json in the folder that the environment's DISTRIBOOZE_PROFILES
 * names, or in the installation's. Given to the caller. */
char *dz_library_file_reference(enum dz_layer layer);

#endif
