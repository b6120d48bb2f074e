/* SPDX-License-Identifier: BSD-2-Clause */
/* cells.c - see cells.h. A cell's key is its input, its protocol, and its bins with cuts above 0, as bytes. */
#include "config.h"
#include "stats/cells.h"

#include "base/mem.h"
#include "base/wide.h"
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* What each level keeps: cuts are shifted right, inputs lose their upper bits. */
static const struct level {
	uint8_t shift, input_bits;
	bool protocol;
} levels[DZ_CELLS_LEVELS] = { { 0, 32, true }, { 1, 32, true }, { 2, 32, true }, { 3, 32, true }, { 4, 32, true },
			      { 4, 16, true }, { 4, 8, true },  { 4, 4, true },  { 4, 0, true },  { 4, 0, false } };
enum { NO_STEPS = 4 }; /* the shift that leaves no steps of the 8 */

static const uint64_t most_sum = INT64_MAX;

void dz_cells_init(struct dz_cells *cells, uint32_t width, uint32_t most)
{
	memset(cells, 0, sizeof *cells);
	cells->width = width;
	cells->most = most;
	dz_intern_init(&cells->protocols);
	dz_intern_init(&cells->keys);
}

static void cell_release(struct dz_cell *cell)
{
	free(cell->at);
	free(cell->cut);
	free(cell->shares);
}

void dz_cells_release(struct dz_cells *cells)
{
	for (uint32_t i = 0; i < cells->count; i++)
		cell_release(&cells->cells[i]);
	free(cells->cells);
	dz_intern_release(&cells->protocols);
	dz_intern_release(&cells->keys);
	memset(cells, 0, sizeof *cells);
}

uint32_t dz_cells_input(const char *site, const char *input)
{
	uint64_t seed = site && *site ? XXH3_64bits(site, strlen(site)) : 0;
	return (uint32_t)XXH3_64bits_withSeed(input, strlen(input), seed);
}

void dz_cells_list_inputs(const struct dz_cells *cells, struct dz_intern *inputs)
{
	enum { ALL_BITS = 32 };

	for (uint32_t i = 0; levels[cells->level].input_bits == ALL_BITS && i < cells->count; i++)
		dz_intern_add(inputs, &cells->cells[i].input, sizeof cells->cells[i].input);
}

unsigned dz_cells_steps(unsigned level)
{
	return DZ_CELLS_STEPS >> levels[level].shift;
}

unsigned dz_cells_input_bits(unsigned level)
{
	return levels[level].input_bits;
}

/* ---- one cell ---- */

/* A cell on the caller's stack, with room for all bins. */
struct draft {
	struct dz_cell cell;
	struct dz_intern *protocols;
};

static void draft_init(struct draft *draft, uint32_t width)
{
	memset(draft, 0, sizeof *draft);
	draft->cell.at = dz_mem_zalloc(width, sizeof *draft->cell.at);
	draft->cell.cut = dz_mem_zalloc(width, sizeof *draft->cell.cut);
	draft->cell.shares = dz_mem_zalloc(width, sizeof *draft->cell.shares);
}

uint64_t dz_cells_share(uint64_t count, uint64_t sum)
{
	dz_wide scaled = dz_wide_add(dz_wide_product(count, DZ_CELLS_ONE), dz_wide_of(sum / 2));
	return dz_wide_low(dz_wide_divide(scaled, sum, NULL));
}

/* The largest k with k^2 * sum <= 64 * count. */
static uint8_t cut_of(uint64_t count, uint64_t sum)
{
	const dz_wide scaled = dz_wide_product(count, DZ_CELLS_STEPS * DZ_CELLS_STEPS);
	uint8_t k = DZ_CELLS_STEPS;

	while (dz_wide_compare(dz_wide_product(sum, (uint64_t)k * k), scaled) > 0)
		k--;
	return k;
}

static void put_bytes(uint8_t **to, uint32_t value)
{
	memcpy(*to, &value, sizeof value);
	*to += sizeof value;
}

/* The key of a cell at the level of `cells`, into 8 + 5 * width bytes; returns its size. */
static size_t write_key(const struct dz_cell *cell, uint8_t *key)
{
	uint8_t *to = key;

	put_bytes(&to, cell->input);
	put_bytes(&to, cell->protocol);
	for (uint32_t i = 0; i < cell->count; i++) {
		if (!cell->cut[i])
			continue;
		put_bytes(&to, cell->at[i]);
		*to++ = cell->cut[i];
	}
	return (size_t)(to - key);
}

