/* SPDX-License-Identifier: BSD-2-Clause */
/* selection.c - see selection.h. */
#include "config.h"
#include "record/selection.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool dz_selection_add_labels(struct dz_selection *selection, const char *list)
{
	size_t before = selection->label_count;
	char *copy = dz_mem_strdup(list), *rest = copy, *word;

	while ((word = strsep(&rest, ","))) {
		void *block = selection->labels;
		if (!*word)
			continue;
		dz_mem_grow(&block, &selection->label_capacity, selection->label_count + 1, sizeof *selection->labels);
		selection->labels = block;
		selection->labels[selection->label_count++] = dz_mem_strdup(word);
	}
	free(copy);
	return selection->label_count > before;
}

void dz_selection_release(struct dz_selection *selection)
{
	for (size_t i = 0; i < selection->label_count; i++)
		free(selection->labels[i]);
	free(selection->labels);
	*selection = (struct dz_selection){ 0 };
}

int dz_selection_label(const struct dz_selection *selection, const char *label)
{
	for (size_t i = 0; i < selection->label_count; i++)
		if (!strcasecmp(selection->labels[i], label))
			return (int)i;
	return -1;
}

bool dz_selection_takes(const struct dz_selection *selection, const struct dz_record *record)
{
	if (record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets < selection->min_packets)
		return false;
	return !selection->label_count || dz_selection_label(selection, record->text->application) >= 0;
}
