/* SPDX-License-Identifier: BSD-2-Clause */
/* boxes.c - see boxes.h.
 *
 * What is in a box lies on a *sheet*: up to DZ_LANES boxes, or points, side by side, as floats, in columns of one
 * coordinate each (lanes.h); a coordinate that is 0 in all of them has none.  A box of more points than that is cut,
 * the largest part again and again, until there are as many parts or all are small; each part is a box on its sheet.
 * The boxes of the sets themselves are on sheets of their own, the *top*.
 *
 * A sheet that holds one point of a set, or two, is looked at for little: where there are many small sets, all their
 * points are in one tree more, the *crowd*, which a search over all sets goes through in their place.
 *
 * The lanes' sums decide what to leave out, with some slack for rounding; the reduced distance that is told is
 * dz_metric_rdist()'s of the points themselves. */
#include "config.h"
#include "math/boxes.h"

#include "base/mem.h"
#include "math/lanes.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DEEP 48u       /* levels of cuts in the middle; further down half of the points go to each side */
#define CROWD 256u     /* from so many small sets on */
#define ROUNDING 1e-12 /* more than sums of up to 4,096 coordinates lose */

/* Its columns begin at `floats`, the first being the *wholes*: of points what each has; of boxes what their least
 * values have, and what that point has that has least. */
struct sheet {
	uint32_t first, count; /* places in the order; of boxes the numbers of their sheets */
	bool has_points;
	size_t floats;
};

struct dz_boxes {
	const struct dz_points *points;
	uint32_t *order;      /* owned: point numbers; behind those of the sets the crowd's */
	uint32_t *owners;     /* owned: the set of each of them */
	struct sheet *sheets; /* one for each set, of none if that is empty; then the top; then all others */
	uint16_t *columns;    /* of each sheet, by coordinate; 0: none */
	float *floats;
	uint32_t sets, count; /* sheets */
	uint32_t crowd;       /* sheet; 0: there is none, as the first sheet is a set's */
	uint32_t *beside;     /* owned: the tops that have sets that are not in the crowd */
	uint32_t beside_count;
	double least_whole, most_whole; /* of a point */
	size_t sheet_capacity, column_capacity, float_count, float_capacity;
};

/* ---- building ---- */

