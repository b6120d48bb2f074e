/* SPDX-License-Identifier: BSD-2-Clause */
/* known_inputs.c - see known_inputs.h. */
#include "config.h"
#include "cmd/known_inputs.h"

#include "base/log.h"
#include "base/strbuf.h"
#include "stats/cells.h"
#include <inttypes.h>
#include <string.h>

enum { TOLD = 3, ALL_BITS = 32 };

/* Where inputs may be from: nobody said so, or share/profiles/make did. */
static const char *const sites[] = { NULL, "distribooze", "ndpi" };

static bool is_known(const struct dz_intern *numbers, const char *input)
{
	for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
		uint32_t number = dz_cells_input(sites[i], input), place;
		if (dz_intern_find(numbers, &number, sizeof number, &place))
			return true;
	}
	return false;
}

void dz_known_inputs_note(struct dz_intern *inputs, const struct dz_record *record)
{
	if (record->input && strcmp(record->input, "-") &&
	    !(record->interface && !strcmp(record->input, record->interface)))
		dz_intern_add_text(inputs, record->input);
}

void dz_known_inputs_warn(const char *library, const struct dz_intern *numbers, const struct dz_intern *inputs)
{
	struct dz_strbuf names;
	uint32_t known = 0;

	dz_strbuf_init(&names);
	for (uint32_t i = 0; i < inputs->count; i++) {
		const char *name = dz_intern_text(inputs, i);
		if (!is_known(numbers, name))
			continue;
		if (known++ < TOLD)
			dz_strbuf_addf(&names, "%s%s", known > 1 ? ", " : "", name);
	}
	if (known)
		dz_log_warning("%s was made of inputs of the same name as %" PRIu32 " of these (%s%s): what it says of "
			       "flows that it knows is no evidence",
			       library, known, names.data, known > TOLD ? ", ..." : "");
	dz_strbuf_release(&names);
}

void dz_known_inputs_warn_of_groups(const char *library, const struct dz_groups *of_library,
				    const struct dz_groups *groups)
{
	struct dz_intern numbers, inputs;

	dz_intern_init(&numbers);
	dz_intern_init(&inputs);
	for (size_t i = 0; i < dz_groups_count(of_library); i++) {
		const struct dz_group *group = dz_groups_at(of_library, i);
		for (size_t c = 0; group->input_bits == ALL_BITS && c < group->cell_count; c++)
			dz_intern_add(&numbers, &group->cells[c].input, sizeof group->cells[c].input);
	}
	for (uint32_t i = 0; i < dz_groups_inputs(groups); i++)
		if (strcmp(dz_groups_input(groups, i), "-"))
			dz_intern_add_text(&inputs, dz_groups_input(groups, i));
	dz_known_inputs_warn(library, &numbers, &inputs);
	dz_intern_release(&numbers);
	dz_intern_release(&inputs);
}
