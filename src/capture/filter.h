/* SPDX-License-Identifier: BSD-2-Clause */
/* filter.h - a BPF expression, applied to frames of any link type; and what else libpcap knows of link types.
 *
 * For src/capture, and for the engine, which applies one to innermost packets. Knows libpcap's compiler; knows nothing
 * of files. */
#ifndef DISTRIBOOZE_FILTER_H
#define DISTRIBOOZE_FILTER_H

#include "base/err.h"
#include "record/packet.h"

struct dz_filter; /* opaque; used by one thread at a time */

/* `expression` is in libpcap's syntax (pcap-filter(7)); copied. It is compiled when the first frame of a link type
 * comes. */
struct dz_filter *dz_filter_new(const char *expression);
void dz_filter_free(struct dz_filter *filter);

/* Compiles the expression for a LINKTYPE_ now, and says whether it fits. */
bool dz_filter_prepare(struct dz_filter *filter, int linktype);

enum dz_filter_verdict {
	DZ_FILTER_PASS,
	DZ_FILTER_BLOCK,
	DZ_FILTER_UNFIT /* the expression does not fit the link type: dz_filter_misfit() */
};

enum dz_filter_verdict dz_filter_apply(struct dz_filter *filter, const struct dz_frame *frame);

/* Why: "filter "vlan" does not fit its link type 101 (RAW): no VLAN support for ..." */
void dz_filter_misfit(const struct dz_filter *filter, int linktype, struct dz_err *err);

/* Whether the expression compiles for a LINKTYPE_; libpcap's message. */
DZ_MUST_CHECK bool dz_filter_try(int linktype, const char *expression, struct dz_err *err);

#endif
