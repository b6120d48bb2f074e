/* SPDX-License-Identifier: BSD-2-Clause */
/* profile.c - see profile.h. */
#include "config.h"
#include "stats/profile.h"

#include "base/mem.h"
#include "stats/profile_internal.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void init_cells(struct dz_library *library, struct dz_profile *profile)
{
	struct dz_axis axis = dz_direction_axis(dz_library_cells_direction(library), &library->shape);
	dz_cells_init(&profile->cells, dz_axis_size(&axis), library->most_cells);
}

void dz_library_init(struct dz_library *library, enum dz_group_by by)
{
	memset(library, 0, sizeof *library);
	library->by = by;
}

void dz_profile_rule_release(struct dz_profile_rule *rule)
{
	free(rule->name);
	free(rule->source);
	free(rule->percent);
	memset(rule, 0, sizeof *rule);
}

void dz_library_drop_profiles(struct dz_library *library)
{
	for (size_t i = 0; i < library->count; i++) {
		struct dz_profile *profile = library->profiles[i];
		free(profile->name);
		dz_cells_release(&profile->cells);
		for (unsigned d = 0; d < DZ_DIRECTION_COUNT; d++) {
			free(profile->parts[d].counts);
			free(profile->parts[d].shares);
			free(profile->parts[d].squares);
		}
		free(profile);
	}
	library->count = 0;
}

void dz_library_release(struct dz_library *library)
{
	dz_library_drop_profiles(library);
	for (size_t i = 0; i < library->rule_count; i++)
		dz_profile_rule_release(&library->rules[i]);
	free(library->profiles);
	free(library->rules);
	for (size_t i = 0; i < library->version_count; i++)
		free(library->versions[i]);
	free(library->versions);
	free(library->origin);
	dz_strbuf_release(&library->name);
	memset(library, 0, sizeof *library);
}

/* ---- what is in it ---- */

bool dz_library_set_shape(struct dz_library *library, const struct dz_hist_shape *shape, bool unidirectional,
			  const char *origin, struct dz_err *err)
{
	struct dz_measured here = { origin, false, unidirectional, shape }, there;

	if (!library->has_shape) {
		library->has_shape = true;
		library->shape = *shape;
		library->unidirectional = unidirectional;
		library->origin = dz_mem_strdup(origin);
	}
	there = (struct dz_measured){ library->origin, false, library->unidirectional, &library->shape };
	return dz_record_measured_alike(&here, &there, err);
}

bool dz_library_set_cells(struct dz_library *library, uint32_t most, struct dz_err *err)
{
	if (library->cells_set && library->most_cells != most)
		return dz_err_set(err,
				  "its profiles have %" PRIu32 " cells at most, but others %" PRIu32
				  ": they cannot be put together (--cells)",
				  most, library->most_cells);
	library->cells_set = true;
	library->most_cells = most;
	return true;
}

bool dz_library_has_cells(const struct dz_library *library)
{
	return library->most_cells && !library->old;
}

enum dz_direction dz_library_cells_direction(const struct dz_library *library)
{
	return library->unidirectional ? DZ_DIRECTION_TOTAL : DZ_DIRECTION_BOTH;
}

void dz_library_list_inputs(const struct dz_library *library, struct dz_intern *inputs)
{
	for (size_t i = 0; i < library->count; i++)
		dz_cells_list_inputs(&library->profiles[i]->cells, inputs);
}

/* ---- what is sorted by its name ---- */

typedef const char *name_at_fn(const struct dz_library *library, size_t number);

static const char *version_at(const struct dz_library *library, size_t number)
{
	return library->versions[number];
}

static const char *profile_at(const struct dz_library *library, size_t number)
{
	return library->profiles[number]->name;
}

static const char *rule_at(const struct dz_library *library, size_t number)
{
	return library->rules[number].name;
}

