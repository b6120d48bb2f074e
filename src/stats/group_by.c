/* SPDX-License-Identifier: BSD-2-Clause */
/* group_by.c - see group_by.h. */
#include "config.h"
#include "stats/group_by.h"

#include "base/text.h"
#include "stats/domain.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
enum { IPV4_BITS = 32, IPV6_BITS = 128 };

const char *const dz_group_by_names[DZ_BY_COUNT + 1] = {
#define DZ_GROUP_BY_NAME(constant, word) word,
	DZ_GROUP_BYS(DZ_GROUP_BY_NAME)
#undef DZ_GROUP_BY_NAME
		NULL
};

static const uint8_t usual_prefix[2] = { 24, 64 };

/* ---- names ---- */

static unsigned originator_of(const struct dz_record *record)
{
	return record->role == DZ_ROLE_RESPONDER ? 1 - record->source_end : record->source_end;
}

static void add_address(const struct dz_record *record, unsigned end, struct dz_strbuf *name)
{
	char text[DZ_ADDRESS_TEXT];

	dz_flow_key_address(&record->key, end, text);
	dz_strbuf_adds(name, text);
}

/* "192.0.2.0/24" */
static void add_prefix(const struct dz_record *record, const uint8_t prefix[2], struct dz_strbuf *name)
{
	unsigned end = originator_of(record), bits = prefix[record->key.version == 6];
	struct dz_flow_key network = record->key;
	char text[DZ_ADDRESS_TEXT];

	for (unsigned i = 0; i < sizeof network.address[end]; i++) {
		unsigned kept = bits > i * 8 ? bits - i * 8 : 0;
		if (kept < 8)
			network.address[end][i] &= (uint8_t)(0xff00 >> kept);
	}
	dz_flow_key_address(&network, end, text);
	dz_strbuf_addf(name, "%s/%u", text, bits);
}

/* "2026-01-31T14:00Z"; windows of days without the time, those of seconds with them. */
static void add_window(uint64_t start_ns, uint64_t length_ns, struct dz_strbuf *name)
{
	char text[DZ_TEXT_TIME + 1];
	int size = length_ns % DAY == 0 ? 10 : length_ns % (60 * SECOND) == 0 ? 16 : length_ns % SECOND == 0 ? 19 : 26;

	*dz_text_time(text, start_ns - start_ns % length_ns) = '\0';
	dz_strbuf_addf(name, "%.*s%s", size, text, size > 10 ? "Z" : "");
}

static void add_port(const struct dz_record *record, struct dz_strbuf *name)
{
	char buffer[4];
	const char *transport = dz_flow_key_transport(record->key.protocol, buffer);

	if (dz_flow_key_has_ports(&record->key))
		dz_strbuf_addf(name, "%u/%s", record->key.port[1 - record->source_end], transport);
	else
		dz_strbuf_adds(name, transport);
}

static void add_vlan(const struct dz_record *record, struct dz_strbuf *name)
{
	if (record->inner_vlan)
		dz_strbuf_addf(name, "%u.%u", record->vlan, record->inner_vlan);
	else if (record->vlan)
		dz_strbuf_addf(name, "%u", record->vlan);
}

static void add_tunnel(const struct dz_record *record, struct dz_strbuf *name)
{
	const char *tunnel = dz_tunnel_name(record->tunnel);

	if (!tunnel)
		return;
	dz_strbuf_adds(name, tunnel);
	if (record->tunnel_id)
		dz_strbuf_addf(name, " %" PRIu32, record->tunnel_id);
}

/* What the record says as text of its own; NULL where it does not. */
static const char *text_of(enum dz_group_by by, const struct dz_record *record, const char *input)
{
	switch (by) {
	case DZ_BY_LABEL:
		return record->text->application;
	case DZ_BY_PROTOCOL:
		return record->text->protocol;
	case DZ_BY_CATEGORY:
		return record->text->category;
	case DZ_BY_INPUT:
		return input;
	case DZ_BY_HOSTNAME:
		return dz_record_hostname(record);
	case DZ_BY_JA3:
		return record->detail ? record->detail->tls_ja3 : NULL;
	case DZ_BY_JA4:
		return record->detail ? record->detail->tls_ja4 : NULL;
	case DZ_BY_OBSERVER:
		return record->interface;
	default:
		return NULL;
	}
}

static void add_name(enum dz_group_by by, const uint8_t prefix[2], const struct dz_record *record, const char *input,
		     struct dz_strbuf *name)
{
	size_t before = name->size;
	const char *text = text_of(by, record, input);

	switch (by) {
	case DZ_BY_PORT:
		add_port(record, name);
		break;
	case DZ_BY_SOURCE:
		add_address(record, record->source_end, name);
		break;
	case DZ_BY_DESTINATION:
		add_address(record, 1 - record->source_end, name);
		break;
	case DZ_BY_HOST:
		add_address(record, originator_of(record), name);
		break;
	case DZ_BY_PREFIX:
		add_prefix(record, prefix, name);
		break;
	case DZ_BY_DOMAIN:
		dz_domain_add(dz_record_hostname(record), name);
		break;
	case DZ_BY_VLAN:
		add_vlan(record, name);
		break;
	case DZ_BY_TUNNEL:
		add_tunnel(record, name);
		break;
	case DZ_BY_HOUR:
		add_window(record->start_ns, HOUR, name);
		break;
	case DZ_BY_DAY:
		add_window(record->start_ns, DAY, name);
		break;
	default:
		dz_strbuf_adds(name, text ? text : "");
	}
	if (name->size == before)
		dz_strbuf_adds(name, "(none)");
}

