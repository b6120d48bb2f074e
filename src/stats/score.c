/* SPDX-License-Identifier: BSD-2-Clause */
/* score.c - see score.h: the nearest labels of one flow. */
#include "config.h"
#include "stats/score.h"

#include "base/mem.h"
#include "base/near.h"
#include "stats/score_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What was found of a shape: many flows have the same. */
struct seen {
	struct dz_score_view view;
	double is_distance; /* -1: not looked for yet */
	double own_distance;
	uint32_t own; /* the label that own_distance is to; DZ_NEAREST_NONE: none yet */
};
enum { MAX_SEEN = 1 << 14 }; /* then all are forgotten, and it begins anew */

struct dz_scorer {
	const struct dz_library *library;
	struct dz_score_options options;
	struct dz_axis axis; /* of what is compared */
	struct dz_nearest nearest;
	struct dz_score_learnt learnt;
	uint32_t is;              /* the label that is asked for, or DZ_NEAREST_NONE */
	bool *protocols;          /* by number: those it is looked for among */
	struct dz_vectors shapes; /* that were seen */
	struct seen *seen;        /* by their numbers */
	uint32_t seen_count;
	double *vector, *point;
	double *rule_distances;
	bool *rule_matches;
};

const char dz_score_unknown[] = "Unknown";
const char *const dz_score_verdict_names[] = { "", "unknown", "unsure", "likely", "label" };
static const double sure = 0.8, likely = 0.5;

bool dz_score_is_candidate(const struct dz_library *library, const struct dz_profile *profile,
			   enum dz_direction direction, uint64_t min_flows)
{
	uint64_t flows = dz_library_has_cells(library) ? profile->cells.flows : profile->parts[direction].flows;
	return strcmp(profile->name, dz_score_unknown) != 0 && flows && flows >= min_flows;
}

/* ---- the question for one label ---- */

/* Whether the list, with commas, has the word, in any case. */
static bool has_word(const char *list, const char *word)
{
	size_t size = strlen(word);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL)
		if (!strncasecmp(list, word, size) && (!list[size] || list[size] == ','))
			return true;
	return false;
}

/* The protocols of the library among which the label is looked for. */
static void set_protocols(struct dz_scorer *scorer)
{
	struct dz_nearest *nearest = &scorer->nearest;

	scorer->protocols = dz_mem_zalloc(nearest->protocols.count, sizeof *scorer->protocols);
	for (uint32_t p = 0; p < nearest->protocols.count; p++)
		scorer->protocols[p] = scorer->options.among &&
				       has_word(scorer->options.among, dz_intern_text(&nearest->protocols, p));
	for (uint32_t c = 0; c < nearest->cell_count && !scorer->options.among; c++)
		if (nearest->cells[c].label == scorer->is)
			scorer->protocols[nearest->cells[c].protocol] = true;
}

/* Labels are asked for as --label has them, whatever their case; but libraries may have two that differ by no more. */
static uint32_t label_asked(const struct dz_nearest *nearest, const char *name)
{
	uint32_t exact = dz_nearest_label(nearest, name);

	if (exact != DZ_NEAREST_NONE)
		return exact;
	for (uint32_t i = 0; i < nearest->label_count; i++)
		if (!strcasecmp(nearest->labels[i]->name, name))
			return i;
	return DZ_NEAREST_NONE;
}

