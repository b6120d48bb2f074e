/* SPDX-License-Identifier: BSD-2-Clause */
/* nearest.c - see nearest.h. One vantage-point tree over the cells of all labels; parts of it that are of one label
 * only are passed over when that label is nearer already. */
#include "config.h"
#include "stats/nearest.h"

#include "base/mem.h"
#include "math/vptree.h"
#include "stats/score_internal.h"
#include <stdlib.h>
#include <string.h>

#define ALMOST (1 - 1e-9) /* of the largest gap: as good as nothing in common */

/* ---- building ---- */

/* Both directions side by side into the one that is wanted, as shares that add up to 1. */
static void fold(const double *cell, uint32_t bins, enum dz_direction from, enum dz_direction to, double *vector)
{
	double sum = 0;

	if (from == to) {
		memcpy(vector, cell, bins * (from == DZ_DIRECTION_BOTH ? 2 : 1) * sizeof *vector);
		return;
	}
	for (uint32_t k = 0; k < bins; k++) {
		vector[k] = (to == DZ_DIRECTION_DESTINATION ? 0 : cell[k]) +
			    (to == DZ_DIRECTION_SOURCE ? 0 : cell[bins + k]);
		sum += vector[k];
	}
	for (uint32_t k = 0; k < bins && sum > 0; k++)
		vector[k] /= sum;
}

struct building {
	struct dz_nearest *nearest;
	size_t capacity;
};

static void add_cell(struct building *building, const double *vector, const struct dz_near_cell *cell)
{
	struct dz_nearest *nearest = building->nearest;
	void *block = nearest->cells;
	bool empty = true;

	for (uint32_t k = 0; k < dz_axis_size(&nearest->points.axis) && empty; k++)
		empty = !(vector[k] > 0);
	if (empty)
		return; /* of flows that have nothing in this direction */
	dz_mem_grow(&block, &building->capacity, nearest->cell_count + (size_t)1, sizeof *nearest->cells);
	nearest->cells = block;
	nearest->cells[nearest->cell_count] = *cell;
	nearest->cells[nearest->cell_count++].point = dz_points_add(&nearest->points, vector, 1);
}

static void add_profile(struct building *building, const struct dz_library *library, const struct dz_profile *profile,
			uint32_t label, enum dz_direction direction)
{
	struct dz_nearest *nearest = building->nearest;
	enum dz_direction from = dz_library_cells_direction(library);
	const struct dz_cells *cells = &profile->cells;
	double mean[DZ_GROUP_BINS], vector[DZ_GROUP_BINS];

	if (!dz_library_has_cells(library)) {
		dz_profile_mean(&profile->parts[direction], dz_axis_size(&nearest->points.axis), vector, NULL);
		add_cell(building, vector, &(struct dz_near_cell){ .label = label, .flows = profile->flows });
		return;
	}
	for (uint32_t i = 0; i < cells->count; i++) {
		const struct dz_cell *cell = &cells->cells[i];
		uint32_t protocol = dz_intern_add_text(&nearest->protocols, dz_cells_protocol(cells, cell));
		dz_cell_mean(cell, cells->width, mean);
		fold(mean, library->shape.bins, from, direction, vector);
		add_cell(building, vector,
			 &(struct dz_near_cell){
				 .label = label, .input = cell->input, .protocol = protocol, .flows = cell->flows });
	}
}

static int by_point(const void *left, const void *right)
{
	const struct dz_near_cell *a = left, *b = right;

	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	if (a->label != b->label)
		return a->label < b->label ? -1 : 1;
	return (a->input > b->input) - (a->input < b->input);
}

static void make_tree(struct dz_nearest *nearest)
{
	uint32_t points = nearest->points.count, *tags = dz_mem_zalloc(points, sizeof *tags);

	if (nearest->cell_count)
		qsort(nearest->cells, nearest->cell_count, sizeof *nearest->cells, by_point);
	nearest->first = dz_mem_zalloc(points + (size_t)1, sizeof *nearest->first);
	for (uint32_t c = 0; c < nearest->cell_count; c++)
		nearest->first[nearest->cells[c].point + 1] = c + 1;
	for (uint32_t p = 0; p < points; p++) {
		tags[p] = nearest->cells[nearest->first[p]].label;
		for (uint32_t c = nearest->first[p]; c < nearest->first[p + 1]; c++)
			if (nearest->cells[c].label != tags[p])
				tags[p] = DZ_VPTREE_MIXED;
	}
	nearest->tree = dz_vptree_new(&nearest->points, NULL, points);
	dz_vptree_tag(nearest->tree, tags);
	free(tags);
}