/* The first of so many whose name is not below `name`. */
static size_t place_of(const struct dz_library *library, size_t count, name_at_fn *name_at, const char *name)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(name_at(library, middle), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void dz_library_add_version(struct dz_library *library, const char *version)
{
	size_t place = place_of(library, library->version_count, version_at, version);
	void *block = library->versions;

	if (place < library->version_count && !strcmp(library->versions[place], version))
		return;
	dz_mem_grow(&block, &library->version_capacity, library->version_count + 1, sizeof *library->versions);
	library->versions = block;
	memmove(library->versions + place + 1, library->versions + place,
		(library->version_count - place) * sizeof *library->versions);
	library->versions[place] = dz_mem_strdup(version);
	library->version_count++;
}

const struct dz_profile *dz_library_find(const struct dz_library *library, const char *name)
{
	size_t place = place_of(library, library->count, profile_at, name);

	return place < library->count && !strcmp(library->profiles[place]->name, name) ? library->profiles[place]
										       : NULL;
}

/* As there may be as many as flows, pointers are moved to make room, and not what they are to. */
struct dz_profile *dz_library_profile(struct dz_library *library, const char *name)
{
	size_t place = place_of(library, library->count, profile_at, name);
	struct dz_profile *profile;
	void *block = library->profiles;

	if (place < library->count && !strcmp(library->profiles[place]->name, name))
		return library->profiles[place];
	profile = dz_mem_zalloc(1, sizeof *profile);
	profile->name = dz_mem_strdup(name);
	init_cells(library, profile);
	dz_mem_grow(&block, &library->capacity, library->count + 1, sizeof *library->profiles);
	library->profiles = block;
	memmove(library->profiles + place + 1, library->profiles + place,
		(library->count - place) * sizeof *library->profiles);
	library->profiles[place] = profile;
	library->count++;
	return profile;
}

static bool rules_equal(const struct dz_profile_rule *a, const struct dz_profile_rule *b, uint32_t bins)
{
	return a->threshold == b->threshold && a->points == b->points && !strcmp(a->source, b->source) &&
	       !memcmp(a->percent, b->percent, (size_t)a->points * bins * sizeof *a->percent);
}

bool dz_library_add_rule(struct dz_library *library, struct dz_profile_rule *rule, struct dz_err *err)
{
	size_t place = place_of(library, library->rule_count, rule_at, rule->name);
	void *block = library->rules;

	if (place < library->rule_count && !strcmp(library->rules[place].name, rule->name)) {
		bool same = rules_equal(&library->rules[place], rule, library->shape.bins);
		if (!same)
			dz_err_set(err, "two rules named '%.60s' that are not the same", rule->name);
		dz_profile_rule_release(rule);
		return same;
	}
	dz_mem_grow(&block, &library->rule_capacity, library->rule_count + 1, sizeof *library->rules);
	library->rules = block;
	memmove(library->rules + place + 1, library->rules + place,
		(library->rule_count - place) * sizeof *library->rules);
	library->rules[place] = *rule;
	library->rule_count++;
	return true;
}

/* ---- adding flows ---- */

bool dz_library_has_part(const struct dz_library *library, enum dz_direction direction)
{
	return !library->unidirectional || direction == DZ_DIRECTION_TOTAL;
}

enum dz_direction dz_library_direction(const struct dz_library *library, enum dz_direction wanted)
{
	if (wanted != DZ_DIRECTION_BOTH || !library->has_shape)
		return wanted;
	return library->unidirectional || library->old ? DZ_DIRECTION_TOTAL : DZ_DIRECTION_BOTH;
}

void dz_profile_part_open(struct dz_profile_part *part, uint32_t bins)
{
	if (part->counts)
		return;
	part->counts = dz_mem_zalloc(bins, sizeof *part->counts);
	part->shares = dz_mem_zalloc(bins, sizeof *part->shares);
	part->squares = dz_mem_zalloc(bins, sizeof *part->squares);
}

void dz_profile_shares(const uint64_t *counts, uint32_t bins, uint64_t *shares)
{
	uint64_t sum = 0;

	for (uint32_t k = 0; k < bins; k++)
		sum += counts[k];
	for (uint32_t k = 0; k < bins; k++)
		shares[k] = sum ? dz_cells_share(counts[k], sum) : 0;
}

static void add_counts(struct dz_profile_part *part, const uint64_t *counts, uint32_t bins)
{
	uint64_t shares[DZ_GROUP_BINS], sum = 0;

	dz_profile_part_open(part, bins);
	for (uint32_t k = 0; k < bins; k++)
		sum += counts[k];
	if (!sum)
		return;
	dz_profile_shares(counts, bins, shares);
	part->flows++;
	for (uint32_t k = 0; k < bins; k++) {
		part->counts[k] += counts[k];
		part->shares[k] = dz_wide_add(part->shares[k], dz_wide_of(shares[k]));
		part->squares[k] = dz_wide_add(part->squares[k], dz_wide_product(shares[k], shares[k]));
	}
}

/* The input is the record's own: what a word of the command line adds to its name would differ from run to run. */
static bool add_to_cells(const struct dz_library *library, struct dz_profile *profile, const struct dz_record *record,
			 const uint64_t *counts, struct dz_err *err)
{
	const char *protocol = record->text->network_protocol;

	if (!dz_library_has_cells(library) || !record->lengths.count)
		return true;
	return dz_cells_add_flow(&profile->cells, counts, dz_cells_input(library->site, record->input),
				 protocol ? protocol : "", err);
}

bool dz_library_add(struct dz_library *library, const struct dz_record *record, const char *input, struct dz_err *err)
{
	bool unidirectional = record->role != DZ_ROLE_BOTH;
	uint64_t counts[DZ_GROUP_BINS];
	struct dz_profile *profile;

	if (!dz_library_set_shape(library, &record->shape, unidirectional, input, err) ||
	    (!library->cells_set && !dz_library_set_cells(library, DZ_CELLS_DEFAULT, err)))
		return false;
	if (record->text->version)
		dz_library_add_version(library, record->text->version);
	dz_group_name(library->by, record, input, &library->name);
	profile = dz_library_profile(library, library->name.data);
	profile->flows++;
	for (unsigned side = 0; side < 2; side++) {
		profile->packets += record->side[side].packets;
		profile->bytes += record->side[side].bytes;
	}
	for (unsigned d = 0; d < DZ_DIRECTION_COUNT; d++) {
		struct dz_axis axis = dz_direction_axis((enum dz_direction)d, &library->shape);
		if (!dz_library_has_part(library, (enum dz_direction)d))
			continue;
		if (!dz_group_counts(record, (enum dz_direction)d, counts, err))
			return false;
		add_counts(&profile->parts[d], counts, dz_axis_size(&axis));
		if (d == dz_library_cells_direction(library) && !add_to_cells(library, profile, record, counts, err))
			return false;
	}
	return true;
}

/* ---- numbers ---- */

void dz_profile_mean(const struct dz_profile_part *part, uint32_t bins, double *mean, double *sd)
{
	dz_wide sum_of_shares = dz_wide_of(0);
	double flows = (double)part->flows, one = (double)DZ_PROFILE_ONE, all;

	for (uint32_t k = 0; k < bins && part->counts; k++)
		sum_of_shares = dz_wide_add(sum_of_shares, part->shares[k]);
	all = dz_wide_real(sum_of_shares);
	for (uint32_t k = 0; k < bins; k++) {
		/* Rounding lets a flow's shares miss 1 by a little: divided by their own sum they do not. */
		mean[k] = all > 0 ? dz_wide_real(part->shares[k]) / all : 0;
		if (!sd)
			continue;
		sd[k] = 0;
		if (part->flows > 1 && part->counts) {
			long double sum = dz_wide_long_real(part->shares[k]);
			long double gaps = dz_wide_long_real(part->squares[k]) - sum * sum / flows;
			sd[k] = gaps > 0 ? (double)sqrtl(gaps / (flows - 1)) / one : 0;
		}
	}
}

bool dz_profile_rule_matches(const struct dz_profile_rule *rule, const uint64_t *counts, uint32_t bins,
			     double *distance)
{
	uint64_t sum = 0;
	double least = INFINITY;

	for (uint32_t k = 0; k < bins; k++)
		sum += counts[k];
	for (uint32_t p = 0; p < rule->points; p++) {
		uint64_t squares = 0;
		for (uint32_t k = 0; k < bins; k++) {
			dz_wide hundredfold = dz_wide_product(counts[k], 100);
			int64_t percent = sum ? (int64_t)dz_wide_low(dz_wide_divide(hundredfold, sum, NULL)) : 0;
			int64_t gap = percent - (int64_t)rule->percent[(size_t)p * bins + k];
			squares += (uint64_t)(gap * gap);
		}
		least = fmin(least, sqrt((double)squares));
	}
	*distance = least;
	return sum && least <= rule->threshold;
}
