/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_score.c - `distribooze score`: the nearest profiles of each flow, or how often the nearest is right. */
#include "config.h"
#include "cmd/cmd.h"

#include "base/log.h"
#include "base/mem.h"
#include "cmd/output.h"
#include "cmd/known_inputs.h"
#include "cmd/score_library.h"
#include "cmd/score_lines.h"
#include "cmd/score_options.h"
#include "record/record_json.h"
#include "render/render.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FLUSH_AT = 1 << 16, NOT_GIVEN = -1 };

/* What a run of scoring holds. */
struct run {
	struct dz_score_command *options;
	struct dz_scorer *scorer; /* made when the first flow shows how it was measured */
	struct dz_json_writer *writer;
	struct dz_score_lines *lines; /* NULL: each line is made when its flow is scored */
	struct dz_output output;
	struct dz_strbuf out, line, name;
	struct dz_intern inputs;
	uint64_t flows, empty, agree, disagree, verdicts[DZ_SCORE_VERDICT_LABEL + 1], asked, is, is_unknown;
	uint64_t *matches;       /* owned: of each rule */
	bool write_failed, told; /* told: a line could not be made, and that was said */
};

/* ---- scoring ---- */

static bool flush(struct run *run, struct dz_err *err)
{
	bool fine = dz_output_write(&run->output, run->out.data ? run->out.data : "", run->out.size, 0, err);
	dz_strbuf_clear(&run->out);
	run->write_failed = !fine;
	run->options->in.reader_left = run->output.closed_pipe;
	return fine;
}

static void count(struct run *run, const struct dz_score *score)
{
	run->flows++;
	run->empty += score->empty;
	run->agree += score->agrees == DZ_SCORE_AGREES;
	run->disagree += score->agrees == DZ_SCORE_DISAGREES;
	run->verdicts[score->verdict]++;
	run->asked += score->asked;
	run->is += score->is;
	run->is_unknown += score->is && score->verdict == DZ_SCORE_VERDICT_UNKNOWN;
	for (size_t i = 0; i < score->rule_count; i++)
		run->matches[i] += score->rule_matches[i];
}

static void take_line(void *context, const struct dz_score *score, const struct dz_strbuf *made)
{
	struct run *run = context;

	count(run, score);
	if (!made)
		return;
	dz_strbuf_add(&run->out, made->data, made->size);
	dz_strbuf_addc(&run->out, '\n');
}

/* What cannot be made is told here: it may stand lines before the one that is read. */
static bool make_lines(struct run *run, struct dz_err *err)
{
	if (!run->lines || dz_score_lines_make(run->lines, take_line, run, err))
		return true;
	dz_log_error("%s", err->text);
	run->told = run->options->in.reader_left = true;
	return false;
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
	if (run->lines)
		return !dz_score_lines_add(run->lines, score, item, line, size) || make_lines(run, err);
	if (!dz_score_line(&run->options->library, &run->options->score, score, line, size, &run->out, err))
		return false;
	dz_strbuf_addc(&run->out, '\n');
	return true;
}

static bool begin(struct run *run, const struct dz_record *record, struct dz_err *err)
{
	struct dz_score_command *o = run->options;

	if (!o->profiles && !dz_score_library_reference(&o->library, record->shape.layer, &o->in, err))
		return false;
	run->scorer = dz_scorer_new(&o->library, &o->score, err);
	if (!run->scorer)
		return false;
	o->score.direction = dz_scorer_direction(run->scorer);
	run->matches = dz_mem_zalloc(o->library.rule_count, sizeof *run->matches);
	if (dz_scorer_best(run->scorer) >= 0)
		dz_log_verbose("the highest confidence that this library can give is %.2f",
			       dz_scorer_best(run->scorer));
	if (o->in.format == DZ_STATS_CSV)
		dz_score_csv_head(&o->library, &o->score, &run->out);
	else if (o->in.format == DZ_STATS_TEXT)
		dz_score_text_head(&o->library, &o->score, &run->out);
	else if (o->in.dataset.engine.threads > 1)
		run->lines = dz_score_lines_new(&o->library, &o->score, o->in.dataset.engine.threads);
	return true;
}

static bool score_one(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct run *run = context;
	struct dz_score_command *o = run->options;
	struct dz_score score;

	if (!run->scorer && !begin(run, item->record, err))
		return false;
	dz_group_name(o->library.by, item->record, item->input, &run->name);
	if (!dz_library_set_shape(&o->library, &item->record->shape, item->record->role != DZ_ROLE_BOTH, item->input,
				  err) ||
	    !dz_scorer_score(run->scorer, item->record, run->name.data, &score, err))
		return false;
	if (!run->lines)
		count(run, &score);
	dz_known_inputs_note(&run->inputs, item->record);
	if (o->in.format == DZ_STATS_CSV)
		dz_score_csv(&o->library, &o->score, item->record, &score, &run->out);
	else if (o->in.format == DZ_STATS_TEXT)
		dz_score_text(&o->library, &o->score, item->record, &score, &run->out);
	else if (!add_json(run, item, &score, err))
		return false;
	return run->out.size < FLUSH_AT || flush(run, err);
}

