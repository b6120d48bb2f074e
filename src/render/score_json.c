/* SPDX-License-Identifier: BSD-2-Clause */
/* score_json.c - a score in the JSON line of its flow. */
#include "config.h"
#include "render/render.h"

#include "record/json_build.h"

static struct json_object *rules_json(const struct dz_library *library, const struct dz_score *score)
{
	struct json_object *rules = dz_json_build_array();

	for (size_t i = 0; i < score->rule_count; i++) {
		struct json_object *rule = dz_json_build_object();
		dz_json_build_add(rule, "name", dz_json_build_text(library->rules[i].name));
		dz_json_build_add(rule, "distance", dz_json_build_real(score->rule_distances[i]));
		dz_json_build_add(rule, "threshold", dz_json_build_real(library->rules[i].threshold));
		dz_json_build_add(rule, "matches", dz_json_build_bool(score->rule_matches[i]));
		dz_json_build_append(rules, rule);
	}
	return rules;
}

static struct json_object *nearest_json(const struct dz_score *score)
{
	struct json_object *nearest = dz_json_build_array();

	for (size_t i = 0; i < score->count; i++) {
		struct json_object *near = dz_json_build_object();
		dz_json_build_add(near, "profile", dz_json_build_text(score->nearest[i].profile));
		dz_json_build_add(near, "distance", dz_json_build_real(score->nearest[i].distance));
		dz_json_build_append(nearest, near);
	}
	return nearest;
}

static struct json_object *is_json(const struct dz_score_options *options, const struct dz_score *score)
{
	struct json_object *is = dz_json_build_object();

	dz_json_build_add(is, "label", dz_json_build_text(options->is));
	dz_json_build_add(is, "answer", dz_json_build_bool(score->is));
	dz_json_build_add(is, "confidence", dz_json_build_real(score->is_confidence));
	dz_json_build_add(is, "distance", dz_json_build_real(score->is_distance));
	return is;
}

static void add_confidence(struct json_object *match, const struct dz_score *score)
{
	if (score->count && score->confidence >= 0) {
		dz_json_build_add(match, "confidence", dz_json_build_real(score->confidence));
		dz_json_build_add(match, "inputs", dz_json_build_uint(score->inputs));
	}
	if (score->verdict != DZ_SCORE_VERDICT_NONE)
		dz_json_build_add(match, "verdict", dz_json_build_word(dz_score_verdict_names[score->verdict]));
}

static struct json_object *match_json(const struct dz_library *library, const struct dz_score_options *options,
				      const struct dz_score *score)
{
	struct json_object *match = dz_json_build_object();

	if (score->count)
		dz_json_build_add(match, "profile", dz_json_build_text(score->nearest[0].profile));
	add_confidence(match, score);
	if (library->count) {
		dz_json_build_add(match, "metric", dz_json_build_word(dz_metric_name(options->metric)));
		dz_json_build_add(match, "direction", dz_json_build_word(dz_direction_names[options->direction]));
	}
	if (score->count) {
		dz_json_build_add(match, "distance", dz_json_build_real(score->nearest[0].distance));
		dz_json_build_add(match, "margin", dz_json_build_real(score->margin));
	}
	if (score->own >= 0)
		dz_json_build_add(match, "own_distance", dz_json_build_real(score->own));
	if (score->agrees != DZ_SCORE_CANNOT_SAY)
		dz_json_build_add(match, "agrees", dz_json_build_bool(score->agrees == DZ_SCORE_AGREES));
	if (score->count)
		dz_json_build_add(match, "nearest", nearest_json(score));
	if (score->either >= 0)
		dz_json_build_add(match, "nearest_two_confidence", dz_json_build_real(score->either));
	if (score->asked)
		dz_json_build_add(match, "is", is_json(options, score));
	if (score->rule_count)
		dz_json_build_add(match, "rules", rules_json(library, score));
	return match;
}

bool dz_score_line(const struct dz_library *library, const struct dz_score_options *options,
		   const struct dz_score *score, const char *line, size_t size, struct dz_strbuf *out,
		   struct dz_err *err)
{
	struct dz_strbuf value;
	bool done;

	dz_strbuf_init(&value);
	if (!score->empty) {
		dz_json_build_finish(match_json(library, options, score), &value);
		value.data[--value.size] = '\0';
	}
	done = dz_line_set(line, size, "match", score->empty ? NULL : value.data, out, err);
	dz_strbuf_release(&value);
	return done;
}
