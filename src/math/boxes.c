/* SPDX-License-Identifier: BSD-2-Clause */
/* boxes.c - see boxes.h.
 *
 * Boxes and the points of the smallest ones are kept *packed*: only the coordinates in which some point of the box is
 * not 0, then one for the rest, then the mark.  Packed reduced distances decide what to leave out, with some slack for
 * rounding; the reduced distance that is told is dz_metric_rdist()'s of the points themselves. */
#include "config.h"
#include "math/boxes.h"

#include "base/mem.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LEAF 32u    /* points in a smallest box, at most */
#define DEEP 48u    /* levels of cuts in the middle; further down half of the points go to each side */
#define SLACK 1e-12 /* of the largest reduced distance: what rounding may do */
#define NONE UINT32_MAX

struct box {
	uint32_t first, end; /* places in the order */
	uint32_t halves;     /* the first of two boxes that follow each other; NONE: a smallest one */
	uint32_t used;       /* coordinates that are not packed away; a bit of each in `masks` */
	size_t at;           /* of their numbers in `used` */
	size_t packed; /* in `packed`: used + 2 least values, as many most ones, and of a smallest box its points */
};

struct dz_boxes {
	const struct dz_points *points;
	uint32_t *order; /* owned: point numbers */
	uint32_t *roots; /* owned, by set: NONE of an empty one */
	struct box *boxes;
	uint64_t *masks; /* words for each box */
	uint32_t words;
	uint32_t *used;
	double *packed;
	uint32_t count, widest; /* boxes; the most coordinates that one uses */
	size_t box_capacity, mask_capacity, used_count, used_capacity, packed_count, packed_capacity;
};

/* ---- building ---- */

struct builder {
	struct dz_boxes *boxes;
	double *least, *most; /* of all coordinates of the box at hand */
};

/* A box in the making: of so many cuts. */
struct range {
	uint32_t first, end, depth;
};

static const double *point_at(const struct dz_boxes *boxes, uint32_t place)
{
	return dz_points_at(boxes->points, boxes->order[place]);
}

static void measure(const struct builder *build, const struct range *range)
{
	uint32_t dims = build->boxes->points->dims;

	memcpy(build->least, point_at(build->boxes, range->first), dims * sizeof *build->least);
	memcpy(build->most, build->least, dims * sizeof *build->most);
	for (uint32_t i = range->first + 1; i < range->end; i++) {
		const double *point = point_at(build->boxes, i);
		for (uint32_t k = 0; k < dims; k++) {
			build->least[k] = point[k] < build->least[k] ? point[k] : build->least[k];
			build->most[k] = point[k] > build->most[k] ? point[k] : build->most[k];
		}
	}
}

static double *add_packed(struct dz_boxes *boxes, size_t count)
{
	void *block = boxes->packed;

	dz_mem_grow(&block, &boxes->packed_capacity, boxes->packed_count + count, sizeof *boxes->packed);
	boxes->packed = block;
	boxes->packed_count += count;
	return boxes->packed + boxes->packed_count - count;
}

static void add_used(struct dz_boxes *boxes, uint32_t coordinate)
{
	void *block = boxes->used;

	dz_mem_grow(&block, &boxes->used_capacity, boxes->used_count + 1, sizeof *boxes->used);
	boxes->used = block;
	boxes->used[boxes->used_count++] = coordinate;
}

/* The coordinates that the box uses; nothing is left in the rest, and the mark is 0 or as it is. */
static void pack(const struct dz_boxes *boxes, const struct box *box, const double *point, double *packed)
{
	for (uint32_t i = 0; i < box->used; i++)
		packed[i] = point[boxes->used[box->at + i]];
	packed[box->used] = 0;
	packed[box->used + 1] = point[boxes->points->dims - 1];
}

