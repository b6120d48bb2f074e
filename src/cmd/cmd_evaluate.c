/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_evaluate.c - `distribooze score --evaluate`: how often the nearest label is right, in folds or by a library. */
#include "config.h"
#include "cmd/known_inputs.h"
#include "cmd/score_library.h"
#include "cmd/score_options.h"

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/truth.h"
#include "render/render.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FOLDS_RANDOM = 200, FOLDS_RANDOM = 10 };

#define FOLDS_RANDOM_WORD "10"

struct collecting {
	struct dz_score_command *options;
	struct dz_evaluator *evaluator;
	struct dz_truth *truth; /* NULL: the labels of the records */
	struct dz_strbuf name;
	struct dz_intern inputs; /* of which a library that judges them may have been made */
};

/* "input", "host", or a number of folds that are drawn. */
static bool read_folds(const struct dz_score_command *o, struct dz_evaluate_options *options, struct dz_err *err)
{
	const char *word = o->folds ? o->folds : "input";
	char *end;
	unsigned long count = strtoul(word, &end, 10);

	options->folds = DZ_FOLD_RANDOM;
	options->count = (uint32_t)count;
	if (o->library.has_shape)
		options->folds = DZ_FOLD_LIBRARY;
	else if (!strcmp(word, "input"))
		options->folds = DZ_FOLD_INPUT;
	else if (!strcmp(word, "host"))
		options->folds = DZ_FOLD_HOST;
	else if (*end || end == word || count < 2 || count > MAX_FOLDS_RANDOM)
		return dz_err_set(err, "--folds: '%s' is neither input, host, nor a number from 2 to %d", word,
				  MAX_FOLDS_RANDOM);
	return true;
}

static bool collect(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct collecting *all = context;
	const struct dz_score_command *o = all->options;
	const char *label;

	if (o->library.has_shape && !dz_library_set_shape(&all->options->library, &item->record->shape,
							  item->record->role != DZ_ROLE_BOTH, item->input, err))
		return false;
	dz_known_inputs_note(&all->inputs, item->record);
	dz_group_name(o->library.by, item->record, item->input, &all->name);
	label = all->truth ? dz_truth_of(all->truth, item->record, item->input) : all->name.data;
	return !label || dz_evaluator_add(all->evaluator, item->record, item->input, label, err);
}

static void tell_truth(const struct dz_truth *truth)
{
	if (truth->without)
		dz_log_warning("--truth says nothing of %" PRIu64 " flows: they are left out", truth->without);
	if (dz_truth_unused(truth))
		dz_log_warning("--truth: of %" PRIu64 " of its %" PRIu32 " rows there is no flow",
			       dz_truth_unused(truth), truth->keys.count);
}

static void show_folds(void *context, uint64_t done, uint64_t total)
{
	dz_stats_input_progress(context, "folds judged", done, total);
}

static bool write_evaluation(struct dz_score_command *o, const struct dz_evaluation *evaluation)
{
	struct dz_strbuf text;
	bool fine;

	dz_strbuf_init(&text);
	if (o->in.format == DZ_STATS_JSON)
		dz_evaluation_json(evaluation, &text);
	else if (o->in.format == DZ_STATS_CSV)
		dz_evaluation_csv(evaluation, &text);
	else
		dz_evaluation_text(evaluation, &text);
	fine = dz_stats_input_write(&o->in, &text);
	dz_strbuf_release(&text);
	return fine;
}

/* Where half of the flows and more are of hosts that several inputs have, inputs may be parts of one capture. */
static void warn_of_shared_hosts(const struct dz_evaluator *evaluator, const struct dz_evaluate_options *options)
{
	uint64_t flows = dz_evaluator_flows(evaluator), shared;

	if (options->library || options->folds != DZ_FOLD_INPUT)
		return;
	shared = dz_evaluator_of_shared_hosts(evaluator);
	if (shared && shared * 2 >= flows)
		dz_log_warning("%" PRIu64 " of %" PRIu64
			       " flows are of hosts that other inputs have, too: where inputs are "
			       "parts of one capture, their hosts are judged by themselves (--folds host)",
			       shared, flows);
}

static int judge(struct dz_score_command *o, struct dz_evaluator *evaluator, int exit_code)
{
	struct dz_evaluate_options options = { .score = o->score,
					       .repeats = (uint32_t)o->repeats,
					       .seed = o->seed,
					       .library = o->library.has_shape ? &o->library : NULL,
					       .progress = show_folds,
					       .context = &o->in };
	struct dz_evaluation evaluation = { 0 };
	struct dz_err err;
	bool fine;

	if (!options.library && dz_evaluator_copies(evaluator))
		dz_log_warning("%" PRIu64 " flows are in more than one input, by addresses, ports and start: what is "
			       "judged by its copy is no evidence",
			       dz_evaluator_copies(evaluator));
	if (!o->folds && !options.library && dz_evaluator_inputs(evaluator) < 2) {
		dz_log_warning("all flows are of one input: %d folds are drawn at random, whose flows know each other",
			       FOLDS_RANDOM);
		o->folds = FOLDS_RANDOM_WORD;
	}
	fine = read_folds(o, &options, &err);
	if (fine)
		warn_of_shared_hosts(evaluator, &options);
	if (!fine || !dz_evaluate(evaluator, &options, &evaluation, &err)) {
		dz_log_error("%s", err.text);
		exit_code = DZ_EXIT_FAILED;
	} else if (!write_evaluation(o, &evaluation)) {
		exit_code = DZ_EXIT_FAILED;
	}
	dz_evaluation_release(&evaluation);
	return exit_code;
}

int dz_score_evaluate(struct dz_score_command *o, const char *const *words, size_t count)
{
	struct collecting all = { .options = o };
	struct dz_dataset_account account;
	struct dz_evaluate_options options;
	struct dz_truth truth;
	struct dz_err err;
	int exit_code = DZ_EXIT_USAGE;
	bool end;

	if (!read_folds(o, &options, &err)) {
		dz_log_error("%s", err.text);
		return DZ_EXIT_USAGE;
	}
	memset(&truth, 0, sizeof truth);
	if (o->truth && !dz_truth_read(&truth, o->truth, &err)) {
		dz_log_error("--truth: %s", err.text);
		dz_truth_release(&truth);
		return DZ_EXIT_FAILED;
	}
	all.truth = o->truth ? &truth : NULL;
	dz_intern_init(&all.inputs);
	all.evaluator = dz_evaluator_new(o->library.by, o->score.direction);
	o->in.dataset.separate = true; /* no flow crosses from one input, and fold, into another */
	exit_code = dz_stats_input_read(&o->in, words, count, collect, &all, &account, &end);
	if (!end) {
		if (o->truth)
			tell_truth(&truth);
		if (o->profiles)
			dz_score_library_tell_known(&o->library, o->profiles, &all.inputs);
		exit_code = judge(o, all.evaluator, exit_code);
	}
	dz_evaluator_free(all.evaluator);
	dz_truth_release(&truth);
	dz_strbuf_release(&all.name);
	dz_intern_release(&all.inputs);
	return exit_code;
}
