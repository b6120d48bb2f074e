/* SPDX-License-Identifier: BSD-2-Clause */
/* profile_internal.h - what profile.c and profile_json.c share. */
#ifndef DISTRIBOOZE_PROFILE_INTERNAL_H
#define DISTRIBOOZE_PROFILE_INTERNAL_H

#include "stats/profile.h"

/* The profile of that name, made when there is none; borrowed until the next call. */
struct dz_profile *dz_library_profile(struct dz_library *library, const char *name);

/* Adds a rule, which is taken; false, with a message, when there is another one of its name. */
DZ_MUST_CHECK bool dz_library_add_rule(struct dz_library *library, struct dz_profile_rule *rule, struct dz_err *err);

/* Leaves rules and all that is told of the library. */
void dz_library_drop_profiles(struct dz_library *library);

/* Whether profiles keep that direction: one-way records have only one vector. */
bool dz_library_has_part(const struct dz_library *library, enum dz_direction direction);

/* Allocates the three arrays when they are not there. */
void dz_profile_part_open(struct dz_profile_part *part, uint32_t bins);

#endif
