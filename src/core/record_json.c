/* record_json.c - the JSON line of a record: the writer. See record_json.h; the reader is in record_json_read.c.
 *
 * The line is a json-c object that is built once and printed for every record. Its members have serializers of
 * their own, which render a whole part of the current record at once; so a record costs no allocation and no tree.
 * A member that not every record has (tls, dns, ...) cannot be left out while json-c prints, so there is one root
 * object for each combination of those, made when it is first wanted; the members are shared. */
#include "config.h"
#include "distribooze/record_json.h"

#include "distribooze/mem.h"
#include "distribooze/packet.h"
#include "distribooze/text.h"
#include <json-c/json.h>
#include <stdlib.h>

#define SCHEMA "1" /* distribooze.schema: what docs/flow.schema.json describes */

enum { ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58, SCTP = 132 };

/* The members of a line, in their order. */
enum part {
	PART_TIMESTAMP,
	PART_ECS,
	PART_EVENT,
	PART_OBSERVER,
	PART_SOURCE,
	PART_DESTINATION,
	PART_NETWORK,
	PART_RELATED,
	PART_TLS,
	PART_DNS,
	PART_HTTP,
	PART_URL,
	PART_USER_AGENT,
	PART_DISTRIBOOZE
};
#define PART_COUNT 14
#define OPTIONAL_FIRST PART_TLS
#define OPTIONAL_COUNT 5
#define HAS(part) (1u << ((part) - OPTIONAL_FIRST))

typedef void part_fn(struct dz_json_writer *writer);

struct member {
	struct json_object *object;
	struct dz_json_writer *writer;
	part_fn *render;
};

struct dz_json_writer {
	enum dz_values values;
	struct member members[PART_COUNT];
	struct json_object *roots[1u << OPTIONAL_COUNT];
	struct dz_strbuf out; /* the part that is being rendered */

	/* of the record that is being written; borrowed */
	const struct dz_record *record;
	const struct dz_label_detail *detail; /* never NULL */
	unsigned has;                         /* optional members */
	size_t address_size[2];
	char address[2][DZ_ADDRESS_TEXT];
};

static const struct dz_label_detail no_detail;

#define ADD(out, literal) dz_text_add_literal(out, literal)

/* ---- pieces ---- */

static void add_text(struct dz_strbuf *out, const char *text)
{
	dz_text_add(out, text, strlen(text));
}

/* A member of an object; `key` is `"name":`. Nothing when the value is not known. A comma goes before it unless it
 * is the object's first. */
static void add_member_of(struct dz_strbuf *out, const char *key, size_t key_size, const char *value)
{
	if (!value)
		return;
	if (out->data[out->size - 1] != '{')
		ADD(out, ",");
	dz_text_add(out, key, key_size);
	dz_text_add_json(out, value);
}
#define add_member(out, key, value) add_member_of(out, "" key, sizeof(key) - 1, value)

/* An element of an array, unless an earlier one is the same or it is not known. */
struct list {
	const char *values[8];
	unsigned count;
};

static void list_add(struct list *list, const char *value)
{
	if (!value)
		return;
	for (unsigned i = 0; i < list->count; i++)
		if (!strcmp(list->values[i], value))
			return;
	list->values[list->count++] = value;
}

static void add_list(struct dz_strbuf *out, const char *key, const struct list *list)
{
	if (list->count == 0)
		return;
	add_text(out, key);
	for (unsigned i = 0; i < list->count; i++) {
		if (i > 0)
			ADD(out, ",");
		dz_text_add_json(out, list->values[i]);
	}
	ADD(out, "]");
}

static void add_address(struct dz_json_writer *writer, unsigned side)
{
	ADD(&writer->out, "\"");
	dz_text_add(&writer->out, writer->address[side], writer->address_size[side]);
	ADD(&writer->out, "\"");
}

/* ---- common parts ---- */

static void render_timestamp(struct dz_json_writer *writer)
{
	ADD(&writer->out, "\"");
	dz_text_add_time(&writer->out, writer->record->end_ns);
	ADD(&writer->out, "\"");
}

static void render_ecs(struct dz_json_writer *writer)
{
	ADD(&writer->out, "{\"version\":\"8.11.0\"}");
}

