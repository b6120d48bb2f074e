/* The JSON line of a record: what is written, that it comes back the same, and that a wrong line is refused by the
 * name of what is wrong in it. That every line is valid and that jq reproduces it is checked in tests/check. */
#include "config.h"
#include "distribooze/record_json.h"

#include "sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct dz_json_writer *writer;
static struct dz_json_reader *reader;
static struct dz_strbuf line;
static struct sample sample;

static int set_up(void **state)
{
	(void)state;
	writer = dz_json_writer_new(DZ_VALUES_BOTH);
	reader = dz_json_reader_new();
	dz_strbuf_init(&line);
	sample_init(&sample);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dz_json_writer_free(writer);
	dz_json_reader_free(reader);
	dz_strbuf_release(&line);
	return 0;
}

/* ---- writing ---- */

static const char *written(void)
{
	dz_strbuf_clear(&line);
	dz_json_writer_add(writer, &sample.record, &line);
	assert_int_equal(strlen(line.data), line.size);
	return line.data;
}

/* Checks that the line holds `part`, literally. */
static void has(const char *part)
{
	if (!strstr(written(), part))
		fail_msg("the line does not hold\n  %s\nbut is\n  %s", part, line.data);
}

static void has_not(const char *part)
{
	if (strstr(written(), part))
		fail_msg("the line holds\n  %s\nwhich it should not:\n  %s", part, line.data);
}

#define ZEROS_43 "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"

/* The whole of a simple line, from the description of the record in docs/RECORD.md and the sample's in sample.h. */
static void test_whole(void **state)
{
	static const char expected[] =
		"{\"@timestamp\":\"2020-06-16T10:06:03.446123Z\",\"ecs\":{\"version\":\"8.11.0\"},"
		"\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\",\"end\"],"
		"\"action\":\"network_flow\",\"module\":\"distribooze\",\"dataset\":\"distribooze.flow\","
		"\"id\":\"00112233445566778899aabbccddeeff\",\"start\":\"2020-06-16T10:05:40.322001Z\","
		"\"end\":\"2020-06-16T10:06:03.446123Z\",\"duration\":23124122000}," /* 23.124122 s */
		"\"observer\":{\"type\":\"sensor\",\"product\":\"distribooze\",\"version\":\"" PACKAGE_VERSION "\"},"
		"\"source\":{\"address\":\"192.168.1.148\",\"ip\":\"192.168.1.148\",\"port\":52822,\"bytes\":136,"
		"\"packets\":2}," /* 52 + 84 */
		"\"destination\":{\"address\":\"37.187.120.118\",\"ip\":\"37.187.120.118\",\"port\":27122,"
		"\"bytes\":1500,\"packets\":1},"
		"\"network\":{\"type\":\"ipv4\",\"iana_number\":\"6\",\"transport\":\"tcp\",\"protocol\":\"ssh\","
		"\"application\":\"ssh\",\"community_id\":\"1:5BaHwMWxsgmrLSuhZXykvcW2i+Y=\",\"bytes\":1636,"
		"\"packets\":3},"
		"\"related\":{\"ip\":[\"192.168.1.148\",\"37.187.120.118\"]},"
		"\"distribooze\":{\"schema\":\"1\",\"input\":\"ssh.pcap\",\"end_reason\":\"eof\",\"label\":\"SSH\","
		"\"ndpi\":{\"version\":\"4.2.0\",\"protocol\":\"SSH\",\"category\":\"RemoteAccess\","
		"\"breed\":\"Acceptable\",\"confidence\":\"DPI\",\"guessed\":false,\"encrypted\":true,"
		"\"packets_inspected\":10,\"risk\":[\"Known Protocol on Non Standard Port\"],\"risk_score\":50},"
		"\"tcp\":{\"retransmissions\":{\"source\":0,\"destination\":2},"
		"\"flags\":{\"source\":[\"syn\",\"ack\"],\"destination\":[\"rst\",\"psh\",\"ack\"]}},"
		"\"lengths\":{\"layer\":\"ip\",\"bin_width\":32,\"count\":3,\"min\":52,\"max\":1500,\"sum\":1636,"
		/* 52 is in bin 1 (32..63), 84 in bin 2 (64..95), 1500 in bin 46 (1472..1503) */
		"\"counts\":[0,1,1," ZEROS_43 ",1,0],\"percent\":[0,33.33,33.33," ZEROS_43 ",33.33,0],"
		"\"source\":{\"count\":2,\"counts\":[0,1,1," ZEROS_43 ",0,0],\"percent\":[0,50,50," ZEROS_43 ",0,0]},"
		"\"destination\":{\"count\":1,\"counts\":[0,0,0," ZEROS_43 ",1,0],\"percent\":[0,0,0," ZEROS_43
		",100,0]}}}}";

	(void)state;
	assert_string_equal(written(), expected);
	assert_string_equal(written(), expected); /* and again from the same object */
}

