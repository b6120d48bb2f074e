/* SPDX-License-Identifier: BSD-2-Clause */
/* log.h - what the program says on stderr.
 *
 * Only src/cmd, main.c and log.c print.  Data goes to stdout, chatter here.
 * Every line starts with "distribooze: ". Whatever a message quotes (names of
 * files, words of a rule) is escaped: nothing in it reaches a terminal as a
 * command. */
#ifndef DISTRIBOOZE_LOG_H
#define DISTRIBOOZE_LOG_H

#include "base/err.h"

enum dz_log_level { DZ_LOG_QUIET, DZ_LOG_NORMAL, DZ_LOG_VERBOSE };

/* The level is set once, by the command line, before any thread starts. */
void dz_log_set_level(enum dz_log_level level);

void dz_log_error(const char *format, ...) DZ_PRINTF(1, 2);   /* printed at every level */
void dz_log_warning(const char *format, ...) DZ_PRINTF(1, 2); /* not with -q */
void dz_log_info(const char *format, ...) DZ_PRINTF(1, 2);    /* not with -q */
void dz_log_verbose(const char *format, ...) DZ_PRINTF(1, 2); /* only with -v */

/* What a signal's handler may call: the text as it is, which begins with "distribooze: " and ends its line. Printed
 * from this level on; errno stays. */
void dz_log_in_handler(enum dz_log_level least, const char *text);

/* A line of progress that the next line overwrites; an empty text wipes it. */
void dz_log_progress(const char *text);

#endif
