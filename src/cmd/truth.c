/* SPDX-License-Identifier: BSD-2-Clause */
/* truth.c - see truth.h. */
#include "config.h"
#include "cmd/truth.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 256 };

/* The fields of a row (RFC 4180, within one line), in the line's own memory; returns how many, 0 when quotes do not
 * end. */
static size_t split(char *line, char *fields[MAX_COLUMNS])
{
	size_t count = 0;
	char *from = line, *to = line;

	line[strcspn(line, "\r\n")] = '\0';
	while (count < MAX_COLUMNS) {
		bool quoted = *from == '"';
		fields[count++] = to;
		from += quoted;
		while (*from && (quoted || *from != ',')) {
			if (quoted && *from == '"' && *++from != '"')
				break;
			*to++ = *from++;
		}
		if (quoted && *from && *from != ',')
			return 0;
		bool more = *from == ',';
		from += more;
		*to++ = '\0';
		if (!more)
			return count;
	}
	return 0;
}

/* Which columns are what; false when label or key are missing. */
static bool read_head(struct dz_truth *truth, char *line, size_t *key, size_t *label)
{
	static const struct {
		const char *name;
		enum dz_truth_key by;
	} keys[] = { { "event.id", DZ_TRUTH_ID },
		     { "id", DZ_TRUTH_ID },
		     { "community_id", DZ_TRUTH_COMMUNITY_ID },
		     { "network.community_id", DZ_TRUTH_COMMUNITY_ID },
		     { "input", DZ_TRUTH_INPUT } };
	char *fields[MAX_COLUMNS];
	size_t count = split(line, fields);
	bool has_label = false;

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(fields[i], "label")) {
			*label = i;
			has_label = true;
		}
	}
	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		for (size_t i = 0; i < count; i++) {
			if (strcmp(fields[i], keys[k].name) != 0)
				continue;
			*key = i;
			truth->by = keys[k].by;
			return has_label;
		}
	}
	return false;
}

static bool add_row(struct dz_truth *truth, char *line, size_t key, size_t label, struct dz_err *err)
{
	char *fields[MAX_COLUMNS];
	size_t count = split(line, fields);
	uint32_t before = truth->keys.count, number;
	void *block = truth->label, *flags = truth->used;

	if (count <= key || count <= label)
		return dz_err_set(err, "%s", count ? "too few columns" : "a quoted field does not end");
	if (!*fields[key] || !*fields[label])
		return dz_err_set(err, "an empty %s", *fields[key] ? "label" : "key");
	number = dz_intern_add_text(&truth->keys, fields[key]);
	if (number < before && truth->label[number] != dz_intern_add_text(&truth->labels, fields[label]))
		return dz_err_set(err, "'%.60s' has another label in an earlier line", fields[key]);
	dz_mem_grow(&block, &truth->label_capacity, number + (size_t)1, sizeof *truth->label);
	dz_mem_grow(&flags, &truth->used_capacity, number + (size_t)1, sizeof *truth->used);
	truth->label = block;
	truth->used = flags;
	truth->label[number] = dz_intern_add_text(&truth->labels, fields[label]);
	truth->used[number] = false;
	return true;
}

bool dz_truth_read(struct dz_truth *truth, const char *path, struct dz_err *err)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, key = 0, label = 0;
	bool fine = true;

	memset(truth, 0, sizeof *truth);
	if (!file)
		return dz_err_set(err, "%s: %s", path, strerror(errno));
	for (uint64_t number = 1; fine && getline(&line, &size, file) > 0; number++) {
		if (number == 1 && !read_head(truth, line, &key, &label))
			fine = dz_err_set(err, "the columns must be label, and event.id, community_id or input");
		else if (number > 1 && line[strspn(line, " \t\r\n")])
			fine = add_row(truth, line, key, label, err);
		if (!fine)
			dz_err_prefix(err, "%s:%" PRIu64, path, number);
	}
	if (fine && ferror(file))
		fine = dz_err_set(err, "%s: %s", path, strerror(errno));
	if (fine && !truth->keys.count)
		fine = dz_err_set(err, "%s: it has no rows", path);
	free(line);
	fclose(file);
	return fine;
}

void dz_truth_release(struct dz_truth *truth)
{
	dz_intern_release(&truth->keys);
	dz_intern_release(&truth->labels);
	free(truth->label);
	free(truth->used);
	memset(truth, 0, sizeof *truth);
}

const char *dz_truth_of(struct dz_truth *truth, const struct dz_record *record, const char *input)
{
	const char *key = truth->by == DZ_TRUTH_INPUT ? input : record->community_id;
	char id[sizeof record->id * 2 + 1];
	uint32_t number;

	if (truth->by == DZ_TRUTH_ID) {
		*dz_text_hex(id, record->id, sizeof record->id) = '\0';
		key = id;
	}
	if (!dz_intern_find(&truth->keys, key, strlen(key), &number)) {
		truth->without++;
		return NULL;
	}
	truth->used[number] = true;
	return dz_intern_text(&truth->labels, truth->label[number]);
}

uint64_t dz_truth_unused(const struct dz_truth *truth)
{
	uint64_t unused = 0;

	for (uint32_t i = 0; i < truth->keys.count; i++)
		unused += !truth->used[i];
	return unused;
}
