/* SPDX-License-Identifier: BSD-2-Clause */
/* sessions.c - see sessions.h. Flows are sorted by who began them and when; a session is a run of the sorted list. */
#include "config.h"
#include "stats/sessions.h"

#include "base/intern.h"
#include "base/mem.h"
#include "base/opt.h"
#include "math/rng.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const dz_session_kind_names[] = { "gaps", "time", "host", "input", "none" };

#define SECOND UINT64_C(1000000000)
static const uint64_t gaps[DZ_SESSION_GAPS] = { SECOND, 3 * SECOND, 10 * SECOND, 30 * SECOND, 60 * SECOND };

bool dz_session_rule_parse(const char *text, struct dz_session_rule *rule, struct dz_err *err)
{
	static const struct {
		const char *word;
		enum dz_session_kind kind;
	} words[] = { { "auto", DZ_SESSIONS_GAPS },
		      { "host", DZ_SESSIONS_HOST },
		      { "input", DZ_SESSIONS_INPUT },
		      { "none", DZ_SESSIONS_NONE } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!strcmp(text, words[i].word)) {
			*rule = (struct dz_session_rule){ .kind = words[i].kind };
			return true;
		}
	}
	rule->kind = DZ_SESSIONS_TIME;
	if (dz_opt_duration(text, &rule->gap_ns) && rule->gap_ns)
		return true;
	return dz_err_set(err, "'%.60s' is neither auto, host, input nor none, nor " DZ_OPT_DURATION_EXPECTED, text);
}

unsigned dz_session_levels(const struct dz_session_rule *rule)
{
	return rule->kind == DZ_SESSIONS_GAPS ? DZ_SESSION_LEVELS : 1;
}

uint64_t dz_session_gap(const struct dz_session_rule *rule, unsigned level)
{
	if (level >= DZ_SESSION_GAPS)
		return 0;
	return rule->kind == DZ_SESSIONS_GAPS ? gaps[level] : rule->kind == DZ_SESSIONS_TIME ? rule->gap_ns : 0;
}

void dz_session_rule_text(const struct dz_session_rule *rule, unsigned level, struct dz_strbuf *out)
{
	switch (dz_session_is_host(rule, level) ? DZ_SESSIONS_HOST : rule->kind) {
	case DZ_SESSIONS_HOST:
		dz_strbuf_adds(out, "a session is all flows of one host");
		break;
	case DZ_SESSIONS_INPUT:
		dz_strbuf_adds(out, "a session is all flows of one input");
		break;
	case DZ_SESSIONS_NONE:
		dz_strbuf_adds(out, "each flow is taken as independent of all others");
		break;
	default:
		dz_strbuf_addf(out, "a session is flows of one host, each begun within %.4g s of the one before",
			       (double)dz_session_gap(rule, level) / 1e9);
	}
}

/* ---- sorting ---- */

/* A flow on its way; `order` is its place in the group, so that sorting is the same everywhere. */
struct entry {
	uint64_t start_ns;
	uint32_t owner, vector, lengths, host, input, order;
	uint32_t session[DZ_SESSION_LEVELS]; /* [DZ_SESSION_HOSTS]: the host */
};

