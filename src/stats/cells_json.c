/* SPDX-License-Identifier: BSD-2-Clause */
/* cells_json.c - see cells_json.h. */
#include "config.h"
#include "stats/cells_json.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/wide.h"
#include "record/json_build.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_DIGITS = 8 };

/* ---- writing ---- */

static struct json_object *cell_json(const struct dz_cells *cells, const struct dz_cell *cell)
{
	struct json_object *object = dz_json_build_object(), *at = dz_json_build_array(), *cut = dz_json_build_array(),
			   *shares = dz_json_build_array();
	char input[INPUT_DIGITS + 1];

	snprintf(input, sizeof input, "%08" PRIx32, cell->input);
	for (uint32_t i = 0; i < cell->count; i++) {
		dz_json_build_append(at, dz_json_build_uint(cell->at[i]));
		dz_json_build_append(cut, dz_json_build_uint(cell->cut[i]));
		dz_json_build_append(shares, dz_json_build_uint(cell->shares[i]));
	}
	dz_json_build_add(object, "input", dz_json_build_word(input));
	dz_json_build_add(object, "protocol", dz_json_build_text(dz_cells_protocol(cells, cell)));
	dz_json_build_add(object, "flows", dz_json_build_uint(cell->flows));
	dz_json_build_add(object, "at", at);
	dz_json_build_add(object, "cut", cut);
	dz_json_build_add(object, "shares", shares);
	return object;
}

struct json_object *dz_cells_json(const struct dz_cells *cells)
{
	struct json_object *object = dz_json_build_object(), *list = dz_json_build_array();
	uint32_t *order = dz_cells_order(cells);

	for (uint32_t i = 0; i < cells->count; i++)
		dz_json_build_append(list, cell_json(cells, &cells->cells[order[i]]));
	free(order);
	dz_json_build_add(object, "level", dz_json_build_uint(cells->level));
	dz_json_build_add(object, "list", list);
	return object;
}

/* ---- reading ---- */

/* Whether the sum of that many shares of one cut is possible, each rounded to a whole number: a cut of k of s steps
 * stands for shares from (k/s)^2 on and below ((k+1)/s)^2. */
static bool is_possible(const struct dz_cell *cell, uint32_t i, unsigned steps)
{
	uint64_t k = cell->cut[i], square = (uint64_t)steps * steps;
	dz_wide whole = dz_wide_product(cell->flows, DZ_CELLS_ONE), sum = dz_wide_product(cell->shares[i], square);
	dz_wide slack = dz_wide_product(cell->flows, square);

	if (dz_wide_compare(dz_wide_of(cell->shares[i]), whole) > 0)
		return false;
	if (!steps)
		return k == 0;
	return k <= steps && dz_wide_compare(dz_wide_add(sum, slack), dz_wide_times(whole, k * k)) >= 0 &&
	       (k == steps || dz_wide_compare(sum, dz_wide_add(dz_wide_times(whole, (k + 1) * (k + 1)), slack)) <= 0);
}

/* Each flow's shares add up to 1, but for half a unit of rounding in each. */
static bool adds_up(const struct dz_cell *cell, uint32_t width)
{
	dz_wide whole = dz_wide_product(cell->flows, DZ_CELLS_ONE), slack = dz_wide_product(cell->flows, width);
	dz_wide sum = dz_wide_of(0);

	for (uint32_t i = 0; i < cell->count; i++)
		sum = dz_wide_add(sum, dz_wide_of(cell->shares[i]));
	return dz_wide_compare(dz_wide_add(sum, slack), whole) >= 0 &&
	       dz_wide_compare(sum, dz_wide_add(whole, slack)) <= 0;
}

