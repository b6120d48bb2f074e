/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate_json.c - an evaluation as JSON. docs/STATISTICS.md lists the fields. */
#include "config.h"
#include "render/render.h"

#include "base/mem.h"
#include "record/json_build.h"
#include <stdlib.h>

static const char *const folds[] = { "input", "host", "random", "library" };

static void add_interval(struct json_object *object, const char *name, const struct dz_accuracy *interval)
{
	struct json_object *member = dz_json_build_object();

	dz_json_build_add(member, "value", dz_json_build_real(interval->value));
	if (interval->low >= 0) {
		dz_json_build_add(member, "low", dz_json_build_real(interval->low));
		dz_json_build_add(member, "high", dz_json_build_real(interval->high));
	}
	dz_json_build_add(object, name, member);
}

static void add_f1(struct json_object *object, const char *name, const char *interval, const struct dz_accuracy *f1)
{
	dz_json_build_add(object, name, dz_json_build_real(f1->value));
	if (f1->low >= 0)
		dz_json_build_add(object, interval, dz_json_build_reals((const double[]){ f1->low, f1->high }, 2));
}

static struct json_object *label_json(const struct dz_evaluation *evaluation, uint32_t number)
{
	const struct dz_evaluated_label *label = &evaluation->labels[number];
	struct json_object *object = dz_json_build_object();
	struct dz_contingency_class scores;

	dz_contingency_class(evaluation->table, number, &scores);
	dz_json_build_add(object, "name", dz_json_build_text(label->name));
	dz_json_build_add(object, "flows", dz_json_build_uint(label->flows));
	dz_json_build_add(object, "inputs", dz_json_build_uint(label->inputs));
	dz_json_build_add(object, "told", dz_json_build_uint(dz_contingency_column_sum(evaluation->table, number)));
	dz_json_build_add(object, "precision", dz_json_build_real(scores.precision));
	dz_json_build_add(object, "recall", dz_json_build_real(scores.recall));
	add_f1(object, "f1", "f1_interval", &label->f1);
	dz_json_build_add(object, "covered", dz_json_build_uint(label->covered));
	return object;
}

static void add_confidence(struct json_object *object, const struct dz_evaluation *evaluation)
{
	struct json_object *sure = dz_json_build_object();

	if (evaluation->calibration >= 0) {
		dz_json_build_add(object, "calibration_error", dz_json_build_real(evaluation->calibration));
		dz_json_build_add(object, "calibration_chance",
				  dz_json_build_reals((const double[]){ evaluation->calibration_chance,
									evaluation->calibration_chance_high },
						      2));
		dz_json_build_add(object, "surest_fifth", dz_json_build_real(evaluation->best_fifth));
		dz_json_build_add(object, "surest_fifth_by_input", dz_json_build_real(evaluation->best_fifth_by_input));
	}
	dz_json_build_add(sure, "flows", dz_json_build_uint(evaluation->sure_flows));
	dz_json_build_add(sure, "right", dz_json_build_uint(evaluation->sure_right));
	dz_json_build_add(sure, "inputs", dz_json_build_uint(evaluation->sure_inputs));
	dz_json_build_add(object, "told_with_0.8", sure);
}

static struct json_object *answers_json(const struct dz_evaluation *evaluation)
{
	struct json_object *object = dz_json_build_object();

	dz_json_build_add(object, "label", dz_json_build_text(evaluation->options.score.is));
	dz_json_build_add(object, "found", dz_json_build_uint(evaluation->is_found));
	dz_json_build_add(object, "missed", dz_json_build_uint(evaluation->is_missed));
	dz_json_build_add(object, "wrongly", dz_json_build_uint(evaluation->is_false));
	dz_json_build_add(object, "rightly_not", dz_json_build_uint(evaluation->is_rest));
	add_f1(object, "f1", "f1_interval", &evaluation->is_f1);
	add_f1(object, "f1_by_input", "f1_by_input_interval", &evaluation->is_f1_inputs);
	return object;
}

