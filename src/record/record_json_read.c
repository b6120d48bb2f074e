/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json_read.c - the JSON line of a record: the reader. See record_json.h; the writer is in record_json.c.
 *
 * A line is anybody's bytes until it has been checked: every field that is used is looked up by its path, and its
 * type and range are checked there; an error names that path. json-c's tree of the line lives until the next one,
 * and the strings of the record are the tree's. */
#include "config.h"
#include "record/record_json.h"

#include "base/mem.h"
#include "record/packet.h"
#include "base/text.h"
#include "record/record_json_fields.h"
#include "record/record_json_numbers.h"
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MOST (4u << 20) /* bytes; a tree takes some 50 times as much */
#define DEPTH_MOST 16

/* The members and objects of record.def. */
enum id {
#define OBJECT(id, name, when, text) ID_##id,
#define END(id)
#define FIELD(id, name, kind, when, value, read, schema, column, text) ID_##id,
#define ADDED(id, name, schema, text) ID_##id,
#include "record/record.def"
	ID_COUNT
};

#define LONGEST_PATH 56

struct dz_json_reader {
	char path[ID_COUNT][LONGEST_PATH]; /* "distribooze.lengths.count" */
	struct json_tokener *tokener;
	struct dz_json_cut cut;   /* the last line, and its vectors */
	struct dz_json_fields in; /* the last line; its root is owned, and NULL before the first */
	struct dz_label label;
	struct dz_label_text text;
	struct dz_label_detail detail;
	uint64_t bins[3][DZ_HIST_MAX_BINS]; /* both directions, source, destination */
	uint64_t stated[3];                 /* how many lengths the line says they hold */

	struct dz_record *record; /* while a line is read */
};

/* ---- who ---- */

static bool read_address(struct dz_json_reader *reader, const char *path, uint8_t address[16], uint8_t *version)
{
	const char *text = NULL;

	if (!dz_json_text(&reader->in, path, DZ_JSON_REQUIRED, &text))
		return false;
	memset(address, 0, 16);
	if (inet_pton(AF_INET, text, address) == 1)
		*version = 4;
	else if (inet_pton(AF_INET6, text, address) == 1)
		*version = 6;
	else
		return dz_err_set(reader->in.err, "%s is \"%.60s\", which is no address", path, text);
	return true;
}

