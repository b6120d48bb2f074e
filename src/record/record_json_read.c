/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json_read.c - the JSON line of a record: the reader. See record_json.h; the writer is in record_json.c.
 *
 * A line is anybody's bytes until it has been checked: record_line.c says which members it has, and here each that is
 * used is held to its type and range; an error names its path. */
#include "config.h"
#include "record/record_json.h"

#include "base/mem.h"
#include "base/text.h"
#include "record/record_line.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct dz_json_reader {
	struct dz_record_line line;
	struct dz_label label;
	struct dz_label_text text;
	struct dz_label_detail detail;
	uint64_t stated[3]; /* how many lengths the line says its vectors hold */
	bool restored;      /* vectors were restored from percentages */

	struct dz_record *record; /* while a line is read */
	struct dz_err *err;
	char path[DZ_MEMBER_PATH]; /* for messages */
};

static const char *path_of(struct dz_json_reader *reader, enum dz_member id)
{
	return dz_member_path(id, reader->path);
}

/* ---- who ---- */

static bool read_address(struct dz_json_reader *reader, enum dz_member id, uint8_t address[16], uint8_t *version)
{
	const char *text = NULL;

	if (!dz_record_line_text(&reader->line, id, DZ_REQUIRED, &text))
		return false;
	memset(address, 0, 16);
	if (inet_pton(AF_INET, text, address) == 1)
		*version = 4;
	else if (inet_pton(AF_INET6, text, address) == 1)
		*version = 6;
	else
		return dz_err_set(reader->err, "%s is \"%.60s\", which is no address", path_of(reader, id), text);
	return true;
}

/* What stands in the key for ports. */
static bool read_ports(struct dz_json_reader *reader, uint8_t protocol, uint16_t ports[2])
{
	uint64_t first = 0, second = 0;

	/* Release 0.1.0 wrote no ports of UDP-Lite and DCCP. */
	bool optional = protocol == DZ_IPPROTO_UDPLITE || protocol == DZ_IPPROTO_DCCP;

	if (dz_ipproto_has_ports(protocol)) {
		enum dz_need need = optional ? DZ_OPTIONAL : DZ_REQUIRED;
		if (!dz_record_line_number(&reader->line, MEMBER_source_port, need, UINT16_MAX, &first) ||
		    !dz_record_line_number(&reader->line, MEMBER_destination_port, need, UINT16_MAX, &second))
			return false;
	} else if (dz_ipproto_is_icmp(protocol)) {
		if (!dz_record_line_number(&reader->line, MEMBER_distribooze_icmp_type, DZ_OPTIONAL, UINT8_MAX,
					   &first) ||
		    !dz_record_line_number(&reader->line, MEMBER_distribooze_icmp_code, DZ_OPTIONAL, UINT8_MAX,
					   &second))
			return false;
		dz_flow_key_icmp_ports(protocol, (uint8_t)first, (uint8_t)second, &ports[0], &ports[1]);
		return true;
	}
	ports[0] = (uint16_t)first;
	ports[1] = (uint16_t)second;
	return true;
}

static bool read_vlan(struct dz_json_reader *reader)
{
	unsigned vlan = 0, inner = 0;

	if (!dz_record_line_number_text(&reader->line, MEMBER_network_vlan_id, DZ_OPTIONAL, 4095, &vlan) ||
	    !dz_record_line_number_text(&reader->line, MEMBER_network_inner_vlan_id, DZ_OPTIONAL, 4095, &inner))
		return false;
	reader->record->vlan = (uint16_t)vlan;
	reader->record->inner_vlan = (uint16_t)inner;
	return true;
}

