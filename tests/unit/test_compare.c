/* SPDX-License-Identifier: BSD-2-Clause */
/* test_compare.c - the comparison of groups that can be worked out by hand; its words. */
#include "config.h"
#include "render/render.h"

#include "flows.h"
#include "math/rng.h"
#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { PERMUTATIONS = 199 };
#define VISIT UINT64_C(600000000000) /* ten minutes: flows so far apart are sessions of their own */

static const char *input = "one.pcap"; /* of the flows that are added */

/* A flow of that label and host with its packets in bins 0 to 3, a session of its own. */
static void add_hosts_flow(struct dz_groups *groups, const char *label, uint8_t host, const uint64_t counts[4])
{
	static uint64_t clock;
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, counts, (uint64_t[4]){ 0 });
	sample.record.start_ns = clock += VISIT;
	sample.record.key.address[sample.record.source_end][3] = host;
	sample.record.lengths_min = 40;
	sample.record.lengths_max = 1500;
	assert_true(dz_groups_add(groups, &sample.record, input, &err));
}

static void add_flow(struct dz_groups *groups, const char *label, const uint64_t counts[4])
{
	add_hosts_flow(groups, label, 0, counts);
}

static void add(struct dz_groups *groups, const char *label, unsigned bin, unsigned flows)
{
	uint64_t counts[4] = { 0 };

	for (unsigned i = 0; i < flows; i++) {
		counts[bin] = i + 1; /* one ratio, many counts */
		add_flow(groups, label, counts);
	}
}

static struct dz_groups *new_groups(void)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);

	dz_groups_keep_flows(groups);
	return groups;
}

static struct dz_compare_options options_for(enum dz_metric metric, uint32_t permutations)
{
	return (struct dz_compare_options){ .metric = metric,
					    .contrast = { .permutations = permutations, .little = 0.6, .seed = 1 } };
}

static void test_disjoint(void **state)
{
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, PERMUTATIONS);
	struct dz_compare *compare;
	const struct dz_contrast *contrast;

	(void)state;
	add(groups, "a", 1, 8);
	add(groups, "b", 3, 6);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	assert_int_equal(compare->count, 2);
	assert_true(compare->distances[0] == 0 && compare->distances[1] == 1 && compare->distances[2] == 1);
	assert_true(compare->items[0].entropy == 0 && compare->items[0].dispersion == 0);
	assert_true(compare->items[0].quantiles[2] == 48);       /* the middle of 32..63 */
	assert_int_equal(compare->items[0].ranges[2].first, 40); /* no length was less */
	assert_int_equal(compare->items[0].ranges[2].last, 63);
	assert_int_equal(compare->items[1].ranges[2].last, 1500); /* the last bin has no end, but lengths have */
	assert_int_equal(compare->items[1].leading_count, 1);
	assert_int_equal(compare->items[1].leading[0].bin, 3);
	/* Of the 3003 splits of 14 sessions into 8 and 6 one is as far apart: of 199 drawn most likely none. */
	assert_int_equal(compare->pair_count, 1);
	contrast = &compare->contrasts[0];
	assert_int_equal(contrast->verdict, DZ_CONTRAST_DIFFER);
	assert_int_equal(contrast->sessions[0], 8);
	assert_int_equal(contrast->sessions[1], 6);
	assert_true(contrast->test.p <= 3.0 / 200 && contrast->told_apart == 1 && contrast->test.h == 1);
	assert_int_equal(contrast->k, 5);
	/* No less than chance's own spread stays of the interval, however clear the difference. */
	assert_true(contrast->told.known && contrast->told.low > 0.5 && contrast->told.low < 1 &&
		    contrast->told.high == 1);
	assert_false(contrast->h_known);
	assert_int_equal(contrast->where_count, 2); /* the one bin is half of the difference, not most of it */
	assert_int_equal(contrast->where[0].bin, 1);
	assert_true(contrast->where[0].shares[0] == 1 && contrast->where[0].shares[1] == 0);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

