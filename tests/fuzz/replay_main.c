/* SPDX-License-Identifier: BSD-2-Clause */
/* replay_main.c - runs a fuzz target on its corpus, without a fuzzer: on every file, on every prefix of it, and with
 * each byte of short ones changed, so that lengths lie.
 *
 * With arguments, on those files; else replay_X reads $top_srcdir/tests/fuzz/corpus/fuzz_X. After --all long ones are
 * cut at every byte, too, and those of some thousand changed at each: that takes minutes for a large one. */
#include "config.h"
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 1 << 17, PATH_SIZE = 4096 };

/* Up to these sizes inputs are cut, and changed, at every byte. With `all`, longer ones are changed at so many bytes.
 */
static size_t cut_max = 4096, lie_max = 512;
static bool all;

static void run(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Each byte in turn becomes 0, the greatest, and the next one up and down; of long inputs each n-th. */
static void lie(uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at < size; at += size / lie_max + 1) {
		const uint8_t was = bytes[at];
		const uint8_t lies[] = { 0, UINT8_MAX, (uint8_t)(was + 1), (uint8_t)(was - 1) };
		for (size_t i = 0; i < sizeof lies; i++) {
			bytes[at] = lies[i];
			run(bytes, size);
		}
		bytes[at] = was;
	}
}

static void replay(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file) { /* the target has left the process unable to: passed over, the rest would look as if it had run */
		perror(path);
		exit(EXIT_FAILURE);
	}
	size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	run(bytes, size);
	for (size_t prefix = 0; prefix < size && size <= cut_max; prefix++)
		run(bytes, prefix);
	if (size <= lie_max || all)
		lie(bytes, size);
}

static int replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int count = 0;

	if (!dir) {
		perror(folder);
		return 0;
	}
	while ((entry = readdir(dir))) {
		char path[PATH_SIZE];
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= PATH_SIZE)
			abort();
		replay(path);
		count++;
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *name = strstr(argv[0], "replay_");
	char folder[PATH_SIZE];
	int count = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--all"))
			all = true, cut_max = INPUT_MAX, lie_max = 6000;
		else
			replay(argv[i]), count++;
	}
	while (name && strstr(name + 1, "replay_"))
		name = strstr(name + 1, "replay_");
	if (argc == 1 && name) {
		snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/fuzz_%s", top ? top : ".",
			 name + strlen("replay_"));
		count = replay_folder(folder);
	}
	printf("%d inputs replayed\n", count);
	return count == 0;
}
