/* SPDX-License-Identifier: BSD-2-Clause */
/* drift.c - how far groups have moved from a baseline, as text and as JSON. Every line has the number behind it, and
 * what chance would give. */
#include "config.h"
#include "render/drift.h"

#include "record/json_build.h"
#include "render/chart.h"
#include "render/render.h"
#include <inttypes.h>
#include <math.h>

enum { MAX_NAMES = 12, MAX_NAME = 24 };
#define MIN_TOLD 0.01 /* a difference of shares that is worth a word */

static bool has_spread(const struct dz_drift_row *row)
{
	return row->alike >= DZ_DRIFT_INPUTS_MIN;
}

const char *dz_drift_code(const struct dz_drift_row *row)
{
	if (row->contrast.verdict == DZ_CONTRAST_EMPTY)
		return "empty";
	if (!has_spread(row))
		return "few-inputs";
	return row->nearer == row->alike ? "beyond" : "within";
}

/* ---- text ---- */

static void add_distance(double distance, bool small, struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "%.*f", small ? 3 : 1, distance);
}

static void add_no_spread(const struct dz_drift_row *row, bool small, struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "distance ");
	add_distance(row->distance, small, out);
	if (!row->inputs)
		dz_strbuf_adds(out, ", and the baseline does not keep inputs that could say how much that is");
	else if (row->inputs < DZ_DRIFT_INPUTS_MIN)
		dz_strbuf_addf(out, ", and %" PRIu32 " input%s of the baseline cannot say how much that is",
			       row->inputs, row->inputs == 1 ? "" : "s");
	else
		dz_strbuf_addf(out,
			       ", which for so few flows (%" PRIu64 ") may be chance: %" PRIu32
			       " of the baseline's %" PRIu32 " inputs ha%s no more (in the middle %.4g)",
			       dz_group_shaped(row->group), row->alike, row->inputs, row->alike == 1 ? "s" : "ve",
			       row->flows_median);
}

static void add_spread(const struct dz_drift_row *row, bool small, struct dz_strbuf *out)
{
	const char *which = row->alike < row->inputs ? " of no more flows" : "";
	uint64_t flows = dz_group_shaped(row->group);

	if (!has_spread(row)) {
		add_no_spread(row, small, out);
		return;
	}
	if (row->nearer == row->alike)
		dz_strbuf_addf(out,
			       "farther than all %" PRIu32 " inputs of the baseline%s (by chance 1 in %" PRIu32 ")",
			       row->alike, which, row->alike + 1);
	else
		dz_strbuf_addf(out,
			       "no farther than the baseline's inputs%s, %" PRIu32 " of %" PRIu32 " of them nearer",
			       which, row->nearer, row->alike);
	dz_strbuf_adds(out, ": distance ");
	add_distance(row->distance, small, out);
	dz_strbuf_addf(out, " (%" PRIu64 " flow%s), theirs to each other ", flows, flows == 1 ? "" : "s");
	add_distance(row->least, small, out);
	dz_strbuf_adds(out, "–");
	add_distance(row->largest, small, out);
	dz_strbuf_addf(out, " (in the middle %.4g flow%s)", row->flows_median, row->flows_median == 1 ? "" : "s");
}

static void add_where(const struct dz_contrast *contrast, const struct dz_axis *axis, struct dz_strbuf *out)
{
	const char *before = ";";
	char bin[DZ_CHART_RANGE];

	for (uint32_t i = 0; i < contrast->where_count; i++) {
		const double *shares = contrast->where[i].shares;
		if (fabs(shares[0] - shares[1]) < MIN_TOLD)
			continue;
		dz_chart_bin(contrast->where[i].bin, axis, bin);
		dz_strbuf_addf(out, "%s %s: %.0f %% against %.0f %%", before, bin, shares[0] * 100, shares[1] * 100);
		before = ",";
	}
}

void dz_drift_sentence(const struct dz_drift_row *row, const struct dz_axis *axis, enum dz_metric metric,
		       struct dz_strbuf *out)
{
	const struct dz_contrast *contrast = &row->contrast;

	if (contrast->verdict == DZ_CONTRAST_EMPTY) {
		dz_strbuf_adds(out, "one of the two has no flow with a distribution");
		return;
	}
	add_spread(row, dz_metric_max(metric, axis) <= 1, out);
	if (contrast->k)
		dz_strbuf_addf(out, "; told apart %.0f %% by %s, chance 50 %%", contrast->told_apart * 100,
			       dz_contrast_units(contrast));
	add_where(contrast, axis, out);
}

