/* SPDX-License-Identifier: BSD-2-Clause */
/* ends.h - who talked to whom, as columns of CSV and as JSON: the same in every output of the statistics. */
#ifndef DISTRIBOOZE_ENDS_H
#define DISTRIBOOZE_ENDS_H

#include "base/strbuf.h"
#include "record/flow_key.h"

/* source,source_port,destination,destination_port,transport; a port is empty where the transport has none. */
#define DZ_ENDS_CSV_HEAD "source,source_port,destination,destination_port,transport"
void dz_ends_csv(const struct dz_flow_key *key, unsigned source_end, struct dz_strbuf *out);

#endif
