/* SPDX-License-Identifier: BSD-2-Clause */
/* yardstick.c - see yardstick.h. */
#include "config.h"
#include "stats/yardstick.h"

#include "base/mem.h"
#include "math/rng.h"
#include "math/summary.h"
#include <stdlib.h>
#include <string.h>

enum {
	SAMPLE = 200, /* flows of an input and label that are looked at */
	PAIRS = 200   /* of inputs, of one label */
};

/* While it is being made. */
struct maker {
	struct dz_yardstick *yardstick;
	const struct dz_groups *groups;
	const struct dz_contrast_options *options;
	struct dz_intern inputs[DZ_SESSION_GAPS][DZ_CONTRAST_K_MAX]; /* that a row has met */
	const struct dz_group *last[DZ_SESSION_GAPS][DZ_CONTRAST_K_MAX];
	size_t capacity[DZ_SESSION_GAPS][DZ_CONTRAST_K_MAX];
};

/* The flows of one label from one input. */
struct part {
	uint32_t input;
	struct dz_group_flow *flows; /* owned */
	size_t count, capacity;
	struct dz_sample sample;
};

struct parts {
	struct part *list; /* owned */
	uint32_t count;
};

static void parts_init(struct parts *parts, const struct maker *maker, const struct dz_group *group)
{
	struct dz_intern numbers;
	size_t capacity = 0;

	*parts = (struct parts){ 0 };
	dz_intern_init(&numbers);
	for (size_t i = 0; i < group->kept_count; i++) {
		uint32_t number = dz_intern_add(&numbers, &group->kept[i].input, sizeof group->kept[i].input);
		void *block = parts->list, *flows;
		struct part *part;
		if (number == parts->count) {
			dz_mem_grow(&block, &capacity, number + (size_t)1, sizeof *parts->list);
			parts->list = block;
			parts->list[parts->count++] = (struct part){ .input = group->kept[i].input };
		}
		part = &parts->list[number];
		flows = part->flows;
		dz_mem_grow(&flows, &part->capacity, part->count + 1, sizeof *part->flows);
		part->flows = flows;
		part->flows[part->count++] = group->kept[i];
	}
	dz_intern_release(&numbers);
	for (uint32_t i = 0; i < parts->count; i++) {
		const struct dz_group flows = { .kept = parts->list[i].flows, .kept_count = parts->list[i].count };
		dz_sample_init(&parts->list[i].sample, &flows, &maker->options->rule, SAMPLE,
			       dz_rng_derive(maker->options->seed, i));
	}
}

static void parts_release(struct parts *parts)
{
	for (uint32_t i = 0; i < parts->count; i++) {
		free(parts->list[i].flows);
		dz_sample_release(&parts->list[i].sample);
	}
	free(parts->list);
}

static void add_share(struct maker *maker, unsigned level, uint32_t k, const struct dz_group *label,
		      const struct part *const pair[2], double share)
{
	struct dz_yardstick_row *row = &maker->yardstick->rows[level][k - 1];
	void *block = row->shares;

	dz_mem_grow(&block, &maker->capacity[level][k - 1], row->pairs + (size_t)1, sizeof *row->shares);
	row->shares = block;
	row->shares[row->pairs++] = share;
	row->labels += maker->last[level][k - 1] != label;
	maker->last[level][k - 1] = label;
	for (unsigned side = 0; side < 2; side++)
		dz_intern_add(&maker->inputs[level][k - 1], &pair[side]->input, sizeof pair[side]->input);
}

static void add_pair(struct maker *maker, const struct dz_group *label, const struct part *const pair[2])
{
	const struct dz_sample *const samples[2] = { &pair[0]->sample, &pair[1]->sample };
	struct dz_contrast_shares shares;

	dz_contrast_shares(maker->options, maker->groups, samples, &shares);
	for (unsigned level = 0; level < DZ_SESSION_GAPS; level++)
		for (uint32_t k = 1; k <= shares.most[level]; k++)
			add_share(maker, level, k, label, pair, shares.share[level][k - 1]);
}

static void add_label(struct maker *maker, const struct dz_group *label)
{
	struct parts parts;
	uint64_t all, seen = 0;

	parts_init(&parts, maker, label);
	all = (uint64_t)parts.count * (parts.count ? parts.count - 1 : 0) / 2;
	for (uint32_t b = 0; b < parts.count; b++) {
		for (uint32_t a = 0; a < b; a++, seen++) {
			const struct part *const pair[2] = { &parts.list[a], &parts.list[b] };
			bool drawn = all <= PAIRS || seen * PAIRS / all != (seen + 1) * PAIRS / all;
			if (drawn && pair[0]->sample.sessions[0] > 1 && pair[1]->sample.sessions[0] > 1)
				add_pair(maker, label, pair);
		}
	}
	parts_release(&parts);
}

