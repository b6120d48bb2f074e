/* SPDX-License-Identifier: BSD-2-Clause */
/* profile_json.c - libraries of profiles as JSON, both ways. */
#include "config.h"
#include "stats/profile.h"

#include "base/mem.h"
#include "record/json_build.h"
#include "stats/profile_internal.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SUM_TEXT = 40,    /* digits of 2^128 and a NUL */
	RULES_MOST = 1024 /* points of a rule */
};
static const char format_name[] = "distribooze-profiles";
static const uint64_t most = INT64_MAX;

/* ---- writing ---- */

static void sum_text(dz_profile_sum value, char text[SUM_TEXT])
{
	char digits[SUM_TEXT], *at = digits + sizeof digits;

	*--at = '\0';
	do
		*--at = (char)('0' + (int)(value % 10));
	while (value /= 10);
	memcpy(text, at, (size_t)(digits + sizeof digits - at));
}

static struct json_object *sums_json(const dz_profile_sum *sums, uint32_t bins)
{
	struct json_object *array = dz_json_build_array();
	char text[SUM_TEXT];

	for (uint32_t k = 0; k < bins; k++) {
		sum_text(sums[k], text);
		dz_json_build_append(array, dz_json_build_word(text));
	}
	return array;
}

/* Nine digits: enough to read and to compute with, and the same wherever the square root is right to the last bit. */
static struct json_object *rounded_json(const double *values, uint32_t bins)
{
	struct json_object *array = dz_json_build_array();
	char text[40];

	for (uint32_t k = 0; k < bins; k++) {
		snprintf(text, sizeof text, "%.9g", values[k]);
		dz_json_build_append(array, dz_json_build_real_as(values[k], text));
	}
	return array;
}

static struct json_object *part_json(const struct dz_profile_part *part, uint32_t bins)
{
	struct json_object *object = dz_json_build_object();
	double *mean = dz_mem_zalloc(bins, sizeof *mean), *sd = dz_mem_zalloc(bins, sizeof *sd);

	dz_profile_mean(part, bins, mean, sd);
	dz_json_build_add(object, "flows", dz_json_build_uint(part->flows));
	dz_json_build_add(object, "counts", dz_json_build_uints(part->counts, bins));
	dz_json_build_add(object, "shares", sums_json(part->shares, bins));
	dz_json_build_add(object, "squares", sums_json(part->squares, bins));
	dz_json_build_add(object, "mean", rounded_json(mean, bins));
	dz_json_build_add(object, "sd", rounded_json(sd, bins));
	free(mean);
	free(sd);
	return object;
}

static struct json_object *profile_json(const struct dz_profile *profile, const struct dz_hist_shape *shape)
{
	struct json_object *object = dz_json_build_object();

	dz_json_build_add(object, "name", dz_json_build_text(profile->name));
	dz_json_build_add(object, "flows", dz_json_build_uint(profile->flows));
	dz_json_build_add(object, "packets", dz_json_build_uint(profile->packets));
	dz_json_build_add(object, "bytes", dz_json_build_uint(profile->bytes));
	for (unsigned d = 0; d < DZ_DIRECTION_COUNT; d++) {
		struct dz_axis axis = dz_direction_axis((enum dz_direction)d, shape);
		if (profile->parts[d].counts)
			dz_json_build_add(object, dz_direction_names[d],
					  part_json(&profile->parts[d], dz_axis_size(&axis)));
	}
	return object;
}

static struct json_object *rule_json(const struct dz_profile_rule *rule, uint32_t bins)
{
	struct json_object *object = dz_json_build_object(), *points = dz_json_build_array();

	dz_json_build_add(object, "name", dz_json_build_text(rule->name));
	dz_json_build_add(object, "source", dz_json_build_text(rule->source));
	dz_json_build_add(object, "threshold", dz_json_build_real(rule->threshold));
	for (uint32_t p = 0; p < rule->points; p++) {
		struct json_object *point = dz_json_build_array();
		for (uint32_t k = 0; k < bins; k++)
			dz_json_build_append(point, dz_json_build_uint(rule->percent[(size_t)p * bins + k]));
		dz_json_build_append(points, point);
	}
	dz_json_build_add(object, "percent", points);
	return object;
}

