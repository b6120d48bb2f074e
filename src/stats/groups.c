/* SPDX-License-Identifier: BSD-2-Clause */
/* groups.c - see groups.h. */
#include "config.h"
#include "stats/groups.h"

#include "base/mem.h"
#include "stats/groups_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const dz_direction_names[DZ_DIRECTION_COUNT + 1] = { "both", "total", "source", "destination", NULL };

/* Above this a double no longer holds every whole number, and sums of such counts could wrap around. */
static const uint64_t most_counted = UINT64_C(1) << 53;

/* ---- records ---- */

enum dz_direction dz_direction_of(enum dz_direction wanted, const struct dz_record *record)
{
	return wanted == DZ_DIRECTION_BOTH && record->role != DZ_ROLE_BOTH ? DZ_DIRECTION_TOTAL : wanted;
}

struct dz_axis dz_direction_axis(enum dz_direction direction, const struct dz_hist_shape *shape)
{
	return (struct dz_axis){ shape->bins, shape->bin_width, direction == DZ_DIRECTION_BOTH ? 2 : 1 };
}

/* Appends one vector of the record. */
static bool copy_counts(const struct dz_counts *part, uint32_t bins, uint64_t *counts, uint64_t *sum)
{
	for (uint32_t i = 0; i < bins; i++) {
		counts[i] = part->bins[i];
		if (counts[i] > most_counted || (*sum += counts[i]) > most_counted)
			return false;
	}
	return true;
}

bool dz_group_counts(const struct dz_record *record, enum dz_direction direction, uint64_t *counts, struct dz_err *err)
{
	const struct dz_counts *source = &record->side[DZ_SOURCE].lengths,
			       *destination = &record->side[DZ_DESTINATION].lengths;
	const struct dz_counts *first = direction == DZ_DIRECTION_TOTAL         ? &record->lengths
					: direction == DZ_DIRECTION_DESTINATION ? destination
										: source;
	uint32_t bins = record->shape.bins;
	uint64_t sum = 0;
	bool both = direction == DZ_DIRECTION_BOTH;

	if (!first->bins || (both && !destination->bins))
		return dz_err_set(err, "the record has no vector for --direction %s", dz_direction_names[direction]);
	if (!copy_counts(first, bins, counts, &sum) || (both && !copy_counts(destination, bins, counts + bins, &sum)))
		return dz_err_set(err, "the counts add up to more than 2^53");
	return true;
}

/* ---- collecting ---- */

struct dz_groups *dz_groups_new_by(const struct dz_grouping *grouping, enum dz_direction direction)
{
	struct dz_groups *groups = dz_mem_zalloc(1, sizeof *groups);
	groups->grouping = *grouping;
	groups->direction = direction;
	return groups;
}

struct dz_groups *dz_groups_new(enum dz_group_by by, enum dz_direction direction)
{
	const struct dz_grouping grouping = dz_grouping_by(by);
	return dz_groups_new_by(&grouping, direction);
}

void dz_groups_free(struct dz_groups *groups)
{
	if (!groups)
		return;
	for (uint32_t i = 0; i < groups->names.count; i++) {
		free(groups->sums[i].pooled);
		free(groups->sums[i].kept);
		free(groups->sums[i].within);
		free(groups->sums[i].cells);
	}
	free(groups->sums);
	free(groups->pair_flows);
	free(groups->groups);
	free(groups->members);
	dz_intern_release(&groups->hosts);
	dz_intern_release(&groups->inputs);
	dz_intern_release(&groups->names);
	dz_intern_release(&groups->pairs);
	dz_strbuf_release(&groups->name);
	free(groups->library);
	if (groups->has_shape)
		dz_vectors_release(&groups->vectors);
	free(groups);
}

void dz_groups_keep_flows(struct dz_groups *groups)
{
	groups->keep = true;
}

uint32_t dz_groups_sums_of(struct dz_groups *groups, const char *name)
{
	uint32_t before = groups->names.count, number = dz_intern_add_text(&groups->names, name);
	void *block = groups->sums;

	if (number == before) {
		dz_mem_grow(&block, &groups->sums_capacity, number + (size_t)1, sizeof *groups->sums);
		groups->sums = block;
		groups->sums[number] =
			(struct dz_group_sums){ .pooled = dz_mem_zalloc(groups->vectors.bins,
									sizeof *groups->sums[number].pooled) };
	}
	return number;
}

void dz_groups_count_pair(struct dz_groups *groups, uint32_t group, uint32_t vector, uint64_t flows)
{
	const struct dz_group_pair pair = { group, vector };
	uint32_t before = groups->pairs.count, number = dz_intern_add(&groups->pairs, &pair, sizeof pair);
	void *block = groups->pair_flows;

	if (number == before) {
		dz_mem_grow(&block, &groups->pair_capacity, number + (size_t)1, sizeof *groups->pair_flows);
		groups->pair_flows = block;
		groups->pair_flows[number] = 0;
	}
	groups->pair_flows[number] += flows;
}

