/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON line of a record as it is written. That it is read back is tested in test_record_json_read.c, that every
 * line is valid and that jq reproduces it in tests/check. */
#include "config.h"
#include "record/record_json.h"

#include "json_line.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	    "\"ssh\":{\"client_software\":\"SSH-2.0-OpenSSH_8.2\",\"client_hassh\":"
	    "\"ec7378c1a92f5a8dde7e8b7a1ddf33d1\","
	    "\"server_software\":\"SSH-2.0-dropbear\",\"server_hassh\":\"b12d2871a1189eff20364cf5333619ee\"},"
	    "\"http\":{\"content_type\":\"text/html; charset=utf-8\"},\"lengths\":{");
	sample.record.detail = NULL; /* nothing of it stays in the object */
	has_not("example.org");
	has_not("\"tls\"");
}

/* What newer releases of nDPI tell besides. */
static void test_more(void **state)
{
	(void)state;
	sample_with_more(&sample);
	sample.text.risk_codes[0] = "KNOWN_PROTOCOL_ON_NON_STANDARD_PORT";
	has("\"hash\":[\"50E207B4EEF78FF2D9F0F9DA00BE0A7441A75724\"]");
	has("\"tls\":{\"server\":{\"not_before\":\"2026-11-23T00:07:53Z\",\"not_after\":\"2027-02-11T00:07:53Z\","
	    "\"hash\":{\"sha1\":\"50E207B4EEF78FF2D9F0F9DA00BE0A7441A75724\"}}}");
	has("\"risk_score\":50,\"risk_code\":[\"KNOWN_PROTOCOL_ON_NON_STANDARD_PORT\"],\"risk_info\":["
	    "\"NUMERIC_IP_HOST: Found host 192.0.2.1\",\"TLS_MISSING_SNI: \\\"none\\\"\"],"
	    "\"protocol_by_ip\":\"Cloudflare\",\"first\":\"TLS.Cloudflare\",\"first_confidence\":\"IP\","
	    "\"fingerprint\":\"72e2d06f1d0d45b2a7a3\",\"stack\":[\"TLS\",\"HTTP\",\"NetFlix\"]}");
	has("\"fingerprint\":\"2_64_64240_2e3cee914fc1\",\"os\":\"Linux\"},\"tls\":{\"alpn\":[\"h2\",\"http/1.1\"],"
	    "\"versions\":[\"TLSv1.3\",\"TLSv1.2\"]},");
	sample.detail.tls_alpns = ",h2,,";
	has("\"alpn\":[\"\",\"h2\",\"\"]");
	sample.detail.tls_alpns = "h2";
	has("\"alpn\":[\"h2\"]");
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
	record->oversized = 0;
	record->side[DZ_SOURCE].lengths.count = record->side[DZ_DESTINATION].lengths.count = 0;
	has("\"lengths\":{\"layer\":\"ip\",\"bin_width\":32,\"count\":0,\"sum\":0,\"counts\":[0,0,0],\"percent\":[0,0,"
	    "0],"
	    "\"source\":{\"count\":0,\"counts\":[0,0,0],\"percent\":[0,0,0]},"
	    "\"destination\":{\"count\":0,\"counts\":[0,0,0],\"percent\":[0,0,0]}}}}");
}

static void test_oversized(void **state)
{
	(void)state;
	sample.record.oversized = 3;
	has(",\"oversized\":3,\"counts\":[");
	sample.record.oversized = 0;
	assert_null(strstr(written(), "oversized"));
}

static void test_values(void **state)
{
	(void)state;
	sample.record.shape.bins = 48;
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_COUNTS, false);
	has("\"counts\":[0,1,1,");
	has_not("percent");
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_PERCENT, false);
	has("\"percent\":[0,33.33,33.33,");
	has_not("counts");
}

