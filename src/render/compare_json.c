/* SPDX-License-Identifier: BSD-2-Clause */
/* compare_json.c - a comparison as one JSON object. docs/STATISTICS.md lists the fields. */
#include "config.h"
#include "render/render.h"

#include "record/json_build.h"
#include <stdio.h>

static struct json_object *leading_json(const struct dz_compare *compare, const struct dz_compare_group *item)
{
	struct json_object *array = dz_json_build_array();

	for (size_t i = 0; i < item->leading_count; i++) {
		const struct dz_axis *axis = &compare->axis;
		struct dz_summary_range range =
			dz_summary_range(item->leading[i].bin % axis->bins, axis->bins, axis->bin_width);
		struct json_object *bin = dz_json_build_object();
		dz_json_build_add(bin, "bin", dz_json_build_uint(item->leading[i].bin));
		dz_json_build_add(bin, "from", dz_json_build_uint(range.first));
		if (!range.open)
			dz_json_build_add(bin, "to", dz_json_build_uint(range.last));
		dz_json_build_add(bin, "share", dz_json_build_real(item->leading[i].share));
		dz_json_build_append(array, bin);
	}
	return array;
}

static struct json_object *group_json(const struct dz_compare *compare, const struct dz_compare_group *item)
{
	static const char *const quantile_names[DZ_COMPARE_QUANTILES] = { "p10", "p25", "p50", "p75", "p90" };
	const struct dz_group *group = item->group;
	uint32_t bins = dz_axis_size(&compare->axis);
	struct json_object *object = dz_json_build_object(), *quantiles = dz_json_build_object();

	dz_json_build_add(object, "name", dz_json_build_text(group->name));
	dz_json_build_add(object, "flows", dz_json_build_uint(group->flows));
	dz_json_build_add(object, "empty_flows", dz_json_build_uint(group->empty));
	dz_json_build_add(object, "distinct", dz_json_build_uint(group->member_count));
	dz_json_build_add(object, "packets", dz_json_build_uint(group->packets));
	dz_json_build_add(object, "bytes", dz_json_build_uint(group->bytes));
	dz_json_build_add(object, "count", dz_json_build_uint(group->counted));
	dz_json_build_add(object, "entropy", dz_json_build_real(item->entropy));
	for (unsigned q = 0; q < DZ_COMPARE_QUANTILES; q++)
		dz_json_build_add(quantiles, quantile_names[q], dz_json_build_real(item->quantiles[q]));
	dz_json_build_add(object, "quantiles", quantiles);
	dz_json_build_add(object, "leading", leading_json(compare, item));
	dz_json_build_add(object, "dispersion", dz_json_build_real(item->dispersion));
	dz_json_build_add(object, "counts", dz_json_build_uints(group->pooled, bins));
	dz_json_build_add(object, "mean", dz_json_build_reals(item->mean, bins));
	dz_json_build_add(object, "sd", dz_json_build_reals(item->sd, bins));
	return object;
}

static struct json_object *matrix_json(const struct dz_compare *compare)
{
	struct json_object *matrix = dz_json_build_array();

	for (size_t i = 0; i < compare->count; i++)
		dz_json_build_append(matrix,
				     dz_json_build_reals(compare->distances + i * compare->count, compare->count));
	return matrix;
}

static struct json_object *tests_json(const struct dz_compare *compare)
{
	struct json_object *object = dz_json_build_object(), *pairs = dz_json_build_array();
	char seed[32];

	dz_json_build_add(object, "permutations", dz_json_build_uint(compare->options.permutations));
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)compare->options.seed);
	dz_json_build_add(object, "seed", dz_json_build_word(seed));
	for (size_t i = 0; i < compare->pair_count; i++) {
		const struct dz_compare_pair *pair = &compare->pairs[i];
		struct json_object *test = dz_json_build_object();
		const uint64_t flows[2] = { pair->result.flows[0], pair->result.flows[1] };
		dz_json_build_add(test, "a", dz_json_build_text(compare->items[pair->a].group->name));
		dz_json_build_add(test, "b", dz_json_build_text(compare->items[pair->b].group->name));
		dz_json_build_add(test, "flows", dz_json_build_uints(flows, 2));
		dz_json_build_add(test, "statistic", dz_json_build_real(pair->result.statistic));
		dz_json_build_add(test, "reached", dz_json_build_uint(pair->result.reached));
		dz_json_build_add(test, "p", dz_json_build_real(pair->result.p));
		dz_json_build_add(test, "p_holm", dz_json_build_real(pair->adjusted));
		dz_json_build_append(pairs, test);
	}
	dz_json_build_add(object, "pairs", pairs);
	if (compare->count == 2) {
		struct dz_strbuf verdict;
		dz_strbuf_init(&verdict);
		dz_compare_verdict(compare, &verdict);
		dz_json_build_add(object, "verdict", dz_json_build_text(verdict.data));
		dz_strbuf_release(&verdict);
	}
	return object;
}

void dz_compare_json(const struct dz_compare *compare, struct dz_strbuf *out)
{
	struct json_object *object = dz_json_build_object(), *groups = dz_json_build_array();

	dz_json_build_add(object, "format", dz_json_build_word("distribooze-compare"));
	dz_json_build_add(object, "version", dz_json_build_int(1));
	dz_json_build_shape(object, &compare->shape);
	dz_json_build_add(object, "by", dz_json_build_word(dz_group_by_names[dz_groups_by(compare->groups)]));
	dz_json_build_add(object, "direction",
			  dz_json_build_word(dz_direction_names[dz_groups_direction(compare->groups)]));
	dz_json_build_add(object, "metric", dz_json_build_word(dz_metric_name(compare->options.metric)));
	dz_json_build_add(object, "compared", dz_json_build_word(compare->options.pooled ? "pooled" : "mean"));
	for (size_t i = 0; i < compare->count; i++)
		dz_json_build_append(groups, group_json(compare, &compare->items[i]));
	dz_json_build_add(object, "groups", groups);
	dz_json_build_add(object, "groups_left_out", dz_json_build_uint(compare->left_out));
	dz_json_build_add(object, "distances", matrix_json(compare));
	if (compare->pairs)
		dz_json_build_add(object, "test", tests_json(compare));
	dz_json_build_finish(object, out);
}
