/* SPDX-License-Identifier: BSD-2-Clause */
/* contrast_text.c - what a contrast of two groups says, in words. Every sentence has the number behind it, and what
 * chance would give. */
#include "config.h"
#include "render/render.h"

#include "render/chart.h"
#include <inttypes.h>
#include <math.h>

/* Up to a GAP of 10 s: a page that is loaded. */
enum { WANTED_LEVELS = 3 };

enum { MAX_NAME = 40 }; /* columns */

/* Means that chance puts so far apart so often say nothing. */
#define MEANS_AGREE 0.5

/* The number of packets (or TLS records) in a flow can make a difference by itself: so much more on one side, of flows
 * that have fewer than that. */
#define MUCH_LONGER 1.1
#define FEW_LENGTHS 1000

/* What sums may be wrong by. */
#define NEARLY 1e-9

/* Shares that are closer have a decimal. */
#define WHOLE_PERCENT 0.015

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* The two groups of a pair, in the order of a contrast. */
static void pair_of(const struct dz_compare *compare, size_t pair, const struct dz_compare_group *both[2])
{
	size_t second = 1;

	while (dz_compare_pair(second + 1, 0) <= pair)
		second++;
	both[0] = &compare->items[pair - dz_compare_pair(second, 0)];
	both[1] = &compare->items[second];
}

static void add_p(double p, struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "p = %.2g", p);
}

int dz_contrast_percent(double share)
{
	int percent = (int)lround(share * 100);

	return share < 1 - NEARLY && percent == 100 ? 99 : share > NEARLY && percent == 0 ? 1 : percent;
}

bool dz_contrast_of_unlike_lengths(const struct dz_contrast *contrast)
{
	double shorter = fmin(contrast->lengths[0], contrast->lengths[1]),
	       longer = fmax(contrast->lengths[0], contrast->lengths[1]);

	return shorter < FEW_LENGTHS && longer > MUCH_LONGER * shorter;
}

static void add_told_apart(const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	dz_strbuf_addf(out, "told apart %d %%", dz_contrast_percent(contrast->told_apart));
	if (contrast->told.known)
		dz_strbuf_addf(out, " [%d–%d]", dz_contrast_percent(contrast->told.low),
			       dz_contrast_percent(contrast->told.high));
	dz_strbuf_adds(out, ", chance 50 %");
}

static void add_share(double share, bool decimal, struct dz_strbuf *out)
{
	if (share > 0 && share < 0.005 && !decimal)
		dz_strbuf_adds(out, "<1 %");
	else
		dz_strbuf_addf(out, "%.*f %%", decimal, share * 100);
}

static void add_name(const struct dz_compare_group *item, struct dz_strbuf *out)
{
	dz_chart_name(out, item->group->name, dz_chart_name_columns(item->group->name, MAX_NAME));
}

/* "source 32-63: 71 % against 34 % (55 % of what the means differ by; SSH against DNS)" */
static void add_where(const struct dz_compare *compare, const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	const struct dz_compare_group *both[2];
	char bin[DZ_CHART_RANGE];

	if (contrast->p_means >= MEANS_AGREE) {
		dz_strbuf_addf(out,
			       "the means are no farther apart than by chance (p = %.2g), so it would be the spread",
			       contrast->p_means);
		return;
	}
	if (contrast->p_means > DZ_CONTRAST_LEVEL) {
		dz_strbuf_addf(out, "the means alone do not show it (p = %.2g), nor which bins", contrast->p_means);
		return;
	}
	for (uint32_t i = 0; i < contrast->where_count; i++) {
		const double *shares = contrast->where[i].shares;
		bool close = fabs(shares[0] - shares[1]) < WHOLE_PERCENT;
		dz_chart_bin(contrast->where[i].bin, &compare->axis, bin);
		dz_strbuf_addf(out, "%s%s: ", i ? ", " : "", bin);
		add_share(shares[0], close, out);
		dz_strbuf_adds(out, " against ");
		add_share(shares[1], close, out);
	}
	dz_strbuf_addf(out, " (%.0f %% of what the means differ by; ", contrast->where_share * 100);
	pair_of(compare, (size_t)(contrast - compare->contrasts), both);
	add_name(both[0], out);
	dz_strbuf_adds(out, " against ");
	add_name(both[1], out);
	dz_strbuf_addc(out, ')');
}

