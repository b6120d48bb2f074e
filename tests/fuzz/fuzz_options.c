/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_options.c - any words as options: taken, or refused with a message. The input is words, each with its NUL. */
#include "config.h"
#include "cmd/common.h"
#include "record/selection.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 64 };

struct options {
	struct dz_engine_config engine;
	struct dz_common common;
};

static const struct dz_opt table[] = {
	DZ_TABLE(dz_common_reading, offsetof(struct options, engine)),
	DZ_TABLE(dz_common_flows, offsetof(struct options, engine)),
	DZ_TABLE(dz_common_labels, offsetof(struct options, engine)),
	DZ_TABLE(dz_common_which, offsetof(struct options, common)),
	DZ_TABLE(dz_common_output, offsetof(struct options, common)),
	DZ_TABLE(dz_common_run, offsetof(struct options, common)),
	DZ_END,
};

/* What the options' descriptions promise, whatever was given. */
static void check(const struct options *o)
{
	const struct dz_hist_shape *shape = &o->engine.flow.shape;

	if (shape->bin_width < 1 || shape->bin_width > DZ_HIST_MAX_WIDTH || shape->bins < 2 ||
	    shape->bins > DZ_HIST_MAX_BINS || !dz_layer_name(shape->layer))
		abort();
	for (unsigned i = 0; i < DZ_TIMEOUT_COUNT; i++)
		if (!o->engine.flow.idle_ns[i])
			abort();
	if (o->engine.classify.setting_count > DZ_CLASSIFY_SETTINGS)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1), *argv[MAX_WORDS + 2] = { (char[]){ "fuzz" } };
	struct options options = { .common = { .quiet = false } };
	struct dz_err err = { "" };
	int argc = 1, first = -1;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	copy[size] = '\0';
	for (char *word = copy; word < copy + size && argc <= MAX_WORDS; word += strlen(word) + 1)
		argv[argc++] = word;
	dz_flow_config_init(&options.engine.flow);
	switch (dz_opt_parse(table, &options, argc, argv, &first, &err)) {
	case DZ_OPT_OK:
		if (first < 1 || first > argc)
			abort();
		check(&options);
		break;
	case DZ_OPT_BAD:
		if (!err.text[0])
			abort();
		break;
	default:
		break;
	}
	dz_selection_release(&options.common.selection);
	free(copy);
	return 0;
}
