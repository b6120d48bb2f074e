/* SPDX-License-Identifier: BSD-2-Clause */
/* record.c - see record.h. */
#include "config.h"
#include "record/record.h"

#include "base/names.h"
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

const char *const dz_end_reason_names[DZ_END_COUNT + 1] = { "fin", "rst",      "idle",   "active", "evicted",
							    "eof", "shutdown", "reused", NULL };
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

bool dz_values_parse(const char *list, unsigned *values, struct dz_err *err)
{
	static const struct {
		const char *name;
		unsigned values;
	} names[] = { { "counts", DZ_VALUES_COUNTS },
		      { "percent", DZ_VALUES_PERCENT },
		      { "bins", DZ_VALUES_BINS },
		      { "vector", DZ_VALUES_VECTOR },
		      { "both", DZ_VALUES_BOTH } };
	const char *at = list;

	for (*values = 0;; at++) {
		size_t size = strcspn(at, ","), i = 0;
		while (i < sizeof names / sizeof *names &&
		       (strncmp(at, names[i].name, size) != 0 || names[i].name[size]))
			i++;
		if (i == sizeof names / sizeof *names)
			return dz_err_set(err, "'%.60s' is not a list of counts, percent, bins, vector or both", list);
		*values |= names[i].values;
		at += size;
		if (!*at)
			break;
	}
	if (*values == DZ_VALUES_VECTOR)
		return dz_err_set(err, "\"%s\" has no counts: add counts, bins or percent", list);
	return true;
}

void dz_record_shape_text(const struct dz_hist_shape *shape, bool one_way, char text[DZ_RECORD_SHAPE_TEXT])
{
	snprintf(text, DZ_RECORD_SHAPE_TEXT, "%" PRIu32 " bins of %" PRIu32 " bytes of layer %s, %s%s%s", shape->bins,
		 shape->bin_width, dz_layer_name(shape->layer), one_way ? "one-way" : "whole flows",
		 shape->skip_empty ? ", without empty packets" : "",
		 shape->skip_retransmissions ? ", without retransmissions" : "");
}