struct builder {
	struct dz_boxes *boxes;
	double *least, *most; /* of all coordinates of the box at hand */
	double *nothing;      /* a point of zeros */
	float *wholes;        /* of the points, by place */
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

/* What a point has (lanes.h), whatever its mark. `nothing` is a point of zeros, save for the mark, which changes. */
static double whole_of(const struct dz_points *points, const double *point, double *nothing)
{
	uint32_t mark = points->dims - 1;

	nothing[mark] = point[mark];
	return dz_metric_sum(points->metric, dz_metric_rdist(points->metric, point, nothing, points->dims));
}

/* Moves the points below the middle to the front; returns how many they are: not all, for one is at the top. */
static uint32_t cut(const struct builder *build, const struct range *range, uint32_t coordinate, double middle)
{
	struct dz_boxes *boxes = build->boxes;
	uint32_t place = range->first;

	for (uint32_t i = range->first; i < range->end; i++) {
		if (point_at(boxes, i)[coordinate] < middle) {
			uint32_t point = boxes->order[i], owner = boxes->owners[i];
			float whole = build->wholes[i];
			boxes->order[i] = boxes->order[place];
			boxes->owners[i] = boxes->owners[place];
			build->wholes[i] = build->wholes[place];
			boxes->order[place] = point;
			boxes->owners[place] = owner;
			build->wholes[place++] = whole;
		}
	}
	return place - range->first;
}

/* Where the box is cut: a place inside of it. */
static uint32_t cut_widest(const struct builder *build, const struct range *range)
{
	uint32_t widest = 0, before, half = (range->end - range->first) / 2;

	if (range->depth >= DEEP)
		return range->first + half;
	measure(build, range);
	for (uint32_t k = 1; k < build->boxes->points->dims; k++)
		if (build->most[k] - build->least[k] > build->most[widest] - build->least[widest])
			widest = k;
	before = cut(build, range, widest, build->least[widest] / 2 + build->most[widest] / 2);
	return range->first + (before ? before : half);
}

static uint32_t points_of(const struct range *range)
{
	return range->end - range->first;
}

/* Cuts the parts, one at first, until there are enough or all are small; returns how many they are. */
static uint32_t divide(const struct builder *build, struct range parts[DZ_LANES])
{
	uint32_t count = 1, middle;

	while (count < DZ_LANES) {
		struct range *part = &parts[0];
		for (uint32_t i = 1; i < count; i++)
			part = points_of(&parts[i]) > points_of(part) ? &parts[i] : part;
		if (points_of(part) <= DZ_LANES)
			break;
		middle = cut_widest(build, part);
		part->depth++;
		parts[count++] = (struct range){ middle, part->end, part->depth };
		part->end = middle;
	}
	return count;
}

static uint32_t add_sheets(struct dz_boxes *boxes, uint32_t count)
{
	size_t all = boxes->count + (size_t)count;
	void *block = boxes->sheets;

	if (!count) /* no labels: there is no array yet */
		return boxes->count;
	dz_mem_grow(&block, &boxes->sheet_capacity, all, sizeof *boxes->sheets);
	boxes->sheets = block;
	memset(boxes->sheets + boxes->count, 0, count * sizeof *boxes->sheets);
	block = boxes->columns;
	dz_mem_grow(&block, &boxes->column_capacity, all * boxes->points->dims, sizeof *boxes->columns);
	boxes->columns = block;
	boxes->count += count;
	return boxes->count - count;
}

static uint32_t width_of(const struct sheet *sheet)
{
	return sheet->has_points ? DZ_LANES : 2 * DZ_LANES;
}

static uint16_t *columns_of(const struct dz_boxes *boxes, uint32_t sheet)
{
	return boxes->columns + (size_t)sheet * boxes->points->dims;
}

/* Gives the sheet a column of zeros for each coordinate that some point of the range has. */
static void add_columns(const struct builder *build, uint32_t number, const struct range *range)
{
	struct dz_boxes *boxes = build->boxes;
	struct sheet *sheet = &boxes->sheets[number];
	uint16_t *columns = columns_of(boxes, number), count = 0;
	void *block = boxes->floats;
	size_t floats;

	measure(build, range);
	memset(columns, 0, boxes->points->dims * sizeof *columns);
	for (uint32_t k = 0; k + 1 < boxes->points->dims; k++)
		if (build->most[k] > 0)
			columns[k] = ++count;
	floats = (count + (size_t)1) * width_of(sheet);
	dz_mem_grow(&block, &boxes->float_capacity, boxes->float_count + floats, sizeof *boxes->floats);
	boxes->floats = block;
	sheet->floats = boxes->float_count;
	boxes->float_count += floats;
	memset(boxes->floats + sheet->floats, 0, floats * sizeof *boxes->floats);
}

static void add_points(const struct builder *build, uint32_t number, const struct range *range)
{
	struct dz_boxes *boxes = build->boxes;
	struct sheet *sheet = &boxes->sheets[number];
	const uint16_t *columns = columns_of(boxes, number);
	float *floats;

	*sheet = (struct sheet){ .first = range->first, .count = points_of(range), .has_points = true };
	add_columns(build, number, range);
	floats = boxes->floats + sheet->floats;
	for (uint32_t i = 0; i < sheet->count; i++) {
		const double *point = point_at(boxes, range->first + i);
		floats[i] = build->wholes[range->first + i];
		for (uint32_t k = 0; k + 1 < boxes->points->dims; k++)
			if (columns[k])
				floats[columns[k] * (size_t)DZ_LANES + i] = (float)point[k];
	}
}

/* Puts the box at hand, of these points, on a lane. */
static void add_box(const struct builder *build, uint32_t number, uint32_t lane, const struct range *range)
{
	const struct dz_boxes *boxes = build->boxes;
	const uint16_t *columns = columns_of(boxes, number);
	float *lows = boxes->floats + boxes->sheets[number].floats + lane, *highs = lows + DZ_LANES;

	lows[0] = (float)whole_of(boxes->points, build->least, build->nothing);
	highs[0] = build->wholes[range->first];
	for (uint32_t i = range->first; i < range->end; i++)
		highs[0] = build->wholes[i] < highs[0] ? build->wholes[i] : highs[0];
	for (uint32_t k = 0; k + 1 < boxes->points->dims; k++) {
		if (columns[k]) {
			lows[columns[k] * (size_t)2 * DZ_LANES] = (float)build->least[k];
			highs[columns[k] * (size_t)2 * DZ_LANES] = (float)build->most[k];
		}
	}
}

/* Boxes whose sheets are numbered from `first`; none of an empty range. The ranges lie within the whole one. */
static void add_boxes(const struct builder *build, uint32_t number, uint32_t first, const struct range *whole,
		      const struct range *ranges, uint32_t count)
{
	build->boxes->sheets[number] = (struct sheet){ .first = first, .count = count };
	add_columns(build, number, whole);
	for (uint32_t i = 0; i < count; i++) {
		if (!points_of(&ranges[i]))
			continue;
		measure(build, &ranges[i]);
		add_box(build, number, i, &ranges[i]);
	}
}

/* Each level cuts at least once, DEEP times in the middle and then in halves: the recursion is no deeper. */
static void make(const struct builder *build, uint32_t number, struct range range)
{
	struct range parts[DZ_LANES] = { range };
	uint32_t count, first;

	if (points_of(&range) <= DZ_LANES) {
		add_points(build, number, &range);
		return;
	}
	count = divide(build, parts);
	first = add_sheets(build->boxes, count);
	add_boxes(build, number, first, &range, parts, count);
	for (uint32_t i = 0; i < count; i++)
		make(build, first + i, parts[i]);
}

static struct range range_of(const uint32_t *ends, uint32_t set)
{
	return (struct range){ set ? ends[set - 1] : 0, ends[set], 0 };
}

static uint32_t tops_of(uint32_t sets)
{
	return (sets + DZ_LANES - 1) / DZ_LANES;
}

static void make_top(const struct builder *build, const uint32_t *ends, uint32_t number, uint32_t first)
{
	struct range ranges[DZ_LANES], whole = range_of(ends, first);
	uint32_t count = 0;

	for (uint32_t set = first; set < build->boxes->sets && count < DZ_LANES; set++) {
		ranges[count] = range_of(ends, set);
		whole.end = ranges[count++].end;
	}
	if (points_of(&whole))
		add_boxes(build, number, first, &whole, ranges, count);
}

static bool is_small(const uint32_t *ends, uint32_t set)
{
	struct range range = range_of(ends, set);
	return points_of(&range) > 0 && points_of(&range) <= DZ_LANES;
}

/* How many points there are in small sets; 0 where these are few. */
static uint32_t crowd_of(const uint32_t *ends, uint32_t sets)
{
	uint32_t small = 0, points = 0;

	for (uint32_t set = 0; set < sets; set++) {
		struct range range = range_of(ends, set);
		small += is_small(ends, set);
		points += is_small(ends, set) ? points_of(&range) : 0;
	}
	return small < CROWD ? 0 : points;
}

/* The points that the sets have behind them once more, those of small ones. */
static void make_crowd(const struct builder *build, const uint32_t *ends, uint32_t points)
{
	struct dz_boxes *boxes = build->boxes;
	struct range range = { ends[boxes->sets - 1], ends[boxes->sets - 1] + points, 0 };
	uint32_t place = range.first;

	for (uint32_t i = 0; i < range.first; i++) {
		if (!is_small(ends, boxes->owners[i]))
			continue;
		boxes->order[place] = boxes->order[i];
		boxes->owners[place] = boxes->owners[i];
		build->wholes[place++] = build->wholes[i];
	}
	boxes->crowd = add_sheets(boxes, 1);
	make(build, boxes->crowd, range);
	boxes->beside = dz_mem_zalloc(tops_of(boxes->sets), sizeof *boxes->beside);
	for (uint32_t set = 0; set < boxes->sets; set++) {
		uint32_t top = boxes->sets + set / DZ_LANES, count = boxes->beside_count;
		bool known = count && boxes->beside[count - 1] == top;
		if (boxes->sheets[set].count && !boxes->sheets[set].has_points && !known)
			boxes->beside[boxes->beside_count++] = top;
	}
}

struct dz_boxes *dz_boxes_new(const struct dz_points *points, const uint32_t *members, const uint32_t *ends,
			      uint32_t sets)
{
	struct dz_boxes *boxes = dz_mem_zalloc(1, sizeof *boxes);
	struct builder build = { .boxes = boxes };
	uint32_t count = sets ? ends[sets - 1] : 0, crowd = crowd_of(ends, sets);

	boxes->points = points;
	boxes->sets = sets;
	boxes->order = dz_mem_zalloc((size_t)count + crowd, sizeof *boxes->order);
	boxes->owners = dz_mem_zalloc((size_t)count + crowd, sizeof *boxes->owners);
	build.wholes = dz_mem_zalloc((size_t)count + crowd, sizeof *build.wholes);
	build.least = dz_mem_zalloc(points->dims, sizeof *build.least);
	build.most = dz_mem_zalloc(points->dims, sizeof *build.most);
	build.nothing = dz_mem_zalloc(points->dims, sizeof *build.nothing);
	boxes->least_whole = INFINITY;
	for (uint32_t i = 0; i < count; i++) {
		double whole = whole_of(points, dz_points_at(points, members[i]), build.nothing);
		boxes->order[i] = members[i];
		boxes->least_whole = fmin(boxes->least_whole, whole);
		boxes->most_whole = fmax(boxes->most_whole, whole);
		build.wholes[i] = (float)whole;
	}
	for (uint32_t set = 0; set < sets; set++)
		for (uint32_t i = set ? ends[set - 1] : 0; i < ends[set]; i++)
			boxes->owners[i] = set;
	add_sheets(boxes, sets + tops_of(sets));
	for (uint32_t set = 0; set < sets; set++)
		if (ends[set] > (set ? ends[set - 1] : 0))
			make(&build, set, range_of(ends, set));
	for (uint32_t top = 0; top < tops_of(sets); top++)
		make_top(&build, ends, sets + top, top * DZ_LANES);
	if (crowd)
		make_crowd(&build, ends, crowd);
	free(build.wholes);
	free(build.least);
	free(build.most);
	free(build.nothing);
	return boxes;
}

void dz_boxes_free(struct dz_boxes *boxes)
{
	if (!boxes)
		return;
	free(boxes->order);
	free(boxes->owners);
	free(boxes->beside);
	free(boxes->sheets);
	free(boxes->columns);
	free(boxes->floats);
	free(boxes);
}

/* ---- searching ---- */

/* A lane's bound and its number in one: the bits of floats that are not below 0 are in the order of the floats, and the
 * last ones do not matter. So the least of all keys says which lane it is. */
#define LANE_BITS (DZ_LANES - 1)
#define NO_KEY INT32_MAX

#define ANY_OF_CROWD (DZ_BOXES_ANY - 1) /* what is below it is of whichever set */

/* A sheet of boxes that are not all opened yet. */
struct opened {
	int32_t least;       /* key */
	uint32_t sheet, set; /* DZ_BOXES_ANY: the boxes are sets; or ANY_OF_CROWD */
	uint32_t keys;       /* which of the search's */
};

struct search {
	const struct dz_boxes *boxes;
	const struct dz_boxes_query *query;
	uint32_t *some, somes;           /* the center's coordinates that are not 0 */
	struct dz_lanes_column *columns; /* of the sheet at hand that the center has, too */
	float whole, slack;              /* what the center has; what rounding may do */
	double apart;                    /* the sum of what has nothing in common with the center is no less */
	struct opened *heap;             /* the sheet with the least key first */
	size_t count, capacity;
	int32_t (*keys)[DZ_LANES]; /* of all sheets of boxes so far; NO_KEY: opened, or too far */
	size_t keys_count, keys_capacity;
	uint64_t rdists;
	bool crowd; /* small sets are looked at there */
};

static void sink(struct search *search, struct opened opened)
{
	struct opened *heap = search->heap;
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < search->count; at = child) {
		if (child + 1 < search->count && heap[child + 1].least < heap[child].least)
			child++;
		if (heap[child].least >= opened.least)
			break;
		heap[at] = heap[child];
	}
	heap[at] = opened;
}

