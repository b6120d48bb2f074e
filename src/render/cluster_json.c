/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster_json.c - clusters, and flows with their places, as JSON. docs/STATISTICS.md lists the fields. */
#include "config.h"
#include "render/render.h"

#include "base/text.h"
#include "render/ends.h"
#include "record/json_build.h"

static struct json_object *labels_json(const struct dz_clustering *clustering, uint32_t cluster)
{
	struct json_object *object = json_object_new_object();

	for (uint32_t g = 0; g < dz_contingency_rows(clustering->all); g++) {
		uint64_t flows = dz_contingency_at(clustering->all, g, cluster);
		struct json_object *name = dz_json_build_text(dz_groups_at(clustering->groups, g)->name);
		if (flows)
			json_object_object_add(object, json_object_get_string(name), dz_json_build_uint(flows));
		json_object_put(name);
	}
	return object;
}

static struct json_object *cluster_json(const struct dz_clustering *clustering, uint32_t number)
{
	const struct dz_cluster *cluster = &clustering->clusters[number];
	struct json_object *object = json_object_new_object();

	if (cluster->mean)
		json_object_object_add(object, "cluster", dz_json_build_uint(number));
	json_object_object_add(object, "flows", dz_json_build_uint(cluster->flows));
	json_object_object_add(object, "distinct", dz_json_build_uint(cluster->distinct));
	json_object_object_add(object, "mean_distance", dz_json_build_real(cluster->mean_distance));
	json_object_object_add(object, "max_distance", dz_json_build_real(cluster->max_distance));
	json_object_object_add(object, "labels", labels_json(clustering, number));
	if (cluster->mean) {
		json_object_object_add(object, "entropy", dz_json_build_real(cluster->entropy));
		json_object_object_add(object, "mean",
				       dz_json_build_reals(cluster->mean, dz_axis_size(&clustering->axis)));
	}
	return object;
}

static struct json_object *agreement_json(const struct dz_contingency *table)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "flows", dz_json_build_uint(dz_contingency_total(table)));
	json_object_object_add(object, "purity", dz_json_build_real(dz_contingency_purity(table)));
	json_object_object_add(object, "adjusted_rand", dz_json_build_real(dz_contingency_rand(table)));
	return object;
}

void dz_clustering_json(const struct dz_clustering *clustering, struct dz_strbuf *out)
{
	struct json_object *object = json_object_new_object(), *clusters = json_object_new_array();

	json_object_object_add(object, "format", json_object_new_string("distribooze-clusters"));
	json_object_object_add(object, "version", json_object_new_int(2));
	dz_json_build_shape(object, &clustering->shape);
	json_object_object_add(object, "by",
			       json_object_new_string(dz_group_by_names[dz_groups_by(clustering->groups)]));
	json_object_object_add(object, "direction",
			       json_object_new_string(dz_direction_names[dz_groups_direction(clustering->groups)]));
	json_object_object_add(object, "metric", json_object_new_string(dz_metric_name(clustering->options.metric)));
	json_object_object_add(object, "method", json_object_new_string(clustering->auto_eps ? "hdbscan" : "dbscan"));
	if (clustering->auto_eps)
		json_object_object_add(object, "min_cluster_size",
				       dz_json_build_uint(clustering->options.min_cluster_size));
	else
		json_object_object_add(object, "eps", dz_json_build_real(clustering->options.eps));
	json_object_object_add(object, "min_samples", dz_json_build_uint(clustering->options.min_samples));
	json_object_object_add(object, "flows", dz_json_build_uint(clustering->flows));
	json_object_object_add(object, "empty_flows", dz_json_build_uint(clustering->empty));
	for (uint32_t c = 0; c < clustering->count; c++)
		json_object_array_add(clusters, cluster_json(clustering, c));
	json_object_object_add(object, "clusters", clusters);
	json_object_object_add(object, "noise", cluster_json(clustering, clustering->count));
	if (clustering->has_silhouette) {
		json_object_object_add(object, "silhouette", dz_json_build_real(clustering->silhouette));
		json_object_object_add(object, "silhouette_sampled",
				       json_object_new_boolean(clustering->silhouette_sampled));
	}
	json_object_object_add(object, "agreement", agreement_json(clustering->all));
	json_object_object_add(object, "agreement_without_noise", agreement_json(clustering->kept));
	dz_json_build_finish(object, out);
}

/* ---- flows ---- */

static struct json_object *place_json(const struct dz_cluster_place *place)
{
	struct json_object *object = json_object_new_object();
	bool noise = place->cluster == DZ_DBSCAN_NOISE;

	if (!noise)
		json_object_object_add(object, "number", json_object_new_int(place->cluster));
	json_object_object_add(object, "noise", json_object_new_boolean(noise));
	if (noise && place->nearest >= 0)
		json_object_object_add(object, "nearest", json_object_new_int(place->nearest));
	if (place->nearest >= 0)
		json_object_object_add(object, "distance", dz_json_build_real(place->distance));
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
