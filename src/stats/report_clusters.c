/* report_clusters.c - the clusters of a report: DBSCAN over the flows' vectors, whatever their labels. */
#include "config.h"
#include "report_internal.h"

#include "distribooze/agreement.h"
#include "distribooze/mem.h"
#include <stdlib.h>

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

/* How many flows have each shape. Given to the caller. */
static uint64_t *weigh(const struct dz_report *report)
{
	uint64_t *weights = dz_mem_zalloc(dz_vectors_count(&report->shapes), sizeof *weights);

	for (size_t i = 0; i < report->flow_count; i++)
		weights[report->flows[i].shape]++;
	return weights;
}

static void show(void *context, uint64_t done, uint64_t total)
{
	const struct dz_report *report = context;
	if (report->options.progress)
		report->options.progress(report->options.context, "clusters", done, total);
}

static void run_dbscan(struct dz_report *report)
{
	const struct dz_hist_shape *shape = &report->shape;
	uint32_t shapes = dz_vectors_count(&report->shapes);
	struct dz_dbscan *db = dz_dbscan_new(report->options.metric, shape->bins, shape->bin_width);
	double *vector = dz_mem_zalloc(shape->bins, sizeof *vector);
	uint64_t *weights = weigh(report);
	uint32_t *points = dz_mem_zalloc(shapes, sizeof *points);
	int32_t *labels;

	report->shape_clusters = dz_mem_zalloc(shapes, sizeof *report->shape_clusters);
	for (uint32_t i = 0; i < shapes; i++) {
		bool filled = dz_report_vector(report, i, vector);
		report->shape_clusters[i] = filled ? 0 : REPORT_NO_CLUSTER;
		if (filled)
			points[i] = dz_dbscan_add(db, vector, weights[i]);
	}
	report->eps = report->options.eps;
	if (report->eps < 0)
		report->eps = dz_dbscan_auto_eps(db, report->options.min_samples);
	labels = dz_mem_zalloc(dz_dbscan_points(db) + (size_t)1, sizeof *labels);
	dz_dbscan_run(db,
		      &(struct dz_dbscan_options){.eps = report->eps,
						  .min_samples = report->options.min_samples,
						  .progress = show,
						  .context = report},
		      labels, NULL, &report->dbscan);
	for (uint32_t i = 0; i < shapes; i++)
		if (report->shape_clusters[i] != REPORT_NO_CLUSTER)
			report->shape_clusters[i] = labels[points[i]];
	free(labels);
	free(points);
	free(weights);
	free(vector);
	dz_dbscan_free(db);
}

/* Counts the flows of each cluster by label; noise comes last, as a cluster of its own. */
static void fill(struct dz_report *report)
{
	uint32_t columns = report->dbscan.clusters + 1, width = report->parts * report->shape.bins;
	uint32_t others = (uint32_t)report->compare->count;
	double *shares = dz_mem_zalloc(width, sizeof *shares);
	struct dz_agreement *table = dz_agreement_new(report->names.count, columns);

	report->clusters = dz_mem_zalloc(columns, sizeof *report->clusters);
	report->cluster_count = columns;
	for (uint32_t c = 0; c < columns; c++)
		report->clusters[c] = (struct report_cluster){
			.number = c < report->dbscan.clusters ? (int32_t)c : DZ_DBSCAN_NOISE,
			.mean = dz_mem_zalloc(width, sizeof *shares),
			.labels = dz_mem_zalloc(others + (size_t)1, sizeof *report->clusters->labels),
		};
	for (size_t i = 0; i < report->flow_count; i++) {
		const struct report_flow *flow = &report->flows[i];
		int32_t number = report->shape_clusters[flow->shape], item = report->piles[flow->group].item;
		if (number == REPORT_NO_CLUSTER)
			continue;
		struct report_cluster *cluster = &report->clusters[number < 0 ? columns - 1 : (uint32_t)number];
		dz_agreement_add(table, flow->group, (uint32_t)(cluster - report->clusters), 1);
		cluster->flows++;
		cluster->labels[item < 0 ? others : (uint32_t)item]++;
		dz_report_shares(report, flow->shape, shares);
		for (uint32_t k = 0; k < width; k++)
			cluster->mean[k] += shares[k];
	}
	for (uint32_t c = 0; c < columns; c++)
		for (uint32_t k = 0; k < width && report->clusters[c].flows; k++)
			report->clusters[c].mean[k] /= (double)report->clusters[c].flows;
	report->purity = dz_agreement_purity(table);
	report->rand = dz_agreement_rand(table);
	dz_agreement_free(table);
	free(shares);
}

void dz_report_cluster(struct dz_report *report)
{
	run_dbscan(report);
	fill(report);
	qsort(report->clusters, report->cluster_count, sizeof *report->clusters, by_flows);
}
