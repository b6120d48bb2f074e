/* SPDX-License-Identifier: BSD-2-Clause */
/* The JSON line of a record as it is read: what was written comes back the same, and a wrong line is refused by the
 * name of what is wrong in it. */
#include "config.h"
#include "record/record_json.h"

#include "json_line.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct dz_json_reader *reader;

static int set_up(void **state)
{
	reader = dz_json_reader_new();
	return line_set_up(state);
}

static int tear_down(void **state)
{
	dz_json_reader_free(reader);
	return line_tear_down(state);
}

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
	writer = dz_json_writer_new(DZ_VALUES_PERCENT, false);
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

static void refuse(const char *from, const char *to, const char *word);

/* Named bins are as good as counts. */
static void test_read_bins(void **state)
{
	struct dz_record record;

	(void)state;
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_BINS, false);
	round_trip();
	read_back(written(), &record);
	assert_int_equal(record.shape.bins, 48);
	for (unsigned i = 0; i < 48; i++) {
		assert_int_equal(record.lengths.bins[i], sample.bins[0][i]);
		assert_int_equal(record.side[DZ_DESTINATION].lengths.bins[i], sample.bins[2][i]);
	}
	refuse("\"bins\":{\"b0032\":1", "\"bins\":{\"b0032\":2",
	       "distribooze.lengths.bins adds up to 4, but count is 3");
	refuse("\"b0032\":1", "\"b0033\":1", "distribooze.lengths.bins has \"b0033\", which is no name of a bin");
	refuse("\"b0032\":1", "\"b00032\":1", "\"b00032\", which is no name");
	refuse("\"b0032\":1", "\"b003x\":1", "\"b003x\", which is no name");
	refuse("\"b0032\":1", "\"p0032\":1", "\"p0032\", which is no name");
	refuse("\"b0032\":1", "\"b1536\":1", "\"b1536\", which is no name"); /* 48 * 32: one too far */
	refuse("\"b0032\":1", "\"b0032\":-1", "\"b0032\" is no whole number");
	refuse("\"b0032\":1", "\"b0032\":\"1\"", "\"b0032\" is no whole number");
	refuse("\"bins\":{", "\"bins\":[],\"x\":{", "distribooze.lengths.bins is an array, but must be an object");
	refuse("\"bin_count\":48", "\"bin_count\":46", "has \"b1472\", which is no name"); /* 46 * 32 */
	refuse("\"bin_count\":48,", "", "distribooze.lengths.bin_count is missing");
	refuse("\"bin_count\":48", "\"bin_count\":2049", "distribooze.lengths.bin_count is 2049");
	refuse("\"bin_count\":48", "\"bin_count\":1", "distribooze.lengths.bin_count has 1 bins");
	refuse("\"destination\":{\"count\":1,\"bins\":{\"b1472\":1}",
	       "\"destination\":{\"count\":1,\"bins\":{\"b1440\":1}",
	       "distribooze.lengths.counts[45] is 0, but source and destination have 1");
}

