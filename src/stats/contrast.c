/* SPDX-License-Identifier: BSD-2-Clause */
/* contrast.c - see contrast.h.
 *
 * Distances are taken once, between distinct shapes; the sums between sessions
 * of the shortest GAP come from them, and those of longer ones by joining. */
#include "config.h"
#include "stats/contrast.h"

#include "base/mem.h"
#include "math/rng.h"
#include "math/summary.h"
#include "math/told_apart.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEPT_SESSIONS = 3, /* a side that a longer GAP must leave */
	STOP = 10,         /* splits that reach T end the test of one of many pairs... */
	STOP_ALONE = 100,  /* ... and that of the only one */
	RESAMPLES = 499,
	MIN_RESAMPLES = 99,
	MEAN_SPLITS = 199
};
#define RESAMPLE_WORK 2e8 /* steps for all resamples together */
#define SLACK 1e-9        /* of the largest distance: what counts as equally far */

enum dz_contrast_fit dz_contrast_fit(enum dz_metric metric)
{
	switch (metric) {
	case DZ_METRIC_HELLINGER:
	case DZ_METRIC_JENSEN_SHANNON:
	case DZ_METRIC_EUCLIDEAN:
		return DZ_CONTRAST_FITS;
	case DZ_METRIC_WASSERSTEIN:
		return DZ_CONTRAST_MAY_MISS;
	default:
		return DZ_CONTRAST_UNFIT;
	}
}

/* ---- both samples as one ---- */

/* The flows of A, then those of B; sessions of B are numbered after those of A. */
struct pool {
	const struct dz_contrast_options *options;
	const struct dz_groups *groups;
	const struct dz_sample *const *samples;
	uint32_t count;    /* flows */
	uint32_t shapes;   /* distinct ones */
	uint32_t *shape;   /* owned, by flow */
	double *vectors;   /* owned, by shape */
	double *distances; /* owned: shapes * shapes */
	double slack;
};

static const struct dz_sample_flow *flow_of(const struct pool *pool, uint32_t i, unsigned *group)
{
	uint32_t first = (uint32_t)pool->samples[0]->count;

	*group = i >= first;
	return &pool->samples[*group]->flows[i - (*group ? first : 0)];
}

static uint32_t session_of(const struct pool *pool, uint32_t i, unsigned level)
{
	unsigned group;
	const struct dz_sample_flow *flow = flow_of(pool, i, &group);

	return flow->session[level] + (group ? pool->samples[0]->sessions[level] : 0);
}

static uint32_t sessions_of(const struct pool *pool, unsigned level)
{
	return pool->samples[0]->sessions[level] + pool->samples[1]->sessions[level];
}

static void find_shapes(struct pool *pool)
{
	const struct dz_vectors *vectors = dz_groups_vectors(pool->groups);
	uint32_t size = dz_axis_size(dz_groups_axis(pool->groups));
	struct dz_intern numbers;
	unsigned group;

	dz_intern_init(&numbers);
	pool->shape = dz_mem_zalloc(pool->count, sizeof *pool->shape);
	pool->vectors = dz_mem_zalloc((size_t)pool->count * size, sizeof *pool->vectors);
	for (uint32_t i = 0; i < pool->count; i++) {
		uint32_t vector = flow_of(pool, i, &group)->vector;
		pool->shape[i] = dz_intern_add(&numbers, &vector, sizeof vector);
		if (pool->shape[i] == pool->shapes)
			dz_vectors_get(vectors, vector, pool->vectors + (size_t)pool->shapes++ * size);
	}
	dz_intern_release(&numbers);
}

static void measure(struct pool *pool)
{
	const struct dz_axis *axis = dz_groups_axis(pool->groups);
	uint32_t dims = dz_metric_dims(axis), n = pool->shapes;
	enum dz_metric metric = pool->options->metric;
	double *points = dz_mem_zalloc((size_t)n * dims, sizeof *points);

	pool->distances = dz_mem_zalloc((size_t)n * n, sizeof *pool->distances);
	for (uint32_t i = 0; i < n; i++) {
		double *point = points + (size_t)i * dims;
		dz_metric_embed(metric, pool->vectors + (size_t)i * dz_axis_size(axis), axis, point);
		for (uint32_t j = 0; j < i; j++) {
			double gap = dz_metric_rdist(metric, point, points + (size_t)j * dims, dims);
			pool->distances[(size_t)i * n + j] = pool->distances[(size_t)j * n + i] =
				dz_metric_rdist_to_distance(metric, gap);
		}
	}
	pool->slack = SLACK * dz_metric_max(metric, axis);
	free(points);
}

