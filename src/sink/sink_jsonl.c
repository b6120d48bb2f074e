/* SPDX-License-Identifier: BSD-2-Clause */
/* sink_jsonl.c - one JSON object per line. */
#include "config.h"
#include "sink/sink_ops.h"

#include "record/record_json.h"

static void *jsonl_open(const struct dz_sink_config *config)
{
	return dz_json_writer_new(config->values, false);
}

static void jsonl_close(void *state)
{
	dz_json_writer_free(state);
}

static void jsonl_write(void *state, const struct dz_record *record, struct dz_strbuf *out)
{
	dz_json_writer_add(state, record, out);
	dz_strbuf_addc(out, '\n');
}

const struct dz_sink_ops dz_sink_jsonl = { .open = jsonl_open, .close = jsonl_close, .write = jsonl_write };