/* A line from elsewhere: spaces, another order, members that nobody knows, and only what must be there. */
static void test_read_foreign(void **state)
{
	struct dz_record record;

	(void)state;
	read_back(" { \"distribooze\" : { \"lengths\" : { \"counts\" : [ 10e-1 , 0,\t2.0], \"sum\": 300, \"max\":140, "
		  "\"min\": 20,"
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

/* A hit of a search engine: the record is in `_source`, and members beside it are the engine's. */
static void test_read_hit(void **state)
{
	struct dz_strbuf hit, again;
	struct dz_record record;

	(void)state;
	sample_with_detail(&sample);
	dz_strbuf_init(&hit);
	dz_strbuf_init(&again);
	dz_strbuf_addf(&hit,
		       "{\"_index\":\"logs\",\"_id\":\"x\",\"_score\":1.0,\"_source\":%s,\"sort\":[1592301963446]}",
		       written());
	read_back(hit.data, &record);
	dz_json_writer_add(writer, &record, &again);
	assert_string_equal(again.data, written());
	dz_strbuf_clear(&hit);
	dz_strbuf_addf(&hit, "{\"x\":{\"_source\":%s}}", written()); /* deeper it is anybody's member */
	if (dz_json_reader_parse(reader, hit.data, hit.size, &record, &(struct dz_err){ "" }))
		fail_msg("taken: %s", hit.data);
	dz_strbuf_release(&hit);
	dz_strbuf_release(&again);
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
		{ "\"counts\":[0,1,1,", "\"counts\":{\"a\":[0,1,1]},\"x\":[0,",
		  "distribooze.lengths.counts is an object" },
		{ "\"counts\":[", "\"counts\":[3],\"x\":[", "distribooze.lengths.counts has 1 bins" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,,", "no JSON (no value, at byte" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1 0,", "no JSON (a comma is missing, at byte" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,01,", "no JSON (no number" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,+1,", "no JSON (no value" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1.5,", "distribooze.lengths.counts[2] is 1.5" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1e,", "no JSON (no number" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,.5,", "no JSON (no value" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1e-1,", "distribooze.lengths.counts[2] is 1e-1" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,--,", "no JSON (no number" },
		{ "\"counts\":[0,1,1,", "\"counts\":[0,1,1e99999,", "distribooze.lengths.counts[2] is 1e99999" },
		{ "\"counts\":[0,1,1,", "\"counts\":[],\"x\":[", "distribooze.lengths.counts is empty" },
		{ "\"counts\":[0,1,1,", "\"counts\":[[3]],\"x\":[", "distribooze.lengths.counts[0] is an array" },
		{ "\"min\":52,", "", "distribooze.lengths.min is missing" },
		{ "\"min\":52", "\"min\":1501", "distribooze.lengths.min is 1501, more than max, which is 1500" },
		{ "\"max\":1500", "\"max\":4294967296", "distribooze.lengths.max is 4294967296" },
		{ "\"sum\":1636,", "", "distribooze.lengths.sum is missing" },
		{ "\"flags\":{\"source\":[\"syn\"", "\"flags\":{\"source\":[\"sin\"",
		  "distribooze.tcp.flags.source[0]" },
		{ "\"flags\":{\"source\":[\"syn\"", "\"flags\":{\"source\":[2", "distribooze.tcp.flags.source[0]" },
		{ "\"risk\":[\"", "\"risk\":[5,\"", "distribooze.ndpi.risk[0] is not a string" },
		{ "\"guessed\":false", "\"guessed\":0", "distribooze.ndpi.guessed is a number" },
		{ "\"packets_inspected\":10", "\"packets_inspected\":256", "packets_inspected is 256" },
		{ "\"end_reason\":\"eof\"", "\"end_reason\":\"eof\",\"role\":\"both\"",
		  "distribooze.role is \"both\"" },
		{ "\"end_reason\":\"eof\"", "\"end_reason\":\"eof\",\"role\":\"initiator\"",
		  "destination.packets is above 0, but distribooze.role" },
		{ "\"end_reason\":\"eof\"", "\"end_reason\":\"eof\",\"tunnel\":\"\"", "distribooze.tunnel is \"\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		refuse(rows[i].from, rows[i].to, rows[i].word);
	dz_json_writer_free(writer);
	writer = dz_json_writer_new(DZ_VALUES_PERCENT, false);
	refuse("\"count\":2", "\"count\":3", "distribooze.lengths.count is 3, but source and destination have 4");
	refuse("33.33", "133.33", "distribooze.lengths.percent[1] is 133.33");
	refuse("33.33", "-33.33", "distribooze.lengths.percent[1] is -33.33");
	refuse("33.33", "33.33.3", "no JSON (a comma is missing");
	refuse("33.33", "3333e-2,1e2", "distribooze.lengths.percent adds up to 199.99");
	refuse("33.33", "true", "distribooze.lengths.percent[1] is true");
	refuse("33.33", "34.33", "distribooze.lengths.percent adds up to 100.99");
	refuse("\"percent\":[", "\"x\":[", "distribooze.lengths.counts is missing, and bins and percent too");
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
		TEST(test_round_trip),    TEST(test_read_values),  TEST(test_read_percent),
		TEST(test_read_foreign),  TEST(test_read_hit),     TEST(test_read_bins),
		TEST(test_refuse_fields), TEST(test_refuse_lines), TEST(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
