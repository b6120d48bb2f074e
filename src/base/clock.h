/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the monotonic clock, for durations and progress, and the wall clock. Packet time never comes from here. */
#ifndef DISTRIBOOZE_CLOCK_H
#define DISTRIBOOZE_CLOCK_H

#include <stdint.h>

double dz_clock_now(void); /* seconds since some fixed moment; never goes back */

uint64_t dz_clock_wall(void); /* nanoseconds since 1970-01-01T00:00:00Z, as the system has it: it may be set */

#endif
