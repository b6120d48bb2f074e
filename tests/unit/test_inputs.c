/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inputs.c - which captures are read, and in which order. */
#include "config.h"
#include "capture/source.h"
#include "fixture_capture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- which inputs, in which order ---- */

static void expect_names(const struct dz_inputs *inputs, const char *names)
{
	struct dz_strbuf text;

	dz_strbuf_init(&text);
	dz_strbuf_adds(&text, "");
	for (size_t i = 0; i < dz_inputs_count(inputs); i++)
		dz_strbuf_addf(&text, "%s%s", i ? " " : "", dz_inputs_name(inputs, i));
	assert_string_equal(text.data, names);
	dz_strbuf_release(&text);
}

static void test_order(void **state)
{
	struct fixture *f = *state;
	const char *late = fix_save_one(f, "a", 300), *early = fix_save_one(f, "b", 100),
		   *middle = fix_save_one(f, "c", 200);
	const char *tie = fix_save_one(f, "d", 200);
	struct writer w;

	fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
	const char *none = fix_save_writer(f, "e", &w);
	struct dz_inputs *inputs = fix_inputs(f, late, middle, early);
	expect_names(inputs, "b c a");
	dz_inputs_free(inputs);
	inputs = fix_inputs(f, tie, middle, early);
	expect_names(inputs, "b d c");
	dz_inputs_free(inputs);
	/* What has no packet, or may not be looked into, stays in its place. */
	inputs = fix_inputs(f, none, late, early);
	expect_names(inputs, "e b a");
	assert_int_equal(fix_read_all(inputs, NULL).packets, 2);
	dz_inputs_free(inputs);
	assert_int_equal(f->complaints.size, 0);
	/* A capture named twice is read twice. */
	inputs = fix_inputs(f, early, early, NULL);
	expect_names(inputs, "b b");
	dz_inputs_free(inputs);
}

static void test_folder(void **state)
{
	struct fixture *f = *state;
	struct writer w;

	fix_save_one(f, "rotated.pcap", 300);
	fix_save_one(f, "rotated.pcap0", 100);
	fix_save_one(f, "rotated.pcap1", 200);
	fix_save_one(f, ".hidden", 50);
	fix_save(f, "README", "about the captures", 18);
	fix_save(f, "empty", "", 0);
	assert_int_equal(mkdir(fix_path(f, "sub"), 0700), 0);
	assert_int_equal(mkfifo(fix_path(f, "fifo"), 0600), 0);
	fix_save_one(f, "sub/deeper", 1);
	if (fix_can_pack(GZIP)) {
		dz_strbuf_init(&w.bytes);
		dz_strbuf_adds(&w.bytes, "a log, not packets");
		fix_save_packed(f, "log.gz", GZIP, &w.bytes);
		dz_strbuf_release(&w.bytes);
	}
	struct dz_inputs *inputs = fix_inputs(f, f->folder, NULL, NULL);
	expect_names(inputs, "rotated.pcap0 rotated.pcap1 rotated.pcap");
	assert_int_equal(f->complaints.size, 0);
	assert_int_equal(dz_inputs_failures(inputs), 0);
	assert_int_equal(dz_inputs_size(inputs), 3 * (PCAP_HEADER + RECORD_HEADER + 60));

	assert_int_equal(dz_inputs_passed_over(inputs), 2 + fix_can_pack(GZIP)); /* README, empty, log.gz */
	dz_inputs_free(inputs);

	/* An entry that is not there is named, as it would be by itself. */
	assert_int_equal(symlink("nowhere", fix_path(f, "dangling")), 0);
	inputs = fix_inputs(f, f->folder, NULL, NULL);
	assert_int_equal(dz_inputs_count(inputs), 3);
	assert_int_equal(dz_inputs_failures(inputs), 1);
	assert_non_null(strstr(f->complaints.data, "/dangling: cannot be opened: No such file or directory"));
	dz_inputs_free(inputs);
	assert_int_equal(unlink(fix_path(f, "dangling")), 0);
	dz_strbuf_clear(&f->complaints);

	/* A capture whose header is not whole is named, and the others are read. */
	fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
	w.bytes.size = 10;
	fix_save_writer(f, "short", &w);
	inputs = fix_inputs(f, f->folder, NULL, NULL);
	assert_int_equal(dz_inputs_count(inputs), 3);
	assert_int_equal(dz_inputs_failures(inputs), 1);
	assert_non_null(strstr(f->complaints.data, "/short: truncated: a file header of 24 bytes, 10 are there"));
	dz_inputs_free(inputs);
}

