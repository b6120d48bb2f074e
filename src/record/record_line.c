/* SPDX-License-Identifier: BSD-2-Clause */
/* record_line.c - see record_line.h. */
#include "config.h"
#include "record/record_line.h"

#include "base/text.h"
#include <stdlib.h>
#include <string.h>

#define MAX_LINE (4u << 20) /* bytes */

/* ---- the list ---- */

struct member {
	const char *name;
	const char *key;      /* `"name":` */
	unsigned size;        /* of the name */
	enum dz_member after; /* the next one in the same object */
};

static const struct member members[MEMBER_COUNT] = {
#define OBJECT(id, name, when, text) [MEMBER_##id] = { name, "\"" name "\":", sizeof(name) - 1, MEMBER_AFTER_##id },
#define FIELD(id, name, kind, when, value, read, schema, column, text)                                                 \
	[MEMBER_##id] = { name, "\"" name "\":", sizeof(name) - 1, MEMBER_##id + 1 },
#define ADDED(id, name, schema, text) [MEMBER_##id] = { name, "\"" name "\":", sizeof(name) - 1, MEMBER_##id + 1 },
#define END(id)
#include "record/record.def"
};

#define NO_MEMBER MEMBER_COUNT

static bool is_object(enum dz_member id)
{
	return members[id].after > id + 1;
}

/* The object that a member is in; NO_MEMBER: the record itself. */
static enum dz_member parent_of(enum dz_member id)
{
	for (enum dz_member parent = id; parent-- > 0;)
		if (members[parent].after > id)
			return parent;
	return NO_MEMBER;
}

const char *dz_member_path(enum dz_member id, char path[DZ_MEMBER_PATH])
{
	char *at = &path[DZ_MEMBER_PATH - 1];

	*at = '\0';
	for (; id != NO_MEMBER; id = parent_of(id)) {
		if (*at)
			*--at = '.';
		at -= members[id].size;
		memcpy(at, members[id].name, members[id].size);
	}
	return at;
}

/* ---- scanning ---- */

void dz_record_line_init(struct dz_record_line *line)
{
	memset(line, 0, sizeof *line);
	dz_strbuf_init(&line->text);
}

void dz_record_line_release(struct dz_record_line *line)
{
	dz_strbuf_release(&line->text);
}

static bool has_name(const struct dz_json_value *name, enum dz_member id)
{
	return name->escaped ? dz_json_value_is(name, members[id].name)
			     : (size_t)(name->end - name->begin) == members[id].size + 2 &&
				       !memcmp(name->begin + 1, members[id].name, members[id].size);
}

/* Looks for a name among the members from `first` up to `end`, beginning with `hint`, which is the one that the list
 * has next. */
static enum dz_member find_name(const struct dz_json_value *name, enum dz_member first, enum dz_member end,
				enum dz_member hint)
{
	for (enum dz_member id = hint; id < end; id = members[id].after)
		if (has_name(name, id))
			return id;
	for (enum dz_member id = first; id < hint; id = members[id].after)
		if (has_name(name, id))
			return id;
	return NO_MEMBER;
}

static bool scan_object(struct dz_record_line *line, struct dz_json_scan *scan, enum dz_member first,
			enum dz_member end);

/* Reads a vector at once, which is most of the line. */
static bool scan_counts(struct dz_record_line *line, struct dz_json_scan *scan, enum dz_member id)
{
	unsigned part = id == MEMBER_distribooze_lengths_counts          ? 0
			: id == MEMBER_distribooze_lengths_source_counts ? 1
									 : 2;
	const char *begin = scan->at;

	line->bin_count[part] = 0;
	if (scan->at < scan->end && *scan->at == '[' &&
	    dz_json_scan_counts(scan, line->bins[part], DZ_HIST_MAX_BINS, &line->bin_count[part])) {
		line->member[id] = (struct dz_json_value){ DZ_JSON_ARRAY, false, begin, scan->at };
		return true;
	}
	return dz_json_scan_value(scan, &line->member[id]);
}

static bool scan_member(struct dz_record_line *line, struct dz_json_scan *scan, enum dz_member id)
{
	const char *begin = scan->at;

	switch (id) {
	case MEMBER_distribooze_lengths_counts:
	case MEMBER_distribooze_lengths_source_counts:
	case MEMBER_distribooze_lengths_destination_counts:
		return scan_counts(line, scan, id);
	default:
		if (!is_object(id))
			return dz_json_scan_value(scan, &line->member[id]);
	}
	if (line->member[id].type != DZ_JSON_NONE) /* it stands there twice: what it had is gone */
		memset(&line->member[id], 0, (members[id].after - id) * sizeof *line->member);
	if (scan->at >= scan->end || *scan->at != '{') {
		line->stray = true;
		return dz_json_scan_value(scan, &line->member[id]);
	}
	if (!scan_object(line, scan, id + 1, members[id].after))
		return false;
	line->member[id] = (struct dz_json_value){ DZ_JSON_OBJECT, false, begin, scan->at };
	return true;
}

/* Reads an object that has the members from `first` up to `end`. */
static bool scan_object(struct dz_record_line *line, struct dz_json_scan *scan, enum dz_member first,
			enum dz_member end)
{
	enum dz_member hint = first;
	struct dz_json_value name, value;

	dz_json_scan_enter(scan);
	while (dz_json_scan_name(scan, hint < end ? members[hint].key : "", hint < end ? members[hint].size + 3 : 0,
				 &name)) {
		enum dz_member id = name.type == DZ_JSON_NONE ? hint : find_name(&name, first, end, hint);
		if (id != NO_MEMBER) {
			if (!scan_member(line, scan, id))
				return false;
			hint = members[id].after;
		} else if (end == MEMBER_COUNT && scan->depth == 1 && dz_json_value_is(&name, "_source") &&
			   scan->at < scan->end && *scan->at == '{') { /* a hit of a search engine */
			if (!scan_object(line, scan, first, end))
				return false;
		} else if (!dz_json_scan_value(scan, &value)) {
			return false;
		}
	}
	return !scan->problem;
}

bool dz_record_line_scan(struct dz_record_line *line, const char *bytes, size_t size, struct dz_err *err)
{
	struct dz_json_scan scan;

	memset(line->member, 0, sizeof line->member);
	line->stray = false;
	line->err = err;
	dz_json_scan_init(&scan, bytes, size);
	dz_json_scan_space(&scan);
	if (scan.at == scan.end)
		return dz_err_set(err, "an empty line");
	if (size > MAX_LINE)
		return dz_err_set(err, "a line of %zu bytes; at most %u are read", size, MAX_LINE);
	if (*scan.at != '{')
		return dz_err_set(err, "no JSON object");
	if (!dz_text_is_utf8(bytes, size))
		return dz_err_set(err, "no JSON (not UTF-8)");
	if (!scan_object(line, &scan, 0, MEMBER_COUNT))
		return dz_err_set(err, "no JSON (%s, at byte %zu)", scan.problem, (size_t)(scan.at - bytes));
	dz_json_scan_space(&scan);
	if (scan.at < scan.end)
		return dz_err_set(err, "more than one JSON value");
	dz_strbuf_clear(&line->text);
	/* A string and its NUL are no longer than it is with its quotes; some are asked for twice. */
	dz_strbuf_reserve(&line->text, 2 * size);
	return true;
}

/* ---- members ---- */

static bool wrong_type(struct dz_record_line *line, enum dz_member id, enum dz_json_type found,
		       enum dz_json_type expected)
{
	char path[DZ_MEMBER_PATH];

	return dz_err_set(line->err, "%s is %s, but must be %s", dz_member_path(id, path), dz_json_type_words(found),
			  dz_json_type_words(expected));
}

/* Why a member is not there, if that is an error. */
static bool absent(struct dz_record_line *line, enum dz_member id, enum dz_need need)
{
	char path[DZ_MEMBER_PATH];

	if (!line->stray && need == DZ_OPTIONAL)
		return true;
	for (enum dz_member parent = parent_of(id); parent != NO_MEMBER; parent = parent_of(parent)) {
		enum dz_json_type type = line->member[parent].type;
		if (type != DZ_JSON_NONE && type != DZ_JSON_OBJECT)
			return wrong_type(line, parent, type, DZ_JSON_OBJECT);
	}
	return need == DZ_OPTIONAL || dz_err_set(line->err, "%s is missing", dz_member_path(id, path));
}

bool dz_record_line_find(struct dz_record_line *line, enum dz_member id, enum dz_need need,
			 const struct dz_json_value **value)
{
	char path[DZ_MEMBER_PATH];

	*value = NULL;
	if (line->member[id].type == DZ_JSON_NONE)
		return absent(line, id, need);
	if (line->member[id].type == DZ_JSON_NULL)
		return dz_err_set(line->err, "%s is null", dz_member_path(id, path));
	*value = &line->member[id];
	return true;
}

const char *dz_record_line_string(struct dz_record_line *line, const struct dz_json_value *value)
{
	char *text = line->text.data + line->text.size;
	size_t size;

	if (value->type != DZ_JSON_STRING)
		return NULL;
	size = dz_json_value_text(value, text);
	text[size] = '\0';
	line->text.size += size + 1;
	return memchr(text, '\0', size) ? NULL : text;
}

bool dz_record_line_text(struct dz_record_line *line, enum dz_member id, enum dz_need need, const char **text)
{
	char path[DZ_MEMBER_PATH];
	const struct dz_json_value *value;
	const char *found;

	if (!dz_record_line_find(line, id, need, &value))
		return false;
	if (!value)
		return true;
	if (value->type != DZ_JSON_STRING)
		return wrong_type(line, id, value->type, DZ_JSON_STRING);
	found = dz_record_line_string(line, value);
	if (!found)
		return dz_err_set(line->err, "%s holds a NUL character", dz_member_path(id, path));
	*text = found;
	return true;
}

bool dz_record_line_number(struct dz_record_line *line, enum dz_member id, enum dz_need need, uint64_t most,
			   uint64_t *number)
{
	char path[DZ_MEMBER_PATH];
	const struct dz_json_value *value;
	uint64_t found = 0;

	if (!dz_record_line_find(line, id, need, &value))
		return false;
	if (!value)
		return true;
	if (value->type != DZ_JSON_NUMBER)
		return wrong_type(line, id, value->type, DZ_JSON_NUMBER);
	if (!dz_json_value_whole(value, most, &found))
		return dz_err_set(line->err, "%s is %.*s, but must be a whole number from 0 to %llu",
				  dz_member_path(id, path),
				  (int)(value->end - value->begin < 40 ? value->end - value->begin : 40), value->begin,
				  (unsigned long long)most);
	*number = found;
	return true;
}

bool dz_record_line_number_text(struct dz_record_line *line, enum dz_member id, enum dz_need need, unsigned most,
				unsigned *number)
{
	char path[DZ_MEMBER_PATH];
	const char *text = NULL;
	unsigned value = 0;
	size_t size;

	if (!dz_record_line_text(line, id, need, &text))
		return false;
	if (!text)
		return true;
	size = strspn(text, "0123456789");
	for (size_t i = 0; i < size && value <= most; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	if (size == 0 || text[size] || value > most)
		return dz_err_set(line->err, "%s is \"%.40s\", but must be a number from 0 to %u, in quotes",
				  dz_member_path(id, path), text, most);
	*number = value;
	return true;
}

bool dz_record_line_truth(struct dz_record_line *line, enum dz_member id, enum dz_need need, bool *truth)
{
	const struct dz_json_value *value;

	if (!dz_record_line_find(line, id, need, &value))
		return false;
	if (!value)
		return true;
	if (value->type != DZ_JSON_TRUE && value->type != DZ_JSON_FALSE)
		return wrong_type(line, id, value->type, DZ_JSON_TRUE);
	*truth = value->type == DZ_JSON_TRUE;
	return true;
}

bool dz_record_line_time(struct dz_record_line *line, enum dz_member id, enum dz_need need, uint64_t *ns)
{
	char path[DZ_MEMBER_PATH];
	const char *text = NULL;

	if (!dz_record_line_text(line, id, need, &text))
		return false;
	if (!text)
		return true;
	if (!dz_text_parse_time(text, ns))
		return dz_err_set(line->err, "%s is \"%.40s\", but must be a time like 2020-06-16T10:06:03.446123Z",
				  dz_member_path(id, path), text);
	*ns -= *ns % 1000;
	return true;
}

bool dz_record_line_enter(struct dz_record_line *line, enum dz_member id, enum dz_need need, enum dz_json_type type,
			  struct dz_json_scan *elements)
{
	const struct dz_json_value *value;

	elements->at = NULL;
	if (!dz_record_line_find(line, id, need, &value))
		return false;
	if (!value)
		return true;
	if (value->type != type)
		return wrong_type(line, id, value->type, type);
	dz_json_scan_init(elements, value->begin, (size_t)(value->end - value->begin));
	dz_json_scan_enter(elements);
	return true;
}
