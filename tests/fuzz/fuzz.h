/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.h - what a fuzz target is: libFuzzer calls it with --enable-fuzzers, replay_main.c otherwise. */
#ifndef DISTRIBOOZE_TESTS_FUZZ_H
#define DISTRIBOOZE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
