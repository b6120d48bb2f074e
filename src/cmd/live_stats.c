/* SPDX-License-Identifier: BSD-2-Clause */
/* live_stats.c - see live_stats.h. */
#include "config.h"
#include "cmd/live_stats.h"

#include "base/text.h"
#include "cmd/run_stats_json.h"
#include "record/json_build.h"
#include <inttypes.h>
#include <json-c/json.h>

struct dz_interface_counts dz_live_stats_sum(const struct dz_live_stats *s)
{
	struct dz_interface_counts sum = { 0 };

	for (size_t i = 0; i < dz_inputs_count(s->inputs); i++) {
		sum.twice |= s->interfaces[i].twice;
		sum.received += s->interfaces[i].received;
		sum.dropped += s->interfaces[i].dropped;
		sum.dropped_by_interface += s->interfaces[i].dropped_by_interface;
		sum.delivered += s->interfaces[i].delivered;
		sum.link_changes += s->interfaces[i].link_changes;
		sum.over_mtu += s->interfaces[i].over_mtu;
	}
	return sum;
}

uint64_t dz_live_stats_open(const struct dz_run_stats *run)
{
	uint64_t ended = 0;

	for (unsigned i = 0; i < DZ_END_COUNT; i++)
		ended += i == DZ_END_ACTIVE ? 0 : run->flows.by_end_reason[i];
	return run->flows.flows - ended;
}

/* ---- JSON ---- */

static void put_interfaces(struct json_object *root, const struct dz_live_stats *s)
{
	struct json_object *list = dz_json_build_child(root, "interfaces");

	for (size_t i = 0; i < dz_inputs_count(s->inputs); i++) {
		const struct dz_interface_counts *counts = &s->interfaces[i];
		struct json_object *object = dz_json_build_child(list, dz_inputs_name(s->inputs, i));
		dz_json_build_put(object, "received", counts->received);
		dz_json_build_put(object, "dropped", counts->dropped);
		dz_json_build_put(object, "dropped_by_interface", counts->dropped_by_interface);
		dz_json_build_put(object, "over_mtu", counts->over_mtu);
		dz_json_build_put(object, "link_changes", counts->link_changes);
	}
}

static void put_output(struct json_object *root, const struct dz_write_counts *counts)
{
	struct json_object *output = dz_json_build_child(root, "output");

	dz_json_build_put(output, "records", counts->records);
	dz_json_build_put(output, "bytes", counts->bytes);
	dz_json_build_put(output, "lost_records", counts->lost_records);
	dz_json_build_put(output, "lost_bytes", counts->lost_bytes);
	dz_json_build_put(output, "queued_bytes", counts->queued_bytes);
	dz_json_build_put(output, "rotations", counts->rotations);
}

void dz_live_stats_json(const struct dz_live_stats *s, struct dz_strbuf *out)
{
	struct json_object *root = dz_run_stats_object(s->run, s->inputs), *flows;
	struct dz_strbuf time;

	dz_strbuf_init(&time);
	dz_text_add_time(&time, s->now_ns);
	dz_strbuf_addc(&time, '\0');
	dz_json_build_add(root, "@timestamp", dz_json_build_text(time.data));
	dz_strbuf_release(&time);
	dz_json_build_add(dz_json_build_child(root, "event"), "kind", dz_json_build_text("metric"));
	dz_json_build_add(dz_json_build_child(root, "observer"), "name", dz_json_build_text(s->observer));
	json_object_object_del(root, "filtered"); /* the kernel's filter does not tell */
	json_object_object_get_ex(root, "flows", &flows);
	dz_json_build_put(flows, "open", dz_live_stats_open(s->run));
	dz_json_build_put(root, "clock_steps", s->clock_steps);
	dz_json_build_put(root, "discarded", s->run->discarded);
	put_interfaces(root, s);
	put_output(root, &s->output);
	dz_json_build_put(root, "uptime", (uint64_t)s->run->seconds);
	dz_json_build_finish(root, out);
}

/* ---- metrics ---- */