static void tell_rules(const struct run *run)
{
	const struct dz_library *library = &run->options->library;

	for (size_t i = 0; i < library->rule_count; i++)
		dz_log_info("rule %s (a distance of %g at most): %" PRIu64 " of %" PRIu64 " flows",
			    library->rules[i].name, library->rules[i].threshold, run->matches[i],
			    run->flows - run->empty);
}

/* The two questions may have two answers. */
static void tell_is(const struct run *run)
{
	const char *is = run->options->is;
	double share = run->scorer ? dz_scorer_is_share(run->scorer) : -1;

	dz_log_info("%s? %" PRIu64 " of the %" PRIu64 " flows that it was asked of", is, run->is, run->asked);
	if (share >= 0)
		dz_log_info("how sure that is holds where %.3g %% of such flows are %s, as in the library; where fewer "
			    "are, "
			    "it is less sure",
			    share * 100, is);
	if (run->is_unknown)
		dz_log_info("%" PRIu64
			    " of these %s unlike all that the library has (unknown): --is weighs %s against other "
			    "flows of its protocols, and does not know \"none of these\"",
			    run->is_unknown, run->is_unknown == 1 ? "is" : "are", is);
}

static void tell(const struct run *run)
{
	double best = run->scorer ? dz_scorer_best(run->scorer) : -1;

	if (!run->flows)
		return;
	tell_rules(run);
	if (!run->options->library.count)
		return;
	dz_log_info("%" PRIu64 " flows: %" PRIu64 " look most like their own label, %" PRIu64 " like another, %" PRIu64
		    " have a label that the library has not, %" PRIu64 " no lengths",
		    run->flows, run->agree, run->disagree, run->flows - run->agree - run->disagree - run->empty,
		    run->empty);
	if (best >= 0)
		dz_log_info("told as label %" PRIu64 ", likely %" PRIu64 ", unsure %" PRIu64 ", unknown %" PRIu64
			    "; the highest confidence that this library can give is %.0f %%",
			    run->verdicts[DZ_SCORE_VERDICT_LABEL], run->verdicts[DZ_SCORE_VERDICT_LIKELY],
			    run->verdicts[DZ_SCORE_VERDICT_UNSURE], run->verdicts[DZ_SCORE_VERDICT_UNKNOWN],
			    best * 100);
	if (best >= 0 && !dz_scorer_lone_labels(run->scorer))
		dz_log_warning(
			"the library has each of its labels of two inputs and more: how sure it is knows nothing "
			"of flows that are of none of its labels");
	if (run->options->is)
		tell_is(run);
}

static int score_flows(struct dz_score_command *o, const char *const *words, size_t count)
{
	struct run run = { .options = o };
	struct dz_dataset_account account;
	struct dz_err err;
	int exit_code = DZ_EXIT_FAILED;
	bool end;

	run.writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
	dz_intern_init(&run.inputs);
	if (!dz_output_open(&run.output, o->in.common.output, &err)) {
		dz_log_error("%s", err.text);
		goto out;
	}
	exit_code = dz_stats_input_read(&o->in, words, count, score_one, &run, &account, &end);
	if (run.output.closed_pipe) {
		exit_code = DZ_EXIT_DONE;
		goto out;
	}
	if (run.write_failed)
		goto out;
	if (run.told || !make_lines(&run, &err))
		exit_code = DZ_EXIT_FAILED;
	if (!flush(&run, &err) || !dz_output_close(&run.output, &err)) {
		if (!run.output.closed_pipe)
			dz_log_error("%s", err.text);
		exit_code = run.output.closed_pipe ? exit_code : DZ_EXIT_FAILED;
	}
	dz_score_library_tell_known(&o->library, o->profiles, &run.inputs);
	tell(&run);
out:
	dz_score_lines_free(run.lines);
	dz_scorer_free(run.scorer);
	free(run.matches);
	dz_json_writer_free(run.writer);
	dz_strbuf_release(&run.out);
	dz_strbuf_release(&run.line);
	dz_strbuf_release(&run.name);
	dz_intern_release(&run.inputs);
	return exit_code;
}

/* ---- the command ---- */

static const char *contradiction(const struct dz_score_command *o)
{
	if (!o->evaluate && (o->folds || o->truth || o->repeats > 1))
		return "--folds, --repeats and --truth are of --evaluate";
	if (o->profiles && (o->folds || o->repeats > 1))
		return "--folds judge flows by other flows of the input: they do not go with --profiles";
	if (o->among && !o->is)
		return "--among says where --is looks for its label: it does nothing without";
	return NULL;
}

