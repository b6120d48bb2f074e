/* SPDX-License-Identifier: BSD-2-Clause */
/* csv.c - see csv.h. */
#include "config.h"
#include "base/csv.h"

#include "base/text.h"
#include <string.h>

void dz_csv_text(struct dz_strbuf *out, const char *text)
{
	const char *end, *at = text;
	bool formula, quote;

	if (!text || !*text)
		return;
	end = text + strlen(text);
	formula = strchr("=+-@", text[0]) != NULL;
	quote = formula || text[0] == ' ' || end[-1] == ' ' || strpbrk(text, ",\"'") != NULL;
	if (quote)
		dz_text_add_literal(out, "\"");
	if (formula)
		dz_text_add_literal(out, "'");
	while (at < end) {
		uint32_t character = dz_text_next(&at, end);
		char *to = dz_text_room(out, DZ_TEXT_CHARACTER);
		if (!dz_text_is_harmless(character))
			character = DZ_TEXT_REPLACEMENT;
		out->size += (size_t)(dz_text_character(to, character) - to);
		if (character == '"')
			dz_text_add_literal(out, "\"");
	}
	if (quote)
		dz_text_add_literal(out, "\"");
	dz_text_end(out);
}
