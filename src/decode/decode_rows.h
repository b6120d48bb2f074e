/* SPDX-License-Identifier: BSD-2-Clause */
/* decode_rows.h - all that decode knows: a row is a number of the wire and the function that reads what it announces.
 *
 * The switches that look for a number, what is known of a link type, and what the fast path of decode_fast.c has to
 * leave alone are made from these lists, and the functions are declared by them. To add one: a row here, and the
 * function in the file for its kind. A tunnel has a name in record/tunnel.h as well. */
#ifndef DISTRIBOOZE_DECODE_ROWS_H
#define DISTRIBOOZE_DECODE_ROWS_H

/* X(LINKTYPE_ value, dz_step_ function): https://www.tcpdump.org/linktypes.html */
#define DZ_LINK_ROWS(X)                                                                                                \
	X(0, null)                                                                                                     \
	X(1, ethernet)                                                                                                 \
	X(6, token_ring)                                                                                               \
	X(7, arcnet_bsd)                                                                                               \
	X(8, slip)                                                                                                     \
	X(9, ppp_or_c_hdlc)                                                                                            \
	X(10, fddi)                                                                                                    \
	X(12, raw) /* DLT_RAW, as some programs write it into files */                                                 \
	X(14, raw) /* the same on OpenBSD */                                                                           \
	X(50, ppp_or_c_hdlc)                                                                                           \
	X(51, pppoe)                                                                                                   \
	X(100, llc) /* ATM, RFC 1483 */                                                                                \
	X(101, raw)                                                                                                    \
	X(104, c_hdlc)                                                                                                 \
	X(105, wlan)                                                                                                   \
	X(107, frame_relay)                                                                                            \
	X(108, loop)                                                                                                   \
	X(109, enc)                                                                                                    \
	X(113, linux_sll)                                                                                              \
	X(117, pflog)                                                                                                  \
	X(119, prism)                                                                                                  \
	X(122, ip_over_fc)                                                                                             \
	X(127, radiotap)                                                                                               \
	X(129, arcnet_linux)                                                                                           \
	X(138, ieee1394)                                                                                               \
	X(149, pktap) /* private use: as Apple wrote it before it had a number */                                      \
	X(163, avs)                                                                                                    \
	X(166, ppp_pppd)                                                                                               \
	X(192, ppi)                                                                                                    \
	X(204, ppp_with_direction)                                                                                     \
	X(205, c_hdlc_with_direction)                                                                                  \
	X(206, frame_relay_with_direction)                                                                             \
	X(226, ipnet)                                                                                                  \
	X(228, raw)                                                                                                    \
	X(229, raw)                                                                                                    \
	X(239, nflog)                                                                                                  \
	X(240, netanalyzer)                                                                                            \
	X(241, netanalyzer_transparent)                                                                                \
	X(242, ipoib)                                                                                                  \
	X(258, pktap)                                                                                                  \
	X(274, mpacket)                                                                                                \
	X(276, linux_sll2)                                                                                             \
	X(281, dsa_brcm)                                                                                               \
	X(282, dsa_brcm_prepend)                                                                                       \
	X(284, dsa)                                                                                                    \
	X(285, dsa_ethertype)

/* X(ethertype, dz_step_ function). IPv4 and IPv6 are where the walk ends. */
#define DZ_ETHERTYPE_ROWS(X)                                                                                           \
	X(0x22f3, trill)                                                                                               \
	X(0x6558, ethernet) /* Transparent Ethernet Bridging */                                                        \
	X(0x8100, vlan)                                                                                                \
	X(0x8847, mpls)                                                                                                \
	X(0x8848, mpls)                                                                                                \
	X(0x8864, pppoe)                                                                                               \
	X(0x8870, llc) /* 802.2 in a frame of more than 1,500 bytes */                                                 \
	X(0x880b, ppp)                                                                                                 \
	X(0x883e, wccp) /* in GRE only */                                                                              \
	X(0x88a8, vlan)                                                                                                \
	X(0x88e5, macsec)                                                                                              \
	X(0x88e7, backbone)                                                                                            \
	X(0x8903, fabricpath)                                                                                          \
	X(0x8909, cisco_metadata)                                                                                      \
	X(0x8926, vn_tag)                                                                                              \
	X(0x892f, hsr)                                                                                                 \
	X(0x893f, e_tag)                                                                                               \
	X(0x894f, nsh)                                                                                                 \
	X(0x9100, vlan) /* 802.1ad's, before it had a number */                                                        \
	X(0x9200, vlan)                                                                                                \
	X(0x9300, vlan)                                                                                                \
	X(0xd28b, arista)                                                                                              \
	X(0xdada, dsa_behind_type)

/* X(UDP port, ends, dz_tunnel_ function); ends: TO where only the destination has the port, EITHER where answers come
 * from it. What has no port of its own is in dz_decode_tunnel_shape(). */
#define DZ_UDP_TUNNEL_ROWS(X)                                                                                          \
	X(1701, EITHER, l2tp)                                                                                          \
	X(2268, EITHER, amt)                                                                                           \
	X(2152, EITHER, gtp_u)                                                                                         \
	X(3544, EITHER, teredo)                                                                                        \
	X(4341, EITHER, lisp)                                                                                          \
	X(4754, TO, gre)                                                                                               \
	X(4789, TO, vxlan)                                                                                             \
	X(4790, TO, vxlan_gpe)                                                                                         \
	X(5072, EITHER, ayiya)                                                                                         \
	X(5247, EITHER, capwap)                                                                                        \
	X(6080, EITHER, gue)                                                                                           \
	X(6081, TO, geneve)                                                                                            \
	X(6635, TO, mpls)                                                                                              \
	X(8472, TO, vxlan) /* the Linux kernel's default, older than IANA's number */                                  \
	X(37008, EITHER, tzsp)

/* X(IP protocol, dz_tunnel_ function) */
#define DZ_IP_TUNNEL_ROWS(X)                                                                                           \
	X(4, ip)                                                                                                       \
	X(41, ip)                                                                                                      \
	X(47, gre)                                                                                                     \
	X(94, ip) /* IP within IP, older than RFC 2003 */                                                              \
	X(97, etherip)                                                                                                 \
	X(103, pim)                                                                                                    \
	X(115, l2tp_ip)                                                                                                \
	X(137, mpls)                                                                                                   \
	X(143, ethernet)

#endif
