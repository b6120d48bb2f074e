/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster_json.c - clusters, and flows with their places, as JSON. docs/STATISTICS.md lists the fields. */
#include "config.h"
#include "render/render.h"

#include "base/mem.h"
#include "base/text.h"
#include "render/ends.h"
#include "record/json_build.h"
#include <math.h>
#include <stdlib.h>

/* Of each cluster, and of what is noise: given. */
static struct json_object **labels_json(const struct dz_clustering *clustering)
{
	struct json_object **labels = dz_mem_zalloc(clustering->count + 1, sizeof *labels);

	for (uint32_t c = 0; c <= clustering->count; c++)
		labels[c] = dz_json_build_object();
	for (uint32_t i = 0; i < dz_contingency_cells(clustering->all); i++) {
		uint32_t g, c;
		uint64_t flows = dz_contingency_cell(clustering->all, i, &g, &c);
		struct json_object *name = dz_json_build_text(dz_groups_at(clustering->groups, g)->name);
		dz_json_build_add(labels[c], json_object_get_string(name), dz_json_build_uint(flows));
		json_object_put(name);
	}
	return labels;
}

static struct json_object *cluster_json(const struct dz_clustering *clustering, uint32_t number,
					struct json_object *labels)
{
	const struct dz_cluster *cluster = &clustering->clusters[number];
	struct json_object *object = dz_json_build_object();

	if (cluster->mean)
		dz_json_build_add(object, "cluster", dz_json_build_uint(number));
	dz_json_build_add(object, "flows", dz_json_build_uint(cluster->flows));
	dz_json_build_add(object, "distinct", dz_json_build_uint(cluster->distinct));
	if (!isnan(cluster->mean_distance)) {
		dz_json_build_add(object, "mean_distance", dz_json_build_real(cluster->mean_distance));
		dz_json_build_add(object, "max_distance", dz_json_build_real(cluster->max_distance));
	}
	dz_json_build_add(object, "labels", labels);
	if (cluster->mean) {
		dz_json_build_add(object, "entropy", dz_json_build_real(cluster->entropy));
		dz_json_build_add(object, "mean", dz_json_build_reals(cluster->mean, dz_axis_size(&clustering->axis)));
	}
	return object;
}

static struct json_object *agreement_json(const struct dz_contingency *table)
{
	struct json_object *object = dz_json_build_object();

	dz_json_build_add(object, "flows", dz_json_build_uint(dz_contingency_total(table)));
	dz_json_build_add(object, "most_frequent", dz_json_build_real(dz_contingency_most_frequent(table)));
	if (dz_contingency_can_agree(table)) {
		dz_json_build_add(object, "purity", dz_json_build_real(dz_contingency_purity(table)));
		dz_json_build_add(object, "adjusted_rand", dz_json_build_real(dz_contingency_rand(table)));
	}
	return object;
}

void dz_clustering_json(const struct dz_clustering *clustering, struct dz_strbuf *out)
{
	struct json_object *object = dz_json_build_object(), *clusters = dz_json_build_array();
	struct json_object **labels = labels_json(clustering);

	dz_json_build_add(object, "format", dz_json_build_word("distribooze-clusters"));
	dz_json_build_add(object, "version", dz_json_build_int(2));
	dz_json_build_shape(object, &clustering->shape);
	dz_json_build_add(object, "by", dz_json_build_word(dz_groups_by_text(clustering->groups)));
	dz_json_build_add(object, "direction",
			  dz_json_build_word(dz_direction_names[dz_groups_direction(clustering->groups)]));
	dz_json_build_add(object, "metric", dz_json_build_word(dz_metric_name(clustering->options.metric)));
	dz_json_build_add(object, "method", dz_json_build_word(clustering->auto_eps ? "hdbscan" : "dbscan"));
	if (clustering->auto_eps)
		dz_json_build_add(object, "min_cluster_size", dz_json_build_uint(clustering->options.min_cluster_size));
	else
		dz_json_build_add(object, "eps", dz_json_build_real(clustering->options.eps));
	dz_json_build_add(object, "min_samples", dz_json_build_uint(clustering->options.min_samples));
	dz_json_build_add(object, "flows", dz_json_build_uint(clustering->flows));
	dz_json_build_add(object, "empty_flows", dz_json_build_uint(clustering->empty));
	for (uint32_t c = 0; c < clustering->count; c++)
		dz_json_build_append(clusters, cluster_json(clustering, c, labels[c]));
	dz_json_build_add(object, "clusters", clusters);
	dz_json_build_add(object, "noise", cluster_json(clustering, clustering->count, labels[clustering->count]));
	if (clustering->has_silhouette) {
		dz_json_build_add(object, "silhouette", dz_json_build_real(clustering->silhouette));
		dz_json_build_add(object, "silhouette_sampled", dz_json_build_bool(clustering->silhouette_sampled));
	}
	dz_json_build_add(object, "agreement", agreement_json(clustering->all));
	dz_json_build_add(object, "agreement_without_noise", agreement_json(clustering->kept));
	free(labels);
	dz_json_build_finish(object, out);
}

/* ---- flows ---- */

static struct json_object *place_json(const struct dz_cluster_place *place)
{
	struct json_object *object = dz_json_build_object();
	bool noise = place->cluster == DZ_DBSCAN_NOISE;

	if (!noise)
		dz_json_build_add(object, "number", dz_json_build_int(place->cluster));
	dz_json_build_add(object, "noise", dz_json_build_bool(noise));
	if (noise && place->nearest >= 0)
		dz_json_build_add(object, "nearest", dz_json_build_int(place->nearest));
	if (place->nearest >= 0)
		dz_json_build_add(object, "distance", dz_json_build_real(place->distance));
	return object;
}

bool dz_clustering_line(const struct dz_clustering *clustering, uint32_t vector, const char *line, size_t size,
			struct dz_strbuf *out, struct dz_err *err)
{
	struct dz_strbuf value;
	bool empty = dz_vectors_is_empty(dz_groups_vectors(clustering->groups), vector), done;

	dz_strbuf_init(&value);
	if (!empty) {
		dz_json_build_finish(place_json(&clustering->places[vector]), &value);
		value.data[--value.size] = '\0';
	}
	done = dz_line_set(line, size, "cluster", empty ? NULL : value.data, out, err);
	dz_strbuf_release(&value);
	return done;
}
