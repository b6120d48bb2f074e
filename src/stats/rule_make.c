/* SPDX-License-Identifier: BSD-2-Clause */
/* rule_make.c - see rule_make.h.
 *
 * Whatever a rule is made without: a *fold*, a set of inputs.  Each input with the label is in a fold of its own, up to
 * FOLDS of them; the others are dealt out among the folds. */
#include "config.h"
#include "stats/rule_make.h"

#include "base/mem.h"
#include "stats/profile_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	FOLDS = 10,
	CANDIDATES = 64, /* shapes that may become points */
	POINTS = 8,
	RADII = 20,
	RADIUS_STEP = 3, /* percent: thresholds are its multiples */
	GRID = POINTS * RADII,
	NO_FOLD = FOLDS,
	MAX_CELLS = 8000 /* cells that are looked at; of more each n-th, standing for n */
};

/* A cell of the library. */
struct item {
	uint32_t input; /* its number */
	bool positive;
	double flows, weight; /* of an input's weight of 1, its share */
};

struct problem {
	uint32_t bins, inputs, with_label, folds;
	struct item *items; /* owned */
	double *percent;    /* owned: count * bins, whole numbers */
	size_t capacity, percent_capacity;
	uint32_t count, passed, stride;
	struct dz_intern numbers; /* of inputs */
	uint8_t *fold;            /* owned: by input */
};

/* Rules made without two folds: for each radius points, the first n of which are the rule with n points. */
struct rules {
	uint32_t without[2];
	uint32_t candidates;
	uint32_t candidate[CANDIDATES]; /* items */
	double *gaps;                   /* owned: candidates * items */
	uint32_t points[RADII][POINTS]; /* candidates */
	uint32_t count[RADII];
};

/* ---- the flows ---- */

static void set_percent(const struct dz_cell *cell, uint32_t bins, double *percent)
{
	double sum = 0;

	for (uint32_t i = 0; i < cell->count; i++)
		sum += (double)cell->shares[i];
	for (uint32_t i = 0; i < cell->count; i++) /* both directions added up: so rules are */
		percent[cell->at[i] % bins] += 100 * (double)cell->shares[i] / sum;
	for (uint32_t k = 0; k < bins; k++)
		percent[k] = floor(percent[k] + 1e-6);
}

static void add_item(struct problem *problem, const struct dz_cell *cell, uint32_t mask, bool positive)
{
	uint32_t input = cell->input & mask;
	void *items = problem->items, *percent = problem->percent;

	if (problem->passed++ % problem->stride)
		return;
	dz_mem_grow(&items, &problem->capacity, problem->count + (size_t)1, sizeof *problem->items);
	problem->items = items;
	dz_mem_grow(&percent, &problem->percent_capacity, (problem->count + (size_t)1) * problem->bins,
		    sizeof *problem->percent);
	problem->percent = percent;
	problem->items[problem->count] = (struct item){ .input = dz_intern_add(&problem->numbers, &input, sizeof input),
							.positive = positive,
							.flows = (double)cell->flows * problem->stride };
	memset(problem->percent + (size_t)problem->count * problem->bins, 0, problem->bins * sizeof *problem->percent);
	set_percent(cell, problem->bins, problem->percent + (size_t)problem->count * problem->bins);
	problem->count++;
}

static bool has_protocol(const struct dz_cells *cells, const char *protocol)
{
	uint32_t number;
	return dz_intern_find(&cells->protocols, protocol, strlen(protocol), &number);
}

static bool is_asked(const struct dz_profile *profile, const struct dz_cell *cell, const struct dz_profile *wanted)
{
	if (profile == wanted)
		return true;
	return strcmp(profile->name, "Unknown") != 0 &&
	       has_protocol(&wanted->cells, dz_cells_protocol(&profile->cells, cell));
}

/* The label's cells, and those of other labels under the same protocols; "Unknown" may be anything. Returns how many.
 */
static uint32_t each_cell(struct problem *problem, const struct dz_library *library, const struct dz_profile *wanted,
			  uint32_t mask)
{
	uint32_t found = 0;

	for (size_t p = 0; p < library->count; p++) {
		const struct dz_profile *profile = library->profiles[p];
		uint32_t *order = dz_cells_order(&profile->cells);
		for (uint32_t i = 0; i < profile->cells.count; i++) {
			const struct dz_cell *cell = &profile->cells.cells[order[i]];
			if (!is_asked(profile, cell, wanted))
				continue;
			found++;
			if (problem->stride)
				add_item(problem, cell, mask, profile == wanted);
		}
		free(order);
	}
	return found;
}

