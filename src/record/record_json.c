/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json.c - the JSON line of a record: the writer. See record_json.h; the reader is in record_json_read.c.
 *
 * The line is a json-c object that is built once and printed for every record. Its serializer renders the whole
 * record, from parts, into json-c's buffer; so a record costs no allocation and no tree. Members with serializers of
 * their own would do as well, but what json-c does around each of them cost two fifths of the line. */
#include "config.h"
#include "record/record_json.h"

#include "base/mem.h"
#include "record/packet.h"
#include "base/text.h"
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>

#define SCHEMA "1" /* distribooze.schema: what docs/flow.schema.json describes */

/* Members that not every line has. */
enum { HAS_TLS = 1, HAS_DNS = 2, HAS_HTTP = 4, HAS_URL = 8, HAS_USER_AGENT = 16 };

struct dz_json_writer {
	enum dz_values values;
	struct json_object *root;

	/* of the record that is being written; borrowed */
	const struct dz_record *record;
	const struct dz_label_detail *detail; /* never NULL */
	struct printbuf *line;                /* json-c's: what is written of it */
	char *room_end;                       /* where its memory ends */
	unsigned has;                         /* HAS_ */
	size_t address_size[2];
	char address[2][DZ_ADDRESS_TEXT];
	char end[DZ_TEXT_TIME];
};

static const struct dz_label_detail no_detail;

/* ---- pieces ---- */

/* Every function that writes takes where it writes to and returns where it stopped, so that this stays in a register.
 * Constants, numbers, times and addresses of one line are less than FIXED bytes together. Strings and vectors, which
 * have no bound, make room for themselves and leave FIXED bytes behind them; so there is always room for the rest. */
enum { FIXED = 4096 };

#define PUT(at, literal) put_bytes(at, "" literal, sizeof(literal) - 1)

static inline char *put_bytes(char *at, const char *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* Moves the line to where `need` bytes and FIXED more have room behind `at`; returns where `at` is then. */
static char *grow(struct dz_json_writer *writer, char *at, size_t need)
{
	struct printbuf *line = writer->line;
	int used = (int)(at - line->buf);

	line->bpos = used;
	if (need > INT_MAX / 4 || printbuf_memset(line, -1, 0, (int)need + FIXED) < 0)
		dz_mem_exhausted("a line of JSON");
	writer->room_end = line->buf + line->size;
	return line->buf + used;
}

static inline char *make_room(struct dz_json_writer *writer, char *at, size_t need)
{
	return (size_t)(writer->room_end - at) >= need + FIXED ? at : grow(writer, at, need);
}

static char *put_text(struct dz_json_writer *writer, char *at, const char *text)
{
	size_t size = strlen(text);

	return dz_text_json(make_room(writer, at, DZ_TEXT_JSON(size)), text, size);
}

/* A comma, unless what follows is the first of an object. */
static inline char *put_comma(char *at)
{
	*at = ',';
	return at + (at[-1] != '{');
}

/* A member of an object; `key` is `"name":`. Nothing when the value is not known. */
static inline char *put_member_of(struct dz_json_writer *writer, char *at, const char *key, size_t key_size,
				  const char *value)
{
	if (!value)
		return at;
	return put_text(writer, put_bytes(put_comma(at), key, key_size), value);
}
#define put_member(writer, at, key, value) put_member_of(writer, at, "" key, sizeof(key) - 1, value)

/* Strings of an array: each once, and none that is not known. */
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

static char *put_texts(struct dz_json_writer *writer, char *at, const char *const *texts, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			*at++ = ',';
		at = put_text(writer, at, texts[i]);
	}
	return at;
}

/* `key` is `,"name":[`. */
static char *put_list(struct dz_json_writer *writer, char *at, const char *key, const struct list *list)
{
	if (list->count == 0)
		return at;
	at = put_bytes(at, key, strlen(key));
	at = put_texts(writer, at, list->values, list->count);
	return PUT(at, "]");
}

