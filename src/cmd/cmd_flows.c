/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_flows.c - `distribooze [flows]`: captures in, one line per flow out. */
#include "config.h"
#include "cmd/cmd.h"

#include "cmd/common.h"
#include "cmd/completion.h"
#include "cmd/live.h"
#include "cmd/run_stats_json.h"
#include "engine/engine.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/mem_use.h"
#include "base/mem.h"
#include "cmd/output.h"
#include "cmd/named_files.h"
#include "cmd/signals.h"
#include "base/strbuf.h"
#include "sink/template.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether this build looks for memory that was not given back. */
#if defined __SANITIZE_ADDRESS__
#define LEAKS_COUNT true
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define LEAKS_COUNT true
#endif
#endif
#ifndef LEAKS_COUNT
#define LEAKS_COUNT false
#endif

/* Live, a flow that lasts is told of in parts. */
enum { LIVE_ACTIVE_SECONDS = 1800 };

enum { MIN_MEMORY = 64 << 20, RESERVED_MEMORY = 32 << 20 };

struct options {
	struct dz_common common;
	struct dz_engine_config engine;
	struct dz_mem_use memory;
	unsigned values; /* 0: the format's own */
	int format;
	uint64_t max_flows, community_id_seed;
	const char *stats, *resume_from, *bulk_index;
	int shell; /* -1: no completion is asked for */
	struct dz_live_settings live;
	bool print_template;
	enum dz_template_engine template_for;
};

struct run {
	const struct options *options;
	struct dz_inputs *inputs;
	struct dz_output output;
	struct dz_run_stats account;
	uint64_t *skip; /* owned: packets of each input that an earlier run has read */
	double last_progress;
	bool show_progress;
};

static uint64_t memory_used(const void *context)
{
	return dz_mem_use_now(context);
}

static void apply(struct options *o)
{
	o->engine.flow.max_flows = (size_t)o->max_flows;
	o->engine.flow.community_id_seed = (uint16_t)o->community_id_seed;
	dz_common_set_threads(&o->engine);
	o->engine.last_run = !LEAKS_COUNT;
	o->engine.selection = &o->common.selection;
	dz_common_apply(&o->common);
	dz_mem_reserve(RESERVED_MEMORY);
	if (o->engine.flow.max_memory) {
		dz_mem_use_init(&o->memory);
		o->engine.flow.memory_used = memory_used;
		o->engine.flow.memory_context = &o->memory;
	}
}

/* ---- what is said while it runs ---- */

static void complain(void *context, const char *message)
{
	(void)context;
	dz_log_error("%s", message);
}

static void show_progress(void *context, const struct dz_progress *p)
{
	struct run *run = context;
	char text[160];
	double done = p->size ? (double)p->position / (double)p->size : 0;

	if (!run->show_progress || p->seconds - run->last_progress < 0.5)
		return;
	run->last_progress = p->seconds;
	int used = snprintf(text, sizeof text, "%llu packets, %.0f per second", (unsigned long long)p->packets,
			    (double)p->packets / p->seconds);
	if (done > 0 && done <= 1)
		snprintf(text + used, sizeof text - (size_t)used, ", %.0f%%, %.0f s left", done * 100,
			 p->seconds / done - p->seconds);
	dz_log_progress(text);
}

static void say_skipped(const struct dz_run_stats *a)
{
	char text[512] = "";
	size_t used = 0;
	for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++) {
		if (i != DZ_DECODE_OK && a->verdicts[i])
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%llu %s", used ? ", " : "",
						 (unsigned long long)a->verdicts[i],
						 dz_verdict_name((enum dz_verdict)i));
	}
	if (used)
		dz_log_info("packets skipped: %s", text);
}

static void say_summary(const struct dz_run_stats *a)
{
	dz_log_info("%llu packets read, %llu filtered out, %llu counted in %llu flow%s, %.2f s%s",
		    (unsigned long long)a->packets, (unsigned long long)a->filtered,
		    (unsigned long long)a->flows.packets, (unsigned long long)a->flows.flows,
		    a->flows.flows == 1 ? "" : "s", a->seconds, a->stopped ? " (stopped)" : "");
	say_skipped(a);
	if (a->left_out)
		dz_log_info("%llu of %llu records left out", (unsigned long long)a->left_out,
			    (unsigned long long)a->flows.records);
	if (a->dropped)
		dz_log_warning("%llu packets were lost when the captures were taken, as these tell",
			       (unsigned long long)a->dropped);
	if (a->sections_back)
		dz_log_warning(
			"sections within captures overlap in time, and were read as they are stored, which may cut "
			"flows: reordercap sorts such a file");
	if (a->flows.by_end_reason[DZ_END_EVICTED])
		dz_log_warning("%llu flows were ended early for want of room: see --max-flows and --max-memory",
			       (unsigned long long)a->flows.by_end_reason[DZ_END_EVICTED]);
	dz_common_say_oversized(&a->flows);
	for (size_t i = 0; i < a->label_count; i++)
		dz_log_verbose("%-20s %10llu flows %12llu packets %15llu bytes", a->labels[i].name,
			       (unsigned long long)a->labels[i].flows, (unsigned long long)a->labels[i].packets,
			       (unsigned long long)a->labels[i].bytes);
}