static void pool_init(struct pool *pool, const struct dz_contrast_options *options, const struct dz_groups *groups,
		      const struct dz_sample *const *samples)
{
	memset(pool, 0, sizeof *pool);
	pool->options = options;
	pool->groups = groups;
	pool->samples = samples;
	pool->count = (uint32_t)(samples[0]->count + samples[1]->count);
	find_shapes(pool);
	measure(pool);
}

static void pool_release(struct pool *pool)
{
	free(pool->shape);
	free(pool->vectors);
	free(pool->distances);
}

static double weight_of(const struct pool *pool, uint32_t i)
{
	unsigned group;
	return flow_of(pool, i, &group)->weight;
}

/* The sums between the sessions of the first level. */
static void add_up(const struct pool *pool, struct dz_energy *energy)
{
	dz_energy_init(energy, sessions_of(pool, 0), pool->samples[0]->sessions[0]);
	for (uint32_t i = 0; i < pool->count; i++) {
		const double *row = pool->distances + (size_t)pool->shape[i] * pool->shapes;
		uint32_t session = session_of(pool, i, 0);
		double weight = weight_of(pool, i);
		energy->sizes[session] += weight;
		for (uint32_t j = 0; j < i; j++)
			dz_energy_add(energy, session, session_of(pool, j, 0),
				      weight * weight_of(pool, j) * row[pool->shape[j]]);
	}
}

static void join(const struct pool *pool, const struct dz_energy *finest, unsigned level, struct dz_energy *joined)
{
	uint32_t *into = dz_mem_zalloc(finest->count, sizeof *into);

	for (uint32_t i = 0; i < pool->count; i++)
		into[session_of(pool, i, 0)] = session_of(pool, i, level);
	dz_energy_join(finest, into, sessions_of(pool, level), pool->samples[0]->sessions[level], joined);
	free(into);
}

/* ---- the test ---- */

static uint32_t host_of(const struct dz_sample_flow *flow)
{
	return flow->host;
}

static uint32_t input_of(const struct dz_sample_flow *flow)
{
	return flow->input;
}

/* How many different ones the flows of both samples have. */
static uint32_t count_distinct(const struct dz_sample *const *samples, uint32_t (*of)(const struct dz_sample_flow *))
{
	struct dz_intern seen;
	uint32_t count;

	dz_intern_init(&seen);
	for (unsigned g = 0; g < 2; g++) {
		for (size_t i = 0; i < samples[g]->count; i++) {
			uint32_t number = of(&samples[g]->flows[i]);
			dz_intern_add(&seen, &number, sizeof number);
		}
	}
	count = seen.count;
	dz_intern_release(&seen);
	return count;
}

/* How many originators began flows of both. */
static uint32_t count_hosts_of_both(const struct dz_sample *const *samples)
{
	return samples[0]->sessions[DZ_SESSION_HOSTS] + samples[1]->sessions[DZ_SESSION_HOSTS] -
	       count_distinct(samples, host_of);
}

/* The p that the clearest difference by the sessions of a level would have; hosts of both only change sides. */
static double least_p_at(const struct dz_session_rule *rule, const struct dz_sample *const *samples, unsigned level,
			 uint32_t hosts_both)
{
	return dz_energy_least_p_paired(samples[0]->sessions[level], samples[1]->sessions[level],
					dz_session_is_host(rule, level) ? hosts_both : 0);
}

double dz_contrast_least_p(const struct dz_session_rule *rule, const struct dz_sample *const samples[2])
{
	uint32_t hosts_both = dz_session_is_host(rule, 0) ? count_hosts_of_both(samples) : 0;

	return samples[0]->count && samples[1]->count ? least_p_at(rule, samples, 0, hosts_both) : 1;
}

/* Whether a level after the first is tested: while its sessions could yield what this pair needs among those that share
 * the 0.05, and leave each side some. The larger of many p that are large for want of sessions would hide any
 * difference. */
