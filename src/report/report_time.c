/* SPDX-License-Identifier: BSD-2-Clause */
/* report_time.c - when the groups' flows began and how many bytes they had: in slots of time whose width comes from the
 * time that flows were there.
 *
 * Slots without any flow are left out, so that captures of different years stand side by side. Records keep no times
 * of packets: the bytes of a flow are spread evenly from its start to its end. */
#include "config.h"
#include "report/report_data.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>

/* Groups that are shown: the largest by flows, then those by bytes. Together with the rest, as many as can be told
 * apart by colour. */
enum { BY_FLOWS = 4, BY_BYTES = 3, MAX_SLOTS = 72 };

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)
#define DAY (86400 * SECOND)

/* Widths that people count in. */
static const uint64_t widths[] = {
	MS,
	2 * MS,
	5 * MS,
	10 * MS,
	20 * MS,
	50 * MS,
	100 * MS,
	200 * MS,
	500 * MS,
	SECOND,
	2 * SECOND,
	5 * SECOND,
	10 * SECOND,
	15 * SECOND,
	30 * SECOND,
	60 * SECOND,
	120 * SECOND,
	300 * SECOND,
	600 * SECOND,
	900 * SECOND,
	1800 * SECOND,
	3600 * SECOND,
	7200 * SECOND,
	10800 * SECOND,
	21600 * SECOND,
	43200 * SECOND,
	DAY,
	2 * DAY,
	7 * DAY,
	14 * DAY,
	30 * DAY,
	91 * DAY,
	365 * DAY,
	3650 * DAY,
};
enum { WIDTHS = sizeof widths / sizeof *widths };

/* A time in which there always was a flow. */
struct stretch {
	uint64_t from, to;
};

static int by_start(const void *a, const void *b)
{
	const struct stretch *x = a, *y = b;
	return (x->from > y->from) - (x->from < y->from);
}

static uint64_t end_of(const struct report_flow *flow)
{
	return flow->end_ns > flow->start_ns ? flow->end_ns : flow->start_ns;
}

/* Given to the caller. */
static struct stretch *find_stretches(const struct dz_report *report, size_t *count)
{
	struct stretch *all = dz_mem_zalloc(report->flow_count, sizeof *all);
	size_t kept = 0;

	for (size_t i = 0; i < report->flow_count; i++)
		all[i] = (struct stretch){ report->flows[i].start_ns, end_of(&report->flows[i]) };
	qsort(all, report->flow_count, sizeof *all, by_start);
	for (size_t i = 0; i < report->flow_count; i++) {
		if (kept && all[i].from <= all[kept - 1].to)
			all[kept - 1].to = all[i].to > all[kept - 1].to ? all[i].to : all[kept - 1].to;
		else
			all[kept++] = all[i];
	}
	*count = kept;
	return all;
}

/* How many slots of a width the stretches touch; their numbers into `slots`, unless that is NULL. */
static uint64_t count_slots(const struct stretch *stretches, size_t count, uint64_t width, uint64_t *slots)
{
	uint64_t used = 0, next = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t first = stretches[i].from / width, last = stretches[i].to / width;
		if (i && first < next)
			first = next; /* the stretch before ended in this slot */
		for (uint64_t slot = first; slots && slot <= last; slot++)
			slots[used + slot - first] = slot;
		used += last + 1 - first;
		next = last + 1;
	}
	return used;
}

static void choose_slots(const struct dz_report *report, struct report_time *time)
{
	size_t count, w = 0;
	struct stretch *stretches = find_stretches(report, &count);

	while (w + 1 < WIDTHS && count_slots(stretches, count, widths[w], NULL) > MAX_SLOTS)
		w++;
	time->width_ns = widths[w];
	time->slot_count = (size_t)count_slots(stretches, count, widths[w], NULL);
	time->slots = dz_mem_zalloc(time->slot_count, sizeof *time->slots);
	count_slots(stretches, count, widths[w], time->slots);
	free(stretches);
}

/* ---- the groups ---- */

static bool has(const struct report_time *time, int32_t item)
{
	for (size_t i = 0; i < time->series_count; i++)
		if (time->series[i].item == item)
			return true;
	return false;
}

