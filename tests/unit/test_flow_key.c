/* SPDX-License-Identifier: BSD-2-Clause */
/* test_flow_key.c - keys meet from both directions; Community IDs against the rows of the specification's own baseline
 * (https://github.com/corelight/community-id-spec), a few of which are repeated here; all of them are compared by
 * tests/oracle where the baseline files are at hand. */
#include "config.h"
#include "record/flow_key.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static unsigned make(struct dz_flow_key *key, uint8_t protocol, const char *source, uint16_t source_port,
		     const char *destination, uint16_t destination_port)
{
	uint8_t a[16], b[16];
	int family = strchr(source, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(family, source, a), 1);
	assert_int_equal(inet_pton(family, destination, b), 1);
	return dz_flow_key_init(key, family == AF_INET ? 4 : 6, protocol, 0, a, source_port, b, destination_port);
}

static void both_directions_have_one_key(void **state)
{
	struct dz_flow_key there, back;
	(void)state;
	assert_int_equal(make(&there, 6, "10.0.0.1", 1000, "10.0.0.2", 80), 0);
	assert_int_equal(make(&back, 6, "10.0.0.2", 80, "10.0.0.1", 1000), 1);
	assert_true(dz_flow_key_equal(&there, &back));
	assert_true(dz_flow_key_hash(&there, 7) == dz_flow_key_hash(&back, 7));
	/* bytes, not signed numbers: 200 is above 9 */
	assert_int_equal(make(&there, 6, "200.0.0.1", 1, "9.0.0.1", 1), 1);
	/* equal addresses: the port decides */
	assert_int_equal(make(&there, 17, "10.0.0.1", 5000, "10.0.0.1", 53), 1);
	assert_int_equal(there.port[0], 53);
	assert_int_equal(make(&there, 17, "10.0.0.1", 53, "10.0.0.1", 53), 0);
}

static void keys_differ_in_every_field(void **state)
{
	struct dz_flow_key a, b;
	(void)state;
	make(&a, 6, "10.0.0.1", 1000, "10.0.0.2", 80);
	make(&b, 17, "10.0.0.1", 1000, "10.0.0.2", 80);
	assert_false(dz_flow_key_equal(&a, &b));
	make(&b, 6, "10.0.0.1", 1001, "10.0.0.2", 80);
	assert_false(dz_flow_key_equal(&a, &b));
	make(&b, 6, "10.0.0.1", 80, "10.0.0.2", 1000);
	assert_false(dz_flow_key_equal(&a, &b));
	make(&b, 6, "10.0.0.1", 1000, "10.0.0.2", 80);
	b.vlan = 5;
	assert_false(dz_flow_key_equal(&a, &b));
	assert_true(dz_flow_key_hash(&a, 1) != dz_flow_key_hash(&b, 1));
}

static void ports_are_told_where_there_are_any(void **state)
{
	static const struct {
		uint8_t protocol;
		const char *source, *destination, *expected; /* of the destination, with port 8080 */
	} cases[] = {
		{ 6, "10.0.0.1", "192.0.2.1", "192.0.2.1:8080" },
		{ 17, "2001:db8::2", "2001:db8::1", "[2001:db8::1]:8080" }, /* RFC 3986, section 3.2.2 */
		{ 132, "10.0.0.1", "192.0.2.1", "192.0.2.1:8080" },
		{ 136, "10.0.0.1", "192.0.2.1", "192.0.2.1:8080" },         /* UDP-Lite: RFC 3828 */
		{ 33, "2001:db8::2", "2001:db8::1", "[2001:db8::1]:8080" }, /* DCCP: RFC 4340, section 5.1 */
		{ 1, "10.0.0.1", "192.0.2.1", "192.0.2.1" },
		{ 58, "2001:db8::2", "2001:db8::1", "2001:db8::1" },
		{ 47, "10.0.0.1", "192.0.2.1", "192.0.2.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dz_flow_key key;
		char text[DZ_ENDPOINT_TEXT];
		unsigned sender = make(&key, cases[i].protocol, cases[i].source, 8, cases[i].destination, 8080);
		size_t size = dz_flow_key_endpoint(&key, !sender, text);
		assert_string_equal(text, cases[i].expected);
		assert_int_equal(size, strlen(cases[i].expected));
		assert_int_equal(dz_flow_key_has_ports(&key), strstr(cases[i].expected, ":8080") != NULL);
	}
	/* The longest: 39 characters of address, brackets, colon and five digits. */
	struct dz_flow_key key;
	char text[DZ_ENDPOINT_TEXT];
	make(&key, 6, "1111:2222:3333:4444:5555:6666:7777:8888", 65535, "1111:2222:3333:4444:5555:6666:7777:8888",
	     65535);
	assert_int_equal(dz_flow_key_endpoint(&key, 0, text), 47);
}

static void hosts_hash_ignores_ports_and_protocol(void **state)
{
	struct dz_flow_key a, b, c;
	(void)state;
	make(&a, 6, "10.0.0.1", 1000, "10.0.0.2", 80);
	make(&b, 17, "10.0.0.2", 53, "10.0.0.1", 7);
	make(&c, 6, "10.0.0.1", 1000, "10.0.0.3", 80);
	assert_true(dz_flow_key_hosts_hash(&a, 0) == dz_flow_key_hosts_hash(&b, 0));
	assert_true(dz_flow_key_hosts_hash(&a, 0) != dz_flow_key_hosts_hash(&c, 0));
	assert_true(dz_flow_key_hosts_hash(&a, 0) != dz_flow_key_hosts_hash(&a, 1));
}

static void addresses_are_written(void **state)
{
	static const char *const texts[] = { "0.0.0.0", "9.10.99.100", "255.255.255.255",
					     "::",      "2001:db8::1", "fe80::260:97ff:fe07:69ea" };
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct dz_flow_key key;
		char text[DZ_ADDRESS_TEXT];
		make(&key, 6, texts[i], 1, texts[i], 1);
		assert_int_equal(dz_flow_key_address(&key, 1, text), strlen(texts[i]));
		assert_string_equal(text, texts[i]);
	}
}

