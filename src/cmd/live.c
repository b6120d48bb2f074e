/* SPDX-License-Identifier: BSD-2-Clause */
/* live.c - see live.h: opens everything, gives privileges up, captures, and accounts for it.
 *
 * Three threads at least: the engine's, which reads and tracks; its shards; and the writer behind the queue. What is
 * looked after now and then (status()) is done by the thread that reads, so that a watchdog that is no longer served
 * means that nothing is captured. */
#include "config.h"
#include "cmd/live.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/live_files.h"
#include "cmd/live_signals.h"
#include "cmd/live_stats.h"
#include "cmd/output.h"
#include "output/notify.h"
#include "output/write_queue.h"
#include "sandbox/privileges.h"
#include "sandbox/sandbox.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { WARN_AGAIN_SECONDS = 60 };

struct live_run {
	const struct dz_live_settings *settings;
	struct dz_engine_config *engine;
	struct dz_inputs *inputs;
	struct dz_live *live;
	struct dz_live_files files;
	struct dz_write_queue *queue;
	struct dz_identity identity;
	struct dz_notify notify;
	char observer[256];
	/* what was told last */
	struct dz_interface_counts *counts; /* owned: of each interface */
	uint64_t told_dropped, told_lost, told_failed;
	double next_stats, next_warning, next_beat;
	struct dz_write_counts written; /* at the end */
	bool all_written;
};

/* ---- what is said ---- */

static void complain(void *context, const char *message)
{
	(void)context;
	dz_log_error("%s", message);
}

static void warn(void *context, const char *message)
{
	(void)context;
	dz_log_warning("%s", message);
}

static void tell_lost(const struct live_run *run, const struct dz_write_counts *output)
{
	if (output->failed_records != run->told_failed)
		dz_log_warning("%" PRIu64 " records were dropped, as the output could not be written",
			       output->failed_records);
	if (output->lost_records - output->failed_records != run->told_lost - run->told_failed)
		dz_log_warning("%" PRIu64 " records were dropped, as the output was not written fast enough: see "
			       "--output-buffer and --when-full",
			       output->lost_records - output->failed_records);
}

static void tell_drops(struct live_run *run, const struct dz_live_stats *stats, double now)
{
	struct dz_interface_counts sum = dz_live_stats_sum(stats);

	if ((sum.dropped == run->told_dropped && stats->output.lost_records == run->told_lost) ||
	    now < run->next_warning)
		return;
	if (sum.dropped != run->told_dropped)
		dz_log_warning("the kernel dropped %" PRIu64 " of %" PRIu64
			       " packets: a larger --buffer-size, more threads (-j), or a filter (-f) help",
			       sum.dropped, sum.received);
	if (stats->output.lost_records != run->told_lost && stats->output.gone)
		dz_log_warning("%" PRIu64 " records were not written, as the reader of the output went away",
			       stats->output.lost_records);
	else
		tell_lost(run, &stats->output);
	run->told_dropped = sum.dropped;
	run->told_lost = stats->output.lost_records;
	run->told_failed = stats->output.failed_records;
	run->next_warning = now + WARN_AGAIN_SECONDS;
}

static void say_summary(const struct dz_live_stats *stats)
{
	struct dz_interface_counts sum = dz_live_stats_sum(stats);
	const struct dz_run_stats *a = stats->run;

	dz_log_info("%" PRIu64 " packets received%s, %" PRIu64 " dropped by the kernel; %" PRIu64 " counted in %" PRIu64
		    " flows, %" PRIu64 " open; %" PRIu64 " records written, %" PRIu64 " lost",
		    sum.received, sum.twice ? " (over loopback as sent and as come)" : "", sum.dropped,
		    a->flows.packets, a->flows.flows, dz_live_stats_open(a), stats->output.records,
		    stats->output.lost_records);
}

/* ---- the accounting ---- */

static void gather(struct live_run *run, const struct dz_run_stats *account, struct dz_live_stats *stats)
{
	*stats = (struct dz_live_stats){ .run = account,
					 .inputs = run->inputs,
					 .interfaces = run->counts,
					 .output = run->written,
					 .clock_steps = dz_live_clock_steps(run->live),
					 .observer = run->observer,
					 .now_ns = dz_clock_wall() };
	for (size_t i = 0; i < run->settings->count; i++)
		dz_live_counts(run->live, i, &run->counts[i]);
	if (run->queue)
		dz_write_queue_counts(run->queue, &stats->output);
}

