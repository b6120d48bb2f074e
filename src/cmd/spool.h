/* SPDX-License-Identifier: BSD-2-Clause */
/* spool.h - runs of bytes put away until all of them have come, in a temporary file without a name. */
#ifndef DISTRIBOOZE_SPOOL_H
#define DISTRIBOOZE_SPOOL_H

#include "base/err.h"
#include "base/strbuf.h"
#include <stdint.h>
#include <stdio.h>

struct dz_spool {
	FILE *file; /* private; NULL until something is put */
};

/* Both return false with a message when the file, in TMPDIR or /tmp, fails. */
DZ_MUST_CHECK bool dz_spool_put(struct dz_spool *spool, uint32_t tag, const char *bytes, size_t size,
				struct dz_err *err);
/* After the last put: begins reading. */
DZ_MUST_CHECK bool dz_spool_rewind(struct dz_spool *spool, struct dz_err *err);

/* The next run, in the order of putting, into `bytes` (cleared first); false at the end, and with a message when the
 * file fails (err->text is empty otherwise). */
bool dz_spool_next(struct dz_spool *spool, uint32_t *tag, struct dz_strbuf *bytes, struct dz_err *err);

void dz_spool_release(struct dz_spool *spool);

#endif
