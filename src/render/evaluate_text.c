/* SPDX-License-Identifier: BSD-2-Clause */
/* evaluate_text.c - an evaluation as text for people, and its confusion matrix as CSV. */
#include "config.h"
#include "render/render.h"

#include "base/csv.h"
#include "base/text.h"
#include "render/chart.h"
#include <inttypes.h>
#include <stdio.h>

enum { MAX_NAME = 24, MAX_MATRIX = 16, SURE_FLOWS = 30, SURE_INPUTS = 10 };

static bool has_row(const struct dz_evaluation *evaluation, uint32_t label)
{
	return dz_contingency_row_sum(evaluation->table, label) > 0;
}

static bool has_column(const struct dz_evaluation *evaluation, uint32_t label)
{
	return dz_contingency_column_sum(evaluation->table, label) > 0;
}

/* ---- the figures of all ---- */

static void add_interval(const char *what, const struct dz_accuracy *interval, const char *meaning,
			 struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "  %-22s %5.1f %%", what, interval->value * 100);
	if (interval->low >= 0)
		dz_strbuf_addf(out, "  [%.1f-%.1f]", interval->low * 100, interval->high * 100);
	dz_strbuf_addf(out, "  %s\n", meaning);
}

static void add_f1(const struct dz_accuracy *f1, struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "%.3f", f1->value);
	if (f1->low >= 0)
		dz_strbuf_addf(out, " [%.3f-%.3f]", f1->low, f1->high);
}

static void add_method(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	const struct dz_evaluate_options *options = &evaluation->options;

	dz_strbuf_addf(out, "%" PRIu64 " flows of %" PRIu32 " input%s, ", evaluation->judged, evaluation->inputs,
		       evaluation->inputs == 1 ? "" : "s");
	if (options->folds == DZ_FOLD_LIBRARY)
		dz_strbuf_adds(out, "judged by the library\n");
	else if (options->folds == DZ_FOLD_RANDOM)
		dz_strbuf_addf(out, "in %" PRIu32 " folds at random, each judged by the others; %" PRIu32 " time%s\n",
			       evaluation->folds, options->repeats, options->repeats == 1 ? "" : "s");
	else
		dz_strbuf_addf(out, "in %" PRIu32 " folds by %s, each judged by the others\n", evaluation->folds,
			       options->folds == DZ_FOLD_HOST ? "host" : "input");
	if (evaluation->empty || evaluation->unknown_label)
		dz_strbuf_addf(out, "not judged: %" PRIu64 " of label Unknown, %" PRIu64 " without counted packets\n",
			       evaluation->unknown_label, evaluation->empty);
}

static void add_confidence(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	if (evaluation->calibration < 0) {
		dz_strbuf_adds(out, "  no confidence: the library does not hold two inputs\n");
		return;
	}
	dz_strbuf_addf(
		out,
		"  %-22s %5.3f    mean difference of confidence and truth, each input weighing alike; were every "
		"confidence\n%35sexact, chance would make it %.3f in the middle, less than %.3f in 95 %%\n",
		"calibration error", evaluation->calibration, "", evaluation->calibration_chance,
		evaluation->calibration_chance_high);
	dz_strbuf_addf(out,
		       "  %-22s %5.1f %%  right in the fifth of the flows with the highest confidence; of the inputs "
		       "%.1f %%\n",
		       "surest fifth", evaluation->best_fifth * 100, evaluation->best_fifth_by_input * 100);
	if (evaluation->sure_flows < SURE_FLOWS || evaluation->sure_inputs < SURE_INPUTS)
		dz_strbuf_addf(out,
			       "  %-22s not reached: %" PRIu64 " flows of %" PRIu32 " inputs, %d of %d are needed\n",
			       "told with 0.8 and more", evaluation->sure_flows, evaluation->sure_inputs, SURE_FLOWS,
			       SURE_INPUTS);
	else
		dz_strbuf_addf(out, "  %-22s %5.1f %%  right of %" PRIu64 " flows of %" PRIu32 " inputs\n",
			       "told with 0.8 and more",
			       (double)evaluation->sure_right * 100 / (double)evaluation->sure_flows,
			       evaluation->sure_flows, evaluation->sure_inputs);
}