static void reopen_if_asked(struct live_run *run)
{
	if (!dz_live_signals_take_reopen())
		return;
	if (run->queue)
		dz_write_queue_reopen(run->queue);
	dz_live_files_reopen_stats(&run->files, dz_clock_wall());
}

/* Called about twice a second by the thread that reads. */
static void look_after(void *context, const struct dz_run_stats *account)
{
	struct live_run *run = context;
	struct dz_live_stats stats;
	double now = dz_clock_now();
	bool asked = dz_live_signals_take_stats();

	gather(run, account, &stats);
	if (asked || now >= run->next_stats)
		dz_live_files_account(&run->files, &stats);
	if (asked)
		say_summary(&stats);
	while (run->next_stats <= now)
		run->next_stats += (double)run->settings->stats_interval_ns / 1e9;
	tell_drops(run, &stats, now);
	reopen_if_asked(run);
	if (run->notify.watchdog_us && now >= run->next_beat) {
		dz_notify_send(&run->notify, "WATCHDOG=1");
		run->next_beat = now + (double)run->notify.watchdog_us / 4e6;
	}
}

/* ---- giving up what is not needed ---- */

static bool enter_sandbox(struct live_run *run, struct dz_err *err)
{
	char *folders[DZ_LIVE_FILES];
	struct dz_sandbox_config config = { .writable = (const char *const *)folders, .live = true };
	struct dz_sandbox_state state;
	bool fine;

	config.writable_count = dz_live_files_folders(&run->files, folders);
	fine = dz_sandbox_enter(&config, &state, err);
	if (fine && *state.why)
		dz_log_warning("the sandbox is not all there: %s; --no-sandbox says that this is wanted", state.why);
	for (size_t i = 0; i < config.writable_count; i++)
		free(folders[i]);
	return fine;
}

static void say_ready(const struct live_run *run)
{
	for (size_t i = 0; i < run->settings->count; i++)
		dz_log_info("capturing on %s (%s, %" PRIu64 " MiB)", run->settings->interfaces[i],
			    dz_live_link_description(run->live, i), run->settings->buffer_size >> 20);
}

/* Everything is open: from here on nothing else can be. */
static bool get_ready(void *context, struct dz_err *err)
{
	struct live_run *run = context;
	const struct dz_live_settings *s = run->settings;
	struct dz_write_queue_config queue = { (size_t)s->output_buffer, s->when_full != 0, warn, NULL };

	if (!dz_privileges_drop(&run->identity, err))
		return false;
	if (!dz_live_files_can_be_made(&run->files, &run->identity, err))
		return false;
	if (s->no_sandbox)
		dz_log_warning("no sandbox: the process is free to open files and sockets");
	else if (!enter_sandbox(run, err))
		return false;
	run->queue = dz_write_queue_new(run->files.lines, &queue, err);
	if (!run->queue)
		return false;
	say_ready(run);
	dz_notify_send(&run->notify, "READY=1\nSTATUS=capturing");
	return true;
}

/* Lines for the queue, which is there when the first ones come. */
static bool put_lines(void *context, const char *lines, size_t size, uint64_t records, struct dz_err *err)
{
	struct live_run *run = context;

	return dz_write_queue_put(run->queue, lines, size, records, err);
}

/* ---- opening ---- */

static bool open_interfaces(struct live_run *run, struct dz_err *err)
{
	const struct dz_live_settings *s = run->settings;
	struct dz_live_options options = { .interfaces = s->interfaces,
					   .count = s->count,
					   .filter = run->engine->filter,
					   .snaplen = s->snaplen ? (uint32_t)s->snaplen : 262144,
					   .promiscuous = s->promiscuous,
					   .buffer_size = s->buffer_size,
					   .say = warn };

	run->live = dz_live_open(&options, err);
	return run->live;
}

static void name_observer(struct live_run *run)
{
	if (run->settings->observer)
		snprintf(run->observer, sizeof run->observer, "%s", run->settings->observer);
	else if (gethostname(run->observer, sizeof run->observer - 1) != 0)
		strcpy(run->observer, "unknown");
}

/* ---- the run ---- */

static uint64_t random_number(void)
{
	uint64_t number;

	if (getrandom(&number, sizeof number, 0) != sizeof number)
		number = dz_clock_wall() ^ (uint64_t)getpid() << 48;
	return number;
}

