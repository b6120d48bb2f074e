/* SPDX-License-Identifier: BSD-2-Clause */
/* test_runs.c - what runs side by side bring comes in the order of the runs, none of it is lost, and what waits is
 * bounded. The runs here bring texts that they make up; records are packed as between shards, whose test is
 * tests/check/threads.py. */
#include "config.h"
#include "input/runs.h"

#include "sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { TEXT = 1000, FEW = 7, MB = 1 << 20 };

struct fixture {
	size_t runs, texts;        /* each brings so many */
	atomic_size_t waits;       /* bytes of texts that were brought and not taken */
	atomic_size_t most, begun; /* most bytes that ever waited; runs that were begun */
	size_t hold;               /* the first run brings nothing before so many bytes of others wait */
	struct dz_runs_work work;
	/* the taker's */
	size_t run, text, records, told;
};

static void note_most(struct fixture *f, size_t waits)
{
	size_t most = atomic_load(&f->most);
	while (waits > most && !atomic_compare_exchange_weak(&f->most, &most, waits))
		continue;
}

/* A record, the texts, and before each hundredth text how far it is. */
static void bring(void *context, size_t number, const struct dz_runs_taker *to)
{
	struct fixture *f = context;
	struct sample sample;
	char text[TEXT];

	atomic_fetch_add(&f->begun, 1);
	while (!number && atomic_load(&f->waits) < f->hold)
		continue;
	sample_init(&sample);
	sample.record.first_index = number;
	to->record(to->context, &sample.record);
	for (size_t i = 0; i < f->texts; i++) {
		struct dz_progress progress = { .packets = number, .position = i };
		if (i % 100 == 99)
			to->progress(to->context, &progress);
		memset(text, '.', sizeof text);
		text[snprintf(text, sizeof text, "%zu %zu", number, i)] = ' ';
		text[TEXT - 1 - i % FEW] = '\0'; /* of several sizes */
		note_most(f, atomic_fetch_add(&f->waits, strlen(text)));
		to->warn(to->context, text);
	}
}

static void take_record(void *context, const struct dz_record *record)
{
	struct fixture *f = context;

	assert_int_equal(record->first_index, f->run);
	assert_string_equal(record->text->application, "SSH");
	assert_int_equal(f->text, 0);
	f->records++;
}

static void take_text(void *context, const char *text)
{
	struct fixture *f = context;
	size_t run, number;

	assert_int_equal(sscanf(text, "%zu %zu", &run, &number), 2);
	assert_int_equal(run, f->run);
	assert_int_equal(number, f->text);
	assert_int_equal(strlen(text), TEXT - 1 - number % FEW);
	f->text++;
	atomic_fetch_sub(&f->waits, strlen(text));
}

static void take_progress(void *context, const struct dz_progress *progress)
{
	struct fixture *f = context;

	assert_int_equal(progress->packets, f->run);
	assert_int_equal(progress->position, f->text);
	f->told++;
}

static struct dz_runs_taker taker_of(struct fixture *f)
{
	return (struct dz_runs_taker){ take_record, take_text, take_progress, f };
}

static struct dz_runs *begin(struct fixture *f, unsigned threads)
{
	struct dz_runs *runs;

	f->work = (struct dz_runs_work){ .threads = threads, .count = f->runs, .run = bring, .context = f };
	runs = dz_runs_new(&f->work);
	assert_non_null(runs);
	return runs;
}

static void take_all(struct fixture *f, unsigned threads)
{
	struct dz_runs *runs = begin(f, threads);
	struct dz_runs_taker to = taker_of(f);

	for (f->run = 0; f->run < f->runs; f->run++) {
		f->text = 0;
		dz_runs_take(runs, f->run, &to);
		assert_int_equal(f->text, f->texts);
		assert_int_equal(f->records, f->run + 1);
		assert_int_equal(f->told, f->records * (f->texts / 100));
	}
	dz_runs_free(runs);
	assert_int_equal(f->begun, f->runs);
	assert_int_equal(f->waits, 0);
}

static void test_order(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads < 6; threads += 2) {
		struct fixture many = { .runs = 300, .texts = 3 }, long_ones = { .runs = 5, .texts = 3000 };
		struct fixture silent = { .runs = 2 };
		take_all(&many, threads);
		take_all(&long_ones, threads);
		take_all(&silent, threads);
	}
}

/* The first run brings something when 24 MB wait; 60 MB are to come of each. Of what waits, 32 MB are allowed, and of
 * each thread a chunk (64 kB and a text) beside, which it holds. */
static void test_bound(void **state)
{
	struct fixture f = { .runs = 4, .texts = 60000, .hold = 24 * MB };

	(void)state;
	take_all(&f, 3);
	assert_in_range(f.most, 24 * MB, 33 * MB);
}

/* Nobody takes more than the first run: those that wait for room end, too, and no more are begun. */
static void test_end(void **state)
{
	struct fixture f = { .runs = 50, .texts = 40000, .hold = 24 * MB };
	struct dz_runs *runs = begin(&f, 3);
	struct dz_runs_taker to = taker_of(&f);

	(void)state;
	dz_runs_take(runs, 0, &to);
	assert_int_equal(f.text, f.texts);
	dz_runs_free(runs);
	assert_in_range(f.begun, 3, 4); /* by the thread of the first, one more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