static bool refuse_label(const struct dz_nearest *nearest, const char *name, struct dz_err *err)
{
	const char *meant = NULL;

	for (uint32_t i = 0; i < nearest->label_count && !meant; i++) {
		const char *label = nearest->labels[i]->name;
		if (dz_near(name, label) || !strncasecmp(name, label, strlen(name)))
			meant = label;
	}
	return dz_err_set(err, "--is: '%.60s' is none of the library's %" PRIu32 " labels%s%.60s%s", name,
			  nearest->label_count, meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
}

static bool set_question(struct dz_scorer *scorer, struct dz_err *err)
{
	const char *label = scorer->options.is;

	scorer->is = DZ_NEAREST_NONE;
	if (!label)
		return true;
	if (!scorer->nearest.has_inputs)
		return dz_err_set(err, "--is needs a library with cells, and this one has none");
	scorer->is = label_asked(&scorer->nearest, label);
	if (scorer->is == DZ_NEAREST_NONE)
		return refuse_label(&scorer->nearest, label, err);
	set_protocols(scorer);
	return true;
}

static bool check_question(const struct dz_scorer *scorer, struct dz_err *err)
{
	if (scorer->is == DZ_NEAREST_NONE || scorer->learnt.is_inputs >= DZ_SCORE_IS_INPUTS)
		return true;
	return dz_err_set(err,
			  "--is: the library has '%.60s' of %" PRIu32
			  " input%s%s, but %u are needed to say how sure that is",
			  scorer->options.is, scorer->learnt.is_inputs, scorer->learnt.is_inputs == 1 ? "" : "s",
			  scorer->options.among ? " under these protocols" : "", DZ_SCORE_IS_INPUTS);
}

/* ---- making ---- */

struct dz_scorer *dz_scorer_new(const struct dz_library *library, const struct dz_score_options *options,
				struct dz_err *err)
{
	struct dz_scorer *scorer = dz_mem_zalloc(1, sizeof *scorer);

	scorer->library = library;
	scorer->options = *options;
	scorer->options.direction = dz_library_direction(library, options->direction);
	scorer->axis = dz_direction_axis(scorer->options.direction, &library->shape);
	scorer->vector = dz_mem_zalloc(dz_axis_size(&scorer->axis), sizeof *scorer->vector);
	dz_vectors_init(&scorer->shapes, dz_axis_size(&scorer->axis));
	scorer->seen = dz_mem_alloc(MAX_SEEN * sizeof *scorer->seen);
	scorer->point = dz_mem_zalloc(dz_metric_dims(&scorer->axis), sizeof *scorer->point);
	scorer->rule_distances = dz_mem_zalloc(library->rule_count, sizeof *scorer->rule_distances);
	scorer->rule_matches = dz_mem_zalloc(library->rule_count, sizeof *scorer->rule_matches);
	dz_nearest_init(&scorer->nearest, library, options->metric, scorer->options.direction, options->min_flows);
	if (!scorer->nearest.label_count && !library->rule_count) {
		dz_err_set(err,
			   "no profile to score by: none of its %zu is of a known label, with flows enough in this "
			   "direction",
			   library->count);
	} else if (set_question(scorer, err)) {
		dz_score_learn(&scorer->nearest, scorer->is, scorer->protocols, &scorer->learnt);
		if (check_question(scorer, err))
			return scorer;
	}
	dz_scorer_free(scorer);
	return NULL;
}

void dz_scorer_free(struct dz_scorer *scorer)
{
	if (!scorer)
		return;
	dz_nearest_release(&scorer->nearest);
	dz_score_learnt_release(&scorer->learnt);
	dz_vectors_release(&scorer->shapes);
	free(scorer->seen);
	free(scorer->protocols);
	free(scorer->vector);
	free(scorer->point);
	free(scorer->rule_distances);
	free(scorer->rule_matches);
	free(scorer);
}

enum dz_direction dz_scorer_direction(const struct dz_scorer *scorer)
{
	return scorer->options.direction;
}

/* Confidences mean something from two inputs on. */
static const struct dz_step *step_at(const struct dz_calibration *calibration, double score)
{
	return calibration->inputs < 2 ? NULL : dz_calibration_at(calibration, score);
}

double dz_scorer_is_share(const struct dz_scorer *scorer)
{
	return scorer->learnt.is.count ? scorer->learnt.is.base : -1;
}

double dz_scorer_best(const struct dz_scorer *scorer)
{
	const struct dz_step *best = step_at(&scorer->learnt.label, 1e300);
	return best ? best->confidence : -1;
}

uint32_t dz_scorer_lone_labels(const struct dz_scorer *scorer)
{
	return scorer->learnt.lone_labels;
}

/* ---- one flow ---- */

static void set_confidence(const struct dz_scorer *scorer, const struct dz_score_view *view, struct dz_score *score)
{
	const struct dz_step *step = step_at(&scorer->learnt.label, view->score);
	const struct dz_step *either = step_at(&scorer->learnt.either, view->of_two);
	/* Cells are sums of rounded shares. */
	double slack = 1e-4 * dz_metric_max(scorer->options.metric, &scorer->axis);

	score->margin = view->margin;
	if (!step)
		return;
	score->confidence = step->confidence;
	score->inputs = step->inputs;
	if (view->count > 1)
		score->either = either->confidence > step->confidence ? either->confidence : step->confidence;
	if (scorer->learnt.reach >= 0 && view->found[0].distance > scorer->learnt.reach + slack) {
		/* The steps are those of flows within reach. */
		score->verdict = DZ_SCORE_VERDICT_UNKNOWN;
		score->confidence = 0;
		score->either = score->either < 0 ? score->either : 0;
	} else {
		score->verdict = score->confidence >= sure     ? DZ_SCORE_VERDICT_LABEL
				 : score->confidence >= likely ? DZ_SCORE_VERDICT_LIKELY
							       : DZ_SCORE_VERDICT_UNSURE;
	}
}

/* What is known of the shape; the point is set in passing. */
static struct seen *look_up(struct dz_scorer *scorer, const uint64_t *counts)
{
	uint32_t number = dz_vectors_add(&scorer->shapes, counts);
	struct seen *seen;

	if (number == MAX_SEEN) {
		dz_vectors_release(&scorer->shapes);
		dz_vectors_init(&scorer->shapes, dz_axis_size(&scorer->axis));
		scorer->seen_count = 0;
		number = dz_vectors_add(&scorer->shapes, counts);
	}
	dz_vectors_get(&scorer->shapes, number, scorer->vector);
	dz_metric_embed(scorer->options.metric, scorer->vector, &scorer->axis, scorer->point);
	seen = &scorer->seen[number];
	if (number < scorer->seen_count)
		return seen;
	scorer->seen_count++;
	seen->is_distance = -1;
	seen->own = DZ_NEAREST_NONE;
	dz_score_look(&scorer->nearest, (struct dz_nearest_query){ .point = scorer->point }, scorer->options.nearest,
		      &seen->view);
	return seen;
}

static void set_own(const struct dz_scorer *scorer, const char *name, struct seen *seen, struct dz_score *score)
{
	uint32_t own = dz_nearest_label(&scorer->nearest, name);
	struct dz_nearest_query query = { .point = scorer->point, .only = own, .most = 1 };
	struct dz_near found[DZ_NEAREST_MAX];

	if (own == DZ_NEAREST_NONE)
		return;
	score->agrees = score->count && !strcmp(score->nearest[0].profile, name) ? DZ_SCORE_AGREES : DZ_SCORE_DISAGREES;
	for (size_t i = 0; i < seen->view.count; i++)
		if (seen->view.found[i].label == own)
			score->own = seen->view.found[i].distance;
	if (score->own >= 0)
		return;
	if (seen->own != own) {
		seen->own = own;
		seen->own_distance = dz_nearest_find(&scorer->nearest, &query, found) ? found[0].distance : -1;
	}
	score->own = seen->own_distance;
}

static void score_labels(const struct dz_scorer *scorer, const char *name, struct seen *seen, struct dz_score *score)
{
	const struct dz_score_view *view = &seen->view;

	if (view->count)
		set_confidence(scorer, view, score);
	else
		score->verdict = DZ_SCORE_VERDICT_UNKNOWN;
	score->count = view->count < scorer->options.nearest ? view->count : scorer->options.nearest;
	for (size_t i = 0; i < score->count; i++)
		score->nearest[i] = (struct dz_score_near){ scorer->nearest.labels[view->found[i].label]->name,
							    view->found[i].distance };
	set_own(scorer, name, seen, score);
}

static void ask(const struct dz_scorer *scorer, const char *protocol, struct seen *seen, struct dz_score *score)
{
	struct dz_nearest_query query = { .point = scorer->point, .protocols = scorer->protocols };
	uint32_t number;
	bool known = dz_intern_find(&scorer->nearest.protocols, protocol, strlen(protocol), &number);

	score->asked =
		known ? scorer->protocols[number] : scorer->options.among && has_word(scorer->options.among, protocol);
	if (!score->asked)
		return;
	if (seen->is_distance < 0)
		seen->is_distance = dz_score_distance_to(&scorer->nearest, query, scorer->is);
	score->is_distance = seen->is_distance;
	/* With no bin in common with any of its cells it is not the label, whatever the steps are drawn towards. */
	if (score->is_distance < dz_metric_max(scorer->options.metric, &scorer->axis))
		score->is_confidence = dz_calibration_at(&scorer->learnt.is, -score->is_distance)->confidence;
	score->is = score->is_confidence > 0 && score->is_confidence >= scorer->options.confidence;
}

static void match_rules(struct dz_scorer *scorer, const uint64_t *counts, struct dz_score *score)
{
	const struct dz_library *library = scorer->library;
	uint64_t total[DZ_HIST_MAX_BINS];

	/* Rules are made on both directions added up. */
	for (uint32_t k = 0; k < library->shape.bins; k++)
		total[k] = counts[k] + (scorer->axis.parts > 1 ? counts[library->shape.bins + k] : 0);
	score->rule_count = library->rule_count;
	score->rule_distances = scorer->rule_distances;
	score->rule_matches = scorer->rule_matches;
	for (size_t i = 0; i < library->rule_count; i++)
		scorer->rule_matches[i] = dz_profile_rule_matches(&library->rules[i], total, library->shape.bins,
								  &scorer->rule_distances[i]);
}

void dz_scorer_score_counts(struct dz_scorer *scorer, const uint64_t *counts, const char *name, const char *protocol,
			    struct dz_score *score)
{
	memset(score, 0, sizeof *score);
	score->own = score->confidence = score->either = -1;
	score->empty = !dz_distance_normalise(counts, dz_axis_size(&scorer->axis), scorer->vector);
	if (score->empty)
		return;
	if (scorer->nearest.label_count) {
		struct seen *seen = look_up(scorer, counts);
		score_labels(scorer, name, seen, score);
		if (scorer->is != DZ_NEAREST_NONE)
			ask(scorer, protocol, seen, score);
	}
	match_rules(scorer, counts, score);
}

bool dz_scorer_score(struct dz_scorer *scorer, const struct dz_record *record, const char *name, struct dz_score *score,
		     struct dz_err *err)
{
	uint64_t counts[DZ_GROUP_BINS];
	const char *protocol = record->text->network_protocol;

	memset(score, 0, sizeof *score);
	if (!dz_group_counts(record, scorer->options.direction, counts, err))
		return false;
	dz_scorer_score_counts(scorer, counts, name, protocol ? protocol : "", score);
	return true;
}
