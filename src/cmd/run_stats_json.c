/* SPDX-License-Identifier: BSD-2-Clause */
/* run_stats_json.c - see run_stats_json.h. */
#include "config.h"
#include "cmd/run_stats_json.h"

#include "record/json_build.h"
#include "record/json_tree.h"
#include <stdio.h>
#include <string.h>

static void put_flows(struct json_object *root, const struct dz_run_stats *account)
{
	const struct dz_flow_stats *flows = &account->flows;
	struct json_object *object = dz_json_build_child(root, "flows"), *ended;
	dz_json_build_put(object, "begun", flows->flows);
	dz_json_build_put(object, "records", flows->records);
	dz_json_build_put(object, "left_out", account->left_out);
	dz_json_build_put(object, "packets", flows->packets);
	dz_json_build_put(object, "peak", flows->peak_flows);
	dz_json_build_put(object, "oversized", flows->oversized);
	dz_json_build_put(object, "resegmented", flows->resegmented);
	dz_json_build_put(object, "added", flows->added);
	ended = dz_json_build_child(object, "ended");
	for (unsigned i = 0; i < DZ_END_COUNT; i++)
		dz_json_build_put(ended, dz_end_reason_name((enum dz_end_reason)i), flows->by_end_reason[i]);
}

static void put_labels(struct json_object *root, const struct dz_run_stats *account)
{
	struct json_object *labels = dz_json_build_child(root, "labels");
	for (size_t i = 0; i < account->label_count; i++) {
		struct json_object *label = dz_json_build_child(labels, account->labels[i].name);
		dz_json_build_put(label, "flows", account->labels[i].flows);
		dz_json_build_put(label, "packets", account->labels[i].packets);
		dz_json_build_put(label, "bytes", account->labels[i].bytes);
	}
}

/* What "not-ip" was, and the tunnels that were met. */
static void put_decoded(struct json_object *root, const struct dz_decode_counts *counts)
{
	struct json_object *not_ip = dz_json_build_child(root, "not_ip"),
			   *tunnels = dz_json_build_child(root, "tunnels");
	char name[DZ_NOT_IP_NAME];

	/* "other" comes last, and only if there is some */
	for (size_t i = 1; i <= counts->not_ip_count; i++) {
		const struct dz_not_ip_count *kind = &counts->not_ip[i < counts->not_ip_count ? i : 0];
		if (kind->packets)
			dz_json_build_put(not_ip, dz_not_ip_name(kind->what, name), kind->packets);
	}
	for (unsigned i = 0; i < DZ_TUNNEL_COUNT; i++) {
		if (counts->opened[i] || counts->closed[i]) {
			struct json_object *tunnel = dz_json_build_child(tunnels, dz_tunnel_name((enum dz_tunnel)i));
			dz_json_build_put(tunnel, "opened", counts->opened[i]);
			dz_json_build_put(tunnel, "closed", counts->closed[i]);
		}
	}
}

/* How far each input was read: what --resume-from goes by. */
static void put_files(struct json_object *object, const struct dz_run_stats *account, const struct dz_inputs *inputs)
{
	struct json_object *files = dz_json_build_array();

	for (size_t i = 0; account->input_packets && i < dz_inputs_count(inputs); i++) {
		struct json_object *file = dz_json_build_object();
		dz_json_build_add(file, "path", dz_json_build_text(dz_inputs_path(inputs, i)));
		dz_json_build_put(file, "packets", account->input_packets[i]);
		dz_json_build_append(files, file);
	}
	dz_json_build_add(object, "files", files);
}

struct json_object *dz_run_stats_object(const struct dz_run_stats *account, const struct dz_inputs *inputs)
{
	struct json_object *root = dz_json_build_object(), *verdicts, *read;
	char seconds[40];

	dz_json_build_put(root, "packets", account->packets);
	dz_json_build_put(root, "bytes", account->bytes);
	dz_json_build_put(root, "subframes", account->subframes);
	dz_json_build_put(root, "filtered", account->filtered);
	dz_json_build_put(root, "hidden", account->hidden);
	dz_json_build_put(root, "resumed", account->resumed);
	verdicts = dz_json_build_child(root, "verdicts");
	for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++)
		dz_json_build_put(verdicts, dz_verdict_name((enum dz_verdict)i), account->verdicts[i]);
	put_decoded(root, &account->decoded);
	put_flows(root, account);
	put_labels(root, account);
	read = dz_json_build_child(root, "inputs");
	dz_json_build_put(read, "read", dz_inputs_count(inputs));
	dz_json_build_put(read, "unreadable", dz_inputs_failures(inputs));
	dz_json_build_put(read, "passed_over", dz_inputs_passed_over(inputs));
	dz_json_build_put(read, "damaged", account->damaged_inputs);
	dz_json_build_put(read, "dropped", account->dropped);
	put_files(read, account, inputs);
	dz_json_build_put(root, "threads", account->threads);
	dz_json_build_add(root, "stopped", dz_json_build_bool(account->stopped));
	snprintf(seconds, sizeof seconds, "%.6f", account->seconds);
	dz_json_build_add(root, "seconds", dz_json_build_real_as(account->seconds, seconds));
	return root;
}

void dz_run_stats_json(const struct dz_run_stats *account, const struct dz_inputs *inputs, struct dz_strbuf *out)
{
	dz_json_build_finish(dz_run_stats_object(account, inputs), out);
}

/* ---- reading ---- */

static const char *member_text(struct json_object *object, const char *name)
{
	struct json_object *value = json_object_object_get(object, name);
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* Notes how many packets of the inputs with this path were read. False when none has it. */
static bool skip_of(const struct dz_inputs *inputs, const char *path, uint64_t packets, uint64_t *skip)
{
	bool found = false;

	for (size_t i = 0; i < dz_inputs_count(inputs); i++) {
		struct json_object *name = dz_json_build_text(dz_inputs_path(inputs, i)); /* as it was written */
		if (!strcmp(json_object_get_string(name), path)) {
			skip[i] = packets;
			found = true;
		}
		json_object_put(name);
	}
	return found;
}

static bool read_files(struct json_object *files, const struct dz_inputs *inputs, uint64_t *skip, size_t *unknown,
		       struct dz_err *err)
{
	size_t count = json_object_is_type(files, json_type_array) ? json_object_array_length(files) : 0;

	if (!count)
		return dz_err_set(err, "is not what --stats wrote: it has no inputs.files");
	for (size_t i = 0; i < count; i++) {
		struct json_object *file = json_object_array_get_idx(files, i),
				   *packets = json_object_object_get(file, "packets");
		const char *path = member_text(file, "path");
		if (!path || !json_object_is_type(packets, json_type_int) || json_object_get_int64(packets) < 0)
			return dz_err_set(err, "is not what --stats wrote: inputs.files[%zu] has no path or packets",
					  i);
		*unknown += !skip_of(inputs, path, (uint64_t)json_object_get_int64(packets), skip);
	}
	return true;
}

bool dz_run_stats_read(const char *text, const struct dz_inputs *inputs, uint64_t *skip, size_t *unknown,
		       struct dz_err *err)
{
	struct json_object *root = dz_json_tree(text, strlen(text), err);
	struct json_object *read = root ? json_object_object_get(root, "inputs") : NULL;
	struct json_object *files =
		json_object_is_type(read, json_type_object) ? json_object_object_get(read, "files") : NULL;
	bool fine =
		root ? read_files(files, inputs, skip, unknown, err) : dz_err_prefix(err, "is not what --stats wrote");

	json_object_put(root);
	return fine;
}
