/* SPDX-License-Identifier: BSD-2-Clause */
/* score.c - see score.h: the nearest profiles of one flow. */
#include "config.h"
#include "stats/score.h"

#include "base/mem.h"
#include "stats/score_internal.h"
#include <stdlib.h>
#include <string.h>

struct dz_scorer {
	const struct dz_library *library;
	struct dz_score_options options;
	size_t count;
	const struct dz_profile **candidates; /* owned array of borrowed profiles, sorted by name */
	double *points;                       /* owned: count * dims */
	struct dz_axis axis;                  /* of what is compared */
	double *vector, *point, *distances;
	double *rule_distances;
	bool *rule_matches;
	uint32_t dims;
};

bool dz_score_is_candidate(const struct dz_profile *profile, enum dz_direction direction, uint64_t min_flows)
{
	const struct dz_profile_part *part = &profile->parts[direction];
	return strcmp(profile->name, dz_score_unknown) != 0 && part->counts && part->flows && part->flows >= min_flows;
}

const char dz_score_unknown[] = "Unknown";

static void embed_candidates(struct dz_scorer *scorer)
{
	const struct dz_library *library = scorer->library;
	const struct dz_score_options *options = &scorer->options;

	for (size_t i = 0; i < library->count; i++) {
		const struct dz_profile *profile = &library->profiles[i];
		if (!dz_score_is_candidate(profile, options->direction, options->min_flows))
			continue;
		dz_profile_mean(&profile->parts[options->direction], dz_axis_size(&scorer->axis), scorer->vector, NULL);
		dz_metric_embed(options->metric, scorer->vector, &scorer->axis,
				scorer->points + scorer->count * scorer->dims);
		scorer->candidates[scorer->count++] = profile;
	}
}

struct dz_scorer *dz_scorer_new(const struct dz_library *library, const struct dz_score_options *options,
				struct dz_err *err)
{
	struct dz_scorer *scorer = dz_mem_zalloc(1, sizeof *scorer);

	scorer->library = library;
	scorer->options = *options;
	scorer->options.direction = dz_library_direction(library, options->direction);
	scorer->axis = dz_direction_axis(scorer->options.direction, &library->shape);
	scorer->dims = dz_metric_dims(&scorer->axis);
	scorer->candidates = dz_mem_zalloc(library->count, sizeof *scorer->candidates);
	scorer->points = dz_mem_zalloc(library->count, scorer->dims * sizeof *scorer->points);
	scorer->distances = dz_mem_zalloc(library->count, sizeof *scorer->distances);
	scorer->vector = dz_mem_zalloc(dz_axis_size(&scorer->axis), sizeof *scorer->vector);
	scorer->point = dz_mem_zalloc(scorer->dims, sizeof *scorer->point);
	scorer->rule_distances = dz_mem_zalloc(library->rule_count, sizeof *scorer->rule_distances);
	scorer->rule_matches = dz_mem_zalloc(library->rule_count, sizeof *scorer->rule_matches);
	embed_candidates(scorer);
	if (scorer->count || library->rule_count)
		return scorer;
	dz_err_set(err,
		   "no profile to score by: none of its %zu is of a known label, with flows enough in this direction",
		   library->count);
	dz_scorer_free(scorer);
	return NULL;
}

void dz_scorer_free(struct dz_scorer *scorer)
{
	if (!scorer)
		return;
	free(scorer->candidates);
	free(scorer->points);
	free(scorer->distances);
	free(scorer->vector);
	free(scorer->point);
	free(scorer->rule_distances);
	free(scorer->rule_matches);
	free(scorer);
}

/* Keeps the nearest, in order; of equals the earlier stays first. */
static void keep(struct dz_score *score, size_t most, const char *name, double distance)
{
	size_t at = score->count;

	while (at && score->nearest[at - 1].distance > distance)
		at--;
	if (at == most)
		return;
	if (score->count < most)
		score->count++;
	memmove(&score->nearest[at + 1], &score->nearest[at], (score->count - 1 - at) * sizeof *score->nearest);
	score->nearest[at] = (struct dz_score_near){ name, distance };
}

static void score_profiles(struct dz_scorer *scorer, const char *name, struct dz_score *score)
{
	enum dz_metric metric = scorer->options.metric;
	size_t told = scorer->options.nearest, most = told < 2 ? 2 : told;

	dz_metric_embed(metric, scorer->vector, &scorer->axis, scorer->point);
	for (size_t i = 0; i < scorer->count; i++) {
		double gap = dz_metric_gap(metric, scorer->point, scorer->points + i * scorer->dims, scorer->dims);
		double distance = dz_metric_gap_to_distance(metric, gap);
		keep(score, most, scorer->candidates[i]->name, distance);
		if (!strcmp(scorer->candidates[i]->name, name))
			score->own = distance;
	}
	if (score->count > 1)
		score->margin = score->nearest[1].distance - score->nearest[0].distance;
	if (score->count > told)
		score->count = told;
	if (score->own >= 0)
		score->agrees = strcmp(score->nearest[0].profile, name) ? DZ_SCORE_DISAGREES : DZ_SCORE_AGREES;
}

bool dz_scorer_score(struct dz_scorer *scorer, const struct dz_record *record, const char *name, struct dz_score *score,
		     struct dz_err *err)
{
	const struct dz_library *library = scorer->library;
	uint64_t counts[DZ_GROUP_BINS];

	memset(score, 0, sizeof *score);
	score->own = -1;
	if (!dz_group_counts(record, scorer->options.direction, counts, err))
		return false;
	score->empty = !dz_distance_normalise(counts, dz_axis_size(&scorer->axis), scorer->vector);
	if (score->empty)
		return true;
	if (scorer->count)
		score_profiles(scorer, name, score);
	score->rule_count = library->rule_count;
	score->rule_distances = scorer->rule_distances;
	score->rule_matches = scorer->rule_matches;
	/* Rules are made on both directions added up. */
	if (scorer->options.direction == DZ_DIRECTION_BOTH)
		for (uint32_t k = 0; k < library->shape.bins; k++)
			counts[k] += counts[library->shape.bins + k];
	for (size_t i = 0; i < library->rule_count; i++)
		scorer->rule_matches[i] = dz_profile_rule_matches(&library->rules[i], counts, library->shape.bins,
								  &scorer->rule_distances[i]);
	return true;
}