static int by_owner_and_start(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static struct entry *sort_flows(const struct dz_group *group, const struct dz_session_rule *rule)
{
	struct entry *entries = dz_mem_zalloc(group->kept_count, sizeof *entries);

	for (size_t i = 0; i < group->kept_count; i++) {
		const struct dz_group_flow *flow = &group->kept[i];
		entries[i] = (struct entry){ .start_ns = flow->start_ns,
					     .owner = rule->kind == DZ_SESSIONS_INPUT  ? flow->input
						      : rule->kind == DZ_SESSIONS_NONE ? (uint32_t)i
										       : flow->host,
					     .vector = flow->vector,
					     .lengths = flow->lengths,
					     .host = flow->host,
					     .input = flow->input,
					     .order = (uint32_t)i,
					     .session[DZ_SESSION_HOSTS] = flow->host };
	}
	if (group->kept_count)
		qsort(entries, group->kept_count, sizeof *entries, by_owner_and_start);
	return entries;
}

/* Levels that time has a part in, or, by another rule, the only one. */
static unsigned timed_levels(const struct dz_session_rule *rule)
{
	return rule->kind == DZ_SESSIONS_GAPS ? DZ_SESSION_GAPS : 1;
}

/* Numbers the sessions of each of these in the order of the sorted list. */
static void number_sessions(struct entry *entries, size_t count, const struct dz_session_rule *rule,
			    struct dz_sample *sample)
{
	for (unsigned level = 0; level < timed_levels(rule); level++) {
		uint64_t gap = dz_session_gap(rule, level);
		uint32_t number = 0;
		for (size_t i = 0; i < count; i++) {
			bool begins = i == 0 || entries[i].owner != entries[i - 1].owner ||
				      (gap && entries[i].start_ns - entries[i - 1].start_ns > gap);
			number += begins;
			entries[i].session[level] = number - 1;
		}
		sample->all_sessions[level] = number;
	}
}

/* ---- drawing ---- */

/* The largest number of flows a session may have so that there are at most `most` in all. */
static size_t cap_for(const size_t *sizes, const bool *taken, uint32_t count, size_t most)
{
	size_t low = 1, high = most;

	while (low < high) {
		size_t middle = low + (high - low + 1) / 2, sum = 0;
		for (uint32_t s = 0; s < count; s++)
			if (taken[s])
				sum += sizes[s] < middle ? sizes[s] : middle;
		if (sum <= most)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* Takes at most `wanted` of the entries, each as probable as any other, and keeps their order. */
static void take(struct dz_sample *sample, const struct entry *entries, size_t count, size_t wanted, struct dz_rng *rng)
{
	size_t left = wanted;
	double weight = (double)count / (double)wanted;

	for (size_t i = 0; i < count && left; i++) {
		struct dz_sample_flow *flow;
		if (wanted < count && dz_rng_below(rng, count - i) >= left)
			continue;
		left--;
		flow = &sample->flows[sample->count++];
		flow->vector = entries[i].vector;
		flow->lengths = entries[i].lengths;
		flow->host = entries[i].host;
		flow->input = entries[i].input;
		flow->weight = weight;
		memcpy(flow->session, entries[i].session, sizeof flow->session);
	}
}

static void draw(struct dz_sample *sample, const struct entry *entries, size_t count, unsigned last, size_t most,
		 uint64_t seed)
{
	uint32_t sessions = sample->all_sessions[last], wanted = (uint32_t)(most / 2);
	size_t *sizes = dz_mem_zalloc(sessions, sizeof *sizes), cap = count;
	uint32_t *order = dz_mem_zalloc(sessions, sizeof *order);
	bool *taken = dz_mem_zalloc(sessions, sizeof *taken);
	struct dz_rng rng;

	dz_rng_init(&rng, seed);
	sample->drawn = count > most;
	for (size_t i = 0; i < count; i++)
		sizes[entries[i].session[last]]++;
	for (uint32_t s = 0; s < sessions; s++)
		order[s] = s;
	if (!sample->drawn || wanted > sessions)
		wanted = sessions;
	if (wanted < sessions)
		dz_rng_choose(&rng, order, sessions, wanted);
	for (uint32_t i = 0; i < wanted; i++)
		taken[order[i]] = true;
	if (sample->drawn)
		cap = cap_for(sizes, taken, sessions, most);
	sample->flows = dz_mem_zalloc(count < most ? count : most, sizeof *sample->flows);
	for (size_t i = 0; i < count;) {
		uint32_t s = entries[i].session[last];
		if (taken[s])
			take(sample, entries + i, sizes[s], sizes[s] < cap ? sizes[s] : cap, &rng);
		i += sizes[s];
	}
	free(sizes);
	free(order);
	free(taken);
}

/* Gives the sessions that are left in the sample numbers without gaps, in the order in which they come. */
static void renumber(struct dz_sample *sample, unsigned level)
{
	struct dz_intern numbers;

	dz_intern_init(&numbers);
	for (size_t i = 0; i < sample->count; i++) {
		uint32_t *session = &sample->flows[i].session[level];
		*session = dz_intern_add(&numbers, session, sizeof *session);
	}
	sample->sessions[level] = numbers.count;
	dz_intern_release(&numbers);
}

void dz_sample_init(struct dz_sample *sample, const struct dz_group *group, const struct dz_session_rule *rule,
		    size_t most, uint64_t seed)
{
	struct entry *entries = sort_flows(group, rule);

	memset(sample, 0, sizeof *sample);
	sample->levels = dz_session_levels(rule);
	number_sessions(entries, group->kept_count, rule, sample);
	draw(sample, entries, group->kept_count, timed_levels(rule) - 1, most, seed);
	for (unsigned level = 0; level < timed_levels(rule); level++)
		renumber(sample, level);
	renumber(sample, DZ_SESSION_HOSTS);
	free(entries);
}

void dz_sample_release(struct dz_sample *sample)
{
	free(sample->flows);
	memset(sample, 0, sizeof *sample);
}
