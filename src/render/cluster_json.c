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
	json_object_object_add(object, "version", json_object_new_int(1));
	dz_json_build_shape(object, &clustering->shape);
	json_object_object_add(object, "by",
			       json_object_new_string(dz_group_by_names[dz_groups_by(clustering->groups)]));
	json_object_object_add(object, "direction",
			       json_object_new_string(dz_direction_names[dz_groups_direction(clustering->groups)]));
	json_object_object_add(object, "metric", json_object_new_string(dz_metric_name(clustering->options.metric)));
	json_object_object_add(object, "eps", dz_json_build_real(clustering->options.eps));
	json_object_object_add(object, "eps_auto", json_object_new_boolean(clustering->auto_eps));
	json_object_object_add(object, "min_samples", dz_json_build_uint(clustering->options.min_samples));
	json_object_object_add(object, "flows", dz_json_build_uint(clustering->flows));
	json_object_object_add(object, "empty_flows", dz_json_build_uint(clustering->empty));
	for (uint32_t c = 0; c < clustering->count; c++)
		json_object_array_add(clusters, cluster_json(clustering, c));
	json_object_object_add(object, "clusters", clusters);
	json_object_object_add(object, "noise", cluster_json(clustering, clustering->count));
	json_object_object_add(object, "agreement", agreement_json(clustering->all));
	json_object_object_add(object, "agreement_without_noise", agreement_json(clustering->kept));
	dz_json_build_finish(object, out);
}

/* ---- flows ---- */

static struct json_object *place_json(const struct dz_clustering *clustering, const struct dz_cluster_flow *flow)
{
	const struct dz_cluster_place *place = &clustering->places[flow->vector];
	struct json_object *object = json_object_new_object();
	bool noise = place->cluster == DZ_DBSCAN_NOISE;

	if (!noise)
		json_object_object_add(object, "cluster", json_object_new_int(place->cluster));
	json_object_object_add(object, "noise", json_object_new_boolean(noise));
	if (noise && place->nearest >= 0)
		json_object_object_add(object, "nearest", json_object_new_int(place->nearest));
	if (place->nearest >= 0)
		json_object_object_add(object, "distance", dz_json_build_real(place->distance));
	return object;
}

void dz_clustering_flow_json(const struct dz_clustering *clustering, const struct dz_cluster_flow *flow,
			     const char *name, const char *input, struct dz_strbuf *out)
{
	struct json_object *object = json_object_new_object(), *event = json_object_new_object(),
			   *network = json_object_new_object(), *ours = json_object_new_object();
	char id[33], number[4];

	*dz_text_hex(id, flow->id, sizeof flow->id) = '\0';
	json_object_object_add(event, "id", json_object_new_string(id));
	json_object_object_add(object, "event", event);
	dz_ends_json(object, "source", &flow->key, flow->source_end);
	dz_ends_json(object, "destination", &flow->key, !flow->source_end);
	json_object_object_add(network, "transport",
			       json_object_new_string(dz_flow_key_transport(flow->key.protocol, number)));
	json_object_object_add(network, "packets", dz_json_build_uint(flow->packets));
	json_object_object_add(object, "network", network);
	json_object_object_add(ours, "input", dz_json_build_text(input));
	json_object_object_add(ours, dz_group_by_names[dz_groups_by(clustering->groups)], dz_json_build_text(name));
	if (!dz_vectors_is_empty(dz_groups_vectors(clustering->groups), flow->vector))
		json_object_object_add(ours, "place", place_json(clustering, flow));
	json_object_object_add(object, "distribooze", ours);
	dz_json_build_finish(object, out);
}
