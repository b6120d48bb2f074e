/* SPDX-License-Identifier: BSD-2-Clause */
/* decompress.h - a thread that turns a compressed file into plain bytes in a pipe.
 *
 * Private to src/capture. Knows gzip and zstd; knows nothing of captures. */
#ifndef DISTRIBOOZE_DECOMPRESS_H
#define DISTRIBOOZE_DECOMPRESS_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dz_compression { DZ_COMPRESSION_NONE, DZ_COMPRESSION_GZIP, DZ_COMPRESSION_ZSTD };

/* Bytes of a file that dz_decompress_guess wants to see. */
enum { DZ_DECOMPRESS_HEAD = 4 };

/* How a file is compressed, by its first bytes (gzip: RFC 1952, section 2.3.1; zstd: RFC 8878, sections 3.1.1 and
 * 3.1.2). */
enum dz_compression dz_decompress_guess(const uint8_t *bytes, size_t size);

struct dz_decompress; /* opaque */

/* Starts the thread. It decompresses `head` (bytes that were already read from fd; copied) and then what it reads from
 * fd, and writes the plain bytes to a pipe whose reading end is given in *out. fd is taken, also on failure. NULL with
 * a message when the thread cannot be started or when the program was built without the library. */
struct dz_decompress *dz_decompress_new(int fd, const uint8_t *head, size_t head_size, enum dz_compression compression,
					int *out, struct dz_err *err) DZ_MUST_CHECK;

/* Compressed bytes used up so far. */
uint64_t dz_decompress_position(const struct dz_decompress *decompress);

/* Stops the thread, wherever it is, and waits for it; to be called after the reading end was closed. False when the
 * compressed data was found damaged; the message has the offset but not the name of the file. Not having been read to
 * the end is no damage. */
DZ_MUST_CHECK bool dz_decompress_finish(struct dz_decompress *decompress, struct dz_err *err);

/* The first plain bytes, at most `size`; returns how many there are. Only after dz_decompress_finish. */
size_t dz_decompress_first_bytes(const struct dz_decompress *decompress, uint8_t *bytes, size_t size);

void dz_decompress_free(struct dz_decompress *decompress); /* finishes it first where that was not done */

#endif
