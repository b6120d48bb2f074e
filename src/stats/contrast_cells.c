/* SPDX-License-Identifier: BSD-2-Clause */
/* contrast_cells.c - see contrast_cells.h. */
#include "config.h"
#include "stats/contrast_cells.h"

#include "base/mem.h"
#include "math/told_apart.h"
#include "math/told_apart_flows.h"
#include "stats/cells.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLACK 1e-9 /* of the largest distance: what counts as equally far */

/* Flows of one distribution and one input. */
struct place {
	uint32_t vector, input;
	uint64_t flows;
	unsigned side;
};

struct places {
	struct place *list; /* owned; those of the first side come first */
	size_t capacity;
	uint32_t count, first;
	uint64_t flows[2];
	bool drawn;
	double *distances; /* owned: count * count */
};

/* ---- what is looked at ---- */

static void add(struct places *places, const struct place *place)
{
	void *block = places->list;

	dz_mem_grow(&block, &places->capacity, places->count + (size_t)1, sizeof *places->list);
	places->list = block;
	places->list[places->count++] = *place;
	places->flows[place->side] += place->flows;
}

/* Takes of flows in their order the middle of each of `most` runs of one length. */
struct draw {
	uint64_t all, passed;
	uint32_t most;
};

static uint64_t drawn_below(const struct draw *draw, uint64_t flows)
{
	return (uint64_t)((double)flows * draw->most / (double)draw->all + 0.5);
}

static void take(struct places *places, struct draw *draw, struct place place)
{
	uint64_t before = drawn_below(draw, draw->passed), after = drawn_below(draw, draw->passed += place.flows);

	if (draw->all > draw->most) {
		place.flows = after - before;
		places->drawn = true;
	}
	if (place.flows)
		add(places, &place);
}

static void take_side(struct places *places, const struct dz_contrast_side *side, unsigned number, uint32_t most)
{
	const struct dz_group *group = side->group;
	struct draw draw = { .all = group->kept_count, .most = most };

	for (size_t i = 0; i < group->cell_count; i++)
		draw.all += group->cells[i].flows;
	for (size_t i = 0; i < group->cell_count; i++)
		take(places, &draw,
		     (struct place){ group->cells[i].vector, group->cells[i].input, group->cells[i].flows, number });
	for (size_t i = 0; i < group->kept_count; i++)
		take(places, &draw,
		     (struct place){ group->kept[i].vector,
				     dz_cells_input(NULL, dz_groups_input(side->groups, group->kept[i].input)), 1,
				     number });
}

static void measure(struct places *places, const struct dz_contrast_side sides[2], enum dz_metric metric)
{
	const struct dz_axis *axis = dz_groups_axis(sides[0].groups);
	uint32_t dims = dz_metric_dims(axis), n = places->count;
	double *points = dz_mem_zalloc((size_t)n * dims, sizeof *points);
	double *vector = dz_mem_zalloc(dz_axis_size(axis), sizeof *vector);

	places->distances = dz_mem_zalloc((size_t)n * n, sizeof *places->distances);
	for (uint32_t i = 0; i < n; i++) {
		double *point = points + (size_t)i * dims;
		dz_vectors_get(dz_groups_vectors(sides[places->list[i].side].groups), places->list[i].vector, vector);
		dz_metric_embed(metric, vector, axis, point);
		for (uint32_t j = 0; j < i; j++) {
			double rdist = dz_metric_rdist(metric, point, points + (size_t)j * dims, dims);
			places->distances[(size_t)i * n + j] = places->distances[(size_t)j * n + i] =
				dz_metric_rdist_to_distance(metric, rdist);
		}
	}
	free(points);
	free(vector);
}

/* ---- the share ---- */

