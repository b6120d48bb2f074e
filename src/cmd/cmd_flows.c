/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_flows.c - `distribooze [flows]`: captures in, one line per flow out. */
#include "config.h"
#include "cmd/cmd.h"

#include "cmd/run_stats_json.h"
#include "engine/engine.h"
#include "base/log.h"
#include "cmd/output.h"
#include "base/strbuf.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set by SIGINT and SIGTERM: end the reading, emit what is open. */
static atomic_bool stop_asked;

static void ask_stop(int signal_number)
{
	(void)signal_number;
	atomic_store(&stop_asked, true);
}

/* The first signal asks, the second one kills. A shell has its background jobs ignore SIGINT; that is left so. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = ask_stop, .sa_flags = SA_RESETHAND }, before;
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action = (struct sigaction){ .sa_handler = SIG_IGN };
	sigaction(SIGPIPE, &action, NULL);
}

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

struct options {
	const char *filter, *output, *stats;
	int layer, values, format;
	uint64_t bin_width, bins, max_flows, community_id_seed, threads;
	bool quiet, verbose, progress;
	const char *bulk_index;
	struct dz_engine_config engine;
};

struct run {
	const struct options *options;
	struct dz_inputs *inputs;
	struct dz_output output;
	struct dz_run_stats account;
	double last_progress;
	bool show_progress;
};

/* ---- options ---- */

static const char *const layer_choices[] = { "ip", "payload", "frame", "tls", "tls-data", NULL };
static const char *const values_choices[] = { "both", "counts", "percent", NULL };
static const char *const format_choices[] = { "jsonl", "csv", "table", "bulk", NULL };

static bool set_timeout(uint64_t *idle, const char *name, uint64_t ns)
{
	static const struct {
		const char *name;
		enum dz_timeout_class class;
	} classes[] = { { "tcp", DZ_TIMEOUT_TCP },
			{ "tcp-opening", DZ_TIMEOUT_TCP_OPENING },
			{ "udp", DZ_TIMEOUT_UDP },
			{ "icmp", DZ_TIMEOUT_ICMP },
			{ "other", DZ_TIMEOUT_OTHER } };
	bool found = false;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		if (!*name || !strcmp(name, classes[i].name)) {
			idle[classes[i].class] = ns;
			found = true;
		}
	}
	return found;
}

/* "60", or "udp=60,tcp=2h". */
static bool parse_idle(void *target, const char *value, struct dz_err *err)
{
	char copy[256], *rest = copy;
	if (strlen(value) >= sizeof copy)
		return dz_err_set(err, "'%.40s...' is too long", value);
	strcpy(copy, value);
	while (rest) {
		char *word = strsep(&rest, ","), *equals = strchr(word, '=');
		uint64_t ns;
		if (equals)
			*equals = '\0';
		if (!dz_opt_duration(equals ? equals + 1 : word, &ns) || !ns)
			return dz_err_set(err, "'%s' is not %s", equals ? equals + 1 : word, DZ_OPT_DURATION_EXPECTED);
		if (!set_timeout(target, equals ? word : "", ns))
			return dz_err_set(err, "'%s' is not one of tcp, tcp-opening, udp, icmp, other", word);
	}
	return true;
}

static const char help[] = "Reads captures (pcap, pcapng, also compressed with gzip or zstd; - is standard input; a\n"
			   "directory stands for the captures in it), tracks flows, labels them with nDPI, and prints\n"
			   "one JSON line per flow with the distribution of its packet lengths.\n";