bool dz_contrast_may_be_habits(const struct dz_compare *compare, const struct dz_contrast *contrast)
{
	const struct dz_contrast_options *options = &compare->options.contrast;

	return options->rule.kind <= DZ_SESSIONS_TIME && !dz_contrast_is_by_hosts(options, contrast) &&
	       !dz_grouping_has(dz_groups_grouping(compare->groups), DZ_BY_HOST);
}

bool dz_contrast_is_of_short_gaps(const struct dz_compare *compare, const struct dz_contrast *contrast)
{
	return compare->options.contrast.rule.kind == DZ_SESSIONS_GAPS && contrast->levels < WANTED_LEVELS;
}

static double gap_seconds(const struct dz_compare *compare, unsigned level)
{
	return (double)dz_session_gap(&compare->options.contrast.rule, level) / 1e9;
}

bool dz_contrast_may_be_captures(const struct dz_compare *compare, const struct dz_contrast *contrast)
{
	return contrast->inputs > 1 && compare->options.contrast.rule.kind <= DZ_SESSIONS_HOST &&
	       !dz_grouping_has(dz_groups_grouping(compare->groups), DZ_BY_INPUT);
}

bool dz_contrast_is_conditional(const struct dz_compare *compare, const struct dz_contrast *contrast)
{
	return (contrast->verdict == DZ_CONTRAST_DIFFER || contrast->verdict == DZ_CONTRAST_LITTLE) &&
	       (dz_contrast_is_of_short_gaps(compare, contrast) || dz_contrast_may_be_habits(compare, contrast) ||
		dz_contrast_may_be_captures(compare, contrast));
}

const char *dz_contrast_code(const struct dz_compare *compare, const struct dz_contrast *contrast)
{
	bool conditional = dz_contrast_is_conditional(compare, contrast);

	switch (contrast->verdict) {
	case DZ_CONTRAST_EMPTY:
		return "empty";
	case DZ_CONTRAST_FEW_SESSIONS:
		return "few-sessions";
	case DZ_CONTRAST_NO_SESSIONS:
		return "no-test";
	case DZ_CONTRAST_DIFFER:
		return conditional ? "differ-if" : "differ";
	case DZ_CONTRAST_LITTLE:
		return conditional ? "differ-little-if" : "differ-little";
	case DZ_CONTRAST_NONE:
		return "no-difference-shown";
	case DZ_CONTRAST_ALIKE:
		return "alike";
	}
	return "";
}

static void add_conditions(const struct dz_compare *compare, const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	bool habits = dz_contrast_may_be_habits(compare, contrast),
	     captures = dz_contrast_may_be_captures(compare, contrast);
	const char *but = " if";

	if (dz_contrast_is_of_short_gaps(compare, contrast)) {
		dz_strbuf_addf(out, "%s flows that a host begins over %.0f s apart are independent", but,
			       gap_seconds(compare, contrast->levels - 1));
		but = " and";
	}
	if (habits && captures)
		dz_strbuf_addf(out, "%s neither hosts nor inputs have habits of their own", but);
	else if (habits)
		dz_strbuf_addf(out, "%s hosts keep no habits of their own", but);
	else if (captures)
		dz_strbuf_addf(out, "%s inputs have no habits of their own", but);
}

static void add_differ(const struct dz_compare *compare, const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	dz_strbuf_adds(out, contrast->verdict == DZ_CONTRAST_LITTLE ? "They differ, but by little" : "They differ");
	add_conditions(compare, contrast, out);
	dz_strbuf_adds(out, " (");
	add_p(contrast->adjusted, out);
	dz_strbuf_adds(out, "): ");
	add_told_apart(contrast, out);
	dz_strbuf_adds(out, "; ");
	add_where(compare, contrast, out);
	if (contrast->p_means > DZ_CONTRAST_LEVEL && dz_contrast_of_unlike_lengths(contrast))
		dz_strbuf_addf(out, ", as flows of %.4g and %.4g %s of one law do", contrast->lengths[0],
			       contrast->lengths[1], dz_layer_unit(compare->shape.layer));
	dz_strbuf_addc(out, '.');
}