/* ---- the run ---- */

static enum dz_flush flush_for(const struct run *run)
{
	bool waiting = !dz_inputs_seekable(run->inputs);
	if (dz_output_is_terminal(&run->output) || (dz_output_is_fifo(&run->output) && waiting))
		return DZ_FLUSH_RECORDS;
	return dz_output_is_fifo(&run->output) || waiting ? DZ_FLUSH_BATCHES : DZ_FLUSH_FULL;
}

static bool write_stats(const struct run *run, struct dz_err *err)
{
	struct dz_strbuf text;
	bool fine;

	if (!run->options->stats)
		return true;
	dz_strbuf_init(&text);
	dz_run_stats_json(&run->account, run->inputs, &text);
	fine = dz_output_document(run->options->stats, text.data, text.size, err);
	dz_strbuf_release(&text);
	return fine;
}

/* NO_COLOR: https://no-color.org */
static bool wants_colour(const struct dz_output *output)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
	return dz_output_is_terminal(output) && !(refused && *refused) && terminal && strcmp(terminal, "dumb") != 0;
}

/* The values to print: those asked for, but for what an index would not take. */
static unsigned values_of(const struct options *o, enum dz_format format)
{
	unsigned values = o->values ? o->values : dz_sink_values(format);
	uint32_t bins = o->engine.flow.shape.bins;

	if (format != DZ_FORMAT_BULK)
		return values;
	if (values & DZ_VALUES_BINS && bins > DZ_SINK_NAMED_BINS) {
		dz_log_warning(
			"counts without named bins: for more than %d bins they pass the 1,000 fields of an index",
			DZ_SINK_NAMED_BINS);
		values = (values & ~(unsigned)DZ_VALUES_BINS) | DZ_VALUES_COUNTS;
	}
	if (values & DZ_VALUES_PERCENT && bins > DZ_SINK_PERCENT_BINS) {
		dz_log_warning("counts without percent: of more than %d bins an index may take them for vectors, and "
			       "refuse them",
			       DZ_SINK_PERCENT_BINS);
		values = (values & ~(unsigned)DZ_VALUES_PERCENT) | DZ_VALUES_COUNTS;
	}
	return values;
}

static bool run_engine(struct run *run, struct options *o, struct dz_err *err)
{
	struct dz_sink_config sink = { .format = (enum dz_format)o->format,
				       .values = values_of(o, (enum dz_format)o->format),
				       .shape = o->engine.flow.shape,
				       .unidirectional = o->engine.flow.unidirectional,
				       .width = dz_output_width(&run->output),
				       .colour = wants_colour(&run->output),
				       .ascii = o->common.ascii,
				       .bulk_index = o->bulk_index };
	o->engine.inputs = run->inputs;
	o->engine.warn = complain;
	o->engine.progress = show_progress;
	o->engine.context = run;
	o->engine.flush = flush_for(run);
	if (o->engine.threads > 1 && !dz_inputs_seekable(run->inputs))
		dz_log_warning("a stream is worked on by one thread, not %u, so that none of it is kept waiting",
			       o->engine.threads);
	run->show_progress = o->common.progress ||
			     (!o->common.quiet && isatty(STDERR_FILENO) && !dz_output_is_terminal(&run->output));
	return dz_engine_run_sink(&o->engine, &sink, dz_output_write, &run->output, &run->account, err);
}

