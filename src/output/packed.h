/* SPDX-License-Identifier: BSD-2-Clause */
/* packed.h - a compressed file that grows by whole frames: how much of it is whole. */
#ifndef DISTRIBOOZE_PACKED_H
#define DISTRIBOOZE_PACKED_H

#include "base/err.h"
#include "base/unpack.h"
#include <stdint.h>

/* How many of the `size` bytes are whole frames: all of them, unless the last one is unfinished or damaged, as after a
 * crash. What is damaged further ahead, or compressed otherwise, or breaks off after more than a frame of ours has, is
 * an error: foreign data are never cut off. Reads the whole file. False, with a message that does not name the file. */
DZ_MUST_CHECK bool dz_packed_whole(int fd, uint64_t size, enum dz_packing packing, uint64_t *whole, struct dz_err *err);

#endif
