/* SPDX-License-Identifier: BSD-2-Clause */
/* report.c - collects the flows of a report. See report.h. */
#include "config.h"
#include "report/report.h"

#include "base/mem.h"
#include "report/report_internal.h"
#include <stdlib.h>

void dz_report_options_init(struct dz_report_options *options)
{
	*options = (struct dz_report_options){
		.grouping = dz_grouping_by(DZ_BY_LABEL),
		.top = DZ_REPORT_TOP,
		.flows = DZ_REPORT_FLOWS,
		.seed = 1,
		.eps = DZ_REPORT_AUTO,
		.min_samples = DZ_REPORT_MIN_SAMPLES,
	};
}

struct dz_report *dz_report_new(const struct dz_report_options *options)
{
	struct dz_report *report = dz_mem_zalloc(1, sizeof *report);

	report->options = *options;
	report->groups = dz_groups_new_by(&options->grouping, options->direction);
	if (options->contrast.permutations || options->baseline)
		dz_groups_keep_flows(report->groups);
	dz_intern_init(&report->names);
	dz_intern_init(&report->hosts);
	dz_intern_init(&report->labels);
	dz_intern_init(&report->inputs);
	dz_intern_init(&report->libraries);
	dz_intern_init(&report->profiles);
	dz_strbuf_init(&report->name);
	report->first_ns = UINT64_MAX;
	return report;
}

void dz_report_free(struct dz_report *report)
{
	if (!report)
		return;
	for (uint32_t i = 0; i < report->names.count; i++) {
		free(report->sums[i].pooled);
		free(report->sums[i].shares);
		if (report->sums[i].cells)
			dz_cells_release(report->sums[i].cells);
		free(report->sums[i].cells);
	}
	for (size_t i = 0; i < report->cluster_count; i++) {
		free(report->clusters[i].mean);
		free(report->clusters[i].labels);
	}
	for (size_t i = 0; report->typical && i < report->compare->count; i++)
		for (uint32_t s = 0; s < report->typical[i].count; s++)
			free(report->typical[i].shapes[s].mean);
	dz_report_time_release(&report->time);
	dz_report_map_release(&report->map);
	dz_compare_free(report->verdicts);
	dz_yardstick_free(report->yardstick);
	dz_compare_free(report->compare);
	dz_clustering_free(report->clustering);
	dz_groups_free(report->groups);
	dz_intern_release(&report->names);
	dz_intern_release(&report->hosts);
	dz_intern_release(&report->labels);
	dz_intern_release(&report->inputs);
	dz_intern_release(&report->libraries);
	dz_intern_release(&report->profiles);
	dz_strbuf_release(&report->name);
	if (report->has_shape)
		dz_vectors_release(&report->shapes);
	free(report->scratch);
	free(report->flows);
	free(report->sums);
	free(report->input_sums);
	free(report->library_sums);
	free(report->distances);
	free(report->outliers);
	free(report->shown);
	free(report->clusters);
	free(report->typical);
	free(report->scores);
	free(report);
}

void dz_report_set_scorer(struct dz_report *report, struct dz_scorer *scorer, const char *library)
{
	report->options.scorer = scorer;
	report->options.library = library;
}

void dz_report_set_yardstick(struct dz_report *report, const struct dz_yardstick *yardstick)
{
	report->options.yardstick = yardstick;
}

/* ---- adding ---- */

void dz_report_set_shape(struct dz_report *report, const struct dz_hist_shape *shape, bool one_way)
{
	if (report->has_shape)
		return;
	report->has_shape = true;
	report->shape = *shape;
	report->one_way = one_way;
	report->parts = one_way ? 1 : 2;
	report->scratch = dz_mem_zalloc(shape->bins, 2 * sizeof *report->scratch);
	dz_vectors_init(&report->shapes, report->parts * shape->bins);
}

struct report_sums *dz_report_sums_of(struct dz_report *report, const char *name, uint32_t *number)
{
	uint32_t before = report->names.count;
	void *block = report->sums;

	*number = dz_intern_add_text(&report->names, name);
	if (*number == before) {
		dz_mem_grow(&block, &report->sums_capacity, *number + (size_t)1, sizeof *report->sums);
		report->sums = block;
		report->sums[*number] = (struct report_sums){
			.pooled = dz_mem_zalloc(report->shape.bins, 2 * sizeof *report->sums->pooled),
			.shares = dz_mem_zalloc(report->shape.bins, 2 * sizeof *report->sums->shares),
		};
	}
	return &report->sums[*number];
}

/* Puts the flow's counts, direction by direction, into the scratch; returns their sum. */
static uint64_t counts_of(struct dz_report *report, const struct dz_record *record)
{
	uint32_t bins = report->shape.bins;
	uint64_t sum = 0;

	for (uint32_t part = 0; part < report->parts; part++) {
		const struct dz_counts *counts = report->one_way ? &record->lengths : &record->side[part].lengths;
		for (uint32_t k = 0; k < bins; k++) {
			uint64_t count = counts->bins ? counts->bins[k] : 0;
			report->scratch[part * bins + k] = count;
			sum += count;
		}
	}
	return sum;
}

