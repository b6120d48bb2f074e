/* SPDX-License-Identifier: BSD-2-Clause */
/* hdbscan.c - see hdbscan.h: core distances, and the minimum spanning tree of the mutual reachability.
 *
 * The tree is Boruvka's: in each round every component gets its shortest edge to a point outside, and what is joined so
 * is one component in the next.  The nearest point outside is looked up in the vantage-point tree, which passes over
 * its parts that lie in the component altogether.  What is outside shrinks from round to round, so that a point's
 * nearest stays its nearest as long as it is outside, and its reduced distance is a bound for all that come later. */
#include "config.h"
#include "math/hdbscan.h"

#include "base/mem.h"
#include "math/hdbscan_internal.h"
#include "math/vptree.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define REPORT_EVERY 1024u
#define ROUNDS 8u /* of Boruvka, as progress counts them: there are seldom more */

struct near {
	double reach; /* mutual reachability of `point`, or a lower bound of it when that is NONE */
	uint32_t point;
};

struct run {
	const struct dz_points *points;
	const struct dz_hdbscan_options *options;
	struct dz_vptree *tree;
	double *cores;                /* by point */
	uint32_t *parents;            /* by point: union-find */
	uint32_t *component;          /* by point: its root, during one round */
	struct near *nears;           /* by point: the nearest outside of its component */
	struct dz_hdbscan_edge *best; /* by root: the shortest edge out of the component */
	struct dz_hdbscan_edge *edges;
	uint32_t edge_count;
	uint64_t done, reported;
};

static void report(struct run *run, uint64_t steps)
{
	uint64_t todo = (uint64_t)run->points->count * ROUNDS;

	run->done = run->done + steps < todo ? run->done + steps : todo - 1;
	if (run->options->progress && run->done >= run->reported + REPORT_EVERY) {
		run->options->progress(run->options->context, run->done, todo);
		run->reported = run->done;
	}
}

/* ---- core distances ---- */

struct neighbour {
	double rdist;
	uint64_t weight;
};

/* The nearest neighbours so far, nearest first, just enough of them for the weight that is wanted. */
struct around {
	const struct run *run;
	struct neighbour *list; /* owned */
	size_t count, capacity;
	uint64_t weight, wanted;
};

static double take_neighbour(void *context, uint32_t point, double rdist)
{
	struct around *around = context;
	void *block = around->list;
	size_t at = around->count;

	dz_mem_grow(&block, &around->capacity, around->count + 1, sizeof *around->list);
	around->list = block;
	for (; at && around->list[at - 1].rdist > rdist; at--)
		around->list[at] = around->list[at - 1];
	around->list[at] = (struct neighbour){ rdist, around->run->points->weights[point] };
	around->count++;
	around->weight += around->run->points->weights[point];
	/* The farthest goes when the weight is reached without it. */
	while (around->weight - around->list[around->count - 1].weight >= around->wanted)
		around->weight -= around->list[--around->count].weight;
	return around->weight >= around->wanted ? around->list[around->count - 1].rdist : INFINITY;
}

/* With a total weight below min_samples: the reduced distance to the farthest. */
static void find_cores(struct run *run)
{
	struct around around = { .run = run, .wanted = run->options->min_samples };

	for (uint32_t p = 0; p < run->points->count; p++) {
		struct dz_vptree_query query = { .center = dz_points_at(run->points, p),
						 .limit = INFINITY,
						 .context = &around,
						 .visit = take_neighbour };
		around.count = 0;
		around.weight = 0;
		report(run, 1);
		if (run->points->weights[p] >= around.wanted)
			continue; /* its equals are enough: 0 */
		dz_vptree_search(run->tree, &query);
		run->cores[p] = around.list[around.count - 1].rdist;
	}
	free(around.list);
}

/* ---- the spanning tree ---- */

struct outside {
	const struct run *run;
	uint32_t point, component;
	struct near near;
};

static bool is_outside(void *context, uint32_t point)
{
	const struct outside *outside = context;
	return outside->run->component[point] != outside->component;
}

static bool is_inside(void *context, uint32_t tag, double least)
{
	const struct outside *outside = context;

	(void)least;
	return tag == outside->component;
}

static double take_nearer(void *context, uint32_t point, double rdist)
{
	struct outside *outside = context;
	const double *cores = outside->run->cores;
	double reach = fmax(rdist, fmax(cores[outside->point], cores[point]));

	if (reach < outside->near.reach || (reach == outside->near.reach && point < outside->near.point))
		outside->near = (struct near){ reach, point };
	/* Nothing is nearer than its core distance. */
	return outside->near.reach <= cores[outside->point] ? -1 : outside->near.reach;
}

