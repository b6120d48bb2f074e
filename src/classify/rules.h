/* SPDX-License-Identifier: BSD-2-Clause */
/* rules.h - whether nDPI will understand a user's files of protocols and categories.
 *
 * Private to src/classify. nDPI passes over a rule that it does not understand, with a note on standard output or none,
 * and some it falls over; so each line is looked at before nDPI sees the file. Knows the files' form, not nDPI. */
#ifndef DISTRIBOOZE_RULES_H
#define DISTRIBOOZE_RULES_H

#include "base/err.h"

/* The messages name file and line, and say what was expected. `most` is the highest category there is. */
DZ_MUST_CHECK bool dz_rules_check_protocols(const char *path, struct dz_err *err);
DZ_MUST_CHECK bool dz_rules_check_categories(const char *path, unsigned most, struct dz_err *err);

/* Calls `each` with the name of every rule of protocols, as nDPI writes it, until it returns false with a message, to
 * which file and line are added. The file must have been checked. */
typedef bool dz_rule_name_fn(void *context, char *name, struct dz_err *err);
DZ_MUST_CHECK bool dz_rules_each_name(const char *path, dz_rule_name_fn *each, void *context, struct dz_err *err);

#endif