static void add_method(struct json_object *object, const struct dz_evaluation *evaluation)
{
	const struct dz_evaluate_options *options = &evaluation->options;

	dz_json_build_add(object, "format", dz_json_build_word("distribooze-evaluation"));
	dz_json_build_add(object, "version", dz_json_build_int(2));
	dz_json_build_add(object, "folds_by", dz_json_build_word(folds[options->folds]));
	if (options->folds != DZ_FOLD_LIBRARY)
		dz_json_build_add(object, "folds", dz_json_build_uint(evaluation->folds));
	if (options->folds == DZ_FOLD_RANDOM)
		dz_json_build_add(object, "repeats", dz_json_build_uint(options->repeats));
	dz_json_build_add(object, "metric", dz_json_build_word(dz_metric_name(options->score.metric)));
	dz_json_build_add(object, "direction", dz_json_build_word(dz_direction_names[options->score.direction]));
	dz_json_build_add(object, "flows", dz_json_build_uint(evaluation->judged));
	dz_json_build_add(object, "inputs", dz_json_build_uint(evaluation->inputs));
	dz_json_build_add(object, "not_judged_unknown", dz_json_build_uint(evaluation->unknown_label));
	dz_json_build_add(object, "not_judged_empty", dz_json_build_uint(evaluation->empty));
	dz_json_build_add(object, "label_not_known", dz_json_build_uint(evaluation->no_library_label));
}

/* Rows and columns are the labels that occur in them, the last column what had nothing in common with any. */
static void add_matrix(struct json_object *object, const struct dz_evaluation *evaluation)
{
	struct json_object *rows = dz_json_build_array(), *columns = dz_json_build_array(),
			   *matrix = dz_json_build_array();
	uint32_t count = evaluation->count, wide = 0;
	uint32_t *shown = dz_mem_zalloc(count + (size_t)1, sizeof *shown);
	uint64_t *counts = dz_mem_zalloc(count + (size_t)1, sizeof *counts);
	struct dz_contingency_lines lines;

	dz_contingency_lines_init(&lines, evaluation->table, false);
	for (uint32_t p = 0; p < count; p++)
		if (dz_contingency_column_sum(evaluation->table, p))
			shown[wide++] = p;
	for (uint32_t i = 0; i < wide; i++)
		dz_json_build_append(columns, dz_json_build_text(evaluation->labels[shown[i]].name));
	shown[wide++] = count;
	for (uint32_t c = 0; c < count; c++) {
		const uint64_t *row = dz_contingency_line(&lines, c);
		if (!dz_contingency_row_sum(evaluation->table, c))
			continue;
		for (uint32_t i = 0; i < wide; i++)
			counts[i] = row[shown[i]];
		dz_json_build_append(rows, dz_json_build_text(evaluation->labels[c].name));
		dz_json_build_append(matrix, dz_json_build_flat(dz_json_build_uints(counts, wide)));
	}
	dz_contingency_lines_release(&lines);
	free(shown);
	free(counts);
	dz_json_build_add(object, "rows", rows);
	dz_json_build_add(object, "columns", columns);
	dz_json_build_add(object, "confusion", matrix);
}

void dz_evaluation_json(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	struct json_object *object = dz_json_build_object(), *labels = dz_json_build_array();

	add_method(object, evaluation);
	add_interval(object, "accuracy_open", &evaluation->open);
	if (evaluation->repeat_sd >= 0)
		dz_json_build_add(object, "repeat_sd", dz_json_build_real(evaluation->repeat_sd));
	dz_json_build_add(object, "accuracy_open_by_input", dz_json_build_real(evaluation->by_input));
	if (evaluation->judged > evaluation->no_library_label)
		add_interval(object, "accuracy_closed", &evaluation->closed);
	add_interval(object, "majority", &evaluation->majority);
	dz_json_build_add(object, "pairs_closed", dz_json_build_real(evaluation->pairs));
	add_f1(object, "macro_f1", "macro_f1_interval", &evaluation->macro_f1);
	add_confidence(object, evaluation);
	if (evaluation->asked)
		dz_json_build_add(object, "is", answers_json(evaluation));
	for (uint32_t l = 0; l < evaluation->count; l++)
		dz_json_build_append(labels, label_json(evaluation, l));
	dz_json_build_add(object, "labels", labels);
	add_matrix(object, evaluation);
	dz_json_build_finish(object, out);
}
