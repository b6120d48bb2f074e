/* SPDX-License-Identifier: BSD-2-Clause */
/* inputs.h - what src/capture itself asks of the inputs, beyond source.h. */
#ifndef DISTRIBOOZE_INPUTS_H
#define DISTRIBOOZE_INPUTS_H

#include "capture/source.h"

/* LINKTYPE_ value of an input, or -1 when it was not looked at (stdin, FIFOs). */
int dz_inputs_linktype(const struct dz_inputs *inputs, size_t index);

/* Time of the first packet; 0 where there is none, or it was not looked at. */
uint64_t dz_inputs_first_ns(const struct dz_inputs *inputs, size_t index);

/* Whether it is a regular file: what is no such file cannot be looked into beforehand. */
bool dz_inputs_is_regular(const struct dz_inputs *inputs, size_t index);

/* Size of one input as stored; 0 where not known. */
uint64_t dz_inputs_size_of(const struct dz_inputs *inputs, size_t index);

/* A section of a pcapng file, as one of several that overlap in time. */
struct dz_section {
	uint64_t offset, size; /* bytes */
	uint64_t first_ns;     /* time of its first packet; 0 where it has none */
};

/* The sections of an input that are to be merged, as they are stored; none where it is read as it is. Borrowed. */
const struct dz_section *dz_inputs_sections(const struct dz_inputs *inputs, size_t index, size_t *count);

/* Finds them: looks for a second section in the first 4 MB of a pcapng file that is not compressed, and where there is
 * one reads the whole file to see what overlaps. Returns their number; *sections is given to the caller. */
size_t dz_sections_find(const char *path, struct dz_section **sections);

/* The stream that was set for the input, given to the caller; NULL: to be opened by its path. */
struct dz_stream *dz_inputs_take_stream(const struct dz_inputs *inputs, size_t index);

#endif
