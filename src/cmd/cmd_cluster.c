/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_cluster.c - `distribooze cluster`: which flows look alike, whatever their labels. */
#include "config.h"
#include "cmd/cmd.h"

#include "render/render.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/output.h"
#include "cmd/spool.h"
#include "cmd/stats_input.h"
#include "record/record_json.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { FLUSH_AT = 1 << 16, SIZE_DEFAULT = 5 };

struct options {
	struct dz_stats_input in;
	double eps;
	uint64_t min_samples, min_cluster_size; /* 0: not given */
	bool flows;
};

/* What is kept while reading. Without --flows that is the groups alone; with it the flows' lines wait in a file, or for
 * CSV what is told of each. */
struct collecting {
	struct dz_groups *groups;
	bool keep_lines, keep_flows;
	struct dz_spool lines;
	struct dz_json_writer *writer; /* owned: for flows of captures */
	struct dz_strbuf line;
	struct dz_intern names;
	struct dz_strbuf name;
	struct dz_cluster_flow *flows; /* owned */
	size_t count, capacity;
};

static bool parse_eps(void *target, const char *value, struct dz_err *err)
{
	char *end;
	double eps;

	if (!strcmp(value, "auto")) {
		*(double *)target = DZ_CLUSTER_AUTO;
		return true;
	}
	errno = 0;
	eps = strtod(value, &end);
	if (end == value || *end || errno || !isfinite(eps) || eps < 0)
		return dz_err_set(err, "'%s' is neither auto nor a distance from 0 up", value);
	*(double *)target = eps;
	return true;
}

static bool keep_line(struct collecting *all, const struct dz_dataset_item *item, struct dz_err *err)
{
	const char *line = item->line;
	size_t size = item->line_size;

	if (!line) {
		dz_strbuf_clear(&all->line);
		dz_json_writer_add(all->writer, item->record, &all->line);
		line = all->line.data;
		size = all->line.size;
	}
	return dz_spool_put(&all->lines, dz_groups_last_vector(all->groups), line, size, err);
}

static void keep_flow(struct collecting *all, const struct dz_dataset_item *item)
{
	const struct dz_record *record = item->record;
	void *block = all->flows;
	struct dz_cluster_flow *flow;

	dz_mem_grow(&block, &all->capacity, all->count + 1, sizeof *all->flows);
	all->flows = block;
	dz_grouping_name(dz_groups_grouping(all->groups), record, item->input, &all->name);
	flow = &all->flows[all->count++];
	flow->key = record->key;
	flow->source_end = record->source_end;
	flow->packets = record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets;
	memcpy(flow->id, record->id, sizeof flow->id);
	flow->group = dz_intern_add_text(&all->names, all->name.data);
	flow->input = dz_intern_add_text(&all->names, item->input);
	flow->vector = dz_groups_last_vector(all->groups);
}

static bool collect(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct collecting *all = context;

	if (!dz_groups_add(all->groups, item->record, item->input, err))
		return false;
	if (all->keep_flows)
		keep_flow(all, item);
	return !all->keep_lines || keep_line(all, item, err);
}

static void add_flows(const struct dz_clustering *clustering, const struct collecting *all, struct dz_strbuf *text)
{
	dz_clustering_flow_csv_head(text);
	for (size_t i = 0; i < all->count; i++)
		dz_clustering_flow_csv(clustering, &all->flows[i], dz_intern_text(&all->names, all->flows[i].group),
				       dz_intern_text(&all->names, all->flows[i].input), text);
}

/* Writes the flows' lines, each with its place; false with a message, or when the reader went away. */
static bool write_lines(const struct dz_clustering *clustering, struct collecting *all, struct dz_output *output,
			struct dz_err *err)
{
	struct dz_strbuf out;
	uint32_t vector;
	bool fine = dz_spool_rewind(&all->lines, err);

	dz_strbuf_init(&out);
	while (fine && dz_spool_next(&all->lines, &vector, &all->line, err)) {
		fine = dz_clustering_line(clustering, vector, all->line.data, all->line.size, &out, err);
		dz_strbuf_addc(&out, '\n');
		if (fine && out.size >= FLUSH_AT) {
			fine = dz_output_write(output, out.data, out.size, 0, err);
			dz_strbuf_clear(&out);
		}
	}
	fine = fine && !err->text[0] && (!out.size || dz_output_write(output, out.data, out.size, 0, err));
	dz_strbuf_release(&out);
	return fine;
}

static bool write_flows(const struct options *o, const struct dz_clustering *clustering, struct collecting *all)
{
	struct dz_output output;
	struct dz_err err;

	if (dz_output_begin(&output, o->in.common.output, &err)) {
		bool fine = write_lines(clustering, all, &output, &err);
		if (fine && dz_output_close(&output, &err))
			return true;
		dz_output_abandon(&output);
		if (output.closed_pipe)
			return true;
	}
	dz_log_error("%s", err.text);
	return false;
}

static void show_clustering(void *context, uint64_t done, uint64_t total)
{
	dz_stats_input_progress(context, "clustering", done, total);
}

