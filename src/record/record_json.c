/* SPDX-License-Identifier: BSD-2-Clause */
/* record_json.c - the JSON line of a record: the writer. See record_json.h; the reader is in record_json_read.c.
 *
 * What stands in a line is the list in record.def; here is how each kind of value is printed. The list is expanded to
 * straight code, so a record costs no tree, no table and no allocation. */
#include "config.h"
#include "record/record_json.h"

#include "base/mem.h"
#include "base/text.h"
#include "record/record_fields.h"
#include <math.h>
#include <stdlib.h>

struct dz_json_writer {
	unsigned values;
	bool decimals;
	struct dz_strbuf names;     /* of the bins: `"b0032":`, each of name_size bytes */
	struct dz_hist_shape named; /* the shape that they are for */
	size_t name_size;

	/* of the record that is being written; borrowed */
	const struct dz_record *record;
	const struct dz_label_detail *detail; /* never NULL */
	struct dz_strbuf *out;
	char *room_end; /* where its memory ends */
	size_t address_size[2];
	char address[2][DZ_ADDRESS_TEXT];
	struct dz_text_vector vector; /* the counts that were printed last */
};

/* ---- pieces ---- */

/* Every function that writes takes where it writes to and returns where it stopped, so that this stays in a register.
 * Constants, numbers, times and addresses of one line are less than FIXED bytes together. Strings and vectors, which
 * have no bound, make room for themselves and leave FIXED bytes behind them; so there is always room for the rest. */
enum { FIXED = 4096 };

#define PUT(at, literal) put_bytes(at, "" literal, sizeof(literal) - 1)

