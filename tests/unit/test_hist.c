/* SPDX-License-Identifier: BSD-2-Clause */
/* test_hist.c - bins, and that counts stay exact through every form of a histogram. */
#include "config.h"
#include "record/hist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct dz_hist_shape usual = { DZ_LAYER_IP, 32, 48, false, false };

static void bins_begin_at_multiples_of_the_width(void **state)
{
	(void)state;
	assert_int_equal(dz_hist_bin(&usual, 0), 0);
	assert_int_equal(dz_hist_bin(&usual, 31), 0);
	assert_int_equal(dz_hist_bin(&usual, 32), 1);
	assert_int_equal(dz_hist_bin(&usual, 1503), 46);
	assert_int_equal(dz_hist_bin(&usual, 1504), 47);
	assert_int_equal(dz_hist_bin(&usual, 65535), 47);
	assert_int_equal(dz_hist_bin(&usual, UINT32_MAX), 47);
}

static void a_new_hist_is_empty(void **state)
{
	struct dz_hist h;
	uint64_t counts[48];
	(void)state;
	dz_hist_init(&h);
	memset(counts, 0xff, sizeof counts);
	assert_int_equal(dz_hist_read(&h, &usual, 0, counts), 0);
	for (unsigned i = 0; i < 48; i++)
		assert_int_equal(counts[i], 0);
	dz_hist_release(&h);
}

/* The same lengths counted by hand, at every number of them around the change from list to cells. */
static void counts_are_exact_at_every_size(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 3 * DZ_HIST_FEW; n++) {
		uint64_t expected[2][48] = { { 0 } }, counts[48], sum[2] = { 0, 0 };
		uint32_t max[2] = { 0, 0 }, min[2] = { UINT32_MAX, UINT32_MAX };
		struct dz_hist h;
		dz_hist_init(&h);
		for (unsigned i = 0; i < n; i++) {
			unsigned direction = i % 3 == 0;
			uint32_t length = i * 977 % 1700;
			dz_hist_add(&h, &usual, direction, length);
			expected[direction][length / 32 < 47 ? length / 32 : 47]++;
			sum[direction] += length;
			min[direction] = length < min[direction] ? length : min[direction];
			max[direction] = length > max[direction] ? length : max[direction];
		}
		assert_int_equal(dz_hist_read(&h, &usual, 0, counts) + dz_hist_read(&h, &usual, 1, counts), n);
		for (unsigned direction = 0; direction < 2; direction++) {
			dz_hist_read(&h, &usual, direction, counts);
			assert_memory_equal(counts, expected[direction], sizeof counts);
			assert_int_equal(h.sum[direction], sum[direction]);
			assert_int_equal(h.min[direction], min[direction]);
			assert_int_equal(h.max[direction], max[direction]);
		}
		dz_hist_release(&h);
	}
}

/* A cell that is full at 8 or 16 bits goes on in twice as many, and at 32 in 64; the other cells keep what they have.
 */
static void counts_go_on_beyond(uint32_t full)
{
	struct dz_hist h;
	uint64_t counts[48];
	dz_hist_init(&h);
	for (unsigned i = 0; i < 40; i++)
		dz_hist_add(&h, &usual, 0, 40);
	for (uint32_t i = 1; i <= full + 3; i++) {
		dz_hist_add(&h, &usual, 1, 100);
		if (i < full - 1)
			continue;
		assert_int_equal(dz_hist_read(&h, &usual, 1, counts), i);
		assert_int_equal(counts[3], i);
		assert_int_equal(dz_hist_read(&h, &usual, 0, counts), 40);
		assert_int_equal(counts[1], 40);
	}
	dz_hist_release(&h);
}

static void counts_go_on_beyond_8_bits(void **state)
{
	(void)state;
	counts_go_on_beyond(UINT8_MAX);
}

static void counts_go_on_beyond_16_bits(void **state)
{
	(void)state;
	counts_go_on_beyond(UINT16_MAX);
}

static void counts_go_on_beyond_32_bits(void **state)
{
	struct dz_hist h;
	uint64_t counts[48];
	(void)state;
	dz_hist_init(&h);
	for (unsigned i = 0; i < 65538; i++)
		dz_hist_add(&h, &usual, 1, 100);
	h.u.cells32[48 + 3] = UINT32_MAX - 1; /* as after that many packets */
	dz_hist_add(&h, &usual, 0, 40);
	dz_hist_add(&h, &usual, 1, 100);
	dz_hist_add(&h, &usual, 1, 100);
	dz_hist_add(&h, &usual, 1, 100);
	assert_true(dz_hist_read(&h, &usual, 1, counts) == UINT64_C(0x100000001));
	assert_true(counts[3] == UINT64_C(0x100000001));
	assert_int_equal(dz_hist_read(&h, &usual, 0, counts), 1);
	assert_int_equal(counts[1], 1);
	dz_hist_release(&h);
	assert_int_equal(dz_hist_read(&h, &usual, 1, counts), 0);
}

static void the_widest_shape_fits_the_list(void **state)
{
	const struct dz_hist_shape wide = { DZ_LAYER_IP, 1, DZ_HIST_MAX_BINS, false, false };
	uint64_t *counts = calloc(DZ_HIST_MAX_BINS, sizeof *counts);
	struct dz_hist h;
	(void)state;
	dz_hist_init(&h);
	dz_hist_add(&h, &wide, 1, 5000);
	assert_int_equal(dz_hist_read(&h, &wide, 1, counts), 1);
	assert_int_equal(counts[DZ_HIST_MAX_BINS - 1], 1);
	assert_int_equal(dz_hist_read(&h, &wide, 0, counts), 0);
	dz_hist_release(&h);
	free(counts);
}

static void layers_have_names(void **state)
{
	enum dz_layer layer;
	(void)state;
	for (unsigned i = 0; i < DZ_LAYER_COUNT; i++) {
		assert_true(dz_layer_from_name(dz_layer_name((enum dz_layer)i), &layer));
		assert_int_equal(layer, i);
	}
	assert_false(dz_layer_from_name("IP", &layer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bins_begin_at_multiples_of_the_width), cmocka_unit_test(a_new_hist_is_empty),
		cmocka_unit_test(counts_are_exact_at_every_size),       cmocka_unit_test(counts_go_on_beyond_8_bits),
		cmocka_unit_test(counts_go_on_beyond_16_bits),          cmocka_unit_test(counts_go_on_beyond_32_bits),
		cmocka_unit_test(the_widest_shape_fits_the_list),       cmocka_unit_test(layers_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
