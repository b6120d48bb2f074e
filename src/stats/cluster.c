/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster.c - see cluster.h. Equal distributions are one point, whatever their number and their labels. */
#include "config.h"
#include "stats/cluster.h"

#include "base/mem.h"
#include "math/rng.h"
#include "math/silhouette.h"
#include "math/summary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many flows have each distribution. Given to the caller. */
static uint64_t *weigh(const struct dz_clustering *clustering, uint32_t vectors)
{
	uint64_t *weights = dz_mem_zalloc(vectors, sizeof *weights);

	for (size_t g = 0; g < dz_groups_count(clustering->groups); g++) {
		const struct dz_group *group = dz_groups_at(clustering->groups, g);
		for (size_t m = 0; m < group->member_count; m++)
			weights[group->members[m].vector] += group->members[m].flows;
	}
	return weights;
}

/* ---- a sample ---- */

struct lot {
	double key;
	uint32_t vector;
};

static int by_key(const void *a, const void *b)
{
	const struct lot *x = a, *y = b;
	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	return (x->vector > y->vector) - (x->vector < y->vector);
}

/* Leaves a weight to options.most distributions only, drawn one after the other, each as probable as it has flows:
 * those with the largest log(u) / weight, u even in 0..1 (Efraimidis and Spirakis, 2006). */
static void draw(struct dz_clustering *clustering, uint64_t *weights, uint32_t vectors)
{
	struct lot *lots = dz_mem_zalloc(vectors, sizeof *lots);
	struct dz_rng rng;

	dz_rng_init(&rng, clustering->options.seed);
	for (uint32_t v = 0; v < vectors; v++) {
		if (!weights[v])
			continue;
		lots[clustering->distinct++] = (struct lot){ log(1 - dz_rng_unit(&rng)) / (double)weights[v], v };
	}
	clustering->seen = clustering->distinct;
	if (clustering->options.most && clustering->seen > clustering->options.most) {
		clustering->seen = clustering->options.most;
		qsort(lots, clustering->distinct, sizeof *lots, by_key);
	}
	for (uint32_t i = clustering->seen; i < clustering->distinct; i++) {
		clustering->unseen += weights[lots[i].vector];
		weights[lots[i].vector] = 0;
		clustering->places[lots[i].vector].cluster = DZ_CLUSTER_UNSEEN;
	}
	free(lots);
}

/* Labels by point. */
static void find_clusters(struct dz_clustering *clustering, struct dz_dbscan *db, int32_t *labels)
{
	const struct dz_cluster_options *options = &clustering->options;
	struct dz_dbscan_result result;

	if (clustering->auto_eps) {
		clustering->count =
			dz_hdbscan_run(dz_dbscan_set(db),
				       &(struct dz_hdbscan_options){ .min_cluster_size = options->min_cluster_size,
								     .min_samples = options->min_samples,
								     .progress = options->progress,
								     .context = options->context },
				       labels);
		return;
	}
	dz_dbscan_run(db,
		      &(struct dz_dbscan_options){ .eps = options->eps,
						   .min_samples = options->min_samples,
						   .progress = options->progress,
						   .context = options->context },
		      labels, NULL, &result);
	clustering->count = result.clusters;
}

static void run(struct dz_clustering *clustering, const uint64_t *weights, uint32_t vectors)
{
	struct dz_dbscan *db = dz_dbscan_new(clustering->options.metric, &clustering->axis);
	uint32_t *points = dz_mem_zalloc(vectors, sizeof *points);
	double *vector = dz_mem_zalloc(dz_axis_size(&clustering->axis), sizeof *vector);
	int32_t *labels;

	for (uint32_t v = 0; v < vectors; v++) {
		if (!weights[v])
			continue;
		dz_vectors_get(dz_groups_vectors(clustering->groups), v, vector);
		points[v] = dz_dbscan_add(db, vector, weights[v]);
	}
	labels = dz_mem_zalloc(dz_dbscan_points(db), sizeof *labels);
	find_clusters(clustering, db, labels);
	clustering->has_silhouette = dz_silhouette(dz_dbscan_set(db), labels, clustering->count,
						   &clustering->silhouette, &clustering->silhouette_sampled);
	for (uint32_t v = 0; v < vectors; v++)
		if (clustering->places[v].cluster != DZ_CLUSTER_UNSEEN)
			clustering->places[v].cluster = weights[v] ? labels[points[v]] : DZ_DBSCAN_NOISE;
	dz_dbscan_free(db);
	free(points);
	free(vector);
	free(labels);
}

static struct dz_cluster *cluster_of(const struct dz_clustering *clustering, uint32_t vector)
{
	int32_t cluster = clustering->places[vector].cluster;
	return &clustering->clusters[cluster == DZ_DBSCAN_NOISE ? clustering->count : (uint32_t)cluster];
}

static void find_means(struct dz_clustering *clustering, const uint64_t *weights, uint32_t vectors)
{
	uint32_t bins = dz_axis_size(&clustering->axis);
	double *vector = dz_mem_zalloc(bins, sizeof *vector);

	for (uint32_t c = 0; c < clustering->count; c++)
		clustering->clusters[c].mean = dz_mem_zalloc(bins, sizeof *vector);
	for (uint32_t v = 0; v < vectors; v++) {
		struct dz_cluster *cluster;
		if (!weights[v])
			continue;
		cluster = cluster_of(clustering, v);
		cluster->flows += weights[v];
		cluster->distinct++;
		if (!cluster->mean)
			continue;
		dz_vectors_get(dz_groups_vectors(clustering->groups), v, vector);
		for (uint32_t k = 0; k < bins; k++)
			cluster->mean[k] += vector[k] * (double)weights[v];
	}
	for (uint32_t c = 0; c < clustering->count; c++) {
		for (uint32_t k = 0; k < bins; k++)
			clustering->clusters[c].mean[k] /= (double)clustering->clusters[c].flows;
		clustering->clusters[c].entropy = dz_summary_entropy(clustering->clusters[c].mean, bins);
	}
	free(vector);
}

