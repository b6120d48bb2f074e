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
#include "base/pack.h"
#include "cmd/cmd.h"
#include "cmd/confine.h"
#include "cmd/live_stats.h"
#include "cmd/output.h"
#include "output/notify.h"
#include "output/outfile.h"
#include "output/write_queue.h"
#include "sandbox/privileges.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MODE = 0640, METRICS_MODE = 0644, WARN_AGAIN_SECONDS = 60 };

/* Set by signals, looked at by status(). */
static atomic_bool stop_asked, reopen_asked, stats_asked;

struct live_run {
	const struct dz_live_settings *settings;
	const char *output, *stats;
	struct dz_engine_config *engine;
	struct dz_inputs *inputs;
	struct dz_live *live;
	struct dz_outfile *file, *stats_file;
	struct dz_output standard;
	struct dz_write_queue *queue;
	struct dz_identity identity;
	struct dz_notify notify;
	struct dz_strbuf head; /* what each file begins with */
	char observer[256];
	/* what was told last */
	struct dz_interface_counts *counts; /* owned: of each interface */
	uint64_t told_dropped, told_lost;
	double next_stats, next_warning, next_beat;
	struct dz_write_counts written; /* at the end */
	bool all_written;
};

/* ---- signals ---- */

static void on_stop(int number)
{
	(void)number;
	atomic_store(&stop_asked, true);
}

static void on_hup(int number)
{
	(void)number;
	atomic_store(&reopen_asked, true);
}

static void on_usr1(int number)
{
	(void)number;
	atomic_store(&stats_asked, true);
}

