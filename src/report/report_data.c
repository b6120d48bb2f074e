/* SPDX-License-Identifier: BSD-2-Clause */
/* report_data.c - what the page of a report draws, as one JSON object.
 *
 * What is bounded here (columns, clusters, inputs) is told with its full number. */
#include "config.h"
#include "report/report_data.h"

#include "base/mem.h"
#include "base/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 96, MAX_CLUSTERS = 60, MAX_INPUTS = 50 };

static void put(struct json_object *object, const char *name, struct json_object *value)
{
	dz_json_build_add(object, name, value);
}

static void put_uint(struct json_object *object, const char *name, uint64_t value)
{
	put(object, name, dz_json_build_uint(value));
}

static void put_text(struct json_object *object, const char *name, const char *text)
{
	put(object, name, dz_json_build_text(text));
}

struct json_object *dz_report_rounded(double value)
{
	return dz_json_build_real(round(value * 1e4) / 1e4);
}

struct json_object *dz_report_list(struct json_object *parent, const char *name)
{
	struct json_object *array = dz_json_build_array();
	put(parent, name, array);
	return array;
}

/* ---- vectors ---- */

static long column_share(const struct report_data *data, const double *weights, uint32_t column, double whole)
{
	uint32_t first = column * data->fold, end = first + data->fold;
	double sum = 0;

	for (uint32_t k = first; k < end && k < data->report->shape.bins; k++)
		sum += weights[k];
	return whole > 0 ? lround(sum / whole * REPORT_WHOLE) : 0;
}

/* One array of columns; `whole` is what stands for all. */
static struct json_object *columns(const struct report_data *data, const double *weights, double whole)
{
	struct json_object *array = dz_json_build_array();

	for (uint32_t c = 0; c < data->columns; c++)
		dz_json_build_append(array, dz_json_build_int(column_share(data, weights, c, whole)));
	return array;
}

/* A vector of the comparison, its directions added up. */
static struct json_object *added_columns(const struct report_data *data, const double *vector)
{
	uint32_t bins = data->report->shape.bins;

	memset(data->vector, 0, bins * sizeof *data->vector);
	for (uint32_t k = 0; k < dz_axis_size(dz_groups_axis(data->report->groups)); k++)
		data->vector[k % bins] += vector[k];
	return columns(data, data->vector, 1);
}

/* An array for each direction: shares of the whole of both. */
static struct json_object *mirrored(const struct report_data *data, const double *weights)
{
	struct json_object *array = dz_json_build_array();
	uint32_t bins = data->report->shape.bins;
	double whole = 0;

	for (uint32_t k = 0; k < data->report->parts * bins; k++)
		whole += weights[k];
	for (uint32_t part = 0; part < data->report->parts; part++)
		dz_json_build_append(array, columns(data, weights + part * bins, whole));
	return array;
}

struct json_object *dz_report_sparse(const struct report_data *data, const double *shares)
{
	struct json_object *array = dz_json_build_array();
	uint32_t parts = data->report->parts, bins = data->report->shape.bins;

	for (uint32_t c = 0; c < data->columns; c++) {
		long share[2] = { 0, 0 };
		for (uint32_t part = 0; part < parts; part++)
			share[part] = column_share(data, shares + part * bins, c, 1);
		if (!share[0] && !share[1])
			continue;
		dz_json_build_append(array, dz_json_build_uint(c));
		for (uint32_t part = 0; part < parts; part++)
			dz_json_build_append(array, dz_json_build_int(share[part]));
	}
	return array;
}

/* ---- what was read ---- */

static struct json_object *input_of(const char *name, const struct report_input *sums, bool library)
{
	struct json_object *input = dz_json_build_object();

	put_text(input, "name", name);
	put_uint(input, "flows", sums->flows);
	put_uint(input, "packets", sums->packets);
	put_uint(input, "bytes", sums->bytes);
	if (library)
		put(input, "library", dz_json_build_bool(true));
	return input;
}

static void put_inputs(const struct report_data *data, struct json_object *read)
{
	const struct dz_report *report = data->report;
	struct json_object *inputs = dz_report_list(read, "inputs");

	put_uint(read, "input_count", report->inputs.count + report->libraries.count);
	for (uint32_t i = 0; i < report->inputs.count && i < MAX_INPUTS; i++)
		dz_json_build_append(inputs,
				     input_of(dz_intern_text(&report->inputs, i), &report->input_sums[i], false));
	for (uint32_t i = 0; i < report->libraries.count && i + report->inputs.count < MAX_INPUTS; i++)
		dz_json_build_append(inputs,
				     input_of(dz_intern_text(&report->libraries, i), &report->library_sums[i], true));
}

