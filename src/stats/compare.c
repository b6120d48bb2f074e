/* SPDX-License-Identifier: BSD-2-Clause */
/* compare.c - see compare.h. */
#include "config.h"
#include "stats/compare.h"

#include "base/mem.h"
#include "math/rng.h"
#include <math.h>
#include <stdlib.h>

const double dz_compare_shares[DZ_COMPARE_QUANTILES] = { 0.1, 0.25, 0.5, 0.75, 0.9 };

static double dispersion_of(const struct dz_compare *compare, const struct dz_compare_group *item)
{
	const struct dz_group *group = item->group;
	uint64_t flows = group->flows - group->empty;
	double *vector = dz_mem_zalloc(dz_axis_size(&compare->axis), sizeof *vector), sum = 0;

	for (size_t m = 0; m < group->member_count; m++) {
		dz_vectors_get(dz_groups_vectors(compare->groups), group->members[m].vector, vector);
		sum += (double)group->members[m].flows *
		       dz_distance(compare->options.metric, vector, item->vector, &compare->axis);
	}
	free(vector);
	return flows ? sum / (double)flows : 0;
}

static void describe(struct dz_compare *compare, struct dz_compare_group *item, const struct dz_group *group)
{
	uint32_t size = dz_axis_size(&compare->axis);

	item->group = group;
	item->lengths = dz_mem_zalloc(compare->shape.bins, sizeof *item->lengths);
	item->mean = dz_mem_zalloc(size, sizeof *item->mean);
	item->sd = dz_mem_zalloc(size, sizeof *item->sd);
	item->pooled = dz_mem_zalloc(size, sizeof *item->pooled);
	dz_group_mean(compare->groups, group, item->mean, item->sd);
	dz_distance_normalise(group->pooled, size, item->pooled);
	item->vector = compare->options.pooled ? item->pooled : item->mean;
	for (uint32_t k = 0; k < size; k++)
		item->lengths[k % compare->shape.bins] += item->vector[k];
	item->entropy = dz_summary_entropy(item->vector, size);
	for (unsigned q = 0; q < DZ_COMPARE_QUANTILES; q++)
		item->quantiles[q] = dz_summary_quantile(item->lengths, compare->shape.bins, compare->shape.bin_width,
							 dz_compare_shares[q]);
	item->leading_count = dz_summary_leading(item->vector, size, item->leading, DZ_COMPARE_LEADING);
	item->dispersion = dispersion_of(compare, item);
}

static void measure(struct dz_compare *compare)
{
	size_t n = compare->count;

	compare->distances = dz_mem_zalloc(n * n, sizeof *compare->distances);
	for (size_t a = 0; a < n; a++) {
		for (size_t b = a + 1; b < n; b++) {
			double distance = dz_distance(compare->options.metric, compare->items[a].vector,
						      compare->items[b].vector, &compare->axis);
			compare->distances[a * n + b] = compare->distances[b * n + a] = distance;
		}
	}
}

/* ---- permutation tests ---- */

/* One pointer per flow; flows of equal distribution share what it points to. */
struct flows {
	double *vectors;         /* owned: distinct distributions of the group */
	const double **pointers; /* owned */
	struct dz_permutation_group group;
};

static void spread_flows(const struct dz_compare *compare, const struct dz_group *group, struct flows *flows)
{
	uint32_t bins = dz_axis_size(&compare->axis);
	size_t used = 0;

	flows->vectors = dz_mem_zalloc(group->member_count, bins * sizeof *flows->vectors);
	flows->pointers = dz_mem_zalloc((size_t)(group->flows - group->empty), sizeof *flows->pointers);
	for (size_t m = 0; m < group->member_count; m++) {
		double *vector = flows->vectors + m * bins;
		dz_vectors_get(dz_groups_vectors(compare->groups), group->members[m].vector, vector);
		for (uint64_t i = 0; i < group->members[m].flows; i++)
			flows->pointers[used++] = vector;
	}
	flows->group = (struct dz_permutation_group){ flows->pointers, used };
}

static void test_pairs(struct dz_compare *compare, const struct flows *flows)
{
	const struct dz_compare_options *options = &compare->options;
	struct dz_permutation_options test = { options->metric, compare->axis, options->permutations, 0 };
	double *p = dz_mem_zalloc(compare->pair_count, sizeof *p);
	size_t done = 0;

	for (size_t a = 0; a < compare->count; a++) {
		for (size_t b = a + 1; b < compare->count; b++) {
			struct dz_compare_pair *pair = &compare->pairs[done];
			pair->a = a;
			pair->b = b;
			test.seed = dz_rng_derive(options->seed, done);
			dz_permutation_test(&test, &flows[a].group, &flows[b].group, &pair->result);
			p[done++] = pair->result.p;
			if (options->progress)
				options->progress(options->context, done, compare->pair_count);
		}
	}
	dz_permutation_holm(p, compare->pair_count, p);
	for (size_t i = 0; i < compare->pair_count; i++)
		compare->pairs[i].adjusted = p[i];
	free(p);
}