static void finish(struct maker *maker, unsigned level, unsigned k)
{
	struct dz_yardstick_row *row = &maker->yardstick->rows[level][k];

	row->inputs = maker->inputs[level][k].count;
	dz_intern_release(&maker->inputs[level][k]);
	if (!row->pairs)
		return;
	qsort(row->shares, row->pairs, sizeof *row->shares, dz_summary_by_value);
	row->low = dz_summary_sorted_quantile(row->shares, row->pairs, 0.25);
	row->median = dz_summary_sorted_quantile(row->shares, row->pairs, 0.5);
	row->high = dz_summary_sorted_quantile(row->shares, row->pairs, 0.75);
}

struct dz_yardstick *dz_yardstick_new(const struct dz_groups *groups, const struct dz_contrast_options *options)
{
	struct dz_yardstick *yardstick = dz_mem_zalloc(1, sizeof *yardstick);
	struct maker *maker = dz_mem_zalloc(1, sizeof *maker);

	maker->yardstick = yardstick;
	maker->groups = groups;
	maker->options = options;
	yardstick->inputs = dz_groups_inputs(groups);
	for (size_t i = 0; i < dz_groups_count(groups); i++)
		if (strcmp(dz_groups_at(groups, i)->name, "Unknown") != 0) /* no service */
			add_label(maker, dz_groups_at(groups, i));
	for (unsigned level = 0; level < DZ_SESSION_GAPS; level++)
		for (unsigned k = 0; k < DZ_CONTRAST_K_MAX; k++)
			finish(maker, level, k);
	free(maker);
	return yardstick;
}

void dz_yardstick_free(struct dz_yardstick *yardstick)
{
	if (!yardstick)
		return;
	for (unsigned level = 0; level < DZ_SESSION_GAPS; level++)
		for (unsigned k = 0; k < DZ_CONTRAST_K_MAX; k++)
			free(yardstick->rows[level][k].shares);
	free(yardstick);
}

/* ---- the shipped one ---- */

static const struct shipped {
	enum dz_layer layer;
	unsigned level, k;
	uint32_t pairs, labels, inputs;
	double low, median, high;
} shipped[] = {
#define ROW(layer, level, k, pairs, labels, inputs, low, median, high)                                                 \
	{ DZ_LAYER_##layer, level, k, pairs, labels, inputs, low, median, high },
#include "stats/yardstick.def"
#undef ROW
};

static bool is_usual(const struct dz_groups *groups, const struct dz_contrast_options *options)
{
	const struct dz_hist_shape *shape = dz_groups_shape(groups);

	return options->metric == DZ_METRIC_HELLINGER && options->rule.kind == DZ_SESSIONS_GAPS &&
	       dz_groups_direction(groups) == DZ_DIRECTION_BOTH && shape->bins == 48 && shape->bin_width == 32 &&
	       !shape->skip_empty && !shape->skip_retransmissions;
}

struct dz_yardstick *dz_yardstick_shipped(const struct dz_groups *groups, const struct dz_contrast_options *options)
{
	struct dz_yardstick *yardstick;

	if (!is_usual(groups, options))
		return NULL;
	yardstick = dz_mem_zalloc(1, sizeof *yardstick);
	yardstick->shipped = true;
	for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
		const struct shipped *row = &shipped[i];
		if (row->layer == dz_groups_shape(groups)->layer)
			yardstick->rows[row->level][row->k - 1] =
				(struct dz_yardstick_row){ row->pairs,  row->labels, row->inputs, row->low,
							   row->median, row->high,   NULL };
	}
	return yardstick;
}

/* ---- held against it ---- */

struct dz_yardstick_mark dz_yardstick_mark(const struct dz_yardstick *yardstick, const struct dz_contrast *contrast)
{
	struct dz_yardstick_mark mark = { 0 };

	if (!yardstick || contrast->verdict == DZ_CONTRAST_NO_SESSIONS)
		return mark;
	for (uint32_t k = contrast->most_by; k && (!mark.row || mark.row->pairs < DZ_YARDSTICK_ENOUGH); k--) {
		const struct dz_yardstick_row *row = &yardstick->rows[contrast->level_by][k - 1];
		if (row->pairs && (!mark.row || row->pairs >= DZ_YARDSTICK_ENOUGH))
			mark = (struct dz_yardstick_mark){ .row = row, .k = k, .share = contrast->told_by[k - 1] };
	}
	for (uint32_t i = 0; mark.row && mark.row->shares && i < mark.row->pairs; i++)
		mark.below += mark.row->shares[i] < mark.share;
	return mark;
}
