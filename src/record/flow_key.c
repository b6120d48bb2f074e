/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_key.c - see flow_key.h. Hashes are xxHash's XXH3; Community ID's SHA-1 and base64 are nettle's. */
#include "config.h"
#include "record/flow_key.h"

#include "base/cursor.h"
#include <arpa/inet.h>
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(sizeof(struct dz_flow_key) == 48, "keys are compared and hashed as bytes: no padding");

static size_t address_size(uint8_t version)
{
	return version == 4 ? 4 : 16;
}

static int compare(const uint8_t *a, const uint8_t *b, size_t size)
{
	if (size == 4) { /* a call of memcmp() for each packet can be felt */
		uint32_t x = dz_wire_be32(a), y = dz_wire_be32(b);
		return x < y ? -1 : x > y;
	}
	return memcmp(a, b, size);
}

/* Puts the addresses into a key of zeros. Inlined once for each size, so that every copy is a move. */
static inline __attribute__((always_inline)) unsigned set_ends(struct dz_flow_key *key, size_t size,
							       const uint8_t *source, uint16_t source_port,
							       const uint8_t *destination, uint16_t destination_port)
{
	int order = compare(source, destination, size);
	unsigned sender = order > 0 || (order == 0 && source_port > destination_port);

	memcpy(key->address[sender], source, size);
	memcpy(key->address[!sender], destination, size);
	return sender;
}

unsigned dz_flow_key_init(struct dz_flow_key *key, uint8_t version, uint8_t protocol, uint16_t vlan,
			  const uint8_t *source, uint16_t source_port, const uint8_t *destination,
			  uint16_t destination_port)
{
	unsigned sender;

	memset(key, 0, sizeof *key);
	if (version == 4)
		sender = set_ends(key, 4, source, source_port, destination, destination_port);
	else
		sender = set_ends(key, 16, source, source_port, destination, destination_port);
	key->port[sender] = source_port;
	key->port[!sender] = destination_port;
	key->vlan = vlan;
	key->protocol = protocol;
	key->version = version;
	return sender;
}

/* Message types that answer each other: RFC 792, RFC 950, RFC 1256, RFC 6918. */
static const uint8_t icmp_pairs[][2] = { { 8, 0 }, { 13, 14 }, { 15, 16 }, { 17, 18 }, { 10, 9 } };
/* RFC 4443, RFC 4861, RFC 2710, RFC 4620, RFC 3122, RFC 6275. */
static const uint8_t icmpv6_pairs[][2] = { { 128, 129 }, { 133, 134 }, { 135, 136 },
					   { 130, 131 }, { 139, 140 }, { 144, 145 } };

static bool counterpart(const uint8_t (*pairs)[2], size_t count, uint8_t type, uint16_t *other)
{
	for (size_t i = 0; i < count; i++) {
		for (unsigned side = 0; side < 2; side++) {
			if (pairs[i][side] == type) {
				*other = pairs[i][!side];
				return true;
			}
		}
	}
	return false;
}

bool dz_flow_key_icmp_ports(uint8_t protocol, uint8_t type, uint8_t code, uint16_t *source, uint16_t *destination)
{
	bool paired;
	*source = type;
	*destination = DZ_ICMP_ONE_WAY + code;
	if (protocol == DZ_IPPROTO_ICMP)
		paired = counterpart(icmp_pairs, sizeof icmp_pairs / sizeof *icmp_pairs, type, destination);
	else
		paired = counterpart(icmpv6_pairs, sizeof icmpv6_pairs / sizeof *icmpv6_pairs, type, destination);
	return !paired;
}

uint64_t dz_flow_key_hash(const struct dz_flow_key *key, uint64_t seed)
{
	return XXH3_64bits_withSeed(key, sizeof *key, seed);
}

uint64_t dz_flow_key_hosts_hash(const struct dz_flow_key *key, uint64_t seed)
{
	return XXH3_64bits_withSeed(key->address, sizeof key->address, seed);
}