static void push(struct search *search, struct opened opened)
{
	void *block = search->heap;
	size_t at = search->count;

	dz_mem_grow(&block, &search->capacity, search->count + 1, sizeof *search->heap);
	search->heap = block;
	for (search->count++; at && search->heap[(at - 1) / 2].least > opened.least; at = (at - 1) / 2)
		search->heap[at] = search->heap[(at - 1) / 2];
	search->heap[at] = opened;
}

static int32_t least_of(const int32_t keys[DZ_LANES])
{
	int32_t least = NO_KEY;

	for (uint32_t i = 0; i < DZ_LANES; i++)
		least = keys[i] < least ? keys[i] : least;
	return least;
}

/* Of the first `count` lanes. What has nothing in common with the center is known more exactly than sums are, which
 * matters where any distance will do that is not the largest: that would be everything, not nothing. */
static void make_keys(const struct search *search, const float sums[DZ_LANES], const float in_common[DZ_LANES],
		      uint32_t count, int32_t keys[DZ_LANES])
{
	double limit = search->query->limit(search->query->context, DZ_BOXES_ANY);
	float none = dz_metric_sum(search->boxes->points->metric, limit) < search->apart ? INFINITY : 0;
	float positive[DZ_LANES];

	for (uint32_t i = 0; i < DZ_LANES; i++) {
		float least = in_common[i] > 0 ? 0 : none;
		positive[i] = sums[i] > least ? sums[i] : least;
	}
	memcpy(keys, positive, sizeof positive);
	for (uint32_t i = 0; i < DZ_LANES; i++)
		keys[i] = (keys[i] & ~(int32_t)LANE_BITS) | (int32_t)i;
	for (uint32_t i = count; i < DZ_LANES; i++)
		keys[i] = NO_KEY;
}

