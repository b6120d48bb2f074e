/* SPDX-License-Identifier: BSD-2-Clause */
/* sink.c - see sink.h. Picks the format; the formats are in sink_*.c. */
#include "config.h"
#include "sink/sink.h"

#include "base/mem.h"
#include "sink/sink_ops.h"
#include <stdlib.h>

struct dz_sink {
	struct dz_sink_config config;
	const struct dz_sink_ops *ops;
	void *state;
};

/* A format is a row: its place in the enum, its name and its functions. */
#define FORMATS(X)                                                                                                     \
	X(DZ_FORMAT_JSONL, "jsonl", dz_sink_jsonl)                                                                     \
	X(DZ_FORMAT_CSV, "csv", dz_sink_csv)                                                                           \
	X(DZ_FORMAT_TABLE, "table", dz_sink_table)                                                                     \
	X(DZ_FORMAT_BULK, "bulk", dz_sink_bulk)

#define NAME(format, name, ops) [format] = (name),
#define OPS(format, name, ops) [format] = &(ops),
const char *const dz_format_names[DZ_FORMAT_COUNT + 1] = { FORMATS(NAME) };
static const struct dz_sink_ops *const formats[DZ_FORMAT_COUNT] = { FORMATS(OPS) };

unsigned dz_sink_values(enum dz_format format)
{
	return format == DZ_FORMAT_BULK ? DZ_VALUES_COUNTS | DZ_VALUES_BINS : DZ_VALUES_BOTH;
}

struct dz_sink *dz_sink_new(const struct dz_sink_config *config)
{
	struct dz_sink *sink = dz_mem_zalloc(1, sizeof *sink);

	sink->config = *config;
	if (!config->values)
		sink->config.values = dz_sink_values(config->format);
	sink->ops = config->ops ? config->ops : formats[config->format];
	sink->state = sink->ops->open(&sink->config);
	return sink;
}

void dz_sink_free(struct dz_sink *sink)
{
	if (!sink)
		return;
	sink->ops->close(sink->state);
	free(sink);
}

void dz_sink_header(struct dz_sink *sink, struct dz_strbuf *out)
{
	if (sink->ops->header && !sink->config.headless)
		sink->ops->header(sink->state, out);
}

void dz_sink_write(struct dz_sink *sink, const struct dz_record *record, struct dz_strbuf *out)
{
	sink->ops->write(sink->state, record, out);
}

void dz_sink_finish(struct dz_sink *sink, struct dz_strbuf *out)
{
	if (sink->ops->finish)
		sink->ops->finish(sink->state, out);
}