static bool parse(struct options *o, int argc, char **argv, int *first, int *exit_code)
{
	struct dz_engine_config *e = &o->engine;
	const struct dz_opt table[] = {
		{ .kind = DZ_OPT_HEADING, .help = "What is read" },
		{ DZ_OPT_STRING, 'f', "filter", "EXPR", "count only packets that this BPF filter lets through",
		  &o->filter, 0, 0, 0, 0 },
		{ DZ_OPT_UNFLAG, 0, "no-tunnels", NULL, "do not look into tunnels: the outermost IP packet counts",
		  &e->decode.tunnels, 0, 0, 0, 0 },
		{ .kind = DZ_OPT_HEADING, .help = "What is measured" },
		{ DZ_OPT_CHOICE, 'l', "layer", "LAYER",
		  "which length: ip (default), payload (of TCP, UDP, ICMP), frame,\ntls (records), tls-data "
		  "(application data records)",
		  &o->layer, 0, 0, layer_choices, 0 },
		{ DZ_OPT_UINT, 'w', "bin-width", "N", "bytes per bin (default 32)", &o->bin_width, 1, DZ_HIST_MAX_WIDTH,
		  0, 0 },
		{ DZ_OPT_UINT, 'b', "bins", "N", "number of bins (default 48); the last one takes the rest", &o->bins,
		  2, DZ_HIST_MAX_BINS, 0, 0 },
		{ DZ_OPT_FLAG, 'u', "unidirectional", NULL, "one record per direction", &e->flow.unidirectional, 0, 0,
		  0, 0 },
		{ DZ_OPT_CHOICE, 0, "values", "WHAT", "vectors as counts, percent or both (default)", &o->values, 0, 0,
		  values_choices, 0 },
		{ DZ_OPT_FLAG, 0, "skip-empty", NULL, "leave packets without payload out of the vectors",
		  &e->flow.skip_empty, 0, 0, 0, 0 },
		{ DZ_OPT_FLAG, 0, "skip-retransmissions", NULL, "leave TCP retransmissions out of the vectors",
		  &e->flow.skip_retransmissions, 0, 0, 0, 0 },
		{ .kind = DZ_OPT_HEADING, .help = "Flows" },
		{ DZ_OPT_CALL, 0, "idle-timeout", "TIME",
		  "end a flow that is silent for TIME; or per class, such as\nudp=60,tcp=2h (defaults: tcp=7440, "
		  "tcp-opening=240, udp=300,\nicmp=60, other=300 seconds)",
		  e->flow.idle_ns, 0, 0, 0, parse_idle },
		{ DZ_OPT_DURATION, 0, "active-timeout", "TIME",
		  "cut an interim record of a flow that lasts for TIME (default: never)", &e->flow.active_ns, 0, 0, 0,
		  0 },
		{ DZ_OPT_FLAG, 0, "no-expiry", NULL, "flows end with the input only", &e->flow.no_expiry, 0, 0, 0, 0 },
		{ DZ_OPT_UINT, 0, "max-flows", "N",
		  "open flows at once, 0 for no limit (default 4000000); beyond it\nthe longest-idle flow is ended and "
		  "written",
		  &o->max_flows, 0, 4e9, 0, 0 },
		{ DZ_OPT_FLAG, 0, "ignore-vlan", NULL, "packets of different VLANs may be one flow",
		  &e->decode.ignore_vlan, 0, 0, 0, 0 },
		{ DZ_OPT_UINT, 0, "community-id-seed", "N", "seed of the Community IDs (default 0)",
		  &o->community_id_seed, 0, 65535, 0, 0 },
		{ .kind = DZ_OPT_HEADING, .help = "Labels" },
		{ DZ_OPT_UNFLAG, 0, "no-guess", NULL, "do not guess labels by port or address", &e->classify.guess, 0,
		  0, 0, 0 },
		{ DZ_OPT_STRING, 0, "protocols", "FILE", "more protocols, in nDPI's format",
		  &e->classify.protocols_file, 0, 0, 0, 0 },
		{ DZ_OPT_STRING, 0, "categories", "FILE", "more categories, in nDPI's format",
		  &e->classify.categories_file, 0, 0, 0, 0 },
		{ .kind = DZ_OPT_HEADING, .help = "Output" },
		{ DZ_OPT_CHOICE, 'F', "format", "FORMAT",
		  "jsonl (default), csv, table (for people),\nbulk (for Elasticsearch's _bulk)", &o->format, 0, 0,
		  format_choices, 0 },
		{ DZ_OPT_STRING, 'o', "output", "FILE", "write to FILE instead of standard output", &o->output, 0, 0, 0,
		  0 },
		{ DZ_OPT_STRING, 0, "bulk-index", "NAME", "name the index in each action line of format bulk",
		  &o->bulk_index, 0, 0, 0, 0 },
		{ DZ_OPT_STRING, 0, "stats", "FILE", "write the accounting of the run to FILE as JSON", &o->stats, 0, 0,
		  0, 0 },
		{ .kind = DZ_OPT_HEADING, .help = "The run" },
		{ DZ_OPT_UINT, 'j', "threads", "N", "work in N threads, 0 for one per core (default 1)", &o->threads, 0,
		  256, 0, 0 },
		{ DZ_OPT_FLAG, 0, "progress", NULL, "show progress even when standard error is no terminal",
		  &o->progress, 0, 0, 0, 0 },
		{ DZ_OPT_FLAG, 'q', "quiet", NULL, "say nothing but errors", &o->quiet, 0, 0, 0, 0 },
		{ DZ_OPT_FLAG, 'v', "verbose", NULL, "say more", &o->verbose, 0, 0, 0, 0 },
		{ .kind = DZ_OPT_HELP, .short_name = 'h', .long_name = "help", .help = "show this help" },
		{ .kind = DZ_OPT_VERSION,
		  .short_name = 'V',
		  .long_name = "version",
		  .help = "show the versions of the program and its libraries" },
		{ .kind = DZ_OPT_END },
	};
	return dz_cmd_parse(dz_cmd_find("flows"), table, help, argc, argv, first, exit_code);
}