/* Brings a cell of level `from` to level `to`. */
static void coarsen_cell(struct dz_cell *cell, unsigned from, unsigned to)
{
	unsigned shift = (unsigned)(levels[to].shift - levels[from].shift);

	cell->input &= (uint32_t)((UINT64_C(1) << levels[to].input_bits) - 1);
	if (!levels[to].protocol)
		cell->protocol = 0;
	for (uint32_t i = 0; i < cell->count; i++)
		cell->cut[i] = (uint8_t)(cell->cut[i] >> shift);
}

static bool full(struct dz_err *err)
{
	return dz_err_set(err, "a sum of a cell passes 2^63");
}

/* The bins of two cells of one key, together. */
static uint32_t count_bins(const struct dz_cell *a, const struct dz_cell *b)
{
	uint32_t i = 0, j = 0, count = 0;

	for (; i < a->count && j < b->count; count++) {
		uint32_t here = a->at[i], there = b->at[j];
		i += here <= there;
		j += there <= here;
	}
	return count + (a->count - i) + (b->count - j);
}

/* Makes room for the other's bins, with sums of 0. */
static void widen(struct dz_cell *cell, const struct dz_cell *other)
{
	uint32_t count = count_bins(cell, other), i = 0, j = 0;
	struct dz_cell wider = *cell;

	if (count == cell->count)
		return;
	wider.at = dz_mem_zalloc(count, sizeof *wider.at);
	wider.cut = dz_mem_zalloc(count, sizeof *wider.cut);
	wider.shares = dz_mem_zalloc(count, sizeof *wider.shares);
	for (wider.count = 0; wider.count < count; wider.count++) {
		bool mine = i < cell->count && (j == other->count || cell->at[i] <= other->at[j]);
		bool others = j < other->count && (i == cell->count || other->at[j] <= cell->at[i]);
		wider.at[wider.count] = mine ? cell->at[i] : other->at[j];
		wider.cut[wider.count] = mine ? cell->cut[i] : 0;
		wider.shares[wider.count] = mine ? cell->shares[i] : 0;
		i += mine;
		j += others;
	}
	cell_release(cell);
	*cell = wider;
}

static bool add_to_cell(struct dz_cell *cell, const struct dz_cell *other, struct dz_err *err)
{
	widen(cell, other);
	if (__builtin_add_overflow(cell->flows, other->flows, &cell->flows) || cell->flows > most_sum)
		return full(err);
	for (uint32_t i = 0, j = 0; j < other->count; i++) {
		if (cell->at[i] != other->at[j])
			continue;
		cell->shares[i] += other->shares[j++]; /* both are below 2^63 */
		if (cell->shares[i] > most_sum)
			return full(err);
	}
	return true;
}

/* ---- the set ---- */

static void copy_cell(struct dz_cell *to, const struct dz_cell *from)
{
	*to = *from;
	to->at = dz_mem_zalloc(from->count, sizeof *to->at);
	to->cut = dz_mem_zalloc(from->count, sizeof *to->cut);
	to->shares = dz_mem_zalloc(from->count, sizeof *to->shares);
	if (!from->count)
		return;
	memcpy(to->at, from->at, from->count * sizeof *to->at);
	memcpy(to->cut, from->cut, from->count * sizeof *to->cut);
	memcpy(to->shares, from->shares, from->count * sizeof *to->shares);
}

/* Adds a cell of the set's own level; borrowed. */
static bool add_alike(struct dz_cells *cells, const struct dz_cell *cell, struct dz_err *err)
{
	uint8_t *key = dz_mem_alloc(8 + (size_t)cell->count * 5);
	uint32_t before = cells->count, number = dz_intern_add(&cells->keys, key, write_key(cell, key));
	void *block = cells->cells;

	free(key);
	if (number < before)
		return add_to_cell(&cells->cells[number], cell, err);
	dz_mem_grow(&block, &cells->capacity, number + (size_t)1, sizeof *cells->cells);
	cells->cells = block;
	copy_cell(&cells->cells[number], cell);
	cells->count++;
	return true;
}

bool dz_cells_coarsen(struct dz_cells *cells, unsigned level, struct dz_err *err)
{
	struct dz_cell *old = cells->cells;
	uint32_t count = cells->count;
	unsigned from = cells->level;
	bool done = true;

	if (level <= from)
		return true;
	dz_intern_release(&cells->keys);
	cells->cells = NULL;
	cells->capacity = cells->count = 0;
	cells->level = (uint8_t)level;
	for (uint32_t i = 0; i < count; i++) {
		coarsen_cell(&old[i], from, level);
		done = done && add_alike(cells, &old[i], err);
		cell_release(&old[i]);
	}
	free(old);
	return done;
}

