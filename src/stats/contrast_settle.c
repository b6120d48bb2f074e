/* SPDX-License-Identifier: BSD-2-Clause */
/* contrast_settle.c - see contrast.h: what the p of many pairs, which share the 0.05 of a run, come to. */
#include "config.h"
#include "stats/contrast.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHANCE 0.5 /* told apart */

static size_t count_able(const double *least_p, size_t count, size_t sharing)
{
	size_t able = 0;

	for (size_t i = 0; i < count; i++)
		able += dz_contrast_is_able(least_p[i], sharing);
	return able;
}

/* The more share, the fewer are able: so the least number is found by halving. */
size_t dz_contrast_sharing(const double *least_p, size_t count, size_t *able)
{
	size_t least = 1, most = count ? count : 1;

	while (least < most) {
		size_t middle = least + (most - least) / 2;
		if (count_able(least_p, count, middle) <= middle)
			most = middle;
		else
			least = middle + 1;
	}
	*able = count_able(least_p, count, least);
	return least;
}

static enum dz_contrast_verdict settle(const struct dz_contrast_options *options, const struct dz_contrast *contrast)
{
	if (contrast->adjusted <= DZ_CONTRAST_LEVEL)
		return contrast->told.known && contrast->told.high < options->little ? DZ_CONTRAST_LITTLE
										     : DZ_CONTRAST_DIFFER;
	/* Told apart less often than by chance is no likeness: something of the two belongs together. */
	return options->alike > 0 && contrast->told.known && contrast->told.high <= options->alike &&
			       contrast->told.high >= CHANCE
		       ? DZ_CONTRAST_ALIKE
		       : DZ_CONTRAST_NONE;
}

/* Pairs that are not settled yet; the tested ones of `all`. */
struct settling {
	struct dz_contrast **pairs; /* owned array */
	double *least_p;            /* owned: of each */
	size_t count;
};

static void settling_init(struct settling *left, struct dz_contrast *all, size_t count)
{
	left->pairs = dz_mem_zalloc(count, sizeof *left->pairs);
	left->least_p = dz_mem_zalloc(count, sizeof *left->least_p);
	left->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (all[i].verdict < DZ_CONTRAST_DIFFER)
			continue;
		left->pairs[left->count] = &all[i];
		left->least_p[left->count++] = all[i].least_p;
	}
}

static void settling_release(struct settling *left)
{
	free(left->pairs);
	free(left->least_p);
}

/* Of those that are able to differ where so many share, the one with the least p; `count` where there is none. */
static size_t least_of(const struct settling *left, size_t sharing)
{
	size_t least = left->count;

	for (size_t i = 0; i < left->count; i++)
		if (dz_contrast_is_able(left->least_p[i], sharing) &&
		    (least == left->count || left->pairs[i]->test.p < left->pairs[least]->test.p))
			least = i;
	return least;
}

static void take_out(struct settling *left, size_t i)
{
	memmove(left->pairs + i, left->pairs + i + 1, (left->count - i - 1) * sizeof *left->pairs);
	memmove(left->least_p + i, left->least_p + i + 1, (left->count - i - 1) * sizeof *left->least_p);
	left->count--;
}

/* Step by step, as Holm does, but of those that are left only the ones that are able to differ share the 0.05: the
 * least p is multiplied by their number, and a pair that differs leaves the 0.05 to the others. When one does not,
 * neither do those of larger p, and the rest never could. Returns by how many the 0.05 is shared then. */
static size_t step_down(struct settling *left, double *largest)
{
	size_t able, sharing = dz_contrast_sharing(left->least_p, left->count, &able);

	for (;;) {
		size_t i = least_of(left, sharing);
		double p = i < left->count ? fmax(*largest, left->pairs[i]->test.p * (double)sharing) : 1;
		if (p > DZ_CONTRAST_LEVEL)
			return sharing;
		left->pairs[i]->adjusted = *largest = p;
		take_out(left, i);
		while (sharing > 1 && count_able(left->least_p, left->count, sharing - 1) <= sharing - 1)
			sharing--;
	}
}

void dz_contrast_settle(const struct dz_contrast_options *options, struct dz_contrast *contrasts, size_t count)
{
	struct settling left;
	double largest = 0;
	size_t sharing, i;

	settling_init(&left, contrasts, count);
	sharing = step_down(&left, &largest);
	for (i = 0; i < left.count; i++) {
		if (dz_contrast_is_able(left.least_p[i], sharing))
			continue;
		left.pairs[i]->verdict = DZ_CONTRAST_FEW_SESSIONS;
		left.pairs[i]->sharing = (uint32_t)sharing;
	}
	for (size_t share = sharing; (i = least_of(&left, sharing)) < left.count; share -= share > 1) {
		largest = fmin(fmax(largest, left.pairs[i]->test.p * (double)share), 1);
		left.pairs[i]->adjusted = largest;
		take_out(&left, i);
	}
	settling_release(&left);
	for (i = 0; i < count; i++)
		if (contrasts[i].verdict >= DZ_CONTRAST_DIFFER)
			contrasts[i].verdict = settle(options, &contrasts[i]);
}
