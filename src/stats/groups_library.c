/* SPDX-License-Identifier: BSD-2-Clause */
/* groups_library.c - libraries of profiles as groups: each cell is so many flows of one distribution, its mean. So the
 * mean of a group is that of its flows, and its standard deviation, too: what flows differ by within a cell is in the
 * library's sums of squares. */
#include "config.h"
#include "stats/groups.h"

#include "base/mem.h"
#include "record/selection.h"
#include "stats/groups_internal.h"
#include "stats/profile.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool add_to(uint64_t *sum, uint64_t value, struct dz_err *err)
{
	if (!__builtin_add_overflow(*sum, value, sum) && *sum <= INT64_MAX)
		return true;
	return dz_err_set(err, "a sum passes 2^63");
}

/* ---- whether it fits ---- */

static bool check_direction(const struct dz_groups *groups, const struct dz_library *library, struct dz_err *err)
{
	if (groups->direction > DZ_DIRECTION_TOTAL)
		return dz_err_set(err, "%s keeps packets of both directions together: use --direction both or total",
				  library->origin);
	if (groups->direction == DZ_DIRECTION_BOTH && library->old && !library->unidirectional)
		return dz_err_set(
			err, "%s is of 0.1.0 and does not have both directions side by side: use --direction total",
			library->origin);
	return true;
}

static bool take_shape(struct dz_groups *groups, const struct dz_library *library, struct dz_err *err)
{
	struct dz_measured there = { library->origin, false, library->unidirectional, &library->shape }, here;

	if (!groups->has_shape) {
		groups->direction = dz_library_direction(library, groups->direction);
		dz_groups_set_shape(groups, &library->shape, library->unidirectional);
	}
	if (!groups->library)
		groups->library = dz_mem_strdup(library->origin);
	here = (struct dz_measured){ "the other inputs", true, groups->unidirectional, &groups->shape };
	return dz_record_measured_alike(&there, &here, err) && check_direction(groups, library, err);
}

/* ---- a profile ---- */

/* Sums of shares as counts, small enough to be added up: what is cut off is less than 2^-22 of a share. */
static unsigned shift_for(uint64_t flows)
{
	unsigned shift = 0;

	while (flows >> shift >= UINT64_C(1) << 22)
		shift++;
	return shift;
}

/* What flows have of the squares beyond the vector that stands for them. */
static void add_within(double *within, const double *vector, uint64_t flows, uint32_t size)
{
	for (uint32_t k = 0; k < size; k++)
		within[k] -= (double)flows * vector[k] * vector[k];
}

static uint32_t add_vector(struct dz_groups *groups, uint32_t group, const uint64_t *counts, uint64_t flows,
			   double *within)
{
	double vector[DZ_GROUP_BINS];
	uint32_t number = dz_vectors_add(&groups->vectors, counts);

	dz_groups_count_pair(groups, group, number, flows);
	dz_vectors_get(&groups->vectors, number, vector);
	add_within(within, vector, flows, groups->vectors.bins);
	return number;
}

static void add_cell(struct dz_groups *groups, uint32_t group, const struct dz_cell *cell, double *within)
{
	struct dz_group_sums *sums = &groups->sums[group];
	uint64_t counts[DZ_GROUP_BINS] = { 0 };
	unsigned shift = shift_for(cell->flows);
	void *block = sums->cells;

	for (uint32_t i = 0; i < cell->count; i++)
		counts[cell->at[i] % groups->vectors.bins] += cell->shares[i] >> shift; /* total adds directions up */
	dz_mem_grow(&block, &sums->cell_capacity, sums->cell_count + 1, sizeof *sums->cells);
	sums->cells = block;
	sums->cells[sums->cell_count++] =
		(struct dz_group_cell){ add_vector(groups, group, counts, cell->flows, within), cell->input,
					cell->flows };
}

static void add_cells(struct dz_groups *groups, uint32_t group, const struct dz_cells *cells, double *within)
{
	struct dz_group_sums *sums = &groups->sums[group];
	uint32_t *order = dz_cells_order(cells);
	unsigned bits = dz_cells_input_bits(cells->level);

	if (bits < sums->input_bits)
		sums->input_bits = bits;
	for (uint32_t i = 0; i < cells->count; i++)
		add_cell(groups, group, &cells->cells[order[i]], within);
	free(order);
}

/* Without cells: the mean stands for all. */
static void add_mean(struct dz_groups *groups, uint32_t group, const struct dz_profile_part *part, double *within)
{
	uint64_t counts[DZ_GROUP_BINS] = { 0 };
	unsigned shift = shift_for(part->flows);

	for (uint32_t k = 0; k < groups->vectors.bins; k++)
		counts[k] = dz_wide_shifted(part->shares[k], shift);
	groups->sums[group].means_only = true;
	add_vector(groups, group, counts, part->flows, within);
}

static bool add_sums(struct dz_group_sums *sums, const struct dz_profile *profile, const struct dz_profile_part *part,
		     uint32_t size, struct dz_err *err)
{
	if (part->flows > profile->flows)
		return dz_err_set(err, "profile '%.60s' has %s", profile->name, "more flows with lengths than flows");
	if (!add_to(&sums->flows, profile->flows, err) || !add_to(&sums->empty, profile->flows - part->flows, err) ||
	    !add_to(&sums->packets, profile->packets, err) || !add_to(&sums->bytes, profile->bytes, err))
		return false;
	for (uint32_t k = 0; k < size; k++)
		if (!add_to(&sums->pooled[k], part->counts[k], err) || !add_to(&sums->counted, part->counts[k], err))
			return false;
	return true;
}

static bool add_profile(struct dz_groups *groups, const struct dz_library *library, const struct dz_profile *profile,
			const char *name, struct dz_err *err)
{
	const struct dz_profile_part *part = &profile->parts[groups->direction];
	uint32_t group = dz_groups_sums_of(groups, name), size = groups->vectors.bins;
	struct dz_group_sums *sums = &groups->sums[group];
	double *within = dz_mem_zalloc(size, sizeof *within);
	bool first = !sums->within, fine = add_sums(sums, profile, part, size, err);

	if (first) {
		sums->within = dz_mem_zalloc(size, sizeof *sums->within);
		sums->input_bits = dz_cells_input_bits(0);
	}
	for (uint32_t k = 0; k < size; k++)
		within[k] = dz_wide_real(part->squares[k]) / (double)DZ_PROFILE_ONE / (double)DZ_PROFILE_ONE;
	if (fine && part->flows) {
		if (dz_library_has_cells(library))
			add_cells(groups, group, &profile->cells, within);
		else
			add_mean(groups, group, part, within);
	}
	for (uint32_t k = 0; k < size; k++)
		groups->sums[group].within[k] += fmax(within[k], 0);
	free(within);
	return fine;
}

bool dz_groups_wants(const struct dz_selection *selection, const char *name)
{
	return !selection || !selection->label_count || dz_selection_label(selection, name) >= 0;
}

bool dz_groups_add_library(struct dz_groups *groups, const struct dz_library *library, const char *whole,
			   const struct dz_selection *selection, size_t *taken, struct dz_err *err)
{
	*taken = 0;
	if (!take_shape(groups, library, err))
		return false;
	for (size_t i = 0; i < library->count; i++) {
		const struct dz_profile *profile = library->profiles[i];
		if (!dz_groups_wants(selection, profile->name))
			continue;
		if (!add_profile(groups, library, profile, whole ? whole : profile->name, err))
			return dz_err_prefix(err, "%s", library->origin);
		++*taken;
	}
	return true;
}
