/* SPDX-License-Identifier: BSD-2-Clause */
/* score_json.c - a score in the JSON line of its flow. */
#include "config.h"
#include "render/render.h"

#include "record/json_build.h"

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
