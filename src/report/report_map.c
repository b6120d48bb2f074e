/* SPDX-License-Identifier: BSD-2-Clause */
/* report_map.c - which clusters are near to each other: their dendrogram, and a map of them and of a sample of flows.
 */
#include "config.h"
#include "report/report_data.h"

#include "base/mem.h"
#include "math/linkage.h"
#include "math/rng.h"
#include "math/scaling.h"
#include <stdlib.h>

enum { MAX_TREE = 60, MAX_POINTS = 180 };

static size_t shown_clusters(const struct dz_report *report)
{
	return report->clustering->count < MAX_TREE ? report->clustering->count : MAX_TREE;
}

/* The mean of a cluster in the direction that is compared: by its place in report->clusters. */
static const double *mean_of(const struct dz_report *report, size_t place)
{
	return report->clustering->clusters[report->clusters[place].number].mean;
}

/* ---- the sample ---- */

static bool is_there(const struct report_map *map, const struct dz_report *report, const struct report_flow *flow,
		     size_t *place)
{
	for (*place = 0; *place < map->flow_count; (*place)++) {
		const struct report_flow *other = &report->flows[map->flows[*place].flow];
		if (other->vector == flow->vector && other->group == flow->group)
			return true;
	}
	return false;
}

/* Draws flows without looking at their shapes, until there are points enough: flows of one group and shape are one
 * point. */
static void draw(struct dz_report *report, size_t most)
{
	uint32_t *flows = dz_mem_zalloc(report->flow_count, sizeof *flows);
	struct report_map *map = &report->map;
	struct dz_rng rng;
	size_t count = 0;

	dz_rng_init(&rng, report->options.seed);
	for (size_t i = 0; i < report->flow_count; i++)
		if (dz_report_is_clustered(report, &report->flows[i]))
			flows[count++] = (uint32_t)i;
	map->flows = dz_mem_zalloc(most, sizeof *map->flows);
	for (size_t i = 0; i < count && map->flow_count < most && i < 8 * most; i++) {
		size_t other = i + (size_t)dz_rng_below(&rng, count - i), place;
		uint32_t swap = flows[i];
		flows[i] = flows[other];
		flows[other] = swap;
		if (!is_there(map, report, &report->flows[flows[i]], &place))
			map->flows[map->flow_count++].flow = flows[i];
		map->flows[place].drawn++;
		map->drawn++;
	}
	free(flows);
}

/* ---- the picture ---- */

/* Given to the caller: the vectors of the clusters, then of the flows. */
static double *collect(const struct dz_report *report, size_t clusters)
{
	uint32_t size = dz_axis_size(dz_groups_axis(report->groups));
	double *vectors = dz_mem_zalloc(clusters + report->map.flow_count, size * sizeof *vectors);

	for (size_t i = 0; i < clusters; i++)
		memcpy(vectors + i * size, mean_of(report, i), size * sizeof *vectors);
	for (size_t i = 0; i < report->map.flow_count; i++)
		dz_vectors_get(dz_groups_vectors(report->groups), report->flows[report->map.flows[i].flow].vector,
			       vectors + (clusters + i) * size);
	return vectors;
}

/* All distances between `count` vectors; given to the caller. */
static double *distances_of(const struct dz_report *report, const double *vectors, size_t count)
{
	const struct dz_axis *axis = dz_groups_axis(report->groups);
	size_t size = dz_axis_size(axis);
	double *distances = dz_mem_zalloc(count * count, sizeof *distances);

	for (size_t a = 0; a < count; a++)
		for (size_t b = 0; b < a; b++)
			distances[a * count + b] = distances[b * count + a] =
				dz_distance(report->options.metric, vectors + a * size, vectors + b * size, axis);
	return distances;
}

static void draw_map(struct dz_report *report, const double *vectors, size_t clusters)
{
	struct report_map *map = &report->map;
	size_t count = clusters + map->flow_count;
	double *distances = distances_of(report, vectors, count);

	map->places = dz_mem_zalloc(count, 2 * sizeof *map->places);
	map->share = dz_scaling_plane(distances, count, map->places);
	free(distances);
}

static void draw_tree(struct dz_report *report, const double *vectors, size_t clusters)
{
	double *distances = distances_of(report, vectors, clusters);

	report->map.steps = dz_mem_zalloc(clusters, sizeof *report->map.steps);
	dz_linkage(distances, clusters, report->map.steps);
	free(distances);
}

void dz_report_map(struct dz_report *report)
{
	size_t clusters;
	double *vectors;

	if (!report->clustering)
		return;
	clusters = shown_clusters(report);
	draw(report, MAX_POINTS - clusters);
	vectors = collect(report, clusters);
	draw_map(report, vectors, clusters);
	draw_tree(report, vectors, clusters);
	free(vectors);
}

void dz_report_map_release(struct report_map *map)
{
	free(map->flows);
	free(map->places);
	free(map->steps);
}

/* ---- as JSON ---- */

static struct json_object *point(const double *place)
{
	struct json_object *object = dz_json_build_object();

	dz_json_build_add(object, "x", dz_report_rounded(place[0]));
	dz_json_build_add(object, "y", dz_report_rounded(place[1]));
	return object;
}

/* Clusters are told by their place in the list of clusters. */
static void put_points(const struct dz_report *report, struct json_object *object)
{
	const struct report_map *map = &report->map;
	struct json_object *clusters = dz_report_list(object, "clusters"), *flows = dz_report_list(object, "flows");
	size_t count = shown_clusters(report);

	for (size_t i = 0; i < count; i++)
		dz_json_build_append(clusters, point(map->places + 2 * i));
	for (size_t i = 0; i < map->flow_count; i++) {
		const struct report_flow *flow = &report->flows[map->flows[i].flow];
		struct json_object *object_of_flow = point(map->places + 2 * (count + i));
		int32_t item = report->sums[flow->group].item;
		if (item >= 0)
			dz_json_build_add(object_of_flow, "group", dz_json_build_int(item));
		dz_json_build_add(object_of_flow, "cluster",
				  dz_json_build_int(report->clustering->places[flow->vector].cluster));
		dz_json_build_put(object_of_flow, "drawn", map->flows[i].drawn);
		dz_json_build_append(flows, object_of_flow);
	}
}

void dz_report_put_map(const struct report_data *data, struct json_object *root)
{
	const struct dz_report *report = data->report;
	struct json_object *object, *tree;
	size_t clusters;

	if (!report->clustering)
		return;
	clusters = shown_clusters(report);
	object = dz_json_build_child(root, "map");
	dz_json_build_add(object, "share", dz_report_rounded(report->map.share));
	dz_json_build_put(object, "drawn", report->map.drawn);
	put_points(report, object);
	tree = dz_report_list(object, "tree"); /* steps: a, b, height, as in linkage.h */
	for (size_t i = 0; i + 1 < clusters; i++) {
		dz_json_build_append(tree, dz_json_build_uint(report->map.steps[i].a));
		dz_json_build_append(tree, dz_json_build_uint(report->map.steps[i].b));
		dz_json_build_append(tree, dz_report_rounded(report->map.steps[i].height));
	}
}
