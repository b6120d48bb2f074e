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
#include <stdlib.h>

struct dz_json_writer {
	enum dz_values values;

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

static char *put_percent(struct dz_json_writer *w, char *at, const struct dz_counts *counts)
{
	at = begin_vector(w, at, counts);
	return PUT(dz_text_percents(at, &w->vector, counts->count), "]");
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
	return put_texts(w, at, list.values, list.count);
}

static char *put_risks(struct dz_json_writer *w, char *at)
{
	return put_texts(w, at, w->record->text->risks, w->record->text->risk_count);
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
#define PUT_WRITTEN(key, function) at = PUT(function(w, PUT(at, key)), ",")

/* Each member leaves a comma behind it: the object's end takes the place of the last one, or of the object when there
 * is none. */
static char *put_record(struct dz_json_writer *w, char *at)
{
	const struct dz_record *r = w->record;
	const struct dz_label_text *t = r->text;
	const struct dz_label *l = r->label;
	const struct dz_label_detail *d = w->detail;
	const bool has_counts = w->values != DZ_VALUES_PERCENT, has_percent = w->values != DZ_VALUES_COUNTS;

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

struct dz_json_writer *dz_json_writer_new(enum dz_values values)
{
	struct dz_json_writer *w = dz_mem_zalloc(1, sizeof *w);

	w->values = values;
	return w;
}

void dz_json_writer_free(struct dz_json_writer *w)
{
	free(w);
}

void dz_json_writer_add(struct dz_json_writer *w, const struct dz_record *record, struct dz_strbuf *out)
{
	char *at;

	w->record = record;
	w->detail = record->detail ? record->detail : &dz_label_no_detail;
	w->out = out;
	w->room_end = out->data + out->capacity;
	w->vector.numbers = NULL;
	for (unsigned side = DZ_SOURCE; side <= DZ_DESTINATION; side++)
		w->address_size[side] = dz_flow_key_address(&record->key, record->source_end ^ side, w->address[side]);
	at = put_record(w, make_room(w, out->data + out->size, 0));
	*at = '\0';
	out->size = (size_t)(at - out->data);
}
