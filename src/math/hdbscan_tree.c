/* SPDX-License-Identifier: BSD-2-Clause */
/* hdbscan_tree.c - see hdbscan.h: from the minimum spanning tree to clusters.
 *
 * Nodes 0..count-1 are the points, node count+i joins two nodes by the i-th shortest edge.  A node's components are
 * found by going down through all nodes of its level at once. */
#include "config.h"
#include "math/hdbscan_internal.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME_LEVEL (1 - 1e-12)

struct node {
	uint32_t left, right;
	double level;
	uint64_t weight;
};

struct cluster {
	uint32_t parent;               /* the whole is its own */
	uint32_t top;                  /* the node that it began as */
	double birth, stability, best; /* best: of it, or of what is chosen below it */
	bool chosen;
};

struct hierarchy {
	const struct dz_points *points;
	const double *cores;
	uint64_t min_size;
	uint32_t count; /* points */
	struct node *nodes;
	struct cluster *clusters; /* a cluster's children come after it */
	size_t cluster_count, cluster_capacity;
	uint32_t *left_in; /* by point: the cluster that it was in last */
	uint32_t *stack;   /* of nodes: shared, each user pops what it pushed */
	size_t stack_size, stack_capacity;
};

static void push(struct hierarchy *tree, uint32_t node)
{
	void *block = tree->stack;

	dz_mem_grow(&block, &tree->stack_capacity, tree->stack_size + 1, sizeof *tree->stack);
	tree->stack = block;
	tree->stack[tree->stack_size++] = node;
}

static int compare_edges(const void *left, const void *right)
{
	const struct dz_hdbscan_edge *a = left, *b = right;

	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	return a->a != b->a ? (a->a < b->a ? -1 : 1) : (a->b > b->b) - (a->b < b->b);
}

static void make_nodes(struct hierarchy *tree, struct dz_hdbscan_edge *edges)
{
	uint32_t count = tree->count, nodes = 2 * count - 1;
	uint32_t *parents = dz_mem_zalloc(nodes, sizeof *parents);

	qsort(edges, count - 1, sizeof *edges, compare_edges);
	for (uint32_t i = 0; i < nodes; i++) {
		parents[i] = i;
		if (i < count)
			tree->nodes[i].weight = tree->points->weights[i];
	}
	for (uint32_t i = 0; i + 1 < count; i++) {
		struct node *node = &tree->nodes[count + i];
		node->left = dz_hdbscan_root(parents, edges[i].a);
		node->right = dz_hdbscan_root(parents, edges[i].b);
		node->level = edges[i].level;
		node->weight = tree->nodes[node->left].weight + tree->nodes[node->right].weight;
		parents[node->left] = parents[node->right] = count + i;
	}
	free(parents);
}

static double density(double level)
{
	return level > 0 ? 1 / level : INFINITY;
}

/* All points below the node leave the cluster, at that density. */
static void drop(struct hierarchy *tree, uint32_t node, uint32_t cluster, double at)
{
	size_t base = tree->stack_size;

	tree->clusters[cluster].stability += (double)tree->nodes[node].weight * (at - tree->clusters[cluster].birth);
	push(tree, node);
	while (tree->stack_size > base) {
		uint32_t next = tree->stack[--tree->stack_size];
		if (next < tree->count) {
			tree->left_in[next] = cluster;
			continue;
		}
		push(tree, tree->nodes[next].left);
		push(tree, tree->nodes[next].right);
	}
}

static void begin_cluster(struct hierarchy *tree, uint32_t parent, uint32_t top, double birth)
{
	void *block = tree->clusters;

	dz_mem_grow(&block, &tree->cluster_capacity, tree->cluster_count + 1, sizeof *tree->clusters);
	tree->clusters = block;
	tree->clusters[tree->cluster_count++] = (struct cluster){ .parent = parent, .top = top, .birth = birth };
}

/* Pushes the components that the node falls into at its level. */
static void push_components(struct hierarchy *tree, uint32_t node)
{
	double level = tree->nodes[node].level;
	uint32_t halves[2];
	size_t first = tree->stack_size, next = first;

	push(tree, node);
	while (next < tree->stack_size) {
		uint32_t at = tree->stack[next];
		if (at < tree->count || tree->nodes[at].level < level * SAME_LEVEL) {
			next++;
			continue;
		}
		halves[0] = tree->nodes[at].left;
		halves[1] = tree->nodes[at].right;
		tree->stack[next] = halves[0];
		push(tree, halves[1]);
	}
}