static bool read_key(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	uint8_t source[16], destination[16], version[2] = { 0, 0 };
	uint16_t ports[2];
	unsigned protocol = 0;

	if (!read_address(reader, MEMBER_source_ip, source, &version[0]) ||
	    !read_address(reader, MEMBER_destination_ip, destination, &version[1]) ||
	    !dz_record_line_number_text(&reader->line, MEMBER_network_iana_number, DZ_REQUIRED, 255, &protocol) ||
	    !read_ports(reader, (uint8_t)protocol, ports) || !read_vlan(reader))
		return false;
	if (version[0] != version[1])
		return dz_err_set(reader->err, "source.ip and destination.ip are of different families");
	record->source_end = dz_flow_key_init(&record->key, version[0], (uint8_t)protocol, record->vlan, source,
					      ports[0], destination, ports[1]);
	return true;
}

static bool read_community_id(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	const char *text = NULL;
	size_t size;

	if (!dz_record_line_text(&reader->line, MEMBER_network_community_id, DZ_OPTIONAL, &text))
		return false;
	if (!text) {
		dz_flow_key_community_id(&record->key, record->source_end, 0, record->community_id);
		return true;
	}
	size = strlen(text);
	if (size >= sizeof record->community_id)
		return dz_err_set(reader->err, "network.community_id has %zu characters, but at most %zu are known",
				  size, sizeof record->community_id - 1);
	memcpy(record->community_id, text, size + 1);
	return true;
}

/* The value of each hexadecimal digit and 16 more, as the format has them: in lower case. */
static const uint8_t hex_values[256] = {
	['0'] = 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, ['a'] = 26, 27, 28, 29, 30, 31
};

static bool read_id(struct dz_json_reader *reader)
{
	uint8_t *id = reader->record->id;
	const char *text = NULL;

	if (!dz_record_line_text(&reader->line, MEMBER_event_id, DZ_OPTIONAL, &text))
		return false;
	if (!text)
		return true;
	for (size_t i = 0; i < 16; i++) {
		uint8_t high = hex_values[(uint8_t)text[i * 2]], low = high ? hex_values[(uint8_t)text[i * 2 + 1]] : 0;
		if (!low)
			return dz_err_set(reader->err, "event.id is \"%.40s\", but must be 32 hexadecimal digits",
					  text);
		id[i] = (uint8_t)(high << 4 | (low & 15));
	}
	if (text[32])
		return dz_err_set(reader->err, "event.id has more than 32 digits");
	return true;
}

static bool read_words(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	const char *schema = NULL, *role = NULL, *tunnel = NULL, *end = NULL;

	if (!dz_record_line_text(&reader->line, MEMBER_distribooze_schema, DZ_REQUIRED, &schema) ||
	    !dz_record_line_text(&reader->line, MEMBER_distribooze_role, DZ_OPTIONAL, &role) ||
	    !dz_record_line_text(&reader->line, MEMBER_distribooze_tunnel, DZ_OPTIONAL, &tunnel) ||
	    !dz_record_line_text(&reader->line, MEMBER_distribooze_end_reason, DZ_OPTIONAL, &end))
		return false;
	if (strcmp(schema, "1") != 0)
		return dz_err_set(reader->err, "distribooze.schema is \"%.20s\", but this program reads \"1\"", schema);
	if (role && !strcmp(role, "initiator"))
		record->role = DZ_ROLE_INITIATOR;
	else if (role && !strcmp(role, "responder"))
		record->role = DZ_ROLE_RESPONDER;
	else if (role)
		return dz_err_set(reader->err, "distribooze.role is \"%.20s\", but must be initiator or responder",
				  role);
	if (tunnel && !dz_tunnel_from_name(tunnel, &record->tunnel))
		return dz_err_set(reader->err, "distribooze.tunnel is \"%.20s\", which is not known", tunnel);
	record->end_reason = DZ_END_EOF;
	if (end && !dz_end_reason_from_name(end, &record->end_reason))
		return dz_err_set(reader->err, "distribooze.end_reason is \"%.20s\", which is not known", end);
	return true;
}

/* ---- what was measured: the sides ---- */

