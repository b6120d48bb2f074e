/* SPDX-License-Identifier: BSD-2-Clause */
/* folder.h - what is in a folder, in order. */
#ifndef DISTRIBOOZE_FOLDER_H
#define DISTRIBOOZE_FOLDER_H

struct stat;

/* Calls `each` with the path of every entry that is not hidden, in the order of the bytes of their names, and with what
 * stat() says of it; NULL where it says nothing, with errno. Returns 0 or an errno value, with what was read before. */
int dz_folder_each(const char *path, void (*each)(void *context, const char *path, const struct stat *status),
		   void *context);

#endif