static void pack_box(const struct builder *build, struct box *box, uint64_t *mask)
{
	struct dz_boxes *boxes = build->boxes;
	uint32_t bins = boxes->points->dims - 1;
	double *packed;

	box->at = boxes->used_count;
	memset(mask, 0, boxes->words * sizeof *mask);
	for (uint32_t k = 0; k < bins; k++) {
		if (build->least[k] == 0 && build->most[k] == 0)
			continue;
		add_used(boxes, k);
		mask[k / 64] |= UINT64_C(1) << k % 64;
	}
	box->used = (uint32_t)(boxes->used_count - box->at);
	boxes->widest = box->used > boxes->widest ? box->used : boxes->widest;
	box->packed = boxes->packed_count;
	packed = add_packed(boxes, 2 * ((size_t)box->used + 2));
	pack(boxes, box, build->least, packed);
	pack(boxes, box, build->most, packed + box->used + 2);
}

static void pack_points(struct dz_boxes *boxes, const struct box *box)
{
	for (uint32_t i = box->first; i < box->end; i++)
		pack(boxes, box, point_at(boxes, i), add_packed(boxes, (size_t)box->used + 2));
}

/* Moves the points below the middle to the front; returns how many they are: not all, for one is at the top. */
static uint32_t cut(struct dz_boxes *boxes, const struct range *range, uint32_t coordinate, double middle)
{
	uint32_t place = range->first;

	for (uint32_t i = range->first; i < range->end; i++) {
		if (point_at(boxes, i)[coordinate] < middle) {
			uint32_t point = boxes->order[i];
			boxes->order[i] = boxes->order[place];
			boxes->order[place++] = point;
		}
	}
	return place - range->first;
}

/* Where the box at hand is cut: a place inside of it. */
static uint32_t cut_widest(const struct builder *build, const struct range *range)
{
	uint32_t widest = 0, before, half = (range->end - range->first) / 2;

	for (uint32_t k = 1; k < build->boxes->points->dims; k++)
		if (build->most[k] - build->least[k] > build->most[widest] - build->least[widest])
			widest = k;
	if (range->depth >= DEEP)
		return range->first + half;
	before = cut(build->boxes, range, widest, build->least[widest] / 2 + build->most[widest] / 2);
	return range->first + (before ? before : half);
}

static uint32_t add_boxes(struct dz_boxes *boxes, uint32_t count)
{
	void *block = boxes->boxes;

	dz_mem_grow(&block, &boxes->box_capacity, boxes->count + (size_t)count, sizeof *boxes->boxes);
	boxes->boxes = block;
	block = boxes->masks;
	dz_mem_grow(&block, &boxes->mask_capacity, (boxes->count + (size_t)count) * boxes->words, sizeof *boxes->masks);
	boxes->masks = block;
	boxes->count += count;
	return boxes->count - count;
}

/* DEEP levels and some for the halving: the recursion is no deeper. */
static void make(struct builder *build, uint32_t number, struct range range)
{
	struct dz_boxes *boxes = build->boxes;
	struct box box = { .first = range.first, .end = range.end, .halves = NONE };
	uint32_t middle;

	measure(build, &range);
	pack_box(build, &box, boxes->masks + (size_t)number * boxes->words);
	if (range.end - range.first <= LEAF) {
		pack_points(boxes, &box);
		boxes->boxes[number] = box;
		return;
	}
	middle = cut_widest(build, &range);
	box.halves = add_boxes(boxes, 2);
	boxes->boxes[number] = box;
	make(build, box.halves, (struct range){ range.first, middle, range.depth + 1 });
	make(build, box.halves + 1, (struct range){ middle, range.end, range.depth + 1 });
}