static bool read_tcp_flags(struct dz_json_reader *reader, enum dz_member id, enum dz_need need, uint8_t *flags)
{
	static const char *const names[8] = { "fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr" };
	struct dz_json_scan elements;
	struct dz_json_value value;

	if (!dz_record_line_enter(&reader->line, id, need, DZ_JSON_ARRAY, &elements))
		return false;
	for (size_t i = 0; elements.at && dz_json_scan_element(&elements); i++) {
		const char *name;
		unsigned bit = 0;
		if (!dz_json_scan_value(&elements, &value))
			return false;
		name = dz_record_line_string(&reader->line, &value);
		while (bit < 8 && name && strcmp(name, names[bit]) != 0)
			bit++;
		if (bit == 8 || !name)
			return dz_err_set(reader->err, "%s[%zu] is no TCP flag", path_of(reader, id), i);
		*flags |= (uint8_t)(1u << bit);
	}
	return true;
}

/* ---- members that are read by themselves ---- */

/* The largest number that an integer of so many bytes holds, and JSON. */
static uint64_t most_of(size_t size)
{
	return size < 8 ? (UINT64_C(1) << size * 8) - 1 : DZ_JSON_NUMBER_MAX;
}

#define READ_UNREAD(id, kind, value)
#define READ_BY_HAND(id, kind, value)
#define READ_OPTIONAL(id, kind, value) READ_##kind(id, DZ_OPTIONAL, value)
#define READ_REQUIRED(id, kind, value) READ_##kind(id, DZ_REQUIRED, value)
#define READ_TWO_WAY(id, kind, value) READ_##kind(id, r->role == DZ_ROLE_BOTH ? DZ_REQUIRED : DZ_OPTIONAL, value)

#define READ_TEXT(id, need, value) good = good && dz_record_line_text(&reader->line, id, need, &(value));
#define READ_TIME(id, need, value) good = good && dz_record_line_time(&reader->line, id, need, &(value));
#define READ_TRUTH(id, need, value) good = good && dz_record_line_truth(&reader->line, id, need, &(value));
#define READ_FLAGS(id, need, value) good = good && read_tcp_flags(reader, id, need, &(value));
#define READ_UINT(id, need, value)                                                                                     \
	number = value;                                                                                                \
	good = good && dz_record_line_number(&reader->line, id, need, most_of(sizeof(value)), &number);                \
	value = (__typeof__(value))number;

static bool read_members(struct dz_json_reader *reader)
{
	struct dz_record *r = reader->record;
	struct dz_label_text *t = &reader->text;
	struct dz_label *l = &reader->label;
	struct dz_label_detail *d = &reader->detail;
	uint64_t number;
	bool good = true;

#define OBJECT(id, name, when, text)
#define END(id)
#define FIELD(id, name, kind, when, value, read, schema, column, text) READ_##read(MEMBER_##id, kind, value)
#include "record/record.def"
	return good;
}

/* ---- what was measured: the vectors ---- */

/* Sets the shape's number of bins by the first vector, and holds the others to it. */
static bool check_bins(struct dz_json_reader *reader, enum dz_member id, size_t count)
{
	struct dz_hist_shape *shape = &reader->record->shape;

	if (count == 0)
		return dz_err_set(reader->err, "%s is empty", path_of(reader, id));
	if (count < 2 || count > DZ_HIST_MAX_BINS)
		return dz_err_set(reader->err, "%s has %zu bins, but must have 2 to %u", path_of(reader, id), count,
				  DZ_HIST_MAX_BINS);
	if (shape->bins == 0)
		shape->bins = (uint32_t)count;
	if (shape->bins != count)
		return dz_err_set(reader->err, "%s has %zu bins, but distribooze.lengths has %u", path_of(reader, id),
				  count, shape->bins);
	return true;
}

static bool wrong_element(struct dz_json_reader *reader, enum dz_member id, size_t index,
			  const struct dz_json_value *value, const char *what, uint64_t most)
{
	int size = (int)(value->end - value->begin < 40 ? value->end - value->begin : 40);

	if (value->type != DZ_JSON_NUMBER)
		return dz_err_set(reader->err, "%s[%zu] is %s, but must be a number", path_of(reader, id), index,
				  dz_json_type_words(value->type));
	return dz_err_set(reader->err, "%s[%zu] is %.*s, but must be %s from 0 to %" PRIu64, path_of(reader, id), index,
			  size, value->begin, what, most);
}

