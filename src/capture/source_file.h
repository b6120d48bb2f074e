/* SPDX-License-Identifier: BSD-2-Clause */
/* source_file.h - one capture file, read with libpcap.
 *
 * Private to src/capture. source.c strings files together, inputs.c looks into them. */
#ifndef DISTRIBOOZE_SOURCE_FILE_H
#define DISTRIBOOZE_SOURCE_FILE_H

#include "base/err.h"
#include "record/packet.h"
#include "capture/source.h"

struct dz_source_file; /* opaque */

/* Sizes of stdio's buffer: for reading a whole capture, and for a look at its beginning. */
enum { DZ_SOURCE_FILE_READ = 1 << 17, DZ_SOURCE_FILE_LOOK = 1 << 12 };

/* Opens `path` ("-": standard input), plain or compressed. NULL with a message that begins with the path when it
 * cannot be read; *foreign (may be NULL) then says whether that is because its contents are no capture at all. */
struct dz_source_file *dz_source_file_open(const char *path, size_t buffer_size, bool *foreign,
					   struct dz_err *err) DZ_MUST_CHECK;
void dz_source_file_free(struct dz_source_file *file);

/* From now on packets that the expression does not match are not `selected`. */
DZ_MUST_CHECK bool dz_source_file_set_filter(struct dz_source_file *file, const char *filter, struct dz_err *err);

/* Hands packets to `take` as dz_source_each() does, as of this input and counted on by *index.
 * DZ_SOURCE_END: the file ends here, whole. */
enum dz_source_status dz_source_file_each(struct dz_source_file *file, uint32_t input, uint64_t *index,
					  dz_source_take_fn *take, void *context, struct dz_err *err);

/* For dz_source_each(): takes one packet, as a struct dz_frame. */
bool dz_source_take_one(void *packet_out, const struct dz_frame *packet);

int dz_source_file_linktype(const struct dz_source_file *file);      /* LINKTYPE_ value */
uint64_t dz_source_file_position(const struct dz_source_file *file); /* stored bytes read so far; 0: not known */

/* Whether the expression compiles for captures of this LINKTYPE_; libpcap's message. */
DZ_MUST_CHECK bool dz_source_file_try_filter(int linktype, const char *filter, struct dz_err *err);

#endif
