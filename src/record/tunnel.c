/* SPDX-License-Identifier: BSD-2-Clause */
/* tunnel.c - see tunnel.h. */
#include "config.h"
#include "record/tunnel.h"

#include <stddef.h>
#include <string.h>

#define NAME(constant, name) [DZ_TUNNEL_##constant] = name,
static const char *const names[DZ_TUNNEL_COUNT] = { DZ_TUNNELS(NAME) };

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
