/* SPDX-License-Identifier: BSD-2-Clause */
/* test_output.c - where data goes: files, pipes, full and closed ones, and what they are called in messages. */
#include "config.h"
#include "cmd/output.h"

#include "base/pack.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <pthread.h>

static char folder[64], path[128], other[128];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_output.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	return rmdir(folder);
}

static void assert_content(const char *file, const char *expected)
{
	char text[64] = "";
	int fd = open(file, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof text - 1), (ssize_t)strlen(expected));
	assert_string_equal(text, expected);
	close(fd);
}

static void write_file(const char *text)
{
	struct dz_output out;
	struct dz_err err;
	assert_true(dz_output_open(&out, path, &err));
	assert_true(dz_output_write(&out, text, strlen(text), 1, &err));
	assert_true(dz_output_close(&out, &err));
	assert_true(dz_output_close(&out, &err)); /* a second time is harmless */
}

static void a_file_is_created_and_emptied(void **state)
{
	(void)state;
	write_file("a long line\n");
	assert_content(path, "a long line\n");
	write_file("short\n");
	assert_content(path, "short\n");
}

static void what_cannot_be_opened_is_named(void **state)
{
	struct dz_output out;
	struct dz_err err;
	char missing[160];
	(void)state;
	snprintf(missing, sizeof missing, "%s/no/file", folder);
	assert_false(dz_output_open(&out, missing, &err));
	assert_non_null(strstr(err.text, missing));
	assert_non_null(strstr(err.text, strerror(ENOENT)));
	assert_false(dz_output_open(&out, folder, &err));
	assert_non_null(strstr(err.text, strerror(EISDIR)));
}

/* Whatever one may think of suffixes: gzip and zstd have these. */
static void names_say_how_to_pack(void **state)
{
	(void)state;
	assert_int_equal(dz_packing_of_name("a.jsonl.gz"), DZ_PACKING_GZIP);
	assert_int_equal(dz_packing_of_name("a.zst"), DZ_PACKING_ZSTD);
	assert_int_equal(dz_packing_of_name("a.gz.jsonl"), DZ_PACKING_NONE);
	assert_int_equal(dz_packing_of_name(".gz"), DZ_PACKING_NONE);
	assert_int_equal(dz_packing_of_name(""), DZ_PACKING_NONE);
}

static void a_full_disk_is_told(void **state)
{
	struct dz_output out;
	struct dz_err err;
	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	assert_true(dz_output_open(&out, "/dev/full", &err));
	assert_false(dz_output_write(&out, "x", 1, 1, &err));
	assert_false(out.closed_pipe);
	assert_non_null(strstr(err.text, "/dev/full"));
	assert_non_null(strstr(err.text, strerror(ENOSPC)));
	assert_true(dz_output_close(&out, &err));
}

/* Standard output as one end of a pipe; returns the other. */
static int pipe_as_stdout(int *saved)
{
	int ends[2];
	fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	*saved = dup(STDOUT_FILENO);
	assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	return ends[0];
}

static void restore_stdout(int saved)
{
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static void standard_output_stays_open(void **state)
{
	char text[8] = "";
	bool opened[2], fifo;
	struct dz_output out;
	struct dz_err err;
	int saved, reader = pipe_as_stdout(&saved);
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		opened[i] = dz_output_open(&out, i ? "-" : NULL, &err) && dz_output_write(&out, "ab", 2, 1, &err);
		fifo = dz_output_is_fifo(&out) && !dz_output_is_terminal(&out) && !dz_output_width(&out);
		opened[i] = opened[i] && dz_output_close(&out, &err);
	}
	restore_stdout(saved);
	assert_true(opened[0] && opened[1] && fifo);
	assert_int_equal(read(reader, text, sizeof text), 4);
	assert_memory_equal(text, "abab", 4);
	close(reader);
}

static void a_closed_pipe_is_an_end(void **state)
{
	struct dz_output out;
	struct dz_err err;
	bool opened, written;
	int saved, reader = pipe_as_stdout(&saved);
	(void)state;
	close(reader);
	opened = dz_output_open(&out, NULL, &err);
	written = dz_output_write(&out, "x", 1, 1, &err);
	restore_stdout(saved);
	assert_true(opened);
	assert_false(written);
	assert_true(out.closed_pipe);
	assert_true(dz_output_close(&out, &err));
}

static void closed_standard_output_is_told(void **state)
{
	struct dz_output out;
	struct dz_err err;
	bool opened;
	int saved;
	(void)state;
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	close(STDOUT_FILENO);
	opened = dz_output_open(&out, NULL, &err);
	restore_stdout(saved);
	assert_false(opened);
	assert_non_null(strstr(err.text, "standard output"));
}

enum { MUCH = 1 << 20 };

static void *read_slowly(void *context)
{
	static char bytes[4096];
	size_t total = 0;
	ssize_t got;
	usleep(20000);
	while ((got = read(*(int *)context, bytes, sizeof bytes)) > 0)
		total += (size_t)got;
	return (void *)(uintptr_t)total;
}

/* Whoever made the pipe may have made it non-blocking: what does not fit is waited for. */
static void a_non_blocking_pipe_is_waited_for(void **state)
{
	char *much = calloc(1, MUCH);
	struct dz_output out;
	struct dz_err err;
	pthread_t thread;
	void *total;
	bool written;
	int saved, reader = pipe_as_stdout(&saved);
	(void)state;
	assert_non_null(much);
	fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
	pthread_create(&thread, NULL, read_slowly, &reader);
	written = dz_output_open(&out, NULL, &err) && dz_output_write(&out, much, MUCH, 1, &err) &&
		  dz_output_close(&out, &err);
	restore_stdout(saved);
	pthread_join(thread, &total);
	assert_true(written);
	assert_int_equal((uintptr_t)total, MUCH);
	close(reader);
	free(much);
}

