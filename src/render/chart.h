/* SPDX-License-Identifier: BSD-2-Clause */
/* chart.h - distributions and names as text for people.
 *
 * Knows numbers and characters; knows no records and prints nothing itself. */
#ifndef DISTRIBOOZE_CHART_H
#define DISTRIBOOZE_CHART_H

#include "math/distance.h"
#include "record/hist.h"
#include "base/strbuf.h"
#include <stddef.h>

#define DZ_CHART_MAX_COLUMNS 64u

/* How the bins of a shape become columns: `bins_per_column` neighbours each, so that there are at most 64. */
struct dz_chart {
	uint32_t columns, bins_per_column;
	bool ascii; /* no block characters */
};
struct dz_chart dz_chart_for(const struct dz_hist_shape *shape, bool ascii);

/* A row of blocks, as high as the column's share of the largest column of the row; a column that is not empty is never
 * blank. Between two bars. */
void dz_chart_row(const struct dz_chart *chart, const double *weights, uint32_t bins, struct dz_strbuf *out);

/* The same for a vector with an axis: one direction of it, on the scale of both. */
void dz_chart_side(const struct dz_chart *chart, const double *vector, const struct dz_axis *axis, uint32_t part,
		   struct dz_strbuf *out);

/* What stands before the row of a direction: an arrow and a blank; nothing where there is one direction only. */
const char *dz_chart_arrow(const struct dz_chart *chart, const struct dz_axis *axis, uint32_t part);

/* The lengths in bytes at which columns begin, to stand above rows of the same chart. */
void dz_chart_axis(const struct dz_chart *chart, const struct dz_hist_shape *shape, struct dz_strbuf *out);

/* A name of any bytes, cut or padded to `columns`; nothing in it reaches the terminal as a command. */
void dz_chart_name(struct dz_strbuf *out, const char *name, unsigned columns);
/* The same, without its middle where it is too long: groups of time, of hosts and of files differ at their ends. */
void dz_chart_group(struct dz_strbuf *out, const char *name, unsigned columns);
/* The columns that a name takes, at most `most`. */
unsigned dz_chart_name_columns(const char *name, unsigned most);

/* 9999 as it is, then 12.3k, 4.56M, ... */
#define DZ_CHART_NUMBER 24
void dz_chart_number(uint64_t value, char text[DZ_CHART_NUMBER]);

/* "1472-1503", or "1504+" for the last bin. */
#define DZ_CHART_RANGE 48
void dz_chart_range(uint32_t bin, const struct dz_hist_shape *shape, char text[DZ_CHART_RANGE]);

/* The same for a bin of a vector with an axis: "source 1472-1503" where there are two directions. */
void dz_chart_bin(uint32_t bin, const struct dz_axis *axis, char text[DZ_CHART_RANGE]);

/* The name of a CSV column of shares: "share_1472", or "source_1472" where there are two directions. */
void dz_chart_column(uint32_t bin, const struct dz_axis *axis, char text[DZ_CHART_RANGE]);

#endif
