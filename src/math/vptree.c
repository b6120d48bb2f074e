/* SPDX-License-Identifier: BSD-2-Clause */
/* vptree.c - see vptree.h.
 *
 * The members are ordered so that every node is a range of the order: its
 * vantage first, then the nearer half, then the farther half.  A node is not
 * stored anywhere but implied by its range, save for the numbers that bound
 * its halves; these lie at the vantage's place in the order. */
#include "config.h"
#include "math/vptree.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAF 16u    /* members in a leaf, at most */
#define DEPTH 40u   /* halving 2^31 members down to a leaf takes fewer levels */
#define ABOVE 14u   /* vantages above a leaf that its members remember */
#define SLACK 1e-12 /* what rounding may do to a triangle, as a part of the largest reduced distance there is */
#define COARSE 1e-6 /* the same for the reduced distances that are remembered as floats */

struct bounds {
	double near_least, near_most, far_least, far_most; /* reduced distances of the halves from the vantage */
};

/* A leaf's members' reduced distances from the vantages on the way down, the root's first: by vantage, so that one
 * instruction compares several members. */
struct sheet {
	float rdists[ABOVE][LEAF];
};

struct dz_vptree {
	const struct dz_points *points;
	uint32_t count;
	double largest;        /* reduced distance there is */
	uint32_t *order;       /* count: point numbers */
	double *coordinates;   /* count * dims, in that order: a leaf is one piece of memory */
	uint32_t *dimensions;  /* dims: which coordinate comes when, those that tell most first */
	struct bounds *bounds; /* count: meaningful at a vantage's place */
	uint32_t *sheet_of;    /* count: meaningful at a leaf's first place */
	uint32_t *tags;        /* count, or NULL: the tag of all points of the node that begins there, or mixed */
	struct sheet *sheets;
};

/* A node: places first..end-1 of the order. */
struct range {
	uint32_t first, end, depth;
	double bound; /* search: no member is nearer than this */
};

static bool is_leaf(const struct range *range)
{
	return range->end - range->first <= LEAF;
}

/* The halves of an inner node. */
static struct range near_half(const struct range *node)
{
	uint32_t rest = node->first + 1;

	return (struct range){ rest, rest + (node->end - rest) / 2, node->depth + 1, 0 };
}

static struct range far_half(const struct range *node)
{
	return (struct range){ near_half(node).end, node->end, node->depth + 1, 0 };
}

/* ---- building ---- */

struct entry {
	double rdist; /* from the vantage at hand */
	uint32_t member;
};

struct builder {
	const struct dz_points *points;
	const uint32_t *members;
	struct entry *entries; /* count: the order in the making */
	float (*above)[ABOVE]; /* count: by member */
	struct dz_vptree *tree;
	uint32_t sheet_count, sheet_capacity;
};

/* The number of a member's point. */
static uint32_t member_at(const uint32_t *members, uint32_t member)
{
	return members ? members[member] : member;
}

static bool before(const struct entry *a, const struct entry *b)
{
	return a->rdist < b->rdist || (a->rdist == b->rdist && a->member < b->member);
}

static void swap(struct entry *a, struct entry *b)
{
	struct entry entry = *a;
	*a = *b;
	*b = entry;
}

/* Moves the entries so that those at places below `place` come before it and those above come after (quickselect). */
static void select_place(struct entry *entries, uint32_t first, uint32_t end, uint32_t place)
{
	while (end - first > 1) {
		struct entry pivot = entries[first + (end - first) / 2];
		uint32_t i = first, j = end - 1;
		for (;;) {
			while (before(&entries[i], &pivot))
				i++;
			while (before(&pivot, &entries[j]))
				j--;
			if (i >= j)
				break;
			swap(&entries[i++], &entries[j--]);
		}
		/* Nothing in [first, i) comes after the pivot, nothing in [i, end) before it, and neither is empty. */
		if (place < i)
			end = i;
		else
			first = i;
	}
}

