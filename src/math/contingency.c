/* SPDX-License-Identifier: BSD-2-Clause */
/* contingency.c - see contingency.h. */
#include "config.h"
#include "math/contingency.h"

#include "base/intern.h"
#include "base/mem.h"
#include "base/wide.h"
#include <stdlib.h>
#include <string.h>

/* Classes are named in what strangers wrote, and may be as many as things: kept are the cells that hold any. */
struct place {
	uint32_t row, column;
};

struct dz_contingency {
	uint32_t rows, columns;
	struct dz_intern places; /* of cells, each a struct place */
	uint64_t *cells;
	size_t capacity;
	uint64_t *row_sums, *column_sums;
	uint64_t total;
};

struct dz_contingency *dz_contingency_new(uint32_t rows, uint32_t columns)
{
	struct dz_contingency *table = dz_mem_zalloc(1, sizeof *table);

	table->rows = rows;
	table->columns = columns;
	dz_intern_init(&table->places);
	table->row_sums = dz_mem_zalloc(rows, sizeof *table->row_sums);
	table->column_sums = dz_mem_zalloc(columns, sizeof *table->column_sums);
	return table;
}

void dz_contingency_free(struct dz_contingency *table)
{
	if (!table)
		return;
	dz_intern_release(&table->places);
	free(table->cells);
	free(table->row_sums);
	free(table->column_sums);
	free(table);
}

static uint64_t *cell_of(struct dz_contingency *table, uint32_t row, uint32_t column)
{
	const struct place place = { row, column };
	uint32_t known = table->places.count, number = dz_intern_add(&table->places, &place, sizeof place);
	void *block = table->cells;

	if (number == known) {
		dz_mem_grow(&block, &table->capacity, (size_t)known + 1, sizeof *table->cells);
		table->cells = block;
		table->cells[number] = 0;
	}
	return &table->cells[number];
}

void dz_contingency_add(struct dz_contingency *table, uint32_t row, uint32_t column, uint64_t count)
{
	if (!count)
		return;
	*cell_of(table, row, column) += count;
	table->row_sums[row] += count;
	table->column_sums[column] += count;
	table->total += count;
}

uint32_t dz_contingency_rows(const struct dz_contingency *table)
{
	return table->rows;
}

uint32_t dz_contingency_columns(const struct dz_contingency *table)
{
	return table->columns;
}

uint64_t dz_contingency_at(const struct dz_contingency *table, uint32_t row, uint32_t column)
{
	const struct place place = { row, column };
	uint32_t number;

	return dz_intern_find(&table->places, &place, sizeof place, &number) ? table->cells[number] : 0;
}

uint32_t dz_contingency_cells(const struct dz_contingency *table)
{
	return table->places.count;
}

uint64_t dz_contingency_cell(const struct dz_contingency *table, uint32_t number, uint32_t *row, uint32_t *column)
{
	struct place place;

	memcpy(&place, dz_intern_bytes(&table->places, number, NULL), sizeof place);
	*row = place.row;
	*column = place.column;
	return table->cells[number];
}

/* ---- line by line ---- */

static uint64_t cell_on_line(const struct dz_contingency_lines *lines, size_t at, uint32_t *number, uint32_t *place)
{
	bool columns = lines->columns;

	return dz_contingency_cell(lines->table, lines->order[at], columns ? place : number, columns ? number : place);
}

/* Counted, not compared: the cells of each line are put where those of the lines before it end. */
void dz_contingency_lines_init(struct dz_contingency_lines *lines, const struct dz_contingency *table, bool columns)
{
	uint32_t cells = table->places.count, row, column;
	size_t begin = 0;

	*lines = (struct dz_contingency_lines){ .table = table, .columns = columns, .number = UINT32_MAX };
	lines->all = columns ? table->columns : table->rows;
	lines->order = dz_mem_zalloc(cells, sizeof *lines->order);
	lines->ends = dz_mem_zalloc(lines->all, sizeof *lines->ends);
	lines->line = dz_mem_zalloc(columns ? table->rows : table->columns, sizeof *lines->line);
	for (uint32_t i = 0; i < cells; i++) {
		dz_contingency_cell(table, i, &row, &column);
		lines->ends[columns ? column : row]++;
	}
	for (uint32_t l = 0; l < lines->all; l++) {
		size_t count = lines->ends[l];
		lines->ends[l] = begin;
		begin += count;
	}
	for (uint32_t i = 0; i < cells; i++) {
		dz_contingency_cell(table, i, &row, &column);
		lines->order[lines->ends[columns ? column : row]++] = i;
	}
}

void dz_contingency_lines_release(struct dz_contingency_lines *lines)
{
	free(lines->order);
	free(lines->ends);
	free(lines->line);
	memset(lines, 0, sizeof *lines);
}

static size_t begin_of(const struct dz_contingency_lines *lines, uint32_t number)
{
	return number ? lines->ends[number - 1] : 0;
}

