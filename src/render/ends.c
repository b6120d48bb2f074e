/* SPDX-License-Identifier: BSD-2-Clause */
/* ends.c - see ends.h. */
#include "config.h"
#include "render/ends.h"

void dz_ends_csv(const struct dz_flow_key *key, unsigned source_end, struct dz_strbuf *out)
{
	char text[DZ_ADDRESS_TEXT], number[4];

	for (unsigned side = 0; side < 2; side++) {
		unsigned end = source_end ^ side;
		dz_strbuf_add(out, text, dz_flow_key_address(key, end, text));
		dz_strbuf_addc(out, ',');
		if (dz_flow_key_has_ports(key))
			dz_strbuf_addf(out, "%u", key->port[end]);
		dz_strbuf_addc(out, ',');
	}
	dz_strbuf_adds(out, dz_flow_key_transport(key->protocol, number));
}
