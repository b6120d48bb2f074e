/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_statistics.c - any lines into each statistic, as its command takes them: an exit status that the manual knows,
 * and no fault on the way. Lines that are records may still be odd ones: counts of 2^53, labels of control characters.
 *
 * Input: a byte that says which statistic, then the lines. */
#include "config.h"
#include "cmd/cmd.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* LINES, OUT and PROFILES stand for files. */
static const char *const runs[][14] = {
	{ "compare", "-q", "--skip-bad", "-F", "json", "-o", "OUT", "LINES" },
	{ "compare", "-q", "--skip-bad", "--by", "port", "--permutations", "9", "-o", "OUT", "LINES" },
	{ "cluster", "-q", "--skip-bad", "-F", "json", "-o", "OUT", "LINES" },
	{ "cluster", "-q", "--skip-bad", "--min-points", "2", "-F", "csv", "-o", "OUT", "LINES" },
	{ "profile", "-q", "--skip-bad", "-o", "OUT", "LINES" },
	{ "score", "-q", "--skip-bad", "--profiles", "PROFILES", "-o", "OUT", "LINES" },
	{ "score", "-q", "--skip-bad", "--profiles", "PROFILES", "--evaluate", "-F", "json", "-o", "OUT", "LINES" },
	{ "report", "-q", "--skip-bad", "-o", "OUT", "LINES" },
	{ "compare", "-q", "-F", "csv", "-o", "OUT", "LINES" }, /* a bad line ends it */
};
enum { RUNS = sizeof runs / sizeof *runs };

static int make_file(const uint8_t *bytes, size_t size, char path[40])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	snprintf(path, 40, "/proc/self/fd/%d", fd);
	return fd;
}

static int run(const char *const *words, char *lines, char *out, char *profiles)
{
	char *argv[16] = { NULL }, copies[14][16];
	const struct dz_cmd *cmd = dz_cmd_find(words[0]);
	int argc = 0, status;

	for (; words[argc]; argc++) {
		snprintf(copies[argc], sizeof copies[argc], "%s", words[argc]);
		argv[argc] = !strcmp(words[argc], "LINES")      ? lines
			     : !strcmp(words[argc], "OUT")      ? out
			     : !strcmp(words[argc], "PROFILES") ? profiles
								: copies[argc];
	}
	status = cmd->run(argc, argv);
	if (status != DZ_EXIT_DONE && status != DZ_EXIT_FAILED && status != DZ_EXIT_USAGE)
		abort();
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char lines[40], out[40] = "/dev/null", profiles[40];
	const char *const *words;
	int fd, library = -1;

	if (!size)
		return 0;
	words = runs[data[0] % RUNS];
	fd = make_file(data + 1, size - 1, lines);
	if (!strcmp(words[0], "score")) {
		library = make_file(NULL, 0, profiles);
		if (run(runs[4], lines, profiles, profiles) != DZ_EXIT_DONE)
			goto out;
	}
	run(words, lines, out, profiles);
out:
	close(fd);
	if (library >= 0)
		close(library);
	return 0;
}
