/* SPDX-License-Identifier: BSD-2-Clause */
/* common.h - what all commands have in common: how captures are read, which flows count, where output goes, how much is
 * said. The rows of these options stand here once; every command's table includes them. */
#ifndef DISTRIBOOZE_COMMON_H
#define DISTRIBOOZE_COMMON_H

#include "base/opt.h"
#include "engine/engine.h"
#include <stdint.h>

struct dz_common {
	struct dz_selection selection;
	const char *output;
	const char **reads; /* -r; owned, the names are borrowed */
	size_t read_count, read_capacity;
	char *filter_words; /* owned: the words behind -r as one filter */
	bool ascii, quiet, verbose, progress, no_sandbox;
};

/* Tables for DZ_TABLE. Offsets are from a struct dz_engine_config: */
extern const struct dz_opt dz_common_reading[], dz_common_flows[], dz_common_labels[], dz_common_threads[];
/* and from a struct dz_common: */
extern const struct dz_opt dz_common_inputs[], dz_common_which[], dz_common_output[], dz_common_run[];

void dz_common_release(struct dz_common *common);

/* Sets how much is said, and `ascii` where the locale (LC_CTYPE) has no other characters. */
void dz_common_apply(struct dz_common *common);

/* No number of threads, as the option has it, is one for each core where they pay. */
void dz_common_set_threads(struct dz_engine_config *engine);

/* Whether what captures are read by is right: the filter (for the link types of the inputs, where they are given), and
 * nDPI's files. Says what is not. */
bool dz_common_check(const struct dz_engine_config *engine, const struct dz_inputs *inputs);

/* Whether writing to `output` (NULL: standard output) would overwrite one of the inputs, standard input, a capture in a
 * folder among them, or a file that an option names; false after saying so. */
bool dz_common_guard(const char *option, const char *output, const struct dz_engine_config *engine,
		     const char *const *words, size_t count);

/* Says which names of --label no record has, and which labels there are; an error when nothing was kept, else a warning
 * where a name had none. `records` is how many there were. */
void dz_common_say_missed(const struct dz_common *common, const struct dz_label_count *labels, size_t count,
			  uint64_t records, uint64_t kept);

/* Warns of packets that were never on a wire: what lengths they have is the capturing host's doing. */
void dz_common_say_oversized(const struct dz_flow_stats *flows);

/* Says how to write a filter that sees what is behind tags and in tunnels, where some of that was left out. */
void dz_common_say_hidden(const struct dz_engine_config *engine, uint64_t hidden);

#endif
