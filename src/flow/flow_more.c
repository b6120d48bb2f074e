/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_more.c - what few flows need: a block of its own, made when it is needed first. */
#include "config.h"
#include "flow/flow_internal.h"

#include "base/mem.h"
#include <stdlib.h>

struct dz_flow_more *dz_flow_more(struct flow *flow)
{
	if (!flow->more)
		flow->more = dz_mem_zalloc(1, sizeof *flow->more);
	return flow->more;
}

void dz_flow_more_free(struct dz_flow_more *more)
{
	if (!more)
		return;
	dz_tls_records_free(more->stream[0]);
	dz_tls_records_free(more->stream[1]);
	free(more);
}

uint64_t dz_flow_tls_lost(const struct flow *flow, unsigned end)
{
	const struct dz_flow_more *more = flow->more;
	return more && more->stream[end] ? dz_tls_records_lost(more->stream[end]) - more->told_lost[end] : 0;
}

void dz_flow_restart(struct flow *flow)
{
	struct dz_flow_more *more = dz_flow_more(flow);

	for (unsigned end = 0; end < 2; end++) {
		flow->packets[end] = flow->bytes[end] = 0;
		flow->tcp_flags[end] &= DZ_TCP_FIN; /* what closing still needs to know */
		more->told_lost[end] += dz_flow_tls_lost(flow, end);
		more->retransmissions[end] = more->oversized[end] = 0;
	}
	dz_hist_release(&flow->hist);
	flow->first_ns = NO_TIME;
	more->part++;
}
