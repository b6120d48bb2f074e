/* SPDX-License-Identifier: BSD-2-Clause */
/* known_inputs.c - see known_inputs.h. */
#include "config.h"
#include "cmd/known_inputs.h"

#include "base/few.h"
#include "base/log.h"
#include "stats/cells.h"
#include <string.h>

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
	struct dz_few known;

	dz_few_init(&known);
	for (uint32_t i = 0; i < inputs->count; i++)
		if (is_known(numbers, dz_intern_text(inputs, i)))
			dz_few_add(&known, dz_intern_text(inputs, i));
	if (known.count)
		dz_log_warning(
			"%s was made of inputs of the same name as %zu of these (%s): what it says of flows that "
			"it knows is no evidence",
			library, known.count, dz_few_text(&known));
	dz_few_release(&known);
}

/* Those of the groups' kept flows, but standard input. */
static void list_inputs(const struct dz_groups *groups, struct dz_intern *inputs)
{
	for (uint32_t i = 0; i < dz_groups_inputs(groups); i++)
		if (strcmp(dz_groups_input(groups, i), "-"))
			dz_intern_add_text(inputs, dz_groups_input(groups, i));
}

void dz_known_inputs_warn_of_groups(const char *library, const struct dz_groups *of_library,
				    const struct dz_groups *groups)
{
	struct dz_intern numbers, inputs;

	dz_intern_init(&numbers);
	dz_intern_init(&inputs);
	for (size_t i = 0; i < dz_groups_count(of_library); i++) {
		const struct dz_group *group = dz_groups_at(of_library, i);
		for (size_t c = 0; group->input_bits == dz_cells_input_bits(0) && c < group->cell_count; c++)
			dz_intern_add(&numbers, &group->cells[c].input, sizeof group->cells[c].input);
	}
	list_inputs(groups, &inputs);
	dz_known_inputs_warn(library, &numbers, &inputs);
	dz_intern_release(&numbers);
	dz_intern_release(&inputs);
}

void dz_known_inputs_warn_of_yardstick(const char *name, const struct dz_groups *yardstick,
				       const struct dz_groups *groups)
{
	struct dz_intern known, inputs;
	struct dz_few both;

	dz_intern_init(&known);
	dz_intern_init(&inputs);
	dz_few_init(&both);
	list_inputs(yardstick, &known);
	list_inputs(groups, &inputs);
	for (uint32_t i = 0, place; i < inputs.count; i++) {
		const char *input = dz_intern_text(&inputs, i);
		if (dz_intern_find(&known, input, strlen(input), &place))
			dz_few_add(&both, input);
	}
	if (both.count)
		dz_log_warning(
			"%s holds inputs of the same name as %zu of these (%s): they are held against themselves", name,
			both.count, dz_few_text(&both));
	dz_intern_release(&known);
	dz_intern_release(&inputs);
	dz_few_release(&both);
}
