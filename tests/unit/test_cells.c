/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cells.c - cuts by hand; the level by counting what is distinct; any dealing and any order give the same cells.
 */
#include "config.h"
#include "stats/cells.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "math/rng.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { WIDTH = 6 };

static void add(struct dz_cells *cells, const uint64_t counts[WIDTH], uint32_t input, const char *protocol)
{
	struct dz_err err;
	assert_true(dz_cells_add_flow(cells, counts, input, protocol, &err));
}

/* All that there is to know, in the order of dz_cells_order(). */
static void describe(const struct dz_cells *cells, struct dz_strbuf *text)
{
	uint32_t *order = dz_cells_order(cells);

	dz_strbuf_addf(text, "level %u, %" PRIu64 " flows\n", cells->level, cells->flows);
	for (uint32_t i = 0; i < cells->count; i++) {
		const struct dz_cell *cell = &cells->cells[order[i]];
		dz_strbuf_addf(text, "%08" PRIx32 " %s %" PRIu64, cell->input, dz_cells_protocol(cells, cell),
			       cell->flows);
		for (uint32_t k = 0; k < cell->count; k++)
			dz_strbuf_addf(text, " %" PRIu32 ":%u:%" PRIu64, cell->at[k], cell->cut[k], cell->shares[k]);
		dz_strbuf_addc(text, '\n');
	}
	free(order);
}

/* Shares 9/16, 4/16, 3/16 have square roots 0.75, 0.5, 0.433: 6, 4 and 3 eighths; 1/65 is just below one eighth
 * squared, 1/64 just reaches it. */
static void test_cuts(void **state)
{
	struct dz_cells cells;
	struct dz_strbuf text;

	(void)state;
	dz_cells_init(&cells, WIDTH, 100);
	dz_strbuf_init(&text);
	add(&cells, (uint64_t[]){ 9, 4, 3, 0, 0, 0 }, 1, "tls");
	add(&cells, (uint64_t[]){ 90, 40, 30, 0, 0, 0 }, 1, "tls");
	add(&cells, (uint64_t[]){ 0, 0, 0, 0, 1, 64 }, 1, "tls");
	add(&cells, (uint64_t[]){ 0, 0, 0, 0, 1, 63 }, 1, "tls");
	add(&cells, (uint64_t[]){ 9, 4, 3, 0, 0, 0 }, 2, "tls");
	add(&cells, (uint64_t[]){ 9, 4, 3, 0, 0, 0 }, 1, "quic");
	describe(&cells, &text);
	assert_string_equal(text.data, "level 0, 6 flows\n"
				       "00000001 quic 1 0:6:603979776 1:4:268435456 2:3:201326592\n"
				       "00000001 tls 2 0:6:1207959552 1:4:536870912 2:3:402653184\n"
				       "00000001 tls 1 4:1:16777216 5:7:1056964608\n"
				       "00000001 tls 1 4:0:16519105 5:7:1057222719\n" /* 2^30 / 65 = 16519105.0 */
				       "00000002 tls 1 0:6:603979776 1:4:268435456 2:3:201326592\n");
	dz_strbuf_release(&text);
	dz_cells_release(&cells);
}

/* A flow of little variety, so that cells are shared at every level. */
static void make_flow(struct dz_rng *rng, uint64_t counts[WIDTH], uint32_t *input, const char **protocol)
{
	static const char *const protocols[] = { "tls", "quic", "dns" };

	for (unsigned k = 0; k < WIDTH; k++)
		counts[k] = dz_rng_below(rng, 3) ? 0 : dz_rng_below(rng, 40);
	counts[dz_rng_below(rng, WIDTH)] += 1;
	*input = (uint32_t)(dz_rng_below(rng, 300) * UINT32_C(2654435761));
	*protocol = protocols[dz_rng_below(rng, 3)];
}

/* How many different cells the flows have at a level, by the definition: cuts from real square roots. */
static uint32_t count_distinct(uint64_t seed, unsigned flows, unsigned level)
{
	struct dz_intern keys;
	struct dz_rng rng;
	uint32_t count;

	dz_intern_init(&keys);
	dz_rng_init(&rng, seed);
	for (unsigned i = 0; i < flows; i++) {
		struct {
			uint8_t cuts[WIDTH];
			char protocol[8];
			uint32_t input;
		} key;
		uint64_t counts[WIDTH], sum = 0;
		const char *protocol;
		memset(&key, 0, sizeof key);
		make_flow(&rng, counts, &key.input, &protocol);
		for (unsigned k = 0; k < WIDTH; k++)
			sum += counts[k];
		for (unsigned k = 0; k < WIDTH; k++)
			while ((uint64_t)(key.cuts[k] + 1) * (key.cuts[k] + 1) * sum <=
				       counts[k] * dz_cells_steps(level) * dz_cells_steps(level) &&
			       key.cuts[k] < dz_cells_steps(level))
				key.cuts[k]++;
		if (dz_cells_input_bits(level) < 32)
			key.input &= (UINT32_C(1) << dz_cells_input_bits(level)) - 1;
		if (level + 1 < DZ_CELLS_LEVELS)
			strcpy(key.protocol, protocol);
		dz_intern_add(&keys, &key, sizeof key);
	}
	count = keys.count;
	dz_intern_release(&keys);
	return count;
}

