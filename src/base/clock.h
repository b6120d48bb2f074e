/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the monotonic clock, for durations and progress. Packet time never comes from here. */
#ifndef DISTRIBOOZE_CLOCK_H
#define DISTRIBOOZE_CLOCK_H

double dz_clock_now(void); /* seconds since some fixed moment; never goes back */

#endif
