/* SPDX-License-Identifier: BSD-2-Clause */
/* report_library.c - libraries of profiles among the inputs of a report: the sums of their flows, and their cells. */
#include "config.h"
#include "report/report_internal.h"

#include "base/mem.h"
#include "stats/profile.h"
#include <stdlib.h>

bool dz_report_has_libraries(const struct dz_report *report)
{
	return report->libraries.count;
}

static bool add_cells(struct dz_report *report, struct report_sums *sums, const struct dz_cells *cells,
		      struct dz_err *err)
{
	if (!sums->cells) {
		sums->cells = dz_mem_zalloc(1, sizeof *sums->cells);
		dz_cells_init(sums->cells, report->parts * report->shape.bins, DZ_CELLS_DEFAULT);
	}
	/* Of whatever protocol: as the cells of flows are put together. */
	for (uint32_t i = 0; i < cells->count; i++)
		if (!dz_cells_add(sums->cells, &cells->cells[i], "", cells->level, err))
			return false;
	return true;
}

static bool add_profile(struct dz_report *report, const struct dz_library *library, const struct dz_profile *profile,
			const char *name, struct dz_err *err)
{
	const struct dz_profile_part *part = &profile->parts[report->one_way ? DZ_DIRECTION_TOTAL : DZ_DIRECTION_BOTH];
	uint32_t number;
	struct report_sums *sums = dz_report_sums_of(report, name, &number);

	sums->flows += part->flows;
	for (uint32_t k = 0; k < report->parts * report->shape.bins; k++) {
		sums->pooled[k] += part->counts[k];
		sums->shares[k] += dz_wide_real(part->shares[k]) / (double)DZ_PROFILE_ONE;
	}
	return !dz_library_has_cells(library) || add_cells(report, sums, &profile->cells, err);
}

static void count(struct report_input *sums, const struct dz_profile *profile)
{
	sums->flows += profile->flows;
	sums->packets += profile->packets;
	sums->bytes += profile->bytes;
}

static struct report_input *sums_of_library(struct dz_report *report, const char *origin)
{
	uint32_t before = report->libraries.count, number = dz_intern_add_text(&report->libraries, origin);
	void *block = report->library_sums;

	if (number < before)
		return &report->library_sums[number];
	dz_mem_grow(&block, &report->library_capacity, number + (size_t)1, sizeof *report->library_sums);
	report->library_sums = block;
	report->library_sums[number] = (struct report_input){ 0 };
	return &report->library_sums[number];
}

bool dz_report_add_library(struct dz_report *report, const struct dz_library *library, const char *whole,
			   const struct dz_selection *selection, size_t *taken, struct dz_err *err)
{
	struct report_input *sums;

	if (library->old && !library->unidirectional)
		return dz_err_set(
			err,
			"%s is of 0.1.0 and does not have both directions side by side, which a report shows: "
			"compare --direction total reads it",
			library->origin);
	if (!dz_groups_add_library(report->groups, library, whole, selection, taken, err))
		return false;
	dz_report_set_shape(report, &library->shape, library->unidirectional);
	sums = sums_of_library(report, library->origin);
	for (size_t i = 0; i < library->count; i++) {
		const struct dz_profile *profile = library->profiles[i];
		if (!dz_groups_wants(selection, profile->name))
			continue;
		if (!add_profile(report, library, profile, whole ? whole : profile->name, err))
			return dz_err_prefix(err, "%s", library->origin);
		count(sums, profile);
		count(&report->library_all, profile);
	}
	return true;
}