static void add_no_difference(const struct dz_compare *compare, const struct dz_contrast *contrast,
			      struct dz_strbuf *out)
{
	if (contrast->verdict == DZ_CONTRAST_ALIKE)
		dz_strbuf_addf(out, "Alike within %.0f %% (", compare->options.contrast.alike * 100);
	else
		dz_strbuf_adds(out, "No difference shown (");
	add_p(contrast->adjusted, out);
	if (contrast->adjusted > contrast->test.p && contrast->test.p <= DZ_CONTRAST_LEVEL)
		dz_strbuf_addf(out, "; %.2g before Holm's correction", contrast->test.p);
	dz_strbuf_adds(out, "): ");
	if (contrast->told.known && contrast->told.high < 0.5)
		dz_strbuf_addf(
			out, "told apart %d %%, less than by chance (50 %%), as where flows or hosts are on both sides",
			dz_contrast_percent(contrast->told_apart));
	else if (contrast->told.known)
		dz_strbuf_addf(out, "told apart at most %d %%, chance 50 %%", dz_contrast_percent(contrast->told.high));
	else
		dz_strbuf_addf(out, "told apart %d %%, chance 50 %%; too few sessions to say how much could hide",
			       dz_contrast_percent(contrast->told_apart));
	dz_strbuf_addc(out, '.');
}

static void add_no_sessions(const struct dz_compare *compare, const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "No test (libraries keep no sessions): ");
	if (contrast->k)
		add_told_apart(contrast, out);
	else
		dz_strbuf_adds(out, contrast->flows[0] ? "too few flows to tell how often they are told apart"
						       : "without cells only the means can be compared");
	dz_strbuf_adds(out, "; ");
	if (contrast->where_count)
		add_where(compare, contrast, out);
	else
		dz_strbuf_adds(out, "the means are the same");
	dz_strbuf_addc(out, '.');
}

void dz_contrast_sentence(const struct dz_compare *compare, size_t pair, struct dz_strbuf *out)
{
	const struct dz_contrast *contrast = &compare->contrasts[pair];

	switch (contrast->verdict) {
	case DZ_CONTRAST_EMPTY:
		dz_strbuf_adds(out, "Nothing can be said: one of the two has no flow with a distribution.");
		break;
	case DZ_CONTRAST_FEW_SESSIONS:
		dz_strbuf_addf(out, "Too few sessions to say (%" PRIu32 " and %" PRIu32 ")", contrast->sessions[0],
			       contrast->sessions[1]);
		if (contrast->sessions[0] > 1 && contrast->sessions[1] > 1)
			dz_strbuf_addf(out, ": even the clearest difference would have p = %.2g", contrast->least_p);
		if (contrast->sharing)
			dz_strbuf_addf(out, ", times %" PRIu32 " pairs", contrast->sharing);
		dz_strbuf_addc(out, '.');
		break;
	case DZ_CONTRAST_NO_SESSIONS:
		add_no_sessions(compare, contrast, out);
		break;
	case DZ_CONTRAST_DIFFER:
	case DZ_CONTRAST_LITTLE:
		add_differ(compare, contrast, out);
		break;
	case DZ_CONTRAST_NONE:
	case DZ_CONTRAST_ALIKE:
		add_no_difference(compare, contrast, out);
		break;
	}
}

/* ---- what is behind it ---- */

/* Of two groups of one law, that of the shorter flows is farther from itself: a few lengths are a rough picture of it.
 */
static void add_lengths(const struct dz_compare *compare, const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	const char *what = dz_layer_unit(compare->shape.layer);

	dz_strbuf_addf(out, "              %s in a flow, the median: %.4g and %.4g\n", what, contrast->lengths[0],
		       contrast->lengths[1]);
	if (dz_contrast_of_unlike_lengths(contrast))
		dz_strbuf_addf(out,
			       "              flows of fewer %s look less alike by chance, and that alone can tell "
			       "the two apart\n",
			       what);
}

static void add_counts(const struct dz_compare *compare, size_t pair, struct dz_strbuf *out)
{
	const struct dz_contrast *contrast = &compare->contrasts[pair];
	const struct dz_compare_group *both[2];

	pair_of(compare, pair, both);
	dz_strbuf_addf(out,
		       "  counted     %" PRIu32 " flow%s of %" PRIu32 " session%s of %" PRIu32 " host%s, and %" PRIu32
		       " of %" PRIu32 " of %" PRIu32 ";\n              ",
		       contrast->flows[0], plural(contrast->flows[0]), contrast->sessions[0],
		       plural(contrast->sessions[0]), contrast->hosts[0], plural(contrast->hosts[0]),
		       contrast->flows[1], contrast->sessions[1], contrast->hosts[1]);
	dz_session_rule_text(&compare->options.contrast.rule, contrast->level, out);
	dz_strbuf_addc(out, '\n');
	if (contrast->hosts_both && dz_session_is_host(&compare->options.contrast.rule, contrast->level))
		dz_strbuf_addf(out,
			       "              %" PRIu32 " host%s began flows of both, and %s nearest to %s there: by "
			       "chance alone told apart may be less than 50 %%\n",
			       contrast->hosts_both, plural(contrast->hosts_both),
			       contrast->hosts_both == 1 ? "is" : "are",
			       contrast->hosts_both == 1 ? "itself" : "themselves");
	add_lengths(compare, contrast, out);
	if (contrast->drawn)
		dz_strbuf_addf(out,
			       "              a sample, by sessions, of %" PRIu64 " and %" PRIu64
			       " flows, seed %" PRIu64 "\n",
			       both[0]->group->flows, both[1]->group->flows, compare->options.contrast.seed);
}