static void add_names(const char *what, const struct dz_group *const *groups, size_t count, struct dz_strbuf *out)
{
	if (!count)
		return;
	dz_strbuf_adds(out, what);
	for (size_t i = 0; i < count && i < MAX_NAMES; i++) {
		dz_strbuf_adds(out, i ? ", " : " ");
		dz_chart_name(out, groups[i]->name, dz_chart_name_columns(groups[i]->name, MAX_NAME));
	}
	if (count > MAX_NAMES)
		dz_strbuf_addf(out, " and %zu more", count - MAX_NAMES);
	dz_strbuf_addc(out, '\n');
}

void dz_drift_text(const struct dz_drift *drift, const char *name, const struct dz_axis *axis, enum dz_metric metric,
		   struct dz_strbuf *out)
{
	bool by_flows = false;

	dz_strbuf_adds(out, "\nAgainst the baseline ");
	dz_chart_name(out, name, dz_chart_name_columns(name, UINT32_MAX));
	dz_strbuf_adds(out, " (no test: libraries keep no sessions)\n");
	for (size_t i = 0; i < drift->count; i++) {
		const struct dz_drift_row *row = &drift->rows[i];
		dz_chart_name(out, row->group->name, dz_chart_name_columns(row->group->name, MAX_NAME));
		dz_strbuf_adds(out, ": ");
		dz_drift_sentence(row, axis, metric, out);
		dz_strbuf_addc(out, '\n');
		by_flows |= row->contrast.k && !row->contrast.by_inputs;
	}
	if (drift->left_out)
		dz_strbuf_addf(out, "and %zu smaller groups (--top)\n", drift->left_out);
	add_names("Only here:", drift->only_here, drift->here_count, out);
	add_names("Only in the baseline:", drift->only_there, drift->there_count, out);
	if (by_flows)
		dz_strbuf_adds(out, "By flows: those of one input resemble each other, so that more than 50 % is no "
				    "drift by itself\n");
}

/* ---- JSON ---- */

static struct json_object *names_json(const struct dz_group *const *groups, size_t count)
{
	struct json_object *array = dz_json_build_array();

	for (size_t i = 0; i < count; i++)
		dz_json_build_append(array, dz_json_build_text(groups[i]->name));
	return array;
}

static struct json_object *row_json(const struct dz_drift_row *row, const struct dz_axis *axis, enum dz_metric metric)
{
	const struct dz_contrast *contrast = &row->contrast;
	struct json_object *object = dz_json_build_object();
	struct dz_strbuf text;

	dz_strbuf_init(&text);
	dz_drift_sentence(row, axis, metric, &text);
	dz_json_build_add(object, "name", dz_json_build_text(row->group->name));
	dz_json_build_add(object, "verdict", dz_json_build_word(dz_drift_code(row)));
	dz_json_build_add(object, "text", dz_json_build_text(text.data));
	dz_json_build_add(object, "flows",
			  dz_json_build_uints((const uint64_t[]){ row->group->flows, row->baseline->flows }, 2));
	dz_json_build_add(object, "distance", dz_json_build_real(row->distance));
	if (row->inputs)
		dz_json_build_add(object, "inputs", dz_json_build_uint(row->inputs));
	if (row->inputs >= DZ_DRIFT_INPUTS_MIN) {
		dz_json_build_add(object, "inputs_flows", dz_json_build_real(row->flows_median));
		dz_json_build_add(object, "inputs_alike", dz_json_build_uint(row->alike));
	}
	if (has_spread(row)) {
		dz_json_build_add(object, "inputs_nearer", dz_json_build_uint(row->nearer));
		dz_json_build_add(object, "inputs_distances",
				  dz_json_build_reals((const double[]){ row->least, row->median, row->largest }, 3));
	}
	if (contrast->k) {
		dz_json_build_add(object, "drawn", dz_json_build_word(dz_contrast_units(contrast)));
		dz_json_build_add(object, "k", dz_json_build_uint(contrast->k));
		dz_json_build_add(object, "told_apart", dz_json_build_real(contrast->told_apart));
	}
	dz_json_build_add(object, "where", dz_contrast_where_json(contrast, axis));
	dz_strbuf_release(&text);
	return object;
}

struct json_object *dz_drift_json(const struct dz_drift *drift, const char *name, const struct dz_axis *axis,
				  enum dz_metric metric)
{
	struct json_object *object = dz_json_build_object(), *rows = dz_json_build_array();

	dz_json_build_add(object, "name", dz_json_build_text(name));
	for (size_t i = 0; i < drift->count; i++)
		dz_json_build_append(rows, row_json(&drift->rows[i], axis, metric));
	dz_json_build_add(object, "groups", rows);
	dz_json_build_add(object, "groups_left_out", dz_json_build_uint(drift->left_out));
	dz_json_build_add(object, "only_here", names_json(drift->only_here, drift->here_count));
	dz_json_build_add(object, "only_in_baseline", names_json(drift->only_there, drift->there_count));
	return object;
}
