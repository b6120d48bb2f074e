/* SPDX-License-Identifier: BSD-2-Clause */
/* test_group_by.c - the name of the group that a record is in, by all there is and by two of it. */
#include "config.h"
#include "stats/group_by.h"

#include "sample.h"
#include "stats/domain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

static void expect(const char *by, const struct sample *sample, const char *expected)
{
	struct dz_grouping grouping;
	struct dz_strbuf name;
	struct dz_err err;

	dz_strbuf_init(&name);
	if (!dz_grouping_parse(by, &grouping, &err))
		fail_msg("--by %s: %s", by, err.text);
	dz_grouping_name(&grouping, &sample->record, "the input", &name);
	assert_string_equal(name.data, expected);
	assert_string_equal(grouping.text, by);
	dz_strbuf_release(&name);
}

/* The sample: TCP from 192.168.1.148 to 37.187.120.118:27122, labelled SSH. */
static void test_words(void **state)
{
	static const uint8_t a[4] = { 10, 0, 0, 1 }, b[4] = { 10, 0, 0, 2 };
	struct sample sample;

	(void)state;
	sample_init(&sample);
	expect("label", &sample, "SSH");
	expect("protocol", &sample, "SSH");
	expect("category", &sample, "RemoteAccess");
	expect("input", &sample, "the input");
	expect("hostname", &sample, "(none)");
	expect("ja3", &sample, "(none)");
	expect("ja4", &sample, "(none)");
	expect("port", &sample, "27122/tcp");
	expect("source", &sample, "192.168.1.148");
	expect("destination", &sample, "37.187.120.118");
	expect("host", &sample, "192.168.1.148");
	sample_with_detail(&sample);
	expect("hostname", &sample, "example.org");
	sample.detail.tls_server_name = NULL;
	expect("hostname", &sample, "www.example.org");
	sample.text.category = NULL;
	expect("category", &sample, "(none)");
	dz_flow_key_init(&sample.record.key, 4, 1, 0, a, 8, b, 0);
	expect("port", &sample, "icmp");
	/* What the responder sent: its source is not who began. */
	sample.record.source_end = 1;
	sample.record.role = DZ_ROLE_RESPONDER;
	expect("source", &sample, "10.0.0.2");
	expect("host", &sample, "10.0.0.1");
}

static void test_networks(void **state)
{
	static const uint8_t a[4] = { 192, 0, 2, 77 }, b[4] = { 198, 51, 100, 9 };
	static const uint8_t a6[16] = { 0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 3, 0, 0, 0, 0, 0, 9 },
			     b6[16] = { 0x20, 1, 0xd, 0xb8 };
	struct sample sample;

	(void)state;
	sample_init(&sample);
	sample.record.source_end = dz_flow_key_init(&sample.record.key, 4, 6, 0, a, 50000, b, 443);
	expect("prefix", &sample, "192.0.2.0/24");
	expect("prefix/20", &sample, "192.0.0.0/20");
	expect("prefix/32", &sample, "192.0.2.77/32");
	expect("prefix/0", &sample, "0.0.0.0/0");
	expect("prefix/48", &sample, "192.0.2.0/24");
	expect("prefix/26", &sample, "192.0.2.64/26");
	sample.record.source_end = dz_flow_key_init(&sample.record.key, 6, 6, 0, a6, 50000, b6, 443);
	expect("prefix", &sample, "2001:db8:1:2::/64");
	expect("prefix/48", &sample, "2001:db8:1::/48");
	expect("prefix/20", &sample, "2001:db8:1:2::/64");
	sample.record.vlan = sample.record.inner_vlan = 0;
	sample.record.interface = NULL;
	expect("vlan", &sample, "(none)");
	expect("tunnel", &sample, "(none)");
	expect("observer", &sample, "(none)");
	sample.record.vlan = 100;
	expect("vlan", &sample, "100");
	sample.record.inner_vlan = 7;
	expect("vlan", &sample, "100.7");
	sample.record.tunnel = DZ_TUNNEL_VXLAN;
	sample.record.tunnel_id = 5001;
	expect("tunnel", &sample, "vxlan 5001");
	sample.record.interface = "eth1";
	expect("observer", &sample, "eth1");
}