static void render_event(struct dz_json_writer *writer)
{
	const struct dz_record *record = writer->record;
	struct dz_strbuf *out = &writer->out;
	char *at;

	ADD(out, "{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\"");
	if (record->end_reason != DZ_END_ACTIVE)
		ADD(out, ",\"end\"");
	if (writer->has & (HAS(PART_TLS) | HAS(PART_DNS) | HAS(PART_HTTP)))
		ADD(out, ",\"protocol\"");
	ADD(out, "],\"action\":\"network_flow\",\"module\":\"distribooze\",\"dataset\":\"distribooze.flow\",\"id\":\"");
	at = dz_text_room(out, sizeof record->id * 2);
	out->size += (size_t)(dz_text_hex(at, record->id, sizeof record->id) - at);
	ADD(out, "\",\"start\":\"");
	dz_text_add_time(out, record->start_ns);
	ADD(out, "\",\"end\":\"");
	dz_text_add_time(out, record->end_ns);
	ADD(out, "\",\"duration\":");
	dz_text_add_u64(out, record->end_ns > record->start_ns ? record->end_ns - record->start_ns : 0);
	ADD(out, "}");
}

static void render_observer(struct dz_json_writer *writer)
{
	ADD(&writer->out, "{\"type\":\"sensor\",\"product\":\"distribooze\",\"version\":\"" PACKAGE_VERSION "\"}");
}

/* What the detail says the responder is called. A DNS question names somebody else. */
static const char *domain_of(const struct dz_label_detail *detail)
{
	if (detail->tls_server_name)
		return detail->tls_server_name;
	return detail->dns ? NULL : detail->hostname;
}

static void add_endpoint(struct dz_json_writer *writer, unsigned side, const char *domain)
{
	const struct dz_record *record = writer->record;
	struct dz_strbuf *out = &writer->out;
	uint8_t protocol = record->key.protocol;

	ADD(out, "{\"address\":");
	add_address(writer, side);
	ADD(out, ",\"ip\":");
	add_address(writer, side);
	if (protocol == TCP || protocol == UDP || protocol == SCTP) {
		ADD(out, ",\"port\":");
		dz_text_add_u64(out, record->key.port[record->source_end ^ side]);
	}
	add_member(out, "\"domain\":", domain);
	if (side == DZ_SOURCE || record->role == DZ_ROLE_BOTH) {
		ADD(out, ",\"bytes\":");
		dz_text_add_u64(out, record->side[side].bytes);
		ADD(out, ",\"packets\":");
		dz_text_add_u64(out, record->side[side].packets);
	}
	ADD(out, "}");
}

/* The domain is the responder's, who is the source of a one-way record of its packets. */
static void render_source(struct dz_json_writer *writer)
{
	add_endpoint(writer, DZ_SOURCE, writer->record->role == DZ_ROLE_RESPONDER ? domain_of(writer->detail) : NULL);
}

static void render_destination(struct dz_json_writer *writer)
{
	add_endpoint(writer, DZ_DESTINATION,
		     writer->record->role == DZ_ROLE_RESPONDER ? NULL : domain_of(writer->detail));
}

static void render_network(struct dz_json_writer *writer)
{
	const struct dz_record *record = writer->record;
	struct dz_strbuf *out = &writer->out;
	char number[4];

	ADD(out, "{\"type\":\"ipv");
	dz_text_add_u64(out, record->key.version);
	ADD(out, "\",\"iana_number\":\"");
	dz_text_add_u64(out, record->key.protocol);
	ADD(out, "\"");
	add_member(out, "\"transport\":", dz_flow_key_transport(record->key.protocol, number));
	add_member(out, "\"protocol\":", record->text->network_protocol);
	add_member(out, "\"application\":", record->text->network_application);
	ADD(out, ",\"community_id\":\"");
	dz_text_add(out, record->community_id, strlen(record->community_id));
	ADD(out, "\",\"bytes\":");
	dz_text_add_u64(out, record->side[DZ_SOURCE].bytes + record->side[DZ_DESTINATION].bytes);
	ADD(out, ",\"packets\":");
	dz_text_add_u64(out, record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets);
	if (record->vlan) {
		ADD(out, ",\"vlan\":{\"id\":\"");
		dz_text_add_u64(out, record->vlan);
		ADD(out, "\"}");
	}
	if (record->inner_vlan) {
		ADD(out, ",\"inner\":{\"vlan\":{\"id\":\"");
		dz_text_add_u64(out, record->inner_vlan);
		ADD(out, "\"}}");
	}
	ADD(out, "}");
}

