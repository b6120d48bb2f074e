/* SPDX-License-Identifier: BSD-2-Clause */
/* line_member.c - what is found out about a flow, put into its JSON line.
 *
 * The line is not printed anew: what others wrote keeps its bytes (spaces, escapes, digits), and the member is put
 * between them. */
#include "config.h"
#include "render/render.h"

#include "record/json_scan.h"
#include <string.h>

/* A member of an object, and what is around it. */
struct member {
	const char *begin, *end; /* from the key's quote to the end of the value; NULL when it is not there */
	const char *value;
	const char *before; /* the comma before the member, or NULL for the first */
	const char *after;  /* the comma after it, or NULL for the last */
	const char *close;  /* the object's closing brace */
	bool any;           /* the object has other members */
};

/* Looks for a member of the object that begins at scan->at. False when it is no object. */
static bool find_member(struct dz_json_scan *scan, const char *key, struct member *found)
{
	struct dz_json_value name, value;
	const char *comma = NULL;

	memset(found, 0, sizeof *found);
	dz_json_scan_space(scan);
	if (scan->at >= scan->end || *scan->at != '{')
		return false;
	dz_json_scan_enter(scan);
	while (dz_json_scan_member(scan, &name)) {
		bool mine = dz_json_value_is(&name, key);
		if (mine)
			*found = (struct member){ .begin = name.begin,
						  .value = scan->at,
						  .before = comma,
						  .any = found->any || found->begin };
		if (!dz_json_scan_value(scan, &value))
			return false;
		dz_json_scan_space(scan);
		comma = scan->at;
		if (mine) {
			found->end = value.end;
			found->after = comma < scan->end && *comma == ',' ? comma : NULL;
		} else {
			found->any = true;
		}
	}
	found->close = scan->at - 1;
	return !scan->problem;
}

/* Looks for our own object: in the line, or in the record of a hit of a search engine. */
static bool find_own(const char *line, size_t size, struct member *own, struct dz_err *err)
{
	struct dz_json_scan scan;
	struct member hit;

	dz_json_scan_init(&scan, line, size);
	if (find_member(&scan, "distribooze", own) && own->begin)
		return true;
	dz_json_scan_init(&scan, line, size);
	if (find_member(&scan, "_source", &hit) && hit.begin) {
		dz_json_scan_init(&scan, hit.value, (size_t)(hit.end - hit.value));
		if (find_member(&scan, "distribooze", own) && own->begin)
			return true;
	}
	return dz_err_set(err, "the line has no object \"distribooze\"");
}

/* Takes an old member out, with one of the commas beside it. */
static void add_without(const char *line, const struct member *old, struct dz_strbuf *out)
{
	const char *begin = old->before ? old->before : old->begin;
	const char *end = old->before || !old->after ? old->end : old->after + 1;

	dz_strbuf_add(out, line, (size_t)(begin - line));
	dz_strbuf_add(out, end, (size_t)(old->close - end));
}

bool dz_line_set(const char *line, size_t size, const char *name, const char *value, struct dz_strbuf *out,
		 struct dz_err *err)
{
	struct dz_json_scan scan;
	struct member own, old;

	if (!find_own(line, size, &own, err))
		return false;
	dz_json_scan_init(&scan, own.value, (size_t)(own.end - own.value));
	if (!find_member(&scan, name, &old))
		return dz_err_set(err, "\"distribooze\" is no object");
	if (old.begin)
		add_without(line, &old, out);
	else
		dz_strbuf_add(out, line, (size_t)(old.close - line));
	if (value) {
		if (old.any)
			dz_strbuf_addc(out, ',');
		dz_strbuf_addf(out, "\"%s\":%s", name, value);
	}
	dz_strbuf_add(out, old.close, (size_t)(line + size - old.close));
	return true;
}
