/* SPDX-License-Identifier: BSD-2-Clause */
/* pack.h - plain bytes into compressed ones, so that what is there at any moment can be unpacked.
 *
 * The other way round from unpack.h. Knows gzip (zlib) and zstd (libzstd), and bytes in memory. */
#ifndef DISTRIBOOZE_PACK_H
#define DISTRIBOOZE_PACK_H

#include "base/err.h"
#include "base/unpack.h"
#include <stddef.h>

/* How a file of that name is to be compressed: FILE.gz, FILE.zst. */
enum dz_packing dz_packing_of_name(const char *path);

struct dz_packer; /* opaque */

/* NULL with a message when the program was built without the library, or the library cannot be started. */
struct dz_packer *dz_packer_new(enum dz_packing packing, struct dz_err *err) DZ_MUST_CHECK;
void dz_packer_free(struct dz_packer *packer);

/* Packs the bytes and all that went before: whoever has what was given so far can unpack everything up to here. Returns
 * the packed bytes, borrowed until the next call. */
const char *dz_packer_add(struct dz_packer *packer, const char *bytes, size_t size, size_t *packed);

/* A member or frame of its own, which holds just these bytes and is read by whoever has it. Borrowed until the next
 * call.
 */
const char *dz_packer_frame(struct dz_packer *packer, const char *bytes, size_t size, size_t *packed);

/* What comes at the end (checksum, size). */
const char *dz_packer_end(struct dz_packer *packer, size_t *packed);

#endif