static void keep_flow(struct dz_groups *groups, struct dz_group_sums *sums, const struct dz_record *record,
		      const char *input, uint64_t lengths)
{
	unsigned originator = record->role == DZ_ROLE_RESPONDER ? 1 - record->source_end : record->source_end;
	const uint8_t *host = record->key.address[originator];
	void *block = sums->kept;

	dz_mem_grow(&block, &sums->kept_capacity, sums->kept_count + 1, sizeof *sums->kept);
	sums->kept = block;
	sums->kept[sums->kept_count++] = (struct dz_group_flow){
		.start_ns = record->start_ns,
		.host = dz_intern_add(&groups->hosts, host, sizeof record->key.address[originator]),
		.input = dz_intern_add_text(&groups->inputs, input ? input : ""),
		.vector = groups->last_vector,
		.lengths = lengths < UINT32_MAX ? (uint32_t)lengths : UINT32_MAX,
	};
}

void dz_groups_set_shape(struct dz_groups *groups, const struct dz_hist_shape *shape, bool unidirectional)
{
	groups->has_shape = true;
	groups->shape = *shape;
	groups->unidirectional = unidirectional;
	if (unidirectional && groups->direction == DZ_DIRECTION_BOTH)
		groups->direction = DZ_DIRECTION_TOTAL;
	groups->axis = dz_direction_axis(groups->direction, shape);
	dz_vectors_init(&groups->vectors, dz_axis_size(&groups->axis));
}

/* Records are of one shape; libraries come from elsewhere. */
static bool fits_library(const struct dz_groups *groups, const struct dz_record *record, const char *input,
			 struct dz_err *err)
{
	struct dz_measured here = { input, false, record->role != DZ_ROLE_BOTH, &record->shape };
	struct dz_measured there = { groups->library, false, groups->unidirectional, &groups->shape };

	return !groups->library || dz_record_measured_alike(&here, &there, err);
}

bool dz_groups_add(struct dz_groups *groups, const struct dz_record *record, const char *input, struct dz_err *err)
{
	uint64_t counts[DZ_GROUP_BINS], lengths = 0;
	struct dz_group_sums *sums;
	uint32_t group, vector;

	if (!groups->has_shape)
		dz_groups_set_shape(groups, &record->shape, record->role != DZ_ROLE_BOTH);
	if (!fits_library(groups, record, input, err))
		return false;
	if (!dz_group_counts(record, groups->direction, counts, err))
		return false;
	dz_grouping_name(&groups->grouping, record, input, &groups->name);
	group = dz_groups_sums_of(groups, groups->name.data);
	sums = &groups->sums[group];
	sums->flows++;
	for (unsigned side = 0; side < 2; side++) {
		if (groups->direction < DZ_DIRECTION_SOURCE || groups->direction == DZ_DIRECTION_SOURCE + side) {
			sums->packets += record->side[side].packets;
			sums->bytes += record->side[side].bytes;
		}
	}
	for (uint32_t i = 0; i < groups->vectors.bins; i++) {
		sums->pooled[i] += counts[i];
		lengths += counts[i];
	}
	sums->counted += lengths;
	vector = groups->last_vector = dz_vectors_add(&groups->vectors, counts);
	if (dz_vectors_is_empty(&groups->vectors, vector)) {
		sums->empty++;
		return true;
	}
	dz_groups_count_pair(groups, group, vector, 1);
	if (!sums->largest || record->lengths_min < sums->least)
		sums->least = record->lengths_min;
	if (record->lengths_max > sums->largest)
		sums->largest = record->lengths_max;
	if (groups->keep)
		keep_flow(groups, sums, record, input, lengths);
	return true;
}

uint32_t dz_groups_last_vector(const struct dz_groups *groups)
{
	return groups->last_vector;
}