/* The distance of a distribution to the mean of its cluster; noise is told the nearest one. */
static void find_place(const struct dz_clustering *clustering, const double *vector, struct dz_cluster_place *place)
{
	double least = INFINITY;

	place->nearest = -1;
	for (uint32_t c = 0; c < clustering->count; c++) {
		double distance;
		if (place->cluster != DZ_DBSCAN_NOISE && c != (uint32_t)place->cluster)
			continue;
		distance = dz_distance(clustering->options.metric, vector, clustering->clusters[c].mean,
				       &clustering->axis);
		if (distance < least) {
			least = distance;
			place->nearest = (int32_t)c;
		}
	}
	place->distance = place->nearest < 0 ? 0 : least;
}

static void find_places(struct dz_clustering *clustering, const uint64_t *weights, uint32_t vectors)
{
	double *vector = dz_mem_zalloc(dz_axis_size(&clustering->axis), sizeof *vector);

	for (uint32_t v = 0; v < vectors; v++) {
		struct dz_cluster_place *place = &clustering->places[v];
		struct dz_cluster *cluster;
		if (!weights[v]) {
			place->nearest = -1;
			continue;
		}
		cluster = cluster_of(clustering, v);
		dz_vectors_get(dz_groups_vectors(clustering->groups), v, vector);
		find_place(clustering, vector, place);
		cluster->mean_distance += place->distance * (double)weights[v];
		cluster->max_distance = fmax(cluster->max_distance, place->distance);
	}
	for (uint32_t c = 0; c <= clustering->count; c++)
		if (clustering->clusters[c].flows)
			clustering->clusters[c].mean_distance /= (double)clustering->clusters[c].flows;
	if (!clustering->count)
		clustering->clusters[0].mean_distance = clustering->clusters[0].max_distance = NAN;
	free(vector);
}

static uint32_t column_of(const struct dz_clustering *clustering, const struct dz_group_member *member)
{
	int32_t cluster = clustering->places[member->vector].cluster;

	return cluster == DZ_DBSCAN_NOISE ? clustering->count : (uint32_t)cluster;
}

static void count_group(struct dz_clustering *clustering, uint32_t g)
{
	const struct dz_group *group = dz_groups_at(clustering->groups, g);

	for (size_t m = 0; m < group->member_count; m++) {
		const struct dz_group_member *member = &group->members[m];
		if (clustering->places[member->vector].cluster == DZ_CLUSTER_UNSEEN)
			continue;
		uint32_t column = column_of(clustering, member);
		dz_contingency_add(clustering->all, g, column, member->flows);
		if (column < clustering->count)
			dz_contingency_add(clustering->kept, g, column, member->flows);
	}
}

/* The label that most of a cluster's flows have, of several the first: looked for where the group has flows, as there
 * may be as many groups as flows, and a share of as many clusters. */
static void note_labels(struct dz_clustering *clustering, uint32_t g)
{
	const struct dz_group *group = dz_groups_at(clustering->groups, g);

	for (size_t m = 0; m < group->member_count; m++) {
		if (clustering->places[group->members[m].vector].cluster == DZ_CLUSTER_UNSEEN)
			continue;
		uint32_t column = column_of(clustering, &group->members[m]);
		uint64_t flows = dz_contingency_at(clustering->all, g, column);
		if (flows > clustering->clusters[column].label_flows) {
			clustering->clusters[column].label = g;
			clustering->clusters[column].label_flows = flows;
		}
	}
}

static void count_labels(struct dz_clustering *clustering)
{
	uint32_t groups = (uint32_t)dz_groups_count(clustering->groups), count = clustering->count;

	clustering->all = dz_contingency_new(groups, count + 1);
	clustering->kept = dz_contingency_new(groups, count + 1);
	for (uint32_t g = 0; g < groups; g++) {
		clustering->empty += dz_groups_at(clustering->groups, g)->empty;
		clustering->flows += dz_group_shaped(dz_groups_at(clustering->groups, g));
		count_group(clustering, g);
		note_labels(clustering, g);
	}
	clustering->flows -= clustering->unseen;
}

struct dz_clustering *dz_clustering_new(const struct dz_groups *groups, const struct dz_cluster_options *options)
{
	struct dz_clustering *clustering = dz_mem_zalloc(1, sizeof *clustering);
	uint32_t vectors = dz_vectors_count(dz_groups_vectors(groups));
	uint64_t *weights;

	clustering->options = *options;
	clustering->auto_eps = options->eps < 0;
	clustering->groups = groups;
	clustering->shape = *dz_groups_shape(groups);
	clustering->axis = *dz_groups_axis(groups);
	clustering->places = dz_mem_zalloc(vectors, sizeof *clustering->places);
	weights = weigh(clustering, vectors);
	draw(clustering, weights, vectors);
	run(clustering, weights, vectors);
	clustering->clusters = dz_mem_zalloc(clustering->count + (size_t)1, sizeof *clustering->clusters);
	find_means(clustering, weights, vectors);
	find_places(clustering, weights, vectors);
	count_labels(clustering);
	free(weights);
	return clustering;
}

void dz_clustering_free(struct dz_clustering *clustering)
{
	if (!clustering)
		return;
	for (uint32_t c = 0; c < clustering->count; c++)
		free(clustering->clusters[c].mean);
	free(clustering->clusters);
	free(clustering->places);
	dz_contingency_free(clustering->all);
	dz_contingency_free(clustering->kept);
	free(clustering);
}
