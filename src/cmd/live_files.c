/* SPDX-License-Identifier: BSD-2-Clause */
/* live_files.c - see live_files.h. */
#include "config.h"
#include "cmd/live_files.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pack.h"
#include "cmd/confine.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0640, METRICS_MODE = 0644 };

/* ---- opening ---- */

static struct dz_outfile *open_lines(const struct dz_outfile_config *config, struct dz_err *err)
{
	uint64_t cut = 0;
	struct dz_outfile *file = dz_outfile_open(config, dz_clock_wall(), &cut, err);

	if (file && cut)
		dz_log_warning("%s: an unfinished last %s of %" PRIu64 " bytes was cut off", config->path,
			       dz_outfile_is_packed(file) ? "frame" : "line", cut);
	return file;
}

bool dz_live_files_open(struct dz_live_files *f, struct dz_sink_config *sink, struct dz_err *err)
{
	const struct dz_live_settings *s = f->settings;
	struct dz_outfile_config config = { .path = f->output,
					    .rotate_size = s->rotate_size,
					    .rotate_ns = s->rotate_ns,
					    .keep = (unsigned)s->keep,
					    .mode = FILE_MODE,
					    .packing = f->output ? dz_packing_of_name(f->output) : DZ_PACKING_NONE };
	struct dz_sink *header = dz_sink_new(sink);

	dz_sink_header(header, &f->head);
	dz_sink_free(header);
	sink->headless = true;
	config.head = f->head.data;
	config.head_size = f->head.size;
	if (!f->output) {
		if (!dz_output_open(&f->standard, NULL, err))
			return false;
		config.path = "standard output";
		config.opened = true;
		config.descriptor = f->standard.fd;
		sink->width = dz_output_width(&f->standard);
	}
	f->lines = open_lines(&config, err);
	if (f->lines && f->stats) {
		struct dz_outfile_config stats = { .path = f->stats,
						   .mode = FILE_MODE,
						   .packing = dz_packing_of_name(f->stats) };
		f->stats_file = open_lines(&stats, err);
	}
	return f->lines && (!f->stats || f->stats_file);
}

/* ---- the user who writes them ---- */

bool dz_live_files_is_plain(const char *path)
{
	return path && !dz_outfile_is_device(path);
}

void dz_live_files_give(const struct dz_live_files *f, const struct dz_identity *user)
{
	const char *const paths[] = { f->output, f->stats };

	for (size_t i = 0; user->change && i < sizeof paths / sizeof *paths; i++) {
		if (dz_live_files_is_plain(paths[i]) && lchown(paths[i], user->uid, user->gid) != 0)
			dz_log_warning("%s: cannot be given to user '%s': %s", paths[i], user->name, strerror(errno));
	}
}

static bool can_write(const struct dz_identity *user, const char *option, const char *path, struct dz_err *err)
{
	char *folder = dz_confine_folder(path);
	bool fine = access(folder, W_OK | X_OK) == 0;

	if (!fine)
		dz_err_set(err,
			   "%s: user '%s' cannot make files in %s: %s; give the folder to that user, or see --user",
			   option, user->change ? user->name : "running this", folder, strerror(errno));
	free(folder);
	return fine;
}

bool dz_live_files_can_be_made(const struct dz_live_files *f, const struct dz_identity *user, struct dz_err *err)
{
	const struct dz_live_settings *s = f->settings;

	return (!dz_live_settings_rotate(s) || can_write(user, "--rotate", f->output, err)) &&
	       (!s->metrics || can_write(user, "--metrics", s->metrics, err));
}

size_t dz_live_files_folders(const struct dz_live_files *f, char *folders[DZ_LIVE_FILES])
{
	const char *const paths[DZ_LIVE_FILES] = { f->output, f->stats, f->settings->metrics };
	size_t count = 0;

	for (size_t i = 0; i < DZ_LIVE_FILES; i++) {
		if (dz_live_files_is_plain(paths[i]))
			folders[count++] = dz_confine_folder(paths[i]);
	}
	return count;
}

/* ---- the accounting ---- */

static void write_stats_line(struct dz_live_files *f, const struct dz_live_stats *stats)
{
	struct dz_strbuf line;
	struct dz_err err;
	size_t done;

	if (!f->stats_file)
		return;
	dz_strbuf_init(&line);
	dz_live_stats_json(stats, &line);
	if (dz_outfile_write(f->stats_file, line.data, line.size, stats->now_ns, &done, &err) != DZ_OUTFILE_DONE)
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

static void write_metrics(const struct dz_live_files *f, const struct dz_live_stats *stats)
{
	struct dz_strbuf text;

	if (!f->settings->metrics)
		return;
	dz_strbuf_init(&text);
	dz_live_stats_metrics(stats, &text);
	if (!replace_file(f->settings->metrics, &text))
		dz_log_warning("--metrics: %s: %s", f->settings->metrics, strerror(errno));
	dz_strbuf_release(&text);
}

void dz_live_files_account(struct dz_live_files *f, const struct dz_live_stats *stats)
{
	write_stats_line(f, stats);
	write_metrics(f, stats);
}

void dz_live_files_reopen_stats(struct dz_live_files *f, uint64_t now_ns)
{
	struct dz_err err;

	if (f->stats_file && !dz_outfile_reopen(f->stats_file, now_ns, &err))
		dz_log_warning("--stats: %s", err.text);
}

/* ---- the end ---- */

bool dz_live_files_close_lines(struct dz_live_files *f)
{
	struct dz_err err;
	bool fine = dz_outfile_close(f->lines, &err);

	if (!fine)
		dz_log_error("%s", err.text);
	f->lines = NULL;
	return fine;
}

void dz_live_files_release(struct dz_live_files *f)
{
	struct dz_err err;

	if (!dz_outfile_close(f->lines, &err) || !dz_outfile_close(f->stats_file, &err))
		dz_log_error("%s", err.text);
	f->lines = f->stats_file = NULL;
	dz_strbuf_release(&f->head);
}
