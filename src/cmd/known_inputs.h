/* SPDX-License-Identifier: BSD-2-Clause */
/* known_inputs.h - inputs that a library was made of: what it says of their flows is no evidence. */
#ifndef DISTRIBOOZE_KNOWN_INPUTS_H
#define DISTRIBOOZE_KNOWN_INPUTS_H

#include "base/intern.h"
#include "stats/groups.h"

/* Adds the input of a flow, where its name is that of a capture: standard input and interfaces are called the same
 * every day. */
void dz_known_inputs_note(struct dz_intern *inputs, const struct dz_record *record);

/* Warns of those of the inputs whose numbers, as dz_cells_input() has them, are among a library's. */
void dz_known_inputs_warn(const char *library, const struct dz_intern *numbers, const struct dz_intern *inputs);

/* The same of the inputs of groups that kept their flows, and of a library in groups. */
void dz_known_inputs_warn_of_groups(const char *library, const struct dz_groups *of_library,
				    const struct dz_groups *groups);

/* The same of a yardstick, by the names of its inputs. */
void dz_known_inputs_warn_of_yardstick(const char *name, const struct dz_groups *yardstick,
				       const struct dz_groups *groups);

#endif
