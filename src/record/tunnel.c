/* SPDX-License-Identifier: BSD-2-Clause */
/* tunnel.c - see tunnel.h. */
#include "config.h"
#include "record/tunnel.h"

#include <stddef.h>
#include <string.h>

static const char *const names[DZ_TUNNEL_COUNT] = { NULL,  "ipip",  "6in4",   "4in6",  "6in6",
						    "gre", "vxlan", "geneve", "gtp-u", "teredo" };

const char *dz_tunnel_name(enum dz_tunnel tunnel)
{
	return names[tunnel];
}

bool dz_tunnel_from_name(const char *name, enum dz_tunnel *tunnel)
{
	for (unsigned i = 1; i < DZ_TUNNEL_COUNT; i++) {
		if (!strcmp(name, names[i])) {
			*tunnel = (enum dz_tunnel)i;
			return true;
		}
	}
	return false;
}