/* Adds flows to a and b by `fill`, and holds the verdict and a piece of its sentence against what is expected. */
static void expect_verdict(void (*fill)(struct dz_groups *), enum dz_contrast_verdict verdict, const char *expected)
{
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, PERMUTATIONS);
	struct dz_compare *compare;
	struct dz_strbuf words;

	options.contrast.alike = 0.75;
	fill(groups);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	dz_strbuf_init(&words);
	dz_contrast_sentence(compare, 0, &words);
	assert_int_equal(compare->contrasts[0].verdict, verdict);
	if (!strstr(words.data, expected))
		fail_msg("'%s' is not in '%s'", expected, words.data);
	dz_strbuf_release(&words);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

/* Of one law on both sides: nothing is told apart, and 20 sessions a side say so. */
static void fill_alike(struct dz_groups *groups)
{
	struct dz_rng rng;

	dz_rng_init(&rng, 1);
	for (unsigned i = 0; i < 40; i++) {
		uint64_t some = dz_rng_below(&rng, 21);
		const uint64_t counts[4] = { 1, some, 20 - some, 2 };
		add_flow(groups, i % 2 ? "a" : "b", counts);
	}
}

/* The very same flows on both sides, which are nearest to each other: told apart less often than by chance is not
 * called alike. */
static void fill_copies(struct dz_groups *groups)
{
	for (unsigned i = 0; i < 20; i++) {
		const uint64_t counts[4] = { 1, i, 20 - i, 2 };
		add_flow(groups, "a", counts);
		add_flow(groups, "b", counts);
	}
}

/* Three sessions of each: 20 splits, each with its mirror image. */
static void fill_few(struct dz_groups *groups)
{
	add(groups, "a", 1, 3);
	add(groups, "b", 3, 3);
}

static void fill_one(struct dz_groups *groups)
{
	add(groups, "a", 1, 30);
	add(groups, "b", 3, 1);
}

/* Flows half small and half large against flows all small or all large: the means are the same, the flows are not. */
static void fill_spread(struct dz_groups *groups)
{
	for (unsigned i = 0; i < 40; i++) {
		add_flow(groups, "a", (uint64_t[]){ 0, 10, 0, 10 });
		add_flow(groups, "b", i % 2 ? (uint64_t[]){ 0, 20, 0, 0 } : (uint64_t[]){ 0, 0, 0, 20 });
	}
}

static void fill_empty(struct dz_groups *groups)
{
	add(groups, "a", 1, 10);
	add_flow(groups, "b", (uint64_t[]){ 0, 0, 0, 0 });
}

/* One flow in eight of b is of another kind. */
static void fill_little(struct dz_groups *groups)
{
	for (unsigned i = 0; i < 200; i++) {
		add_flow(groups, "a", (uint64_t[]){ 0, 10, 0, 0 });
		add_flow(groups, "b", i % 8 ? (uint64_t[]){ 0, 10, 0, 0 } : (uint64_t[]){ 0, 0, 0, 10 });
	}
}

static void test_verdicts(void **state)
{
	(void)state;
	expect_verdict(fill_alike, DZ_CONTRAST_ALIKE, "Alike within 75 % (p = ");
	expect_verdict(fill_copies, DZ_CONTRAST_NONE,
		       "told apart 25 %, less than by chance (50 %), as where flows or hosts are on both sides.");
	expect_verdict(fill_few, DZ_CONTRAST_FEW_SESSIONS, "Too few sessions to say (3 and 3): even the clearest");
	expect_verdict(fill_one, DZ_CONTRAST_FEW_SESSIONS, "Too few sessions to say (30 and 1).");
	expect_verdict(
		fill_spread, DZ_CONTRAST_DIFFER,
		"told apart 99 % [91–100], chance 50 %; the means are no farther apart than by chance"); /* 0.025^(1/40);
						     of b now and then none of its kind is drawn */
	expect_verdict(fill_empty, DZ_CONTRAST_EMPTY, "no flow with a distribution");
	expect_verdict(fill_little, DZ_CONTRAST_LITTLE,
		       "They differ, but by little if hosts keep no habits of their own (p = 0.005): told apart 5");
}