static void add_answers(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	if (!evaluation->options.score.is)
		return;
	dz_strbuf_addf(out, "is it %s? ", evaluation->options.score.is);
	if (!evaluation->asked) {
		dz_strbuf_addf(out, "not asked: no fold's library has it of %u inputs\n", DZ_SCORE_IS_INPUTS);
		return;
	}
	dz_strbuf_addf(out, "found %" PRIu64 ", missed %" PRIu64 ", wrongly %" PRIu64 " of %" PRIu64 " others; F1 ",
		       evaluation->is_found, evaluation->is_missed, evaluation->is_false,
		       evaluation->is_false + evaluation->is_rest);
	add_f1(&evaluation->is_f1, out);
	dz_strbuf_adds(out, ", each input weighing alike ");
	add_f1(&evaluation->is_f1_inputs, out);
	dz_strbuf_addc(out, '\n');
}

static bool is_judged_by_inputs(const struct dz_evaluation *evaluation)
{
	return !evaluation->options.library && evaluation->options.folds == DZ_FOLD_INPUT;
}

/* Judged by other inputs, what only one input has can never be right. */
static bool is_without_judge(const struct dz_evaluation *evaluation, const struct dz_evaluated_label *label)
{
	return is_judged_by_inputs(evaluation) && label->inputs < 2;
}

static uint32_t count_of_one_input(const struct dz_evaluation *evaluation)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < evaluation->count; i++)
		count += evaluation->labels[i].flows && evaluation->labels[i].inputs < 2;
	return count;
}

static void add_closed(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	if (evaluation->judged == evaluation->no_library_label) {
		dz_strbuf_addf(out, "  %-22s     -    no flow has a label that its judge knows\n",
			       "accuracy, closed world");
		return;
	}
	add_interval("accuracy, closed world", &evaluation->closed, "right of those whose label is known", out);
	dz_strbuf_addf(out, "  %-22s %5.1f %%  closed, each pair of input and label weighing alike\n", "  by label",
		       evaluation->pairs * 100);
}

static void add_figures(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	uint32_t without_judge = is_judged_by_inputs(evaluation) ? count_of_one_input(evaluation) : 0;
	char meaning[160];

	snprintf(meaning, sizeof meaning, "right of all; %" PRIu64 " flows have a label that their judge does not know",
		 evaluation->no_library_label);
	add_interval("accuracy, open world", &evaluation->open, meaning, out);
	if (evaluation->repeat_sd >= 0)
		dz_strbuf_addf(out, "  %-22s %5.1f %%  standard deviation over %" PRIu32 " repeats\n", "",
			       evaluation->repeat_sd * 100, evaluation->options.repeats);
	dz_strbuf_addf(out, "  %-22s %5.1f %%  open, each input weighing alike\n", "  by input",
		       evaluation->by_input * 100);
	add_closed(evaluation, out);
	add_interval("most frequent label", &evaluation->majority, "what it takes no shape to get", out);
	dz_strbuf_addf(out, "  %-22s ", "macro-F1");
	add_f1(&evaluation->macro_f1, out);
	if (without_judge)
		dz_strbuf_addf(out, "    of all labels; %" PRIu32 " of them only one input has: no other can know them",
			       without_judge);
	dz_strbuf_addc(out, '\n');
	if (evaluation->options.folds == DZ_FOLD_RANDOM && evaluation->inputs > 1 && count_of_one_input(evaluation))
		dz_strbuf_addf(out,
			       "  %" PRIu32 " of %" PRIu32
			       " labels only one input has: with folds at random it may be the input "
			       "that is recognised, not the label\n",
			       count_of_one_input(evaluation), evaluation->count);
	if (evaluation->count == 1)
		dz_strbuf_adds(out, "  There is one label: nothing can be wrong\n");
	add_confidence(evaluation, out);
	if (evaluation->open.low >= 0)
		dz_strbuf_adds(out, "  in brackets: 95 % by bootstrap over folds\n");
	add_answers(evaluation, out);
}

/* ---- labels ---- */