/* A key that is larger is of something farther than the limit. */
static int32_t limit_of(const struct search *search, uint32_t set)
{
	double limit = search->query->limit(search->query->context, set == ANY_OF_CROWD ? DZ_BOXES_ANY : set);
	float sum = (float)dz_metric_sum(search->boxes->points->metric, limit) + search->slack;
	int32_t key;

	memcpy(&key, &sum, sizeof key);
	return key | (int32_t)LANE_BITS;
}

/* Which columns of the sheet the center has something in common with; returns how many. A coordinate without a column
 * is written, too, and then over: whether it has one is a guess that a processor would lose. */
static uint32_t find_columns(struct search *search, uint32_t number)
{
	const struct dz_boxes *boxes = search->boxes;
	const struct sheet *sheet = &boxes->sheets[number];
	const uint16_t *columns = columns_of(boxes, number);
	const float *floats = boxes->floats + sheet->floats;
	uint32_t width = width_of(sheet), count = 0;

	for (uint32_t i = 0; i < search->somes; i++) {
		uint32_t k = search->some[i], column = columns[k];
		const float *values = floats + (size_t)column * width;
		search->columns[count] = (struct dz_lanes_column){ (float)search->query->center[k], values };
		dz_mem_prefetch(values, width * sizeof *values);
		count += column != 0;
	}
	return count;
}