static bool is_tested_too(const struct pool *pool, unsigned level, uint32_t hosts_both)
{
	return pool->samples[0]->sessions[level] >= KEPT_SESSIONS &&
	       pool->samples[1]->sessions[level] >= KEPT_SESSIONS &&
	       dz_contrast_is_able(least_p_at(&pool->options->rule, pool->samples, level, hosts_both),
				   pool->options->sharing);
}

/* The two sessions of each host that began flows of both, of whom there are so many. Given to the caller. */
static struct dz_energy_pair *find_pairs(const struct pool *pool, unsigned level, uint32_t hosts_both)
{
	struct dz_energy_pair *pairs = dz_mem_zalloc(hosts_both, sizeof *pairs);
	uint32_t *of_a = dz_mem_zalloc(pool->samples[0]->sessions[level], sizeof *of_a), count = 0;
	struct dz_intern hosts, found;

	dz_intern_init(&hosts);
	dz_intern_init(&found);
	for (uint32_t i = 0; i < pool->count; i++) { /* those of A come first */
		unsigned group;
		uint32_t host = flow_of(pool, i, &group)->host, session = session_of(pool, i, level), number;
		if (group == 0)
			of_a[dz_intern_add(&hosts, &host, sizeof host)] = session;
		else if (dz_intern_find(&hosts, &host, sizeof host, &number) &&
			 dz_intern_add(&found, &host, sizeof host) == count)
			pairs[count++] = (struct dz_energy_pair){ of_a[number], session };
	}
	dz_intern_release(&hosts);
	dz_intern_release(&found);
	free(of_a);
	return pairs;
}

/* Tests a level. Hosts of both change places with themselves: what they have in common is no difference, nor does it
 * hide one. */
static void test_level(const struct pool *pool, unsigned level, uint32_t hosts_both, const struct dz_energy *joined,
		       struct dz_energy_result *result)
{
	struct dz_energy_options test = { .permutations = pool->options->permutations,
					  .stop = pool->options->sharing > 1 ? STOP : STOP_ALONE,
					  .seed = pool->options->seed };
	struct dz_energy_pair *pairs = NULL;

	if (hosts_both && dz_session_is_host(&pool->options->rule, level)) {
		pairs = find_pairs(pool, level, hosts_both);
		test.pairs = pairs;
		test.pair_count = hosts_both;
	}
	dz_energy_test(joined, &test, result);
	free(pairs);
}

/* Whether a GAP makes the same sessions as the one before. */
static bool is_like_before(const struct pool *pool, unsigned level)
{
	return pool->samples[0]->sessions[level] == pool->samples[0]->sessions[level - 1] &&
	       pool->samples[1]->sessions[level] == pool->samples[1]->sessions[level - 1];
}

/* Takes the p of swaps, and leaves the rest as sessions of a GAP have it: where most hosts are on both sides, each is
 * nearest to itself on the other, and how far apart the two are does not show by hosts. */
static void take_p(struct dz_contrast *contrast, const struct dz_energy_result *swaps)
{
	contrast->test.exact = swaps->exact;
	contrast->test.tried = swaps->tried;
	contrast->test.reached = swaps->reached;
	contrast->test.p = swaps->p;
}

/* Tests all levels and keeps the one of the largest p, of equals the longest, whose sessions are the fewest: where what
 * belongs together is taken apart, intervals are too narrow. *energy is that level's. */
static void test_levels(const struct pool *pool, struct dz_contrast *contrast, struct dz_energy *energy)
{
	uint32_t both = contrast->hosts_both,
		 hosts = contrast->hosts[0] > contrast->hosts[1] ? contrast->hosts[0] : contrast->hosts[1];
	struct dz_energy finest;

	contrast->test.p = -1;
	add_up(pool, &finest);
	for (unsigned level = 0; level < pool->samples[0]->levels; level++) {
		struct dz_energy_result result;
		struct dz_energy joined;
		if (contrast->levels == level && level > 0 && is_like_before(pool, level) &&
		    !(both && dz_session_is_host(&pool->options->rule, level))) {
			contrast->levels = level + 1;
			if (contrast->level == level - 1 && level < DZ_SESSION_HOSTS)
				contrast->level = level; /* hosts are told by their GAP, which is as many */
			continue;
		}
		if (level > 0 && !is_tested_too(pool, level, both))
			continue;
		join(pool, &finest, level, &joined);
		test_level(pool, level, both, &joined, &result);
		contrast->levels = level + 1;
		if (result.p >= contrast->test.p) {
			contrast->swapped = dz_session_is_host(&pool->options->rule, level) ? both : 0;
			if (level == DZ_SESSION_HOSTS && 2 * both >= hosts) {
				take_p(contrast, &result);
			} else {
				struct dz_energy swap = *energy;
				contrast->test = result;
				contrast->level = level;
				*energy = joined;
				joined = swap;
			}
		}
		dz_energy_release(&joined);
	}
	dz_energy_release(&finest);
}