static void render_related(struct dz_json_writer *writer)
{
	const struct dz_label_detail *detail = writer->detail;
	struct dz_strbuf *out = &writer->out;
	struct list list = { .count = 0 };

	ADD(out, "{\"ip\":[");
	add_address(writer, DZ_SOURCE);
	if (strcmp(writer->address[DZ_SOURCE], writer->address[DZ_DESTINATION]) != 0) {
		ADD(out, ",");
		add_address(writer, DZ_DESTINATION);
	}
	ADD(out, "]");
	if (detail != &no_detail) {
		list_add(&list, detail->hostname);
		list_add(&list, detail->tls_server_name);
		add_list(out, ",\"hosts\":[", &list);
		list.count = 0;
		list_add(&list, detail->tls_ja3);
		list_add(&list, detail->tls_ja3s);
		list_add(&list, detail->tls_ja4);
		list_add(&list, detail->ssh_client_hassh);
		list_add(&list, detail->ssh_server_hassh);
		add_list(out, ",\"hash\":[", &list);
	}
	ADD(out, "}");
}

/* ---- protocol detail ---- */

static void render_tls(struct dz_json_writer *writer)
{
	const struct dz_label_detail *detail = writer->detail;
	struct dz_strbuf *out = &writer->out;

	ADD(out, "{");
	add_member(out, "\"version\":", detail->tls_version);
	add_member(out, "\"cipher\":", detail->tls_cipher);
	add_member(out, "\"next_protocol\":", detail->tls_next_protocol);
	if (detail->tls_server_name || detail->tls_ja3) {
		if (out->size > 1)
			ADD(out, ",");
		ADD(out, "\"client\":{");
		add_member(out, "\"server_name\":", detail->tls_server_name);
		add_member(out, "\"ja3\":", detail->tls_ja3);
		ADD(out, "}");
	}
	if (detail->tls_ja3s || detail->tls_issuer || detail->tls_subject) {
		if (out->size > 1)
			ADD(out, ",");
		ADD(out, "\"server\":{");
		add_member(out, "\"ja3s\":", detail->tls_ja3s);
		add_member(out, "\"issuer\":", detail->tls_issuer);
		add_member(out, "\"subject\":", detail->tls_subject);
		ADD(out, "}");
	}
	ADD(out, "}");
}

static void render_dns(struct dz_json_writer *writer)
{
	const struct dz_label_detail *detail = writer->detail;
	const char *name = detail->dns ? detail->hostname : NULL;
	struct dz_strbuf *out = &writer->out;

	ADD(out, "{");
	if (name || detail->dns_question_type) {
		ADD(out, "\"question\":{");
		add_member(out, "\"name\":", name);
		add_member(out, "\"type\":", detail->dns_question_type);
		ADD(out, "}");
	}
	add_member(out, "\"response_code\":", detail->dns_response_code);
	ADD(out, "}");
}

static void render_http(struct dz_json_writer *writer)
{
	const struct dz_label_detail *detail = writer->detail;
	struct dz_strbuf *out = &writer->out;

	ADD(out, "{");
	if (detail->http_method) {
		ADD(out, "\"request\":{");
		add_member(out, "\"method\":", detail->http_method);
		ADD(out, "}");
	}
	if (detail->http_status) {
		if (detail->http_method)
			ADD(out, ",");
		ADD(out, "\"response\":{\"status_code\":");
		dz_text_add_u64(out, detail->http_status);
		ADD(out, "}");
	}
	ADD(out, "}");
}

static void render_url(struct dz_json_writer *writer)
{
	ADD(&writer->out, "{");
	add_member(&writer->out, "\"original\":", writer->detail->http_url);
	ADD(&writer->out, "}");
}

