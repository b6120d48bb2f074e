/* SPDX-License-Identifier: BSD-2-Clause */
/* tunnel.h - the encapsulations that are opened, by name. */
#ifndef DISTRIBOOZE_TUNNEL_H
#define DISTRIBOOZE_TUNNEL_H

#include <stdbool.h>

/* X(constant, name in records): the one list of them; what makes a packet one of each is in decode/decode_rows.h. */
#define DZ_TUNNELS(X)                                                                                                  \
	X(IPIP, "ipip")        /* IPv4 in IPv4 (RFC 2003) */                                                           \
	X(6IN4, "6in4")        /* RFC 4213 */                                                                          \
	X(4IN6, "4in6")        /* RFC 2473 */                                                                          \
	X(6IN6, "6in6")        /* RFC 2473 */                                                                          \
	X(GRE, "gre")          /* RFC 2784, 2890, 8086; also NVGRE's, ERSPAN's, WCCP's and Aruba's carrier */          \
	X(VXLAN, "vxlan")      /* RFC 7348, and draft-ietf-nvo3-vxlan-gpe */                                           \
	X(GENEVE, "geneve")    /* RFC 8926 */                                                                          \
	X(GTP_U, "gtp-u")      /* 3GPP TS 29.281 */                                                                    \
	X(TEREDO, "teredo")    /* RFC 4380 */                                                                          \
	X(L2TP, "l2tp")        /* RFC 2661, 3931 */                                                                    \
	X(CAPWAP, "capwap")    /* RFC 5415 */                                                                          \
	X(TZSP, "tzsp")        /* TaZmen Sniffer Protocol */                                                           \
	X(ETHERIP, "etherip")  /* RFC 3378 */                                                                          \
	X(EOIP, "eoip")        /* MikroTik's Ethernet over IP, in GRE */                                               \
	X(MPLS, "mpls")        /* in IP (RFC 4023) and in UDP (RFC 7510); MPLS below IP is no tunnel of IP */          \
	X(GUE, "gue")          /* draft-ietf-intarea-gue */                                                            \
	X(FOU, "fou")          /* IP in UDP without a header between (Linux' foo over UDP) */                          \
	X(AYIYA, "ayiya")      /* draft-massar-v6ops-ayiya */                                                          \
	X(AMT, "amt")          /* RFC 7450 */                                                                          \
	X(LISP, "lisp")        /* RFC 9300 */                                                                          \
	X(PIM, "pim-register") /* RFC 7761, section 4.9.3 */                                                           \
	X(SRV6, "srv6")        /* Ethernet behind IPv6 headers (RFC 8986, section 4.9) */

enum dz_tunnel {
	DZ_TUNNEL_NONE,
#define DZ_TUNNEL_CONSTANT(constant, name) DZ_TUNNEL_##constant,
	DZ_TUNNELS(DZ_TUNNEL_CONSTANT)
#undef DZ_TUNNEL_CONSTANT
		DZ_TUNNEL_COUNT
};

/* The name in records; NULL for none */
const char *dz_tunnel_name(enum dz_tunnel tunnel);
bool dz_tunnel_from_name(const char *name, enum dz_tunnel *tunnel);

#endif
