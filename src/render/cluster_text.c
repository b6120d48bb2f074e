/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster_text.c - clusters as text for people, and as CSV. */
#include "config.h"
#include "render/render.h"

#include "base/csv.h"
#include "render/chart.h"
#include "render/ends.h"
#include "base/text.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { MAX_NAME = 20, MAX_CLUSTERS = 30, MAX_COLUMNS = 12, MAX_ROWS = 40 };

static const char *label_of(const struct dz_clustering *clustering, const struct dz_cluster *cluster)
{
	return dz_groups_at(clustering->groups, cluster->label)->name;
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part * 100 / (double)whole : 0;
}

static void add_title(const struct dz_clustering *clustering, struct dz_strbuf *out)
{
	const struct dz_cluster_options *options = &clustering->options;
	uint64_t noise = clustering->clusters[clustering->count].flows;
	bool hardly = noise && share(noise, clustering->flows) < 0.5;

	dz_strbuf_addf(out, "%" PRIu64 " flow%s in %" PRIu32 " cluster%s; noise: %" PRIu64 " (%s%.0f%%); ",
		       clustering->flows, clustering->flows == 1 ? "" : "s", clustering->count,
		       clustering->count == 1 ? "" : "s", noise, hardly ? "<" : "",
		       hardly ? 1 : share(noise, clustering->flows));
	if (clustering->auto_eps)
		dz_strbuf_addf(out, "HDBSCAN, %s, min-cluster-size %" PRIu64, dz_metric_name(options->metric),
			       options->min_cluster_size);
	else
		dz_strbuf_addf(out, "DBSCAN, %s, eps %.4g", dz_metric_name(options->metric), options->eps);
	dz_strbuf_addf(out, ", min-samples %" PRIu64 "\n", options->min_samples);
	if (clustering->empty)
		dz_strbuf_addf(out, "%" PRIu64 " flows without counted packets are left out\n", clustering->empty);
	if (clustering->auto_eps && !clustering->count)
		dz_strbuf_adds(out, "nothing falls into two or more groups of that size: what there is, is all one, "
				    "or all different\n");
}

static void add_cluster(const struct dz_clustering *clustering, const struct dz_chart *chart, uint32_t number,
			struct dz_strbuf *out)
{
	const struct dz_cluster *cluster = &clustering->clusters[number];
	char flows[DZ_CHART_NUMBER], label[64] = "noise";

	dz_chart_number(cluster->flows, flows);
	if (cluster->mean)
		snprintf(label, sizeof label, "%" PRIu32, number);
	dz_strbuf_addf(out, "%-7s %6s  ", label, flows);
	dz_strbuf_adds(out, dz_chart_arrow(chart, &clustering->axis, 0));
	if (cluster->mean)
		dz_chart_side(chart, cluster->mean, &clustering->axis, 0, out);
	else
		dz_strbuf_addf(out, "%*s", (int)chart->columns + 2, "");
	if (isnan(cluster->mean_distance))
		dz_strbuf_addf(out, " %8s %8s  ", "-", "-");
	else
		dz_strbuf_addf(out, " %8.3g %8.3g  ", cluster->mean_distance, cluster->max_distance);
	dz_chart_name(out, label_of(clustering, cluster),
		      dz_chart_name_columns(label_of(clustering, cluster), MAX_NAME));
	dz_strbuf_addf(out, " %.0f%%\n", share(cluster->label_flows, cluster->flows));
	if (cluster->mean && clustering->axis.parts == 2) {
		dz_strbuf_addf(out, "%*s%s", 16, "", dz_chart_arrow(chart, &clustering->axis, 1));
		dz_chart_side(chart, cluster->mean, &clustering->axis, 1, out);
		dz_strbuf_addc(out, '\n');
	}
}