static void set_engine(struct live_run *run)
{
	struct dz_engine_config *e = run->engine;

	e->inputs = run->inputs;
	e->live = run->live;
	e->packet_limit = run->settings->packets;
	e->filter = NULL; /* the kernel has it */
	e->stop = dz_live_signals_stop();
	e->flush = DZ_FLUSH_BATCHES;
	e->ready = get_ready;
	e->status = look_after;
	e->warn = complain;
	e->progress = NULL;
	e->context = run;
	e->flow.observer = run->observer;
	e->flow.active_by_clock = true;
	e->flow.id_salt = random_number();
	e->deal_seed = random_number();
}

static void end_output(struct live_run *run, const struct dz_run_stats *account)
{
	struct dz_live_stats stats;
	bool gone = run->queue && dz_write_queue_is_gone(run->queue);

	reopen_if_asked(run);
	run->all_written = dz_write_queue_close(run->queue, &run->written) || gone;
	run->queue = NULL;
	run->all_written &= dz_live_files_close_lines(&run->files);
	if (!account->threads)
		return;
	gather(run, account, &stats);
	run->next_warning = 0;
	tell_drops(run, &stats, 1);
	dz_live_files_account(&run->files, &stats);
	if (!gone)
		say_summary(&stats);
}

static int capture(struct live_run *run, struct dz_sink_config *sink)
{
	struct dz_run_stats account = { 0 };
	struct dz_err err;
	bool fine, gone;

	set_engine(run);
	dz_live_signals_catch(run->files.output || run->files.stats);
	dz_live_signals_stop_after(run->settings->duration_ns);
	run->next_stats = dz_clock_now() + (double)run->settings->stats_interval_ns / 1e9;
	fine = dz_engine_run_sink(run->engine, sink, put_lines, run, &account, &err);
	gone = run->queue && dz_write_queue_is_gone(run->queue);
	dz_notify_send(&run->notify, "STOPPING=1");
	if (!fine && !gone)
		dz_log_error("%s", err.text);
	end_output(run, &account);
	fine = (fine || gone) && run->all_written && !account.damaged_inputs;
	dz_run_stats_release(&account);
	return fine ? DZ_EXIT_DONE : DZ_EXIT_FAILED;
}

static void release(struct live_run *run)
{
	dz_live_files_release(&run->files);
	dz_live_free(run->live);
	dz_inputs_free(run->inputs);
	dz_notify_close(&run->notify);
	free(run->counts);
}

int dz_live_run(const struct dz_live_settings *given, struct dz_engine_config *engine, struct dz_sink_config *sink,
		const char *output, const char *stats)
{
	struct dz_live_settings settings = *given;
	struct live_run run = { .settings = &settings,
				.engine = engine,
				.files = { .settings = &settings,
					   .output = output && strcmp(output, "-") != 0 ? output : NULL,
					   .stats = stats } };
	int exit_code = DZ_EXIT_FAILED;
	struct dz_err err;

	dz_live_settings_drop_doubles(&settings);
	if (!dz_live_settings_check(&settings, run.files.output, stats, sink->format == DZ_FORMAT_TABLE))
		return DZ_EXIT_USAGE;
	dz_live_settings_warn(&settings);
	name_observer(&run);
	dz_strbuf_init(&run.files.head);
	dz_notify_open(&run.notify);
	run.counts = dz_mem_zalloc(settings.count, sizeof *run.counts);
	run.inputs = dz_inputs_new_interfaces(settings.interfaces, settings.count);
	if (!dz_privileges_find(settings.user, &run.identity, &err)) {
		dz_log_error("%s", err.text);
		exit_code = DZ_EXIT_USAGE;
	} else if (!dz_live_files_open(&run.files, sink, &err) || !open_interfaces(&run, &err)) {
		dz_log_error("%s", err.text);
	} else {
		dz_live_files_give(&run.files, &run.identity);
		exit_code = capture(&run, sink);
	}
	release(&run);
	return exit_code;
}

static void add_line(void *context, const char *text)
{
	dz_strbuf_addf(context, "%s\n", text);
}

int dz_live_print_list(void)
{
	struct dz_output out = { .fd = -1 };
	struct dz_strbuf lines;
	struct dz_err err;
	bool fine;

	dz_strbuf_init(&lines);
	fine = dz_live_list(add_line, &lines, &err) && dz_output_open(&out, NULL, &err) &&
	       dz_output_write(&out, lines.data, lines.size, 0, &err) && dz_output_close(&out, &err);
	if (!fine && !out.closed_pipe)
		dz_log_error("%s", err.text);
	dz_strbuf_release(&lines);
	return fine || out.closed_pipe ? DZ_EXIT_DONE : DZ_EXIT_FAILED;
}