void dz_report_put_time(struct json_object *object, const char *name, uint64_t ns)
{
	char text[DZ_TEXT_TIME + 1];
	*dz_text_time(text, ns) = '\0';
	put(object, name, dz_json_build_word(text));
}

static void put_read(const struct report_data *data, struct json_object *root)
{
	const struct dz_report_account *account = data->account;
	struct json_object *read = dz_json_build_child(root, "read"), *skipped;
	uint64_t packets = data->report->library_all.packets, bytes = data->report->library_all.bytes;

	for (size_t i = 0; i < data->report->flow_count; i++)
		for (unsigned side = 0; side < 2; side++) {
			packets += data->report->flows[i].packets[side];
			bytes += data->report->flows[i].bytes[side];
		}
	put_uint(read, "records", account->records);
	put_uint(read, "flows", dz_report_flows(data->report));
	if (dz_report_has_libraries(data->report))
		put_uint(read, "library_flows", data->report->library_all.flows);
	put_uint(read, "packets", packets);
	put_uint(read, "bytes", bytes);
	put_uint(read, "bad_lines", account->bad_lines);
	put_uint(read, "failures", account->failures);
	put_uint(read, "capture_packets", account->packets);
	put_uint(read, "filtered", account->filtered);
	skipped = dz_json_build_child(read, "skipped");
	for (size_t i = 0; i < account->skipped_count; i++)
		put_uint(skipped, account->skipped[i].name, account->skipped[i].count);
	if (data->report->flow_count) {
		dz_report_put_time(read, "first", data->report->first_ns);
		dz_report_put_time(read, "last", data->report->last_ns);
	}
	put_inputs(data, read);
}

static void put_options(const struct report_data *data, struct json_object *root)
{
	const struct dz_report *report = data->report;
	const struct dz_report_options *options = &report->options;

	put(root, "program", dz_json_build_word("distribooze " PACKAGE_VERSION));
	if (options->title)
		put_text(root, "title", options->title);
	dz_json_build_shape(root, &report->shape);
	put_uint(root, "fold", data->fold);
	put_uint(root, "columns", data->columns);
	put_uint(root, "parts", report->parts);
	put(root, "by", dz_json_build_word(options->grouping.text));
	put(root, "direction", dz_json_build_word(dz_direction_names[dz_groups_direction(report->groups)]));
	put(root, "distance", dz_json_build_word(dz_metric_name(options->metric)));
	put(root, "distance_max", dz_report_rounded(dz_metric_max(options->metric, dz_groups_axis(report->groups))));
	put(root, "pooled", dz_json_build_bool(options->pooled));
}

/* ---- groups ---- */

static struct json_object *group_of(const struct report_data *data, const struct dz_compare_group *item)
{
	const struct dz_report *report = data->report;
	struct json_object *object = dz_json_build_object(), *mean, *pooled, *leading;
	const struct dz_summary_range *median = &item->ranges[DZ_COMPARE_QUANTILES / 2];
	struct dz_summary_bin largest[DZ_COMPARE_LEADING];
	uint32_t number, width = report->parts * report->shape.bins;
	size_t bins;

	put_text(object, "name", item->group->name);
	put_uint(object, "flows", item->group->flows);
	put_uint(object, "empty", item->group->empty);
	put_uint(object, "packets", item->group->packets);
	put_uint(object, "bytes", item->group->bytes);
	put(object, "entropy", dz_report_rounded(item->entropy));
	/* Lengths of the last bin have no end where they were not kept. */
	put(object, "median",
	    dz_json_build_uints((const uint64_t[]){ median->first, median->last }, median->last == UINT32_MAX ? 1 : 2));
	if (!isnan(item->dispersion))
		put(object, "dispersion", dz_report_rounded(item->dispersion));
	leading = dz_report_list(object, "leading");
	bins = dz_summary_leading(item->lengths, report->shape.bins, largest, DZ_COMPARE_LEADING);
	for (size_t i = 0; i < bins; i++) {
		dz_json_build_append(leading, dz_json_build_uint(largest[i].bin));
		dz_json_build_append(leading, dz_report_rounded(largest[i].share));
	}
	mean = dz_json_build_child(object, "mean");
	pooled = dz_json_build_child(object, "pooled");
	put(mean, "vector", added_columns(data, item->mean));
	put(pooled, "vector", added_columns(data, item->pooled));
	if (dz_intern_find(&report->names, item->group->name, strlen(item->group->name), &number)) {
		const struct report_sums *sums = &report->sums[number];
		put(mean, "sides", mirrored(data, sums->shares));
		for (uint32_t k = 0; k < width; k++)
			data->shares[k] = (double)sums->pooled[k];
		put(pooled, "sides", mirrored(data, data->shares));
	}
	return object;
}