static void gather(struct problem *problem, const struct dz_library *library, const struct dz_profile *wanted,
		   uint32_t mask)
{
	problem->stride = (each_cell(problem, library, wanted, mask) + MAX_CELLS - 1) / MAX_CELLS;
	if (problem->stride)
		each_cell(problem, library, wanted, mask);
}

static unsigned input_bits(const struct dz_library *library)
{
	unsigned bits = dz_cells_input_bits(0);

	for (size_t i = 0; i < library->count; i++)
		if (library->profiles[i]->cells.count && dz_cells_input_bits(library->profiles[i]->cells.level) < bits)
			bits = dz_cells_input_bits(library->profiles[i]->cells.level);
	return bits;
}

/* Inputs with the label to folds of their own, the others behind. */
static void deal(struct problem *problem)
{
	bool *has = dz_mem_zalloc(problem->numbers.count, sizeof *has);
	uint32_t others = 0;

	problem->inputs = problem->numbers.count;
	problem->fold = dz_mem_zalloc(problem->inputs, sizeof *problem->fold);
	for (uint32_t i = 0; i < problem->count; i++)
		has[problem->items[i].input] |= problem->items[i].positive;
	for (uint32_t n = 0; n < problem->inputs; n++)
		if (has[n])
			problem->fold[n] = (uint8_t)(problem->with_label++ % FOLDS);
	problem->folds = problem->with_label < FOLDS ? problem->with_label : FOLDS;
	for (uint32_t n = 0; n < problem->inputs; n++)
		if (!has[n])
			problem->fold[n] = (uint8_t)(others++ % (problem->folds ? problem->folds : 1));
	free(has);
}

static void weigh(struct problem *problem)
{
	double *flows = dz_mem_zalloc(problem->inputs, sizeof *flows);

	for (uint32_t i = 0; i < problem->count; i++)
		flows[problem->items[i].input] += problem->items[i].flows;
	for (uint32_t i = 0; i < problem->count; i++)
		problem->items[i].weight = problem->items[i].flows / flows[problem->items[i].input];
	free(flows);
}

static double gap_of(const struct problem *problem, uint32_t a, uint32_t b)
{
	const double *x = problem->percent + (size_t)a * problem->bins,
		     *y = problem->percent + (size_t)b * problem->bins;
	double sum = 0;

	for (uint32_t k = 0; k < problem->bins; k++)
		sum += (x[k] - y[k]) * (x[k] - y[k]);
	return sqrt(sum);
}

/* ---- making rules ---- */

struct tally {
	double found, missed, wrongly;
};

static double f1(const struct tally *tally)
{
	double all = 2 * tally->found + tally->missed + tally->wrongly;
	return all > 0 ? 2 * tally->found / all : 0;
}

static void count(struct tally *tally, bool positive, bool matched, double weight)
{
	tally->found += positive && matched ? weight : 0;
	tally->missed += positive && !matched ? weight : 0;
	tally->wrongly += !positive && matched ? weight : 0;
}

static double radius_of(uint32_t radius)
{
	return (double)(radius + 1) * RADIUS_STEP;
}

static bool is_out(const struct problem *problem, uint32_t item, const struct rules *rules)
{
	uint32_t fold = problem->fold[problem->items[item].input];
	return fold == rules->without[0] || fold == rules->without[1];
}

/* Of the label's shapes first the heaviest, then always the one that is farthest from those taken. */
static void choose_candidates(const struct problem *problem, struct rules *rules)
{
	double *away = dz_mem_zalloc(problem->count, sizeof *away);

	rules->gaps = dz_mem_zalloc((size_t)CANDIDATES * problem->count, sizeof *rules->gaps);
	for (uint32_t i = 0; i < problem->count; i++)
		away[i] = problem->items[i].positive && !is_out(problem, i, rules) ? problem->items[i].weight : 0;
	while (rules->candidates < CANDIDATES) {
		double *row = rules->gaps + (size_t)rules->candidates * problem->count;
		uint32_t best = 0;
		for (uint32_t i = 1; i < problem->count; i++)
			best = away[i] > away[best] ? i : best;
		if (!(away[best] > 0))
			break;
		for (uint32_t i = 0; i < problem->count; i++) {
			row[i] = gap_of(problem, best, i);
			if (problem->items[i].positive && !is_out(problem, i, rules))
				away[i] = rules->candidates ? fmin(away[i], row[i]) : row[i];
		}
		rules->candidate[rules->candidates++] = best;
	}
	free(away);
}

