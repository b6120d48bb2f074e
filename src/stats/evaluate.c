/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate.c - see evaluate.h: flows, folds, and the libraries that judge them. */
#include "config.h"
#include "stats/evaluate.h"

#include "base/mem.h"
#include "math/rng.h"
#include "stats/evaluate_internal.h"
#include "stats/profile_internal.h"
#include "stats/score_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct dz_evaluator {
	enum dz_group_by by;
	enum dz_direction direction; /* of the vectors: both, or total of one-way records */
	struct dz_hist_shape shape;
	bool has_shape, one_way;
	struct dz_vectors vectors;
	struct dz_intern names;  /* labels, inputs, protocols; hosts as addresses */
	struct dz_judged *flows; /* owned */
	size_t count, capacity;
	uint64_t empty, unknown;
	uint32_t inputs;
	uint32_t *is_input; /* by name: whether an input has it */
	size_t is_input_capacity;
	struct dz_intern seen; /* keys of flows, with their starts */
	uint32_t *first_input; /* owned, of each */
	size_t seen_capacity;
	uint64_t copies;
};

struct dz_evaluator *dz_evaluator_new(enum dz_group_by by, enum dz_direction direction)
{
	struct dz_evaluator *evaluator = dz_mem_zalloc(1, sizeof *evaluator);

	evaluator->by = by;
	evaluator->direction = direction;
	dz_intern_init(&evaluator->names);
	dz_intern_init(&evaluator->seen);
	return evaluator;
}

void dz_evaluator_free(struct dz_evaluator *evaluator)
{
	if (!evaluator)
		return;
	if (evaluator->has_shape)
		dz_vectors_release(&evaluator->vectors);
	dz_intern_release(&evaluator->names);
	dz_intern_release(&evaluator->seen);
	free(evaluator->flows);
	free(evaluator->is_input);
	free(evaluator->first_input);
	free(evaluator);
}

uint32_t dz_evaluator_inputs(const struct dz_evaluator *evaluator)
{
	return evaluator->inputs;
}

uint64_t dz_evaluator_copies(const struct dz_evaluator *evaluator)
{
	return evaluator->copies;
}

uint64_t dz_evaluator_of_shared_hosts(const struct dz_evaluator *evaluator)
{
	uint32_t *first = dz_mem_zalloc(evaluator->names.count, sizeof *first); /* input of each host, and 1 */
	bool *shared = dz_mem_zalloc(evaluator->names.count, sizeof *shared);
	uint64_t flows = 0;

	for (size_t i = 0; i < evaluator->count; i++) {
		const struct dz_judged *flow = &evaluator->flows[i];
		shared[flow->host] |= first[flow->host] && first[flow->host] != flow->input + 1;
		first[flow->host] = flow->input + 1;
	}
	for (size_t i = 0; i < evaluator->count; i++)
		flows += shared[evaluator->flows[i].host];
	free(first);
	free(shared);
	return flows;
}

uint64_t dz_evaluator_flows(const struct dz_evaluator *evaluator)
{
	return evaluator->count;
}

static void note_copy(struct dz_evaluator *evaluator, const struct dz_record *record, uint32_t input)
{
	uint8_t bytes[sizeof record->key + sizeof record->start_ns];
	uint32_t before = evaluator->seen.count, number;
	void *block = evaluator->first_input;

	memcpy(bytes, &record->key, sizeof record->key);
	memcpy(bytes + sizeof record->key, &record->start_ns, sizeof record->start_ns);
	number = dz_intern_add(&evaluator->seen, bytes, sizeof bytes);
	if (number < before) {
		evaluator->copies += evaluator->first_input[number] != input;
		return;
	}
	dz_mem_grow(&block, &evaluator->seen_capacity, number + (size_t)1, sizeof *evaluator->first_input);
	evaluator->first_input = block;
	evaluator->first_input[number] = input;
}

static uint32_t note_input(struct dz_evaluator *evaluator, const char *input)
{
	uint32_t number = dz_intern_add_text(&evaluator->names, input);
	void *block = evaluator->is_input;
	size_t before = evaluator->is_input_capacity;

	if (number >= before) {
		dz_mem_grow(&block, &evaluator->is_input_capacity, number + (size_t)1, sizeof *evaluator->is_input);
		evaluator->is_input = block;
		memset(evaluator->is_input + before, 0,
		       (evaluator->is_input_capacity - before) * sizeof *evaluator->is_input);
	}
	evaluator->inputs += !evaluator->is_input[number];
	evaluator->is_input[number] = 1;
	return number;
}

