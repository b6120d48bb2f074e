/* SPDX-License-Identifier: BSD-2-Clause */
/* score_text.c - scores of flows as text for people, and as CSV: a row each. */
#include "config.h"
#include "render/render.h"

#include "base/csv.h"
#include "base/text.h"
#include "render/chart.h"
#include "render/ends.h"
#include <inttypes.h>
#include <stdio.h>

enum { ENDS_COLUMNS = 44, NAME_COLUMNS = 16 };

static const char *agrees_text(const struct dz_score *score)
{
	return score->agrees == DZ_SCORE_AGREES ? "true" : score->agrees == DZ_SCORE_DISAGREES ? "false" : "";
}

static void add_real(struct dz_strbuf *out, bool there, double value)
{
	dz_strbuf_addc(out, ',');
	if (there)
		dz_strbuf_addf(out, "%.9g", value);
}

/* ---- CSV ---- */

void dz_score_csv_head(const struct dz_library *library, const struct dz_score_options *options, struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "id," DZ_ENDS_CSV_HEAD ",label,packets,profile,confidence,verdict,distance,margin,agrees,"
			    "own_distance");
	if (options->is)
		dz_strbuf_adds(out, ",is,is_confidence,is_distance");
	for (size_t i = 0; i < library->rule_count; i++) {
		dz_strbuf_addc(out, ',');
		dz_csv_text(out, library->rules[i].name);
		dz_strbuf_adds(out, " distance,");
		dz_csv_text(out, library->rules[i].name);
		dz_strbuf_adds(out, " matches");
	}
	dz_strbuf_addc(out, '\n');
}

void dz_score_csv(const struct dz_library *library, const struct dz_score_options *options,
		  const struct dz_record *record, const struct dz_score *score, struct dz_strbuf *out)
{
	char id[33];
	bool near = !score->empty && score->count;

	*dz_text_hex(id, record->id, sizeof record->id) = '\0';
	dz_strbuf_addf(out, "%s,", id);
	dz_ends_csv(&record->key, record->source_end, out);
	dz_strbuf_addc(out, ',');
	dz_csv_text(out, record->text->application);
	dz_strbuf_addf(out, ",%" PRIu64 ",", record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets);
	if (near)
		dz_csv_text(out, score->nearest[0].profile);
	add_real(out, near && score->confidence >= 0, score->confidence);
	dz_strbuf_addf(out, ",%s", dz_score_verdict_names[score->verdict]);
	add_real(out, near, near ? score->nearest[0].distance : 0);
	add_real(out, near, score->margin);
	dz_strbuf_addf(out, ",%s", agrees_text(score));
	add_real(out, score->own >= 0, score->own);
	if (options->is) {
		dz_strbuf_addf(out, ",%s", !score->asked ? "" : score->is ? "true" : "false");
		add_real(out, score->asked, score->is_confidence);
		add_real(out, score->asked, score->is_distance);
	}
	for (size_t i = 0; i < library->rule_count; i++) {
		add_real(out, !score->empty, score->empty ? 0 : score->rule_distances[i]);
		dz_strbuf_addf(out, ",%s", score->empty ? "" : score->rule_matches[i] ? "true" : "false");
	}
	dz_strbuf_addc(out, '\n');
}

/* ---- text ---- */

void dz_score_text_head(const struct dz_library *library, const struct dz_score_options *options, struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "%-*s %-*s", ENDS_COLUMNS, "flow", NAME_COLUMNS, "label (nDPI)");
	if (library->count)
		dz_strbuf_addf(out, " %-*s sure  %-8s distance margin", NAME_COLUMNS, "looks most like", "verdict");
	if (options->is)
		dz_strbuf_adds(out, "  asked for, among flows of its protocols (how sure)");
	if (library->rule_count)
		dz_strbuf_adds(out, "  rule (distance)");
	dz_strbuf_addc(out, '\n');
}

static void add_nearest(const struct dz_score *score, struct dz_strbuf *out)
{
	dz_strbuf_addc(out, ' ');
	dz_chart_name(out, score->count ? score->nearest[0].profile : "nothing", NAME_COLUMNS);
	if (score->confidence >= 0 && score->verdict != DZ_SCORE_VERDICT_UNKNOWN)
		dz_strbuf_addf(out, " %3.0f%%", score->confidence * 100);
	else
		dz_strbuf_adds(out, "    -");
	dz_strbuf_addf(out, "  %-8s", dz_score_verdict_names[score->verdict]);
	if (score->count)
		dz_strbuf_addf(out, " %8.3f %6.3f", score->nearest[0].distance, score->margin);
}

void dz_score_text(const struct dz_library *library, const struct dz_score_options *options,
		   const struct dz_record *record, const struct dz_score *score, struct dz_strbuf *out)
{
	char source[DZ_ENDPOINT_TEXT], ends[2 * DZ_ENDPOINT_TEXT + 3];

	dz_flow_key_endpoint(&record->key, record->source_end, source);
	snprintf(ends, sizeof ends, "%s > ", source);
	dz_flow_key_endpoint(&record->key, !record->source_end, ends + strlen(ends));
	dz_chart_name(out, ends, ENDS_COLUMNS);
	dz_strbuf_addc(out, ' ');
	dz_chart_name(out, record->text->application, NAME_COLUMNS);
	if (score->empty) {
		dz_strbuf_adds(out, " (no lengths)\n");
		return;
	}
	if (library->count)
		add_nearest(score, out);
	if (score->asked) {
		dz_strbuf_addf(out, "  %s ", score->is ? "is" : "not");
		dz_chart_name(out, options->is, dz_chart_name_columns(options->is, 24));
		dz_strbuf_addf(out, " (%.0f%%)", score->is_confidence * 100);
	}
	for (size_t i = 0; i < score->rule_count; i++) {
		dz_strbuf_addf(out, "  %s ", score->rule_matches[i] ? "is" : "not");
		dz_chart_name(out, library->rules[i].name, dz_chart_name_columns(library->rules[i].name, 24));
		dz_strbuf_addf(out, " (%.1f)", score->rule_distances[i]);
	}
	dz_strbuf_addc(out, '\n');
}
