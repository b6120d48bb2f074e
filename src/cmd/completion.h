/* SPDX-License-Identifier: BSD-2-Clause */
/* completion.h - scripts by which shells complete commands, options and their values: made from the option tables. */
#ifndef DISTRIBOOZE_COMPLETION_H
#define DISTRIBOOZE_COMPLETION_H

#include "base/strbuf.h"

enum dz_shell { DZ_SHELL_BASH, DZ_SHELL_ZSH, DZ_SHELL_FISH };
#define DZ_SHELL_COUNT 3
extern const char *const dz_shell_names[DZ_SHELL_COUNT + 1]; /* NULL-terminated */

/* Appends the script. */
void dz_completion(enum dz_shell shell, struct dz_strbuf *out);

#endif
