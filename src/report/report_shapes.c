/* SPDX-License-Identifier: BSD-2-Clause */
/* report_shapes.c - the typical shapes of each group: the cells of its flows (cells.h) that hold most of them.
 *
 * Cells of different inputs that are cut alike are one shape here, of so many inputs.  Cells are as fine as they can be
 * while those that are shown, of two flows at least, hold half of the group's flows. */
#include "config.h"
#include "report/report_data.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_GROUPS = 300, COARSEST = 2 };

/* The cells of libraries, which know their inputs by a hash. False when sums are full. */
static bool add_libraries(const struct dz_report *report, struct dz_cells *cells)
{
	struct dz_err err;

	for (uint32_t g = 0; g < report->names.count; g++) {
		const struct dz_cells *from = report->sums[g].cells;
		int32_t item = report->sums[g].item;
		for (uint32_t i = 0; from && item >= 0 && item < MAX_GROUPS && i < from->count; i++)
			if (!dz_cells_add(&cells[item], &from->cells[i], "", from->level, &err))
				return false;
	}
	return true;
}

static void build_cells(struct dz_report *report, struct dz_cells *cells)
{
	bool hashed = dz_report_has_libraries(report);
	struct dz_err err;

	if (!add_libraries(report, cells))
		return;
	for (size_t i = 0; i < report->flow_count; i++) {
		const struct report_flow *flow = &report->flows[i];
		int32_t item = report->sums[flow->group].item;
		if (item < 0 || item >= MAX_GROUPS || !dz_vectors_counts(&report->shapes, flow->shape, report->scratch))
			continue;
		/* Sums are full behind 2^33 flows, which no memory holds. */
		uint32_t input =
			hashed ? dz_cells_input(NULL, dz_intern_text(&report->inputs, flow->input)) : flow->input;
		if (!dz_cells_add_flow(&cells[item], report->scratch, input, "", &err))
			break;
	}
}

/* ---- cells of all inputs, put together ---- */

struct sums {
	uint64_t flows, inputs;
	double *shares; /* owned */
};

static void cut_key(const struct dz_cell *cell, struct dz_strbuf *key)
{
	dz_strbuf_clear(key);
	dz_strbuf_add(key, cell->at, cell->count * sizeof *cell->at);
	dz_strbuf_add(key, cell->cut, cell->count);
}

static int by_flows(const void *a, const void *b)
{
	const struct sums *x = a, *y = b;
	if (x->flows != y->flows)
		return x->flows > y->flows ? -1 : 1;
	return (x->inputs < y->inputs) - (x->inputs > y->inputs);
}

/* Given to the caller, the largest first; of equals the one that appeared first. */
static struct sums *put_together(const struct dz_cells *cells, uint32_t *count)
{
	struct sums *all = dz_mem_zalloc(cells->count, sizeof *all);
	struct dz_intern keys;
	struct dz_strbuf key;

	dz_intern_init(&keys);
	dz_strbuf_init(&key);
	for (uint32_t c = 0; c < cells->count; c++) {
		const struct dz_cell *cell = &cells->cells[c];
		struct sums *sums;
		cut_key(cell, &key);
		sums = &all[dz_intern_add(&keys, key.data, key.size)];
		if (!sums->shares)
			sums->shares = dz_mem_zalloc(cells->width, sizeof *sums->shares);
		sums->flows += cell->flows;
		sums->inputs++;
		for (uint32_t i = 0; i < cell->count; i++)
			sums->shares[cell->at[i]] += (double)cell->shares[i] / DZ_CELLS_ONE;
	}
	*count = keys.count;
	dz_intern_release(&keys);
	dz_strbuf_release(&key);
	return all;
}

static void drop(struct sums *all, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		free(all[i].shares);
	free(all);
}

