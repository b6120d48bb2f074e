/* SPDX-License-Identifier: BSD-2-Clause */
/* report_clusters.c - the clusters of a report in both directions: what cluster.h finds, by size and with their shapes.
 */
#include "config.h"
#include "report/report_internal.h"

#include "base/mem.h"
#include <stdlib.h>

/* HDBSCAN looks at every pair of them. */
enum { MAX_SHAPES = 3000 };

static int by_flows(const void *a, const void *b)
{
	const struct report_cluster *x = a, *y = b;
	bool x_noise = x->number == DZ_DBSCAN_NOISE, y_noise = y->number == DZ_DBSCAN_NOISE;
	if (x_noise != y_noise)
		return x_noise ? 1 : -1;
	if (x->flows != y->flows)
		return x->flows > y->flows ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static void show(void *context, uint64_t done, uint64_t total)
{
	const struct dz_report *report = context;
	if (report->options.progress)
		report->options.progress(report->options.context, "clusters", done, total);
}

/* Empties the clusters, noise last. */
static void begin(struct dz_report *report)
{
	uint32_t width = report->parts * report->shape.bins, noise = report->clustering->count;

	report->cluster_count = noise + (size_t)1;
	report->clusters = dz_mem_zalloc(report->cluster_count, sizeof *report->clusters);
	for (uint32_t c = 0; c <= noise; c++)
		report->clusters[c] = (struct report_cluster){
			.number = c < noise ? (int32_t)c : DZ_DBSCAN_NOISE,
			.mean = dz_mem_zalloc(width, sizeof *report->clusters->mean),
			.labels = dz_mem_zalloc(report->compare->count + 1, sizeof *report->clusters->labels),
		};
}

static void fill(struct dz_report *report)
{
	uint32_t width = report->parts * report->shape.bins;
	double *shares = dz_mem_zalloc(width, sizeof *shares);

	for (size_t i = 0; i < report->flow_count; i++) {
		const struct report_flow *flow = &report->flows[i];
		int32_t item = report->sums[flow->group].item, number;
		struct report_cluster *cluster;
		if (!dz_report_is_clustered(report, flow))
			continue;
		number = report->clustering->places[flow->vector].cluster;
		cluster = &report->clusters[number == DZ_DBSCAN_NOISE ? report->clustering->count : (uint32_t)number];
		cluster->flows++;
		cluster->labels[item < 0 ? report->compare->count : (size_t)item]++;
		dz_report_shares(report, flow->shape, shares);
		for (uint32_t k = 0; k < width; k++)
			cluster->mean[k] += shares[k];
	}
	for (size_t c = 0; c < report->cluster_count; c++)
		for (uint32_t k = 0; k < width && report->clusters[c].flows; k++)
			report->clusters[c].mean[k] /= (double)report->clusters[c].flows;
	free(shares);
}

bool dz_report_is_clustered(const struct dz_report *report, const struct report_flow *flow)
{
	return report->clustering && !dz_vectors_is_empty(dz_groups_vectors(report->groups), flow->vector) &&
	       report->clustering->places[flow->vector].cluster != DZ_CLUSTER_UNSEEN;
}

/* Cells of libraries are means of flows: many flows of one would be taken for many that are exactly alike. */
void dz_report_cluster(struct dz_report *report)
{
	if (dz_report_has_libraries(report))
		return;
	report->clustering = dz_clustering_new(
		report->groups,
		&(struct dz_cluster_options){ .metric = report->options.metric,
					      .eps = report->options.eps,
					      .min_samples = report->options.min_samples,
					      .most = report->options.eps < 0 ? MAX_SHAPES : 0,
					      .seed = report->options.seed,
					      .min_cluster_size =
						      report->options.min_samples < 2 ? 2 : report->options.min_samples,
					      .progress = show,
					      .context = report });
	begin(report);
	fill(report);
	qsort(report->clusters, report->cluster_count, sizeof *report->clusters, by_flows);
}
