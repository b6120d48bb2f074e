/* SPDX-License-Identifier: BSD-2-Clause */
/* record_csv.c - see record_csv.h. One table drives header and rows. */
#include "config.h"
#include "record/record_csv.h"

#include "base/csv.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

/* ---- values ---- */

static void add_truth(struct dz_strbuf *out, bool truth)
{
	if (truth)
		dz_text_add_literal(out, "true");
	else
		dz_text_add_literal(out, "false");
}

#define DETAIL(record, member) ((record)->detail ? (record)->detail->member : NULL)

static void add_address(struct dz_strbuf *out, const struct dz_record *r, unsigned side)
{
	char *at = dz_text_room(out, DZ_ADDRESS_TEXT);
	out->size += dz_flow_key_address(&r->key, r->source_end ^ side, at);
}

/* ---- columns ---- */

typedef void column_fn(const struct dz_record *r, struct dz_strbuf *out);

static void col_label(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, r->text->application);
}

static void col_ndpi_protocol(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, r->text->protocol);
}

static void col_category(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, r->text->category);
}

static void col_breed(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, r->text->breed);
}

static void col_confidence(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, r->text->confidence);
}

static void col_guessed(const struct dz_record *r, struct dz_strbuf *out)
{
	add_truth(out, r->label->guessed);
}

static void col_encrypted(const struct dz_record *r, struct dz_strbuf *out)
{
	add_truth(out, r->label->encrypted);
}

static void col_risk_score(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->label->risk_score);
}

static void col_input(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, r->input);
}

static void col_id(const struct dz_record *r, struct dz_strbuf *out)
{
	char *at = dz_text_room(out, sizeof r->id * 2);
	out->size += (size_t)(dz_text_hex(at, r->id, sizeof r->id) - at);
}

static void col_community_id(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, r->community_id);
}

static void col_start(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_time(out, r->start_ns);
}

static void col_end(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_time(out, r->end_ns);
}

static void col_duration(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->end_ns > r->start_ns ? r->end_ns - r->start_ns : 0);
}

static void col_end_reason(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, dz_end_reason_name(r->end_reason));
}

static void col_role(const struct dz_record *r, struct dz_strbuf *out)
{
	static const char *const names[] = { "both", "initiator", "responder" };
	dz_csv_text(out, names[r->role]);
}

static void col_transport(const struct dz_record *r, struct dz_strbuf *out)
{
	char number[4];
	dz_csv_text(out, dz_flow_key_transport(r->key.protocol, number));
}

static void col_source_ip(const struct dz_record *r, struct dz_strbuf *out)
{
	add_address(out, r, DZ_SOURCE);
}

static void col_source_port(const struct dz_record *r, struct dz_strbuf *out)
{
	if (dz_flow_key_has_ports(&r->key))
		dz_text_add_u64(out, r->key.port[r->source_end]);
}

static void col_destination_ip(const struct dz_record *r, struct dz_strbuf *out)
{
	add_address(out, r, DZ_DESTINATION);
}

static void col_destination_port(const struct dz_record *r, struct dz_strbuf *out)
{
	if (dz_flow_key_has_ports(&r->key))
		dz_text_add_u64(out, r->key.port[!r->source_end]);
}

static void col_icmp_type(const struct dz_record *r, struct dz_strbuf *out)
{
	if (dz_ipproto_is_icmp(r->key.protocol))
		dz_text_add_u64(out, r->key.port[r->source_end]);
}

static void col_vlan(const struct dz_record *r, struct dz_strbuf *out)
{
	if (r->vlan)
		dz_text_add_u64(out, r->vlan);
}

static void col_inner_vlan(const struct dz_record *r, struct dz_strbuf *out)
{
	if (r->inner_vlan)
		dz_text_add_u64(out, r->inner_vlan);
}

static void col_tunnel(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, dz_tunnel_name(r->tunnel));
}

static void col_domain(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, dz_record_hostname(r));
}

static void col_ja3(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, DETAIL(r, tls_ja3));
}

static void col_ja3s(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, DETAIL(r, tls_ja3s));
}

static void col_packets(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->side[DZ_SOURCE].packets + r->side[DZ_DESTINATION].packets);
}

static void col_bytes(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->side[DZ_SOURCE].bytes + r->side[DZ_DESTINATION].bytes);
}

static void col_source_packets(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->side[DZ_SOURCE].packets);
}

static void col_source_bytes(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->side[DZ_SOURCE].bytes);
}

static void col_destination_packets(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->side[DZ_DESTINATION].packets);
}

static void col_destination_bytes(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->side[DZ_DESTINATION].bytes);
}

static void col_layer(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_csv_text(out, dz_layer_name(r->shape.layer));
}

static void col_bin_width(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->shape.bin_width);
}

static void col_count(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->lengths.count);
}

static void col_min(const struct dz_record *r, struct dz_strbuf *out)
{
	if (r->lengths.count)
		dz_text_add_u64(out, r->lengths_min);
}

static void col_max(const struct dz_record *r, struct dz_strbuf *out)
{
	if (r->lengths.count)
		dz_text_add_u64(out, r->lengths_max);
}

