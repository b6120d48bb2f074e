/* SPDX-License-Identifier: BSD-2-Clause */
/* told_apart_flows.h - told_apart.h's share, flow by flow: where it is not known which flows belong together, each is a
 * session of its own, and many of them are at one place.
 *
 * Numbers only: no flows, no JSON, no files. */
#ifndef DISTRIBOOZE_TOLD_APART_FLOWS_H
#define DISTRIBOOZE_TOLD_APART_FLOWS_H

#include <stdint.h>

/* `count` places, the first `first` of which are group A's, with flows[i] flows at place i; distances[i * count + j] is
 * how far apart i and j are, and those that differ by no more than `slack` are ties. k flows of each group are drawn:
 * dz_told_apart_k() of their flows. NaN when nothing can be told. */
double dz_told_apart_flows(const double *distances, const uint64_t *flows, uint32_t count, uint32_t first, uint32_t k,
			   double slack);

#endif
