/* SPDX-License-Identifier: BSD-2-Clause */
/* record.c - see record.h. */
#include "config.h"
#include "record/record.h"

#include "base/names.h"
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

const char *const dz_end_reason_names[DZ_END_COUNT + 1] = { "fin", "rst",      "idle",   "active", "evicted",
							    "eof", "shutdown", "reused", NULL };
const char *dz_end_reason_name(enum dz_end_reason reason)
{
	return dz_end_reason_names[reason];
}

const char *dz_role_name(enum dz_role role)
{
	static const char *const names[] = { "both", "initiator", "responder" };

	return names[role];
}

bool dz_end_reason_from_name(const char *name, enum dz_end_reason *reason)
{
	int found = dz_names_find(dz_end_reason_names, name);

	*reason = found < 0 ? *reason : (enum dz_end_reason)found;
	return found >= 0;
}

const char *dz_record_hostname(const struct dz_record *record)
{
	const struct dz_label_detail *detail = record->detail;

	if (!detail)
		return NULL;
	return detail->tls_server_name ? detail->tls_server_name : detail->hostname;
}

bool dz_values_parse(const char *list, unsigned *values, struct dz_err *err)
{
	static const struct {
		const char *name;
		unsigned values;
	} names[] = { { "counts", DZ_VALUES_COUNTS },
		      { "percent", DZ_VALUES_PERCENT },
		      { "bins", DZ_VALUES_BINS },
		      { "vector", DZ_VALUES_VECTOR },
		      { "both", DZ_VALUES_BOTH } };
	const char *at = list;

	for (*values = 0;; at++) {
		size_t size = strcspn(at, ","), i = 0;
		while (i < sizeof names / sizeof *names &&
		       (strncmp(at, names[i].name, size) != 0 || names[i].name[size]))
			i++;
		if (i == sizeof names / sizeof *names)
			return dz_err_set(err, "'%.60s' is not a list of counts, percent, bins, vector or both", list);
		*values |= names[i].values;
		at += size;
		if (!*at)
			break;
	}
	if (*values == DZ_VALUES_VECTOR)
		return dz_err_set(err, "\"%s\" has no counts: add counts, bins or percent", list);
	return true;
}

void dz_record_shape_text(const struct dz_hist_shape *shape, bool one_way, char text[DZ_RECORD_SHAPE_TEXT])
{
	snprintf(text, DZ_RECORD_SHAPE_TEXT, "%" PRIu32 " bins of %" PRIu32 " bytes of layer %s, %s%s%s", shape->bins,
		 shape->bin_width, dz_layer_name(shape->layer), one_way ? "one-way" : "whole flows",
		 shape->skip_empty ? ", without empty packets" : "",
		 shape->skip_retransmissions ? ", without retransmissions" : "");
}

/* The options that measure captures so, of those in which the two differ. */
static void add_options(const struct dz_measured *this, const struct dz_measured *other, struct dz_strbuf *out)
{
	const struct dz_hist_shape *shape = this->shape, *unlike = other->shape;

	if (shape->layer != unlike->layer)
		dz_strbuf_addf(out, " -l %s", dz_layer_name(shape->layer));
	if (shape->bin_width != unlike->bin_width)
		dz_strbuf_addf(out, " -w %" PRIu32, shape->bin_width);
	if (shape->bins != unlike->bins)
		dz_strbuf_addf(out, " -b %" PRIu32, shape->bins);
	if (this->one_way && !other->one_way)
		dz_strbuf_addf(out, " -u");
	if (shape->skip_empty && !unlike->skip_empty)
		dz_strbuf_addf(out, " --skip-empty");
	if (shape->skip_retransmissions && !unlike->skip_retransmissions)
		dz_strbuf_addf(out, " --skip-retransmissions");
}

static void add_how(const struct dz_measured *this, const char *called, const struct dz_measured *other,
		    struct dz_strbuf *how)
{
	struct dz_strbuf options;

	dz_strbuf_init(&options);
	add_options(this, other, &options);
	if (options.size)
		dz_strbuf_addf(how, "%s as the %s with%s", how->size ? "," : "", called, options.data);
	dz_strbuf_release(&options);
}

bool dz_record_measured_alike(const struct dz_measured *a, const struct dz_measured *b, struct dz_err *err)
{
	char text_a[DZ_RECORD_SHAPE_TEXT], text_b[DZ_RECORD_SHAPE_TEXT];
	struct dz_strbuf how;

	if (dz_hist_shape_equal(a->shape, b->shape) && a->one_way == b->one_way)
		return true;
	dz_record_shape_text(a->shape, a->one_way, text_a);
	dz_record_shape_text(b->shape, b->one_way, text_b);
	dz_strbuf_init(&how);
	add_how(a, "former", b, &how);
	add_how(b, "latter", a, &how);
	dz_err_set(err, "%s hold%s %s, but %s hold%s %s: they cannot be put together; captures are measured%s", a->what,
		   a->several ? "" : "s", text_a, b->what, b->several ? "" : "s", text_b, how.data);
	dz_strbuf_release(&how);
	return false;
}