/* What can be known to go wrong before the output is opened, and so emptied. */
static bool may_begin(const struct run *run, const struct options *o, const char *const *words, size_t count)
{
	if (!dz_common_check(&o->engine, run->inputs) ||
	    !dz_common_guard("--output", o->common.output, &o->engine, words, count) ||
	    (o->resume_from && !dz_common_guard("--output", o->common.output, &o->engine, &o->resume_from, 1)))
		return false;
	if (o->format == DZ_FORMAT_CSV && o->values & (DZ_VALUES_BINS | DZ_VALUES_VECTOR)) {
		dz_log_error("--values: format csv has counts, whose columns are the bins, and percent");
		return false;
	}
	if (!o->stats)
		return true;
	if (!dz_common_guard("--stats", o->stats, &o->engine, words, count))
		return false;
	if (!dz_output_overwrites(o->common.output, o->stats))
		return true;
	dz_log_error("--stats: %s is where the records go", o->stats);
	return false;
}

/* ---- going on where an earlier run was stopped ---- */

static bool read_text(const char *path, struct dz_strbuf *text, struct dz_err *err)
{
	enum { MAX_SIZE = 256 << 20 };
	FILE *file = fopen(path, "rb");
	char block[1 << 14];
	size_t got;
	bool fine;

	if (!file)
		return dz_err_set(err, "%s", strerror(errno));
	while (text->size < MAX_SIZE && (got = fread(block, 1, sizeof block, file)) > 0)
		dz_strbuf_add(text, block, got);
	fine = !ferror(file) && text->size < MAX_SIZE;
	fclose(file);
	return fine || dz_err_set(err, "cannot be read, or is too large");
}

static bool resume(struct run *run, const char *path)
{
	size_t unknown = 0;
	struct dz_strbuf text;
	struct dz_err err;
	bool fine;

	if (!path)
		return true;
	run->skip = dz_mem_zalloc(dz_inputs_count(run->inputs), sizeof *run->skip);
	dz_strbuf_init(&text);
	fine = read_text(path, &text, &err) &&
	       dz_run_stats_read(text.data ? text.data : "", run->inputs, run->skip, &unknown, &err);
	dz_strbuf_release(&text);
	if (!fine)
		dz_log_error("--resume-from: %s: %s", path, err.text);
	else if (unknown)
		dz_log_warning("--resume-from: %s: %zu of the files it tells of are no inputs of this run", path,
			       unknown);
	return fine;
}

/* A file that is shorter than it was is another one. */
static bool say_shorter(const struct run *run)
{
	bool all = true;

	for (size_t i = 0; run->skip && run->account.input_packets && i < dz_inputs_count(run->inputs); i++) {
		if (run->account.stopped || run->account.input_packets[i] >= run->skip[i])
			continue;
		dz_log_error("%s: has %llu packets, but the earlier run read %llu", dz_inputs_path(run->inputs, i),
			     (unsigned long long)run->account.input_packets[i], (unsigned long long)run->skip[i]);
		all = false;
	}
	return all;
}

/* ---- the whole ---- */

static int finish(struct run *run, bool fine, struct dz_err *err)
{
	bool written;

	dz_log_progress("");
	if (run->account.threads && !run->output.closed_pipe) {
		say_summary(&run->account);
		dz_common_say_hidden(&run->options->engine, run->account.hidden);
		dz_common_say_missed(&run->options->common, run->account.labels, run->account.label_count,
				     run->account.flows.records, run->account.flows.records - run->account.left_out);
	}
	if (!fine && !run->output.closed_pipe)
		dz_log_error("%s", err->text);
	if (dz_mem_is_low())
		dz_log_error("out of memory: no more was read, and the flows so far were written; --max-memory or "
			     "--max-flows keep a run within what there is");
	fine = fine || run->output.closed_pipe;
	written = dz_output_close(&run->output, err) && write_stats(run, err);
	if (!written)
		dz_log_error("%s", err->text);
	if (!fine || !written || !say_shorter(run) || dz_mem_is_low())
		return DZ_EXIT_FAILED;
	/* Of files there is more to read, and who asked is to know; of a stream the end is where it is cut off. */
	if (run->account.stopped && dz_inputs_seekable(run->inputs))
		return 128 + dz_signals_asked();
	return run->account.damaged_inputs ? DZ_EXIT_FAILED : DZ_EXIT_DONE;
}

/* No input could be read: the account says so, too. */
static int tell_nothing(const struct run *run)
{
	struct dz_err err;

	if (!write_stats(run, &err))
		dz_log_error("%s", err.text);
	return DZ_EXIT_FAILED;
}

