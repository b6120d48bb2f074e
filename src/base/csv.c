/* SPDX-License-Identifier: BSD-2-Clause */
/* csv.c - see csv.h. */
#include "config.h"
#include "base/csv.h"

#include "base/text.h"
#include <string.h>

#define EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))

/* Not 0 where one of eight bytes is `byte`. Bytes are below 0x80. */
static inline uint64_t has_byte(uint64_t eight, char byte)
{
	return EVERY_BYTE(0x80) - (eight ^ EVERY_BYTE(byte));
}

/* Whether all of eight bytes stand for themselves wherever they are in a field: from ! to ~ and the space, but for what
 * makes it be quoted. */
static inline bool are_plain(uint64_t eight)
{
	uint64_t control, delete;

	if (eight & EVERY_BYTE(0x80))
		return false;
	control = EVERY_BYTE(0x9f) - eight; /* the top bit is set where a byte is below the space */
	delete = eight + EVERY_BYTE(1);     /* and here where it is DEL */
	return !(((control | delete) & EVERY_BYTE(0x80)) |
		 ((has_byte(eight, ',') | has_byte(eight, '"') | has_byte(eight, '\'')) & EVERY_BYTE(0x80)));
}

static bool is_formula(char first)
{
	return first == '=' || first == '+' || first == '-' || first == '@';
}

/* Copies text that is a field as it stands; false when it is not. `to` has room for 8 bytes more. */
static bool copy_plain(char *to, const char *text, size_t size)
{
	uint64_t eight = EVERY_BYTE('x');

	if (is_formula(text[0]) || text[0] == ' ' || text[size - 1] == ' ')
		return false;
	if (size < 8) {
		memcpy(&eight, text, size);
		memcpy(to, &eight, 8);
		return are_plain(eight);
	}
	for (size_t i = 0; i + 8 < size; i += 8) {
		memcpy(&eight, text + i, 8);
		if (!are_plain(eight))
			return false;
		memcpy(to + i, &eight, 8);
	}
	memcpy(&eight, text + size - 8, 8); /* the last eight, some of them for the second time */
	memcpy(to + size - 8, &eight, 8);
	return are_plain(eight);
}

/* Text with something in it that has to be quoted, replaced or kept from being a formula. */
static void add_other(struct dz_strbuf *out, const char *text, size_t size)
{
	const char *at = text, *end = text + size;
	bool formula = is_formula(text[0]);
	bool quote = formula || text[0] == ' ' || end[-1] == ' ' || strpbrk(text, ",\"'") != NULL;

	if (quote)
		dz_text_add_literal(out, "\"");
	if (formula)
		dz_text_add_literal(out, "'");
	while (at < end) {
		uint32_t character = dz_text_next(&at, end);
		char *to = dz_text_room(out, DZ_TEXT_CHARACTER);
		if (!dz_text_is_printable(character))
			character = DZ_TEXT_REPLACEMENT;
		out->size += (size_t)(dz_text_character(to, character) - to);
		if (character == '"')
			dz_text_add_literal(out, "\"");
	}
	if (quote)
		dz_text_add_literal(out, "\"");
}

void dz_csv_text(struct dz_strbuf *out, const char *text)
{
	size_t size = text ? strlen(text) : 0;

	if (size == 0)
		return;
	if (copy_plain(dz_text_room(out, size + 8), text, size))
		out->size += size;
	else
		add_other(out, text, size);
	dz_text_end(out);
}