/* Six groups are 15 pairs, for which Holm needs 15 * 20 - 1 splits. */
static void test_many_pairs(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, 298);
	struct dz_compare *compare;
	struct dz_strbuf why;

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		add(groups, names[i], i % 4, 8);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	assert_null(compare->contrasts);
	assert_int_equal(compare->possible, 15);
	dz_strbuf_init(&why);
	assert_true(dz_contrast_no_test(compare, &why));
	assert_non_null(strstr(why.data, "too few permutations for 15 pairs: use --permutations 2999, or"));
	dz_strbuf_release(&why);
	dz_compare_free(compare);
	options.contrast.permutations = 299;
	compare = dz_compare_new(groups, &options);
	for (size_t a = 0; a < 6; a++)
		for (size_t b = 0; b < a; b++)
			assert_int_equal(compare->contrasts[dz_compare_pair(a, b)].verdict,
					 a % 4 == b % 4 ? DZ_CONTRAST_NONE : DZ_CONTRAST_DIFFER);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

/* Hosts with habits: each has visits of one kind, and neither group has a kind of its own. Sixty visits seem to differ;
 * where there are hosts enough to be taken as sessions, they are, and where not, that is said. */
static void fill_habits(struct dz_groups *groups, const char *kinds_of_a, const char *kinds_of_b)
{
	for (unsigned visit = 0; visit < 12; visit++) {
		for (uint8_t host = 0; kinds_of_a[host]; host++) {
			uint64_t counts[4] = { 0 };
			counts[kinds_of_a[host] - '0'] = 10;
			add_hosts_flow(groups, "a", host, counts);
		}
		for (uint8_t host = 0; kinds_of_b[host]; host++) {
			uint64_t counts[4] = { 0 };
			counts[kinds_of_b[host] - '0'] = 10;
			add_hosts_flow(groups, "b", 100 + host, counts);
		}
	}
}

static void fill_many_hosts(struct dz_groups *groups)
{
	fill_habits(groups, "001223", "011233");
}

/* Six hosts each, the later ones of a being the first of b. Each has a habit, and packets in the last bin where it is
 * in b. */
static void fill_shared_hosts(struct dz_groups *groups, uint8_t shared)
{
	for (unsigned visit = 0; visit < 12; visit++) {
		for (uint8_t host = 0; host < 12 - shared; host++) {
			uint64_t counts[4] = { host + 1, 15 - host, 0, 0 };
			if (host < 6)
				add_hosts_flow(groups, "a", host, counts);
			counts[3] = 3;
			if (host >= 6 - shared)
				add_hosts_flow(groups, "b", host, counts);
		}
	}
}

static void fill_same_hosts(struct dz_groups *groups)
{
	fill_shared_hosts(groups, 6);
}

static void fill_one_host_of_both(struct dz_groups *groups)
{
	fill_shared_hosts(groups, 1);
}

static void fill_few_hosts(struct dz_groups *groups)
{
	fill_habits(groups, "01", "12");
}

/* Six hosts a side, of which no split is as clear as the one seen: by visits or by hosts, p is the least that 199
 * splits yield. The answer is by hosts: a host's visits resemble each other, and its interval is no narrower than of
 * six that are alike (1 - 0.025^(1/6) = 0.459). */
static void fill_clear_hosts(struct dz_groups *groups)
{
	fill_habits(groups, "000000", "333333");
}

/* The same, and a flow of another input: its flows may have something of their own. */
static void fill_two_captures(struct dz_groups *groups)
{
	fill_clear_hosts(groups);
	input = "other.pcap";
	add_hosts_flow(groups, "b", 20, (uint64_t[]){ 0, 0, 0, 20 });
	input = "one.pcap";
}