static void test_optional(void **state)
{
	(void)state;
	has_not("\"tls\"");
	has_not("\"protocol\"]");
	sample_with_detail(&sample);
	has("\"type\":[\"connection\",\"end\",\"protocol\"]");
	has("\"port\":27122,\"domain\":\"example.org\",\"bytes\"");
	has("\"hosts\":[\"www.example.org\",\"example.org\"],\"hash\":[\"a0e9f5d64349fb13191bc781f81f42e1\","
	    "\"ec74a5c51106f0419184d0dd08fb05bc\",\"t13d1516h2_8daaf6152771_e5627efa2ab1\","
	    "\"ec7378c1a92f5a8dde7e8b7a1ddf33d1\",\"b12d2871a1189eff20364cf5333619ee\"]");
	has("},\"tls\":{\"version\":\"1.3\",\"cipher\":\"TLS_AES_128_GCM_SHA256\",\"next_protocol\":\"h2\","
	    "\"client\":{\"server_name\":\"example.org\",\"ja3\":\"a0e9f5d64349fb13191bc781f81f42e1\"},"
	    "\"server\":{\"ja3s\":\"ec74a5c51106f0419184d0dd08fb05bc\",\"issuer\":\"CN=R3, O=\\\"Let's Encrypt\\\", "
	    "C=US\",\"subject\":\"CN=example.org\"}},\"http\":{\"request\":{\"method\":\"GET\"},"
	    "\"response\":{\"status_code\":404}},\"url\":{\"original\":\"http://example.org/a?b=c&d\"},"
	    "\"user_agent\":{\"original\":\"curl/7.88.1\"},\"distribooze\":{");
	has("\"tls\":{\"ja4\":\"t13d1516h2_8daaf6152771_e5627efa2ab1\"},"
	    "\"ssh\":{\"client_software\":\"SSH-2.0-OpenSSH_8.2\",\"client_hassh\":\"ec7378c1a92f5a8dde7e8b7a1ddf33d1\","
	    "\"server_software\":\"SSH-2.0-dropbear\",\"server_hassh\":\"b12d2871a1189eff20364cf5333619ee\"},"
	    "\"http\":{\"content_type\":\"text/html; charset=utf-8\"},\"lengths\":{");
	sample.record.detail = NULL; /* nothing of it stays in the object */
	has_not("example.org");
	has_not("\"tls\"");
}

/* A DNS question names neither end. */
static void test_dns(void **state)
{
	(void)state;
	sample.detail = (struct dz_label_detail){
		.hostname = "example.net", .dns = true, .dns_question_type = "AAAA", .dns_response_code = "NXDOMAIN"
	};
	sample.record.detail = &sample.detail;
	has("\"related\":{\"ip\":[\"192.168.1.148\",\"37.187.120.118\"],\"hosts\":[\"example.net\"]},"
	    "\"dns\":{\"question\":{\"name\":\"example.net\",\"type\":\"AAAA\"},\"response_code\":\"NXDOMAIN\"},"
	    "\"distribooze\":");
	has("\"protocol\"],\"action\"");
	has_not("\"domain\"");
}

static void test_ends(void **state)
{
	(void)state;
	sample.record.end_reason = DZ_END_ACTIVE;
	has("\"type\":[\"connection\"],");
	has("\"end_reason\":\"active\"");
	sample.record.end_ns = sample.record.start_ns - 1; /* a capture whose clock went back */
	has("\"duration\":0}");
	sample.record.end_ns = sample.record.start_ns;
	has("\"duration\":0}");
}

static void test_portless(void **state)
{
	static const uint8_t a[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 }, b[16] = { 0x20, 1, 0xd, 0xb8, [15] = 2 };
	struct dz_record *record = &sample.record;

	(void)state;
	/* An ICMPv6 echo request from b to a: its sender is keyed by type 128, the other end by the reply's, 129. */
	record->source_end = dz_flow_key_init(&record->key, 6, 58, 0, b, 128, a, 129);
	has("\"source\":{\"address\":\"2001:db8::2\",\"ip\":\"2001:db8::2\",\"bytes\":136");
	has("\"network\":{\"type\":\"ipv6\",\"iana_number\":\"58\",\"transport\":\"ipv6-icmp\"");
	has("\"icmp\":{\"type\":128},\"lengths\"");
	/* Destination unreachable (1), port unreachable (4): nothing answers it, so the code is known. */
	record->source_end = dz_flow_key_init(&record->key, 6, 58, 0, b, 1, a, DZ_ICMP_ONE_WAY + 4);
	has("\"icmp\":{\"type\":1,\"code\":4},\"lengths\"");
	/* GRE has no ports; two ends that are one host are named once. */
	record->source_end = dz_flow_key_init(&record->key, 6, 47, 0, a, 0, a, 0);
	has("\"transport\":\"gre\"");
	has("\"related\":{\"ip\":[\"2001:db8::1\"]}");
	has_not("\"port\"");
	has_not("\"icmp\"");
	has_not("\"tcp\"");
	/* A protocol without a name. */
	record->source_end = dz_flow_key_init(&record->key, 6, 253, 0, a, 0, b, 0);
	has("\"iana_number\":\"253\",\"transport\":\"253\"");
}