/* Whether what is left of a component below that level is heavy enough: equals of one point part at its core reduced
 * distance. */
static bool is_heavy(const struct hierarchy *tree, uint32_t node, double level)
{
	return tree->nodes[node].weight >= tree->min_size &&
	       (node >= tree->count || tree->cores[node] < level * SAME_LEVEL);
}

/* Follows a cluster from its beginning to its end. */
static void follow(struct hierarchy *tree, uint32_t cluster)
{
	uint32_t node = tree->clusters[cluster].top;

	for (;;) {
		double at;
		size_t base = tree->stack_size;
		uint32_t heavy = 0, last = 0;
		if (node < tree->count) { /* equals of one point */
			drop(tree, node, cluster, density(tree->cores[node]));
			return;
		}
		at = density(tree->nodes[node].level);
		push_components(tree, node);
		for (size_t i = base; i < tree->stack_size; i++) {
			if (is_heavy(tree, tree->stack[i], tree->nodes[node].level)) {
				last = tree->stack[i];
				heavy++;
			}
		}
		for (size_t i = base; i < tree->stack_size; i++) {
			uint32_t part = tree->stack[i];
			if (!is_heavy(tree, part, tree->nodes[node].level)) {
				drop(tree, part, cluster, at);
			} else if (heavy > 1) {
				tree->clusters[cluster].stability +=
					(double)tree->nodes[part].weight * (at - tree->clusters[cluster].birth);
				begin_cluster(tree, cluster, part, at);
			}
		}
		tree->stack_size = base;
		if (heavy != 1)
			return;
		node = last;
	}
}

/* Children come after their parents: from the last to the first, what is below is known. */
static void choose(struct hierarchy *tree)
{
	for (size_t c = tree->cluster_count - 1; c > 0; c--) {
		struct cluster *cluster = &tree->clusters[c];
		cluster->chosen = cluster->best <= cluster->stability;
		cluster->best = fmax(cluster->best, cluster->stability);
		tree->clusters[cluster->parent].best += cluster->best;
	}
}

static void write_labels(const struct hierarchy *tree, const uint32_t *chosen, int32_t *labels, uint32_t *clusters)
{
	int32_t *numbers = dz_mem_zalloc(tree->cluster_count, sizeof *numbers);

	*clusters = 0;
	for (uint32_t p = 0; p < tree->count; p++) {
		uint32_t cluster = chosen[tree->left_in[p]];
		labels[p] = DZ_HDBSCAN_NOISE;
		if (!cluster)
			continue;
		if (!numbers[cluster])
			numbers[cluster] = (int32_t)++ * clusters;
		labels[p] = numbers[cluster] - 1;
	}
	free(numbers);
}

uint32_t dz_hdbscan_label(const struct dz_points *points, struct dz_hdbscan_edge *edges, const double *cores,
			  uint64_t min_cluster_size, int32_t *labels)
{
	struct hierarchy tree = {
		.points = points, .cores = cores, .min_size = min_cluster_size, .count = points->count
	};
	uint32_t clusters, *chosen;

	tree.nodes = dz_mem_zalloc(2 * (size_t)tree.count, sizeof *tree.nodes);
	tree.left_in = dz_mem_zalloc(tree.count, sizeof *tree.left_in);
	make_nodes(&tree, edges);
	begin_cluster(&tree, 0, 2 * tree.count - 2, 0);
	for (uint32_t c = 0; c < tree.cluster_count; c++)
		follow(&tree, c);
	choose(&tree);
	/* By cluster: the chosen one that it lies in, 0 for none: the highest one wins. */
	chosen = dz_mem_zalloc(tree.cluster_count, sizeof *chosen);
	for (uint32_t c = 1; c < tree.cluster_count; c++)
		chosen[c] = chosen[tree.clusters[c].parent] ? chosen[tree.clusters[c].parent]
			    : tree.clusters[c].chosen       ? c
							    : 0;
	write_labels(&tree, chosen, labels, &clusters);
	free(chosen);
	free(tree.nodes);
	free(tree.clusters);
	free(tree.left_in);
	free(tree.stack);
	return clusters;
}