/* ---- told apart, and the intervals ---- */

static struct dz_told_apart *find_nearest(const struct pool *pool, unsigned level)
{
	uint32_t sessions = sessions_of(pool, level);
	struct dz_told_apart *told = dz_told_apart_new(sessions, pool->samples[0]->sessions[level], pool->count);
	double *nearest = dz_mem_zalloc(sessions, sizeof *nearest);
	uint32_t *session = dz_mem_zalloc(pool->count, sizeof *session);

	for (uint32_t i = 0; i < pool->count; i++)
		session[i] = session_of(pool, i, level);
	for (uint32_t i = 0; i < pool->count; i++) {
		const double *row = pool->distances + (size_t)pool->shape[i] * pool->shapes;
		for (uint32_t s = 0; s < sessions; s++)
			nearest[s] = INFINITY;
		for (uint32_t j = 0; j < pool->count; j++)
			if (row[pool->shape[j]] < nearest[session[j]])
				nearest[session[j]] = row[pool->shape[j]];
		dz_told_apart_add(told, session[i], weight_of(pool, i), nearest, pool->slack);
	}
	free(session);
	free(nearest);
	return told;
}

static uint32_t count_resamples(const struct pool *pool, const struct dz_energy *energy)
{
	double work = (double)energy->count * (pool->count + energy->count), most = RESAMPLE_WORK / work;

	return most > RESAMPLES ? RESAMPLES : most < MIN_RESAMPLES ? MIN_RESAMPLES : (uint32_t)most;
}

static void resample_h(const struct pool *pool, const struct dz_energy *energy, struct dz_contrast *contrast)
{
	uint32_t count = count_resamples(pool, energy), known = 0;
	double *times = dz_mem_zalloc(energy->count, sizeof *times), *h = dz_mem_zalloc(count, sizeof *h),
	       *scratch = dz_mem_zalloc((size_t)energy->count * 2, sizeof *scratch);
	struct dz_rng rng;

	dz_rng_init(&rng, dz_rng_derive(pool->options->seed, 1));
	for (uint32_t i = 0; i < count; i++) {
		dz_energy_resample(&rng, energy->count, energy->first, times);
		h[known] = dz_energy_resampled_h(energy, times, scratch);
		known += !isnan(h[known]);
	}
	contrast->resamples = count;
	contrast->h = dz_interval_of(h, known);
	contrast->h.known &= contrast->h.high > contrast->h.low; /* sessions that do not vary tell nothing of others */
	free(h);
	free(times);
	free(scratch);
}

/* With many sessions and flows a little less exactly, so that it takes no longer. */
static struct dz_interval told_interval(const struct pool *pool, const struct dz_energy *energy,
					const struct dz_told_apart *told, uint32_t k)
{
	static const struct dz_told_apart_effort full = { DZ_TOLD_APART_PARTS, 99, 5 }, thrifty = { 10, 49, 2 };
	bool many = count_resamples(pool, energy) < RESAMPLES;
	struct dz_rng rng;

	dz_rng_init(&rng, dz_rng_derive(pool->options->seed, 3));
	return dz_told_apart_interval(told, k, many ? &thrifty : &full, &rng);
}

/* For the yardstick, which is made by sessions that time tells; `told` is by contrast->level. */
static void tell_apart_by_time(const struct pool *pool, const struct dz_told_apart *told, struct dz_contrast *contrast)
{
	unsigned level = contrast->level < DZ_SESSION_GAPS ? contrast->level : DZ_SESSION_GAPS - 1;
	struct dz_told_apart *other = level == contrast->level ? NULL : find_nearest(pool, level);

	contrast->level_by = level;
	contrast->most_by = dz_told_apart_k(pool->samples[0]->sessions[level], pool->samples[1]->sessions[level]);
	for (uint32_t k = 1; k <= contrast->most_by; k++)
		contrast->told_by[k - 1] = dz_told_apart_share(other ? other : told, k);
	dz_told_apart_free(other);
}

