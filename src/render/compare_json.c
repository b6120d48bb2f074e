/* SPDX-License-Identifier: BSD-2-Clause */
/* compare_json.c - a comparison as one JSON object. docs/STATISTICS.md lists the fields. */
#include "config.h"
#include "render/render.h"

#include "record/json_build.h"
#include "render/drift.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static struct json_object *two(const uint32_t *numbers)
{
	return dz_json_build_uints((const uint64_t[]){ numbers[0], numbers[1] }, 2);
}

/* Which bin of a vector: its number, whose it is, and its lengths. */
static struct json_object *bin_json(const struct dz_axis *axis, uint32_t bin)
{
	struct dz_summary_range range = dz_summary_range(bin % axis->bins, axis->bins, axis->bin_width);
	struct json_object *object = dz_json_build_object();

	dz_json_build_add(object, "bin", dz_json_build_uint(bin));
	if (axis->parts == 2)
		dz_json_build_add(object, "side", dz_json_build_word(bin < axis->bins ? "source" : "destination"));
	dz_json_build_add(object, "from", dz_json_build_uint(range.first));
	if (!range.open)
		dz_json_build_add(object, "to", dz_json_build_uint(range.last));
	return object;
}

/* Without an upper end where there is none, and where the longest length is not known. */
static struct json_object *range_json(const struct dz_summary_range *range)
{
	struct json_object *array = dz_json_build_array();

	dz_json_build_append(array, dz_json_build_uint(range->first));
	dz_json_build_append(array, range->last == UINT32_MAX ? NULL : dz_json_build_uint(range->last));
	return array;
}

static struct json_object *leading_json(const struct dz_compare *compare, const struct dz_compare_group *item)
{
	struct json_object *array = dz_json_build_array();

	for (size_t i = 0; i < item->leading_count; i++) {
		struct json_object *bin = bin_json(&compare->axis, item->leading[i].bin);
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
	struct json_object *object = dz_json_build_object(), *quantiles = dz_json_build_object(),
			   *ranges = dz_json_build_object();

	dz_json_build_add(object, "name", dz_json_build_text(group->name));
	dz_json_build_add(object, "flows", dz_json_build_uint(group->flows));
	dz_json_build_add(object, "empty_flows", dz_json_build_uint(group->empty));
	dz_json_build_add(object, group->within ? "cells" : "distinct", dz_json_build_uint(group->member_count));
	dz_json_build_add(object, "packets", dz_json_build_uint(group->packets));
	dz_json_build_add(object, "bytes", dz_json_build_uint(group->bytes));
	dz_json_build_add(object, "count", dz_json_build_uint(group->counted));
	dz_json_build_add(object, "entropy", dz_json_build_real(item->entropy));
	for (unsigned q = 0; q < DZ_COMPARE_QUANTILES; q++) {
		dz_json_build_add(quantiles, quantile_names[q], dz_json_build_real(item->quantiles[q]));
		dz_json_build_add(ranges, quantile_names[q], range_json(&item->ranges[q]));
	}
	dz_json_build_add(object, "quantiles", quantiles);
	dz_json_build_add(object, "quantile_ranges", ranges);
	dz_json_build_add(object, "leading", leading_json(compare, item));
	if (!isnan(item->dispersion))
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
		dz_json_build_append(matrix, dz_json_build_flat(dz_json_build_reals(
						     compare->distances + i * compare->count, compare->count)));
	return matrix;
}

static void put_interval(struct json_object *object, const char *name, const struct dz_interval *interval)
{
	if (interval->known)
		dz_json_build_add(object, name,
				  dz_json_build_reals((const double[]){ interval->low, interval->high }, 2));
}

struct json_object *dz_contrast_where_json(const struct dz_contrast *contrast, const struct dz_axis *axis)
{
	struct json_object *array = dz_json_build_array();

	for (uint32_t i = 0; i < contrast->where_count; i++) {
		struct json_object *bin = bin_json(axis, contrast->where[i].bin);
		dz_json_build_add(bin, "shares", dz_json_build_reals(contrast->where[i].shares, 2));
		dz_json_build_append(array, bin);
	}
	return array;
}

static struct json_object *gaps_json(const struct dz_compare *compare, const struct dz_contrast *contrast)
{
	struct json_object *array = dz_json_build_array();