bool dz_evaluator_add(struct dz_evaluator *evaluator, const struct dz_record *record, const char *input,
		      const char *truth, struct dz_err *err)
{
	uint64_t counts[DZ_GROUP_BINS];
	char host[DZ_ADDRESS_TEXT];
	struct dz_judged flow = { .told = UINT32_MAX };
	const char *protocol = record->text->network_protocol;
	void *block = evaluator->flows;

	if (!evaluator->has_shape) {
		struct dz_axis axis;
		evaluator->has_shape = true;
		evaluator->shape = record->shape;
		evaluator->one_way = record->role != DZ_ROLE_BOTH;
		evaluator->direction = evaluator->one_way ? DZ_DIRECTION_TOTAL : DZ_DIRECTION_BOTH;
		axis = dz_direction_axis(evaluator->direction, &record->shape);
		dz_vectors_init(&evaluator->vectors, dz_axis_size(&axis));
	}
	if (!dz_group_counts(record, evaluator->direction, counts, err))
		return false;
	flow.input = note_input(evaluator, input);
	if (!record->lengths.count || !strcmp(truth, dz_score_unknown)) {
		*(record->lengths.count ? &evaluator->unknown : &evaluator->empty) += 1;
		return true;
	}
	note_copy(evaluator, record, flow.input);
	dz_flow_key_address(&record->key, record->source_end, host);
	flow.vector = dz_vectors_add(&evaluator->vectors, counts);
	flow.label = dz_intern_add_text(&evaluator->names, truth);
	flow.host = dz_intern_add_text(&evaluator->names, host);
	flow.protocol = dz_intern_add_text(&evaluator->names, protocol ? protocol : "");
	dz_mem_grow(&block, &evaluator->capacity, evaluator->count + 1, sizeof *evaluator->flows);
	evaluator->flows = block;
	evaluator->flows[evaluator->count++] = flow;
	return true;
}

/* ---- folds ---- */

/* Numbers what tells folds apart in order of appearance; returns how many folds there are. */
static uint32_t fold_by_key(struct dz_evaluator *evaluator, bool host)
{
	struct dz_intern keys;
	uint32_t count;

	dz_intern_init(&keys);
	for (size_t i = 0; i < evaluator->count; i++) {
		struct dz_judged *flow = &evaluator->flows[i];
		uint32_t key = host ? flow->host : flow->input;
		flow->fold = dz_intern_add(&keys, &key, sizeof key) % DZ_FOLDS_MAX;
	}
	count = keys.count < DZ_FOLDS_MAX ? keys.count : DZ_FOLDS_MAX;
	dz_intern_release(&keys);
	return count;
}

static uint32_t fold_at_random(struct dz_evaluator *evaluator, uint32_t folds, uint64_t seed)
{
	uint32_t *order = dz_mem_zalloc(evaluator->count, sizeof *order);
	struct dz_rng rng;

	dz_rng_init(&rng, seed);
	for (size_t i = 0; i < evaluator->count; i++)
		order[i] = (uint32_t)i;
	dz_rng_choose(&rng, order, evaluator->count, evaluator->count);
	for (size_t i = 0; i < evaluator->count; i++)
		evaluator->flows[order[i]].fold = (uint32_t)(i % folds);
	free(order);
	return folds;
}

/* A library of the flows that are not of the fold. */
static bool learn(struct dz_evaluator *evaluator, uint32_t fold, struct dz_library *library, struct dz_err *err)
{
	uint64_t counts[DZ_GROUP_BINS];

	dz_library_init(library, evaluator->by);
	if (!dz_library_set_cells(library, DZ_CELLS_DEFAULT, err) ||
	    !dz_library_set_shape(library, &evaluator->shape, evaluator->one_way, "the flows", err))
		return false;
	for (size_t i = 0; i < evaluator->count; i++) {
		const struct dz_judged *flow = &evaluator->flows[i];
		if (flow->fold == fold)
			continue;
		dz_vectors_counts(&evaluator->vectors, flow->vector, counts);
		if (!dz_cells_add_flow(
			    &dz_library_profile(library, dz_intern_text(&evaluator->names, flow->label))->cells, counts,
			    flow->input, dz_intern_text(&evaluator->names, flow->protocol), err))
			return false;
	}
	return true;
}

/* Both directions side by side, as they are kept, into what the scorer takes. */
static void fold_counts(const struct dz_evaluator *evaluator, enum dz_direction to, uint64_t *counts)
{
	uint32_t bins = evaluator->shape.bins;

	if (to == evaluator->direction)
		return;
	for (uint32_t k = 0; k < bins; k++)
		counts[k] = (to == DZ_DIRECTION_DESTINATION ? 0 : counts[k]) +
			    (to == DZ_DIRECTION_SOURCE ? 0 : counts[bins + k]);
}

static void judge_flow(struct dz_evaluator *evaluator, struct dz_scorer *scorer, const struct dz_library *library,
		       struct dz_judged *flow)
{
	uint64_t counts[DZ_GROUP_BINS];
	const char *label = dz_intern_text(&evaluator->names, flow->label);
	struct dz_score score;

	dz_vectors_counts(&evaluator->vectors, flow->vector, counts);
	fold_counts(evaluator, dz_scorer_direction(scorer), counts);
	dz_scorer_score_counts(scorer, counts, label, dz_intern_text(&evaluator->names, flow->protocol), &score);
	flow->known = dz_library_find(library, label) != NULL;
	flow->confidence = (float)(score.empty ? -1 : score.count ? score.confidence : 0);
	flow->told = UINT32_MAX;
	if (!score.empty && score.count)
		flow->told = dz_intern_add_text(&evaluator->names, score.nearest[0].profile);
	flow->asked = score.asked;
	flow->is = score.is;
}