/* Adds flows to a and b by `fill`, and looks for two pieces in what stands behind the verdict. Returns the contrast. */
static struct dz_contrast expect_details(void (*fill)(struct dz_groups *), const char *one, const char *two)
{
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, PERMUTATIONS);
	struct dz_compare *compare;
	static const struct dz_yardstick empty = { .inputs = 3 };
	struct dz_contrast contrast;
	struct dz_strbuf words;

	options.yardstick = &empty;
	options.yardstick_name = "empty";
	fill(groups);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	contrast = compare->contrasts[0];
	dz_strbuf_init(&words);
	dz_contrast_details(compare, 0, &words);
	if (!strstr(words.data, one) || !strstr(words.data, two))
		fail_msg("neither %s nor %s in %s", one, two, words.data);
	dz_strbuf_release(&words);
	dz_compare_free(compare);
	dz_groups_free(groups);
	return contrast;
}

static void test_hosts(void **state)
{
	struct dz_contrast contrast;

	(void)state;
	expect_verdict(fill_many_hosts, DZ_CONTRAST_NONE, "No difference shown");
	expect_verdict(fill_few_hosts, DZ_CONTRAST_DIFFER,
		       "They differ if hosts keep no habits of their own (p = 0.005)");
	contrast = expect_details(fill_few_hosts, "24 flows of 24 sessions of 2 hosts, and 24 of 24 of 2;",
				  "hosts are too few to be taken as sessions: should a host keep habits");
	assert_int_equal(contrast.hosts[0], 2);
	contrast = expect_details(fill_clear_hosts, "72 flows of 6 sessions of 6 hosts, and 72 of 6 of 6;",
				  "a session is all flows of one host");
	assert_int_equal(contrast.level, DZ_SESSION_HOSTS);
	assert_true(contrast.told.known && contrast.told.low < 0.55);
	/* The yardstick's sessions are visits. */
	assert_int_equal(contrast.level_by, DZ_SESSION_GAPS - 1);
	assert_true(contrast.k == 5 && contrast.most_by == DZ_CONTRAST_K_MAX && contrast.told_by[9] == 1);
	assert_int_equal(contrast.hosts_both, 0);
	assert_int_equal(contrast.inputs, 1);
	expect_verdict(fill_clear_hosts, DZ_CONTRAST_DIFFER, "They differ (p = 0.005)");
	contrast = expect_details(fill_two_captures, "of 2 inputs: should the flows of one resemble each other",
				  "a session is all flows of one host");
	assert_int_equal(contrast.inputs, 2);
	expect_verdict(fill_two_captures, DZ_CONTRAST_DIFFER,
		       "They differ if inputs have no habits of their own (p = 0.005)");
	/* Hosts that are on both sides change sides with themselves: a packet more in each of their flows is found, by
	 * 2 of 64 such changes. Dealt anew among all, hardly any split of the 12 halves is as little apart. */
	contrast = expect_details(fill_same_hosts, "72 flows of 72 sessions of 6 hosts, and 72 of 72 of 6;",
				  "times that hosts of both, 6, changed sides at random, with all they did, in ");
	assert_int_equal(contrast.hosts_both, 6);
	assert_int_equal(contrast.swapped, 6);
	assert_int_equal(contrast.verdict, DZ_CONTRAST_DIFFER);
	assert_true(contrast.adjusted > 0.01 && contrast.adjusted <= 0.05);
	contrast = expect_details(fill_one_host_of_both, "72 flows of 6 sessions of 6 hosts, and 72 of 6 of 6;",
				  "1 host began flows of both, and is nearest to itself there");
	assert_int_equal(contrast.hosts_both, 1);
}

/* Four hosts of each of five labels that have nothing in common: a split of four and four has p = 2/70 at least, and
 * ten pairs share the 0.05, so hosts cannot be sessions here; 12 visits of each are. */