static void tell_apart(const struct pool *pool, const struct dz_energy *energy, struct dz_contrast *contrast)
{
	uint32_t a = contrast->sessions[0], b = contrast->sessions[1];
	struct dz_told_apart *told = find_nearest(pool, contrast->level);

	contrast->k = dz_told_apart_k(a, b);
	tell_apart_by_time(pool, told, contrast);
	contrast->told_apart = contrast->level_by == contrast->level ? contrast->told_by[contrast->k - 1]
								     : dz_told_apart_share(told, contrast->k);
	contrast->h_known = a >= DZ_CONTRAST_H_MIN && b >= DZ_CONTRAST_H_MIN;
	if (a >= DZ_CONTRAST_INTERVAL_MIN && b >= DZ_CONTRAST_INTERVAL_MIN)
		contrast->told = told_interval(pool, energy, told, contrast->k);
	if (contrast->h_known)
		resample_h(pool, energy, contrast);
	dz_told_apart_free(told);
}

/* ---- where ---- */

/* Half the sum of what the means of the chosen sessions and of the others differ by, bin by bin. */
static double means_apart(const double *sums, const double *sizes, const uint32_t *items, uint32_t count,
			  uint32_t chosen, uint32_t size, double *means)
{
	double flows[2] = { 0, 0 }, apart = 0;

	memset(means, 0, 2 * size * sizeof *means);
	for (uint32_t i = 0; i < count; i++) {
		double *mean = means + (i < chosen ? 0 : size);
		flows[i >= chosen] += sizes[items[i]];
		for (uint32_t k = 0; k < size; k++)
			mean[k] += sums[(size_t)items[i] * size + k];
	}
	for (uint32_t k = 0; k < size; k++)
		apart += fabs(means[k] / flows[0] - means[size + k] / flows[1]) / 2;
	return apart;
}

/* How often chance makes means as far apart as these. */
static double p_of_means(const struct pool *pool, const struct dz_energy *energy, unsigned level)
{
	uint32_t size = dz_axis_size(dz_groups_axis(pool->groups)), reached = 0;
	double *sums = dz_mem_zalloc((size_t)energy->count * size, sizeof *sums),
	       *means = dz_mem_zalloc(2 * (size_t)size, sizeof *means), apart;
	uint32_t *items = dz_mem_zalloc(energy->count, sizeof *items);
	struct dz_rng rng;

	for (uint32_t i = 0; i < pool->count; i++) {
		double *sum = sums + (size_t)session_of(pool, i, level) * size, weight = weight_of(pool, i);
		const double *vector = pool->vectors + (size_t)pool->shape[i] * size;
		for (uint32_t k = 0; k < size; k++)
			sum[k] += weight * vector[k];
	}
	for (uint32_t s = 0; s < energy->count; s++)
		items[s] = s;
	apart = means_apart(sums, energy->sizes, items, energy->count, energy->first, size, means);
	dz_rng_init(&rng, dz_rng_derive(pool->options->seed, 2));
	for (uint32_t i = 0; i < MEAN_SPLITS; i++) {
		dz_rng_choose(&rng, items, energy->count, energy->first);
		reached += means_apart(sums, energy->sizes, items, energy->count, energy->first, size, means) >=
			   apart * (1 - SLACK);
	}
	free(sums);
	free(means);
	free(items);
	return (1.0 + reached) / (1.0 + MEAN_SPLITS);
}

/* The bins of largest difference, until they make up most of it. */
void dz_contrast_find_where(const double *const means[2], uint32_t size, struct dz_contrast *contrast)
{
	double all = 0, sum = 0;

	for (uint32_t k = 0; k < size; k++)
		all += fabs(means[0][k] - means[1][k]);
	while (contrast->where_count < DZ_CONTRAST_WHERE && sum <= all / 2 && all > 0) {
		uint32_t best = size;
		double largest = 0;
		for (uint32_t k = 0; k < size; k++) {
			double gap = fabs(means[0][k] - means[1][k]);
			bool told = false;
			for (uint32_t i = 0; i < contrast->where_count; i++)
				told |= contrast->where[i].bin == k;
			if (!told && gap > largest) {
				largest = gap;
				best = k;
			}
		}
		if (best == size)
			break;
		contrast->where[contrast->where_count++] =
			(struct dz_contrast_bin){ best, { means[0][best], means[1][best] } };
		sum += largest;
	}
	contrast->where_share = all > 0 ? sum / all : 0;
}