static void find_extremes(const struct entry *entries, const struct range *half, double *least, double *most)
{
	*least = INFINITY;
	*most = 0;
	for (uint32_t i = half->first; i < half->end; i++) {
		*least = fmin(*least, entries[i].rdist);
		*most = fmax(*most, entries[i].rdist);
	}
}

/* Makes the member farthest from the vantage above the vantage here: a corner sees the others at differing reduced
 * distances. */
static void split(struct builder *build, const struct range *node)
{
	const struct dz_points *points = build->points;
	struct entry *entries = build->entries;
	uint32_t farthest = node->first;

	for (uint32_t i = node->first; i < node->end; i++)
		if (before(&entries[farthest], &entries[i]))
			farthest = i;
	swap(&entries[node->first], &entries[farthest]);

	const double *vantage = dz_points_at(points, member_at(build->members, entries[node->first].member));
	for (uint32_t i = node->first + 1; i < node->end; i++) {
		uint32_t member = entries[i].member;
		const double *point = dz_points_at(points, member_at(build->members, member));
		entries[i].rdist = dz_metric_rdist(points->metric, vantage, point, points->dims);
		if (node->depth < ABOVE)
			build->above[member][node->depth] = (float)entries[i].rdist;
	}
	struct range nearer = near_half(node), farther = far_half(node);
	struct bounds *bounds = &build->tree->bounds[node->first];
	select_place(entries, nearer.first, farther.end, farther.first);
	find_extremes(entries, &nearer, &bounds->near_least, &bounds->near_most);
	find_extremes(entries, &farther, &bounds->far_least, &bounds->far_most);
}

static void write_sheet(struct builder *build, const struct range *leaf)
{
	struct dz_vptree *tree = build->tree;

	if (build->sheet_count == build->sheet_capacity) {
		build->sheet_capacity = build->sheet_capacity ? build->sheet_capacity * 2 : 16;
		tree->sheets = dz_mem_realloc(tree->sheets, build->sheet_capacity, sizeof *tree->sheets);
	}
	struct sheet *sheet = &tree->sheets[build->sheet_count];
	memset(sheet, 0, sizeof *sheet);
	for (uint32_t i = leaf->first; i < leaf->end; i++)
		for (uint32_t k = 0; k < leaf->depth && k < ABOVE; k++)
			sheet->rdists[k][i - leaf->first] = build->above[build->entries[i].member][k];
	if (leaf->first < leaf->end)
		tree->sheet_of[leaf->first] = build->sheet_count;
	build->sheet_count++;
}

static void split_all(struct builder *build)
{
	struct range stack[DEPTH + 2];
	uint32_t used = 0;

	stack[used++] = (struct range){ 0, build->tree->count, 0, 0 };
	while (used) {
		struct range node = stack[--used];
		if (is_leaf(&node)) {
			write_sheet(build, &node);
			continue;
		}
		split(build, &node);
		stack[used++] = far_half(&node);
		stack[used++] = near_half(&node);
	}
}

struct spread {
	double variance;
	uint32_t dimension;
};

static int compare_spreads(const void *left, const void *right)
{
	const struct spread *a = left, *b = right;

	if (a->variance != b->variance)
		return a->variance > b->variance ? -1 : 1;
	return a->dimension < b->dimension ? -1 : a->dimension > b->dimension;
}

/* The coordinates that vary most come first, so that a reduced distance beyond the limit shows early. The mark stays
 * last. */
static void order_dimensions(struct dz_vptree *tree, const uint32_t *members)
{
	const struct dz_points *points = tree->points;
	uint32_t bins = points->dims - 1;
	struct spread *spreads = dz_mem_zalloc(bins, sizeof *spreads);

	for (uint32_t k = 0; k < bins; k++) {
		double sum = 0, squares = 0;
		for (uint32_t i = 0; i < tree->count; i++) {
			double value = dz_points_at(points, member_at(members, i))[k];
			sum += value;
			squares += value * value;
		}
		spreads[k] = (struct spread){ squares - sum * (sum / fmax(tree->count, 1)), k };
	}
	qsort(spreads, bins, sizeof *spreads, compare_spreads);
	for (uint32_t k = 0; k < bins; k++)
		tree->dimensions[k] = spreads[k].dimension;
	tree->dimensions[bins] = bins;
	free(spreads);
}

