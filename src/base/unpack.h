/* SPDX-License-Identifier: BSD-2-Clause */
/* unpack.h - compressed bytes into plain ones, a piece at a time.
 *
 * Knows gzip (zlib) and zstd (libzstd), and bytes in memory; knows nothing of files: those are stream.h. */
#ifndef DISTRIBOOZE_UNPACK_H
#define DISTRIBOOZE_UNPACK_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

enum dz_packing { DZ_PACKING_NONE, DZ_PACKING_GZIP, DZ_PACKING_ZSTD };

/* Bytes of a file that dz_packing_guess wants to see. */
enum { DZ_PACKING_HEAD = 4 };

/* How a file is compressed, by its first bytes (gzip: RFC 1952, section 2.3.1; zstd: RFC 8878, sections 3.1.1 and
 * 3.1.2). */
enum dz_packing dz_packing_guess(const uint8_t *bytes, size_t size);

/* Whether the program was built with the library for it. */
bool dz_packing_known(enum dz_packing packing);

struct dz_unpacker; /* opaque */

/* NULL with a message when the program was built without the library, or the library cannot be started. */
struct dz_unpacker *dz_unpacker_new(enum dz_packing packing, struct dz_err *err) DZ_MUST_CHECK;
void dz_unpacker_free(struct dz_unpacker *unpacker);

/* Unpacks from `in` into `out`, until either is used up; *used and *made say how far it came, and are also right when
 * the data turn out damaged: false then, with a message that gives the offset in the compressed data but not the name
 * of the file. Several gzip members or zstd frames, one after another, are one run of plain bytes (RFC 1952, section
 * 2.2; RFC 8878, section 3.1). */
DZ_MUST_CHECK bool dz_unpacker_run(struct dz_unpacker *unpacker, const uint8_t *in, size_t in_size, size_t *used,
				   uint8_t *out, size_t out_size, size_t *made, struct dz_err *err);

/* How many compressed bytes are whole members or frames. */
uint64_t dz_unpacker_whole(const struct dz_unpacker *unpacker);

/* Whether compressed data may end here. False, with a message, within a member or frame. */
DZ_MUST_CHECK bool dz_unpacker_may_end(const struct dz_unpacker *unpacker, struct dz_err *err);

#endif