/* Adds a cell of any level, which is changed, and makes room. */
static bool add_draft(struct dz_cells *cells, struct dz_cell *cell, unsigned level, struct dz_err *err)
{
	if (__builtin_add_overflow(cells->flows, cell->flows, &cells->flows) || cells->flows > most_sum)
		return full(err);
	if (!dz_cells_coarsen(cells, level, err))
		return false;
	coarsen_cell(cell, level, cells->level);
	if (!add_alike(cells, cell, err))
		return false;
	while (cells->count > cells->most && cells->level + 1u < DZ_CELLS_LEVELS)
		if (!dz_cells_coarsen(cells, cells->level + 1u, err))
			return false;
	return true;
}

bool dz_cells_add(struct dz_cells *cells, const struct dz_cell *cell, const char *protocol, unsigned level,
		  struct dz_err *err)
{
	struct dz_cell copy;
	bool done;

	copy_cell(&copy, cell);
	copy.protocol = levels[level].protocol ? dz_intern_add_text(&cells->protocols, protocol) : 0;
	done = add_draft(cells, &copy, level, err);
	cell_release(&copy);
	return done;
}

bool dz_cells_add_flow(struct dz_cells *cells, const uint64_t *counts, uint32_t input, const char *protocol,
		       struct dz_err *err)
{
	struct draft draft;
	struct dz_cell *cell = &draft.cell;
	uint64_t sum = 0;
	bool done;

	draft_init(&draft, cells->width);
	for (uint32_t k = 0; k < cells->width; k++)
		sum += counts[k];
	for (uint32_t k = 0; k < cells->width; k++) {
		uint64_t share = dz_cells_share(counts[k], sum);
		if (!share)
			continue;
		cell->at[cell->count] = k;
		cell->cut[cell->count] = cut_of(counts[k], sum);
		cell->shares[cell->count++] = share;
	}
	cell->flows = 1;
	cell->input = input;
	cell->protocol = dz_intern_add_text(&cells->protocols, protocol);
	done = add_draft(cells, cell, 0, err);
	cell_release(cell);
	return done;
}

/* ---- reading ---- */

const char *dz_cells_protocol(const struct dz_cells *cells, const struct dz_cell *cell)
{
	return levels[cells->level].protocol ? dz_intern_text(&cells->protocols, cell->protocol) : "";
}

struct ordered {
	const struct dz_cells *cells;
	uint32_t number;
};

/* By protocol's name, input, and then the bins with their cuts. */
static int compare_cells(const void *left, const void *right)
{
	const struct ordered *x = left, *y = right;
	const struct dz_cell *a = &x->cells->cells[x->number], *b = &y->cells->cells[y->number];
	uint32_t i = 0, j = 0;
	int order = strcmp(dz_cells_protocol(x->cells, a), dz_cells_protocol(y->cells, b));

	if (order)
		return order;
	if (a->input != b->input)
		return a->input < b->input ? -1 : 1;
	for (;; i++, j++) {
		while (i < a->count && !a->cut[i])
			i++;
		while (j < b->count && !b->cut[j])
			j++;
		if (i == a->count || j == b->count)
			return (i < a->count) - (j < b->count);
		if (a->at[i] != b->at[j])
			return a->at[i] < b->at[j] ? -1 : 1;
		if (a->cut[i] != b->cut[j])
			return a->cut[i] < b->cut[j] ? -1 : 1;
	}
}

uint32_t *dz_cells_order(const struct dz_cells *cells)
{
	struct ordered *ordered = dz_mem_zalloc(cells->count, sizeof *ordered);
	uint32_t *order = dz_mem_zalloc(cells->count, sizeof *order);

	for (uint32_t i = 0; i < cells->count; i++)
		ordered[i] = (struct ordered){ cells, i };
	if (cells->count)
		qsort(ordered, cells->count, sizeof *ordered, compare_cells);
	for (uint32_t i = 0; i < cells->count; i++)
		order[i] = ordered[i].number;
	free(ordered);
	return order;
}

void dz_cell_mean(const struct dz_cell *cell, uint32_t width, double *mean)
{
	double all = 0;

	memset(mean, 0, width * sizeof *mean);
	for (uint32_t i = 0; i < cell->count; i++)
		all += (double)cell->shares[i];
	for (uint32_t i = 0; i < cell->count; i++)
		mean[cell->at[i]] = (double)cell->shares[i] / all;
}