/* One element per line, so that libraries can be compared line by line. */
static void add_line(struct dz_strbuf *out, struct json_object *object, bool first)
{
	dz_strbuf_adds(out, first ? "\n" : ",\n");
	dz_json_build_finish(object, out);
	out->data[--out->size] = '\0';
}

void dz_library_json(const struct dz_library *library, struct dz_strbuf *out)
{
	dz_strbuf_addf(out,
		       "{\"format\":\"%s\",\"version\":1,\"layer\":\"%s\",\"bin_width\":%" PRIu32 ",\"bins\":%" PRIu32
		       ",\"unidirectional\":%s,\"by\":\"%s\",\"share_one\":%" PRIu64 ",\n\"profiles\":[",
		       format_name, dz_layer_name(library->shape.layer), library->shape.bin_width, library->shape.bins,
		       library->unidirectional ? "true" : "false", dz_group_by_names[library->by], DZ_PROFILE_ONE);
	for (size_t i = 0; i < library->count; i++)
		add_line(out, profile_json(&library->profiles[i], &library->shape), i == 0);
	dz_strbuf_adds(out, "],\n\"rules\":[");
	for (size_t i = 0; i < library->rule_count; i++)
		add_line(out, rule_json(&library->rules[i], library->shape.bins), i == 0);
	dz_strbuf_adds(out, "]}\n");
}

/* ---- reading ---- */

/* Where we are in the document, for messages: "profiles[3].total". */
struct place {
	char text[160];
	struct dz_err *err;
};

static bool get(const struct place *place, struct json_object *object, const char *name, enum json_type type,
		struct json_object **value)
{
	static const char *const words[] = { [json_type_boolean] = "true or false", [json_type_double] = "a number",
					     [json_type_int] = "a whole number",    [json_type_object] = "an object",
					     [json_type_array] = "an array",        [json_type_string] = "a string" };

	if (!json_object_object_get_ex(object, name, value))
		return dz_err_set(place->err, "%s%s is missing", place->text, name);
	if (json_object_is_type(*value, type) ||
	    (type == json_type_double && json_object_is_type(*value, json_type_int)))
		return true;
	return dz_err_set(place->err, "%s%s must be %s", place->text, name, words[type]);
}

static bool whole(const struct place *place, struct json_object *value, const char *name, uint64_t *number)
{
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return dz_err_set(place->err, "%s%s must be a whole number that is not negative", place->text, name);
	*number = (uint64_t)json_object_get_int64(value);
	return true;
}

static bool get_whole(const struct place *place, struct json_object *object, const char *name, uint64_t least,
		      uint64_t largest, uint64_t *number)
{
	struct json_object *value;

	if (!get(place, object, name, json_type_int, &value) || !whole(place, value, name, number))
		return false;
	if (*number >= least && *number <= largest)
		return true;
	return dz_err_set(place->err, "%s%s is %" PRIu64 ", but must be from %" PRIu64 " to %" PRIu64, place->text,
			  name, *number, least, largest);
}

static bool get_text(const struct place *place, struct json_object *object, const char *name, const char **text)
{
	struct json_object *value;

	if (!get(place, object, name, json_type_string, &value))
		return false;
	*text = json_object_get_string(value);
	if (strlen(*text) == (size_t)json_object_get_string_len(value))
		return true;
	return dz_err_set(place->err, "%s%s holds a NUL character", place->text, name);
}

static bool get_array(const struct place *place, struct json_object *object, const char *name, size_t count,
		      struct json_object **array)
{
	if (!get(place, object, name, json_type_array, array))
		return false;
	if (json_object_array_length(*array) == count)
		return true;
	return dz_err_set(place->err, "%s%s has %zu elements, but must have %zu", place->text, name,
			  json_object_array_length(*array), count);
}

static bool add_to(const struct place *place, uint64_t *sum, uint64_t value)
{
	if (!__builtin_add_overflow(*sum, value, sum) && *sum <= most)
		return true;
	return dz_err_set(place->err, "%s: a sum passes 2^63", place->text);
}

static bool parse_sum(const char *text, dz_profile_sum *value)
{
	const dz_profile_sum largest = ~(dz_profile_sum)0 >> 1;

	*value = 0;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || *value > largest / 10 - 1)
			return false;
		*value = *value * 10 + (unsigned)(*text - '0');
	}
	return true;
}

