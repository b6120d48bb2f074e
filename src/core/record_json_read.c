/* record_json_read.c - the JSON line of a record: the reader. See record_json.h; the writer is in record_json.c.
 *
 * A line is anybody's bytes until it has been checked: every field that is used is looked up by its path, and its
 * type and range are checked there; an error names that path. json-c's tree of the line lives until the next one,
 * and the strings of the record are the tree's. */
#include "config.h"
#include "distribooze/record_json.h"

#include "distribooze/mem.h"
#include "distribooze/packet.h"
#include "distribooze/text.h"
#include <arpa/inet.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MOST (4u << 20) /* bytes; a tree takes some 50 times as much */
#define DEPTH_MOST 16
#define NUMBER_MOST (UINT64_C(1) << 53) /* what a reader that knows doubles only can tell apart */

enum { ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58, SCTP = 132 };
enum need { OPTIONAL, REQUIRED };

struct dz_json_reader {
	struct json_tokener *tokener;
	struct json_object *root; /* of the last line; NULL before the first */
	struct dz_label label;
	struct dz_label_text text;
	struct dz_label_detail detail;
	uint64_t bins[3][DZ_HIST_MAX_BINS]; /* both directions, source, destination */

	/* while a line is read */
	struct dz_record *record;
	struct dz_err *err;
};

/* ---- fields ---- */

static const char *type_words(enum json_type type)
{
	switch (type) {
	case json_type_null: return "null";
	case json_type_boolean: return "true or false";
	case json_type_double:
	case json_type_int: return "a number";
	case json_type_object: return "an object";
	case json_type_array: return "an array";
	case json_type_string: return "a string";
	}
	return "unknown";
}

static bool check_type(struct dz_json_reader *reader, struct json_object *value, enum json_type type,
		       const char *path, size_t path_size)
{
	enum json_type found = json_object_get_type(value);

	if (found == type)
		return true;
	return dz_err_set(reader->err, "%.*s is %s, but must be %s", (int)path_size, path, type_words(found),
			  type_words(type));
}

/* Looks up "a.b.c" from the root. *value is NULL when it, or an object on the way, is not there. Anything on the way
 * that is not an object is an error. */
static bool find(struct dz_json_reader *reader, const char *path, enum need need, struct json_object **value)
{
	struct json_object *at = reader->root;
	const char *start = path;

	*value = NULL;
	for (;;) {
		char key[32];
		size_t size = strcspn(start, ".");
		if (size >= sizeof key)
			return dz_err_set(reader->err, "%s: too long a name", path);
		memcpy(key, start, size);
		key[size] = '\0';
		if (!json_object_object_get_ex(at, key, &at)) {
			if (need == REQUIRED)
				return dz_err_set(reader->err, "%s is missing", path);
			return true;
		}
		start += size;
		if (!*start) {
			if (!at)
				return dz_err_set(reader->err, "%s is null", path);
			*value = at;
			return true;
		}
		if (!check_type(reader, at, json_type_object, path, (size_t)(start - path)))
			return false;
		start++;
	}
}

/* Leaves *text alone when the field is not there. */
static bool read_text(struct dz_json_reader *reader, const char *path, enum need need, const char **text)
{
	struct json_object *value;
	const char *found;

	if (!find(reader, path, need, &value))
		return false;
	if (!value)
		return true;
	if (!check_type(reader, value, json_type_string, path, strlen(path)))
		return false;
	found = json_object_get_string(value);
	if (strlen(found) != (size_t)json_object_get_string_len(value))
		return dz_err_set(reader->err, "%s holds a NUL character", path);
	*text = found;
	return true;
}

/* A whole number from 0 to `most`; 3.0 is whole. */
static bool whole_number(struct json_object *value, uint64_t most, uint64_t *number)
{
	enum json_type type = json_object_get_type(value);

	if (type == json_type_int) {
		int64_t found = json_object_get_int64(value); /* the nearest, where it has more bits */
		if (found < 0 || (uint64_t)found > most)
			return false;
		*number = (uint64_t)found;
		return true;
	}
	if (type == json_type_double) {
		double found = json_object_get_double(value);
		if (!(found >= 0 && found <= (double)most) || found != floor(found))
			return false;
		*number = (uint64_t)found;
		return true;
	}
	return false;
}

