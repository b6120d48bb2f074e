/* SPDX-License-Identifier: BSD-2-Clause */
/* names.h - names of interfaces, each kept once and for as long as the source. Private to src/capture. */
#ifndef DISTRIBOOZE_NAMES_H
#define DISTRIBOOZE_NAMES_H

#include "base/intern.h"
#include "record/packet.h"
#include <stdint.h>

/* What is named later has no name. The table never moves, so that a name can be looked up while others are added: the
 * ring that hands a number on hands on what stands here for it, too. */
enum { DZ_NAMES_MAX = DZ_INTERFACES_MAX };

struct dz_names {
	struct dz_intern numbers;
	char *texts[DZ_NAMES_MAX]; /* owned, each: by number; 0 has none */
};

void dz_names_init(struct dz_names *names);
void dz_names_release(struct dz_names *names);

/* The number of a name, from 1; it is copied when it is new. `size` bytes, or those up to the first NUL. 0 for an empty
 * one, and for one too many. */
uint16_t dz_names_keep(struct dz_names *names, const char *text, size_t size);

#endif