static inline char *put_address(const struct dz_json_writer *writer, char *at, unsigned side)
{
	*at++ = '"';
	memcpy(at, writer->address[side], DZ_ADDRESS_TEXT); /* all of it: a size that is known is copied at once */
	at += writer->address_size[side];
	*at++ = '"';
	return at;
}

/* ---- common parts ---- */

static char *put_event(struct dz_json_writer *writer, char *at)
{
	const struct dz_record *record = writer->record;

	at = PUT(at, ",\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\"");
	if (record->end_reason != DZ_END_ACTIVE)
		at = PUT(at, ",\"end\"");
	if (writer->has & (HAS_TLS | HAS_DNS | HAS_HTTP))
		at = PUT(at, ",\"protocol\"");
	at = PUT(at, "],\"action\":\"network_flow\",\"module\":\"distribooze\",\"dataset\":\"distribooze.flow\","
		     "\"id\":\"");
	at = dz_text_hex(at, record->id, sizeof record->id);
	at = PUT(at, "\",\"start\":\"");
	at = dz_text_time(at, record->start_ns);
	at = PUT(at, "\",\"end\":\"");
	at = put_bytes(at, writer->end, sizeof writer->end);
	at = PUT(at, "\",\"duration\":");
	at = dz_text_u64(at, record->end_ns > record->start_ns ? record->end_ns - record->start_ns : 0);
	return PUT(at, "}");
}

/* What the detail says the responder is called. A DNS question names somebody else. */
static const char *domain_of(const struct dz_label_detail *detail)
{
	if (detail->tls_server_name)
		return detail->tls_server_name;
	return detail->dns ? NULL : detail->hostname;
}

static char *put_endpoint(struct dz_json_writer *writer, char *at, unsigned side, const char *domain)
{
	const struct dz_record *record = writer->record;

	at = PUT(at, "{\"address\":");
	at = put_address(writer, at, side);
	at = PUT(at, ",\"ip\":");
	at = put_address(writer, at, side);
	if (dz_flow_key_has_ports(&record->key)) {
		at = PUT(at, ",\"port\":");
		at = dz_text_u64(at, record->key.port[record->source_end ^ side]);
	}
	at = put_member(writer, at, "\"domain\":", domain);
	if (side == DZ_SOURCE || record->role == DZ_ROLE_BOTH) {
		at = PUT(at, ",\"bytes\":");
		at = dz_text_u64(at, record->side[side].bytes);
		at = PUT(at, ",\"packets\":");
		at = dz_text_u64(at, record->side[side].packets);
	}
	return PUT(at, "}");
}

/* The domain is the responder's, who is the source of a one-way record of its packets. */
static char *put_endpoints(struct dz_json_writer *writer, char *at)
{
	const char *domain = domain_of(writer->detail);
	bool of_source = writer->record->role == DZ_ROLE_RESPONDER;

	at = PUT(at, ",\"source\":");
	at = put_endpoint(writer, at, DZ_SOURCE, of_source ? domain : NULL);
	at = PUT(at, ",\"destination\":");
	return put_endpoint(writer, at, DZ_DESTINATION, of_source ? NULL : domain);
}

