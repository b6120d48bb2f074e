/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_score.c - `distribooze score`: the nearest profiles of each flow, or how often the nearest is right. */
#include "config.h"
#include "cmd/cmd.h"

#include "base/csv.h"
#include "render/chart.h"
#include "base/log.h"
#include "base/stream.h"
#include "cmd/output.h"
#include "render/ends.h"
#include "record/record_json.h"
#include "render/render.h"
#include "cmd/stats_input.h"
#include "base/text.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { FLUSH_AT = 1 << 16, LIBRARY_LARGEST = 256 << 20, NOT_GIVEN = -1 };

struct options {
	struct dz_stats_input in;
	const char *profiles;
	uint64_t nearest, min_flows, seed;
	double holdout;
	bool evaluate;
	struct dz_library library;
	struct dz_score_options score;
};

/* What a run of scoring holds. */
struct run {
	struct options *options;
	struct dz_scorer *scorer;
	struct dz_json_writer *writer;
	struct dz_output output;
	struct dz_strbuf out, line, name;
	uint64_t flows, empty, agree, disagree;
	bool write_failed;
};

/* ---- the library ---- */

static bool read_library(struct options *o)
{
	struct dz_stream *file;
	struct dz_strbuf text;
	struct dz_err err;
	bool fine = false;

	dz_strbuf_init(&text);
	file = dz_stream_open(o->profiles, DZ_STREAM_READ, &err);
	if (!file || !dz_stream_read_all(file, LIBRARY_LARGEST, &text, &err) ||
	    !dz_library_add_json(&o->library, text.data ? text.data : "", text.size, o->profiles, &err))
		dz_log_error("--profiles: %s: %s", o->profiles, err.text);
	else
		fine = true;
	dz_stream_free(file);
	dz_strbuf_release(&text);
	/* Captures are measured as the library is. */
	o->in.dataset.engine.flow.shape = o->library.has_shape ? o->library.shape : o->in.dataset.engine.flow.shape;
	o->in.dataset.engine.flow.unidirectional |= o->library.unidirectional;
	o->score.direction = dz_library_direction(&o->library, o->score.direction);
	if (fine && (int)o->score.direction != o->in.direction && !o->library.unidirectional)
		dz_log_warning("--profiles: %s: has no --direction both (0.1.0 made it): total is taken", o->profiles);
	o->in.direction = (int)o->score.direction;
	return fine;
}

static bool same_shape(struct options *o, const struct dz_record *record, const char *input, struct dz_err *err)
{
	return dz_library_set_shape(&o->library, &record->shape, record->role != DZ_ROLE_BOTH, input, err);
}

/* ---- scoring ---- */

static bool flush(struct run *run, struct dz_err *err)
{
	bool fine = dz_output_write(&run->output, run->out.data ? run->out.data : "", run->out.size, 0, err);
	dz_strbuf_clear(&run->out);
	run->write_failed = !fine;
	run->options->in.reader_left = run->output.closed_pipe;
	return fine;
}

static const char *agrees_text(const struct dz_score *score)
{
	return score->agrees == DZ_SCORE_AGREES ? "true" : score->agrees == DZ_SCORE_DISAGREES ? "false" : "";
}

static void add_csv_head(struct run *run)
{
	const struct dz_library *library = &run->options->library;

	dz_strbuf_adds(&run->out, "id," DZ_ENDS_CSV_HEAD ",label,packets,profile,distance,margin,agrees,own_distance");
	for (size_t i = 0; i < library->rule_count; i++) {
		dz_strbuf_addc(&run->out, ',');
		dz_csv_text(&run->out, library->rules[i].name);
		dz_strbuf_adds(&run->out, " distance,");
		dz_csv_text(&run->out, library->rules[i].name);
		dz_strbuf_adds(&run->out, " matches");
	}
	dz_strbuf_addc(&run->out, '\n');
}

