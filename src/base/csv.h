/* SPDX-License-Identifier: BSD-2-Clause */
/* csv.h - text of unknown origin as one field of comma-separated values (RFC 4180).
 *
 * A row is a line, whatever the text: control characters and what changes the direction of writing become U+FFFD, as
 * does what is not UTF-8. Text that a spreadsheet would take for a formula is quoted and gets an apostrophe. */
#ifndef DISTRIBOOZE_CSV_H
#define DISTRIBOOZE_CSV_H

#include "base/strbuf.h"

/* Appends the field; nothing for NULL. */
void dz_csv_text(struct dz_strbuf *out, const char *text);

#endif