static char *put_network(struct dz_json_writer *writer, char *at)
{
	const struct dz_record *record = writer->record;
	char number[4];

	at = PUT(at, ",\"network\":{\"type\":\"ipv");
	at = dz_text_u64(at, record->key.version);
	at = PUT(at, "\",\"iana_number\":\"");
	at = dz_text_u64(at, record->key.protocol);
	at = PUT(at, "\"");
	at = put_member(writer, at, "\"transport\":", dz_flow_key_transport(record->key.protocol, number));
	at = put_member(writer, at, "\"protocol\":", record->text->network_protocol);
	at = put_member(writer, at, "\"application\":", record->text->network_application);
	at = PUT(at, ",\"community_id\":\"");
	at = put_bytes(at, record->community_id, strlen(record->community_id));
	at = PUT(at, "\",\"bytes\":");
	at = dz_text_u64(at, record->side[DZ_SOURCE].bytes + record->side[DZ_DESTINATION].bytes);
	at = PUT(at, ",\"packets\":");
	at = dz_text_u64(at, record->side[DZ_SOURCE].packets + record->side[DZ_DESTINATION].packets);
	if (record->vlan) {
		at = PUT(at, ",\"vlan\":{\"id\":\"");
		at = dz_text_u64(at, record->vlan);
		at = PUT(at, "\"}");
	}
	if (record->inner_vlan) {
		at = PUT(at, ",\"inner\":{\"vlan\":{\"id\":\"");
		at = dz_text_u64(at, record->inner_vlan);
		at = PUT(at, "\"}}");
	}
	return PUT(at, "}");
}

static char *put_related(struct dz_json_writer *writer, char *at)
{
	const struct dz_label_detail *detail = writer->detail;
	struct list list = { .count = 0 };

	at = PUT(at, ",\"related\":{\"ip\":[");
	at = put_address(writer, at, DZ_SOURCE);
	if (strcmp(writer->address[DZ_SOURCE], writer->address[DZ_DESTINATION]) != 0) {
		at = PUT(at, ",");
		at = put_address(writer, at, DZ_DESTINATION);
	}
	at = PUT(at, "]");
	if (detail != &no_detail) {
		list_add(&list, detail->hostname);
		list_add(&list, detail->tls_server_name);
		at = put_list(writer, at, ",\"hosts\":[", &list);
		list.count = 0;
		list_add(&list, detail->tls_ja3);
		list_add(&list, detail->tls_ja3s);
		list_add(&list, detail->tls_ja4);
		list_add(&list, detail->ssh_client_hassh);
		list_add(&list, detail->ssh_server_hassh);
		at = put_list(writer, at, ",\"hash\":[", &list);
	}
	return PUT(at, "}");
}

/* ---- protocol detail ---- */

static char *put_tls(struct dz_json_writer *writer, char *at)
{
	const struct dz_label_detail *detail = writer->detail;

	at = PUT(at, ",\"tls\":{");
	at = put_member(writer, at, "\"version\":", detail->tls_version);
	at = put_member(writer, at, "\"cipher\":", detail->tls_cipher);
	at = put_member(writer, at, "\"next_protocol\":", detail->tls_next_protocol);
	if (detail->tls_server_name || detail->tls_ja3) {
		at = PUT(put_comma(at), "\"client\":{");
		at = put_member(writer, at, "\"server_name\":", detail->tls_server_name);
		at = put_member(writer, at, "\"ja3\":", detail->tls_ja3);
		at = PUT(at, "}");
	}
	if (detail->tls_ja3s || detail->tls_issuer || detail->tls_subject) {
		at = PUT(put_comma(at), "\"server\":{");
		at = put_member(writer, at, "\"ja3s\":", detail->tls_ja3s);
		at = put_member(writer, at, "\"issuer\":", detail->tls_issuer);
		at = put_member(writer, at, "\"subject\":", detail->tls_subject);
		at = PUT(at, "}");
	}
	return PUT(at, "}");
}

static char *put_dns(struct dz_json_writer *writer, char *at)
{
	const struct dz_label_detail *detail = writer->detail;
	const char *name = detail->dns ? detail->hostname : NULL;

	at = PUT(at, ",\"dns\":{");
	if (name || detail->dns_question_type) {
		at = PUT(at, "\"question\":{");
		at = put_member(writer, at, "\"name\":", name);
		at = put_member(writer, at, "\"type\":", detail->dns_question_type);
		at = PUT(at, "}");
	}
	at = put_member(writer, at, "\"response_code\":", detail->dns_response_code);
	return PUT(at, "}");
}

