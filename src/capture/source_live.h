/* SPDX-License-Identifier: BSD-2-Clause */
/* source_live.h - packets from network interfaces, as they pass.
 *
 * Several interfaces are one stream: whichever has packets is read. Nothing is waited for longer than DZ_LIVE_WAIT_MS,
 * whether packets come or not, so that whoever reads can look after time. What the kernel kept when the reading is to
 * stop is read before it ends.
 *
 * Knows libpcap and, on Linux, packet sockets; knows nothing of decoding or flows. After dz_live_open() it opens
 * nothing any more. */
#ifndef DISTRIBOOZE_SOURCE_LIVE_H
#define DISTRIBOOZE_SOURCE_LIVE_H

#include "base/err.h"
#include "capture/source.h"
#include <stddef.h>
#include <stdint.h>

enum {
	DZ_LIVE_WAIT_MS = 500,  /* the longest that dz_live_each() waits for packets */
	DZ_LIVE_BLOCK_MS = 100, /* after which the kernel hands over a block that is not full */
	DZ_LIVE_DRAIN_MS = 5000
};

struct dz_live_options {
	const char *const *interfaces; /* "eth0", or "any"; borrowed */
	size_t count;
	const char *filter; /* set in the kernel: what it rejects is never seen. NULL: none */
	uint32_t snaplen;   /* bytes kept of a packet */
	bool promiscuous;
	uint64_t buffer_size; /* bytes of the kernel's ring, for each interface; at most 2^31 - 1 */
	/* What happens to an interface while it is captured: goes down, comes up. May be NULL. */
	void (*say)(void *context, const char *message);
	void *context;
};

struct dz_live; /* opaque; used by one thread at a time, but for dz_live_counts() */

/* Opens all interfaces; packets are kept from then on. The filter is compiled for each one's link type before any is
 * activated. NULL, with a message that names the interface and what to do about it. The options are copied, names kept.
 */
struct dz_live *dz_live_open(const struct dz_live_options *options, struct dz_err *err) DZ_MUST_CHECK;
void dz_live_free(struct dz_live *live);

/* As dz_source_each(): IDLE when DZ_LIVE_BLOCK_MS went by, whether packets came or not; DAMAGED when an interface is
 * over for good (the others go on); END when all are, or when everything kept was read after dz_live_stop(). Frames
 * have the number of their interface as `input`. */
enum dz_source_status dz_live_each(struct dz_live *live, dz_source_take_fn *take, void *context, struct dz_err *err);

/* No packet is kept from now on; those that were are still handed out. From the thread that reads. */
void dz_live_stop(struct dz_live *live);

/* Times of frames are steady: steps of the system's clock are taken out of them (live_clock.h). The time that the
 * kernel's clock showed then; from any thread. */
uint64_t dz_live_wall_time(struct dz_live *live, uint64_t steady_ns);
/* How often the clock was set. */
uint64_t dz_live_clock_steps(const struct dz_live *live);

/* Nothing that was captured before this moment (steady time, ns) is still to come. Known after an IDLE call that
 * found every ring empty, else 0. */
uint64_t dz_live_complete_until(const struct dz_live *live);

struct dz_interface_counts {
	bool twice;                    /* packets over loopback are in `received` as sent and as come */
	uint64_t received;             /* by the kernel for us, dropped ones among them */
	uint64_t dropped;              /* by the kernel, as the ring was full */
	uint64_t dropped_by_interface; /* by the interface or its driver, since the start */
	uint64_t delivered;            /* handed out, and those that were read but no longer wanted */
	uint64_t link_changes;         /* went down, came up */
	uint64_t over_mtu;             /* IP packets longer than the interface's MTU */
};
/* Asks the kernel; 64 bits, however long it runs. */
void dz_live_counts(struct dz_live *live, size_t interface, struct dz_interface_counts *counts);

/* An IP packet of that length came: longer than the interface's MTU it was never on the wire, but was made by the
 * network card or the kernel of several (GRO, TSO). Counted, and said once with what to do. */
void dz_live_note_length(struct dz_live *live, size_t interface, uint32_t length);

/* Name of an interface by its number in a frame, which is one more than its place among the options' names; NULL for 0.
 */
const char *dz_live_interface_name(const struct dz_live *live, uint16_t interface);

/* "Ethernet" */
const char *dz_live_link_description(const struct dz_live *live, size_t interface);

/* One line for each interface: name, up or down, link type. False, with a message. */
DZ_MUST_CHECK bool dz_live_list(void (*line)(void *context, const char *text), void *context, struct dz_err *err);

#endif