static void col_sum(const struct dz_record *r, struct dz_strbuf *out)
{
	dz_text_add_u64(out, r->lengths_sum);
}

static const struct {
	const char *name;
	column_fn *add;
	bool two_way; /* not in a table of one-way records */
} columns[] = {
	{ "label", col_label, false },
	{ "ndpi_protocol", col_ndpi_protocol, false },
	{ "category", col_category, false },
	{ "breed", col_breed, false },
	{ "confidence", col_confidence, false },
	{ "guessed", col_guessed, false },
	{ "encrypted", col_encrypted, false },
	{ "risk_score", col_risk_score, false },
	{ "input", col_input, false },
	{ "id", col_id, false },
	{ "community_id", col_community_id, false },
	{ "start", col_start, false },
	{ "end", col_end, false },
	{ "duration_ns", col_duration, false },
	{ "end_reason", col_end_reason, false },
	{ "role", col_role, false },
	{ "transport", col_transport, false },
	{ "source_ip", col_source_ip, false },
	{ "source_port", col_source_port, false },
	{ "destination_ip", col_destination_ip, false },
	{ "destination_port", col_destination_port, false },
	{ "icmp_type", col_icmp_type, false },
	{ "vlan", col_vlan, false },
	{ "inner_vlan", col_inner_vlan, false },
	{ "tunnel", col_tunnel, false },
	{ "domain", col_domain, false },
	{ "ja3", col_ja3, false },
	{ "ja3s", col_ja3s, false },
	{ "packets", col_packets, false },
	{ "bytes", col_bytes, false },
	{ "source_packets", col_source_packets, true },
	{ "source_bytes", col_source_bytes, true },
	{ "destination_packets", col_destination_packets, true },
	{ "destination_bytes", col_destination_bytes, true },
	{ "layer", col_layer, false },
	{ "bin_width", col_bin_width, false },
	{ "lengths_count", col_count, false },
	{ "lengths_min", col_min, false },
	{ "lengths_max", col_max, false },
	{ "lengths_sum", col_sum, false },
};

/* ---- vectors ---- */

/* ",b0000,b0032": the lower bound of each bin, in as many digits as the last one has, but at least four. */
static void add_bin_names(const struct dz_hist_shape *shape, const char *prefix, struct dz_strbuf *out)
{
	unsigned digits = 4;

	for (uint64_t last = (uint64_t)shape->bin_width * (shape->bins - 1); last >= 10000; last /= 10)
		digits++;
	for (uint32_t i = 0; i < shape->bins; i++)
		dz_strbuf_addf(out, ",%s%0*llu", prefix, (int)digits, (unsigned long long)i * shape->bin_width);
}

/* A part that the record does not have is zeros. */
static void add_bins(const struct dz_csv_layout *layout, const struct dz_counts *counts, struct dz_strbuf *out)
{
	static const uint64_t none[DZ_HIST_MAX_BINS];
	struct dz_text_vector vector;
	char *at = dz_text_room(out, 2 * (1 + DZ_TEXT_VECTOR(layout->shape.bins)));

	dz_text_vector_init(&vector, counts->bins ? counts->bins : none, layout->shape.bins);
	if (layout->values != DZ_VALUES_PERCENT) {
		*at++ = ',';
		at = dz_text_counts(at, &vector);
	}
	if (layout->values != DZ_VALUES_COUNTS) {
		*at++ = ',';
		at = dz_text_percents(at, &vector, counts->count);
	}
	out->size = (size_t)(at - out->data);
}

void dz_csv_add_header(const struct dz_csv_layout *layout, struct dz_strbuf *out)
{
	static const char *const prefixes[3][2] = { { "b", "p" }, { "s_b", "s_p" }, { "d_b", "d_p" } };
	const char *comma = "";

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (layout->unidirectional && columns[i].two_way)
			continue;
		dz_strbuf_adds(out, comma);
		dz_strbuf_adds(out, columns[i].name);
		comma = ",";
	}
	for (unsigned part = 0; part < (layout->unidirectional ? 1 : 3); part++) {
		if (layout->values != DZ_VALUES_PERCENT)
			add_bin_names(&layout->shape, prefixes[part][0], out);
		if (layout->values != DZ_VALUES_COUNTS)
			add_bin_names(&layout->shape, prefixes[part][1], out);
	}
	dz_strbuf_addc(out, '\n');
}

void dz_csv_add_record(const struct dz_csv_layout *layout, const struct dz_record *record, struct dz_strbuf *out)
{
	const struct dz_counts *vectors[3] = { &record->lengths, &record->side[DZ_SOURCE].lengths,
					       &record->side[DZ_DESTINATION].lengths };
	bool first = true;

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (layout->unidirectional && columns[i].two_way)
			continue;
		if (!first)
			dz_text_add_literal(out, ",");
		columns[i].add(record, out);
		first = false;
	}
	for (unsigned part = 0; part < (layout->unidirectional ? 1 : 3); part++)
		add_bins(layout, vectors[part], out);
	dz_strbuf_addc(out, '\n');
}
