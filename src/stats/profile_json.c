/* SPDX-License-Identifier: BSD-2-Clause */
/* profile_json.c - libraries of profiles as JSON, both ways. */
#include "config.h"
#include "stats/profile.h"

#include "base/mem.h"
#include "record/json_build.h"
#include "record/json_tree.h"
#include "stats/cells_json.h"
#include "stats/json_get.h"
#include "stats/profile_internal.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SUM_TEXT = 40,    /* digits of 2^128 and a NUL */
	MAX_RULES = 1024, /* points of a rule */
	MAX_VERSIONS = 256
};
static const char format_name[] = "distribooze-profiles";
static const uint64_t most = DZ_JSON_GET_MAX;

/* ---- writing ---- */

static void sum_text(dz_wide value, char text[SUM_TEXT])
{
	char digits[SUM_TEXT], *at = digits + sizeof digits;
	uint64_t digit;

	*--at = '\0';
	do {
		value = dz_wide_divide(value, 10, &digit);
		*--at = (char)('0' + (int)digit);
	} while (dz_wide_high(value) || dz_wide_low(value));
	memcpy(text, at, (size_t)(digits + sizeof digits - at));
}

static struct json_object *sums_json(const dz_wide *sums, uint32_t bins)
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

static struct json_object *profile_json(const struct dz_library *library, const struct dz_profile *profile)
{
	struct json_object *object = dz_json_build_object();

	dz_json_build_add(object, "name", dz_json_build_text(profile->name));
	dz_json_build_add(object, "flows", dz_json_build_uint(profile->flows));
	dz_json_build_add(object, "packets", dz_json_build_uint(profile->packets));
	dz_json_build_add(object, "bytes", dz_json_build_uint(profile->bytes));
	for (unsigned d = 0; d < DZ_DIRECTION_COUNT; d++) {
		struct dz_axis axis = dz_direction_axis((enum dz_direction)d, &library->shape);
		if (profile->parts[d].counts && !(library->old && d == DZ_DIRECTION_BOTH))
			dz_json_build_add(object, dz_direction_names[d],
					  part_json(&profile->parts[d], dz_axis_size(&axis)));
	}
	if (dz_library_has_cells(library))
		dz_json_build_add(object, "cells", dz_cells_json(&profile->cells));
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

/* What is told of all profiles; a library that holds one of 0.1.0 is again as those were. */
static struct json_object *head_json(const struct dz_library *library)
{
	struct json_object *object = dz_json_build_object(), *versions = dz_json_build_array();

	dz_json_build_add(object, "format", dz_json_build_word(format_name));
	dz_json_build_add(object, "version", dz_json_build_int(library->old ? 1 : 2));
	dz_json_build_shape(object, &library->shape);
	dz_json_build_add(object, "unidirectional", dz_json_build_bool(library->unidirectional));
	dz_json_build_add(object, "by", dz_json_build_word(dz_group_by_names[library->by]));
	dz_json_build_add(object, "share_one", dz_json_build_uint(DZ_PROFILE_ONE));
	for (size_t i = 0; i < library->version_count; i++)
		dz_json_build_append(versions, dz_json_build_text(library->versions[i]));
	if (library->old) {
		json_object_put(versions);
		return object;
	}
	dz_json_build_add(object, "skip_empty", dz_json_build_bool(library->shape.skip_empty));
	dz_json_build_add(object, "skip_retransmissions", dz_json_build_bool(library->shape.skip_retransmissions));
	dz_json_build_add(object, "direction",
			  dz_json_build_word(dz_direction_names[dz_library_cells_direction(library)]));
	dz_json_build_add(object, "cells", dz_json_build_uint(library->most_cells));
	dz_json_build_add(object, "ndpi", versions);
	return object;
}

void dz_library_json(const struct dz_library *library, struct dz_strbuf *out)
{
	dz_json_build_finish(head_json(library), out);
	out->size -= 2; /* the brace that closes it, and its newline */
	dz_strbuf_adds(out, ",\n\"profiles\":[");
	for (size_t i = 0; i < library->count; i++)
		add_line(out, profile_json(library, library->profiles[i]), i == 0);
	dz_strbuf_adds(out, "],\n\"rules\":[");
	for (size_t i = 0; i < library->rule_count; i++)
		add_line(out, rule_json(&library->rules[i], library->shape.bins), i == 0);
	dz_strbuf_adds(out, "]}\n");
}

/* ---- reading ---- */

static bool add_to(const struct dz_json_place *place, uint64_t *sum, uint64_t value)
{
	if (!__builtin_add_overflow(*sum, value, sum) && *sum <= most)
		return true;
	return dz_err_set(place->err, "%s: a sum passes 2^63", place->text);
}

/* At most a little more than 2^127. */
static bool parse_sum(const char *text, dz_wide *value)
{
	*value = dz_wide_of(0);
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || dz_wide_high(*value) >= INT64_MAX / 10)
			return false;
		*value = dz_wide_add(dz_wide_times(*value, 10), dz_wide_of((uint64_t)(*text - '0')));
	}
	return true;
}

