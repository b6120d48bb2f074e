/* SPDX-License-Identifier: BSD-2-Clause */
/* report.h - one self-contained HTML page about the distributions of many flows.
 *
 * Knows records and libraries of profiles; knows no files.  Memory: some 130 bytes a flow, beside what
 * groups.h needs, until the page is made.
 *
 * The page holds its style and script, and the data as JSON in which nothing
 * can end the element that it stands in; names that came from packets are put
 * into the page as text by the script and never as markup.  A policy in the
 * page lets no other script run and nothing be loaded. The same flows and
 * options give the same bytes. */
#ifndef DISTRIBOOZE_REPORT_H
#define DISTRIBOOZE_REPORT_H

#include "math/distance.h"
#include "stats/contrast.h"
#include "stats/groups.h"
#include "stats/score.h"
#include "stats/yardstick.h"

#define DZ_REPORT_AUTO (-1.0)
enum { DZ_REPORT_TOP = 60, DZ_REPORT_FLOWS = 500, DZ_REPORT_FLOWS_MAX = 20000, DZ_REPORT_MIN_SAMPLES = 5 };

struct dz_report_options {
	struct dz_grouping grouping;
	enum dz_direction direction; /* whose distributions are compared; both are shown in any case */
	enum dz_metric metric;
	bool pooled;   /* a group is its packets, not the mean of its flows */
	size_t top;    /* show so many of the largest groups; 0 for all */
	size_t flows;  /* rows in the table of flows */
	uint64_t seed; /* of the sample of flows */
	double eps;    /* of the clusters; DZ_REPORT_AUTO: HDBSCAN, which needs none */
	uint64_t min_samples;
	struct dz_contrast_options contrast;  /* whether groups differ; permutations 0: not asked */
	const struct dz_groups *baseline;     /* how far groups have moved from these; borrowed; NULL: not asked for */
	const char *baseline_name;            /* borrowed */
	struct dz_scorer *scorer;             /* borrowed; NULL: flows are not scored. See dz_report_set_scorer() */
	const char *library;                  /* where the scorer's library is from; borrowed */
	const char *title;                    /* borrowed; NULL: the inputs' names */
	const struct dz_yardstick *yardstick; /* borrowed; NULL: the shipped one. See dz_report_set_yardstick() */
	unsigned threads;                     /* that test pairs side by side; 0: one */
	void (*progress)(void *context, const char *what, uint64_t done, uint64_t total); /* may be NULL */
	void *context;
};
void dz_report_options_init(struct dz_report_options *options);

/* What was read, for the page to tell. */
struct dz_report_fact {
	const char *name; /* borrowed */
	uint64_t count;
};
struct dz_report_account {
	uint64_t records, kept, bad_lines, failures; /* as in dataset.h */
	uint64_t packets, filtered;                  /* of captures; 0 when only records were read */
	const struct dz_report_fact *skipped;        /* packets of captures that are in no flow, by reason; borrowed */
	size_t skipped_count;
};

struct dz_report; /* opaque */

/* Given to the caller: dz_report_free(). Options are copied. */
struct dz_report *dz_report_new(const struct dz_report_options *options);
void dz_report_free(struct dz_report *report);

/* Before the first record: flows are scored by this, whose library is told by that name. Both borrowed. */
void dz_report_set_scorer(struct dz_report *report, struct dz_scorer *scorer, const char *library);

/* All records have the shape of the first, and are all of whole flows or all one-way. */
DZ_MUST_CHECK bool dz_report_add(struct dz_report *report, const struct dz_record *record, const char *input,
				 struct dz_err *err);

/* Adds a library: each of its profiles to the group of its name, or all to the group `whole`, as
 * dz_groups_add_library() has it. Libraries keep no flows, no times and no sessions, so there is a page of vectors,
 * cells and distances only; clusters are not looked for as soon as one is there. False, with a message, when its shape
 * is another one, or when it does not have both directions side by side (0.1.0). */
DZ_MUST_CHECK bool dz_report_add_library(struct dz_report *report, const struct dz_library *library, const char *whole,
					 const struct dz_selection *selection, size_t *taken, struct dz_err *err);

/* Before dz_report_finish: what differences are held against; borrowed. */
void dz_report_set_yardstick(struct dz_report *report, const struct dz_yardstick *yardstick);

/* What was collected; borrowed. */
const struct dz_groups *dz_report_groups(const struct dz_report *report);

/* Ends the collecting: the groups can be looked at. */
void dz_report_finish_groups(struct dz_report *report);

/* How many flows there are, those of libraries among them. */
uint64_t dz_report_flows(const struct dz_report *report);

/* Does the sums. After dz_report_finish_groups. At least one record or profile was added. */
void dz_report_finish(struct dz_report *report);

/* Appends the page. After dz_report_finish. */
void dz_report_html(const struct dz_report *report, const struct dz_report_account *account, struct dz_strbuf *out);

#endif