/* What a rule is with one more point. */
static struct tally with_point(const struct problem *problem, const struct rules *rules, uint32_t candidate,
			       double radius, const bool *matched)
{
	const double *row = rules->gaps + (size_t)candidate * problem->count;
	struct tally tally = { 0 };

	for (uint32_t i = 0; i < problem->count; i++)
		if (!is_out(problem, i, rules))
			count(&tally, problem->items[i].positive, matched[i] || row[i] <= radius,
			      problem->items[i].weight);
	return tally;
}

static void choose_points(const struct problem *problem, struct rules *rules, uint32_t radius)
{
	bool *matched = dz_mem_zalloc(problem->count, sizeof *matched);
	double reached = 0;

	while (rules->count[radius] < POINTS) {
		uint32_t best = CANDIDATES;
		for (uint32_t c = 0; c < rules->candidates; c++) {
			struct tally tally = with_point(problem, rules, c, radius_of(radius), matched);
			if (f1(&tally) > reached) {
				reached = f1(&tally);
				best = c;
			}
		}
		if (best == CANDIDATES)
			break;
		rules->points[radius][rules->count[radius]++] = best;
		for (uint32_t i = 0; i < problem->count; i++)
			matched[i] |= rules->gaps[(size_t)best * problem->count + i] <= radius_of(radius);
	}
	free(matched);
}

/* Makes rules without folds a and b. */
static void rules_init(struct rules *rules, const struct problem *problem, uint32_t a, uint32_t b)
{
	memset(rules, 0, sizeof *rules);
	rules->without[0] = a;
	rules->without[1] = b;
	choose_candidates(problem, rules);
	for (uint32_t radius = 0; radius < RADII; radius++)
		choose_points(problem, rules, radius);
}

static void rules_release(struct rules *rules)
{
	free(rules->gaps);
}

/* How the rules do on a fold: tallies of GRID rules, by radius and number of points less one; in flows where asked for.
 */
static void judge(const struct problem *problem, const struct rules *rules, uint32_t fold, bool flows,
		  struct tally *tallies)
{
	for (uint32_t i = 0; i < problem->count; i++) {
		const struct item *item = &problem->items[i];
		if (problem->fold[item->input] != fold)
			continue;
		for (uint32_t radius = 0; radius < RADII; radius++) {
			bool matched = false;
			for (uint32_t n = 0; n < POINTS; n++) {
				if (n < rules->count[radius])
					matched |= rules->gaps[(size_t)rules->points[radius][n] * problem->count + i] <=
						   radius_of(radius);
				count(&tallies[radius * POINTS + n], item->positive, matched,
				      flows ? item->flows : item->weight);
			}
		}
	}
}

/* The best of GRID rules; of equals the one of fewer points, then of the smaller radius. */
static uint32_t best_of(const struct tally *tallies)
{
	uint32_t best = 0;

	for (uint32_t n = 0; n < POINTS; n++)
		for (uint32_t radius = 0; radius < RADII; radius++)
			if (f1(&tallies[radius * POINTS + n]) > f1(&tallies[best]))
				best = radius * POINTS + n;
	return best;
}

static void add(struct tally *to, const struct tally *tally)
{
	to->found += tally->found;
	to->missed += tally->missed;
	to->wrongly += tally->wrongly;
}

/* ---- choosing and judging ---- */

/* inner[f]: how rules do that were made without f and another fold, on that other fold. */
static void judge_pairs(const struct problem *problem, struct tally (*inner)[GRID])
{
	struct rules rules;

	for (uint32_t f = 0; f < problem->folds; f++) {
		for (uint32_t g = 0; g < f; g++) {
			rules_init(&rules, problem, f, g);
			judge(problem, &rules, g, false, inner[f]);
			judge(problem, &rules, f, false, inner[g]);
			rules_release(&rules);
		}
	}
}

/* Judges each fold by a rule in whose making and choice it had no part. The choice for all is returned. */
static uint32_t judge_folds(const struct problem *problem, struct tally (*inner)[GRID], struct dz_rule_worth *worth)
{
	struct tally *all = dz_mem_zalloc(GRID, sizeof *all), by_inputs = { 0 }, by_flows = { 0 };
	uint32_t chosen;
	struct rules rules;

	for (uint32_t f = 0; f < problem->folds; f++) {
		struct tally here[2][GRID] = { { { 0 } } };
		chosen = best_of(inner[f]);
		rules_init(&rules, problem, f, NO_FOLD);
		judge(problem, &rules, f, false, here[0]);
		judge(problem, &rules, f, true, here[1]);
		rules_release(&rules);
		for (uint32_t i = 0; i < GRID; i++)
			add(&all[i], &here[0][i]);
		add(&by_inputs, &here[0][chosen]);
		add(&by_flows, &here[1][chosen]);
	}
	chosen = best_of(all);
	worth->f1_inputs = f1(&by_inputs);
	worth->f1_flows = f1(&by_flows);
	worth->found = by_flows.found;
	worth->missed = by_flows.missed;
	worth->wrongly = by_flows.wrongly;
	free(all);
	return chosen;
}

