/* SPDX-License-Identifier: BSD-2-Clause */
/* test_outfile.c - files of lines: continued, rotated by size and time, reopened, whole after a failure, never shared.
 */
#include "config.h"
#include "output/outfile.h"

#include "base/pack.h"
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)
#define NOON (UINT64_C(1764158400) * SECOND) /* 2025-11-26T12:00:00Z */

static char folder[64];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/dz-outfile-XXXXXX");
	return !mkdtemp(folder) || chdir(folder) != 0;
}

static int tear_down(void **state)
{
	DIR *dir = opendir(".");
	const struct dirent *entry;

	(void)state;
	while ((entry = readdir(dir)))
		unlink(entry->d_name);
	closedir(dir);
	return rmdir(folder);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void assert_holds(const char *path, const char *expected)
{
	char text[256] = "";
	FILE *file = fopen(path, "r");

	if (!file)
		fail_msg("there is no %s", path);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static struct dz_outfile *open_it(const struct dz_outfile_config *config, uint64_t now_ns, uint64_t expected_cut)
{
	struct dz_err err;
	uint64_t cut;
	struct dz_outfile *file = dz_outfile_open(config, now_ns, &cut, &err);

	if (!file)
		fail_msg("%s", err.text);
	assert_int_equal(cut, expected_cut);
	return file;
}

static void write_it(struct dz_outfile *file, const char *lines, uint64_t now_ns)
{
	struct dz_err err;
	size_t done;

	if (dz_outfile_write(file, lines, strlen(lines), now_ns, &done, &err) != DZ_OUTFILE_DONE)
		fail_msg("%s", err.text);
	assert_int_equal(done, strlen(lines));
}

static void close_it(struct dz_outfile *file)
{
	struct dz_err err;

	assert_true(dz_outfile_close(file, &err));
}

static void an_unfinished_line_is_cut_off(void **state)
{
	struct dz_outfile_config config = { .path = "f", .mode = 0640 };
	struct stat status;

	(void)state;
	put("f", "one\ntwo\nthr");
	close_it(open_it(&config, NOON, 3));
	assert_holds("f", "one\ntwo\n");
	put("f", "no newline at all");
	struct dz_outfile *file = open_it(&config, NOON, 17);
	write_it(file, "a\n", NOON);
	close_it(file);
	assert_holds("f", "a\n");
	unlink("f");
	close_it(open_it(&config, NOON, 0));
	assert_int_equal(stat("f", &status), 0);
	assert_int_equal(status.st_mode & 07777 & ~0640, 0);
}

static void files_are_full_at_line_ends(void **state)
{
	struct dz_outfile_config config = { .path = "f", .mode = 0640, .rotate_size = 10 };
	struct dz_outfile *file;

	(void)state;
	file = open_it(&config, NOON, 0);
	/* 4 + 4 fit into 10, the next 4 do not; a line that is longer than a file is a file of its own. */
	write_it(file, "aaa\nbbb\nccc\n", NOON + 1);
	write_it(file, "a line of twenty-one\n", NOON + 2 * SECOND);
	write_it(file, "d\n", NOON + 2 * SECOND);
	assert_int_equal(dz_outfile_rotations(file), 3);
	close_it(file);
	assert_holds("f.20251126T120000Z", "aaa\nbbb\n");
	assert_holds("f.20251126T120002Z", "ccc\n");
	assert_holds("f.20251126T120002Z-1", "a line of twenty-one\n");
	assert_holds("f", "d\n");
}

static void files_end_at_the_hour(void **state)
{
	struct dz_outfile_config config = {
		.path = "f", .mode = 0640, .rotate_ns = 3600 * SECOND, .head = "h\n", .head_size = 2
	};
	struct dz_outfile *file;
	struct dz_err err;

	(void)state;
	file = open_it(&config, NOON + 5, 0);
	write_it(file, "a\n", NOON + 3599 * SECOND);
	assert_true(dz_outfile_tick(file, NOON + 3600 * SECOND, &err)); /* without a line */
	assert_holds("f.20251126T130000Z", "h\na\n");
	/* Nothing came for two hours: an empty file stays. */
	assert_true(dz_outfile_tick(file, NOON + 7300 * SECOND, &err));
	assert_true(dz_outfile_tick(file, NOON + 3 * 3600 * SECOND, &err));
	assert_int_equal(dz_outfile_rotations(file), 1);
	write_it(file, "b\n", NOON + 3 * 3600 * SECOND + 1);
	write_it(file, "c\n", NOON + 4 * 3600 * SECOND + 1);
	close_it(file);
	assert_holds("f.20251126T160000Z", "h\nb\n");
	assert_holds("f", "h\nc\n");
}

static void only_its_own_names_are_removed(void **state)
{
	struct dz_outfile_config config = { .path = "f", .mode = 0640, .rotate_size = 2, .keep = 2 };
	static const char *const others[] = { "f.20251126T120000",   "f.2025",
					      "f.20251126T120000Z-", "f.20251126T120000Z-1x",
					      "g.20251126T120000Z",  "f.20251126T120000Z.gz" };
	struct dz_outfile *file;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		put(others[i], "x");
	put("f.20201126T120000Z", "old\n");
	file = open_it(&config, NOON, 0);
	for (char line[] = "0\n"; line[0] < '5'; line[0]++)
		write_it(file, line, NOON);
	close_it(file);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_holds(others[i], "x");
	assert_int_equal(access("f.20201126T120000Z", F_OK), -1);
	assert_int_equal(access("f.20251126T120000Z", F_OK), -1); /* 0 */
	assert_int_equal(access("f.20251126T120000Z-1", F_OK), -1);
	assert_holds("f.20251126T120000Z-2", "2\n");
	assert_holds("f.20251126T120000Z-3", "3\n");
	assert_holds("f", "4\n");
}

/* A limit on the size of files stands for a disk that is full. */
static void a_full_disk_leaves_whole_lines(void **state)
{
	struct dz_outfile_config config = { .path = "f", .mode = 0640 };
	struct rlimit before, limit;
	struct dz_outfile *file;
	struct dz_err err;
	size_t done;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 10;
	file = open_it(&config, NOON, 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(dz_outfile_write(file, "aaa\nbbb\nccc\nddd\n", 16, NOON, &done, &err), DZ_OUTFILE_FULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(done, 8);
	assert_non_null(strstr(err.text, "f: File too large"));
	assert_holds("f", "aaa\nbbb\n");
	write_it(file, "ccc\nddd\n", NOON);
	close_it(file);
	assert_holds("f", "aaa\nbbb\nccc\nddd\n");
}

static void a_file_that_was_moved_away_is_made_anew(void **state)
{
	struct dz_outfile_config config = { .path = "f", .mode = 0640 };
	struct dz_outfile *file;
	struct dz_err err;

	(void)state;
	file = open_it(&config, NOON, 0);
	write_it(file, "a\n", NOON);
	assert_true(dz_outfile_reopen(file, NOON, &err)); /* nothing was moved: it goes on */
	write_it(file, "b\n", NOON);
	assert_int_equal(rename("f", "f.1"), 0);
	write_it(file, "c\n", NOON); /* not reopened yet */
	assert_true(dz_outfile_reopen(file, NOON, &err));
	write_it(file, "d\n", NOON);
	assert_int_equal(rename("f", "f.2"), 0);
	assert_int_equal(symlink("elsewhere", "f"), 0);
	assert_false(dz_outfile_reopen(file, NOON, &err)); /* the old one goes on */
	write_it(file, "e\n", NOON);
	close_it(file);
	assert_holds("f.1", "a\nb\nc\n");
	assert_holds("f.2", "d\ne\n");
}

/* A new file cannot be opened for want of descriptors: the old one is renamed by then, and nothing is lost. */
static void a_rotation_that_fails_goes_on_later(void **state)
{
	struct dz_outfile_config config = { .path = "f", .mode = 0640, .rotate_size = 8 };
	struct dz_outfile *file = open_it(&config, NOON, 0), *other;
	struct dz_outfile_config plain = { .path = "f", .mode = 0640 };
	struct rlimit before, none;
	struct dz_err err;
	size_t done;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	write_it(file, "aaa\nbbb\n", NOON);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(dz_outfile_write(file, "ccc\n", 4, NOON, &done, &err), DZ_OUTFILE_FULL);
	assert_int_equal(dz_outfile_write(file, "ccc\n", 4, NOON, &done, &err), DZ_OUTFILE_FULL);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(done, 0);
	write_it(file, "ccc\nddd\n", NOON);
	assert_holds("f.20251126T120000Z", "aaa\nbbb\n");
	assert_holds("f", "ccc\nddd\n");
	/* Another program has taken the name: its file is not moved. */
	assert_int_equal(rename("f", "moved"), 0);
	other = open_it(&plain, NOON, 0);
	write_it(other, "theirs\n", NOON);
	assert_int_equal(dz_outfile_write(file, "eee\n", 4, NOON, &done, &err), DZ_OUTFILE_FULL);
	assert_non_null(strstr(err.text, "another program writes to it"));
	assert_holds("f", "theirs\n");
	close_it(other);
	assert_int_equal(rename("f", "theirs"), 0);
	write_it(file, "eee\n", NOON);
	close_it(file);
	assert_holds("moved", "ccc\nddd\n");
	assert_holds("f", "eee\n");
}

static void assert_refused(const struct dz_outfile_config *config, const char *why)
{
	struct dz_err err = { "" };
	uint64_t cut;

	assert_null(dz_outfile_open(config, NOON, &cut, &err));
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void what_is_not_safe_is_refused(void **state)
{
	struct dz_outfile_config config = { .path = "f", .mode = 0640 };
	struct dz_outfile *file = open_it(&config, NOON, 0);

	(void)state;
	assert_refused(&config, "another program writes to it");
	close_it(file);
	close_it(open_it(&config, NOON, 0)); /* the lock went with it */
	assert_int_equal(symlink("f", "link"), 0);
	config.path = "link";
	assert_refused(&config, "symbolic link");
	config.path = ".";
	assert_refused(&config, "cannot be written");
	config.path = "/dev/null";
	close_it(open_it(&config, NOON, 0));
	config.rotate_size = 100;
	assert_refused(&config, "cannot be rotated");
}

static void a_reader_that_went_away_is_told(void **state)
{
	struct dz_outfile_config config = { .path = "pipe", .mode = 0640 };
	struct dz_outfile *file;
	struct dz_err err;
	size_t done;
	int reader;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	reader = open("pipe", O_RDONLY | O_NONBLOCK);
	file = open_it(&config, NOON, 0);
	write_it(file, "a\n", NOON);
	close(reader);
	/* Opened for reading and writing, a FIFO would always have a reader: ourselves. */
	assert_int_equal(dz_outfile_write(file, "b\n", 2, NOON, &done, &err), DZ_OUTFILE_GONE);
	close_it(file);
}

/* ---- compressed files ---- */

static uint64_t size_of(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		fail_msg("there is no %s", path);
	return (uint64_t)status.st_size;
}

/* What a reader of the file gets; it must be whole. */
static void assert_unpacks_to(const char *path, enum dz_packing packing, const char *expected)
{
	struct dz_err err = { "" };
	struct dz_unpacker *unpacker = dz_unpacker_new(packing, &err);
	uint8_t packed[4096], plain[4096];
	FILE *file = fopen(path, "r");
	size_t size, used, made;

	assert_non_null(unpacker);
	if (!file)
		fail_msg("there is no %s", path);
	size = fread(packed, 1, sizeof packed, file);
	fclose(file);
	if (!dz_unpacker_run(unpacker, packed, size, &used, plain, sizeof plain - 1, &made, &err) ||
	    !dz_unpacker_may_end(unpacker, &err))
		fail_msg("%s: %s", path, err.text);
	plain[made] = '\0';
	assert_string_equal((const char *)plain, expected);
	dz_unpacker_free(unpacker);
}

static void cut_file(const char *path, uint64_t size)
{
	assert_int_equal(truncate(path, (off_t)size), 0);
}

/* Each write can be read by itself; what a crash cut anywhere is whole up to the last frame at the next start. */
static void check_frames(const char *path, enum dz_packing packing)
{
	struct dz_outfile_config config = { .path = path, .mode = 0640, .packing = packing };
	struct dz_outfile *file = open_it(&config, NOON, 0);
	uint64_t first, second;

	write_it(file, "one\ntwo\n", NOON);
	first = size_of(path);
	assert_unpacks_to(path, packing, "one\ntwo\n"); /* while it is being written */
	write_it(file, "three\n", NOON);
	second = size_of(path);
	close_it(file);
	assert_unpacks_to(path, packing, "one\ntwo\nthree\n");
	for (uint64_t size = second - 1; size > first; size--) {
		cut_file(path, size);
		file = open_it(&config, NOON, size - first);
		if (size == first + 1)
			write_it(file, "four\n", NOON);
		else
			write_it(file, "three\n", NOON); /* for the next round */
		close_it(file);
	}
	assert_unpacks_to(path, packing, "one\ntwo\nfour\n");
	for (uint64_t size = 1; size < first; size++) { /* the first frame itself is unfinished */
		cut_file(path, 0);
		file = open_it(&config, NOON, 0);
		write_it(file, "one\ntwo\n", NOON);
		close_it(file);
		cut_file(path, size);
		close_it(open_it(&config, NOON, size));
		assert_int_equal(size_of(path), 0);
	}
}

static void check_packed_rotation(enum dz_packing packing, const char *path, const char *const rotated[2])
{
	/* A frame of a few bytes is no longer than 40 in either format, and no shorter than 12: three do not fit. */
	struct dz_outfile_config config = { .path = path,
					    .mode = 0640,
					    .rotate_size = 40,
					    .packing = packing,
					    .keep = 2,
					    .head = "h\n",
					    .head_size = 2 };
	struct dz_outfile *file = open_it(&config, NOON, 0);
	struct dz_err err;

	config.rotate_ns = 0;
	for (char line[] = "0\n"; line[0] < '4'; line[0]++)
		write_it(file, line, NOON);
	assert_true(dz_outfile_rotations(file) >= 2);
	assert_true(dz_outfile_tick(file, NOON, &err));
	close_it(file);
	assert_unpacks_to(path, packing, "h\n3\n");
	assert_unpacks_to(rotated[0], packing, "h\n1\n");
	assert_unpacks_to(rotated[1], packing, "h\n2\n");
	assert_int_equal(access("p.20251126T120000Z", F_OK), -1);
}

static void compressed_files_are_whole_frames(void **state)
{
	static const char *const gzip[] = { "p.20251126T120000Z-1.gz", "p.20251126T120000Z-2.gz" };
	static const char *const zstd[] = { "p.20251126T120000Z-1.zst", "p.20251126T120000Z-2.zst" };

	(void)state;
	if (dz_packing_known(DZ_PACKING_GZIP)) {
		check_frames("f.gz", DZ_PACKING_GZIP);
		check_packed_rotation(DZ_PACKING_GZIP, "p.gz", gzip);
	}
	if (dz_packing_known(DZ_PACKING_ZSTD)) {
		check_frames("f.zst", DZ_PACKING_ZSTD);
		check_packed_rotation(DZ_PACKING_ZSTD, "p.zst", zstd);
	}
}

/* Nothing that could be somebody's data is cut off. */
static void what_is_not_compressed_so_is_left_alone(void **state)
{
	struct dz_outfile_config config = { .path = "f.gz", .mode = 0640, .packing = DZ_PACKING_GZIP };
	struct dz_outfile *file;
	FILE *more;

	(void)state;
	if (!dz_packing_known(DZ_PACKING_GZIP))
		return;
	put("f.gz", "plain lines\nof another\n");
	assert_refused(&config, "f.gz: it is not compressed as its name says");
	assert_holds("f.gz", "plain lines\nof another\n");
	/* Damage far ahead of the end: a frame, then a megabyte and more that is none. */
	unlink("f.gz");
	file = open_it(&config, NOON, 0);
	write_it(file, "one\n", NOON);
	close_it(file);
	more = fopen("f.gz", "a");
	for (int i = 0; i < 1200000; i++)
		fputc('x', more);
	assert_int_equal(fclose(more), 0);
	assert_refused(&config, "f.gz: its data are damaged");
	assert_true(size_of("f.gz") > 1200000);
}

/* What breaks off, far behind the last line or frame, is longer than any of ours. */
static void what_breaks_off_long_after_its_last_line_is_left_alone(void **state)
{
	enum { LONG = 5 << 20 };
	struct dz_outfile_config config = { .path = "f", .mode = 0640 };
	struct dz_packer *packer;
	struct dz_err err;
	char *noise = malloc(LONG);
	const char *packed;
	size_t size;
	FILE *out = fopen("f", "w");

	(void)state;
	assert_non_null(noise);
	srand(1);
	for (size_t i = 0; i < LONG; i++)
		noise[i] = (char)('0' + rand() % 64);
	fputs("line\n", out);
	fwrite(noise, 1, LONG, out);
	assert_int_equal(fclose(out), 0);
	assert_refused(&config, "f: its last line is longer than any of ours");
	assert_int_equal(size_of("f"), LONG + 5);
	for (int packing = DZ_PACKING_GZIP; packing <= DZ_PACKING_ZSTD; packing++) {
		if (!dz_packing_known((enum dz_packing)packing))
			continue;
		config = (struct dz_outfile_config){ .path = "p", .mode = 0640, .packing = (enum dz_packing)packing };
		packer = dz_packer_new(config.packing, &err);
		packed = dz_packer_frame(packer, noise, LONG, &size);
		out = fopen("p", "w");
		fwrite(packed, 1, size - 1, out);
		assert_int_equal(fclose(out), 0);
		dz_packer_free(packer);
		assert_refused(&config, "p: its data break off");
		assert_int_equal(size_of("p"), size - 1);
	}
	free(noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_unfinished_line_is_cut_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_are_full_at_line_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_end_at_the_hour, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_its_own_names_are_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_leaves_whole_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_was_moved_away_is_made_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_rotation_that_fails_goes_on_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_breaks_off_long_after_its_last_line_is_left_alone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_safe_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_that_went_away_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(compressed_files_are_whole_frames, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_compressed_so_is_left_alone, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