static char *put_http(struct dz_json_writer *writer, char *at)
{
	const struct dz_label_detail *detail = writer->detail;

	at = PUT(at, ",\"http\":{");
	if (detail->http_method) {
		at = PUT(at, "\"request\":{");
		at = put_member(writer, at, "\"method\":", detail->http_method);
		at = PUT(at, "}");
	}
	if (detail->http_status) {
		at = PUT(put_comma(at), "\"response\":{\"status_code\":");
		at = dz_text_u64(at, detail->http_status);
		at = PUT(at, "}");
	}
	return PUT(at, "}");
}

static char *put_url(struct dz_json_writer *writer, char *at)
{
	at = PUT(at, ",\"url\":{");
	at = put_member(writer, at, "\"original\":", writer->detail->http_url);
	return PUT(at, "}");
}

static char *put_user_agent(struct dz_json_writer *writer, char *at)
{
	at = PUT(at, ",\"user_agent\":{");
	at = put_member(writer, at, "\"original\":", writer->detail->user_agent);
	return PUT(at, "}");
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

static char *put_ndpi(struct dz_json_writer *writer, char *at)
{
	const struct dz_label *label = writer->record->label;
	const struct dz_label_text *text = writer->record->text;

	at = PUT(at, ",\"ndpi\":{");
	at = put_member(writer, at, "\"version\":", text->version);
	at = put_member(writer, at, "\"protocol\":", text->protocol);
	at = put_member(writer, at, "\"category\":", text->category);
	at = put_member(writer, at, "\"breed\":", text->breed);
	at = put_member(writer, at, "\"confidence\":", text->confidence);
	if (label->guessed)
		at = PUT(at, ",\"guessed\":true");
	else
		at = PUT(at, ",\"guessed\":false");
	if (label->encrypted)
		at = PUT(at, ",\"encrypted\":true");
	else
		at = PUT(at, ",\"encrypted\":false");
	at = PUT(at, ",\"packets_inspected\":");
	at = dz_text_u64(at, label->inspected);
	at = PUT(at, ",\"risk\":[");
	at = put_texts(writer, at, text->risks, text->risk_count);
	at = PUT(at, "],\"risk_score\":");
	at = dz_text_u64(at, label->risk_score);
	return PUT(at, "}");
}

/* The key holds an ICMP sender's type as its port; the other port is the code where no message answers this one,
 * and tells nothing of the code where one does. */
static char *put_icmp(char *at, const struct dz_record *record)
{
	uint16_t type = record->key.port[record->source_end], source, destination;

	at = PUT(at, ",\"icmp\":{\"type\":");
	at = dz_text_u64(at, type);
	if (dz_flow_key_icmp_ports(record->key.protocol, (uint8_t)type, 0, &source, &destination)) {
		at = PUT(at, ",\"code\":");
		at = dz_text_u64(at, record->key.port[!record->source_end] & 0xff);
	}
	return PUT(at, "}");
}

static char *put_tcp_flags(char *at, uint8_t flags)
{
	static const char names[8][8] = { "\"fin\",", "\"syn\",", "\"rst\",", "\"psh\",",
					  "\"ack\",", "\"urg\",", "\"ece\",", "\"cwr\"," };

	*at++ = '[';
	for (unsigned bit = 0; bit < 8; bit++) {
		memcpy(at, names[bit], 8);
		at += flags & 1u << bit ? 6 : 0;
	}
	at -= flags != 0; /* the last comma */
	return PUT(at, "]");
}

static char *put_tcp(char *at, const struct dz_record *record)
{
	bool both = record->role == DZ_ROLE_BOTH;

	at = PUT(at, ",\"tcp\":{\"retransmissions\":{\"source\":");
	at = dz_text_u64(at, record->side[DZ_SOURCE].retransmissions);
	if (both) {
		at = PUT(at, ",\"destination\":");
		at = dz_text_u64(at, record->side[DZ_DESTINATION].retransmissions);
	}
	at = PUT(at, "},\"flags\":{\"source\":");
	at = put_tcp_flags(at, record->side[DZ_SOURCE].tcp_flags);
	if (both) {
		at = PUT(at, ",\"destination\":");
		at = put_tcp_flags(at, record->side[DZ_DESTINATION].tcp_flags);
	}
	return PUT(at, "}}");
}

static char *put_protocol_parts(struct dz_json_writer *writer, char *at)
{
	const struct dz_record *record = writer->record;
	const struct dz_label_detail *detail = writer->detail;
	bool tls_layer = record->shape.layer == DZ_LAYER_TLS || record->shape.layer == DZ_LAYER_TLS_DATA;

	if (dz_ipproto_is_icmp(record->key.protocol))
		at = put_icmp(at, record);
	else if (record->key.protocol == DZ_IPPROTO_TCP)
		at = put_tcp(at, record);
	if (detail->tls_ja4 || tls_layer) {
		at = PUT(at, ",\"tls\":{");
		at = put_member(writer, at, "\"ja4\":", detail->tls_ja4);
		if (tls_layer) {
			at = PUT(put_comma(at), "\"lost_bytes\":");
			at = dz_text_u64(at, record->tls_lost_bytes);
		}
		at = PUT(at, "}");
	}
	if (detail->ssh_client || detail->ssh_client_hassh || detail->ssh_server || detail->ssh_server_hassh) {
		at = PUT(at, ",\"ssh\":{");
		at = put_member(writer, at, "\"client_software\":", detail->ssh_client);
		at = put_member(writer, at, "\"client_hassh\":", detail->ssh_client_hassh);
		at = put_member(writer, at, "\"server_software\":", detail->ssh_server);
		at = put_member(writer, at, "\"server_hassh\":", detail->ssh_server_hassh);
		at = PUT(at, "}");
	}
	if (detail->http_content_type) {
		at = PUT(at, ",\"http\":{");
		at = put_member(writer, at, "\"content_type\":", detail->http_content_type);
		at = PUT(at, "}");
	}
	return at;
}

/* ---- vectors ---- */

/* `,"counts":[...],"percent":[...]` */
static char *put_vector(struct dz_json_writer *writer, char *at, const struct dz_counts *counts)
{
	uint32_t bins = writer->record->shape.bins;
	struct dz_text_vector vector;

	dz_text_vector_init(&vector, counts->bins, bins);
	at = make_room(writer, at, 2 * DZ_TEXT_VECTOR((size_t)bins));
	if (writer->values != DZ_VALUES_PERCENT) {
		at = PUT(at, ",\"counts\":[");
		at = dz_text_counts(at, &vector);
		at = PUT(at, "]");
	}
	if (writer->values != DZ_VALUES_COUNTS) {
		at = PUT(at, ",\"percent\":[");
		at = dz_text_percents(at, &vector, counts->count);
		at = PUT(at, "]");
	}
	return at;
}

static char *put_lengths(struct dz_json_writer *writer, char *at)
{
	const struct dz_record *record = writer->record;

	at = PUT(at, ",\"lengths\":{");
	at = put_member(writer, at, "\"layer\":", dz_layer_name(record->shape.layer));
	at = PUT(at, ",\"bin_width\":");
	at = dz_text_u64(at, record->shape.bin_width);
	at = PUT(at, ",\"count\":");
	at = dz_text_u64(at, record->lengths.count);
	if (record->lengths.count) {
		at = PUT(at, ",\"min\":");
		at = dz_text_u64(at, record->lengths_min);
		at = PUT(at, ",\"max\":");
		at = dz_text_u64(at, record->lengths_max);
	}
	at = PUT(at, ",\"sum\":");
	at = dz_text_u64(at, record->lengths_sum);
	at = put_vector(writer, at, &record->lengths);
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++) {
		const struct dz_counts *counts = &record->side[side].lengths;
		if (!counts->bins || record->role != DZ_ROLE_BOTH)
			continue;
		if (side == DZ_SOURCE)
			at = PUT(at, ",\"source\":{\"count\":");
		else
			at = PUT(at, ",\"destination\":{\"count\":");
		at = dz_text_u64(at, counts->count);
		at = put_vector(writer, at, counts);
		at = PUT(at, "}");
	}
	return PUT(at, "}");
}

