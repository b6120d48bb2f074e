/* SPDX-License-Identifier: BSD-2-Clause */
/* profile.h - a library of profiles: what the flows of each label look like.
 *
 * Knows records and numbers; knows no files.
 *
 * A library is sums, and sums only: of counts, and of each flow's shares as
 * whole numbers of 1/2^30 (and of their squares), for each label, and for each
 * cell of it (cells.h).  So libraries add up exactly, in any order and any
 * grouping, and the same flows always give the same bytes.  Means and spreads
 * are taken from the sums when they are wanted.
 *
 * Libraries of 0.1.0 have neither cells nor sums of both directions side by
 * side; what is put together with one has them no more.
 * docs/STATISTICS.md has the formulae, docs/profiles.schema.json the format. */
#ifndef DISTRIBOOZE_PROFILE_H
#define DISTRIBOOZE_PROFILE_H

#include "stats/cells.h"
#include "stats/groups.h"
#include "base/strbuf.h"
#include "base/wide.h"

/* A flow's share of a bin as a whole number: round(count * 2^30 / sum of counts). */
#define DZ_PROFILE_ONE DZ_CELLS_ONE

/* The flows of one label in one direction. */
struct dz_profile_part {
	uint64_t flows;   /* that counted a packet */
	uint64_t *counts; /* owned: sums of the flows' counts; NULL when one-way records have no such part */
	dz_wide *shares;  /* owned: sums of the flows' shares, in 1/2^30 */
	dz_wide *squares; /* owned: sums of their squares, in 1/2^60 */
};

struct dz_profile {
	char *name; /* owned */
	uint64_t flows, packets, bytes;
	struct dz_profile_part parts[DZ_DIRECTION_COUNT];
	struct dz_cells cells; /* of dz_library_cells_direction(); empty where the library keeps none */
};

/* A profile given from outside as points and a radius: a flow belongs when the Euclidean distance of its percent,
 * each cut to a whole number, to one of the points is at most the threshold (as ndpiReader tells DoH). */
struct dz_profile_rule {
	char *name, *source; /* owned; source says where it is from */
	double threshold;
	uint32_t points;
	uint32_t *percent; /* owned: points * bins */
};

void dz_profile_rule_release(struct dz_profile_rule *rule);

struct dz_library {
	bool has_shape; /* false: nothing in it yet, and it takes any shape */
	struct dz_hist_shape shape;
	bool unidirectional;
	char *origin; /* owned: the input that the shape is from */
	enum dz_group_by by;
	bool by_any;         /* libraries by anything are added: `by` is that of the last */
	bool old;            /* holds a library of 0.1.0 */
	bool cells_set;      /* most_cells is settled */
	uint32_t most_cells; /* of a profile; 0: none are kept */
	const char *site;    /* borrowed, may be NULL: told apart from inputs of the same name elsewhere */
	char **versions;     /* owned: nDPI's, that gave the labels; sorted */
	size_t version_count, version_capacity;
	struct dz_profile **profiles; /* owned, and each of them; sorted by name (bytes) */
	size_t count, capacity;
	struct dz_profile_rule *rules; /* owned; sorted by name */
	size_t rule_count, rule_capacity;
	struct dz_strbuf name; /* private */
};

void dz_library_init(struct dz_library *library, enum dz_group_by by);
void dz_library_release(struct dz_library *library);

/* Takes the shape, which is `origin`'s, when the library has none; false, with a message that tells both, when they
 * differ. */
DZ_MUST_CHECK bool dz_library_set_shape(struct dz_library *library, const struct dz_hist_shape *shape,
					bool unidirectional, const char *origin, struct dz_err *err);

/* How many cells a profile may have; false, with a message, when that is settled otherwise. Without a call it is
 * DZ_CELLS_DEFAULT from the first flow on. */
#define DZ_LIBRARY_CELLS_MAX 1000000u
DZ_MUST_CHECK bool dz_library_set_cells(struct dz_library *library, uint32_t most, struct dz_err *err);

/* Whether its profiles have cells, and what these are of: both directions, or the total of one-way records. */
bool dz_library_has_cells(const struct dz_library *library);
enum dz_direction dz_library_cells_direction(const struct dz_library *library);

/* Adds the numbers (dz_cells_input) of the inputs that went into it, as far as its cells still know them. */
void dz_library_list_inputs(const struct dz_library *library, struct dz_intern *inputs);

/* Notes that nDPI of this version gave labels. */
void dz_library_add_version(struct dz_library *library, const char *version);

/* Adds one flow. False, with a message, when the record's shape is not the library's. */
DZ_MUST_CHECK bool dz_library_add(struct dz_library *library, const struct dz_record *record, const char *input,
				  struct dz_err *err);

/* Adds a library in its JSON form, read from `origin`. False, with a message that names the field, when it is none;
 * when its shape, its grouping, or a rule of the same name differs; or when a sum would pass 2^63. `library` is then of
 * no more use. */
DZ_MUST_CHECK bool dz_library_add_json(struct dz_library *library, const char *text, size_t size, const char *origin,
				       struct dz_err *err);

/* Appends the JSON form: one profile per line. The same flows give the same bytes, whatever way they came. */
void dz_library_json(const struct dz_library *library, struct dz_strbuf *out);

/* Text near the beginning of every library, to tell it from JSON lines. */
#define DZ_LIBRARY_MARK "\"distribooze-profiles\""

/* The direction to compare in when `wanted` is asked for: DZ_DIRECTION_TOTAL in the place of DZ_DIRECTION_BOTH where
 * the library does not have it, being of one-way records or of 0.1.0. */
enum dz_direction dz_library_direction(const struct dz_library *library, enum dz_direction wanted);

/* NULL when there is none. Borrowed. */
const struct dz_profile *dz_library_find(const struct dz_library *library, const char *name);

/* The shares of a vector of counts, in 1/2^30; all zeros when the counts are. */
void dz_profile_shares(const uint64_t *counts, uint32_t bins, uint64_t *shares);

/* The mean of the flows' distributions, adding up to 1, and its standard deviation per bin (over n - 1; 0 with fewer
 * than two flows). All zeros when the part is empty or absent. sd may be NULL. */
void dz_profile_mean(const struct dz_profile_part *part, uint32_t bins, double *mean, double *sd);

/* Whether a flow's counts are within the rule's threshold; the least distance to its points in *distance. A flow
 * without counts never is. */
bool dz_profile_rule_matches(const struct dz_profile_rule *rule, const uint64_t *counts, uint32_t bins,
			     double *distance);

#endif