struct dz_boxes *dz_boxes_new(const struct dz_points *points, const uint32_t *members, const uint32_t *ends,
			      uint32_t sets)
{
	struct dz_boxes *boxes = dz_mem_zalloc(1, sizeof *boxes);
	struct builder build = { .boxes = boxes };
	uint32_t count = sets ? ends[sets - 1] : 0;

	boxes->points = points;
	boxes->words = points->dims / 64 + 1;
	boxes->order = dz_mem_zalloc(count, sizeof *boxes->order);
	boxes->roots = dz_mem_zalloc(sets, sizeof *boxes->roots);
	build.least = dz_mem_zalloc(points->dims, sizeof *build.least);
	build.most = dz_mem_zalloc(points->dims, sizeof *build.most);
	for (uint32_t i = 0; i < count; i++)
		boxes->order[i] = members[i];
	for (uint32_t s = 0; s < sets; s++) {
		struct range range = { s ? ends[s - 1] : 0, ends[s], 0 };
		boxes->roots[s] = range.first < range.end ? add_boxes(boxes, 1) : NONE;
		if (range.first < range.end)
			make(&build, boxes->roots[s], range);
	}
	free(build.least);
	free(build.most);
	return boxes;
}

void dz_boxes_free(struct dz_boxes *boxes)
{
	if (!boxes)
		return;
	free(boxes->order);
	free(boxes->roots);
	free(boxes->boxes);
	free(boxes->masks);
	free(boxes->used);
	free(boxes->packed);
	free(boxes);
}

/* ---- searching ---- */

/* A box that is still to be opened. */
struct closed {
	double bound;
	uint32_t box, set;
};

struct search {
	const struct dz_boxes *boxes;
	const struct dz_boxes_query *query;
	double *parts;         /* of the center: what its coordinates add up against 0 */
	uint32_t *some, somes; /* those that are not 0 */
	double *center, *near; /* packed: the center, and the point of the box that is nearest to it */
	struct closed *heap;
	size_t count, capacity;
	double slack;
	bool empty; /* the center */
	uint64_t rdists;
};

/* What is farther than this, packed, is farther than the limit. */
static double with_slack(const struct search *search, uint32_t set)
{
	return search->query->limit(search->query->context, set) + search->slack;
}

static void sink(struct search *search, struct closed closed)
{
	struct closed *heap = search->heap;
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < search->count; at = child) {
		if (child + 1 < search->count && heap[child + 1].bound < heap[child].bound)
			child++;
		if (heap[child].bound >= closed.bound)
			break;
		heap[at] = heap[child];
	}
	heap[at] = closed;
}

static struct closed pop(struct search *search)
{
	struct closed top = search->heap[0];

	search->count--;
	if (search->count)
		sink(search, search->heap[search->count]);
	return top;
}

static void push(struct search *search, struct closed closed)
{
	void *block = search->heap;
	size_t at = search->count;

	dz_mem_grow(&block, &search->capacity, search->count + 1, sizeof *search->heap);
	search->heap = block;
	for (search->count++; at && search->heap[(at - 1) / 2].bound > closed.bound; at = (at - 1) / 2)
		search->heap[at] = search->heap[(at - 1) / 2];
	search->heap[at] = closed;
}

/* What the center has where the points of the box are 0, as one coordinate. */
static double rest_of(const struct search *search, uint32_t number)
{
	const uint64_t *mask = search->boxes->masks + (size_t)number * search->boxes->words;
	double rest = 0;

	for (uint32_t i = 0; i < search->somes; i++) {
		uint32_t k = search->some[i];
		rest += mask[k / 64] >> k % 64 & 1 ? 0 : search->parts[k];
	}
	return dz_metric_fold(search->boxes->points->metric, rest);
}

static void pack_center(struct search *search, const struct box *box, double rest)
{
	pack(search->boxes, box, search->query->center, search->center);
	search->center[box->used] = rest;
}

/* The point of the box that is nearest to the packed center. */
static void move_in(const double *center, const double *least, const double *most, uint32_t count, double *near)
{
	for (uint32_t i = 0; i < count; i++) {
		double x = least[i] > center[i] ? least[i] : center[i];
		near[i] = most[i] < x ? most[i] : x;
	}
}