static void head(struct dz_strbuf *out, const char *name, const char *type, const char *help)
{
	dz_strbuf_addf(out, "# HELP distribooze_%s %s\n# TYPE distribooze_%s %s\n", name, help, name, type);
}

static void single(struct dz_strbuf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	head(out, name, type, help);
	dz_strbuf_addf(out, "distribooze_%s %" PRIu64 "\n", name, value);
}

static void labelled(struct dz_strbuf *out, const char *name, const char *label, const char *text, uint64_t value)
{
	dz_strbuf_addf(out, "distribooze_%s{%s=\"", name, label);
	for (; *text; text++) {
		if (*text == '\n')
			dz_strbuf_adds(out, "\\n");
		else
			dz_strbuf_addf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	}
	dz_strbuf_addf(out, "\"} %" PRIu64 "\n", value);
}

/* One counter of each interface, which stands at `offset` in its counts. */
static void by_interface(struct dz_strbuf *out, const struct dz_live_stats *s, const char *name, const char *help,
			 size_t offset)
{
	head(out, name, "counter", help);
	for (size_t i = 0; i < dz_inputs_count(s->inputs); i++)
		labelled(out, name, "interface", dz_inputs_name(s->inputs, i),
			 *(const uint64_t *)(const void *)((const char *)&s->interfaces[i] + offset));
}

#define AT(member) offsetof(struct dz_interface_counts, member)

static void add_interfaces(struct dz_strbuf *out, const struct dz_live_stats *s)
{
	by_interface(out, s, "received_packets_total",
		     "Packets that the kernel received for the capture, dropped ones among them.", AT(received));
	by_interface(out, s, "dropped_packets_total", "Packets that the kernel dropped because the buffer was full.",
		     AT(dropped));
	by_interface(out, s, "interface_dropped_packets_total", "Packets that the interface or its driver dropped.",
		     AT(dropped_by_interface));
	by_interface(out, s, "over_mtu_packets_total", "IP packets longer than the interface's MTU.", AT(over_mtu));
	by_interface(out, s, "link_changes_total", "How often the interface went down or came up.", AT(link_changes));
}

static void add_run(struct dz_strbuf *out, const struct dz_run_stats *run)
{
	single(out, "packets_total", "counter", "Packets read.", run->packets);
	single(out, "bytes_total", "counter", "Bytes of these packets on the wire.", run->bytes);
	head(out, "skipped_packets_total", "counter", "Packets that are in no flow, by reason.");
	for (unsigned i = 0; i < DZ_VERDICT_COUNT; i++)
		if (i != DZ_DECODE_OK)
			labelled(out, "skipped_packets_total", "reason", dz_verdict_name((enum dz_verdict)i),
				 run->verdicts[i]);
	single(out, "flows_total", "counter", "Flows that began.", run->flows.flows);
	single(out, "flows_open", "gauge", "Flows that are open.", dz_live_stats_open(run));
	head(out, "records_total", "counter", "Records made, by what ended the flow or its part.");
	for (unsigned i = 0; i < DZ_END_COUNT; i++)
		labelled(out, "records_total", "reason", dz_end_reason_name((enum dz_end_reason)i),
			 run->flows.by_end_reason[i]);
}

void dz_live_stats_metrics(const struct dz_live_stats *s, struct dz_strbuf *out)
{
	add_interfaces(out, s);
	add_run(out, s->run);
	single(out, "output_records_total", "counter", "Records written.", s->output.records);
	single(out, "output_bytes_total", "counter", "Bytes written.", s->output.bytes);
	single(out, "output_lost_records_total", "counter", "Records dropped for want of room.",
	       s->output.lost_records);
	single(out, "output_lost_bytes_total", "counter", "Bytes of these records.", s->output.lost_bytes);
	single(out, "output_queued_bytes", "gauge", "Bytes that wait to be written.", s->output.queued_bytes);
	single(out, "output_rotations_total", "counter", "Files that were full.", s->output.rotations);
	single(out, "clock_steps_total", "counter", "How often the system's clock was set.", s->clock_steps);
	single(out, "uptime_seconds", "gauge", "Time since the capture began.", (uint64_t)s->run->seconds);
}
