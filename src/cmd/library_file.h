/* SPDX-License-Identifier: BSD-2-Clause */
/* library_file.h - libraries of profiles from files, and the ones that come with the program. */
#ifndef DISTRIBOOZE_LIBRARY_FILE_H
#define DISTRIBOOZE_LIBRARY_FILE_H

#include "stats/profile.h"

/* Adds the library in a file. False, with a message that names it. */
DZ_MUST_CHECK bool dz_library_file_add(struct dz_library *library, const char *path, struct dz_err *err);

/* The folder of the libraries that come with the program: the one that the environment's DISTRIBOOZE_PROFILES names, or
 * the installation's, or, where that is not there, share/profiles beside the folder of the program. Given to the
 * caller. */
char *dz_library_file_folder(void);

/* The reference library of a layer: reference-LAYER.json in that folder. Given to the caller. */
char *dz_library_file_reference(enum dz_layer layer);

#endif
