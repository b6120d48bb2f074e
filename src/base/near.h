/* SPDX-License-Identifier: BSD-2-Clause */
/* near.h - words that are nearly another: "did you mean compare?" */
#ifndef DISTRIBOOZE_NEAR_H
#define DISTRIBOOZE_NEAR_H

#include <stdbool.h>

/* How many letters are to be put in, left out, changed or swapped with their neighbour to turn one word into the other,
 * whatever their case (optimal string alignment); at most DZ_NEAR_FAR. */
#define DZ_NEAR_FAR 99u
unsigned dz_near_distance(const char *a, const char *b);

/* Whether `word` is likely to be a slip for `name`: at most a third of the name's letters differ, and
 * no more than two. */
bool dz_near(const char *word, const char *name);

#endif
