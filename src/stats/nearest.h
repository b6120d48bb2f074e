/* SPDX-License-Identifier: BSD-2-Clause */
/* nearest.h - how near a shape is to the nearest cell of each label of a library.
 *
 * Knows libraries and numbers. A library without cells has one cell for each label: the mean of its flows.  "Unknown"
 * is no shape: its profile is no label here.  Cells that share no bin with the shape (a distance at its maximum) are
 * near to nothing, and are not told. */
#ifndef DISTRIBOOZE_NEAREST_H
#define DISTRIBOOZE_NEAREST_H

#include "math/boxes.h"
#include "stats/profile.h"

#define DZ_NEAREST_NONE UINT32_MAX

/* A cell as a point. */
struct dz_near_cell {
	uint32_t point, label, input, protocol;
	uint64_t flows;
};

struct dz_nearest {
	struct dz_points points;
	uint32_t label_count;
	const struct dz_profile **labels; /* owned array; sorted by name */
	struct dz_near_cell *cells;       /* owned; ordered by point */
	uint32_t cell_count;
	uint32_t *first;            /* owned: by point, its first cell; points.count + 1 of them */
	struct dz_intern protocols; /* of all cells */
	bool has_inputs;            /* cells know their inputs */
	bool one_input;             /* all are of the same */
	struct dz_boxes *boxes;     /* private: a set for each label */
};

/* Profiles of fewer than min_flows flows are no labels. The library is borrowed. */
void dz_nearest_init(struct dz_nearest *nearest, const struct dz_library *library, enum dz_metric metric,
		     enum dz_direction direction, uint64_t min_flows);
void dz_nearest_release(struct dz_nearest *nearest);

/* The number of a label, or DZ_NEAREST_NONE. */
uint32_t dz_nearest_label(const struct dz_nearest *nearest, const char *name);

#define DZ_NEAREST_MAX 16u

struct dz_near {
	uint32_t label; /* or the input, where those are asked for */
	uint32_t cells; /* of the label that are so near and have one shape: about as many as inputs; of an input 0 */
	double distance;
};

struct dz_nearest_query {
	const double *point; /* embedded, borrowed */
	bool without;        /* leave out the cells of `input` */
	uint32_t input;
	const bool *protocols; /* by number: those to look at; borrowed; NULL: all */
	uint32_t only;         /* look at the cells of this label alone; DZ_NEAREST_NONE: at all */
	bool by_input;         /* find the nearest inputs, not the nearest labels */
	size_t most;           /* at most so many, up to DZ_NEAREST_MAX */
};

/* Writes the nearest labels (or inputs), the nearest first, of equally near ones that with the most cells, and then the
 * first by number; returns how many. */
size_t dz_nearest_find(const struct dz_nearest *nearest, const struct dz_nearest_query *query, struct dz_near *found);

#endif