static void test_places(void **state)
{
	(void)state;
	has_not("\"vlan\"");
	has_not("\"tunnel\"");
	sample.record.vlan = 4094;
	has("\"packets\":3,\"vlan\":{\"id\":\"4094\"}},\"related\"");
	sample.record.inner_vlan = 7;
	sample.record.tunnel = DZ_TUNNEL_GTP_U;
	has("\"vlan\":{\"id\":\"4094\"},\"inner\":{\"vlan\":{\"id\":\"7\"}}},\"related\"");
	has("\"end_reason\":\"eof\",\"tunnel\":\"gtp-u\",\"label\":\"SSH\"");
}

/* A one-way record tells nothing of the other way; the responder's name is the source's in the responder's record. */
static void test_one_way(void **state)
{
	struct dz_record *record = &sample.record;

	(void)state;
	sample_with_detail(&sample);
	record->role = DZ_ROLE_RESPONDER;
	record->source_end = !record->source_end;
	record->side[DZ_SOURCE] = record->side[DZ_DESTINATION];
	record->side[DZ_DESTINATION] = (struct dz_side){ .packets = 0 };
	record->side[DZ_SOURCE].lengths.bins = NULL;
	has("\"end_reason\":\"eof\",\"role\":\"responder\",\"label\"");
	has("\"source\":{\"address\":\"37.187.120.118\",\"ip\":\"37.187.120.118\",\"port\":27122,"
	    "\"domain\":\"example.org\",\"bytes\":1500,\"packets\":1},"
	    "\"destination\":{\"address\":\"192.168.1.148\",\"ip\":\"192.168.1.148\",\"port\":52822},");
	has("\"tcp\":{\"retransmissions\":{\"source\":2},\"flags\":{\"source\":[\"rst\",\"psh\",\"ack\"]}}");
	has("33.33,0]}}}");
	record->role = DZ_ROLE_INITIATOR;
	has("\"role\":\"initiator\"");
	has("\"port\":52822,\"domain\":\"example.org\"}");
}

static void test_layers(void **state)
{
	(void)state;
	sample.record.shape.layer = DZ_LAYER_TLS_DATA;
	has("\"tls\":{\"lost_bytes\":0},\"lengths\":{\"layer\":\"tls-data\"");
	sample.record.tls_lost_bytes = 17;
	sample_with_detail(&sample);
	has("\"tls\":{\"ja4\":\"t13d1516h2_8daaf6152771_e5627efa2ab1\",\"lost_bytes\":17},\"ssh\"");
	sample.record.shape.layer = DZ_LAYER_PAYLOAD;
	has_not("lost_bytes");
}

static void test_empty(void **state)
{
	struct dz_record *record = &sample.record;

	(void)state;
	memset(sample.bins, 0, sizeof sample.bins);
	record->shape.bins = 3;
	record->lengths.count = record->lengths_sum = 0;
	record->side[DZ_SOURCE].lengths.count = record->side[DZ_DESTINATION].lengths.count = 0;
	has("\"lengths\":{\"layer\":\"ip\",\"bin_width\":32,\"count\":0,\"sum\":0,\"counts\":[0,0,0],\"percent\":[0,0,0],"
	    "\"source\":{\"count\":0,\"counts\":[0,0,0],\"percent\":[0,0,0]},"
	    "\"destination\":{\"count\":0,\"counts\":[0,0,0],\"percent\":[0,0,0]}}}}");
}

static void test_values(void **state)
{
	(void)state;
	sample.record.shape.bins = 48;
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_COUNTS);
	has("\"counts\":[0,1,1,");
	has_not("percent");
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_PERCENT);
	has("\"percent\":[0,33.33,33.33,");
	has_not("counts");
}

