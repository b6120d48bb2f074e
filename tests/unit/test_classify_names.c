/* SPDX-License-Identifier: BSD-2-Clause */
/* test_classify_names.c - the names in a label are those that the client sent, not what nDPI has left of them. */
#include "config.h"
#include "classify/classify.h"

#include "wire.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <cmocka.h>

enum { TCP = 6, HEADERS = 40, PSH_ACK = 0x18 };

/* The detail of a flow of this one segment; the strings are borrowed from *label, which is to be released. */
static struct dz_label_detail detail_of(const void *payload, size_t size, unsigned port, struct dz_label *label)
{
	const struct dz_classify_config config = { .guess = true };
	struct dz_label_detail detail = { 0 };
	struct dz_classify_state *state = NULL;
	struct dz_packet pkt = { 0 };
	struct dz_classifier *classifier;
	struct dz_err err;
	struct wire w;

	wire_init(&w);
	memcpy(wire_push(&w, size), payload, size);
	wire_tcp(&w, 40000, port, PSH_ACK);
	wire_ip4(&w, TCP, 1, 2);
	pkt.sender = (uint8_t)dz_flow_key_init(&pkt.key, 4, TCP, 0, wire_bytes(&w) + 12, 40000, wire_bytes(&w) + 16,
					       (uint16_t)port);
	pkt.ip = wire_bytes(&w);
	pkt.ip_len = pkt.ip_caplen = (uint32_t)wire_size(&w);
	pkt.payload = pkt.ip + HEADERS;
	pkt.payload_len = pkt.payload_caplen = (uint32_t)size;
	classifier = dz_classifier_new(&config, &err);
	assert_non_null(classifier);
	*label = (struct dz_label){ 0 };
	dz_classifier_packet(classifier, &state, &pkt, 1, true, label);
	dz_classifier_finish(classifier, &state, label);
	dz_label_unpack(label->packed, &detail);
	dz_classifier_free(classifier);
	return detail;
}

static void test_http(void **state)
{
	static const struct {
		const char *request, *hostname, *url;
	} rows[] = {
		{ "GET /x HTTP/1.1\r\nHost: www.example.com\r\n\r\n", "www.example.com", "www.example.com/x" },
		{ "GET /x HTTP/1.1\r\nHost: [2001:db8::5]:8080\r\n\r\n", "2001:db8::5", "[2001:db8::5]:8080/x" },
		{ "GET /x HTTP/1.1\r\nHost: www.example.com \r\n\r\n", "www.example.com", "www.example.com/x" },
		{ "GET /1 HTTP/1.1\r\nHost: one.example\r\n\r\nGET /2 HTTP/1.1\r\nHost: two.example\r\n\r\n",
		  "one.example", "one.example/1" },
		{ "GET /x HTTP/1.1\r\nHost: b\xc3\xbc\r\n\r\n", "b\xc3\xbc", "b\xc3\xbc/x" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dz_label label;
		struct dz_label_detail d = detail_of(rows[i].request, strlen(rows[i].request), 80, &label);
		assert_string_equal(d.hostname, rows[i].hostname);
		assert_string_equal(d.http_url, rows[i].url);
		assert_string_equal(d.http_method, "GET");
		dz_label_release(&label);
	}
}

/* A ClientHello of TLS 1.2 with this server name (RFC 5246, section 7.4.1.2; RFC 6066, section 3). */
static void client_hello(struct wire *w, const char *name)
{
	size_t size = strlen(name);
	uint8_t *p;

	wire_init(w);
	memcpy(wire_push(w, size), name, size);
	p = wire_push(w, 11); /* extensions; type 0; its length; its list's; host_name; its length */
	put16(p, (unsigned)size + 9);
	put16(p + 4, (unsigned)size + 5);
	put16(p + 6, (unsigned)size + 3);
	put16(p + 9, (unsigned)size);
	wire_hex(w, "00 0004 c02f 009c 01 00"); /* no session, two cipher suites, no compression */
	memset(wire_push(w, 32), 0x55, 32);
	wire_hex(w, "0303");
	size = wire_size(w);
	p = wire_push(w, 4);
	p[0] = 1;
	put16(p + 2, (unsigned)size);
	size = wire_size(w);
	p = wire_push(w, 5);
	p[0] = 22;
	put16(p + 1, 0x0301);
	put16(p + 3, (unsigned)size);
}

static void test_tls(void **state)
{
	char name[252];

	(void)state;
	for (size_t length = 20; length < sizeof name; length += 33) {
		struct dz_label_detail d;
		struct dz_label label;
		struct wire hello;

		for (size_t i = 0; i < length; i++)
			name[i] = (char)(i % 50 == 49 ? '.' : 'a' + i % 26);
		memcpy(name + length - 8, ".example", 9);
		client_hello(&hello, name);
		d = detail_of(wire_bytes(&hello), wire_size(&hello), 443, &label);
		assert_string_equal(d.tls_server_name, name);
		assert_string_equal(d.hostname, name);
		dz_label_release(&label);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_http), cmocka_unit_test(test_tls) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