static void copy_ordered(const struct dz_vptree *tree, const double *point, double *copy)
{
	for (uint32_t k = 0; k < tree->points->dims; k++)
		copy[k] = point[tree->dimensions[k]];
}

static struct dz_vptree *tree_alloc(const struct dz_points *points, uint32_t count)
{
	struct dz_vptree *tree = dz_mem_zalloc(1, sizeof *tree);
	double largest = dz_metric_max(points->metric, &points->axis);

	tree->points = points;
	tree->count = count;
	tree->largest = dz_metric_distance_to_rdist(points->metric, largest);
	tree->order = dz_mem_zalloc(count, sizeof *tree->order);
	tree->coordinates = dz_mem_zalloc((size_t)count * points->dims, sizeof *tree->coordinates);
	tree->dimensions = dz_mem_zalloc(points->dims, sizeof *tree->dimensions);
	tree->bounds = dz_mem_zalloc(count, sizeof *tree->bounds);
	tree->sheet_of = dz_mem_zalloc(count, sizeof *tree->sheet_of);
	return tree;
}

struct dz_vptree *dz_vptree_new(const struct dz_points *points, const uint32_t *members, uint32_t count)
{
	struct dz_vptree *tree = tree_alloc(points, count);
	struct builder build = { .points = points, .members = members, .tree = tree };

	build.entries = dz_mem_zalloc(count, sizeof *build.entries);
	build.above = dz_mem_zalloc(count, sizeof *build.above);
	for (uint32_t i = 0; i < count; i++)
		build.entries[i].member = i;
	split_all(&build);
	order_dimensions(tree, members);
	for (uint32_t i = 0; i < count; i++) {
		tree->order[i] = member_at(members, build.entries[i].member);
		copy_ordered(tree, dz_points_at(points, tree->order[i]), tree->coordinates + (size_t)i * points->dims);
	}
	free(build.entries);
	free(build.above);
	return tree;
}

void dz_vptree_free(struct dz_vptree *tree)
{
	if (!tree)
		return;
	free(tree->order);
	free(tree->coordinates);
	free(tree->dimensions);
	free(tree->bounds);
	free(tree->sheet_of);
	free(tree->tags);
	free(tree->sheets);
	free(tree);
}

/* ---- tags ---- */

static uint32_t tag_node(struct dz_vptree *tree, const uint32_t *tags, const struct range *node)
{
	uint32_t tag = tags[tree->order[node->first]];

	if (is_leaf(node)) {
		for (uint32_t i = node->first + 1; i < node->end; i++)
			if (tags[tree->order[i]] != tag)
				tag = DZ_VPTREE_MIXED;
	} else {
		struct range nearer = near_half(node), farther = far_half(node);
		uint32_t a = tag_node(tree, tags, &nearer), b = tag_node(tree, tags, &farther); /* DEPTH at most */
		if (a != tag || b != tag)
			tag = DZ_VPTREE_MIXED;
	}
	return tree->tags[node->first] = tag;
}

void dz_vptree_tag(struct dz_vptree *tree, const uint32_t *tags)
{
	struct range root = { 0, tree->count, 0, 0 };

	if (!tree->tags)
		tree->tags = dz_mem_zalloc(tree->count, sizeof *tree->tags);
	if (tree->count)
		tag_node(tree, tags, &root);
}

/* ---- searching ---- */

struct search {
	const struct dz_vptree *tree;
	const struct dz_vptree_query *query;
	double *center;     /* owned: the query's, its coordinates in the tree's order */
	double limit;       /* shrinks as the visitor says; negative: stop */
	double path[DEPTH]; /* the center's reduced distances from the vantages above the node at hand */
	uint64_t rdists;
};

static const double *at_place(const struct dz_vptree *tree, uint32_t place)
{
	return tree->coordinates + (size_t)place * tree->points->dims;
}

