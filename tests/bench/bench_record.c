/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_record.c - what one record costs: written, written the plain way, and read.
 *
 * Prints nanoseconds per record for a typical record (a TLS flow over IPv4 with a dozen filled bins). The plain way
 * builds a json-c tree with one object per number, prints and frees it, as a program would that does not care; its
 * line is the same, so the two can be compared. Usage: bench_record [ROUNDS [WHICH]], where WHICH is a choice of the
 * letters w, c, v, p, r in the order of the table: for a profiler. */
#include "config.h"
#include "record/record_json.h"

#include "record/record_csv.h"
#include "../unit/sample.h"
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* A tree like the one that parsing the line gives. */
static struct json_object *copy_tree(struct json_object *from)
{
	struct json_object *to = NULL;

	switch (json_object_get_type(from)) {
	case json_type_object:
		to = json_object_new_object();
		json_object_object_foreach(from, key, value) json_object_object_add(to, key, copy_tree(value));
		break;
	case json_type_array:
		to = json_object_new_array();
		for (size_t i = 0; i < (size_t)json_object_array_length(from); i++)
			json_object_array_add(to, copy_tree(json_object_array_get_idx(from, i)));
		break;
	case json_type_string:
		to = json_object_new_string(json_object_get_string(from));
		break;
	case json_type_boolean:
		to = json_object_new_boolean(json_object_get_boolean(from));
		break;
	case json_type_double:
		to = json_object_new_double(json_object_get_double(from));
		break;
	case json_type_int:
		to = json_object_new_int64(json_object_get_int64(from));
		break;
	case json_type_null:
		break;
	}
	return to;
}

static void typical(struct sample *sample)
{
	static const struct {
		unsigned side, length, times;
	} lengths[] = { { 0, 52, 61 }, { 0, 60, 1 },    { 0, 569, 1 }, { 0, 116, 2 },  { 0, 178, 4 },
			{ 0, 300, 1 }, { 1, 1492, 97 }, { 1, 52, 18 }, { 1, 60, 1 },   { 1, 1200, 3 },
			{ 1, 834, 1 }, { 1, 400, 2 },   { 1, 700, 1 }, { 1, 1008, 2 }, { 1, 131, 3 } };

	sample_init(sample);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		sample_add(sample, lengths[i].side, lengths[i].length, lengths[i].times);
	sample->detail = (struct dz_label_detail){ .hostname = "www.example.org",
						   .tls_server_name = "www.example.org",
						   .tls_version = "1.3",
						   .tls_next_protocol = "h2",
						   .tls_ja3 = "a0e9f5d64349fb13191bc781f81f42e1",
						   .tls_ja3s = "ec74a5c51106f0419184d0dd08fb05bc" };
	sample->record.detail = &sample->detail;
}

static double bench_write(const struct dz_record *record, enum dz_values values, unsigned rounds)
{
	struct dz_json_writer *writer = dz_json_writer_new(values, false);
	struct dz_strbuf out;
	double start;

	dz_strbuf_init(&out);
	dz_json_writer_add(writer, record, &out);
	start = now();
	for (unsigned i = 0; i < rounds; i++) {
		dz_strbuf_clear(&out);
		dz_json_writer_add(writer, record, &out);
	}
	start = now() - start;
	printf("  %zu bytes", out.size);
	dz_strbuf_release(&out);
	dz_json_writer_free(writer);
	return start;
}

static double bench_plain(const char *line, unsigned rounds)
{
	struct json_object *model = json_tokener_parse(line);
	double start = now();

	printf("  %zu bytes", strlen(line));
	for (unsigned i = 0; i < rounds; i++) {
		struct json_object *tree = copy_tree(model);
		if (!json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE))
			exit(1);
		json_object_put(tree);
	}
	json_object_put(model);
	return now() - start;
}

static double bench_read(const char *line, unsigned rounds)
{
	struct dz_json_reader *reader = dz_json_reader_new();
	struct dz_record record;
	struct dz_err err;
	double start = now();

	printf("  %zu bytes", strlen(line));
	for (unsigned i = 0; i < rounds; i++) {
		if (!dz_json_reader_parse(reader, line, strlen(line), &record, &err)) {
			fprintf(stderr, "%s\n", err.text);
			exit(1);
		}
	}
	dz_json_reader_free(reader);
	return now() - start;
}

static double bench_csv(const struct dz_record *record, unsigned rounds)
{
	struct dz_csv_layout layout = { DZ_VALUES_BOTH, record->shape, false };
	struct dz_strbuf out;
	double start = now();

	dz_strbuf_init(&out);
	for (unsigned i = 0; i < rounds; i++) {
		dz_strbuf_clear(&out);
		dz_csv_add_record(&layout, record, &out);
	}
	start = now() - start;
	printf("  %zu bytes", out.size);
	dz_strbuf_release(&out);
	return start;
}

static void print(const char *what, double seconds, unsigned rounds)
{
	printf("\t%8.0f ns  %s\n", seconds / rounds * 1e9, what);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 200000;
	const char *what = argc > 2 ? argv[2] : "wcvpr";
	struct dz_json_writer *writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
	struct sample sample;
	struct dz_strbuf line;

	if (rounds < 20)
		rounds = 20;
	typical(&sample);
	dz_strbuf_init(&line);
	dz_json_writer_add(writer, &sample.record, &line);
	for (unsigned turn = 0; turn < 3; turn++) { /* in turn, so that a slow moment is seen */
		if (strchr(what, 'w'))
			print("written, counts and percent", bench_write(&sample.record, DZ_VALUES_BOTH, rounds),
			      rounds);
		if (strchr(what, 'c'))
			print("written, counts only", bench_write(&sample.record, DZ_VALUES_COUNTS, rounds), rounds);
		if (strchr(what, 'v'))
			print("written as CSV", bench_csv(&sample.record, rounds), rounds);
		if (strchr(what, 'p'))
			print("written the plain way, as a tree of json-c objects", bench_plain(line.data, rounds / 20),
			      rounds / 20);
		if (strchr(what, 'r'))
			print("read", bench_read(line.data, rounds / 20), rounds / 20);
	}
	dz_strbuf_release(&line);
	dz_json_writer_free(writer);
	return 0;
}