/* The counts of a vector that was not read with the line. Sets *count to how many there are, of which only as many are
 * stored as have room. */
static bool read_slowly(struct dz_json_reader *reader, enum dz_member id, struct dz_json_scan *elements,
			uint64_t *counts, size_t *count)
{
	struct dz_json_value value;
	uint64_t number = 0;
	size_t i = 0;

	for (; dz_json_scan_element(elements); i++) {
		if (!dz_json_scan_value(elements, &value))
			return false;
		if (value.type != DZ_JSON_NUMBER || !dz_json_value_whole(&value, DZ_JSON_NUMBER_MAX, &number))
			return wrong_element(reader, id, i, &value, "a whole number", DZ_JSON_NUMBER_MAX);
		if (i < DZ_HIST_MAX_BINS)
			counts[i] = number;
	}
	*count = i;
	return true;
}

static bool check_sum(struct dz_json_reader *reader, enum dz_member id, size_t bins, const uint64_t *counts,
		      uint64_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < bins; i++) {
		sum += counts[i];
		if (sum > DZ_JSON_NUMBER_MAX)
			return dz_err_set(reader->err, "%s adds up to more than 2^53", path_of(reader, id));
	}
	if (sum != count)
		return dz_err_set(reader->err, "%s adds up to %" PRIu64 ", but count is %" PRIu64, path_of(reader, id),
				  sum, count);
	return true;
}

/* Counts from shares. They are exact as long as half a hundredth of a percent is less than half of one: up to a
 * count of 10,000; beyond, they are as near as the percentages are, and *count becomes their sum. */
static bool restore_counts(struct dz_json_reader *reader, enum dz_member id, struct dz_json_scan *elements,
			   uint64_t *count, uint64_t *counts)
{
	struct dz_json_value value;
	double sum = 0, share, slack;
	uint64_t total = 0;
	size_t i = 0;

	for (; dz_json_scan_element(elements); i++) {
		if (!dz_json_scan_value(elements, &value))
			return false;
		share = value.type == DZ_JSON_NUMBER ? dz_json_value_real(&value) : -1;
		if (!(share >= 0 && share <= 100))
			return wrong_element(reader, id, i, &value, "a number", 100);
		if (i >= DZ_HIST_MAX_BINS)
			continue;
		sum += share;
		counts[i] = (uint64_t)floor(share * (double)*count / 100 + 0.5);
		total += counts[i];
	}
	reader->restored = true;
	slack = 0.005 * (double)i + 1e-6;
	if (!check_bins(reader, id, i))
		return false;
	if (fabs(sum - (*count ? 100 : 0)) > slack)
		return dz_err_set(reader->err, "%s adds up to %.2f, but must to %d", path_of(reader, id), sum,
				  *count ? 100 : 0);
	*count = total;
	return true;
}

/* The bin that a name stands for: "b" and the lower bound, in as many digits as all of them have. */
static bool bin_of_name(const struct dz_json_value *name, const struct dz_hist_shape *shape, uint32_t *bin)
{
	const char *at = name->begin + 1, *end = name->end - 1;
	uint64_t bound = 0;

	if (end - at != 1 + (ptrdiff_t)dz_hist_digits(shape) || *at++ != 'b')
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		bound = bound * 10 + (uint64_t)(*at - '0');
	}
	*bin = (uint32_t)(bound / shape->bin_width);
	return bound % shape->bin_width == 0 && bound / shape->bin_width < shape->bins;
}

