/* SPDX-License-Identifier: BSD-2-Clause */
/* record_fields.h - what the rows of record.def say, for those who expand them. Private to src/record. */
#ifndef DISTRIBOOZE_RECORD_FIELDS_H
#define DISTRIBOOZE_RECORD_FIELDS_H

#include "record/record.h"

/* The column `when` of record.def. */
#define always true
#define known true /* the value is NULL where it is not */
#define detailed (d != &dz_label_no_detail)

/* What the detail says the responder is called. A DNS question names another host. */
static inline const char *responder_name(const struct dz_label_detail *d)
{
	if (d->tls_server_name)
		return d->tls_server_name;
	return d->dns ? NULL : d->hostname;
}

static inline bool has_hash(const struct dz_label_detail *d)
{
	return d->tls_ja3 || d->tls_ja3s || d->tls_ja4 || d->ssh_client_hassh || d->ssh_server_hassh || d->tls_sha1;
}

/* Whether the key's other port is the code of a message that nothing answers. Where something does, it tells nothing of
 * the code: see flow_key.h. */
static inline bool is_one_way_icmp(const struct dz_flow_key *key, unsigned source_end)
{
	uint16_t type = key->port[source_end], source, destination;

	return dz_flow_key_icmp_ports(key->protocol, (uint8_t)type, 0, &source, &destination);
}

static inline bool has_side(const struct dz_record *r, unsigned side)
{
	return r->role == DZ_ROLE_BOTH && r->side[side].lengths.bins;
}

#endif