void dz_nearest_init(struct dz_nearest *nearest, const struct dz_library *library, enum dz_metric metric,
		     enum dz_direction direction, uint64_t min_flows)
{
	struct dz_axis axis = dz_direction_axis(direction, &library->shape);
	struct building building = { .nearest = nearest };

	memset(nearest, 0, sizeof *nearest);
	dz_points_init(&nearest->points, metric, &axis);
	dz_intern_init(&nearest->protocols);
	nearest->labels = dz_mem_zalloc(library->count, sizeof *nearest->labels);
	nearest->has_inputs = dz_library_has_cells(library);
	for (size_t i = 0; i < library->count; i++) {
		const struct dz_profile *profile = &library->profiles[i];
		if (!dz_score_is_candidate(library, profile, direction, min_flows))
			continue;
		nearest->labels[nearest->label_count] = profile;
		add_profile(&building, library, profile, nearest->label_count++, direction);
	}
	make_tree(nearest);
}

void dz_nearest_release(struct dz_nearest *nearest)
{
	dz_vptree_free(nearest->tree);
	dz_points_release(&nearest->points);
	dz_intern_release(&nearest->protocols);
	free(nearest->labels);
	free(nearest->cells);
	free(nearest->first);
	memset(nearest, 0, sizeof *nearest);
}

uint32_t dz_nearest_label(const struct dz_nearest *nearest, const char *name)
{
	for (uint32_t i = 0; i < nearest->label_count; i++)
		if (!strcmp(nearest->labels[i]->name, name))
			return i;
	return DZ_NEAREST_NONE;
}

/* ---- searching ---- */

struct finding {
	const struct dz_nearest *nearest;
	const struct dz_nearest_query *query;
	struct dz_near *found; /* gaps meanwhile */
	size_t count;
	double limit;
};

static uint32_t class_of(const struct dz_nearest_query *query, const struct dz_near_cell *cell)
{
	return query->by_input ? cell->input : cell->label;
}

/* How near the label is so far. */
static double best_of(const struct finding *finding, uint32_t class)
{
	for (size_t i = 0; i < finding->count; i++)
		if (finding->found[i].label == class)
			return finding->found[i].distance;
	return finding->limit;
}

static bool pass_over(void *context, uint32_t label, double least)
{
	const struct finding *finding = context;
	const struct dz_nearest_query *query = finding->query;

	if (query->only != DZ_NEAREST_NONE && label != query->only)
		return true;
	return least > (query->by_input ? finding->limit : best_of(finding, label));
}

static bool is_wanted(const struct dz_nearest_query *query, const struct dz_near_cell *cell)
{
	return !(query->without && cell->input == query->input) &&
	       (query->only == DZ_NEAREST_NONE || cell->label == query->only) &&
	       (!query->protocols || query->protocols[cell->protocol]);
}

/* Keeps the nearest classes in order. */
static void keep(struct finding *finding, uint32_t class, double gap)
{
	struct dz_near *found = finding->found;
	size_t at = 0, end;

	while (at < finding->count &&
	       (found[at].distance < gap || (found[at].distance == gap && found[at].label < class))) {
		if (found[at].label == class)
			return;
		at++;
	}
	if (at == finding->query->most)
		return;
	for (end = at; end < finding->count && found[end].label != class; end++)
		;
	if (end == finding->count && finding->count < finding->query->most)
		finding->count++;
	else if (end == finding->count)
		end--;
	memmove(found + at + 1, found + at, (end - at) * sizeof *found);
	found[at] = (struct dz_near){ class, gap };
}

static double visit(void *context, uint32_t point, double gap)
{
	struct finding *finding = context;
	const struct dz_nearest *nearest = finding->nearest;

	for (uint32_t c = nearest->first[point]; c < nearest->first[point + 1]; c++)
		if (is_wanted(finding->query, &nearest->cells[c]))
			keep(finding, class_of(finding->query, &nearest->cells[c]), gap);
	if (finding->count == finding->query->most)
		finding->limit = finding->found[finding->count - 1].distance;
	return finding->limit;
}

size_t dz_nearest_find(const struct dz_nearest *nearest, const struct dz_nearest_query *query, struct dz_near *found)
{
	const struct dz_points *points = &nearest->points;
	double largest = dz_metric_distance_to_gap(points->metric, dz_metric_max(points->metric, &points->axis));
	struct finding finding = { nearest, query, found, 0, largest * ALMOST };
	struct dz_vptree_query search = { .center = query->point,
					  .limit = finding.limit,
					  .context = &finding,
					  .pass_over = pass_over,
					  .visit = visit };

	dz_vptree_search(nearest->tree, &search);
	for (size_t i = 0; i < finding.count; i++)
		found[i].distance = dz_metric_gap_to_distance(points->metric, found[i].distance);
	return finding.count;
}
