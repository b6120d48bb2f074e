/* SPDX-License-Identifier: BSD-2-Clause */
/* score_learn.c - how sure a library can be: each of its inputs is judged by the cells of all others.
 *
 * Within a capture flows of a label are much nearer to each other than to those of other captures, so that nothing can
 * be learnt from a label's own capture.  Labels of one input only are judged, too, and wrongly always: they stand for
 * the labels that the library does not know. */
#include "config.h"
#include "stats/score_internal.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TRIALS 5000u /* of more cells so many are tried, evenly spaced */
#define REACH 0.99
#define TIE_WORTH 0.1 /* of the largest distance: what having all cells of a shape says, beside distances */

struct learning {
	const struct dz_nearest *nearest;
	double largest; /* distance */
	uint32_t is;
	const bool *protocols;
	struct dz_trial *label, *either, *mine; /* of each cell that is tried */
	size_t count, mine_count;
	double *own, *own_weights; /* of those whose label other inputs have */
	size_t own_count;
};

static double largest_of(const struct dz_nearest *nearest)
{
	return dz_metric_max(nearest->points.metric, &nearest->points.axis);
}

/* The distance of the label's second nearest input. */
static double find_witness(const struct dz_nearest *nearest, struct dz_nearest_query query, uint32_t label)
{
	struct dz_near inputs[DZ_NEAREST_MAX];

	query.only = label;
	query.by_input = true;
	query.most = 2;
	return dz_nearest_find(nearest, &query, inputs) > 1 ? inputs[1].distance : largest_of(nearest);
}

/* Where two labels are equally near, as short flows often are, no distance tells them apart; but one may have been seen
 * so in many inputs and the other in one. -1..1. */
static double share_of_tie(const struct dz_score_view *view)
{
	double first = view->found[0].cells, second = view->count > 1 ? view->found[1].cells : 0;

	return view->count > 1 && view->found[1].distance <= view->found[0].distance
		       ? (first - second) / (first + second)
		       : 0;
}

void dz_score_look(const struct dz_nearest *nearest, struct dz_nearest_query query, size_t most,
		   struct dz_score_view *view)
{
	double largest = largest_of(nearest), witness;

	query.only = DZ_NEAREST_NONE;
	query.by_input = false;
	query.most = most < 3 ? 3 : most;
	view->count = dz_nearest_find(nearest, &query, view->found);
	view->margin = view->score = view->of_two = 0;
	if (!view->count)
		return;
	witness = nearest->has_inputs ? find_witness(nearest, query, view->found[0].label) : largest;
	view->margin = (view->count > 1 ? view->found[1].distance : largest) - view->found[0].distance;
	view->score = (view->count > 1 ? view->found[1].distance : largest) - witness +
		      TIE_WORTH * largest * share_of_tie(view);
	view->of_two = (view->count > 2 ? view->found[2].distance : largest) - witness;
}

double dz_score_distance_to(const struct dz_nearest *nearest, struct dz_nearest_query query, uint32_t label)
{
	struct dz_near inputs[DZ_NEAREST_MAX];
	double sum = 0;
	size_t count;

	query.only = label;
	query.by_input = true;
	query.most = DZ_SCORE_IS_INPUTS;
	count = dz_nearest_find(nearest, &query, inputs);
	for (size_t i = 0; i < DZ_SCORE_IS_INPUTS; i++)
		sum += i < count ? inputs[i].distance : largest_of(nearest);
	return sum / DZ_SCORE_IS_INPUTS;
}

static void try_label(struct learning *learning, const struct dz_near_cell *cell, struct dz_nearest_query query)
{
	struct dz_score_view view;
	struct dz_near found[DZ_NEAREST_MAX];
	double weight = (double)cell->flows;
	bool first, second;

	dz_score_look(learning->nearest, query, 3, &view);
	first = view.count && view.found[0].label == cell->label;
	second = view.count > 1 && view.found[1].label == cell->label;
	if (!view.count)
		view.score = view.of_two = -learning->largest;
	learning->label[learning->count] = (struct dz_trial){ view.score, weight, cell->input, first };
	learning->either[learning->count++] = (struct dz_trial){ view.of_two, weight, cell->input, first || second };
	query.only = cell->label;
	query.most = 1;
	if (!dz_nearest_find(learning->nearest, &query, found))
		return;
	learning->own[learning->own_count] = found[0].distance;
	learning->own_weights[learning->own_count++] = weight;
}