static bool wanted(const struct search *search, uint32_t place)
{
	const struct dz_vptree_query *query = search->query;

	return !query->want || query->want(query->context, search->tree->order[place]);
}

static void visit(struct search *search, uint32_t place, double rdist)
{
	if (rdist <= search->limit)
		search->limit = search->query->visit(search->query->context, search->tree->order[place], rdist);
}

/* For each member of the leaf, how far it is at least, as the vantages above show. */
static void bound_members(const struct search *search, const struct range *leaf, float bounds[LEAF])
{
	const struct sheet *sheet = &search->tree->sheets[search->tree->sheet_of[leaf->first]];

	memset(bounds, 0, LEAF * sizeof *bounds);
	for (uint32_t k = 0; k < leaf->depth && k < ABOVE; k++) {
		const float *rdists = sheet->rdists[k];
		float rdist = (float)search->path[k];
		for (uint32_t i = 0; i < LEAF; i++) {
			float bound = fabsf(rdist - rdists[i]);
			bounds[i] = bound > bounds[i] ? bound : bounds[i];
		}
	}
}

static void search_leaf(struct search *search, const struct range *leaf)
{
	const struct dz_points *points = search->tree->points;
	double slack = COARSE * search->tree->largest;
	float bounds[LEAF];

	bound_members(search, leaf, bounds);
	for (uint32_t i = leaf->first; i < leaf->end && search->limit >= 0; i++) {
		if ((double)bounds[i - leaf->first] > search->limit + slack || !wanted(search, i))
			continue;
		search->rdists++;
		visit(search, i,
		      dz_metric_rdist_within(points->metric, search->center, at_place(search->tree, i), points->dims,
					     search->limit));
	}
}

static double bound_of(double rdist, double least, double most)
{
	return rdist < least ? least - rdist : rdist > most ? rdist - most : 0;
}

/* Looks at the vantage and gives the halves, the likelier one second: it is taken from the stack first. */
static void search_node(struct search *search, const struct range *node, struct range halves[2])
{
	const struct dz_vptree *tree = search->tree;
	const struct dz_points *points = tree->points;
	const struct bounds *bounds = &tree->bounds[node->first];
	double rdist = dz_metric_rdist(points->metric, search->center, at_place(tree, node->first), points->dims);
	struct range nearer = near_half(node), farther = far_half(node);

	search->rdists++;
	search->path[node->depth] = rdist;
	nearer.bound = fmax(node->bound, bound_of(rdist, bounds->near_least, bounds->near_most));
	farther.bound = fmax(node->bound, bound_of(rdist, bounds->far_least, bounds->far_most));
	bool near_first = rdist < (bounds->near_most + bounds->far_least) / 2;
	halves[0] = near_first ? farther : nearer;
	halves[1] = near_first ? nearer : farther;
	if (rdist <= search->limit && wanted(search, node->first))
		visit(search, node->first, rdist);
}

uint64_t dz_vptree_search(const struct dz_vptree *tree, const struct dz_vptree_query *query)
{
	struct search search = { .tree = tree, .query = query, .limit = query->limit };
	double slack = SLACK * tree->largest;
	struct range stack[DEPTH + 2];
	uint32_t used = 0;

	search.center = dz_mem_zalloc(tree->points->dims, sizeof *search.center);
	copy_ordered(tree, query->center, search.center);
	if (tree->count)
		stack[used++] = (struct range){ 0, tree->count, 0, 0 };
	while (used && search.limit >= 0) {
		struct range node = stack[--used];
		if (node.bound > search.limit + slack)
			continue;
		if (query->pass_over && tree->tags[node.first] != DZ_VPTREE_MIXED &&
		    query->pass_over(query->context, tree->tags[node.first], fmax(node.bound - slack, 0)))
			continue;
		if (is_leaf(&node)) {
			search_leaf(&search, &node);
		} else {
			search_node(&search, &node, &stack[used]);
			used += 2;
		}
	}
	free(search.center);
	return search.rdists;
}
