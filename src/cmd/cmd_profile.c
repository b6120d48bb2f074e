/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_profile.c - `distribooze profile`: a library of profiles from flows, and from other libraries. */
#include "config.h"
#include "cmd/cmd.h"

#include "base/log.h"
#include "stats/profile.h"
#include "stats/rule_make.h"
#include "cmd/stats_input.h"
#include <inttypes.h>

struct options {
	struct dz_stats_input in;
	struct dz_library library;
	uint64_t cells; /* NOT_GIVEN: that of the libraries that are read, or the default */
	const char *site, *rule;
};

#define NOT_GIVEN UINT64_MAX
enum { FEW_INPUTS = 10 };

static bool add_record(void *context, const struct dz_dataset_item *item, struct dz_err *err)
{
	struct options *o = context;
	return dz_library_add(&o->library, item->record, item->input, err);
}

static bool add_library(void *context, const char *path, const char *text, size_t size, struct dz_err *err)
{
	struct options *o = context;
	return dz_library_add_json(&o->library, text, size, path, err) || dz_err_prefix(err, "%s", path);
}

static void tell(const struct dz_library *library)
{
	char one[DZ_LABEL_GIVER], two[DZ_LABEL_GIVER];
	uint64_t flows = 0, cells = 0;

	for (size_t i = 0; i < library->count; i++) {
		flows += library->profiles[i]->flows;
		cells += dz_library_has_cells(library) ? library->profiles[i]->cells.count : 0;
	}
	dz_log_info("%zu profile%s of %" PRIu64 " flow%s, %" PRIu64 " cell%s", library->count,
		    library->count == 1 ? "" : "s", flows, flows == 1 ? "" : "s", cells, cells == 1 ? "" : "s");
	if (library->old)
		dz_log_warning("a library of 0.1.0 is among the inputs: nothing is kept but what it has (no cells, no "
			       "direction both)");
	if (library->version_count > 1)
		dz_log_warning("the labels are those of %s, %s%s: one flow may have several",
			       dz_label_giver(library->versions[0], one), dz_label_giver(library->versions[1], two),
			       library->version_count > 2 ? " and others" : "");
}

/* Leaves the rule that was asked for in the place of the profiles. */
static bool make_rule(struct options *o)
{
	struct dz_profile_rule rule;
	struct dz_rule_worth worth;
	struct dz_err err;

	if (!dz_rule_make(&o->library, o->rule, &rule, &worth, &err)) {
		dz_log_error("--rule: %s", err.text);
		return false;
	}
	dz_log_info("%s: %" PRIu32 " point%s, threshold %g; on inputs left out F1 %.2f, inputs alike (%.2f by always "
		    "saying yes), and %.2f, flows alike: %.0f found, %.0f missed, %.0f wrongly",
		    rule.name, rule.points, rule.points == 1 ? "" : "s", rule.threshold, worth.f1_inputs,
		    worth.f1_always, worth.f1_flows, worth.found, worth.missed, worth.wrongly);
	dz_log_info("%" PRIu32 " of %" PRIu32 " inputs have it: %s", worth.with_label, worth.inputs,
		    worth.with_label < FEW_INPUTS ? "so few make the figures rough"
						  : "they were left out a tenth at a time");
	if (dz_library_keep_rule(&o->library, &rule, &err))
		return true;
	dz_log_error("--rule: %s", err.text);
	return false;
}

static int write_library(struct options *o, int exit_code)
{
	struct dz_strbuf text;

	if (!o->rule)
		tell(&o->library);
	else if (!make_rule(o))
		return DZ_EXIT_FAILED;
	dz_strbuf_init(&text);
	dz_library_json(&o->library, &text);
	if (!dz_stats_input_write(&o->in, &text))
		exit_code = DZ_EXIT_FAILED;
	dz_strbuf_release(&text);
	return exit_code;
}

static int run_profile(int argc, char **argv)
{
	struct options o = { .cells = NOT_GIVEN };
	struct dz_err err;
	struct dz_dataset_account account;
	int first, exit_code;
	bool end;

	dz_stats_input_init(&o.in);
	dz_library_init(&o.library, DZ_BY_LABEL);
	if (!dz_cmd_parse(&dz_cmd_profile, &o, argc, argv, &first, &exit_code))
		goto out;
	o.library.by = (enum dz_group_by)o.in.by;
	o.library.site = o.site;
	if (o.cells != NOT_GIVEN && !dz_library_set_cells(&o.library, (uint32_t)o.cells, &err))
		goto out;
	o.in.dataset.on_document = add_library;
	o.in.dataset.document_context = &o;
	exit_code = dz_stats_input_read(&o.in, (const char *const *)argv + first, (size_t)(argc - first), add_record,
					&o, &account, &end);
	if (!end)
		exit_code = write_library(&o, exit_code);
out:
	dz_library_release(&o.library);
	dz_stats_input_release(&o.in);
	return exit_code;
}

/* ---- its options ---- */

#define AT(member) offsetof(struct options, member)

static const struct dz_opt options[] = {
	DZ_HEADING("What is profiled"),
	DZ_STATS_OPTION_BY,
	DZ_UINT(0, "cells", "N",
		"kinds of shapes kept of each profile at most (default 4096, or that of the libraries given; 0: none); "
		"beyond, they are kept more coarsely",
		AT(cells), 0, DZ_LIBRARY_CELLS_MAX),
	DZ_STRING(0, "site", "NAME", "tells inputs apart from others of the same name in libraries made elsewhere",
		  AT(site)),
	DZ_STRING(
		0, "rule", "LABEL",
		"write, in the place of profiles, a rule that tells this label from others under its protocols: points "
		"and a threshold, for score; takes three inputs with the label",
		AT(rule)),
	DZ_TABLE(dz_stats_reading, AT(in)),
	DZ_HEADING("Output"),
	DZ_TABLE(dz_stats_writing, AT(in)),
	DZ_END,
};

const struct dz_cmd dz_cmd_profile = {
	.name = "profile",
	.synopsis = "[OPTION]... INPUT...",
	.summary = "a library of profiles from flows and other libraries",
	.help = "Writes a library of profiles: for each label how the packet lengths of its flows are\n"
		"distributed, in both directions and in each. INPUT is a capture, a directory of captures,\n"
		"JSON lines as distribooze writes them, or another library: libraries add up exactly, in\n"
		"any order, so that shards of a big job can be profiled one by one and put together.\n",
	.options = options,
	.common_at = AT(in.common),
	.engine_at = AT(in.dataset.engine),
	.run = run_profile,
};
