/* SPDX-License-Identifier: BSD-2-Clause */
/* nearest.c - see nearest.h. The cells of each label are a set of boxes (boxes.h), and those of all labels are opened
 * in the order of how near they may be: of a label that is nearer already, no more than may be nearer still. */
#include "config.h"
#include "stats/nearest.h"

#include "base/mem.h"
#include "stats/score_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALMOST (1 - 1e-9) /* of the largest reduced distance: as good as nothing in common */
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

static void order_cells(struct dz_nearest *nearest)
{
	if (nearest->cell_count)
		qsort(nearest->cells, nearest->cell_count, sizeof *nearest->cells, by_point);
	nearest->first = dz_mem_zalloc(nearest->points.count + (size_t)1, sizeof *nearest->first);
	for (uint32_t c = 0; c < nearest->cell_count; c++)
		nearest->first[nearest->cells[c].point + 1] = c + 1;
}

static void note_input(struct dz_nearest *nearest)
{
	nearest->one_input = true;
	for (uint32_t c = 1; c < nearest->cell_count && nearest->one_input; c++)
		nearest->one_input = nearest->cells[c].input == nearest->cells[0].input;
}

/* Cells of one point and label follow each other. */
static bool is_first_of_label(const struct dz_nearest *nearest, uint32_t cell)
{
	const struct dz_near_cell *cells = nearest->cells;
	return cell == 0 || cells[cell - 1].point != cells[cell].point || cells[cell - 1].label != cells[cell].label;
}

static double largest_rdist(const struct dz_points *points)
{
	return dz_metric_distance_to_rdist(points->metric, dz_metric_max(points->metric, &points->axis));
}

/* A set of boxes for each label. */
static void make_boxes(struct dz_nearest *nearest)
{
	uint32_t *members = dz_mem_zalloc(nearest->cell_count, sizeof *members), count = 0;
	uint32_t *ends = dz_mem_zalloc(nearest->label_count, sizeof *ends);

	for (uint32_t c = 0; c < nearest->cell_count; c++)
		ends[nearest->cells[c].label] += is_first_of_label(nearest, c);
	for (uint32_t label = 0; label < nearest->label_count; label++) {
		uint32_t of_label = ends[label];
		ends[label] = count;
		count += of_label;
	}
	for (uint32_t c = 0; c < nearest->cell_count; c++)
		if (is_first_of_label(nearest, c))
			members[ends[nearest->cells[c].label]++] = nearest->cells[c].point;
	nearest->boxes = dz_boxes_new(&nearest->points, members, ends, nearest->label_count);
	free(members);
	free(ends);
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
		const struct dz_profile *profile = library->profiles[i];
		if (!dz_score_is_candidate(library, profile, direction, min_flows))
			continue;
		nearest->labels[nearest->label_count] = profile;
		add_profile(&building, library, profile, nearest->label_count++, direction);
	}
	order_cells(nearest);
	note_input(nearest);
	make_boxes(nearest);
}

void dz_nearest_release(struct dz_nearest *nearest)
{
	dz_boxes_free(nearest->boxes);
	dz_points_release(&nearest->points);
	dz_intern_release(&nearest->protocols);
	free(nearest->labels);
	free(nearest->cells);
	free(nearest->first);
	memset(nearest, 0, sizeof *nearest);
}

static int compare_name(const void *name, const void *label)
{
	return strcmp(name, (*(const struct dz_profile *const *)label)->name);
}

/* They are in the library's order, which is that of their names. */
uint32_t dz_nearest_label(const struct dz_nearest *nearest, const char *name)
{
	const struct dz_profile **found = NULL;

	if (nearest->label_count)
		found = bsearch(name, nearest->labels, nearest->label_count, sizeof *nearest->labels, compare_name);
	return found ? (uint32_t)(found - nearest->labels) : DZ_NEAREST_NONE;
}

/* ---- searching ---- */

struct finding {
	const struct dz_nearest *nearest;
	const struct dz_nearest_query *query;
	struct dz_near *found; /* reduced distances meanwhile */
	size_t count;
	double limit;
};

/* How near another cell of the label must be to be of interest. */
static double limit_of(void *context, uint32_t label)
{
	const struct finding *finding = context;

	for (size_t i = 0; i < finding->count && !finding->query->by_input; i++)
		if (finding->found[i].label == label)
			return finding->found[i].distance;
	return finding->limit;
}

static bool is_wanted(const struct dz_nearest_query *query, const struct dz_near_cell *cell)
{
	return !(query->without && cell->input == query->input) &&
	       (!query->protocols || query->protocols[cell->protocol]);
}

/* Whether a class that was found goes before another. */
static bool goes_before(const struct dz_near *a, const struct dz_near *b)
{
	if (a->distance != b->distance)
		return a->distance < b->distance;
	if (a->cells != b->cells)
		return a->cells > b->cells;
	return a->label <= b->label;
}

/* Keeps the nearest classes in order. */
static void keep(struct finding *finding, const struct dz_near *near)
{
	struct dz_near *found = finding->found;
	size_t at = 0, end;

	while (at < finding->count && goes_before(&found[at], near)) {
		if (found[at].label == near->label)
			return;
		at++;
	}
	if (at == finding->query->most)
		return;
	for (end = at; end < finding->count && found[end].label != near->label; end++)
		;
	if (end == finding->count && finding->count < finding->query->most)
		finding->count++;
	else if (end == finding->count)
		end--;
	memmove(found + at + 1, found + at, (end - at) * sizeof *found);
	found[at] = *near;
}

/* Takes the cells of a point of the label: as one of the label, or each for its input. */
static void take(void *context, uint32_t label, uint32_t point, double rdist)
{
	struct finding *finding = context;
	const struct dz_nearest *nearest = finding->nearest;
	struct dz_near near = { label, 0, rdist };

	for (uint32_t c = nearest->first[point]; c < nearest->first[point + 1]; c++) {
		if (nearest->cells[c].label != label || !is_wanted(finding->query, &nearest->cells[c]))
			continue;
		if (finding->query->by_input)
			keep(finding, &(struct dz_near){ nearest->cells[c].input, 0, rdist });
		else
			near.cells++;
	}
	if (near.cells)
		keep(finding, &near);
	if (finding->count == finding->query->most && finding->found[finding->count - 1].distance < finding->limit)
		finding->limit = finding->found[finding->count - 1].distance;
}

size_t dz_nearest_find(const struct dz_nearest *nearest, const struct dz_nearest_query *query, struct dz_near *found)
{
	bool one = query->only != DZ_NEAREST_NONE;
	struct finding finding = {
		.nearest = nearest, .query = query, .found = found, .limit = largest_rdist(&nearest->points) * ALMOST
	};
	struct dz_boxes_query boxes = { .center = query->point,
					.first = one ? query->only : 0,
					.end = one ? query->only + 1 : nearest->label_count,
					.context = &finding,
					.limit = limit_of,
					.visit = take };

	/* Nothing would be found, and so nothing that is near enough not to look further: at every cell. */
	if (query->without && nearest->cell_count && nearest->one_input && nearest->cells[0].input == query->input)
		return 0;
	dz_boxes_search(nearest->boxes, &boxes);
	for (size_t i = 0; i < finding.count; i++)
		found[i].distance = dz_metric_rdist_to_distance(nearest->points.metric, found[i].distance);
	return finding.count;
}
