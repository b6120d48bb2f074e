/* SPDX-License-Identifier: BSD-2-Clause */
/* stats_input.h - what the commands of the statistics have in common: their inputs, their filters, their output. */
#ifndef DISTRIBOOZE_STATS_INPUT_H
#define DISTRIBOOZE_STATS_INPUT_H

#include "input/dataset.h"
#include "stats/groups.h"
#include "base/opt.h"
#include "base/strbuf.h"

enum dz_stats_format { DZ_STATS_TEXT, DZ_STATS_JSON, DZ_STATS_CSV };

struct dz_stats_input {
	/* set by the options */
	int layer;                /* -1: not given */
	uint64_t bin_width, bins; /* 0: not given */
	const char *filter, *labels, *output;
	uint64_t min_packets;
	int by, direction, format;
	bool skip_bad, ascii, quiet, verbose, progress;
	/* set by the command before reading */
	struct dz_dataset_options dataset; /* `separate`, `whole`, ... */
	/* set by `take` when it stops for want of a reader: nothing is said then */
	bool reader_left;
	/* private */
	char *label_copy;
	const char **label_words;
	double last_progress;
};

void dz_stats_input_init(struct dz_stats_input *input);
void dz_stats_input_release(struct dz_stats_input *input);

extern const char *const dz_stats_layers[], *const dz_stats_formats[];

/* Rows of option tables; `in` is a struct dz_stats_input *. */
/* clang-format off */
#define DZ_STATS_OPTIONS_READ(in) \
	{ .kind = DZ_OPT_HEADING, .help = "Which flows" }, \
	{ DZ_OPT_STRING, 0, "label", "LIST", "only flows with these labels, such as SSH,DoH_DoT", &(in)->labels, 0, 0, 0, 0 }, \
	{ DZ_OPT_UINT, 0, "min-packets", "N", "only flows of at least N packets", &(in)->min_packets, 0, 1e15, 0, 0 }, \
	{ DZ_OPT_FLAG, 0, "skip-bad", NULL, "pass over JSON lines that are no records, and say so", &(in)->skip_bad, 0, 0, 0, 0 }, \
	{ .kind = DZ_OPT_HEADING, .help = "How captures are read (records in JSON lines are as they are)" }, \
	{ DZ_OPT_STRING, 'f', "filter", "EXPR", "count only packets that this BPF filter lets through", &(in)->filter, 0, 0, 0, 0 }, \
	{ DZ_OPT_CHOICE, 'l', "layer", "LAYER", "which length: ip (default), payload, frame, tls, tls-data", &(in)->layer, 0, 0, dz_stats_layers, 0 }, \
	{ DZ_OPT_UINT, 'w', "bin-width", "N", "bytes per bin (default 32)", &(in)->bin_width, 1, DZ_HIST_MAX_WIDTH, 0, 0 }, \
	{ DZ_OPT_UINT, 'b', "bins", "N", "number of bins (default 48); the last one takes the rest", &(in)->bins, 2, DZ_HIST_MAX_BINS, 0, 0 }, \
	{ DZ_OPT_FLAG, 'u', "unidirectional", NULL, "one record per direction", &(in)->dataset.engine.flow.unidirectional, 0, 0, 0, 0 }, \
	{ DZ_OPT_FLAG, 0, "skip-empty", NULL, "leave packets without payload out of the vectors", &(in)->dataset.engine.flow.skip_empty, 0, 0, 0, 0 }, \
	{ DZ_OPT_FLAG, 0, "skip-retransmissions", NULL, "leave TCP retransmissions out of the vectors", &(in)->dataset.engine.flow.skip_retransmissions, 0, 0, 0, 0 }, \
	{ DZ_OPT_FLAG, 0, "no-expiry", NULL, "flows end with the input only", &(in)->dataset.engine.flow.no_expiry, 0, 0, 0, 0 }, \
	{ DZ_OPT_UNFLAG, 0, "no-guess", NULL, "do not guess labels by port or address", &(in)->dataset.engine.classify.guess, 0, 0, 0, 0 }

#define DZ_STATS_OPTION_BY(in) \
	{ DZ_OPT_CHOICE, 0, "by", "WHAT", "group flows by label (default), protocol, category, input,\nhostname or port", &(in)->by, 0, 0, dz_group_by_names, 0 }

#define DZ_STATS_OPTION_DIRECTION(in) \
	{ DZ_OPT_CHOICE, 0, "direction", "WHICH", "both (default): what the source and what the destination sent,\nside by side; total: added up; source; destination", &(in)->direction, 0, 0, dz_direction_names, 0 }

#define DZ_STATS_OPTION_FORMAT(in, text) \
	{ DZ_OPT_CHOICE, 'F', "format", "FORMAT", text, &(in)->format, 0, 0, dz_stats_formats, 0 }

#define DZ_STATS_OPTION_ASCII(in) \
	{ DZ_OPT_FLAG, 0, "ascii", NULL, "no characters beyond ASCII in the charts", &(in)->ascii, 0, 0, 0, 0 }

#define DZ_STATS_OPTIONS_RUN(in) \
	{ DZ_OPT_STRING, 'o', "output", "FILE", "write to FILE instead of standard output", &(in)->output, 0, 0, 0, 0 }, \
	{ DZ_OPT_FLAG, 0, "progress", NULL, "show progress even when standard error is no terminal", &(in)->progress, 0, 0, 0, 0 }, \
	{ DZ_OPT_FLAG, 'q', "quiet", NULL, "say nothing but errors", &(in)->quiet, 0, 0, 0, 0 }, \
	{ DZ_OPT_FLAG, 'v', "verbose", NULL, "say more", &(in)->verbose, 0, 0, 0, 0 }, \
	{ .kind = DZ_OPT_HELP, .short_name = 'h', .long_name = "help", .help = "show this help" }, \
	{ .kind = DZ_OPT_VERSION, .short_name = 'V', .long_name = "version", .help = "show the versions of the program and its libraries" }, \
	{ .kind = DZ_OPT_END }
/* clang-format on */

/* What can be said of the command line before anything is opened: 0, or 2 after saying what is wrong. Reading does it
 * too; a command that opens its output earlier asks first. */
int dz_stats_input_check(const struct dz_stats_input *input, const char *const *words, size_t count);

/* Reads the inputs. Says on stderr what goes wrong, and that there were no flows when `take` was never called. Returns
 * an exit code: 0, 1 when something failed but there are results (account->kept > 0), or the code to end with at once
 * (*end is then true). */
int dz_stats_input_read(struct dz_stats_input *input, const char *const *words, size_t count, dz_dataset_fn *take,
			void *context, struct dz_dataset_account *account, bool *end);

/* A dz_dataset_fn that collects: context is the struct dz_groups. */
bool dz_stats_input_group(void *groups, const struct dz_dataset_item *item, struct dz_err *err);

/* A line of progress of work that is not reading: `what`, done of total. */
void dz_stats_input_progress(struct dz_stats_input *input, const char *what, uint64_t done, uint64_t total);

/* Writes all of `text` to the output; returns false after saying why not. A reader that went away is no failure. */
bool dz_stats_input_write(const struct dz_stats_input *input, const struct dz_strbuf *text);

#endif
