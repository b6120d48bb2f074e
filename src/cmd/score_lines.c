/* SPDX-License-Identifier: BSD-2-Clause */
/* score_lines.c - see score_lines.h. */
#include "config.h"
#include "cmd/score_lines.h"

#include "base/mem.h"
#include "base/parallel.h"
#include "render/render.h"
#include <inttypes.h>
#include <stdlib.h>

/* So many bytes of lines are worth waking threads for, and no long wait for who reads what is written. */
enum { ENOUGH = 1 << 18 };

struct flow {
	struct dz_score score;
	double *distances; /* owned: of the library's rules, as `matches` */
	bool *matches;
	struct dz_strbuf line, made;
	const char *file;
	uint64_t number;
	struct dz_err err;
	bool fine;
};

struct dz_score_lines {
	const struct dz_library *library;
	const struct dz_score_options *options;
	unsigned threads;
	struct flow *flows;            /* owned; what was allocated for one is kept for the next in its place */
	size_t count, known, capacity; /* known: have been one, so their memory is there */
	size_t bytes;
};

struct dz_score_lines *dz_score_lines_new(const struct dz_library *library, const struct dz_score_options *options,
					  unsigned threads)
{
	struct dz_score_lines *lines = dz_mem_zalloc(1, sizeof *lines);

	lines->library = library;
	lines->options = options;
	lines->threads = threads;
	return lines;
}

void dz_score_lines_free(struct dz_score_lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < lines->known; i++) {
		free(lines->flows[i].distances);
		free(lines->flows[i].matches);
		dz_strbuf_release(&lines->flows[i].line);
		dz_strbuf_release(&lines->flows[i].made);
	}
	free(lines->flows);
	free(lines);
}

static struct flow *next_flow(struct dz_score_lines *lines)
{
	size_t rules = lines->library->rule_count;
	void *array = lines->flows;
	struct flow *flow;

	dz_mem_grow(&array, &lines->capacity, lines->count + 1, sizeof *lines->flows);
	lines->flows = array;
	flow = &lines->flows[lines->count++];
	if (lines->count > lines->known) {
		memset(flow, 0, sizeof *flow);
		flow->distances = dz_mem_zalloc(rules, sizeof *flow->distances);
		flow->matches = dz_mem_zalloc(rules, sizeof *flow->matches);
		lines->known = lines->count;
	}
	return flow;
}

bool dz_score_lines_add(struct dz_score_lines *lines, const struct dz_score *score, const struct dz_dataset_item *item,
			const char *line, size_t size)
{
	struct flow *flow = next_flow(lines);

	flow->score = *score;
	for (size_t i = 0; i < score->rule_count; i++) {
		flow->distances[i] = score->rule_distances[i];
		flow->matches[i] = score->rule_matches[i];
	}
	flow->score.rule_distances = flow->distances;
	flow->score.rule_matches = flow->matches;
	flow->file = item->file;
	flow->number = item->line_number;
	dz_strbuf_clear(&flow->line);
	dz_strbuf_add(&flow->line, line, size);
	lines->bytes += size;
	return lines->bytes >= ENOUGH;
}

static void make_one(void *context, size_t number)
{
	const struct dz_score_lines *lines = context;
	struct flow *flow = &lines->flows[number];

	dz_strbuf_clear(&flow->made);
	flow->fine = dz_score_line(lines->library, lines->options, &flow->score, flow->line.data, flow->line.size,
				   &flow->made, &flow->err);
}

bool dz_score_lines_make(struct dz_score_lines *lines, dz_score_lines_fn *take, void *context, struct dz_err *err)
{
	struct dz_parallel work = { .threads = lines->threads, .each = make_one, .context = lines };
	size_t count = lines->count;

	dz_parallel_run(&work, count);
	lines->count = lines->bytes = 0;
	for (size_t i = 0; i < count; i++) {
		const struct flow *flow = &lines->flows[i];
		take(context, &flow->score, flow->fine ? &flow->made : NULL);
		if (!flow->fine) {
			*err = flow->err;
			return flow->file ? dz_err_prefix(err, "%s:%" PRIu64, flow->file, flow->number) : false;
		}
	}
	return true;
}