/* Counts from named bins; those without a name are 0. */
static bool read_bins(struct dz_json_reader *reader, enum dz_member id, struct dz_json_scan *members, uint64_t *counts)
{
	struct dz_hist_shape *shape = &reader->record->shape;
	struct dz_json_value name, value;
	uint64_t bins = 0;
	uint32_t bin;

	if (!dz_record_line_number(&reader->line, MEMBER_distribooze_lengths_bin_count, DZ_REQUIRED, DZ_HIST_MAX_BINS,
				   &bins) ||
	    !check_bins(reader, MEMBER_distribooze_lengths_bin_count, bins))
		return false;
	memset(counts, 0, bins * sizeof *counts);
	while (dz_json_scan_member(members, &name)) {
		int size = (int)(name.end - name.begin < 40 ? name.end - name.begin : 40);
		if (!dz_json_scan_value(members, &value))
			return false;
		if (!bin_of_name(&name, shape, &bin))
			return dz_err_set(reader->err, "%s has %.*s, which is no name of a bin", path_of(reader, id),
					  size, name.begin);
		if (value.type != DZ_JSON_NUMBER || !dz_json_value_whole(&value, DZ_JSON_NUMBER_MAX, &counts[bin]))
			return dz_err_set(reader->err, "%s: %.*s is no whole number from 0 to 2^53",
					  path_of(reader, id), size, name.begin);
	}
	return true;
}

/* The members of one vector. */
struct vector_members {
	enum dz_member count, counts, percent, bins;
};

static bool read_vector(struct dz_json_reader *reader, const struct vector_members *ids, unsigned part,
			struct dz_counts *counts)
{
	struct dz_record_line *line = &reader->line;
	uint64_t *bins = line->bins[part];
	size_t bin_count = line->bin_count[part];
	struct dz_json_scan elements;

	if (!dz_record_line_number(line, ids->count, DZ_REQUIRED, DZ_JSON_NUMBER_MAX, &counts->count) ||
	    !dz_record_line_enter(line, ids->counts, DZ_OPTIONAL, DZ_JSON_ARRAY, &elements))
		return false;
	counts->bins = bins;
	reader->stated[part] = counts->count;
	if (elements.at)
		return (bin_count || read_slowly(reader, ids->counts, &elements, bins, &bin_count)) &&
		       check_bins(reader, ids->counts, bin_count) &&
		       check_sum(reader, ids->counts, bin_count, bins, counts->count);
	if (!dz_record_line_enter(line, ids->bins, DZ_OPTIONAL, DZ_JSON_OBJECT, &elements))
		return false;
	if (elements.at)
		return read_bins(reader, ids->bins, &elements, bins) &&
		       check_sum(reader, ids->bins, reader->record->shape.bins, bins, counts->count);
	if (!dz_record_line_enter(line, ids->percent, DZ_OPTIONAL, DZ_JSON_ARRAY, &elements))
		return false;
	if (!elements.at)
		return dz_err_set(reader->err, "%s is missing, and bins and percent too", path_of(reader, ids->counts));
	return restore_counts(reader, ids->percent, &elements, &counts->count, bins);
}

static bool read_shape(struct dz_json_reader *reader)
{
	struct dz_hist_shape *shape = &reader->record->shape;
	const char *layer = NULL;
	uint64_t width = 0;

	if (!dz_record_line_text(&reader->line, MEMBER_distribooze_lengths_layer, DZ_REQUIRED, &layer) ||
	    !dz_record_line_number(&reader->line, MEMBER_distribooze_lengths_bin_width, DZ_REQUIRED, DZ_HIST_MAX_WIDTH,
				   &width))
		return false;
	if (!dz_layer_from_name(layer, &shape->layer))
		return dz_err_set(reader->err, "distribooze.lengths.layer is \"%.20s\", which is not known", layer);
	if (width == 0)
		return dz_err_set(reader->err, "distribooze.lengths.bin_width is 0");
	shape->bin_width = (uint32_t)width;
	return true;
}

