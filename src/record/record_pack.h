/* SPDX-License-Identifier: BSD-2-Clause */
/* record_pack.h - a record and all it points to in one run of bytes, to be handed from thread to thread.
 *
 * The bytes are of this process only: they are neither portable nor checked, and no file has them. */
#ifndef DISTRIBOOZE_RECORD_PACK_H
#define DISTRIBOOZE_RECORD_PACK_H

#include "base/strbuf.h"
#include "record/record.h"

/* Packed records begin, and end, at multiples of this, from the beginning of the buffer. */
#define DZ_RECORD_PACK_ALIGN 8

/* Appends the record; `out` has to hold packed records only, or multiples of DZ_RECORD_PACK_ALIGN bytes. */
void dz_record_pack(const struct dz_record *record, struct dz_strbuf *out);

/* What an unpacked record points to. */
struct dz_record_unpacked {
	struct dz_record record;
	struct dz_label label;
	struct dz_label_text text;
	struct dz_label_detail detail;
};

/* Unpacks the record that begins at `bytes`. Texts and vectors are borrowed from there, and the rest from *unpacked.
 * Returns the size of the packed record: the next one begins behind it. */
size_t dz_record_unpack(const char *bytes, struct dz_record_unpacked *unpacked);

#endif