static void community_ids_are_the_baselines(void **state)
{
	static const struct {
		uint8_t protocol;
		const char *source, *destination;
		uint16_t source_port, destination_port;
		const char *id;
	} rows[] = {
		{ 6, "128.232.110.120", "66.35.250.204", 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ 6, "66.35.250.204", "128.232.110.120", 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ 17, "8.8.8.8", "192.168.1.52", 53, 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
		{ 132, "192.168.170.56", "192.168.170.8", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=" },
		{ 6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25,
		  "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" },
		{ 46, "10.1.12.1", "10.1.12.2", 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dz_flow_key key;
		char id[DZ_COMMUNITY_ID_TEXT];
		unsigned sender = make(&key, rows[i].protocol, rows[i].source, rows[i].source_port, rows[i].destination,
				       rows[i].destination_port);
		dz_flow_key_community_id(&key, sender, 0, id);
		assert_string_equal(id, rows[i].id);
		dz_flow_key_community_id(&key, sender, 1, id);
		assert_string_not_equal(id, rows[i].id);
	}
}

static void icmp_types_answer_each_other(void **state)
{
	static const struct {
		uint8_t protocol, type, code;
		const char *source, *destination, *id;
	} rows[] = {
		{ 1, 8, 0, "192.168.0.89", "192.168.0.1", "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
		{ 1, 0, 0, "192.168.0.1", "192.168.0.89", "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
		/* one way: time exceeded, from the lower and (reasoned: the ID changes) the higher address */
		{ 1, 11, 0, "10.0.0.1", "10.0.0.2", "1:YHxtAirCG//0OzkcVAukqKQN9xM=" },
		{ 58, 3, 0, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da",
		  "1:2ObVBgIn28oZvibYZhZMBgh7WdQ=" },
		{ 58, 128, 0, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2",
		  "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=" },
		{ 58, 129, 0, "3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da",
		  "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=" },
		{ 58, 134, 0, "fe80::260:97ff:fe07:69ea", "ff02::1", "1:pkvHqCL88/tg1k4cPigmZXUtL00=" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dz_flow_key key;
		char id[DZ_COMMUNITY_ID_TEXT];
		uint16_t source, destination;
		unsigned sender;
		bool one_way =
			dz_flow_key_icmp_ports(rows[i].protocol, rows[i].type, rows[i].code, &source, &destination);
		assert_int_equal(one_way, rows[i].type == 11 || (rows[i].protocol == 58 && rows[i].type == 3));
		sender = make(&key, rows[i].protocol, rows[i].source, source, rows[i].destination, destination);
		dz_flow_key_community_id(&key, sender, 0, id);
		assert_string_equal(id, rows[i].id);
	}
}

static void transports_have_names(void **state)
{
	char buffer[4];
	(void)state;
	assert_string_equal(dz_flow_key_transport(6, buffer), "tcp");
	assert_string_equal(dz_flow_key_transport(58, buffer), "ipv6-icmp");
	assert_string_equal(dz_flow_key_transport(253, buffer), "253");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_have_one_key),
		cmocka_unit_test(keys_differ_in_every_field),
		cmocka_unit_test(ports_are_told_where_there_are_any),
		cmocka_unit_test(hosts_hash_ignores_ports_and_protocol),
		cmocka_unit_test(addresses_are_written),
		cmocka_unit_test(community_ids_are_the_baselines),
		cmocka_unit_test(icmp_types_answer_each_other),
		cmocka_unit_test(transports_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
