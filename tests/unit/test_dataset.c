/* SPDX-License-Identifier: BSD-2-Clause */
/* test_dataset.c - records from JSON lines by way of files: filters, shapes, bad lines, names of inputs. Captures and
 * pipes are covered by tests/check/stats_bad_input.py. */
#include "config.h"
#include "input/dataset.h"

#include "record/record_json.h"
#include "flows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct fixture {
	char folder[32], a[64], b[64];
	unsigned records, warnings;
	char last_input[128], last_label[32], last_warning[256];
	struct dz_dataset_options options;
	struct dz_dataset_account account;
	struct dz_err err;
};

static bool take(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct fixture *f = context;

	(void)err;
	f->records++;
	snprintf(f->last_input, sizeof f->last_input, "%s", item->input);
	snprintf(f->last_label, sizeof f->last_label, "%s", item->record->text->application);
	assert_non_null(item->line);
	assert_int_equal(strlen(item->line), item->line_size);
	return true;
}

static void warn(void *context, const char *message)
{
	struct fixture *f = context;
	f->warnings++;
	snprintf(f->last_warning, sizeof f->last_warning, "%s", message);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	strcpy(f->folder, "/tmp/dz-dataset-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->a, sizeof f->a, "%s/a", f->folder);
	snprintf(f->b, sizeof f->b, "%s/b", f->folder);
	dz_dataset_options_init(&f->options);
	f->options.warn = warn;
	f->options.context = f;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	unlink(f->a);
	unlink(f->b);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* Appends a flow of `packets` packets, or text as it is when there is no label. */
static void append(const char *path, const char *label, uint64_t packets, const char *text)
{
	FILE *file = fopen(path, "ab");
	struct dz_json_writer *writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
	struct dz_strbuf out;
	struct sample sample;

	assert_non_null(file);
	dz_strbuf_init(&out);
	if (label) {
		flows_make(&sample, label, (uint64_t[]){ packets, 0, 0, 0 }, (uint64_t[4]){ 0 });
		dz_json_writer_add(writer, &sample.record, &out);
		fwrite(out.data, 1, out.size, file);
	}
	fputs(text, file);
	fclose(file);
	dz_strbuf_release(&out);
	dz_json_writer_free(writer);
}

static bool read_both(struct fixture *f)
{
	const char *const words[] = { f->a, f->b };
	return dz_dataset_read(&f->options, words, 2, take, f, &f->account, &f->err);
}

static void test_filters(void **state)
{
	struct fixture *f = *state;
	struct dz_selection selection = { .min_packets = 3 };
	struct dz_label_counts labels = { 0 };

	append(f->a, "web", 3, "\n");
	append(f->a, "web", 2, "\n");
	append(f->b, "mail", 9, "\n");
	assert_true(read_both(f));
	assert_int_equal(f->records, 3);
	assert_true(f->account.has_shape);
	assert_int_equal(f->account.shape.bins, FLOWS_BINS);
	assert_true(dz_selection_add_labels(&selection, "Web,none"));
	f->options.selection = &selection;
	f->options.labels = &labels;
	f->records = 0;
	assert_true(read_both(f));
	assert_int_equal(f->records, 1);
	assert_int_equal(f->account.records, 3);
	assert_int_equal(f->account.kept, 1);
	assert_string_equal(f->last_label, "web");
	assert_int_equal(labels.count, 2); /* also what was not kept */
	assert_int_equal(labels.counts[0].flows, 2);
	dz_label_counts_release(&labels);
	dz_selection_release(&selection);
	f->options.selection = NULL;
	f->options.labels = NULL;
}

static void test_bad_lines(void **state)
{
	struct fixture *f = *state;
	char where[128];

	append(f->a, "web", 3, "\n{\n");
	append(f->b, "web", 3, "\n");
	assert_false(read_both(f));
	snprintf(where, sizeof where, "%s:2: ", f->a);
	assert_memory_equal(f->err.text, where, strlen(where));
	f->options.skip_bad = true;
	f->records = 0;
	assert_true(read_both(f));
	assert_int_equal(f->records, 2);
	assert_int_equal(f->account.bad_lines, 1);
	assert_int_equal(f->warnings, 1);
	assert_memory_equal(f->last_warning, where, strlen(where));
}

static void test_inputs(void **state)
{
	struct fixture *f = *state;
	char expected[128];

	append(f->a, "web", 3, "\n");
	append(f->b, "web", 3, "\n");
	assert_true(read_both(f));
	assert_string_equal(f->last_input, "flows.pcap");
	f->options.separate = true;
	assert_true(read_both(f));
	snprintf(expected, sizeof expected, "%s:flows.pcap", f->b);
	assert_string_equal(f->last_input, expected);
}

static bool refuse(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	(void)context;
	(void)item;
	return dz_err_set(err, "enough");
}

static void test_refusal_and_whole(void **state)
{
	struct fixture *f = *state;
	const char *const words[] = { f->a };
	char expected[128];

	append(f->a, "web", 3, "\n");
	assert_false(dz_dataset_read(&f->options, words, 1, refuse, f, &f->account, &f->err));
	snprintf(expected, sizeof expected, "%s:1: enough", f->a);
	assert_string_equal(f->err.text, expected);
	unlink(f->a);
	append(f->a, NULL, 0, "{\"this is\":\"the mark\"}\n");
	f->options.document_mark = "the mark";
	f->options.document_kind = "a marked file";
	assert_false(dz_dataset_read(&f->options, words, 1, take, f, &f->account, &f->err));
	assert_non_null(strstr(f->err.text, "is a marked file"));
}

static void test_shapes(void **state)
{
	struct fixture *f = *state;
	struct dz_json_writer *writer = dz_json_writer_new(DZ_VALUES_BOTH, false);
	struct sample sample;
	struct dz_strbuf out;
	FILE *file = fopen(f->b, "wb");

	append(f->a, "web", 3, "\n");
	dz_strbuf_init(&out);
	sample_init(&sample); /* 48 bins */
	dz_json_writer_add(writer, &sample.record, &out);
	fputs(out.data, file);
	fclose(file);
	assert_false(read_both(f));
	assert_non_null(strstr(f->err.text, f->a));
	assert_non_null(strstr(f->err.text, f->b));
	assert_non_null(strstr(f->err.text, "4 bins of 32 bytes of layer ip, whole flows"));
	assert_non_null(strstr(f->err.text, "48 bins of 32 bytes of layer ip, whole flows"));
	dz_strbuf_release(&out);
	dz_json_writer_free(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_inputs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusal_and_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shapes, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