/* Smallest, largest and sum have to be possible together. */
static bool read_range(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	enum dz_need need = record->lengths.count ? DZ_REQUIRED : DZ_OPTIONAL;
	uint64_t min = 0, max = 0;

	if (!dz_record_line_number(&reader->line, MEMBER_distribooze_lengths_min, need, UINT32_MAX, &min) ||
	    !dz_record_line_number(&reader->line, MEMBER_distribooze_lengths_max, need, UINT32_MAX, &max) ||
	    !dz_record_line_number(&reader->line, MEMBER_distribooze_lengths_sum, DZ_REQUIRED, DZ_JSON_NUMBER_MAX,
				   &record->lengths_sum))
		return false;
	if (min > max)
		return dz_err_set(reader->err, "distribooze.lengths.min is %llu, more than max, which is %llu",
				  (unsigned long long)min, (unsigned long long)max);
	record->lengths_min = (uint32_t)min;
	record->lengths_max = (uint32_t)max;
	return true;
}

/* The parts add up to the whole, bin by bin. Counts restored from percentages need not: there the parts make the
 * whole, once the numbers of lengths agree. */
static bool check_parts(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	uint64_t sides = reader->stated[1] + reader->stated[2];

	if (reader->stated[0] != sides)
		return dz_err_set(reader->err,
				  "distribooze.lengths.count is %llu, but source and destination have %llu",
				  (unsigned long long)reader->stated[0], (unsigned long long)sides);
	for (uint32_t i = 0; i < record->shape.bins; i++) {
		uint64_t whole = reader->line.bins[0][i], parts = reader->line.bins[1][i] + reader->line.bins[2][i];
		if (whole != parts && !reader->restored)
			return dz_err_set(
				reader->err,
				"distribooze.lengths.counts[%u] is %llu, but source and destination have %llu", i,
				(unsigned long long)whole, (unsigned long long)parts);
		reader->line.bins[0][i] = parts;
	}
	record->lengths.count = record->side[DZ_SOURCE].lengths.count + record->side[DZ_DESTINATION].lengths.count;
	return true;
}

static bool read_lengths(struct dz_json_reader *reader)
{
	static const struct vector_members both = { MEMBER_distribooze_lengths_count, MEMBER_distribooze_lengths_counts,
						    MEMBER_distribooze_lengths_percent,
						    MEMBER_distribooze_lengths_bins };
	static const struct vector_members sides[2] = {
		{ MEMBER_distribooze_lengths_source_count, MEMBER_distribooze_lengths_source_counts,
		  MEMBER_distribooze_lengths_source_percent, MEMBER_distribooze_lengths_source_bins },
		{ MEMBER_distribooze_lengths_destination_count, MEMBER_distribooze_lengths_destination_counts,
		  MEMBER_distribooze_lengths_destination_percent, MEMBER_distribooze_lengths_destination_bins },
	};
	static const enum dz_member side_objects[2] = { MEMBER_distribooze_lengths_source,
							MEMBER_distribooze_lengths_destination };
	struct dz_record *record = reader->record;
	const struct dz_json_value *value;

	if (!read_shape(reader) || !read_vector(reader, &both, 0, &record->lengths) || !read_range(reader))
		return false;
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++) {
		if (!dz_record_line_find(&reader->line, side_objects[side], DZ_OPTIONAL, &value))
			return false;
		if (value && !read_vector(reader, &sides[side], 1 + side, &record->side[side].lengths))
			return false;
	}
	if (record->side[DZ_SOURCE].lengths.bins && record->side[DZ_DESTINATION].lengths.bins)
		return check_parts(reader);
	return true;
}

/* ---- what it is ---- */

static bool read_risks(struct dz_json_reader *reader)
{
	struct dz_json_scan elements;
	struct dz_json_value value;
	unsigned count = 0;

	if (!dz_record_line_enter(&reader->line, MEMBER_distribooze_ndpi_risk, DZ_OPTIONAL, DZ_JSON_ARRAY, &elements))
		return false;
	for (; elements.at && dz_json_scan_element(&elements); count++) {
		const char *risk;
		if (count == DZ_LABEL_RISKS)
			return dz_err_set(reader->err, "distribooze.ndpi.risk has more than %d elements",
					  DZ_LABEL_RISKS);
		if (!dz_json_scan_value(&elements, &value))
			return false;
		risk = dz_record_line_string(&reader->line, &value);
		if (!risk)
			return dz_err_set(reader->err, "distribooze.ndpi.risk[%u] is not a string", count);
		reader->text.risks[count] = risk;
	}
	reader->text.risk_count = count;
	return true;
}

