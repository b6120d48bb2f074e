/* SPDX-License-Identifier: BSD-2-Clause */
/* seed.c - see seed.h. */
#include "config.h"
#include "base/seed.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_SYS_RANDOM_H
#include <sys/random.h>
#endif

/* A program that its file gives more than its user has (capabilities, another user) takes no key from that user. */
#ifdef HAVE_SECURE_GETENV
#define environment secure_getenv
#else
#define environment getenv
#endif

/* Early at boot, or where the system has no such call: better than a constant, and no reason to wait or to end. */
static uint64_t from_what_differs(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec) * UINT64_C(0x9e3779b97f4a7c15) ^
	       (uint64_t)(uintptr_t)&now ^ (uint64_t)getpid() << 48;
}

uint64_t dz_seed(void)
{
	const char *fixed = environment(DZ_SEED_VARIABLE);
	uint64_t seed;

	if (fixed && *fixed)
		return strtoull(fixed, NULL, 0);
#ifdef HAVE_GETRANDOM
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed)
		return seed;
#endif
	seed = from_what_differs();
	return seed;
}