static void add_csv(struct run *run, const struct dz_record *record, const struct dz_score *score)
{
	char id[33];

	*dz_text_hex(id, record->id, sizeof record->id) = '\0';
	dz_strbuf_addf(&run->out, "%s,", id);
	dz_ends_csv(&record->key, record->source_end, &run->out);
	dz_strbuf_addc(&run->out, ',');
	dz_csv_text(&run->out, record->text->application);
	dz_strbuf_addf(&run->out, ",%" PRIu64 ",",
		       record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets);
	if (score->count) {
		dz_csv_text(&run->out, score->nearest[0].profile);
		dz_strbuf_addf(&run->out, ",%.9g,%.9g,%s,", score->nearest[0].distance, score->margin,
			       agrees_text(score));
		if (score->own >= 0)
			dz_strbuf_addf(&run->out, "%.9g", score->own);
	} else {
		dz_strbuf_adds(&run->out, ",,,,");
	}
	for (size_t i = 0; i < run->options->library.rule_count; i++) {
		if (score->empty)
			dz_strbuf_adds(&run->out, ",,");
		else
			dz_strbuf_addf(&run->out, ",%.9g,%s", score->rule_distances[i],
				       score->rule_matches[i] ? "true" : "false");
	}
	dz_strbuf_addc(&run->out, '\n');
}

static void add_text(struct run *run, const struct dz_record *record, const struct dz_score *score)
{
	char source[DZ_ENDPOINT_TEXT], ends[2 * DZ_ENDPOINT_TEXT + 3];

	dz_flow_key_endpoint(&record->key, record->source_end, source);
	snprintf(ends, sizeof ends, "%s > ", source);
	dz_flow_key_endpoint(&record->key, !record->source_end, ends + strlen(ends));
	dz_chart_name(&run->out, ends, 44);
	dz_strbuf_addc(&run->out, ' ');
	dz_chart_name(&run->out, record->text->application, 16);
	if (score->agrees == DZ_SCORE_DISAGREES)
		dz_strbuf_adds(&run->out, " but ");
	else
		dz_strbuf_adds(&run->out, score->agrees == DZ_SCORE_AGREES ? "  =  " : "  ?  ");
	if (score->count) {
		dz_chart_name(&run->out, score->nearest[0].profile, 16);
		dz_strbuf_addf(&run->out, " %8.3f  margin %.3f", score->nearest[0].distance, score->margin);
	}
	for (size_t i = 0; i < score->rule_count; i++) {
		dz_strbuf_addf(&run->out, "  %s ", score->rule_matches[i] ? "is" : "not");
		dz_chart_name(&run->out, run->options->library.rules[i].name,
			      dz_chart_name_columns(run->options->library.rules[i].name, 24));
		dz_strbuf_addf(&run->out, " (%.1f)", score->rule_distances[i]);
	}
	dz_strbuf_adds(&run->out, score->empty ? "(no lengths)\n" : "\n");
}

static bool add_json(struct run *run, const struct dz_dataset_item *item, const struct dz_score *score,
		     struct dz_err *err)
{
	const char *line = item->line;
	size_t size = item->line_size;

	if (!line) {
		dz_strbuf_clear(&run->line);
		dz_json_writer_add(run->writer, item->record, &run->line);
		line = run->line.data;
		size = run->line.size;
	}
	if (!dz_score_line(&run->options->library, &run->options->score, score, line, size, &run->out, err))
		return false;
	dz_strbuf_addc(&run->out, '\n');
	return true;
}

static bool score_one(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct run *run = context;
	struct options *o = run->options;
	struct dz_score score;

	dz_group_name(o->library.by, item->record, item->input, &run->name);
	if (!same_shape(o, item->record, item->input, err) ||
	    !dz_scorer_score(run->scorer, item->record, run->name.data, &score, err))
		return false;
	run->flows++;
	run->empty += score.empty;
	run->agree += score.agrees == DZ_SCORE_AGREES;
	run->disagree += score.agrees == DZ_SCORE_DISAGREES;
	if (o->in.format == DZ_STATS_CSV)
		add_csv(run, item->record, &score);
	else if (o->in.format == DZ_STATS_TEXT)
		add_text(run, item->record, &score);
	else if (!add_json(run, item, &score, err))
		return false;
	return run->out.size < FLUSH_AT || flush(run, err);
}

