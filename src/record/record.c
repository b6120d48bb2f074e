/* SPDX-License-Identifier: BSD-2-Clause */
/* record.c - see record.h. */
#include "config.h"
#include "record/record.h"

#include <string.h>

static const char *const end_names[DZ_END_COUNT] = { "fin", "rst", "idle", "active", "evicted", "eof", "shutdown" };

const char *dz_end_reason_name(enum dz_end_reason reason)
{
	return end_names[reason];
}

bool dz_end_reason_from_name(const char *name, enum dz_end_reason *reason)
{
	for (unsigned i = 0; i < DZ_END_COUNT; i++) {
		if (!strcmp(name, end_names[i])) {
			*reason = (enum dz_end_reason)i;
			return true;
		}
	}
	return false;
}

const char *dz_record_hostname(const struct dz_record *record)
{
	const struct dz_label_detail *detail = record->detail;

	if (!detail)
		return NULL;
	return detail->tls_server_name ? detail->tls_server_name : detail->hostname;
}