/* Bins of 32: 52 in b0032, 84 in b0064, 1500 in b1472. */
static void test_bins(void **state)
{
	(void)state;
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_BINS, false);
	has("\"bin_width\":32,\"bin_count\":48,\"count\":3,\"min\":52,\"max\":1500,\"sum\":1636,"
	    "\"bins\":{\"b0032\":1,\"b0064\":1,\"b1472\":1},"
	    "\"source\":{\"count\":2,\"bins\":{\"b0032\":1,\"b0064\":1}},"
	    "\"destination\":{\"count\":1,\"bins\":{\"b1472\":1}}}}}");
	/* Names have the digits of the last: 2047 * 65536 is 134152192. Another shape has other names. */
	sample.record.shape.bins = 2048;
	sample.record.shape.bin_width = 65536;
	has("\"bins\":{\"b000065536\":1,\"b000131072\":1,\"b003014656\":1},"); /* bins 1, 2 and 46 */
	sample.record.shape.bins = 3;
	sample.record.shape.bin_width = 4;
	has("\"bins\":{\"b0004\":1,\"b0008\":1},");
	memset(sample.bins, 0, sizeof sample.bins);
	has("\"bins\":{},");
}

/* Square roots of 1/3 are 0.5773502...; of 1/4 and 3/4 0.5 and 0.8660254...; of 1 it is 1. */
static void test_vector(void **state)
{
	struct dz_record *record = &sample.record;

	(void)state;
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_COUNTS | DZ_VALUES_VECTOR, false);
	record->shape.bins = 4;
	has("\"counts\":[0,1,1,0],\"vector\":[0.0,0.57735,0.57735,0.0],\"source\":{\"count\":2,\"counts\":[0,1,1,0]},");
	record->lengths.count = 4;
	sample.bins[0][2] = 3;
	has("\"vector\":[0.0,0.5,0.866025,0.0],");
	record->lengths.count = 1;
	sample.bins[0][2] = 0;
	has("\"vector\":[0.0,1.0,0.0,0.0],");
	record->lengths.count =
		UINT64_C(1000000000000); /* a share of 1e-12, and nearly all: roots 1e-6 and 0.9999999999995 */
	sample.bins[0][2] = record->lengths.count - 1;
	has("\"vector\":[0.0,0.0,1.0,0.0],");
	record->lengths.count = 0;
	has_not("vector");
}

/* What guesses a field's type by its first number finds a fraction in each. */
static void test_decimals(void **state)
{
	(void)state;
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_PERCENT, true);
	sample.record.shape.bins = 4;
	has("\"percent\":[0.0,33.33,33.33,0.0],\"source\":{\"count\":2,\"percent\":[0.0,50.0,50.0,0.0]},");
	sample.record.shape.bins = 48;
	has(",100.0,0.0]}}}}");
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
		record->side[side].packets = record->side[side].bytes = record->side[side].retransmissions =
			UINT64_MAX / 2;
		record->side[side].tcp_flags = 0xff;
	}
	record->start_ns = 0;
	record->end_ns = record->lengths.count = record->lengths_sum = record->tls_lost_bytes = record->oversized =
		UINT64_MAX;
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
	const char **const texts[] = { &sample.record.input,       &sample.text.version,      &sample.text.risks[0],
				       &detail->tls_server_name,   &detail->tls_ja3,          &detail->tls_ja4,
				       &detail->tls_subject,       &detail->ssh_server_hassh, &detail->http_method,
				       &detail->http_content_type, &detail->user_agent };

	(void)state;
	memset(text, 1, LONG);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct json_object *root;
		dz_json_writer_free(writer);
		writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
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
		writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
		sample.record.shape.bins = bins;
		written();
		assert_true(line.size >
			    (size_t)3 * bins * (21 + 4)); /* 18446744073709551615 and 100, with a comma each */
		assert_string_equal(line.data + line.size - 8, "100]}}}}");
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, line_set_up, line_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_whole),         TEST(test_optional), TEST(test_more),          TEST(test_dns),
		TEST(test_ends),          TEST(test_portless), TEST(test_places),        TEST(test_one_way),
		TEST(test_layers),        TEST(test_empty),    TEST(test_values),        TEST(test_oversized),
		TEST(test_bins),          TEST(test_vector),   TEST(test_decimals),      TEST(test_hostile_text),
		TEST(test_rest_is_short), TEST(test_growth),   TEST(test_vector_growth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