/* Numbers the inputs of each side, into by[]; those of the second side after those of the first. */
static void number_inputs(const struct places *places, unsigned bits, uint32_t *by, uint32_t inputs[2])
{
	uint32_t mask = (uint32_t)((UINT64_C(1) << bits) - 1);
	struct dz_intern numbers;

	dz_intern_init(&numbers);
	for (uint32_t i = 0; i < places->count; i++) {
		const uint32_t key[2] = { places->list[i].side, places->list[i].input & mask };
		by[i] = dz_intern_add(&numbers, key, sizeof key);
		inputs[places->list[i].side] = numbers.count - (i >= places->first ? inputs[0] : 0);
	}
	dz_intern_release(&numbers);
}

static double share_by_inputs(const struct places *places, const uint32_t *by, const uint32_t inputs[2], uint32_t k,
			      double slack)
{
	uint32_t count = inputs[0] + inputs[1];
	struct dz_told_apart *told = dz_told_apart_new(count, inputs[0], places->count);
	double *nearest = dz_mem_zalloc(count, sizeof *nearest), share;

	for (uint32_t i = 0; i < places->count; i++) {
		const double *row = places->distances + (size_t)i * places->count;
		for (uint32_t t = 0; t < count; t++)
			nearest[t] = INFINITY;
		for (uint32_t j = 0; j < places->count; j++)
			nearest[by[j]] = fmin(nearest[by[j]], row[j]);
		dz_told_apart_add(told, by[i], (double)places->list[i].flows, nearest, slack);
	}
	share = dz_told_apart_share(told, k);
	free(nearest);
	dz_told_apart_free(told);
	return share;
}

static double share_by_flows(const struct places *places, uint32_t k, double slack)
{
	uint64_t *flows = dz_mem_zalloc(places->count, sizeof *flows);
	double share;

	for (uint32_t i = 0; i < places->count; i++)
		flows[i] = places->list[i].flows;
	share = dz_told_apart_flows(places->distances, flows, places->count, places->first, k, slack);
	free(flows);
	return share;
}

static void tell_apart(const struct places *places, const struct dz_contrast_side sides[2], double slack,
		       struct dz_contrast *contrast)
{
	uint32_t *by = dz_mem_zalloc(places->count, sizeof *by), inputs[2] = { 0, 0 };
	unsigned bits = dz_cells_input_bits(0);

	for (unsigned g = 0; g < 2; g++)
		if (sides[g].group->cell_count && sides[g].group->input_bits < bits)
			bits = sides[g].group->input_bits;
	number_inputs(places, bits, by, inputs);
	contrast->by_inputs = bits && inputs[0] > 1 && inputs[1] > 1;
	for (unsigned g = 0; g < 2; g++)
		contrast->sessions[g] = contrast->by_inputs ? inputs[g] : contrast->flows[g];
	contrast->k = dz_told_apart_k(contrast->sessions[0], contrast->sessions[1]);
	if (contrast->k)
		contrast->told_apart = contrast->by_inputs ? share_by_inputs(places, by, inputs, contrast->k, slack)
							   : share_by_flows(places, contrast->k, slack);
	free(by);
}

void dz_contrast_cells(enum dz_metric metric, const struct dz_contrast_side sides[2], uint32_t most,
		       struct dz_contrast *contrast)
{
	const struct dz_axis *axis = dz_groups_axis(sides[0].groups);
	const double *const means[2] = { sides[0].mean, sides[1].mean };
	struct places places = { 0 };

	memset(contrast, 0, sizeof *contrast);
	contrast->verdict = DZ_CONTRAST_EMPTY;
	if (sides[0].group->flows == sides[0].group->empty || sides[1].group->flows == sides[1].group->empty)
		return;
	contrast->verdict = DZ_CONTRAST_NO_SESSIONS;
	dz_contrast_find_where(means, dz_axis_size(axis), contrast);
	if (sides[0].group->means_only || sides[1].group->means_only)
		return;
	take_side(&places, &sides[0], 0, most);
	places.first = places.count;
	take_side(&places, &sides[1], 1, most);
	for (unsigned g = 0; g < 2; g++)
		contrast->flows[g] = (uint32_t)places.flows[g];
	contrast->drawn = places.drawn;
	measure(&places, sides, metric);
	tell_apart(&places, sides, SLACK * dz_metric_max(metric, axis), contrast);
	free(places.list);
	free(places.distances);
}