static bool add_sums(const struct dz_json_place *place, struct json_object *object, const char *name, uint32_t bins,
		     dz_wide *sums)
{
	struct json_object *array;
	dz_wide value, sum;

	if (!dz_json_get_array(place, object, name, bins, &array))
		return false;
	for (uint32_t k = 0; k < bins; k++) {
		struct json_object *item = json_object_array_get_idx(array, k);
		if (!json_object_is_type(item, json_type_string) || !parse_sum(json_object_get_string(item), &value) ||
		    dz_wide_compare(sum = dz_wide_add(sums[k], value), value) < 0)
			return dz_err_set(place->err, "%s%s[%" PRIu32 "] must be a whole number in quotes", place->text,
					  name, k);
		sums[k] = sum;
	}
	return true;
}

static bool add_part(struct dz_json_place *place, struct json_object *object, uint32_t bins,
		     struct dz_profile_part *part)
{
	struct json_object *array;
	uint64_t number;

	dz_profile_part_open(part, bins);
	if (!dz_json_get_uint(place, object, "flows", 0, most, &number) || !add_to(place, &part->flows, number) ||
	    !dz_json_get_array(place, object, "counts", bins, &array))
		return false;
	for (uint32_t k = 0; k < bins; k++)
		if (!dz_json_get_element(place, json_object_array_get_idx(array, k), "counts", &number) ||
		    !add_to(place, &part->counts[k], number))
			return false;
	return add_sums(place, object, "shares", bins, part->shares) &&
	       add_sums(place, object, "squares", bins, part->squares);
}

static bool add_parts(struct dz_library *library, struct dz_json_place *place, struct json_object *object,
		      struct dz_profile *profile)
{
	struct json_object *part;
	size_t used = strlen(place->text);

	for (unsigned d = 0; d < DZ_DIRECTION_COUNT; d++) {
		struct dz_axis axis = dz_direction_axis((enum dz_direction)d, &library->shape);
		place->text[used] = '\0';
		if (!dz_library_has_part(library, (enum dz_direction)d))
			continue;
		/* Libraries of 0.1.0 have no both: nothing is known of it then. */
		if (d == DZ_DIRECTION_BOTH && library->old)
			continue;
		if (!dz_json_get(place, object, dz_direction_names[d], json_type_object, &part))
			return false;
		snprintf(place->text + used, sizeof place->text - used, "%s.", dz_direction_names[d]);
		if (!add_part(place, part, dz_axis_size(&axis), &profile->parts[d]))
			return false;
	}
	place->text[used] = '\0';
	return true;
}

