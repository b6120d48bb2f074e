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

/* The stream that was set for the input, given to the caller; NULL: to be opened by its path. */
struct dz_stream *dz_inputs_take_stream(const struct dz_inputs *inputs, size_t index);

#endif