static void test_hosts_among_many(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, 1999);
	struct dz_compare *compare;
	struct dz_strbuf words;

	(void)state;
	for (unsigned visit = 0; visit < 12; visit++)
		for (unsigned label = 0; label < 5; label++)
			for (uint8_t host = 0; host < 4; host++) {
				uint64_t counts[4] = { 0 };
				counts[label % 4] = 10;
				counts[0] += label == 4 ? 10 : 0;
				counts[1] += label == 4 ? 10 : 0;
				add_hosts_flow(groups, names[label], host, counts);
			}
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	assert_int_equal(compare->possible, 10);
	for (size_t i = 0; i < compare->pair_count; i++) {
		assert_int_equal(compare->contrasts[i].verdict, DZ_CONTRAST_DIFFER);
		assert_int_equal(compare->contrasts[i].levels, DZ_SESSION_GAPS);
		assert_int_equal(compare->contrasts[i].sessions[0], 48);
	}
	dz_strbuf_init(&words);
	dz_compare_text(compare, true, &words);
	assert_non_null(strstr(words.data, "10 of 10 pairs tested have too few hosts to take them as sessions"));
	assert_null(strstr(words.data, "too few sessions at 10 s"));
	dz_strbuf_release(&words);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

static void fill_four_same_hosts(struct dz_groups *groups)
{
	for (unsigned visit = 0; visit < 12; visit++) {
		for (uint8_t host = 0; host < 4; host++) {
			add_hosts_flow(groups, "a", host, (const uint64_t[]){ 10, 0, 0, 0 });
			add_hosts_flow(groups, "b", host, (const uint64_t[]){ 0, 0, 0, 10 });
		}
	}
}

/* Taken as sessions, four hosts on both sides have 2 of 16 changes of places, and not 2 of 70 splits: too few. */
static void test_same_hosts_as_sessions(void **state)
{
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, PERMUTATIONS);
	struct dz_compare *compare;

	(void)state;
	options.contrast.rule.kind = DZ_SESSIONS_HOST;
	fill_four_same_hosts(groups);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	assert_int_equal(compare->contrasts[0].verdict, DZ_CONTRAST_FEW_SESSIONS);
	assert_true(fabs(compare->contrasts[0].least_p - 2.0 / 16) < 1e-12);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

/* Of hosts that are compared, habits are what is asked about: nothing is said against p. */
static void test_hosts_as_groups(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_HOST, DZ_DIRECTION_TOTAL);
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, PERMUTATIONS);
	struct dz_compare *compare;
	struct dz_strbuf words;

	(void)state;
	dz_groups_keep_flows(groups);
	fill_habits(groups, "0", "3");
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	assert_int_equal(compare->contrasts[0].verdict, DZ_CONTRAST_DIFFER);
	dz_strbuf_init(&words);
	dz_contrast_details(compare, 0, &words);
	assert_non_null(strstr(words.data, "12 flows of 12 sessions of 1 host, and 12 of 12 of 1;"));
	assert_null(strstr(words.data, "habits"));
	dz_strbuf_release(&words);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

/* Flows of few packets are told apart from longer ones of the same kind: the numbers stand beside it, and a warning. */
static void fill_short_and_long(struct dz_groups *groups)
{
	for (unsigned i = 0; i < 20; i++) {
		add_flow(groups, "a", (uint64_t[]){ i % 2, 1 - i % 2, 2, 0 });
		add_flow(groups, "b", (uint64_t[]){ 10, 10, 40, 0 });
	}
}

static void test_packets_in_flows(void **state)
{
	struct dz_contrast contrast;

	(void)state;
	contrast = expect_details(fill_short_and_long, "packets in a flow, the median: 3 and 60\n",
				  "flows of fewer packets look less alike by chance");
	assert_true(contrast.lengths[0] == 3 && contrast.lengths[1] == 60);
	assert_true(dz_contrast_of_unlike_lengths(&contrast));
	contrast = (struct dz_contrast){ .lengths = { 20, 21 } };
	assert_false(dz_contrast_of_unlike_lengths(&contrast));
	contrast = (struct dz_contrast){ .lengths = { 29, 20 } };
	assert_true(dz_contrast_of_unlike_lengths(&contrast));
	contrast = (struct dz_contrast){ .lengths = { 2000, 9000 } };
	assert_false(dz_contrast_of_unlike_lengths(&contrast));
}

