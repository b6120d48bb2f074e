/* SPDX-License-Identifier: BSD-2-Clause */
/* names.c - names of interfaces: see names.h. */
#include "config.h"
#include "capture/names.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

void dz_names_init(struct dz_names *names)
{
	*names = (struct dz_names){ .texts = NULL };
	dz_intern_init(&names->numbers);
}

void dz_names_release(struct dz_names *names)
{
	for (uint32_t i = 0; i < names->numbers.count; i++)
		free(names->texts[i]);
	free(names->texts);
	dz_intern_release(&names->numbers);
}

const char *dz_names_keep(struct dz_names *names, const char *text, size_t size)
{
	void *texts = names->texts;
	uint32_t before = names->numbers.count, number;

	size = strnlen(text, size);
	if (!size)
		return NULL;
	number = dz_intern_add(&names->numbers, text, size);
	if (number == before) {
		dz_mem_grow(&texts, &names->capacity, number + (size_t)1, sizeof *names->texts);
		names->texts = texts;
		names->texts[number] = dz_mem_strdup(dz_intern_text(&names->numbers, number));
	}
	return names->texts[number];
}
