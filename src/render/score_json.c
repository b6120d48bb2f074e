/* SPDX-License-Identifier: BSD-2-Clause */
/* score_json.c - a score in the JSON line of its flow.
 *
 * The line is not printed anew: what others wrote keeps its bytes (spaces, escapes, digits), and `match` is put between
 * them. The line was parsed before, so that the scanning here only has to find its way. */
#include "config.h"
#include "render/render.h"

#include "record/json_build.h"
#include <string.h>

/* ---- finding the place ---- */

struct scan {
	const char *at, *end;
};

static void skip_space(struct scan *scan)
{
	while (scan->at < scan->end && strchr(" \t\r\n", *scan->at) && *scan->at)
		scan->at++;
}

static bool skip_string(struct scan *scan)
{
	for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++)
		if (*scan->at == '\\')
			scan->at++;
	if (scan->at >= scan->end)
		return false;
	scan->at++;
	return true;
}

static bool skip_value(struct scan *scan)
{
	size_t depth = 0;

	do {
		skip_space(scan);
		if (scan->at >= scan->end)
			return false;
		switch (*scan->at) {
		case '"':
			if (!skip_string(scan))
				return false;
			break;
		case '{':
		case '[':
			depth++;
			scan->at++;
			break;
		case '}':
		case ']':
			if (!depth)
				return false;
			depth--;
			scan->at++;
			break;
		default: /* punctuation inside, or a number or a word */
			scan->at++;
			while (!depth && scan->at < scan->end && !strchr(",]} \t\r\n", *scan->at))
				scan->at++;
		}
	} while (depth);
	return true;
}

struct member {
	const char *begin, *end; /* from the key's quote to the end of the value */
	const char *value;
	const char *close;  /* the object's closing brace, once all members were passed */
	const char *before; /* the comma before the member, or NULL for the first */
	bool last, found, any;
};

/* Looks for a member of the object that begins at scan->at. False when it is no object. */
static bool find_member(struct scan *scan, const char *key, struct member *found)
{
	size_t size = strlen(key);
	const char *comma = NULL;

	memset(found, 0, sizeof *found);
	skip_space(scan);
	if (scan->at >= scan->end || *scan->at != '{')
		return false;
	scan->at++;
	for (;;) {
		const char *begin;
		bool mine;
		skip_space(scan);
		if (scan->at < scan->end && *scan->at == '}')
			break;
		begin = scan->at;
		if (scan->at >= scan->end || *scan->at != '"' || !skip_string(scan))
			return false;
		mine = (size_t)(scan->at - begin) == size && !memcmp(begin, key, size);
		skip_space(scan);
		if (scan->at >= scan->end || *scan->at++ != ':')
			return false;
		skip_space(scan);
		if (mine) {
			found->begin = begin;
			found->value = scan->at;
			found->before = comma;
		}
		if (!skip_value(scan))
			return false;
		if (mine) {
			found->end = scan->at;
			found->found = true;
		} else {
			found->any = true;
		}
		skip_space(scan);
		comma = scan->at;
		if (scan->at < scan->end && *scan->at == ',')
			scan->at++;
		else if (mine)
			found->last = true;
	}
	found->close = scan->at;
	return true;
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
static void add_without(const char *line, const char *close, const struct member *match, struct dz_strbuf *out)
{
	const char *begin = match->begin, *end = match->end;

	if (match->before)
		begin = match->before;
	else if (!match->last)
		end = strchr(end, ',') + 1;
	dz_strbuf_add(out, line, (size_t)(begin - line));
	dz_strbuf_add(out, end, (size_t)(close - end));
}

bool dz_score_line(const struct dz_library *library, const struct dz_score_options *options,
		   const struct dz_score *score, const char *line, size_t size, struct dz_strbuf *out,
		   struct dz_err *err)
{
	struct scan scan = { line, line + size };
	struct member distribooze, match;

	if (!find_member(&scan, "\"distribooze\"", &distribooze) || !distribooze.found)
		return dz_err_set(err, "the line has no object \"distribooze\"");
	scan = (struct scan){ distribooze.value, distribooze.end };
	if (!find_member(&scan, "\"match\"", &match))
		return dz_err_set(err, "\"distribooze\" is no object");
	if (match.found)
		add_without(line, match.close, &match, out);
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