/* What stands in the key for ports. */
static bool read_ports(struct dz_json_reader *reader, uint8_t protocol, uint16_t ports[2])
{
	uint64_t first = 0, second = 0;

	/* Release 0.1.0 wrote no ports of UDP-Lite and DCCP. */
	bool optional = protocol == DZ_IPPROTO_UDPLITE || protocol == DZ_IPPROTO_DCCP;

	if (dz_ipproto_has_ports(protocol)) {
		enum dz_json_need need = optional ? DZ_JSON_OPTIONAL : DZ_JSON_REQUIRED;
		if (!dz_json_number(&reader->in, "source.port", need, UINT16_MAX, &first) ||
		    !dz_json_number(&reader->in, "destination.port", need, UINT16_MAX, &second))
			return false;
	} else if (dz_ipproto_is_icmp(protocol)) {
		if (!dz_json_number(&reader->in, "distribooze.icmp.type", DZ_JSON_OPTIONAL, UINT8_MAX, &first) ||
		    !dz_json_number(&reader->in, "distribooze.icmp.code", DZ_JSON_OPTIONAL, UINT8_MAX, &second))
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

	if (!dz_json_number_text(&reader->in, "network.vlan.id", DZ_JSON_OPTIONAL, 4095, &vlan) ||
	    !dz_json_number_text(&reader->in, "network.inner.vlan.id", DZ_JSON_OPTIONAL, 4095, &inner))
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

	if (!read_address(reader, "source.ip", source, &version[0]) ||
	    !read_address(reader, "destination.ip", destination, &version[1]) ||
	    !dz_json_number_text(&reader->in, "network.iana_number", DZ_JSON_REQUIRED, 255, &protocol) ||
	    !read_ports(reader, (uint8_t)protocol, ports) || !read_vlan(reader))
		return false;
	if (version[0] != version[1])
		return dz_err_set(reader->in.err, "source.ip and destination.ip are of different families");
	record->source_end = dz_flow_key_init(&record->key, version[0], (uint8_t)protocol, record->vlan, source,
					      ports[0], destination, ports[1]);
	return true;
}

static bool read_community_id(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	const char *text = NULL;
	size_t size;

	if (!dz_json_text(&reader->in, "network.community_id", DZ_JSON_OPTIONAL, &text))
		return false;
	if (!text) {
		dz_flow_key_community_id(&record->key, record->source_end, 0, record->community_id);
		return true;
	}
	size = strlen(text);
	if (size >= sizeof record->community_id)
		return dz_err_set(reader->in.err, "network.community_id has %zu characters, but at most %zu are known",
				  size, sizeof record->community_id - 1);
	memcpy(record->community_id, text, size + 1);
	return true;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *found = c ? strchr(digits, c) : NULL;
	return found ? (int)(found - digits) : -1;
}

static bool read_id(struct dz_json_reader *reader)
{
	uint8_t *id = reader->record->id;
	const char *text = NULL;

	if (!dz_json_text(&reader->in, "event.id", DZ_JSON_OPTIONAL, &text))
		return false;
	if (!text)
		return true;
	for (size_t i = 0; i < 16; i++) {
		int high = hex_digit(text[i * 2]), low = high < 0 ? -1 : hex_digit(text[i * 2 + 1]);
		if (low < 0)
			return dz_err_set(reader->in.err, "event.id is \"%.40s\", but must be 32 hexadecimal digits",
					  text);
		id[i] = (uint8_t)(high << 4 | low);
	}
	if (text[32])
		return dz_err_set(reader->in.err, "event.id has more than 32 digits");
	return true;
}

static bool read_words(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	const char *schema = NULL, *role = NULL, *tunnel = NULL, *end = NULL;

	if (!dz_json_text(&reader->in, "distribooze.schema", DZ_JSON_REQUIRED, &schema) ||
	    !dz_json_text(&reader->in, "distribooze.role", DZ_JSON_OPTIONAL, &role) ||
	    !dz_json_text(&reader->in, "distribooze.tunnel", DZ_JSON_OPTIONAL, &tunnel) ||
	    !dz_json_text(&reader->in, "distribooze.end_reason", DZ_JSON_OPTIONAL, &end))
		return false;
	if (strcmp(schema, "1") != 0)
		return dz_err_set(reader->in.err, "distribooze.schema is \"%.20s\", but this program reads \"1\"",
				  schema);
	if (role && !strcmp(role, "initiator"))
		record->role = DZ_ROLE_INITIATOR;
	else if (role && !strcmp(role, "responder"))
		record->role = DZ_ROLE_RESPONDER;
	else if (role)
		return dz_err_set(reader->in.err, "distribooze.role is \"%.20s\", but must be initiator or responder",
				  role);
	if (tunnel && !dz_tunnel_from_name(tunnel, &record->tunnel))
		return dz_err_set(reader->in.err, "distribooze.tunnel is \"%.20s\", which is not known", tunnel);
	record->end_reason = DZ_END_EOF;
	if (end && !dz_end_reason_from_name(end, &record->end_reason))
		return dz_err_set(reader->in.err, "distribooze.end_reason is \"%.20s\", which is not known", end);
	return true;
}

/* ---- what was measured: the sides ---- */

static bool read_tcp_flags(struct dz_json_reader *reader, const char *path, uint8_t *flags)
{
	static const char *const names[8] = { "fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr" };
	struct json_object *array;
	size_t count;

	if (!dz_json_array(&reader->in, path, DZ_JSON_OPTIONAL, &array, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct json_object *element = json_object_array_get_idx(array, i);
		const char *name =
			json_object_is_type(element, json_type_string) ? json_object_get_string(element) : "";
		unsigned bit = 0;
		while (bit < 8 && strcmp(name, names[bit]) != 0)
			bit++;
		if (bit == 8)
			return dz_err_set(reader->in.err, "%s[%zu] is no TCP flag", path, i);
		*flags |= (uint8_t)(1u << bit);
	}
	return true;
}

/* ---- members that are read by themselves ---- */

/* The largest number that an integer of so many bytes holds, and JSON. */
static uint64_t most_of(size_t size)
{
	return size < 8 ? (UINT64_C(1) << size * 8) - 1 : DZ_JSON_NUMBER_MOST;
}

#define READ_UNREAD(id, kind, value)
#define READ_BY_HAND(id, kind, value)
#define READ_OPTIONAL(id, kind, value) READ_##kind(reader->path[ID_##id], DZ_JSON_OPTIONAL, value)
#define READ_REQUIRED(id, kind, value) READ_##kind(reader->path[ID_##id], DZ_JSON_REQUIRED, value)
#define READ_TWO_WAY(id, kind, value)                                                                                  \
	READ_##kind(reader->path[ID_##id], r->role == DZ_ROLE_BOTH ? DZ_JSON_REQUIRED : DZ_JSON_OPTIONAL, value)

#define READ_TEXT(path, need, value)                                                                                   \
	if (!dz_json_text(&reader->in, path, need, &(value)))                                                          \
		return false;
#define READ_UINT(path, need, value)                                                                                   \
	number = value;                                                                                                \
	if (!dz_json_number(&reader->in, path, need, most_of(sizeof(value)), &number))                                 \
		return false;                                                                                          \
	value = (__typeof__(value))number;
#define READ_TIME(path, need, value)                                                                                   \
	if (!dz_json_time(&reader->in, path, &(value)))                                                                \
		return false;
#define READ_TRUTH(path, need, value)                                                                                  \
	if (!dz_json_truth(&reader->in, path, &(value)))                                                               \
		return false;
#define READ_FLAGS(path, need, value)                                                                                  \
	if (!read_tcp_flags(reader, path, &(value)))                                                                   \
		return false;

static bool read_members(struct dz_json_reader *reader)
{
	struct dz_record *r = reader->record;
	struct dz_label_text *t = &reader->text;
	struct dz_label *l = &reader->label;
	struct dz_label_detail *d = &reader->detail;
	uint64_t number;

#define OBJECT(id, name, when, text)
#define END(id)
#define FIELD(id, name, kind, when, value, read, schema, column, text) READ_##read(id, kind, value)
#include "record/record.def"
	return true;
}

/* ---- what was measured: the vectors ---- */

/* Sets the shape's number of bins by the first vector, and holds the others to it. */
static bool check_bins(struct dz_json_reader *reader, const char *path, size_t count)
{
	struct dz_hist_shape *shape = &reader->record->shape;

	if (count < 2 || count > DZ_HIST_MAX_BINS)
		return dz_err_set(reader->in.err, "%s has %zu bins, but must have 2 to %u", path, count,
				  DZ_HIST_MAX_BINS);
	if (shape->bins == 0)
		shape->bins = (uint32_t)count;
	if (shape->bins != count)
		return dz_err_set(reader->in.err, "%s has %zu bins, but distribooze.lengths has %u", path, count,
				  shape->bins);
	return true;
}

static bool read_counts(struct dz_json_reader *reader, const char *path, struct dz_json_numbers *numbers,
			uint64_t count, uint64_t *counts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < numbers->count; i++) {
		if (!dz_json_next_whole(&reader->in, path, numbers, DZ_JSON_NUMBER_MOST, &counts[i]))
			return false;
		sum += counts[i];
		if (sum > DZ_JSON_NUMBER_MOST)
			return dz_err_set(reader->in.err, "%s adds up to more than 2^53", path);
	}
	if (sum != count)
		return dz_err_set(reader->in.err, "%s adds up to %llu, but count is %llu", path,
				  (unsigned long long)sum, (unsigned long long)count);
	return true;
}

/* Counts from shares. They are exact as long as half a hundredth of a percent is less than half of one: up to a
 * count of 10,000; beyond, they are as near as the percentages are, and *count becomes their sum. */
static bool restore_counts(struct dz_json_reader *reader, const char *path, struct dz_json_numbers *numbers,
			   uint64_t *count, uint64_t *counts)
{
	double sum = 0, share, slack = 0.005 * (double)numbers->count + 1e-6;
	uint64_t total = 0;

	for (size_t i = 0; i < numbers->count; i++) {
		if (!dz_json_next_real(&reader->in, path, numbers, 100, &share))
			return false;
		sum += share;
		counts[i] = (uint64_t)floor(share * (double)*count / 100 + 0.5);
		total += counts[i];
	}
	if (fabs(sum - (*count ? 100 : 0)) > slack)
		return dz_err_set(reader->in.err, "%s adds up to %.2f, but must to %d", path, sum, *count ? 100 : 0);
	*count = total;
	return true;
}

struct vector_paths {
	const char *count, *counts, *percent;
};

static bool read_vector(struct dz_json_reader *reader, const struct vector_paths *paths, unsigned part,
			struct dz_counts *counts)
{
	uint64_t *bins = reader->bins[part];
	struct dz_json_numbers numbers;

	if (!dz_json_number(&reader->in, paths->count, DZ_JSON_REQUIRED, DZ_JSON_NUMBER_MOST, &counts->count) ||
	    !dz_json_numbers(&reader->in, &reader->cut, paths->counts, DZ_JSON_OPTIONAL, &numbers))
		return false;
	counts->bins = bins;
	reader->stated[part] = counts->count;
	if (numbers.at)
		return check_bins(reader, paths->counts, numbers.count) &&
		       read_counts(reader, paths->counts, &numbers, counts->count, bins);
	if (!dz_json_numbers(&reader->in, &reader->cut, paths->percent, DZ_JSON_OPTIONAL, &numbers))
		return false;
	if (!numbers.at)
		return dz_err_set(reader->in.err, "%s is missing, and percent too", paths->counts);
	return check_bins(reader, paths->percent, numbers.count) &&
	       restore_counts(reader, paths->percent, &numbers, &counts->count, bins);
}

static bool read_shape(struct dz_json_reader *reader)
{
	struct dz_hist_shape *shape = &reader->record->shape;
	const char *layer = NULL;
	uint64_t width = 0;

	if (!dz_json_text(&reader->in, "distribooze.lengths.layer", DZ_JSON_REQUIRED, &layer) ||
	    !dz_json_number(&reader->in, "distribooze.lengths.bin_width", DZ_JSON_REQUIRED, DZ_HIST_MAX_WIDTH, &width))
		return false;
	if (!dz_layer_from_name(layer, &shape->layer))
		return dz_err_set(reader->in.err, "distribooze.lengths.layer is \"%.20s\", which is not known", layer);
	if (width == 0)
		return dz_err_set(reader->in.err, "distribooze.lengths.bin_width is 0");
	shape->bin_width = (uint32_t)width;
	return true;
}

/* Smallest, largest and sum have to be possible together. */
static bool read_range(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	enum dz_json_need need = record->lengths.count ? DZ_JSON_REQUIRED : DZ_JSON_OPTIONAL;
	uint64_t min = 0, max = 0;

	if (!dz_json_number(&reader->in, "distribooze.lengths.min", need, UINT32_MAX, &min) ||
	    !dz_json_number(&reader->in, "distribooze.lengths.max", need, UINT32_MAX, &max) ||
	    !dz_json_number(&reader->in, "distribooze.lengths.sum", DZ_JSON_REQUIRED, DZ_JSON_NUMBER_MOST,
			    &record->lengths_sum))
		return false;
	if (min > max)
		return dz_err_set(reader->in.err, "distribooze.lengths.min is %llu, more than max, which is %llu",
				  (unsigned long long)min, (unsigned long long)max);
	record->lengths_min = (uint32_t)min;
	record->lengths_max = (uint32_t)max;
	return true;
}

/* The parts add up to the whole, bin by bin. Counts restored from percentages need not: there the parts make the
 * whole, once the numbers of lengths agree. */
static bool check_parts(struct dz_json_reader *reader, bool restored)
{
	struct dz_record *record = reader->record;
	uint64_t sides = reader->stated[1] + reader->stated[2];

	if (reader->stated[0] != sides)
		return dz_err_set(reader->in.err,
				  "distribooze.lengths.count is %llu, but source and destination have %llu",
				  (unsigned long long)reader->stated[0], (unsigned long long)sides);
	for (uint32_t i = 0; i < record->shape.bins; i++) {
		uint64_t whole = reader->bins[0][i], parts = reader->bins[1][i] + reader->bins[2][i];
		if (whole != parts && !restored)
			return dz_err_set(
				reader->in.err,
				"distribooze.lengths.counts[%u] is %llu, but source and destination have %llu", i,
				(unsigned long long)whole, (unsigned long long)parts);
		reader->bins[0][i] = parts;
	}
	record->lengths.count = record->side[DZ_SOURCE].lengths.count + record->side[DZ_DESTINATION].lengths.count;
	return true;
}

static bool read_lengths(struct dz_json_reader *reader)
{
	static const struct vector_paths both = { "distribooze.lengths.count", "distribooze.lengths.counts",
						  "distribooze.lengths.percent" };
	static const struct vector_paths sides[2] = {
		{ "distribooze.lengths.source.count", "distribooze.lengths.source.counts",
		  "distribooze.lengths.source.percent" },
		{ "distribooze.lengths.destination.count", "distribooze.lengths.destination.counts",
		  "distribooze.lengths.destination.percent" },
	};
	static const char *const side_paths[2] = { "distribooze.lengths.source", "distribooze.lengths.destination" };
	struct dz_record *record = reader->record;
	struct json_object *value;

	if (!read_shape(reader) || !read_vector(reader, &both, 0, &record->lengths) || !read_range(reader))
		return false;
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++) {
		if (!dz_json_find(&reader->in, side_paths[side], DZ_JSON_OPTIONAL, &value))
			return false;
		if (value && !read_vector(reader, &sides[side], 1 + side, &record->side[side].lengths))
			return false;
	}
	if (!dz_json_find(&reader->in, both.counts, DZ_JSON_OPTIONAL, &value))
		return false;
	if (record->side[DZ_SOURCE].lengths.bins && record->side[DZ_DESTINATION].lengths.bins)
		return check_parts(reader, !value);
	return true;
}