/* ---- the whole ---- */

static double median_lengths(const struct dz_sample *sample)
{
	double *lengths = dz_mem_zalloc(sample->count, sizeof *lengths), median;

	for (size_t i = 0; i < sample->count; i++)
		lengths[i] = sample->flows[i].lengths;
	if (sample->count)
		qsort(lengths, sample->count, sizeof *lengths, dz_summary_by_value);
	median = dz_summary_sorted_quantile(lengths, sample->count, 0.5);
	free(lengths);
	return median;
}

static void describe(struct dz_contrast *contrast, const struct dz_sample *const *samples)
{
	contrast->hosts_both = count_hosts_of_both(samples);
	contrast->inputs = count_distinct(samples, input_of);
	for (unsigned g = 0; g < 2; g++) {
		contrast->flows[g] = (uint32_t)samples[g]->count;
		contrast->hosts[g] = samples[g]->sessions[DZ_SESSION_HOSTS];
		contrast->lengths[g] = samples[g]->count ? median_lengths(samples[g]) : 0;
		contrast->drawn |= samples[g]->drawn;
	}
}

static void set_level(const struct dz_contrast_options *options, struct dz_contrast *contrast,
		      const struct dz_sample *const *samples, unsigned level)
{
	contrast->level = level;
	contrast->least_p = fmax(least_p_at(&options->rule, samples, level, contrast->hosts_both),
				 1 / (1.0 + options->permutations));
	for (unsigned g = 0; g < 2; g++)
		contrast->sessions[g] = samples[g]->sessions[level];
}

static enum dz_contrast_verdict begin(const struct dz_session_rule *rule, const struct dz_sample *const *samples)
{
	if (!samples[0]->count || !samples[1]->count)
		return DZ_CONTRAST_EMPTY;
	return dz_contrast_is_able(dz_contrast_least_p(rule, samples), 1) ? DZ_CONTRAST_NONE : DZ_CONTRAST_FEW_SESSIONS;
}

void dz_contrast(const struct dz_contrast_options *options, const struct dz_groups *groups,
		 const struct dz_sample *const samples[2], const double *const means[2], struct dz_contrast *contrast)
{
	struct dz_energy energy = { 0 };
	struct pool pool;

	memset(contrast, 0, sizeof *contrast);
	describe(contrast, samples);
	set_level(options, contrast, samples, 0);
	contrast->verdict = begin(&options->rule, samples);
	if (contrast->verdict == DZ_CONTRAST_EMPTY || !dz_told_apart_k(contrast->sessions[0], contrast->sessions[1]))
		return;
	pool_init(&pool, options, groups, samples);
	if (contrast->verdict == DZ_CONTRAST_NONE) {
		test_levels(&pool, contrast, &energy);
		set_level(options, contrast, samples, contrast->level);
		contrast->p_means = p_of_means(&pool, &energy, contrast->level);
		if (contrast->p_means <= DZ_CONTRAST_LEVEL)
			dz_contrast_find_where(means, dz_axis_size(dz_groups_axis(groups)), contrast);
	}
	tell_apart(&pool, &energy, contrast);
	dz_energy_release(&energy);
	pool_release(&pool);
}

void dz_contrast_shares(const struct dz_contrast_options *options, const struct dz_groups *groups,
			const struct dz_sample *const samples[2], struct dz_contrast_shares *shares)
{
	struct pool pool;

	memset(shares, 0, sizeof *shares);
	pool_init(&pool, options, groups, samples);
	for (unsigned level = 0; level < samples[0]->levels && level < DZ_SESSION_GAPS; level++) {
		struct dz_told_apart *told;
		shares->most[level] = dz_told_apart_k(samples[0]->sessions[level], samples[1]->sessions[level]);
		if (!shares->most[level])
			break; /* longer GAPs leave no more */
		told = find_nearest(&pool, level);
		for (uint32_t k = 1; k <= shares->most[level]; k++)
			shares->share[level][k - 1] = dz_told_apart_share(told, k);
		dz_told_apart_free(told);
	}
	pool_release(&pool);
}