/* All and none are told of all and none only. */
static void test_percent(void **state)
{
	(void)state;
	assert_int_equal(dz_contrast_percent(1), 100);
	assert_int_equal(dz_contrast_percent(0.9978), 99);
	assert_int_equal(dz_contrast_percent(0.984), 98);
	assert_int_equal(dz_contrast_percent(0.5), 50);
	assert_int_equal(dz_contrast_percent(0.001), 1);
	assert_int_equal(dz_contrast_percent(0), 0);
}

/* By hand: of {1/100, 1/100, 0.018, 0.02, 0.02} all five are at most 0.05 / 2 and more than two, and two at most 0.05
 * / 3. */
static void test_sharing(void **state)
{
	static const double mixed[] = { 0.02, 0.01, 0.018, 0.01, 0.02 }, none[] = { 0.06, 1, 1 },
			    all[] = { 1e-9, 1e-9, 1e-9 }, one[] = { 0.04, 0.04, 0.001 };
	size_t able;

	(void)state;
	assert_int_equal(dz_contrast_sharing(mixed, 5, &able), 3);
	assert_int_equal(able, 2);
	assert_int_equal(dz_contrast_sharing(none, 3, &able), 1);
	assert_int_equal(able, 0);
	assert_int_equal(dz_contrast_sharing(all, 3, &able), 3);
	assert_int_equal(able, 3);
	assert_int_equal(dz_contrast_sharing(one, 3, &able), 2);
	assert_int_equal(able, 1);
	assert_int_equal(dz_contrast_sharing(NULL, 0, &able), 1);
	assert_int_equal(able, 0);
}

static void expect_settled(const double *p, const double *least_p, const double *expected, size_t count)
{
	const struct dz_contrast_options options = { .little = 0.6 };
	struct dz_contrast contrasts[8] = { { 0 } };

	for (size_t i = 0; i < count; i++)
		contrasts[i] =
			(struct dz_contrast){ .verdict = DZ_CONTRAST_NONE, .test.p = p[i], .least_p = least_p[i] };
	dz_contrast_settle(&options, contrasts, count);
	for (size_t i = 0; i < count; i++) {
		if (expected[i] < 0)
			assert_int_equal(contrasts[i].verdict, DZ_CONTRAST_FEW_SESSIONS);
		else
			assert_true(fabs(contrasts[i].adjusted - expected[i]) < 1e-12);
		assert_true((contrasts[i].verdict == DZ_CONTRAST_DIFFER) == (expected[i] >= 0 && expected[i] <= 0.05));
	}
}

/* Where all are able to differ it is Holm's: the least of four times 4, the next times 3, never less than the one
 * before. In the third, two share (with one for itself 0.03 would be enough, and then all four are able): the first is
 * found, and of the three others none can be. In the fourth, the one that is left has the 0.05 for itself. In the last,
 * what is able does not differ, and hinders the other. -1: too few. */
static void test_settling(void **state)
{
	static const double sure[] = { 1e-9, 1e-9, 1e-9, 1e-9 };

	(void)state;
	expect_settled((double[]){ 0.04, 0.01, 0.03, 0.012 }, sure, (double[]){ 0.06, 0.04, 0.06, 0.04 }, 4);
	expect_settled((double[]){ 0.9, 0.4, 0.3, 0.02 }, sure, (double[]){ 0.9, 0.9, 0.9, 0.08 }, 4);
	expect_settled((double[]){ 0.001, 0.03, 0.03, 0.03 }, (double[]){ 1e-9, 0.03, 0.03, 0.03 },
		       (double[]){ 0.002, -1, -1, -1 }, 4);
	expect_settled((double[]){ 0.001, 0.03 }, (double[]){ 1e-9, 0.03 }, (double[]){ 0.002, 0.03 }, 2);
	expect_settled((double[]){ 0.2, 0.03 }, (double[]){ 1e-9, 0.03 }, (double[]){ 0.4, -1 }, 2);
}

/* Four sessions of each of four labels that have nothing in common: of two of them alone the p of 2/70 would be enough,
 * among many pairs it cannot be, and that is not called no difference. Pairs with many sessions are not held back by
 * them. */