static void add_test(const struct dz_compare *compare, const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	const struct dz_energy_result *test = &contrast->test;

	if (contrast->swapped)
		dz_strbuf_addf(out,
			       "  p           %.2g: of %" PRIu32 " times that hosts of both, %" PRIu32
			       ", changed sides at random, with all they did, in %" PRIu32
			       " the two are as far apart\n",
			       test->p, test->tried, contrast->swapped, test->reached);
	else
		dz_strbuf_addf(
			out,
			"  p           %.2g: of %s%" PRIu32 " %ssplits of the sessions %" PRIu32 " %s as far apart%s\n",
			test->p, test->exact ? "all " : "", test->tried, test->exact ? "" : "random ", test->reached,
			test->reached == 1 ? "is" : "are", test->exact ? ", the one seen among them" : "");
	if (dz_contrast_is_of_short_gaps(compare, contrast))
		dz_strbuf_addf(out,
			       "              at %.0f s a side has too few sessions: should what a host does within 10 "
			       "s belong "
			       "together, p is too small\n",
			       gap_seconds(compare, contrast->levels));
	if (dz_contrast_may_be_habits(compare, contrast))
		dz_strbuf_addf(out, "              %s: should a host keep habits of its own, p is too small\n",
			       compare->options.contrast.rule.kind == DZ_SESSIONS_TIME
				       ? "not by hosts (--sessions host)"
				       : "the hosts are too few to be taken as sessions");
	if (dz_contrast_may_be_captures(compare, contrast))
		dz_strbuf_addf(out,
			       "              of %" PRIu32
			       " inputs: should the flows of one resemble each other, p is too "
			       "small (--sessions input)\n",
			       contrast->inputs);
	if (dz_contrast_fit(compare->options.metric) == DZ_CONTRAST_MAY_MISS)
		dz_strbuf_addf(out,
			       "              %s can miss differences: its energy may be 0 for groups that differ\n",
			       dz_metric_name(compare->options.metric));
}

static void add_size(const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	dz_strbuf_addf(out,
		       "  told apart  %.1f %%: the nearest flow in %" PRIu32
		       " session%s of each group is of a flow's own group\n",
		       contrast->told_apart * 100, contrast->k, plural(contrast->k));
	if (contrast->told.known)
		dz_strbuf_addf(out,
			       "              95 %% interval %.1f–%.1f %%: by how much it depends on single sessions\n",
			       contrast->told.low * 100, contrast->told.high * 100);
	if (contrast->told.known && contrast->swapped && contrast->level < DZ_SESSION_HOSTS)
		dz_strbuf_adds(out, "              which takes visits of one host for independent, as p does not: it "
				    "may be too narrow\n");
	if (!contrast->h_known)
		return;
	dz_strbuf_addf(out, "  H           %.3f", fmax(contrast->test.h, 0));
	if (contrast->h.known)
		dz_strbuf_addf(out, " [%.3f–%.3f]", contrast->h.low, contrast->h.high);
	dz_strbuf_addf(out, ", of 1 at most; by chance %.3f in the middle, below %.3f in 95 %%\n",
		       contrast->test.noise_median, contrast->test.noise_high);
}

const char *dz_contrast_units(const struct dz_contrast *contrast)
{
	return contrast->by_inputs ? "inputs" : "flows";
}