static void add_clusters(const struct dz_clustering *clustering, bool ascii, struct dz_strbuf *out)
{
	struct dz_chart chart = dz_chart_for(&clustering->shape, ascii);

	dz_strbuf_addf(out, "\ncluster  flows  %*s", clustering->axis.parts == 2 ? 2 : 0, "");
	dz_chart_axis(&chart, &clustering->shape, out);
	dz_strbuf_adds(out, " distance: mean, most  most frequent\n");
	for (uint32_t c = 0; c < clustering->count && c < MAX_CLUSTERS; c++)
		add_cluster(clustering, &chart, c, out);
	if (clustering->count > MAX_CLUSTERS)
		dz_strbuf_addf(out, "and %" PRIu32 " more cluster%s (-F json)\n", clustering->count - MAX_CLUSTERS,
			       clustering->count - MAX_CLUSTERS == 1 ? "" : "s");
	if (clustering->clusters[clustering->count].flows)
		add_cluster(clustering, &chart, clustering->count, out);
}

static void add_table(const struct dz_clustering *clustering, struct dz_strbuf *out)
{
	uint32_t groups = dz_contingency_rows(clustering->all), columns = clustering->count;

	if (columns > MAX_COLUMNS) {
		dz_strbuf_addf(out, "\nThe table of clusters and %ss is too wide for text: see -F csv or -F json\n",
			       dz_groups_by_text(clustering->groups));
		return;
	}
	dz_strbuf_addf(out, "\n%-*s", MAX_NAME, dz_groups_by_text(clustering->groups));
	for (uint32_t c = 0; c < columns; c++)
		dz_strbuf_addf(out, "%7" PRIu32, c);
	dz_strbuf_adds(out, "  noise\n");
	for (uint32_t g = 0; g < groups && g < MAX_ROWS; g++) {
		dz_chart_name(out, dz_groups_at(clustering->groups, g)->name, MAX_NAME);
		for (uint32_t c = 0; c <= columns; c++) {
			uint64_t flows = dz_contingency_at(clustering->all, g, c);
			if (flows)
				dz_strbuf_addf(out, "%7" PRIu64, flows);
			else
				dz_strbuf_adds(out, "      .");
		}
		dz_strbuf_addc(out, '\n');
	}
	if (groups > MAX_ROWS)
		dz_strbuf_addf(out, "and %" PRIu32 " smaller ones\n", groups - MAX_ROWS);
}

static void add_agreement(const struct dz_contingency *table, const char *by, struct dz_strbuf *out)
{
	if (!dz_contingency_total(table))
		dz_strbuf_adds(out, "no flow is in a cluster");
	else if (!dz_contingency_can_agree(table))
		dz_strbuf_addf(out, "all flows are of one %s: there is nothing to agree about", by);
	else
		dz_strbuf_addf(out, "purity %.3f (all in one cluster: %.3f), adjusted Rand index %.3f (chance: 0)",
			       dz_contingency_purity(table), dz_contingency_most_frequent(table),
			       dz_contingency_rand(table));
}

/* Clusters whose flows are all the same are told: with few packets many are so by chance, and nothing is as well
 * inside. */
static void add_silhouette(const struct dz_clustering *clustering, struct dz_strbuf *out)
{
	uint64_t noise = clustering->clusters[clustering->count].flows;
	uint32_t same = 0;

	for (uint32_t c = 0; c < clustering->count; c++)
		same += clustering->clusters[c].distinct == 1;
	if (clustering->has_silhouette)
		dz_strbuf_addf(out,
			       "mean silhouette of the %.0f%% of the flows in clusters: %.3f%s (1: well inside, 0: "
			       "between two)\n",
			       share(clustering->flows - noise, clustering->flows), clustering->silhouette,
			       clustering->silhouette_sampled ? ", of a sample" : "");
	if (same)
		dz_strbuf_addf(out,
			       "clusters in which all flows are the same: %" PRIu32 " of %" PRIu32
			       "; of few packets many are by chance (--min-packets)\n",
			       same, clustering->count);
}

void dz_clustering_text(const struct dz_clustering *clustering, bool ascii, struct dz_strbuf *out)
{
	const char *by = dz_groups_by_text(clustering->groups);

	add_title(clustering, out);
	add_clusters(clustering, ascii, out);
	add_table(clustering, out);
	dz_strbuf_addf(out, "\nagreement with the %ss, noise as a cluster of its own: ", by);
	add_agreement(clustering->all, by, out);
	dz_strbuf_adds(out, "\n                           without noise: ");
	add_agreement(clustering->kept, by, out);
	dz_strbuf_addc(out, '\n');
	add_silhouette(clustering, out);
}

