/* SPDX-License-Identifier: BSD-2-Clause */
/* score_library.h - the library that flows are scored by: the one that --profiles names, or the one that comes with the
 * program. What is odd about it is said on stderr. */
#ifndef DISTRIBOOZE_SCORE_LIBRARY_H
#define DISTRIBOOZE_SCORE_LIBRARY_H

#include "base/intern.h"
#include "cmd/stats_input.h"
#include "stats/profile.h"

/* Reads the file, and has captures measured as it was made. False after saying why. Of both: versions of nDPI that are
 * not those of the flows are warned of when all is read. */
DZ_MUST_CHECK bool dz_score_library_read(struct dz_library *library, const char *path, struct dz_stats_input *in);

/* Without --profiles: adds the reference library of the layer that flows were measured at. */
DZ_MUST_CHECK bool dz_score_library_reference(struct dz_library *library, enum dz_layer layer,
					      struct dz_stats_input *in, struct dz_err *err);

/* Warns of inputs, by name, that the library was made of: it knows their flows. `path` is NULL for the reference
 * library. */
void dz_score_library_tell_known(const struct dz_library *library, const char *path, const struct dz_intern *inputs);

#endif
