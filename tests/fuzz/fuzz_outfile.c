/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_outfile.c - a file that is there when it is opened to be written on: any bytes, and one of ours that was cut or
 * damaged at its end.
 *
 * Input: a byte that says how it is compressed and which of the two it is, two for the place of the damage, then the
 * bytes, which are also what is written where it is one of ours. */
#include "config.h"
#include "base/mem.h"
#include "base/pack.h"
#include "fuzz.h"
#include "output/outfile.h"
#include "../lib/pkt_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 3, LINE = 24, WAYS = 3, NAME = 40, LONGEST = 1 << 22 };
static const char last[] = "last\n";

struct file {
	uint8_t *bytes; /* owned */
	size_t size;
};

static void put_file(const char *path, const uint8_t *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	PKT_CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	close(fd);
}

static struct file get_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct file file;
	struct stat status;

	PKT_CHECK(fd >= 0 && fstat(fd, &status) == 0);
	file.size = (size_t)status.st_size;
	file.bytes = dz_mem_alloc(file.size + 1);
	PKT_CHECK(read(fd, file.bytes, file.size) == (ssize_t)file.size);
	close(fd);
	return file;
}

static size_t size_of(const char *path)
{
	struct stat status;

	PKT_CHECK(stat(path, &status) == 0);
	return (size_t)status.st_size;
}

/* The file unpacked, byte by byte: all of it is whole. Returns whether it ends in that line. */
static bool ends_in(const struct file *file, enum dz_packing packing, const char *line)
{
	size_t wanted = strlen(line), used, made;
	char end[sizeof last] = "", byte;
	struct dz_unpacker *unpacker;
	struct dz_err err;

	if (packing == DZ_PACKING_NONE)
		return file->size >= wanted && !memcmp(file->bytes + file->size - wanted, line, wanted);
	unpacker = dz_unpacker_new(packing, &err);
	for (size_t at = 0; at < file->size;) {
		PKT_CHECK(dz_unpacker_run(unpacker, file->bytes + at, 1, &used, (uint8_t *)&byte, 1, &made, &err));
		PKT_CHECK(used || made);
		at += used;
		if (made) {
			memmove(end, end + 1, wanted - 1);
			end[wanted - 1] = byte;
		}
	}
	do { /* what the library has kept */
		PKT_CHECK(dz_unpacker_run(unpacker, file->bytes, 0, &used, (uint8_t *)&byte, 1, &made, &err));
		if (made) {
			memmove(end, end + 1, wanted - 1);
			end[wanted - 1] = byte;
		}
	} while (made);
	PKT_CHECK(dz_unpacker_may_end(unpacker, &err));
	dz_unpacker_free(unpacker);
	return !memcmp(end, line, wanted);
}

/* Writes the bytes as lines, several times a few; sets where the last write began. */
static void write_ours(const struct dz_outfile_config *config, const uint8_t *bytes, size_t size, size_t *before_last)
{
	struct dz_err err;
	uint64_t cut;
	struct dz_outfile *file = dz_outfile_open(config, 0, &cut, &err);
	char line[LINE + 1];

	PKT_CHECK(file && !cut);
	for (size_t at = 0, part, done; at < size; at += part) {
		part = size - at < LINE ? size - at : LINE;
		for (size_t i = 0; i < part; i++)
			line[i] = (char)(bytes[at + i] == '\n' ? ' ' : bytes[at + i]);
		line[part] = '\n';
		*before_last = size_of(config->path);
		PKT_CHECK(dz_outfile_write(file, line, part + 1, 0, &done, &err) == DZ_OUTFILE_DONE);
		PKT_CHECK(done == part + 1);
	}
	PKT_CHECK(dz_outfile_close(file, &err));
}

/* Cuts the file within the last write, or changes a byte of that. */
static void damage(struct file *file, size_t before_last, const uint8_t *head)
{
	size_t at;

	if (file->size == before_last)
		return;
	at = before_last + (size_t)head[1] % (file->size - before_last);
	if (head[2] == 0)
		file->size = at;
	else
		file->bytes[at] ^= head[2];
}

/* Opens what is there; it has to be as long as `least` afterwards, and where it was only cut as long as that. */
static void open_there(const struct dz_outfile_config *config, const struct file *there, size_t least, bool exact)
{
	struct dz_err err;
	uint64_t cut;
	struct dz_outfile *file = dz_outfile_open(config, 0, &cut, &err);
	struct file now = get_file(config->path);
	size_t done;

	PKT_CHECK(!memcmp(now.bytes, there->bytes, now.size));
	if (!file) {
		PKT_CHECK(now.size == there->size && !strncmp(err.text, config->path, strlen(config->path)));
		PKT_CHECK(!least && !exact);
		free(now.bytes);
		return;
	}
	PKT_CHECK(now.size + cut == there->size && now.size >= least);
	PKT_CHECK(!exact || now.size == least);
	if (config->packing == DZ_PACKING_NONE)
		PKT_CHECK(cut <= LONGEST && !memchr(there->bytes + now.size, '\n', (size_t)cut));
	PKT_CHECK(!now.size || config->packing != DZ_PACKING_NONE || now.bytes[now.size - 1] == '\n');
	free(now.bytes);
	PKT_CHECK(dz_outfile_write(file, last, sizeof last - 1, 0, &done, &err) == DZ_OUTFILE_DONE);
	PKT_CHECK(dz_outfile_close(file, &err));
	now = get_file(config->path);
	PKT_CHECK(ends_in(&now, config->packing, last));
	file = dz_outfile_open(config, 0, &cut, &err); /* and all of it is whole */
	PKT_CHECK(file && !cut && size_of(config->path) == now.size);
	PKT_CHECK(dz_outfile_close(file, &err));
	free(now.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[NAME];
	struct dz_outfile_config config = { .path = path, .mode = 0600 };
	struct file there;
	size_t before_last = 0;

	if (size < HEAD)
		return 0;
	config.packing = (enum dz_packing)(data[0] % WAYS);
	if (!dz_packing_known(config.packing))
		return 0;
	/* In memory where there is such a place: each file is flushed to its disk. */
	snprintf(path, sizeof path, "%s/fuzz-outfile-%d", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
		 (int)getpid());
	unlink(path);
	if (data[0] / WAYS % 2) {
		write_ours(&config, data + HEAD, size - HEAD, &before_last);
		there = get_file(path);
		damage(&there, before_last, data);
		put_file(path, there.bytes, there.size);
		/* A byte that was changed may leave a file that nothing is wrong with, or, of its first bytes, a
		 * foreign one. */
		open_there(&config, &there, before_last, data[2] == 0 && size > HEAD);
	} else {
		put_file(path, data + HEAD, size - HEAD);
		there = get_file(path);
		open_there(&config, &there, 0, false);
	}
	free(there.bytes);
	unlink(path);
	return 0;
}