/* The nearest ones first, so that others need not be looked at. */
static void look_at_points(struct search *search, uint32_t number, uint32_t set)
{
	const struct dz_boxes *boxes = search->boxes;
	const struct dz_boxes_query *query = search->query;
	const struct sheet *sheet = &boxes->sheets[number];
	uint32_t count = find_columns(search, number);
	const float *wholes = boxes->floats + sheet->floats;
	float sums[DZ_LANES], in_common[DZ_LANES];
	int32_t keys[DZ_LANES], least;

	dz_lanes_points(boxes->points->metric, search->columns, count, in_common);
	for (uint32_t i = 0; i < DZ_LANES; i++)
		sums[i] = search->whole + wholes[i] - 2 * in_common[i];
	make_keys(search, sums, in_common, sheet->count, keys);
	search->rdists += sheet->count;
	while ((least = least_of(keys)) <= limit_of(search, set)) {
		uint32_t lane = (uint32_t)least & LANE_BITS, place = sheet->first + lane;
		uint32_t owner = boxes->owners[place];
		double limit, rdist;
		keys[lane] = NO_KEY;
		if (set == ANY_OF_CROWD && least > limit_of(search, owner))
			continue;
		limit = query->limit(query->context, owner);
		rdist = dz_metric_rdist_within(boxes->points->metric, query->center, point_at(boxes, place),
					       boxes->points->dims, limit);
		search->rdists++;
		if (rdist <= limit)
			query->visit(query->context, owner, boxes->order[place], rdist);
	}
}

/* Keys of how near the points of each box on the sheet may be. */
static int32_t *bound_boxes(struct search *search, uint32_t number)
{
	const struct dz_boxes *boxes = search->boxes;
	const struct sheet *sheet = &boxes->sheets[number];
	const float *wholes = boxes->floats + sheet->floats;
	uint32_t count = find_columns(search, number);
	float sums[DZ_LANES], moved[DZ_LANES], in_common[DZ_LANES];
	void *block = search->keys;
	int32_t *keys;

	dz_mem_grow(&block, &search->keys_capacity, search->keys_count + 1, sizeof *search->keys);
	search->keys = block;
	keys = search->keys[search->keys_count++];
	dz_lanes_boxes(boxes->points->metric, search->columns, count, moved, in_common);
	for (uint32_t i = 0; i < DZ_LANES; i++) {
		float in = wholes[i] + moved[i], out = wholes[DZ_LANES + i] - 2 * in_common[i];
		sums[i] = search->whole + (in > out ? in : out);
	}
	make_keys(search, sums, in_common, sheet->count, keys);
	search->rdists += sheet->count;
	return keys;
}