static void render_user_agent(struct dz_json_writer *writer)
{
	ADD(&writer->out, "{");
	add_member(&writer->out, "\"original\":", writer->detail->user_agent);
	ADD(&writer->out, "}");
}

static unsigned optional_members(const struct dz_label_detail *d)
{
	unsigned has = 0;

	if (d == &no_detail)
		return 0;
	if (d->tls_version || d->tls_cipher || d->tls_next_protocol || d->tls_server_name || d->tls_ja3 ||
	    d->tls_ja3s || d->tls_issuer || d->tls_subject)
		has |= HAS(PART_TLS);
	if ((d->dns && d->hostname) || d->dns_question_type || d->dns_response_code)
		has |= HAS(PART_DNS);
	if (d->http_method || d->http_status)
		has |= HAS(PART_HTTP);
	if (d->http_url)
		has |= HAS(PART_URL);
	if (d->user_agent)
		has |= HAS(PART_USER_AGENT);
	return has;
}

/* ---- our own part ---- */

static void add_ndpi(struct dz_json_writer *writer)
{
	const struct dz_label *label = writer->record->label;
	const struct dz_label_text *text = writer->record->text;
	struct dz_strbuf *out = &writer->out;

	ADD(out, ",\"ndpi\":{");
	add_member(out, "\"version\":", text->version);
	add_member(out, "\"protocol\":", text->protocol);
	add_member(out, "\"category\":", text->category);
	add_member(out, "\"breed\":", text->breed);
	add_member(out, "\"confidence\":", text->confidence);
	if (label->guessed)
		ADD(out, ",\"guessed\":true");
	else
		ADD(out, ",\"guessed\":false");
	if (label->encrypted)
		ADD(out, ",\"encrypted\":true");
	else
		ADD(out, ",\"encrypted\":false");
	ADD(out, ",\"packets_inspected\":");
	dz_text_add_u64(out, label->inspected);
	ADD(out, ",\"risk\":[");
	for (unsigned i = 0; i < text->risk_count; i++) {
		if (i > 0)
			ADD(out, ",");
		dz_text_add_json(out, text->risks[i]);
	}
	ADD(out, "],\"risk_score\":");
	dz_text_add_u64(out, label->risk_score);
	ADD(out, "}");
}

/* The key holds an ICMP sender's type as its port; the other port is the code where no message answers this one,
 * and tells nothing of the code where one does. */
static void add_icmp(struct dz_strbuf *out, const struct dz_record *record)
{
	uint16_t type = record->key.port[record->source_end], source, destination;

	ADD(out, ",\"icmp\":{\"type\":");
	dz_text_add_u64(out, type);
	if (dz_flow_key_icmp_ports(record->key.protocol, (uint8_t)type, 0, &source, &destination)) {
		ADD(out, ",\"code\":");
		dz_text_add_u64(out, record->key.port[!record->source_end] & 0xff);
	}
	ADD(out, "}");
}

static void add_tcp_flags(struct dz_strbuf *out, uint8_t flags)
{
	static const struct {
		char text[7];
		uint8_t size;
	} names[8] = { { "\"fin\",", 6 }, { "\"syn\",", 6 }, { "\"rst\",", 6 }, { "\"psh\",", 6 },
		       { "\"ack\",", 6 }, { "\"urg\",", 6 }, { "\"ece\",", 6 }, { "\"cwr\",", 6 } };

	ADD(out, "[");
	for (unsigned bit = 0; bit < 8; bit++)
		if (flags & 1u << bit)
			dz_text_add(out, names[bit].text, names[bit].size);
	if (flags)
		out->size--; /* the last comma */
	ADD(out, "]");
}

static void add_tcp(struct dz_strbuf *out, const struct dz_record *record)
{
	bool both = record->role == DZ_ROLE_BOTH;

	ADD(out, ",\"tcp\":{\"retransmissions\":{\"source\":");
	dz_text_add_u64(out, record->side[DZ_SOURCE].retransmissions);
	if (both) {
		ADD(out, ",\"destination\":");
		dz_text_add_u64(out, record->side[DZ_DESTINATION].retransmissions);
	}
	ADD(out, "},\"flags\":{\"source\":");
	add_tcp_flags(out, record->side[DZ_SOURCE].tcp_flags);
	if (both) {
		ADD(out, ",\"destination\":");
		add_tcp_flags(out, record->side[DZ_DESTINATION].tcp_flags);
	}
	ADD(out, "}}");
}

