/* SPDX-License-Identifier: BSD-2-Clause */
/* record_csv.h - a record as one row of comma-separated values, for R, pandas and spreadsheets.
 *
 * RFC 4180 with lines that end in \n. docs/RECORD.md lists the columns. Text from the network cannot break a line
 * (control characters become U+FFFD) and is no formula to a spreadsheet (an apostrophe goes before = + - @). */
#ifndef DISTRIBOOZE_RECORD_CSV_H
#define DISTRIBOOZE_RECORD_CSV_H

#include "record/record.h"
#include "base/strbuf.h"

struct dz_csv_layout {
	unsigned values; /* DZ_VALUES_COUNTS and DZ_VALUES_PERCENT; the columns of the counts are the named bins */
	struct dz_hist_shape shape;
	bool unidirectional; /* no columns for the destination's packets and no vectors by side */
};

/* Each appends one whole line. The layout is the same for all lines of a table, and fits the records. */
void dz_csv_add_header(const struct dz_csv_layout *layout, struct dz_strbuf *out);
void dz_csv_add_record(const struct dz_csv_layout *layout, const struct dz_record *record, struct dz_strbuf *out);

#endif
