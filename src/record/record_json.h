/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json.h - the JSON line of a record, both ways.
 *
 * docs/RECORD.md and docs/flow.schema.json are the contract. */
#ifndef DISTRIBOOZE_RECORD_JSON_H
#define DISTRIBOOZE_RECORD_JSON_H

#include "base/err.h"
#include "record/record.h"
#include "base/strbuf.h"

/* ---- writing ---- */

struct dz_json_writer; /* opaque */
/* `values` is a set of enum dz_values. With `decimals` each number of `percent` has a decimal point, so that a search
 * engine that guesses types by the first number it sees takes it for a fraction. */
struct dz_json_writer *dz_json_writer_new(unsigned values, bool decimals);
void dz_json_writer_free(struct dz_json_writer *writer);
/* Appends the record as one JSON object, without a newline. */
void dz_json_writer_add(struct dz_json_writer *writer, const struct dz_record *record, struct dz_strbuf *out);

/* ---- reading ---- */

struct dz_json_reader; /* opaque */
struct dz_json_reader *dz_json_reader_new(void);
void dz_json_reader_free(struct dz_json_reader *reader);

/* Reads one line that this program (or one that keeps to the schema) wrote. What the statistics need must be there
 * and well-formed: label, input, lengths with counts (or, with --values percent, percent and count, from which the
 * counts are restored by rounding), source and destination addresses, ports, packets and bytes. Fields it does not
 * know are ignored. Everything *record points to is borrowed from the reader until its next call. On failure the
 * error says which field is wrong, without naming file or line: the caller does. */
DZ_MUST_CHECK bool dz_json_reader_parse(struct dz_json_reader *reader, const char *line, size_t size,
					struct dz_record *record, struct dz_err *err);

#endif
