/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_cluster.c - `distribooze cluster`: which flows look alike, whatever their labels. */
#include "config.h"
#include "cmd/cmd.h"

#include "render/render.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/stats_input.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct options {
	struct dz_stats_input in;
	double eps;
	uint64_t min_samples;
	bool flows;
};

/* What is kept while reading. Without --flows that is the groups alone. */
struct collecting {
	struct dz_groups *groups;
	bool keep;
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

static bool collect(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct collecting *all = context;
	const struct dz_record *record = item->record;
	void *block = all->flows;

	if (!dz_groups_add(all->groups, record, item->input, err))
		return false;
	if (!all->keep)
		return true;
	dz_mem_grow(&block, &all->capacity, all->count + 1, sizeof *all->flows);
	all->flows = block;
	dz_group_name(dz_groups_by(all->groups), record, item->input, &all->name);
	struct dz_cluster_flow *flow = &all->flows[all->count++];
	flow->key = record->key;
	flow->source_end = record->source_end;
	flow->packets = record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets;
	memcpy(flow->id, record->id, sizeof flow->id);
	flow->group = dz_intern_add_text(&all->names, all->name.data);
	flow->input = dz_intern_add_text(&all->names, item->input);
	flow->vector = dz_groups_last_vector(all->groups);
	return true;
}

static void add_flows(const struct options *o, const struct dz_clustering *clustering, const struct collecting *all,
		      struct dz_strbuf *text)
{
	if (o->in.format == DZ_STATS_CSV)
		dz_clustering_flow_csv_head(text);
	for (size_t i = 0; i < all->count; i++) {
		const struct dz_cluster_flow *flow = &all->flows[i];
		const char *name = dz_intern_text(&all->names, flow->group);
		const char *input = dz_intern_text(&all->names, flow->input);
		if (o->in.format == DZ_STATS_CSV)
			dz_clustering_flow_csv(clustering, flow, name, input, text);
		else
			dz_clustering_flow_json(clustering, flow, name, input, text);
	}
}

static void show_clustering(void *context, uint64_t done, uint64_t total)
{
	dz_stats_input_progress(context, "clustering", done, total);
}

static bool write_clusters(struct options *o, const struct collecting *all)
{
	const struct dz_cluster_options options = { .metric = (enum dz_metric)o->in.metric,
						    .eps = o->eps,
						    .min_samples = o->min_samples,
						    .progress = show_clustering,
						    .context = &o->in };
	struct dz_clustering *clustering = dz_clustering_new(all->groups, &options);
	struct dz_strbuf text;
	bool fine;

	dz_strbuf_init(&text);
	if (o->flows)
		add_flows(o, clustering, all, &text);
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

static int run_cluster(int argc, char **argv)
{
	struct options o = { .eps = DZ_CLUSTER_AUTO, .min_samples = 5 };
	struct collecting all = { 0 };
	struct dz_dataset_account account;
	int first, exit_code;
	bool end;

	dz_stats_input_init(&o.in);
	if (!dz_cmd_parse(&dz_cmd_cluster, &o, argc, argv, &first, &exit_code))
		goto out;
	all.groups = dz_groups_new((enum dz_group_by)o.in.by, (enum dz_direction)o.in.direction);
	all.keep = o.flows;
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
	free(all.flows);
	dz_stats_input_release(&o.in);
	return exit_code;
}

/* ---- its options ---- */

#define AT(member) offsetof(struct options, member)

static const struct dz_opt options[] = {
	DZ_HEADING("What is clustered, and how"),
	DZ_CALL(0, "eps", "DISTANCE",
		"how near flows must be to be neighbours; auto (default): the knee of the curve of the flows' "
		"distances to "
		"their neighbours",
		AT(eps), parse_eps),
	DZ_UINT(0, "min-samples", "N",
		"flows, itself included, that a flow needs within that distance to be the core of a cluster (default "
		"5)",
		AT(min_samples), 1, 1e15),
	DZ_STATS_OPTION_DISTANCE,
	DZ_STATS_OPTION_DIRECTION,
	DZ_STATS_OPTION_BY,
	DZ_TABLE(dz_stats_reading, AT(in)),
	DZ_HEADING("Output"),
	DZ_STATS_OPTION_FORMAT("%s; json is one object, csv one row per cluster"),
	DZ_FLAG(0, "flows", "one line per flow with its cluster and the distance to it, as json (unless -F csv)",
		AT(flows)),
	DZ_TABLE(dz_stats_writing, AT(in)),
	DZ_END,
};

const struct dz_cmd dz_cmd_cluster = {
	.name = "cluster",
	.synopsis = "[OPTION]... INPUT...",
	.summary = "clusters of flows that look alike, and how they agree with the labels",
	.help = "Clusters flows by their distributions alone (DBSCAN): which look alike, which like no other\n"
		"(noise), how far each is from the mean of its cluster, and how that agrees with the labels.\n",
	.options = options,
	.run = run_cluster,
};