static int run_flows(struct run *run, struct options *o, const char *const *words, size_t count)
{
	struct dz_err err;

	if (!may_begin(run, o, words, count) || !resume(run, o->resume_from))
		return DZ_EXIT_USAGE;
	o->engine.skip = run->skip;
	if (!dz_output_open(&run->output, o->common.output, &err)) {
		dz_log_error("%s", err.text);
		return DZ_EXIT_FAILED;
	}
	o->engine.stop = dz_signals_ask();
	return finish(run, run_engine(run, o, &err), &err);
}

/* -i: there are no captures to read. */
static int run_live(struct options *o)
{
	struct dz_sink_config sink = { .format = (enum dz_format)o->format,
				       .values = values_of(o, (enum dz_format)o->format),
				       .shape = o->engine.flow.shape,
				       .unidirectional = o->engine.flow.unidirectional,
				       .ascii = o->common.ascii,
				       .bulk_index = o->bulk_index };

	o->live.no_sandbox = o->common.no_sandbox;
	if (!dz_common_check(&o->engine, NULL))
		return DZ_EXIT_USAGE;
	if (!o->engine.flow.active_ns)
		o->engine.flow.active_ns = LIVE_ACTIVE_SECONDS * UINT64_C(1000000000);
	return dz_live_run(&o->live, &o->engine, &sink, o->common.output, o->stats);
}

static int print_template(const struct options *o)
{
	struct dz_template config = { o->engine.flow.shape, values_of(o, DZ_FORMAT_BULK), o->template_for };
	struct dz_output output;
	struct dz_strbuf text;
	struct dz_err err;
	bool fine;

	if (!dz_output_open(&output, o->common.output, &err)) {
		dz_log_error("%s", err.text);
		return DZ_EXIT_FAILED;
	}
	dz_strbuf_init(&text);
	dz_template_add(&config, &text);
	fine = dz_output_write(&output, text.data, text.size, 0, &err);
	fine = dz_output_close(&output, &err) && fine;
	if (!fine)
		dz_log_error("%s", err.text);
	dz_strbuf_release(&text);
	return fine ? DZ_EXIT_DONE : DZ_EXIT_FAILED;
}

static int print_completion(enum dz_shell shell)
{
	struct dz_strbuf script;
	struct dz_err err;
	bool fine;

	dz_strbuf_init(&script);
	dz_completion(shell, &script);
	fine = dz_output_document(NULL, script.data, script.size, &err);
	dz_strbuf_release(&script);
	if (!fine)
		dz_log_error("%s", err.text);
	return fine ? DZ_EXIT_DONE : DZ_EXIT_FAILED;
}

static int run_captures(struct options *o, const char *const *words, size_t count)
{
	struct run run = { .options = o };
	int exit_code;

	o->engine.flow.observer = o->live.observer;
	dz_named_files_warn(words, count);
	run.inputs = dz_inputs_new(words, count, complain, NULL);
	exit_code = dz_inputs_count(run.inputs) ? run_flows(&run, o, words, count) : tell_nothing(&run);
	if (dz_inputs_failures(run.inputs) && exit_code == DZ_EXIT_DONE)
		exit_code = DZ_EXIT_FAILED;
	dz_run_stats_release(&run.account);
	free(run.skip);
	dz_inputs_free(run.inputs);
	dz_mem_use_release(&o->memory);
	return exit_code;
}

static int run_as_asked(struct options *o, const char *const *words, size_t count)
{
	apply(o);
	if (o->shell >= 0)
		return print_completion((enum dz_shell)o->shell);
	if (o->live.list)
		return dz_live_print_list();
	if (o->bulk_index && o->format != DZ_FORMAT_BULK) {
		dz_log_error("--bulk-index goes with -F bulk");
		return DZ_EXIT_USAGE;
	}
	if (o->live.count)
		return run_live(o);
	if (dz_live_settings_misplaced(&o->live)) {
		dz_log_error("%s goes with a live capture: -i INTERFACE", dz_live_settings_misplaced(&o->live));
		return DZ_EXIT_USAGE;
	}
	if (o->print_template)
		return print_template(o);
	if (!count) {
		dz_log_error("no capture given; 'distribooze --help' tells more");
		return DZ_EXIT_USAGE;
	}
	return run_captures(o, words, count);
}

static int run_command(int argc, char **argv)
{
	struct options o = { .max_flows = 4000000, .shell = -1, .memory = { -1 } };
	int first, exit_code;

	dz_engine_config_init(&o.engine);
	dz_live_settings_init(&o.live);
	if (dz_cmd_parse(&dz_cmd_flows, &o, argc, argv, &first, &exit_code))
		exit_code = run_as_asked(&o, (const char *const *)argv + first, (size_t)(argc - first));
	dz_common_release(&o.common);
	return exit_code;
}

