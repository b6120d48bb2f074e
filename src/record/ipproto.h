/* SPDX-License-Identifier: BSD-2-Clause */
/* ipproto.h - the IP protocol numbers that this program knows by name, and what is true of them.
 *
 * One list: IANA's Assigned Internet Protocol Numbers as far as they are met here, keywords in lower case. */
#ifndef DISTRIBOOZE_IPPROTO_H
#define DISTRIBOOZE_IPPROTO_H

#include <stdbool.h>
#include <stdint.h>

/* X(name of the constant, number, IANA's keyword) */
#define DZ_IPPROTO_LIST(X)                                                                                             \
	X(HOPOPT, 0, "hopopt")                                                                                         \
	X(ICMP, 1, "icmp")                                                                                             \
	X(IGMP, 2, "igmp")                                                                                             \
	X(IPIP, 4, "ipv4")                                                                                             \
	X(TCP, 6, "tcp")                                                                                               \
	X(EGP, 8, "egp")                                                                                               \
	X(UDP, 17, "udp")                                                                                              \
	X(DCCP, 33, "dccp")                                                                                            \
	X(IPV6, 41, "ipv6")                                                                                            \
	X(RSVP, 46, "rsvp")                                                                                            \
	X(GRE, 47, "gre")                                                                                              \
	X(ESP, 50, "esp")                                                                                              \
	X(AH, 51, "ah")                                                                                                \
	X(ICMPV6, 58, "ipv6-icmp")                                                                                     \
	X(IPV6_NONXT, 59, "ipv6-nonxt")                                                                                \
	X(EIGRP, 88, "eigrp")                                                                                          \
	X(OSPF, 89, "ospfigp")                                                                                         \
	X(IPIP_OLD, 94, "ipip")                                                                                        \
	X(ETHERIP, 97, "etherip")                                                                                      \
	X(PIM, 103, "pim")                                                                                             \
	X(IPCOMP, 108, "ipcomp")                                                                                       \
	X(VRRP, 112, "vrrp")                                                                                           \
	X(L2TP, 115, "l2tp")                                                                                           \
	X(SCTP, 132, "sctp")                                                                                           \
	X(UDPLITE, 136, "udplite")                                                                                     \
	X(MPLS_IN_IP, 137, "mpls-in-ip")

enum dz_ipproto {
#define DZ_IPPROTO_MEMBER(name, number, keyword) DZ_IPPROTO_##name = (number),
	DZ_IPPROTO_LIST(DZ_IPPROTO_MEMBER)
#undef DZ_IPPROTO_MEMBER
};

/* Whether the first four bytes of the transport header are two ports: RFC 9293, 768, 9260, 3828, 4340. */
static inline bool dz_ipproto_has_ports(uint8_t protocol)
{
	return protocol == DZ_IPPROTO_TCP || protocol == DZ_IPPROTO_UDP || protocol == DZ_IPPROTO_SCTP ||
	       protocol == DZ_IPPROTO_UDPLITE || protocol == DZ_IPPROTO_DCCP;
}

static inline bool dz_ipproto_is_icmp(uint8_t protocol)
{
	return protocol == DZ_IPPROTO_ICMP || protocol == DZ_IPPROTO_ICMPV6;
}

#endif