const uint64_t *dz_contingency_line(struct dz_contingency_lines *lines, uint32_t number)
{
	uint32_t line, place;

	if (lines->number != UINT32_MAX) {
		for (size_t i = begin_of(lines, lines->number); i < lines->ends[lines->number]; i++) {
			cell_on_line(lines, i, &line, &place);
			lines->line[place] = 0;
		}
	}
	lines->number = number;
	for (size_t i = begin_of(lines, number); i < lines->ends[number]; i++) {
		uint64_t count = cell_on_line(lines, i, &line, &place);
		lines->line[place] = count;
	}
	return lines->line;
}

uint64_t dz_contingency_line_most(const struct dz_contingency_lines *lines, uint32_t number, uint32_t end,
				  uint32_t without, uint32_t *place)
{
	uint64_t most = 0;
	uint32_t line, at;

	for (size_t i = begin_of(lines, number); i < lines->ends[number]; i++) {
		uint64_t count = cell_on_line(lines, i, &line, &at);
		if (at >= end || at == without || count < most || (count == most && at > *place))
			continue;
		most = count;
		*place = at;
	}
	return most;
}

uint64_t dz_contingency_row_sum(const struct dz_contingency *table, uint32_t row)
{
	return table->row_sums[row];
}

uint64_t dz_contingency_column_sum(const struct dz_contingency *table, uint32_t column)
{
	return table->column_sums[column];
}

uint64_t dz_contingency_total(const struct dz_contingency *table)
{
	return table->total;
}

static uint64_t largest_row(const struct dz_contingency *table)
{
	uint64_t largest = 0;

	for (uint32_t row = 0; row < table->rows; row++)
		largest = table->row_sums[row] > largest ? table->row_sums[row] : largest;
	return largest;
}

bool dz_contingency_can_agree(const struct dz_contingency *table)
{
	return largest_row(table) < table->total;
}

double dz_contingency_most_frequent(const struct dz_contingency *table)
{
	return table->total ? (double)largest_row(table) / (double)table->total : 0;
}

double dz_contingency_purity(const struct dz_contingency *table)
{
	uint64_t *most = dz_mem_zalloc(table->columns, sizeof *most), pure = 0;

	for (uint32_t i = 0; i < table->places.count; i++) {
		uint32_t row, column;
		uint64_t count = dz_contingency_cell(table, i, &row, &column);
		if (count > most[column])
			most[column] = count;
	}
	for (uint32_t column = 0; column < table->columns; column++)
		pure += most[column];
	free(most);
	return table->total ? (double)pure / (double)table->total : 1;
}

/* Ordered pairs of different things. */
static dz_wide pairs(uint64_t count)
{
	return dz_wide_product(count, count ? count - 1 : 0);
}

static dz_wide sum_pairs(const uint64_t *counts, size_t count)
{
	dz_wide sum = dz_wide_of(0);

	for (size_t i = 0; i < count; i++)
		sum = dz_wide_add(sum, pairs(counts[i]));
	return sum;
}

double dz_contingency_rand(const struct dz_contingency *table)
{
	/* Pairs together in both, in the rows, in the columns: exact, so that equality means the same partition. */
	dz_wide both = sum_pairs(table->cells, table->places.count);
	dz_wide in_rows = sum_pairs(table->row_sums, table->rows);
	dz_wide in_columns = sum_pairs(table->column_sums, table->columns);
	double rows = dz_wide_real(in_rows), columns = dz_wide_real(in_columns);

	if (!dz_wide_compare(both, in_rows) && !dz_wide_compare(both, in_columns))
		return 1;
	double expected = rows * (columns / dz_wide_real(pairs(table->total)));
	double largest = (rows + columns) / 2;
	return (dz_wide_real(both) - expected) / (largest - expected);
}

double dz_contingency_accuracy(const struct dz_contingency *table)
{
	uint64_t right = 0;

	for (uint32_t k = 0; k < table->rows && k < table->columns; k++)
		right += dz_contingency_at(table, k, k);
	return table->total ? (double)right / (double)table->total : 0;
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

void dz_contingency_class(const struct dz_contingency *table, uint32_t class, struct dz_contingency_class *scores)
{
	uint64_t found = class < table->columns ? table->column_sums[class] : 0;
	uint64_t right = class < table->columns ? dz_contingency_at(table, class, class) : 0;

	scores->support = table->row_sums[class];
	scores->precision = ratio(right, found);
	scores->recall = ratio(right, scores->support);
	scores->f1 = ratio(2 * right, found + scores->support);
}

double dz_contingency_macro_f1(const struct dz_contingency *table)
{
	struct dz_contingency_class scores;
	double sum = 0;
	uint32_t present = 0;

	for (uint32_t k = 0; k < table->rows; k++) {
		if (!table->row_sums[k] && !(k < table->columns && table->column_sums[k]))
			continue;
		dz_contingency_class(table, k, &scores);
		sum += scores.f1;
		present++;
	}
	return present ? sum / present : 0;
}
