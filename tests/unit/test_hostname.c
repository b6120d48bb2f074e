/* SPDX-License-Identifier: BSD-2-Clause */
/* test_hostname.c - the host that a client asks for, as RFC 3986, 9110, 9112, 6066 and 8446 have it. */
#include "config.h"
#include "classify/hostname.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct dz_span span(const char *text)
{
	return (struct dz_span){ (const uint8_t *)text, strlen(text) };
}

static void expect_span(struct dz_span got, const char *expected)
{
	assert_int_equal(got.size, strlen(expected));
	assert_memory_equal(got.at, expected, got.size);
}

static void test_authority(void **state)
{
	static const char *const rows[][2] = {
		{ "www.example.com", "www.example.com" },
		{ "www.example.com:8080", "www.example.com" },
		{ "WWW.Example.COM", "www.example.com" },
		{ " www.example.com \t", "www.example.com" },
		{ "user:secret@www.example.com:80", "www.example.com" },
		{ "[2001:db8::5]:8080", "2001:db8::5" },
		{ "[2001:DB8::5]", "2001:db8::5" },
		{ "192.0.2.1:80", "192.0.2.1" },
		{ "b\xc3\xbc"
		  "cher.example",
		  "b\xc3\xbc"
		  "cher.example" }, /* no ASCII, but as sent */
		{ "b\xfc"
		  "cher.example",
		  "b\xfc"
		  "cher.example" },
		{ "", NULL },
		{ " ", NULL },
		{ ":80", NULL },
		{ "[2001:db8::5", NULL }, /* no end */
		{ "[]:80", NULL },
		{ "one two", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *host = dz_hostname_of(span(rows[i][0]));
		if (rows[i][1])
			assert_string_equal(host, rows[i][1]);
		else
			assert_null(host);
		free(host);
	}
}

static bool http(const char *text, struct dz_http_request *request)
{
	return dz_hostname_http((const uint8_t *)text, strlen(text), request);
}

static void test_http(void **state)
{
	struct dz_http_request r;

	(void)state;
	assert_true(http("GET /1 HTTP/1.1\r\nAccept: */*\r\nhOST:  one.example \r\n\r\n", &r));
	expect_span(r.target, "/1");
	expect_span(r.authority, "one.example");
	/* the first of two */
	assert_true(
		http("GET /1 HTTP/1.1\r\nHost: one.example\r\n\r\nGET /2 HTTP/1.1\r\nHost: two.example\r\n\r\n", &r));
	expect_span(r.target, "/1");
	expect_span(r.authority, "one.example");
	/* the second one's host is not the first one's */
	assert_true(http("GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.1\r\nHost: two.example\r\n\r\n", &r));
	assert_int_equal(r.authority.size, 0);
	assert_true(http("CONNECT a.example:443 HTTP/1.1\nHost: a.example:443\n\n", &r));
	expect_span(r.target, "a.example:443");
	/* a line that goes on in the next packet is not believed */
	assert_true(http("GET /1 HTTP/1.1\r\nHost: one.exam", &r));
	assert_int_equal(r.authority.size, 0);
	assert_false(http("GET /1 HTTP/1.1", &r));
	assert_false(http("GET /1\r\nHost: one.example\r\n\r\n", &r));
	assert_false(http("GET  HTTP/1.1\r\n\r\n", &r));
	assert_false(http("get / HTTP/1.1\r\n\r\n", &r));
	assert_false(http("SSH-2.0-OpenSSH_9.2p1\r\n", &r));
	assert_false(http("HTTP/1.1 200 OK\r\n\r\n", &r));
	assert_false(http("", &r));
}

static void expect_request(const char *text, const char *url, const char *host)
{
	struct dz_http_request r;
	char *got;

	assert_true(http(text, &r));
	got = dz_hostname_url(&r);
	assert_string_equal(got, url);
	free(got);
	got = dz_hostname_of(dz_hostname_authority(&r));
	if (host)
		assert_string_equal(got, host);
	else
		assert_null(got);
	free(got);
}

static void test_url(void **state)
{
	(void)state;
	expect_request("GET /x HTTP/1.1\r\nHost: [2001:db8::5]:8080\r\n\r\n", "[2001:db8::5]:8080/x", "2001:db8::5");
	expect_request("GET /x HTTP/1.0\r\n\r\n", "/x", NULL);
	/* to a proxy: the target's authority is the one (RFC 9112, 3.2.2) */
	expect_request("GET http://A.example:81/y?u=http://c/ HTTP/1.1\r\nHost: b.example\r\n\r\n",
		       "http://A.example:81/y?u=http://c/", "a.example");
	expect_request("GET http://a.example HTTP/1.1\r\n\r\n", "http://a.example", "a.example");
	expect_request("GET /y?u=http://c/ HTTP/1.1\r\nHost: b.example\r\n\r\n", "b.example/y?u=http://c/",
		       "b.example");
	expect_request("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", "a.example:443", "a.example");
}

/* A ClientHello with an empty session, one cipher suite, and an extension before the server name. */
static size_t client_hello(uint8_t *out, const char *name)
{
	static const uint8_t start[] = { 22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3 };
	static const uint8_t middle[] = { 0, 0, 2, 0x13, 1, 1, 0, 0, 0, 0, 23, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	size_t length = strlen(name), at = sizeof start + 32;

	memset(out, 0x55, at);
	memcpy(out, start, sizeof start);
	memcpy(out + at, middle, sizeof middle);
	out[at + 8] = (uint8_t)(4 + 9 + length); /* extensions */
	out[at + 16] = (uint8_t)(5 + length);    /* of this one */
	out[at + 18] = (uint8_t)(3 + length);    /* of its list */
	out[at + 21] = (uint8_t)length;
	memcpy(out + at + sizeof middle, name, length);
	return at + sizeof middle + length;
}

static void test_tls(void **state)
{
	uint8_t hello[512];
	char name[241];
	struct dz_span found;
	size_t size;

	(void)state;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	size = client_hello(hello, name);
	assert_true(dz_hostname_tls(hello, size, &found));
	expect_span(found, name);
	/* cut anywhere, it is not found */
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);
		assert_non_null(copy);
		memcpy(copy, hello, cut);
		assert_false(dz_hostname_tls(copy, cut, &found));
		free(copy);
	}
	size = client_hello(hello, "");
	assert_false(dz_hostname_tls(hello, size, &found));
	size = client_hello(hello, "www.example.com");
	hello[5] = 2; /* a server's */
	assert_false(dz_hostname_tls(hello, size, &found));
	hello[5] = 1;
	hello[0] = 23;
	assert_false(dz_hostname_tls(hello, size, &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_authority),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_tls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
