/* SPDX-License-Identifier: BSD-2-Clause */
/* err.h - how a fallible function tells its caller what went wrong.
 *
 * A fallible function returns bool (or a small enum) and takes a borrowed
 * `struct dz_err *` as its last parameter.  On failure the text says what
 * happened in words a user understands: it names the file or option, quotes
 * the value, and gives the offset where there is one.  It never ends in a
 * newline.  Out of memory is not an error of this kind: see mem.h. */
#ifndef DISTRIBOOZE_ERR_H
#define DISTRIBOOZE_ERR_H

#include <stdbool.h>

#define DZ_MUST_CHECK __attribute__((warn_unused_result))
#define DZ_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

struct dz_err {
	char text[1024]; /* NUL-terminated; empty when nothing failed */
};

/* Writes the message and returns false, so that `return dz_err_set(...)` reads well. */
bool dz_err_set(struct dz_err *err, const char *format, ...) DZ_PRINTF(2, 3);

/* Puts "PREFIX: " before the message that is there; returns false. */
bool dz_err_prefix(struct dz_err *err, const char *format, ...) DZ_PRINTF(2, 3);

#endif