static int score_flows(struct options *o, const char *const *words, size_t count)
{
	struct run run = { .options = o };
	struct dz_dataset_account account;
	struct dz_err err;
	int exit_code = DZ_EXIT_FAILED;
	bool end;

	run.scorer = dz_scorer_new(&o->library, &o->score, &err);
	if (!run.scorer) {
		dz_log_error("--profiles: %s: %s", o->profiles, err.text);
		return DZ_EXIT_FAILED;
	}
	run.writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
	if (!dz_output_open(&run.output, o->in.common.output, &err)) {
		dz_log_error("%s", err.text);
		goto out;
	}
	if (o->in.format == DZ_STATS_CSV)
		add_csv_head(&run);
	exit_code = dz_stats_input_read(&o->in, words, count, score_one, &run, &account, &end);
	if (run.output.closed_pipe) {
		exit_code = DZ_EXIT_DONE;
		goto out;
	}
	if (run.write_failed)
		goto out;
	if (!flush(&run, &err) || !dz_output_close(&run.output, &err)) {
		if (!run.output.closed_pipe)
			dz_log_error("%s", err.text);
		exit_code = run.output.closed_pipe ? exit_code : DZ_EXIT_FAILED;
	}
	if (run.flows)
		dz_log_info("%" PRIu64 " flows: %" PRIu64 " nearest to their own label's profile, %" PRIu64
			    " to another's, %" PRIu64 " without a profile of their own, %" PRIu64 " without lengths",
			    run.flows, run.agree, run.disagree, run.flows - run.agree - run.disagree - run.empty,
			    run.empty);
out:
	dz_scorer_free(run.scorer);
	dz_json_writer_free(run.writer);
	dz_strbuf_release(&run.out);
	dz_strbuf_release(&run.line);
	dz_strbuf_release(&run.name);
	return exit_code;
}

/* ---- evaluating ---- */

static int judge(struct options *o, const struct dz_groups *groups, int exit_code)
{
	struct dz_evaluation evaluation;
	struct dz_strbuf text;

	if (o->profiles)
		dz_score_by_library(groups, &o->library, &o->score, &evaluation);
	else if (o->holdout > 0)
		dz_score_holdout(groups, o->score.metric, o->min_flows, o->holdout, o->seed, &evaluation);
	else
		dz_score_leave_one_out(groups, o->score.metric, o->min_flows, &evaluation);
	dz_strbuf_init(&text);
	if (!dz_contingency_total(evaluation.table)) {
		dz_log_error("nothing to judge: %s", o->profiles
							     ? "no flow has a label that the library has a profile of"
							     : "no label has two flows with lengths");
		exit_code = DZ_EXIT_FAILED;
		goto out;
	}
	if (o->in.format == DZ_STATS_JSON)
		dz_evaluation_json(&evaluation, &text);
	else if (o->in.format == DZ_STATS_CSV)
		dz_evaluation_csv(&evaluation, &text);
	else
		dz_evaluation_text(&evaluation, &text);
	if (!dz_stats_input_write(&o->in, &text))
		exit_code = DZ_EXIT_FAILED;
out:
	dz_strbuf_release(&text);
	dz_evaluation_release(&evaluation);
	return exit_code;
}

struct collecting {
	struct options *options;
	struct dz_groups *groups;
};

static bool collect(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct collecting *collecting = context;

	if (collecting->options->profiles && !same_shape(collecting->options, item->record, item->input, err))
		return false;
	return dz_groups_add(collecting->groups, item->record, item->input, err);
}

static int evaluate(struct options *o, const char *const *words, size_t count)
{
	struct collecting collecting = { o, NULL };
	struct dz_dataset_account account;
	int exit_code;
	bool end;

	collecting.groups = dz_groups_new(o->profiles ? o->library.by : (enum dz_group_by)o->in.by, o->score.direction);
	exit_code = dz_stats_input_read(&o->in, words, count, collect, &collecting, &account, &end);
	if (!end) {
		dz_groups_finish(collecting.groups);
		exit_code = judge(o, collecting.groups, exit_code);
	}
	dz_groups_free(collecting.groups);
	return exit_code;
}

/* ---- the command ---- */

