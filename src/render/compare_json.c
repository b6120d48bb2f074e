/* SPDX-License-Identifier: BSD-2-Clause */
/* compare_json.c - a comparison as one JSON object. docs/STATISTICS.md lists the fields. */
#include "config.h"
#include "render/render.h"

#include "record/json_build.h"
#include <stdio.h>

static struct json_object *leading_json(const struct dz_compare *compare, const struct dz_compare_group *item)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < item->leading_count; i++) {
		const struct dz_axis *axis = &compare->axis;
		struct dz_summary_range range =
			dz_summary_range(item->leading[i].bin % axis->bins, axis->bins, axis->bin_width);
		struct json_object *bin = json_object_new_object();
		json_object_object_add(bin, "bin", dz_json_build_uint(item->leading[i].bin));
		json_object_object_add(bin, "from", dz_json_build_uint(range.first));
		if (!range.open)
			json_object_object_add(bin, "to", dz_json_build_uint(range.last));
		json_object_object_add(bin, "share", dz_json_build_real(item->leading[i].share));
		json_object_array_add(array, bin);
	}
	return array;
}

static struct json_object *group_json(const struct dz_compare *compare, const struct dz_compare_group *item)
{
	static const char *const quantile_names[DZ_COMPARE_QUANTILES] = { "p10", "p25", "p50", "p75", "p90" };
	const struct dz_group *group = item->group;
	uint32_t bins = dz_axis_size(&compare->axis);
	struct json_object *object = json_object_new_object(), *quantiles = json_object_new_object();

	json_object_object_add(object, "name", dz_json_build_text(group->name));
	json_object_object_add(object, "flows", dz_json_build_uint(group->flows));
	json_object_object_add(object, "empty_flows", dz_json_build_uint(group->empty));
	json_object_object_add(object, "distinct", dz_json_build_uint(group->member_count));
	json_object_object_add(object, "packets", dz_json_build_uint(group->packets));
	json_object_object_add(object, "bytes", dz_json_build_uint(group->bytes));
	json_object_object_add(object, "count", dz_json_build_uint(group->counted));
	json_object_object_add(object, "entropy", dz_json_build_real(item->entropy));
	for (unsigned q = 0; q < DZ_COMPARE_QUANTILES; q++)
		json_object_object_add(quantiles, quantile_names[q], dz_json_build_real(item->quantiles[q]));
	json_object_object_add(object, "quantiles", quantiles);
	json_object_object_add(object, "leading", leading_json(compare, item));
	json_object_object_add(object, "dispersion", dz_json_build_real(item->dispersion));
	json_object_object_add(object, "counts", dz_json_build_uints(group->pooled, bins));
	json_object_object_add(object, "mean", dz_json_build_reals(item->mean, bins));
	json_object_object_add(object, "sd", dz_json_build_reals(item->sd, bins));
	return object;
}

static struct json_object *matrix_json(const struct dz_compare *compare)
{
	struct json_object *matrix = json_object_new_array();

	for (size_t i = 0; i < compare->count; i++)
		json_object_array_add(matrix,
				      dz_json_build_reals(compare->distances + i * compare->count, compare->count));
	return matrix;
}

static struct json_object *tests_json(const struct dz_compare *compare)
{
	struct json_object *object = json_object_new_object(), *pairs = json_object_new_array();
	char seed[32];

	json_object_object_add(object, "permutations", dz_json_build_uint(compare->options.permutations));
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)compare->options.seed);
	json_object_object_add(object, "seed", json_object_new_string(seed));
	for (size_t i = 0; i < compare->pair_count; i++) {
		const struct dz_compare_pair *pair = &compare->pairs[i];
		struct json_object *test = json_object_new_object();
		const uint64_t flows[2] = { pair->result.flows[0], pair->result.flows[1] };
		json_object_object_add(test, "a", dz_json_build_text(compare->items[pair->a].group->name));
		json_object_object_add(test, "b", dz_json_build_text(compare->items[pair->b].group->name));
		json_object_object_add(test, "flows", dz_json_build_uints(flows, 2));
		json_object_object_add(test, "statistic", dz_json_build_real(pair->result.statistic));
		json_object_object_add(test, "reached", dz_json_build_uint(pair->result.reached));
		json_object_object_add(test, "p", dz_json_build_real(pair->result.p));
		json_object_object_add(test, "p_holm", dz_json_build_real(pair->adjusted));
		json_object_array_add(pairs, test);
	}
	json_object_object_add(object, "pairs", pairs);
	if (compare->count == 2) {
		struct dz_strbuf verdict;
		dz_strbuf_init(&verdict);
		dz_compare_verdict(compare, &verdict);
		json_object_object_add(object, "verdict", dz_json_build_text(verdict.data));
		dz_strbuf_release(&verdict);
	}
	return object;
}

void dz_compare_json(const struct dz_compare *compare, struct dz_strbuf *out)
{
	struct json_object *object = json_object_new_object(), *groups = json_object_new_array();

	json_object_object_add(object, "format", json_object_new_string("distribooze-compare"));
	json_object_object_add(object, "version", json_object_new_int(1));
	dz_json_build_shape(object, &compare->shape);
	json_object_object_add(object, "by", json_object_new_string(dz_group_by_names[dz_groups_by(compare->groups)]));
	json_object_object_add(object, "direction",
			       json_object_new_string(dz_direction_names[dz_groups_direction(compare->groups)]));
	json_object_object_add(object, "metric", json_object_new_string(dz_metric_name(compare->options.metric)));
	json_object_object_add(object, "compared", json_object_new_string(compare->options.pooled ? "pooled" : "mean"));
	for (size_t i = 0; i < compare->count; i++)
		json_object_array_add(groups, group_json(compare, &compare->items[i]));
	json_object_object_add(object, "groups", groups);
	json_object_object_add(object, "groups_left_out", dz_json_build_uint(compare->left_out));
	json_object_object_add(object, "distances", matrix_json(compare));
	if (compare->pairs)
		json_object_object_add(object, "test", tests_json(compare));
	dz_json_build_finish(object, out);
}
