/* SPDX-License-Identifier: BSD-2-Clause */
/* json_line.h - a record made by hand and its JSON line, for the tests of who writes and who reads such lines. */
#ifndef DISTRIBOOZE_TESTS_JSON_LINE_H
#define DISTRIBOOZE_TESTS_JSON_LINE_H

#include "record/record_json.h"
#include "base/strbuf.h"
#include "sample.h"

extern struct dz_json_writer *writer;
extern struct dz_strbuf line; /* what was written last */
extern struct sample sample;

/* For cmocka: before and after each test. */
int line_set_up(void **state);
int line_tear_down(void **state);

/* Writes the sample's record; returns the line's text, which is borrowed from `line`. */
const char *written(void);

#endif
