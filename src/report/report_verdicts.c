/* SPDX-License-Identifier: BSD-2-Clause */
/* report_verdicts.c - whether the groups differ: and how far they have moved from a baseline: what `compare` says of
 * the same flows, in the same words. */
#include "config.h"
#include "report/report_data.h"

#include "render/drift.h"
#include "render/render.h"
#include <math.h>

/* Groups whose pairs are told; as many as `compare` compares. */
enum { MAX_GROUPS = 40 };

/* So many groups that N permutations are enough for all their pairs, however many can be tested; 2 at least. */
static size_t groups_for(uint32_t permutations)
{
	size_t groups = 2;

	while (dz_contrast_enough(permutations, (groups + 1) * groups / 2))
		groups++;
	return groups;
}

void dz_report_verdicts(struct dz_report *report)
{
	const struct dz_report_options *options = &report->options;
	struct dz_compare_options wanted = { .metric = options->metric,
					     .pooled = options->pooled,
					     .contrast = options->contrast,
					     .top = MAX_GROUPS,
					     .threads = options->threads };

	if (wanted.contrast.permutations && !options->yardstick)
		report->yardstick = dz_yardstick_shipped(report->groups, &wanted.contrast);
	wanted.yardstick = options->yardstick ? options->yardstick : report->yardstick;
	report->verdicts = dz_compare_new(report->groups, &wanted);
	if (report->verdicts->contrasts || report->verdicts->count < 2 || !wanted.contrast.permutations)
		return;
	/* Permutations too few for the pairs of so many groups: the largest ones, then. */
	wanted.top = groups_for(wanted.contrast.permutations);
	dz_compare_free(report->verdicts);
	report->verdicts = dz_compare_new(report->groups, &wanted);
}

void dz_report_put_verdicts(const struct report_data *data, struct json_object *root)
{
	const struct dz_compare *compare = data->report->verdicts;
	struct json_object *object = dz_json_build_child(root, "verdicts"), *pairs;
	struct dz_strbuf text;

	dz_strbuf_init(&text);
	dz_json_build_put(object, "groups", compare->count);
	if (compare->contrasts) {
		if (!compare->libraries)
			dz_json_build_put(object, "permutations", compare->options.contrast.permutations);
		pairs = dz_report_list(object, "pairs");
		for (size_t a = 0; a < compare->count; a++)
			for (size_t b = a + 1; b < compare->count; b++)
				dz_json_build_append(pairs, dz_contrast_json(compare, a, b));
	}
	if (dz_contrast_no_test(compare, &text))
		dz_json_build_add(object, "no_test", dz_json_build_text(text.data));
	dz_strbuf_clear(&text);
	if (compare->contrasts && compare->count == 2)
		dz_contrast_details(compare, 0, &text);
	if (text.size)
		dz_json_build_add(object, "details", dz_json_build_text(text.data));
	dz_strbuf_release(&text);
}

void dz_report_put_drift(const struct report_data *data, struct json_object *root)
{
	const struct dz_compare *compare = data->report->compare;

	if (compare->drift)
		dz_json_build_add(root, "baseline",
				  dz_drift_json(compare->drift, compare->options.baseline_name, &compare->axis,
						compare->options.metric));
}