size_t dz_flow_key_address(const struct dz_flow_key *key, unsigned end, char text[DZ_ADDRESS_TEXT])
{
	const uint8_t *a = key->address[end];
	if (key->version == 4) {
		char *at = text;
		for (unsigned i = 0; i < 4; i++) {
			if (a[i] >= 100)
				*at++ = (char)('0' + a[i] / 100);
			if (a[i] >= 10)
				*at++ = (char)('0' + a[i] / 10 % 10);
			*at++ = (char)('0' + a[i] % 10);
			*at++ = '.';
		}
		*--at = '\0';
		return (size_t)(at - text);
	}
	if (!inet_ntop(AF_INET6, a, text, DZ_ADDRESS_TEXT))
		text[0] = '\0';
	return strlen(text);
}

size_t dz_flow_key_endpoint(const struct dz_flow_key *key, unsigned end, char text[DZ_ENDPOINT_TEXT])
{
	bool ports = dz_flow_key_has_ports(key), bracket = ports && key->version == 6;
	size_t size = dz_flow_key_address(key, end, text + bracket);

	if (!ports)
		return size;
	if (bracket)
		text[0] = '[';
	size += bracket;
	return size +
	       (size_t)snprintf(text + size, DZ_ENDPOINT_TEXT - size, "%s:%u", bracket ? "]" : "", key->port[end]);
}

/* The protocols whose ports the specification of Community ID hashes. */
static bool is_hashed_with_ports(const struct dz_flow_key *key)
{
	return key->protocol == DZ_IPPROTO_TCP || key->protocol == DZ_IPPROTO_UDP || key->protocol == DZ_IPPROTO_SCTP ||
	       dz_ipproto_is_icmp(key->protocol);
}

/* The end that Community ID puts first: the lower, or the sender where the other cannot answer. */
static unsigned first_end(const struct dz_flow_key *key, unsigned source_end)
{
	uint16_t source, destination;
	if (!dz_ipproto_is_icmp(key->protocol))
		return 0;
	if (dz_flow_key_icmp_ports(key->protocol, (uint8_t)key->port[source_end], 0, &source, &destination))
		return source_end;
	return 0;
}

void dz_flow_key_community_id(const struct dz_flow_key *key, unsigned source_end, uint16_t seed,
			      char text[DZ_COMMUNITY_ID_TEXT])
{
	unsigned first = first_end(key, source_end);
	uint8_t bytes[2 + 32 + 2 + 4], *at = bytes;
	size_t size = address_size(key->version);
	struct sha1_ctx sha1;
	uint8_t digest[SHA1_DIGEST_SIZE];

	*at++ = (uint8_t)(seed >> 8);
	*at++ = (uint8_t)seed;
	for (unsigned end = 0; end < 2; end++) {
		memcpy(at, key->address[end ^ first], size);
		at += size;
	}
	*at++ = key->protocol;
	*at++ = 0;
	for (unsigned end = 0; end < 2 && is_hashed_with_ports(key); end++) {
		*at++ = dz_ipproto_is_icmp(key->protocol) ? 0 : (uint8_t)(key->port[end ^ first] >> 8);
		*at++ = (uint8_t)key->port[end ^ first];
	}
	sha1_init(&sha1);
	sha1_update(&sha1, (size_t)(at - bytes), bytes);
	sha1_digest(&sha1, sizeof digest, digest);
	text[0] = '1';
	text[1] = ':';
	base64_encode_raw(text + 2, sizeof digest, digest);
	text[DZ_COMMUNITY_ID_TEXT - 1] = '\0';
}

const char *dz_flow_key_transport(uint8_t protocol, char buffer[4])
{
	switch (protocol) {
#define KEYWORD(name, number, keyword)                                                                                 \
	case number:                                                                                                   \
		return keyword;
		DZ_IPPROTO_LIST(KEYWORD)
#undef KEYWORD
	}
	snprintf(buffer, 4, "%u", protocol);
	return buffer;
}
