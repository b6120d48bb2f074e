/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - see clock.h. */
#include "config.h"
#include "base/clock.h"

#include <time.h>

double dz_clock_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

uint64_t dz_clock_wall(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
