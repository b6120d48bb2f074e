/* SPDX-License-Identifier: BSD-2-Clause */
/* ends.c - see ends.h. */
#include "config.h"
#include "render/ends.h"

#include "record/json_build.h"

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

void dz_ends_json(struct json_object *object, const char *name, const struct dz_flow_key *key, unsigned end)
{
	struct json_object *side = dz_json_build_object();
	char text[DZ_ADDRESS_TEXT];

	dz_flow_key_address(key, end, text);
	dz_json_build_add(side, "ip", dz_json_build_word(text));
	if (dz_flow_key_has_ports(key))
		dz_json_build_add(side, "port", dz_json_build_int(key->port[end]));
	dz_json_build_add(object, name, side);
}