static void test_hostile_text(void **state)
{
	struct json_object *root, *value;

	(void)state;
	sample.detail = (struct dz_label_detail){ .hostname = "a\"\\\n\x01\x7f\xff\xe2\x80\xa8</b>",
						  .user_agent = "\xf0\x9f\x98\x80" };
	sample.record.detail = &sample.detail;
	sample.record.input = "\",\"x\":1}.pcap";
	has("\"domain\":\"a\\\"\\\\\\n\\u0001\\u007f\xef\xbf\xbd\xe2\x80\xa8</b>\"");
	has("\"user_agent\":{\"original\":\"\xf0\x9f\x98\x80\"}");
	has("\"input\":\"\\\",\\\"x\\\":1}.pcap\"");
	root = json_tokener_parse(line.data);
	assert_non_null(root);
	assert_int_equal(json_object_object_length(root), 10); /* the nine of every record, and user_agent */
	assert_true(json_object_object_get_ex(root, "destination", &value));
	assert_true(json_object_object_get_ex(value, "domain", &value));
	assert_string_equal(json_object_get_string(value), "a\"\\\n\x01\x7f\xef\xbf\xbd\xe2\x80\xa8</b>");
	json_object_put(root);
}

/* The widest numbers everywhere. */
static void widest(void)
{
	struct dz_record *record = &sample.record;

	memset(sample.bins, 0xff, sizeof sample.bins);
	for (unsigned side = 0; side < 2; side++) {
		record->side[side].lengths.count = UINT64_MAX;
		record->side[side].packets = record->side[side].bytes = record->side[side].retransmissions = UINT64_MAX / 2;
		record->side[side].tcp_flags = 0xff;
	}
	record->start_ns = 0;
	record->end_ns = record->lengths.count = record->lengths_sum = record->tls_lost_bytes = UINT64_MAX;
	record->lengths_min = record->lengths_max = record->shape.bin_width = UINT32_MAX;
	record->vlan = record->inner_vlan = 4095;
	record->tunnel = DZ_TUNNEL_GTP_U;
	record->shape.layer = DZ_LAYER_TLS_DATA;
	sample_with_detail(&sample);
}

/* The writer takes it that all of a line is less than 4096 bytes but its strings and vectors. Here they are there, too,
 * but short. */
static void test_rest_is_short(void **state)
{
	(void)state;
	widest();
	sample.record.shape.bins = 2;
	written();
	assert_true(line.size < 4096);
}

/* Lines that outgrow what the line before left: by vectors, by strings, at every place where one can stand. */
static void test_growth(void **state)
{
	enum { LONG = 20000 };
	static char text[LONG + 1];
	struct dz_label_detail *detail = &sample.detail;
	const char **const texts[] = { &sample.record.input,	   &sample.text.version,   &sample.text.risks[0],
				       &detail->tls_server_name,   &detail->tls_ja3,	   &detail->tls_ja4,
				       &detail->tls_subject,	   &detail->ssh_server_hassh, &detail->http_method,
				       &detail->http_content_type, &detail->user_agent };

	(void)state;
	memset(text, 1, LONG);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct json_object *root;
		dz_json_writer_free(writer);
		writer = dz_json_writer_new(DZ_VALUES_BOTH);
		widest();
		sample.record.shape.bins = i % 2 ? 2 : DZ_HIST_MAX_BINS;
		*texts[i] = text;
		has("\\u0001\\u0001\"");
		assert_true(line.size > (size_t)LONG * 6);
		root = json_tokener_parse(line.data);
		assert_non_null(root);
		json_object_put(root);
		assert_string_equal(line.data + line.size - 12, "100,100]}}}}");
	}
}

/* Vectors of many sizes, so that with some the memory is only just enough (AddressSanitizer watches). */
static void test_vector_growth(void **state)
{
	(void)state;
	widest();
	for (uint32_t bins = 2; bins <= DZ_HIST_MAX_BINS; bins += 6) {
		dz_json_writer_free(writer);
		writer = dz_json_writer_new(DZ_VALUES_BOTH);
		sample.record.shape.bins = bins;
		written();
		assert_true(line.size > (size_t)3 * bins * (21 + 4)); /* 18446744073709551615 and 100, with a comma each */
		assert_string_equal(line.data + line.size - 8, "100]}}}}");
	}
}

/* ---- reading ---- */

static void read_back(const char *text, struct dz_record *record)
{
	struct dz_err err;

	if (!dz_json_reader_parse(reader, text, strlen(text), record, &err))
		fail_msg("refused: %s\n%s", err.text, text);
}

/* What is written, read and written again is the same line. */
static void round_trip(void)
{
	struct dz_strbuf again;
	struct dz_record record;

	dz_strbuf_init(&again);
	read_back(written(), &record);
	dz_json_writer_add(writer, &record, &again);
	assert_string_equal(line.data, again.data);
	dz_strbuf_release(&again);
}

