/* SPDX-License-Identifier: BSD-2-Clause */
/* hist.c - see hist.h. The cells grow from a list of lengths to counters of 16, 32 and 64 bits, never back. */
#include "config.h"
#include "record/hist.h"

#include "base/mem.h"
#include "base/names.h"
#include <stdlib.h>
#include <string.h>

enum { FORM_FEW, FORM_CELLS16, FORM_CELLS32, FORM_CELLS64 };

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

static void *cells_of(const struct dz_hist *hist)
{
	switch (hist->form) {
	case FORM_CELLS16:
		return hist->u.cells16;
	case FORM_CELLS32:
		return hist->u.cells32;
	case FORM_CELLS64:
		return hist->u.cells64;
	}
	return NULL;
}

void dz_hist_release(struct dz_hist *hist)
{
	free(cells_of(hist));
	dz_hist_init(hist);
}

bool dz_hist_is_empty(const struct dz_hist *hist)
{
	return hist->form == FORM_FEW && hist->used == 0;
}

static size_t few_cell(const struct dz_hist_shape *shape, uint16_t entry)
{
	return (size_t)(entry & 1) * shape->bins + (entry >> 1);
}

static void few_to_cells16(struct dz_hist *hist, const struct dz_hist_shape *shape)
{
	uint16_t *cells = dz_mem_zalloc((size_t)shape->bins * 2, sizeof *cells);
	for (unsigned i = 0; i < hist->used; i++)
		cells[few_cell(shape, hist->few[i])]++;
	hist->u.cells16 = cells;
	hist->form = FORM_CELLS16;
}

static void cells16_to_cells32(struct dz_hist *hist, const struct dz_hist_shape *shape)
{
	size_t count = (size_t)shape->bins * 2;
	uint32_t *cells = dz_mem_zalloc(count, sizeof *cells);
	for (size_t i = 0; i < count; i++)
		cells[i] = hist->u.cells16[i];
	free(hist->u.cells16);
	hist->u.cells32 = cells;
	hist->form = FORM_CELLS32;
}

static uint64_t read_cells(const struct dz_hist *hist, size_t first, uint32_t bins, uint64_t *counts)
{
	uint64_t total = 0;
	for (uint32_t i = 0; i < bins; i++) {
		if (hist->form == FORM_CELLS16)
			counts[i] = hist->u.cells16[first + i];
		else if (hist->form == FORM_CELLS32)
			counts[i] = hist->u.cells32[first + i];
		else
			counts[i] = hist->u.cells64[first + i];
		total += counts[i];
	}
	return total;
}

static void cells32_to_cells64(struct dz_hist *hist, const struct dz_hist_shape *shape)
{
	uint64_t *cells = dz_mem_zalloc((size_t)shape->bins * 2, sizeof *cells);
	read_cells(hist, 0, shape->bins * 2, cells);
	free(hist->u.cells32);
	hist->u.cells64 = cells;
	hist->form = FORM_CELLS64;
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
		few_to_cells16(hist, shape);
	}
	if (hist->form == FORM_CELLS16) {
		if (hist->u.cells16[cell] < UINT16_MAX) {
			hist->u.cells16[cell]++;
			return;
		}
		cells16_to_cells32(hist, shape);
	}
	if (hist->form == FORM_CELLS32) {
		if (hist->u.cells32[cell] < UINT32_MAX) {
			hist->u.cells32[cell]++;
			return;
		}
		cells32_to_cells64(hist, shape);
	}
	hist->u.cells64[cell]++;
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
	static const size_t cell_sizes[] = {
		[FORM_CELLS16] = sizeof(uint16_t), [FORM_CELLS32] = sizeof(uint32_t), [FORM_CELLS64] = sizeof(uint64_t)
	};
	if (hist->form != FORM_FEW)
		dz_mem_prefetch(cells_of(hist), shape->bins * 2 * cell_sizes[hist->form]);
}

uint64_t dz_hist_read(const struct dz_hist *hist, const struct dz_hist_shape *shape, unsigned direction,
		      uint64_t *counts)
{
	if (hist->form != FORM_FEW)
		return read_cells(hist, (size_t)direction * shape->bins, shape->bins, counts);
	memset(counts, 0, shape->bins * sizeof *counts);
	return read_few(hist, direction, counts);
}