/* ---- its options ---- */

static bool parse_memory(void *target, const char *value, struct dz_err *err)
{
	uint64_t *size = target;
	if (!dz_opt_parse_size(target, value, err))
		return false;
	return *size >= MIN_MEMORY || dz_err_set(err, "'%s' is too little: 64M is the least", value);
}

#define AT(member) offsetof(struct options, member)

static bool parse_values(void *target, const char *value, struct dz_err *err)
{
	return dz_values_parse(value, target, err);
}

static const struct dz_opt options[] = {
	DZ_HEADING("What is read and measured"),
	DZ_TABLE(dz_common_inputs, AT(common)),
	DZ_TABLE(dz_common_reading, AT(engine)),
	DZ_HEADING("Live capture"),
	DZ_TABLE(dz_live_options, AT(live)),
	DZ_HEADING("Flows"),
	DZ_TABLE(dz_common_which, AT(common)),
	DZ_TABLE(dz_common_flows, AT(engine)),
	DZ_DURATION(0, "active-timeout", "TIME", "cut an interim record of a flow that lasts for TIME (default: never)",
		    AT(engine.flow.active_ns)),
	DZ_UINT(0, "max-flows", "N",
		"open flows at once, 0 for no limit (default 4000000); beyond it the longest-idle flow, to the second, "
		"is "
		"ended and written",
		AT(max_flows), 0, 4e9),
	DZ_CALL(0, "max-memory", "SIZE",
		"memory of the process, such as 2G, 64M at least (default: no limit); near it flows are ended as at "
		"--max-flows",
		AT(engine.flow.max_memory), parse_memory),
	DZ_UINT(0, "community-id-seed", "N", "seed of the Community IDs (default 0)", AT(community_id_seed), 0, 65535),
	DZ_HEADING("Labels"),
	DZ_TABLE(dz_common_labels, AT(engine)),
	DZ_HEADING("Output"),
	DZ_CHOICE('F', "format", "FORMAT", "%s; table is for people, bulk for Elasticsearch's _bulk", AT(format),
		  dz_format_names),
	DZ_CALL(0, "values", "LIST",
		"vectors as counts, percent, both, bins (named, without those that are 0) or vector (square roots of "
		"the "
		"shares); a list with commas. Default: counts,percent; of bulk counts,bins",
		AT(values), parse_values),
	DZ_TABLE(dz_common_output, AT(common)),
	DZ_STRING(0, "bulk-index", "NAME", "name the index in each action line of format bulk", AT(bulk_index)),
	DZ_FLAG(0, "print-template",
		"print the index template for bulk lines with these --bin-width, --bins and --values, and read nothing",
		AT(print_template)),
	DZ_CHOICE(0, "template-for", "ENGINE", "whose template; it matters for vectors only: %s", AT(template_for),
		  dz_template_engines),
	DZ_OUTPUT(0, "stats", "FILE", "write the accounting of the run to FILE as JSON", AT(stats)),
	DZ_FILE(0, "resume-from", "FILE",
		"go on where a run was stopped: skip the packets that it read, by what its --stats wrote to FILE",
		AT(resume_from)),
	DZ_HEADING("Output of a live capture"),
	DZ_TABLE(dz_live_output_options, AT(live)),
	DZ_HEADING("The run"),
	DZ_TABLE(dz_common_threads, AT(engine)),
	DZ_TABLE(dz_live_sandbox_options, AT(live)),
	DZ_CHOICE(0, "completion", "SHELL",
		  "print the script that completes commands and options in SHELL: bash, zsh or fish", AT(shell),
		  dz_shell_names),
	DZ_TABLE(dz_common_run, AT(common)),
	DZ_END,
};

static bool is_live(const void *given)
{
	const struct options *o = given;

	return o->live.count || o->live.list;
}

const struct dz_cmd dz_cmd_flows = {
	.name = "flows",
	.synopsis = "[OPTION]... CAPTURE...",
	.summary = "one JSON line per flow: label and packet-length distribution",
	.help = "Reads captures (pcap, pcapng, also compressed with gzip or zstd; - is standard input; a\n"
		"directory stands for the captures in it), tracks flows, labels them with nDPI, and prints\n"
		"one JSON line per flow with the distribution of its packet lengths.\n",
	.options = options,
	.common_at = AT(common),
	.engine_at = AT(engine),
	.is_live = is_live,
	.run = run_command,
};
