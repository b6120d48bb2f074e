/* SPDX-License-Identifier: BSD-2-Clause */
/* groups.h - flows collected by what they have in common, each group with its distributions.
 *
 * Knows records; knows no files.  Memory: some 40 bytes for each distinct
 * distribution, 40 more for each group that it occurs in, and one vector of
 * counts for each group, however many flows there are. */
#ifndef DISTRIBOOZE_GROUPS_H
#define DISTRIBOOZE_GROUPS_H

#include "stats/group_by.h"
#include "stats/vectors.h"

enum dz_direction {
	DZ_DIRECTION_BOTH,       /* source and destination side by side: who talks more is part of the shape */
	DZ_DIRECTION_TOTAL,      /* source and destination added up */
	DZ_DIRECTION_SOURCE,     /* what the initiator sent */
	DZ_DIRECTION_DESTINATION /* what the responder sent */
};
#define DZ_DIRECTION_COUNT 4
extern const char *const dz_direction_names[DZ_DIRECTION_COUNT + 1];

/* The direction that records have when `wanted` is asked for: one-way records have no two sides to put side by side,
 * and give their only vector in the place of DZ_DIRECTION_BOTH. */
enum dz_direction dz_direction_of(enum dz_direction wanted, const struct dz_record *record);

/* What the vectors of a direction stand for. */
struct dz_axis dz_direction_axis(enum dz_direction direction, const struct dz_hist_shape *shape);

/* The largest vector there is, in bins. */
#define DZ_GROUP_BINS (2 * DZ_HIST_MAX_BINS)

/* Writes the counts of a direction, as many as its axis has. False, with a message, when the record has no such part,
 * or when its counts are out of reason (more than 2^53 in all). */
DZ_MUST_CHECK bool dz_group_counts(const struct dz_record *record, enum dz_direction direction, uint64_t *counts,
				   struct dz_err *err);

/* ---- collecting ---- */

struct dz_group_member {
	uint32_t vector; /* in the collection's vectors */
	uint64_t flows;  /* how many flows of the group have it */
};

/* What is kept of each flow that is not empty, where it is asked for: enough to tell which flows belong together. */
struct dz_group_flow {
	uint64_t start_ns;
	uint32_t host;  /* a number for the originator's address */
	uint32_t input; /* a number for the input's name */
	uint32_t vector;
	uint32_t lengths; /* counted in its vector; UINT32_MAX: so many or more */
};

/* Flows of a library that are alike: a cell of it. */
struct dz_group_cell {
	uint32_t vector; /* their mean */
	uint32_t input;  /* bits of the hash of the input's name, as dz_cells_input() has it */
	uint64_t flows;
};

struct dz_group {
	const char *name;
	uint64_t flows;
	uint64_t empty; /* of them, flows that counted no packet in this direction: they have no distribution */
	uint64_t packets, bytes;               /* IP packets and bytes of this direction, or of both */
	uint64_t counted;                      /* sum of pooled */
	const uint64_t *pooled;                /* sum of the flows' counts */
	const struct dz_group_member *members; /* distinct distributions that are not empty, in order of appearance */
	size_t member_count;
	/* Lengths that its flows counted; 0 when there are none. Libraries do not tell: then 0 and UINT32_MAX. */
	uint32_t least, largest;
	const struct dz_group_flow *kept; /* in order of arrival; NULL unless dz_groups_keep_flows() was called */
	size_t kept_count;
	/* Where flows of libraries are among them; else NULL and 0: */
	const double *within; /* by bin, the squared gaps of flows to the vector that stands for them, added up */
	const struct dz_group_cell *cells;
	size_t cell_count;
	bool means_only;     /* a library without cells is among them: one vector stands for all its flows of a label */
	unsigned input_bits; /* that are known of the cells' inputs */
};

/* Its flows that have a distribution. */
static inline uint64_t dz_group_shaped(const struct dz_group *group)
{
	return group->flows - group->empty;
}

struct dz_groups; /* opaque */
struct dz_groups *dz_groups_new(enum dz_group_by by, enum dz_direction direction);
struct dz_groups *dz_groups_new_by(const struct dz_grouping *grouping, enum dz_direction direction);
void dz_groups_free(struct dz_groups *groups);

/* Before the first record: groups keep their flows, in some 24 bytes for each. */
void dz_groups_keep_flows(struct dz_groups *groups);

/* All records have the shape of the first, and are one-way or not as it is. */
DZ_MUST_CHECK bool dz_groups_add(struct dz_groups *groups, const struct dz_record *record, const char *input,
				 struct dz_err *err);

/* Adds a library: each of its profiles to the group of its name, or all to the group `whole`, where that is not NULL;
 * of labels those of the selection (NULL: all). *taken says how many.
 * False, with a message, when its shape is another one, when it has no such direction, or when a sum would pass 2^63.
 * Of direction both a library of 0.1.0 that comes first makes total. */
struct dz_library;
struct dz_selection;
DZ_MUST_CHECK bool dz_groups_add_library(struct dz_groups *groups, const struct dz_library *library, const char *whole,
					 const struct dz_selection *selection, size_t *taken, struct dz_err *err);
bool dz_groups_have_library(const struct dz_groups *groups);

/* Whether a profile of that name is one of the selection's (NULL: all). */
bool dz_groups_wants(const struct dz_selection *selection, const char *name);

/* Whether `other` has groups of the same kind of vectors; false, with a message that tells both. */
DZ_MUST_CHECK bool dz_groups_match(const struct dz_groups *groups, const struct dz_groups *other,
				   const char *other_name, struct dz_err *err);

/* The number of the distribution that was added last. */
uint32_t dz_groups_last_vector(const struct dz_groups *groups);

/* Ends the collecting; the groups are then ordered by their number of flows, the largest first, then by name. */
void dz_groups_finish(struct dz_groups *groups);

/* After dz_groups_finish. Borrowed from the collection. */
size_t dz_groups_count(const struct dz_groups *groups);
const struct dz_group *dz_groups_at(const struct dz_groups *groups, size_t index);
const struct dz_vectors *dz_groups_vectors(const struct dz_groups *groups); /* NULL when no record came */
const struct dz_hist_shape *dz_groups_shape(const struct dz_groups *groups);
const struct dz_grouping *dz_groups_grouping(const struct dz_groups *groups);
const char *dz_groups_by_text(const struct dz_groups *groups);         /* "label", "host,hour" */
enum dz_direction dz_groups_direction(const struct dz_groups *groups); /* as dz_direction_of has it */
const struct dz_axis *dz_groups_axis(const struct dz_groups *groups);

/* How many inputs kept flows are of, and the name of one. */
uint32_t dz_groups_inputs(const struct dz_groups *groups);
const char *dz_groups_input(const struct dz_groups *groups, uint32_t number);

/* ---- one group's numbers ---- */

/* The mean of the flows' distributions, each flow counting alike, and its standard deviation per bin (of a sample: over
 * n - 1; 0 with one flow). All zeros when the group has no flow that is not empty. sd may be NULL. */
void dz_group_mean(const struct dz_groups *groups, const struct dz_group *group, double *mean, double *sd);

#endif