static void add_series(const struct dz_report *report, struct report_time *time, int32_t item)
{
	struct report_series *series = &time->series[time->series_count++];

	(void)report;
	series->item = item;
	series->flows = dz_mem_zalloc(time->slot_count, sizeof *series->flows);
	series->bytes = dz_mem_zalloc(time->slot_count, sizeof *series->bytes);
}

/* The last one is of all that is not shown by itself. */
static void choose_series(const struct dz_report *report, struct report_time *time)
{
	const struct dz_compare *compare = report->compare;

	time->series = dz_mem_zalloc(BY_FLOWS + BY_BYTES + 1, sizeof *time->series);
	for (size_t i = 0; i < compare->count && i < BY_FLOWS; i++)
		add_series(report, time, (int32_t)i);
	for (size_t turn = 0; turn < BY_BYTES && time->series_count < compare->count; turn++) {
		int32_t best = -1;
		for (size_t i = 0; i < compare->count; i++)
			if (!has(time, (int32_t)i) &&
			    (best < 0 || compare->items[i].group->bytes > compare->items[best].group->bytes))
				best = (int32_t)i;
		add_series(report, time, best);
	}
	add_series(report, time, -1);
}

static struct report_series *series_of(const struct report_time *time, int32_t item)
{
	for (size_t i = 0; i + 1 < time->series_count; i++)
		if (time->series[i].item == item)
			return &time->series[i];
	return &time->series[time->series_count - 1];
}

static size_t place_of(const struct report_time *time, uint64_t slot)
{
	size_t low = 0, high = time->slot_count - 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (time->slots[middle] < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whole bytes, which add up to the flow's. */
static void add_flow(const struct report_time *time, struct report_series *series, const struct report_flow *flow)
{
	uint64_t bytes = flow->bytes[0] + flow->bytes[1], given = 0, end = end_of(flow);
	size_t place = place_of(time, flow->start_ns / time->width_ns);

	series->flows[place]++;
	for (; given < bytes; place++) {
		uint64_t until = (time->slots[place] + 1) * time->width_ns, now = bytes;
		if (until < end)
			now = (uint64_t)llround((double)bytes * (double)(until - flow->start_ns) /
						(double)(end - flow->start_ns));
		series->bytes[place] += now - given;
		given = now;
	}
}

void dz_report_time(struct dz_report *report)
{
	struct report_time *time = &report->time;

	if (!report->flow_count) /* libraries keep no times */
		return;
	choose_slots(report, time);
	choose_series(report, time);
	for (size_t i = 0; i < report->flow_count; i++) {
		const struct report_flow *flow = &report->flows[i];
		add_flow(time, series_of(time, report->sums[flow->group].item), flow);
	}
}

void dz_report_time_release(struct report_time *time)
{
	for (size_t i = 0; i < time->series_count; i++) {
		free(time->series[i].flows);
		free(time->series[i].bytes);
	}
	free(time->series);
	free(time->slots);
}

/* ---- as JSON ---- */

static bool is_empty(const struct report_time *time, const struct report_series *series)
{
	for (size_t i = 0; i < time->slot_count; i++)
		if (series->flows[i] || series->bytes[i])
			return false;
	return true;
}

void dz_report_put_time_line(const struct report_data *data, struct json_object *root)
{
	const struct report_time *time = &data->report->time;
	struct json_object *object, *all;

	if (!time->slot_count)
		return;
	object = dz_json_build_child(root, "time");
	dz_json_build_add(object, "seconds", dz_json_build_real((double)time->width_ns / 1e9));
	dz_json_build_add(object, "slots", dz_json_build_uints(time->slots, time->slot_count));
	all = dz_report_list(object, "series");
	for (size_t i = 0; i < time->series_count; i++) {
		const struct report_series *series = &time->series[i];
		struct json_object *row;
		if (is_empty(time, series))
			continue;
		row = dz_json_build_object();
		if (series->item >= 0)
			dz_json_build_add(row, "group", dz_json_build_int(series->item));
		dz_json_build_add(row, "flows", dz_json_build_uints(series->flows, time->slot_count));
		dz_json_build_add(row, "bytes", dz_json_build_uints(series->bytes, time->slot_count));
		dz_json_build_append(all, row);
	}
}