static bool not_whole(struct dz_json_reader *reader, const char *path, struct json_object *value, uint64_t most)
{
	enum json_type type = json_object_get_type(value);

	if (type != json_type_int && type != json_type_double)
		return check_type(reader, value, json_type_int, path, strlen(path));
	return dz_err_set(reader->err, "%s is %.40s, but must be a whole number from 0 to %llu", path,
			  json_object_to_json_string(value), (unsigned long long)most);
}

/* Leaves *number alone when the field is not there. `most` is below 2^63. */
static bool read_number(struct dz_json_reader *reader, const char *path, enum need need, uint64_t most,
			uint64_t *number)
{
	struct json_object *value;

	if (!find(reader, path, need, &value))
		return false;
	return !value || whole_number(value, most, number) || not_whole(reader, path, value, most);
}

static bool read_truth(struct dz_json_reader *reader, const char *path, bool *truth)
{
	struct json_object *value;

	if (!find(reader, path, OPTIONAL, &value))
		return false;
	if (!value)
		return true;
	if (!check_type(reader, value, json_type_boolean, path, strlen(path)))
		return false;
	*truth = json_object_get_boolean(value);
	return true;
}

/* A number that the format prints as a string. */
static bool read_number_text(struct dz_json_reader *reader, const char *path, enum need need, unsigned most,
			     unsigned *number)
{
	const char *text = NULL;
	unsigned value = 0;
	size_t size;

	if (!read_text(reader, path, need, &text))
		return false;
	if (!text)
		return true;
	size = strspn(text, "0123456789");
	for (size_t i = 0; i < size && value <= most; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	if (size == 0 || text[size] || value > most)
		return dz_err_set(reader->err, "%s is \"%.40s\", but must be a number from 0 to %u, in quotes", path,
				  text, most);
	*number = value;
	return true;
}

static bool read_time(struct dz_json_reader *reader, const char *path, uint64_t *ns)
{
	const char *text = NULL;

	if (!read_text(reader, path, OPTIONAL, &text))
		return false;
	if (text && !dz_text_parse_time(text, ns))
		return dz_err_set(reader->err, "%s is \"%.40s\", but must be a time like 2020-06-16T10:06:03.446123Z",
				  path, text);
	return true;
}

static bool read_array(struct dz_json_reader *reader, const char *path, enum need need, struct json_object **array,
		       size_t *count)
{
	*count = 0;
	if (!find(reader, path, need, array))
		return false;
	if (!*array)
		return true;
	if (!check_type(reader, *array, json_type_array, path, strlen(path)))
		return false;
	*count = (size_t)json_object_array_length(*array);
	return true;
}

/* ---- who ---- */

static bool read_address(struct dz_json_reader *reader, const char *path, uint8_t address[16], uint8_t *version)
{
	const char *text = NULL;

	if (!read_text(reader, path, REQUIRED, &text))
		return false;
	memset(address, 0, 16);
	if (inet_pton(AF_INET, text, address) == 1)
		*version = 4;
	else if (inet_pton(AF_INET6, text, address) == 1)
		*version = 6;
	else
		return dz_err_set(reader->err, "%s is \"%.60s\", which is no address", path, text);
	return true;
}

/* What stands in the key for ports. */
static bool read_ports(struct dz_json_reader *reader, uint8_t protocol, uint16_t ports[2])
{
	uint64_t first = 0, second = 0;

	if (protocol == TCP || protocol == UDP || protocol == SCTP) {
		if (!read_number(reader, "source.port", REQUIRED, UINT16_MAX, &first) ||
		    !read_number(reader, "destination.port", REQUIRED, UINT16_MAX, &second))
			return false;
	} else if (protocol == ICMP || protocol == ICMPV6) {
		if (!read_number(reader, "distribooze.icmp.type", OPTIONAL, UINT8_MAX, &first) ||
		    !read_number(reader, "distribooze.icmp.code", OPTIONAL, UINT8_MAX, &second))
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

	if (!read_number_text(reader, "network.vlan.id", OPTIONAL, 4095, &vlan) ||
	    !read_number_text(reader, "network.inner.vlan.id", OPTIONAL, 4095, &inner))
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
	    !read_number_text(reader, "network.iana_number", REQUIRED, 255, &protocol) ||
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

	if (!read_text(reader, "network.community_id", OPTIONAL, &text))
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

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *found = c ? strchr(digits, c) : NULL;
	return found ? (int)(found - digits) : -1;
}

static bool read_id(struct dz_json_reader *reader)
{
	uint8_t *id = reader->record->id;
	const char *text = NULL;

	if (!read_text(reader, "event.id", OPTIONAL, &text))
		return false;
	if (!text)
		return true;
	for (size_t i = 0; i < 16; i++) {
		int high = hex_digit(text[i * 2]), low = high < 0 ? -1 : hex_digit(text[i * 2 + 1]);
		if (low < 0)
			return dz_err_set(reader->err, "event.id is \"%.40s\", but must be 32 hexadecimal digits",
					  text);
		id[i] = (uint8_t)(high << 4 | low);
	}
	if (text[32])
		return dz_err_set(reader->err, "event.id has more than 32 digits");
	return true;
}

static bool read_words(struct dz_json_reader *reader)
{
	struct dz_record *record = reader->record;
	const char *schema = NULL, *role = NULL, *tunnel = NULL, *end = NULL;

	if (!read_text(reader, "distribooze.schema", REQUIRED, &schema) ||
	    !read_text(reader, "distribooze.input", REQUIRED, &record->input) ||
	    !read_text(reader, "distribooze.role", OPTIONAL, &role) ||
	    !read_text(reader, "distribooze.tunnel", OPTIONAL, &tunnel) ||
	    !read_text(reader, "distribooze.end_reason", OPTIONAL, &end))
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

static bool read_tcp_flags(struct dz_json_reader *reader, const char *path, uint8_t *flags)
{
	static const char *const names[8] = { "fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr" };
	struct json_object *array;
	size_t count;

	if (!read_array(reader, path, OPTIONAL, &array, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct json_object *element = json_object_array_get_idx(array, i);
		const char *name = json_object_is_type(element, json_type_string) ? json_object_get_string(element) : "";
		unsigned bit = 0;
		while (bit < 8 && strcmp(name, names[bit]) != 0)
			bit++;
		if (bit == 8)
			return dz_err_set(reader->err, "%s[%zu] is no TCP flag", path, i);
		*flags |= (uint8_t)(1u << bit);
	}
	return true;
}

static bool read_sides(struct dz_json_reader *reader)
{
	struct dz_side *source = &reader->record->side[DZ_SOURCE], *destination = &reader->record->side[DZ_DESTINATION];
	enum need other = reader->record->role == DZ_ROLE_BOTH ? REQUIRED : OPTIONAL;

	return read_number(reader, "source.packets", REQUIRED, NUMBER_MOST, &source->packets) &&
	       read_number(reader, "source.bytes", REQUIRED, NUMBER_MOST, &source->bytes) &&
	       read_number(reader, "destination.packets", other, NUMBER_MOST, &destination->packets) &&
	       read_number(reader, "destination.bytes", other, NUMBER_MOST, &destination->bytes) &&
	       read_number(reader, "distribooze.tcp.retransmissions.source", OPTIONAL, NUMBER_MOST,
			   &source->retransmissions) &&
	       read_number(reader, "distribooze.tcp.retransmissions.destination", OPTIONAL, NUMBER_MOST,
			   &destination->retransmissions) &&
	       read_tcp_flags(reader, "distribooze.tcp.flags.source", &source->tcp_flags) &&
	       read_tcp_flags(reader, "distribooze.tcp.flags.destination", &destination->tcp_flags);
}

/* ---- what was measured: the vectors ---- */

/* Sets the shape's number of bins by the first vector, and holds the others to it. */
static bool check_bins(struct dz_json_reader *reader, const char *path, size_t count)
{
	struct dz_hist_shape *shape = &reader->record->shape;

	if (count < 2 || count > DZ_HIST_MAX_BINS)
		return dz_err_set(reader->err, "%s has %zu bins, but must have 2 to %u", path, count,
				  DZ_HIST_MAX_BINS);
	if (shape->bins == 0)
		shape->bins = (uint32_t)count;
	if (shape->bins != count)
		return dz_err_set(reader->err, "%s has %zu bins, but distribooze.lengths has %u", path, count,
				  shape->bins);
	return true;
}

static bool read_counts(struct dz_json_reader *reader, const char *path, struct json_object *array, size_t bins,
			uint64_t count, uint64_t *counts)
{
	uint64_t sum = 0; /* cannot overflow: DZ_HIST_MAX_BINS * NUMBER_MOST is 2^64 at the very most, and is checked */

	for (size_t i = 0; i < bins; i++) {
		struct json_object *element = json_object_array_get_idx(array, i);
		if (!whole_number(element, NUMBER_MOST, &counts[i])) {
			char place[96];
			snprintf(place, sizeof place, "%s[%zu]", path, i);
			return not_whole(reader, place, element, NUMBER_MOST);
		}
		sum += counts[i];
		if (sum > NUMBER_MOST)
			return dz_err_set(reader->err, "%s adds up to more than 2^53", path);
	}
	if (sum != count)
		return dz_err_set(reader->err, "%s adds up to %llu, but count is %llu", path, (unsigned long long)sum,
				  (unsigned long long)count);
	return true;
}

/* Counts from shares. They are exact as long as half a hundredth of a percent is less than half of one: up to a
 * count of 10,000; beyond, they are as near as the percentages are, and *count becomes their sum. */
static bool restore_counts(struct dz_json_reader *reader, const char *path, struct json_object *array, size_t bins,
			   uint64_t *count, uint64_t *counts)
{
	double sum = 0, slack = 0.005 * (double)bins + 1e-6;
	uint64_t total = 0;

	for (size_t i = 0; i < bins; i++) {
		struct json_object *element = json_object_array_get_idx(array, i);
		enum json_type type = json_object_get_type(element);
		double share = type == json_type_int || type == json_type_double ? json_object_get_double(element) : -1;
		if (!(share >= 0 && share <= 100))
			return dz_err_set(reader->err, "%s[%zu] is %.40s, but must be a number from 0 to 100", path, i,
					  json_object_to_json_string(element));
		sum += share;
		counts[i] = (uint64_t)floor(share * (double)*count / 100 + 0.5);
		total += counts[i];
	}
	if (fabs(sum - (*count ? 100 : 0)) > slack)
		return dz_err_set(reader->err, "%s adds up to %.2f, but must to %d", path, sum, *count ? 100 : 0);
	*count = total;
	return true;
}

struct vector_paths {
	const char *count, *counts, *percent;
};

static bool read_vector(struct dz_json_reader *reader, const struct vector_paths *paths, uint64_t *bins,
			struct dz_counts *counts)
{
	struct json_object *array;
	size_t size;

	if (!read_number(reader, paths->count, REQUIRED, NUMBER_MOST, &counts->count) ||
	    !read_array(reader, paths->counts, OPTIONAL, &array, &size))
		return false;
	counts->bins = bins;
	if (array)
		return check_bins(reader, paths->counts, size) &&
		       read_counts(reader, paths->counts, array, size, counts->count, bins);
	if (!read_array(reader, paths->percent, OPTIONAL, &array, &size))
		return false;
	if (!array)
		return dz_err_set(reader->err, "%s is missing, and percent too", paths->counts);
	return check_bins(reader, paths->percent, size) &&
	       restore_counts(reader, paths->percent, array, size, &counts->count, bins);
}

static bool read_shape(struct dz_json_reader *reader)
{
	struct dz_hist_shape *shape = &reader->record->shape;
	const char *layer = NULL;
	uint64_t width = 0;

	if (!read_text(reader, "distribooze.lengths.layer", REQUIRED, &layer) ||
	    !read_number(reader, "distribooze.lengths.bin_width", REQUIRED, DZ_HIST_MAX_WIDTH, &width))
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
	enum need need = record->lengths.count ? REQUIRED : OPTIONAL;
	uint64_t min = 0, max = 0;

	if (!read_number(reader, "distribooze.lengths.min", need, UINT32_MAX, &min) ||
	    !read_number(reader, "distribooze.lengths.max", need, UINT32_MAX, &max) ||
	    !read_number(reader, "distribooze.lengths.sum", REQUIRED, NUMBER_MOST, &record->lengths_sum))
		return false;
	if (min > max)
		return dz_err_set(reader->err, "distribooze.lengths.min is %llu, more than max, which is %llu",
				  (unsigned long long)min, (unsigned long long)max);
	record->lengths_min = (uint32_t)min;
	record->lengths_max = (uint32_t)max;
	return true;
}

/* With counts, the parts add up bin by bin; counts restored from percentages need not. */
static bool check_parts(struct dz_json_reader *reader)
{
	const struct dz_record *record = reader->record;

	for (uint32_t i = 0; i < record->shape.bins; i++) {
		uint64_t whole = reader->bins[0][i], parts = reader->bins[1][i] + reader->bins[2][i];
		if (whole != parts)
			return dz_err_set(reader->err,
					  "distribooze.lengths.counts[%u] is %llu, but source and destination have %llu",
					  i, (unsigned long long)whole, (unsigned long long)parts);
	}
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

	if (!read_shape(reader) || !read_vector(reader, &both, reader->bins[0], &record->lengths) ||
	    !read_range(reader))
		return false;
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++) {
		if (!find(reader, side_paths[side], OPTIONAL, &value))
			return false;
		if (value && !read_vector(reader, &sides[side], reader->bins[1 + side], &record->side[side].lengths))
			return false;
	}
	if (!read_number(reader, "distribooze.tls.lost_bytes", OPTIONAL, NUMBER_MOST, &record->tls_lost_bytes) ||
	    !find(reader, both.counts, OPTIONAL, &value))
		return false;
	if (value && record->side[DZ_SOURCE].lengths.bins && record->side[DZ_DESTINATION].lengths.bins)
		return check_parts(reader);
	return true;
}

/* ---- what it is ---- */

static bool read_risks(struct dz_json_reader *reader)
{
	struct json_object *array;
	size_t count;

	if (!read_array(reader, "distribooze.ndpi.risk", OPTIONAL, &array, &count))
		return false;
	if (count > DZ_LABEL_RISKS)
		return dz_err_set(reader->err, "distribooze.ndpi.risk has %zu elements, but at most %d are known",
				  count, DZ_LABEL_RISKS);
	for (size_t i = 0; i < count; i++) {
		struct json_object *element = json_object_array_get_idx(array, i);
		if (!json_object_is_type(element, json_type_string))
			return dz_err_set(reader->err, "distribooze.ndpi.risk[%zu] is not a string", i);
		reader->text.risks[i] = json_object_get_string(element);
	}
	reader->text.risk_count = (unsigned)count;
	return true;
}

/* Words that are not there become nDPI's own for what it does not know. */
static bool read_label(struct dz_json_reader *reader)
{
	struct dz_label *label = &reader->label;
	struct dz_label_text *text = &reader->text;
	uint64_t inspected = 0, score = 0;

	if (!read_text(reader, "distribooze.label", REQUIRED, &text->application))
		return false;
	text->protocol = text->network_protocol = text->network_application = text->application;
	text->category = "Unspecified";
	text->breed = "Unrated";
	text->confidence = "Unknown";
	if (!read_text(reader, "distribooze.ndpi.protocol", OPTIONAL, &text->protocol) ||
	    !read_text(reader, "network.protocol", OPTIONAL, &text->network_protocol) ||
	    !read_text(reader, "network.application", OPTIONAL, &text->network_application) ||
	    !read_text(reader, "distribooze.ndpi.category", OPTIONAL, &text->category) ||
	    !read_text(reader, "distribooze.ndpi.breed", OPTIONAL, &text->breed) ||
	    !read_text(reader, "distribooze.ndpi.confidence", OPTIONAL, &text->confidence) ||
	    !read_truth(reader, "distribooze.ndpi.guessed", &label->guessed) ||
	    !read_truth(reader, "distribooze.ndpi.encrypted", &label->encrypted) ||
	    !read_number(reader, "distribooze.ndpi.packets_inspected", OPTIONAL, UINT8_MAX, &inspected) ||
	    !read_number(reader, "distribooze.ndpi.risk_score", OPTIONAL, UINT16_MAX, &score))
		return false;
	label->inspected = (uint8_t)inspected;
	label->risk_score = (uint16_t)score;
	label->settled = true;
	return read_risks(reader);
}

/* The name that the writer prints first among the hosts. */
static bool read_hostname(struct dz_json_reader *reader)
{
	struct dz_label_detail *detail = &reader->detail;
	struct json_object *array, *first;
	size_t count;

	if (!read_text(reader, "dns.question.name", OPTIONAL, &detail->hostname))
		return false;
	detail->dns = detail->hostname != NULL;
	if (detail->dns)
		return true;
	if (!read_text(reader, "destination.domain", OPTIONAL, &detail->hostname) ||
	    !read_array(reader, "related.hosts", OPTIONAL, &array, &count))
		return false;
	first = count ? json_object_array_get_idx(array, 0) : NULL;
	if (json_object_is_type(first, json_type_string))
		detail->hostname = json_object_get_string(first);
	return true;
}

static bool read_detail(struct dz_json_reader *reader)
{
	struct dz_label_detail *d = &reader->detail;
	uint64_t status = 0;
	const struct {
		const char *path;
		const char **text;
	} fields[] = {
		{ "tls.client.server_name", &d->tls_server_name },
		{ "tls.version", &d->tls_version },
		{ "tls.next_protocol", &d->tls_next_protocol },
		{ "tls.cipher", &d->tls_cipher },
		{ "tls.client.ja3", &d->tls_ja3 },
		{ "tls.server.ja3s", &d->tls_ja3s },
		{ "tls.server.issuer", &d->tls_issuer },
		{ "tls.server.subject", &d->tls_subject },
		{ "distribooze.tls.ja4", &d->tls_ja4 },
		{ "distribooze.ssh.client_software", &d->ssh_client },
		{ "distribooze.ssh.client_hassh", &d->ssh_client_hassh },
		{ "distribooze.ssh.server_software", &d->ssh_server },
		{ "distribooze.ssh.server_hassh", &d->ssh_server_hassh },
		{ "distribooze.http.content_type", &d->http_content_type },
		{ "http.request.method", &d->http_method },
		{ "url.original", &d->http_url },
		{ "user_agent.original", &d->user_agent },
		{ "dns.question.type", &d->dns_question_type },
		{ "dns.response_code", &d->dns_response_code },
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!read_text(reader, fields[i].path, OPTIONAL, fields[i].text))
			return false;
	if (!read_number(reader, "http.response.status_code", OPTIONAL, UINT16_MAX, &status))
		return false;
	d->http_status = (uint16_t)status;
	return read_hostname(reader);
}

/* ---- the line ---- */

struct dz_json_reader *dz_json_reader_new(void)
{
	struct dz_json_reader *reader = dz_mem_zalloc(1, sizeof *reader);
	int flags = JSON_TOKENER_STRICT;

#ifdef JSON_TOKENER_VALIDATE_UTF8
	flags |= JSON_TOKENER_VALIDATE_UTF8;
#endif
	reader->tokener = json_tokener_new_ex(DEPTH_MOST);
	json_tokener_set_flags(reader->tokener, flags);
	return reader;
}

void dz_json_reader_free(struct dz_json_reader *reader)
{
	if (!reader)
		return;
	json_object_put(reader->root);
	json_tokener_free(reader->tokener);
	free(reader);
}

static bool parse(struct dz_json_reader *reader, const char *line, size_t size)
{
	enum json_tokener_error problem;

	json_object_put(reader->root);
	reader->root = NULL;
	while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r' || line[size - 1] == ' '))
		size--;
	if (size > LINE_MOST)
		return dz_err_set(reader->err, "a line of %zu bytes; at most %u are read", size, LINE_MOST);
	json_tokener_reset(reader->tokener);
	reader->root = json_tokener_parse_ex(reader->tokener, line, (int)size);
	problem = json_tokener_get_error(reader->tokener);
	if (problem == json_tokener_continue)
		return dz_err_set(reader->err, size ? "the JSON breaks off" : "an empty line");
	if (problem != json_tokener_success)
		return dz_err_set(reader->err, "no JSON (%s, at byte %d)", json_tokener_error_desc(problem),
				  reader->tokener->char_offset);
	if ((size_t)reader->tokener->char_offset < size)
		return dz_err_set(reader->err, "more than one JSON value (at byte %d)", reader->tokener->char_offset);
	if (!json_object_is_type(reader->root, json_type_object))
		return dz_err_set(reader->err, "%s, but a record is an object",
				  type_words(json_object_get_type(reader->root)));
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
	return read_words(reader) && read_key(reader) && read_community_id(reader) && read_id(reader) &&
	       read_time(reader, "event.start", &record->start_ns) &&
	       read_time(reader, "event.end", &record->end_ns) && read_sides(reader) && read_lengths(reader) &&
	       read_label(reader) && read_detail(reader);
}

bool dz_json_reader_parse(struct dz_json_reader *reader, const char *line, size_t size, struct dz_record *record,
			  struct dz_err *err)
{
	reader->err = err;
	reader->record = record;
	if (!parse(reader, line, size) || !read_record(reader)) {
		tame(err);
		return false;
	}
	reader->label.detail = &reader->detail;
	return true;
}