/* What captures of one service give, with as many sessions drawn. */
static void add_yardstick(const struct dz_compare *compare, const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	const struct dz_yardstick *yardstick = compare->options.yardstick;
	struct dz_yardstick_mark mark = dz_yardstick_mark(yardstick, contrast);
	const struct dz_yardstick_row *row = mark.row;

	if (yardstick && !row && !yardstick->shipped)
		dz_strbuf_addf(out,
			       "  yardstick   no label of its %" PRIu32 " inputs has sessions enough in two of them\n",
			       yardstick->inputs);
	if (!row)
		return;
	dz_strbuf_addf(out,
		       "  yardstick   by %" PRIu32
		       " session%s%s the median pair of captures of one service is told apart %.0f %%",
		       mark.k, plural(mark.k), contrast->level_by < contrast->level ? " of a GAP of 60 s" : "",
		       row->median * 100);
	if (row->pairs >= DZ_YARDSTICK_ENOUGH)
		dz_strbuf_addf(out, " (half of the pairs %.0f–%.0f %%)", row->low * 100, row->high * 100);
	dz_strbuf_addf(out, ",\n              these two %.0f %%", mark.share * 100);
	if (row->shares)
		dz_strbuf_addf(out, ", more than %" PRIu32 " of %" PRIu32 " pairs", mark.below, row->pairs);
	dz_strbuf_addf(out, "; %" PRIu32 " pair%s of %" PRIu32 " inputs%s, %" PRIu32 " label%s, not independent\n",
		       row->pairs, plural(row->pairs), row->inputs,
		       yardstick->shipped ? " (test captures, pcaps/ too)" : "", row->labels, plural(row->labels));
}

/* What is drawn where there are no sessions. */
static void add_units(const struct dz_contrast *contrast, struct dz_strbuf *out)
{
	if (!contrast->k)
		return;
	dz_strbuf_addf(out, "  counted     %" PRIu32 " flow%s", contrast->flows[0], plural(contrast->flows[0]));
	if (contrast->by_inputs)
		dz_strbuf_addf(out, " of %" PRIu32 " inputs, and %" PRIu32 " of %" PRIu32, contrast->sessions[0],
			       contrast->flows[1], contrast->sessions[1]);
	else
		dz_strbuf_addf(out, ", and %" PRIu32, contrast->flows[1]);
	dz_strbuf_addf(out, "%s\n", contrast->drawn ? "; a sample, drawn evenly" : "");
	if (contrast->by_inputs)
		dz_strbuf_addf(out,
			       "  told apart  %.1f %%: the nearest flow in %" PRIu32
			       " other input%s of each group is of a flow's own group\n",
			       contrast->told_apart * 100, contrast->k, plural(contrast->k));
	else
		dz_strbuf_addf(out,
			       "  told apart  %.1f %%: the nearest of %" PRIu32
			       " flow%s of each group is of a flow's own group; flows of one\n"
			       "              input resemble each other: more than 50 %% is no difference by itself\n",
			       contrast->told_apart * 100, contrast->k, plural(contrast->k));
}

void dz_contrast_details(const struct dz_compare *compare, size_t pair, struct dz_strbuf *out)
{
	const struct dz_contrast *contrast = &compare->contrasts[pair];

	if (contrast->verdict == DZ_CONTRAST_NO_SESSIONS)
		add_units(contrast, out);
	if (contrast->verdict < DZ_CONTRAST_DIFFER)
		return;
	add_counts(compare, pair, out);
	add_test(compare, contrast, out);
	add_size(contrast, out);
	add_yardstick(compare, contrast, out);
	dz_strbuf_adds(out, "  This is about these recordings: other hosts and other days are not averaged over.\n");
}

bool dz_contrast_no_test(const struct dz_compare *compare, struct dz_strbuf *why)
{
	if (compare->count < 2 || (compare->contrasts && !compare->libraries))
		return false;
	if (compare->contrasts) {
		dz_strbuf_adds(why, "libraries keep no sessions");
	} else if (compare->options.pooled) {
		dz_strbuf_adds(why, "--pooled takes the packets of a group together, and flows are what is tested");
	} else if (dz_contrast_fit(compare->options.metric) == DZ_CONTRAST_UNFIT) {
		dz_strbuf_adds(why, "with this --distance groups that differ can look alike to it; hellinger, "
				    "jensen-shannon and euclidean have one");
	} else if (compare->options.contrast.permutations) {
		dz_strbuf_addf(why, "too few permutations for %zu pairs: use ", compare->possible);
		if (dz_contrast_permutations(compare->possible) <= DZ_CONTRAST_MOST)
			dz_strbuf_addf(why, "--permutations %zu, or ", dz_contrast_permutations(compare->possible));
		dz_strbuf_adds(why, "a smaller --top");
	} else {
		dz_strbuf_adds(why, "--permutations 0");
	}
	return true;
}