static bool add_profile(struct dz_library *library, struct dz_json_place *place, struct json_object *object)
{
	enum dz_direction direction = dz_library_cells_direction(library);
	struct dz_profile *profile;
	const char *name;
	uint64_t flows, packets, bytes;

	if (!dz_json_get_text(place, object, "name", &name) ||
	    !dz_json_get_uint(place, object, "flows", 0, most, &flows) ||
	    !dz_json_get_uint(place, object, "packets", 0, most, &packets) ||
	    !dz_json_get_uint(place, object, "bytes", 0, most, &bytes))
		return false;
	profile = dz_library_profile(library, name);
	if (!add_to(place, &profile->flows, flows) || !add_to(place, &profile->packets, packets) ||
	    !add_to(place, &profile->bytes, bytes) || !add_parts(library, place, object, profile))
		return false;
	if (!dz_library_has_cells(library))
		return true;
	if (!dz_cells_read(&profile->cells, object, place))
		return false;
	if (profile->cells.flows == profile->parts[direction].flows)
		return true;
	return dz_err_set(place->err, "%scells hold %" PRIu64 " flows, but %s has %" PRIu64, place->text,
			  profile->cells.flows, dz_direction_names[direction], profile->parts[direction].flows);
}

static bool read_points(const struct dz_json_place *place, struct json_object *points, uint32_t bins,
			struct dz_profile_rule *rule)
{
	uint64_t number;

	for (uint32_t p = 0; p < rule->points; p++) {
		struct json_object *point = json_object_array_get_idx(points, p);
		if (!json_object_is_type(point, json_type_array) || json_object_array_length(point) != bins)
			return dz_err_set(place->err, "%spercent[%" PRIu32 "] must be an array of %" PRIu32 " numbers",
					  place->text, p, bins);
		for (uint32_t k = 0; k < bins; k++) {
			if (!dz_json_get_element(place, json_object_array_get_idx(point, k), "percent", &number))
				return false;
			if (number > 100)
				return dz_err_set(place->err, "%spercent has a number above 100", place->text);
			rule->percent[(size_t)p * bins + k] = (uint32_t)number;
		}
	}
	return true;
}

static bool add_rule(struct dz_library *library, struct dz_json_place *place, struct json_object *object)
{
	struct dz_profile_rule rule = { 0 };
	struct json_object *threshold, *points;
	const char *name, *source;

	if (!dz_json_get_text(place, object, "name", &name) || !dz_json_get_text(place, object, "source", &source) ||
	    !dz_json_get(place, object, "threshold", json_type_double, &threshold) ||
	    !dz_json_get(place, object, "percent", json_type_array, &points))
		return false;
	rule.threshold = json_object_get_double(threshold);
	if (!(rule.threshold >= 0) || !isfinite(rule.threshold))
		return dz_err_set(place->err, "%sthreshold must not be negative", place->text);
	if (!json_object_array_length(points) || json_object_array_length(points) > MAX_RULES)
		return dz_err_set(place->err, "%spercent must have 1 to %d points", place->text, MAX_RULES);
	rule.points = (uint32_t)json_object_array_length(points);
	rule.percent = dz_mem_zalloc((size_t)rule.points * library->shape.bins, sizeof *rule.percent);
	rule.name = dz_mem_strdup(name);
	rule.source = dz_mem_strdup(source);
	if (read_points(place, points, library->shape.bins, &rule))
		return dz_library_add_rule(library, &rule, place->err);
	dz_profile_rule_release(&rule);
	return false;
}

