/* SPDX-License-Identifier: BSD-2-Clause */
/* live.h - `distribooze -i INTERFACE`: the options of a live capture, and the run. docs/SENSOR.md tells users of it. */
#ifndef DISTRIBOOZE_CMD_LIVE_H
#define DISTRIBOOZE_CMD_LIVE_H

#include "base/opt.h"
#include "engine/engine.h"

enum { DZ_LIVE_INTERFACES = 64 };

struct dz_live_settings {
	const char *interfaces[DZ_LIVE_INTERFACES]; /* borrowed */
	size_t count;
	bool list; /* -D */
	bool promiscuous;
	bool no_sandbox; /* --no-sandbox of all commands */
	uint64_t snaplen, buffer_size, packets, duration_ns;
	uint64_t stats_interval_ns, output_buffer;
	uint64_t rotate_size, rotate_ns, keep;
	const char *metrics, *observer, *user;
	int when_full; /* 0: drop */
};

/* Rows for DZ_TABLE; offsets are from a struct dz_live_settings. */
extern const struct dz_opt dz_live_options[], dz_live_output_options[], dz_live_sandbox_options[];

void dz_live_settings_init(struct dz_live_settings *settings);

/* The option that makes sense with -i only and was given; NULL: none. */
const char *dz_live_settings_misplaced(const struct dz_live_settings *settings);

/* Whether a word of a command line is an option of a live capture, by its long name, or -i, or -D. */
bool dz_live_is_option(const char *word);

/* An interface that is named twice is captured once, which is said. */
void dz_live_settings_drop_doubles(struct dz_live_settings *settings);

/* Whether the options go together, and with these files and a table of text. False, after an error message. */
bool dz_live_settings_check(const struct dz_live_settings *settings, const char *output, const char *stats, bool table);

/* Says what is likely not meant. */
void dz_live_settings_warn(const struct dz_live_settings *settings);

/* Whether files are rotated. */
bool dz_live_settings_rotate(const struct dz_live_settings *settings);

/* Lists the interfaces on standard output; an exit code. */
int dz_live_print_list(void);

/* Captures until it is stopped; an exit code. The engine's configuration and the sink's are those of the command line;
 * what is live's own is set here. `output` and `stats` are files or NULL. */
int dz_live_run(const struct dz_live_settings *settings, struct dz_engine_config *engine, struct dz_sink_config *sink,
		const char *output, const char *stats);

#endif
