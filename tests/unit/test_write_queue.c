/* SPDX-License-Identifier: BSD-2-Clause */
/* test_write_queue.c - a reader that does not read, a disk that is full: memory is bounded, and all is counted. */
#include "config.h"
#include "output/write_queue.h"

#include "base/strbuf.h"
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE = 100, PIPE_SIZE = 4096 };

static char folder[64], line[LINE + 1];

static int set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	memset(line, 'x', LINE - 1);
	line[LINE - 1] = '\n';
	strcpy(folder, "/tmp/dz-queue-XXXXXX");
	return !mkdtemp(folder) || chdir(folder) != 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink("pipe");
	unlink("f");
	return rmdir(folder);
}

static void note(void *context, const char *message)
{
	struct dz_strbuf *said = context;

	dz_strbuf_add(said, message, strlen(message));
	dz_strbuf_addc(said, '\n');
}

struct rig {
	struct dz_strbuf said;
	struct dz_outfile *file;
	struct dz_write_queue *queue;
};

static void rig_open_rotating(struct rig *rig, const char *path, uint64_t rotate_ns, size_t size, bool wait)
{
	struct dz_outfile_config file = { .path = path, .mode = 0640, .rotate_ns = rotate_ns };
	struct dz_write_queue_config config = {
		.size = size, .when_full_wait = wait, .say = note, .context = &rig->said
	};
	struct dz_err err;
	uint64_t cut;

	dz_strbuf_init(&rig->said);
	rig->file = dz_outfile_open(&file, 0, &cut, &err);
	if (!rig->file)
		fail_msg("%s", err.text);
	rig->queue = dz_write_queue_new(rig->file, &config, &err);
	assert_non_null(rig->queue);
}

static void rig_open(struct rig *rig, const char *path, size_t size, bool wait)
{
	rig_open_rotating(rig, path, 0, size, wait);
}

static void rig_close(struct rig *rig, bool all_written, struct dz_write_counts *counts)
{
	struct dz_err err;

	assert_int_equal(dz_write_queue_close(rig->queue, counts), all_written);
	assert_true(dz_outfile_close(rig->file, &err));
}

static bool put(struct rig *rig)
{
	struct dz_err err;

	return dz_write_queue_put(rig->queue, line, LINE, 1, &err);
}