static void add_to_sums(struct report_sums *sums, const uint64_t *counts, uint32_t size, uint64_t sum)
{
	if (!sum)
		return;
	sums->flows++;
	for (uint32_t k = 0; k < size; k++) {
		sums->pooled[k] += counts[k];
		sums->shares[k] += (double)counts[k] / (double)sum;
	}
}

static uint32_t add_to_input(struct dz_report *report, const struct dz_record *record, const char *input)
{
	uint32_t number = dz_intern_add_text(&report->inputs, input ? input : "");
	size_t had = report->input_capacity;
	void *block = report->input_sums;

	dz_mem_grow(&block, &report->input_capacity, number + (size_t)1, sizeof *report->input_sums);
	report->input_sums = block;
	if (report->input_capacity > had)
		memset(report->input_sums + had, 0, (report->input_capacity - had) * sizeof *report->input_sums);
	report->input_sums[number].flows++;
	for (unsigned side = 0; side < 2; side++) {
		report->input_sums[number].packets += record->side[side].packets;
		report->input_sums[number].bytes += record->side[side].bytes;
	}
	return number;
}

bool dz_report_add(struct dz_report *report, const struct dz_record *record, const char *input, struct dz_err *err)
{
	const char *host = dz_record_hostname(record);
	struct report_sums *sums;
	struct report_flow *flow;
	void *block = report->flows;
	uint64_t sum;
	uint32_t group;

	if (!dz_groups_add(report->groups, record, input, err))
		return false;
	dz_report_set_shape(report, &record->shape, record->role != DZ_ROLE_BOTH);
	dz_grouping_name(&report->options.grouping, record, input, &report->name);
	sums = dz_report_sums_of(report, report->name.data, &group);
	sum = counts_of(report, record);
	add_to_sums(sums, report->scratch, report->parts * report->shape.bins, sum);
	dz_mem_grow(&block, &report->flow_capacity, report->flow_count + 1, sizeof *report->flows);
	report->flows = block;
	flow = &report->flows[report->flow_count++];
	*flow = (struct report_flow){
		.key = record->key,
		.packets = { record->side[0].packets, record->side[1].packets },
		.bytes = { record->side[0].bytes, record->side[1].bytes },
		.start_ns = record->start_ns,
		.end_ns = record->end_ns,
		.shape = dz_vectors_add(&report->shapes, report->scratch),
		.vector = dz_groups_last_vector(report->groups),
		.group = group,
		.host = dz_intern_add_text(&report->hosts, host ? host : ""),
		.label =
			dz_intern_add_text(&report->labels, record->text->application ? record->text->application : ""),
		.input = add_to_input(report, record, input),
		.source_end = (uint8_t)record->source_end,
	};
	if (record->start_ns < report->first_ns)
		report->first_ns = record->start_ns;
	if (record->end_ns > report->last_ns)
		report->last_ns = record->end_ns;
	return dz_report_score(report, record, report->name.data, err);
}

uint64_t dz_report_flows(const struct dz_report *report)
{
	return report->flow_count + report->library_all.flows;
}

const struct dz_groups *dz_report_groups(const struct dz_report *report)
{
	return report->groups;
}

/* ---- shapes ---- */

bool dz_report_vector(const struct dz_report *report, uint32_t shape, double *vector)
{
	enum dz_direction direction = dz_groups_direction(report->groups);
	uint32_t bins = report->shape.bins;
	uint64_t *counts = report->scratch;

	dz_vectors_counts(&report->shapes, shape, counts);
	if (report->parts == 2 && direction == DZ_DIRECTION_DESTINATION)
		memcpy(counts, counts + bins, bins * sizeof *counts);
	for (uint32_t k = 0; k < bins && report->parts == 2 && direction == DZ_DIRECTION_TOTAL; k++)
		counts[k] += counts[bins + k];
	return dz_distance_normalise(counts, dz_axis_size(dz_groups_axis(report->groups)), vector) > 0;
}

bool dz_report_shares(const struct dz_report *report, uint32_t shape, double *shares)
{
	return dz_vectors_counts(&report->shapes, shape, report->scratch) &&
	       dz_distance_normalise(report->scratch, report->parts * report->shape.bins, shares) > 0;
}

/* ---- the sums ---- */

void dz_report_finish_groups(struct dz_report *report)
{
	dz_groups_finish(report->groups);
}

void dz_report_finish(struct dz_report *report)
{
	const struct dz_compare_options options = { .metric = report->options.metric,
						    .pooled = report->options.pooled,
						    .top = report->options.top,
						    .baseline = report->options.baseline,
						    .baseline_name = report->options.baseline_name };

	report->compare = dz_compare_new(report->groups, &options);
	for (uint32_t i = 0; i < report->names.count; i++)
		report->sums[i].item = -1;
	for (size_t i = 0; i < report->compare->count; i++) {
		const char *name = report->compare->items[i].group->name;
		uint32_t number;
		if (dz_intern_find(&report->names, name, strlen(name), &number))
			report->sums[number].item = (int32_t)i;
	}
	dz_report_verdicts(report);
	dz_report_choose(report);
	dz_report_cluster(report);
	dz_report_map(report);
	dz_report_shapes(report);
	dz_report_time(report);
}
