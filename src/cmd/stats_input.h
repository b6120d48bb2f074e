/* SPDX-License-Identifier: BSD-2-Clause */
/* stats_input.h - what the commands of the statistics have in common: their inputs, their filters, their output. */
#ifndef DISTRIBOOZE_STATS_INPUT_H
#define DISTRIBOOZE_STATS_INPUT_H

#include "input/dataset.h"
#include "stats/groups.h"
#include "cmd/common.h"
#include "math/distance.h"
#include "base/strbuf.h"
#include "stats/profile.h"

/* Takes a library that is among the inputs; borrowed. By input all of it is one group, of the name `whole`; else that
 * is NULL. Returns false, with a message, to stop the run. */
typedef bool dz_stats_library_fn(void *context, const struct dz_library *library, const char *whole,
				 struct dz_err *err);

enum dz_stats_format { DZ_STATS_TEXT, DZ_STATS_JSON, DZ_STATS_CSV };

struct dz_stats_input {
	/* set by the options */
	struct dz_common common;
	int by; /* of commands that take one word */
	int direction, format, metric;
	struct dz_grouping grouping; /* of commands that take more */
	bool by_given;
	uint64_t every_ns;
	bool skip_bad;
	struct dz_dataset_options dataset; /* `separate`, `whole`, ... are set by the command before reading */
	/* set by `take` when it stops for want of a reader: nothing is said then */
	bool reader_left;
	/* private */
	dz_stats_library_fn *take_library;
	void *library_context;
	struct dz_library versions; /* nDPI's, of the libraries */
	struct dz_label_counts labels;
	double last_progress;
	const char **paths, **names; /* of the operands: "mon=DIR" is DIR by the name of mon */
	char **name_texts;
	size_t operands;
};

void dz_stats_input_init(struct dz_stats_input *input);
void dz_stats_input_release(struct dz_stats_input *input);

extern const char *const dz_stats_formats[];

/* Rows of option tables. A command's struct of options begins with its struct dz_stats_input, so that their offsets are
 * the same. */
extern const struct dz_opt dz_stats_reading[], dz_stats_writing[];

#define DZ_STATS_AT(member) offsetof(struct dz_stats_input, member)

#define DZ_STATS_OPTION_BY DZ_CHOICE(0, "by", "WHAT", "group flows by %s", DZ_STATS_AT(by), dz_group_by_names)

/* The same with two at a time and time windows: dz_stats_input_groups() has what comes of it. */
#define DZ_STATS_OPTIONS_GROUPING                                                                                      \
	DZ_CALL_OF(                                                                                                    \
		0, "by", "WHAT",                                                                                       \
		"group flows by %s; or by two of them with a comma between; host is the originator, prefix its /24 "   \
		"or /64 (prefix/N: its /N)",                                                                           \
		0, dz_stats_input_parse_by, dz_group_by_names),                                                        \
		DZ_ROW(DZ_OPT_DURATION, 0, "every", "TIME",                                                            \
		       "group flows by when they began, too, in windows of so long", DZ_STATS_AT(every_ns), .min = 1)

bool dz_stats_input_parse_by(void *input, const char *value, struct dz_err *err);

/* The grouping that was asked for, after parsing. */
const struct dz_grouping *dz_stats_input_grouping(struct dz_stats_input *input);

#define DZ_STATS_OPTION_DIRECTION                                                                                      \
	DZ_CHOICE(0, "direction", "WHICH",                                                                             \
		  "%s: both is what the source and what the destination sent, side by side, total is them added up",   \
		  DZ_STATS_AT(direction), dz_direction_names)

#define DZ_STATS_OPTION_DISTANCE                                                                                       \
	DZ_CHOICE(0, "distance", "NAME",                                                                               \
		  "how far apart two distributions are: %s; euclidean is on percent, wasserstein in bytes",            \
		  DZ_STATS_AT(metric), dz_metric_names)

#define DZ_STATS_OPTION_POOLED(at)                                                                                     \
	DZ_FLAG(0, "pooled",                                                                                           \
		"a group is all its packets together; by default it is the mean of its flows' distributions, so that " \
		"each flow counts alike",                                                                              \
		at)

#define DZ_STATS_OPTION_BASELINE(at)                                                                                   \
	DZ_FILE(0, "baseline", "FILE",                                                                                 \
		"how far each group has moved from the profile of its name in a library, beside how far the "          \
		"library's own inputs lie apart",                                                                      \
		at)

#define DZ_STATS_OPTION_FORMAT(text) DZ_CHOICE('F', "format", "FORMAT", text, DZ_STATS_AT(format), dz_stats_formats)

/* What can be said of the command line before anything is opened: 0, or 2 after saying what is wrong. Reading does it
 * too; a command that opens its output earlier asks first. */
int dz_stats_input_check(struct dz_stats_input *input, const char *const *words, size_t count);

/* Libraries of profiles among the inputs are handed to `take`, parsed; without this call, or one of the command's own
 * for `dataset.whole`, they are refused. */
void dz_stats_input_take_libraries(struct dz_stats_input *input, dz_stats_library_fn *take, void *context);

/* Says that a library gave no profile, where that is so. */
void dz_stats_input_say_taken(const struct dz_library *library, size_t taken);

/* A dz_stats_library_fn that collects: context is the struct dz_stats_groups. */
struct dz_stats_groups {
	struct dz_groups *groups;
	const struct dz_selection *selection;
};
bool dz_stats_input_group_library(void *groups, const struct dz_library *library, const char *whole,
				  struct dz_err *err);
/* --label chooses among labels, and profiles by anything else have none: then NULL. */
const struct dz_selection *dz_stats_input_library_selection(const struct dz_library *library,
							    const struct dz_selection *selection);

/* After reading: whether there is something to show of libraries, whose profiles --label may have left out; false after
 * saying so. Says what they do not have. */
bool dz_stats_input_check_libraries(const struct dz_stats_input *input, const struct dz_groups *groups,
				    const struct dz_dataset_account *account);

/* A library as groups to compare with, which are given to the caller, finished; NULL after saying why not. */
struct dz_groups *dz_stats_input_baseline(struct dz_stats_input *input, const char *path);

/* Whether the baseline is of the kind of what was read; false after saying why not. */
bool dz_stats_input_baseline_fits(const struct dz_groups *groups, const struct dz_groups *baseline, const char *path);

/* Reads `path`, each capture that it stands for by itself, with what the options say of the inputs. For groups of other
 * flows beside them; libraries are refused. False after saying what was wrong. */
bool dz_stats_input_read_beside(struct dz_stats_input *input, const char *option, const char *path, dz_dataset_fn *take,
				void *context);

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