static void test_round_trip(void **state)
{
	static const uint8_t a[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 }, b[16] = { 0x20, 1, 0xd, 0xb8, [15] = 2 };
	struct dz_record *record = &sample.record;

	(void)state;
	round_trip();
	record->source_end = !record->source_end;
	round_trip();
	sample_with_detail(&sample);
	record->vlan = 100;
	record->inner_vlan = 200;
	record->tunnel = DZ_TUNNEL_TEREDO;
	sample.label.guessed = true;
	round_trip();
	record->shape.layer = DZ_LAYER_TLS;
	record->tls_lost_bytes = 99;
	round_trip();
	for (int reason = 0; reason < DZ_END_COUNT; reason++) {
		record->end_reason = (enum dz_end_reason)reason;
		round_trip();
	}
	record->source_end = dz_flow_key_init(&record->key, 6, 58, 0, b, 1, a, DZ_ICMP_ONE_WAY + 4);
	round_trip();
	record->source_end = dz_flow_key_init(&record->key, 6, 58, 0, b, 129, a, 128);
	round_trip();
	record->source_end = dz_flow_key_init(&record->key, 6, 89, 0, b, 0, a, 0);
	sample.detail = (struct dz_label_detail){ .hostname = "x.example", .dns = true };
	round_trip();
	record->role = DZ_ROLE_INITIATOR;
	record->side[DZ_DESTINATION] = (struct dz_side){ .packets = 0 };
	round_trip();
}

static void test_read_values(void **state)
{
	struct dz_record record;

	(void)state;
	sample_with_detail(&sample);
	read_back(written(), &record);
	assert_true(dz_flow_key_equal(&record.key, &sample.record.key));
	assert_int_equal(record.source_end, sample.record.source_end);
	assert_true(dz_hist_shape_equal(&record.shape, &sample.record.shape));
	assert_int_equal(record.lengths.count, 3);
	assert_int_equal(record.lengths.bins[46], 1);
	assert_int_equal(record.side[DZ_SOURCE].lengths.bins[1], 1);
	assert_int_equal(record.side[DZ_DESTINATION].packets, 1);
	assert_int_equal(record.side[DZ_DESTINATION].tcp_flags, 0x04 | 0x08 | 0x10);
	assert_true(record.start_ns == sample.record.start_ns && record.end_ns == sample.record.end_ns);
	assert_int_equal(record.end_reason, DZ_END_EOF);
	assert_string_equal(record.input, "ssh.pcap");
	assert_string_equal(record.text->application, "SSH");
	assert_string_equal(record.text->category, "RemoteAccess");
	assert_string_equal(record.text->risks[0], "Known Protocol on Non Standard Port");
	assert_string_equal(record.detail->tls_server_name, "example.org");
	assert_memory_equal(record.id, sample.record.id, 16);
}

/* Counts come back exactly from percentages as long as the count is below 10,000. */
static void test_read_percent(void **state)
{
	struct dz_record record;
	uint64_t sum = 0;
	double near;

	(void)state;
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_PERCENT);
	sample_add(&sample, DZ_SOURCE, 200, 4321);
	sample_add(&sample, DZ_SOURCE, 2000, 77);
	sample_add(&sample, DZ_DESTINATION, 64, 5001);
	read_back(written(), &record);
	assert_int_equal(record.lengths.count, 3 + 4321 + 77 + 5001);
	for (unsigned i = 0; i < 48; i++) {
		assert_int_equal(record.lengths.bins[i], sample.bins[0][i]);
		assert_int_equal(record.side[DZ_SOURCE].lengths.bins[i], sample.bins[1][i]);
		assert_int_equal(record.side[DZ_DESTINATION].lengths.bins[i], sample.bins[2][i]);
	}
	round_trip();
	/* Beyond, the counts are near, and the count is still their sum. */
	for (uint32_t length = 1000; length <= 1200; length += 100)
		sample_add(&sample, DZ_DESTINATION, length, 3000000); /* 33.30 each, and 0.11 for the rest */
	read_back(written(), &record);
	for (unsigned i = 0; i < 48; i++) {
		sum += record.lengths.bins[i];
		near = (double)record.lengths.bins[i] - (double)sample.bins[0][i];
		assert_true(near * near <= 0.00005 * 9009402 * 0.00005 * 9009402); /* half a hundredth of a percent */
	}
	assert_true(record.lengths.count == sum);
	assert_true(sum != sample.record.lengths.count);
}