static bool add_elements(struct dz_library *library, struct dz_json_place *place, struct json_object *document,
			 const char *name,
			 bool (*add)(struct dz_library *, struct dz_json_place *, struct json_object *))
{
	struct json_object *array, *element;

	if (!dz_json_get(place, document, name, json_type_array, &array))
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

static bool read_versions(struct dz_library *library, struct dz_json_place *place, struct json_object *document)
{
	struct json_object *versions;

	if (!dz_json_get(place, document, "ndpi", json_type_array, &versions))
		return false;
	for (size_t i = 0; i < json_object_array_length(versions); i++) {
		struct json_object *text = json_object_array_get_idx(versions, i);
		if (!json_object_is_type(text, json_type_string) || i >= MAX_VERSIONS)
			return dz_err_set(place->err, "ndpi must be an array of at most %d texts", MAX_VERSIONS);
		dz_library_add_version(library, json_object_get_string(text));
	}
	return true;
}

/* What version 2 tells besides; of libraries of 0.1.0 it is not known, and taken as the defaults. */
static bool read_head_of_2(struct dz_library *library, struct dz_json_place *place, struct json_object *document,
			   struct dz_hist_shape *shape)
{
	enum dz_direction expected = dz_library_cells_direction(library);
	const char *direction;
	uint64_t cells;

	if (!dz_json_get_truth(place, document, "skip_empty", &shape->skip_empty) ||
	    !dz_json_get_truth(place, document, "skip_retransmissions", &shape->skip_retransmissions) ||
	    !dz_json_get_text(place, document, "direction", &direction) ||
	    !dz_json_get_uint(place, document, "cells", 0, DZ_LIBRARY_CELLS_MAX, &cells) ||
	    !read_versions(library, place, document))
		return false;
	if (strcmp(direction, dz_direction_names[expected]) != 0)
		return dz_err_set(place->err, "direction is '%.20s', but of such records it is %s", direction,
				  dz_direction_names[expected]);
	return dz_library_set_cells(library, (uint32_t)cells, place->err);
}

static bool read_head(struct dz_library *library, struct dz_json_place *place, struct json_object *document,
		      const char *origin)
{
	struct dz_hist_shape shape = { .layer = DZ_LAYER_IP };
	const char *format, *layer, *by;
	uint64_t version, width, bins, one;
	struct json_object *profiles;
	bool one_way, had_shape = library->has_shape, was_one_way = library->unidirectional;

	if (!dz_json_get_text(place, document, "format", &format) || strcmp(format, format_name) != 0)
		return dz_err_set(place->err, "this is no library of profiles: \"format\" is not \"%s\"", format_name);
	if (!dz_json_get_uint(place, document, "version", 0, most, &version))
		return false;
	if (version != 1 && version != 2)
		return dz_err_set(place->err, "version is %" PRIu64 ", but this program reads 1 and 2", version);
	if (!dz_json_get_text(place, document, "layer", &layer) ||
	    !dz_json_get_uint(place, document, "bin_width", 1, DZ_HIST_MAX_WIDTH, &width) ||
	    !dz_json_get_uint(place, document, "bins", 2, DZ_HIST_MAX_BINS, &bins) ||
	    !dz_json_get_truth(place, document, "unidirectional", &one_way) ||
	    !dz_json_get_text(place, document, "by", &by) ||
	    !dz_json_get_uint(place, document, "share_one", DZ_PROFILE_ONE, DZ_PROFILE_ONE, &one) ||
	    !dz_json_get(place, document, "profiles", json_type_array, &profiles))
		return false;
	if (!dz_layer_from_name(layer, &shape.layer))
		return dz_err_set(place->err, "layer is '%.40s', which is not known", layer);
	shape.bin_width = (uint32_t)width;
	shape.bins = (uint32_t)bins;
	for (unsigned i = 0; library->by_any && i < DZ_BY_COUNT; i++)
		if (!strcmp(by, dz_group_by_names[i]))
			library->by = (enum dz_group_by)i;
	if (strcmp(by, dz_group_by_names[library->by]) != 0)
		return dz_err_set(place->err, "its profiles are by %.40s, not by %s", by,
				  dz_group_by_names[library->by]);
	library->unidirectional = one_way; /* says which direction its cells have to be of */
	if (version == 2 && !read_head_of_2(library, place, document, &shape))
		return false;
	library->unidirectional = had_shape ? was_one_way : one_way;
	library->old |= version == 1 && json_object_array_length(profiles);
	return dz_library_set_shape(library, &shape, one_way, origin, place->err);
}

bool dz_library_add_json(struct dz_library *library, const char *text, size_t size, const char *origin,
			 struct dz_err *err)
{
	struct json_object *document = dz_json_tree(text, size, err);
	struct dz_json_place place = { .err = err };
	bool done = document && read_head(library, &place, document, origin) &&
		    add_elements(library, &place, document, "profiles", add_profile) &&
		    add_elements(library, &place, document, "rules", add_rule);

	json_object_put(document);
	return done;
}
