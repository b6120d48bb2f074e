/* SPDX-License-Identifier: BSD-2-Clause */
/* report_data.h - what the writers of the page's data share. Private to src/report. */
#ifndef DISTRIBOOZE_REPORT_DATA_H
#define DISTRIBOOZE_REPORT_DATA_H

#include "record/json_build.h"
#include "report/report_internal.h"

/* Shares are whole numbers of 1/REPORT_WHOLE, so that they are short; bins are put together, `fold` of them to a
 * column, where there are too many to see. */
enum { REPORT_WHOLE = 100000 };

struct report_data {
	const struct dz_report *report;
	const struct dz_report_account *account;
	uint32_t fold, columns;
	double *shares; /* owned: 2 * bins */
	double *vector; /* owned: as long as a vector of the comparison */
};

/* Four decimals are more than the page shows. */
struct json_object *dz_report_rounded(double value);

/* Adds an empty array, and returns it: borrowed from the parent. */
struct json_object *dz_report_list(struct json_object *parent, const char *name);

/* "2026-01-02T03:04:05.678901234Z" */
void dz_report_put_time(struct json_object *object, const char *name, uint64_t ns);

/* Shares of both directions, parts * bins: an array of column, share and share, for the columns that hold something. */
struct json_object *dz_report_sparse(const struct report_data *data, const double *shares);

/* Each adds its part of the page to the root. */
void dz_report_put_verdicts(const struct report_data *data, struct json_object *root);
void dz_report_put_drift(const struct report_data *data, struct json_object *root);
void dz_report_put_shapes(const struct report_data *data, struct json_object *root);
void dz_report_put_time_line(const struct report_data *data, struct json_object *root);
void dz_report_put_map(const struct report_data *data, struct json_object *root);
void dz_report_put_scores(const struct report_data *data, struct json_object *root);

#endif