static bool write_clusters(struct options *o, struct collecting *all)
{
	const struct dz_cluster_options options = { .metric = (enum dz_metric)o->in.metric,
						    .eps = o->eps,
						    .min_samples = o->min_samples,
						    .min_cluster_size = o->min_cluster_size,
						    .progress = show_clustering,
						    .context = &o->in };
	struct dz_clustering *clustering = dz_clustering_new(all->groups, &options);
	struct dz_strbuf text;
	bool fine;

	if (all->keep_lines) {
		fine = write_flows(o, clustering, all);
		dz_clustering_free(clustering);
		return fine;
	}
	dz_strbuf_init(&text);
	if (o->flows && o->in.format == DZ_STATS_CSV)
		add_flows(clustering, all, &text);
	else if (o->in.format == DZ_STATS_JSON)
		dz_clustering_json(clustering, &text);
	else if (o->in.format == DZ_STATS_CSV)
		dz_clustering_csv(clustering, &text);
	else
		dz_clustering_text(clustering, o->in.common.ascii, &text);
	fine = dz_stats_input_write(&o->in, &text);
	dz_strbuf_release(&text);
	dz_clustering_free(clustering);
	return fine;
}

/* What was not given: min-samples is min-cluster-size, as in scikit-learn. */
static const char *set_defaults(struct options *o)
{
	bool density = o->eps < 0;

	if (!density && o->min_cluster_size)
		return "--min-cluster-size is of HDBSCAN, which is used where no --eps is given";
	if (!o->min_cluster_size)
		o->min_cluster_size = SIZE_DEFAULT;
	if (!o->min_samples)
		o->min_samples = density ? o->min_cluster_size : SIZE_DEFAULT;
	return NULL;
}

static int run_cluster(int argc, char **argv)
{
	struct options o = { .eps = DZ_CLUSTER_AUTO };
	struct collecting all = { 0 };
	struct dz_dataset_account account;
	int first, exit_code;
	const char *wrong;
	bool end;

	dz_stats_input_init(&o.in);
	if (!dz_cmd_parse(&dz_cmd_cluster, &o, argc, argv, &first, &exit_code))
		goto out;
	wrong = set_defaults(&o);
	if (wrong) {
		dz_log_error("%s", wrong);
		exit_code = DZ_EXIT_USAGE;
		goto out;
	}
	all.groups = dz_groups_new_by(dz_stats_input_grouping(&o.in), (enum dz_direction)o.in.direction);
	all.keep_flows = o.flows && o.in.format == DZ_STATS_CSV;
	all.keep_lines = o.flows && !all.keep_flows;
	all.writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
	exit_code = dz_stats_input_read(&o.in, (const char *const *)argv + first, (size_t)(argc - first), collect, &all,
					&account, &end);
	if (end)
		goto out;
	dz_groups_finish(all.groups);
	if (!write_clusters(&o, &all))
		exit_code = DZ_EXIT_FAILED;
out:
	dz_groups_free(all.groups);
	dz_intern_release(&all.names);
	dz_strbuf_release(&all.name);
	dz_strbuf_release(&all.line);
	dz_json_writer_free(all.writer);
	dz_spool_release(&all.lines);
	free(all.flows);
	dz_stats_input_release(&o.in);
	return exit_code;
}

/* ---- its options ---- */

#define AT(member) offsetof(struct options, member)

static const struct dz_opt options[] = {
	DZ_HEADING("What is clustered, and how"),
	DZ_CALL(0, "eps", "DISTANCE",
		"how near flows must be to be neighbours (DBSCAN); auto (default): clusters of whatever density "
		"(HDBSCAN)",
		AT(eps), parse_eps),
	DZ_UINT(0, "min-cluster-size", "N", "flows that make a cluster, without --eps (default 5)",
		AT(min_cluster_size), 2, 1e15),
	DZ_UINT(0, "min-samples", "N",
		"flows, itself included, that must be near a flow for it to be the core of a cluster (default 5; "
		"without "
		"--eps that of --min-cluster-size)",
		AT(min_samples), 1, 1e15),
	DZ_STATS_OPTION_DISTANCE,
	DZ_STATS_OPTION_DIRECTION,
	DZ_STATS_OPTIONS_GROUPING,
	DZ_TABLE(dz_stats_reading, AT(in)),
	DZ_HEADING("Output"),
	DZ_STATS_OPTION_FORMAT("%s; json is one object, csv one row per cluster"),
	DZ_FLAG(0, "flows",
		"every flow's line with its cluster and the distance to it as distribooze.cluster (with -F csv a row)",
		AT(flows)),
	DZ_TABLE(dz_stats_writing, AT(in)),
	DZ_END,
};

const struct dz_cmd dz_cmd_cluster = {
	.name = "cluster",
	.synopsis = "[OPTION]... INPUT...",
	.summary = "clusters of flows that look alike, and how they agree with the labels",
	.help = "Clusters flows by their distributions alone (HDBSCAN, or with --eps DBSCAN): which look alike,\n"
		"which like no other (noise), how far each is from the mean of its cluster, and how that agrees\n"
		"with the labels.\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.makes_temporary = true,
	.run = run_cluster,
};