static void test_time(void **state)
{
	struct dz_grouping grouping;
	struct dz_strbuf name;
	struct sample sample;
	struct dz_err err;

	(void)state;
	dz_strbuf_init(&name);
	sample_init(&sample);
	sample.record.start_ns = UINT64_C(1592301966) * SECOND + 446123000; /* 2020-06-16T10:06:06.446123Z */
	expect("hour", &sample, "2020-06-16T10:00Z");
	expect("day", &sample, "2020-06-16");
	expect("label,hour", &sample, "SSH, 2020-06-16T10:00Z");
	grouping = dz_grouping_by(DZ_BY_LABEL);
	assert_false(dz_grouping_is_of_time(&grouping));
	dz_grouping_add_every(&grouping, 4 * SECOND, false);
	dz_grouping_name(&grouping, &sample.record, "x", &name);
	assert_string_equal(name.data, "2020-06-16T10:06:04Z");
	assert_true(dz_grouping_is_of_time(&grouping) && !dz_grouping_has(&grouping, DZ_BY_LABEL));
	assert_true(dz_grouping_parse("port", &grouping, &err));
	dz_grouping_add_every(&grouping, 600 * SECOND, true);
	dz_grouping_name(&grouping, &sample.record, "x", &name);
	assert_string_equal(name.data, "27122/tcp, 2020-06-16T10:00Z");
	assert_string_equal(grouping.text, "port,600 s");
	assert_false(dz_grouping_is_plain(&grouping));
	dz_strbuf_release(&name);
}

static void expect_domain(const char *name, const char *expected)
{
	struct dz_strbuf out;

	dz_strbuf_init(&out);
	dz_strbuf_adds(&out, "");
	dz_domain_add(name, &out);
	assert_string_equal(out.data, expected);
	dz_strbuf_release(&out);
}

/* The list has com, co.uk, github.io; a suffix itself belongs to nobody. */
static void test_domains(void **state)
{
	struct sample sample;
	char longest[300];

	(void)state;
	if (!dz_domain_known())
		skip();
	sample_init(&sample);
	expect("domain", &sample, "(none)");
	expect_domain("www.example.com", "example.com");
	expect_domain("WWW.Example.CO.UK.", "example.co.uk");
	expect_domain("a.b.someone.github.io", "someone.github.io");
	expect_domain("co.uk", "co.uk");
	expect_domain("printer", "printer");
	expect_domain("192.0.2.7", "192.0.2.7");
	expect_domain("2001:db8::1", "2001:db8::1");
	expect_domain("\xff\xfe.example.com", "example.com");
	expect_domain(NULL, "");
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	expect_domain(longest, longest);
}

static void test_refused(void **state)
{
	static const struct {
		const char *by, *said;
	} cases[] = {
		{ "labels", "'labels' is not one of label, protocol, " },
		{ "", "'' is not one of" },
		{ "label,", "'' is not one of" },
		{ "label,port,host", "more than two" },
		{ "label/3", "only prefix has a number" },
		{ "prefix/", "only prefix has a number" },
		{ "prefix/129", "only prefix has a number" },
		{ "prefix/1x", "only prefix has a number" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  "too long" }
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dz_grouping grouping;
		struct dz_err err = { "" };
		assert_false(dz_grouping_parse(cases[i].by, &grouping, &err));
		if (!strstr(err.text, cases[i].said))
			fail_msg("--by %s: %s", cases[i].by, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),   cmocka_unit_test(test_networks), cmocka_unit_test(test_time),
		cmocka_unit_test(test_domains), cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