/* ---- what it is ---- */

static bool read_risks(struct dz_json_reader *reader)
{
	struct json_object *array;
	size_t count;

	if (!dz_json_array(&reader->in, "distribooze.ndpi.risk", DZ_JSON_OPTIONAL, &array, &count))
		return false;
	if (count > DZ_LABEL_RISKS)
		return dz_err_set(reader->in.err, "distribooze.ndpi.risk has %zu elements, but at most %d are known",
				  count, DZ_LABEL_RISKS);
	for (size_t i = 0; i < count; i++) {
		struct json_object *element = json_object_array_get_idx(array, i);
		if (!json_object_is_type(element, json_type_string))
			return dz_err_set(reader->in.err, "distribooze.ndpi.risk[%zu] is not a string", i);
		reader->text.risks[i] = json_object_get_string(element);
	}
	reader->text.risk_count = (unsigned)count;
	return true;
}

/* Words that are not there become nDPI's own for what it does not know. */
static bool read_label(struct dz_json_reader *reader)
{
	struct dz_label_text *text = &reader->text;

	if (!dz_json_text(&reader->in, "distribooze.label", DZ_JSON_REQUIRED, &text->application))
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
	struct json_object *array, *first;
	size_t count;

	if (!dz_json_text(&reader->in, "dns.question.name", DZ_JSON_OPTIONAL, &detail->hostname))
		return false;
	detail->dns = detail->hostname != NULL;
	if (detail->dns)
		return true;
	if (!dz_json_text(&reader->in, "destination.domain", DZ_JSON_OPTIONAL, &detail->hostname) ||
	    !dz_json_array(&reader->in, "related.hosts", DZ_JSON_OPTIONAL, &array, &count))
		return false;
	first = count ? json_object_array_get_idx(array, 0) : NULL;
	if (json_object_is_type(first, json_type_string))
		detail->hostname = json_object_get_string(first);
	return true;
}

