/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_statistics.c - any lines into each statistic, as its command takes them: an exit status that the manual knows,
 * and no fault on the way. Lines that are records may still be odd ones: counts of 2^53, labels of control characters.
 *
 * Input: a byte that says which statistic, and by what, then the lines. Where the statistic takes two files, what is
 * before the first NUL is the other one: a library, lines, or a table of true labels. */
#include "config.h"
#include "cmd/cmd.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* LINES, OTHER and PROFILES stand for files; PROFILES is what `profile` makes of the lines. BY and DISTANCE stand for
 * one of those below. Each gets --no-sandbox: there is no way back from it, and inputs come after this one. */
static const char *const runs[][12] = {
	{ "compare", "--skip-bad", "-F", "json", "LINES" },
	{ "compare", "--skip-bad", "--by", "port", "--permutations", "9", "LINES" },
	{ "cluster", "--skip-bad", "-F", "json", "LINES" },
	{ "cluster", "--skip-bad", "--min-samples", "2", "-F", "csv", "LINES" },
	{ "profile", "--skip-bad", "LINES" },
	{ "score", "--skip-bad", "--profiles", "PROFILES", "LINES" },
	{ "score", "--skip-bad", "--profiles", "PROFILES", "--evaluate", "-F", "json", "LINES" },
	{ "report", "--skip-bad", "LINES" },
	{ "compare", "-F", "csv", "LINES" }, /* a bad line ends it */
	{ "score", "--profiles", "OTHER", "--is", "a", "--skip-bad", "LINES" },
	{ "compare", "--baseline", "OTHER", "--permutations", "0", "--skip-bad", "LINES" },
	{ "compare", "--yardstick", "OTHER", "--permutations", "9", "--skip-bad", "LINES" },
	{ "compare", "-F", "csv", "--skip-bad", "OTHER", "LINES" },
	{ "profile", "--skip-bad", "OTHER", "LINES" },
	{ "profile", "--rule", "a", "--skip-bad", "LINES" },
	{ "report", "--profiles", "OTHER", "--baseline", "OTHER", "--skip-bad", "LINES" },
	{ "score", "--profiles", "PROFILES", "--evaluate", "--truth", "OTHER", "--skip-bad", "LINES" },
	{ "score", "--evaluate", "--folds", "host", "-F", "json", "--skip-bad", "LINES" },
	{ "cluster", "--flows", "--eps", "auto", "-F", "json", "--skip-bad", "LINES" },
	{ "compare", "--every", "60", "--by", "input", "--permutations", "9", "--skip-bad", "-j", "2", "LINES" },
	{ "score", "--profiles", "OTHER", "--evaluate", "-F", "csv", "--skip-bad", "LINES" },
	{ "cluster", "--eps", "0.3", "--by", "BY", "--distance", "DISTANCE", "--skip-bad", "LINES" },
	{ "cluster", "--flows", "--distance", "DISTANCE", "-F", "csv", "--skip-bad", "LINES" },
	{ "score", "--profiles", "OTHER", "--distance", "DISTANCE", "-F", "text", "--is", "a", "--skip-bad", "LINES" },
	{ "score", "--profiles", "PROFILES", "--is", "a", "-F", "csv", "--skip-bad", "LINES" },
	{ "report", "--eps", "0.3", "--by", "BY", "--skip-bad", "OTHER", "LINES" },
	{ "compare", "--by", "BY", "--distance", "DISTANCE", "--skip-bad", "LINES" },
	{ "compare", "--pooled", "--by", "BY", "--direction", "total", "-F", "json", "--skip-bad", "OTHER", "LINES" },
	{ "compare", "--sessions", "none", "--permutations", "19", "--alike", "80", "--skip-bad", "LINES" },
};
#ifdef HAVE_PSL
#define BY_DOMAIN "prefix,domain"
#else
#define BY_DOMAIN "prefix,hostname"
#endif
static const char *const bys[] = { "label",     BY_DOMAIN,      "vlan,observer", "tunnel",
				   "host,hour", "hostname,ja4", "prefix/20,day", "ja3,category" };
static const char *const distances[] = { "hellinger",   "jensen-shannon", "euclidean",       "cosine",
					 "wasserstein", "chi-squared",    "total-variation", "hellinger" };
enum { VARIANTS = sizeof bys / sizeof *bys };
enum { RUNS = sizeof runs / sizeof *runs, MAKE_PROFILES = 4, PATH_SIZE = 40 };

struct files {
	int lines_fd, other_fd;
	unsigned variant;
	char lines[PATH_SIZE], other[PATH_SIZE], profiles[PATH_SIZE]; /* the last one is there while it is needed */
};

static int make_file(const uint8_t *bytes, size_t size, char path[PATH_SIZE])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	snprintf(path, PATH_SIZE, "/proc/self/fd/%d", fd);
	return fd;
}

/* An output is made anew under its name, which nothing in /proc/self/fd can be. */
static void make_place(char path[PATH_SIZE])
{
	int fd;

	snprintf(path, PATH_SIZE, "/tmp/fuzz-profiles-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		abort();
	close(fd);
}

static const char *stands_for(const struct files *files, const char *word)
{
	return !strcmp(word, "LINES")      ? files->lines
	       : !strcmp(word, "OTHER")    ? files->other
	       : !strcmp(word, "PROFILES") ? files->profiles
	       : !strcmp(word, "BY")       ? bys[files->variant]
	       : !strcmp(word, "DISTANCE") ? distances[files->variant]
					   : word;
}

static int run(const char *const *words, const struct files *files, const char *out)
{
	char *argv[20] = { NULL }, copies[20][PATH_SIZE];
	const char *all[20] = { words[0], "-q", "--no-sandbox", "-o", out };
	int argc = 5, status;

	for (int i = 1; words[i]; i++)
		all[argc++] = stands_for(files, words[i]);
	for (int i = 0; i < argc; i++) {
		snprintf(copies[i], PATH_SIZE, "%s", all[i]);
		argv[i] = copies[i];
	}
	status = dz_cmd_find(words[0])->run(argc, argv);
	if (status != DZ_EXIT_DONE && status != DZ_EXIT_FAILED)
		abort(); /* the words are right, so that it is never DZ_EXIT_USAGE */
	return status;
}

static bool takes(const char *const *words, const char *word)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const *words;
	const uint8_t *nul;
	struct files files;
	size_t at = 1;
	bool ready = true;

	if (!size)
		return 0;
	words = runs[data[0] % RUNS];
	files.variant = data[0] / RUNS % VARIANTS;
	nul = takes(words, "OTHER") ? memchr(data + 1, 0, size - 1) : NULL;
	if (nul)
		at = (size_t)(nul - data) + 1;
	files.other_fd = make_file(data + 1, nul ? at - 2 : 0, files.other);
	files.lines_fd = make_file(data + at, size - at, files.lines);
	if (takes(words, "PROFILES")) {
		make_place(files.profiles);
		ready = run(runs[MAKE_PROFILES], &files, files.profiles) == DZ_EXIT_DONE;
	}
	if (ready)
		run(words, &files, "/dev/null");
	if (takes(words, "PROFILES"))
		unlink(files.profiles);
	close(files.lines_fd);
	close(files.other_fd);
	return 0;
}