/* A pipe that holds a page, and its end for reading. */
static int make_pipe(void)
{
	int reader;

	assert_int_equal(mkfifo("pipe", 0600), 0);
	reader = open("pipe", O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	fcntl(reader, F_SETPIPE_SZ, PIPE_SIZE);
	return reader;
}

static uint64_t read_all(int fd)
{
	char block[4096];
	uint64_t sum = 0;
	ssize_t got;

	fcntl(fd, F_SETFL, 0);
	while ((got = read(fd, block, sizeof block)) > 0)
		sum += (uint64_t)got;
	return sum;
}

static void *read_in_thread(void *context)
{
	int *fd = context;
	uint64_t *sum = malloc(sizeof *sum);

	*sum = read_all(*fd);
	return sum;
}

static void what_finds_no_room_is_dropped_and_counted(void **state)
{
	enum { PUT = 1000, QUEUE = 50 * LINE };
	struct dz_write_counts counts;
	struct rig rig;
	pthread_t thread;
	int reader = make_pipe();
	uint64_t *read;

	(void)state;
	rig_open(&rig, "pipe", QUEUE, false);
	for (int i = 0; i < PUT; i++) {
		assert_true(put(&rig)); /* and returns at once: nobody reads */
		dz_write_queue_counts(rig.queue, &counts);
		assert_true(counts.queued_bytes <= QUEUE);
	}
	assert_int_equal(pthread_create(&thread, NULL, read_in_thread, &reader), 0);
	rig_close(&rig, true, &counts);
	pthread_join(thread, (void **)&read);
	assert_int_equal(counts.records + counts.lost_records, PUT);
	assert_true(counts.records >= 50 && counts.records <= 50 + PIPE_SIZE / LINE + 2);
	assert_int_equal(counts.bytes, counts.records * LINE);
	assert_int_equal(counts.lost_bytes, counts.lost_records * LINE);
	assert_int_equal(*read, counts.bytes);
	free(read);
	close(reader);
	dz_strbuf_release(&rig.said);
}

static void waiting_loses_nothing(void **state)
{
	enum { PUT = 1000 };
	struct dz_write_counts counts;
	struct rig rig;
	pthread_t thread;
	int reader = make_pipe();
	uint64_t *read;

	(void)state;
	rig_open(&rig, "pipe", 5 * LINE, true);
	assert_int_equal(pthread_create(&thread, NULL, read_in_thread, &reader), 0);
	for (int i = 0; i < PUT; i++)
		assert_true(put(&rig));
	rig_close(&rig, true, &counts);
	pthread_join(thread, (void **)&read);
	assert_int_equal(counts.records, PUT);
	assert_int_equal(counts.lost_records, 0);
	assert_int_equal(*read, PUT * LINE);
	free(read);
	close(reader);
	dz_strbuf_release(&rig.said);
}

static void a_reader_that_leaves_ends_it(void **state)
{
	struct dz_write_counts counts;
	struct rig rig;
	int reader = make_pipe();

	(void)state;
	rig_open(&rig, "pipe", 100 * LINE, true);
	close(reader);
	while (put(&rig))
		continue;
	assert_true(dz_write_queue_is_gone(rig.queue));
	rig_close(&rig, false, &counts);
	assert_int_equal(counts.records, 0);
	assert_true(counts.lost_records > 0);
	dz_strbuf_release(&rig.said);
}

static void a_disk_that_stays_full_is_counted(void **state)
{
	struct rlimit before, limit;
	struct dz_write_counts counts;
	struct rig rig;
	struct stat status;

	(void)state;
	rig_open(&rig, "f", 100 * LINE, false);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 3 * LINE + LINE / 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 10; i++)
		assert_true(put(&rig));
	rig_close(&rig, false, &counts);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(counts.records, 3);
	assert_int_equal(counts.lost_records, 7);
	assert_int_equal(counts.failed_records, 7);
	assert_int_equal(stat("f", &status), 0);
	assert_int_equal(status.st_size, 3 * LINE);
	dz_strbuf_addc(&rig.said, '\0');
	assert_non_null(strstr(rig.said.data, "File too large; tried again each second"));
	dz_strbuf_release(&rig.said);
}

static void room_again_loses_nothing(void **state)
{
	struct rlimit before, limit;
	struct dz_write_counts counts;
	struct rig rig;

	(void)state;
	rig_open(&rig, "f", 100 * LINE, false);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 3 * LINE + LINE / 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 10; i++)
		assert_true(put(&rig));
	for (counts.bytes = 0; counts.bytes < 3 * LINE;) { /* until it is full */
		usleep(1000);
		dz_write_queue_counts(rig.queue, &counts);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	rig_close(&rig, true, &counts);
	assert_int_equal(counts.records, 10);
	assert_int_equal(counts.lost_records, 0);
	dz_strbuf_release(&rig.said);
}

/* A file that ends by the clock, when nothing is written behind it: the last accounting says so. */
static void a_rotation_that_no_line_follows_is_counted(void **state)
{
	struct dz_write_counts counts;
	glob_t rotated = { 0 };
	struct rig rig;

	(void)state;
	rig_open_rotating(&rig, "f", 50000000, 1 << 20, false);
	assert_true(put(&rig));
	for (int i = 0; i < 2000 && glob("f?*", 0, NULL, &rotated) != 0; i++)
		usleep(5000);
	assert_int_equal(rotated.gl_pathc, 1);
	rig_close(&rig, true, &counts);
	assert_int_equal(counts.rotations, 1);
	unlink(rotated.gl_pathv[0]);
	globfree(&rotated);
	dz_strbuf_release(&rig.said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_finds_no_room_is_dropped_and_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(waiting_loses_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_that_leaves_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_disk_that_stays_full_is_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(room_again_loses_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_rotation_that_no_line_follows_is_counted, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