/* How near a point of the box may be. */
static double bound_of(struct search *search, uint32_t number, double limit)
{
	const struct box *box = &search->boxes->boxes[number];
	const double *least = search->boxes->packed + box->packed;
	enum dz_metric metric = search->boxes->points->metric;
	uint32_t count = box->used + 2;
	double rest[2] = { rest_of(search, number), 0 }, bound, apart;
	static const double nothing[2] = { 0, 0 };

	search->rdists++;
	bound = dz_metric_rdist(metric, rest, nothing, 2);
	if (bound > limit)
		return bound;
	pack_center(search, box, rest[0]);
	apart = search->empty ? 0 : dz_metric_least(metric, search->center, least + count, box->used);
	if (apart > limit)
		return apart;
	move_in(search->center, least, least + count, count, search->near);
	bound = dz_metric_rdist_within(metric, search->center, search->near, count, limit);
	return bound > apart ? bound : apart;
}

static void consider(struct search *search, uint32_t number, uint32_t set)
{
	double limit = with_slack(search, set), bound = bound_of(search, number, limit);

	if (bound <= limit)
		push(search, (struct closed){ bound, number, set });
}

static void look_at_points(struct search *search, uint32_t number, uint32_t set)
{
	const struct dz_points *points = search->boxes->points;
	const struct box *box = &search->boxes->boxes[number];
	const struct dz_boxes_query *query = search->query;
	const double *packed = search->boxes->packed + box->packed + 2 * ((size_t)box->used + 2);

	pack_center(search, box, rest_of(search, number));
	for (uint32_t i = box->first; i < box->end; i++, packed += box->used + 2) {
		double limit = with_slack(search, set);
		search->rdists++;
		if (dz_metric_rdist_within(points->metric, search->center, packed, box->used + 2, limit) > limit)
			continue;
		limit = query->limit(query->context, set);
		double rdist = dz_metric_rdist_within(points->metric, query->center, point_at(search->boxes, i),
						      points->dims, limit);
		if (rdist <= limit)
			query->visit(query->context, set, search->boxes->order[i], rdist);
	}
}

static void search_init(struct search *search, const struct dz_boxes *boxes, const struct dz_boxes_query *query)
{
	const struct dz_points *points = boxes->points;
	double most = dz_metric_max(points->metric, &points->axis);

	*search = (struct search){ .boxes = boxes, .query = query };
	search->empty = query->center[points->dims - 1] > 0;
	search->slack = SLACK * dz_metric_distance_to_rdist(points->metric, most);
	search->parts = dz_mem_zalloc(points->dims + 2 * ((size_t)boxes->widest + 2), sizeof *search->parts);
	search->center = search->parts + points->dims;
	search->near = search->center + boxes->widest + 2;
	search->some = dz_mem_zalloc(points->dims, sizeof *search->some);
	dz_metric_parts(points->metric, query->center, points->dims, search->parts);
	for (uint32_t k = 0; k < points->dims; k++)
		if (search->parts[k] > 0)
			search->some[search->somes++] = k;
}

static void open_box(struct search *search, const struct closed *closed)
{
	const struct box *box = &search->boxes->boxes[closed->box];

	if (closed->bound > with_slack(search, closed->set))
		return;
	if (box->halves == NONE) {
		look_at_points(search, closed->box, closed->set);
		return;
	}
	consider(search, box->halves, closed->set);
	consider(search, box->halves + 1, closed->set);
}

uint64_t dz_boxes_search(const struct dz_boxes *boxes, const struct dz_boxes_query *query)
{
	struct search search;

	search_init(&search, boxes, query);
	for (uint32_t set = query->first; set < query->end; set++)
		if (boxes->roots[set] != NONE)
			consider(&search, boxes->roots[set], set);
	while (search.count) {
		struct closed closed = pop(&search);
		if (closed.bound > with_slack(&search, DZ_BOXES_ANY))
			break;
		open_box(&search, &closed);
	}
	free(search.heap);
	free(search.parts);
	free(search.some);
	return search.rdists;
}