void dz_group_name(enum dz_group_by by, const struct dz_record *record, const char *input, struct dz_strbuf *name)
{
	dz_strbuf_clear(name);
	add_name(by, usual_prefix, record, input, name);
}

void dz_grouping_name(const struct dz_grouping *grouping, const struct dz_record *record, const char *input,
		      struct dz_strbuf *name)
{
	unsigned keys = grouping->only_every ? 0 : grouping->count;

	dz_strbuf_clear(name);
	for (unsigned i = 0; i < keys; i++) {
		dz_strbuf_adds(name, i ? ", " : "");
		add_name(grouping->keys[i], grouping->prefix, record, input, name);
	}
	if (grouping->every_ns) {
		dz_strbuf_adds(name, keys ? ", " : "");
		add_window(record->start_ns, grouping->every_ns, name);
	}
}

/* ---- what is asked for ---- */

struct dz_grouping dz_grouping_by(enum dz_group_by by)
{
	struct dz_grouping grouping = { .count = 1, .keys = { by }, .prefix = { usual_prefix[0], usual_prefix[1] } };

	snprintf(grouping.text, sizeof grouping.text, "%s", dz_group_by_names[by]);
	return grouping;
}

/* "prefix/20": the word is cut at the slash. */
static bool parse_prefix(char *word, struct dz_grouping *grouping, struct dz_err *err)
{
	char *slash = strchr(word, '/'), *end;
	unsigned long bits;

	if (!slash)
		return true;
	*slash = '\0';
	bits = strtoul(slash + 1, &end, 10);
	if (strcmp(word, dz_group_by_names[DZ_BY_PREFIX]) != 0 || slash[1] < '0' || slash[1] > '9' || *end ||
	    bits > IPV6_BITS)
		return dz_err_set(err, "'%.40s/%.40s': only prefix has a number, of bits from 0 to 128", word,
				  slash + 1);
	grouping->prefix[bits > IPV4_BITS] = (uint8_t)bits;
	return true;
}

static bool parse_key(char *word, struct dz_grouping *grouping, struct dz_err *err)
{
	struct dz_strbuf list;

	if (!parse_prefix(word, grouping, err))
		return false;
	for (unsigned i = 0; i < DZ_BY_COUNT; i++) {
		if (strcmp(word, dz_group_by_names[i]) != 0)
			continue;
		if (i == DZ_BY_DOMAIN && !dz_domain_known())
			return dz_err_set(err, "domain: this build does not have the public suffix list (libpsl)");
		grouping->keys[grouping->count++] = (enum dz_group_by)i;
		return true;
	}
	dz_strbuf_init(&list);
	for (unsigned i = 0; i < DZ_BY_COUNT; i++)
		dz_strbuf_addf(&list, "%s%s", i ? ", " : "", dz_group_by_names[i]);
	dz_err_set(err, "'%.40s' is not one of %s", word, list.data);
	dz_strbuf_release(&list);
	return false;
}

bool dz_grouping_parse(const char *text, struct dz_grouping *grouping, struct dz_err *err)
{
	char copy[DZ_GROUPING_TEXT], *rest = copy, *word;

	*grouping = dz_grouping_by(DZ_BY_LABEL);
	grouping->count = 0;
	if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
		return dz_err_set(err, "'%.40s...' is too long", text);
	memcpy(grouping->text, copy, sizeof copy);
	while ((word = strsep(&rest, ","))) {
		if (grouping->count == DZ_GROUPING_KEYS)
			return dz_err_set(err, "'%s' is more than two, joined by a comma", text);
		if (!parse_key(word, grouping, err))
			return false;
	}
	return true;
}

void dz_grouping_add_every(struct dz_grouping *grouping, uint64_t every_ns, bool given)
{
	size_t used;

	grouping->every_ns = every_ns;
	grouping->only_every = !given;
	used = given ? strlen(grouping->text) : 0;
	snprintf(grouping->text + used, sizeof grouping->text - used, "%s%.6g s", used ? "," : "",
		 (double)every_ns / 1e9);
}

bool dz_grouping_is_plain(const struct dz_grouping *grouping)
{
	return grouping->count == 1 && !grouping->every_ns && !strchr(grouping->text, '/');
}

bool dz_grouping_has(const struct dz_grouping *grouping, enum dz_group_by by)
{
	for (unsigned i = 0; i < grouping->count && !grouping->only_every; i++)
		if (grouping->keys[i] == by)
			return true;
	return false;
}

bool dz_grouping_is_of_time(const struct dz_grouping *grouping)
{
	return grouping->every_ns || dz_grouping_has(grouping, DZ_BY_HOUR) || dz_grouping_has(grouping, DZ_BY_DAY);
}