static void merge(struct dz_cells *into, const struct dz_cells *from, struct dz_rng *rng)
{
	uint32_t *order = dz_mem_zalloc(from->count, sizeof *order);
	struct dz_err err;

	for (uint32_t i = 0; i < from->count; i++)
		order[i] = i;
	dz_rng_choose(rng, order, from->count, from->count);
	for (uint32_t i = 0; i < from->count; i++) {
		const struct dz_cell *cell = &from->cells[order[i]];
		assert_true(dz_cells_add(into, cell, dz_cells_protocol(from, cell), from->level, &err));
	}
	free(order);
}

/* Deals the flows at random to some sets, and puts these together in random order. */
static void deal_and_merge(uint64_t seed, unsigned flows, uint32_t most, struct dz_rng *rng, struct dz_strbuf *text)
{
	enum { SETS = 5 };
	struct dz_cells sets[SETS];
	uint32_t rest[SETS] = { 0, 1, 2, 3, 4 };
	struct dz_rng maker;

	for (unsigned s = 0; s < SETS; s++)
		dz_cells_init(&sets[s], WIDTH, most);
	dz_rng_init(&maker, seed);
	for (unsigned i = 0; i < flows; i++) {
		uint64_t counts[WIDTH];
		uint32_t input;
		const char *protocol;
		make_flow(&maker, counts, &input, &protocol);
		/* Set 0 stays empty, and the others get differing parts. */
		add(&sets[1 + (dz_rng_below(rng, 10) > 5) + (dz_rng_below(rng, 10) > 7) * 2], counts, input, protocol);
	}
	for (unsigned left = SETS; left > 1; left--) {
		dz_rng_choose(rng, rest, left, left);
		merge(&sets[rest[0]], &sets[rest[left - 1]], rng);
	}
	describe(&sets[rest[0]], text);
	for (unsigned s = 0; s < SETS; s++)
		dz_cells_release(&sets[s]);
}

static void test_any_order(void **state)
{
	static const uint32_t mosts[] = { 5000, 1900, 1500, 1000, 900, 800, 600, 100, 48, 20, 3, 2, 1 };
	enum { FLOWS = 2000 };
	bool reached[DZ_CELLS_LEVELS] = { false };
	struct dz_rng rng;

	(void)state;
	dz_rng_init(&rng, 7);
	for (unsigned m = 0; m < sizeof mosts / sizeof *mosts; m++) {
		struct dz_cells whole;
		struct dz_strbuf expected;
		unsigned level = 0;
		dz_cells_init(&whole, WIDTH, mosts[m]);
		dz_strbuf_init(&expected);
		struct dz_rng maker;
		dz_rng_init(&maker, 99);
		for (unsigned i = 0; i < FLOWS; i++) {
			uint64_t counts[WIDTH];
			uint32_t input;
			const char *protocol;
			make_flow(&maker, counts, &input, &protocol);
			add(&whole, counts, input, protocol);
		}
		while (level + 1 < DZ_CELLS_LEVELS && count_distinct(99, FLOWS, level) > mosts[m])
			level++;
		assert_int_equal(whole.level, level);
		assert_int_equal(whole.count, count_distinct(99, FLOWS, level));
		reached[level] = true;
		describe(&whole, &expected);
		for (unsigned round = 0; round < 20; round++) {
			struct dz_strbuf got;
			dz_strbuf_init(&got);
			deal_and_merge(99, FLOWS, mosts[m], &rng, &got);
			assert_string_equal(got.data, expected.data);
			dz_strbuf_release(&got);
		}
		dz_strbuf_release(&expected);
		dz_cells_release(&whole);
	}
	assert_true(reached[0] && reached[4] && reached[6] && reached[7] && reached[DZ_CELLS_LEVELS - 1]);
}

static void test_mean_and_full(void **state)
{
	struct dz_cells cells;
	struct dz_cell cell;
	struct dz_err err = { "" };
	double mean[WIDTH];

	(void)state;
	dz_cells_init(&cells, WIDTH, 100);
	add(&cells, (uint64_t[]){ 1, 0, 1, 0, 0, 0 }, 1, "tls");
	dz_cell_mean(&cells.cells[0], WIDTH, mean);
	assert_true(mean[0] == 0.5 && mean[1] == 0 && mean[2] == 0.5);
	/* Equal cuts, other shares: 5 and 5 eighths are 25/64 to 36/64. */
	add(&cells, (uint64_t[]){ 40, 0, 60, 0, 0, 0 }, 1, "tls");
	assert_int_equal(cells.count, 2);
	add(&cells, (uint64_t[]){ 45, 0, 55, 0, 0, 0 }, 1, "tls");
	assert_int_equal(cells.count, 2);
	dz_cell_mean(&cells.cells[0], WIDTH, mean);
	assert_true(mean[0] > 0.4749 && mean[0] < 0.4751);
	cell = cells.cells[0];
	cell.flows = INT64_MAX;
	assert_false(dz_cells_add(&cells, &cell, "tls", 0, &err));
	assert_non_null(strstr(err.text, "2^63"));
	dz_cells_release(&cells);
	assert_int_not_equal(dz_cells_input("", "a"), dz_cells_input(NULL, "b"));
	assert_int_equal(dz_cells_input("", "a"), dz_cells_input(NULL, "a"));
	assert_int_not_equal(dz_cells_input("site", "a"), dz_cells_input(NULL, "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_mean_and_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