static void the_same_file_is_known_by_any_name(void **state)
{
	char pipe[160];

	(void)state;
	write_file("x");
	unlink(other);
	assert_true(dz_output_overwrites(path, path));
	assert_false(dz_output_overwrites(path, other)); /* is not there */
	assert_false(dz_output_overwrites(other, path));
	assert_int_equal(link(path, other), 0);
	assert_true(dz_output_overwrites(path, other));
	assert_true(dz_output_overwrites(other, path));
	assert_true(dz_output_overwrites(path, folder)); /* it is one of the folder's */
	assert_false(dz_output_overwrites("/dev/null", "/dev/null"));
	snprintf(pipe, sizeof pipe, "%s.fifo", folder);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_false(dz_output_overwrites(pipe, pipe));
	unlink(pipe);
	unlink(other);
	assert_int_equal(symlink(path, other), 0);
	assert_true(dz_output_overwrites(other, path));
	/* Standard input and output by their descriptors. */
	int in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO), file = open(path, O_RDWR);
	dup2(file, STDIN_FILENO);
	bool as_input = dz_output_overwrites(path, "-");
	dup2(file, STDOUT_FILENO);
	bool both = dz_output_overwrites(NULL, "-") && dz_output_overwrites("-", path);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(in);
	close(out);
	close(file);
	assert_true(as_input);
	assert_true(both);
}

static unsigned files_in_folder(void)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	unsigned count = 0;

	while ((entry = readdir(dir)))
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return count;
}

static void a_document_takes_the_place_of_the_old_one_at_its_end(void **state)
{
	struct dz_output out;
	struct dz_err err;
	struct stat before, after;
	sigset_t signals;

	(void)state;
	write_file("old");
	unlink(other);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_true(dz_output_begin(&out, path, &err));
	assert_true(dz_output_write(&out, "new", 3, 0, &err));
	assert_content(path, "old");
	sigprocmask(SIG_SETMASK, NULL, &signals);
	assert_true(sigismember(&signals, SIGTERM));
	assert_true(dz_output_close(&out, &err));
	sigprocmask(SIG_SETMASK, NULL, &signals);
	assert_false(sigismember(&signals, SIGTERM));
	assert_content(path, "new");
	assert_int_equal(stat(path, &after), 0);
	assert_true(before.st_ino != after.st_ino);
	assert_int_equal(after.st_mode & 07777, 0640);
	assert_int_equal(files_in_folder(), 1);
	/* Given up: nothing has happened. */
	assert_true(dz_output_begin(&out, path, &err));
	assert_true(dz_output_write(&out, "newer", 5, 0, &err));
	dz_output_abandon(&out);
	dz_output_abandon(&out);
	assert_content(path, "new");
	assert_int_equal(files_in_folder(), 1);
	/* A new file has the mode that any other would have. */
	mode_t mask = umask(027);
	assert_true(dz_output_document(other, "made", 4, &err));
	umask(mask);
	assert_content(other, "made");
	assert_int_equal(stat(other, &after), 0);
	assert_int_equal(after.st_mode & 07777, 0640);
	unlink(other);
}

static void a_link_stays_and_its_file_is_replaced(void **state)
{
	struct dz_err err;
	struct stat status;

	(void)state;
	write_file("old");
	unlink(other);
	assert_int_equal(symlink("file", other), 0);
	assert_true(dz_output_document(other, "new", 3, &err));
	assert_content(path, "new");
	assert_int_equal(lstat(other, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	/* A link to nothing makes what it points to, as open() does. */
	unlink(path);
	assert_true(dz_output_document(other, "made", 4, &err));
	assert_content(path, "made");
	unlink(other);
}

static void what_fails_leaves_the_old_document(void **state)
{
	struct rlimit before, small;
	struct dz_err err;
	char much[8192];

	(void)state;
	write_file("old");
	memset(much, 'x', sizeof much);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 4096; /* as a disk that is full */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	bool written = dz_output_document(path, much, sizeof much, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_false(written);
	assert_non_null(strstr(err.text, path));
	assert_content(path, "old");
	assert_int_equal(files_in_folder(), 1);
	/* No folder, and devices, which are written as they are. */
	char nowhere[160];
	snprintf(nowhere, sizeof nowhere, "%s/no-folder/x", folder);
	assert_false(dz_output_document(nowhere, "x", 1, &err));
	assert_non_null(strstr(err.text, nowhere));
	assert_false(dz_output_document(folder, "x", 1, &err));
	assert_true(dz_output_document("/dev/null", "x", 1, &err));
	assert_false(dz_output_document("/dev/full", "x", 1, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_created_and_emptied),
		cmocka_unit_test(what_cannot_be_opened_is_named),
		cmocka_unit_test(names_say_how_to_pack),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(standard_output_stays_open),
		cmocka_unit_test(a_closed_pipe_is_an_end),
		cmocka_unit_test(closed_standard_output_is_told),
		cmocka_unit_test(a_non_blocking_pipe_is_waited_for),
		cmocka_unit_test(the_same_file_is_known_by_any_name),
		cmocka_unit_test(a_document_takes_the_place_of_the_old_one_at_its_end),
		cmocka_unit_test(a_link_stays_and_its_file_is_replaced),
		cmocka_unit_test(what_fails_leaves_the_old_document),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