static void add_protocol_parts(struct dz_json_writer *writer)
{
	const struct dz_record *record = writer->record;
	const struct dz_label_detail *detail = writer->detail;
	struct dz_strbuf *out = &writer->out;
	bool tls_layer = record->shape.layer == DZ_LAYER_TLS || record->shape.layer == DZ_LAYER_TLS_DATA;

	if (record->key.protocol == ICMP || record->key.protocol == ICMPV6)
		add_icmp(out, record);
	else if (record->key.protocol == TCP)
		add_tcp(out, record);
	if (detail->tls_ja4 || tls_layer) {
		ADD(out, ",\"tls\":{");
		add_member(out, "\"ja4\":", detail->tls_ja4);
		if (tls_layer) {
			if (detail->tls_ja4)
				ADD(out, ",");
			ADD(out, "\"lost_bytes\":");
			dz_text_add_u64(out, record->tls_lost_bytes);
		}
		ADD(out, "}");
	}
	if (detail->ssh_client || detail->ssh_client_hassh || detail->ssh_server || detail->ssh_server_hassh) {
		ADD(out, ",\"ssh\":{");
		add_member(out, "\"client_software\":", detail->ssh_client);
		add_member(out, "\"client_hassh\":", detail->ssh_client_hassh);
		add_member(out, "\"server_software\":", detail->ssh_server);
		add_member(out, "\"server_hassh\":", detail->ssh_server_hassh);
		ADD(out, "}");
	}
	if (detail->http_content_type) {
		ADD(out, ",\"http\":{");
		add_member(out, "\"content_type\":", detail->http_content_type);
		ADD(out, "}");
	}
}

/* ---- vectors ---- */

/* `,"counts":[...],"percent":[...]` */
static void add_vector(struct dz_json_writer *writer, const struct dz_counts *counts)
{
	struct dz_strbuf *out = &writer->out;
	uint32_t bins = writer->record->shape.bins;

	if (writer->values != DZ_VALUES_PERCENT) {
		ADD(out, ",\"counts\":[");
		dz_text_add_counts(out, counts->bins, bins);
		ADD(out, "]");
	}
	if (writer->values != DZ_VALUES_COUNTS) {
		ADD(out, ",\"percent\":[");
		dz_text_add_percents(out, counts->bins, bins, counts->count);
		ADD(out, "]");
	}
}

static void add_lengths(struct dz_json_writer *writer)
{
	const struct dz_record *record = writer->record;
	struct dz_strbuf *out = &writer->out;

	ADD(out, ",\"lengths\":{\"layer\":\"");
	add_text(out, dz_layer_name(record->shape.layer));
	ADD(out, "\",\"bin_width\":");
	dz_text_add_u64(out, record->shape.bin_width);
	ADD(out, ",\"count\":");
	dz_text_add_u64(out, record->lengths.count);
	if (record->lengths.count) {
		ADD(out, ",\"min\":");
		dz_text_add_u64(out, record->lengths_min);
		ADD(out, ",\"max\":");
		dz_text_add_u64(out, record->lengths_max);
	}
	ADD(out, ",\"sum\":");
	dz_text_add_u64(out, record->lengths_sum);
	add_vector(writer, &record->lengths);
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++) {
		const struct dz_counts *counts = &record->side[side].lengths;
		if (!counts->bins || record->role != DZ_ROLE_BOTH)
			continue;
		if (side == DZ_SOURCE)
			ADD(out, ",\"source\":{\"count\":");
		else
			ADD(out, ",\"destination\":{\"count\":");
		dz_text_add_u64(out, counts->count);
		add_vector(writer, counts);
		ADD(out, "}");
	}
	ADD(out, "}");
}