static unsigned cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (unsigned)n : 1;
}

static void apply(struct options *o)
{
	o->engine.flow.shape =
		(struct dz_hist_shape){ (enum dz_layer)o->layer, (uint32_t)o->bin_width, (uint32_t)o->bins };
	o->engine.flow.max_flows = (size_t)o->max_flows;
	o->engine.flow.community_id_seed = (uint16_t)o->community_id_seed;
	o->engine.threads = o->threads ? (unsigned)o->threads : cores();
	o->engine.filter = o->filter;
	o->engine.stop = &stop_asked;
	o->engine.last_run = !LEAKS_COUNT;
	dz_log_set_level(o->quiet ? DZ_LOG_QUIET : o->verbose ? DZ_LOG_VERBOSE : DZ_LOG_NORMAL);
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
	if (a->flows.by_end_reason[DZ_END_EVICTED])
		dz_log_warning("%llu flows were ended early for want of room: see --max-flows",
			       (unsigned long long)a->flows.by_end_reason[DZ_END_EVICTED]);
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
	struct dz_output out;
	struct dz_strbuf text;
	bool fine;

	if (!run->options->stats)
		return true;
	if (!dz_output_open(&out, run->options->stats, err))
		return false;
	dz_strbuf_init(&text);
	dz_run_stats_json(&run->account, run->inputs, &text);
	fine = dz_output_write(&out, text.data, text.size, 0, err);
	dz_strbuf_release(&text);
	return dz_output_close(&out, err) && fine;
}

/* Overwriting what is about to be read loses it. */
static bool output_is_input(const char *path, const struct dz_inputs *inputs)
{
	for (size_t i = 0; i < dz_inputs_count(inputs); i++) {
		if (dz_output_would_empty(path, dz_inputs_path(inputs, i)))
			return true;
	}
	return false;
}

/* NO_COLOR: https://no-color.org */
static bool wants_colour(const struct dz_output *output)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
	return dz_output_is_terminal(output) && !(refused && *refused) && terminal && strcmp(terminal, "dumb") != 0;
}

