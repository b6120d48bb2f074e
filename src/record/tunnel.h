/* SPDX-License-Identifier: BSD-2-Clause */
/* tunnel.h - the encapsulations that are opened, by name. */
#ifndef DISTRIBOOZE_TUNNEL_H
#define DISTRIBOOZE_TUNNEL_H

#include <stdbool.h>

enum dz_tunnel {
	DZ_TUNNEL_NONE,
	DZ_TUNNEL_IPIP,   /* IPv4 in IPv4 (RFC 2003) */
	DZ_TUNNEL_6IN4,   /* RFC 4213 */
	DZ_TUNNEL_4IN6,   /* RFC 2473 */
	DZ_TUNNEL_6IN6,   /* RFC 2473 */
	DZ_TUNNEL_GRE,    /* RFC 2784, 2890; also NVGRE and ERSPAN's carriers */
	DZ_TUNNEL_VXLAN,  /* RFC 7348 */
	DZ_TUNNEL_GENEVE, /* RFC 8926 */
	DZ_TUNNEL_GTP_U,  /* 3GPP TS 29.281 */
	DZ_TUNNEL_TEREDO  /* RFC 4380 */
};
#define DZ_TUNNEL_COUNT 10

/* "ipip", "6in4", "4in6", "6in6", "gre", "vxlan", "geneve", "gtp-u", "teredo"; NULL for none */
const char *dz_tunnel_name(enum dz_tunnel tunnel);
bool dz_tunnel_from_name(const char *name, enum dz_tunnel *tunnel);

#endif