static bool add_sums(const struct place *place, struct json_object *object, const char *name, uint32_t bins,
		     dz_profile_sum *sums)
{
	struct json_object *array;
	dz_profile_sum value;

	if (!get_array(place, object, name, bins, &array))
		return false;
	for (uint32_t k = 0; k < bins; k++) {
		struct json_object *item = json_object_array_get_idx(array, k);
		if (!json_object_is_type(item, json_type_string) || !parse_sum(json_object_get_string(item), &value) ||
		    sums[k] + value < value)
			return dz_err_set(place->err, "%s%s[%" PRIu32 "] must be a whole number in quotes", place->text,
					  name, k);
		sums[k] += value;
	}
	return true;
}

static bool add_part(struct place *place, struct json_object *object, uint32_t bins, struct dz_profile_part *part)
{
	struct json_object *array;
	uint64_t number;

	dz_profile_part_open(part, bins);
	if (!get_whole(place, object, "flows", 0, most, &number) || !add_to(place, &part->flows, number) ||
	    !get_array(place, object, "counts", bins, &array))
		return false;
	for (uint32_t k = 0; k < bins; k++)
		if (!whole(place, json_object_array_get_idx(array, k), "counts", &number) ||
		    !add_to(place, &part->counts[k], number))
			return false;
	return add_sums(place, object, "shares", bins, part->shares) &&
	       add_sums(place, object, "squares", bins, part->squares);
}

static bool add_profile(struct dz_library *library, struct place *place, struct json_object *object)
{
	struct dz_profile *profile;
	struct json_object *part;
	const char *name;
	uint64_t flows, packets, bytes;
	size_t used = strlen(place->text);

	if (!get_text(place, object, "name", &name) || !get_whole(place, object, "flows", 0, most, &flows) ||
	    !get_whole(place, object, "packets", 0, most, &packets) ||
	    !get_whole(place, object, "bytes", 0, most, &bytes))
		return false;
	profile = dz_library_profile(library, name);
	if (!add_to(place, &profile->flows, flows) || !add_to(place, &profile->packets, packets) ||
	    !add_to(place, &profile->bytes, bytes))
		return false;
	for (unsigned d = 0; d < DZ_DIRECTION_COUNT; d++) {
		struct dz_axis axis = dz_direction_axis((enum dz_direction)d, &library->shape);
		place->text[used] = '\0';
		if (!dz_library_has_part(library, (enum dz_direction)d))
			continue;
		/* Libraries of 0.1.0 have no both: nothing is known of it then. */
		if (d == DZ_DIRECTION_BOTH && !json_object_object_get_ex(object, dz_direction_names[d], NULL))
			continue;
		if (!get(place, object, dz_direction_names[d], json_type_object, &part))
			return false;
		snprintf(place->text + used, sizeof place->text - used, "%s.", dz_direction_names[d]);
		if (!add_part(place, part, dz_axis_size(&axis), &profile->parts[d]))
			return false;
	}
	return true;
}

static bool read_points(const struct place *place, struct json_object *points, uint32_t bins,
			struct dz_profile_rule *rule)
{
	uint64_t number;

	for (uint32_t p = 0; p < rule->points; p++) {
		struct json_object *point = json_object_array_get_idx(points, p);
		if (!json_object_is_type(point, json_type_array) || json_object_array_length(point) != bins)
			return dz_err_set(place->err, "%spercent[%" PRIu32 "] must be an array of %" PRIu32 " numbers",
					  place->text, p, bins);
		for (uint32_t k = 0; k < bins; k++) {
			if (!whole(place, json_object_array_get_idx(point, k), "percent", &number))
				return false;
			if (number > 100)
				return dz_err_set(place->err, "%spercent has a number above 100", place->text);
			rule->percent[(size_t)p * bins + k] = (uint32_t)number;
		}
	}
	return true;
}

