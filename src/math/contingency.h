/* SPDX-License-Identifier: BSD-2-Clause */
/* contingency.h - how well two labellings of the same things agree.
 *
 * Numbers only: classes are small integers.  Rows are what is true (a label),
 * columns what was found (a cluster, or a predicted label).  For accuracy and
 * F1 row k and column k are the same class, and columns from `rows` up mean
 * "no answer": they are never right and are no class. */
#ifndef DISTRIBOOZE_CONTINGENCY_H
#define DISTRIBOOZE_CONTINGENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dz_contingency; /* a contingency table */

/* Given to the caller: dz_contingency_free(). */
struct dz_contingency *dz_contingency_new(uint32_t rows, uint32_t columns);
void dz_contingency_free(struct dz_contingency *table);

/* The total stays under 2^63. */
void dz_contingency_add(struct dz_contingency *table, uint32_t row, uint32_t column, uint64_t count);

uint32_t dz_contingency_rows(const struct dz_contingency *table);
uint32_t dz_contingency_columns(const struct dz_contingency *table);
uint64_t dz_contingency_at(const struct dz_contingency *table, uint32_t row, uint32_t column);

/* The cells that hold any, in the order in which they were first added to, as there may be few of very many. */
uint32_t dz_contingency_cells(const struct dz_contingency *table);
uint64_t dz_contingency_cell(const struct dz_contingency *table, uint32_t number, uint32_t *row, uint32_t *column);

/* The cells that hold any, row by row or column by column: of a line of very many there may be few. */
struct dz_contingency_lines {
	const struct dz_contingency *table; /* borrowed; not added to meanwhile */
	bool columns;
	uint32_t *order;      /* owned: numbers of cells */
	size_t *ends;         /* owned: of each line, in the order */
	uint64_t *line;       /* owned: the line at hand, with its zeros */
	uint32_t number, all; /* of the line at hand, and how many lines there are */
};
void dz_contingency_lines_init(struct dz_contingency_lines *lines, const struct dz_contingency *table, bool columns);
void dz_contingency_lines_release(struct dz_contingency_lines *lines);

/* The whole line, zeros and all; borrowed until the next call. */
const uint64_t *dz_contingency_line(struct dz_contingency_lines *lines, uint32_t number);

/* The place that has the most of the line, of several the first; of places from `end` on and of `without` nothing
 * counts. 0, and *place as it was, where there is none. */
uint64_t dz_contingency_line_most(const struct dz_contingency_lines *lines, uint32_t number, uint32_t end,
				  uint32_t without, uint32_t *place);

uint64_t dz_contingency_row_sum(const struct dz_contingency *table, uint32_t row);
uint64_t dz_contingency_column_sum(const struct dz_contingency *table, uint32_t column);
uint64_t dz_contingency_total(const struct dz_contingency *table);

/* The share of things whose column's most frequent row is their own: 0..1, 1 for an empty table. */
double dz_contingency_purity(const struct dz_contingency *table);

/* Whether there is something to agree about: things of at least two rows. Where all are of one, purity and the Rand
 * index say nothing. */
bool dz_contingency_can_agree(const struct dz_contingency *table);

/* The share of the largest row: the purity that one column for all things has. 0 for an empty table. */
double dz_contingency_most_frequent(const struct dz_contingency *table);

/* Adjusted Rand index (Hubert and Arabie 1985): 1 for the same partition, about 0 for chance, can be negative.
 * 1 for an empty table, as scikit-learn has it. */
double dz_contingency_rand(const struct dz_contingency *table);

/* The share on the diagonal: 0..1; 0 for an empty table. */
double dz_contingency_accuracy(const struct dz_contingency *table);

struct dz_contingency_class {
	double precision; /* right / found; 0 when never found */
	double recall;    /* right / true; 0 when never true */
	double f1;        /* 2 * right / (found + true); 0 when neither */
	uint64_t support; /* true */
};
void dz_contingency_class(const struct dz_contingency *table, uint32_t class, struct dz_contingency_class *scores);

/* The mean F1 of the classes that are true or found at least once; 0 when there is none. */
double dz_contingency_macro_f1(const struct dz_contingency *table);

#endif
