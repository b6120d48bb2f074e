/* SPDX-License-Identifier: BSD-2-Clause */
/* dataset.h - records for the statistics, from captures and from JSON lines alike.
 *
 * What the statistics begin from: they know records and no files.  An input
 * is told by its content: a capture is run through the engine, JSON lines are read one
 * at a time, so that an input of any size passes in constant memory.
 *
 * All records of a run have one shape (layer, bin width, bins) and are all of
 * whole flows or all one-way: the first that differs is an error that names
 * both inputs and what each holds. */
#ifndef DISTRIBOOZE_DATASET_H
#define DISTRIBOOZE_DATASET_H

#include "engine/engine.h"
#include "base/err.h"
#include "record/record.h"

/* One record on its way. Everything is borrowed until the callback returns. */
struct dz_dataset_item {
	const struct dz_record *record;
	const char *input; /* the record's input; where two words of the command line brought the same name, with the
			      word */
	const char *line;  /* the JSON line that it came from, without its newline; NULL from a capture */
	size_t line_size;
	const char *file;     /* that the line stands in; a word; NULL from a capture */
	uint64_t line_number; /* in it, from 1 */
};

/* Returns false, with a message, to stop the run. */
typedef bool dz_dataset_fn(void *context, const struct dz_dataset_item *item, struct dz_err *err);

struct dz_dataset_options {
	struct dz_engine_config engine; /* for captures; inputs, stop, warn, progress and context are set by the
					   dataset. Its threads work on files of JSON lines, too */
	bool separate;                  /* each word by itself: flows of captures end with their input */
	/* With `separate`: the name of each word, by which all its records are told and its captures are read as one;
	 * NULL for words without, or for all. Borrowed. */
	const char *const *names;
	bool skip_bad;                        /* lines that are no record are told to `warn` and passed over */
	const struct dz_selection *selection; /* which records are kept; borrowed. NULL: all */
	struct dz_label_counts *labels;       /* gets the labels of all records, kept or not; borrowed, may be NULL */
	/* A JSON file with `document_mark` in its first 256 bytes is no JSON lines: `on_document` gets all of it,
	 * borrowed. NULL: it is refused as what `document_kind` says. */
	const char *document_mark, *document_kind;
	bool (*on_document)(void *document_context, const char *path, const char *text, size_t size,
			    struct dz_err *err);
	void *document_context;
	void (*warn)(void *context, const char *message); /* may be NULL */
	void (*progress)(void *context, const char *what, uint64_t records, uint64_t done,
			 uint64_t size); /* may be NULL */
	void *context;                   /* of warn and progress */
};

/* Engine defaults, no filters. */
void dz_dataset_options_init(struct dz_dataset_options *options);

struct dz_dataset_account {
	uint64_t records;                    /* read */
	uint64_t lines;                      /* of them, from JSON lines */
	uint64_t kept;                       /* handed to the callback: what the filters let through */
	uint64_t interim;                    /* of those, parts of flows that go on (--active-timeout) */
	uint64_t tcp, headless;              /* TCP flows of those, and such of which no SYN was seen */
	uint64_t bad_lines;                  /* passed over */
	uint64_t documents;                  /* documents: files that were taken whole */
	uint64_t failures;                   /* inputs that could not be read, or broke off */
	uint64_t packets;                    /* read from captures */
	uint64_t filtered;                   /* of them, left out by the filter */
	uint64_t hidden;                     /* as in struct dz_run_stats */
	uint64_t verdicts[DZ_VERDICT_COUNT]; /* of the others, what became of them */
	bool has_shape;                      /* a record was read */
	struct dz_hist_shape shape;
	bool unidirectional;
	char ndpi[2][32]; /* the version of nDPI that labelled the first record, and another one that labelled some; or
			     "" */
};

/* Reads all inputs: files, directories of captures, or "-". Captures are read together, in the order of their packets,
 * where the first of them stands among the words. False when the run was stopped by bad input or by the callback;
 * inputs that cannot be opened or break off are warned of, counted and no reason to stop. */
DZ_MUST_CHECK bool dz_dataset_read(const struct dz_dataset_options *options, const char *const *words, size_t count,
				   dz_dataset_fn *take, void *take_context, struct dz_dataset_account *account,
				   struct dz_err *err);

#endif
