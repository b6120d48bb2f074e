/* SPDX-License-Identifier: BSD-2-Clause */
/* seed.h - keys of hash tables that hold what strangers send.
 *
 * Who knows the key of a hash can choose what shares a chain, and make each look-up a long one. So every table has a
 * key of its own, which cannot be foreseen; nothing that is printed depends on it. */
#ifndef DISTRIBOOZE_SEED_H
#define DISTRIBOOZE_SEED_H

#include <stdint.h>

/* The variable of the environment that sets all keys, a number: for measurements that are to be repeated exactly.
 * Not heeded where the program's file gives it more than its user has. */
#define DZ_SEED_VARIABLE "DISTRIBOOZE_HASH_SEED"

/* A new key: from the system's random numbers, or what the environment says. */
uint64_t dz_seed(void);

#endif