	for (unsigned level = 0; level < contrast->levels && level < DZ_SESSION_GAPS; level++)
		dz_json_build_append(
			array,
			dz_json_build_real((double)dz_session_gap(&compare->options.contrast.rule, level) / 1e9));
	return array;
}

/* What stands only where there were sessions and permutations enough. */
static void put_test(struct json_object *object, const struct dz_compare *compare, const struct dz_contrast *contrast)
{
	const struct dz_energy_result *test = &contrast->test;

	if (compare->options.contrast.rule.kind == DZ_SESSIONS_GAPS)
		dz_json_build_add(object, "gaps_tested", gaps_json(compare, contrast));
	dz_json_build_add(object, "hosts_tested",
			  dz_json_build_bool(dz_contrast_is_by_hosts(&compare->options.contrast, contrast)));
	if (contrast->swapped)
		dz_json_build_put(object, "swapped", contrast->swapped);
	dz_json_build_add(object, "energy", dz_json_build_real(test->energy));
	dz_json_build_add(object, "statistic", isfinite(test->statistic) ? dz_json_build_real(test->statistic) : NULL);
	dz_json_build_add(object, "exact", dz_json_build_bool(test->exact));
	dz_json_build_add(object, "tried", dz_json_build_uint(test->tried));
	dz_json_build_add(object, "reached", dz_json_build_uint(test->reached));
	dz_json_build_add(object, "p", dz_json_build_real(test->p));
	dz_json_build_add(object, "p_holm", dz_json_build_real(contrast->adjusted));
	put_interval(object, "told_apart_interval", &contrast->told);
	if (contrast->h_known) {
		dz_json_build_add(object, "h", dz_json_build_real(fmax(test->h, 0)));
		put_interval(object, "h_interval", &contrast->h);
		dz_json_build_add(object, "resamples", dz_json_build_uint(contrast->resamples));
		dz_json_build_add(object, "h_noise",
				  dz_json_build_reals((const double[]){ test->noise_median, test->noise_high }, 2));
	}
	dz_json_build_add(object, "p_means", dz_json_build_real(contrast->p_means));
	dz_json_build_add(object, "where", dz_contrast_where_json(contrast, &compare->axis));
	dz_json_build_add(object, "where_share", dz_json_build_real(contrast->where_share));
}

static void put_row(struct json_object *object, const struct dz_yardstick_row *row)
{
	dz_json_build_put(object, "pairs", row->pairs);
	dz_json_build_put(object, "labels", row->labels);
	dz_json_build_put(object, "inputs", row->inputs);
	dz_json_build_add(object, "quartiles",
			  dz_json_build_reals((const double[]){ row->low, row->median, row->high }, 3));
}

static struct json_object *yardstick_json(const struct dz_compare *compare)
{
	const struct dz_yardstick *yardstick = compare->options.yardstick;
	struct json_object *object = dz_json_build_object(), *rows = dz_json_build_array();

	dz_json_build_add(object, "name", dz_json_build_text(compare->options.yardstick_name));
	dz_json_build_put(object, "inputs", yardstick->inputs);
	for (unsigned level = 0; level < DZ_SESSION_GAPS; level++) {
		uint64_t gap = dz_session_gap(&compare->options.contrast.rule, level);
		for (unsigned k = 0; k < DZ_CONTRAST_K_MAX; k++) {
			struct json_object *row;
			if (!yardstick->rows[level][k].pairs)
				continue;
			row = dz_json_build_object();
			if (gap)
				dz_json_build_add(row, "gap", dz_json_build_real((double)gap / 1e9));
			dz_json_build_put(row, "k", k + 1);
			put_row(row, &yardstick->rows[level][k]);
			dz_json_build_append(rows, row);
		}
	}
	dz_json_build_add(object, "rows", rows);
	return object;
}

static void put_sessions(struct json_object *object, const struct dz_compare *compare,
			 const struct dz_contrast *contrast)
{
	uint64_t gap = dz_session_gap(&compare->options.contrast.rule, contrast->level);

	dz_json_build_add(object, "sessions", two(contrast->sessions));
	dz_json_build_add(object, "hosts", two(contrast->hosts));
	dz_json_build_put(object, "hosts_of_both", contrast->hosts_both);
	dz_json_build_put(object, "inputs_of_both", contrast->inputs);
	dz_json_build_add(object, "lengths_per_flow", dz_json_build_reals(contrast->lengths, 2));
	if (contrast->sharing)
		dz_json_build_put(object, "sharing", contrast->sharing);
	if (gap)
		dz_json_build_add(object, "gap", dz_json_build_real((double)gap / 1e9));
	dz_json_build_add(object, "least_p", dz_json_build_real(contrast->least_p));
}

/* What captures of one service give, with as many sessions drawn. */
static void put_yardstick(struct json_object *object, const struct dz_compare *compare,
			  const struct dz_contrast *contrast)
{
	struct dz_yardstick_mark mark = dz_yardstick_mark(compare->options.yardstick, contrast);
	struct json_object *yardstick;

	if (!mark.row)
		return;
	yardstick = dz_json_build_child(object, "yardstick");
	dz_json_build_put(yardstick, "k", mark.k);
	dz_json_build_add(yardstick, "told_apart", dz_json_build_real(mark.share));
	if (mark.row->shares)
		dz_json_build_put(yardstick, "below", mark.below);
	put_row(yardstick, mark.row);
}

/* Of flows without sessions. */
static void put_units(struct json_object *object, const struct dz_compare *compare, const struct dz_contrast *contrast)
{
	dz_json_build_add(object, "drawn", dz_json_build_word(dz_contrast_units(contrast)));
	if (contrast->by_inputs)
		dz_json_build_add(object, "inputs", two(contrast->sessions));
	dz_json_build_add(object, "where", dz_contrast_where_json(contrast, &compare->axis));
	dz_json_build_add(object, "where_share", dz_json_build_real(contrast->where_share));
}

struct json_object *dz_contrast_json(const struct dz_compare *compare, size_t a, size_t b)
{
	size_t pair = dz_compare_pair(a, b);
	const struct dz_contrast *contrast = &compare->contrasts[pair];
	struct json_object *object = dz_json_build_object();
	struct dz_strbuf text;