static double always(const struct problem *problem)
{
	struct tally tally = { 0 };

	for (uint32_t i = 0; i < problem->count; i++)
		count(&tally, problem->items[i].positive, true, problem->items[i].weight);
	return f1(&tally);
}

static void write_rule(const struct problem *problem, uint32_t chosen, const char *name,
		       const struct dz_rule_worth *worth, struct dz_profile_rule *rule)
{
	uint32_t radius = chosen / POINTS, wanted = chosen % POINTS + 1;
	struct dz_strbuf source;
	struct rules rules;

	rules_init(&rules, problem, NO_FOLD, NO_FOLD);
	*rule = (struct dz_profile_rule){
		.name = dz_mem_strdup(name),
		.threshold = radius_of(radius),
		.points = rules.count[radius] < wanted ? rules.count[radius] : wanted,
	};
	rule->percent = dz_mem_zalloc((size_t)rule->points * problem->bins, sizeof *rule->percent);
	for (uint32_t p = 0; p < rule->points; p++) {
		const double *percent =
			problem->percent + (size_t)rules.candidate[rules.points[radius][p]] * problem->bins;
		for (uint32_t k = 0; k < problem->bins; k++)
			rule->percent[(size_t)p * problem->bins + k] = (uint32_t)percent[k];
	}
	rules_release(&rules);
	dz_strbuf_init(&source);
	dz_strbuf_addf(
		&source,
		"profile --rule: F1 %.2f on inputs left out (%.2f with flows alike), %u of %u inputs have the label",
		worth->f1_inputs, worth->f1_flows, worth->with_label, worth->inputs);
	rule->source = source.data;
}

static void problem_release(struct problem *problem)
{
	dz_intern_release(&problem->numbers);
	free(problem->items);
	free(problem->percent);
	free(problem->fold);
}

static const struct dz_profile *find(const struct dz_library *library, const char *label)
{
	for (size_t i = 0; i < library->count; i++)
		if (!strcasecmp(library->profiles[i]->name, label))
			return library->profiles[i];
	return NULL;
}

static bool solve(struct problem *problem, const char *name, struct dz_profile_rule *rule, struct dz_rule_worth *worth,
		  struct dz_err *err)
{
	struct tally(*inner)[GRID];

	if (problem->with_label < DZ_RULE_INPUTS_MIN)
		return dz_err_set(err, "a rule takes %d inputs that have %.60s, and there %s %u", DZ_RULE_INPUTS_MIN,
				  name, problem->with_label == 1 ? "is" : "are", problem->with_label);
	weigh(problem);
	*worth = (struct dz_rule_worth){ .inputs = problem->inputs,
					 .with_label = problem->with_label,
					 .f1_always = always(problem) };
	inner = dz_mem_zalloc(problem->folds, sizeof *inner);
	judge_pairs(problem, inner);
	write_rule(problem, judge_folds(problem, inner, worth), name, worth, rule);
	free(inner);
	return true;
}

bool dz_rule_make(const struct dz_library *library, const char *label, struct dz_profile_rule *rule,
		  struct dz_rule_worth *worth, struct dz_err *err)
{
	const struct dz_profile *wanted = find(library, label);
	struct problem problem = { .bins = library->shape.bins };
	unsigned bits = input_bits(library);
	bool fine;

	if (!wanted)
		return dz_err_set(err, "no flow has the label '%.60s'", label);
	if (!dz_library_has_cells(library) || !bits)
		return dz_err_set(err, "a rule takes cells that know their inputs, and the library does not have them");
	dz_intern_init(&problem.numbers);
	gather(&problem, library, wanted, (uint32_t)((UINT64_C(1) << bits) - 1));
	deal(&problem);
	fine = solve(&problem, wanted->name, rule, worth, err);
	problem_release(&problem);
	return fine;
}

bool dz_library_keep_rule(struct dz_library *library, struct dz_profile_rule *rule, struct dz_err *err)
{
	dz_library_drop_profiles(library);
	return dz_library_add_rule(library, rule, err);
}