static inline char *put_bytes(char *at, const char *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* Moves the line to where `need` bytes and FIXED more have room behind `at`; returns where `at` is then. */
static char *grow(struct dz_json_writer *w, char *at, size_t need)
{
	struct dz_strbuf *out = w->out;

	out->size = (size_t)(at - out->data);
	dz_strbuf_reserve(out, need + FIXED);
	w->room_end = out->data + out->capacity;
	return out->data + out->size;
}

static inline char *make_room(struct dz_json_writer *w, char *at, size_t need)
{
	return (size_t)(w->room_end - at) >= need + FIXED ? at : grow(w, at, need);
}

static char *put_text(struct dz_json_writer *w, char *at, const char *text)
{
	size_t size = strlen(text);

	return dz_text_json(make_room(w, at, DZ_TEXT_JSON(size)), text, size);
}

/* A member whose key is `"name":`; nothing when the value is not known. */
static inline char *put_member(struct dz_json_writer *w, char *at, const char *key, size_t key_size, const char *value)
{
	if (!value)
		return at;
	return PUT(put_text(w, put_bytes(at, key, key_size), value), ",");
}

/* Strings of an array: each once, and none that is not known. */
struct list {
	const char *values[8];
	unsigned count;
};

static void list_add(struct list *list, const char *value)
{
	if (!value)
		return;
	for (unsigned i = 0; i < list->count; i++)
		if (!strcmp(list->values[i], value))
			return;
	list->values[list->count++] = value;
}

static char *put_texts(struct dz_json_writer *w, char *at, const char *const *texts, unsigned count)
{
	*at++ = '[';
	for (unsigned i = 0; i < count; i++)
		at = PUT(put_text(w, at, texts[i]), ",");
	at -= count > 0; /* the last comma */
	return PUT(at, "]");
}

static inline char *put_address(const struct dz_json_writer *w, char *at, unsigned side)
{
	*at++ = '"';
	memcpy(at, w->address[side], DZ_ADDRESS_TEXT); /* all of it: a size that is known is copied at once */
	at += w->address_size[side];
	return PUT(at, "\"");
}

static char *put_tcp_flags(char *at, uint8_t flags)
{
	static const char names[8][8] = { "\"fin\",", "\"syn\",", "\"rst\",", "\"psh\",",
					  "\"ack\",", "\"urg\",", "\"ece\",", "\"cwr\"," };

	*at++ = '[';
	for (unsigned bit = 0; bit < 8; bit++) {
		memcpy(at, names[bit], 8);
		at += flags & 1u << bit ? 6 : 0;
	}
	at -= flags != 0; /* the last comma */
	return PUT(at, "]");
}

/* Makes room for a vector, and finds out which of its numbers are not zero, once for counts and percent. */
static char *begin_vector(struct dz_json_writer *w, char *at, const struct dz_counts *counts)
{
	uint32_t bins = w->record->shape.bins;

	if (w->vector.numbers != counts->bins)
		dz_text_vector_init(&w->vector, counts->bins, bins);
	return PUT(make_room(w, at, DZ_TEXT_VECTOR((size_t)bins)), "[");
}

static char *put_counts(struct dz_json_writer *w, char *at, const struct dz_counts *counts)
{
	at = begin_vector(w, at, counts);
	return PUT(dz_text_counts(at, &w->vector), "]");
}

/* A number of hundredths with a decimal point: 0.0, 12.5, 33.33. */
static char *put_decimal(char *at, uint32_t hundredths)
{
	at = dz_text_percent(at, hundredths);
	return hundredths % 100 ? at : PUT(at, ".0");
}

static char *put_percent(struct dz_json_writer *w, char *at, const struct dz_counts *counts)
{
	at = begin_vector(w, at, counts);
	if (!w->decimals)
		return PUT(dz_text_percents(at, &w->vector, counts->count), "]");
	for (uint32_t i = 0; i < w->record->shape.bins; i++)
		at = PUT(put_decimal(at, dz_text_hundredths(counts->bins[i], counts->count)), ",");
	return PUT(at - 1, "]");
}

static void name_bins(struct dz_json_writer *w)
{
	const struct dz_hist_shape *shape = &w->record->shape;
	int digits = (int)dz_hist_digits(shape);

	if (dz_hist_shape_equal(&w->named, shape))
		return;
	w->named = *shape;
	w->name_size = (size_t)digits + 4;
	dz_strbuf_clear(&w->names);
	for (uint32_t i = 0; i < shape->bins; i++)
		dz_strbuf_addf(&w->names, "\"b%0*llu\":", digits, (unsigned long long)i * shape->bin_width);
}

static char *put_bins(struct dz_json_writer *w, char *at, const struct dz_counts *counts)
{
	uint32_t bins = w->record->shape.bins;

	name_bins(w);
	at = PUT(make_room(w, at, bins * (w->name_size + DZ_TEXT_U64 + 1)), "{");
	for (uint32_t i = 0; i < bins; i++) {
		if (!counts->bins[i])
			continue;
		at = put_bytes(at, w->names.data + i * w->name_size, w->name_size);
		at = PUT(dz_text_u64(at, counts->bins[i]), ",");
	}
	at -= at[-1] == ','; /* the last comma */
	return PUT(at, "}");
}

/* A share's square root, in millionths and with a decimal point. Below a ten-thousandth it is 0, so that no number
 * needs an exponent to be short. */
static char *put_root(char *at, double root)
{
	uint32_t millionths = (uint32_t)(root * 1e6 + 0.5), unit = 100000;

	if (millionths < 100)
		return PUT(at, "0.0");
	if (millionths >= 1000000)
		return PUT(at, "1.0");
	at = PUT(at, "0.");
	for (; millionths; millionths %= unit, unit /= 10)
		*at++ = (char)('0' + millionths / unit);
	return at;
}

static char *put_vector(struct dz_json_writer *w, char *at, const struct dz_counts *counts)
{
	uint32_t bins = w->record->shape.bins;

	at = PUT(make_room(w, at, (size_t)bins * 9), "[");
	for (uint32_t i = 0; i < bins; i++) {
		double share = (double)counts->bins[i] / (double)counts->count;
		at = PUT(put_root(at, counts->bins[i] ? sqrt(share) : 0), ",");
	}
	return PUT(at - 1, "]");
}

/* ---- members of the kind WRITTEN ---- */

/* Whether one of the members is there that record_protocol.def lists. */
static bool tells_protocol(const struct dz_label_detail *d)
{
#define PRESENT_TEXT(value) (value)
#define PRESENT_UINT(value) true
#define OBJECT(id, name, when, text) if (when) {
#define FIELD(id, name, kind, when, value, read, schema, column, text)                                                 \
	if ((when) && PRESENT_##kind(value))                                                                           \
		return true;
#define END(id) }
#include "record/record_protocol.def"
#undef OBJECT
#undef FIELD
#undef END
	return false;
}

static char *put_event_type(struct dz_json_writer *w, char *at)
{
	at = PUT(at, "[\"connection\"");
	if (w->record->end_reason != DZ_END_ACTIVE)
		at = PUT(at, ",\"end\"");
	if (tells_protocol(w->detail))
		at = PUT(at, ",\"protocol\"");
	return PUT(at, "]");
}

static char *put_ips(struct dz_json_writer *w, char *at)
{
	at = put_address(w, PUT(at, "["), DZ_SOURCE);
	if (strcmp(w->address[DZ_SOURCE], w->address[DZ_DESTINATION]) != 0)
		at = put_address(w, PUT(at, ","), DZ_DESTINATION);
	return PUT(at, "]");
}

static char *put_hosts(struct dz_json_writer *w, char *at)
{
	struct list list = { .count = 0 };

	list_add(&list, w->detail->hostname);
	list_add(&list, w->detail->tls_server_name);
	return put_texts(w, at, list.values, list.count);
}

static char *put_hashes(struct dz_json_writer *w, char *at)
{
	const struct dz_label_detail *detail = w->detail;
	struct list list = { .count = 0 };

	list_add(&list, detail->tls_ja3);
	list_add(&list, detail->tls_ja3s);
	list_add(&list, detail->tls_ja4);
	list_add(&list, detail->ssh_client_hassh);
	list_add(&list, detail->ssh_server_hassh);
	list_add(&list, detail->tls_sha1);
	return put_texts(w, at, list.values, list.count);
}

static char *put_risks(struct dz_json_writer *w, char *at)
{
	return put_texts(w, at, w->record->text->risks, w->record->text->risk_count);
}

static char *put_risk_codes(struct dz_json_writer *w, char *at)
{
	return put_texts(w, at, w->record->text->risk_codes, w->record->text->risk_count);
}

/* The parts of a text as an array. */
static char *put_split(struct dz_json_writer *w, char *at, const char *text, char separator)
{
	*at++ = '[';
	for (const char *end; *text; text = *end ? end + 1 : end) {
		size_t size;
		end = text + strcspn(text, (char[]){ separator, '\0' });
		size = (size_t)(end - text);
		at = PUT(dz_text_json(make_room(w, at, DZ_TEXT_JSON(size)), text, size), ",");
	}
	at -= at[-1] == ',';
	return PUT(at, "]");
}

static char *put_risk_info(struct dz_json_writer *w, char *at)
{
	return put_split(w, at, w->detail->risk_info, '\n');
}

static char *put_stack(struct dz_json_writer *w, char *at)
{
	return put_split(w, at, w->detail->ndpi_stack, ',');
}

static char *put_alpns(struct dz_json_writer *w, char *at)
{
	return put_split(w, at, w->detail->tls_alpns, ',');
}

static char *put_tls_versions(struct dz_json_writer *w, char *at)
{
	return put_split(w, at, w->detail->tls_versions, ',');
}

/* ---- the line ---- */

/* A member, by its kind. `key` is a literal, and so is the value of a constant. */
#define PUT_CONST(key, value) at = PUT(at, key value ",")
#define PUT_TEXT(key, value) at = put_member(w, at, key, sizeof(key) - 1, value)
#define PUT_UINT(key, value) at = PUT(dz_text_u64(PUT(at, key), value), ",")
#define PUT_UINT_TEXT(key, value) at = PUT(dz_text_u64(PUT(at, key "\""), value), "\",")
#define PUT_TIME(key, value) at = PUT(dz_text_time(PUT(at, key "\""), value), "\",")
#define PUT_HEX(key, value) at = PUT(dz_text_hex(PUT(at, key "\""), value, sizeof(value)), "\",")
#define PUT_TRUTH(key, value) at = (value) ? PUT(at, key "true,") : PUT(at, key "false,")
#define PUT_ADDRESS(key, side) at = PUT(put_address(w, PUT(at, key), side), ",")
#define PUT_FLAGS(key, value) at = PUT(put_tcp_flags(PUT(at, key), value), ",")
#define PUT_COUNTS(key, value) at = PUT(put_counts(w, PUT(at, key), &(value)), ",")
#define PUT_PERCENT(key, value) at = PUT(put_percent(w, PUT(at, key), &(value)), ",")
#define PUT_BINS(key, value) at = PUT(put_bins(w, PUT(at, key), &(value)), ",")
#define PUT_VECTOR(key, value) at = PUT(put_vector(w, PUT(at, key), &(value)), ",")
#define PUT_WRITTEN(key, function) at = PUT(function(w, PUT(at, key)), ",")

/* Each member leaves a comma behind it: the object's end takes the place of the last one, or of the object when there
 * is none. */
static char *put_record(struct dz_json_writer *w, char *at)
{
	const struct dz_record *r = w->record;
	const struct dz_label_text *t = r->text;
	const struct dz_label *l = r->label;
	const struct dz_label_detail *d = w->detail;
	const bool has_counts = w->values & DZ_VALUES_COUNTS, has_percent = w->values & DZ_VALUES_PERCENT;
	const bool has_bins = w->values & DZ_VALUES_BINS, has_vector = w->values & DZ_VALUES_VECTOR;

	at = PUT(at, "{");
#define OBJECT(id, name, when, text)                                                                                   \
	if (when) {                                                                                                    \
		enum { id##_begin = sizeof("\"" name "\":{") - 1 };                                                    \
		at = PUT(at, "\"" name "\":{");
#define FIELD(id, name, kind, when, value, read, schema, column, text)                                                 \
	if (when)                                                                                                      \
		PUT_##kind("\"" name "\":", value);
#define END(id)                                                                                                        \
	if (at[-1] == ',') {                                                                                           \
		at[-1] = '}';                                                                                          \
		at = PUT(at, ",");                                                                                     \
	} else {                                                                                                       \
		at -= id##_begin;                                                                                      \
	}                                                                                                              \
	}
#include "record/record.def"
	at[-1] = '}';
	return at;
}

struct dz_json_writer *dz_json_writer_new(unsigned values, bool decimals)
{
	struct dz_json_writer *w = dz_mem_zalloc(1, sizeof *w);

	w->values = values;
	w->decimals = decimals;
	dz_strbuf_init(&w->names);
	return w;
}

void dz_json_writer_free(struct dz_json_writer *w)
{
	if (w)
		dz_strbuf_release(&w->names);
	free(w);
}

void dz_json_writer_add(struct dz_json_writer *w, const struct dz_record *record, struct dz_strbuf *out)
{
	char *at;

	w->record = record;
	w->detail = record->detail ? record->detail : &dz_label_no_detail;
	w->out = out;
	if (!out->data)
		dz_strbuf_reserve(out, 1);
	w->room_end = out->data + out->capacity;
	w->vector.numbers = NULL;
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++)
		w->address_size[side] = dz_flow_key_address(&record->key, record->source_end ^ side, w->address[side]);
	at = put_record(w, make_room(w, out->data + out->size, 0));
	*at = '\0';
	out->size = (size_t)(at - out->data);
}