/* A line from elsewhere: spaces, another order, members that nobody knows, and only what must be there. */
static void test_read_foreign(void **state)
{
	struct dz_record record;

	(void)state;
	read_back(" { \"distribooze\" : { \"lengths\" : { \"counts\" : [ 10e-1 , 0,\t2.0], \"sum\": 300, \"max\":140, \"min\": 20,"
		  "\"count\":3, \"bin_width\": 64, \"layer\": \"frame\", \"median\": 140 }, \"label\": \"Caf\\u00e9\","
		  "\"schema\": \"1\", \"input\": \"x\" }, \"extra\": [ { \"a\": null } ],"
		  "\"network\": { \"iana_number\": \"17\" },"
		  "\"source\": { \"ip\": \"fe80::1\", \"port\": 53, \"packets\": 3, \"bytes\": 300 },"
		  "\"destination\": { \"ip\": \"ff02::fb\", \"port\": 5353, \"packets\": 0, \"bytes\": 0 } }\r\n",
		  &record);
	assert_int_equal(record.shape.bins, 3);
	assert_int_equal(record.shape.bin_width, 64);
	assert_int_equal(record.shape.layer, DZ_LAYER_FRAME);
	assert_int_equal(record.lengths.bins[2], 2);
	assert_string_equal(record.text->application, "Caf\xc3\xa9");
	assert_string_equal(record.text->protocol, "Caf\xc3\xa9");
	assert_string_equal(record.text->category, "Unspecified");
	assert_int_equal(record.key.version, 6);
	assert_int_equal(record.key.port[record.source_end], 53);
	assert_null(record.side[DZ_SOURCE].lengths.bins);
	assert_null(record.detail->hostname);
}

/* Replaces the first `from` of a good line by `to`; the reader has to refuse it with a message that holds `word`. */
static void refuse(const char *from, const char *to, const char *word)
{
	struct dz_strbuf bad;
	struct dz_record record;
	struct dz_err err = { "" };
	const char *good = written(), *at = strstr(good, from);

	if (!at)
		fail_msg("the test itself is wrong: no %s in %s", from, good);
	dz_strbuf_init(&bad);
	dz_strbuf_add(&bad, good, (size_t)(at - good));
	dz_strbuf_adds(&bad, to);
	dz_strbuf_adds(&bad, at + strlen(from));
	if (dz_json_reader_parse(reader, bad.data, bad.size, &record, &err))
		fail_msg("taken, with %s for %s", to, from);
	if (!strstr(err.text, word))
		fail_msg("with %s for %s the message is \"%s\", without \"%s\"", to, from, err.text, word);
	for (const char *c = err.text; *c; c++)
		assert_true(*c >= ' ' && *c <= '~');
	dz_strbuf_release(&bad);
	read_back(good, &record); /* the reader is as good as before */
}