static void add_label(const struct dz_evaluation *evaluation, const struct dz_contingency_lines *lines, uint32_t label,
		      unsigned columns, struct dz_strbuf *out)
{
	const struct dz_evaluated_label *of = &evaluation->labels[label];
	struct dz_contingency_class scores;
	uint32_t worst = label;
	uint64_t most = dz_contingency_line_most(lines, label, evaluation->count, label, &worst);

	dz_contingency_class(evaluation->table, label, &scores);
	dz_chart_name(out, of->name, columns);
	dz_strbuf_addf(out, " %6" PRIu64 " %6" PRIu32, of->flows, of->inputs);
	if (is_without_judge(evaluation, of))
		dz_strbuf_addf(out, " %9s %6s %5s %13s", "-", "-", "-", "");
	else if (of->f1.low < 0)
		dz_strbuf_addf(out, " %9.3f %6.3f %5.3f %13s", scores.precision, scores.recall, scores.f1, "");
	else
		dz_strbuf_addf(out, " %9.3f %6.3f %5.3f [%.3f-%.3f]", scores.precision, scores.recall, scores.f1,
			       of->f1.low, of->f1.high);
	dz_strbuf_addf(out, " %7.1f%%", of->flows ? (double)of->covered * 100 / (double)of->flows : 0);
	if (most) {
		dz_strbuf_adds(out, "  ");
		dz_chart_name(out, evaluation->labels[worst].name,
			      dz_chart_name_columns(evaluation->labels[worst].name, MAX_NAME));
		dz_strbuf_addf(out, " (%" PRIu64 ")", most);
	}
	dz_strbuf_addc(out, '\n');
}

static void add_matrix(const struct dz_evaluation *evaluation, struct dz_contingency_lines *lines, unsigned columns,
		       struct dz_strbuf *out)
{
	uint32_t shown[MAX_MATRIX + 1], count = 0;

	for (uint32_t p = 0; p < evaluation->count && count <= MAX_MATRIX; p++)
		if (has_column(evaluation, p))
			shown[count++] = p;
	if (count > MAX_MATRIX) {
		dz_strbuf_adds(out, "\nThe confusion matrix is too wide for text: see -F csv or -F json\n");
		return;
	}
	shown[count] = evaluation->count; /* nothing */
	dz_strbuf_addf(out, "\nConfusion: rows are the labels, columns what the flows look most like\n%*s",
		       (int)columns, "");
	for (uint32_t i = 0; i < count; i++) {
		dz_strbuf_adds(out, "  ");
		dz_chart_name(out, evaluation->labels[shown[i]].name, 8);
	}
	dz_strbuf_adds(out, "   nothing\n");
	for (uint32_t c = 0; c < evaluation->count; c++) {
		const uint64_t *row = dz_contingency_line(lines, c);
		if (!has_row(evaluation, c))
			continue;
		dz_chart_name(out, evaluation->labels[c].name, columns);
		for (uint32_t i = 0; i <= count; i++)
			dz_strbuf_addf(out, "%10" PRIu64, row[shown[i]]);
		dz_strbuf_addc(out, '\n');
	}
}

void dz_evaluation_text(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	struct dz_contingency_lines lines;
	unsigned columns = 5;

	dz_contingency_lines_init(&lines, evaluation->table, false);
	for (uint32_t c = 0; c < evaluation->count; c++) {
		unsigned mine = dz_chart_name_columns(evaluation->labels[c].name, MAX_NAME);
		columns = mine > columns ? mine : columns;
	}
	add_method(evaluation, out);
	add_figures(evaluation, out);
	dz_strbuf_addf(out,
		       "\n%-*s  flows inputs precision recall    F1               covered   most often taken for\n",
		       (int)columns, "label");
	for (uint32_t c = 0; c < evaluation->count; c++)
		if (has_row(evaluation, c))
			add_label(evaluation, &lines, c, columns, out);
	dz_strbuf_adds(out, "covered: told with a confidence of 0.5 and more\n");
	add_matrix(evaluation, &lines, columns, out);
	dz_contingency_lines_release(&lines);
}

/* ---- CSV ---- */

void dz_evaluation_csv(const struct dz_evaluation *evaluation, struct dz_strbuf *out)
{
	struct dz_contingency_lines lines;

	dz_contingency_lines_init(&lines, evaluation->table, false);
	dz_strbuf_adds(out, "label");
	for (uint32_t p = 0; p < evaluation->count; p++) {
		if (!has_column(evaluation, p))
			continue;
		dz_strbuf_addc(out, ',');
		dz_csv_text(out, evaluation->labels[p].name);
	}
	dz_strbuf_adds(out, ",(nothing)\n");
	for (uint32_t c = 0; c < evaluation->count; c++) {
		const uint64_t *row = dz_contingency_line(&lines, c);
		if (!has_row(evaluation, c))
			continue;
		dz_csv_text(out, evaluation->labels[c].name);
		for (uint32_t p = 0; p <= evaluation->count; p++) {
			if (p < evaluation->count && !has_column(evaluation, p))
				continue;
			dz_strbuf_addc(out, ',');
			dz_text_add_u64(out, row[p]);
		}
		dz_strbuf_addc(out, '\n');
	}
	dz_contingency_lines_release(&lines);
}
