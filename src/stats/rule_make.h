/* SPDX-License-Identifier: BSD-2-Clause */
/* rule_make.h - a rule for one label, made from a library: points, and how near a flow must be to one of them.
 *
 * Knows libraries and numbers; knows no files.  Points are shapes that the label has in the library, taken one by one,
 * each the one that raises F1 most; how many there are, and the threshold, are those that do best on inputs that are
 * left out.  What a rule is worth is found by leaving out one more: the inputs that it is judged by have no part in
 * points, number or threshold.  docs/STATISTICS.md has the details. */
#ifndef DISTRIBOOZE_RULE_MAKE_H
#define DISTRIBOOZE_RULE_MAKE_H

#include "stats/profile.h"

enum { DZ_RULE_INPUTS_MIN = 3 };

/* On inputs left out. */
struct dz_rule_worth {
	uint32_t inputs, with_label;   /* inputs, and those that have the label */
	double f1_inputs, f1_flows;    /* each input weighing 1; each flow weighing 1 */
	double f1_always;              /* what always saying yes would give, each input weighing 1 */
	double found, missed, wrongly; /* flows */
};

/* The rule is initialised, its name is the label's as the library has it; dz_profile_rule_release(). False, with a
 * message, when the library has no such label, no cells, or the label of fewer than DZ_RULE_INPUTS_MIN inputs. */
DZ_MUST_CHECK bool dz_rule_make(const struct dz_library *library, const char *label, struct dz_profile_rule *rule,
				struct dz_rule_worth *worth, struct dz_err *err);

/* Leaves a library with nothing in it but that rule, which is taken, and its own. False, with a message, when it has
 * another one of that name. */
DZ_MUST_CHECK bool dz_library_keep_rule(struct dz_library *library, struct dz_profile_rule *rule, struct dz_err *err);

#endif