static void test_few_among_many(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_HELLINGER, PERMUTATIONS);
	struct dz_compare *compare;
	struct dz_strbuf words;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		add(groups, names[i], i, 4);
	add(groups, "many", 0, 30);
	add(groups, "more", 3, 30);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	assert_non_null(compare->contrasts);
	dz_strbuf_init(&words);
	dz_contrast_sentence(compare, dz_compare_pair(2, 3), &words); /* "a" and "b", behind the large ones */
	assert_int_equal(compare->contrasts[dz_compare_pair(2, 3)].verdict, DZ_CONTRAST_FEW_SESSIONS);
	assert_non_null(strstr(words.data,
			       "Too few sessions to say (4 and 4): even the clearest difference would have p = 0.029, "
			       "times 2 pairs."));
	/* When the nine others have been found to differ, two of the six left are already too many for 0.029. Nine have
	 * one label of 30 sessions: of 34 sessions 4 can be chosen in 46,376 ways. */
	assert_int_equal(compare->possible, 9);
	assert_int_equal(compare->contrasts[dz_compare_pair(0, 1)].verdict, DZ_CONTRAST_DIFFER);
	dz_strbuf_release(&words);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

static void test_pooled_and_top(void **state)
{
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_TOTAL_VARIATION, 0);
	struct dz_compare *compare;

	(void)state;
	add(groups, "big", 0, 2); /* 1 + 2 packets */
	add(groups, "big", 3, 1); /* 1 packet */
	add(groups, "small", 0, 1);
	dz_groups_finish(groups);
	options.pooled = true;
	compare = dz_compare_new(groups, &options);
	assert_true(compare->items[0].vector[0] == 0.75 && compare->distances[1] == 0.25);
	dz_compare_free(compare);
	options.pooled = false;
	compare = dz_compare_new(groups, &options);
	assert_true(fabs(compare->distances[1] - 1.0 / 3) < 1e-15);
	dz_compare_free(compare);
	options.top = 1;
	compare = dz_compare_new(groups, &options);
	assert_int_equal(compare->count, 1);
	assert_int_equal(compare->left_out, 1);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

/* Names of any bytes, in every format: JSON stays JSON, CSV keeps its rows, the terminal gets no commands. */
static void test_writers(void **state)
{
	struct dz_groups *groups = new_groups();
	struct dz_compare_options options = options_for(DZ_METRIC_EUCLIDEAN, 99);
	struct dz_compare *compare;
	struct json_object *object, *array;
	struct dz_strbuf out;
	unsigned rows = 0;

	(void)state;
	add(groups, "evil\033[2J\",\xff", 0, 8);
	add(groups, "b", 1, 7);
	dz_groups_finish(groups);
	compare = dz_compare_new(groups, &options);
	dz_strbuf_init(&out);
	dz_compare_json(compare, &out);
	object = json_tokener_parse(out.data);
	assert_non_null(object);
	assert_true(json_object_object_get_ex(object, "distances", &array));
	assert_int_equal(json_object_array_length(array), 2);
	json_object_put(object);
	assert_null(strchr(out.data, '\033'));
	dz_strbuf_clear(&out);
	dz_compare_text(compare, true, &out);
	assert_null(strchr(out.data, '\033'));
	for (const char *c = out.data; *c; c++)
		assert_true((unsigned char)*c < 0x80 ||
			    strstr(out.data, "\xef\xbf\xbd")); /* only U+FFFD is not ASCII */
	dz_strbuf_clear(&out);
	dz_compare_csv(compare, &out);
	for (const char *c = out.data; *c; c++)
		rows += *c == '\n';
	assert_int_equal(rows, 3);
	dz_strbuf_release(&out);
	dz_compare_free(compare);
	dz_groups_free(groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disjoint),         cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_many_pairs),       cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_hosts_among_many), cmocka_unit_test(test_same_hosts_as_sessions),
		cmocka_unit_test(test_hosts_as_groups),  cmocka_unit_test(test_packets_in_flows),
		cmocka_unit_test(test_percent),          cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_settling),         cmocka_unit_test(test_few_among_many),
		cmocka_unit_test(test_pooled_and_top),   cmocka_unit_test(test_writers)
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
