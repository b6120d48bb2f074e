/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate_text.c - an evaluation as text, JSON and CSV. */
#include "config.h"
#include "render/render.h"

#include "base/csv.h"
#include "render/chart.h"
#include "record/json_build.h"
#include <inttypes.h>

enum { NAME_MOST = 24, MATRIX_MOST = 16 };

static uint64_t right_of(const struct dz_evaluation *evaluation)
{
	uint64_t right = 0;
	for (uint32_t c = 0; c < evaluation->count; c++)
		right += dz_contingency_at(evaluation->table, c, c);
	return right;
}

static void add_scores(const struct dz_evaluation *evaluation, unsigned columns, struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "%-*s  flows precision recall    F1  most often taken for\n", (int)columns, "label");
	for (uint32_t c = 0; c < evaluation->count; c++) {
		struct dz_contingency_class scores;
		uint32_t worst = c;
		uint64_t most = 0;
		dz_contingency_class(evaluation->table, c, &scores);
		for (uint32_t p = 0; p < evaluation->count; p++) {
			uint64_t taken = dz_contingency_at(evaluation->table, c, p);
			if (p != c && taken > most) {
				most = taken;
				worst = p;
			}
		}
		dz_chart_name(out, evaluation->names[c], columns);
		dz_strbuf_addf(out, " %6" PRIu64 " %9.3f %6.3f %5.3f", scores.support, scores.precision, scores.recall,
			       scores.f1);
		if (most) {
			dz_strbuf_adds(out, "  ");
			dz_chart_name(out, evaluation->names[worst],
				      dz_chart_name_columns(evaluation->names[worst], NAME_MOST));
			dz_strbuf_addf(out, " (%" PRIu64 ")", most);
		}
		dz_strbuf_addc(out, '\n');
	}
}

static void add_matrix(const struct dz_evaluation *evaluation, unsigned columns, struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "\nConfusion: rows are the labels, columns what the flows are nearest to\n%*s",
		       (int)columns + 4, "");
	for (uint32_t p = 0; p < evaluation->count; p++)
		dz_strbuf_addf(out, "%7" PRIu32, p + 1);
	dz_strbuf_addc(out, '\n');
	for (uint32_t c = 0; c < evaluation->count; c++) {
		dz_chart_name(out, evaluation->names[c], columns);
		dz_strbuf_addf(out, " %3" PRIu32, c + 1);
		for (uint32_t p = 0; p < evaluation->count; p++)
			dz_strbuf_addf(out, "%7" PRIu64, dz_contingency_at(evaluation->table, c, p));
		dz_strbuf_addc(out, '\n');
	}
}

void dz_evaluation_text(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	unsigned columns = 5;

	for (uint32_t c = 0; c < evaluation->count; c++) {
		unsigned mine = dz_chart_name_columns(evaluation->names[c], NAME_MOST);
		columns = mine > columns ? mine : columns;
	}
	dz_strbuf_addf(out,
		       "%" PRIu64 " of %" PRIu64
		       " flows are nearest to their own label (%s): accuracy %.4f, macro-F1 %.4f\n",
		       right_of(evaluation), dz_contingency_total(evaluation->table), evaluation->method,
		       dz_contingency_accuracy(evaluation->table), dz_contingency_macro_f1(evaluation->table));
	if (evaluation->left_out)
		dz_strbuf_addf(out,
			       "%" PRIu64
			       " flows were not judged: Unknown, without counted packets, or of labels without "
			       "flows or profiles enough\n",
			       evaluation->left_out);
	dz_strbuf_addc(out, '\n');
	add_scores(evaluation, columns, out);
	if (evaluation->count <= MATRIX_MOST)
		add_matrix(evaluation, columns, out);
	else
		dz_strbuf_adds(out, "\nThe confusion matrix is too wide for text: see -F csv or -F json\n");
}

static struct json_object *class_json(const struct dz_evaluation *evaluation, uint32_t class)
{
	struct json_object *object = dz_json_build_object();
	struct dz_contingency_class scores;

	dz_contingency_class(evaluation->table, class, &scores);
	dz_json_build_add(object, "name", dz_json_build_text(evaluation->names[class]));
	dz_json_build_add(object, "flows", dz_json_build_uint(scores.support));
	dz_json_build_add(object, "precision", dz_json_build_real(scores.precision));
	dz_json_build_add(object, "recall", dz_json_build_real(scores.recall));
	dz_json_build_add(object, "f1", dz_json_build_real(scores.f1));
	return object;
}

void dz_evaluation_json(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	struct json_object *object = dz_json_build_object(), *classes = dz_json_build_array(),
			   *matrix = dz_json_build_array();

	dz_json_build_add(object, "format", dz_json_build_word("distribooze-evaluation"));
	dz_json_build_add(object, "version", dz_json_build_int(1));
	dz_json_build_add(object, "method", dz_json_build_word(evaluation->method));
	dz_json_build_add(object, "flows", dz_json_build_uint(dz_contingency_total(evaluation->table)));
	dz_json_build_add(object, "right", dz_json_build_uint(right_of(evaluation)));
	dz_json_build_add(object, "accuracy", dz_json_build_real(dz_contingency_accuracy(evaluation->table)));
	dz_json_build_add(object, "macro_f1", dz_json_build_real(dz_contingency_macro_f1(evaluation->table)));
	dz_json_build_add(object, "flows_left_out", dz_json_build_uint(evaluation->left_out));
	dz_json_build_add(object, "labels_left_out", dz_json_build_uint(evaluation->labels_left_out));
	for (uint32_t c = 0; c < evaluation->count; c++) {
		struct json_object *row = dz_json_build_array();
		for (uint32_t p = 0; p < evaluation->count; p++)
			dz_json_build_append(row, dz_json_build_uint(dz_contingency_at(evaluation->table, c, p)));
		dz_json_build_append(matrix, row);
		dz_json_build_append(classes, class_json(evaluation, c));
	}
	dz_json_build_add(object, "classes", classes);
	dz_json_build_add(object, "confusion", matrix);
	dz_json_build_finish(object, out);
}

void dz_evaluation_csv(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "label");
	for (uint32_t p = 0; p < evaluation->count; p++) {
		dz_strbuf_addc(out, ',');
		dz_csv_text(out, evaluation->names[p]);
	}
	dz_strbuf_addc(out, '\n');
	for (uint32_t c = 0; c < evaluation->count; c++) {
		dz_csv_text(out, evaluation->names[c]);
		for (uint32_t p = 0; p < evaluation->count; p++)
			dz_strbuf_addf(out, ",%" PRIu64, dz_contingency_at(evaluation->table, c, p));
		dz_strbuf_addc(out, '\n');
	}
}