static void offer(struct run *run, uint32_t component, double level, uint32_t a, uint32_t b)
{
	struct dz_hdbscan_edge *best = &run->best[component];

	if (level < best->level)
		*best = (struct dz_hdbscan_edge){ level, a, b };
}

static void offer_near(struct run *run, uint32_t point)
{
	const struct near *near = &run->nears[point];

	offer(run, run->component[point], near->reach, point, near->point);
	offer(run, run->component[near->point], near->reach, point, near->point);
}

/* Looks for the nearest point outside, unless it cannot be nearer than the component's best edge. */
static void look_outside(struct run *run, uint32_t point)
{
	struct near *near = &run->nears[point];
	uint32_t component = run->component[point];
	double limit = run->best[component].level;
	struct outside outside = { run, point, component, { limit, NONE } };
	struct dz_vptree_query query = { .center = dz_points_at(run->points, point),
					 .limit = limit,
					 .context = &outside,
					 .want = is_outside,
					 .pass_over = is_inside,
					 .visit = take_nearer };

	if (fmax(near->reach, run->cores[point]) >= limit)
		return;
	dz_vptree_search(run->tree, &query);
	*near = outside.near;
	if (near->point != NONE)
		offer_near(run, point);
}

/* Takes the components' best edges; returns how many components are left. Two components may have chosen edges of one
 * length that would close a circle: the later one is then not needed. */
static uint32_t join(struct run *run, uint32_t components)
{
	for (uint32_t p = 0; p < run->points->count; p++) {
		const struct dz_hdbscan_edge *best = &run->best[p];
		if (run->component[p] != p)
			continue;
		uint32_t a = dz_hdbscan_root(run->parents, best->a), b = dz_hdbscan_root(run->parents, best->b);
		if (a == b)
			continue;
		run->parents[a > b ? a : b] = a < b ? a : b;
		run->edges[run->edge_count++] = *best;
		components--;
	}
	return components;
}

static void span(struct run *run)
{
	uint32_t count = run->points->count, components = count;

	for (uint32_t p = 0; p < count; p++) {
		run->parents[p] = p;
		run->nears[p] = (struct near){ 0, NONE };
	}
	while (components > 1) {
		for (uint32_t p = 0; p < count; p++) {
			run->component[p] = dz_hdbscan_root(run->parents, p);
			run->best[p] = (struct dz_hdbscan_edge){ INFINITY, p, p };
		}
		dz_vptree_tag(run->tree, run->component);
		for (uint32_t p = 0; p < count; p++)
			if (run->nears[p].point != NONE && run->component[run->nears[p].point] != run->component[p])
				offer_near(run, p);
		for (uint32_t p = 0; p < count; p++) {
			const struct near *near = &run->nears[p];
			report(run, 1);
			if (near->point == NONE || run->component[near->point] == run->component[p])
				look_outside(run, p);
		}
		components = join(run, components);
	}
}

uint32_t dz_hdbscan_run(const struct dz_points *points, const struct dz_hdbscan_options *options, int32_t *labels)
{
	struct run run = { .points = points, .options = options };
	uint32_t count = points->count, clusters;

	if (count < 2) {
		for (uint32_t p = 0; p < count; p++)
			labels[p] = points->weights[p] >= options->min_cluster_size ? 0 : DZ_HDBSCAN_NOISE;
		return count && labels[0] == 0;
	}
	run.tree = dz_vptree_new(points, NULL, count);
	run.cores = dz_mem_zalloc(count, sizeof *run.cores);
	run.parents = dz_mem_zalloc(count, sizeof *run.parents);
	run.component = dz_mem_zalloc(count, sizeof *run.component);
	run.nears = dz_mem_zalloc(count, sizeof *run.nears);
	run.best = dz_mem_zalloc(count, sizeof *run.best);
	run.edges = dz_mem_zalloc(count - (size_t)1, sizeof *run.edges);
	find_cores(&run);
	span(&run);
	dz_vptree_free(run.tree);
	free(run.parents);
	free(run.component);
	free(run.nears);
	free(run.best);
	clusters = dz_hdbscan_label(points, run.edges, run.cores, options->min_cluster_size, labels);
	free(run.cores);
	free(run.edges);
	if (options->progress)
		options->progress(options->context, 1, 1);
	return clusters;
}
