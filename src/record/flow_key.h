/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_key.h - who talks to whom: the five-tuple, with VLANs, virtual network and IP version.
 *
 * A key is undirected: the end with the lower (address, port), compared as
 * bytes in network order, is end 0.  Which end sent a packet is told beside
 * the key.  Keys are compared and hashed as bytes, so all of them are set:
 * build keys with dz_flow_key_init().
 *
 * Ports are in host order.  ICMP and ICMPv6 have no ports: as Community ID
 * 1.0 does, they take the message type of the sender as its port and, for a
 * request, the type of the reply as the other's (echo request 8 and reply 0),
 * so that both directions meet in one key; for messages without a counterpart
 * the other's port is DZ_ICMP_ONE_WAY + the code, and the key is the sender's
 * alone: no type is that high, so the other host's messages of the same type
 * have another key. */
#ifndef DISTRIBOOZE_FLOW_KEY_H
#define DISTRIBOOZE_FLOW_KEY_H

#include "record/ipproto.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dz_flow_key {
	uint8_t address[2][16]; /* IPv4 uses the first 4 bytes, the rest is zero */
	uint16_t port[2];
	uint16_t vlan;       /* outermost VLAN id, 1..4094; 0 when untagged or ignored */
	uint8_t protocol;    /* IP protocol number of the transport */
	uint8_t version;     /* 4 or 6 */
	uint32_t tenant;     /* number of the virtual network that the packet was in; 0 when in none, or ignored */
	uint16_t inner_vlan; /* the next VLAN id inside; 0 alike */
	uint8_t zero[2];
};

#define DZ_ADDRESS_TEXT 46 /* an address as text, with its NUL (RFC 5952) */

/* Sets the key of a packet from `source` to `destination` (4 or 16 bytes each)
 * and returns the sender's end, 0 or 1.  With equal addresses and ports the
 * sender is end 0.  The inner VLAN and the tenant are 0: who knows them sets them. */
unsigned dz_flow_key_init(struct dz_flow_key *key, uint8_t version, uint8_t protocol, uint16_t vlan,
			  const uint8_t *source, uint16_t source_port, const uint8_t *destination,
			  uint16_t destination_port);

#define DZ_ICMP_ONE_WAY 256

/* The ports that an ICMP (protocol 1) or ICMPv6 (58) message is keyed by, source and
 * destination, as Community ID 1.0 pairs them. Returns whether the message is one way
 * (no counterpart). */
bool dz_flow_key_icmp_ports(uint8_t protocol, uint8_t type, uint8_t code, uint16_t *source, uint16_t *destination);

/* As memcmp() says, but a call for each packet can be felt. */
static inline bool dz_flow_key_equal(const struct dz_flow_key *a, const struct dz_flow_key *b)
{
	uint64_t x[sizeof *a / sizeof(uint64_t)], y[sizeof *a / sizeof(uint64_t)], differs = 0;
	memcpy(x, a, sizeof x);
	memcpy(y, b, sizeof y);
	for (size_t i = 0; i < sizeof x / sizeof *x; i++)
		differs |= x[i] ^ y[i];
	return !differs;
}

uint64_t dz_flow_key_hash(const struct dz_flow_key *key, uint64_t seed);

/* A hash of the unordered pair of hosts alone: what shards are dealt by. */
uint64_t dz_flow_key_hosts_hash(const struct dz_flow_key *key, uint64_t seed);

/* Writes the address of one end as text; returns its length. */
size_t dz_flow_key_address(const struct dz_flow_key *key, unsigned end, char text[DZ_ADDRESS_TEXT]);

/* Whether the key's ports are ports, and not what ICMP is keyed by, or nothing. */
static inline bool dz_flow_key_has_ports(const struct dz_flow_key *key)
{
	return dz_ipproto_has_ports(key->protocol);
}

/* Writes one end, with its port where it has one: "192.0.2.1:443", "[2001:db8::1]:443", "192.0.2.1" (RFC 3986, section
 * 3.2.2). Returns its length. */
#define DZ_ENDPOINT_TEXT (DZ_ADDRESS_TEXT + 8)
size_t dz_flow_key_endpoint(const struct dz_flow_key *key, unsigned end, char text[DZ_ENDPOINT_TEXT]);

#define DZ_COMMUNITY_ID_TEXT 31 /* "1:" + 28 of base64 + NUL */

/* Community ID 1.0 (https://github.com/corelight/community-id-spec). The source's end matters only for ICMP messages
 * without a counterpart, whose ID the specification makes one-way. */
void dz_flow_key_community_id(const struct dz_flow_key *key, unsigned source_end, uint16_t seed,
			      char text[DZ_COMMUNITY_ID_TEXT]);

/* "tcp", "udp", "icmp", "ipv6-icmp", "sctp", ... or the number as text when IANA's keyword is
 * not known here; lower case, static storage or `buffer`. */
const char *dz_flow_key_transport(uint8_t protocol, char buffer[4]);

#endif