static const char *contradiction(const struct options *o)
{
	if (!o->profiles && !o->evaluate && !(o->holdout > 0))
		return "--profiles FILE is missing (or --evaluate, to judge the input by itself)";
	if (o->profiles && o->holdout > 0)
		return "--holdout judges flows by other flows of the input: it does not go with --profiles";
	return NULL;
}

static int run_score(int argc, char **argv)
{
	struct options o = { .nearest = 3, .seed = 1 };
	int first, exit_code;

	dz_stats_input_init(&o.in);
	o.in.format = NOT_GIVEN;
	if (!dz_cmd_parse(&dz_cmd_score, &o, argc, argv, &first, &exit_code))
		goto out;
	o.evaluate |= o.holdout > 0;
	if (o.in.format == NOT_GIVEN)
		o.in.format = o.evaluate ? DZ_STATS_TEXT : DZ_STATS_JSON;
	dz_library_init(&o.library, (enum dz_group_by)o.in.by);
	o.score = (struct dz_score_options){ (enum dz_metric)o.in.metric, (enum dz_direction)o.in.direction,
					     (size_t)o.nearest, o.min_flows };
	if (contradiction(&o)) {
		dz_log_error("%s", contradiction(&o));
		exit_code = DZ_EXIT_USAGE;
	} else if (o.profiles &&
		   !dz_common_guard("--output", o.in.common.output, &o.in.dataset.engine, &o.profiles, 1)) {
		exit_code = DZ_EXIT_USAGE;
	} else if (dz_stats_input_check(&o.in, (const char *const *)argv + first, (size_t)(argc - first))) {
		exit_code = DZ_EXIT_USAGE;
	} else if (o.profiles && !read_library(&o)) {
		exit_code = DZ_EXIT_FAILED;
	} else if (o.evaluate) {
		exit_code = evaluate(&o, (const char *const *)argv + first, (size_t)(argc - first));
	} else {
		exit_code = score_flows(&o, (const char *const *)argv + first, (size_t)(argc - first));
	}
	dz_library_release(&o.library);
out:
	dz_stats_input_release(&o.in);
	return exit_code;
}

/* ---- its options ---- */

#define AT(member) offsetof(struct options, member)

static const struct dz_opt options[] = {
	DZ_HEADING("What is scored, and how"),
	DZ_FILE('p', "profiles", "FILE", "the library, as written by 'distribooze profile'", AT(profiles)),
	DZ_STATS_OPTION_DISTANCE,
	DZ_STATS_OPTION_DIRECTION,
	DZ_UINT(0, "nearest", "N", "tell the N nearest profiles (default 3)", AT(nearest), 1, DZ_SCORE_MOST),
	DZ_UINT(0, "min-flows", "N",
		"use only profiles of at least N flows (default 1; --evaluate without --profiles: 2)", AT(min_flows), 1,
		1e15),
	DZ_HEADING("Evaluation"),
	DZ_FLAG(0, "evaluate",
		"confusion matrix, accuracy and macro-F1 instead of flows; without --profiles by leave-one-out",
		AT(evaluate)),
	DZ_REAL(0, "holdout", "FRACTION", "judge this share of each label's flows by the rest", AT(holdout), 0.001,
		0.999),
	DZ_UINT(0, "seed", "N", "of the draw of --holdout (default 1)", AT(seed), 0, 1e18),
	DZ_STATS_OPTION_BY,
	DZ_TABLE(dz_stats_reading, AT(in)),
	DZ_HEADING("Output"),
	DZ_STATS_OPTION_FORMAT(
		"json (one line per flow, the default), csv or text; with --evaluate text (the default), "
		"json or csv (the matrix)"),
	DZ_TABLE(dz_stats_writing, AT(in)),
	DZ_END,
};

const struct dz_cmd dz_cmd_score = {
	.name = "score",
	.synopsis = "--profiles FILE [OPTION]... INPUT...",
	.summary = "the nearest profiles of each flow; or how often they are right",
	.help = "Tells of each flow which profiles of a library it is nearest to, how near, by which margin,\n"
		"and whether that agrees with its label: as distribooze.match in its JSON line.\n"
		"With --evaluate it tells how often the nearest profile is the right one: of the library, or\n"
		"without --profiles of the input itself, each flow judged by the others.\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.run = run_score,
};