/* Judges the fold's flows; where the library is too small for the question, it is not asked. */
static bool judge(struct dz_evaluator *evaluator, const struct dz_evaluate_options *options,
		  const struct dz_library *library, uint32_t fold, struct dz_err *err)
{
	struct dz_score_options score = options->score;
	struct dz_scorer *scorer = dz_scorer_new(library, &score, err);

	if (!scorer && score.is && !options->library) {
		score.is = NULL;
		scorer = dz_scorer_new(library, &score, err);
	}
	if (!scorer)
		return false;
	for (size_t i = 0; i < evaluator->count; i++)
		if (options->library || evaluator->flows[i].fold == fold)
			judge_flow(evaluator, scorer, library, &evaluator->flows[i]);
	dz_scorer_free(scorer);
	return true;
}

static bool judge_folds(struct dz_evaluator *evaluator, const struct dz_evaluate_options *options, uint32_t folds,
			struct dz_err *err)
{
	struct dz_library library;
	bool fine = true;

	if (options->library)
		return judge(evaluator, options, options->library, 0, err);
	for (uint32_t f = 0; f < folds && fine; f++) {
		fine = learn(evaluator, f, &library, err) && judge(evaluator, options, &library, f, err);
		dz_library_release(&library);
		if (options->progress)
			options->progress(options->context, f + 1, folds);
	}
	return fine;
}

static uint32_t make_folds(struct dz_evaluator *evaluator, const struct dz_evaluate_options *options, uint32_t repeat)
{
	switch (options->folds) {
	case DZ_FOLD_RANDOM:
		return fold_at_random(evaluator, options->count, dz_rng_derive(options->seed, repeat));
	case DZ_FOLD_HOST:
		return fold_by_key(evaluator, true);
	case DZ_FOLD_INPUT:
	case DZ_FOLD_LIBRARY:
		break;
	}
	return fold_by_key(evaluator, false);
}

static double accuracy(const struct dz_evaluator *evaluator)
{
	uint64_t right = 0;

	for (size_t i = 0; i < evaluator->count; i++)
		right += evaluator->flows[i].told == evaluator->flows[i].label;
	return (double)right / (double)evaluator->count;
}

static bool check(const struct dz_evaluator *evaluator, const struct dz_evaluate_options *options, uint32_t folds,
		  struct dz_err *err)
{
	if (!evaluator->count)
		return dz_err_set(err, "nothing to judge: no flow has a label and counted packets");
	if (options->library || (folds > 1 && evaluator->count > 1))
		return true;
	return dz_err_set(err, "nothing to judge by: all flows are of one %s (see --folds)",
			  options->folds == DZ_FOLD_HOST ? "host" : "input");
}

/* Labels are asked for whatever their case, as the scorer has it; UINT32_MAX where no flow has it. */
static uint32_t label_asked(const struct dz_evaluator *evaluator, const char *name)
{
	uint32_t asked = UINT32_MAX;

	for (size_t i = 0; i < evaluator->count; i++) {
		const char *label = dz_intern_text(&evaluator->names, evaluator->flows[i].label);
		if (!strcmp(label, name))
			return evaluator->flows[i].label;
		if (asked == UINT32_MAX && !strcasecmp(label, name))
			asked = evaluator->flows[i].label;
	}
	return asked;
}

bool dz_evaluate(struct dz_evaluator *evaluator, const struct dz_evaluate_options *options,
		 struct dz_evaluation *evaluation, struct dz_err *err)
{
	uint32_t repeats = options->folds == DZ_FOLD_RANDOM ? options->repeats : 1;
	uint32_t is = options->score.is ? label_asked(evaluator, options->score.is) : UINT32_MAX;
	double sum = 0, squares = 0;

	memset(evaluation, 0, sizeof *evaluation);
	evaluation->options = *options;
	if (options->score.is && !options->library && is == UINT32_MAX)
		return dz_err_set(err, "--is: no flow has the label '%.60s'", options->score.is);
	for (uint32_t r = 0; r < repeats; r++) {
		double share;
		evaluation->folds = make_folds(evaluator, options, r);
		if (!check(evaluator, options, evaluation->folds, err) ||
		    !judge_folds(evaluator, options, evaluation->folds, err))
			return false;
		share = accuracy(evaluator);
		sum += share;
		squares += share * share;
	}
	evaluation->judged = evaluator->count;
	evaluation->empty = evaluator->empty;
	evaluation->unknown_label = evaluator->unknown;
	dz_evaluate_sum(evaluation, evaluator->flows, evaluator->count, &evaluator->names, is);
	evaluation->repeat_sd = -1;
	if (repeats > 1) {
		evaluation->open.value = sum / repeats;
		evaluation->repeat_sd = sqrt(fmax(squares - sum * sum / repeats, 0) / (repeats - 1));
	}
	return true;
}
