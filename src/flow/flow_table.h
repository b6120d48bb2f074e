/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_table.h - packets in, one record per flow out.
 *
 * Knows keys, histograms, the classifier's interface and packet time; knows no
 * threads, no writers, no wall clock. docs/RECORD.md says when a flow ends. */
#ifndef DISTRIBOOZE_FLOW_TABLE_H
#define DISTRIBOOZE_FLOW_TABLE_H

#include "classify/classify.h"
#include "record/record.h"
#include <stddef.h>

/* One list of flows per class keeps expiry O(1). */
enum dz_timeout_class {
	DZ_TIMEOUT_TCP,         /* established */
	DZ_TIMEOUT_TCP_OPENING, /* half-open or closing */
	DZ_TIMEOUT_UDP,
	DZ_TIMEOUT_ICMP,
	DZ_TIMEOUT_OTHER
};
#define DZ_TIMEOUT_COUNT 5
extern const char *const dz_timeout_names[DZ_TIMEOUT_COUNT + 1]; /* NULL-terminated */

struct dz_flow_config {
	struct dz_hist_shape shape;
	uint64_t idle_ns[DZ_TIMEOUT_COUNT];
	uint64_t active_ns;   /* a record tells of no more than this time of a flow that goes on; 0: off */
	bool active_by_clock; /* such records are cut when their time has come, for who waits for them, rather than when
				 the flow's next packet comes */
	uint64_t max_memory;  /* of the process, in bytes; 0: no limit. Flows make room as with max_flows */
	uint64_t (*memory_used)(const void *context); /* what it takes now; NULL without a limit */
	const void *memory_context;
	size_t max_flows; /* 0: no limit; at the limit the longest-idle flow, to the second, is evicted and emitted */
	bool no_expiry;   /* flows end with the input only */
	bool resegment;   /* TCP packets that were put together after the wire count as the segments that were sent */
	bool unidirectional; /* one record per direction */
	uint16_t community_id_seed;
	const char *observer; /* the sensor's name in records; borrowed; NULL: none */
	/* From the time that packets have to the one that records tell, with name_context; NULL: it is the same. */
	uint64_t (*wall_time)(const void *context, uint64_t time_ns);
	uint64_t id_salt; /* makes event.id the run's own; 0: it is the input's */
	/* Names of an input and of an interface by the numbers in a frame (the latter may be NULL); borrowed strings.
	 */
	const char *(*input_name)(const void *context, uint32_t input);
	const char *(*interface_name)(const void *context, uint16_t interface);
	const void *name_context;
};

/* RFC 5382 for TCP, RFC 4787 for UDP, RFC 5508 for ICMP; the default shape; input names must still be set. */
void dz_flow_config_init(struct dz_flow_config *config);

/* The record and all it points to are borrowed until the callback returns. A record without packets only tells that a
 * flow has ended of which all packets were in interim records: it is counted, and not written. */
typedef void dz_record_fn(void *context, const struct dz_record *record);

struct dz_flow_table; /* opaque */

/* The classifier is borrowed; `emit` gets each record in the order of (end_order, first_index). */
struct dz_flow_table *dz_flow_table_new(const struct dz_flow_config *config, struct dz_classifier *classifier,
					dz_record_fn *emit, void *context);
void dz_flow_table_free(struct dz_flow_table *table); /* flows still open are dropped: flush first */

/* Moves the packet clock, and once in a second of it ends the flows whose time is up; between two such looks their own
 * next packet, the flush, or want of room does. Every packet of the input is to be told here, whoever's it is, before
 * dz_flow_table_add(). The clock never goes back. */
void dz_flow_table_advance(struct dz_flow_table *table, const struct dz_frame *packet);

/* Time has passed without a packet (a quiet link): moves the packet clock, if `time_ns` is later than it, and ends the
 * flows whose time is up, as dz_flow_table_advance() does. The caller answers for the time: no packet that is still to
 * come may be so old that its flow would have gone on. What ends here comes after all that the last packet brought and
 * before the next one; records of several ticks between two packets are in order within each tick, so whoever merges
 * the records of several tables has to keep the ticks apart. */
void dz_flow_table_tick(struct dz_flow_table *table, uint64_t time_ns);

/* Counts the packet in its flow. */
void dz_flow_table_add(struct dz_flow_table *table, const struct dz_frame *packet, const struct dz_packet *pkt);

/* Ends all flows: at the end of the input, or of a run that was stopped. */
void dz_flow_table_flush(struct dz_flow_table *table, enum dz_end_reason reason);

struct dz_flow_stats {
	uint64_t packets;                     /* counted in flows */
	uint64_t flows;                       /* flows begun */
	uint64_t records;                     /* records emitted */
	uint64_t by_end_reason[DZ_END_COUNT]; /* flows, and interim records under ACTIVE */
	uint64_t peak_flows;                  /* most open at once */
	uint64_t oversized;                   /* packets that were larger than any on the wire, see dz_record */
	uint64_t resegmented;                 /* of these, those that count as segments */
	uint64_t added;                       /* packets that records have more than `packets` by that */
};
void dz_flow_table_stats(const struct dz_flow_table *table, struct dz_flow_stats *stats);

#endif
