/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_json_scan.c - any bytes: the scanner takes and refuses what json-c does, and finds in it what json-c finds. */
#include "config.h"
#include "record/json_scan.h"
#include "record/json_tree.h"

#include "../lib/json_oracle.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>

/* As many as a whole number of 64 bits with a sign may not have. */
static bool has_many_digits(const char *text, size_t size)
{
	size_t run = 0;

	for (size_t i = 0; i < size && run < 19; i++)
		run = text[i] >= '0' && text[i] <= '9' ? run + 1 : 0;
	return run >= 19;
}

/* The tree of our own is json-c's, where numbers are finite and fit. */
static const char *tree_differs(const char *text, size_t size)
{
	struct dz_err err;
	struct json_object *theirs = oracle_read(text, size), *ours = dz_json_tree(text, size, &err);
	bool as_theirs = oracle_judges(text, size) && theirs && ours,
	     same = !as_theirs || json_object_equal(ours, theirs);

	json_object_put(ours);
	json_object_put(theirs);
	return same || has_many_digits(text, size) ? NULL : "another tree";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *difference = oracle_differs((const char *)data, size);

	difference = difference ? difference : tree_differs((const char *)data, size);

	if (difference) {
		fprintf(stderr, "%.*s\n%s\n", (int)size, (const char *)data, difference);
		abort();
	}
	return 0;
}