static char *put_distribooze(struct dz_json_writer *writer, char *at)
{
	const struct dz_record *record = writer->record;

	at = PUT(at, ",\"distribooze\":{\"schema\":\"" SCHEMA "\"");
	at = put_member(writer, at, "\"input\":", record->input);
	at = put_member(writer, at, "\"end_reason\":", dz_end_reason_name(record->end_reason));
	if (record->role == DZ_ROLE_INITIATOR)
		at = PUT(at, ",\"role\":\"initiator\"");
	else if (record->role == DZ_ROLE_RESPONDER)
		at = PUT(at, ",\"role\":\"responder\"");
	if (record->tunnel != DZ_TUNNEL_NONE)
		at = put_member(writer, at, "\"tunnel\":", dz_tunnel_name(record->tunnel));
	at = put_member(writer, at, "\"label\":", record->text->application);
	at = put_ndpi(writer, at);
	at = put_protocol_parts(writer, at);
	at = put_lengths(writer, at);
	return PUT(at, "}");
}

/* ---- the object ---- */

static char *put_record(struct dz_json_writer *writer, char *at)
{
	unsigned has = writer->has;

	at = PUT(at, "{\"@timestamp\":\"");
	at = put_bytes(at, writer->end, sizeof writer->end);
	at = PUT(at, "\",\"ecs\":{\"version\":\"8.11.0\"}");
	at = put_event(writer, at);
	at = PUT(at, ",\"observer\":{\"type\":\"sensor\",\"product\":\"distribooze\","
		     "\"version\":\"" PACKAGE_VERSION "\"}");
	at = put_endpoints(writer, at);
	at = put_network(writer, at);
	at = put_related(writer, at);
	if (has & HAS_TLS)
		at = put_tls(writer, at);
	if (has & HAS_DNS)
		at = put_dns(writer, at);
	if (has & HAS_HTTP)
		at = put_http(writer, at);
	if (has & HAS_URL)
		at = put_url(writer, at);
	if (has & HAS_USER_AGENT)
		at = put_user_agent(writer, at);
	at = put_distribooze(writer, at);
	return PUT(at, "}");
}

/* json-c calls this to print the object. */
static int print_record(struct json_object *object, struct printbuf *line, int level, int flags)
{
	struct dz_json_writer *writer = json_object_get_userdata(object);
	char *at = line->buf + line->bpos;

	(void)level;
	(void)flags;
	writer->line = line;
	writer->room_end = line->buf + line->size;
	at = put_record(writer, make_room(writer, at, 0));
	*at = '\0';
	line->bpos = (int)(at - line->buf);
	return line->bpos;
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
	free(writer);
}

void dz_json_writer_add(struct dz_json_writer *writer, const struct dz_record *record, struct dz_strbuf *out)
{
	const char *line;
	size_t size;

	writer->record = record;
	writer->detail = record->detail ? record->detail : &no_detail;
	writer->has = optional_members(writer->detail);
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++)
		writer->address_size[side] =
			dz_flow_key_address(&record->key, record->source_end ^ side, writer->address[side]);
	dz_text_time(writer->end, record->end_ns);
	line = json_object_to_json_string_length(writer->root, JSON_C_TO_STRING_PLAIN, &size);
	if (!line)
		dz_mem_exhausted("a line of JSON");
	dz_strbuf_add(out, line, size);
}

const char *dz_json_library_version(void)
{
	return json_c_version();
}