static int by_size(const void *a, const void *b)
{
	const struct dz_group *x = a, *y = b;
	if (x->flows != y->flows)
		return x->flows < y->flows ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Deals the pairs to their groups, keeping their order. */
static void deal_members(struct dz_groups *groups)
{
	uint32_t names = groups->names.count, pairs = groups->pairs.count;
	size_t *next = dz_mem_zalloc(names + (size_t)1, sizeof *next);
	struct dz_group_pair pair;

	groups->members = dz_mem_zalloc(pairs, sizeof *groups->members);
	for (uint32_t i = 0; i < pairs; i++) {
		memcpy(&pair, dz_intern_bytes(&groups->pairs, i, NULL), sizeof pair);
		next[pair.group + 1]++;
	}
	for (uint32_t g = 0; g < names; g++) {
		groups->groups[g].members = groups->members + next[g];
		groups->groups[g].member_count = next[g + 1];
		next[g + 1] += next[g];
	}
	for (uint32_t i = 0; i < pairs; i++) {
		memcpy(&pair, dz_intern_bytes(&groups->pairs, i, NULL), sizeof pair);
		groups->members[next[pair.group]++] = (struct dz_group_member){ pair.vector, groups->pair_flows[i] };
	}
	free(next);
}

void dz_groups_finish(struct dz_groups *groups)
{
	uint32_t names = groups->names.count;

	groups->groups = dz_mem_zalloc(names, sizeof *groups->groups);
	for (uint32_t g = 0; g < names; g++) {
		const struct dz_group_sums *sums = &groups->sums[g];
		groups->groups[g] = (struct dz_group){ .name = dz_intern_text(&groups->names, g),
						       .flows = sums->flows,
						       .empty = sums->empty,
						       .packets = sums->packets,
						       .bytes = sums->bytes,
						       .counted = sums->counted,
						       .pooled = sums->pooled,
						       .least = sums->least,
						       .largest = sums->largest,
						       .kept = sums->kept,
						       .kept_count = sums->kept_count,
						       .within = sums->within,
						       .cells = sums->cells,
						       .cell_count = sums->cell_count,
						       .means_only = sums->means_only,
						       .input_bits = sums->input_bits };
		if (sums->within) {
			groups->groups[g].least = 0;
			groups->groups[g].largest = UINT32_MAX;
		}
	}
	deal_members(groups);
	if (names)
		qsort(groups->groups, names, sizeof *groups->groups, by_size);
}

size_t dz_groups_count(const struct dz_groups *groups)
{
	return groups->names.count;
}

const struct dz_group *dz_groups_at(const struct dz_groups *groups, size_t index)
{
	return &groups->groups[index];
}

const struct dz_vectors *dz_groups_vectors(const struct dz_groups *groups)
{
	return groups->has_shape ? &groups->vectors : NULL;
}

const struct dz_hist_shape *dz_groups_shape(const struct dz_groups *groups)
{
	return &groups->shape;
}

const struct dz_grouping *dz_groups_grouping(const struct dz_groups *groups)
{
	return &groups->grouping;
}

const char *dz_groups_by_text(const struct dz_groups *groups)
{
	return groups->grouping.text;
}

bool dz_groups_match(const struct dz_groups *groups, const struct dz_groups *other, const char *other_name,
		     struct dz_err *err)
{
	struct dz_measured there = { other_name, false, other->unidirectional, &other->shape };
	struct dz_measured here = { "the inputs", true, groups->unidirectional, &groups->shape };

	if (!dz_record_measured_alike(&there, &here, err))
		return false;
	if (groups->direction == other->direction)
		return true;
	return dz_err_set(err, "%s does not have both directions side by side: use --direction total", other_name);
}

bool dz_groups_have_library(const struct dz_groups *groups)
{
	return groups->library;
}

uint32_t dz_groups_inputs(const struct dz_groups *groups)
{
	return groups->inputs.count;
}

const char *dz_groups_input(const struct dz_groups *groups, uint32_t number)
{
	return dz_intern_text(&groups->inputs, number);
}

enum dz_direction dz_groups_direction(const struct dz_groups *groups)
{
	return groups->direction;
}

const struct dz_axis *dz_groups_axis(const struct dz_groups *groups)
{
	return &groups->axis;
}

/* ---- numbers ---- */

void dz_group_mean(const struct dz_groups *groups, const struct dz_group *group, double *mean, double *sd)
{
	uint32_t bins = groups->vectors.bins;
	uint64_t flows = dz_group_shaped(group);
	double *vector = dz_mem_zalloc(bins, sizeof *vector);

	memset(mean, 0, bins * sizeof *mean);
	if (sd)
		memset(sd, 0, bins * sizeof *sd);
	for (size_t m = 0; m < group->member_count; m++) {
		dz_vectors_get(&groups->vectors, group->members[m].vector, vector);
		for (uint32_t k = 0; k < bins; k++)
			mean[k] += vector[k] * (double)group->members[m].flows;
	}
	for (uint32_t k = 0; k < bins && flows; k++)
		mean[k] /= (double)flows;
	/* The second pass takes differences from the mean, so that nothing cancels. */
	for (size_t m = 0; m < group->member_count && sd && flows > 1; m++) {
		dz_vectors_get(&groups->vectors, group->members[m].vector, vector);
		for (uint32_t k = 0; k < bins; k++) {
			double gap = vector[k] - mean[k];
			sd[k] += gap * gap * (double)group->members[m].flows;
		}
	}
	for (uint32_t k = 0; k < bins && sd && flows > 1; k++)
		sd[k] = sqrt((sd[k] + (group->within ? group->within[k] : 0)) / (double)(flows - 1));
	free(vector);
}
