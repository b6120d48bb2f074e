/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_json_scan.c - any bytes: the scanner takes and refuses what json-c does, and finds in it what json-c finds. */
#include "config.h"
#include "record/json_scan.h"

#include "../lib/json_oracle.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *difference = oracle_differs((const char *)data, size);

	if (difference) {
		fprintf(stderr, "%.*s\n%s\n", (int)size, (const char *)data, difference);
		abort();
	}
	return 0;
}
