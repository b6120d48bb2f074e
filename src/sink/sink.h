/* SPDX-License-Identifier: BSD-2-Clause */
/* sink.h - records into bytes.
 *
 * A sink only formats: it appends to a strbuf and knows no file, no thread, no
 * flow table. Each shard has a sink of its own. Where the bytes go is the
 * engine's matter (output.h). */
#ifndef DISTRIBOOZE_SINK_H
#define DISTRIBOOZE_SINK_H

#include "record/record.h"
#include "base/strbuf.h"

enum dz_format { DZ_FORMAT_JSONL, DZ_FORMAT_CSV, DZ_FORMAT_TABLE, DZ_FORMAT_BULK };
#define DZ_FORMAT_COUNT 4
extern const char *const dz_format_names[DZ_FORMAT_COUNT + 1];

struct dz_sink_ops;

struct dz_sink_config {
	enum dz_format format;
	unsigned values;            /* a set of enum dz_values; 0: dz_sink_values() of the format */
	struct dz_hist_shape shape; /* the same for all records of a run */
	bool unidirectional;
	bool headless;                 /* nothing stands before the records: whoever writes the files does that */
	unsigned width;                /* table: columns of the terminal; 0: no limit */
	bool colour;                   /* table */
	bool ascii;                    /* table: no characters beyond ASCII but those of names */
	const struct dz_sink_ops *ops; /* a format of the caller's own, sink_ops.h; NULL: `format` */
	const char *bulk_index;        /* bulk: index name in the action line, or NULL for none; borrowed */
};

/* What a format prints by default: counts and percent; of bulk counts and bins. */
unsigned dz_sink_values(enum dz_format format);
/* Of bulk: named bins for more bins than this, three times, would pass the 1,000 fields that an index may have. */
#define DZ_SINK_NAMED_BINS 250
/* Bins of which bulk prints percent. Elasticsearch, since 8.11, takes longer arrays of fractions for vectors where no
 * template says otherwise, and refuses those of zeros. */
#define DZ_SINK_PERCENT_BINS 127

struct dz_sink; /* opaque */
struct dz_sink *dz_sink_new(const struct dz_sink_config *config);
void dz_sink_free(struct dz_sink *sink);

/* What stands before the first record (a CSV header); empty for JSON lines. */
void dz_sink_header(struct dz_sink *sink, struct dz_strbuf *out);
/* Appends one record: whole lines, or whatever the format's unit is. Where shards are merged, each one's sink writes
 * its records, in pieces that are then put in order; header and end come from a sink that writes none. */
void dz_sink_write(struct dz_sink *sink, const struct dz_record *record, struct dz_strbuf *out);
/* What stands after the last record; empty for formats of lines. */
void dz_sink_finish(struct dz_sink *sink, struct dz_strbuf *out);

#endif