/* How many are shown: what one flow alone has is typical of nothing, unless there is nothing else. */
static uint32_t count_shown(const struct sums *all, uint32_t count)
{
	uint32_t shown = 0;

	while (shown < count && shown < REPORT_SHAPES && (all[shown].flows > 1 || all[0].flows == 1))
		shown++;
	return shown;
}

/* Whether the shapes that are shown say enough of the group. */
static bool are_typical(const struct sums *all, uint32_t count, uint64_t flows)
{
	uint64_t held = 0;

	for (uint32_t i = 0; i < count_shown(all, count); i++)
		held += all[i].flows > 1 ? all[i].flows : 0;
	return flows <= 1 || 2 * held >= flows;
}

static void keep(struct report_shapes *shapes, const struct dz_cells *cells, struct sums *all, uint32_t count)
{
	shapes->steps = dz_cells_steps(cells->level);
	shapes->inputs_known = dz_cells_input_bits(cells->level) == dz_cells_input_bits(0);
	shapes->all = count;
	shapes->flows = cells->flows;
	for (uint32_t i = 0; i < count_shown(all, count); i++) {
		struct report_shape *shape = &shapes->shapes[shapes->count++];
		shape->flows = all[i].flows;
		shape->inputs = all[i].inputs;
		shape->mean = all[i].shares;
		all[i].shares = NULL;
		for (uint32_t k = 0; k < cells->width; k++)
			shape->mean[k] /= (double)shape->flows;
	}
}

static void choose_shapes(struct dz_cells *cells, struct report_shapes *shapes)
{
	struct dz_err err;
	struct sums *all;
	uint32_t count;

	for (;;) {
		all = put_together(cells, &count);
		qsort(all, count, sizeof *all, by_flows);
		if (cells->level >= COARSEST || are_typical(all, count, cells->flows) ||
		    !dz_cells_coarsen(cells, cells->level + 1u, &err))
			break;
		drop(all, count);
	}
	keep(shapes, cells, all, count);
	drop(all, count);
}

void dz_report_shapes(struct dz_report *report)
{
	size_t items = report->compare->count < MAX_GROUPS ? report->compare->count : MAX_GROUPS;
	struct dz_cells *cells = dz_mem_zalloc(items, sizeof *cells);

	report->typical = dz_mem_zalloc(report->compare->count, sizeof *report->typical);
	for (size_t i = 0; i < items; i++)
		dz_cells_init(&cells[i], report->parts * report->shape.bins, DZ_CELLS_DEFAULT);
	build_cells(report, cells);
	for (size_t i = 0; i < items; i++) {
		choose_shapes(&cells[i], &report->typical[i]);
		dz_cells_release(&cells[i]);
	}
	free(cells);
}

void dz_report_put_shapes(const struct report_data *data, struct json_object *root)
{
	const struct dz_report *report = data->report;
	struct json_object *groups = dz_report_list(root, "typical");

	for (size_t i = 0; i < report->compare->count && i < MAX_GROUPS; i++) {
		const struct report_shapes *shapes = &report->typical[i];
		struct json_object *object = dz_json_build_object(), *list = dz_report_list(object, "shapes");
		dz_json_build_put(object, "steps", shapes->steps);
		dz_json_build_put(object, "all", shapes->all);
		dz_json_build_put(object, "flows", shapes->flows);
		if (report->compare->items[i].group->means_only) /* flows whose shapes are not known are among them */
			dz_json_build_add(object, "means_only", dz_json_build_bool(true));
		for (uint32_t s = 0; s < shapes->count; s++) {
			struct json_object *shape = dz_json_build_object();
			dz_json_build_put(shape, "flows", shapes->shapes[s].flows);
			if (shapes->inputs_known)
				dz_json_build_put(shape, "inputs", shapes->shapes[s].inputs);
			dz_json_build_add(shape, "shape", dz_report_sparse(data, shapes->shapes[s].mean));
			dz_json_build_append(list, shape);
		}
		dz_json_build_append(groups, object);
	}
}
