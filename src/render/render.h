/* SPDX-License-Identifier: BSD-2-Clause */
/* render.h - what the statistics found, as text for people, JSON and CSV.
 *
 * Knows results and characters; computes nothing and prints nothing itself. */
#ifndef DISTRIBOOZE_RENDER_H
#define DISTRIBOOZE_RENDER_H

#include "stats/cluster.h"
#include "stats/compare.h"
#include "stats/evaluate.h"
#include "stats/score.h"

/* ---- compare ---- */

void dz_compare_text(const struct dz_compare *compare, bool ascii, struct dz_strbuf *out);
void dz_compare_json(const struct dz_compare *compare, struct dz_strbuf *out); /* one object, one line */
void dz_compare_csv(const struct dz_compare *compare, struct dz_strbuf *out);  /* one row per group */

/* What is said of the pair at that place of compare->contrasts, which were made: a sentence without a newline, and the
 * lines of numbers behind it. */
void dz_contrast_sentence(const struct dz_compare *compare, size_t pair, struct dz_strbuf *out);
void dz_contrast_details(const struct dz_compare *compare, size_t pair, struct dz_strbuf *out);

/* The same as an object, which is given to the caller: what `test.pairs` of dz_compare_json() has of a and b; a < b. */
struct json_object;
struct json_object *dz_contrast_json(const struct dz_compare *compare, size_t a, size_t b);

/* Where the means of a pair differ: an array, given to the caller. */
struct json_object *dz_contrast_where_json(const struct dz_contrast *contrast, const struct dz_axis *axis);

/* What is drawn where there are no sessions: "inputs" or "flows". */
const char *dz_contrast_units(const struct dz_contrast *contrast);

/* A share told apart in whole percent: 100 is all, and 0 is none. */
int dz_contrast_percent(double share);

/* Whether the number of packets in a flow could tell the two apart by itself: of one law the distribution of few is a
 * rougher picture. */
bool dz_contrast_of_unlike_lengths(const struct dz_contrast *contrast);

/* Whether a host's habits could have made p too small: flows of a host are parted by time, and were not taken as one
 * session too. Where groups are hosts, habits are what is asked about. */
bool dz_contrast_may_be_habits(const struct dz_compare *compare, const struct dz_contrast *contrast);

/* Whether no GAP as long as a page takes to load could be tested. */
bool dz_contrast_is_of_short_gaps(const struct dz_compare *compare, const struct dz_contrast *contrast);

/* Whether what captures have of their own (networks, days) could have made p too small: flows are of several inputs,
 * which are neither the groups nor the sessions. */
bool dz_contrast_may_be_captures(const struct dz_compare *compare, const struct dz_contrast *contrast);

/* Whether the verdict is that they differ, and one of these three could have made it. */
bool dz_contrast_is_conditional(const struct dz_compare *compare, const struct dz_contrast *contrast);

/* One word: "differ", "differ-if" (on a condition, which the sentence tells), "no-difference-shown", ... */
const char *dz_contrast_code(const struct dz_compare *compare, const struct dz_contrast *contrast);

/* Whether groups that could be were not tested; then it is told why. */
bool dz_contrast_no_test(const struct dz_compare *compare, struct dz_strbuf *why);

/* ---- flows' lines ---- */

/* Appends the JSON line of a record with `distribooze.NAME` set to that JSON (put in, or put in the place of one that
 * is there; NULL: taken out); all other bytes stay as they are. False, with a message, when the line has no object
 * `distribooze`. */
DZ_MUST_CHECK bool dz_line_set(const char *line, size_t size, const char *name, const char *value,
			       struct dz_strbuf *out, struct dz_err *err);

/* ---- cluster ---- */

void dz_clustering_text(const struct dz_clustering *clustering, bool ascii, struct dz_strbuf *out);
void dz_clustering_json(const struct dz_clustering *clustering, struct dz_strbuf *out); /* one object, one line */
void dz_clustering_csv(const struct dz_clustering *clustering, struct dz_strbuf *out);  /* one row per cluster */

/* What is kept of a flow to tell its place later. */
struct dz_cluster_flow {
	struct dz_flow_key key;
	uint8_t id[16];
	uint64_t packets;
	uint32_t source_end, group, input, vector; /* group and input are numbers of names */
};

/* Appends the JSON line of a flow with `distribooze.cluster` set; a flow of an empty distribution has none. */
DZ_MUST_CHECK bool dz_clustering_line(const struct dz_clustering *clustering, uint32_t vector, const char *line,
				      size_t size, struct dz_strbuf *out, struct dz_err *err);

/* Appends one flow as a CSV row. `name` and `input` are the texts of the flow's numbers. */
void dz_clustering_flow_csv_head(struct dz_strbuf *out);
void dz_clustering_flow_csv(const struct dz_clustering *clustering, const struct dz_cluster_flow *flow,
			    const char *name, const char *input, struct dz_strbuf *out);

/* ---- score ---- */

/* Appends the JSON line of a record with `distribooze.match` set (put in, or put in the place of one that is there);
 * all other bytes stay as they are. False, with a message, when the line has no object `distribooze`. */
DZ_MUST_CHECK bool dz_score_line(const struct dz_library *library, const struct dz_score_options *options,
				 const struct dz_score *score, const char *line, size_t size, struct dz_strbuf *out,
				 struct dz_err *err);

/* Appends the head of a table of flows, and a flow's row. */
void dz_score_csv_head(const struct dz_library *library, const struct dz_score_options *options, struct dz_strbuf *out);
void dz_score_csv(const struct dz_library *library, const struct dz_score_options *options,
		  const struct dz_record *record, const struct dz_score *score, struct dz_strbuf *out);
void dz_score_text_head(const struct dz_library *library, const struct dz_score_options *options,
			struct dz_strbuf *out);
void dz_score_text(const struct dz_library *library, const struct dz_score_options *options,
		   const struct dz_record *record, const struct dz_score *score, struct dz_strbuf *out);

/* ---- evaluation ---- */

void dz_evaluation_text(const struct dz_evaluation *evaluation, struct dz_strbuf *out);
void dz_evaluation_json(const struct dz_evaluation *evaluation, struct dz_strbuf *out);
void dz_evaluation_csv(const struct dz_evaluation *evaluation, struct dz_strbuf *out); /* the confusion matrix */

#endif