static int run_command(struct dz_score_command *o, const char *const *words, size_t count)
{
	if (contradiction(o)) {
		dz_log_error("%s", contradiction(o));
		return DZ_EXIT_USAGE;
	}
	if ((o->profiles &&
	     !dz_common_guard("--output", o->in.common.output, &o->in.dataset.engine, &o->profiles, 1)) ||
	    (o->truth && !dz_common_guard("--output", o->in.common.output, &o->in.dataset.engine, &o->truth, 1)) ||
	    dz_stats_input_check(&o->in, words, count))
		return DZ_EXIT_USAGE;
	if (o->profiles && !dz_score_library_read(&o->library, o->profiles, &o->in))
		return DZ_EXIT_FAILED;
	if (o->profiles)
		o->score.direction = dz_library_direction(&o->library, o->score.direction);
	return o->evaluate ? dz_score_evaluate(o, words, count) : score_flows(o, words, count);
}

static int run_score(int argc, char **argv)
{
	struct dz_score_command o = { .nearest = 3, .seed = 1, .repeats = 1, .confidence = 0.5 };
	int first, exit_code;

	dz_stats_input_init(&o.in);
	o.in.format = NOT_GIVEN;
	if (!dz_cmd_parse(&dz_cmd_score, &o, argc, argv, &first, &exit_code))
		goto out;
	if (o.in.format == NOT_GIVEN)
		o.in.format = o.evaluate ? DZ_STATS_TEXT : DZ_STATS_JSON;
	dz_library_init(&o.library, (enum dz_group_by)o.in.by);
	o.score = (struct dz_score_options){ .metric = (enum dz_metric)o.in.metric,
					     .direction = (enum dz_direction)o.in.direction,
					     .nearest = (size_t)o.nearest,
					     .min_flows = o.min_flows,
					     .is = o.is,
					     .among = o.among,
					     .confidence = o.confidence };
	exit_code = run_command(&o, (const char *const *)argv + first, (size_t)(argc - first));
	dz_library_release(&o.library);
out:
	dz_stats_input_release(&o.in);
	return exit_code;
}

/* ---- its options ---- */

#define AT(member) offsetof(struct dz_score_command, member)

static const struct dz_opt options[] = {
	DZ_HEADING("What is scored, and how"),
	DZ_FILE('p', "profiles", "FILE",
		"the library, as written by 'distribooze profile'; without, the reference library of the layer that is "
		"measured",
		AT(profiles)),
	DZ_STRING(0, "is", "LABEL", "also tell whether each flow is of this label, among flows like it", AT(is)),
	DZ_STRING(0, "among", "LIST",
		  "the protocols (network.protocol) that --is looks among, such as tls,quic; by default those that the "
		  "library has the label under",
		  AT(among)),
	DZ_REAL(0, "confidence", "P", "from which on the answer to --is is yes (default 0.5)", AT(confidence), 0, 1),
	DZ_STATS_OPTION_DISTANCE,
	DZ_STATS_OPTION_DIRECTION,
	DZ_UINT(0, "nearest", "N", "tell the N nearest labels (default 3)", AT(nearest), 1, DZ_SCORE_MAX),
	DZ_UINT(0, "min-flows", "N", "use only profiles of at least N flows (default 1)", AT(min_flows), 1, 1e15),
	DZ_HEADING("Evaluation"),
	DZ_FLAG(0, "evaluate",
		"how often the nearest label is right, instead of flows: by the library given, or without --profiles "
		"in "
		"folds, each judged by the others",
		AT(evaluate)),
	DZ_STRING(0, "folds", "WHAT", "folds by input (default), by host (the originator), or so many at random",
		  AT(folds)),
	DZ_UINT(0, "repeats", "N", "draw the folds at random N times (default 1)", AT(repeats), 1, 1000),
	DZ_FILE(0, "truth", "FILE",
		"labels from outside: CSV with the columns label, and event.id, community_id or input", AT(truth)),
	DZ_UINT(0, "seed", "N", "of the folds at random and of the intervals (default 1)", AT(seed), 0, 1e18),
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
	.synopsis = "[OPTION]... INPUT...",
	.summary = "what each flow looks like, and how sure that is; or how often it is right",
	.help = "Tells of each flow which labels of a library it looks most like, how near and by which margin,\n"
		"how often that is right at such a margin in captures that the library does not know, and whether\n"
		"it agrees with the flow's own label: as distribooze.match in its JSON line. With --is LABEL it\n"
		"answers one question: this label or not. With --evaluate it tells how often it is right.\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.reads_profiles = true,
	.run = run_score,
};
