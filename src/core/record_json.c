/* record_json.c - the JSON line of a record: the writer. See record_json.h; the reader is in record_json_read.c.
 *
 * The line is a json-c object that is built once and printed for every record. Its serializer renders the whole
 * record, from parts; so a record costs no allocation and no tree. Members with serializers of their own would do as
 * well, but what json-c does around each of them cost two fifths of the line. */
#include "config.h"
#include "distribooze/record_json.h"

#include "distribooze/mem.h"
#include "distribooze/packet.h"
#include "distribooze/text.h"
#include <json-c/json.h>
#include <stdlib.h>

#define SCHEMA "1" /* distribooze.schema: what docs/flow.schema.json describes */

enum { ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58, SCTP = 132 };

/* Members that not every line has. */
enum { HAS_TLS = 1, HAS_DNS = 2, HAS_HTTP = 4, HAS_URL = 8, HAS_USER_AGENT = 16, HAS_ALWAYS = 32 };

struct dz_json_writer {
	enum dz_values values;
	struct json_object *root;
	struct dz_strbuf out; /* the line that is being rendered */

	/* of the record that is being written; borrowed */
	const struct dz_record *record;
	const struct dz_label_detail *detail; /* never NULL */
	unsigned has;                         /* HAS_ */
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
	if (writer->has & (HAS_TLS | HAS_DNS | HAS_HTTP))
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
		if (out->data[out->size - 1] != '{')
			ADD(out, ",");
		ADD(out, "\"client\":{");
		add_member(out, "\"server_name\":", detail->tls_server_name);
		add_member(out, "\"ja3\":", detail->tls_ja3);
		ADD(out, "}");
	}
	if (detail->tls_ja3s || detail->tls_issuer || detail->tls_subject) {
		if (out->data[out->size - 1] != '{')
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
		has |= HAS_TLS;
	if ((d->dns && d->hostname) || d->dns_question_type || d->dns_response_code)
		has |= HAS_DNS;
	if (d->http_method || d->http_status)
		has |= HAS_HTTP;
	if (d->http_url)
		has |= HAS_URL;
	if (d->user_agent)
		has |= HAS_USER_AGENT;
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

/* The members of a line, in their order. */
static const struct {
	const char *key; /* with its quotes, and what stands before it and behind */
	void (*render)(struct dz_json_writer *writer);
	unsigned has;
} members[] = {
	{ "{\"@timestamp\":", render_timestamp, HAS_ALWAYS },
	{ ",\"ecs\":", render_ecs, HAS_ALWAYS },
	{ ",\"event\":", render_event, HAS_ALWAYS },
	{ ",\"observer\":", render_observer, HAS_ALWAYS },
	{ ",\"source\":", render_source, HAS_ALWAYS },
	{ ",\"destination\":", render_destination, HAS_ALWAYS },
	{ ",\"network\":", render_network, HAS_ALWAYS },
	{ ",\"related\":", render_related, HAS_ALWAYS },
	{ ",\"tls\":", render_tls, HAS_TLS },
	{ ",\"dns\":", render_dns, HAS_DNS },
	{ ",\"http\":", render_http, HAS_HTTP },
	{ ",\"url\":", render_url, HAS_URL },
	{ ",\"user_agent\":", render_user_agent, HAS_USER_AGENT },
	{ ",\"distribooze\":", render_distribooze, HAS_ALWAYS },
};

/* json-c calls this to print the object. */
static int print_record(struct json_object *object, struct printbuf *line, int level, int flags)
{
	struct dz_json_writer *writer = json_object_get_userdata(object);
	struct dz_strbuf *out = &writer->out;

	(void)level;
	(void)flags;
	dz_strbuf_clear(out);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		if (!(writer->has & members[i].has))
			continue;
		add_text(out, members[i].key);
		members[i].render(writer);
	}
	ADD(out, "}");
	return printbuf_memappend(line, out->data, (int)out->size);
}

struct dz_json_writer *dz_json_writer_new(enum dz_values values)
{
	struct dz_json_writer *writer = dz_mem_zalloc(1, sizeof *writer);

	writer->values = values;
	writer->root = json_object_new_object();
	json_object_set_serializer(writer->root, print_record, writer, NULL);
	return writer;
}

void dz_json_writer_free(struct dz_json_writer *writer)
{
	if (!writer)
		return;
	json_object_put(writer->root);
	dz_strbuf_release(&writer->out);
	free(writer);
}

void dz_json_writer_add(struct dz_json_writer *writer, const struct dz_record *record, struct dz_strbuf *out)
{
	const char *line;
	size_t size;

	writer->record = record;
	writer->detail = record->label->detail ? record->label->detail : &no_detail;
	writer->has = HAS_ALWAYS | optional_members(writer->detail);
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++)
		writer->address_size[side] =
			dz_flow_key_address(&record->key, record->source_end ^ side, writer->address[side]);
	line = json_object_to_json_string_length(writer->root, JSON_C_TO_STRING_PLAIN, &size);
	if (!line)
		dz_mem_exhausted("a line of JSON");
	dz_strbuf_add(out, line, size);
}

const char *dz_json_library_version(void)
{
	return json_c_version();
}