static bool run_engine(struct run *run, struct options *o, struct dz_err *err)
{
	struct dz_sink_config sink = { .format = (enum dz_format)o->format,
				       .values = (enum dz_values)o->values,
				       .shape = o->engine.flow.shape,
				       .unidirectional = o->engine.flow.unidirectional,
				       .width = dz_output_width(&run->output),
				       .colour = wants_colour(&run->output),
				       .bulk_index = o->bulk_index };
	o->engine.inputs = run->inputs;
	o->engine.warn = complain;
	o->engine.progress = show_progress;
	o->engine.context = run;
	o->engine.flush = flush_for(run);
	if (o->engine.threads > 1 && !dz_inputs_seekable(run->inputs))
		dz_log_warning("a stream is worked on by one thread, not %u, so that none of it is kept waiting",
			       o->engine.threads);
	run->show_progress =
		o->progress || (!o->quiet && isatty(STDERR_FILENO) && !dz_output_is_terminal(&run->output));
	return dz_engine_run_sink(&o->engine, &sink, dz_output_write, &run->output, &run->account, err);
}

/* What can be known to go wrong before the output is opened, and so emptied. */
static bool may_begin(const struct run *run, const struct options *o)
{
	struct dz_err err;
	const char *overwritten = output_is_input(o->output, run->inputs)  ? o->output
				  : output_is_input(o->stats, run->inputs) ? o->stats
									   : NULL;
	if (o->filter && !dz_source_check_filter(run->inputs, o->filter, &err)) {
		dz_log_error("--filter: '%s': %s", o->filter, err.text);
		return false;
	}
	if (!dz_classify_check(&o->engine.classify, &err)) {
		dz_log_error("%s", err.text);
		return false;
	}
	if (overwritten) {
		dz_log_error("the output would overwrite the input %s", overwritten);
		return false;
	}
	return true;
}

static int finish(struct run *run, bool fine, struct dz_err *err)
{
	bool written;

	dz_log_progress("");
	if (run->account.threads && !run->output.closed_pipe)
		say_summary(&run->account);
	if (!fine && !run->output.closed_pipe)
		dz_log_error("%s", err->text);
	fine = fine || run->output.closed_pipe;
	written = dz_output_close(&run->output, err) && write_stats(run, err);
	if (!written)
		dz_log_error("%s", err->text);
	return fine && written && !run->account.damaged_inputs ? DZ_EXIT_DONE : DZ_EXIT_FAILED;
}

static int run_flows(struct run *run, struct options *o)
{
	struct dz_err err;

	if (!may_begin(run, o))
		return DZ_EXIT_USAGE;
	if (!dz_output_open(&run->output, o->output, &err)) {
		dz_log_error("%s", err.text);
		return DZ_EXIT_FAILED;
	}
	if (o->stats && dz_output_is_file(&run->output, o->stats)) {
		dz_log_error("--stats: %s is where the records go", o->stats);
		return DZ_EXIT_USAGE;
	}
	catch_signals();
	return finish(run, run_engine(run, o, &err), &err);
}

int dz_cmd_flows(int argc, char **argv)
{
	struct options o = {
		.bin_width = DZ_HIST_DEFAULT_WIDTH, .bins = DZ_HIST_DEFAULT_BINS, .max_flows = 4000000, .threads = 1
	};
	struct run run = { .options = &o };
	int first, exit_code;

	dz_engine_config_init(&o.engine);
	if (!parse(&o, argc, argv, &first, &exit_code))
		return exit_code;
	apply(&o);
	if (first == argc) {
		dz_log_error("no capture given; 'distribooze --help' tells more");
		return DZ_EXIT_USAGE;
	}
	run.inputs = dz_inputs_new((const char *const *)argv + first, (size_t)(argc - first), complain, NULL);
	exit_code = DZ_EXIT_FAILED;
	if (dz_inputs_count(run.inputs))
		exit_code = run_flows(&run, &o);
	if (dz_inputs_failures(run.inputs) && exit_code == DZ_EXIT_DONE)
		exit_code = DZ_EXIT_FAILED;
	dz_run_stats_release(&run.account);
	dz_inputs_free(run.inputs);
	return exit_code;
}
