/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of comma-separated values, hostile ones too. That the values are the JSON lines' is checked in
 * tests/check/formats.py, with Python's csv module. */
#include "config.h"
#include "record/record_csv.h"

#include "sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct dz_csv_layout layout_of(const struct sample *sample)
{
	return (struct dz_csv_layout){ DZ_VALUES_COUNTS, sample->record.shape, false };
}

static void check(const struct dz_csv_layout *layout, const struct sample *sample, const char *header, const char *row)
{
	struct dz_strbuf out;

	dz_strbuf_init(&out);
	dz_csv_add_header(layout, &out);
	assert_string_equal(out.data, header);
	dz_strbuf_clear(&out);
	dz_csv_add_record(layout, &sample->record, &out);
	assert_int_equal(strlen(out.data), out.size);
	assert_string_equal(out.data, row);
	dz_strbuf_release(&out);
}

#define HEAD                                                                                                           \
	"label,ndpi_protocol,category,breed,confidence,guessed,encrypted,risk_score,input,id,community_id,start,end,"  \
	"duration_ns,end_reason,role,transport,source_ip,source_port,destination_ip,destination_port,icmp_type,vlan,"  \
	"inner_vlan,tunnel,domain,ja3,ja3s,ja4,packets,bytes"
#define TWO_WAY ",source_packets,source_bytes,destination_packets,destination_bytes"
#define LENGTHS ",layer,bin_width,lengths_count,lengths_min,lengths_max,lengths_sum,tunnel_id,lengths_oversized"

#define ROW_START                                                                                                      \
	"SSH,SSH,RemoteAccess,Acceptable,DPI,false,true,50,ssh.pcap,00112233445566778899aabbccddeeff,"                 \
	"1:5BaHwMWxsgmrLSuhZXykvcW2i+Y=,2020-06-16T10:05:40.322001Z,2020-06-16T10:06:03.446123Z,23124122000,eof,both," \
	"tcp,192.168.1.148,52822,37.187.120.118,27122,,,,,,,,,3,1636"

/* Three bins of 64: 52 in the first, 84 in the second, 1500 in the last; see sample.h for the packets. */
static void few_bins(struct sample *sample)
{
	struct dz_hist_shape shape = { DZ_LAYER_IP, 64, 3, false, false };

	sample_init(sample);
	memset(sample->bins, 0, sizeof sample->bins);
	for (unsigned side = 0; side < 2; side++)
		sample->record.side[side].packets = sample->record.side[side].bytes =
			sample->record.side[side].lengths.count = 0;
	sample->record.lengths.count = sample->record.lengths_sum = 0;
	sample->record.shape = shape;
	sample_add(sample, DZ_SOURCE, 52, 1);
	sample_add(sample, DZ_SOURCE, 84, 1);
	sample_add(sample, DZ_DESTINATION, 1500, 1);
}

static void test_whole(void **state)
{
	struct sample sample;
	struct dz_csv_layout layout;

	(void)state;
	few_bins(&sample);
	layout = layout_of(&sample);
	check(&layout, &sample,
	      HEAD TWO_WAY LENGTHS ",b0000,b0064,b0128,s_b0000,s_b0064,s_b0128,d_b0000,d_b0064,d_b0128\n",
	      ROW_START ",2,136,1,1500,ip,64,3,52,1500,1636,,0,1,1,1,1,1,0,0,0,1\n");
	layout.values = DZ_VALUES_PERCENT;
	check(&layout, &sample,
	      HEAD TWO_WAY LENGTHS ",p0000,p0064,p0128,s_p0000,s_p0064,s_p0128,d_p0000,d_p0064,d_p0128\n",
	      ROW_START ",2,136,1,1500,ip,64,3,52,1500,1636,,0,33.33,33.33,33.33,50,50,0,0,0,100\n");
	layout.values = DZ_VALUES_BOTH;
	layout.unidirectional = true;
	check(&layout, &sample, HEAD LENGTHS ",b0000,b0064,b0128,p0000,p0064,p0128\n",
	      ROW_START ",ip,64,3,52,1500,1636,,0,1,1,1,33.33,33.33,33.33\n");
}

static void test_absent(void **state)
{
	static const uint8_t a[4] = { 10, 0, 0, 1 }, b[4] = { 10, 0, 0, 2 };
	struct sample sample;
	struct dz_csv_layout layout;
	struct dz_strbuf out;

	(void)state;
	few_bins(&sample);
	layout = layout_of(&sample);
	sample.record.side[DZ_DESTINATION] = (struct dz_side){ .packets = 0 }; /* no vector: zeros */
	sample.record.lengths = (struct dz_counts){ 0, sample.bins[2] };
	memset(sample.bins, 0, sizeof sample.bins);
	sample.record.source_end = dz_flow_key_init(&sample.record.key, 4, 1, 0, a, 8, b, 0); /* echo */
	sample.record.vlan = 5;
	sample.record.tunnel = DZ_TUNNEL_GRE;
	sample.record.tunnel_id = 77;
	dz_strbuf_init(&out);
	dz_csv_add_record(&layout, &sample.record, &out);
	assert_non_null(strstr(out.data, ",icmp,10.0.0.1,,10.0.0.2,,8,5,,gre,,,,,2,136,2,136,0,0,ip,64,0,,,1636,77,0,"
					 "0,0,0,0,0,0,0,0,0\n"));
	dz_strbuf_release(&out);
}

