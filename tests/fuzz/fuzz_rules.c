/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_rules.c - any file of rules: refused with a message that names the line, or one that nDPI takes.
 *
 * Input: the first byte says which file it is, and whether nDPI is shown what was accepted, which takes it a fiftieth
 * of a second; the rest is the file. */
#include "config.h"
#include "classify/classify.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CATEGORIES = 1, LOAD = 0x0e }; /* one in eight is loaded */

static void judge(const struct dz_classify_config *config, const char *path, bool load)
{
	struct dz_err err = { "" };
	struct dz_classifier *classifier;

	if (!dz_classify_check(config, &err)) {
		if (!strstr(err.text, path))
			abort();
		return;
	}
	if (!load)
		return;
	classifier = dz_classifier_new(config, &err);
	if (!classifier && !err.text[0])
		abort();
	dz_classifier_free(classifier);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dz_classify_config config = { .guess = true };
	char path[40];
	int fd;

	if (!size)
		return 0;
	fd = memfd_create("rules", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (data[0] & CATEGORIES)
		config.categories_file = path;
	else
		config.protocols_file = path;
	judge(&config, path, !(data[0] & LOAD));
	close(fd);
	return 0;
}