static bool read_bins(struct dz_cell *cell, const struct dz_json_place *place, struct json_object *object,
		      uint32_t width, unsigned level)
{
	struct json_object *at, *cut, *shares;
	uint64_t bin, k, share, next = 0;

	if (!dz_json_get(place, object, "at", json_type_array, &at))
		return false;
	if (!json_object_array_length(at) || json_object_array_length(at) > width)
		return dz_err_set(place->err, "%sat must have 1 to %" PRIu32 " elements", place->text, width);
	cell->count = (uint32_t)json_object_array_length(at);
	if (!dz_json_get_array(place, object, "cut", cell->count, &cut) ||
	    !dz_json_get_array(place, object, "shares", cell->count, &shares))
		return false;
	for (uint32_t i = 0; i < cell->count; i++) {
		if (!dz_json_get_element(place, json_object_array_get_idx(at, i), "at", &bin) ||
		    !dz_json_get_element(place, json_object_array_get_idx(cut, i), "cut", &k) ||
		    !dz_json_get_element(place, json_object_array_get_idx(shares, i), "shares", &share))
			return false;
		if (bin < next || bin >= width)
			return dz_err_set(place->err, "%sat must be ascending and below %" PRIu32, place->text, width);
		next = bin + 1;
		cell->at[i] = (uint32_t)bin;
		cell->cut[i] = (uint8_t)(k <= DZ_CELLS_STEPS ? k : UINT8_MAX);
		cell->shares[i] = share;
		if (!share || !is_possible(cell, i, dz_cells_steps(level)))
			return dz_err_set(place->err,
					  "%sshares[%" PRIu32 "] cannot be the sum of %" PRIu64
					  " flows' shares with such a cut",
					  place->text, i, cell->flows);
	}
	return adds_up(cell, width) || dz_err_set(place->err, "%sshares do not add up to its flows", place->text);
}

static bool read_input(struct dz_cell *cell, const struct dz_json_place *place, struct json_object *object,
		       unsigned level)
{
	const char *text;
	uint64_t input;
	char *end;

	if (!dz_json_get_text(place, object, "input", &text))
		return false;
	input = strtoull(text, &end, 16);
	if (strlen(text) != INPUT_DIGITS || strspn(text, "0123456789abcdef") != INPUT_DIGITS ||
	    input >> dz_cells_input_bits(level))
		return dz_err_set(place->err, "%sinput must be %d hexadecimal digits of %u bits", place->text,
				  INPUT_DIGITS, dz_cells_input_bits(level));
	cell->input = (uint32_t)input;
	return true;
}

static bool read_cell(struct dz_cells *cells, struct dz_cell *cell, const struct dz_json_place *place,
		      struct json_object *object, unsigned level)
{
	const char *protocol;

	return dz_json_get_text(place, object, "protocol", &protocol) &&
	       dz_json_get_uint(place, object, "flows", 1, DZ_JSON_GET_MAX, &cell->flows) &&
	       read_input(cell, place, object, level) && read_bins(cell, place, object, cells->width, level) &&
	       (dz_cells_add(cells, cell, protocol, level, place->err) || dz_err_prefix(place->err, "%s", place->text));
}

bool dz_cells_read(struct dz_cells *cells, struct json_object *profile, const struct dz_json_place *outer)
{
	struct dz_json_place place = *outer;
	struct json_object *object, *list, *element;
	struct dz_cell cell = { 0 };
	size_t used = strlen(place.text);
	uint64_t level;
	bool done = true;

	if (!dz_json_get(outer, profile, "cells", json_type_object, &object))
		return false;
	snprintf(place.text + used, sizeof place.text - used, "cells.");
	if (!dz_json_get_uint(&place, object, "level", 0, DZ_CELLS_LEVELS - 1, &level) ||
	    !dz_json_get(&place, object, "list", json_type_array, &list))
		return false;
	cell.at = dz_mem_zalloc(cells->width, sizeof *cell.at);
	cell.cut = dz_mem_zalloc(cells->width, sizeof *cell.cut);
	cell.shares = dz_mem_zalloc(cells->width, sizeof *cell.shares);
	for (size_t i = 0; i < json_object_array_length(list) && done; i++) {
		element = json_object_array_get_idx(list, i);
		snprintf(place.text + used, sizeof place.text - used, "cells.list[%zu].", i);
		done = json_object_is_type(element, json_type_object)
			       ? read_cell(cells, &cell, &place, element, (unsigned)level)
			       : dz_err_set(place.err, "%.*s must be an object", (int)strlen(place.text) - 1,
					    place.text);
	}
	free(cell.at);
	free(cell.cut);
	free(cell.shares);
	return done;
}
