/* SPDX-License-Identifier: BSD-2-Clause */
/* pump.h - puts bytes that were read from a pipe back in front of it.
 *
 * Private to src/engine. An input that cannot be gone back in is looked at to
 * tell what it is; if it is a capture, the reader of captures must see it from
 * its beginning.  A thread writes the bytes looked at, and then what follows,
 * into a pipe of our own. */
#ifndef DISTRIBOOZE_PUMP_H
#define DISTRIBOOZE_PUMP_H

#include "base/err.h"
#include <stddef.h>

/* fd is taken; bytes are copied. Gives the reading end in *out. The thread ends when fd does or when the reading end is
 * closed. */
DZ_MUST_CHECK bool dz_pump_start(int fd, const char *bytes, size_t size, int *out, struct dz_err *err);

#endif