static void try_is(struct learning *learning, const struct dz_near_cell *cell, struct dz_nearest_query query)
{
	if (learning->protocols && !learning->protocols[cell->protocol])
		return;
	query.protocols = learning->protocols;
	learning->mine[learning->mine_count++] =
		(struct dz_trial){ -dz_score_distance_to(learning->nearest, query, learning->is), (double)cell->flows,
				   cell->input, cell->label == learning->is };
}

/* The distance below which the share REACH of the flows is. */
static double find_reach(const struct learning *learning)
{
	double low = 0, high = learning->largest, all = 0;

	if (!learning->own_count)
		return -1;
	for (size_t i = 0; i < learning->own_count; i++)
		all += learning->own_weights[i];
	for (unsigned step = 0; step < 50; step++) {
		double middle = (low + high) / 2, within = 0;
		for (size_t i = 0; i < learning->own_count; i++)
			within += learning->own[i] <= middle ? learning->own_weights[i] : 0;
		*(within >= REACH * all ? &high : &low) = middle;
	}
	return high;
}

static uint32_t count_inputs(const struct dz_trial *trials, size_t count)
{
	struct dz_intern inputs;
	uint32_t found;

	dz_intern_init(&inputs);
	for (size_t i = 0; i < count; i++)
		if (trials[i].right)
			dz_intern_add(&inputs, &trials[i].input, sizeof trials[i].input);
	found = inputs.count;
	dz_intern_release(&inputs);
	return found;
}

static uint32_t count_lone_labels(const struct dz_nearest *nearest)
{
	uint32_t *first = dz_mem_zalloc(nearest->label_count, sizeof *first), lone = 0;
	enum { NONE, ONE, MORE } *inputs = dz_mem_zalloc(nearest->label_count, sizeof *inputs);

	for (uint32_t c = 0; c < nearest->cell_count; c++) {
		const struct dz_near_cell *cell = &nearest->cells[c];
		if (inputs[cell->label] == NONE) {
			inputs[cell->label] = ONE;
			first[cell->label] = cell->input;
		} else if (cell->input != first[cell->label]) {
			inputs[cell->label] = MORE;
		}
	}
	for (uint32_t l = 0; l < nearest->label_count; l++)
		lone += inputs[l] == ONE;
	free(first);
	free(inputs);
	return lone;
}

static void try_all(struct learning *learning)
{
	const struct dz_nearest *nearest = learning->nearest;
	uint32_t tried = nearest->cell_count < MAX_TRIALS ? nearest->cell_count : MAX_TRIALS;

	for (uint32_t i = 0; i < tried; i++) {
		const struct dz_near_cell *cell = &nearest->cells[(uint64_t)i * nearest->cell_count / tried];
		struct dz_nearest_query query = { .point = dz_points_at(&nearest->points, cell->point),
						  .without = true,
						  .input = cell->input,
						  .only = DZ_NEAREST_NONE };
		try_label(learning, cell, query);
		if (learning->is != DZ_NEAREST_NONE)
			try_is(learning, cell, query);
	}
}

void dz_score_learn(const struct dz_nearest *nearest, uint32_t is, const bool *protocols,
		    struct dz_score_learnt *learnt)
{
	size_t most = nearest->cell_count;
	struct learning learning = {
		.nearest = nearest, .largest = largest_of(nearest), .is = is, .protocols = protocols
	};

	memset(learnt, 0, sizeof *learnt);
	learnt->reach = -1;
	if (!nearest->has_inputs)
		return;
	learning.label = dz_mem_zalloc(most, sizeof *learning.label);
	learning.either = dz_mem_zalloc(most, sizeof *learning.either);
	learning.mine = dz_mem_zalloc(most, sizeof *learning.mine);
	learning.own = dz_mem_zalloc(most, sizeof *learning.own);
	learning.own_weights = dz_mem_zalloc(most, sizeof *learning.own_weights);
	try_all(&learning);
	learnt->is_inputs = count_inputs(learning.mine, learning.mine_count);
	learnt->reach = find_reach(&learning);
	learnt->lone_labels = count_lone_labels(nearest);
	dz_calibration_init(&learnt->label, learning.label, learning.count);
	dz_calibration_init(&learnt->either, learning.either, learning.count);
	dz_calibration_init(&learnt->is, learning.mine, learning.mine_count);
	free(learning.label);
	free(learning.either);
	free(learning.mine);
	free(learning.own);
	free(learning.own_weights);
}

void dz_score_learnt_release(struct dz_score_learnt *learnt)
{
	dz_calibration_release(&learnt->label);
	dz_calibration_release(&learnt->either);
	dz_calibration_release(&learnt->is);
}
