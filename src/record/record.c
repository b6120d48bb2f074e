/* SPDX-License-Identifier: BSD-2-Clause */
/* record.c - see record.h. */
#include "config.h"
#include "record/record.h"

#include "base/names.h"
#include <stddef.h>

const char *const dz_end_reason_names[DZ_END_COUNT + 1] = { "fin", "rst",      "idle",   "active", "evicted",
							    "eof", "shutdown", "reused", NULL };
const char *const dz_values_names[DZ_VALUES_KINDS + 1] = { "both", "counts", "percent", NULL };

const char *dz_end_reason_name(enum dz_end_reason reason)
{
	return dz_end_reason_names[reason];
}

const char *dz_role_name(enum dz_role role)
{
	static const char *const names[] = { "both", "initiator", "responder" };

	return names[role];
}

bool dz_end_reason_from_name(const char *name, enum dz_end_reason *reason)
{
	int found = dz_names_find(dz_end_reason_names, name);

	*reason = found < 0 ? *reason : (enum dz_end_reason)found;
	return found >= 0;
}

const char *dz_record_hostname(const struct dz_record *record)
{
	const struct dz_label_detail *detail = record->detail;

	if (!detail)
		return NULL;
	return detail->tls_server_name ? detail->tls_server_name : detail->hostname;
}