static void put_groups(const struct report_data *data, struct json_object *root)
{
	const struct dz_compare *compare = data->report->compare;
	struct json_object *groups = dz_report_list(root, "groups"), *matrix = dz_report_list(root, "distances");
	uint64_t flows = 0;

	for (size_t i = 0; i < compare->count; i++) {
		struct json_object *row = dz_json_build_array();
		dz_json_build_append(groups, group_of(data, &compare->items[i]));
		for (size_t j = 0; j < i; j++)
			dz_json_build_append(row, dz_report_rounded(compare->distances[i * compare->count + j]));
		dz_json_build_append(matrix, row);
		flows += compare->items[i].group->flows;
	}
	put_uint(root, "groups_left_out", compare->left_out);
	put_uint(root, "flows_left_out", dz_report_flows(data->report) - flows);
}

/* ---- clusters ---- */

static void put_clusters(const struct report_data *data, struct json_object *root)
{
	const struct dz_report *report = data->report;
	struct json_object *object, *rows;
	size_t items = report->compare->count;

	if (!report->clustering)
		return;
	object = dz_json_build_child(root, "clusters");
	rows = dz_report_list(object, "list");
	put(object, "eps", dz_report_rounded(report->clustering->auto_eps ? 0 : report->clustering->options.eps));
	put(object, "auto", dz_json_build_bool(report->clustering->auto_eps));
	put_uint(object, "min_samples", report->options.min_samples);
	put_uint(object, "count", report->clustering->count);
	put_uint(object, "seen", report->clustering->seen);
	put_uint(object, "distinct", report->clustering->distinct);
	put_uint(object, "unseen", report->clustering->unseen);
	put_uint(object, "noise", report->clustering->clusters[report->clustering->count].flows);
	if (report->clustering->has_silhouette) {
		put(object, "silhouette", dz_report_rounded(report->clustering->silhouette));
		put(object, "silhouette_sampled", dz_json_build_bool(report->clustering->silhouette_sampled));
	}
	if (dz_contingency_can_agree(report->clustering->all)) {
		put(object, "purity", dz_report_rounded(dz_contingency_purity(report->clustering->all)));
		put(object, "most_frequent", dz_report_rounded(dz_contingency_most_frequent(report->clustering->all)));
		put(object, "rand", dz_report_rounded(dz_contingency_rand(report->clustering->all)));
	}
	for (size_t c = 0; c < report->cluster_count; c++) {
		const struct report_cluster *cluster = &report->clusters[c];
		bool noise = cluster->number == DZ_DBSCAN_NOISE;
		struct json_object *row, *labels;
		if (!cluster->flows || (!noise && c >= MAX_CLUSTERS))
			continue;
		row = dz_json_build_object();
		put(row, "number", dz_json_build_int(cluster->number));
		put_uint(row, "flows", cluster->flows);
		put(row, "shape", dz_report_sparse(data, cluster->mean));
		labels =
			dz_report_list(row, "labels"); /* pairs: group and flows; the group after the last is "other" */
		for (size_t i = 0; i <= items; i++) {
			if (!cluster->labels[i])
				continue;
			dz_json_build_append(labels, dz_json_build_uint(i));
			dz_json_build_append(labels, dz_json_build_uint(cluster->labels[i]));
		}
		dz_json_build_append(rows, row);
	}
}

/* ---- flows ---- */

/* The group that the vector is nearest to, of its own and those of several flows: a single flow is near whatever is
 * like it; -1 with none. */
static int nearest(const struct report_data *data, uint32_t shape, int own)
{
	const struct dz_report *report = data->report;
	const struct dz_compare *compare = report->compare;
	double best = INFINITY;
	int found = -1;

	if (!dz_report_vector(report, shape, data->vector))
		return -1;
	for (size_t i = 0; i < compare->count; i++) {
		const struct dz_group *group = compare->items[i].group;
		double distance;
		if ((int)i != own && dz_group_shaped(group) < DZ_REPORT_FLOWS_MIN)
			continue;
		distance = dz_distance(report->options.metric, data->vector, compare->items[i].vector, &compare->axis);
		if (distance < best) {
			best = distance;
			found = (int)i;
		}
	}
	return found;
}

