/* SPDX-License-Identifier: BSD-2-Clause */
/* sink_ops.h - what a format has to provide. A new format is one file and one row in sink.c. */
#ifndef DISTRIBOOZE_SINK_OPS_H
#define DISTRIBOOZE_SINK_OPS_H

#include "sink/sink.h"

struct dz_sink_ops {
	/* The state of one sink, given to the caller. The config is borrowed as long as the state lives. */
	void *(*open)(const struct dz_sink_config *config);
	void (*close)(void *state);
	void (*header)(void *state, struct dz_strbuf *out); /* NULL when nothing stands before the records */
	void (*write)(void *state, const struct dz_record *record, struct dz_strbuf *out);
	void (*finish)(void *state, struct dz_strbuf *out); /* NULL when nothing stands after the records */
};

extern const struct dz_sink_ops dz_sink_jsonl, dz_sink_csv, dz_sink_table, dz_sink_bulk;

#endif
