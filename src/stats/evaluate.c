/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate.c - see score.h: how often the nearest profile is the right one.
 *
 * Means are kept as sums of whole shares, as in profiles, so that a flow taken out of its group leaves exactly what the
 * others are. */
#include "config.h"
#include "stats/score.h"

#include "base/mem.h"
#include "math/rng.h"
#include "stats/score_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The classes of an evaluation, each with the sum of its flows' shares. */
struct judge {
	const struct dz_groups *groups;
	enum dz_metric metric;
	struct dz_axis axis;
	uint32_t bins, dims, count;      /* bins: of a vector */
	const struct dz_group **classes; /* owned array, sorted by name */
	uint64_t *flows;                 /* owned: in the sums */
	dz_profile_sum *sums;            /* owned: count * bins */
	double *points;                  /* owned: count * dims */
	uint64_t *counts, *shares;       /* owned: of one flow */
	double *vector, *point, *own;    /* owned: of one flow */
};

void dz_evaluation_release(struct dz_evaluation *evaluation)
{
	for (uint32_t i = 0; i < evaluation->count; i++)
		free(evaluation->names[i]);
	free(evaluation->names);
	dz_contingency_free(evaluation->table);
	memset(evaluation, 0, sizeof *evaluation);
}

static int by_name(const void *a, const void *b)
{
	const struct dz_group *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

static void judge_init(struct judge *judge, const struct dz_groups *groups, enum dz_metric metric)
{
	size_t most = dz_groups_count(groups);

	memset(judge, 0, sizeof *judge);
	judge->groups = groups;
	judge->metric = metric;
	judge->axis = *dz_groups_axis(groups);
	judge->bins = dz_axis_size(&judge->axis);
	judge->dims = dz_metric_dims(&judge->axis);
	judge->classes = dz_mem_zalloc(most, sizeof *judge->classes);
	judge->counts = dz_mem_zalloc(judge->bins, sizeof *judge->counts);
	judge->shares = dz_mem_zalloc(judge->bins, sizeof *judge->shares);
	judge->vector = dz_mem_zalloc(judge->bins, sizeof *judge->vector);
	judge->point = dz_mem_zalloc(judge->dims, sizeof *judge->point);
	judge->own = dz_mem_zalloc(judge->dims, sizeof *judge->own);
}

static void judge_release(struct judge *judge)
{
	free(judge->classes);
	free(judge->flows);
	free(judge->sums);
	free(judge->points);
	free(judge->counts);
	free(judge->shares);
	free(judge->vector);
	free(judge->point);
	free(judge->own);
}

/* Chooses the classes and opens the evaluation's table. */
static void open_classes(struct judge *judge, uint64_t min_flows, struct dz_evaluation *evaluation)
{
	size_t groups = dz_groups_count(judge->groups);

	memset(evaluation, 0, sizeof *evaluation);
	for (size_t i = 0; i < groups; i++) {
		const struct dz_group *group = dz_groups_at(judge->groups, i);
		bool judged = group->flows - group->empty >= (min_flows < 2 ? 2 : min_flows) &&
			      strcmp(group->name, dz_score_unknown) != 0;
		evaluation->left_out += judged ? group->empty : group->flows;
		evaluation->labels_left_out += !judged;
		if (judged)
			judge->classes[judge->count++] = group;
	}
	if (judge->count)
		qsort(judge->classes, judge->count, sizeof *judge->classes, by_name);
	judge->flows = dz_mem_zalloc(judge->count, sizeof *judge->flows);
	judge->sums = dz_mem_zalloc(judge->count, judge->bins * sizeof *judge->sums);
	judge->points = dz_mem_zalloc(judge->count, judge->dims * sizeof *judge->points);
	evaluation->count = judge->count;
	evaluation->names = dz_mem_zalloc(judge->count, sizeof *evaluation->names);
	for (uint32_t c = 0; c < judge->count; c++)
		evaluation->names[c] = dz_mem_strdup(judge->classes[c]->name);
	evaluation->table = dz_contingency_new(judge->count, judge->count + 1);
}

/* Makes `vector` the flow at hand. */
static void show_flow(struct judge *judge, uint32_t vector)
{
	dz_vectors_counts(dz_groups_vectors(judge->groups), vector, judge->counts);
	dz_profile_shares(judge->counts, judge->bins, judge->shares);
	dz_distance_normalise(judge->counts, judge->bins, judge->vector);
	dz_metric_embed(judge->metric, judge->vector, &judge->axis, judge->point);
}

static void add_to_class(struct judge *judge, uint32_t class, uint64_t flows)
{
	judge->flows[class] += flows;
	for (uint32_t k = 0; k < judge->bins; k++)
		judge->sums[(size_t) class * judge->bins + k] += (dz_profile_sum)judge->shares[k] * flows;
}

/* The mean of a class, less the flow at hand if `without`, as a point. */
static void embed_class(struct judge *judge, uint32_t class, bool without, double *point)
{
	const dz_profile_sum *sums = judge->sums + (size_t) class * judge->bins;
	dz_profile_sum all = 0;
	double *mean = dz_mem_zalloc(judge->bins, sizeof *mean);

	for (uint32_t k = 0; k < judge->bins; k++)
		all += sums[k] - (without ? judge->shares[k] : 0);
	for (uint32_t k = 0; k < judge->bins && all; k++)
		mean[k] = (double)(sums[k] - (without ? judge->shares[k] : 0)) / (double)all;
	dz_metric_embed(judge->metric, mean, &judge->axis, point);
	free(mean);
}

static void embed_classes(struct judge *judge)
{
	for (uint32_t c = 0; c < judge->count; c++)
		embed_class(judge, c, false, judge->points + (size_t)c * judge->dims);
}

/* The class nearest to the flow at hand; `own`, when not NULL, stands for class `class`. */
static uint32_t nearest(const struct judge *judge, uint32_t class, const double *own)
{
	double least = INFINITY;
	uint32_t best = judge->count;

	for (uint32_t c = 0; c < judge->count; c++) {
		const double *point = own && c == class ? own : judge->points + (size_t)c * judge->dims;
		double gap = dz_metric_gap(judge->metric, judge->point, point, judge->dims);
		if (gap < least) {
			least = gap;
			best = c;
		}
	}
	return best;
}

void dz_score_leave_one_out(const struct dz_groups *groups, enum dz_metric metric, uint64_t min_flows,
			    struct dz_evaluation *evaluation)
{
	struct judge judge;

	judge_init(&judge, groups, metric);
	open_classes(&judge, min_flows, evaluation);
	evaluation->method = "leave-one-out";
	for (uint32_t c = 0; c < judge.count; c++) {
		for (size_t m = 0; m < judge.classes[c]->member_count; m++) {
			show_flow(&judge, judge.classes[c]->members[m].vector);
			add_to_class(&judge, c, judge.classes[c]->members[m].flows);
		}
	}
	embed_classes(&judge);
	for (uint32_t c = 0; c < judge.count; c++) {
		for (size_t m = 0; m < judge.classes[c]->member_count; m++) {
			show_flow(&judge, judge.classes[c]->members[m].vector);
			embed_class(&judge, c, true, judge.own);
			dz_contingency_add(evaluation->table, c, nearest(&judge, c, judge.own),
					   judge.classes[c]->members[m].flows);
		}
	}
	judge_release(&judge);
}

/* ---- holdout ---- */

/* One class: which flows are drawn, as numbers of members. */
struct draw {
	uint32_t *members; /* owned; the first `held` are judged, the others are learnt from */
	size_t count, held;
};

static void draw_class(const struct dz_group *group, double fraction, uint64_t seed, struct draw *draw)
{
	struct dz_rng rng;
	size_t used = 0;

	draw->count = (size_t)(group->flows - group->empty);
	draw->members = dz_mem_zalloc(draw->count, sizeof *draw->members);
	for (size_t m = 0; m < group->member_count; m++)
		for (uint64_t i = 0; i < group->members[m].flows; i++)
			draw->members[used++] = (uint32_t)m;
	draw->held = (size_t)llround((double)draw->count * fraction);
	draw->held = draw->held < 1 ? 1 : draw->held >= draw->count ? draw->count - 1 : draw->held;
	dz_rng_init(&rng, seed);
	dz_rng_choose(&rng, draw->members, draw->count, draw->held);
}

void dz_score_holdout(const struct dz_groups *groups, enum dz_metric metric, uint64_t min_flows, double fraction,
		      uint64_t seed, struct dz_evaluation *evaluation)
{
	struct judge judge;
	struct draw *draws;

	judge_init(&judge, groups, metric);
	open_classes(&judge, min_flows, evaluation);
	evaluation->method = "holdout";
	draws = dz_mem_zalloc(judge.count, sizeof *draws);
	for (uint32_t c = 0; c < judge.count; c++) {
		draw_class(judge.classes[c], fraction, dz_rng_derive(seed, c), &draws[c]);
		for (size_t i = draws[c].held; i < draws[c].count; i++) {
			show_flow(&judge, judge.classes[c]->members[draws[c].members[i]].vector);
			add_to_class(&judge, c, 1);
		}
	}
	embed_classes(&judge);
	for (uint32_t c = 0; c < judge.count; c++) {
		for (size_t i = 0; i < draws[c].held; i++) {
			show_flow(&judge, judge.classes[c]->members[draws[c].members[i]].vector);
			dz_contingency_add(evaluation->table, c, nearest(&judge, c, NULL), 1);
		}
		free(draws[c].members);
	}
	free(draws);
	judge_release(&judge);
}

/* ---- by a library ---- */

void dz_score_by_library(const struct dz_groups *groups, const struct dz_library *library,
			 const struct dz_score_options *options, struct dz_evaluation *evaluation)
{
	enum dz_direction direction = dz_groups_direction(groups);
	struct judge judge;
	double *mean;

	judge_init(&judge, groups, options->metric);
	memset(evaluation, 0, sizeof *evaluation);
	evaluation->method = "library";
	evaluation->names = dz_mem_zalloc(library->count, sizeof *evaluation->names);
	judge.points = dz_mem_zalloc(library->count, judge.dims * sizeof *judge.points);
	mean = dz_mem_zalloc(judge.bins, sizeof *mean);
	for (size_t i = 0; i < library->count; i++) {
		if (!dz_score_is_candidate(&library->profiles[i], direction, options->min_flows))
			continue;
		dz_profile_mean(&library->profiles[i].parts[direction], judge.bins, mean, NULL);
		dz_metric_embed(options->metric, mean, &judge.axis, judge.points + (size_t)judge.count * judge.dims);
		evaluation->names[judge.count++] = dz_mem_strdup(library->profiles[i].name);
	}
	evaluation->count = judge.count;
	evaluation->table = dz_contingency_new(judge.count, judge.count + 1);
	for (size_t g = 0; g < dz_groups_count(groups); g++) {
		const struct dz_group *group = dz_groups_at(groups, g);
		uint32_t class = 0;
		while (class < judge.count && strcmp(evaluation->names[class], group->name) != 0)
			class ++;
		evaluation->left_out += class < judge.count ? group->empty : group->flows;
		evaluation->labels_left_out += class == judge.count;
		for (size_t m = 0; m < group->member_count && class < judge.count; m++) {
			show_flow(&judge, group->members[m].vector);
			dz_contingency_add(evaluation->table, class, nearest(&judge, 0, NULL), group->members[m].flows);
		}
	}
	free(mean);
	judge_release(&judge);
}