static void put_end(struct json_object *object, const char *name, const char *port, const struct report_flow *flow,
		    unsigned end)
{
	char text[DZ_ADDRESS_TEXT];
	dz_flow_key_address(&flow->key, end, text);
	put(object, name, dz_json_build_word(text));
	if (dz_flow_key_has_ports(&flow->key))
		put_uint(object, port, flow->key.port[end]);
}

static void put_where(const struct report_data *data, struct json_object *object, uint32_t index)
{
	const struct dz_report *report = data->report;
	const struct report_flow *flow = &report->flows[index];
	int32_t item = report->sums[flow->group].item;
	int near;

	if (item < 0) {
		put_text(object, "label", dz_intern_text(&report->names, flow->group));
	} else {
		put(object, "group", dz_json_build_int(item));
		near = nearest(data, flow->shape, item);
		if (near >= 0 && near != item)
			put(object, "nearest", dz_json_build_int(near));
	}
	if (report->distances[index] >= 0)
		put(object, "distance", dz_report_rounded(report->distances[index]));
	if (report->outliers[index])
		put(object, "outlier", dz_json_build_bool(true));
	if (dz_report_is_clustered(report, flow))
		put(object, "cluster", dz_json_build_int(report->clustering->places[flow->vector].cluster));
}

static struct json_object *flow_of(const struct report_data *data, uint32_t index)
{
	const struct report_flow *flow = &data->report->flows[index];
	struct json_object *object = dz_json_build_object();
	const char *host = dz_intern_text(&data->report->hosts, flow->host);
	char transport[4];

	put_where(data, object, index);
	put_end(object, "source", "source_port", flow, flow->source_end);
	put_end(object, "destination", "destination_port", flow, 1u - flow->source_end);
	put_text(object, "transport", dz_flow_key_transport(flow->key.protocol, transport));
	if (*host)
		put_text(object, "host", host);
	if (strcmp(data->report->options.grouping.text, dz_group_by_names[DZ_BY_LABEL]) != 0)
		put_text(object, "application", dz_intern_text(&data->report->labels, flow->label));
	put_uint(object, "input", flow->input);
	put(object, "packets", dz_json_build_uints(flow->packets, 2));
	put(object, "bytes", dz_json_build_uints(flow->bytes, 2));
	dz_report_put_time(object, "start", flow->start_ns);
	put(object, "seconds",
	    dz_report_rounded(flow->end_ns > flow->start_ns ? (double)(flow->end_ns - flow->start_ns) / 1e9 : 0));
	if (dz_report_shares(data->report, flow->shape, data->shares))
		put(object, "shape", dz_report_sparse(data, data->shares));
	return object;
}

static void put_flows(const struct report_data *data, struct json_object *root)
{
	const struct dz_report *report = data->report;
	struct json_object *object, *rows;

	if (!report->flow_count)
		return;
	object = dz_json_build_child(root, "flows");
	put_uint(object, "total", report->flow_count);
	put_uint(object, "outliers", report->outlier_count);
	put_uint(object, "outliers_shown", report->outliers_shown);
	put_uint(object, "seed", report->options.seed);
	rows = dz_report_list(object, "rows");
	for (size_t i = 0; i < report->shown_count; i++)
		dz_json_build_append(rows, flow_of(data, report->shown[i]));
}

void dz_report_data(const struct dz_report *report, const struct dz_report_account *account, struct dz_strbuf *out)
{
	uint32_t bins = report->shape.bins, fold = (bins + MAX_COLUMNS - 1) / MAX_COLUMNS;
	struct report_data data = {
		.report = report,
		.account = account,
		.fold = fold,
		.columns = (bins + fold - 1) / fold,
		.shares = dz_mem_zalloc(bins, 2 * sizeof *data.shares),
		.vector = dz_mem_zalloc(bins, 2 * sizeof *data.vector),
	};
	struct json_object *root = dz_json_build_object();

	put_options(&data, root);
	put_read(&data, root);
	put_groups(&data, root);
	dz_report_put_verdicts(&data, root);
	dz_report_put_drift(&data, root);
	dz_report_put_shapes(&data, root);
	dz_report_put_time_line(&data, root);
	dz_report_put_scores(&data, root);
	dz_report_put_map(&data, root);
	put_clusters(&data, root);
	put_flows(&data, root);
	dz_json_build_finish(root, out);
	free(data.shares);
	free(data.vector);
}