static void test_refuse_fields(void **state)
{
	static const struct {
		const char *from, *to, *word;
	} rows[] = {
		{ "\"distribooze\":{\"schema\"", "\"x\":{\"schema\"", "distribooze.schema is missing" },
		{ "\"distribooze\":{\"schema\":\"1\",", "\"distribooze\":{", "distribooze.schema is missing" },
		{ "\"schema\":\"1\"", "\"schema\":\"2\"", "distribooze.schema is \"2\"" },
		{ "\"schema\":\"1\"", "\"schema\":1", "distribooze.schema is a number, but must be a string" },
		{ "\"schema\":\"1\"", "\"schema\":null", "distribooze.schema is null" },
		{ "\"input\":\"ssh.pcap\",", "", "distribooze.input is missing" },
		{ "\"input\":\"ssh.pcap\"", "\"input\":\"a\\u0000b\"", "distribooze.input holds a NUL" },
		{ "\"end_reason\":\"eof\"", "\"end_reason\":\"\x1b[2J\"", "distribooze.end_reason is \"?[2J\"" },
		{ "\"end_reason\":\"eof\"", "\"end_reason\":\"\\u001b[2J\"", "distribooze.end_reason is \"?[2J\"" },
		{ "\"label\":\"SSH\"", "\"label\":[]", "distribooze.label is an array" },
		{ "\"label\":\"SSH\",", "", "distribooze.label is missing" },
		{ "\"ip\":\"192.168.1.148\"", "\"ip\":\"192.168.1.256\"", "source.ip is \"192.168.1.256\"" },
		{ "\"ip\":\"192.168.1.148\"", "\"ip\":\"::1\"", "different families" },
		{ "\"source\":{", "\"source\":7,\"x\":{", "source is a number, but must be an object" },
		{ "\"port\":52822", "\"port\":65536", "source.port is 65536" },
		{ "\"port\":52822", "\"port\":-1", "source.port is -1" },
		{ "\"port\":52822", "\"port\":1.5", "source.port is 1.5" },
		{ "\"port\":52822", "\"port\":1e400", "source.port is" },
		{ "\"port\":52822,", "", "source.port is missing" },
		{ "\"bytes\":136", "\"bytes\":9007199254740993", "source.bytes is 9007199254740993" },
		{ "\"bytes\":136", "\"bytes\":99999999999999999999999999", "source.bytes is" },
		{ "\"bytes\":136", "\"bytes\":\"136\"", "source.bytes is a string" },
		{ "\"iana_number\":\"6\"", "\"iana_number\":\"256\"", "network.iana_number is \"256\"" },
		{ "\"iana_number\":\"6\"", "\"iana_number\":\"\"", "network.iana_number is \"\"" },
		{ "\"iana_number\":\"6\"", "\"iana_number\":\"6 \"", "network.iana_number is \"6 \"" },
		{ "\"iana_number\":\"6\"", "\"iana_number\":\"99999999999999999999\"", "network.iana_number" },
		{ "\"community_id\":\"1:", "\"community_id\":\"1:xxxxxxxxxx", "network.community_id has 40" },
		{ "\"id\":\"00", "\"id\":\"0", "event.id" },
		{ "\"id\":\"00", "\"id\":\"0g", "event.id" },
		{ "\"id\":\"00", "\"id\":\"000", "event.id" },
		{ "\"start\":\"2020-06-16T", "\"start\":\"2020-06-16 ", "event.start is \"2020-06-16 10" },
		{ "\"layer\":\"ip\"", "\"layer\":\"l7\"", "distribooze.lengths.layer is \"l7\"" },
		{ "\"bin_width\":32", "\"bin_width\":0", "distribooze.lengths.bin_width is 0" },
		{ "\"bin_width\":32", "\"bin_width\":65537", "distribooze.lengths.bin_width is 65537" },
		{ "\"bin_width\":32", "\"bin_width\":true", "distribooze.lengths.bin_width is true or false" },
		{ "\"count\":3", "\"count\":4", "distribooze.lengths.counts adds up to 3, but count is 4" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,2,0,", "distribooze.lengths.counts[1] is 2" },
		{ "\"counts\":[0,1,1,", "\"counts\":[1,1,", "distribooze.lengths.source.counts has 48 bins" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,-1,3,", "distribooze.lengths.counts[1] is -1" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,null,1,", "distribooze.lengths.counts[1] is null" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,[1],1,", "distribooze.lengths.counts[1] is an array" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,\"1\",1,", "distribooze.lengths.counts[1] is a string" },
		{ "\"counts\":[0,1,1,", "\"counts\":[9007199254740992,9007199254740992,0,", "more than 2^53" },
		{ "\"counts\":[0,1,1,", "\"counts\":{\"a\":[0,1,1]},\"x\":[0,", "distribooze.lengths.counts is an object" },
		{ "\"counts\":[", "\"counts\":[3],\"x\":[", "distribooze.lengths.counts has 1 bins" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,,", "distribooze.lengths.counts[2] is , but must be a whole" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1 0,", "distribooze.lengths.counts[2] is 1 0" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,01,", "distribooze.lengths.counts[2] is 01" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,+1,", "distribooze.lengths.counts[2] is +1" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1.,", "distribooze.lengths.counts[2] is 1." },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1e,", "distribooze.lengths.counts[2] is 1e" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,.5,", "distribooze.lengths.counts[2] is .5" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1e-1,", "distribooze.lengths.counts[2] is 1e-1" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,--,", "distribooze.lengths.counts[2] is --" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1e99999,", "distribooze.lengths.counts[2] is 1e99999" },
		{ "\"counts\":[0,1,1,", "\"counts\":[],\"x\":[", "distribooze.lengths.counts is empty" },
		{ "\"counts\":[0,1,1,", "\"counts\":[[3]],\"x\":[", "distribooze.lengths.counts[0] is an array" },
		/* json-c takes a name in single quotes, with a quote in it: arrays are then not found where they are. */
		{ "{\"@timestamp\"", "{'\"':0,\"@timestamp\"", "distribooze.lengths.counts is no array of numbers" },
		{ "\"min\":52,", "", "distribooze.lengths.min is missing" },
		{ "\"min\":52", "\"min\":1501", "distribooze.lengths.min is 1501, more than max, which is 1500" },
		{ "\"max\":1500", "\"max\":4294967296", "distribooze.lengths.max is 4294967296" },
		{ "\"sum\":1636,", "", "distribooze.lengths.sum is missing" },
		{ "\"flags\":{\"source\":[\"syn\"", "\"flags\":{\"source\":[\"sin\"", "distribooze.tcp.flags.source[0]" },
		{ "\"flags\":{\"source\":[\"syn\"", "\"flags\":{\"source\":[2", "distribooze.tcp.flags.source[0]" },
		{ "\"risk\":[\"", "\"risk\":[5,\"", "distribooze.ndpi.risk[0] is not a string" },
		{ "\"guessed\":false", "\"guessed\":0", "distribooze.ndpi.guessed is a number" },
		{ "\"packets_inspected\":10", "\"packets_inspected\":256", "packets_inspected is 256" },
		{ "\"end_reason\":\"eof\"", "\"end_reason\":\"eof\",\"role\":\"both\"", "distribooze.role is \"both\"" },
		{ "\"end_reason\":\"eof\"", "\"end_reason\":\"eof\",\"tunnel\":\"\"", "distribooze.tunnel is \"\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		refuse(rows[i].from, rows[i].to, rows[i].word);
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_PERCENT);
	refuse("\"count\":2", "\"count\":3", "distribooze.lengths.count is 3, but source and destination have 4");
	refuse("33.33", "133.33", "distribooze.lengths.percent[1] is 133.33");
	refuse("33.33", "-33.33", "distribooze.lengths.percent[1] is -33.33");
	refuse("33.33", "33.33.3", "distribooze.lengths.percent[1] is 33.33.3");
	refuse("33.33", "3333e-2,1e2", "distribooze.lengths.percent adds up to 199.99");
	refuse("33.33", "true", "distribooze.lengths.percent[1] is true");
	refuse("33.33", "34.33", "distribooze.lengths.percent adds up to 100.99");
	refuse("\"percent\":[", "\"x\":[", "distribooze.lengths.counts is missing, and percent too");
	refuse("\"count\":3", "\"count\":0", "percent adds up to 99.99, but must to 0");
}

static void refuse_line(const char *text, size_t size, const char *word)
{
	struct dz_record record;
	struct dz_err err = { "" };

	if (dz_json_reader_parse(reader, text, size, &record, &err))
		fail_msg("taken: %.60s", text);
	if (!strstr(err.text, word))
		fail_msg("%.60s: the message is \"%s\", without \"%s\"", text, err.text, word);
}

static void test_refuse_lines(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ "", "an empty line" },
		{ "\n", "an empty line" },
		{ "{", "breaks off" },
		{ "hello", "no JSON object" },
		{ "{}", "distribooze.schema is missing" },
		{ "[]", "no JSON object" },
		{ "null", "no JSON object" },
		{ "\"x\"", "no JSON object" },
		{ "{} {}", "JSON" },
		{ "{}x", "JSON" },
		{ "{\"a\":1,}", "no JSON" },
		{ "{\"a\":\"\xff\"}", "no JSON" },
	};
	struct dz_strbuf deep;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		refuse_line(rows[i].text, strlen(rows[i].text), rows[i].word);
	refuse_line("{}\0{}", 5, "");
	dz_strbuf_init(&deep);
	dz_strbuf_adds(&deep, "{\"a\":");
	for (unsigned i = 0; i < 100000; i++)
		dz_strbuf_addc(&deep, '[');
	refuse_line(deep.data, deep.size, "no JSON (nesting too deep");
	dz_strbuf_clear(&deep);
	dz_strbuf_adds(&deep, "{\"a\":\"");
	for (unsigned i = 0; i < 5 << 20; i++)
		dz_strbuf_addc(&deep, 'x');
	dz_strbuf_adds(&deep, "\"}");
	refuse_line(deep.data, deep.size, "a line of 5242888 bytes"); /* 5 MiB and 8 bytes */
	dz_strbuf_release(&deep);
}

