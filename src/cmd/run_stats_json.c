/* SPDX-License-Identifier: BSD-2-Clause */
/* run_stats_json.c - see run_stats_json.h. */
#include "config.h"
#include "cmd/run_stats_json.h"

#include "record/json_build.h"

static void put(struct json_object *object, const char *name, uint64_t value)
{
	dz_json_build_add(object, name, dz_json_build_int((int64_t)value));
}

static struct json_object *child(struct json_object *parent, const char *name)
{
	struct json_object *object = dz_json_build_object();
	dz_json_build_add(parent, name, object);
	return object;
}

static void put_flows(struct json_object *root, const struct dz_run_stats *account)
{
	const struct dz_flow_stats *flows = &account->flows;
	struct json_object *object = child(root, "flows"), *ended;
	put(object, "begun", flows->flows);
	put(object, "records", flows->records);
	put(object, "left_out", account->left_out);
	put(object, "packets", flows->packets);
	put(object, "peak", flows->peak_flows);
	put(object, "oversized", flows->oversized);
	put(object, "resegmented", flows->resegmented);
	put(object, "added", flows->added);
	ended = child(object, "ended");
	for (unsigned i = 0; i < DZ_END_COUNT; i++)
		put(ended, dz_end_reason_name((enum dz_end_reason)i), flows->by_end_reason[i]);
}

static void put_labels(struct json_object *root, const struct dz_run_stats *account)
{
	struct json_object *labels = child(root, "labels");
	for (size_t i = 0; i < account->label_count; i++) {
		struct json_object *label = child(labels, account->labels[i].name);
		put(label, "flows", account->labels[i].flows);
		put(label, "packets", account->labels[i].packets);
		put(label, "bytes", account->labels[i].bytes);
	}
}

/* What "not-ip" was, and the tunnels that were met. */
static void put_decoded(struct json_object *root, const struct dz_decode_counts *counts)
{
	struct json_object *not_ip = child(root, "not_ip"), *tunnels = child(root, "tunnels");
	char name[DZ_NOT_IP_NAME];

	/* "other" comes last, and only if there is some */
	for (size_t i = 1; i <= counts->not_ip_count; i++) {
		const struct dz_not_ip_count *kind = &counts->not_ip[i < counts->not_ip_count ? i : 0];
		if (kind->packets)
			put(not_ip, dz_not_ip_name(kind->what, name), kind->packets);
	}
	for (unsigned i = 0; i < DZ_TUNNEL_COUNT; i++) {
		if (counts->opened[i] || counts->closed[i]) {
			struct json_object *tunnel = child(tunnels, dz_tunnel_name((enum dz_tunnel)i));
			put(tunnel, "opened", counts->opened[i]);
			put(tunnel, "closed", counts->closed[i]);
		}
	}
}

struct json_object *dz_run_stats_object(const struct dz_run_stats *account, const struct dz_inputs *inputs)
{
	struct json_object *root = dz_json_build_object(), *verdicts, *read;

	put(root, "packets", account->packets);
	put(root, "bytes", account->bytes);
	put(root, "filtered", account->filtered);
	verdicts = child(root, "verdicts");
	for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++)
		put(verdicts, dz_verdict_name((enum dz_verdict)i), account->verdicts[i]);
	put_decoded(root, &account->decoded);
	put_flows(root, account);
	put_labels(root, account);
	read = child(root, "inputs");
	put(read, "read", dz_inputs_count(inputs));
	put(read, "unreadable", dz_inputs_failures(inputs));
	put(read, "passed_over", dz_inputs_passed_over(inputs));
	put(read, "damaged", account->damaged_inputs);
	put(root, "threads", account->threads);
	dz_json_build_add(root, "stopped", dz_json_build_bool(account->stopped));
	dz_json_build_add(root, "seconds", dz_json_build_real(account->seconds));
	json_object_set_serializer(json_object_object_get(root, "seconds"), json_object_double_to_json_string,
				   (void *)(uintptr_t) "%.6f", NULL);
	return root;
}

void dz_run_stats_json(const struct dz_run_stats *account, const struct dz_inputs *inputs, struct dz_strbuf *out)
{
	struct json_object *root = dz_run_stats_object(account, inputs);

	dz_strbuf_adds(out, json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN));
	dz_strbuf_addc(out, '\n');
	json_object_put(root);
}
