/* SPDX-License-Identifier: BSD-2-Clause */
/* holm.h - p-values of many tests, corrected for their number.
 *
 * Numbers only. */
#ifndef DISTRIBOOZE_HOLM_H
#define DISTRIBOOZE_HOLM_H

#include <stddef.h>

/* Holm's step-down correction (1979) over `count` p-values of one family; adjusted may be p itself.
 * adjusted = max over the smaller ones of min(1, (count - rank) * p), rank from 0 in ascending order. */
void dz_holm(const double *p, size_t count, double *adjusted);

#endif
