/* SPDX-License-Identifier: BSD-2-Clause */
/* groups_internal.h - what groups.c and groups_library.c share. */
#ifndef DISTRIBOOZE_GROUPS_INTERNAL_H
#define DISTRIBOOZE_GROUPS_INTERNAL_H

#include "stats/groups.h"

/* A group while it is being collected. */
struct dz_group_sums {
	uint64_t flows, empty, packets, bytes, counted;
	uint64_t *pooled; /* owned */
	uint32_t least, largest;
	struct dz_group_flow *kept; /* owned */
	size_t kept_count, kept_capacity;
	/* of libraries; NULL and 0 without one */
	double *within;              /* owned: by bin, the flows' squared gaps to the vector that stands for them */
	struct dz_group_cell *cells; /* owned */
	size_t cell_count, cell_capacity;
	bool means_only;
	unsigned input_bits;
};

/* A distribution in a group: the key of the table of pairs. */
struct dz_group_pair {
	uint32_t group, vector;
};

struct dz_groups {
	struct dz_grouping grouping;
	enum dz_direction direction;
	struct dz_hist_shape shape;
	struct dz_axis axis;
	bool has_shape, unidirectional;
	char *library; /* owned: one that was added; NULL: none */
	struct dz_vectors vectors;
	struct dz_intern names, pairs;
	uint32_t last_vector;
	bool keep;
	struct dz_intern hosts, inputs; /* of kept flows */
	struct dz_strbuf name;
	struct dz_group_sums *sums; /* by number of name */
	size_t sums_capacity;
	uint64_t *pair_flows; /* by number of pair */
	size_t pair_capacity;
	/* made by finish */
	struct dz_group *groups;
	struct dz_group_member *members;
};

/* The number of the group of that name, which is made when there is none. */
uint32_t dz_groups_sums_of(struct dz_groups *groups, const char *name);

/* Counts flows of a group that have a distribution. */
void dz_groups_count_pair(struct dz_groups *groups, uint32_t group, uint32_t vector, uint64_t flows);

/* Takes the first shape. */
void dz_groups_set_shape(struct dz_groups *groups, const struct dz_hist_shape *shape, bool unidirectional);

#endif
