/* SPDX-License-Identifier: BSD-2-Clause */
/* label.c - see label.h. */
#include "config.h"
#include "record/label.h"

#include "base/mem.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dz_label_packed {
	uint64_t present; /* bit i: there is a strings[i] */
	uint16_t http_status;
	bool dns;
	char text[]; /* the strings that are present, one after another, each with its NUL */
};

_Static_assert(DZ_LABEL_STRINGS <= 64, "a bit for each string");
_Static_assert(offsetof(struct dz_label_detail, http_status) == DZ_LABEL_STRINGS * sizeof(char *) &&
		       offsetof(struct dz_label_detail, dns_response_code) == (DZ_LABEL_STRINGS - 1) * sizeof(char *),
	       "DZ_LABEL_STRINGS is how many there are");

const struct dz_label_detail dz_label_no_detail;

struct dz_label_packed *dz_label_pack(const struct dz_label_detail *detail)
{
	size_t sizes[DZ_LABEL_STRINGS], size = 0;
	struct dz_label_packed *packed;
	uint64_t present = 0;
	char *at;

	for (unsigned i = 0; i < DZ_LABEL_STRINGS; i++) {
		const char *string = detail->strings[i];
		if (string && *string) {
			present |= UINT64_C(1) << i;
			sizes[i] = strlen(string) + 1;
			size += sizes[i];
		}
	}
	if (!present && !detail->http_status && !detail->dns)
		return NULL;
	packed = dz_mem_alloc(offsetof(struct dz_label_packed, text) + size); /* the text begins within the padding */
	packed->present = present;
	packed->http_status = detail->http_status;
	packed->dns = detail->dns;
	at = packed->text;
	for (uint64_t left = present; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		memcpy(at, detail->strings[i], sizes[i]);
		at += sizes[i];
	}
	return packed;
}

const struct dz_label_detail *dz_label_unpack(const struct dz_label_packed *packed, struct dz_label_detail *detail)
{
	const char *at;

	if (!packed)
		return NULL;
	*detail = (struct dz_label_detail){ .http_status = packed->http_status, .dns = packed->dns };
	at = packed->text;
	for (uint64_t left = packed->present; left; left &= left - 1) {
		detail->strings[__builtin_ctzll(left)] = at;
		at += strlen(at) + 1;
	}
	return detail;
}

void dz_label_release(struct dz_label *label)
{
	free(label->packed);
	label->packed = NULL;
}

const char *dz_label_giver(const char *version, char buffer[DZ_LABEL_GIVER])
{
	if (!strcmp(version, "none"))
		return "ports alone";
	snprintf(buffer, DZ_LABEL_GIVER, "nDPI %s", version);
	return buffer;
}