/* Words that are not there become nDPI's own for what it does not know. */
static bool read_label(struct dz_json_reader *reader)
{
	struct dz_label_text *text = &reader->text;

	if (!dz_record_line_text(&reader->line, MEMBER_distribooze_label, DZ_REQUIRED, &text->application))
		return false;
	text->protocol = text->network_protocol = text->network_application = text->application;
	text->category = "Unspecified";
	text->breed = "Unrated";
	text->confidence = "Unknown";
	text->version = "none";
	return true;
}

/* The name that the writer prints first among the hosts. */
static bool read_hostname(struct dz_json_reader *reader)
{
	struct dz_label_detail *detail = &reader->detail;
	struct dz_json_scan elements;
	struct dz_json_value value;
	const char *first = NULL;

	if (!dz_record_line_text(&reader->line, MEMBER_dns_question_name, DZ_OPTIONAL, &detail->hostname))
		return false;
	detail->dns = detail->hostname != NULL;
	if (detail->dns)
		return true;
	if (!dz_record_line_text(&reader->line, MEMBER_destination_domain, DZ_OPTIONAL, &detail->hostname) ||
	    !dz_record_line_enter(&reader->line, MEMBER_related_hosts, DZ_OPTIONAL, DZ_JSON_ARRAY, &elements))
		return false;
	if (elements.at && dz_json_scan_element(&elements) && dz_json_scan_value(&elements, &value))
		first = dz_record_line_string(&reader->line, &value);
	if (first)
		detail->hostname = first;
	return true;
}

/* A record of one direction is of its sender's packets: what it told of others would be lost when it is written. */
static bool check_direction(struct dz_json_reader *reader)
{
	const struct dz_record *record = reader->record;
	const struct dz_side *other = &record->side[DZ_DESTINATION];
	enum dz_member id = other->packets ? MEMBER_destination_packets : MEMBER_destination_bytes;

	if (record->role == DZ_ROLE_BOTH || (!other->packets && !other->bytes))
		return true;
	return dz_err_set(reader->err,
			  "%s is above 0, but distribooze.role says that the record is of the other direction",
			  path_of(reader, id));
}

/* ---- the line ---- */

struct dz_json_reader *dz_json_reader_new(void)
{
	struct dz_json_reader *reader = dz_mem_zalloc(1, sizeof *reader);

	dz_record_line_init(&reader->line);
	return reader;
}

void dz_json_reader_free(struct dz_json_reader *reader)
{
	if (!reader)
		return;
	dz_record_line_release(&reader->line);
	free(reader);
}

/* Messages quote the line, and may end on a terminal: bytes that are not plain ASCII become question marks. */
static void sanitize_message(struct dz_err *err)
{
	for (char *at = err->text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

static bool read_record(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;

	memset(record, 0, sizeof *record);
	reader->label = (struct dz_label){ .settled = true };
	reader->detail = (struct dz_label_detail){ .dns = false };
	reader->text.risk_count = 0;
	reader->restored = false;
	record->label = &reader->label;
	record->text = &reader->text;
	record->detail = &reader->detail;
	return read_words(reader) && read_label(reader) && read_key(reader) && read_members(reader) &&
	       check_direction(reader) && read_community_id(reader) && read_id(reader) && read_lengths(reader) &&
	       read_risks(reader) && read_hostname(reader);
}

bool dz_json_reader_parse(struct dz_json_reader *reader, const char *line, size_t size, struct dz_record *record,
			  struct dz_err *err)
{
	reader->err = err;
	reader->record = record;
	if (!dz_record_line_scan(&reader->line, line, size, err) || !read_record(reader)) {
		sanitize_message(err);
		return false;
	}
	return true;
}