/* ---- CSV ---- */

void dz_clustering_csv(const struct dz_clustering *clustering, struct dz_strbuf *out)
{
	uint32_t groups = dz_contingency_rows(clustering->all);
	struct dz_contingency_lines lines;
	char column[DZ_CHART_RANGE];

	dz_contingency_lines_init(&lines, clustering->all, true);
	dz_strbuf_adds(out, "cluster,flows,distinct,mean_distance,max_distance,entropy");
	for (uint32_t g = 0; g < groups; g++) {
		dz_strbuf_addc(out, ',');
		dz_csv_text(out, dz_groups_at(clustering->groups, g)->name);
	}
	for (uint32_t k = 0; k < dz_axis_size(&clustering->axis); k++) {
		dz_chart_column(k, &clustering->axis, column);
		dz_strbuf_addf(out, ",%s", column);
	}
	dz_strbuf_addc(out, '\n');
	for (uint32_t c = 0; c <= clustering->count; c++) {
		const struct dz_cluster *cluster = &clustering->clusters[c];
		const uint64_t *flows = dz_contingency_line(&lines, c);
		if (cluster->mean)
			dz_strbuf_addf(out, "%" PRIu32, c);
		else
			dz_strbuf_adds(out, "noise");
		dz_strbuf_addf(out, ",%" PRIu64 ",%" PRIu64 ",", cluster->flows, cluster->distinct);
		if (!isnan(cluster->mean_distance))
			dz_strbuf_addf(out, "%.9g,%.9g", cluster->mean_distance, cluster->max_distance);
		else
			dz_strbuf_addc(out, ',');
		dz_strbuf_addc(out, ',');
		if (cluster->mean)
			dz_strbuf_addf(out, "%.9g", cluster->entropy);
		for (uint32_t g = 0; g < groups; g++) {
			dz_strbuf_addc(out, ',');
			dz_text_add_u64(out, flows[g]);
		}
		for (uint32_t k = 0; k < dz_axis_size(&clustering->axis); k++) {
			dz_strbuf_addc(out, ',');
			if (cluster->mean)
				dz_strbuf_addf(out, "%.9g", cluster->mean[k]);
		}
		dz_strbuf_addc(out, '\n');
	}
	dz_contingency_lines_release(&lines);
}

void dz_clustering_flow_csv_head(struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "id," DZ_ENDS_CSV_HEAD ",packets,input,name,cluster,nearest,distance\n");
}

void dz_clustering_flow_csv(const struct dz_clustering *clustering, const struct dz_cluster_flow *flow,
			    const char *name, const char *input, struct dz_strbuf *out)
{
	const struct dz_cluster_place *place = &clustering->places[flow->vector];
	char id[33];

	*dz_text_hex(id, flow->id, sizeof flow->id) = '\0';
	dz_strbuf_addf(out, "%s,", id);
	dz_ends_csv(&flow->key, flow->source_end, out);
	dz_strbuf_addf(out, ",%" PRIu64 ",", flow->packets);
	dz_csv_text(out, input);
	dz_strbuf_addc(out, ',');
	dz_csv_text(out, name);
	if (dz_vectors_is_empty(dz_groups_vectors(clustering->groups), flow->vector))
		dz_strbuf_adds(out, ",,,");
	else if (place->cluster == DZ_DBSCAN_NOISE)
		dz_strbuf_adds(out, ",noise,");
	else
		dz_strbuf_addf(out, ",%" PRId32 ",", place->cluster);
	if (place->nearest >= 0)
		dz_strbuf_addf(out, "%" PRId32 ",%.9g", place->nearest, place->distance);
	else if (!dz_vectors_is_empty(dz_groups_vectors(clustering->groups), flow->vector))
		dz_strbuf_addc(out, ',');
	dz_strbuf_addc(out, '\n');
}
