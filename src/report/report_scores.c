/* SPDX-License-Identifier: BSD-2-Clause */
/* report_scores.c - what a library says of the flows, group by group: verdicts, and how sure they are. */
#include "config.h"
#include "report/report_data.h"

#include "base/mem.h"
#include "math/summary.h"
#include <math.h>
#include <stdlib.h>

enum { NEAREST = 3, QUANTILES = 3 };
static const double quantiles[QUANTILES] = { 0.25, 0.5, 0.75 };

bool dz_report_score(struct dz_report *report, const struct dz_record *record, const char *name, struct dz_err *err)
{
	void *block = report->scores;
	struct report_score *score;
	struct dz_score result;

	if (!report->options.scorer)
		return true;
	if (!dz_scorer_score(report->options.scorer, record, name, &result, err))
		return false;
	dz_mem_grow(&block, &report->score_capacity, report->flow_count, sizeof *report->scores);
	report->scores = block;
	score = &report->scores[report->flow_count - 1];
	*score = (struct report_score){ .empty = result.empty };
	if (result.empty)
		return true;
	score->verdict = (uint8_t)result.verdict;
	score->agrees = (uint8_t)result.agrees;
	score->confidence = (float)result.confidence;
	score->profile = dz_intern_add_text(&report->profiles, result.count ? result.nearest[0].profile : "");
	return true;
}

/* ---- as JSON, one group at a time ---- */

struct tally {
	uint64_t flows, verdicts[DZ_SCORE_VERDICT_LABEL + 1], agrees[DZ_SCORE_DISAGREES + 1];
	uint64_t *profiles; /* owned: flows by number of the nearest label */
	double *confidence; /* owned, of the flows that have one */
	size_t sure;
};

static void tally_up(const struct dz_report *report, struct tally *tally, size_t index)
{
	const struct report_score *score = &report->scores[index];

	if (score->empty)
		return;
	tally->flows++;
	tally->verdicts[score->verdict]++;
	tally->agrees[score->agrees]++;
	tally->profiles[score->profile]++;
	if (score->confidence >= 0)
		tally->confidence[tally->sure++] = (double)score->confidence;
}

static void put_nearest(const struct dz_report *report, struct json_object *object, uint64_t *profiles)
{
	struct json_object *list = dz_report_list(object, "nearest");

	for (unsigned turn = 0; turn < NEAREST; turn++) {
		uint32_t best = 0;
		for (uint32_t p = 1; p < report->profiles.count; p++)
			if (profiles[p] > profiles[best])
				best = p;
		if (!report->profiles.count || !profiles[best])
			return;
		struct json_object *near = dz_json_build_object();
		dz_json_build_add(near, "label", dz_json_build_text(dz_intern_text(&report->profiles, best)));
		dz_json_build_put(near, "flows", profiles[best]);
		dz_json_build_append(list, near);
		profiles[best] = 0;
	}
}

static struct json_object *tally_json(const struct dz_report *report, struct tally *tally)
{
	struct json_object *object = dz_json_build_object(), *verdicts = dz_json_build_child(object, "verdicts"),
			   *confidence;

	dz_json_build_put(object, "flows", tally->flows);
	for (unsigned v = DZ_SCORE_VERDICT_UNKNOWN; v <= DZ_SCORE_VERDICT_LABEL; v++)
		dz_json_build_put(verdicts, dz_score_verdict_names[v], tally->verdicts[v]);
	dz_json_build_put(object, "agree", tally->agrees[DZ_SCORE_AGREES]);
	dz_json_build_put(object, "disagree", tally->agrees[DZ_SCORE_DISAGREES]);
	put_nearest(report, object, tally->profiles);
	if (!tally->sure)
		return object;
	qsort(tally->confidence, tally->sure, sizeof *tally->confidence, dz_summary_by_value);
	confidence = dz_report_list(object, "confidence");
	for (unsigned q = 0; q < QUANTILES; q++)
		dz_json_build_append(confidence, dz_report_rounded(dz_summary_sorted_quantile(
							 tally->confidence, tally->sure, quantiles[q])));
	return object;
}

/* The flows by item, and where each item's begin; both given to the caller. */
static uint32_t *deal(const struct dz_report *report, size_t **begin)
{
	size_t items = report->compare->count;
	size_t *first = dz_mem_zalloc(items + 2, sizeof *first);
	uint32_t *flows = dz_mem_zalloc(report->flow_count, sizeof *flows);

	/* Counted two places further on: filling moves each beginning to its end, which is the next one's beginning. */
	for (size_t i = 0; i < report->flow_count; i++) {
		int32_t item = report->sums[report->flows[i].group].item;
		if (item >= 0)
			first[item + 2]++;
	}
	for (size_t i = 2; i < items + 2; i++)
		first[i] += first[i - 1];
	for (size_t i = 0; i < report->flow_count; i++) {
		int32_t item = report->sums[report->flows[i].group].item;
		if (item >= 0)
			flows[first[item + 1]++] = (uint32_t)i;
	}
	*begin = first;
	return flows;
}

void dz_report_put_scores(const struct report_data *data, struct json_object *root)
{
	const struct dz_report *report = data->report;
	double best = report->options.scorer ? dz_scorer_best(report->options.scorer) : -1;
	struct json_object *object, *groups;
	size_t *begin;
	uint32_t *flows;

	if (!report->options.scorer)
		return;
	object = dz_json_build_child(root, "scores");
	dz_json_build_add(object, "library", dz_json_build_text(report->options.library));
	if (best >= 0)
		dz_json_build_add(object, "best", dz_report_rounded(best));
	groups = dz_report_list(object, "groups");
	flows = deal(report, &begin);
	for (size_t i = 0; i < report->compare->count; i++) {
		struct tally tally = { .profiles = dz_mem_zalloc(report->profiles.count, sizeof *tally.profiles),
				       .confidence = dz_mem_zalloc(begin[i + 1] - begin[i], sizeof *tally.confidence) };
		for (size_t f = begin[i]; f < begin[i + 1]; f++)
			tally_up(report, &tally, flows[f]);
		dz_json_build_append(groups, tally_json(report, &tally));
		free(tally.profiles);
		free(tally.confidence);
	}
	free(begin);
	free(flows);
}