static void catch_one(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static bool is_ignored(int number)
{
	struct sigaction before;

	return sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

/* The first INT or TERM asks, the second one kills. HUP opens files anew where there are any; else it is the terminal
 * that closes, and ends the run as TERM does. */
static void catch_signals(const struct live_run *run)
{
	if (!is_ignored(SIGINT))
		catch_one(SIGINT, on_stop, SA_RESETHAND);
	catch_one(SIGTERM, on_stop, SA_RESETHAND);
	if (run->output || run->stats)
		catch_one(SIGHUP, on_hup, 0);
	else if (!is_ignored(SIGHUP))
		catch_one(SIGHUP, on_stop, SA_RESETHAND);
	catch_one(SIGUSR1, on_usr1, 0);
	catch_one(SIGALRM, on_stop, 0);
	catch_one(SIGPIPE, SIG_IGN, 0);
	catch_one(SIGXFSZ, SIG_IGN, 0);
}

static void start_duration(uint64_t ns)
{
	struct itimerval timer = { .it_value = { (time_t)(ns / 1000000000), (suseconds_t)(ns % 1000000000 / 1000) } };

	if (ns)
		setitimer(ITIMER_REAL, &timer, NULL);
}

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
	if (stats->output.lost_records != run->told_lost)
		dz_log_warning("%" PRIu64 " records were dropped, as the output was not written fast enough: see "
			       "--output-buffer and --when-full",
			       stats->output.lost_records);
	run->told_dropped = sum.dropped;
	run->told_lost = stats->output.lost_records;
	run->next_warning = now + WARN_AGAIN_SECONDS;
}

static void say_summary(const struct live_run *run, const struct dz_live_stats *stats)
{
	struct dz_interface_counts sum = dz_live_stats_sum(stats);
	const struct dz_run_stats *a = stats->run;

	(void)run;
	dz_log_info("%" PRIu64 " packets received, %" PRIu64 " dropped by the kernel; %" PRIu64 " counted in %" PRIu64
		    " flows, %" PRIu64 " open; %" PRIu64 " records written, %" PRIu64 " lost",
		    sum.received, sum.dropped, a->flows.packets, a->flows.flows, dz_live_stats_open(a),
		    stats->output.records, stats->output.lost_records);
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

static void write_stats_line(struct live_run *run, const struct dz_live_stats *stats)
{
	struct dz_strbuf line;
	struct dz_err err;
	size_t done;

	if (!run->stats_file)
		return;
	dz_strbuf_init(&line);
	dz_live_stats_json(stats, &line);
	if (dz_outfile_write(run->stats_file, line.data, line.size, stats->now_ns, &done, &err) != DZ_OUTFILE_DONE)
		dz_log_warning("--stats: %s", err.text);
	dz_strbuf_release(&line);
}

static bool replace_file(const char *path, const struct dz_strbuf *text)
{
	size_t size = strlen(path) + sizeof ".new";
	char *name = dz_mem_alloc(size);
	int fd;
	bool fine;

	snprintf(name, size, "%s.new", path);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, METRICS_MODE);
	fine = fd >= 0 && fchmod(fd, METRICS_MODE) == 0 && write(fd, text->data, text->size) == (ssize_t)text->size;
	if (fd >= 0)
		fine &= close(fd) == 0;
	fine = fine && rename(name, path) == 0;
	free(name);
	return fine;
}

static void write_metrics(struct live_run *run, const struct dz_live_stats *stats)
{
	struct dz_strbuf text;

	if (!run->settings->metrics)
		return;
	dz_strbuf_init(&text);
	dz_live_stats_metrics(stats, &text);
	if (!replace_file(run->settings->metrics, &text))
		dz_log_warning("--metrics: %s: %s", run->settings->metrics, strerror(errno));
	dz_strbuf_release(&text);
}

static void reopen(struct live_run *run)
{
	struct dz_err err;

	if (run->queue)
		dz_write_queue_reopen(run->queue);
	if (run->stats_file && !dz_outfile_reopen(run->stats_file, dz_clock_wall(), &err))
		dz_log_warning("--stats: %s", err.text);
}

/* Called about twice a second by the thread that reads. */
static void look_after(void *context, const struct dz_run_stats *account)
{
	struct live_run *run = context;
	struct dz_live_stats stats;
	double now = dz_clock_now();
	bool asked = atomic_exchange(&stats_asked, false);

	gather(run, account, &stats);
	if (asked || now >= run->next_stats) {
		write_stats_line(run, &stats);
		write_metrics(run, &stats);
	}
	if (asked)
		say_summary(run, &stats);
	while (run->next_stats <= now)
		run->next_stats += (double)run->settings->stats_interval_ns / 1e9;
	tell_drops(run, &stats, now);
	if (atomic_exchange(&reopen_asked, false))
		reopen(run);
	if (run->notify.watchdog_us && now >= run->next_beat) {
		dz_notify_send(&run->notify, "WATCHDOG=1");
		run->next_beat = now + (double)run->notify.watchdog_us / 4e6;
	}
}

/* ---- giving up what is not needed ---- */

static bool can_write(const struct live_run *run, const char *option, const char *path, struct dz_err *err)
{
	char *folder = dz_confine_folder(path);
	bool fine = access(folder, W_OK | X_OK) == 0;

	if (!fine)
		dz_err_set(err,
			   "%s: user '%s' cannot make files in %s: %s; give the folder to that user, or see --user",
			   option, run->identity.change ? run->identity.name : "running this", folder, strerror(errno));
	free(folder);
	return fine;
}

static bool is_plain(const char *path)
{
	return path && strncmp(path, "/dev/", 5) != 0;
}

static bool enter_sandbox(struct live_run *run, struct dz_err *err)
{
	const char *const paths[] = { run->output, run->stats, run->settings->metrics };
	char *folders[sizeof paths / sizeof *paths];
	struct dz_sandbox_config config = { .writable = (const char *const *)folders, .live = true };
	struct dz_sandbox_state state;
	bool fine;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (is_plain(paths[i]))
			folders[config.writable_count++] = dz_confine_folder(paths[i]);
	}
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
	if (((s->rotate_size || s->rotate_ns) && !can_write(run, "--rotate", run->output, err)) ||
	    (s->metrics && !can_write(run, "--metrics", s->metrics, err)))
		return false;
	if (s->no_sandbox)
		dz_log_warning("no sandbox: the process is free to open files and sockets");
	else if (!enter_sandbox(run, err))
		return false;
	run->queue = dz_write_queue_new(run->file, &queue, err);
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

static bool check_settings(const struct live_run *run, const struct dz_sink_config *sink)
{
	const struct dz_live_settings *s = run->settings;
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	bool rotates = s->rotate_size || s->rotate_ns;

	if (s->buffer_size < (1 << 20) || s->buffer_size > INT32_MAX ||
	    (pages > 0 && s->buffer_size > (uint64_t)pages * (uint64_t)page))
		dz_log_error("--buffer-size: %" PRIu64 " is not from 1M to 2047M, and within this machine's memory",
			     s->buffer_size);
	else if (s->output_buffer < (1 << 20))
		dz_log_error("--output-buffer: %" PRIu64 " is less than 1M", s->output_buffer);
	else if (rotates && !is_plain(run->output))
		dz_log_error("--rotate needs a file: -o FILE");
	else if (rotates && sink->format == DZ_FORMAT_TABLE)
		dz_log_error("--rotate: the table is for people; files are for other formats");
	else if (s->keep && !rotates)
		dz_log_error("--keep tells how many files --rotate leaves, which is not given");
	else if (!s->stats_interval_ns)
		dz_log_error("--stats-interval: 0 is not a time to wait");
	else if (run->stats && run->output && !strcmp(run->stats, run->output))
		dz_log_error("--stats: %s is where the records go", run->stats);
	else
		return true;
	return false;
}

static struct dz_outfile *open_lines(const struct dz_outfile_config *config, struct dz_err *err)
{
	uint64_t cut = 0;
	struct dz_outfile *file = NULL;

	if (dz_packing_of_name(config->path) != DZ_PACKING_NONE)
		dz_err_set(err,
			   "%s: what is written for months is not compressed: compress the files that were rotated",
			   config->path);
	else
		file = dz_outfile_open(config, dz_clock_wall(), &cut, err);
	if (file && cut)
		dz_log_warning("%s: an unfinished last line of %" PRIu64 " bytes was cut off", config->path, cut);
	return file;
}

static bool open_output(struct live_run *run, struct dz_sink_config *sink, struct dz_err *err)
{
	const struct dz_live_settings *s = run->settings;
	struct dz_outfile_config config = { .path = run->output,
					    .rotate_size = s->rotate_size,
					    .rotate_ns = s->rotate_ns,
					    .keep = (unsigned)s->keep,
					    .mode = FILE_MODE };
	struct dz_sink *header = dz_sink_new(sink);

	dz_sink_header(header, &run->head);
	dz_sink_free(header);
	sink->headless = true;
	config.head = run->head.data;
	config.head_size = run->head.size;
	if (!run->output) {
		if (!dz_output_open(&run->standard, NULL, err))
			return false;
		config.path = "standard output";
		config.opened = true;
		config.descriptor = run->standard.fd;
		sink->width = dz_output_width(&run->standard);
	}
	run->file = open_lines(&config, err);
	if (run->file && run->stats) {
		struct dz_outfile_config stats = { .path = run->stats, .mode = FILE_MODE };
		run->stats_file = open_lines(&stats, err);
	}
	return run->file && (!run->stats || run->stats_file);
}

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

/* Files belong to who writes them afterwards. */
static void give_files_away(const struct live_run *run)
{
	const char *const paths[] = { run->output, run->stats };

	for (size_t i = 0; run->identity.change && i < sizeof paths / sizeof *paths; i++) {
		if (is_plain(paths[i]) && lchown(paths[i], run->identity.uid, run->identity.gid) != 0)
			dz_log_warning("%s: cannot be given to user '%s': %s", paths[i], run->identity.name,
				       strerror(errno));
	}
}

static void warn_of_settings(const struct live_run *run, const struct dz_sink_config *sink)
{
	const struct dz_live_settings *s = run->settings;

	(void)sink;
	if (s->snaplen && s->snaplen < 1600)
		dz_log_warning("--snaplen: %" PRIu64 " bytes may be too few for labels, tunnels and TLS layers",
			       s->snaplen);
	for (size_t i = 0; i < s->count; i++) {
		if (!strcmp(s->interfaces[i], "any"))
			dz_log_warning("any: a packet that is forwarded is seen, and counted, on each interface that "
				       "it crosses");
	}
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
	e->stop = &stop_asked;
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
	struct dz_err err;
	bool gone = run->queue && dz_write_queue_is_gone(run->queue);

	run->all_written = dz_write_queue_close(run->queue, &run->written) || gone;
	run->queue = NULL;
	if (!dz_outfile_close(run->file, &err)) {
		dz_log_error("%s", err.text);
		run->all_written = false;
	}
	run->file = NULL;
	if (!account->threads)
		return;
	gather(run, account, &stats);
	run->next_warning = 0;
	tell_drops(run, &stats, 1);
	write_stats_line(run, &stats);
	write_metrics(run, &stats);
	if (!gone)
		say_summary(run, &stats);
}

static int capture(struct live_run *run, struct dz_sink_config *sink)
{
	struct dz_run_stats account = { 0 };
	struct dz_err err;
	bool fine, gone;

	set_engine(run);
	catch_signals(run);
	start_duration(run->settings->duration_ns);
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
	struct dz_err err;

	if (!dz_outfile_close(run->file, &err) || !dz_outfile_close(run->stats_file, &err))
		dz_log_error("%s", err.text);
	dz_live_free(run->live);
	dz_inputs_free(run->inputs);
	dz_notify_close(&run->notify);
	dz_strbuf_release(&run->head);
	free(run->counts);
}

/* An interface that is named twice is captured once. */
static void drop_doubles(struct dz_live_settings *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++) {
		size_t k = 0;
		while (k < kept && strcmp(s->interfaces[k], s->interfaces[i]) != 0)
			k++;
		if (k == kept)
			s->interfaces[kept++] = s->interfaces[i];
		else
			dz_log_warning("%s: named twice, captured once", s->interfaces[i]);
	}
	s->count = kept;
}

int dz_live_run(const struct dz_live_settings *given, struct dz_engine_config *engine, struct dz_sink_config *sink,
		const char *output, const char *stats)
{
	struct dz_live_settings settings = *given;
	struct live_run run = { .settings = &settings,
				.engine = engine,
				.stats = stats,
				.output = output && strcmp(output, "-") != 0 ? output : NULL };
	int exit_code = DZ_EXIT_FAILED;
	struct dz_err err;

	drop_doubles(&settings);
	if (!check_settings(&run, sink))
		return DZ_EXIT_USAGE;
	warn_of_settings(&run, sink);
	name_observer(&run);
	dz_strbuf_init(&run.head);
	dz_notify_open(&run.notify);
	run.counts = dz_mem_zalloc(settings.count, sizeof *run.counts);
	run.inputs = dz_inputs_new_interfaces(settings.interfaces, settings.count);
	if (!dz_privileges_find(settings.user, &run.identity, &err)) {
		dz_log_error("%s", err.text);
		exit_code = DZ_EXIT_USAGE;
	} else if (!open_output(&run, sink, &err) || !open_interfaces(&run, &err)) {
		dz_log_error("%s", err.text);
	} else {
		give_files_away(&run);
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