static void render_distribooze(struct dz_json_writer *writer)
{
	const struct dz_record *record = writer->record;
	struct dz_strbuf *out = &writer->out;

	ADD(out, "{\"schema\":\"" SCHEMA "\"");
	add_member(out, "\"input\":", record->input);
	ADD(out, ",\"end_reason\":\"");
	add_text(out, dz_end_reason_name(record->end_reason));
	ADD(out, "\"");
	if (record->role == DZ_ROLE_INITIATOR)
		ADD(out, ",\"role\":\"initiator\"");
	else if (record->role == DZ_ROLE_RESPONDER)
		ADD(out, ",\"role\":\"responder\"");
	if (record->tunnel != DZ_TUNNEL_NONE)
		add_member(out, "\"tunnel\":", dz_tunnel_name(record->tunnel));
	add_member(out, "\"label\":", record->text->application);
	add_ndpi(writer);
	add_protocol_parts(writer);
	add_lengths(writer);
	ADD(out, "}");
}

/* ---- the object ---- */

static const struct {
	const char *key;
	part_fn *render;
} parts[PART_COUNT] = {
	[PART_TIMESTAMP] = { "@timestamp", render_timestamp },
	[PART_ECS] = { "ecs", render_ecs },
	[PART_EVENT] = { "event", render_event },
	[PART_OBSERVER] = { "observer", render_observer },
	[PART_SOURCE] = { "source", render_source },
	[PART_DESTINATION] = { "destination", render_destination },
	[PART_NETWORK] = { "network", render_network },
	[PART_RELATED] = { "related", render_related },
	[PART_TLS] = { "tls", render_tls },
	[PART_DNS] = { "dns", render_dns },
	[PART_HTTP] = { "http", render_http },
	[PART_URL] = { "url", render_url },
	[PART_USER_AGENT] = { "user_agent", render_user_agent },
	[PART_DISTRIBOOZE] = { "distribooze", render_distribooze },
};

/* json-c calls this to print a member. */
static int print_member(struct json_object *object, struct printbuf *line, int level, int flags)
{
	struct member *member = json_object_get_userdata(object);
	struct dz_strbuf *out = &member->writer->out;

	(void)level;
	(void)flags;
	out->size = 0;
	member->render(member->writer);
	return printbuf_memappend(line, out->data, (int)out->size);
}

static struct json_object *root_of(struct dz_json_writer *writer, unsigned has)
{
	struct json_object *root = writer->roots[has];

	if (root)
		return root;
	root = json_object_new_object();
	for (unsigned i = 0; i < PART_COUNT; i++) {
		bool optional = i >= OPTIONAL_FIRST && i < OPTIONAL_FIRST + OPTIONAL_COUNT;
		if (!optional || (has & HAS(i)))
			json_object_object_add(root, parts[i].key, json_object_get(writer->members[i].object));
	}
	writer->roots[has] = root;
	return root;
}

struct dz_json_writer *dz_json_writer_new(enum dz_values values)
{
	struct dz_json_writer *writer = dz_mem_zalloc(1, sizeof *writer);

	writer->values = values;
	for (unsigned i = 0; i < PART_COUNT; i++) {
		struct member *member = &writer->members[i];
		*member = (struct member){ json_object_new_object(), writer, parts[i].render };
		json_object_set_serializer(member->object, print_member, member, NULL);
	}
	return writer;
}

void dz_json_writer_free(struct dz_json_writer *writer)
{
	if (!writer)
		return;
	for (unsigned i = 0; i < 1u << OPTIONAL_COUNT; i++)
		json_object_put(writer->roots[i]);
	for (unsigned i = 0; i < PART_COUNT; i++)
		json_object_put(writer->members[i].object);
	dz_strbuf_release(&writer->out);
	free(writer);
}

void dz_json_writer_add(struct dz_json_writer *writer, const struct dz_record *record, struct dz_strbuf *out)
{
	const char *line;
	size_t size;

	writer->record = record;
	writer->detail = record->label->detail ? record->label->detail : &no_detail;
	writer->has = optional_members(writer->detail);
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++)
		writer->address_size[side] =
			dz_flow_key_address(&record->key, record->source_end ^ side, writer->address[side]);
	line = json_object_to_json_string_length(root_of(writer, writer->has), JSON_C_TO_STRING_PLAIN, &size);
	if (!line)
		dz_mem_exhausted("a line of JSON");
	dz_strbuf_add(out, line, size);
}

const char *dz_json_library_version(void)
{
	return json_c_version();
}
