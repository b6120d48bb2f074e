/* SPDX-License-Identifier: BSD-2-Clause */
/* cells.h - the shapes that flows of one label have, many alike in one cell.
 *
 * Numbers and names only: no records, no JSON, no files.
 *
 * A flow's *shape* is its counts c_k divided by their sum t.  Each share is *cut* to the largest k in 0..8 with
 * k^2 * t <= 64 * c, which is the square root of the share in eighths: near shapes in the Hellinger distance have cuts
 * that are alike.  Flows of one input and one protocol whose cuts are equal share a cell, which keeps their number and
 * the sums of their shares; so the mean of a cell is exact, however coarse its cut.
 *
 * There are at most `most` cells.  Beyond that all of them go to the next coarser *level*: cuts of 4, 2, 1 and no
 * steps, then 16, 8, 4 and no bits of the input, then no protocol, which leaves one cell.  Levels nest, the number of
 * cells of given flows does not rise from one level to the next, and at one level it does not fall with more flows: the
 * level that is reached is the finest at which all the flows fit, so that it, and with it every cell, is the same
 * however the flows are dealt to several sets of cells, and in whatever order those are put together. */
#ifndef DISTRIBOOZE_CELLS_H
#define DISTRIBOOZE_CELLS_H

#include "base/err.h"
#include "base/intern.h"
#include <stdint.h>

#define DZ_CELLS_DEFAULT 4096u /* by default */
#define DZ_CELLS_LEVELS 10u
#define DZ_CELLS_STEPS 8u /* that a share is cut to at level 0 */

/* A flow's share of a bin as a whole number: round(count * 2^30 / sum of counts). */
#define DZ_CELLS_ONE (UINT64_C(1) << 30)
/* count * DZ_CELLS_ONE / sum, rounded half up; the sum is not 0. */
uint64_t dz_cells_share(uint64_t count, uint64_t sum);

struct dz_cell {
	uint32_t input;    /* bits of the hash of the input's name: as many as the level keeps, the low ones */
	uint32_t protocol; /* its number; 0 at the last level */
	uint64_t flows;
	uint32_t count;   /* of the bins that are not empty; their numbers, cuts and sums follow */
	uint32_t *at;     /* owned; ascending */
	uint8_t *cut;     /* owned */
	uint64_t *shares; /* owned: sums of the flows' shares, in 1/2^30, none 0 */
};

struct dz_cells {
	uint32_t width; /* bins of a shape: twice the bins of a vector where both directions stand side by side */
	uint32_t most;
	uint8_t level;
	uint32_t count;
	uint64_t flows;
	struct dz_cell *cells; /* owned, in order of appearance */
	size_t capacity;
	struct dz_intern protocols; /* their names */
	struct dz_intern keys;      /* private: what tells cells apart, by number of cell */
};

void dz_cells_init(struct dz_cells *cells, uint32_t width, uint32_t most);
void dz_cells_release(struct dz_cells *cells);

/* The number that stands for an input: a hash of the site's name (NULL or empty: none) and the input's. */
uint32_t dz_cells_input(const char *site, const char *input);
/* Adds the numbers of the inputs that the cells are of, where all bits of them are known. */
void dz_cells_list_inputs(const struct dz_cells *cells, struct dz_intern *inputs);

/* Adds a flow of `width` counts, not all 0, which add up to less than 2^63. False, with a message, when the sums of its
 * cell are full. */
DZ_MUST_CHECK bool dz_cells_add_flow(struct dz_cells *cells, const uint64_t *counts, uint32_t input,
				     const char *protocol, struct dz_err *err);

/* Adds a cell of another set, which had that level; borrowed. False, with a message, when sums would pass 2^63. */
DZ_MUST_CHECK bool dz_cells_add(struct dz_cells *cells, const struct dz_cell *cell, const char *protocol,
				unsigned level, struct dz_err *err);

/* Goes to that level, if it is coarser than the present one. False, with a message, when sums would pass 2^63. */
DZ_MUST_CHECK bool dz_cells_coarsen(struct dz_cells *cells, unsigned level, struct dz_err *err);

/* The steps and the bits of the input that a level keeps. */
unsigned dz_cells_steps(unsigned level);
unsigned dz_cells_input_bits(unsigned level);

/* The name of a cell's protocol; "" at the last level. Borrowed. */
const char *dz_cells_protocol(const struct dz_cells *cells, const struct dz_cell *cell);

/* The numbers of the cells in an order that depends on nothing but the cells. Given to the caller. */
uint32_t *dz_cells_order(const struct dz_cells *cells);

/* The mean shape: `width` shares that add up to 1. */
void dz_cell_mean(const struct dz_cell *cell, uint32_t width, double *mean);

#endif