static void expect_complaint(struct fixture *f, const char *word, const char *expected)
{
	struct dz_inputs *inputs = fix_inputs(f, word, NULL, NULL);
	char text[512];

	snprintf(text, sizeof text, "%s: %s\n", word, expected);
	assert_int_equal(dz_inputs_count(inputs), 0);
	assert_int_equal(dz_inputs_failures(inputs), 1);
	assert_string_equal(f->complaints.data, text);
	dz_strbuf_clear(&f->complaints);
	dz_inputs_free(inputs);
}

static void test_not_captures(void **state)
{
	struct fixture *f = *state;
	struct writer w;

	expect_complaint(f, fix_path(f, "missing"), "cannot be opened: No such file or directory");
	expect_complaint(f, fix_save(f, "empty", "", 0), "not a capture: empty file");
	expect_complaint(f, fix_save(f, "tiny", "\xd4\xc3", 2), "not a capture: too short for one");
	expect_complaint(f, fix_save(f, "text.pcap", "hello, world", 12),
			 "not a capture: neither pcap nor pcapng, plain or compressed with gzip or zstd");
	fix_pcap_begin(&w, false, 0xa1b2c3d4, ETHERNET);
	w.bytes.size = 10;
	expect_complaint(f, fix_save_writer(f, "short", &w), "truncated: a file header of 24 bytes, 10 are there");
}

static void test_unreadable(void **state)
{
	struct fixture *f = *state;

	if (geteuid() == 0)
		skip(); /* root reads everything */
	const char *path = fix_save_one(f, "a.pcap", 1);
	assert_int_equal(chmod(path, 0), 0);
	expect_complaint(f, path, "cannot be opened: Permission denied");
}

static void test_empty_folder(void **state)
{
	struct fixture *f = *state;

	expect_complaint(f, f->folder, "no captures in this folder");
	fix_save(f, "text", "hello, world", 12);
	expect_complaint(f, f->folder, "no captures in this folder");
}

/* One bad word does not stop the others. */
static void test_failures(void **state)
{
	struct fixture *f = *state;
	struct dz_inputs *inputs = fix_inputs(f, fix_path(f, "x"), fix_save_one(f, "a", 1), fix_path(f, "y"));

	expect_names(inputs, "a");
	assert_int_equal(dz_inputs_failures(inputs), 2);
	dz_inputs_free(inputs);
}

/* Standard input and FIFOs are not looked into beforehand, and keep their places. */
static void test_streams_keep_their_places(void **state)
{
	struct fixture *f = *state;
	const char *fifo = fix_path(f, "fifo");
	int saved = dup(STDIN_FILENO), pipes[2];

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
	struct dz_inputs *inputs = fix_inputs(f, fix_save_one(f, "b", 2), "-", fix_save_one(f, "a", 1));
	expect_names(inputs, "a - b");
	assert_false(dz_inputs_seekable(inputs));
	dz_inputs_free(inputs);
	inputs = fix_inputs(f, fifo, "-", "-");
	expect_names(inputs, "fifo -");
	assert_string_equal(f->complaints.data, "-: standard input can be read only once\n");
	assert_int_equal(dz_inputs_size(inputs), 0);
	dz_inputs_free(inputs);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_folder, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_not_captures, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_unreadable, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_empty_folder, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_failures, fix_setup, fix_teardown),
		cmocka_unit_test_setup_teardown(test_streams_keep_their_places, fix_setup, fix_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
