/* SPDX-License-Identifier: BSD-2-Clause */
/* group_by.h - what flows can have in common, and the name of the group that a flow is in by it.
 *
 * Knows records; knows no files. */
#ifndef DISTRIBOOZE_GROUP_BY_H
#define DISTRIBOOZE_GROUP_BY_H

#include "base/strbuf.h"
#include "record/record.h"

/* X(constant, word of --by) */
#define DZ_GROUP_BYS(X)                                                                                                \
	X(LABEL, "label")       /* distribooze.label */                                                                \
	X(PROTOCOL, "protocol") /* distribooze.ndpi.protocol: the full name, "TLS.NetFlix" */                          \
	X(CATEGORY, "category")                                                                                        \
	X(INPUT, "input")                                                                                              \
	X(HOSTNAME, "hostname") /* what the client asked for: TLS server name, HTTP host, DNS question */              \
	X(PORT, "port")         /* the destination's, with the transport: "443/tcp"; "icmp" without ports */           \
	X(SOURCE, "source")     /* addresses */                                                                        \
	X(DESTINATION, "destination")                                                                                  \
	X(HOST, "host")     /* the originator: the source, but of a responder's one-way record the destination */      \
	X(PREFIX, "prefix") /* the originator's network: /24, of IPv6 /64, or as said */                               \
	X(DOMAIN, "domain") /* the registrable part of the hostname, by the public suffix list */                      \
	X(VLAN, "vlan")                                                                                                \
	X(TUNNEL, "tunnel")                                                                                            \
	X(JA3, "ja3")                                                                                                  \
	X(JA4, "ja4")                                                                                                  \
	X(OBSERVER, "observer") /* the interface that it was captured on */                                            \
	X(HOUR, "hour")         /* of the flow's start, UTC */                                                         \
	X(DAY, "day")

enum dz_group_by {
#define DZ_GROUP_BY_CONSTANT(constant, word) DZ_BY_##constant,
	DZ_GROUP_BYS(DZ_GROUP_BY_CONSTANT)
#undef DZ_GROUP_BY_CONSTANT
		DZ_BY_COUNT
};
extern const char *const dz_group_by_names[DZ_BY_COUNT + 1]; /* NULL-terminated, for option tables */

/* The group's name, put into `name` (cleared first); "(none)" where the record does not say. `input` is the
 * name to use for the record's input. */
void dz_group_name(enum dz_group_by by, const struct dz_record *record, const char *input, struct dz_strbuf *name);

/* ---- two at a time, and with numbers ---- */

enum { DZ_GROUPING_KEYS = 2, DZ_GROUPING_TEXT = 80 };

struct dz_grouping {
	unsigned count; /* of keys: 1 or 2 */
	enum dz_group_by keys[DZ_GROUPING_KEYS];
	uint8_t prefix[2]; /* bits of DZ_BY_PREFIX, IPv4 and IPv6 */
	uint64_t every_ns; /* time windows of this length beside the keys, counted from midnight 1970; 0: none */
	bool only_every;   /* the windows are all there is: no keys */
	char text[DZ_GROUPING_TEXT]; /* as it was asked for: "label,host" */
};

/* By one thing, as dz_group_name has it. */
struct dz_grouping dz_grouping_by(enum dz_group_by by);

/* Reads "label", "host,hour", "prefix/20" (up to 32 bits IPv4's, above IPv6's). False, with a message that lists what
 * there is, when it is none of that, or when this build does not know domains. */
DZ_MUST_CHECK bool dz_grouping_parse(const char *text, struct dz_grouping *grouping, struct dz_err *err);

/* Adds time windows; of a grouping that was not asked for (`given` is false) they are all there is. */
void dz_grouping_add_every(struct dz_grouping *grouping, uint64_t every_ns, bool given);

/* Whether it is one word without a number: what libraries are kept by. */
bool dz_grouping_is_plain(const struct dz_grouping *grouping);

/* Whether groups stand in the order of time. */
bool dz_grouping_is_of_time(const struct dz_grouping *grouping);

/* Whether the key is among them. */
bool dz_grouping_has(const struct dz_grouping *grouping, enum dz_group_by by);

/* The group's name; of two things with a comma and a blank between. */
void dz_grouping_name(const struct dz_grouping *grouping, const struct dz_record *record, const char *input,
		      struct dz_strbuf *name);

#endif