static void look_at_boxes(struct search *search, uint32_t number, uint32_t set)
{
	int32_t least = least_of(bound_boxes(search, number));

	if (least <= limit_of(search, set))
		push(search, (struct opened){ least, number, set, (uint32_t)search->keys_count - 1 });
}

/* Whether the set is one that is asked for, has anything, and is not looked at in the crowd. */
static bool is_asked_for(const struct search *search, uint32_t set)
{
	const struct dz_boxes_query *query = search->query;
	const struct sheet *sheet = &search->boxes->sheets[set];

	return set >= query->first && set < query->end && sheet->count && !(search->crowd && sheet->has_points);
}

static void look_at_top(struct search *search, uint32_t number)
{
	const struct sheet *sheet = &search->boxes->sheets[number];
	int32_t *keys;

	if (!sheet->count) /* of sets that have nothing */
		return;
	keys = bound_boxes(search, number);
	for (uint32_t i = 0; i < sheet->count; i++)
		keys[i] = is_asked_for(search, sheet->first + i) ? keys[i] : NO_KEY;
	push(search, (struct opened){ least_of(keys), number, DZ_BOXES_ANY, (uint32_t)search->keys_count - 1 });
}

/* The sets that are asked for; those of the crowd there. */
static void look_at_sets(struct search *search)
{
	const struct dz_boxes *boxes = search->boxes;
	const struct dz_boxes_query *query = search->query;

	if (search->crowd) { /* many small sets: it has more points than a sheet */
		look_at_boxes(search, boxes->crowd, ANY_OF_CROWD);
		for (uint32_t i = 0; i < boxes->beside_count; i++)
			look_at_top(search, boxes->beside[i]);
		return;
	}
	for (uint32_t top = query->first / DZ_LANES; top < tops_of(query->end); top++)
		look_at_top(search, boxes->sets + top);
}

/* Opens the nearest box that is left; false: of none is anything wanted. */
static bool open_nearest(struct search *search)
{
	struct opened top = search->heap[0];
	uint32_t lane = (uint32_t)top.least & LANE_BITS;
	uint32_t number = search->boxes->sheets[top.sheet].first + lane;
	uint32_t set = top.set == DZ_BOXES_ANY ? number : top.set;
	int32_t least = top.least, *keys = search->keys[top.keys];

	if (least > limit_of(search, DZ_BOXES_ANY))
		return false;
	keys[lane] = NO_KEY;
	top.least = least_of(keys);
	sink(search, top);
	if (least > limit_of(search, set))
		return true;
	if (search->boxes->sheets[number].has_points)
		look_at_points(search, number, set);
	else
		look_at_boxes(search, number, set);
	return true;
}

static void search_init(struct search *search, const struct dz_boxes *boxes, const struct dz_boxes_query *query)
{
	const struct dz_points *points = boxes->points;
	double *nothing = dz_mem_zalloc(points->dims, sizeof *nothing), whole;

	whole = whole_of(points, query->center, nothing);
	free(nothing);
	*search = (struct search){ .boxes = boxes, .query = query, .whole = (float)whole };
	search->crowd = boxes->crowd && !query->first && query->end == boxes->sets;
	search->apart = (whole + boxes->least_whole) * (1 - ROUNDING);
	search->some = dz_mem_zalloc(points->dims, sizeof *search->some);
	for (uint32_t k = 0; k + 1 < points->dims; k++)
		if (query->center[k] > 0)
			search->some[search->somes++] = k;
	search->columns = dz_mem_zalloc(search->somes + (size_t)1, sizeof *search->columns);
	search->slack = dz_lanes_slack(search->somes, whole + boxes->most_whole);
}

uint64_t dz_boxes_search(const struct dz_boxes *boxes, const struct dz_boxes_query *query)
{
	struct search search;

	search_init(&search, boxes, query);
	look_at_sets(&search);
	while (search.count && open_nearest(&search))
		;
	free(search.heap);
	free(search.keys);
	free(search.some);
	free(search.columns);
	return search.rdists;
}
