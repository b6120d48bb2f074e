/* SPDX-License-Identifier: BSD-2-Clause */
/* test_fragments.c - the table forgets, but it never mixes datagrams up, nor grows. */
#include "config.h"
#include "decode/fragments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define SECOND 1000000000ull

static struct dz_fragment_id id_of(uint32_t number)
{
	struct dz_fragment_id id;

	memset(&id, 0, sizeof id);
	id.source[0] = 10;
	id.destination[0] = 20;
	id.id = number;
	id.version = 4;
	id.protocol = 17;
	return id;
}

static void put(struct dz_fragments *table, uint32_t number, uint64_t time_ns, uint16_t port)
{
	struct dz_fragment_id id = id_of(number);
	struct dz_fragment_first first = { .source_port = port, .destination_port = 53, .protocol = 17 };

	dz_fragments_put(table, &id, time_ns, &first);
}

/* The source port remembered, or -1. */
static int get(struct dz_fragments *table, uint32_t number, uint64_t time_ns)
{
	struct dz_fragment_id id = id_of(number);
	struct dz_fragment_first first;

	return dz_fragments_get(table, &id, time_ns, &first) ? first.source_port : -1;
}

static void remembers(void **state)
{
	struct dz_fragments *table = dz_fragments_new();

	(void)state;
	assert_int_equal(get(table, 1, 0), -1);
	put(table, 1, 5 * SECOND, 1000);
	put(table, 2, 5 * SECOND, 2000);
	assert_int_equal(get(table, 1, 5 * SECOND), 1000);
	assert_int_equal(get(table, 2, 5 * SECOND), 2000);
	assert_int_equal(get(table, 3, 5 * SECOND), -1);
	put(table, 1, 6 * SECOND, 1001); /* the id was used again */
	assert_int_equal(get(table, 1, 6 * SECOND), 1001);
	dz_fragments_free(table);
	dz_fragments_free(NULL);
}

static void every_part_of_the_id_counts(void **state)
{
	struct dz_fragments *table = dz_fragments_new();
	struct dz_fragment_id id;
	struct dz_fragment_first first;

	(void)state;
	put(table, 1, 0, 1000);
	id = id_of(1);
	id.source[15] = 1;
	assert_false(dz_fragments_get(table, &id, 0, &first));
	id = id_of(1);
	id.destination[15] = 1;
	assert_false(dz_fragments_get(table, &id, 0, &first));
	id = id_of(1);
	id.version = 6;
	assert_false(dz_fragments_get(table, &id, 0, &first));
	id = id_of(1);
	id.protocol = 6;
	assert_false(dz_fragments_get(table, &id, 0, &first));
	dz_fragments_free(table);
}

static void forgets_after_a_minute(void **state)
{
	struct dz_fragments *table = dz_fragments_new();

	(void)state;
	put(table, 1, 100 * SECOND, 1000);
	assert_int_equal(get(table, 1, 160 * SECOND), 1000);
	assert_int_equal(get(table, 1, 160 * SECOND + 1), -1);
	assert_int_equal(get(table, 1, 90 * SECOND), 1000); /* time stamps may step back */
	dz_fragments_free(table);
}

static void is_bounded(void **state)
{
	struct dz_fragments *table = dz_fragments_new();
	unsigned found = 0, recent = 0;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++)
		put(table, i, i, (uint16_t)i);
	/* the newest is there; of all, no more than there are places; and none is another's */
	assert_int_equal(get(table, 99999, 100000), 99999 & 0xffff);
	for (uint32_t i = 0; i < 100000; i++) {
		int port = get(table, i, 100000);
		if (port < 0)
			continue;
		assert_int_equal(port, i & 0xffff);
		found++;
		recent += i >= 99000;
	}
	assert_in_range(found, 4000, 4096);
	/* the oldest give way: of the last thousand, only those are gone that met four more in their set of four */
	assert_in_range(recent, 980, 1000);
	dz_fragments_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers),
		cmocka_unit_test(every_part_of_the_id_counts),
		cmocka_unit_test(forgets_after_a_minute),
		cmocka_unit_test(is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
