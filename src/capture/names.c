/* SPDX-License-Identifier: BSD-2-Clause */
/* names.c - names of interfaces: see names.h. */
#include "config.h"
#include "capture/names.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

void dz_names_init(struct dz_names *names)
{
	memset(names, 0, sizeof *names);
	dz_intern_init(&names->numbers);
}

void dz_names_release(struct dz_names *names)
{
	for (size_t i = 0; i < DZ_NAMES_MAX; i++)
		free(names->texts[i]);
	dz_intern_release(&names->numbers);
}

uint16_t dz_names_keep(struct dz_names *names, const char *text, size_t size)
{
	uint32_t number;

	size = strnlen(text, size);
	if (!size)
		return 0;
	if (!dz_intern_find(&names->numbers, text, size, &number)) {
		if (names->numbers.count == DZ_NAMES_MAX - 1)
			return 0;
		number = dz_intern_add(&names->numbers, text, size);
		names->texts[number + 1] = dz_mem_strdup(dz_intern_text(&names->numbers, number));
	}
	return (uint16_t)(number + 1);
}
