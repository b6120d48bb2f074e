/* SPDX-License-Identifier: BSD-2-Clause */
/* record.h - one flow, or one direction of it, as a plain value.
 *
 * This is the seam of the program: captures are turned into records, and
 * everything after (writers, statistics) starts from records, whether they
 * come from a capture or from a JSON line.  docs/RECORD.md says how each field
 * is printed.  Everything a record points to is borrowed: it lives until the
 * callback that got the record returns (or the next read of a reader). */
#ifndef DISTRIBOOZE_RECORD_H
#define DISTRIBOOZE_RECORD_H

#include "base/err.h"
#include "record/flow_key.h"
#include "record/hist.h"
#include "record/label.h"
#include "record/tunnel.h"

enum dz_end_reason {
	DZ_END_FIN,
	DZ_END_RST,
	DZ_END_IDLE,
	DZ_END_ACTIVE, /* interim record: the flow goes on */
	DZ_END_EVICTED,
	DZ_END_EOF,
	DZ_END_SHUTDOWN,
	DZ_END_REUSED /* a new connection began on the ports of one whose end was not seen */
};
#define DZ_END_COUNT 8
extern const char *const dz_end_reason_names[DZ_END_COUNT + 1];
const char *dz_end_reason_name(enum dz_end_reason reason);
bool dz_end_reason_from_name(const char *name, enum dz_end_reason *reason);

enum dz_role { DZ_ROLE_BOTH, DZ_ROLE_INITIATOR, DZ_ROLE_RESPONDER };
const char *dz_role_name(enum dz_role role); /* "both", "initiator", "responder" */

/* One vector: how many lengths fell into each bin. */
struct dz_counts {
	uint64_t count;       /* sum of bins */
	const uint64_t *bins; /* borrowed, shape.bins of them; NULL when this part is absent */
};

struct dz_side {
	uint64_t packets, bytes; /* bytes are IP bytes, whatever layer is measured */
	struct dz_counts lengths;
	uint8_t tcp_flags; /* flags seen from this side, ORed */
	uint64_t retransmissions;
};

enum { DZ_SOURCE, DZ_DESTINATION };

/* What a writer prints of each vector: a set. */
enum dz_values {
	DZ_VALUES_COUNTS = 1,
	DZ_VALUES_PERCENT = 2,
	DZ_VALUES_BINS = 4,   /* counts above 0, by name */
	DZ_VALUES_VECTOR = 8, /* square roots of the shares of both directions */
	DZ_VALUES_BOTH = DZ_VALUES_COUNTS | DZ_VALUES_PERCENT
};
/* "counts", "percent", "bins" and "vector" with commas between; "both" is counts,percent. A set that a record could not
 * be read back from is refused. */
DZ_MUST_CHECK bool dz_values_parse(const char *list, unsigned *values, struct dz_err *err);

struct dz_record {
	/* identity */
	struct dz_flow_key key;
	unsigned source_end; /* end of the key that is the source: the initiator, or the sender of a one-way record */
	enum dz_role role;   /* DZ_ROLE_BOTH unless records are one-way */
	uint16_t vlan, inner_vlan; /* 0: none; vlan is told even when the key ignores it */
	enum dz_tunnel tunnel;
	uint32_t tunnel_id; /* 0: none */
	uint8_t id[16];     /* event.id */
	char community_id[DZ_COMMUNITY_ID_TEXT];
	const char *input;     /* name of the capture that the flow's first packet came from */
	const char *observer;  /* the sensor's name; NULL: not told */
	const char *interface; /* name of the interface that it was captured on; NULL: not told */

	/* time: nanoseconds since 1970-01-01T00:00:00Z */
	uint64_t start_ns, end_ns;
	enum dz_end_reason end_reason;

	/* Order of output: by end_order, then first_index. end_order is 2 * the index of the packet at which the end
	 * was decided, + 1 when that packet itself brought it (port reuse, interim record, eviction); first_index is
	 * the index of the flow's first packet. */
	uint64_t end_order, first_index;

	/* what was measured */
	struct dz_side side[2]; /* by DZ_SOURCE and DZ_DESTINATION */
	struct dz_hist_shape shape;
	struct dz_counts lengths; /* both directions */
	uint64_t lengths_sum;
	uint32_t lengths_min, lengths_max; /* 0 when lengths.count is 0 */
	uint64_t oversized; /* packets larger than the connection says, or 1,500 bytes, can have been on the wire */
	uint64_t tls_lost_bytes; /* layers tls and tls-data: payload bytes that no record could be placed in */

	/* what it is */
	const struct dz_label *label;
	const struct dz_label_text *text;
	const struct dz_label_detail *detail; /* NULL when nothing is known */
};

/* What the initiator asked for: the TLS server name, else the HTTP host or DNS question; NULL when it is not known. */
const char *dz_record_hostname(const struct dz_record *record);

/* How records were measured: "48 bins of 32 bytes of layer ip, whole flows, without empty packets". */
#define DZ_RECORD_SHAPE_TEXT 160
void dz_record_shape_text(const struct dz_hist_shape *shape, bool one_way, char text[DZ_RECORD_SHAPE_TEXT]);

/* Whose records, and how they were measured. */
struct dz_measured {
	const char *what; /* "lib.json", "the inputs"; borrowed */
	bool several;     /* "hold", not "holds" */
	bool one_way;
	const struct dz_hist_shape *shape; /* borrowed */
};

/* Whether both were measured alike. Else false; the message has both, and the options that measure captures as each. */
DZ_MUST_CHECK bool dz_record_measured_alike(const struct dz_measured *a, const struct dz_measured *b,
					    struct dz_err *err);

#endif
