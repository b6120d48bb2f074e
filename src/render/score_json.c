/* SPDX-License-Identifier: BSD-2-Clause */
/* score_json.c - a score in the JSON line of its flow.
 *
 * The line is not printed anew: what others wrote keeps its bytes (spaces, escapes, digits), and `match` is put between
 * them. */
#include "config.h"
#include "render/render.h"

#include "record/json_build.h"
#include "record/json_scan.h"
#include <string.h>

/* ---- finding the place ---- */

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

/* ---- what is put there ---- */

static struct json_object *rules_json(const struct dz_library *library, const struct dz_score *score)
{
	struct json_object *rules = json_object_new_array();

	for (size_t i = 0; i < score->rule_count; i++) {
		struct json_object *rule = json_object_new_object();
		json_object_object_add(rule, "name", dz_json_build_text(library->rules[i].name));
		json_object_object_add(rule, "distance", dz_json_build_real(score->rule_distances[i]));
		json_object_object_add(rule, "threshold", dz_json_build_real(library->rules[i].threshold));
		json_object_object_add(rule, "matches", json_object_new_boolean(score->rule_matches[i]));
		json_object_array_add(rules, rule);
	}
	return rules;
}

static struct json_object *match_json(const struct dz_library *library, const struct dz_score_options *options,
				      const struct dz_score *score)
{
	struct json_object *match = json_object_new_object(), *nearest = json_object_new_array();

	if (score->count) {
		json_object_object_add(match, "profile", dz_json_build_text(score->nearest[0].profile));
		json_object_object_add(match, "metric", json_object_new_string(dz_metric_name(options->metric)));
		json_object_object_add(match, "direction",
				       json_object_new_string(dz_direction_names[options->direction]));
		json_object_object_add(match, "distance", dz_json_build_real(score->nearest[0].distance));
		json_object_object_add(match, "margin", dz_json_build_real(score->margin));
	}
	if (score->own >= 0)
		json_object_object_add(match, "own_distance", dz_json_build_real(score->own));
	if (score->agrees != DZ_SCORE_CANNOT_SAY)
		json_object_object_add(match, "agrees", json_object_new_boolean(score->agrees == DZ_SCORE_AGREES));
	for (size_t i = 0; i < score->count; i++) {
		struct json_object *near = json_object_new_object();
		json_object_object_add(near, "profile", dz_json_build_text(score->nearest[i].profile));
		json_object_object_add(near, "distance", dz_json_build_real(score->nearest[i].distance));
		json_object_array_add(nearest, near);
	}
	if (score->count)
		json_object_object_add(match, "nearest", nearest);
	else
		json_object_put(nearest);
	if (score->rule_count)
		json_object_object_add(match, "rules", rules_json(library, score));
	return match;
}

static void add_match(const struct dz_library *library, const struct dz_score_options *options,
		      const struct dz_score *score, struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "\"match\":");
	dz_json_build_finish(match_json(library, options, score), out);
	out->data[--out->size] = '\0';
}

/* Takes an old match out, with one of the commas beside it. */
static void add_without(const char *line, const struct member *match, struct dz_strbuf *out)
{
	const char *begin = match->before ? match->before : match->begin;
	const char *end = match->before || !match->after ? match->end : match->after + 1;

	dz_strbuf_add(out, line, (size_t)(begin - line));
	dz_strbuf_add(out, end, (size_t)(match->close - end));
}

bool dz_score_line(const struct dz_library *library, const struct dz_score_options *options,
		   const struct dz_score *score, const char *line, size_t size, struct dz_strbuf *out,
		   struct dz_err *err)
{
	struct dz_json_scan scan;
	struct member own, match;

	if (!find_own(line, size, &own, err))
		return false;
	dz_json_scan_init(&scan, own.value, (size_t)(own.end - own.value));
	if (!find_member(&scan, "match", &match))
		return dz_err_set(err, "\"distribooze\" is no object");
	if (match.begin)
		add_without(line, &match, out);
	else
		dz_strbuf_add(out, line, (size_t)(match.close - line));
	if (!score->empty) {
		if (match.any)
			dz_strbuf_addc(out, ',');
		add_match(library, options, score, out);
	}
	dz_strbuf_add(out, match.close, (size_t)(line + size - match.close));
	return true;
}