/* Cut at every byte, and with every byte changed in turn: taken or refused, never a crash (the sanitizers watch). */
static void test_damage(void **state)
{
	struct dz_record record;
	struct dz_err err;
	char *copy;
	size_t size;

	(void)state;
	sample_with_detail(&sample);
	written();
	size = line.size;
	for (size_t cut = 0; cut < size; cut++) {
		copy = malloc(cut + 1); /* of its exact size, so that a byte too many is seen */
		memcpy(copy, line.data, cut);
		assert_false(dz_json_reader_parse(reader, copy, cut, &record, &err));
		free(copy);
	}
	copy = malloc(size);
	srandom(7);
	for (size_t i = 0; i < size; i++) {
		static const char others[] = "\"{}[],:0-9.e\\ \xff\x01t";
		memcpy(copy, line.data, size);
		copy[i] = others[(size_t)random() % (sizeof others - 1)];
		if (dz_json_reader_parse(reader, copy, size, &record, &err))
			assert_true(record.shape.bins >= 2 && record.lengths.bins != NULL);
	}
	free(copy);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_whole),      TEST(test_optional),	TEST(test_dns),		 TEST(test_ends),
		TEST(test_portless),   TEST(test_places),	TEST(test_one_way),	 TEST(test_layers),
		TEST(test_empty),      TEST(test_values),	TEST(test_hostile_text), TEST(test_round_trip),
		TEST(test_read_values), TEST(test_read_percent), TEST(test_read_foreign), TEST(test_refuse_fields),
		TEST(test_refuse_lines), TEST(test_damage),	TEST(test_rest_is_short), TEST(test_growth), TEST(test_vector_growth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
