/* SPDX-License-Identifier: BSD-2-Clause */
/* score_library.c - see score_library.h. */
#include "config.h"
#include "cmd/score_library.h"

#include "base/log.h"
#include "cmd/known_inputs.h"
#include "cmd/library_file.h"
#include <stdlib.h>
#include <string.h>

/* What the options ask for must be what the library has; of what they do not, captures are measured as it was. */
static bool fits(const struct dz_engine_config *engine, const struct dz_hist_shape *there)
{
	const struct dz_shape_asked *asked = &engine->asked;
	const struct dz_hist_shape *shape = &engine->flow.shape;

	return (!asked->layer || shape->layer == there->layer) &&
	       (!asked->bin_width || shape->bin_width == there->bin_width) &&
	       (!asked->bins || shape->bins == there->bins) && (!shape->skip_empty || there->skip_empty) &&
	       (!shape->skip_retransmissions || there->skip_retransmissions);
}

static bool measure_as(const struct dz_library *library, const char *path, struct dz_stats_input *in,
		       struct dz_err *err)
{
	struct dz_flow_config *flow = &in->dataset.engine.flow;
	char asked[DZ_RECORD_SHAPE_TEXT], there[DZ_RECORD_SHAPE_TEXT];

	if (!fits(&in->dataset.engine, &library->shape)) {
		dz_record_shape_text(&flow->shape, flow->unidirectional, asked);
		dz_record_shape_text(&library->shape, library->unidirectional, there);
		return dz_err_set(err, "%s holds %s, but the options ask for %s", path, there, asked);
	}
	flow->shape = library->shape;
	flow->unidirectional |= library->unidirectional;
	return true;
}

/* And keeps whose labels they are, which those of the flows may not be. */
static void tell(const struct dz_library *library, const char *path, struct dz_stats_input *in)
{
	for (size_t i = 0; i < library->version_count; i++)
		dz_library_add_version(&in->versions, library->versions[i]);
	if (!library->count)
		return;
	if (!dz_library_has_cells(library))
		dz_log_warning(
			"%s has no cells%s: flows are compared with the mean of each label, and how sure that is "
			"cannot be told",
			path, library->old ? " (0.1.0 made it)" : "");
}

bool dz_score_library_read(struct dz_library *library, const char *path, struct dz_stats_input *in)
{
	struct dz_err err;

	if (!dz_library_file_add(library, path, &err) || !measure_as(library, path, in, &err)) {
		dz_log_error("--profiles: %s", err.text);
		return false;
	}
	tell(library, path, in);
	return true;
}

bool dz_score_library_reference(struct dz_library *library, enum dz_layer layer, struct dz_stats_input *in,
				struct dz_err *err)
{
	char *path = dz_library_file_reference(layer);
	bool fine =
		dz_library_file_add(library, path, err) ||
		dz_err_prefix(err, "no --profiles given, and no reference library of layer %s", dz_layer_name(layer));

	if (fine)
		tell(library, path, in);
	free(path);
	return fine;
}

void dz_score_library_tell_known(const struct dz_library *library, const char *path, const struct dz_intern *inputs)
{
	struct dz_intern numbers;

	dz_intern_init(&numbers);
	dz_library_list_inputs(library, &numbers);
	dz_known_inputs_warn(path ? path : "the reference library", &numbers, inputs);
	dz_intern_release(&numbers);
}
