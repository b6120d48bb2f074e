/* SPDX-License-Identifier: BSD-2-Clause */
/* isotonic.h - the nearest sequence that never falls (pool adjacent violators; Ayer and others 1955, Barlow and others
 * 1972).
 *
 * Numbers only. */
#ifndef DISTRIBOOZE_ISOTONIC_H
#define DISTRIBOOZE_ISOTONIC_H

#include <stddef.h>

/* Replaces the values by those that do not fall and whose weighted squared distance to them is least. Weights are above
 * 0. */
void dz_isotonic(double *values, const double *weights, size_t count);

#endif