static bool add_rule(struct dz_library *library, struct place *place, struct json_object *object)
{
	struct dz_profile_rule rule = { 0 };
	struct json_object *threshold, *points;
	const char *name, *source;

	if (!get_text(place, object, "name", &name) || !get_text(place, object, "source", &source) ||
	    !get(place, object, "threshold", json_type_double, &threshold) ||
	    !get(place, object, "percent", json_type_array, &points))
		return false;
	rule.threshold = json_object_get_double(threshold);
	if (!(rule.threshold >= 0) || !isfinite(rule.threshold))
		return dz_err_set(place->err, "%sthreshold must not be negative", place->text);
	if (!json_object_array_length(points) || json_object_array_length(points) > RULES_MOST)
		return dz_err_set(place->err, "%spercent must have 1 to %d points", place->text, RULES_MOST);
	rule.points = (uint32_t)json_object_array_length(points);
	rule.percent = dz_mem_zalloc((size_t)rule.points * library->shape.bins, sizeof *rule.percent);
	rule.name = dz_mem_strdup(name);
	rule.source = dz_mem_strdup(source);
	if (read_points(place, points, library->shape.bins, &rule))
		return dz_library_add_rule(library, &rule, place->err);
	dz_profile_rule_release(&rule);
	return false;
}

static bool add_elements(struct dz_library *library, struct place *place, struct json_object *document,
			 const char *name, bool (*add)(struct dz_library *, struct place *, struct json_object *))
{
	struct json_object *array, *element;

	if (!get(place, document, name, json_type_array, &array))
		return false;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		element = json_object_array_get_idx(array, i);
		if (!json_object_is_type(element, json_type_object))
			return dz_err_set(place->err, "%s[%zu] must be an object", name, i);
		snprintf(place->text, sizeof place->text, "%s[%zu].", name, i);
		if (!add(library, place, element))
			return false;
		place->text[0] = '\0';
	}
	return true;
}

static bool read_head(struct dz_library *library, struct place *place, struct json_object *document, const char *origin)
{
	struct json_object *unidirectional;
	struct dz_hist_shape shape;
	const char *format, *layer, *by;
	uint64_t version, width, bins, one;

	if (!get_text(place, document, "format", &format) || strcmp(format, format_name) != 0)
		return dz_err_set(place->err, "this is no library of profiles: \"format\" is not \"%s\"", format_name);
	if (!get_whole(place, document, "version", 0, most, &version))
		return false;
	if (version != 1)
		return dz_err_set(place->err, "version is %" PRIu64 ", but this program reads 1", version);
	if (!get_text(place, document, "layer", &layer) ||
	    !get_whole(place, document, "bin_width", 1, DZ_HIST_MAX_WIDTH, &width) ||
	    !get_whole(place, document, "bins", 2, DZ_HIST_MAX_BINS, &bins) ||
	    !get(place, document, "unidirectional", json_type_boolean, &unidirectional) ||
	    !get_text(place, document, "by", &by) ||
	    !get_whole(place, document, "share_one", DZ_PROFILE_ONE, DZ_PROFILE_ONE, &one))
		return false;
	if (!dz_layer_from_name(layer, &shape.layer))
		return dz_err_set(place->err, "layer is '%.40s', which is not known", layer);
	shape.bin_width = (uint32_t)width;
	shape.bins = (uint32_t)bins;
	if (strcmp(by, dz_group_by_names[library->by]) != 0)
		return dz_err_set(place->err, "its profiles are by %.40s, not by %s", by,
				  dz_group_by_names[library->by]);
	return dz_library_set_shape(library, &shape, json_object_get_boolean(unidirectional), origin, place->err);
}

bool dz_library_add_json(struct dz_library *library, const char *text, size_t size, const char *origin,
			 struct dz_err *err)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *document = NULL;
	struct place place = { .err = err };
	bool done = false;

	if (!tokener)
		dz_mem_exhausted("JSON");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	if (size <= INT32_MAX)
		document = json_tokener_parse_ex(tokener, text, (int)size);
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		dz_err_set(err, "the JSON breaks off");
	else if (!document)
		dz_err_set(err, "no JSON (%s, at byte %zu)", json_tokener_error_desc(json_tokener_get_error(tokener)),
			   json_tokener_get_parse_end(tokener));
	else if (!json_object_is_type(document, json_type_object))
		dz_err_set(err, "a library of profiles is a JSON object");
	else
		done = read_head(library, &place, document, origin) &&
		       add_elements(library, &place, document, "profiles", add_profile) &&
		       add_elements(library, &place, document, "rules", add_rule);
	json_object_put(document);
	json_tokener_free(tokener);
	return done;
}