static void test_all(struct dz_compare *compare)
{
	struct flows *flows = dz_mem_zalloc(compare->count, sizeof *flows);

	compare->pair_count = compare->count * (compare->count - 1) / 2;
	compare->pairs = dz_mem_zalloc(compare->pair_count, sizeof *compare->pairs);
	for (size_t i = 0; i < compare->count; i++)
		spread_flows(compare, compare->items[i].group, &flows[i]);
	test_pairs(compare, flows);
	for (size_t i = 0; i < compare->count; i++) {
		free(flows[i].vectors);
		free(flows[i].pointers);
	}
	free(flows);
}

/* ---- the whole ---- */

struct dz_compare *dz_compare_new(const struct dz_groups *groups, const struct dz_compare_options *options)
{
	struct dz_compare *compare = dz_mem_zalloc(1, sizeof *compare);
	size_t all = dz_groups_count(groups);

	compare->options = *options;
	compare->groups = groups;
	compare->shape = *dz_groups_shape(groups);
	compare->axis = *dz_groups_axis(groups);
	compare->count = options->top && options->top < all ? options->top : all;
	compare->left_out = all - compare->count;
	compare->items = dz_mem_zalloc(compare->count, sizeof *compare->items);
	for (size_t i = 0; i < compare->count; i++)
		describe(compare, &compare->items[i], dz_groups_at(groups, i));
	measure(compare);
	if (options->permutations)
		test_all(compare);
	return compare;
}

void dz_compare_free(struct dz_compare *compare)
{
	if (!compare)
		return;
	for (size_t i = 0; i < compare->count; i++) {
		free(compare->items[i].mean);
		free(compare->items[i].sd);
		free(compare->items[i].pooled);
		free(compare->items[i].lengths);
	}
	free(compare->items);
	free(compare->distances);
	free(compare->pairs);
	free(compare);
}

/* ---- the verdict ---- */

double dz_compare_least_p(size_t a, size_t b, uint32_t permutations)
{
	double splits = 1, least = 1.0 / (1.0 + permutations), chance;
	size_t fewer = a < b ? a : b;

	for (size_t i = 1; i <= fewer && splits < 1e12; i++)
		splits = splits * (double)(a + b - fewer + i) / (double)i;
	chance = (a == b ? 2 : 1) / splits;
	chance = chance > 1 ? 1 : chance;
	return chance > least ? chance : least;
}

void dz_compare_verdict(const struct dz_compare *compare, struct dz_strbuf *out)
{
	const struct dz_compare_pair *pair = &compare->pairs[0];
	const struct dz_compare_group *a = &compare->items[0], *b = &compare->items[1];
	size_t flows = pair->result.flows[0] + pair->result.flows[1];
	double least = dz_compare_least_p(pair->result.flows[0], pair->result.flows[1], compare->options.permutations);
	double within = a->dispersion > b->dispersion ? a->dispersion : b->dispersion;

	if (!pair->result.flows[0] || !pair->result.flows[1]) {
		dz_strbuf_adds(out, "Nothing can be said: one of the two has no flow with a distribution.");
		return;
	}
	if (least > 0.05) {
		dz_strbuf_addf(out,
			       "Too few flows to say (%zu and %zu): even the clearest difference would have p = %.2g. "
			       "They are %.3g apart (%s).",
			       pair->result.flows[0], pair->result.flows[1], least, pair->result.statistic,
			       dz_metric_name(compare->options.metric));
		return;
	}
	if (pair->result.p > 0.05)
		dz_strbuf_adds(out, "They behave alike, as far as these flows can tell: ");
	else if (pair->result.statistic <= within)
		dz_strbuf_adds(out, "They differ, but by less than their own flows do among themselves: ");
	else
		dz_strbuf_adds(out, "They behave differently: ");
	dz_strbuf_addf(out, "%.3g apart (%s); of %u random splits of the %zu flows ", pair->result.statistic,
		       dz_metric_name(compare->options.metric), compare->options.permutations, flows);
	if (pair->result.reached)
		dz_strbuf_addf(out, "%u %s", pair->result.reached, pair->result.reached == 1 ? "was" : "were");
	else
		dz_strbuf_adds(out, "none was");
	dz_strbuf_addf(out, " as far apart (p = %.3g).", pair->result.p);
}