/* The names of the other end, and what the handshake told, each in its column. */
static void test_detail(void **state)
{
	struct sample sample;
	struct dz_csv_layout layout;
	struct dz_strbuf out;

	(void)state;
	few_bins(&sample);
	sample_with_detail(&sample);
	layout = layout_of(&sample);
	dz_strbuf_init(&out);
	dz_csv_add_record(&layout, &sample.record, &out);
	assert_non_null(strstr(out.data,
			       ",example.org,a0e9f5d64349fb13191bc781f81f42e1,ec74a5c51106f0419184d0dd08fb05bc,"
			       "t13d1516h2_8daaf6152771_e5627efa2ab1,3,1636,"));
	dz_strbuf_release(&out);
}

static void check_label(const char *label, const char *field)
{
	struct sample sample;
	struct dz_csv_layout layout;
	struct dz_strbuf out;

	sample_init(&sample);
	layout = layout_of(&sample);
	sample.text.application = label;
	dz_strbuf_init(&out);
	dz_csv_add_record(&layout, &sample.record, &out);
	if (strncmp(out.data, field, strlen(field)) != 0 || strncmp(out.data + strlen(field), ",SSH,", 5) != 0)
		fail_msg("%s became %.60s, not %s", label, out.data, field);
	assert_ptr_equal(strchr(out.data, '\n'), out.data + out.size - 1); /* one line */
	dz_strbuf_release(&out);
}

#define FFFD "\xef\xbf\xbd"

static void test_hostile(void **state)
{
	(void)state;
	check_label("plain.example-1_x", "plain.example-1_x");
	check_label("", "");
	check_label("a,b", "\"a,b\"");
	check_label("a\"b", "\"a\"\"b\"");
	check_label("it's", "\"it's\"");
	check_label(" a", "\" a\"");
	check_label("a ", "\"a \"");
	check_label("a\nb\r\nc", "a" FFFD "b" FFFD FFFD "c");
	check_label("\x1b[31m\x7f\xc2\x9b", FFFD "[31m" FFFD FFFD);
	check_label("a\xff"
		    "b",
		    "a" FFFD "b");
	check_label("\xe2\x80\xae"
		    "exe",
		    FFFD "exe"); /* right-to-left override */
	check_label("bücher", "bücher");
	/* Formulas, as spreadsheets see them: text behind an apostrophe. */
	check_label("=1+1", "\"'=1+1\"");
	check_label("+1", "\"'+1\"");
	check_label("-1", "\"'-1\"");
	check_label("@SUM(A1)", "\"'@SUM(A1)\"");
	check_label("=cmd|' /C calc'!\"A\"", "\"'=cmd|' /C calc'!\"\"A\"\"\"");
	check_label("\t=1+1", FFFD "=1+1");
	check_label("a=1", "a=1");
}

static void test_bin_names(void **state)
{
	struct dz_csv_layout layout = { DZ_VALUES_COUNTS, { DZ_LAYER_IP, 32, 48, false, false }, true };
	struct dz_strbuf out;

	(void)state;
	dz_strbuf_init(&out);
	dz_csv_add_header(&layout, &out);
	assert_non_null(strstr(out.data, "lengths_sum,tunnel_id,lengths_oversized,b0000,b0032,b0064,"));
	assert_string_equal(out.data + out.size - 13, ",b1472,b1504\n"); /* 47 * 32 is 1504 */
	layout.shape = (struct dz_hist_shape){ .layer = DZ_LAYER_FRAME, .bin_width = 65536, .bins = 2048 };
	dz_strbuf_clear(&out);
	dz_csv_add_header(&layout, &out);
	assert_non_null(strstr(
		out.data,
		"lengths_sum,tunnel_id,lengths_oversized,b000000000,b000065536,")); /* 2047 * 65536 is 134152192 */
	assert_string_equal(out.data + out.size - 12, ",b134152192\n");
	layout.shape = (struct dz_hist_shape){ .layer = DZ_LAYER_FRAME, .bin_width = 10000, .bins = 2 };
	dz_strbuf_clear(&out);
	dz_csv_add_header(&layout, &out);
	assert_non_null(strstr(out.data, "lengths_sum,tunnel_id,lengths_oversized,b00000,b10000\n"));
	dz_strbuf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole), cmocka_unit_test(test_absent),
					    cmocka_unit_test(test_detail), cmocka_unit_test(test_hostile),
					    cmocka_unit_test(test_bin_names) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
