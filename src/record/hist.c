/* SPDX-License-Identifier: BSD-2-Clause */
/* hist.c - see hist.h. The cells grow from a list of lengths to counters of 8, 16, 32 and 64 bits, never back. */
#include "config.h"
#include "record/hist.h"

#include "base/mem.h"
#include "base/names.h"
#include <stdlib.h>
#include <string.h>

/* Above FORM_FEW, the form is one more than the logarithm of the cells' bytes. */
enum { FORM_FEW, FORM_CELLS8, FORM_CELLS16, FORM_CELLS32, FORM_CELLS64 };

const char *const dz_layer_names[DZ_LAYER_COUNT + 1] = { "ip", "payload", "frame", "tls", "tls-data", NULL };

const char *dz_layer_name(enum dz_layer layer)
{
	return dz_layer_names[layer];
}

bool dz_layer_from_name(const char *name, enum dz_layer *layer)
{
	int found = dz_names_find(dz_layer_names, name);

	*layer = found < 0 ? *layer : (enum dz_layer)found;
	return found >= 0;
}

unsigned dz_hist_digits(const struct dz_hist_shape *shape)
{
	unsigned digits = 4;

	for (uint64_t last = (uint64_t)shape->bin_width * (shape->bins - 1); last >= 10000; last /= 10)
		digits++;
	return digits;
}

bool dz_hist_shape_equal(const struct dz_hist_shape *a, const struct dz_hist_shape *b)
{
	return a->layer == b->layer && a->bin_width == b->bin_width && a->bins == b->bins &&
	       a->skip_empty == b->skip_empty && a->skip_retransmissions == b->skip_retransmissions;
}

void dz_hist_init(struct dz_hist *hist)
{
	memset(hist, 0, sizeof *hist);
	hist->min[0] = hist->min[1] = UINT32_MAX;
}

static size_t cell_size(unsigned form)
{
	return (size_t)1 << (form - FORM_CELLS8);
}

static uint64_t cell_get(const struct dz_hist *hist, size_t cell)
{
	switch (hist->form) {
	case FORM_CELLS8:
		return hist->u.cells8[cell];
	case FORM_CELLS16:
		return hist->u.cells16[cell];
	case FORM_CELLS32:
		return hist->u.cells32[cell];
	default:
		return hist->u.cells64[cell];
	}
}

static void cell_set(struct dz_hist *hist, size_t cell, uint64_t count)
{
	switch (hist->form) {
	case FORM_CELLS8:
		hist->u.cells8[cell] = (uint8_t)count;
		break;
	case FORM_CELLS16:
		hist->u.cells16[cell] = (uint16_t)count;
		break;
	case FORM_CELLS32:
		hist->u.cells32[cell] = (uint32_t)count;
		break;
	default:
		hist->u.cells64[cell] = count;
	}
}

void dz_hist_release(struct dz_hist *hist)
{
	if (hist->form != FORM_FEW)
		free(hist->u.cells);
	dz_hist_init(hist);
}

static size_t few_cell(const struct dz_hist_shape *shape, uint16_t entry)
{
	return (size_t)(entry & 1) * shape->bins + (entry >> 1);
}

static void few_to_cells(struct dz_hist *hist, const struct dz_hist_shape *shape)
{
	uint8_t *cells = dz_mem_zalloc((size_t)shape->bins * 2, sizeof *cells);
	for (unsigned i = 0; i < hist->used; i++)
		cells[few_cell(shape, hist->few[i])]++;
	hist->u.cells8 = cells;
	hist->form = FORM_CELLS8;
}

/* Cells of twice the size. */
static void widen(struct dz_hist *hist, const struct dz_hist_shape *shape)
{
	size_t count = (size_t)shape->bins * 2;
	struct dz_hist wide = *hist;

	wide.form++;
	wide.u.cells = dz_mem_zalloc(count, cell_size(wide.form));
	for (size_t i = 0; i < count; i++)
		cell_set(&wide, i, cell_get(hist, i));
	free(hist->u.cells);
	*hist = wide;
}

void dz_hist_add(struct dz_hist *hist, const struct dz_hist_shape *shape, unsigned direction, uint32_t length)
{
	uint32_t bin = dz_hist_bin(shape, length);
	size_t cell = (size_t)direction * shape->bins + bin;

	hist->sum[direction] += length;
	if (length < hist->min[direction])
		hist->min[direction] = length;
	if (length > hist->max[direction])
		hist->max[direction] = length;
	if (hist->form == FORM_FEW) {
		if (hist->used < DZ_HIST_FEW) {
			hist->few[hist->used++] = (uint16_t)(bin << 1 | direction);
			return;
		}
		few_to_cells(hist, shape);
	}
	uint64_t count = cell_get(hist, cell) + 1;
	cell_set(hist, cell, count);
	if (cell_get(hist, cell) != count) { /* one more than fits */
		cell_set(hist, cell, count - 1);
		widen(hist, shape);
		cell_set(hist, cell, count);
	}
}

static uint64_t read_few(const struct dz_hist *hist, unsigned direction, uint64_t *counts)
{
	uint64_t total = 0;
	for (unsigned i = 0; i < hist->used; i++) {
		unsigned mine = (hist->few[i] & 1) == direction;
		counts[hist->few[i] >> 1] += mine;
		total += mine;
	}
	return total;
}

void dz_hist_prefetch(const struct dz_hist *hist, const struct dz_hist_shape *shape)
{
	if (hist->form != FORM_FEW)
		dz_mem_prefetch(hist->u.cells, shape->bins * 2 * cell_size(hist->form));
}

static uint64_t read_cells(const struct dz_hist *hist, size_t first, uint32_t bins, uint64_t *counts)
{
	uint64_t total = 0;
	for (uint32_t i = 0; i < bins; i++)
		total += counts[i] = cell_get(hist, first + i);
	return total;
}

uint64_t dz_hist_read(const struct dz_hist *hist, const struct dz_hist_shape *shape, unsigned direction,
		      uint64_t *counts)
{
	if (hist->form != FORM_FEW)
		return read_cells(hist, (size_t)direction * shape->bins, shape->bins, counts);
	memset(counts, 0, shape->bins * sizeof *counts);
	return read_few(hist, direction, counts);
}