/* ---- the line ---- */

/* "base.name" */
static void name_path(char path[LONGEST_PATH], const char *base, const char *name)
{
	size_t size = 0;

	for (; *base && size < LONGEST_PATH - 2; base++)
		path[size++] = *base;
	if (size > 0)
		path[size++] = '.';
	for (; *name && size < LONGEST_PATH - 1; name++)
		path[size++] = *name;
	path[size] = '\0';
}

static void name_paths(struct dz_json_reader *reader)
{
	const char *open[DEPTH_MOST] = { "" }; /* the objects around a member */
	unsigned depth = 0;

#define OBJECT(id, name, when, text)                                                                                   \
	name_path(reader->path[ID_##id], open[depth], name);                                                           \
	open[++depth] = reader->path[ID_##id];
#define FIELD(id, name, kind, when, value, read, schema, column, text)                                                 \
	name_path(reader->path[ID_##id], open[depth], name);
#define ADDED(id, name, schema, text) name_path(reader->path[ID_##id], open[depth], name);
#define END(id) depth--;
#include "record/record.def"
}

struct dz_json_reader *dz_json_reader_new(void)
{
	struct dz_json_reader *reader = dz_mem_zalloc(1, sizeof *reader);

	name_paths(reader);
	dz_json_cut_init(&reader->cut);
	reader->tokener = json_tokener_new_ex(DEPTH_MOST);
	json_tokener_set_flags(reader->tokener, JSON_TOKENER_STRICT);
	return reader;
}

void dz_json_reader_free(struct dz_json_reader *reader)
{
	if (!reader)
		return;
	json_object_put(reader->in.root);
	json_tokener_free(reader->tokener);
	dz_json_cut_release(&reader->cut);
	free(reader);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool parse(struct dz_json_reader *reader, const char *line, size_t size)
{
	enum json_tokener_error problem;

	json_object_put(reader->in.root);
	reader->in.root = NULL;
	reader->in.prefix = NULL;
	for (; size > 0 && is_space(line[size - 1]); size--)
		;
	for (; size > 0 && is_space(*line); line++, size--)
		;
	if (size == 0)
		return dz_err_set(reader->in.err, "an empty line");
	if (size > LINE_MOST)
		return dz_err_set(reader->in.err, "a line of %zu bytes; at most %u are read", size, LINE_MOST);
	if (*line != '{')
		return dz_err_set(reader->in.err, "no JSON object");
	if (!dz_text_is_utf8(line,
			     size)) /* json-c can check that too, at a fifth of the time that it takes to read a line */
		return dz_err_set(reader->in.err, "no JSON (not UTF-8)");
	json_tokener_reset(reader->tokener);
	dz_json_cut_line(&reader->cut, line, size);
	reader->in.root = json_tokener_parse_ex(reader->tokener, reader->cut.text.data, (int)reader->cut.text.size);
	problem = json_tokener_get_error(reader->tokener);
	if (problem == json_tokener_continue)
		return dz_err_set(reader->in.err, "the JSON breaks off");
	if (problem != json_tokener_success)
		return dz_err_set(reader->in.err, "no JSON (%s)", json_tokener_error_desc(problem));
	if ((size_t)reader->tokener->char_offset < reader->cut.text.size)
		return dz_err_set(reader->in.err, "more than one JSON value");
	return true;
}

/* Messages quote the line, and may end on a terminal: bytes that are not plain ASCII become question marks. */
static void tame(struct dz_err *err)
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
	record->label = &reader->label;
	record->text = &reader->text;
	record->detail = &reader->detail;
	return read_words(reader) && read_label(reader) && read_key(reader) && read_members(reader) &&
	       read_community_id(reader) && read_id(reader) && read_lengths(reader) && read_risks(reader) &&
	       read_hostname(reader);
}

bool dz_json_reader_parse(struct dz_json_reader *reader, const char *line, size_t size, struct dz_record *record,
			  struct dz_err *err)
{
	reader->in.err = err;
	reader->record = record;
	if (!parse(reader, line, size) || !read_record(reader)) {
		tame(err);
		return false;
	}
	return true;
}