	dz_strbuf_init(&text);
	dz_contrast_sentence(compare, pair, &text);
	dz_json_build_add(object, "a", dz_json_build_text(compare->items[a].group->name));
	dz_json_build_add(object, "b", dz_json_build_text(compare->items[b].group->name));
	dz_json_build_add(object, "verdict", dz_json_build_word(dz_contrast_code(compare, contrast)));
	dz_json_build_add(object, "text", dz_json_build_text(text.data));
	dz_json_build_add(object, "flows", two(contrast->flows));
	dz_json_build_add(object, "sampled", dz_json_build_bool(contrast->drawn));
	if (contrast->verdict == DZ_CONTRAST_NO_SESSIONS)
		put_units(object, compare, contrast);
	else
		put_sessions(object, compare, contrast);
	if (contrast->k) {
		dz_json_build_add(object, "k", dz_json_build_uint(contrast->k));
		dz_json_build_add(object, "told_apart", dz_json_build_real(contrast->told_apart));
	}
	if (contrast->verdict >= DZ_CONTRAST_DIFFER)
		put_test(object, compare, contrast);
	put_yardstick(object, compare, contrast);
	dz_strbuf_release(&text);
	return object;
}

static struct json_object *pairs_json(const struct dz_compare *compare)
{
	struct json_object *pairs = dz_json_build_array();

	for (size_t a = 0; a < compare->count; a++)
		for (size_t b = a + 1; b < compare->count; b++)
			dz_json_build_append(pairs, dz_json_build_flat(dz_contrast_json(compare, a, b)));
	return pairs;
}

static struct json_object *tests_json(const struct dz_compare *compare)
{
	const struct dz_contrast_options *options = &compare->options.contrast;
	struct json_object *object = dz_json_build_object();
	char seed[32];

	dz_json_build_add(object, "permutations", dz_json_build_uint(options->permutations));
	snprintf(seed, sizeof seed, "%" PRIu64, options->seed);
	dz_json_build_add(object, "seed", dz_json_build_word(seed));
	dz_json_build_add(object, "sessions", dz_json_build_word(dz_session_kind_names[options->rule.kind]));
	dz_json_build_add(object, "little", dz_json_build_real(options->little));
	if (options->alike > 0)
		dz_json_build_add(object, "alike", dz_json_build_real(options->alike));
	dz_json_build_add(object, "pairs", pairs_json(compare));
	return object;
}

void dz_compare_json(const struct dz_compare *compare, struct dz_strbuf *out)
{
	struct json_object *object = dz_json_build_object(), *groups = dz_json_build_array();
	struct dz_strbuf why;

	dz_strbuf_init(&why);
	dz_json_build_add(object, "format", dz_json_build_word("distribooze-compare"));
	dz_json_build_add(object, "version", dz_json_build_int(1));
	dz_json_build_shape(object, &compare->shape);
	dz_json_build_add(object, "by", dz_json_build_word(dz_groups_by_text(compare->groups)));
	dz_json_build_add(object, "direction",
			  dz_json_build_word(dz_direction_names[dz_groups_direction(compare->groups)]));
	dz_json_build_add(object, "metric", dz_json_build_word(dz_metric_name(compare->options.metric)));
	dz_json_build_add(object, "compared", dz_json_build_word(compare->options.pooled ? "pooled" : "mean"));
	for (size_t i = 0; i < compare->count; i++)
		dz_json_build_append(groups, dz_json_build_flat(group_json(compare, &compare->items[i])));
	dz_json_build_add(object, "groups", groups);
	dz_json_build_add(object, "groups_left_out", dz_json_build_uint(compare->left_out));
	dz_json_build_add(object, "distances", matrix_json(compare));
	if (dz_contrast_no_test(compare, &why))
		dz_json_build_add(object, "no_test", dz_json_build_word(why.data));
	if (compare->contrasts && compare->libraries)
		dz_json_build_add(object, "pairs", pairs_json(compare));
	else if (compare->contrasts)
		dz_json_build_add(object, "test", tests_json(compare));
	if (compare->options.yardstick && !compare->options.yardstick->shipped)
		dz_json_build_add(object, "yardstick", yardstick_json(compare));
	if (compare->drift)
		dz_json_build_add(object, "baseline",
				  dz_drift_json(compare->drift, compare->options.baseline_name, &compare->axis,
						compare->options.metric));
	dz_strbuf_release(&why);
	dz_json_build_finish(object, out);
}
